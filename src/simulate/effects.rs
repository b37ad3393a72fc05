//! Actions of a scenario in terms of the compiled network: parameters and species by their places.

use gutbrain_network::Network;

use super::fault::SimulateError;
use super::schedule::{Change, Effect, TimedEffect};
use super::unfolding::Trigger;
use crate::scenario::{Action, Amount, Moment, Operation, Target, When};

/// What the times of an arm follow, as it is met.
#[derive(Default)]
pub(crate) struct Triggers {
    pub(crate) known: Vec<Trigger>,
}

impl Triggers {
    /// The place of a trigger, and what is to be added to the age there; of a fixed age, that age.
    fn place(
        &mut self,
        moment: &Moment,
        network: &Network,
    ) -> Result<(Option<usize>, f64), SimulateError> {
        let (what, days) = match moment {
            Moment::Age(age) => return Ok((None, *age)),
            Moment::After { what, days } => (what, *days),
        };
        let place = self.known.iter().position(|known| known.word == what.word);
        if let Some(place) = place {
            return Ok((Some(place), days));
        }
        let event = |id: &String| {
            let place = network.events.iter().position(|event| event.id == *id);
            place.ok_or_else(|| SimulateError::UnknownEndpoint(id.clone()))
        };
        self.known.push(Trigger {
            word: what.word.clone(),
            events: what.events.iter().map(event).collect::<Result<_, _>>()?,
        });
        Ok((Some(self.known.len() - 1), days))
    }
}

/// What an action does to the compiled network, and when.
///
/// # Errors
/// When it names what the network does not have, or has no meaning for its target.
pub(crate) fn resolve(
    action: &Action,
    network: &Network,
    triggers: &mut Triggers,
) -> Result<TimedEffect, SimulateError> {
    let fault = |cause: String| SimulateError::Action {
        origin: action.origin.clone(),
        cause,
    };
    let parameter = |id: String| {
        network.parameter_index(&id).ok_or_else(|| {
            fault(format!(
                "the model has no `{}` (`{id}`)",
                action.target.dotted()
            ))
        })
    };
    let amount = action.amount.clone();
    if let Amount::Given(value) | Amount::OfDose { dose: value, .. } = amount
        && !value.is_finite()
    {
        return Err(fault(format!("the value {value} is no finite number")));
    }
    let (start, stop) = match &action.when {
        When::Once { at } => (at, None),
        When::During { start, stop } => (start, Some(stop)),
    };
    let (starts_after, start) = triggers.place(start, network)?;
    let (stops_after, stop) = match stop {
        None => (None, None),
        Some(stop) => {
            let (trigger, stop) = triggers.place(stop, network)?;
            (trigger, Some(stop))
        }
    };
    let timed = |effect: Effect, amount: Amount| TimedEffect {
        start,
        stop,
        effect,
        amount,
        starts_after,
        stops_after,
    };
    let instantly = matches!(action.when, When::Once { .. });
    Ok(match (&action.target, action.operation) {
        (Target::Parameter(id), operation) => {
            let parameter = parameter(id.clone())?;
            match operation {
                Operation::Set => timed(
                    Effect::Set {
                        parameter,
                        zero: None,
                    },
                    amount,
                ),
                Operation::Scale => timed(
                    Effect::Scale {
                        parameter,
                        also: None,
                    },
                    amount,
                ),
                Operation::Add => timed(Effect::Add { parameter }, amount),
                Operation::Off => {
                    return Err(fault(format!(
                        "a parameter has no `off`; set `{id}` to a value"
                    )));
                }
            }
        }
        (Target::Process(id), operation) => {
            let gain = parameter(format!("process.{id}.scale"))?;
            let offset = parameter(format!("process.{id}.add"))?;
            let effect = gate(gain, offset, operation);
            timed(
                effect,
                if operation == Operation::Off {
                    Amount::Given(0.0)
                } else {
                    amount
                },
            )
        }
        (Target::Modulator(id), operation) => {
            let gain = parameter(format!("modulator.{id}.strength"))?;
            let offset = parameter(format!("modulator.{id}.add"))?;
            // factor' = 1 + strength (factor - 1) + add: a factor of v is an offset of v - 1.
            let amount = match (operation, amount) {
                (Operation::Set, Amount::Given(factor)) => Amount::Given(factor - 1.0),
                (Operation::Off, _) => Amount::Given(0.0),
                (Operation::Scale | Operation::Add, amount) => amount,
                (Operation::Set, Amount::OfDose { .. }) => {
                    return Err(fault(format!("a dose does not set the modulator `{id}`")));
                }
            };
            timed(gate(gain, offset, operation), amount)
        }
        (Target::Species(id), operation) => {
            let species = network
                .species_index(id)
                .ok_or_else(|| fault(format!("the model has no species `{id}`")))?;
            let impulse = |change: Change| Effect::Impulse { species, change };
            let effect = match (operation, instantly) {
                (Operation::Set, true) => impulse(Change::Set),
                (Operation::Scale, true) => impulse(Change::Scale),
                (Operation::Add, true) => impulse(Change::Add),
                (Operation::Set, false) => Effect::Clamp {
                    species,
                    free: parameter(format!("species.{id}.free"))?,
                    inflow: parameter(format!("species.{id}.inflow"))?,
                },
                (Operation::Add, false) => Effect::Add {
                    parameter: parameter(format!("species.{id}.inflow"))?,
                },
                (Operation::Scale, false) | (Operation::Off, _) => {
                    return Err(fault(format!(
                        "a species takes `set` and `add` over a window and `set`, `scale`, `add` \
                         once; scale or switch off the processes of `{id}` instead"
                    )));
                }
            };
            timed(effect, amount)
        }
    })
}

/// A rate or factor of the form gain × natural + offset, with gain 1 and offset 0 when nothing is
/// done. Off is set to an offset of 0.
fn gate(gain: usize, offset: usize, operation: Operation) -> Effect {
    match operation {
        Operation::Off | Operation::Set => Effect::Set {
            parameter: offset,
            zero: Some(gain),
        },
        // A rate that was set is scaled too.
        Operation::Scale => Effect::Scale {
            parameter: gain,
            also: Some(offset),
        },
        Operation::Add => Effect::Add { parameter: offset },
    }
}
