//! `gutbrain plot RUN_DIR`: the figures again, from the saved tables; nothing is simulated.

use std::path::PathBuf;

use clap::ValueHint;

use super::Ending;
use super::failure::Failure;
use super::options::{ModelOptions, WritingOptions};
use super::threads::Threads;
use super::usage::Usage;
use gutbrain::scenario::ScenarioFile;
use gutbrain::study::Setup;
use gutbrain_store::{Figures, Question as _, SavedRun};
use gutbrain_terminal::{OnTerminal, Terminal, end_on_interrupt};

/// Options of `plot`.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// Folder of an earlier run
    #[arg(value_name = "RUN_DIR", value_hint = ValueHint::DirPath)]
    run: PathBuf,
    /// Write the figures into another folder [default: into the run's own]
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    output: Option<PathBuf>,
    #[command(flatten)]
    writing: WritingOptions,
    #[command(flatten)]
    model: ModelOptions,
}

/// Draws every figure of a run again.
pub(super) fn plot(options: &Options, terminal: &Terminal) -> Result<Ending, Failure> {
    let pool = Threads::one_for_each_processor()?;
    pool.install(|| draw_again(options, terminal))
}

fn draw_again(options: &Options, terminal: &Terminal) -> Result<Ending, Failure> {
    let saved = SavedRun::open(&options.run)?;
    let entry = &saved.manifest().model;
    let model = options.model.load_of_run(entry, "labels", terminal)?;
    let file = ScenarioFile::open(&options.run.join("scenario.toml"))?;
    let loaded = Setup::new(model, file)?;
    end_on_interrupt()?;
    if !saved.manifest().shard.is_empty() {
        return Err(Usage::OneShard(options.run.clone()).into());
    }
    let command = &saved.manifest().identity.command;
    if !matches!(command.as_str(), "run" | "sweep" | "merge" | "sensitivity") {
        let why = format!(
            "it holds results of `{command}`, whose figures are drawn when it is run, and not again"
        );
        return Err(Failure::not_a_run(&options.run, why));
    }
    let progress = OnTerminal::new(terminal);
    let place = Figures {
        run: &saved,
        output: options.output.as_deref(),
        terms: options.writing.terms(),
        read: loaded.inputs(),
    };
    let figures = place.draw(&loaded, &progress)?;
    let target = place.put(&figures, &progress)?;
    terminal.say_where(target, figures.len())?;
    Ok(Ending::Done)
}
