//! Who the animals are: sex, litter and lost copies of the transgene.
//!
//! Twins are the same animals in every arm. Randomised arms hold different animals; when litters are
//! matched, animal i of every arm comes from the same litter and has the same sex, which is what
//! splitting litter mates over the arms means; otherwise every arm has litters of its own,
//! `litter_size` animals from each.

use gutbrain_network::declaration::Sex;
use gutbrain_statistics::random::Stream;

use super::group::GroupParameters;
use crate::scenario::{AllocationPlan, Litters, LowCopy, Pairing, Sexes};

/// One animal before its parameters are drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Animal {
    /// Its number within the arm, from 1.
    pub number: u64,
    /// Its sex.
    pub sex: Sex,
    /// Number of its litter, from 1.
    pub litter: u64,
    /// Whether it lost copies of the transgene.
    pub low_copy: bool,
    /// Part of the names of its own streams: empty, or its arm.
    pub(super) own_scope: String,
    /// Part of the names of the streams of its litter: empty, or its arm.
    pub(super) litter_scope: String,
}

impl Animal {
    /// The stream of a draw of this animal alone.
    pub(super) fn stream(&self, seed: u64, what: &str) -> Stream {
        Stream::new(
            seed,
            &format!("animal/{}/{what}", self.own_scope),
            self.number,
        )
    }

    /// The stream of a draw that it shares with its litter.
    pub(super) fn litter_stream(&self, seed: u64, what: &str) -> Stream {
        Stream::new(
            seed,
            &format!("litter/{}/{what}", self.litter_scope),
            self.litter,
        )
    }
}

/// Where the animals of an experiment come from.
#[derive(Debug, Clone)]
pub struct Allocation {
    seed: u64,
    plan: AllocationPlan,
    pairing: Pairing,
    litter_size: u64,
    low_copy_share: f64,
}

impl Allocation {
    /// An allocation with these properties; the same seed gives the same animals.
    #[must_use]
    pub fn new(seed: u64, plan: AllocationPlan, pairing: Pairing, group: &GroupParameters) -> Self {
        Self {
            seed,
            plan,
            pairing,
            litter_size: group.litter_size,
            low_copy_share: group.low_copy_share,
        }
    }

    /// Animal `number` (from 1) of an arm.
    #[must_use]
    pub fn animal(&self, arm: &str, number: u64) -> Animal {
        let index = number - 1;
        let by_arm = match self.pairing {
            Pairing::Twins => String::new(),
            Pairing::Randomised => arm.to_owned(),
        };
        let (litter, litter_scope) = match self.plan.litters {
            Litters::Matched => (number, String::new()),
            Litters::Single => (number, by_arm.clone()),
            Litters::ByArm => (index / self.litter_size + 1, by_arm.clone()),
        };
        let mut animal = Animal {
            number,
            sex: Sex::Female,
            litter,
            low_copy: false,
            own_scope: by_arm,
            litter_scope,
        };
        animal.sex = match self.plan.sexes {
            Sexes::Balanced if index.is_multiple_of(2) => Sex::Female,
            Sexes::Balanced | Sexes::Male => Sex::Male,
            Sexes::Female => Sex::Female,
            Sexes::Random if animal.stream(self.seed, "sex").uniform() < 0.5 => Sex::Female,
            Sexes::Random => Sex::Male,
        };
        animal.low_copy = self.plan.low_copy == LowCopy::Included
            && animal.stream(self.seed, "low_copy").uniform() < self.low_copy_share;
        animal
    }
}
