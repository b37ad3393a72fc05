//! What a calibrated model is asked beside its targets.
//!
//! ```toml
//! [[prediction]]
//! name     = "Butyrate 2 % from day 38, B6SJL: longer life"
//! kind     = "prediction"       # or "calibrated": the fit has seen this number
//! scenario = "../scenarios/butyrate-g93a.toml"     # relative to the file
//! arm      = "butyrate"
//! feature  = "difference death vs control"
//! ```
//!
//! Each is read off the values as they stand, and off every vector of the posterior of its subject.

use std::collections::BTreeMap;

use gutbrain_network::fault::Collector;
use gutbrain_network::reading::{Document, Table};
use gutbrain_network::{Faults, Source};

use super::file::refuse;
use crate::analysis::range::Range;
use crate::analysis::survey::{Changed, Survey};
use crate::model::Model;
use crate::posterior::Posterior;
use crate::scenario::Scenario;
use crate::simulate::{Feature, SimulateError};

/// Age up to which endpoints are looked for, in days.
const HORIZON: f64 = 600.0;

/// Whether the fit has seen a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// It was fitted to.
    Calibrated,
    /// It was not.
    Prediction,
}

impl Seen {
    const WORDS: &[(&str, Self)] = &[
        ("calibrated", Self::Calibrated),
        ("prediction", Self::Prediction),
    ];

    /// Its word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Calibrated => "calibrated",
            Self::Prediction => "prediction",
        }
    }
}

/// One number.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// What it is.
    pub name: String,
    /// Whether the fit has seen it.
    pub seen: Seen,
    /// Scenario file, relative to the file of predictions.
    pub scenario: String,
    /// What is read.
    pub feature: Feature,
}

/// A number with what is left open of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Predicted {
    /// What it is.
    pub asked: Asked,
    /// With the values as they stand; nothing if it is not reached.
    pub value: Option<f64>,
    /// From the vectors of the posterior, if there is one.
    pub open: Option<Range>,
}

/// Reads a file of predictions.
///
/// # Errors
/// All faults at once.
pub fn read_predictions(source: &Source) -> Result<Vec<Asked>, Faults> {
    let document = Document::parse(source)?;
    let faults = Collector::new();
    let root = document.root(&faults);
    let tables = root.array("prediction").unwrap_or_default();
    let asked = tables
        .into_iter()
        .filter_map(|field| read_one(field.table()?));
    let asked = asked.collect();
    root.finish();
    faults.finish(asked)
}

fn read_one(table: Table<'_>) -> Option<Asked> {
    let name = table.text("name");
    let seen = table.word("kind", Seen::WORDS);
    let scenario = table.text("scenario");
    let (arm, feature) = (table.text("arm"), table.text("feature"));
    let feature = match (&arm, &feature) {
        (Some(arm), Some(text)) => match Feature::parse(&arm.value, &text.value) {
            Ok(feature) => Some(feature),
            Err(fault) => {
                refuse(&table, text, fault.to_string(), None);
                None
            }
        },
        _ => None,
    };
    table.finish();
    Some(Asked {
        name: name?.value,
        seen: seen?.value,
        scenario: scenario?.value,
        feature: feature?,
    })
}

/// Why there is no prediction.
#[derive(Debug, thiserror::Error)]
pub enum PredictError {
    /// A scenario that does not fit the model.
    #[error(transparent)]
    Simulate(#[from] SimulateError),
    /// A posterior that cannot be used.
    #[error(transparent)]
    Faults(#[from] Faults),
}

/// The numbers, with intervals from the model's posteriors; `scenarios` by their names in the file.
///
/// # Errors
/// Scenarios that do not fit the model, stale posteriors.
pub fn predict(
    model: &Model,
    asked: &[Asked],
    scenarios: &BTreeMap<String, Scenario>,
) -> Result<Vec<Predicted>, PredictError> {
    let mut found = Vec::new();
    for one in asked {
        let Some(scenario) = scenarios.get(&one.scenario) else {
            continue;
        };
        let features = std::slice::from_ref(&one.feature);
        let survey = Survey::new(model, scenario, features, HORIZON)?;
        let posterior = Posterior::of(model, &scenario.subject.preset)?;
        let mut changes: Vec<Changed> = vec![Changed::new()];
        let mut weights = Vec::new();
        if let Some(posterior) = &posterior {
            changes.extend(survey.changes(posterior, &posterior.vectors, scenario));
            weights.extend(posterior.vectors.iter().map(|it| it.weight));
        }
        let answers = survey.answers(&changes)?;
        let values: Vec<Option<f64>> = answers
            .into_iter()
            .map(|row| row.into_iter().next().and_then(Result::ok))
            .collect();
        let (value, rest) = values
            .split_first()
            .map_or((None, &[][..]), |(v, r)| (*v, r));
        found.push(Predicted {
            asked: one.clone(),
            value,
            open: posterior.is_some().then(|| Range::of(rest, &weights)),
        });
    }
    Ok(found)
}
