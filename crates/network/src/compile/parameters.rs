//! The parameters of a compiled network: declared ones, resting values, gates.

use std::collections::{BTreeMap, BTreeSet};

use crate::declaration::{Declaration, InitialValue};
use crate::expression::Expression;
use crate::fault::{Code, Collector, Fault, Place, Source};
use crate::network::{Edits, ParameterSlot};
use crate::reading::did_you_mean;
use crate::unit::Unit;

/// All parameters in order of ids.
pub(super) fn collect(
    declaration: &Declaration,
    edits: &Edits,
    faults: &Collector,
) -> Vec<ParameterSlot> {
    let mut slots: BTreeMap<String, (Unit, f64)> = BTreeMap::new();
    for (id, parameter) in &declaration.parameters {
        slots.insert(id.clone(), (parameter.unit.clone(), parameter.value));
    }
    for name in resting_names(declaration) {
        if let Some(unit) = declaration.unit_of(name) {
            slots.insert(format!("resting.{name}"), (unit, f64::NAN));
        }
    }
    check_edits(declaration, edits, faults);
    for id in &edits.adjustable_processes {
        if let Some(process) = declaration.processes.get(id) {
            slots.insert(format!("process.{id}.scale"), (Unit::one(), 1.0));
            slots.insert(format!("process.{id}.add"), (process.unit.clone(), 0.0));
        }
    }
    for id in &edits.adjustable_modulators {
        if declaration.modulators.contains_key(id) {
            slots.insert(format!("modulator.{id}.strength"), (Unit::one(), 1.0));
            slots.insert(format!("modulator.{id}.add"), (Unit::one(), 0.0));
        }
    }
    for id in &edits.adjustable_species {
        if let Some(species) = declaration.species.get(id) {
            let inflow = species.unit.divide(&Unit::day());
            slots.insert(format!("species.{id}.free"), (Unit::one(), 1.0));
            slots.insert(format!("species.{id}.inflow"), (inflow, 0.0));
        }
    }
    let slot = |(id, (unit, value))| ParameterSlot { id, unit, value };
    slots.into_iter().map(slot).collect()
}

/// Every name whose resting value something reads.
pub(super) fn resting_names(declaration: &Declaration) -> BTreeSet<&str> {
    let mut names = BTreeSet::new();
    for expression in expressions(declaration) {
        names.extend(expression.resting_names());
    }
    names
}

/// Every expression of a declaration.
fn expressions(declaration: &Declaration) -> Vec<&Expression> {
    let d = declaration;
    let mut all: Vec<&Expression> = Vec::new();
    for species in d.species.values() {
        if let InitialValue::Given(initial) = &species.initial {
            all.push(initial);
        }
    }
    for process in d.processes.values() {
        all.push(&process.rate);
        all.extend(process.changes.values());
    }
    all.extend(d.modulators.values().map(|modulator| &modulator.factor));
    all.extend(d.assignments.values().map(|assignment| &assignment.value));
    all.extend(d.observables.values().map(|observable| &observable.value));
    all.extend(d.events.values().map(|event| &event.when));
    for intervention in d.interventions.values() {
        let effects = intervention.effects.iter().chain(&intervention.impulses);
        all.extend(effects.map(|effect| &effect.value));
    }
    all
}

/// Edits name things of the model.
fn check_edits(d: &Declaration, edits: &Edits, faults: &Collector) {
    let place = Place::new(&Source::new("edits", ""), 0..0);
    let unknown = |kind: &str, id: &str, names: Vec<&String>| {
        let message = format!("the model has no {kind} `{id}`");
        let help = did_you_mean(id, names.into_iter().map(String::as_str));
        faults.add(Fault::new(Code::UnknownName, message, &place).maybe_help(help));
    };
    let process = |id: &str| {
        if !d.processes.contains_key(id) {
            unknown("process", id, d.processes.keys().collect());
        }
    };
    let modulator = |id: &str| {
        if !d.modulators.contains_key(id) {
            unknown("modulator", id, d.modulators.keys().collect());
        }
    };
    for id in edits.enabled.keys() {
        match id.split_once('.') {
            Some(("process", id)) => process(id),
            Some(("modulator", id)) => modulator(id),
            _ => unknown("process or modulator", id, Vec::new()),
        }
    }
    edits.adjustable_processes.iter().for_each(|id| process(id));
    edits
        .adjustable_modulators
        .iter()
        .for_each(|id| modulator(id));
    for id in &edits.adjustable_species {
        if !d.species.contains_key(id) {
            unknown("species", id, d.species.keys().collect());
        }
    }
}
