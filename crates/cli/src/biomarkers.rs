//! `gutbrain biomarkers SCENARIO`: what tells those who will fall ill, how long before.

use std::path::{Path, PathBuf};

use clap::ValueHint;

use super::Ending;
use super::failure::Failure;
use super::job::{Job, Verdict};
use super::options::{ScenarioOptions, WritingOptions};
use super::threads::ThreadOptions;
use gutbrain::study::{BiomarkerStudy, Tolerance};
use gutbrain_store::{Ended, Stopwatch};
use gutbrain_terminal::Terminal;

/// Options of `biomarkers`.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// Scenario file with a cohort that has visits, and two arms: the first stays healthy
    #[arg(value_name = "SCENARIO", value_hint = ValueHint::FilePath)]
    scenario: PathBuf,
    /// What cases come to [default: the first sign of disease of the model]
    #[arg(long, value_name = "ENDPOINT")]
    event: Option<String>,
    /// Length of the windows of time before it, as "6 month" [default: the shortest time between visits]
    #[arg(long, value_name = "TIME")]
    window: Option<String>,
    /// Folder for the results [default: outputs/<name of the scenario>-biomarkers]
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    output: Option<PathBuf>,
    #[command(flatten)]
    writing: WritingOptions,
    #[command(flatten)]
    threads: ThreadOptions,
    /// Failed lives that are tolerated, as a number or a share: 2, 1%
    #[arg(long, value_name = "N|N%", default_value = "1%")]
    max_failures: Tolerance,
    #[command(flatten)]
    changes: ScenarioOptions,
}

/// Asks, prints, writes.
pub(super) fn run(options: &Options, terminal: &Terminal) -> Result<Ending, Failure> {
    let stopwatch = Stopwatch::start();
    let threads = options.threads.start()?;
    let setup = options.changes.load(&options.scenario)?;
    let family = &setup.model.declaration.family;
    let study = || {
        let mut study = BiomarkerStudy::new(&setup)?;
        if let Some(event) = &options.event {
            study = study.with_event(event)?;
        }
        match &options.window {
            Some(window) => study.with_window(window),
            None => Ok(study),
        }
    };
    let study = study().map_err(|error| error.in_words_of(family))?;
    let default = || Path::new("outputs").join(format!("{}-biomarkers", setup.file.stem()));
    let target = options.output.clone().unwrap_or_else(default);
    let job = Job {
        stopwatch,
        threads,
        target: &target,
        writing: options.writing,
        parts: None,
    };
    let Ended::Now(finished) = job.carry_out(&setup, &study, terminal)? else {
        return Ok(Ending::Done);
    };
    let verdict = Verdict {
        most: options.max_failures,
        target: &target,
        model: &options.changes.model,
        family,
    };
    let first = finished.first_failure.as_ref();
    Ok(verdict.on(&study, finished.counts, first, terminal))
}
