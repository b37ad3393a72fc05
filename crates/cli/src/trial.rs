//! `gutbrain trial`: repeat the whole experiment, write what it would have told us.

use std::path::PathBuf;

use clap::ValueHint;

use super::Ending;
use super::failure::Failure;
use super::study_options::StudyOptions;
use gutbrain::study::{Tolerance, TrialStudy};
use gutbrain_store::Ended;
use gutbrain_terminal::Terminal;

/// Options of `trial`.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// Scenario file with two arms: the first is the control, the second the treatment
    #[arg(value_name = "SCENARIO", value_hint = ValueHint::FilePath)]
    scenario: PathBuf,
    #[command(flatten)]
    study: StudyOptions,
}

/// Repeats the experiment of a scenario.
pub(super) fn trial(options: &Options, terminal: &Terminal) -> Result<Ending, Failure> {
    let opened = options.study.open(&options.scenario, "")?;
    let study = TrialStudy::new(&opened.setup, options.study.format.into())?;
    let job = options.study.job(&opened);
    let Ended::Now(finished) = job.carry_out(&opened.setup, &study, terminal)? else {
        return Ok(Ending::Done);
    };
    let first = finished.first_failure.as_ref();
    let verdict = options.study.verdict(&opened, Tolerance::Percent(1.0));
    Ok(verdict.on(&study, finished.counts, first, terminal))
}
