//! Studies: a question, answered in memory.

use std::collections::BTreeMap;
use std::path::PathBuf;

use gutbrain::study::{
    AttributeStudy, BiomarkerStudy, Counts, Finished, Memory, Progress, RunStudy, SensitivityStudy,
    Setup, Shard, Study, StudyError, StudySummary, SweepStudy, TableFormat, TrialStudy,
};
use gutbrain_store::{Identity, Manifest, Question as _, Stopwatch};
use pyo3::prelude::*;

use crate::errors;
use crate::listening::listen;
use crate::question::Question;
use crate::results::{Results, draws_from_tables};

/// What a study came to: its results, and the numbers of runs that were asked for and that failed.
pub(crate) type Answer = (Results, (usize, usize));

/// Simulates every arm. Figures are drawn when they are wanted, if the tables hold what they show.
#[pyfunction]
pub(crate) fn run(
    question: &Question,
    format: &str,
    threads: Option<usize>,
    listener: &Bound<'_, PyAny>,
) -> PyResult<Answer> {
    let format = read_format(format)?;
    answer(question, threads, listener, |setup, progress| {
        let study = RunStudy::new(setup).with_format(format);
        if !draws_from_tables(&setup.scenario) {
            return carry_out(&study, progress);
        }
        Ok(Done {
            undrawn: true,
            ..carry_out(&study.without_figures(), progress)?
        })
    })
}

/// Repeats the whole experiment.
#[pyfunction]
pub(crate) fn trial(
    question: &Question,
    format: &str,
    threads: Option<usize>,
    listener: &Bound<'_, PyAny>,
) -> PyResult<Answer> {
    let format = read_format(format)?;
    answer(question, threads, listener, |setup, progress| {
        carry_out(&TrialStudy::new(setup, format)?, progress)
    })
}

/// Runs a scenario at many points, all of them or one part of so many.
#[pyfunction]
pub(crate) fn sweep(
    question: &Question,
    format: &str,
    shard: Option<&str>,
    threads: Option<usize>,
    listener: &Bound<'_, PyAny>,
) -> PyResult<Answer> {
    let format = read_format(format)?;
    let shard = shard.map_or(Ok(Shard::WHOLE), str::parse);
    let shard = shard.map_err(|error| errors::of_question(error.to_string()))?;
    answer(question, threads, listener, |setup, progress| {
        let study = SweepStudy::new(setup)?
            .with_shard(shard)
            .with_format(format);
        let done = carry_out(&study, progress)?;
        warn_of_points_not_run(&done.finished, progress);
        Ok(Done {
            fingerprint: study.fingerprint(),
            shard: shard.noted(),
            ..done
        })
    })
}

/// Says at how many points the scenario makes no sense.
pub(crate) fn warn_of_points_not_run(finished: &Finished, progress: &dyn Progress) {
    if let StudySummary::Sweep(summary) = &finished.summary
        && let Some(warning) = summary.warning()
    {
        progress.warn(&warning);
    }
}

/// Finds out which unknowns matter.
#[pyfunction]
pub(crate) fn sensitivity(
    question: &Question,
    format: &str,
    threads: Option<usize>,
    listener: &Bound<'_, PyAny>,
) -> PyResult<Answer> {
    let format = read_format(format)?;
    answer(question, threads, listener, |setup, progress| {
        let study = SensitivityStudy::new(setup)?.with_format(format);
        Ok(Done {
            fingerprint: study.fingerprint()?,
            ..carry_out(&study, progress)?
        })
    })
}

/// Splits the difference between two arms over pathways.
#[pyfunction]
pub(crate) fn attribute(
    question: &Question,
    feature: &str,
    carriers: Vec<String>,
    vectors: usize,
    threads: Option<usize>,
    listener: &Bound<'_, PyAny>,
) -> PyResult<Answer> {
    answer(question, threads, listener, |setup, progress| {
        let mut study = AttributeStudy::new(setup, feature)?;
        if !carriers.is_empty() {
            study = study.with_carriers(carriers);
        }
        carry_out(&study.with_vectors(vectors)?, progress)
    })
}

/// Finds out which measured quantity tells those who will fall ill.
#[pyfunction]
pub(crate) fn biomarkers(
    question: &Question,
    event: Option<String>,
    window: Option<String>,
    threads: Option<usize>,
    listener: &Bound<'_, PyAny>,
) -> PyResult<Answer> {
    answer(question, threads, listener, |setup, progress| {
        let mut study = BiomarkerStudy::new(setup)?;
        if let Some(event) = &event {
            study = study.with_event(event)?;
        }
        if let Some(window) = &window {
            study = study.with_window(window)?;
        }
        carry_out(&study, progress)
    })
}

/// The format of large tables by its word.
pub(crate) fn read_format(word: &str) -> PyResult<TableFormat> {
    match word {
        "parquet" => Ok(TableFormat::Parquet),
        "csv" => Ok(TableFormat::Csv),
        other => Err(errors::of_question(format!(
            "`{other}` is no format of tables\n  help: write \"parquet\" or \"csv\""
        ))),
    }
}

/// A study that is done: what it left, and what its manifest says of it.
pub(crate) struct Done {
    pub(crate) files: BTreeMap<String, Vec<u8>>,
    pub(crate) finished: Finished,
    pub(crate) command: String,
    pub(crate) fingerprint: String,
    pub(crate) shard: String,
    /// Whether its figures are yet to be drawn.
    pub(crate) undrawn: bool,
}

/// Does a study in memory.
pub(crate) fn carry_out(study: &dyn Study, progress: &dyn Progress) -> Result<Done, StudyError> {
    let mut store = Memory::default();
    let finished = study.run(&mut store, progress)?;
    Ok(Done {
        files: store.into_files(),
        finished,
        command: study.command(),
        fingerprint: String::new(),
        shard: String::new(),
        undrawn: false,
    })
}

impl Done {
    /// Its results; `describe` fills in the manifest of a study of a scenario of this stem.
    pub(crate) fn into_answer(
        self,
        stem: &str,
        stopwatch: Stopwatch,
        (model, inputs): (Option<PathBuf>, Vec<PathBuf>),
        describe: impl FnOnce(&mut Manifest, Counts),
    ) -> Answer {
        let counts = self.finished.counts;
        let mut manifest = Manifest::new(Identity {
            scenario: stem.to_owned(),
            command: self.command,
        });
        describe(&mut manifest, counts);
        manifest.fingerprint = self.fingerprint;
        manifest.shard = self.shard;
        stopwatch.describe(&mut manifest, rayon::current_num_threads());
        let results = Results::new(self.files, manifest, model, inputs, self.undrawn);
        (results, (counts.requested, counts.failed))
    }
}

/// Reads the question, does the study that `act` makes of it, and describes it as the command does.
fn answer(
    question: &Question,
    threads: Option<usize>,
    listener: &Bound<'_, PyAny>,
    act: impl FnOnce(&Setup, &dyn Progress) -> Result<Done, StudyError> + Send,
) -> PyResult<Answer> {
    let stopwatch = Stopwatch::start();
    let answer = listen(listener, threads, |progress| {
        let setup = question.setup()?;
        let done = act(&setup, progress)?;
        let model = question.model().map(ToOwned::to_owned);
        let mut inputs = setup.file.files().to_vec();
        inputs.extend(model.clone());
        let describe = |manifest: &mut Manifest, counts| {
            setup.describe(manifest, counts);
        };
        Ok(done.into_answer(setup.file.stem(), stopwatch, (model, inputs), describe))
    })?;
    answer.map_err(errors::of_study)
}
