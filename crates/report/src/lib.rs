//! The report of a finished study: one HTML page for readers who were not there, from saved files alone.
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
mod credibility;
mod failures;
mod figures;
mod ground;
mod left_behind;
mod numbers;
mod runs;
mod studies;

pub use compare::{Comparison, Difference, MOST, compare};
pub use left_behind::left_behind;
pub use runs::{Runs, runs};

use gutbrain::model::Model;
use gutbrain::results::assumptions::Assumptions;
use gutbrain::results::captions::done;
use gutbrain::results::terms::reading;
use gutbrain::scenario::ScenarioFile;
use gutbrain_network::{Faults, Source};
use gutbrain_store::{OutputError, SavedRun};
use gutbrain_table::TableError;
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
    /// A table of the run cannot be read.
    #[error(transparent)]
    Table(#[from] TableError),
    /// The folder holds no results of a study.
    #[error("this is the folder of `gutbrain {0}`, which has no numbers to report")]
    Command(String),
    /// The template does not fit.
    #[error("the page cannot be made: {0}")]
    Template(#[from] minijinja::Error),
}

/// What a page has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// What readers of results ask.
    Results,
    /// What reviewers of simulations ask as well.
    Credibility,
}

/// The page about a finished study, with the model that it was made with.
///
/// # Errors
/// See [`ReportError`].
pub fn report(saved: &SavedRun, model: &Model, extent: Extent) -> Result<String, ReportError> {
    let manifest = saved.manifest();
    let command = &manifest.identity.command;
    let word = command.split(' ').next().unwrap_or_default();
    // The page lists their hashes: none of them may have been changed.
    for name in manifest.files.keys() {
        saved.read(name)?;
    }
    let mut values = match word {
        "run" | "sweep" | "sensitivity" | "trial" | "attribute" | "biomarkers" => {
            of_a_scenario(saved, model, word)?
        }
        "calibrate" => of_a_calibration(saved, model)?,
        _ => return Err(ReportError::Command(command.clone())),
    };
    let words = |text: &str| model.declaration.family.in_its_words(text);
    let drawn = figures::figures(saved)?;
    let rest = json!({
        "command": command,
        "notice": model.declaration.family.notice,
        "seed": manifest.seed,
        "changes": manifest.changes,
        "one": words("animal"),
        "failed": failures::failures(saved)?,
        "shard": manifest.shard,
        "runs": manifest.runs,
        "fonts": drawn.fonts,
        "figures": drawn.pictures,
        "same_model": model.hash == manifest.model.sha256,
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
    if let (Some(values), Value::Object(rest)) = (values.as_object_mut(), rest) {
        if extent == Extent::Credibility {
            let assumptions = values.get("assumptions").unwrap_or(&Value::Null);
            let frameworks = credibility::frameworks(saved, assumptions);
            values.insert("credibility".to_owned(), frameworks.into());
        }
        values.extend(rest);
    }
    let values: minijinja::Value = serde_json::from_value(values)?;
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.add_template("report", TEMPLATE)?;
    Ok(environment.get_template("report")?.render(values)?)
}

/// What a page says of a study of a scenario.
fn of_a_scenario(saved: &SavedRun, model: &Model, command: &str) -> Result<Value, ReportError> {
    let text = text_of(saved, "scenario.toml")?;
    let name = format!("{}.toml", saved.manifest().identity.scenario);
    let scenario = ScenarioFile::parse(&Source::new(name, text.as_str()))?.check(model)?;
    let summary: Value = match saved.manifest().files.contains_key("summary.json") {
        true => serde_json::from_slice(&saved.read("summary.json")?)?,
        false => Value::Null,
    };
    let arms: Vec<Value> = scenario
        .arms
        .iter()
        .map(|arm| json!({ "name": arm.name, "done": done(arm, scenario.simulation.stop) }))
        .collect();
    let words = |text: &str| model.declaration.family.in_its_words(text);
    let (mut tables, mut notes) = match command {
        "run" => (numbers::tables(&summary, &words), numbers::notes(&summary)),
        _ => (
            studies::tables(command, &summary, &words),
            studies::notes(command, &summary, &words),
        ),
    };
    if summary["clock"].is_null() {
        notes.extend(reading(&model.declaration, &scenario));
    }
    if let Some(own) = summary["data"].as_object() {
        notes.push(of_own_data(&own.clone().into()));
    }
    let written: &[&str] = match command {
        "trial" => &["designs"],
        "attribute" => &["attribution"],
        "biomarkers" => &["biomarkers", "cross_section"],
        _ => &[],
    };
    tables.extend(studies::as_they_stand(saved, written, &words)?);
    let assumptions = match &summary["assumptions"] {
        Value::Null => serde_json::to_value(Assumptions::count(&model.declaration, &scenario))?,
        counted => counted.clone(),
    };
    let subject = &scenario.subject.preset;
    Ok(json!({
        "title": scenario.title,
        "subject": subject,
        "feature": summary["feature"],
        "vectors": summary["vectors"],
        "says": model.declaration.subjects.get(subject).map(|it| it.says.clone()),
        "start": scenario.simulation.start.to_string(),
        "stop": scenario.simulation.stop.to_string(),
        "arms": arms,
        "tables": tables,
        "notes": notes,
        "assumptions": assumptions,
        "interventions": ground::interventions(&model.declaration, &scenario),
        "references": ground::references(&model.declaration, &scenario),
        "methods": gutbrain::report::documents::numerical_references(&scenario),
        "scenario": text,
    }))
}

/// What came out beside own data, in a sentence.
fn of_own_data(own: &Value) -> String {
    let compared = &own["compared"];
    let rms = own["rms_sd"].as_f64();
    let rms = rms.map_or_else(String::new, |it| {
        format!(", root of the mean square {it:.2} SD of the data")
    });
    let worst = own["worst"]["residual"].as_f64();
    let worst = worst.map_or_else(String::new, |it| format!(", the furthest {it:.2} SD"));
    format!(
        "Own data: {compared} of {} values are compared{rms}{worst}; data.csv has them one by one. The text below \
         leaves `[[data]]` out: it names files of the one who ran it.",
        own["rows"]
    )
}

/// What a page says of a calibration.
fn of_a_calibration(saved: &SavedRun, model: &Model) -> Result<Value, ReportError> {
    let words = |text: &str| model.declaration.family.in_its_words(text);
    let written = [
        "parameters",
        "targets",
        "starts",
        "intervals",
        "refits",
        "refit-answers",
    ];
    Ok(json!({
        "title": format!("{}: {}", saved.manifest().identity.scenario, saved.manifest().identity.command),
        "tables": studies::as_they_stand(saved, &written, &words)?,
        "scenario": text_of(saved, "calibration.toml")?,
    }))
}

/// A file of the run as text.
fn text_of(saved: &SavedRun, name: &str) -> Result<String, ReportError> {
    Ok(String::from_utf8_lossy(&saved.read(name)?).into_owned())
}
