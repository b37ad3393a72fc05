//! `gutbrain repeat`: one animal of a finished run again, from what its folder holds.

use std::path::PathBuf;

use clap::ValueHint;

use super::Ending;
use super::failure::Failure;
use super::options::{ModelOptions, ScenarioOptions, WritingOptions};
use super::run;
use super::study_options::{FrameOptions, StudyOptions};
use super::table_format::TableFormat;
use super::threads::ThreadOptions;
use super::usage::Usage;
use gutbrain::scenario::ScenarioFile;
use gutbrain::study::Tolerance;
use gutbrain_store::{NamedModel, SavedRun};
use gutbrain_terminal::Terminal;

/// Options of `repeat`.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// Folder of a finished run
    #[arg(value_name = "RUN", value_hint = ValueHint::DirPath)]
    run: PathBuf,
    /// Number of the animal, of a cohort
    #[arg(long, value_name = "N")]
    subject: Option<u64>,
    /// Only this arm, and the first one beside it: ages that the solver cannot tell apart are those of the first
    /// arm [default: all]
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
        return Err(Usage::NotOfRun {
            run: options.run.clone(),
            command: command.clone(),
        }
        .into());
    }
    // The manifest vouches for what is read.
    saved.read("scenario.toml")?;
    let scenario = options.run.join("scenario.toml");
    let entry = &manifest.model;
    let NamedModel { name, variant } = NamedModel::of_run(entry);
    let model = ModelOptions {
        model: name,
        variant,
    };
    let loaded = model.load()?;
    if !entry.gives_the_animals_of(&loaded) {
        return Err(Usage::OtherModel(entry.label.clone()).into());
    }
    let name = format!("{}-again", manifest.identity.scenario);
    let output = (options.output.clone()).unwrap_or_else(|| PathBuf::from("outputs").join(name));
    let mut arms: Vec<String> = options.arm.iter().cloned().collect();
    if !arms.is_empty() {
        let plan = ScenarioFile::open(&scenario)?.check(&loaded)?;
        arms.extend(plan.arms.first().map(|first| first.name.clone()));
        arms.dedup();
    }
    let again = run::Options {
        scenario,
        study: StudyOptions {
            format: TableFormat::Parquet,
            max_failures: Some(Tolerance::Number(0)),
            frame: FrameOptions {
                output: Some(output),
                writing: options.writing,
                threads: options.threads,
                changes: ScenarioOptions {
                    set: (options.subject.iter())
                        .map(|number| format!("cohort.only={number}"))
                        .collect(),
                    arm: arms,
                    allow_implausible: false,
                    seed: None,
                    model,
                },
            },
        },
    };
    run::run(&again, terminal)
}
