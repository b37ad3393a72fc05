//! What a design sees of one animal from entry on: its visits with their errors and gaps, its leaving, its
//! survival.

use gutbrain_numbers::Real;
use gutbrain_statistics::random::Stream;
use gutbrain_statistics::survival::Observation;

use super::entry::with_error;
use crate::scenario::{CoursePlan, Leaving, LeavingBy};

/// An animal of the pool that enters a design: without the treatment, with it.
#[derive(Debug, Clone, PartialEq)]
pub struct Entered {
    /// Its two lives from entry on.
    pub lives: [Seen; 2],
    /// Its stratum, 0 where there are none.
    pub stratum: u64,
}

/// A life from entry on, without errors of measurement.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// Its end, in days after entry.
    pub survival: Observation,
    /// What is measured at every visit; nothing after the end of the life.
    pub values: Vec<Option<f64>>,
}

/// What a trial sees of an animal, errors and gaps included.
#[derive(Debug, Clone, PartialEq)]
pub struct Watched {
    /// Its end, or its leaving, in days after entry.
    pub survival: Observation,
    /// Visits that were made, in days after entry, with what was measured.
    pub visits: Vec<(f64, f64)>,
}

/// Watches a life. As many numbers are drawn for every life, so that one animal more or less alive changes
/// no other.
pub(super) fn watch(plan: &CoursePlan, seen: &Seen, stream: &mut Stream) -> Watched {
    let uniform = stream.uniform();
    let mut stay = Stay::new(plan, uniform);
    let mut visits = Vec::with_capacity(plan.visits.len());
    for (number, (&time, value)) in plan.visits.iter().zip(&seen.values).enumerate() {
        let (z, uniform) = (stream.normal(), stream.uniform());
        stay.up_to(time, *value);
        let missed = number > 0 && uniform < plan.missing;
        let Some(value) = value.filter(|_| !missed && time <= stay.leaves) else {
            continue;
        };
        let value = with_error(value, plan.endpoint.measure().map(|it| it.error), z);
        stay.saw(value);
        visits.push((time, value));
    }
    stay.up_to(f64::INFINITY, None);
    Watched {
        survival: until(seen.survival, stay.leaves.min(plan.until)),
        visits,
    }
}

/// When an animal leaves: its hazard is constant between visits, and what it adds up to is compared with an
/// exponential draw.
struct Stay {
    hazard: f64,
    leaving: Option<Leaving>,
    /// What is left of the draw at `time`.
    left: f64,
    time: f64,
    /// What was measured last.
    seen: Option<f64>,
    /// When it leaves; infinite as long as it is not known to.
    leaves: f64,
}

impl Stay {
    fn new(plan: &CoursePlan, uniform: f64) -> Self {
        let draw = -Real::ln(uniform);
        let constant = plan.dropout > 0.0 && plan.leaving.is_none();
        Self {
            hazard: plan.dropout,
            leaving: plan.leaving,
            left: draw,
            time: 0.0,
            seen: None,
            leaves: if constant {
                draw / plan.dropout
            } else {
                f64::INFINITY
            },
        }
    }

    /// Lives on to a time, at which the true value is `value`.
    fn up_to(&mut self, time: f64, value: Option<f64>) {
        let Some(leaving) = self.leaving.filter(|_| self.leaves.is_infinite()) else {
            return;
        };
        let value = match leaving.by {
            LeavingBy::Seen => self.seen,
            LeavingBy::Unseen => value.or(self.seen),
        };
        let doublings = value.map_or(0.0, |value| (value - leaving.usual) / leaving.doubles);
        // Beyond a factor of a million it is certain, or never.
        let hazard = self.hazard * Real::exp(Real::ln(2.0) * doublings.clamp(-20.0, 20.0));
        let adds = hazard * (time - self.time);
        if adds >= self.left {
            self.leaves = self.time + self.left / hazard;
        } else {
            self.left -= adds;
            self.time = time;
        }
    }

    fn saw(&mut self, value: f64) {
        self.seen = Some(value);
    }
}

/// What is seen up to a time.
pub(super) fn until(survival: Observation, last: f64) -> Observation {
    if survival.time > last {
        Observation::censored(last)
    } else {
        survival
    }
}
