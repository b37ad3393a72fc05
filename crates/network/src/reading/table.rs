//! [`Table`]: a table of a document, asked for the keys its reader knows.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::fault::{Code, Collector, Fault, Place, Source};

use super::document::{Content, Value};
use super::field::{Field, Written};
use super::suggest::did_you_mean;

/// A table and the keys that were asked for so far.
#[derive(Debug)]
pub struct Table<'a> {
    entries: Option<&'a BTreeMap<String, (Range<usize>, Value)>>,
    span: Range<usize>,
    source: &'a Source,
    faults: &'a Collector,
    path: String,
    asked: RefCell<BTreeSet<String>>,
}

impl<'a> Table<'a> {
    pub(super) fn new(
        value: &'a Value,
        source: &'a Source,
        faults: &'a Collector,
        path: String,
    ) -> Self {
        let entries = match &value.content {
            Content::Table(entries) => Some(entries),
            _ => None,
        };
        Self {
            entries,
            span: value.span.clone(),
            source,
            faults,
            path,
            asked: RefCell::new(BTreeSet::new()),
        }
    }

    /// Its name in messages; empty at the top.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Where it stands; for `[a.b]` the header.
    #[must_use]
    pub fn place(&self) -> Place {
        Place::new(self.source, self.span.clone())
    }

    /// Where faults go.
    #[must_use]
    pub fn faults(&self) -> &'a Collector {
        self.faults
    }

    fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.path)
        }
    }

    /// The value of a key, if it is there.
    #[must_use]
    pub fn field(&self, key: &str) -> Option<Field<'a>> {
        self.asked.borrow_mut().insert(key.to_owned());
        let (_, value) = self.entries?.get(key)?;
        Some(Field {
            value,
            source: self.source,
            faults: self.faults,
            path: self.path_of(key),
        })
    }

    /// The value of a key; a fault if it is missing.
    #[must_use]
    pub fn required(&self, key: &str) -> Option<Field<'a>> {
        let field = self.field(key);
        if field.is_none() {
            self.missing(key, None);
        }
        field
    }

    /// Adds the fault that a key is missing.
    pub fn missing(&self, key: &str, help: Option<String>) {
        let message = if self.path.is_empty() {
            format!("`{key}` is missing")
        } else {
            format!("`{}` has no `{key}`", self.path)
        };
        let mut span = self.span.clone();
        if self.path.is_empty() {
            span = 0..0;
        }
        let place = Place::new(self.source, span);
        self.faults
            .add(Fault::new(Code::MissingKey, message, &place).maybe_help(help));
    }

    /// Where the key itself stands.
    #[must_use]
    pub fn key_place(&self, key: &str) -> Option<Place> {
        let (span, _) = self.entries?.get(key)?;
        Some(Place::new(self.source, span.clone()))
    }

    /// A text that must be there.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<Written<String>> {
        self.required(key)?.text()
    }

    /// A text that may be there.
    #[must_use]
    pub fn optional_text(&self, key: &str) -> Option<Written<String>> {
        self.field(key)?.text()
    }

    /// A finite number that must be there.
    #[must_use]
    pub fn number(&self, key: &str) -> Option<Written<f64>> {
        self.required(key)?.number()
    }

    /// A finite number that may be there.
    #[must_use]
    pub fn optional_number(&self, key: &str) -> Option<Written<f64>> {
        self.field(key)?.number()
    }

    /// `true` or `false` that may be there.
    #[must_use]
    pub fn optional_boolean(&self, key: &str) -> Option<Written<bool>> {
        self.field(key)?.boolean()
    }

    /// A list that must be there.
    #[must_use]
    pub fn array(&self, key: &str) -> Option<Vec<Field<'a>>> {
        self.required(key)?.array()
    }

    /// A list of texts that may be there; empty if it is not.
    #[must_use]
    pub fn optional_texts(&self, key: &str) -> Vec<Written<String>> {
        self.field(key)
            .and_then(|field| field.texts())
            .unwrap_or_default()
    }

    /// A table that may be there.
    #[must_use]
    pub fn sub_table(&self, key: &str) -> Option<Table<'a>> {
        self.field(key)?.table()
    }

    /// One of the words allowed; a fault with a suggestion for any other.
    #[must_use]
    pub fn word<T: Copy>(&self, key: &str, words: &[(&str, T)]) -> Option<Written<T>> {
        let written = self.optional_text(key)?;
        let found = words.iter().find(|(word, _)| *word == written.value);
        if let Some((_, value)) = found {
            return Some(Written {
                value: *value,
                place: written.place,
            });
        }
        let known: Vec<_> = words.iter().map(|(word, _)| format!("`{word}`")).collect();
        let message = format!("`{}` cannot be `{}`", self.path_of(key), written.value);
        let help = did_you_mean(&written.value, words.iter().map(|(word, _)| *word));
        self.faults.add(
            Fault::new(Code::UnknownWord, message, &written.place)
                .label(format!("one of {}", known.join(", ")))
                .maybe_help(help),
        );
        None
    }

    /// Every key with its place and value, in order of keys; all count as asked for.
    #[must_use]
    pub fn entries(&self) -> Vec<(&'a str, Place, Field<'a>)> {
        let Some(entries) = self.entries else {
            return Vec::new();
        };
        let mut all = Vec::with_capacity(entries.len());
        for (key, (span, _)) in entries {
            let place = Place::new(self.source, span.clone());
            if let Some(field) = self.field(key) {
                all.push((key.as_str(), place, field));
            }
        }
        all
    }

    /// Reports every key nobody asked for.
    pub fn finish(self) {
        let asked = self.asked.borrow();
        let Some(entries) = self.entries else {
            return;
        };
        for (key, (span, _)) in entries {
            if asked.contains(key) {
                continue;
            }
            let message = if self.path.is_empty() {
                format!("unknown key `{key}`")
            } else {
                format!("unknown key `{key}` in `{}`", self.path)
            };
            if self.faults.is_full() {
                // Counted only: no need to look for advice.
                let place = Place::new(self.source, span.clone());
                self.faults
                    .add(Fault::new(Code::UnknownKey, message, &place));
                continue;
            }
            let free = asked.iter().filter(|name| !entries.contains_key(*name));
            let help = did_you_mean(key, free.map(String::as_str)).or_else(|| {
                let known: Vec<_> = asked.iter().map(|name| format!("`{name}`")).collect();
                (!known.is_empty()).then(|| format!("known keys: {}", known.join(", ")))
            });
            let place = Place::new(self.source, span.clone());
            self.faults
                .add(Fault::new(Code::UnknownKey, message, &place).maybe_help(help));
        }
    }
}
