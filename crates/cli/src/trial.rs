//! `gutbrain trial`: repeat the whole experiment, write what it would have told us.

use std::path::{Path, PathBuf};

use clap::ValueHint;

use super::failure::Failure;
use super::meter::Meter;
use super::options::ScenarioOptions;
use super::run::{TableFormat, Tolerance, describe, encode, picture};
use super::terminal::Terminal;
use super::{Ending, end_on_interrupt, layout};
use gutbrain::analysis::trial::{Pool, repeat};
use gutbrain::results::cohort_figures::trial_figures;
use gutbrain::results::trial::{TrialSummary, answers, experiments, pool_table};
use gutbrain_store::{Counts, Identity, Replace, RunFolder, Stopwatch, sha256};

/// Options of `trial`.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// Scenario file with at least two arms: the first is the control, the second the treatment
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
    /// Failed animals of the pool that are tolerated, as a number or a share: 2, 1%
    #[arg(long, value_name = "N|N%", default_value = "1%")]
    max_failures: Tolerance,
    #[command(flatten)]
    changes: ScenarioOptions,
}

/// Repeats the experiment of a scenario.
pub(super) fn trial(options: &Options, terminal: &Terminal) -> Result<Ending, Failure> {
    let stopwatch = Stopwatch::start();
    let loaded = options.changes.load(&options.scenario)?;
    let scenario = &loaded.scenario;
    if scenario.arms.len() < 2 {
        return Err(Failure::Usage(
            "a trial needs two arms, a control and a treatment; this scenario has one\n  \
             help: add an `[[arm]]` with an intervention"
                .to_owned(),
        ));
    }
    let plan = &scenario.trial;
    let identity = Identity {
        scenario: loaded.file.stem().to_owned(),
        command: "trial".to_owned(),
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
    let workers = rayon::ThreadPoolBuilder::new()
        .num_threads(options.threads.unwrap_or(0))
        .build()
        .map_err(|error| Failure::Usage(format!("cannot start threads: {error}")))?;
    let threads = workers.current_num_threads();
    let (pool, results) = workers.install(|| {
        let mut meter = Meter::new(terminal, "lives", 2 * plan.pool);
        let pool = Pool::simulate(&loaded.model, scenario, plan, |lives, failed| {
            meter.add(lives, failed);
        })?;
        meter.finish();
        let cells = plan.designs.len() * plan.group_sizes.len() * 2;
        let mut meter = Meter::new(terminal, "experiments", cells as u64 * plan.replicates);
        let results = repeat(&pool, plan, scenario.seed, |done| meter.add(done, 0));
        meter.finish();
        Ok::<_, Failure>((pool, results))
    })?;
    let summary = TrialSummary::new(scenario, plan, &pool, &results);
    let resolved = loaded.file.resolved(scenario);
    let (answers, experiments) = (answers(&results), experiments(&results));
    let figures = trial_figures(&answers, &experiments, plan, summary.true_effect_d)?;
    let mut files = vec![
        ("scenario.toml".to_owned(), resolved.clone().into_bytes()),
        ("trial.csv".to_owned(), answers.to_csv()?.into_bytes()),
        ("summary.json".to_owned(), summary.to_json()?.into_bytes()),
        encode(&experiments, options.format)?,
        encode(&pool_table(&pool), options.format)?,
    ];
    for figure in &figures {
        files.extend(picture(figure)?);
    }
    for (name, bytes) in &files {
        folder.add(name, bytes)?;
    }
    let failed = usize::try_from(pool.failed).unwrap_or(usize::MAX);
    let requested = usize::try_from(pool.requested).unwrap_or(usize::MAX);
    let counts = Counts {
        requested,
        ok: requested - failed,
        failed,
    };
    let scenario_sha256 = sha256(resolved.as_bytes());
    folder.finish(|manifest| {
        describe(manifest, &loaded, counts, scenario_sha256);
        stopwatch.describe(manifest, threads);
    })?;
    terminal.print_summary(&layout::trial_summary(&summary, terminal))?;
    terminal.print_summary(&layout::where_written(target, files.len() + 1, terminal))?;
    if options.max_failures.is_exceeded(counts) {
        terminal.warn(&format!(
            "{failed} of {requested} animals of the pool failed in an arm and are not in it"
        ));
        return Ok(Ending::TooManyFailures);
    }
    Ok(Ending::Done)
}
