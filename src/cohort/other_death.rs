//! Deaths for other reasons than the disease: a competing hazard of constant rate.
//!
//! The age is exponential with the declared rate, drawn from a stream of its own. An animal that dies
//! of it first has no numbers afterwards and is censored at that age, as in the re-test of eight drugs
//! (evidence S2-30).

use gutbrain_numbers::Real;

use super::colony::Animal;
use crate::simulate::{ArmRun, EndOfLife, Status};

/// The age at death for other reasons, in days; infinite at rate 0.
pub(super) fn other_death(animal: &Animal, seed: u64, rate: f64) -> f64 {
    let uniform = animal.stream(seed, "other_death").uniform();
    if rate > 0.0 {
        -Real::ln(uniform) / rate
    } else {
        f64::INFINITY
    }
}

/// Ends a life at `age` if it lasted longer.
pub(super) fn end_at(run: &mut ArmRun, age: f64) {
    let ends = &mut run.endpoints;
    // A subject that was never born has not lived up to any age.
    let unborn = matches!(ends.status, Status::Failed(_)) && ends.last_d <= 0.0;
    if age >= ends.last_d || unborn {
        return;
    }
    ends.event = EndOfLife::OtherDeath;
    ends.last_d = age;
    ends.death_d = None;
    ends.status = Status::Ok;
    for reached in [
        &mut ends.onset_d,
        &mut ends.paralysis_d,
        &mut ends.weight_loss_d,
    ] {
        *reached = reached.filter(|reached| *reached <= age);
    }
    let kept = run.times.iter().take_while(|time| **time <= age).count();
    run.times.truncate(kept);
    for curve in run.species.iter_mut().chain(&mut run.observables) {
        curve.values.truncate(kept);
    }
    run.moments.retain(|moment| moment.age <= age);
}
