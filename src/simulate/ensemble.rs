//! Ensembles: many lives at once, of which only what is asked for is kept.
//!
//! What: [`live_all`] lives every [`Wanted`] life, of one population or of several, and gives for each
//! its endpoints and the readings of the [`Inquiry`]. A life is the same, bit for bit, as that which
//! [`Population::live`] gives with the same values.
//!
//! Results are in the order of the wanted lives, whatever the number of threads.

use std::collections::BTreeMap;

use gutbrain_integrate::{Effort, Outcome};
use rayon::prelude::*;

use super::birth::Birth;
use super::compiled::Compiled;
use super::course::{Course, Demand, Quantity};
use super::experiment::Missing;
use super::fault::{SimulateError, describe};
use super::feature::{Reading, ages_of};
use super::life::{Edges, Stretch, live};
use super::population::Population;
use super::run::{Endpoints, endpoints, grow_up, sum, unborn_endpoints};

/// One life that is wanted: an animal in an arm.
#[derive(Debug, Clone)]
pub struct Wanted<'a> {
    /// What the animal is one of.
    pub population: &'a Population,
    /// The place of its arm.
    pub arm: usize,
    /// The values of all its parameters, in the order of the population.
    pub values: Vec<f64>,
}

/// What is asked of every life of an ensemble, besides its endpoints.
#[derive(Debug, Clone, Default)]
pub struct Inquiry {
    /// Numbers to be read off. What lies after death is missing.
    pub readings: Vec<Reading>,
}

/// What is kept of a life.
#[derive(Debug, Clone, PartialEq)]
pub struct LifeRecord {
    /// Onset, paralysis, death, status.
    pub endpoints: Endpoints,
    /// One per reading of the inquiry.
    pub readings: Vec<Result<f64, Missing>>,
    /// What the integration cost.
    pub effort: Effort,
}

/// Lives all of them; see the module's description.
///
/// # Errors
/// When a reading names what the model does not have, or an age before the start of the output.
/// Numerical failures are results, not errors.
pub fn live_all(
    wanted: &[Wanted<'_>],
    inquiry: &Inquiry,
) -> Result<Vec<LifeRecord>, SimulateError> {
    let Some(first) = wanted.first() else {
        return Ok(Vec::new());
    };
    for life in wanted {
        let compiled = life.population.compiled();
        for age in inquiry.readings.iter().flat_map(Reading::ages) {
            if age < compiled.start {
                let start = compiled.start;
                return Err(SimulateError::TooEarly { age, start });
            }
        }
    }
    let names = inquiry.readings.iter().filter_map(Reading::name);
    let quantities = find_quantities(first.population.compiled(), names)?;
    let ages = ages_of(inquiry.readings.iter());
    Ok(wanted
        .par_iter()
        .map(|life| live_one(life, inquiry, &quantities, &ages))
        .collect())
}

/// Where the quantities of these names stand.
pub(super) fn find_quantities<'n>(
    compiled: &Compiled,
    names: impl Iterator<Item = &'n str>,
) -> Result<BTreeMap<String, Quantity>, SimulateError> {
    let network = &compiled.network;
    names
        .map(|name| {
            let quantity = network
                .observable_index(name)
                .map(Quantity::Observable)
                .or_else(|| network.species_index(name).map(Quantity::Species))
                .ok_or_else(|| SimulateError::UnknownQuantity(name.to_owned()))?;
            Ok((name.to_owned(), quantity))
        })
        .collect()
}

fn live_one(
    life: &Wanted<'_>,
    inquiry: &Inquiry,
    quantities: &BTreeMap<String, Quantity>,
    ages: &[f64],
) -> LifeRecord {
    let compiled = life.population.compiled();
    let arm = &compiled.arms[life.arm];
    let rules = life.population.rules();
    let birth = match Birth::<f64>::new(compiled, life.values.clone(), None) {
        Ok(birth) => birth,
        Err(failure) => {
            let stage = "the healthy steady state was not found";
            let reason = describe(&failure, &compiled.network, stage);
            return LifeRecord {
                readings: vec![
                    Err(Missing::Failed(reason.as_str().into()));
                    inquiry.readings.len()
                ],
                endpoints: unborn_endpoints(&reason),
                effort: Effort::default(),
            };
        }
    };
    let history = grow_up(compiled, arm, &birth, rules);
    // Ages after the end of the scenario are never reached.
    let reached = ages.partition_point(|&age| age <= compiled.stop);
    let rest = matches!(history.outcome, Outcome::Completed).then(|| {
        let stretch = Stretch {
            from: (compiled.start, Edges::Included),
            to: (compiled.stop, Edges::Included),
            outputs: &ages[..reached],
            rules,
        };
        live(compiled, arm, &birth.base, &history.last_state, &stretch)
    });
    let hits: Vec<_> = history
        .events
        .iter()
        .chain(rest.iter().flat_map(|rest| &rest.events))
        .collect();
    let demand = Demand {
        arm: life.arm,
        ages: ages[..reached].to_vec(),
        endpoints: Vec::new(),
    };
    let course = Course::lived(
        compiled,
        quantities,
        &demand,
        &birth,
        &history,
        rest.as_ref(),
    );
    LifeRecord {
        endpoints: endpoints(compiled, &hits, rest.as_ref().unwrap_or(&history)),
        readings: inquiry
            .readings
            .iter()
            .map(|reading| course.read(reading))
            .collect(),
        effort: rest
            .as_ref()
            .map_or(history.effort, |rest| sum(history.effort, rest.effort)),
    }
}
