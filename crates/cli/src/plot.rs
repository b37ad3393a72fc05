//! `gutbrain plot RUN_DIR`: the figures again, from the saved tables; nothing is simulated.

use std::path::{Path, PathBuf};

use clap::ValueHint;

use super::failure::Failure;
use super::job::MeterProgress;
use super::layout;
use super::options::{ModelOptions, WritingOptions, inputs};
use super::resumable::begin;
use super::terminal::Terminal;
use super::threads::Threads;
use super::{Ending, end_on_interrupt};
use gutbrain::model::Model;
use gutbrain::results::cohort_figures::{CohortMaterial, OwnTables};
use gutbrain::results::figures::Material;
use gutbrain::results::tables::{endpoint_kinds, restore_units};
use gutbrain::scenario::{Scenario, ScenarioFile};
use gutbrain::study::{SensitivityStudy, Setup, StudyError, draw_sweep, pictures};
use gutbrain_store::{Identity, Interrupted, OutputError, SavedRun, Terms};
use gutbrain_table::{ColumnKind, Table};

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
    let scenario = file.check(&model)?;
    end_on_interrupt()?;
    let loaded = Setup {
        model,
        file,
        scenario,
    };
    let Setup {
        model, scenario, ..
    } = &loaded;
    let is_sweep = saved.manifest().identity.command.starts_with("sweep");
    let drawn = if is_sweep {
        if !saved.manifest().shard.is_empty() {
            let run = options.run.display();
            return Err(Failure::Usage(format!(
                "`{run}` is one shard of a sweep\n  help: join all shards with `gutbrain merge` first"
            )));
        }
        draw_sweep(&loaded, &saved, &MeterProgress::new(terminal)).map_err(Failure::from)
    } else if saved.manifest().identity.command == "sensitivity" {
        let study = SensitivityStudy::new(&loaded)?;
        let drawn = study.draw(&saved, &MeterProgress::new(terminal));
        drawn.map_err(|error| match error {
            StudyError::Mismatch { why, .. } => {
                let path = options.run.clone();
                OutputError::NotARun { path, why }.into()
            }
            other => other.into(),
        })
    } else if scenario.cohort.is_some() {
        draw_cohort(&saved, scenario, model, terminal)
    } else {
        draw_animals(&saved, &options.run, scenario, model, terminal)
    };
    let figures = drawn.map_err(|failure| unreadable(&options.run, failure))?;
    let (target, mut folder) = match &options.output {
        Some(target) => {
            let scenario = saved.manifest().identity.scenario.clone();
            let identity = Identity {
                scenario,
                command: "plot".to_owned(),
            };
            let mut read = inputs(&loaded);
            read.push(options.run.clone());
            (
                target,
                begin(target, identity, options.writing.terms(), &read, terminal)?,
            )
        }
        None => {
            let identity = saved.manifest().identity.clone();
            let mut folder = {
                // The same identity, but no new start: what waits to be gone on with stays.
                let terms = Terms {
                    interrupted: Interrupted::Kept,
                    ..options.writing.terms()
                };
                begin(&options.run, identity, terms, &[], terminal)?
            };
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

/// What cannot be read is no run that can be drawn; nothing was to be written yet.
fn unreadable(run: &Path, failure: Failure) -> Failure {
    let why = match failure {
        Failure::Table(error) => error.to_string(),
        Failure::Json(error) => format!("summary.json is damaged: {error}"),
        other => return other,
    };
    let path = run.to_path_buf();
    Failure::Output(OutputError::NotARun { path, why })
}

type Files = Vec<(String, Vec<u8>)>;

fn draw_animals(
    saved: &SavedRun,
    folder: &Path,
    scenario: &Scenario,
    model: &Model,
    terminal: &Terminal,
) -> Result<Files, Failure> {
    let trajectories = read_trajectories(saved, folder)?;
    let endpoints = read_endpoints(saved)?;
    let mut input = Material::new(&trajectories, &endpoints, scenario, &model.declaration);
    if let Some(data) = read_own(saved, "data")? {
        input = input.with_data(&data)?;
    }
    Ok(pictures(
        scenario,
        model,
        &scenario.figures,
        |plan| input.draw(plan),
        &MeterProgress::new(terminal),
    )?)
}

fn draw_cohort(
    saved: &SavedRun,
    scenario: &Scenario,
    model: &Model,
    terminal: &Terminal,
) -> Result<Files, Failure> {
    let bands = if saved.manifest().files.contains_key("bands.parquet") {
        Table::from_parquet("bands", &saved.read("bands.parquet")?)?
    } else {
        let texts = ["arm", "variable", "unit"].map(|name| (name, ColumnKind::Text));
        Table::from_csv("bands", &saved.read("bands.csv")?, &texts)?
    };
    let kinds = [("arm", ColumnKind::Text)];
    let survival = Table::from_csv("survival", &saved.read("survival.csv")?, &kinds)?;
    let summary = serde_json::from_slice(&saved.read("summary.json")?)?;
    let measurements = read_own(saved, "data")?;
    let own_survival = read_own(saved, "data-survival")?;
    let input = CohortMaterial {
        bands: &bands,
        endpoints: &read_endpoints(saved)?,
        survival: &survival,
        summary: &summary,
        scenario,
        declaration: &model.declaration,
        own: OwnTables {
            measurements: measurements.as_ref(),
            survival: own_survival.as_ref(),
        },
    };
    Ok(pictures(
        scenario,
        model,
        &scenario.figures,
        |plan| input.draw(plan),
        &MeterProgress::new(terminal),
    )?)
}

/// A table of a laboratory's own data, if the run has it.
fn read_own(saved: &SavedRun, name: &str) -> Result<Option<Table>, Failure> {
    let file = format!("{name}.csv");
    if !saved.manifest().files.contains_key(&file) {
        return Ok(None);
    }
    let texts = ["file", "arm", "variable", "unit", "spread_kind"];
    let kinds = texts.map(|name| (name, ColumnKind::Text));
    Ok(Some(Table::from_csv(name, &saved.read(&file)?, &kinds)?))
}

fn read_endpoints(saved: &SavedRun) -> Result<Table, Failure> {
    let text = saved.read("endpoints.csv")?;
    let kinds = endpoint_kinds(&text);
    let kinds: Vec<(&str, ColumnKind)> = (kinds.iter())
        .map(|(name, kind)| (name.as_str(), *kind))
        .collect();
    Ok(Table::from_csv("endpoints", &text, &kinds)?)
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
