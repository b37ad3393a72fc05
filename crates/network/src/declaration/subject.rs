//! Reads subjects: parameter values of a strain and genotype.

use std::collections::{BTreeMap, BTreeSet};

use crate::fault::{Code, Collector, Fault, Place};
use crate::reading::{Document, Table, Written, did_you_mean};

use super::entry::{Parameter, Sex, SexDifference, Subject, SubjectValue};
use super::reader::{Grounds, Reader};

impl Reader<'_> {
    /// Reads the file of one subject.
    pub(super) fn subject(
        &self,
        document: &Document,
        parameters: &BTreeMap<String, Parameter>,
        declared: &BTreeSet<&str>,
    ) -> Subject {
        let table = document.root(self.faults);
        let optional = |key| table.optional_text(key).map(|written| written.value);
        let mut subject = Subject {
            says: self.says(&table).unwrap_or_default(),
            species: optional("species"),
            strain: optional("strain"),
            genotype: optional("genotype"),
            extends: table.optional_text("extends"),
            parameters: BTreeMap::new(),
            steady_as: BTreeMap::new(),
            sexes: BTreeMap::new(),
            place: Place::new(document.source(), 0..0),
        };
        if let Some(inner) = table.sub_table("parameters") {
            for (name, place, field) in inner.entries() {
                let known = self.known(name, &place, parameters, declared);
                let Some(entry) = field.table() else {
                    continue;
                };
                let value = self.subject_value(&entry, known, &place);
                entry.finish();
                if let Some(value) = value {
                    subject.parameters.insert(name.to_owned(), value);
                }
            }
        }
        if let Some(inner) = table.sub_table("steady_as") {
            for (name, place, field) in inner.entries() {
                if let Some(parameter) = self.known(name, &place, parameters, declared)
                    && let Some(value) = self.value_in(&field, &parameter.unit)
                {
                    subject.steady_as.insert(name.to_owned(), value);
                }
            }
        }
        if let Some(inner) = table.sub_table("sex") {
            for (word, sex) in Sex::WORDS {
                if let Some(entry) = inner.sub_table(word) {
                    let difference = self.sex_difference(&entry, parameters, declared);
                    entry.finish();
                    subject.sexes.insert(*sex, difference);
                }
            }
            inner.finish();
        }
        table.finish();
        subject
    }

    /// The table of one sex: `factors` of parameters, `spread` between animals, and its grounds.
    fn sex_difference(
        &self,
        entry: &Table<'_>,
        parameters: &BTreeMap<String, Parameter>,
        declared: &BTreeSet<&str>,
    ) -> SexDifference {
        let (evidence, assumed) = self.grounds(entry, &entry.place(), Grounds::Required);
        let mut factors = BTreeMap::new();
        if let Some(inner) = entry.sub_table("factors") {
            for (name, place, field) in inner.entries() {
                self.known(name, &place, parameters, declared);
                if let Some(factor) = field.number() {
                    self.positive("factor", &factor);
                    factors.insert(name.to_owned(), factor.value);
                }
            }
        }
        let spread = entry.optional_number("spread");
        if let Some(spread) = &spread {
            self.positive("spread", spread);
        }
        SexDifference {
            factors,
            spread: spread.map_or(1.0, |spread| spread.value),
            evidence,
            assumed,
        }
    }

    fn positive(&self, what: &str, number: &Written<f64>) {
        if number.value <= 0.0 {
            let message = format!("a {what} of a sex must be greater than zero");
            self.faults
                .add(Fault::new(Code::OutOfRange, message, &number.place));
        }
    }

    fn subject_value(
        &self,
        entry: &Table<'_>,
        parameter: Option<&Parameter>,
        place: &Place,
    ) -> Option<SubjectValue> {
        let (evidence, assumed) = self.grounds(entry, place, Grounds::Required);
        let field = entry.required("value")?;
        Some(SubjectValue {
            value: self.value_in(&field, &parameter?.unit)?,
            evidence,
            assumed,
            place: place.clone(),
        })
    }

    /// The parameter of a name; a fault if the model declares none.
    fn known<'p>(
        &self,
        name: &str,
        place: &Place,
        parameters: &'p BTreeMap<String, Parameter>,
        declared: &BTreeSet<&str>,
    ) -> Option<&'p Parameter> {
        let parameter = parameters.get(name);
        if parameter.is_none() && !declared.contains(name) {
            let message = format!("the model has no parameter `{name}`");
            let help = did_you_mean(name, parameters.keys().map(String::as_str));
            self.faults
                .add(Fault::new(Code::UnknownName, message, place).maybe_help(help));
        }
        parameter
    }
}

/// Gives every subject the values it inherits; its own win.
pub(super) fn inherit(subjects: &mut BTreeMap<String, Subject>, faults: &Collector) {
    let names: Vec<String> = subjects.keys().cloned().collect();
    let mut resolved = BTreeMap::new();
    for name in &names {
        let mut chain: Vec<&Subject> = Vec::new();
        let mut seen = BTreeSet::from([name.as_str()]);
        let mut current = subjects.get(name);
        while let Some(subject) = current {
            chain.push(subject);
            let Some(extends) = &subject.extends else {
                break;
            };
            current = subjects.get(&extends.value);
            if current.is_none() {
                let message = format!("there is no subject `{}`", extends.value);
                let help = did_you_mean(&extends.value, names.iter().map(String::as_str));
                faults.add(Fault::new(Code::UnknownName, message, &extends.place).maybe_help(help));
            } else if !seen.insert(extends.value.as_str()) {
                let message = format!("`{name}` extends itself through `{}`", extends.value);
                faults.add(Fault::new(Code::Cycle, message, &extends.place));
                break;
            }
        }
        let Some(mut whole) = subjects.get(name).cloned() else {
            continue;
        };
        for ancestor in chain.iter().skip(1) {
            for (id, value) in &ancestor.parameters {
                whole
                    .parameters
                    .entry(id.clone())
                    .or_insert_with(|| value.clone());
            }
            for (id, value) in &ancestor.steady_as {
                whole.steady_as.entry(id.clone()).or_insert(*value);
            }
            for (sex, difference) in &ancestor.sexes {
                let inherited = || difference.clone();
                whole.sexes.entry(*sex).or_insert_with(inherited);
            }
        }
        resolved.insert(name.clone(), whole);
    }
    *subjects = resolved;
}
