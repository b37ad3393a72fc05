//! Every key of a scenario file, once.
//!
//! The reader, the JSON Schema ([`super::schema`]), the resolved file ([`super::write`]) and the
//! page of the documentation ([`super::page`]) read this table; a key that is not here does not
//! exist. Keys stand in the order in which files are written.

mod data;
mod experiment;
mod studies;
mod table;
mod trial;

use gutbrain_integrate::Method;
use gutbrain_network::declaration::Family;

use super::plan::FigureKind;

pub use table::KEYS;

/// One key of a scenario file.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// Dotted path; the elements of a list of tables share theirs: `arm.intervention.dose`.
    pub path: &'static str,
    /// What may stand there.
    pub kind: Kind,
    /// Whether it must be given, and what holds if it is not.
    pub default: Default,
    /// One sentence.
    pub says: &'static str,
}

/// What holds when a key is not given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Default {
    /// The key must be given.
    Required,
    /// The key must be given where this other one of its table is not.
    RequiredUnless(&'static str),
    /// This value, in words for the reader of the documentation.
    Words(&'static str),
}

/// What may stand at a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Free text.
    Text,
    /// A whole number from 0.
    Whole,
    /// A number without unit.
    Number,
    /// An age: a quantity of time, `"birth"`.
    Age,
    /// An age, or what an animal goes through: `"onset + 7 d"`.
    Moment,
    /// A list of them.
    Moments,
    /// The end of a window: as [`Kind::Moment`], or `"end"`.
    Stop,
    /// A length of time.
    Duration,
    /// A list of ages.
    Ages,
    /// A quantity with the unit of what it is given for; a bare number where that has none.
    Quantity,
    /// One of some words.
    Words(&'static [&'static str]),
    /// A registered method of integration or `"auto"`.
    Method,
    /// A kind of figure, or one that the family of the model declares.
    Figure,
    /// What the family of the model declares as an end of survival.
    Survival,
    /// `true` or `false`.
    Truth,
    /// A list of whole numbers from 0.
    Wholes,
    /// A list of names.
    Names,
    /// A list of quantities, words or truth values.
    Values,
    /// Names of parameters with their values.
    Parameters,
    /// Names of arms with their colours.
    Colours,
    /// A path, or a list of paths.
    Paths,
    /// A table.
    Table,
    /// A list of tables; `[[arm]]` are merged by name along `extends`, others replaced.
    Tables,
}

impl Key {
    /// The last part of the path: the key as written in its table.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.path.rsplit('.').next().unwrap_or(self.path)
    }

    /// The path of the table it stands in; empty at the top.
    #[must_use]
    pub fn parent(&self) -> &'static str {
        self.path.rsplit_once('.').map_or("", |(parent, _)| parent)
    }
}

/// The keys of one table, in order.
pub fn keys_of(table: &str) -> impl Iterator<Item = &'static Key> {
    KEYS.iter().filter(move |key| key.parent() == table)
}

/// The key of this name in a table.
#[must_use]
pub fn find(table: &str, name: &str) -> Option<&'static Key> {
    keys_of(table).find(|key| key.name() == name)
}

/// The words a key takes with a model of this family; empty for keys that take no words.
#[must_use]
pub fn words(kind: Kind, family: &Family) -> Vec<&str> {
    match kind {
        Kind::Words(words) => words.to_vec(),
        Kind::Method => {
            let registered = Method::all().iter().map(|entry| entry.name);
            std::iter::once("auto").chain(registered).collect()
        }
        Kind::Figure => {
            // What chooses its variables stands with what is told them.
            let mut words: Vec<&str> = FigureKind::WORDS.iter().map(|(word, _)| *word).collect();
            let declared = family.figures.iter().map(|figure| figure.word.as_str());
            words.splice(1..1, declared);
            words
        }
        Kind::Survival => family.survival.iter().map(|it| it.word.as_str()).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_stands_in_a_table_that_comes_before_it_and_only_once() {
        for (index, key) in KEYS.iter().enumerate() {
            let earlier = &KEYS[..index];
            assert!(
                earlier.iter().all(|other| other.path != key.path),
                "{} twice",
                key.path
            );
            if !key.parent().is_empty() {
                let table = earlier.iter().find(|other| other.path == key.parent());
                let kind = table.map(|table| table.kind);
                assert!(
                    matches!(kind, Some(Kind::Table | Kind::Tables)),
                    "{}",
                    key.path
                );
            }
            assert!(
                key.says.ends_with('.'),
                "{}: a sentence ends with a stop",
                key.path
            );
        }
    }
}
