//! `gutbrain plot RUN_DIR`: the figures again, from the saved tables; nothing is simulated.

use std::path::{Path, PathBuf};

use clap::ValueHint;

use super::failure::Failure;
use super::options::{ModelOptions, WritingOptions};
use super::threads::Threads;
use super::usage::Usage;
use super::{Ending, end_on_interrupt};
use gutbrain::scenario::ScenarioFile;
use gutbrain::study::{Setup, StudyError, draw};
use gutbrain_store::{Figures, Manifest, Question as _, SavedRun};
use gutbrain_terminal::{OnTerminal, Terminal};

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
    let model = options.model.load_of_run(&saved.manifest().model)?;
    if saved.manifest().model.sha256 != model.hash {
        terminal.warn(
            "the model is not the one of the run: labels may differ, the numbers are those saved",
        );
    }
    let file = ScenarioFile::open(&options.run.join("scenario.toml"))?;
    let loaded = Setup::new(model, file)?;
    end_on_interrupt()?;
    let Manifest {
        identity, shard, ..
    } = saved.manifest();
    if !shard.is_empty() {
        return Err(Usage::OneShard(options.run.clone()).into());
    }
    let progress = OnTerminal::new(terminal);
    let drawn = draw(&loaded, &saved, &identity.command, &progress);
    let figures = drawn.map_err(|error| unreadable(&options.run, error))?;
    let place = Figures {
        run: &saved,
        output: options.output.as_deref(),
        terms: options.writing.terms(),
        read: loaded.inputs(),
    };
    let target = place.put(&figures, &progress)?;
    terminal.say_where(target, figures.len())?;
    Ok(Ending::Done)
}

/// What cannot be read is no run that can be drawn; nothing was to be written yet.
fn unreadable(run: &Path, error: StudyError) -> Failure {
    let why = match error {
        StudyError::Table(error) => error.to_string(),
        StudyError::Json(error) => format!("summary.json is damaged: {error}"),
        StudyError::Mismatch { why, .. } => why,
        StudyError::NothingToDraw { table } => {
            format!("it has no {table}; run with output.trajectories = \"all\"")
        }
        other => return other.into(),
    };
    Failure::not_a_run(run, why)
}
