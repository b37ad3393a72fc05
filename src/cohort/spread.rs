//! How animals differ: the parameters that vary, and their values in one animal.
//!
//! For a parameter with median m (the value of the preset, times the factor of the sex) and the
//! coefficient of variation c that it declares as `between_subject`:
//!
//! - prior `logitnormal`: logit(x) = logit(m) + σ z, σ = c / (1 − m);
//! - prior `normal`: x = m + c |m| z;
//! - any other: x = m exp(σ z), σ = √ln(1 + c²).
//!
//! z = √s z_litter + √(1 − s) z_animal with the share s that litter mates have in common; over
//! parameters z has the correlations that the model declares (`correlated_with`), by the Cholesky
//! factor of their matrix. The spread of a sex multiplies σ.

use std::collections::BTreeMap;

use gutbrain_network::Declaration;
use gutbrain_network::declaration::{Prior, Sex};
use gutbrain_numbers::Real;
use nalgebra::DMatrix;

use super::allocation::Animal;
use super::group::GroupParameters;
use super::lives::CohortError;
use crate::simulate::Population;

/// How values lie around their median.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Law {
    LogNormal,
    LogitNormal,
    Normal,
}

/// A parameter that differs between animals.
#[derive(Debug, Clone, PartialEq)]
pub struct Varying {
    /// Its id.
    pub id: String,
    /// Its unit.
    pub unit: String,
    /// Its place among the values of the population.
    pub place: usize,
    law: Law,
    variation: f64,
}

/// The spread between the animals of one preset.
#[derive(Debug, Clone)]
pub struct Spread {
    seed: u64,
    varying: Vec<Varying>,
    /// Lower triangle, if any correlation is declared.
    factor: Option<DMatrix<f64>>,
    sexes: BTreeMap<Sex, SexFactors>,
    litter_share: f64,
    copies: Option<usize>,
    low_copy_copies: f64,
}

#[derive(Debug, Clone)]
struct SexFactors {
    factors: Vec<(usize, f64)>,
    spread: f64,
}

impl Spread {
    /// Reads the spread off the declaration; `medians` are the values of all parameters around which
    /// animals are drawn.
    ///
    /// # Errors
    /// [`CohortError::Correlations`] when the declared correlations contradict each other.
    pub fn new(
        seed: u64,
        declaration: &Declaration,
        preset: &str,
        population: &Population,
        medians: &[f64],
        group: &GroupParameters,
    ) -> Result<Self, CohortError> {
        let mut varying = Vec::new();
        for (id, parameter) in &declaration.parameters {
            let (Some(variation), Some(place)) = (parameter.between_subject, population.place(id))
            else {
                continue;
            };
            if variation > 0.0 {
                varying.push(Varying {
                    id: id.clone(),
                    unit: parameter.unit.to_string(),
                    place,
                    law: match parameter.prior {
                        Prior::LogitNormal => Law::LogitNormal,
                        Prior::Normal => Law::Normal,
                        _ => Law::LogNormal,
                    },
                    variation,
                });
            }
        }
        let sexes = declaration
            .subjects
            .get(preset)
            .map(|subject| &subject.sexes);
        let sexes = sexes
            .into_iter()
            .flatten()
            .map(|(sex, difference)| {
                let places = difference.factors.iter();
                let factors = places
                    .filter_map(|(id, factor)| Some((population.place(id)?, *factor)))
                    .collect();
                let spread = difference.spread;
                (*sex, SexFactors { factors, spread })
            })
            .collect();
        Ok(Self {
            seed,
            factor: correlate(&varying, declaration)?,
            varying,
            sexes,
            litter_share: group.litter_share,
            copies: (declaration.family.group.copies.as_ref())
                .and_then(|copies| population.place(&copies.value))
                .filter(|place| medians[*place] > 0.0),
            low_copy_copies: group.low_copy_copies,
        })
    }

    /// The parameters that vary, in the order of their ids.
    #[must_use]
    pub fn varying(&self) -> &[Varying] {
        &self.varying
    }

    /// The place of the number of copies of the transgene, for animals that have any.
    #[must_use]
    pub fn copies(&self) -> Option<usize> {
        self.copies
    }

    /// The values of all parameters of an animal; `median` are those of the preset.
    #[must_use]
    pub fn draw(&self, animal: &Animal, median: &[f64]) -> Vec<f64> {
        let mut values = median.to_vec();
        let mut spread = 1.0;
        if let Some(difference) = self.sexes.get(&animal.sex) {
            for (place, factor) in &difference.factors {
                values[*place] *= factor;
            }
            spread = difference.spread;
        }
        if let Some(copies) = self.copies.filter(|_| animal.low_copy) {
            values[copies] = self.low_copy_copies;
        }
        let (common, own) = (
            self.litter_share.sqrt(),
            (1.0 - self.litter_share).max(0.0).sqrt(),
        );
        let draws: Vec<f64> = self
            .varying
            .iter()
            .map(|parameter| {
                let litter = animal.litter_stream(self.seed, &parameter.id).normal();
                let alone = animal.stream(self.seed, &parameter.id).normal();
                common * litter + own * alone
            })
            .collect();
        for (row, parameter) in self.varying.iter().enumerate() {
            let z = match &self.factor {
                None => draws[row],
                Some(factor) => (0..=row)
                    .map(|column| factor[(row, column)] * draws[column])
                    .sum(),
            };
            let value = &mut values[parameter.place];
            *value = parameter.law.at(*value, spread * parameter.variation, z);
        }
        values
    }
}

impl Law {
    fn at(self, median: f64, variation: f64, z: f64) -> f64 {
        match self {
            Self::LogNormal => median * Real::exp(Real::ln(1.0 + variation * variation).sqrt() * z),
            Self::Normal => median + variation * median.abs() * z,
            Self::LogitNormal => {
                let odds = median / (1.0 - median) * Real::exp(variation / (1.0 - median) * z);
                odds / (1.0 + odds)
            }
        }
    }
}

/// The Cholesky factor of the declared correlations; nothing if there are none.
fn correlate(
    varying: &[Varying],
    declaration: &Declaration,
) -> Result<Option<DMatrix<f64>>, CohortError> {
    let mut matrix = DMatrix::<f64>::identity(varying.len(), varying.len());
    let mut any = false;
    for (row, parameter) in varying.iter().enumerate() {
        for (other, correlation) in &declaration.parameters[&parameter.id].correlated_with {
            let Some(column) = varying.iter().position(|varying| varying.id == *other) else {
                continue;
            };
            matrix[(row, column)] = *correlation;
            matrix[(column, row)] = *correlation;
            any = true;
        }
    }
    if !any {
        return Ok(None);
    }
    match matrix.cholesky() {
        Some(cholesky) => Ok(Some(cholesky.l())),
        None => Err(CohortError::Correlations),
    }
}
