//! Simulates a cohort in every arm and turns it into files.

use super::files::{NamedFile, as_csv};
use super::own_data::OwnData;
use super::run::Computed;
use super::{
    Counts, Progress, Setup, Stage, StudyError, StudySummary, TableFormat, encode, pictures,
};
use crate::analysis::intervals::{self, Gathered, intervals};
use crate::analysis::own_data;
use crate::analysis::survival::ArmFollow;
use crate::cohort::Cohort;
use crate::results::assumptions::Assumptions;
use crate::results::cohort::CohortResults;
use crate::results::cohort_figures::{CohortMaterial, OwnTables};
use crate::results::cohort_summary::CohortSummary;
use crate::results::tables;
use crate::results::uncertainty::table as uncertainty_table;
use crate::scenario::{CohortPlan, FigurePlan};
use crate::simulate::Status;

/// Simulates a cohort and turns it into files.
pub(super) fn compute(
    setup: &Setup,
    plan: &CohortPlan,
    format: TableFormat,
    figures: &[FigurePlan],
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
        Ok::<(), StudyError>(())
    })?;
    let uncertainty = intervals(&cohort, &gathered, |done, failed| {
        stage.advance(done, failed)
    })?;
    drop(stage);
    for sentence in results.remarks().sentences(scenario.simulation.stop) {
        progress.warn(&sentence);
    }
    results.sort();
    let (requested, failed) = results.counts();
    let first_failure = results.first_failure();
    let survival = results.survival();
    let assumptions = Assumptions::count(&model.declaration, scenario);
    let mut summary = CohortSummary::new(&results, &survival, scenario, plan, assumptions);
    summary.uncertainty = uncertainty;
    let own = own_data(setup, &cohort, &results)?;
    summary.data = own.as_ref().map(|own| own.summary.clone());
    let endpoints = results.endpoints();
    let survival_table = results.survival_table(&survival);
    let mut files: Vec<NamedFile> = vec![
        ("scenario.toml".to_owned(), setup.resolved().into_bytes()),
        ("endpoints.csv".to_owned(), endpoints.to_csv()?.into_bytes()),
        (
            "survival.csv".to_owned(),
            survival_table.to_csv()?.into_bytes(),
        ),
        ("summary.json".to_owned(), summary.to_json()?.into_bytes()),
        encode(&results.subjects(), format)?,
    ];
    if let Some(own) = &own {
        files.extend(own.files()?);
    }
    if !summary.uncertainty.is_empty() {
        let table = uncertainty_table(&summary.uncertainty);
        files.push(("uncertainty.csv".to_owned(), table.to_csv()?.into_bytes()));
    }
    if let Some(visits) = results.visits() {
        files.push(encode(&visits, format)?);
    }
    if let Some(trajectories) = results.trajectories(scenario) {
        files.push(encode(&trajectories, format)?);
    }
    let subjects = results.subjects();
    let bands = results.into_bands();
    files.push(as_csv(&tables::units(&subjects))?);
    files.push(encode(&bands, format)?);
    // Figures are drawn from tables, as `plot` draws them, so that both agree.
    let saved = serde_json::to_value(&summary)?;
    let input = CohortMaterial {
        bands: &bands,
        endpoints: &endpoints,
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
        counts: Counts::new(requested, failed),
        effort: format!("{requested} lives"),
        summary: StudySummary::Cohort(Box::new(summary)),
        first_failure,
    })
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
