//! Checks that every name an entry uses exists and is of a kind that fits there.

use std::collections::{BTreeMap, BTreeSet};

use crate::expression::{Expression, NodeKind, RESERVED};
use crate::fault::{Code, Collector, Fault, Place};
use crate::reading::{Written, did_you_mean};

use super::entry::{Common, InitialValue};
use super::{Declaration, Effect};

/// What an expression may read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reads {
    /// Parameters only.
    Parameters,
    /// Parameters, resting values and the dose.
    Dose,
    /// Species, parameters, assignments, resting values.
    State,
    /// All that and observables.
    Measurements,
}

impl Reads {
    fn says(self) -> &'static str {
        match self {
            Self::Parameters => "only parameters can be read here",
            Self::Dose => "only parameters, `dose` and resting values can be read here",
            Self::State => "species, parameters and assignments can be read here",
            Self::Measurements => {
                "species, parameters, assignments and observables can be read here"
            }
        }
    }
}

struct Checker<'a> {
    declaration: &'a Declaration,
    /// Every id that was written, even where its entry could not be read.
    written: &'a BTreeSet<&'a str>,
    faults: &'a Collector,
    /// The kind of every entry that expressions could name.
    kinds: BTreeMap<&'a str, &'static str>,
}

pub(super) fn check(declaration: &Declaration, written: &BTreeSet<&str>, faults: &Collector) {
    let checker = Checker {
        declaration,
        written,
        faults,
        kinds: kinds(declaration),
    };
    checker.commons();
    checker.places();
    checker.expressions();
    checker.targets();
    checker.ledger();
}

impl Checker<'_> {
    /// Evidence rows that entries rest on.
    fn commons(&self) {
        let d = self.declaration;
        let all: Vec<&Common> = (d.compartments.values().map(|entry| &entry.common))
            .chain(d.species.values().map(|entry| &entry.common))
            .chain(d.parameters.values().map(|entry| &entry.common))
            .chain(d.processes.values().map(|entry| &entry.common))
            .chain(d.modulators.values().map(|entry| &entry.common))
            .chain(d.assignments.values().map(|entry| &entry.common))
            .chain(d.observables.values().map(|entry| &entry.common))
            .chain(d.events.values().map(|entry| &entry.common))
            .chain(d.interventions.values().map(|entry| &entry.common))
            .chain(d.variants.values().map(|entry| &entry.common))
            .collect();
        for common in all {
            self.rows(&common.evidence);
        }
        for assay in d.observables.values().filter_map(|o| o.assay.as_ref()) {
            self.rows(&assay.evidence);
        }
        for dose in d.interventions.values().map(|entry| &entry.dose) {
            for range in dose.studied.iter().chain(&dose.survived) {
                self.rows(&range.evidence);
            }
        }
        for subject in d.subjects.values() {
            for value in subject.parameters.values() {
                self.rows(&value.evidence);
            }
            for difference in subject.sexes.values() {
                self.rows(&difference.evidence);
            }
        }
    }

    fn rows(&self, rows: &[Written<String>]) {
        for row in rows {
            if !self.declaration.evidence.contains_key(&row.value)
                && !self.written.contains(row.value.as_str())
            {
                let message = format!("there is no evidence row `{}`", row.value);
                let known = self.declaration.evidence.keys().map(String::as_str);
                let help = self.alike(&row.value, known);
                self.add(Code::UnknownEvidence, message, &row.place, help);
            }
        }
    }

    /// Advice is dear to find: not for faults that are counted only.
    fn alike<'n>(&self, name: &str, names: impl IntoIterator<Item = &'n str>) -> Option<String> {
        if self.faults.is_full() {
            return None;
        }
        did_you_mean(name, names)
    }

    fn add(&self, code: Code, message: String, place: &Place, help: Option<String>) {
        self.faults
            .add(Fault::new(code, message, place).maybe_help(help));
    }

    /// Compartments that species and assignments are in.
    fn places(&self) {
        let d = self.declaration;
        let species = d.species.values().map(|entry| &entry.compartment);
        let assignments = d
            .assignments
            .values()
            .filter_map(|entry| entry.compartment.as_ref());
        for compartment in species.chain(assignments) {
            self.exists(
                "compartment",
                &compartment.value,
                &compartment.place,
                |id| d.compartments.contains_key(id),
            );
        }
    }

    /// A fault unless the name is one of `kind`.
    fn exists(&self, kind: &str, id: &str, place: &Place, is: impl Fn(&str) -> bool) {
        if is(id) {
            return;
        }
        let names = self.names_of(kind);
        match self.kind_of(id) {
            Some(other) => {
                let message = format!("`{id}` is a {other}, not a {kind}");
                self.add(Code::WrongKind, message, place, self.alike(id, names));
            }
            // Written but not readable: its own fault says more.
            None if self.written.contains(id) => {}
            None => {
                let message = format!("there is no {kind} `{id}`");
                self.add(Code::UnknownName, message, place, self.alike(id, names));
            }
        }
    }

    fn names_of(&self, kind: &str) -> Vec<&str> {
        let d = self.declaration;
        let names: Box<dyn Iterator<Item = &String>> = match kind {
            "compartment" => Box::new(d.compartments.keys()),
            "species" => Box::new(d.species.keys()),
            "parameter" => Box::new(d.parameters.keys()),
            "process" => Box::new(d.processes.keys()),
            "assignment" => Box::new(d.assignments.keys()),
            _ => Box::new(std::iter::empty()),
        };
        names.map(String::as_str).collect()
    }

    fn kind_of(&self, id: &str) -> Option<&'static str> {
        self.kinds.get(id).copied()
    }

    fn expressions(&self) {
        let d = self.declaration;
        for species in d.species.values() {
            if let InitialValue::Given(initial) = &species.initial {
                self.expression(initial, Reads::Parameters);
            }
        }
        for process in d.processes.values() {
            self.expression(&process.rate, Reads::State);
            for coefficient in process.changes.values() {
                self.expression(coefficient, Reads::Parameters);
            }
        }
        for modulator in d.modulators.values() {
            self.expression(&modulator.factor, Reads::State);
        }
        for assignment in d.assignments.values() {
            self.expression(&assignment.value, Reads::State);
        }
        for observable in d.observables.values() {
            self.expression(&observable.value, Reads::Measurements);
        }
        for event in d.events.values() {
            self.expression(&event.when, Reads::Measurements);
        }
        for intervention in d.interventions.values() {
            for effect in intervention.effects.iter().chain(&intervention.impulses) {
                self.expression(&effect.value, Reads::Dose);
            }
        }
    }

    fn expression(&self, expression: &Expression, reads: Reads) {
        for (index, node) in expression.nodes().iter().enumerate() {
            match &node.kind {
                NodeKind::Name(name) => self.name(name, &expression.place_of(index), reads),
                NodeKind::Resting(name) => self.resting(name, &expression.place_of(index), reads),
                _ => {}
            }
        }
    }

    fn name(&self, name: &str, place: &Place, reads: Reads) {
        if reads == Reads::Dose && name == "dose" {
            return;
        }
        if let Some((_, why)) = RESERVED.iter().find(|(word, _)| *word == name) {
            let message = format!("`{name}` cannot be read here");
            self.add(Code::ReservedName, message, place, Some((*why).to_owned()));
            return;
        }
        let kind = self.kind_of(name);
        let fits = match kind {
            Some("parameter") => true,
            Some("species" | "assignment") => matches!(reads, Reads::State | Reads::Measurements),
            Some("observable") => reads == Reads::Measurements,
            _ => false,
        };
        if fits {
            return;
        }
        match kind {
            Some("observable") => {
                let message = format!("`{name}` is an observable: what is measured never acts");
                let help = "declare it as an [assignment] if processes depend on it".to_owned();
                self.add(Code::WrongKind, message, place, Some(help));
            }
            Some(kind) => {
                let message = format!("`{name}` is a {kind}");
                self.add(
                    Code::WrongKind,
                    message,
                    place,
                    Some(reads.says().to_owned()),
                );
            }
            None if self.written.contains(name) => {}
            None => {
                let message = format!("unknown name `{name}`");
                let d = self.declaration;
                let names = (d.species.keys().chain(d.parameters.keys()))
                    .chain(d.assignments.keys())
                    .map(String::as_str);
                let help = self
                    .alike(name, names)
                    .unwrap_or_else(|| reads.says().to_owned());
                self.add(Code::UnknownName, message, place, Some(help));
            }
        }
    }

    fn resting(&self, name: &str, place: &Place, reads: Reads) {
        if reads == Reads::Parameters {
            let message = "resting values follow from the initial state and cannot be read here";
            self.add(
                Code::WrongKind,
                message.to_owned(),
                place,
                Some(reads.says().to_owned()),
            );
            return;
        }
        match self.kind_of(name) {
            Some("species" | "assignment") => {}
            Some(kind) => {
                let message = format!(
                    "`{name}` is a {kind}: only species and assignments have resting values"
                );
                self.add(Code::WrongKind, message, place, None);
            }
            None if self.written.contains(name) => {}
            None => {
                let message = format!("unknown name `{name}`");
                let d = self.declaration;
                let names = d
                    .species
                    .keys()
                    .chain(d.assignments.keys())
                    .map(String::as_str);
                self.add(Code::UnknownName, message, place, self.alike(name, names));
            }
        }
    }

    /// What processes change, modulators act on, interventions set, parameters go with.
    fn targets(&self) {
        let d = self.declaration;
        for process in d.processes.values() {
            for (species, coefficient) in &process.changes {
                let place = coefficient.place();
                self.exists("species", species, place, |id| d.species.contains_key(id));
            }
        }
        for modulator in d.modulators.values() {
            for target in &modulator.acts_on {
                match target.value.split_once('.') {
                    Some(("process", id)) => {
                        self.exists("process", id, &target.place, |id| {
                            d.processes.contains_key(id)
                        });
                    }
                    Some(("assignment", id)) => {
                        self.exists("assignment", id, &target.place, |id| {
                            d.assignments.contains_key(id)
                        });
                    }
                    _ => {
                        let message = format!("a modulator cannot act on `{}`", target.value);
                        let help = "write process.NAME or assignment.NAME".to_owned();
                        self.add(Code::UnknownName, message, &target.place, Some(help));
                    }
                }
            }
        }
        for intervention in d.interventions.values() {
            let target = |kind: &str, effect: &Effect, is: &dyn Fn(&str) -> bool| {
                self.exists(kind, &effect.target.value, &effect.target.place, is);
            };
            for effect in &intervention.effects {
                target("parameter", effect, &|id| d.parameters.contains_key(id));
            }
            for effect in &intervention.impulses {
                target("species", effect, &|id| d.species.contains_key(id));
            }
        }
        for (id, parameter) in &d.parameters {
            for other in parameter.correlated_with.keys() {
                let place = &parameter.common.place;
                self.exists("parameter", other, place, |id| {
                    d.parameters.contains_key(id)
                });
                if other == id {
                    let message = format!("`{id}` cannot be correlated with itself");
                    self.add(Code::BadCorrelation, message, place, None);
                }
            }
        }
    }

    /// Rows that name other rows.
    fn ledger(&self) {
        for row in self.declaration.evidence.values() {
            self.rows(&row.conflicts_with);
        }
    }
}

/// The kind of every id of the shared namespace; those that carry values win.
fn kinds(d: &Declaration) -> BTreeMap<&str, &'static str> {
    let mut kinds: BTreeMap<&str, &'static str> = BTreeMap::new();
    let mut add = |kind, ids: Vec<_>| {
        for id in ids {
            kinds.entry(id).or_insert(kind);
        }
    };
    add("species", d.species.keys().map(String::as_str).collect());
    add(
        "parameter",
        d.parameters.keys().map(String::as_str).collect(),
    );
    add(
        "assignment",
        d.assignments.keys().map(String::as_str).collect(),
    );
    add(
        "observable",
        d.observables.keys().map(String::as_str).collect(),
    );
    add("process", d.processes.keys().map(String::as_str).collect());
    add(
        "modulator",
        d.modulators.keys().map(String::as_str).collect(),
    );
    add("event", d.events.keys().map(String::as_str).collect());
    add(
        "compartment",
        d.compartments.keys().map(String::as_str).collect(),
    );
    kinds
}
