//! What a cohort shows at its visits, sorted by arm and by the time that is left until the event.

use std::collections::BTreeMap;

use gutbrain_network::declaration::Endpoint;

use crate::cohort::{Member, Visits};
use crate::simulate::Status;

/// What was measured of one animal at one visit, by the place of the quantity; what could not be is missing.
#[derive(Debug, Clone, PartialEq)]
pub struct Visit {
    /// Age in days.
    pub age: f64,
    /// Values in the order of [`Gathered::quantities`].
    pub values: Vec<Option<f64>>,
}

/// An animal that may fall ill.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// Age at the event in days; nothing if it was not met.
    pub event: Option<f64>,
    /// Its visits in the order of age.
    pub visits: Vec<Visit>,
}

/// A cohort at its visits.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Gathered {
    /// Names of what was measured.
    pub quantities: Vec<String>,
    /// The first arm, animal by animal.
    pub controls: Vec<Vec<Visit>>,
    /// The second arm.
    pub cases: Vec<Case>,
    /// Animals of the first arm that met the event themselves: they are no controls.
    pub ill_controls: u64,
    /// Lives that failed.
    pub failed: u64,
}

impl Gathered {
    /// Nobody yet.
    #[must_use]
    pub fn new(visits: &Visits) -> Self {
        Self {
            quantities: visits.measured().iter().map(|it| it.id.clone()).collect(),
            ..Self::default()
        }
    }

    /// Adds lives of both arms, animal by animal and in the order of the arms.
    pub fn add(&mut self, members: &[Member], visits: &Visits, event: &Endpoint) {
        for pair in members.chunks(2) {
            for (arm, member) in pair.iter().enumerate() {
                if member.run.endpoints.status != Status::Ok {
                    self.failed += 1;
                    continue;
                }
                let event = member.run.endpoints.age(event);
                if arm == 0 && event.is_some() {
                    self.ill_controls += 1;
                    continue;
                }
                let visits = self.visits_of(member, arm, visits);
                if arm == 0 {
                    self.controls.push(visits);
                } else {
                    self.cases.push(Case { event, visits });
                }
            }
        }
    }

    fn visits_of(&self, member: &Member, arm: usize, visits: &Visits) -> Vec<Visit> {
        let mut by_age: BTreeMap<u64, Visit> = BTreeMap::new();
        for assay in visits.measure(member, arm) {
            // Ages are positive, so that their bits are in their order.
            let visit = by_age.entry(assay.time.to_bits()).or_insert_with(|| Visit {
                age: assay.time,
                values: vec![None; self.quantities.len()],
            });
            visit.values[assay.measured] = Some(assay.value);
        }
        by_age.into_values().collect()
    }
}
