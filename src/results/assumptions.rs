//! How much of a run rests on evidence, and how much was assumed.
//!
//! Counted over the parameters that the active part of the network reads: those in processes,
//! modulators and assignments that are not switched off, in events, and in what the arms are given.

use gutbrain_network::declaration::{Common, Declaration};
use serde::Serialize;

use crate::analysis::active::Active;
use crate::scenario::Scenario;

/// Parameters of the active model by what they rest on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Assumptions {
    /// Parameters with evidence alone.
    pub evidence: usize,
    /// Parameters with evidence and an assumption about it.
    pub both: usize,
    /// Parameters that were assumed.
    pub assumed: usize,
    /// Entries other than parameters (processes, modulators, assignments) with evidence.
    pub mechanisms_with_evidence: usize,
    /// Entries other than parameters that were assumed, without evidence.
    pub mechanisms_assumed: usize,
}

impl Assumptions {
    /// Number of parameters of the active model.
    #[must_use]
    pub fn parameters(&self) -> usize {
        self.evidence + self.both + self.assumed
    }

    /// Counts the active part of a model in a scenario.
    #[must_use]
    pub fn count(declaration: &Declaration, scenario: &Scenario) -> Self {
        let mut counts = Self::default();
        let active = Active::of(declaration, scenario);
        for process in &active.processes {
            counts.add_mechanism(&process.common);
        }
        for modulator in &active.modulators {
            counts.add_mechanism(&modulator.common);
        }
        for assignment in active.assignments() {
            counts.add_mechanism(&assignment.common);
        }
        for (_, parameter) in active.parameters() {
            match (
                parameter.common.evidence.is_empty(),
                parameter.common.assumed.is_some(),
            ) {
                (false, false) => counts.evidence += 1,
                (false, true) => counts.both += 1,
                (true, _) => counts.assumed += 1,
            }
        }
        counts
    }

    fn add_mechanism(&mut self, common: &Common) {
        if common.evidence.is_empty() {
            self.mechanisms_assumed += 1;
        } else {
            self.mechanisms_with_evidence += 1;
        }
    }
}
