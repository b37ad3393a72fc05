//! [`Evidence`]: one row of what is known, with its source and grade.

use crate::fault::Place;
use crate::reading::Written;

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
}

impl Grade {
    /// Every grade with its word in the evidence files.
    pub const WORDS: &[(&str, Self)] = &[
        ("quoted", Self::Quoted),
        ("secondary", Self::Secondary),
        ("seed", Self::Seed),
        ("derived", Self::Derived),
        ("unverified", Self::Unverified),
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

/// One row of evidence.
#[derive(Clone, Debug)]
pub struct Evidence {
    /// One sentence: what was found.
    pub says: String,
    /// What was measured.
    pub quantity: Option<String>,
    /// The number found, if it is one.
    pub value: Option<f64>,
    /// Its spread.
    pub spread: Option<f64>,
    /// What the spread is: "sd", "sem", "ci95", "range".
    pub spread_kind: Option<String>,
    /// Sample size.
    pub n: Option<f64>,
    /// Unit of value and spread, as written.
    pub unit: Option<String>,
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
    /// Year of publication.
    pub year: Option<i64>,
    /// How far it can be trusted.
    pub grade: Grade,
    /// What it is used for.
    pub role: Use,
    /// Rows that say otherwise.
    pub conflicts_with: Vec<Written<String>>,
    /// Where its id stands.
    pub place: Place,
}
