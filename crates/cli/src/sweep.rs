//! `gutbrain sweep`: a scenario at many points, in blocks that are kept as they are finished.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::ValueHint;

use super::failure::Failure;
use super::job::describe;
use super::merge::columns;
use super::meter::Meter;
use super::options::{ScenarioOptions, WritingOptions, inputs};
use super::resumable::{Start, begin, open_folder};
use super::run::{TableFormat, Tolerance};
use super::saved_table::saved_format;
use super::sweep_files::{Assembled, Assembly, Shard, each_group, fingerprint};
use super::terminal::Terminal;
use super::threads::ThreadOptions;
use super::{Ending, end_on_interrupt_saying, layout, repeat, sweep_layout};
use gutbrain::analysis::points::{Design, Point, Points};
use gutbrain::checkpoint::Seal;
use gutbrain::results::sweep::SweepColumns;
use gutbrain::simulate::Missing;
use gutbrain::study::Setup;
use gutbrain_store::{
    Counts, Identity, Interrupted, RunFolder, SavedRun, Stopwatch, Terms, keep_apart,
};
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
    #[command(flatten)]
    writing: WritingOptions,
    /// Go on where an earlier start was stopped
    #[arg(long, conflicts_with = "force")]
    resume: bool,
    /// Run one part of N; `gutbrain merge` joins the parts. A shard is always written as Parquet
    #[arg(long, value_name = "I/N")]
    shard: Option<Shard>,
    /// Format of large tables
    #[arg(long, value_enum, default_value_t)]
    format: TableFormat,
    #[command(flatten)]
    threads: ThreadOptions,
    /// Failed runs that are tolerated, as a number or a share: 2, 1%
    #[arg(long, value_name = "N|N%", default_value = "1%")]
    max_failures: Tolerance,
    #[command(flatten)]
    changes: ScenarioOptions,
}

/// Runs the sweep of a scenario.
pub(super) fn sweep(options: &Options, terminal: &Terminal) -> Result<Ending, Failure> {
    let stopwatch = Stopwatch::start();
    let pool = options.threads.start()?;
    let loaded = options.changes.load(&options.scenario)?;
    let shard = options.shard.unwrap_or(Shard::WHOLE);
    let work = Work::new(&loaded, shard)?;
    let stem = loaded.file.stem();
    let default = Path::new("outputs").join(match shard.text() {
        None => stem.to_owned(),
        Some(_) => format!("{stem}.{}-of-{}", shard.number, shard.of),
    });
    let target = options.output.as_ref().unwrap_or(&default);
    let format = if shard == Shard::WHOLE {
        options.format
    } else {
        TableFormat::Parquet
    };
    let Some(mut folder) = open(options, &loaded, shard, target, terminal)? else {
        terminal.print_summary(&sweep_layout::finished_already(target, terminal))?;
        return finished(options, &work, (target, format), terminal);
    };
    folder.set_shard(&shard.text().unwrap_or_default());
    end_on_interrupt_saying("finished points are kept: go on with --resume")?;
    let threads = pool.number();
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
    let outcome = (assembled.counts, assembled.not_run);
    let ending = verdict(outcome, options.max_failures, terminal);
    if ending == Ending::TooManyFailures {
        let first = assembled.first_failure.as_ref();
        repeat::say(first, target, &options.changes, terminal);
    }
    Ok(ending)
}

/// Ends as the start that finished the sweep did; writes it anew if another format is wanted.
fn finished(
    options: &Options,
    work: &Work<'_>,
    (target, format): (&Path, TableFormat),
    terminal: &Terminal,
) -> Result<Ending, Failure> {
    let saved = SavedRun::open(target)?;
    let outcome = if saved_format(&saved, "sweep") == Some(format) {
        let summary: serde_json::Value = serde_json::from_slice(&saved.read("summary.json")?)?;
        let arms = summary["arms"].as_object();
        let not_run = arms.into_iter().flatten();
        let not_run = not_run.filter_map(|(_, arm)| arm["not_run"].as_u64()).sum();
        (saved.manifest().runs, not_run)
    } else {
        let assembled = work.write_anew(&saved, options, (target, format), terminal)?;
        (assembled.counts, assembled.not_run)
    };
    Ok(verdict(outcome, options.max_failures, terminal))
}

/// Whether too much failed, with a word about it.
pub(super) fn verdict(
    (counts, not_run): (Counts, u64),
    most: Tolerance,
    terminal: &Terminal,
) -> Ending {
    if not_run > 0 {
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
    let fingerprint = fingerprint(loaded, shard);
    keep_apart(target, &inputs(loaded))?;
    let start = if options.resume {
        Start::Resume
    } else {
        Start::Afresh
    };
    let manner = (options.writing.terms(), start);
    open_folder(target, identity, manner, &fingerprint, terminal)
}

/// Features that are no finite numbers, by the places of arm and feature: at how many points, and the
/// first of them.
type Undefined = BTreeMap<(usize, usize), (u64, u64)>;

/// The points of a sweep, or of a part of it, in blocks.
struct Work<'l> {
    loaded: &'l Setup,
    shard: Shard,
    seal: Seal,
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
        let (columns, question) = columns(loaded, plan);
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
            seal: Seal::new("sweep", &fingerprint(loaded, shard)),
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
        let mut undefined = BTreeMap::new();
        for number in missing {
            let table = self.live_block(number, folder, &mut undefined)?;
            let (first, last) = self.range(number);
            meter.add(last + 1 - first, failures(&table));
        }
        meter.finish();
        for ((arm, feature), (points, first)) in undefined {
            terminal.warn(&format!(
                "arm `{}`: `{}` is undefined (not a finite number) at {points} of the points, from \
                 point {first} on: its cells are empty there",
                self.points.arms()[arm],
                self.points.question().names()[feature],
            ));
        }
        Ok(())
    }

    fn live_block(
        &self,
        number: u64,
        folder: &RunFolder,
        undefined: &mut Undefined,
    ) -> Result<Table, Failure> {
        let (first, last) = self.range(number);
        let block: Vec<Point> = (first..=last)
            .filter_map(|point| self.design.point(point))
            .collect();
        let rows = self.points.live(&block)?;
        for row in &rows {
            let features = row.features.iter().enumerate();
            for (place, _) in features.filter(|(_, value)| **value == Err(Missing::NotFinite)) {
                let (points, _) = undefined.entry((row.arm, place)).or_insert((0, row.point));
                *points += 1;
            }
        }
        let table = self.columns.table(&block, &rows);
        let bytes = table.to_parquet(&BTreeMap::new())?;
        folder.keep_chunk(number, &self.seal.close(&self.key(number), &bytes))?;
        Ok(table)
    }

    /// What a block is sealed as: its points.
    fn key(&self, number: u64) -> String {
        let (first, last) = self.range(number);
        format!("{first}-{last}")
    }

    /// A block that was kept, if it is what it should be.
    fn kept(&self, number: u64, folder: &RunFolder) -> Result<Result<Table, String>, Failure> {
        let Some(bytes) = folder.chunk_bytes(number)? else {
            return Ok(Err("it is missing".to_owned()));
        };
        let content = match self.seal.open(&self.key(number), &bytes) {
            Ok(content) => content,
            Err(unfit) => return Ok(Err(unfit.to_string())),
        };
        let table = match Table::from_parquet("sweep", content) {
            Ok(table) => table,
            Err(error) => return Ok(Err(error.to_string())),
        };
        let (first, last) = self.range(number);
        let rows = (last + 1 - first) * self.points.arms().len() as u64;
        Ok((table.rows() as u64 == rows)
            .then_some(table)
            .ok_or_else(|| "it has other points".to_owned()))
    }

    /// Writes a finished run anew with its table in another format.
    fn write_anew(
        &self,
        saved: &SavedRun,
        options: &Options,
        (target, format): (&Path, TableFormat),
        terminal: &Terminal,
    ) -> Result<Assembled, Failure> {
        let terms = Terms {
            interrupted: Interrupted::Kept,
            ..options.writing.terms()
        };
        let identity = saved.manifest().identity.clone();
        let mut folder = begin(target, identity, terms, &inputs(self.loaded), terminal)?;
        folder.set_fingerprint(self.seal.fingerprint());
        let question = self.points.question();
        let mut assembly = Assembly::begin(&folder, self.loaded, &self.columns, question, format)?;
        each_group(saved, &self.columns.empty(), |group| assembly.push(group))?;
        let assembled = assembly.finish(&mut folder, self.loaded, self.shard)?;
        folder.finish(|manifest| {
            let files = std::mem::take(&mut manifest.files);
            *manifest = saved.manifest().clone();
            manifest.files = files;
        })?;
        Ok(assembled)
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
                        "`{name}` cannot be used ({why}): points {first} to {last} are run again"
                    ));
                    self.live_block(number, folder, &mut BTreeMap::new())?
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
