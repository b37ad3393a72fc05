//! `gutbrain run`: simulate every arm, write the folder, print the summary.

use std::path::PathBuf;

use clap::ValueHint;

use super::Ending;
use super::failure::Failure;
use super::study_options::StudyOptions;
use gutbrain::study::{RunStudy, Tolerance};
use gutbrain_terminal::Terminal;

/// Options of `run`.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// Scenario file
    #[arg(value_name = "SCENARIO", value_hint = ValueHint::FilePath)]
    pub(super) scenario: PathBuf,
    #[command(flatten)]
    pub(super) study: StudyOptions,
}

/// Runs a scenario.
pub(super) fn run(options: &Options, terminal: &Terminal) -> Result<Ending, Failure> {
    let opened = options.study.frame.open(&options.scenario, "")?;
    let setup = &opened.setup;
    let study = RunStudy::new(setup).with_format(options.study.format.into());
    let job = options.study.frame.job(&opened);
    let ended = job.carry_out(setup, &study, terminal)?;
    let usual = match setup.scenario.cohort {
        Some(_) => Tolerance::Percent(1.0),
        None => Tolerance::Number(0),
    };
    let verdict = options.study.verdict(&opened, usual);
    Ok(verdict.on(&study, &ended, terminal))
}
