//! Checks that assignments and observables do not depend on themselves, and
//! orders them so that each is computed before it is read.

use std::collections::{BTreeMap, BTreeSet};

use crate::fault::{Code, Collector, Fault};

use super::Declaration;

/// What each assignment reads of other assignments: directly, through
/// `resting(…)` (the same thing in the steady state) and through its modulators.
pub(crate) fn assignment_reads(declaration: &Declaration) -> BTreeMap<&str, BTreeSet<&str>> {
    let known = |name: &&str| declaration.assignments.contains_key(*name);
    let mut reads: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (id, assignment) in &declaration.assignments {
        let names = assignment.value.names().into_iter();
        let all = names.chain(assignment.value.resting_names());
        reads.insert(id, all.filter(known).collect());
    }
    for modulator in declaration.modulators.values() {
        for target in &modulator.acts_on {
            let Some(id) = target.value.strip_prefix("assignment.") else {
                continue;
            };
            if let Some(set) = reads.get_mut(id) {
                let names = modulator.factor.names().into_iter();
                set.extend(names.chain(modulator.factor.resting_names()).filter(known));
            }
        }
    }
    reads
}

/// What each observable reads of other observables.
pub(crate) fn observable_reads(declaration: &Declaration) -> BTreeMap<&str, BTreeSet<&str>> {
    let known = |name: &&str| declaration.observables.contains_key(*name);
    let entries = declaration.observables.iter();
    entries
        .map(|(id, entry)| {
            (
                id.as_str(),
                entry.value.names().into_iter().filter(known).collect(),
            )
        })
        .collect()
}

/// Names in an order in which each comes after all it reads; ties by name.
///
/// # Errors
/// The names of a cycle, in order, starting with the least.
pub(crate) fn order<'a>(
    reads: &BTreeMap<&'a str, BTreeSet<&'a str>>,
) -> Result<Vec<&'a str>, Vec<&'a str>> {
    let mut missing: BTreeMap<&str, usize> =
        reads.iter().map(|(id, set)| (*id, set.len())).collect();
    let mut readers: BTreeMap<&str, Vec<&'a str>> = BTreeMap::new();
    for (id, set) in reads {
        for read in set {
            readers.entry(read).or_default().push(id);
        }
    }
    let mut ready: BTreeSet<&'a str> = reads
        .iter()
        .filter(|(_, set)| set.is_empty())
        .map(|(id, _)| *id)
        .collect();
    let mut ordered = Vec::with_capacity(reads.len());
    while let Some(id) = ready.pop_first() {
        ordered.push(id);
        for reader in readers.get(id).into_iter().flatten() {
            if let Some(count) = missing.get_mut(reader) {
                *count -= 1;
                if *count == 0 {
                    ready.insert(reader);
                }
            }
        }
    }
    if ordered.len() == reads.len() {
        return Ok(ordered);
    }
    let done: BTreeSet<&str> = ordered.into_iter().collect();
    Err(find_cycle(reads, &done))
}

/// Follows unfinished names until one comes again.
fn find_cycle<'a>(
    reads: &BTreeMap<&'a str, BTreeSet<&'a str>>,
    done: &BTreeSet<&str>,
) -> Vec<&'a str> {
    let Some(mut current) = reads.keys().find(|id| !done.contains(*id)).copied() else {
        return Vec::new();
    };
    let mut path: Vec<&str> = Vec::new();
    loop {
        if let Some(start) = path.iter().position(|id| *id == current) {
            let mut cycle = path.split_off(start);
            let least = (0..cycle.len()).min_by_key(|at| cycle[*at]).unwrap_or(0);
            cycle.rotate_left(least);
            return cycle;
        }
        path.push(current);
        let next = reads
            .get(current)
            .into_iter()
            .flatten()
            .find(|id| !done.contains(*id));
        match next {
            Some(next) => current = next,
            None => return path,
        }
    }
}

pub(super) fn check(declaration: &Declaration, faults: &Collector) {
    let report = |kind: &str, cycle: &[&str], fault: &dyn Fn(&str) -> Option<Fault>| {
        let Some(first) = cycle.first() else {
            return;
        };
        if let Some(fault) = fault(first) {
            let path: Vec<_> = cycle
                .iter()
                .chain([first])
                .map(|id| format!("`{id}`"))
                .collect();
            let help = format!(
                "{} reads each other in a circle; make one of them a [species]",
                path.join(" → ")
            );
            let help = if kind == "assignment" {
                help
            } else {
                path.join(" → ")
            };
            faults.add(fault.help(help));
        }
    };
    if let Err(cycle) = order(&assignment_reads(declaration)) {
        report("assignment", &cycle, &|id| {
            let place = &declaration.assignments.get(id)?.common.place;
            Some(Fault::new(
                Code::Cycle,
                format!("the assignment `{id}` depends on itself"),
                place,
            ))
        });
    }
    if let Err(cycle) = order(&observable_reads(declaration)) {
        report("observable", &cycle, &|id| {
            let place = &declaration.observables.get(id)?.common.place;
            Some(Fault::new(
                Code::Cycle,
                format!("the observable `{id}` depends on itself"),
                place,
            ))
        });
    }
}
