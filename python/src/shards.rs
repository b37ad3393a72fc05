//! Shards of a sweep, joined.

use std::path::PathBuf;

use gutbrain::scenario::ScenarioFile;
use gutbrain::study::{MergeStudy, QuestionError, Saved as _, Setup, Shard, StudyError, SweepPart};
use gutbrain_network::Source;
use gutbrain_store::{Manifest, Question as _, Stopwatch};
use pyo3::prelude::*;

use crate::errors;
use crate::listening::listen;
use crate::question::load_model;
use crate::results::Results;
use crate::studies::{Answer, carry_out, read_format, warn_of_points_not_run};

/// Joins the shards of a sweep, in any order: the results of the whole.
#[pyfunction]
pub(crate) fn merge(
    parts: Vec<Py<Results>>,
    format: &str,
    model: Option<PathBuf>,
    listener: &Bound<'_, PyAny>,
) -> PyResult<Answer> {
    let format = read_format(format)?;
    let stopwatch = Stopwatch::start();
    let answer = listen(listener, None, |progress| {
        let nothing = || StudyError::from(QuestionError::NoShards);
        let first = parts.first().ok_or_else(nothing)?.get();
        let text = String::from_utf8_lossy(&first.read("scenario.toml")?).into_owned();
        let file = ScenarioFile::parse(&Source::new("scenario.toml", text))?;
        let setup = Setup::new(load_model(model.as_deref())?, file)?;
        let mut found = Vec::with_capacity(parts.len());
        for results in &parts {
            let saved = results.get();
            let shard = Shard::from_note(&saved.manifest_entries().shard);
            found.push(SweepPart {
                shard: shard?,
                fingerprint: saved.manifest_entries().fingerprint.clone(),
                saved,
            });
        }
        let study = MergeStudy::new(&setup, found, format)?;
        let mut done = carry_out(&study, progress)?;
        done.fingerprint = study.fingerprint();
        warn_of_points_not_run(&done.finished, progress);
        let describe = |manifest: &mut Manifest, counts| {
            setup.describe(manifest, counts);
        };
        let stem = first.manifest_entries().identity.scenario.clone();
        Ok(done.into_answer(&stem, stopwatch, (model, Vec::new()), describe))
    })?;
    answer.map_err(errors::of_study)
}
