//! One arm as plain numbers: what another program needs to live the same life.
//!
//! What: the state and the parameters at the start of the output, after everything that happens at
//! that instant, and every later switch with the values that change at it. Resting values are
//! numbers; doses are resolved. Between two switches the equations are those of the declaration.
//!
//! Units: ages in days, values in the unit of their quantity.

use gutbrain_integrate::Outcome;
use gutbrain_network::Network;

use super::awaited::{Awaited, AwaitedAge, awaited};
use super::birth::Birth;
use super::compiled::Compiled;
use super::fault::{SimulateError, UNSETTLED, describe};
use super::run::{places_and_ages, simulate_before_output};
use super::schedule::Change;
use crate::model::Model;
use crate::scenario::Scenario;

/// An instant at which something is done.
#[derive(Debug, Clone, PartialEq)]
pub struct Switch {
    /// Age in days.
    pub age: f64,
    /// Parameters (by index in [`Blueprint::network`]) that take another value, and the value.
    pub parameters: Vec<(usize, f64)>,
    /// What happens to species (by index), in the order in which it acts.
    pub species: Vec<(usize, Change, f64)>,
}

/// See the module's description.
#[derive(Debug, Clone)]
pub struct Blueprint {
    /// Name of the arm.
    pub arm: String,
    /// The compiled network, with gates for what the scenario changes.
    pub network: Network,
    /// First age.
    pub start: f64,
    /// Last age.
    pub stop: f64,
    /// Values of all parameters from `start` on, in the order of the network.
    pub parameters: Vec<f64>,
    /// The state at `start`, in the order of the network's species.
    pub state: Vec<f64>,
    /// What happens after `start` and not after `stop`, ascending.
    pub switches: Vec<Switch>,
    /// What follows events that were not met before `start`.
    pub awaited: Vec<Awaited>,
    /// Events met before `start`: id and age.
    pub passed: Vec<(String, f64)>,
}

impl Blueprint {
    /// Lives the arm of this name up to the start of its output.
    ///
    /// # Errors
    /// When the scenario does not fit the model, has no such arm, or the subject does not reach the
    /// start of the output.
    pub fn new(model: &Model, scenario: &Scenario, arm: &str) -> Result<Self, SimulateError> {
        let compiled = Compiled::new(model, scenario)?;
        Self::of(&compiled, arm)
    }

    fn of(compiled: &Compiled, arm: &str) -> Result<Self, SimulateError> {
        let arm = &compiled.arms[compiled.arm(arm)?];
        let start = compiled.start;
        let unreached = |reason: String| SimulateError::AgeNotReached { age: start, reason };
        let birth = Birth::<f64>::new(compiled, compiled.values.clone(), None)
            .map_err(|failure| unreached(describe(&failure, &compiled.network, UNSETTLED)))?;
        let history = simulate_before_output(compiled, arm, &birth, &compiled.rules_of_life(arm));
        match &history.outcome {
            Outcome::Completed => {}
            Outcome::Stopped { event } => {
                let event = &compiled.events[*event].id;
                let age = history.last_time;
                return Err(unreached(format!("event `{event}` at age {age} d")));
            }
            Outcome::Failed(failure) => {
                let stage = "the integration failed";
                return Err(unreached(describe(failure, &compiled.network, stage)));
            }
        }
        let unfolding = arm.unfolding().after(places_and_ages(&history.events));
        let (schedule, awaited) = awaited(compiled, arm, &unfolding, &birth.base)?;
        let amounts = compiled.amounts(&schedule, &birth.base);
        let mut state = history.last_state.clone();
        let first = schedule.segment_at(start);
        for edge in schedule.segment_before(start)..first {
            schedule.apply_to_state(edge, &amounts, &mut state);
        }
        let mut parameters = schedule.parameters(first, &birth.base, &amounts);
        for open in &awaited {
            // A window that goes on until something happens may be open already.
            if matches!(open.opens, AwaitedAge::At(age) if age <= start) {
                for &(index, then, _) in &open.parameters {
                    parameters[index] = then;
                }
            }
        }
        let mut current = parameters.clone();
        let mut switches = Vec::new();
        for (edge, &age) in schedule.edges().iter().enumerate().skip(first) {
            if age > compiled.stop {
                break;
            }
            let mut next = schedule.parameters(edge + 1, &birth.base, &amounts);
            // What is awaited changes nothing else, and nothing else changes it.
            for &(index, ..) in awaited.iter().flat_map(|it| &it.parameters) {
                next[index] = current[index];
            }
            let changed = current.iter().zip(&next).enumerate();
            // Bit for bit: a value that does not change is not written again.
            let changed = changed.filter(|(_, (now, then))| now.to_bits() != then.to_bits());
            switches.push(Switch {
                age,
                parameters: changed.map(|(index, (_, &then))| (index, then)).collect(),
                species: schedule.state_changes(edge, &amounts),
            });
            current = next;
        }
        let passed = history.events.iter().map(|hit| {
            let event = compiled.events[hit.event].id.clone();
            (event, hit.time)
        });
        Ok(Self {
            arm: arm.name.clone(),
            start,
            stop: compiled.stop,
            parameters,
            state,
            switches,
            awaited,
            passed: passed.collect(),
            network: compiled.network.clone(),
        })
    }

    /// Whether a parameter of the network changes at any switch.
    #[must_use]
    pub fn varies(&self, parameter: usize) -> bool {
        let mut changed = self.switches.iter().flat_map(|switch| &switch.parameters);
        let mut awaited = self.awaited.iter().flat_map(|it| &it.parameters);
        changed.any(|&(index, _)| index == parameter)
            || awaited.any(|&(index, ..)| index == parameter)
    }
}
