//! [`Resolution`]: which numbers of two lives of one animal the solver can tell apart.
//!
//! The solver keeps the error of every step below `rtol` of the state. An animal that is treated is
//! stepped otherwise than its twin that is not, because every window makes the integration start anew:
//! the two differ by the errors of both even where the treatment changes nothing. Relative to the age at
//! death, 40 such twins of the shipped model differ by up to 0.09 `rtol` at 1e-3, 0.05 at 1e-4, 0.016 at
//! 1e-6 and 0.002 at 1e-8, and a rank test takes each of these differences for an effect: it sees the
//! sign alone. Two numbers that are closer than `rtol` of the larger one are therefore one number: a
//! difference of 0, a ratio of 1, a tie. At the default of 1e-6 an age of 130 d is known to 11 s.
//!
//! R's `survival` package ties ages that are closer than 1.5e-8 of their mean (`timefix`), which is the
//! rounding of the computer, not of a solver. Here the twin of the first arm says what the time is, so
//! that nothing is chained: animals that are near to each other by chance stay apart.
//!
//! It is applied once, where the lives of an animal leave the solver ([`Resolution::tie`]), so that
//! every table, test and estimate sees the same ages.

use super::run::{EndOfLife, Endpoints};

/// How much larger the errors of values are than those of ages. Species and observables of twins of the
/// shipped model differ at any age by up to 0.5 `rtol` of their value, and by 5 `rtol` where they are close
/// to their absolute tolerance (cells that have just begun to come).
pub const OF_VALUES: f64 = 10.0;

/// The smallest share that is looked at: below it the search for an event rounds.
const FLOOR: f64 = 1e-10;

/// What a solution of some relative tolerance can tell apart.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Resolution {
    relative: f64,
}

impl Resolution {
    /// That of lives solved with the relative tolerance `rtol`.
    #[must_use]
    pub fn new(rtol: f64) -> Self {
        Self {
            relative: rtol.max(FLOOR),
        }
    }

    /// The distance that counts as none between numbers of this size, in their unit.
    #[must_use]
    pub fn at(self, size: f64) -> f64 {
        self.relative * size.abs()
    }

    /// Whether two numbers are one; what is not finite is never.
    #[must_use]
    pub fn is_one(self, a: f64, b: f64) -> bool {
        self.is_one_at(a, b, a.abs().max(b.abs()))
    }

    /// The same for values of species and observables, and numbers computed from them: their errors are
    /// larger than those of ages.
    #[must_use]
    pub fn is_one_value(self, a: f64, b: f64) -> bool {
        self.is_one_at(a, b, OF_VALUES * a.abs().max(b.abs()))
    }

    /// The same for numbers that were computed from others of size `scale` (a slope from values): what
    /// is left of their errors is larger than their own size tells.
    #[must_use]
    pub fn is_one_at(self, a: f64, b: f64, scale: f64) -> bool {
        (a - b).abs() <= self.at(scale)
    }

    /// `own` less `other`; 0 where they are one.
    #[must_use]
    pub fn difference(self, own: f64, other: f64) -> f64 {
        if self.is_one(own, other) {
            0.0
        } else {
            own - other
        }
    }

    /// The ages of a life against those of its twin: what cannot be told apart becomes the twin's.
    pub fn tie(self, twin: &Endpoints, life: &mut Endpoints) {
        life.ages
            .change(|endpoint, own| match (own, twin.age(endpoint)) {
                (Some(age), Some(same)) if self.is_one(age, same) => Some(same),
                _ => own,
            });
        if self.is_one(life.last_d, twin.last_d) {
            life.last_d = twin.last_d;
        } else if life.event == EndOfLife::Death {
            life.last_d = life.death_d().unwrap_or(life.last_d);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gutbrain_network::declaration::{EndpointRole, Family};

    use crate::simulate::{Ages, Status};

    fn ages(onset: Option<f64>, death: Option<f64>) -> Ages {
        let set = Family::plain().endpoints;
        let first = set.with_role(EndpointRole::Onset).cloned();
        Ages::new(&set, |endpoint| match Some(endpoint) == first.as_ref() {
            true => onset,
            false => death,
        })
    }

    fn life(death: Option<f64>, last: f64) -> Endpoints {
        let onset = death.map(|age| age - 30.0);
        Endpoints {
            ages: ages(onset, death),
            last_d: last,
            event: death.map_or(EndOfLife::Censored, |_| EndOfLife::Death),
            status: Status::Ok,
        }
    }

    #[test]
    fn what_the_solver_cannot_tell_apart_is_one() {
        let resolution = Resolution::new(1e-6);
        assert!(resolution.is_one(130.0, 130.000_1) && !resolution.is_one(130.0, 130.001));
        assert!(resolution.is_one(0.0, 0.0) && !resolution.is_one(0.0, 1e-300));
        assert!(!resolution.is_one(f64::NAN, f64::NAN));
        assert!(!resolution.is_one(f64::INFINITY, f64::INFINITY));
        assert!(
            resolution
                .difference(130.000_1, 130.0)
                .total_cmp(&0.0)
                .is_eq()
        );
        assert!((resolution.difference(150.0, 130.0) - 20.0).abs() < 1e-12);
        // A slope of almost nothing between values of a hundred.
        assert!(resolution.is_one_at(1e-7, -2e-7, 100.0 / 30.0));
        assert!(!resolution.is_one(1e-7, -2e-7));
        // A tolerance below what an event is located to changes nothing.
        assert!(Resolution::new(1e-15).is_one(130.0, 130.0 + 1e-9));
    }

    #[test]
    fn a_twin_takes_over_what_is_one_and_keeps_the_rest() {
        let resolution = Resolution::new(1e-6);
        let twin = life(Some(130.0), 130.0);
        let mut same = life(Some(130.000_02), 130.000_02);
        resolution.tie(&twin, &mut same);
        assert_eq!(same, twin);
        let treated = life(Some(151.0), 151.0);
        let mut kept = treated.clone();
        resolution.tie(&twin, &mut kept);
        assert_eq!(kept, treated);
        // Another onset, the same death.
        let mut half = Endpoints {
            ages: ages(Some(104.0), Some(129.999_99)),
            ..life(Some(129.999_99), 129.999_99)
        };
        resolution.tie(&twin, &mut half);
        assert_eq!((half.onset_d(), half.death_d()), (Some(104.0), Some(130.0)));
        // One dies just before the end, the other is alive there: both were followed equally long.
        let mut alive = life(None, 260.0);
        resolution.tie(&life(Some(259.999_99), 259.999_99), &mut alive);
        assert_eq!((alive.death_d(), alive.event), (None, EndOfLife::Censored));
        assert!((alive.last_d - 259.999_99).abs() < 1e-9);
    }
}
