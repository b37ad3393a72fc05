//! Gates: where what is done to an arm first meets the pathways of the model.
//!
//! From the targets of the arm's actions the cause is followed through the declaration: an assignment
//! that reads something touched is touched, a process that reads something touched touches the species
//! that it changes. A modulator or process of a pathway is a *gate*: the cause ends there, whatever lies
//! behind it is reached through it. Carriers (pathways of transport that the family of the model names) are no
//! gates and are passed through. Gates of one pathway are switched together.

use std::collections::{BTreeMap, BTreeSet};

use gutbrain_network::Declaration;
use gutbrain_network::expression::Expression;

use crate::scenario::{Action, Scenario, Target};

/// The gates of every pathway that a difference between two arms meets first, by pathway.
///
/// An action on a process or modulator itself is a gate of its pathway.
#[must_use]
pub fn gates(
    declaration: &Declaration,
    scenario: &Scenario,
    differences: &[&Action],
    carriers: &[String],
) -> BTreeMap<String, BTreeSet<Target>> {
    let is_active = |kind: &str, id: &str, declared: bool| {
        let switched = scenario.edits.enabled.get(&format!("{kind}.{id}"));
        switched.copied().unwrap_or(declared)
    };
    let mut gates: BTreeMap<String, BTreeSet<Target>> = BTreeMap::new();
    let mut touched: BTreeSet<String> = BTreeSet::new();
    let mut waiting: Vec<String> = Vec::new();
    for action in differences {
        let pathway = match &action.target {
            Target::Parameter(id) | Target::Species(id) => {
                waiting.push(id.clone());
                continue;
            }
            Target::Process(id) => declaration.processes.get(id).map(|it| &it.pathway),
            Target::Modulator(id) => declaration.modulators.get(id).map(|it| &it.pathway),
        };
        let pathway = pathway
            .cloned()
            .flatten()
            .unwrap_or_else(|| OTHER.to_owned());
        gates
            .entry(pathway)
            .or_default()
            .insert(action.target.clone());
    }
    while let Some(name) = waiting.pop() {
        if !touched.insert(name.clone()) {
            continue;
        }
        // Resting values belong to the healthy animal, which is given nothing.
        let reads = |expression: &Expression| expression.names().contains(name.as_str());
        for (id, assignment) in &declaration.assignments {
            if reads(&assignment.value) {
                waiting.push(id.clone());
            }
        }
        for (id, modulator) in &declaration.modulators {
            if is_active("modulator", id, modulator.enabled) && reads(&modulator.factor) {
                let pathway = modulator.pathway.clone();
                let pathway = pathway.unwrap_or_else(|| OTHER.to_owned());
                let gate = Target::Modulator(id.clone());
                gates.entry(pathway).or_default().insert(gate);
            }
        }
        for (id, process) in &declaration.processes {
            let read = reads(&process.rate) || process.changes.values().any(reads);
            if !read || !is_active("process", id, process.enabled) {
                continue;
            }
            match &process.pathway {
                Some(pathway) if !carriers.contains(pathway) => {
                    let gate = Target::Process(id.clone());
                    gates.entry(pathway.clone()).or_default().insert(gate);
                }
                _ => waiting.extend(process.changes.keys().cloned()),
            }
        }
    }
    gates
}

/// Gates that belong to no pathway.
const OTHER: &str = "other";
