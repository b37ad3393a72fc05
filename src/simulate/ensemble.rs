//! Ensembles: many lives at once, of which only what is asked for is kept.
//!
//! What: [`simulate_all`] simulates every [`Request`], of one population or of several, and gives for each
//! its endpoints and the readings of the [`Inquiry`]. A life is the same, bit for bit, as that which
//! [`Population::simulate`] gives with the same values.
//!
//! How: [`super::together`]. Results are in the order of the requests, whatever the number of
//! threads.

use std::borrow::Cow;
use std::collections::BTreeMap;

use gutbrain_integrate::Effort;

use super::compiled::Compiled;
use super::course::{Course, Demand, Quantity, spans_of};
use super::experiment::Missing;
use super::fault::{SimulateError, UNSETTLED, describe};
use super::population::Population;
use super::run::{
    ArmRun, Endpoints, arm_run, endpoints, endpoints_without_birth, sum, without_birth,
};
use super::together::{Kept, Simulated, simulate_together};
use crate::scenario::feature::{Reading, ages_of};

/// One simulation that is asked for: a subject in an arm.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    /// What the animal is one of.
    pub population: &'a Population,
    /// The place of its arm.
    pub arm: usize,
    /// The values of all its parameters, in the order of the population.
    pub values: Cow<'a, [f64]>,
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
    /// One per reading of the inquiry: the size that its errors are relative to, 0 where it has no value.
    pub scales: Vec<f64>,
    /// One per reading of the inquiry.
    pub readings: Vec<Result<f64, Missing>>,
    /// What the integration cost.
    pub effort: Effort,
}

/// Simulates all of them; see the module's description.
///
/// # Errors
/// When a reading names what the model does not have, or an age before the start of the output.
/// Numerical failures are results, not errors.
pub fn simulate_all(
    requests: &[Request<'_>],
    inquiry: &Inquiry,
) -> Result<Vec<LifeRecord>, SimulateError> {
    let Some(first) = requests.first() else {
        return Ok(Vec::new());
    };
    for life in requests {
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
    // Ages after the end of the scenario are never reached.
    let reached = |life: usize| {
        let stop = requests[life].population.compiled().stop;
        &ages[..ages.partition_point(|&age| age <= stop)]
    };
    let readings = inquiry.readings.iter();
    let spans = spans_of(first.population.compiled(), &quantities, readings);
    let kept = |life: usize| Kept {
        outputs: reached(life),
        spans: &spans,
    };
    Ok(simulate_together(requests, kept, |life, simulated| {
        let demand = Demand {
            arm: requests[life].arm,
            ages: reached(life).to_vec(),
            spans: spans.clone(),
            endpoints: Vec::new(),
        };
        record(&simulated, inquiry, &quantities, &demand)
    }))
}

/// Simulates all of them and keeps their curves over the grids of their scenarios: what
/// [`Population::simulate`] gives, for animals of these numbers.
#[must_use]
pub fn simulate_all_in_full(subjects: &[u64], requests: &[Request<'_>]) -> Vec<ArmRun> {
    let grids: Vec<&[f64]> = requests.iter().map(|it| it.population.grid()).collect();
    simulate_all_read_at(subjects, requests, &grids)
}

/// The same over ages of each life's own, in order and within the output: reading a life elsewhere changes
/// nothing of it.
#[must_use]
pub fn simulate_all_read_at(
    subjects: &[u64],
    requests: &[Request<'_>],
    ages: &[&[f64]],
) -> Vec<ArmRun> {
    let kept = |life: usize| Kept {
        outputs: ages.get(life).copied().unwrap_or_default(),
        spans: &[],
    };
    simulate_together(requests, kept, |life, simulated| {
        let subject = subjects.get(life).copied().unwrap_or_default();
        match simulated.early {
            Ok((birth, history)) => arm_run(
                simulated.compiled,
                simulated.arm,
                subject,
                birth,
                history,
                simulated.rest.as_ref(),
            ),
            Err(failure) => {
                let reason = describe(failure, &simulated.compiled.network, UNSETTLED);
                without_birth(simulated.compiled, simulated.arm, subject, &reason)
            }
        }
    })
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

/// What is asked of a life that was simulated.
fn record(
    simulated: &Simulated<'_>,
    inquiry: &Inquiry,
    quantities: &BTreeMap<String, Quantity>,
    demand: &Demand,
) -> LifeRecord {
    let compiled = simulated.compiled;
    let (birth, history) = match simulated.early {
        Ok(early) => early,
        Err(failure) => {
            let reason = describe(failure, &compiled.network, UNSETTLED);
            let missing = Missing::Failed(reason.as_str().into());
            return LifeRecord {
                readings: vec![Err(missing); inquiry.readings.len()],
                scales: vec![0.0; inquiry.readings.len()],
                endpoints: endpoints_without_birth(&simulated.compiled.endpoints, &reason),
                effort: Effort::default(),
            };
        }
    };
    let rest = simulated.rest.as_ref();
    let hits: Vec<_> = history
        .events
        .iter()
        .chain(rest.iter().flat_map(|rest| &rest.events))
        .collect();
    let course = Course::lived(compiled, quantities, demand, birth, history, rest);
    LifeRecord {
        endpoints: endpoints(compiled, &hits, rest.unwrap_or(history)),
        readings: inquiry
            .readings
            .iter()
            .map(|reading| course.read(reading))
            .collect(),
        scales: inquiry
            .readings
            .iter()
            .map(|reading| course.scale(reading).unwrap_or(0.0))
            .collect(),
        effort: rest.map_or(history.effort, |rest| sum(history.effort, rest.effort)),
    }
}
