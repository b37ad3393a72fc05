//! How much of a run rests on evidence, and how much was assumed.
//!
//! Counted over the parameters that the active part of the network reads: those in processes,
//! modulators and assignments that are not switched off, in events, and in what the arms are given.

use std::collections::BTreeSet;

use gutbrain_network::declaration::{Common, Declaration, Role};
use gutbrain_network::expression::Expression;
use serde::Serialize;

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
        let mut reached: BTreeSet<&str> = BTreeSet::new();
        let is_active = |kind: &str, id: &str, declared: bool| {
            let switched = scenario.edits.enabled.get(&format!("{kind}.{id}"));
            switched.copied().unwrap_or(declared)
        };
        for (id, process) in &declaration.processes {
            if is_active("process", id, process.enabled) {
                counts.add_mechanism(&process.common);
                read(&mut reached, &process.rate);
                process
                    .changes
                    .values()
                    .for_each(|factor| read(&mut reached, factor));
            }
        }
        for (id, modulator) in &declaration.modulators {
            if is_active("modulator", id, modulator.enabled) {
                counts.add_mechanism(&modulator.common);
                read(&mut reached, &modulator.factor);
            }
        }
        for event in declaration.events.values() {
            read(&mut reached, &event.when);
        }
        let done = scenario.arms.iter().flat_map(|arm| &arm.shading);
        for intervention in done.filter_map(|done| declaration.interventions.get(&done.kind)) {
            let effects = intervention.effects.iter().chain(&intervention.impulses);
            effects.for_each(|effect| read(&mut reached, &effect.value));
        }
        // Assignments count when something active reads them, directly or through others.
        let mut waiting: Vec<&str> = reached.iter().copied().collect();
        while let Some(name) = waiting.pop() {
            if let Some(assignment) = declaration.assignments.get(name) {
                counts.add_mechanism(&assignment.common);
                let inside = assignment.value.names();
                for name in inside.into_iter().chain(assignment.value.resting_names()) {
                    if reached.insert(name) {
                        waiting.push(name);
                    }
                }
            }
        }
        for (id, parameter) in &declaration.parameters {
            if parameter.role == Role::Property && reached.contains(id.as_str()) {
                match (
                    parameter.common.evidence.is_empty(),
                    parameter.common.assumed.is_some(),
                ) {
                    (false, false) => counts.evidence += 1,
                    (false, true) => counts.both += 1,
                    (true, _) => counts.assumed += 1,
                }
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

fn read<'a>(reached: &mut BTreeSet<&'a str>, expression: &'a Expression) {
    reached.extend(expression.names());
    reached.extend(expression.resting_names());
}
