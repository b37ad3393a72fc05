//! Simulates a cohort in every arm and turns it into files.

use gutbrain_table::Table;

use super::files::{NamedFile, as_csv};
use super::growing::GrowingTable;
use super::own_data::OwnData;
use super::run::Computed;
use super::scratch::Waiting;
use super::{
    Counts, Progress, Setup, Stage, Store, StudyError, StudySummary, TableFormat, encode, pictures,
};
use crate::analysis::intervals::{self, Gathered, intervals};
use crate::analysis::own_data;
use crate::cohort::Cohort;
use crate::cohort::survival::{ArmFollow, ArmSurvival};
use crate::results::assumptions::Assumptions;
use crate::results::cohort::{ArmTables, CohortResults, table_of_steps};
use crate::results::cohort_figures::{CohortMaterial, OwnTables};
use crate::results::cohort_lives::PassingLives;
use crate::results::cohort_summary::CohortSummary;
use crate::results::tables;
use crate::results::uncertainty::table as uncertainty_table;
use crate::scenario::{CohortPlan, FigurePlan};
use crate::simulate::Status;

/// Cells of one row group of a large table, at most: a group is in memory while it is written.
const CELLS: usize = 1 << 21;
/// Rows of one row group, at most.
const ROWS: usize = 1 << 20;
/// Steps of a survival curve that become text at once.
const STEPS: usize = 1 << 14;

/// Simulates a cohort and turns it into files. Tables with a row for every animal go to the store as they
/// come: nothing but a few numbers an animal stays in memory.
pub(super) fn compute(
    setup: &Setup,
    plan: &CohortPlan,
    format: TableFormat,
    figures: &[FigurePlan],
    store: &mut dyn Store,
    progress: &dyn Progress,
) -> Result<Computed, StudyError> {
    let Setup {
        model, scenario, ..
    } = setup;
    let cohort = Cohort::new(model, scenario, plan)?;
    let mut results = CohortResults::new(model, scenario, plan, &cohort);
    let lives = cohort.lives() + intervals::lives(&cohort);
    let stage = Stage::begin(progress, "lives", lives);
    let mut gathered = Gathered::default();
    let mut large = LargeTables::of(results.take(scenario));
    cohort.simulate(|members| {
        let failed = members
            .iter()
            .filter(|member| member.run.endpoints.status != Status::Ok)
            .count();
        stage.advance(members.len() as u64, failed as u64)?;
        if cohort.subjects().fitted().is_some() {
            gathered.add(&members, scenario.arms.len(), plan);
        }
        results.add(members);
        large.push(results.take(scenario), store)
    })?;
    let uncertainty = intervals(&cohort, &gathered, |done, failed| {
        stage.advance(done, failed)
    })?;
    drop((stage, gathered));
    for sentence in results.remarks().sentences(scenario.simulation.stop) {
        progress.warn(&sentence);
    }
    let (requested, failed) = results.counts();
    let first_failure = results.first_failure();
    let subjects_units = as_csv(&tables::units(&large.subjects.empty))?;
    let mut passing = PassingLives::new(scenario, &model.declaration);
    let mut written = large.write(format, &mut passing, store)?;
    let lives = passing.finish();
    let (survival, survival_table) = survival(&results, store)?;
    written += 1;
    let assumptions = Assumptions::count(&model.declaration, scenario);
    let mut summary = CohortSummary::new(&results, &survival, scenario, plan, assumptions)
        .in_words_of(&model.declaration, scenario);
    drop(survival);
    summary.uncertainty = uncertainty;
    let own = own_data(setup, &cohort, &results)?;
    summary.data = own.as_ref().map(|own| own.summary.clone());
    results.forget_animals();
    let mut files: Vec<NamedFile> = vec![
        ("scenario.toml".to_owned(), setup.resolved().into_bytes()),
        ("summary.json".to_owned(), summary.to_json()?.into_bytes()),
        subjects_units,
    ];
    if let Some(own) = &own {
        files.extend(own.files()?);
    }
    if !summary.uncertainty.is_empty() {
        let table = uncertainty_table(&summary.uncertainty);
        files.push(("uncertainty.csv".to_owned(), table.to_csv()?.into_bytes()));
    }
    let bands = results.into_bands();
    files.push(encode(&bands, format)?);
    // Figures are drawn from tables, as `plot` draws them, so that both agree.
    let saved = serde_json::to_value(&summary)?;
    let input = CohortMaterial {
        bands: &bands,
        lives: &lives,
        survival: &survival_table,
        summary: &saved,
        scenario,
        declaration: &model.declaration,
        own: own
            .as_ref()
            .map_or_else(OwnTables::default, |own| OwnTables {
                measurements: own.measurements.as_ref(),
                survival: own.survival.as_ref(),
            }),
    };
    let draw = |plan: &FigurePlan| input.draw(plan);
    files.extend(pictures(scenario, model, figures, draw, progress)?);
    Ok(Computed {
        files,
        written,
        counts: Counts::new(requested, failed),
        effort: format!("{requested} lives"),
        summary: StudySummary::Cohort(Box::new(summary)),
        first_failure,
    })
}

/// The survival of every arm, with its table: the file is whole, the table has what pictures need.
fn survival(
    results: &CohortResults,
    store: &mut dyn Store,
) -> Result<(Vec<Option<ArmSurvival>>, Table), StudyError> {
    let empty = results.survival_table(&[]);
    let mut file = GrowingTable::begin(&empty, TableFormat::Csv, ROWS, store)?;
    let survival = results.survival_by_arm(|arm, steps| {
        for steps in steps.chunks(STEPS) {
            let steps: Vec<_> = steps.iter().map(|step| (arm, *step)).collect();
            file.push(table_of_steps("survival", &steps))?;
        }
        Ok::<(), StudyError>(())
    })?;
    file.finish(store)?;
    let shown = results.survival_table(&survival);
    Ok((survival, shown))
}

/// One large table: its columns, and the rows of every arm as far as they have come.
struct LargeTable {
    empty: Table,
    arms: Vec<Waiting>,
}

impl LargeTable {
    fn push(&mut self, arm: usize, rows: Table, store: &mut dyn Store) -> Result<(), StudyError> {
        match self.arms.get_mut(arm) {
            Some(waiting) if rows.rows() > 0 => waiting.push(rows, store),
            _ => Ok(()),
        }
    }

    /// Writes the rows arm by arm; `see` looks at them as they pass.
    fn write(
        self,
        format: TableFormat,
        store: &mut dyn Store,
        mut see: impl FnMut(&Table) -> Result<(), StudyError>,
    ) -> Result<(), StudyError> {
        let rows = (CELLS / self.empty.columns.len().max(1)).min(ROWS);
        let mut file = GrowingTable::begin(&self.empty, format, rows, store)?;
        let place = store.place();
        for waiting in self.arms {
            waiting.each(&place, |rows| {
                see(&rows)?;
                file.push(rows)
            })?;
        }
        file.finish(store)
    }
}

/// The tables of a cohort that have rows for every animal.
struct LargeTables {
    endpoints: LargeTable,
    subjects: LargeTable,
    visits: Option<LargeTable>,
    /// Known with the first rows: their columns are those of the first life.
    trajectories: Option<LargeTable>,
    arms: usize,
}

impl LargeTables {
    /// Without rows, with the columns of tables that have none.
    fn of(empty: Vec<ArmTables>) -> Self {
        let arms = empty.len();
        let table = |empty| LargeTable {
            empty,
            arms: (0..arms).map(|_| Waiting::new()).collect(),
        };
        let nothing = || Table::new("", Vec::new());
        let first = empty.into_iter().next();
        let (endpoints, subjects, visits) = first.map_or_else(
            || (nothing(), nothing(), None),
            |it| (it.endpoints, it.subjects, it.visits),
        );
        Self {
            endpoints: table(endpoints),
            subjects: table(subjects),
            visits: visits.map(table),
            trajectories: None,
            arms,
        }
    }

    fn push(&mut self, rows: Vec<ArmTables>, store: &mut dyn Store) -> Result<(), StudyError> {
        for (arm, rows) in rows.into_iter().enumerate() {
            self.endpoints.push(arm, rows.endpoints, store)?;
            self.subjects.push(arm, rows.subjects, store)?;
            if let (Some(table), Some(rows)) = (&mut self.visits, rows.visits) {
                table.push(arm, rows, store)?;
            }
            if let Some(rows) = rows.trajectories {
                let arms = self.arms;
                let table = self.trajectories.get_or_insert_with(|| LargeTable {
                    empty: rows.without_rows(),
                    arms: (0..arms).map(|_| Waiting::new()).collect(),
                });
                table.push(arm, rows, store)?;
            }
        }
        Ok(())
    }

    /// Writes the files; how many they are.
    fn write(
        self,
        format: TableFormat,
        lives: &mut PassingLives<'_>,
        store: &mut dyn Store,
    ) -> Result<usize, StudyError> {
        let nothing = |_: &Table| Ok(());
        self.endpoints
            .write(TableFormat::Csv, store, |rows| Ok(lives.add(rows)?))?;
        self.subjects.write(format, store, nothing)?;
        let mut written = 2;
        for table in [self.visits, self.trajectories].into_iter().flatten() {
            table.write(format, store, nothing)?;
            written += 1;
        }
        Ok(written)
    }
}

/// The scenario's own data beside the animals, if it has any.
fn own_data(
    setup: &Setup,
    cohort: &Cohort,
    results: &CohortResults,
) -> Result<Option<OwnData>, StudyError> {
    let scenario = &setup.scenario;
    if scenario.data.is_empty() {
        return Ok(None);
    }
    let compared = own_data::of_cohort(&setup.model, scenario, cohort)?;
    let follows = results.follows();
    Ok(Some(OwnData::new(setup, &compared, |arm| {
        let found = follows.iter().find(|follow| follow.arm == arm);
        (found.map_or_else(Vec::new, ArmFollow::observations), None)
    })))
}
