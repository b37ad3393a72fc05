//! `gutbrain merge`: the shards of a sweep as one run, with the same bytes as if it had been run whole.

use std::path::{Path, PathBuf};

use clap::ValueHint;

use super::failure::Failure;
use super::job::{MeterProgress, describe};
use super::options::{ModelOptions, WritingOptions};
use super::resumable::begin;
use super::run::{TableFormat, Tolerance};
use super::sweep::{shown, verdict};
use super::terminal::Terminal;
use super::threads::Threads;
use super::{Ending, end_on_interrupt, layout};
use gutbrain::scenario::ScenarioFile;
use gutbrain::study::{MergeStudy, Setup, Shard, Study as _, SweepPart};
use gutbrain_store::{Identity, OutputError, SavedRun, Stopwatch};

/// Options of `merge`.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// Folders of the shards, in any order
    #[arg(value_name = "DIR", required = true, value_hint = ValueHint::DirPath)]
    shards: Vec<PathBuf>,
    /// Folder for the whole [default: outputs/<name of the scenario>]
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    output: Option<PathBuf>,
    #[command(flatten)]
    writing: WritingOptions,
    /// Format of large tables
    #[arg(long, value_enum, default_value_t)]
    format: TableFormat,
    /// Failed runs that are tolerated, as a number or a share: 2, 1%
    #[arg(long, value_name = "N|N%", default_value = "1%")]
    max_failures: Tolerance,
    #[command(flatten)]
    model: ModelOptions,
}

/// Joins shards.
pub(super) fn merge(options: &Options, terminal: &Terminal) -> Result<Ending, Failure> {
    let stopwatch = Stopwatch::start();
    Threads::one_for_each_processor()?;
    let Some(first) = options.shards.first() else {
        return Err(Failure::Usage("no shards".to_owned()));
    };
    let made_with = SavedRun::open(first)?.manifest().model.clone();
    let model = options.model.load_of_run(&made_with)?;
    let file = ScenarioFile::open(&first.join("scenario.toml"))?;
    let setup = Setup::new(model, file)?;
    let shards = (options.shards.iter()).map(|folder| SavedRun::open(folder));
    let shards: Vec<SavedRun> = shards.collect::<Result<_, OutputError>>()?;
    let parts = shards.iter().map(|saved| {
        let manifest = saved.manifest();
        let shard = Shard::from_note(&manifest.shard);
        Ok(SweepPart {
            shard: shard.map_err(|error| Failure::Usage(error.to_string()))?,
            fingerprint: manifest.fingerprint.clone(),
            saved,
        })
    });
    let parts = parts.collect::<Result<_, Failure>>()?;
    let study = MergeStudy::new(&setup, parts, options.format.into())?;
    let stem = shards[0].manifest().identity.scenario.clone();
    let default = Path::new("outputs").join(&stem);
    let target = options.output.as_ref().unwrap_or(&default);
    let identity = Identity {
        scenario: stem,
        command: study.command(),
    };
    end_on_interrupt()?;
    let terms = options.writing.terms();
    let mut folder = begin(target, identity, terms, &options.shards, terminal)?;
    folder.set_fingerprint(&study.fingerprint());
    let finished = study.run(&mut folder, &MeterProgress::new(terminal))?;
    folder.finish(|manifest| {
        describe(manifest, &setup, finished.counts);
        stopwatch.describe(manifest, 1);
    })?;
    terminal.print_summary(&shown(&finished, terminal))?;
    terminal.print_summary(&layout::where_written(target, finished.files + 1, terminal))?;
    Ok(verdict(&finished, options.max_failures, terminal))
}
