//! Deaths for other reasons than the disease: a competing hazard of constant rate.
//!
//! The age is exponential with the declared rate, drawn from a stream of its own. An animal that dies
//! of it first has no numbers afterwards and is censored at that age, as in the re-test of eight drugs
//! (evidence S2-30).

use gutbrain_network::declaration::EndpointRole;
use gutbrain_numbers::Real;

use super::allocation::Animal;
use crate::simulate::feature::Reading;
use crate::simulate::{ArmRun, EndOfLife, Endpoints, LifeRecord, Missing, Status};

/// The age at death for other reasons, in days; infinite at rate 0.
#[must_use]
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
    if !cut(&mut run.endpoints, age) {
        return;
    }
    let kept = run.times.iter().take_while(|time| **time <= age).count();
    run.times.truncate(kept);
    for curve in run.species.iter_mut().chain(&mut run.observables) {
        curve.values.truncate(kept);
    }
    run.moments.retain(|moment| moment.age <= age);
    run.remarks.retain(|remark| remark.age <= age);
}

/// The same for what was kept of a life; `readings` are those of its inquiry.
pub fn end_record_at(record: &mut LifeRecord, readings: &[Reading], age: f64) {
    if !cut(&mut record.endpoints, age) {
        return;
    }
    let ends = &record.endpoints;
    for (found, reading) in record.readings.iter_mut().zip(readings) {
        let missed = reading
            .endpoints(ends.ages.set())
            .into_iter()
            .find(|endpoint| ends.age(endpoint).is_none());
        if *reading == Reading::Life {
            *found = Ok(age);
        } else if let Some(endpoint) = missed {
            *found = Err(Missing::NotReached(endpoint));
        } else if reading.ages().iter().any(|read| *read > age) {
            *found = Err(Missing::NotAlive);
        }
    }
}

/// Whether the life lasted longer than to `age`; it ends there then.
fn cut(ends: &mut Endpoints, age: f64) -> bool {
    // A subject that was never born has not lived up to any age.
    let without_birth = matches!(ends.status, Status::Failed(_)) && ends.last_d <= 0.0;
    if age >= ends.last_d || without_birth {
        return false;
    }
    ends.event = EndOfLife::OtherDeath;
    ends.last_d = age;
    ends.status = Status::Ok;
    let death = ends.ages.set().with_role(EndpointRole::Death).cloned();
    ends.ages.change(|endpoint, reached| {
        let counts = Some(endpoint) != death.as_ref();
        reached.filter(|reached| counts && *reached <= age)
    });
    true
}
