//! Properties of groups of animals, read from the parameters that the model declares for them.

use gutbrain_network::declaration::GroupNames;
use gutbrain_network::reading::Written;

use crate::simulate::Population;

/// Parameters of role `group` that the family of the model names; what it does not name does not happen.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupParameters {
    /// Share of the variance between animals that litter mates have in common, 0 to 1.
    pub litter_share: f64,
    /// Animals that one litter gives to one arm, when litters go to arms as a whole.
    pub litter_size: u64,
    /// Share of animals that lost copies of the transgene, 0 to 1.
    pub low_copy_share: f64,
    /// Copies that such an animal has left.
    pub low_copy_copies: f64,
    /// Rate of deaths for other reasons than the disease, per day.
    pub other_death_rate: f64,
    /// Days by which an observer who knows the arms sees the end later in the treated arm.
    pub open_label_shift: f64,
}

impl GroupParameters {
    /// Reads them off the values of all parameters of a population.
    #[must_use]
    pub fn with(names: &GroupNames, population: &Population, values: &[f64]) -> Self {
        let value = |name: &Option<Written<String>>| {
            let place = population.place(&name.as_ref()?.value)?;
            Some(values[place])
        };
        Self {
            litter_share: value(&names.shared_variance).unwrap_or(0.0).clamp(0.0, 1.0),
            // A whole number of animals; at least one.
            litter_size: value(&names.size).unwrap_or(1.0).round().max(1.0) as u64,
            low_copy_share: value(&names.low_copy_animals)
                .unwrap_or(0.0)
                .clamp(0.0, 1.0),
            low_copy_copies: value(&names.copies_left).unwrap_or(f64::NAN),
            other_death_rate: value(&names.other_deaths).unwrap_or(0.0).max(0.0),
            open_label_shift: value(&names.observer_shift).unwrap_or(0.0),
        }
    }
}
