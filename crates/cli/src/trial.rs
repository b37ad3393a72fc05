//! `gutbrain trial`: repeat the whole experiment, write what it would have told us.

use std::path::PathBuf;

use clap::ValueHint;

use super::failure::Failure;
use super::job::Job;
use super::options::{ScenarioOptions, WritingOptions};
use super::run::{TableFormat, Tolerance};
use super::terminal::Terminal;
use super::threads::ThreadOptions;
use super::{Ending, brief};
use gutbrain::report::brief as report;
use gutbrain::study::{StudySummary, TrialStudy};

/// Options of `trial`.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// Scenario file with two arms: the first is the control, the second the treatment
    #[arg(value_name = "SCENARIO", value_hint = ValueHint::FilePath)]
    scenario: PathBuf,
    /// Folder for the results [default: outputs/<name of the scenario>]
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    output: Option<PathBuf>,
    #[command(flatten)]
    writing: WritingOptions,
    /// Format of large tables
    #[arg(long, value_enum, default_value_t)]
    format: TableFormat,
    #[command(flatten)]
    threads: ThreadOptions,
    /// Failed animals of the pool that are tolerated, as a number or a share: 2, 1%
    #[arg(long, value_name = "N|N%", default_value = "1%")]
    max_failures: Tolerance,
    #[command(flatten)]
    changes: ScenarioOptions,
}

/// Repeats the experiment of a scenario.
pub(super) fn trial(options: &Options, terminal: &Terminal) -> Result<Ending, Failure> {
    let setup = options.changes.load(&options.scenario)?;
    let job = Job {
        output: options.output.as_ref(),
        writing: options.writing,
        threads: &options.threads,
        tolerance: options.max_failures,
        changes: &options.changes,
    };
    job.carry_out(
        &setup,
        &TrialStudy::new(&setup, options.format.into())?,
        terminal,
        |finished| match &finished.summary {
            StudySummary::Trial(summary) => brief::shown(&report::trial(summary), terminal),
            _ => String::new(),
        },
        |counts| {
            format!(
                "{} of {} animals of the pool failed in an arm and are not in it",
                counts.failed, counts.requested
            )
        },
    )
}
