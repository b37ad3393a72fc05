//! `gutbrain sweep`: a scenario at many points, in blocks that are kept as they are finished.

use std::path::{Path, PathBuf};

use clap::ValueHint;

use super::failure::Failure;
use super::job::MeterProgress;
use super::long_job::{Ended, LongJob};
use super::options::{ScenarioOptions, WritingOptions};
use super::run::{TableFormat, Tolerance};
use super::terminal::Terminal;
use super::threads::ThreadOptions;
use super::{Ending, brief, failed_life};
use gutbrain::report::brief as report;
use gutbrain::study::{Finished, Shard, StudySummary, SweepStudy};
use gutbrain_store::Stopwatch;

/// Options of `sweep`.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// Scenario file with a `[sweep]`
    #[arg(value_name = "SCENARIO", value_hint = ValueHint::FilePath)]
    scenario: PathBuf,
    /// Folder for the results [default: outputs/<name of the scenario>, with .I-of-N for a shard]
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    output: Option<PathBuf>,
    #[command(flatten)]
    writing: WritingOptions,
    /// Go on where an earlier start was stopped
    #[arg(long, conflicts_with = "force")]
    resume: bool,
    /// Run one part of N; `gutbrain merge` joins the parts. A shard is always written as Parquet
    #[arg(long, value_name = "I/N")]
    shard: Option<Shard>,
    /// Format of large tables
    #[arg(long, value_enum, default_value_t)]
    format: TableFormat,
    #[command(flatten)]
    threads: ThreadOptions,
    /// Failed runs that are tolerated, as a number or a share: 2, 1%
    #[arg(long, value_name = "N|N%", default_value = "1%")]
    max_failures: Tolerance,
    #[command(flatten)]
    changes: ScenarioOptions,
}

/// Runs the sweep of a scenario.
pub(super) fn sweep(options: &Options, terminal: &Terminal) -> Result<Ending, Failure> {
    let stopwatch = Stopwatch::start();
    let threads = options.threads.start()?;
    let setup = options.changes.load(&options.scenario)?;
    let shard = options.shard.unwrap_or(Shard::WHOLE);
    let study = SweepStudy::new(&setup)?
        .with_shard(shard)
        .with_format(options.format.into());
    let stem = setup.file.stem();
    let default = Path::new("outputs").join(if shard.is_whole() {
        stem.to_owned()
    } else {
        format!("{stem}.{}-of-{}", shard.number(), shard.of())
    });
    let target = options.output.as_ref().unwrap_or(&default);
    let job = LongJob {
        stopwatch,
        threads,
        target,
        writing: options.writing,
        resume: options.resume,
        fingerprint: study.fingerprint(),
        shard: shard.noted(),
    };
    let finished = match job.carry_out(&setup, &study, terminal, |it| shown(it, terminal))? {
        Ended::Now(finished) => *finished,
        Ended::Before(saved) => {
            if study.saved_format(&*saved) == Some(study.format()) {
                study.recount(&*saved)?
            } else {
                let progress = MeterProgress::new(terminal);
                job.rewrite(&setup, &saved, terminal, |folder| {
                    study.rewrite(&*saved, folder, &progress)
                })?
            }
        }
    };
    let ending = verdict(&finished, options.max_failures, terminal);
    if ending == Ending::TooManyFailures {
        let first = finished.first_failure.as_ref();
        failed_life::say(first, target, &options.changes, terminal);
    }
    Ok(ending)
}

/// What the terminal says of a sweep.
pub(super) fn shown(finished: &Finished, terminal: &Terminal) -> String {
    match &finished.summary {
        StudySummary::Sweep(summary) => brief::shown(&report::sweep(summary), terminal),
        _ => String::new(),
    }
}

/// Whether too much failed, with a word about it.
pub(super) fn verdict(finished: &Finished, most: Tolerance, terminal: &Terminal) -> Ending {
    if let StudySummary::Sweep(summary) = &finished.summary
        && summary.not_run() > 0
    {
        terminal.warn(&format!(
            "{} rows were not run: the scenario makes no sense there (status not_run, with the reason)",
            summary.not_run()
        ));
    }
    let counts = finished.counts;
    if most.is_exceeded(counts) || (counts.ok == 0 && counts.requested > 0) {
        let (failed, requested) = (counts.failed, counts.requested);
        terminal.warn(&format!(
            "{failed} of {requested} runs failed; the reasons are in the table"
        ));
        return Ending::TooManyFailures;
    }
    Ending::Done
}
