//! Which entries of the model stand behind an arrow of the network map.
//!
//! The map leaves out weak effects, passes through assignments that are no nodes and draws an effect on a
//! process to what the process makes; it keeps no list of what it drew. Read backwards: behind an arrow from
//! A to B stand the processes that change B and read or change A, the modulators of such processes that read
//! A, and B's own equation if it follows from A at once. Reading goes through assignments that are no nodes.

use std::collections::BTreeSet;

use gutbrain_network::Declaration;
use gutbrain_network::expression::Expression;

/// The declaration, as links are looked up in it.
pub(crate) struct Links<'d> {
    declaration: &'d Declaration,
    /// Ids that are nodes of the map; several in one node are told apart.
    nodes: BTreeSet<&'d str>,
}

impl<'d> Links<'d> {
    /// The links of a model whose map has these nodes, twins joined by `+`.
    pub(crate) fn new(declaration: &'d Declaration, nodes: &[&'d str]) -> Self {
        let nodes = nodes.iter().flat_map(|node| node.split('+')).collect();
        Self { declaration, nodes }
    }

    /// The entries behind an arrow: `process.NAME`, `modulator.NAME`, `assignment.NAME`.
    pub(crate) fn behind(&self, from: &str, to: &str) -> Vec<String> {
        let from: BTreeSet<&str> = from.split('+').collect();
        let to: BTreeSet<&str> = to.split('+').collect();
        let mut found = BTreeSet::new();
        for (id, process) in &self.declaration.processes {
            if !process.changes.keys().any(|it| to.contains(it.as_str())) {
                continue;
            }
            let moves = process.changes.keys().any(|it| from.contains(it.as_str()));
            let (reads, through) = self.read(&process.rate);
            if moves || reads.iter().any(|name| from.contains(name)) {
                found.insert(format!("process.{id}"));
            }
            self.modulators(&format!("process.{id}"), &from, &mut found);
            for name in through {
                self.modulators(&format!("assignment.{name}"), &from, &mut found);
            }
        }
        for (id, assignment) in &self.declaration.assignments {
            if to.contains(id.as_str()) {
                let (reads, _) = self.read(&assignment.value);
                if reads.iter().any(|name| from.contains(name)) {
                    found.insert(format!("assignment.{id}"));
                }
                self.modulators(&format!("assignment.{id}"), &from, &mut found);
            }
        }
        found.into_iter().collect()
    }

    /// The modulators of an entry that read any of these.
    fn modulators(&self, target: &str, from: &BTreeSet<&str>, found: &mut BTreeSet<String>) {
        for (id, modulator) in &self.declaration.modulators {
            if modulator.acts_on.iter().any(|on| on.value == target) {
                let (reads, _) = self.read(&modulator.factor);
                if reads.iter().any(|name| from.contains(name)) {
                    found.insert(format!("modulator.{id}"));
                }
            }
        }
    }

    /// What an expression reads, and the assignments that it reads it through.
    fn read<'e>(&'e self, expression: &'e Expression) -> (BTreeSet<&'e str>, BTreeSet<&'e str>) {
        let mut waiting: Vec<&str> = expression.names().into_iter().collect();
        let (mut reads, mut through) = (BTreeSet::new(), BTreeSet::new());
        while let Some(name) = waiting.pop() {
            match self.declaration.assignments.get(name) {
                Some(assignment) if !self.nodes.contains(name) => {
                    if through.insert(name) {
                        waiting.extend(assignment.value.names());
                    }
                }
                _ => {
                    reads.insert(name);
                }
            }
        }
        (reads, through)
    }
}
