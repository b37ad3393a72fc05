//! `gutbrain merge`: the shards of a sweep as one run, with the same bytes as if it had been run whole.

use std::path::{Path, PathBuf};

use clap::ValueHint;

use super::failure::Failure;
use super::job::describe;
use super::options::{ModelOptions, WritingOptions};
use super::resumable::begin;
use super::run::{TableFormat, Tolerance};
use super::sweep::verdict;
use super::sweep_files::{Assembly, Shard, fingerprint};
use super::terminal::Terminal;
use super::threads::Threads;
use super::{Ending, end_on_interrupt, layout, sweep_layout};
use gutbrain::analysis::points::Question;
use gutbrain::results::sweep::SweepColumns;
use gutbrain::scenario::{ScenarioFile, SweepPlan};
use gutbrain::study::Setup;
use gutbrain_store::{Identity, OutputError, SavedRun, Stopwatch};
use gutbrain_table::{ColumnData, Table};

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

/// One shard that was read.
struct Part {
    folder: PathBuf,
    saved: SavedRun,
    first: u64,
    last: u64,
}

/// Joins shards.
pub(super) fn merge(options: &Options, terminal: &Terminal) -> Result<Ending, Failure> {
    let stopwatch = Stopwatch::start();
    Threads::one_for_each_processor()?;
    let model = options.model.load()?;
    let Some(first) = options.shards.first() else {
        return Err(Failure::Usage("no shards".to_owned()));
    };
    let file = ScenarioFile::open(&first.join("scenario.toml"))?;
    let scenario = file.check(&model)?;
    let loaded = Setup {
        model,
        file,
        scenario,
    };
    let scenario = &loaded.scenario;
    let Some(plan) = &scenario.sweep else {
        let first = first.display();
        return Err(Failure::Usage(format!("`{first}` is no sweep")));
    };
    let parts = open_parts(&options.shards, &loaded, plan.points)?;
    check_coverage(&parts, plan.points)?;
    let stem = parts[0].saved.manifest().identity.scenario.clone();
    let default = Path::new("outputs").join(&stem);
    let target = options.output.as_ref().unwrap_or(&default);
    let identity = Identity {
        scenario: stem,
        command: "sweep".to_owned(),
    };
    end_on_interrupt()?;
    let whole = fingerprint(&loaded, Shard::WHOLE);
    let mut folder = begin(
        target,
        identity,
        options.writing.terms(),
        &options.shards,
        terminal,
    )?;
    folder.set_fingerprint(&whole);
    let (columns, question) = columns(&loaded, plan);
    let mut assembly = Assembly::begin(&folder, &loaded, &columns, &question, options.format)?;
    let like = columns.empty();
    for part in &parts {
        terminal.progress(&format!("reading `{}`", part.folder.display()));
        let bytes = part.saved.read("sweep.parquet")?;
        let mut next = part.first;
        Table::groups_from_parquet("sweep", &bytes, |group| {
            check_group(&group, &like, scenario.arms.len(), &mut next, part)?;
            assembly.push(group)
        })?;
        if next != part.last + 1 {
            return Err(wrong_points(part, next));
        }
    }
    let assembled = assembly.finish(&mut folder, &loaded, Shard::WHOLE)?;
    let counts = assembled.counts;
    folder.finish(|manifest| {
        describe(manifest, &loaded, counts);
        stopwatch.describe(manifest, 1);
    })?;
    terminal.print_summary(&sweep_layout::sweep_summary(&assembled.summary, terminal))?;
    terminal.print_summary(&layout::where_written(target, assembled.files, terminal))?;
    let outcome = (assembled.counts, assembled.not_run);
    Ok(verdict(outcome, options.max_failures, terminal))
}

/// The columns of a sweep and what they are read from.
pub(super) fn columns(loaded: &Setup, plan: &SweepPlan) -> (SweepColumns, Question) {
    let scenario = &loaded.scenario;
    let arms: Vec<String> = scenario.arms.iter().map(|arm| arm.name.clone()).collect();
    let question = plan.question.clone();
    let columns = SweepColumns::new(
        &plan.factors,
        &arms,
        &question,
        &loaded.model.declaration,
        scenario.cohort.is_some(),
    );
    (columns, question)
}

/// Opens every shard and puts them into the order of their points.
fn open_parts(folders: &[PathBuf], loaded: &Setup, points: u64) -> Result<Vec<Part>, Failure> {
    let mut parts = Vec::new();
    for folder in folders {
        let saved = SavedRun::open(folder)?;
        let manifest = saved.manifest();
        let mismatch = |why: &str| OutputError::Mismatch {
            path: folder.clone(),
            why: why.to_owned(),
        };
        if manifest.fingerprint.is_empty() {
            return Err(mismatch("it is no sweep").into());
        }
        let shard = match manifest.shard.as_str() {
            "" => Shard::WHOLE,
            text => text.parse().map_err(Failure::Usage)?,
        };
        if manifest.fingerprint != fingerprint(loaded, shard) {
            let why = "it was made with another scenario, model, seed or version of the program than \
                       the first shard and this program";
            return Err(mismatch(why).into());
        }
        let (first, last) = shard.points(points);
        parts.push(Part {
            folder: folder.clone(),
            saved,
            first,
            last,
        });
    }
    parts.sort_by_key(|part| (part.first, part.last));
    Ok(parts)
}

/// Every point is in exactly one part.
fn check_coverage(parts: &[Part], points: u64) -> Result<(), Failure> {
    let mut next = 1;
    let mut faults = Vec::new();
    let missing = |first: u64, last: u64| format!("points {first} to {last} are in no shard");
    for part in parts.iter().filter(|part| part.first <= part.last) {
        if part.first > next {
            faults.push(missing(next, part.first - 1));
        }
        if part.first < next {
            let (first, last) = (part.first, part.last.min(next - 1));
            let folder = part.folder.display();
            faults.push(format!(
                "points {first} to {last} of `{folder}` are in another shard too"
            ));
        }
        next = next.max(part.last + 1);
    }
    if next <= points {
        faults.push(missing(next, points));
    }
    if faults.is_empty() {
        return Ok(());
    }
    Err(Failure::Usage(format!(
        "the shards do not make the whole: {}\n  help: give every shard of the sweep once",
        faults.join("; ")
    )))
}

/// The rows are those of the points that come next.
fn check_group(
    group: &Table,
    like: &Table,
    arms: usize,
    next: &mut u64,
    part: &Part,
) -> Result<(), Failure> {
    let names = |table: &Table| -> Vec<String> {
        let columns = table.columns.iter();
        columns.map(|column| column.name.clone()).collect()
    };
    if names(group) != names(like) {
        return Err(OutputError::Mismatch {
            path: part.folder.clone(),
            why: "its table has other columns".to_owned(),
        }
        .into());
    }
    let Some(ColumnData::Integer(points)) = group.column("point").map(|column| &column.data) else {
        return Err(wrong_points(part, *next));
    };
    for rows in points.chunks(arms.max(1)) {
        let expected = i64::try_from(*next).ok();
        if rows.len() != arms || rows.iter().any(|point| *point != expected) {
            return Err(wrong_points(part, *next));
        }
        *next += 1;
    }
    Ok(())
}

fn wrong_points(part: &Part, next: u64) -> Failure {
    OutputError::Mismatch {
        path: part.folder.clone(),
        why: format!("its table does not hold point {next} where it should"),
    }
    .into()
}
