//! The report of a finished run: one HTML page for readers who were not there, from saved files alone.
//!
//! The order is that of a reader's questions: what was asked, what came out and how sure it is, what it looks
//! like, what failed, how much was assumed, what the arms rest on, what made it and how to repeat it. Nothing
//! is simulated; every file is read with its hash in the manifest. The page names nothing outside of it, holds
//! no clock and no host, and is the same bytes whenever it is made of the same folder.
//!
//! Words and layout are the template `report.html`; this crate gives it values.
//!
//! [`compare`] says what differs between two runs, and [`runs`] what is in a folder of them.

#![forbid(unsafe_code)]

mod compare;
mod figures;
mod ground;
mod left_behind;
mod numbers;
mod runs;

pub use compare::{Comparison, Difference, MOST, compare};
pub use left_behind::left_behind;
pub use runs::{Runs, runs};

use gutbrain::model::Model;
use gutbrain::results::captions::done;
use gutbrain::scenario::ScenarioFile;
use gutbrain_network::{Faults, Source};
use gutbrain_store::{OutputError, SavedRun};
use minijinja::{AutoEscape, Environment};
use serde_json::{Value, json};

/// The template of the page.
const TEMPLATE: &str = include_str!("report.html");

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReportError {
    /// A file of the run is missing or was changed.
    #[error(transparent)]
    Saved(#[from] OutputError),
    /// The scenario of the run does not fit the model.
    #[error(transparent)]
    Scenario(#[from] Faults),
    /// `summary.json` is damaged.
    #[error("summary.json is damaged: {0}")]
    Summary(#[from] serde_json::Error),
    /// The folder holds results of another command.
    #[error("this is the folder of `gutbrain {0}`; reports are of `gutbrain run`")]
    Command(String),
    /// The template does not fit.
    #[error("the page cannot be made: {0}")]
    Template(#[from] minijinja::Error),
}

/// The page about a run, with the model that it was made with.
///
/// # Errors
/// See [`ReportError`].
pub fn report(saved: &SavedRun, model: &Model) -> Result<String, ReportError> {
    let manifest = saved.manifest();
    let command = &manifest.identity.command;
    if command != "run" {
        return Err(ReportError::Command(command.clone()));
    }
    let text = text_of(saved, "scenario.toml")?;
    let name = format!("{}.toml", manifest.identity.scenario);
    let scenario = ScenarioFile::parse(&Source::new(name, text.as_str()))?.check(model)?;
    let summary: Value = serde_json::from_slice(&saved.read("summary.json")?)?;
    let drawn = figures::figures(saved)?;
    let arms: Vec<Value> = scenario
        .arms
        .iter()
        .map(|arm| json!({ "name": arm.name, "done": done(arm, scenario.simulation.stop) }))
        .collect();
    let words = |text: &str| model.declaration.family.in_its_words(text);
    let values = json!({
        "title": scenario.title,
        "notice": model.declaration.family.notice,
        "subject": scenario.subject.preset,
        "says": model.declaration.subjects.get(&scenario.subject.preset).map(|it| it.says.clone()),
        "start": scenario.simulation.start.to_string(),
        "stop": scenario.simulation.stop.to_string(),
        "seed": scenario.seed,
        "is_cohort": scenario.cohort.is_some(),
        "arms": arms,
        "changes": manifest.changes,
        "tables": numbers::tables(&summary, &words),
        "notes": numbers::notes(&summary),
        "one": words("animal"),
        "failed": numbers::failures(&saved.read("endpoints.csv")?),
        "runs": { "requested": manifest.runs.requested, "failed": manifest.runs.failed },
        "fonts": drawn.fonts,
        "figures": drawn.pictures,
        "assumptions": summary["assumptions"],
        "interventions": ground::interventions(&model.declaration, &scenario),
        "references": ground::references(&model.declaration, &scenario),
        "methods": gutbrain::report::documents::numerical_references(&scenario),
        "same_model": model.hash == manifest.model.sha256,
        "scenario": text,
        "stem": manifest.identity.scenario,
        "program": manifest.version,
        "model": manifest.model.sha256,
        "label": manifest.model.label,
        "variant": manifest.model.variant,
        "scenario_hash": manifest.scenario_sha256,
        "files": manifest.files.iter().map(|(name, entry)| json!({
            "name": name, "bytes": entry.bytes, "hash": entry.sha256,
        })).collect::<Vec<_>>(),
    });
    let values: minijinja::Value = serde_json::from_value(values)?;
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.add_template("report", TEMPLATE)?;
    Ok(environment.get_template("report")?.render(values)?)
}

/// A file of the run as text.
fn text_of(saved: &SavedRun, name: &str) -> Result<String, ReportError> {
    Ok(String::from_utf8_lossy(&saved.read(name)?).into_owned())
}
