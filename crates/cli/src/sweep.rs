//! `gutbrain sweep`: a scenario at many points, in blocks that are kept as they are finished.

use std::path::PathBuf;

use clap::ValueHint;

use super::Ending;
use super::failure::Failure;
use super::job::{Job, Verdict, parts};
use super::study_options::StudyOptions;
use gutbrain::study::{Shard, Study, StudySummary, SweepStudy, Tolerance};
use gutbrain_store::{Ended, Parts, RunFolder};
use gutbrain_terminal::{OnTerminal, Terminal};

/// Options of `sweep`.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// Scenario file with a `[sweep]`
    #[arg(value_name = "SCENARIO", value_hint = ValueHint::FilePath)]
    scenario: PathBuf,
    /// Go on where an earlier start was stopped
    #[arg(long, conflicts_with = "force")]
    resume: bool,
    /// Run one part of N; `gutbrain merge` joins the parts. A shard is always written as Parquet
    #[arg(long, value_name = "I/N")]
    shard: Option<Shard>,
    #[command(flatten)]
    study: StudyOptions,
}

/// Runs the sweep of a scenario.
pub(super) fn sweep(options: &Options, terminal: &Terminal) -> Result<Ending, Failure> {
    let shard = options.shard.unwrap_or(Shard::WHOLE);
    let ending = match shard.is_whole() {
        true => String::new(),
        false => format!(".{}-of-{}", shard.number(), shard.of()),
    };
    let opened = options.study.frame.open(&options.scenario, &ending)?;
    let setup = &opened.setup;
    let study = SweepStudy::new(setup)?
        .with_shard(shard)
        .with_format(options.study.format.into());
    let job = Job {
        parts: Some(Parts {
            shard: shard.noted(),
            ..parts(study.fingerprint(), options.resume)
        }),
        ..options.study.frame.job(&opened)
    };
    let ended = match job.carry_out(setup, &study, terminal)? {
        Ended::Before(saved) if study.saved_format(&*saved) == Some(study.format()) => {
            Ended::Now(Box::new(study.recount(&*saved)?))
        }
        Ended::Before(saved) => {
            let progress = OnTerminal::new(terminal);
            let write = |folder: &mut RunFolder| study.rewrite(&*saved, folder, &progress);
            Ended::Now(Box::new(job.rewrite(setup, &saved, terminal, write)?))
        }
        now @ Ended::Now(_) => now,
    };
    let verdict = options.study.verdict(&opened, Tolerance::Percent(1.0));
    Ok(conclude(&study, &ended, &verdict, terminal))
}

/// What becomes of a sweep, with a word about it.
pub(super) fn conclude(
    study: &dyn Study,
    ended: &Ended,
    verdict: &Verdict<'_>,
    terminal: &Terminal,
) -> Ending {
    if let Ended::Now(finished) = ended
        && let StudySummary::Sweep(summary) = &finished.summary
        && let Some(warning) = summary.warning()
    {
        terminal.warn(&warning);
    }
    verdict.on_points(study, ended, terminal)
}
