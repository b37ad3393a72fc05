//! Simulates a scenario at many points, in blocks that are kept as they are finished.

use std::collections::BTreeMap;

use gutbrain_table::{ColumnData, Table};

use super::saved::saved_format;
use super::sweep_files::{Assembly, SweepLayout, recount};
use super::{
    Finished, Progress, QuestionError, Saved, Setup, Shard, Stage, Store, Study, StudyError,
    TableFormat,
};
use crate::analysis::points::{Design, Point, Points};
use crate::checkpoint::Seal;
use crate::simulate::Missing;

/// Lives of one block: what a kill can lose, and what is in memory at once.
const LIVES_PER_BLOCK: u64 = 4096;

/// The job of `gutbrain sweep`: every point of a scenario's `[sweep]`, or one shard of them.
///
/// Finished blocks go to the store, sealed with [`SweepStudy::fingerprint`]; a later run against the same
/// store takes them as they are.
#[derive(Debug)]
pub struct SweepStudy<'s> {
    layout: SweepLayout<'s>,
    design: Design,
    points: Points<'s>,
    shard: Shard,
    format: TableFormat,
}

impl<'s> SweepStudy<'s> {
    /// The whole sweep of a scenario, with its table as Parquet.
    ///
    /// # Errors
    /// [`StudyError`]: the scenario has no sweep, brings data that a sweep does not read, or does not fit the
    /// model.
    pub fn new(setup: &'s Setup) -> Result<Self, StudyError> {
        if !setup.scenario.data.is_empty() {
            return Err(QuestionError::SweepOfData.into());
        }
        let layout = SweepLayout::new(setup)?;
        let (plan, scenario) = (layout.plan, &setup.scenario);
        let design = Design::new(plan, scenario.seed).ok_or(QuestionError::TooManyPoints)?;
        let points = Points::new(
            &setup.model,
            &setup.file,
            scenario,
            plan.factors.clone(),
            plan.question.clone(),
        )?;
        Ok(Self {
            layout,
            design,
            points,
            shard: Shard::WHOLE,
            format: TableFormat::default(),
        })
    }

    /// Only this part of the points.
    #[must_use]
    pub fn with_shard(self, shard: Shard) -> Self {
        Self { shard, ..self }
    }

    /// With the table in this format; that of a shard is Parquet, whatever is wanted.
    #[must_use]
    pub fn with_format(self, format: TableFormat) -> Self {
        Self { format, ..self }
    }

    /// The format of the table.
    #[must_use]
    pub fn format(&self) -> TableFormat {
        if self.shard.is_whole() {
            self.format
        } else {
            TableFormat::Parquet
        }
    }

    /// SHA-256 of everything that the rows depend on.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        sweep_fingerprint(self.layout.setup, self.shard)
    }

    /// The format that a finished sweep has its table in.
    #[must_use]
    pub fn saved_format(&self, saved: &dyn Saved) -> Option<TableFormat> {
        saved_format(saved, &self.layout.empty.name)
    }

    /// What a finished sweep came to, from its table.
    ///
    /// # Errors
    /// [`StudyError`]: its table cannot be read.
    pub fn recount(&self, saved: &dyn Saved) -> Result<Finished, StudyError> {
        recount(&self.layout, self.shard, saved)
    }

    /// Writes a finished sweep anew with its table in the format of this study; nothing is simulated.
    ///
    /// # Errors
    /// [`StudyError`]: its table cannot be read, or the store refuses.
    pub fn rewrite(
        &self,
        saved: &dyn Saved,
        store: &mut dyn Store,
        progress: &dyn Progress,
    ) -> Result<Finished, StudyError> {
        let form = (self.shard, self.format());
        let mut assembly = Assembly::begin(&self.layout, form, store)?;
        self.layout
            .each_group(saved, |group| assembly.push(group))?;
        assembly.finish(store, progress)
    }
}

/// SHA-256 of everything that the rows of a sweep, or of a part of it, depend on.
pub(super) fn sweep_fingerprint(setup: &Setup, shard: Shard) -> String {
    let print = setup.fingerprint("sweep").with("shard", shard.noted());
    print.finish()
}

impl Study for SweepStudy<'_> {
    fn command(&self) -> String {
        // A part never stands for the whole.
        match self.shard {
            Shard::WHOLE => "sweep".to_owned(),
            shard => format!("sweep --shard {shard}"),
        }
    }

    fn run(&self, store: &mut dyn Store, progress: &dyn Progress) -> Result<Finished, StudyError> {
        self.layout.setup.warn_of_doses(progress);
        let blocks = Blocks::new(self);
        blocks.simulate(store, progress)?;
        blocks.assemble(store, progress)
    }
}

/// Features that are no finite numbers, by the places of arm and feature: at how many points, and the
/// first of them.
type Undefined = BTreeMap<(usize, usize), (u64, u64)>;

/// The points of a study in blocks.
struct Blocks<'r> {
    study: &'r SweepStudy<'r>,
    seal: Seal,
    first: u64,
    last: u64,
    per_block: u64,
}

impl<'r> Blocks<'r> {
    fn new(study: &'r SweepStudy<'r>) -> Self {
        let (first, last) = study.shard.points(study.design.points());
        Self {
            study,
            seal: Seal::new("sweep", &study.fingerprint()),
            first,
            last,
            per_block: (LIVES_PER_BLOCK / study.points.lives_per_point().max(1)).max(1),
        }
    }

    fn points(&self) -> u64 {
        self.last + 1 - self.first
    }

    fn count(&self) -> u64 {
        self.points().div_ceil(self.per_block)
    }

    /// First and last point of block `number`, from 1.
    fn range(&self, number: u64) -> (u64, u64) {
        let first = self.first + (number - 1) * self.per_block;
        (first, self.last.min(first + self.per_block - 1))
    }

    /// What a block is sealed as: its points.
    fn key(&self, number: u64) -> String {
        let (first, last) = self.range(number);
        format!("{first}-{last}")
    }

    /// Simulates every block that was not kept, and keeps it.
    fn simulate(&self, store: &mut dyn Store, progress: &dyn Progress) -> Result<(), StudyError> {
        let all = self.points();
        let mut kept = 0;
        let mut missing = Vec::new();
        for number in 1..=self.count() {
            let (first, last) = self.range(number);
            if store.chunk(number)?.is_some() {
                kept += last + 1 - first;
            } else {
                missing.push(number);
            }
        }
        if kept > 0 {
            progress.note(&format!("{kept} of {all} points are finished already"));
        }
        if missing.is_empty() {
            return Ok(());
        }
        let stage = Stage::begin(progress, "points", all - kept);
        stage.advance(0, 0)?;
        let mut undefined = BTreeMap::new();
        for number in missing {
            let table = self.simulate_block(number, store, &mut undefined)?;
            let (first, last) = self.range(number);
            stage.advance(last + 1 - first, failures(&table))?;
        }
        drop(stage);
        let points = &self.study.points;
        for ((arm, feature), (count, first)) in undefined {
            progress.warn(&format!(
                "arm `{}`: `{}` is undefined (not a finite number) at {count} of the points, from \
                 point {first} on: its cells are empty there",
                points.arms()[arm],
                points.question().names()[feature],
            ));
        }
        Ok(())
    }

    fn simulate_block(
        &self,
        number: u64,
        store: &mut dyn Store,
        undefined: &mut Undefined,
    ) -> Result<Table, StudyError> {
        let (first, last) = self.range(number);
        let block: Vec<Point> = (first..=last)
            .filter_map(|point| self.study.design.point(point))
            .collect();
        let rows = self.study.points.simulate(&block)?;
        for row in &rows {
            let features = row.features.iter().enumerate();
            for (place, _) in features.filter(|(_, value)| **value == Err(Missing::NotFinite)) {
                let (points, _) = undefined.entry((row.arm, place)).or_insert((0, row.point));
                *points += 1;
            }
        }
        let table = self.study.layout.columns.table(&block, &rows);
        let bytes = table.to_parquet(&BTreeMap::new())?;
        store.keep_chunk(number, &self.seal.close(&self.key(number), &bytes))?;
        Ok(table)
    }

    /// A block that was kept, or why it cannot be used.
    fn kept(&self, number: u64, store: &dyn Store) -> Result<Result<Table, String>, StudyError> {
        let Some(bytes) = store.chunk(number)? else {
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
        let rows = (last + 1 - first) * self.study.points.arms().len() as u64;
        Ok((table.rows() as u64 == rows)
            .then_some(table)
            .ok_or_else(|| "it has other points".to_owned()))
    }

    /// Reads the blocks in order and writes the files; a block that is damaged is named and simulated
    /// again.
    fn assemble(
        &self,
        store: &mut dyn Store,
        progress: &dyn Progress,
    ) -> Result<Finished, StudyError> {
        let form = (self.study.shard, self.study.format());
        let mut assembly = Assembly::begin(&self.study.layout, form, store)?;
        for number in 1..=self.count() {
            if progress.is_cancelled() {
                return Err(StudyError::Cancelled);
            }
            let table = match self.kept(number, store)? {
                Ok(table) => table,
                Err(why) => {
                    let (first, last) = self.range(number);
                    let name = store.chunk_name(number);
                    progress.warn(&format!(
                        "`{name}` cannot be used ({why}): points {first} to {last} are run again"
                    ));
                    self.simulate_block(number, store, &mut BTreeMap::new())?
                }
            };
            assembly.push(table)?;
        }
        assembly.finish(store, progress)
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
