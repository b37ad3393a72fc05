//! `gutbrain merge`: the shards of a sweep as one run, with the same bytes as if it had been run whole.

use std::path::{Path, PathBuf};

use clap::ValueHint;

use super::Ending;
use super::failure::Failure;
use super::job::{Job, Verdict};
use super::options::{ModelOptions, WritingOptions};
use super::sweep::conclude;
use super::table_format::TableFormat;
use super::threads::Threads;
use gutbrain::scenario::ScenarioFile;
use gutbrain::study::{MergeStudy, QuestionError, Setup, StudyError, Tolerance};
use gutbrain_store::{Question as _, Shards, Stopwatch};
use gutbrain_terminal::Terminal;

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
    let threads = Threads::one_for_each_processor()?;
    let shards = Shards::open(&options.shards)?.ok_or(StudyError::from(QuestionError::NoShards))?;
    let first = shards.first();
    let made_with = &first.manifest().model;
    let model = (options.model).load_of_run(made_with, "names and labels", terminal)?;
    let file = ScenarioFile::open(&first.folder().join("scenario.toml"))?;
    let setup = Setup::new(model, file)?;
    let parts = shards.parts().map_err(StudyError::from)?;
    let study = MergeStudy::new(&setup, parts, options.format.into())?;
    let question = shards.joined(&setup, study.fingerprint());
    let default = || Path::new("outputs").join(question.stem());
    let target = options.output.clone().unwrap_or_else(default);
    let job = Job {
        stopwatch,
        threads,
        target: &target,
        writing: options.writing,
        parts: None,
    };
    let ended = job.carry_out(&question, &study, terminal)?;
    let verdict = Verdict {
        most: options.max_failures,
        target: &target,
        model: &options.model,
        family: &setup.model.declaration.family,
    };
    Ok(conclude(&study, &ended, &verdict, terminal))
}
