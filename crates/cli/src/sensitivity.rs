//! `gutbrain sensitivity`: which unknowns matter, in blocks of points that are kept as they are finished.

use std::path::PathBuf;

use clap::ValueHint;

use super::Ending;
use super::failure::Failure;
use super::job::{Job, parts};
use super::study_options::StudyOptions;
use gutbrain::study::{SensitivityStudy, Tolerance};
use gutbrain_store::Ended;
use gutbrain_terminal::Terminal;

/// Options of `sensitivity`.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// Scenario file; `[sensitivity]` says how and what, and has defaults for all of it
    #[arg(value_name = "SCENARIO", value_hint = ValueHint::FilePath)]
    scenario: PathBuf,
    /// Go on where an earlier start was stopped
    #[arg(long, conflicts_with = "force")]
    resume: bool,
    #[command(flatten)]
    study: StudyOptions,
}

/// Runs a study.
pub(super) fn sensitivity(options: &Options, terminal: &Terminal) -> Result<Ending, Failure> {
    let opened = options.study.frame.open(&options.scenario, "")?;
    let setup = &opened.setup;
    // What is asked must have a meaning before anything is written.
    let study = SensitivityStudy::new(setup)?.with_format(options.study.format.into());
    let job = Job {
        parts: Some(parts(study.fingerprint()?, options.resume)),
        ..options.study.frame.job(&opened)
    };
    let ended = job.carry_out(setup, &study, terminal)?;
    if let Ended::Before(saved) = &ended {
        let wanted = options.study.format.into();
        if study.saved_format(&**saved).is_some_and(|it| it != wanted) {
            job.rewrite(setup, saved, terminal, |folder| {
                study.rewrite(&**saved, folder)
            })?;
        }
    }
    let verdict = options.study.verdict(&opened, Tolerance::Percent(1.0));
    Ok(verdict.on_points(&study, &ended, terminal))
}
