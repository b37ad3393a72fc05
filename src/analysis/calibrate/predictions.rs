//! What a calibrated model is asked beside its targets.
//!
//! ```toml
//! [[prediction]]
//! name     = "Butyrate 2 % from day 38, B6SJL: longer life"
//! target   = "butyrate 2 % from 38 d: longer life, d"   # the target that is this number, in fits that have it
//! scenario = "../scenarios/butyrate-g93a.toml"          # relative to the file
//! arm      = "butyrate"
//! feature  = "difference death vs control"
//! published = { value = 38, sd = 10 }
//! ```
//!
//! Each is read off the values as they stand, and off every vector of the posterior of its subject. The same
//! file serves fits with the target and without it: where a fit has it, the number is calibrated, elsewhere
//! predicted. Of a published number the page says how often an experiment on what the vectors predict would
//! give that much or more: the tension between the two.

use std::collections::BTreeMap;

use gutbrain_network::fault::Collector;
use gutbrain_network::reading::{Document, Table};
use gutbrain_network::{Code, Fault, Faults, Source};
use gutbrain_statistics::normal::cdf;

use super::file::refuse;
use crate::analysis::range::Range;
use crate::analysis::survey::{Changed, Survey};
use crate::model::Model;
use crate::posterior::Posterior;
use crate::scenario::Scenario;
use crate::simulate::feature::EndpointSet;
use crate::simulate::{Feature, SimulateError};

/// Age up to which endpoints are looked for, in days.
const HORIZON: f64 = 600.0;

/// One number.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// What it is.
    pub name: String,
    /// The target that is this number, in calibrations that have it.
    pub target: Option<String>,
    /// What was published, and the standard deviation of the experiment.
    pub published: Option<(f64, f64)>,
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
    /// How likely an experiment with the published standard deviation gives the published number or more, if
    /// the vectors are right; nothing without vectors or without a published number.
    pub as_published: Option<f64>,
}

impl Asked {
    /// The share of experiments, with their standard deviation, that give the published number or more when
    /// the truth is one of these values with these weights; values that are not reached do not count.
    fn as_published(&self, values: &[Option<f64>], weights: &[f64]) -> Option<f64> {
        let (published, sd) = self.published?;
        let mut sum = (0.0, 0.0);
        for (value, weight) in values.iter().zip(weights) {
            if let Some(value) = value {
                sum.0 += weight * cdf((value - published) / sd);
                sum.1 += weight;
            }
        }
        (sum.1 > 0.0).then(|| sum.0 / sum.1)
    }
}

/// Reads a file of predictions; `endpoints` are those of the model's family.
///
/// # Errors
/// All faults at once.
pub fn read_predictions(source: &Source, endpoints: &EndpointSet) -> Result<Vec<Asked>, Faults> {
    let document = Document::parse(source)?;
    let faults = Collector::new();
    let root = document.root(&faults);
    let asked = read_asked(&root, endpoints);
    root.finish();
    faults.finish(asked)
}

/// The questions of a file.
pub(super) fn read_asked(root: &Table<'_>, endpoints: &EndpointSet) -> Vec<Asked> {
    let tables = root.array("prediction").unwrap_or_default().into_iter();
    let asked = tables.filter_map(|field| read_one(field.table()?, endpoints));
    asked.collect()
}

fn read_one(table: Table<'_>, endpoints: &EndpointSet) -> Option<Asked> {
    let name = table.text("name");
    let target = table.optional_text("target").map(|target| target.value);
    let published = table.sub_table("published").map(|inner| {
        let (value, sd) = (inner.number("value"), inner.number("sd"));
        inner.finish();
        (value, sd)
    });
    if let Some((_, Some(sd))) = &published
        && sd.value <= 0.0
    {
        let message = "the standard deviation of what was published is above zero".to_owned();
        let fault = Fault::new(Code::BadSpread, message, &sd.place);
        table.faults().add(fault);
    }
    let scenario = table.text("scenario");
    let (arm, feature) = (table.text("arm"), table.text("feature"));
    let feature = match (&arm, &feature) {
        (Some(arm), Some(text)) => match Feature::parse(&arm.value, &text.value, endpoints) {
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
        target,
        published: published.and_then(|(value, sd)| Some((value?.value, sd?.value))),
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
            as_published: one.as_published(rest, &weights),
        });
    }
    Ok(found)
}
