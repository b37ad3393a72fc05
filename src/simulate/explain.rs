//! Why a species changes: the shares of its derivative by process, at one age of one arm.

use gutbrain_integrate::Outcome;

use super::birth::Birth;
use super::compiled::Compiled;
use super::fault::{SimulateError, UNSETTLED, describe};
use super::life::{Edges, Stretch, simulate_stretch};
use super::run::places_and_ages;
use crate::model::Model;
use crate::scenario::Scenario;

/// What one process contributes.
#[derive(Debug, Clone, PartialEq)]
pub struct Share {
    /// Id of the process.
    pub process: String,
    /// Its sentence.
    pub says: String,
    /// Change of the species by this process, in its unit per day.
    pub contribution: f64,
}

/// The derivative of a species, split.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// Id of the species.
    pub species: String,
    /// Its unit.
    pub unit: String,
    /// The arm.
    pub arm: String,
    /// The age, in days.
    pub age: f64,
    /// The amount at that age.
    pub value: f64,
    /// Its declared scale: what is far below it is rounding.
    pub scale: f64,
    /// Its derivative, per day, clamps and inflows of the scenario included.
    pub derivative: f64,
    /// The processes that change it, largest contribution first.
    pub shares: Vec<Share>,
}

/// Splits the derivative of `species` at `age` in the arm of this name.
///
/// # Errors
/// When the arm or the species does not exist, or the subject does not live to that age.
pub fn explain(
    model: &Model,
    scenario: &Scenario,
    arm: &str,
    species: &str,
    age: f64,
) -> Result<Explanation, SimulateError> {
    let compiled = Compiled::new(model, scenario)?;
    let arm = &compiled.arms[compiled.arm(arm)?];
    let network = &compiled.network;
    let index = network
        .species_index(species)
        .ok_or_else(|| SimulateError::UnknownQuantity(species.to_owned()))?;
    let unreached = |reason: String| SimulateError::AgeNotReached { age, reason };
    let birth = Birth::<f64>::new(&compiled, compiled.values.clone(), None)
        .map_err(|failure| unreached(describe(&failure, network, UNSETTLED)))?;
    let rules = compiled.rules_of_life(arm);
    let unfolding = arm.unfolding();
    let stretch = Stretch {
        from: (0.0, Edges::Included),
        to: (age, Edges::Included),
        outputs: &[],
        spans: &[],
        rules: &rules,
    };
    let life = simulate_stretch(&compiled, &unfolding, &birth.base, &birth.state, &stretch);
    match &life.outcome {
        Outcome::Completed => {}
        Outcome::Stopped { event } => {
            let event = &compiled.events[*event].id;
            return Err(unreached(format!(
                "event `{event}` at age {} d",
                life.last_time
            )));
        }
        Outcome::Failed(failure) => {
            return Err(unreached(describe(
                failure,
                network,
                "the integration failed",
            )));
        }
    }
    let state = &life.last_state;
    let unfolding = unfolding.after(places_and_ages(&life.events));
    let schedule = &*unfolding.schedule;
    let segment = schedule.segment_at(age);
    let amounts = compiled.amounts(schedule, &birth.base);
    let parameters = schedule.parameters(segment, &birth.base, &amounts);
    let mut prepared = network.prepare(&parameters);
    let mut derivative = vec![0.0; network.species.len()];
    network.derivative(&mut prepared, state, &mut derivative);
    let places = network
        .processes
        .iter()
        .map(|process| process.changes.len())
        .sum();
    let mut contributions = vec![0.0; places];
    network.contributions(&mut prepared, state, &mut contributions);
    let mut place = contributions.iter();
    let mut shares = Vec::new();
    for process in &network.processes {
        for (&changed, &contribution) in process.changes.iter().zip(&mut place) {
            if changed == index {
                let says = model.declaration.processes.get(&process.id);
                shares.push(Share {
                    process: process.id.clone(),
                    says: says
                        .map(|entry| entry.common.says.clone())
                        .unwrap_or_default(),
                    contribution,
                });
            }
        }
    }
    // Stable: equal contributions stay in the order of their ids.
    shares.sort_by(|a, b| b.contribution.abs().total_cmp(&a.contribution.abs()));
    Ok(Explanation {
        species: species.to_owned(),
        unit: network.species[index].unit.to_string(),
        arm: arm.name.clone(),
        age,
        value: state[index],
        scale: network.species[index].scale,
        derivative: derivative[index],
        shares,
    })
}
