//! `gutbrain trial`: repeat the whole experiment, write what it would have told us.

use std::path::PathBuf;

use clap::ValueHint;

use super::Ending;
use super::failure::Failure;
use super::job::{Job, parts};
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
    /// Go on with a trial that was interrupted
    #[arg(long, conflicts_with = "force")]
    resume: bool,
    #[command(flatten)]
    study: StudyOptions,
}

/// Repeats the experiment of a scenario.
pub(super) fn trial(options: &Options, terminal: &Terminal) -> Result<Ending, Failure> {
    let opened = options.study.frame.open(&options.scenario, "")?;
    let setup = &opened.setup;
    let format = options.study.format.into();
    let study = TrialStudy::new(setup, format)?;
    let job = |resume| Job {
        parts: Some(parts(study.fingerprint(), resume)),
        ..options.study.frame.job(&opened)
    };
    let mut ended = job(options.resume).carry_out(setup, &study, terminal)?;
    if let Ended::Before(saved) = &ended
        && TrialStudy::saved_format(&**saved).is_some_and(|it| it != format)
    {
        // Its tables are made of the pool, which is not kept once a trial is finished.
        ended = job(false).carry_out(setup, &study, terminal)?;
    }
    let verdict = options.study.verdict(&opened, Tolerance::Percent(1.0));
    Ok(verdict.on(&study, &ended, terminal))
}
