//! Identifiers: what the declaration calls something, as SBML and its readers can have it.
//!
//! Quantities keep their names; processes, modulators and events get their kind in front. SBML has
//! one space of identifiers for everything, so what is taken gets an underscore behind.

use std::collections::{BTreeMap, BTreeSet};

/// Words that some reader takes for something else, with comments behind `#`.
const RESERVED: &str = include_str!("reserved_words.txt");

/// The reserved words, in lower case.
pub(super) fn reserved() -> impl Iterator<Item = &'static str> {
    let lines = RESERVED.lines().filter(|line| !line.starts_with('#'));
    lines.flat_map(str::split_whitespace)
}

/// Whether an identifier is a reserved word, whatever its case.
pub(super) fn is_reserved(id: &str) -> bool {
    let id = id.to_lowercase();
    reserved().any(|word| word == id)
}

/// The identifiers given so far.
#[derive(Debug, Clone)]
pub(super) struct Names {
    given: BTreeMap<String, String>,
    taken: BTreeSet<String>,
}

impl Names {
    pub(super) fn new() -> Self {
        Self {
            given: BTreeMap::new(),
            taken: reserved().map(str::to_owned).collect(),
        }
    }

    /// Gives `key` an identifier like `request`.
    pub(super) fn give(&mut self, key: &str, request: &str) -> String {
        let mut id = plain(request);
        while self.taken.contains(&id.to_lowercase()) {
            id.push('_');
        }
        self.taken.insert(id.to_lowercase());
        self.given.insert(key.to_owned(), id.clone());
        id
    }

    /// The identifier of `key`, if it has one.
    pub(super) fn of(&self, key: &str) -> Option<&str> {
        self.given.get(key).map(String::as_str)
    }
}

/// Letters, digits and underscores, the first no digit.
pub(super) fn plain(text: &str) -> String {
    let mut id = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '_' => id.push(character),
            'µ' | 'μ' => id.push('u'),
            _ => id.push('_'),
        }
    }
    if id.is_empty() || id.starts_with(|first: char| first.is_ascii_digit()) {
        id.insert(0, '_');
    }
    id
}
