//! [`Evidence`]: one row of what is known, with its source and grade.

use std::collections::BTreeMap;

use crate::fault::Place;
use crate::reading::{Table, Written};

use super::expectation::Expectation;
use super::reader::Reader;

/// How far a row can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grade {
    /// Read in the source itself.
    Quoted,
    /// Reported by another source.
    Secondary,
    /// Given with the project's first material.
    Seed,
    /// Computed from quoted values.
    Derived,
    /// Not yet confirmed.
    Unverified,
    /// Looked for and not found; such a row has no value.
    Gap,
}

impl Grade {
    /// Every grade with its word in the evidence files.
    pub const WORDS: &[(&str, Self)] = &[
        ("quoted", Self::Quoted),
        ("secondary", Self::Secondary),
        ("seed", Self::Seed),
        ("derived", Self::Derived),
        ("unverified", Self::Unverified),
        ("gap", Self::Gap),
    ];

    /// Its word in the evidence files.
    #[must_use]
    pub fn word(self) -> &'static str {
        let found = Self::WORDS.iter().find(|(_, grade)| *grade == self);
        found.map_or("", |(word, _)| word)
    }
}

/// What a row is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Use {
    /// The model is fitted to it.
    Calibrate,
    /// The model is scored against it.
    Validate,
    /// It supports structure or ranges.
    Context,
}

impl Use {
    /// Every use with its word in the evidence files.
    pub const WORDS: &[(&str, Self)] = &[
        ("calibrate", Self::Calibrate),
        ("validate", Self::Validate),
        ("context", Self::Context),
    ];

    /// Its word in the evidence files.
    #[must_use]
    pub fn word(self) -> &'static str {
        let found = Self::WORDS.iter().find(|(_, role)| *role == self);
        found.map_or("", |(word, _)| word)
    }
}

/// What the spread of a value can be.
pub const SPREAD_KINDS: [&str; 8] = [
    "SD",
    "SEM",
    "model SE",
    "CI95",
    "IQR",
    "range",
    "sign only",
    "unknown",
];

/// One row of evidence.
#[derive(Clone, Debug)]
pub struct Evidence {
    /// One sentence: what was found.
    pub says: String,
    /// What was measured.
    pub quantity: Option<String>,
    /// The number found, if it is one.
    pub value: Option<f64>,
    /// The numbers found by name, if they are several.
    pub values: BTreeMap<String, f64>,
    /// Spread of the value.
    pub spread: Option<f64>,
    /// Spreads of the values by name.
    pub spreads: BTreeMap<String, f64>,
    /// What the spread is: one of [`SPREAD_KINDS`].
    pub spread_kind: Option<String>,
    /// Direction of a finding without a number: "higher", "lower", "mixed", "none".
    pub sign: Option<String>,
    /// That the value is a bound: "above" or "below".
    pub bound: Option<String>,
    /// Whether the source gives the value as approximate.
    pub approximate: bool,
    /// Sample size.
    pub n: Option<f64>,
    /// Sample sizes of several groups, as written.
    pub groups: Option<String>,
    /// Unit of value and spread, as written.
    pub unit: Option<Written<String>>,
    /// Species of the subjects.
    pub species: Option<String>,
    /// Strain of the subjects.
    pub strain: Option<String>,
    /// Age of the subjects, as written.
    pub age: Option<String>,
    /// Conditions of the measurement.
    pub condition: Option<String>,
    /// Authors, journal, year.
    pub source: Option<String>,
    /// Digital object identifier.
    pub doi: Option<String>,
    /// PubMed Central identifier.
    pub pmc: Option<String>,
    /// PubMed identifier.
    pub pmid: Option<String>,
    /// All authors as BibTeX writes them: "Surname, First and Surname, First".
    pub authors: Option<String>,
    /// Title of the work.
    pub title: Option<String>,
    /// Journal in full or abbreviated.
    pub journal: Option<String>,
    /// Year of publication.
    pub year: Option<i64>,
    /// How far it can be trusted.
    pub grade: Grade,
    /// What it is used for.
    pub role: Use,
    /// What in the model it speaks about, beside the entries that name it: "process.x", "event.death".
    pub about: Vec<Written<String>>,
    /// What the model must show if it is right.
    pub expects: Vec<Expectation>,
    /// Why the model cannot show it.
    pub not_representable: Option<String>,
    /// Rows that say otherwise.
    pub conflicts_with: Vec<Written<String>>,
    /// Where its id stands.
    pub place: Place,
}

impl Evidence {
    /// Reads a row; everything wrong goes to the reader's faults.
    pub(super) fn read(table: Table<'_>, place: Place, reader: &Reader<'_>) -> Self {
        let text = |key| table.optional_text(key).map(|written| written.value);
        let number = |key| table.optional_number(key).map(|written| written.value);
        let word = |key, words: &[&'static str]| {
            let words: Vec<_> = words.iter().map(|word| (*word, *word)).collect();
            let found = table.word(key, &words)?;
            Some(found.value.to_owned())
        };
        let says = reader.says(&table);
        let unit = table.optional_text("unit");
        if let Some(unit) = &unit {
            reader.unit(unit);
        }
        let year = table.field("year").and_then(|field| field.integer());
        let grade = table.word("grade", Grade::WORDS);
        let role = table.word("role", Use::WORDS);
        for key in ["grade", "role", "source"] {
            if table.field(key).is_none() {
                table.missing(key, None);
            }
        }
        let row = Self {
            says: says.unwrap_or_default(),
            quantity: text("quantity"),
            value: number("value"),
            values: numbers(&table, "values"),
            spread: number("spread"),
            spreads: numbers(&table, "spreads"),
            spread_kind: word("spread_kind", &SPREAD_KINDS),
            sign: word("sign", &["higher", "lower", "mixed", "none"]),
            bound: word("bound", &["above", "below"]),
            approximate: table
                .optional_boolean("approximate")
                .is_some_and(|it| it.value),
            n: number("n"),
            groups: text("groups"),
            unit,
            species: text("species"),
            strain: text("strain"),
            age: text("age"),
            condition: text("condition"),
            source: text("source"),
            doi: text("doi"),
            pmc: text("pmc"),
            pmid: text("pmid"),
            authors: text("authors"),
            title: text("title"),
            journal: text("journal"),
            year: year.map(|year| year.value),
            grade: grade.map_or(Grade::Unverified, |grade| grade.value),
            role: role.map_or(Use::Context, |role| role.value),
            about: table.optional_texts("about"),
            expects: expectations(&table, reader),
            not_representable: text("not_representable"),
            conflicts_with: table.optional_texts("conflicts_with"),
            place,
        };
        table.finish();
        row
    }
}

fn expectations(table: &Table<'_>, reader: &Reader<'_>) -> Vec<Expectation> {
    let list = table.field("expects").and_then(|field| field.array());
    let tables = list.unwrap_or_default();
    tables
        .iter()
        .filter_map(|field| Expectation::read(field.table()?, reader))
        .collect()
}

fn numbers(table: &Table<'_>, key: &str) -> BTreeMap<String, f64> {
    let Some(numbers) = table.sub_table(key) else {
        return BTreeMap::new();
    };
    let entries = numbers.entries();
    let read = entries
        .iter()
        .filter_map(|(name, _, field)| Some(((*name).to_owned(), field.number()?.value)));
    read.collect()
}
