//! The files of a sweep, from blocks of rows that pass: table, units, summary, figures. A whole sweep, a
//! merge of shards and a finished sweep in another format are written with the same code.

use std::collections::BTreeMap;

use gutbrain_table::Table;

use super::files::{NamedFile, as_csv};
use super::growing::GrowingTable;
use super::saved::read_table;
use super::{
    Counts, Finished, Progress, QuestionError, Saved, Setup, Shard, Store, StudyError,
    StudySummary, TableFormat, picture_files,
};
use crate::results::assumptions::Assumptions;
use crate::results::failures::FailedLife;
use crate::results::sweep::{Landscape, SweepColumns, SweepSummary, Tally, figures};
use crate::results::tables;
use crate::scenario::SweepPlan;

/// The name of the table.
const TABLE: &str = "sweep";
/// Rows of one group of the table, at most.
const ROWS_PER_GROUP: usize = 1 << 16;

/// What the rows of a sweep are: the columns that its scenario asks for.
#[derive(Debug)]
pub(super) struct SweepLayout<'s> {
    pub(super) setup: &'s Setup,
    pub(super) plan: &'s SweepPlan,
    pub(super) columns: SweepColumns,
    /// The columns without rows.
    pub(super) empty: Table,
}

impl<'s> SweepLayout<'s> {
    /// The layout of a scenario's sweep.
    pub(super) fn new(setup: &'s Setup) -> Result<Self, StudyError> {
        let scenario = &setup.scenario;
        let Some(plan) = &scenario.sweep else {
            return Err(QuestionError::NoSweep.into());
        };
        let arms: Vec<String> = scenario.arms.iter().map(|arm| arm.name.clone()).collect();
        let columns = SweepColumns::new(
            &plan.factors,
            &arms,
            &plan.question,
            &setup.model.declaration,
            scenario.cohort.is_some(),
        );
        let empty = columns.empty();
        empty.check()?;
        Ok(Self {
            setup,
            plan,
            columns,
            empty,
        })
    }

    fn landscape(&self) -> Landscape {
        Landscape::new(&self.setup.scenario, self.plan.question.names())
    }

    /// What is seen of a landscape, as files.
    fn draw(
        &self,
        landscape: &Landscape,
        progress: &dyn Progress,
    ) -> Result<Vec<NamedFile>, StudyError> {
        let columns = self.empty.columns.iter();
        let units: BTreeMap<String, String> = columns
            .filter_map(|column| Some((column.name.clone(), column.unit.clone()?)))
            .collect();
        let drawn = figures(landscape, &self.setup.scenario, &units)?;
        picture_files(&drawn, progress)
    }

    /// Gives the rows of a saved sweep, in whichever format they are.
    pub(super) fn each_group(
        &self,
        saved: &dyn Saved,
        mut take: impl FnMut(Table) -> Result<(), StudyError>,
    ) -> Result<(), StudyError> {
        let name = TableFormat::Parquet.file_name(TABLE);
        if saved.names().contains(&name) {
            Table::groups_from_parquet(TABLE, &saved.read(&name)?, take)?;
            Ok(())
        } else {
            take(read_table(saved, &self.empty, TableFormat::Csv)?)
        }
    }
}

/// Draws the figures of a finished sweep again, from its table.
///
/// # Errors
/// [`StudyError`]: the scenario has no sweep, or the results cannot be read.
pub fn draw_sweep(
    setup: &Setup,
    saved: &dyn Saved,
    progress: &dyn Progress,
) -> Result<Vec<NamedFile>, StudyError> {
    let layout = SweepLayout::new(setup)?;
    let mut landscape = layout.landscape();
    layout.each_group(saved, |group| {
        landscape.push(&group, &layout.plan.factors);
        Ok(())
    })?;
    layout.draw(&landscape, progress)
}

/// The files of a sweep while its rows pass.
pub(super) struct Assembly<'l> {
    layout: &'l SweepLayout<'l>,
    shard: Shard,
    table: GrowingTable,
    tally: Tally,
    landscape: Landscape,
}

impl<'l> Assembly<'l> {
    /// Begins the table.
    pub(super) fn begin(
        layout: &'l SweepLayout<'l>,
        (shard, format): (Shard, TableFormat),
        store: &mut dyn Store,
    ) -> Result<Self, StudyError> {
        let arms = layout.setup.scenario.arms.len().max(1);
        // Groups hold whole points.
        let rows = arms * (ROWS_PER_GROUP / arms).max(1);
        Ok(Self {
            layout,
            shard,
            table: GrowingTable::begin(&layout.empty, format, rows, store)?,
            tally: Tally::new(layout.setup.scenario.arms.len()),
            landscape: layout.landscape(),
        })
    }

    /// Takes the rows of whole points.
    pub(super) fn push(&mut self, table: Table) -> Result<(), StudyError> {
        let factors = &self.layout.plan.factors;
        self.tally.push(&table, factors);
        self.landscape.push(&table, factors);
        self.table.push(table)
    }

    /// Ends the table and adds everything else.
    pub(super) fn finish(
        self,
        store: &mut dyn Store,
        progress: &dyn Progress,
    ) -> Result<Finished, StudyError> {
        self.table.finish(store)?;
        let SweepLayout { setup, empty, .. } = self.layout;
        let outcome = outcome(self.layout, self.shard, self.tally);
        let mut files = vec![
            ("scenario.toml".to_owned(), setup.resolved().into_bytes()),
            as_csv(&tables::units(empty))?,
            (
                "summary.json".to_owned(),
                outcome.summary.to_json()?.into_bytes(),
            ),
        ];
        // A part of a landscape is no picture of it.
        if self.shard.is_whole() {
            files.extend(self.layout.draw(&self.landscape, progress)?);
        }
        for (name, bytes) in &files {
            store.keep(name, bytes)?;
        }
        // And the table.
        Ok(outcome.finished(files.len() + 1))
    }
}

/// What the rows of a sweep came to.
struct Outcome {
    counts: Counts,
    summary: SweepSummary,
    first_failure: Option<FailedLife>,
}

fn outcome(layout: &SweepLayout<'_>, shard: Shard, tally: Tally) -> Outcome {
    let Setup {
        model, scenario, ..
    } = layout.setup;
    let (requested, ok, failed) = tally.counts();
    let whole = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
    let shard = (!shard.is_whole()).then(|| shard.to_string());
    let assumptions = Assumptions::count(&model.declaration, scenario);
    Outcome {
        counts: Counts {
            requested: whole(requested),
            ok: whole(ok),
            failed: whole(failed),
        },
        first_failure: tally.first_failure(scenario),
        summary: tally.summary(scenario, shard, assumptions),
    }
}

impl Outcome {
    fn finished(self, files: usize) -> Finished {
        Finished {
            counts: self.counts,
            files,
            effort: format!("{} points", self.summary.points),
            summary: StudySummary::Sweep(Box::new(self.summary)),
            first_failure: self.first_failure,
        }
    }
}

/// What a finished sweep came to, from its table.
pub(super) fn recount(
    layout: &SweepLayout<'_>,
    shard: Shard,
    saved: &dyn Saved,
) -> Result<Finished, StudyError> {
    let mut tally = Tally::new(layout.setup.scenario.arms.len());
    layout.each_group(saved, |group| {
        tally.push(&group, &layout.plan.factors);
        Ok(())
    })?;
    Ok(outcome(layout, shard, tally).finished(saved.names().len()))
}
