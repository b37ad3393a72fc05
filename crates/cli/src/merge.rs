//! `gutbrain merge`: the shards of a sweep as one run, with the same bytes as if it had been run whole.

use std::path::{Path, PathBuf};

use clap::ValueHint;

use super::failure::Failure;
use super::job::Verdict;
use super::options::{ModelOptions, WritingOptions};
use super::sweep::conclude;
use super::table_format::TableFormat;
use super::threads::Threads;
use super::usage::Usage;
use super::{Ending, end_on_interrupt};
use gutbrain::scenario::ScenarioFile;
use gutbrain::study::{MergeStudy, Setup, Shard, Study as _, SweepPart, Tolerance};
use gutbrain_store::{Identity, OutputError, Question as _, SavedRun, Stopwatch, begin};
use gutbrain_terminal::{OnTerminal, Terminal};

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
        return Err(Usage::NoShards.into());
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
            shard: shard.map_err(Usage::from)?,
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
    let progress = OnTerminal::new(terminal);
    let mut folder = begin(target, identity, terms, &options.shards, &progress)?;
    folder.set_fingerprint(&study.fingerprint());
    let finished = study.run(&mut folder, &progress)?;
    folder.finish(|manifest| {
        setup.describe(manifest, finished.counts);
        stopwatch.describe(manifest, 1);
    })?;
    terminal.summarise(&study.brief(&finished))?;
    terminal.say_where(target, finished.files + 1)?;
    let verdict = Verdict {
        most: options.max_failures,
        target,
        model: &options.model,
        family: &setup.model.declaration.family,
    };
    Ok(conclude(&study, &finished, &verdict, terminal))
}
