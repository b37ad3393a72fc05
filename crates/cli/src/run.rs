//! `gutbrain run`: simulate every arm, write the folder, print the summary.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::{ValueEnum, ValueHint};
use rayon::prelude::*;

use super::failure::Failure;
use super::options::{Loaded, ScenarioOptions};
use super::terminal::Terminal;
use super::{Ending, end_on_interrupt, layout, run_cohort};
use gutbrain::results::assumptions::Assumptions;
use gutbrain::results::figures::Material;
use gutbrain::results::summary::Summary;
use gutbrain::results::tables;
use gutbrain::scenario::FigurePlan;
use gutbrain::simulate::{ArmRun, Status, simulate};
use gutbrain_figures::{Figure, FigureError, PRINT_DOTS_PER_INCH};
use gutbrain_store::{
    Counts, Identity, Manifest, ModelEntry, Replace, RunFolder, SolverEntry, Stopwatch, sha256,
};
use gutbrain_table::Table;

/// Options of `run`.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// Scenario file
    #[arg(value_name = "SCENARIO", value_hint = ValueHint::FilePath)]
    scenario: PathBuf,
    /// Folder for the results [default: outputs/<name of the scenario>]
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    output: Option<PathBuf>,
    /// Replace whatever is in the folder
    #[arg(long)]
    force: bool,
    /// Format of large tables
    #[arg(long, value_enum, default_value_t)]
    format: TableFormat,
    /// Number of threads; never changes a result
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    /// Failed runs that are tolerated, as a number or a share: 2, 1% [default: 0; cohorts: 1%]
    #[arg(long, value_name = "N|N%")]
    max_failures: Option<Tolerance>,
    #[command(flatten)]
    changes: ScenarioOptions,
}

/// Format of large tables.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum TableFormat {
    /// Apache Parquet: small, typed, with units
    #[default]
    Parquet,
    /// Text
    Csv,
}

/// How many failed runs are tolerated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Tolerance {
    Number(usize),
    Percent(f64),
}

impl std::str::FromStr for Tolerance {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let explain = || format!("`{text}` is neither a number of runs nor a share such as 1%");
        match text.strip_suffix('%') {
            Some(share) => match share.trim().parse::<f64>() {
                Ok(percent) if (0.0..=100.0).contains(&percent) => Ok(Self::Percent(percent)),
                _ => Err(explain()),
            },
            None => text.trim().parse().map(Self::Number).map_err(|_| explain()),
        }
    }
}

impl Tolerance {
    /// Whether more failed than may.
    pub(super) fn is_exceeded(self, counts: Counts) -> bool {
        match self {
            Self::Number(most) => counts.failed > most,
            #[expect(
                clippy::cast_precision_loss,
                reason = "counts of runs are far below 2^53"
            )]
            Self::Percent(percent) => {
                counts.failed as f64 * 100.0 > percent * counts.requested as f64
            }
        }
    }
}

/// Runs a scenario.
pub(super) fn run(options: &Options, terminal: &Terminal) -> Result<Ending, Failure> {
    let stopwatch = Stopwatch::start();
    let loaded = options.changes.load(&options.scenario)?;
    let identity = Identity {
        scenario: loaded.file.stem().to_owned(),
        command: "run".to_owned(),
    };
    let default = Path::new("outputs").join(loaded.file.stem());
    let target = options.output.as_ref().unwrap_or(&default);
    let replace = if options.force {
        Replace::Anything
    } else {
        Replace::SameIdentity
    };
    end_on_interrupt()?;
    let mut folder = RunFolder::begin(target, identity, replace)?;
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(options.threads.unwrap_or(0))
        .build()
        .map_err(|error| Failure::Usage(format!("cannot start threads: {error}")))?;
    let threads = pool.current_num_threads();
    let arms = loaded.scenario.arms.len();
    terminal.progress(&format!("simulating {arms} arms with {threads} threads"));
    let computed = pool.install(|| match &loaded.scenario.cohort {
        Some(plan) => run_cohort::compute(&loaded, plan, options.format, terminal),
        None => compute(&loaded, options.format, terminal),
    })?;
    terminal.progress(&computed.effort);
    for (name, bytes) in &computed.files {
        folder.add(name, bytes)?;
    }
    let counts = computed.counts;
    let scenario_sha256 = sha256(loaded.file.resolved(&loaded.scenario).as_bytes());
    folder.finish(|manifest| {
        describe(manifest, &loaded, counts, scenario_sha256);
        stopwatch.describe(manifest, threads);
    })?;
    terminal.print_summary(&computed.summary)?;
    terminal.print_summary(&layout::where_written(
        target,
        computed.files.len() + 1,
        terminal,
    ))?;
    let tolerance = options
        .max_failures
        .unwrap_or(match loaded.scenario.cohort {
            Some(_) => Tolerance::Percent(1.0),
            None => Tolerance::Number(0),
        });
    if tolerance.is_exceeded(counts) {
        let (failed, requested) = (counts.failed, counts.requested);
        terminal.warn(&format!(
            "{failed} of {requested} runs failed; the reasons are in endpoints.csv and summary.json"
        ));
        return Ok(Ending::TooManyFailures);
    }
    Ok(Ending::Done)
}

fn count(runs: &[ArmRun]) -> Counts {
    let ok = runs
        .iter()
        .filter(|run| run.endpoints.status == Status::Ok)
        .count();
    Counts {
        requested: runs.len(),
        ok,
        failed: runs.len() - ok,
    }
}

/// What every manifest says of its scenario.
pub(super) fn describe(
    manifest: &mut Manifest,
    loaded: &Loaded,
    counts: Counts,
    scenario_sha256: String,
) {
    let Loaded {
        model, scenario, ..
    } = loaded;
    manifest.model = ModelEntry {
        label: model.label.clone(),
        sha256: model.hash.clone(),
        evidence_sha256: model.declaration.evidence_hash().to_owned(),
    };
    manifest.scenario_sha256 = scenario_sha256;
    manifest.seed = scenario.seed;
    manifest.solver = SolverEntry {
        method: scenario.solver.method.name().to_owned(),
        rtol: scenario.solver.rtol,
        atol: scenario.solver.atol,
    };
    manifest.runs = counts;
}

/// Everything a run gives, before it is written.
pub(super) struct Computed {
    /// Path inside the folder, and content.
    pub(super) files: Vec<(String, Vec<u8>)>,
    /// Runs asked for and failed.
    pub(super) counts: Counts,
    /// What it cost, in words.
    pub(super) effort: String,
    /// What the terminal shows.
    pub(super) summary: String,
}

/// Simulates one animal per arm.
fn compute(loaded: &Loaded, format: TableFormat, terminal: &Terminal) -> Result<Computed, Failure> {
    let Loaded {
        model,
        file,
        scenario,
    } = loaded;
    let runs = simulate(model, scenario)?;
    let assumptions = Assumptions::count(&model.declaration, scenario);
    let summary = Summary::new(&runs, scenario, assumptions);
    let endpoints = tables::endpoints(&runs);
    let mut files: Vec<(String, Vec<u8>)> = vec![
        (
            "scenario.toml".to_owned(),
            file.resolved(scenario).into_bytes(),
        ),
        ("endpoints.csv".to_owned(), endpoints.to_csv()?.into_bytes()),
        ("summary.json".to_owned(), summary.to_json()?.into_bytes()),
    ];
    if let Some(all) = tables::trajectories(&runs, None) {
        let saved = tables::saved_variables(scenario);
        if saved.as_ref().is_none_or(|saved| !saved.is_empty())
            && let Some(table) = tables::trajectories(&runs, saved.as_ref())
        {
            files.push(encode(&table, format)?);
            files.push((
                "units.csv".to_owned(),
                tables::units(&table).to_csv()?.into_bytes(),
            ));
        }
        // Figures are drawn from tables, as `plot` draws them, so that both agree.
        let input = Material::new(&all, &endpoints, scenario, &model.declaration);
        files.extend(pictures(
            &scenario.figures,
            |plan| input.draw(plan),
            terminal,
        )?);
    }
    Ok(Computed {
        files,
        counts: count(&runs),
        effort: effort(&runs),
        summary: layout::summary(&summary, scenario, terminal),
    })
}

fn effort(runs: &[ArmRun]) -> String {
    let total = |of: &dyn Fn(&ArmRun) -> u64| runs.iter().map(of).sum::<u64>();
    format!(
        "{} steps ({} rejected), {} rate calls, {} factorisations",
        total(&|run| run.effort.steps),
        total(&|run| run.effort.rejected),
        total(&|run| run.effort.derivative_calls),
        total(&|run| run.effort.factorisations),
    )
}

/// A large table in the format asked for.
pub(super) fn encode(table: &Table, format: TableFormat) -> Result<(String, Vec<u8>), Failure> {
    Ok(match format {
        TableFormat::Csv => (format!("{}.csv", table.name), table.to_csv()?.into_bytes()),
        TableFormat::Parquet => {
            let metadata = BTreeMap::from([("units".to_owned(), tables::units_json(table)?)]);
            (
                format!("{}.parquet", table.name),
                table.to_parquet(&metadata)?,
            )
        }
    })
}

/// The files of the figures, drawn in parallel, in the order of the figures.
///
/// A figure that has nothing to show is left out with a warning: the numbers matter more.
pub(super) fn pictures(
    plans: &[FigurePlan],
    draw: impl Fn(&FigurePlan) -> Result<Figure, FigureError> + Sync,
    terminal: &Terminal,
) -> Result<Vec<(String, Vec<u8>)>, Failure> {
    let drawn: Vec<_> = plans
        .par_iter()
        .map(|plan| draw(plan).map(|f| picture(&f)))
        .collect();
    let mut files = Vec::new();
    for (plan, drawn) in plans.iter().zip(drawn) {
        match drawn {
            Ok(picture) => files.extend(picture?),
            Err(error) => terminal.warn(&format!("figure `{}`: {error}", plan.name)),
        }
    }
    Ok(files)
}

/// The three files of a figure.
pub(super) fn picture(figure: &Figure) -> Result<[(String, Vec<u8>); 3], Failure> {
    let name = figure.name();
    Ok([
        (format!("figures/{name}.svg"), figure.to_svg()?.into_bytes()),
        (
            format!("figures/{name}.png"),
            figure.to_png(PRINT_DOTS_PER_INCH)?,
        ),
        (
            format!("figures/{name}.csv"),
            figure.data().to_csv()?.into_bytes(),
        ),
    ])
}
