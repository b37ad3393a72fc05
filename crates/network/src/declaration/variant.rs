//! Variants of structure: another choice where no evidence decides, as text.
//!
//! `variants/NAME.toml` says in a sentence what is taken to be otherwise, why nothing decides, and what
//! differs: values of parameters (of the model, or of one subject) and what is switched off. A model under
//! a variant is a model like any other, with fingerprints of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::fault::{Code, Fault, Place};
use crate::reading::{Document, Table, Written, did_you_mean};

use super::Declaration;
use super::entry::{Parameter, Variant, VariantValue};
use super::reader::{Grounds, Reader};

impl Reader<'_> {
    /// Reads the file of one variant against what the model declares.
    pub(super) fn variant(&self, document: &Document, declaration: &Declaration) -> Variant {
        let table = document.root(self.faults);
        let common = self.common(
            &table,
            &Place::new(document.source(), 0..0),
            Grounds::Required,
        );
        let parameters = table
            .sub_table("parameters")
            .map(|inner| self.variant_values(&inner, &declaration.parameters))
            .unwrap_or_default();
        let mut subjects = BTreeMap::new();
        if let Some(inner) = table.sub_table("subjects") {
            for (name, place, field) in inner.entries() {
                let known: Vec<&str> = declaration.subjects.keys().map(String::as_str).collect();
                self.must_be_known("subject", name, &place, &known);
                if let Some(entry) = field.table() {
                    let values = self.variant_values(&entry, &declaration.parameters);
                    subjects.insert(name.to_owned(), values);
                }
            }
        }
        let off = table.optional_texts("off");
        for name in &off {
            let processes = declaration.processes.keys();
            let known: Vec<&str> = processes
                .chain(declaration.modulators.keys())
                .map(String::as_str)
                .collect();
            self.must_be_known("process or modulator", &name.value, &name.place, &known);
        }
        if parameters.is_empty() && subjects.is_empty() && off.is_empty() {
            let message = "the variant changes nothing".to_owned();
            let help = "give it `[parameters]`, `[subjects.NAME]` or `off = [\"…\"]`";
            self.faults
                .add(Fault::new(Code::Empty, message, &common.place).help(help));
        }
        table.finish();
        Variant {
            common,
            parameters,
            subjects,
            off,
        }
    }

    /// Values by parameter, each inside the range that the parameter declares.
    fn variant_values(
        &self,
        table: &Table<'_>,
        parameters: &BTreeMap<String, Parameter>,
    ) -> BTreeMap<String, VariantValue> {
        let mut values = BTreeMap::new();
        for (name, place, field) in table.entries() {
            let known: Vec<&str> = parameters.keys().map(String::as_str).collect();
            self.must_be_known("parameter", name, &place, &known);
            let Some(parameter) = parameters.get(name) else {
                continue;
            };
            let Some(value) = self.value_in(&field, &parameter.unit) else {
                continue;
            };
            if let Some((low, high)) = parameter.range
                && (value < low || value > high)
            {
                let message = format!("the value of `{name}` is outside its range");
                let fault = Fault::new(Code::OutOfRange, message, &field.place());
                self.faults
                    .add(fault.label(format!("not in [{low}, {high}]")));
            }
            values.insert(name.to_owned(), VariantValue { value, place });
        }
        values
    }

    fn must_be_known(&self, what: &str, name: &str, place: &Place, known: &[&str]) {
        if !known.contains(&name) {
            let message = format!("the model has no {what} `{name}`");
            let help = did_you_mean(name, known.iter().copied());
            self.faults
                .add(Fault::new(Code::UnknownName, message, place).maybe_help(help));
        }
    }
}

impl Declaration {
    /// The model under one of its variants; nothing if it declares none of this name.
    ///
    /// A value of the variant wins over that of the model, one of a subject over that of the subject and
    /// of all that inherit it from there; a value that a subject sets itself stays.
    #[must_use]
    pub fn under(&self, name: &str) -> Option<Self> {
        let variant = self.variants.get(name)?;
        let mut varied = self.clone();
        for (id, new) in &variant.parameters {
            if let Some(parameter) = varied.parameters.get_mut(id) {
                parameter.value = new.value;
            }
        }
        for (subject, values) in &variant.subjects {
            for (id, new) in values {
                varied.set_inherited(subject, id, new);
            }
        }
        for id in &variant.off {
            if let Some(process) = varied.processes.get_mut(&id.value) {
                process.enabled = false;
            }
            if let Some(modulator) = varied.modulators.get_mut(&id.value) {
                modulator.enabled = false;
            }
        }
        varied.digests.vary(&variant.rendered());
        Some(varied)
    }

    /// A value of a subject, in it and in every subject that has it from there.
    fn set_inherited(&mut self, subject: &str, id: &str, new: &VariantValue) {
        let Some(owner) = self.subjects.get(subject) else {
            return;
        };
        let old = owner.parameters.get(id).cloned();
        // Whose value it is is told by the file in which it stands.
        let place = old.as_ref().map_or(&owner.place, |it| &it.place).clone();
        let heirs = self.heirs(subject);
        for (name, entry) in &mut self.subjects {
            let inherits = match (&old, entry.parameters.get(id)) {
                (Some(old), Some(value)) => value.place == old.place,
                (None, None) => heirs.contains(name),
                _ => false,
            };
            if name == subject || inherits {
                let value = super::SubjectValue {
                    value: new.value,
                    evidence: old
                        .as_ref()
                        .map(|it| it.evidence.clone())
                        .unwrap_or_default(),
                    assumed: old.as_ref().and_then(|it| it.assumed.clone()),
                    place: place.clone(),
                };
                entry.parameters.insert(id.to_owned(), value);
            }
        }
    }

    /// The subjects that extend this one, through others or not.
    fn heirs(&self, subject: &str) -> BTreeSet<String> {
        let extends = |name: &str| {
            let entry = self.subjects.get(name)?;
            entry.extends.as_ref().map(|it| it.value.as_str())
        };
        let is_heir = |name: &&String| {
            // Chains are no longer than there are subjects; a circle was refused when it was read.
            std::iter::successors(extends(name), |above| extends(above))
                .take(self.subjects.len())
                .any(|above| above == subject)
        };
        self.subjects.keys().filter(is_heir).cloned().collect()
    }
}

impl Variant {
    /// What it changes, one line each in a fixed order: for fingerprints.
    fn rendered(&self) -> BTreeMap<String, String> {
        let mut lines = BTreeMap::new();
        let mut number = |key: String, value: f64| {
            let mut text = String::new();
            let _ = write!(text, "#{value:e}");
            lines.insert(key, text);
        };
        for (id, new) in &self.parameters {
            number(format!("variant.parameter.{id}"), new.value);
        }
        for (subject, values) in &self.subjects {
            for (id, new) in values {
                number(format!("variant.subject.{subject}.{id}"), new.value);
            }
        }
        for Written { value: id, .. } in &self.off {
            lines.insert(format!("variant.off.{id}"), "off".to_owned());
        }
        lines
    }
}
