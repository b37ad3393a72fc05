//! What of a model acts in a scenario: processes and modulators that are not switched off, events, what
//! the arms are given, and every name that these read, directly or through assignments.

use std::collections::{BTreeMap, BTreeSet};

use gutbrain_network::declaration::{
    Assignment, Declaration, InitialValue, Modulator, Parameter, Process, Role,
};
use gutbrain_network::expression::Expression;

use crate::scenario::Scenario;

/// The active part of a model; see the module's description.
#[derive(Debug, Clone)]
pub struct Active<'a> {
    declaration: &'a Declaration,
    /// Processes that happen.
    pub processes: Vec<&'a Process>,
    /// Modulators that act.
    pub modulators: Vec<&'a Modulator>,
    names: BTreeSet<&'a str>,
}

impl<'a> Active<'a> {
    /// The active part of a model in a scenario.
    #[must_use]
    pub fn of(declaration: &'a Declaration, scenario: &Scenario) -> Self {
        let is_active = |kind: &str, id: &str, declared: bool| {
            let switched = scenario.edits.enabled.get(&format!("{kind}.{id}"));
            switched.copied().unwrap_or(declared)
        };
        let processes = declaration.processes.iter();
        let modulators = declaration.modulators.iter();
        let mut active = Self {
            declaration,
            processes: processes
                .filter(|(id, process)| is_active("process", id, process.enabled))
                .map(|(_, process)| process)
                .collect(),
            modulators: modulators
                .filter(|(id, modulator)| is_active("modulator", id, modulator.enabled))
                .map(|(_, modulator)| modulator)
                .collect(),
            names: BTreeSet::new(),
        };
        let mut read: Vec<&'a Expression> = Vec::new();
        for process in &active.processes {
            read.push(&process.rate);
            read.extend(process.changes.values());
        }
        read.extend(active.modulators.iter().map(|modulator| &modulator.factor));
        read.extend(declaration.events.values().map(|event| &event.when));
        let done = scenario.arms.iter().flat_map(|arm| &arm.shading);
        for intervention in done.filter_map(|done| declaration.interventions.get(&done.kind)) {
            let effects = intervention.effects.iter().chain(&intervention.impulses);
            read.extend(effects.map(|effect| &effect.value));
        }
        for expression in read {
            active.reach(expression);
        }
        active
    }

    /// Adds what the state at birth is computed from.
    pub fn reach_birth(&mut self) {
        let declaration = self.declaration;
        for species in declaration.species.values() {
            if let InitialValue::Given(value) = &species.initial {
                self.reach(value);
            }
        }
    }

    /// Adds what an observable is computed from.
    pub fn reach_observable(&mut self, id: &str) {
        let declaration = self.declaration;
        if let Some(observable) = declaration.observables.get(id) {
            self.reach(&observable.value);
        }
    }

    fn reach(&mut self, expression: &'a Expression) {
        let mut waiting: Vec<&'a str> = names_in(expression).collect();
        while let Some(name) = waiting.pop() {
            if self.names.insert(name)
                && let Some(assignment) = self.declaration.assignments.get(name)
            {
                waiting.extend(names_in(&assignment.value));
            }
        }
    }

    /// Assignments that something active reads.
    pub fn assignments(&self) -> impl Iterator<Item = &'a Assignment> {
        let declared = self.declaration.assignments.iter();
        declared
            .filter(|(id, _)| self.names.contains(id.as_str()))
            .map(|(_, assignment)| assignment)
    }

    /// Properties of the biology and the animal that something active reads, in the order of ids.
    pub fn parameters(&self) -> impl Iterator<Item = (&'a str, &'a Parameter)> {
        let declared = self.declaration.parameters.iter();
        declared
            .filter(|(id, parameter)| {
                parameter.role == Role::Property && self.names.contains(id.as_str())
            })
            .map(|(id, parameter)| (id.as_str(), parameter))
    }

    /// The pathways in which every name acts: those of the processes and modulators that read it,
    /// directly or through assignments.
    #[must_use]
    pub fn pathways(&self) -> BTreeMap<&'a str, BTreeSet<&'a str>> {
        let mut pathways: BTreeMap<&'a str, BTreeSet<&'a str>> = BTreeMap::new();
        let mut readers: Vec<(&'a str, &'a Expression)> = Vec::new();
        for process in &self.processes {
            if let Some(pathway) = &process.pathway {
                readers.push((pathway, &process.rate));
                readers.extend(process.changes.values().map(|factor| (&**pathway, factor)));
            }
        }
        for modulator in &self.modulators {
            if let Some(pathway) = &modulator.pathway {
                readers.push((pathway, &modulator.factor));
            }
        }
        for (pathway, expression) in readers {
            let mut waiting: Vec<&'a str> = names_in(expression).collect();
            while let Some(name) = waiting.pop() {
                if pathways.entry(name).or_default().insert(pathway)
                    && let Some(assignment) = self.declaration.assignments.get(name)
                {
                    waiting.extend(names_in(&assignment.value));
                }
            }
        }
        pathways
    }
}

fn names_in(expression: &Expression) -> impl Iterator<Item = &str> {
    let direct = expression.names().into_iter();
    direct.chain(expression.resting_names())
}
