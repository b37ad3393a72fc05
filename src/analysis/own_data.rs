//! How far the model is from a laboratory's own data.
//!
//! Every measured value is compared with the simulated one at that very age: the solution of the equations
//! there, not a value of the output grid. Of one animal that is its value; of a cohort the mean over the
//! animals that are alive, and where the measured value falls among them: with the noise that the model
//! declares for the assay, and, of a mean of n animals, among means of n drawn ones.

use std::fmt;

use gutbrain_network::Declaration;
use gutbrain_network::declaration::AssayNoise;
use gutbrain_numbers::Real;
use gutbrain_statistics::likelihood::Likelihood as Distribution;
use gutbrain_statistics::random::Stream;
use gutbrain_statistics::samples;
use rayon::prelude::*;

use crate::cohort::{Cohort, Subject};
use crate::model::Model;
use crate::scenario::feature::Reading;
use crate::scenario::{Followed, Likelihood, Measurement, Scenario, Spread};
use crate::simulate::{Inquiry, LifeRecord, Population, Request, SimulateError, simulate_all};

/// Animals of a cohort that values are compared with, at most: more place no value better.
const MOST_ANIMALS: u64 = 2000;

/// Means of drawn groups that a measured mean is compared with.
const GROUPS: usize = 1999;

/// A measured value beside the simulated one.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Compared {
    /// The simulated value at that age; nothing if no animal was alive then, or the life failed.
    pub simulated: Option<f64>,
    /// Simulated less measured, in the spread of the measured value; nothing without a spread.
    pub residual: Option<f64>,
    /// Of a cohort: animals alive at that age.
    pub animals: Option<u64>,
    /// Of a cohort: two-sided probability of a value as far out among the simulated ones; nothing for counts,
    /// proportions, and means of a number of animals that is not known.
    pub p: Option<f64>,
}

/// The readings of the measurements, each once, and for every measurement the place of its own.
fn readings(rows: &[Measurement]) -> (Vec<Reading>, Vec<usize>) {
    let mut readings: Vec<Reading> = Vec::new();
    let places = rows.iter().map(|row| {
        let reading = Reading::Value {
            name: row.id.clone(),
            age: row.age,
        };
        let known = readings.iter().position(|known| *known == reading);
        known.unwrap_or_else(|| {
            readings.push(reading);
            readings.len() - 1
        })
    });
    let places = places.collect();
    (readings, places)
}

/// The place of the arm of a measurement; arms were checked with the scenario.
fn arm_of(row: &Measurement, scenario: &Scenario) -> usize {
    let place = scenario.arms.iter().position(|arm| arm.name == row.arm);
    place.unwrap_or_default()
}

/// An observation and what the simulated value is multiplied with to be its mean.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Observed {
    /// What was observed, and how it scatters.
    pub likelihood: Distribution,
    /// The mean of the observation over the simulated value.
    pub factor: f64,
}

impl Observed {
    /// What was measured; nothing for a value whose spread is not known.
    #[must_use]
    pub fn measurement(row: &Measurement) -> Option<Self> {
        let animals = row.animals.unwrap_or(1);
        let number = animals as f64;
        let sd = || Some(row.spread?.sd(animals));
        let (likelihood, factor) = match row.likelihood {
            Likelihood::Normal => {
                let (value, sd) = (row.value, sd()?);
                (Distribution::Normal { value, sd }, 1.0)
            }
            Likelihood::LogNormal => {
                let spread = row.spread?;
                let of_one = log_sd(spread.sd(1) / row.value);
                let behind = if spread.is_of_animals() { number } else { 1.0 };
                let (value, sd) = (row.value, of_one / behind.sqrt());
                (Distribution::LogNormal { value, sd }, 1.0)
            }
            Likelihood::Proportion => {
                let successes = row.value * row.share * number;
                let trials = number;
                (Distribution::Binomial { successes, trials }, row.share)
            }
            Likelihood::Count { dispersion } => {
                let count = row.value;
                let poisson = Distribution::Poisson { count };
                let overdispersed = |size| Distribution::NegativeBinomial { count, size };
                (dispersion.map_or(poisson, overdispersed), number)
            }
        };
        Some(Self { likelihood, factor })
    }

    /// An animal that was followed; nothing without a frailty.
    #[must_use]
    pub fn animal(animal: &Followed) -> Option<Self> {
        let likelihood = Distribution::Survival {
            time: animal.age,
            event: animal.event,
            spread: animal.frailty?,
        };
        let factor = 1.0;
        Some(Self { likelihood, factor })
    }

    /// The residual of a simulated value (for normal data simulated less measured, in SD), and its derivative.
    #[must_use]
    pub fn residual(&self, simulated: f64) -> (f64, f64) {
        let (residual, slope) = self.likelihood.residual(self.factor * simulated);
        (residual, slope * self.factor)
    }

    /// The logarithm of the density of the observation.
    #[must_use]
    pub fn log_density(&self, simulated: f64) -> f64 {
        self.likelihood.log_density(self.factor * simulated)
    }
}

impl fmt::Display for Observed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let short = |number: f64| {
            let digits = format!("{number:.3e}");
            digits.parse::<f64>().unwrap_or(number)
        };
        match self.likelihood {
            Distribution::Normal { value, sd } => write!(f, "{} ± {}", short(value), short(sd)),
            Distribution::LogNormal { value, sd } => {
                write!(f, "{} ×÷ {}", short(value), short(Real::exp(sd)))
            }
            Distribution::Binomial { successes, trials } => {
                write!(f, "{} of {}", short(successes), short(trials))
            }
            Distribution::Poisson { count } | Distribution::NegativeBinomial { count, .. } => {
                write!(f, "{count} counted")
            }
            Distribution::Survival { time, event, .. } => {
                write!(f, "{}{} d", if event { "" } else { "> " }, short(time))
            }
        }
    }
}

/// The residual of a measurement, see [`Observed::residual`]; nothing if its spread is not known, or where the
/// simulated value is no mean that it can have.
#[must_use]
pub fn residual(row: &Measurement, simulated: f64) -> Option<f64> {
    let found = Observed::measurement(row)?.residual(simulated).0;
    Some(found).filter(|it| it.is_finite())
}

/// The standard deviation of the logarithm of a log-normal value of this coefficient of variation.
fn log_sd(variation: f64) -> f64 {
    Real::ln(1.0 + variation * variation).sqrt()
}

/// One animal of `population`, which is that of the scenario, in every arm against its measurements.
///
/// # Errors
/// A measurement of what the model does not have, or before the start of the output.
pub fn of_one(
    population: &Population,
    scenario: &Scenario,
) -> Result<Vec<Compared>, SimulateError> {
    let rows = &scenario.data.measurements;
    let requests: Vec<Request<'_>> = (0..scenario.arms.len())
        .map(|arm| Request {
            population,
            arm,
            values: population.values().into(),
        })
        .collect();
    let (readings, places) = readings(rows);
    let lives = simulate_all(&requests, &Inquiry { readings })?;
    let compare = |(row, place): (&Measurement, usize)| {
        let simulated = alive(&lives[arm_of(row, scenario)], place);
        Compared {
            simulated,
            residual: simulated.and_then(|value| residual(row, value)),
            ..Compared::default()
        }
    };
    Ok(rows.iter().zip(places).map(compare).collect())
}

/// What was read of a life while it lasted.
fn alive(life: &LifeRecord, place: usize) -> Option<f64> {
    life.readings[place].as_ref().ok().copied()
}

/// The animals of a cohort against the measurements of its scenario.
///
/// # Errors
/// The scenario does not fit the model.
pub fn of_cohort(
    model: &Model,
    scenario: &Scenario,
    cohort: &Cohort,
) -> Result<Vec<Compared>, SimulateError> {
    let rows = &scenario.data.measurements;
    let numbers = cohort
        .subjects()
        .plan()
        .numbers()
        .take(MOST_ANIMALS as usize);
    let drawn: Vec<Vec<Subject>> = numbers
        .collect::<Vec<u64>>()
        .into_par_iter()
        .map(|number| cohort.subjects().in_arms(number))
        .collect();
    let requests: Vec<Request<'_>> = drawn
        .iter()
        .flat_map(|arms| arms.iter().enumerate())
        .map(|(arm, subject)| Request {
            population: cohort.population(),
            arm,
            values: (&subject.values).into(),
        })
        .collect();
    let (readings, places) = readings(rows);
    let lives = simulate_all(&requests, &Inquiry { readings })?;
    let arms = scenario.arms.len();
    let compare = |(row, place): (&Measurement, usize)| {
        let arm = arm_of(row, scenario);
        let values = drawn.iter().enumerate().filter_map(|(index, subjects)| {
            let subject = &subjects[arm];
            // Who died of something else is measured no more.
            let here = subject.other_death_d > row.age;
            let value = alive(&lives[index * arms + arm], place).filter(|_| here)?;
            Some((subject.animal.number, value))
        });
        among(
            row,
            &values.collect::<Vec<_>>(),
            scenario.seed,
            &model.declaration,
        )
    };
    Ok(rows.par_iter().zip(places).map(compare).collect())
}

/// A measured value among those of simulated animals, each with its number.
fn among(
    row: &Measurement,
    animals: &[(u64, f64)],
    seed: u64,
    declaration: &Declaration,
) -> Compared {
    let values: Vec<f64> = animals.iter().map(|(_, value)| *value).collect();
    let mean = samples::mean(&values);
    let observable = declaration.observables.get(&row.id);
    let noise = observable.and_then(|it| Some(&it.assay.as_ref()?.noise));
    let stream = |what: &str, number| {
        let name = format!("data/{what}/{}/{}/{}", row.arm, row.id, row.age);
        Stream::new(seed, &name, number)
    };
    let measured: Vec<f64> = animals
        .iter()
        .map(|&(number, value)| match noise {
            Some(AssayNoise::LogNormal(variation)) => {
                let z = stream("noise", number).normal();
                value * Real::exp(log_sd(*variation) * z)
            }
            _ => value,
        })
        .collect();
    // What is counted, and a mean of nobody knows how many, are not values of animals: they have a residual.
    let is_of_animals = matches!(row.likelihood, Likelihood::Normal | Likelihood::LogNormal)
        && (row.animals.is_some() || row.spread.is_none_or(Spread::is_of_animals));
    let size = row.animals.unwrap_or(1);
    let expected = match size {
        _ if !is_of_animals => Vec::new(),
        1 => measured,
        _ if measured.is_empty() => measured,
        _ => {
            let mut groups = stream("groups", size);
            let mut group = || {
                let drawn =
                    (0..size).map(|_| measured[groups.below(measured.len() as u64) as usize]);
                drawn.sum::<f64>() / size as f64
            };
            (0..GROUPS).map(|_| group()).collect()
        }
    };
    Compared {
        simulated: mean,
        residual: mean.and_then(|value| residual(row, value)),
        animals: Some(animals.len() as u64),
        p: two_sided(row.value, &expected),
    }
}

/// Twice the smaller share of values that are not closer to the middle, the measured one counted among them.
fn two_sided(value: f64, expected: &[f64]) -> Option<f64> {
    if expected.is_empty() {
        return None;
    }
    let below = expected.iter().filter(|it| **it <= value).count();
    let above = expected.iter().filter(|it| **it >= value).count();
    let share = (1 + below.min(above)) as f64 / (1 + expected.len()) as f64;
    Some((2.0 * share).min(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::SpreadKind;

    fn row(value: f64, likelihood: Likelihood, spread: Option<f64>) -> Measurement {
        Measurement {
            file: "lab.csv".to_owned(),
            line: 2,
            arm: "control".to_owned(),
            id: "il17".to_owned(),
            age: 60.0,
            value,
            spread: spread.map(|size| Spread {
                kind: SpreadKind::Deviation,
                size,
            }),
            animals: None,
            likelihood,
            share: 1.0,
        }
    }

    #[test]
    fn residuals_are_counted_in_the_spread_of_the_data() {
        let normal = row(10.0, Likelihood::Normal, Some(2.0));
        assert_eq!(residual(&normal, 13.0), Some(1.5));
        assert_eq!(residual(&row(10.0, Likelihood::Normal, None), 13.0), None);
        // ln(13 / 10) / sqrt(ln(1 + 0.2^2))
        let factors = row(10.0, Likelihood::LogNormal, Some(2.0));
        let found = residual(&factors, 13.0).unwrap();
        assert!((found - 1.324_789_7).abs() < 1e-6, "{found}");
        assert_eq!(residual(&factors, -1.0), None);
    }

    #[test]
    fn a_value_in_the_middle_is_no_surprise_and_one_outside_is_as_rare_as_it_can_be() {
        let hundred: Vec<f64> = (1..=99).map(f64::from).collect();
        assert_eq!(two_sided(50.0, &hundred), Some(1.0));
        assert_eq!(two_sided(0.0, &hundred), Some(0.02));
        assert_eq!(two_sided(5.0, &hundred), Some(0.12));
        assert_eq!(two_sided(5.0, &[]), None);
    }
}
