//! `gutbrain plot RUN_DIR`: the figures again, from the saved tables; nothing is simulated.

use std::path::{Path, PathBuf};

use clap::ValueHint;

use super::failure::Failure;
use super::layout;
use super::options::ModelOptions;
use super::run::pictures;
use super::terminal::Terminal;
use super::{Ending, end_on_interrupt};
use crate::output::{Identity, OutputError, Replace, RunFolder, SavedRun};
use crate::report::table::{ColumnKind, Table};
use crate::results::figures::Material;
use crate::results::tables::restore_units;
use crate::scenario::ScenarioFile;

/// Options of `plot`.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// Folder of an earlier run
    #[arg(value_name = "RUN_DIR", value_hint = ValueHint::DirPath)]
    run: PathBuf,
    /// Write the figures into another folder [default: into the run's own]
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    output: Option<PathBuf>,
    /// Replace whatever is in that folder
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    model: ModelOptions,
}

/// Draws every figure of a run again.
pub(super) fn plot(options: &Options, terminal: &Terminal) -> Result<Ending, Failure> {
    let saved = SavedRun::open(&options.run)?;
    let model = options.model.load()?;
    if saved.manifest().model.sha256 != model.hash {
        terminal.warn(
            "the model is not the one of the run: labels may differ, the numbers are those saved",
        );
    }
    let file = ScenarioFile::open(&options.run.join("scenario.toml"))?;
    let scenario = file.check(&model)?;
    let trajectories = read_trajectories(&saved, &options.run)?;
    let kinds = [
        ("arm", ColumnKind::Text),
        ("sex", ColumnKind::Text),
        ("onset_d", ColumnKind::Number),
        ("death_d", ColumnKind::Number),
        ("last_d", ColumnKind::Number),
        ("event", ColumnKind::Text),
        ("status", ColumnKind::Text),
        ("reason", ColumnKind::Text),
    ];
    let endpoints = Table::from_csv("endpoints", &saved.read("endpoints.csv")?, &kinds)?;
    let input = Material::new(&trajectories, &endpoints, &scenario, &model.declaration);
    end_on_interrupt()?;
    let figures = pictures(&scenario.figures, &input, terminal)?;
    let (target, mut folder) = match &options.output {
        Some(target) => {
            let scenario = saved.manifest().identity.scenario.clone();
            let identity = Identity {
                scenario,
                command: "plot".to_owned(),
            };
            let replace = if options.force {
                Replace::Anything
            } else {
                Replace::SameIdentity
            };
            (target, RunFolder::begin(target, identity, replace)?)
        }
        None => {
            let identity = saved.manifest().identity.clone();
            let mut folder = RunFolder::begin(&options.run, identity, Replace::SameIdentity)?;
            for name in saved
                .manifest()
                .files
                .keys()
                .filter(|name| !name.starts_with("figures/"))
            {
                folder.add(name, &saved.read(name)?)?;
            }
            (&options.run, folder)
        }
    };
    for (name, bytes) in &figures {
        folder.add(name, bytes)?;
    }
    folder.finish(|manifest| {
        let files = std::mem::take(&mut manifest.files);
        let identity = manifest.identity.clone();
        *manifest = saved.manifest().clone();
        manifest.files = files;
        manifest.identity = identity;
    })?;
    terminal.print_summary(&layout::where_written(target, figures.len(), terminal))?;
    Ok(Ending::Done)
}

fn read_trajectories(saved: &SavedRun, folder: &Path) -> Result<Table, Failure> {
    let has = |name: &str| saved.manifest().files.contains_key(name);
    if has("trajectories.parquet") {
        let bytes = saved.read("trajectories.parquet")?;
        return Ok(Table::from_parquet("trajectories", &bytes)?);
    }
    if has("trajectories.csv") {
        let kinds = [("arm", ColumnKind::Text)];
        let mut table = Table::from_csv("trajectories", &saved.read("trajectories.csv")?, &kinds)?;
        let kinds = [("variable", ColumnKind::Text), ("unit", ColumnKind::Text)];
        restore_units(
            &mut table,
            &Table::from_csv("units", &saved.read("units.csv")?, &kinds)?,
        );
        return Ok(table);
    }
    Err(Failure::Output(OutputError::NotARun {
        path: folder.to_path_buf(),
        why: "it has no trajectories; run with output.trajectories = \"all\"".to_owned(),
    }))
}
