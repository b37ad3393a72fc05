//! `gutbrain repeat`: one animal of a finished run again, from what its folder holds.

use std::path::PathBuf;

use clap::ValueHint;

use super::Ending;
use super::failure::Failure;
use super::options::{ModelOptions, ScenarioOptions, WritingOptions, model_entry};
use super::run::{self, TableFormat};
use super::terminal::Terminal;
use super::threads::ThreadOptions;
use gutbrain_store::SavedRun;

/// Options of `repeat`.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// Folder of a finished run
    #[arg(value_name = "RUN", value_hint = ValueHint::DirPath)]
    run: PathBuf,
    /// Number of the animal, of a cohort
    #[arg(long, value_name = "N")]
    subject: Option<u64>,
    /// Only this arm [default: all]
    #[arg(long, value_name = "NAME")]
    arm: Option<String>,
    /// Folder for the results [default: outputs/<name of the run>-again]
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    output: Option<PathBuf>,
    #[command(flatten)]
    writing: WritingOptions,
    #[command(flatten)]
    threads: ThreadOptions,
}

/// Runs the resolved scenario of the folder for this animal alone.
pub(super) fn repeat(options: &Options, terminal: &Terminal) -> Result<Ending, Failure> {
    let saved = SavedRun::open(&options.run)?;
    let manifest = saved.manifest();
    let command = &manifest.identity.command;
    if command != "run" {
        return Err(Failure::Usage(format!(
            "`{}` holds results of `{command}`, not of `run`\n  help: a study that meets a failure says \
             the command that repeats it",
            options.run.display()
        )));
    }
    // The manifest vouches for what is read.
    saved.read("scenario.toml")?;
    let entry = &manifest.model;
    let model = ModelOptions {
        // A folder, or the label of a shipped model.
        model: Some(PathBuf::from(&entry.label)),
        variant: Some(entry.variant.clone()).filter(|name| !name.is_empty()),
    };
    let now = model_entry(&model.load()?);
    if now.sha256 != entry.sha256 || now.posterior_sha256 != entry.posterior_sha256 {
        return Err(Failure::Usage(format!(
            "the model `{}` is no longer the one of this run\n  help: this animal would be another one; \
             use the program and model that the run was made with",
            entry.label
        )));
    }
    let name = &manifest.identity.scenario;
    let output = options
        .output
        .clone()
        .unwrap_or_else(|| PathBuf::from("outputs").join(format!("{name}-again")));
    let again = run::Options::of_one_animal(
        options.run.join("scenario.toml"),
        output,
        ScenarioOptions {
            set: (options.subject.iter())
                .map(|number| format!("cohort.only={number}"))
                .collect(),
            arm: options.arm.iter().cloned().collect(),
            allow_implausible: false,
            seed: None,
            model,
        },
        (options.writing, options.threads, TableFormat::Parquet),
    );
    run::run(&again, terminal)
}
