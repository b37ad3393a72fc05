//! `gutbrain sweep`: a scenario at many points, in blocks that are kept as they are finished.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::ValueHint;

use super::failure::Failure;
use super::job::describe;
use super::merge::columns;
use super::meter::Meter;
use super::options::ScenarioOptions;
use super::resumable::{Interrupted, open_folder};
use super::run::{TableFormat, Tolerance};
use super::sweep_files::{Assembled, Assembly, Shard, fingerprint};
use super::terminal::Terminal;
use super::{Ending, end_on_interrupt_saying, layout, sweep_layout};
use gutbrain::analysis::points::{Design, Point, Points};
use gutbrain::results::sweep::SweepColumns;
use gutbrain::study::Setup;
use gutbrain_store::{Identity, Replace, RunFolder, Stopwatch};
use gutbrain_table::{ColumnData, Table};

/// Lives of one block: what a kill can lose, and what is in memory at once.
const LIVES_PER_BLOCK: u64 = 4096;

/// Options of `sweep`.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// Scenario file with a `[sweep]`
    #[arg(value_name = "SCENARIO", value_hint = ValueHint::FilePath)]
    scenario: PathBuf,
    /// Folder for the results [default: outputs/<name of the scenario>, with .I-of-N for a shard]
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    output: Option<PathBuf>,
    /// Replace whatever is in the folder
    #[arg(long)]
    force: bool,
    /// Go on where an earlier start was stopped
    #[arg(long, conflicts_with = "force")]
    resume: bool,
    /// Run one part of N; `gutbrain merge` joins the parts. A shard is always written as Parquet
    #[arg(long, value_name = "I/N")]
    shard: Option<Shard>,
    /// Format of large tables
    #[arg(long, value_enum, default_value_t)]
    format: TableFormat,
    /// Number of threads; never changes a result
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    /// Failed runs that are tolerated, as a number or a share: 2, 1%
    #[arg(long, value_name = "N|N%", default_value = "1%")]
    max_failures: Tolerance,
    #[command(flatten)]
    changes: ScenarioOptions,
}

/// Runs the sweep of a scenario.
pub(super) fn sweep(options: &Options, terminal: &Terminal) -> Result<Ending, Failure> {
    let stopwatch = Stopwatch::start();
    let loaded = options.changes.load(&options.scenario)?;
    let shard = options.shard.unwrap_or(Shard::WHOLE);
    let work = Work::new(&loaded, shard)?;
    let stem = loaded.file.stem();
    let default = Path::new("outputs").join(match shard.text() {
        None => stem.to_owned(),
        Some(_) => format!("{stem}.{}-of-{}", shard.number, shard.of),
    });
    let target = options.output.as_ref().unwrap_or(&default);
    let Some(mut folder) = open(options, &loaded, shard, target, terminal)? else {
        terminal.print_summary(&sweep_layout::finished_already(target, terminal))?;
        return Ok(Ending::Done);
    };
    folder.set_shard(&shard.text().unwrap_or_default());
    end_on_interrupt_saying("finished points are kept: go on with --resume")?;
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(options.threads.unwrap_or(0))
        .build()
        .map_err(|error| Failure::Usage(format!("cannot start threads: {error}")))?;
    let threads = pool.current_num_threads();
    let format = if shard == Shard::WHOLE {
        options.format
    } else {
        TableFormat::Parquet
    };
    let assembled = pool.install(|| {
        work.live(&folder, terminal)?;
        work.assemble(&mut folder, format, terminal)
    })?;
    let counts = assembled.counts;
    folder.finish(|manifest| {
        describe(manifest, &loaded, counts);
        stopwatch.describe(manifest, threads);
    })?;
    terminal.print_summary(&sweep_layout::sweep_summary(&assembled.summary, terminal))?;
    terminal.print_summary(&layout::where_written(target, assembled.files, terminal))?;
    Ok(verdict(&assembled, options.max_failures, terminal))
}

/// Whether too much failed, with a word about it.
pub(super) fn verdict(assembled: &Assembled, most: Tolerance, terminal: &Terminal) -> Ending {
    let counts = assembled.counts;
    if assembled.not_run > 0 {
        let not_run = assembled.not_run;
        terminal.warn(&format!(
            "{not_run} rows were not run: the scenario makes no sense there (status not_run, with the \
             reason)"
        ));
    }
    if most.is_exceeded(counts) || (counts.ok == 0 && counts.requested > 0) {
        let (failed, requested) = (counts.failed, counts.requested);
        terminal.warn(&format!(
            "{failed} of {requested} runs failed; the reasons are in the table"
        ));
        return Ending::TooManyFailures;
    }
    Ending::Done
}

/// The folder to work in; nothing if the sweep is finished already.
fn open(
    options: &Options,
    loaded: &Setup,
    shard: Shard,
    target: &Path,
    terminal: &Terminal,
) -> Result<Option<RunFolder>, Failure> {
    let identity = Identity {
        scenario: loaded.file.stem().to_owned(),
        // A part never stands for the whole.
        command: match shard.text() {
            None => "sweep".to_owned(),
            Some(text) => format!("sweep --shard {text}"),
        },
    };
    let replace = if options.force {
        Replace::Anything
    } else {
        Replace::SameIdentity
    };
    let fingerprint = fingerprint(loaded, shard);
    let interrupted = if options.resume {
        Interrupted::Resumed
    } else {
        Interrupted::Discarded
    };
    let manner = (replace, interrupted);
    open_folder(target, identity, manner, &fingerprint, "sweep", terminal)
}

/// The points of a sweep, or of a part of it, in blocks.
struct Work<'l> {
    loaded: &'l Setup,
    shard: Shard,
    fingerprint: String,
    design: Design,
    points: Points<'l>,
    columns: SweepColumns,
    first: u64,
    last: u64,
    per_block: u64,
}

impl<'l> Work<'l> {
    fn new(loaded: &'l Setup, shard: Shard) -> Result<Self, Failure> {
        let scenario = &loaded.scenario;
        let Some(plan) = &scenario.sweep else {
            return Err(Failure::Usage(
                "the scenario has no `[sweep]`\n  \
                 help: add one with a `[[sweep.factor]]`; `gutbrain schema --markdown` lists the keys"
                    .to_owned(),
            ));
        };
        let (columns, question) = columns(loaded, plan)?;
        let design = Design::new(plan, scenario.seed)
            .ok_or_else(|| Failure::Usage("the sweep has too many points".to_owned()))?;
        columns.empty().check()?;
        let points = Points::new(
            &loaded.model,
            &loaded.file,
            scenario,
            plan.factors.clone(),
            question,
        )?;
        let (first, last) = shard.points(design.points());
        Ok(Self {
            loaded,
            shard,
            fingerprint: fingerprint(loaded, shard),
            per_block: (LIVES_PER_BLOCK / points.lives_per_point().max(1)).max(1),
            design,
            points,
            columns,
            first,
            last,
        })
    }

    fn blocks(&self) -> u64 {
        (self.last + 1 - self.first).div_ceil(self.per_block)
    }

    /// First and last point of block `number`, from 1.
    fn range(&self, number: u64) -> (u64, u64) {
        let first = self.first + (number - 1) * self.per_block;
        (first, self.last.min(first + self.per_block - 1))
    }

    /// Lives every block that was not kept, and keeps it.
    fn live(&self, folder: &RunFolder, terminal: &Terminal) -> Result<(), Failure> {
        let all = self.last + 1 - self.first;
        let mut kept = 0;
        let mut missing = Vec::new();
        for number in 1..=self.blocks() {
            let (first, last) = self.range(number);
            if folder.chunk_bytes(number)?.is_some() {
                kept += last + 1 - first;
            } else {
                missing.push(number);
            }
        }
        if kept > 0 {
            terminal.remark(&format!("{kept} of {all} points are finished already"));
        }
        let mut meter = Meter::new(terminal, "points", all - kept);
        for number in missing {
            let table = self.live_block(number, folder)?;
            let (first, last) = self.range(number);
            meter.add(last + 1 - first, failures(&table));
        }
        meter.finish();
        Ok(())
    }

    fn live_block(&self, number: u64, folder: &RunFolder) -> Result<Table, Failure> {
        let (first, last) = self.range(number);
        let block: Vec<Point> = (first..=last)
            .filter_map(|point| self.design.point(point))
            .collect();
        let rows = self.points.live(&block)?;
        let table = self.columns.table(&block, &rows);
        folder.keep_chunk(number, &table.to_parquet(&self.label(number))?)?;
        Ok(table)
    }

    /// What a block says of itself.
    fn label(&self, number: u64) -> BTreeMap<String, String> {
        let (first, last) = self.range(number);
        BTreeMap::from([
            ("fingerprint".to_owned(), self.fingerprint.clone()),
            ("points".to_owned(), format!("{first}-{last}")),
        ])
    }

    /// A block that was kept, if it is what it should be.
    fn kept(&self, number: u64, folder: &RunFolder) -> Result<Result<Table, String>, Failure> {
        let Some(bytes) = folder.chunk_bytes(number)? else {
            return Ok(Err("it is missing".to_owned()));
        };
        let (table, found) = match Table::with_metadata_from_parquet("sweep", &bytes) {
            Ok(read) => read,
            Err(error) => return Ok(Err(error.to_string())),
        };
        let label = self.label(number);
        let right = label
            .iter()
            .all(|(key, value)| found.get(key) == Some(value));
        let (first, last) = self.range(number);
        let rows = (last + 1 - first) * self.points.arms().len() as u64;
        let whole = right && table.rows() as u64 == rows;
        Ok(whole
            .then_some(table)
            .ok_or_else(|| "it belongs to another sweep".to_owned()))
    }

    /// Reads the blocks in order and writes the files of the run; a block that is damaged is named and
    /// lived again.
    fn assemble(
        &self,
        folder: &mut RunFolder,
        format: TableFormat,
        terminal: &Terminal,
    ) -> Result<Assembled, Failure> {
        let question = self.points.question();
        let mut assembly = Assembly::begin(folder, self.loaded, &self.columns, question, format)?;
        for number in 1..=self.blocks() {
            let table = match self.kept(number, folder)? {
                Ok(table) => table,
                Err(why) => {
                    let (first, last) = self.range(number);
                    let name = folder.chunk_name(number);
                    terminal.warn(&format!(
                        "`{name}` is damaged ({why}): points {first} to {last} are run again"
                    ));
                    self.live_block(number, folder)?
                }
            };
            assembly.push(table)?;
        }
        assembly.finish(folder, self.loaded, self.shard)
    }
}

/// Rows of a table that failed, or animals of cohorts.
fn failures(table: &Table) -> u64 {
    let animals = match table.column("failed").map(|column| &column.data) {
        Some(ColumnData::Integer(values)) => values.iter().flatten().sum::<i64>(),
        _ => 0,
    };
    let status = table.texts("status").unwrap_or_default();
    let rows = status.iter().filter(|status| *status == "failed").count() as u64;
    u64::try_from(animals).unwrap_or(0).max(rows)
}
