//! What an arm still waits for, as other programs can carry it out: windows and impulses that follow events
//! which have not happened yet.
//!
//! What: a blueprint is made at the start of the output; what follows an event that came before has fixed
//! ages by then. [`Awaited`] is one window or impulse that does not: when it opens and closes, and the values
//! that change then. A window's values are known beforehand only if nothing else in the arm changes the same
//! quantities: anything else is refused by name.
//!
//! Units: days, values in the unit of their quantity.

use gutbrain_network::Network;

use super::compiled::{Compiled, CompiledArm};
use super::fault::SimulateError;
use super::schedule::{Change, Effect, Schedule, TimedEffect};
use super::unfolding::{Follow, Unfolding};

/// When something is done in a life that is not known yet.
#[derive(Debug, Clone, PartialEq)]
pub enum AwaitedAge {
    /// At this age, in days.
    At(f64),
    /// So many days after an event of the model.
    After {
        /// Id of the event.
        event: String,
        /// Days.
        days: f64,
    },
}

/// See the module's description.
#[derive(Debug, Clone, PartialEq)]
pub struct Awaited {
    /// When it begins.
    pub opens: AwaitedAge,
    /// When it ends; nothing for impulses and for what goes on to the end.
    pub closes: Option<AwaitedAge>,
    /// Parameters (by index in the network) with their value while it is open, and without it.
    pub parameters: Vec<(usize, f64, f64)>,
    /// What happens to species (by index) when it begins.
    pub species: Vec<(usize, Change, f64)>,
}

/// What remains of an arm when the events so far are known: its schedule without what is awaited, and that.
///
/// # Errors
/// When something awaited changes what something else changes too, holds a species, or follows one of
/// several events.
pub(super) fn awaited(
    compiled: &Compiled,
    arm: &CompiledArm,
    unfolding: &Unfolding<'_, f64>,
    base: &[f64],
) -> Result<(Schedule, Vec<Awaited>), SimulateError> {
    let Some(follow) = &arm.follow else {
        return Ok((arm.schedule.clone(), Vec::new()));
    };
    let met = |trigger: Option<usize>| trigger.is_none_or(|it| unfolding.age(it).is_some());
    let is_known = |effect: &&TimedEffect| met(effect.starts_after) && met(effect.stops_after);
    let (known, waiting): (Vec<&TimedEffect>, Vec<&TimedEffect>) =
        follow.effects.iter().partition(is_known);
    let ages: Vec<Option<f64>> = (0..follow.triggers.len())
        .map(|trigger| unfolding.age(trigger))
        .collect();
    let only = Follow {
        effects: known.into_iter().cloned().collect(),
        ..follow.clone()
    };
    let schedule = only.schedule(&ages);
    let refuse = |cause: String| SimulateError::Action {
        origin: format!("arm `{}`", arm.name),
        cause,
    };
    let network = &compiled.network;
    let mut all = Vec::new();
    for effect in &waiting {
        let others = follow.effects.iter().filter(|other| *other != *effect);
        let touched = touched(effect);
        if let Some(shared) = others
            .flat_map(self::touched)
            .find(|it| touched.contains(it))
        {
            return Err(refuse(format!(
                "what follows the animal changes `{}`, which something else changes too: that cannot be \
                 written as events with fixed values",
                name(network, shared)
            )));
        }
        if matches!(effect.effect, Effect::Clamp { .. }) {
            return Err(refuse(
                "a species that is held from or up to an event cannot be written as events"
                    .to_owned(),
            ));
        }
        let age = |trigger: Option<usize>, age: f64| match trigger {
            None => Ok(AwaitedAge::At(age)),
            Some(trigger) => match (unfolding.age(trigger), &*follow.triggers[trigger].events) {
                (Some(met), _) => Ok(AwaitedAge::At(met + age)),
                (None, [event]) => Ok(AwaitedAge::After {
                    event: network.events[*event].id.clone(),
                    days: age,
                }),
                (None, _) => Err(refuse(format!(
                    "`{}` is the first of several events",
                    follow.triggers[trigger].word
                ))),
            },
        };
        let closes = match effect.stop {
            Some(stop) if stop.is_finite() => Some(age(effect.stops_after, stop)?),
            _ => None,
        };
        all.push(opened(
            compiled,
            effect,
            base,
            age(effect.starts_after, effect.start)?,
            closes,
        ));
    }
    Ok((schedule, all))
}

/// One effect by itself: what it changes when it is open.
fn opened(
    compiled: &Compiled,
    effect: &TimedEffect,
    base: &[f64],
    opens: AwaitedAge,
    closes: Option<AwaitedAge>,
) -> Awaited {
    let alone = TimedEffect {
        start: 0.0,
        stop: None,
        starts_after: None,
        stops_after: None,
        ..effect.clone()
    };
    let schedule = Schedule::new(vec![alone], 0.0, f64::INFINITY);
    let amounts = compiled.amounts(&schedule, base);
    let open = schedule.parameters(1, base, &amounts);
    let changed = base.iter().zip(&open).enumerate();
    // Bit for bit: a value that does not change is not written.
    let changed = changed.filter(|(_, (before, then))| before.to_bits() != then.to_bits());
    Awaited {
        opens,
        closes,
        parameters: changed
            .map(|(index, (&before, &then))| (index, then, before))
            .collect(),
        species: schedule.state_changes(0, &amounts),
    }
}

/// What an effect changes: a parameter; impulses meet each other without harm.
fn touched(effect: &TimedEffect) -> Vec<usize> {
    match effect.effect {
        Effect::Set { parameter, zero } => [Some(parameter), zero].into_iter().flatten().collect(),
        Effect::Scale { parameter, also } => {
            [Some(parameter), also].into_iter().flatten().collect()
        }
        Effect::Add { parameter } => vec![parameter],
        Effect::Clamp { free, inflow, .. } => vec![free, inflow],
        Effect::Impulse { .. } => Vec::new(),
    }
}

fn name(network: &Network, parameter: usize) -> &str {
    &network.parameters[parameter].id
}
