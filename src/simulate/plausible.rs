//! States that are no solution of the equations, whatever the solver says of its errors.
//!
//! What: loose tolerances let a method run away: its error estimate is relative to a state that is
//! nonsense already. A life fails at the first state kept of it (outputs, events, the last one) in
//! which
//! * a species is not finite, or more than [`BEYOND`] times its declared scale; or
//! * a species lies below zero by more than the tolerances explain, although the equations cannot take
//!   it there: no process consumes it where there is none of it.
//!
//! Species that may be negative (a voltage, a difference, what a scenario takes away) are left alone.

use gutbrain_integrate::{Failure, FailureReason, Outcome, Trajectory};
use gutbrain_network::network::SpeciesSlot;
use gutbrain_numbers::Scalar;

use super::compiled::Compiled;
use super::dynamics::Dynamics;

/// No amount of anything is so many times its scale.
const BEYOND: f64 = 1e30;

/// Absolute tolerances that a negative amount may come to.
const ABSOLUTE: f64 = 100.0;

/// Relative tolerances, of the largest amount before.
const RELATIVE: f64 = 2.0;

/// Ends a life where its numbers stop being a solution.
pub(super) fn refuse_implausible<R: Scalar>(
    compiled: &Compiled,
    dynamics: &mut Dynamics<'_, R>,
    life: &mut Trajectory<R>,
) {
    let species = compiled.network.species.len();
    if is_plain(compiled, life) {
        return;
    }
    let mut bounds = Bounds::new(compiled);
    let rows = life
        .times
        .iter()
        .zip(life.states.chunks_exact(species.max(1)));
    let outputs = rows.map(|(time, state)| (*time, state));
    let events = life.events.iter();
    let events = events.map(|hit| (hit.time.value(), hit.state.as_slice()));
    let last = (life.last_time, life.last_state.as_slice());
    let mut worst: Option<Failure> = None;
    for (time, state) in outputs.chain(events).chain([last]) {
        if let Some((component, reason)) = bounds.broken(dynamics, state)
            && worst.as_ref().is_none_or(|worst| time < worst.time)
        {
            worst = Some(Failure {
                time,
                component: Some(component),
                error_ratio: f64::NAN,
                reason,
            });
        }
    }
    let Some(failure) = worst else { return };
    // A failure that came before it stays; what comes after it is no number.
    let kept = life.times.iter().take_while(|time| **time < failure.time);
    let kept = kept.count();
    life.times.truncate(kept);
    life.states.truncate(kept * species);
    life.events.retain(|hit| hit.time.value() < failure.time);
    life.spans.fill(None);
    life.last_time = failure.time;
    life.outcome = Outcome::Failed(failure);
}

/// Whether nothing is below zero or beyond all bounds: so it is of nearly every life.
fn is_plain<R: Scalar>(compiled: &Compiled, life: &Trajectory<R>) -> bool {
    let species = &compiled.network.species;
    let limits: Vec<f64> = species.iter().map(|slot| BEYOND * slot.scale).collect();
    let plain = |state: &[R]| {
        let mut pairs = state.iter().zip(&limits);
        // NaN is in no range.
        pairs.all(|(amount, limit)| (0.0..=*limit).contains(&amount.value()))
    };
    life.states.chunks_exact(limits.len().max(1)).all(plain)
        && life.events.iter().all(|hit| plain(&hit.state))
        && plain(&life.last_state)
}

/// How far below zero a species may be.
struct Bounds<'c> {
    compiled: &'c Compiled,
    /// The largest amount of each species so far.
    largest: Vec<f64>,
}

impl<'c> Bounds<'c> {
    fn new(compiled: &'c Compiled) -> Self {
        Self {
            compiled,
            largest: vec![0.0; compiled.network.species.len()],
        }
    }

    /// The first species of a state that is out of bounds.
    fn broken<R: Scalar>(
        &mut self,
        dynamics: &mut Dynamics<'_, R>,
        state: &[R],
    ) -> Option<(usize, FailureReason)> {
        let options = &self.compiled.options;
        for (index, amount) in state.iter().enumerate() {
            let amount = amount.value();
            let scale = self.compiled.network.species[index].scale;
            if !amount.is_finite() {
                return Some((index, FailureReason::NonFinite));
            }
            let allowed = ABSOLUTE * options.absolute_tolerance[index]
                + RELATIVE * options.relative_tolerance * self.largest[index];
            if amount < -allowed && kept_above_zero(dynamics, state)[index] {
                return Some((index, FailureReason::Negative));
            }
            if amount.abs() > BEYOND * scale {
                return Some((index, FailureReason::Unbounded));
            }
            if amount > self.largest[index] {
                self.largest[index] = amount;
            }
        }
        None
    }
}

/// Which species the equations of an arm keep at or above zero: nothing consumes them where there is
/// none, whatever the others are.
///
/// Tried at one state with all others well above zero, and again with those that may be negative on
/// either side of it, until no more is found. Species that begin below zero, or that a scenario changes
/// by itself, are not judged.
fn kept_above_zero<R: Scalar>(dynamics: &mut Dynamics<'_, R>, state: &[R]) -> Vec<bool> {
    let network = dynamics.network();
    let size = |(species, amount): (&SpeciesSlot, &R)| {
        let amount = amount.value().abs() / species.scale;
        let bounded = if amount < 1e6 { amount } else { 1.0 };
        (1.0 + bounded) * species.scale
    };
    let sizes: Vec<f64> = network.species.iter().zip(state).map(size).collect();
    let mut kept = dynamics.left_to_the_equations();
    loop {
        let before = kept.clone();
        for side in [1.0, -1.0] {
            let amount = |(size, kept): (&f64, &bool)| match kept {
                true => R::from_f64(*size),
                false => R::from_f64(side * size),
            };
            let mut point: Vec<R> = sizes.iter().zip(&before).map(amount).collect();
            for index in (0..point.len()).filter(|index| before[*index]) {
                let amount = std::mem::replace(&mut point[index], R::from_f64(0.0));
                if !dynamics.gains_only(index, &point) {
                    kept[index] = false;
                }
                point[index] = amount;
            }
        }
        if kept == before {
            return kept;
        }
    }
}
