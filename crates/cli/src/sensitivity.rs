//! `gutbrain sensitivity`: which unknowns matter, in blocks of points that are kept as they are finished.

use std::path::{Path, PathBuf};

use clap::ValueHint;

use super::failure::Failure;
use super::long_job::{Ended, LongJob};
use super::options::{ScenarioOptions, WritingOptions};
use super::run::{TableFormat, Tolerance};
use super::terminal::Terminal;
use super::threads::ThreadOptions;
use super::{Ending, brief, failed_life};
use gutbrain::report::brief as report;
use gutbrain::study::{Counts, SensitivityStudy, StudySummary};
use gutbrain_store::Stopwatch;

/// Options of `sensitivity`.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// Scenario file; `[sensitivity]` says how and what, and has defaults for all of it
    #[arg(value_name = "SCENARIO", value_hint = ValueHint::FilePath)]
    scenario: PathBuf,
    /// Folder for the results [default: outputs/<name of the scenario>]
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    output: Option<PathBuf>,
    #[command(flatten)]
    writing: WritingOptions,
    /// Go on where an earlier start was stopped
    #[arg(long, conflicts_with = "force")]
    resume: bool,
    /// Format of large tables
    #[arg(long, value_enum, default_value_t)]
    format: TableFormat,
    #[command(flatten)]
    threads: ThreadOptions,
    /// Failed points that are tolerated, as a number or a share: 2, 1%
    #[arg(long, value_name = "N|N%", default_value = "1%")]
    max_failures: Tolerance,
    #[command(flatten)]
    changes: ScenarioOptions,
}

/// Runs a study.
pub(super) fn sensitivity(options: &Options, terminal: &Terminal) -> Result<Ending, Failure> {
    let stopwatch = Stopwatch::start();
    let threads = options.threads.start()?;
    let setup = options.changes.load(&options.scenario)?;
    // What is asked must have a meaning before anything is written.
    let study = SensitivityStudy::new(&setup)?.with_format(options.format.into());
    let default = Path::new("outputs").join(setup.file.stem());
    let target = options.output.as_ref().unwrap_or(&default);
    let job = LongJob {
        stopwatch,
        threads,
        target,
        writing: options.writing,
        resume: options.resume,
        fingerprint: study.fingerprint()?,
        shard: String::new(),
    };
    let ended = job.carry_out(&setup, &study, terminal, |finished| {
        let StudySummary::Sensitivity(summary) = &finished.summary else {
            return String::new();
        };
        let told = report::sensitivity(summary, study.analysis());
        brief::shown(&told, terminal)
    })?;
    match ended {
        Ended::Now(finished) => {
            let ending = verdict(finished.counts, options.max_failures, terminal);
            if ending == Ending::TooManyFailures {
                let first = finished.first_failure.as_ref();
                failed_life::say(first, target, &options.changes, terminal);
            }
            Ok(ending)
        }
        Ended::Before(saved) => {
            let wanted = options.format.into();
            if study.saved_format(&*saved).is_some_and(|it| it != wanted) {
                job.rewrite(&setup, &saved, terminal, |folder| {
                    study.rewrite(&*saved, folder)
                })?;
            }
            let counts = saved.manifest().runs;
            Ok(verdict(counts, options.max_failures, terminal))
        }
    }
}

/// Whether too many points failed, with a word about it.
fn verdict(counts: Counts, most: Tolerance, terminal: &Terminal) -> Ending {
    if most.is_exceeded(counts) || (counts.ok == 0 && counts.requested > 0) {
        terminal.warn(&format!(
            "{} of {} points failed; the reasons are in the table of points, and every index says \
             how many cases it used",
            counts.failed, counts.requested
        ));
        return Ending::TooManyFailures;
    }
    Ending::Done
}
