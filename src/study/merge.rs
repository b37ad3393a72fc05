//! Joins the shards of a sweep: the same bytes as if it had been run whole.

use gutbrain_table::{ColumnData, Table};

use super::sweep::sweep_fingerprint;
use super::sweep_files::{Assembly, SweepLayout};
use super::{
    Finished, Progress, QuestionError, Saved, Setup, Shard, Stage, Store, Study, StudyError,
    TableFormat,
};

/// A part of a sweep that is finished.
pub struct SweepPart<'p> {
    /// Which part of the points it is.
    pub shard: Shard,
    /// The fingerprint that it was made with.
    pub fingerprint: String,
    /// Its files.
    pub saved: &'p (dyn Saved + Sync),
}

/// The job of `gutbrain merge`.
pub struct MergeStudy<'s> {
    layout: SweepLayout<'s>,
    parts: Vec<SweepPart<'s>>,
    format: TableFormat,
}

impl<'s> MergeStudy<'s> {
    /// The sweep of a scenario from its parts, in any order.
    ///
    /// # Errors
    /// [`StudyError`]: the scenario has no sweep, a part belongs to another question, or some points are in
    /// no part or in two.
    pub fn new(
        setup: &'s Setup,
        parts: Vec<SweepPart<'s>>,
        format: TableFormat,
    ) -> Result<Self, StudyError> {
        let layout = SweepLayout::new(setup)?;
        for part in &parts {
            if part.fingerprint.is_empty() {
                return Err(part.mismatch("it is no sweep"));
            }
            if part.fingerprint != sweep_fingerprint(setup, part.shard) {
                return Err(part.mismatch(
                    "it was made with another scenario, model, seed or version of the program than \
                     the first shard and this program",
                ));
            }
        }
        let mut study = Self {
            layout,
            parts,
            format,
        };
        let points = study.layout.plan.points;
        study.parts.sort_by_key(|part| part.shard.points(points));
        study.check_coverage(points)?;
        Ok(study)
    }

    /// SHA-256 of everything that the rows of the whole depend on.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        sweep_fingerprint(self.layout.setup, Shard::WHOLE)
    }

    /// Every point is in exactly one part.
    fn check_coverage(&self, points: u64) -> Result<(), StudyError> {
        let mut next = 1;
        let mut faults = Vec::new();
        let missing = |first: u64, last: u64| format!("points {first} to {last} are in no shard");
        for part in &self.parts {
            let (first, last) = part.shard.points(points);
            if first > last {
                continue;
            }
            if first > next {
                faults.push(missing(next, first - 1));
            }
            if first < next {
                let last = last.min(next - 1);
                let place = part.saved.place();
                faults.push(format!(
                    "points {first} to {last} of `{place}` are in another shard too"
                ));
            }
            next = next.max(last + 1);
        }
        if next <= points {
            faults.push(missing(next, points));
        }
        if faults.is_empty() {
            return Ok(());
        }
        Err(QuestionError::NotTheWhole(faults).into())
    }
}

impl Study for MergeStudy<'_> {
    fn command(&self) -> String {
        "sweep".to_owned()
    }

    fn run(&self, store: &mut dyn Store, progress: &dyn Progress) -> Result<Finished, StudyError> {
        let points = self.layout.plan.points;
        let form = (Shard::WHOLE, self.format);
        let mut assembly = Assembly::begin(&self.layout, form, store)?;
        let stage = Stage::begin(progress, "points", points);
        for part in &self.parts {
            let (first, last) = part.shard.points(points);
            let mut next = first;
            let bytes = part.saved.read(&TableFormat::Parquet.file_name("sweep"))?;
            Table::groups_from_parquet("sweep", &bytes, |group| {
                let before = next;
                part.check_group(&group, &self.layout, &mut next)?;
                assembly.push(group)?;
                stage.advance(next - before, 0)
            })?;
            if next != last + 1 {
                return Err(part.wrong_points(next));
            }
        }
        drop(stage);
        assembly.finish(store, progress)
    }
}

impl SweepPart<'_> {
    fn mismatch(&self, why: &str) -> StudyError {
        StudyError::Mismatch {
            place: self.saved.place(),
            why: why.to_owned(),
        }
    }

    fn wrong_points(&self, next: u64) -> StudyError {
        self.mismatch(&format!(
            "its table does not hold point {next} where it should"
        ))
    }

    /// The rows are those of the points that come next.
    fn check_group(
        &self,
        group: &Table,
        layout: &SweepLayout<'_>,
        next: &mut u64,
    ) -> Result<(), StudyError> {
        let names = |table: &Table| -> Vec<String> {
            let columns = table.columns.iter();
            columns.map(|column| column.name.clone()).collect()
        };
        if names(group) != names(&layout.empty) {
            return Err(self.mismatch("its table has other columns"));
        }
        let points = group.column("point").map(|column| &column.data);
        let Some(ColumnData::Integer(points)) = points else {
            return Err(self.wrong_points(*next));
        };
        let arms = layout.setup.scenario.arms.len();
        for rows in points.chunks(arms.max(1)) {
            let expected = i64::try_from(*next).ok();
            if rows.len() != arms || rows.iter().any(|point| *point != expected) {
                return Err(self.wrong_points(*next));
            }
            *next += 1;
        }
        Ok(())
    }
}
