//! `gutbrain run` of a scenario with a cohort.

use super::failure::Failure;
use super::meter::Meter;
use super::options::Loaded;
use super::run::{Computed, TableFormat, encode, pictures};
use super::terminal::Terminal;
use super::{intervals, layout};
use gutbrain::cohort::{Cohort, CohortError};
use gutbrain::results::assumptions::Assumptions;
use gutbrain::results::cohort::CohortResults;
use gutbrain::results::cohort_figures::CohortMaterial;
use gutbrain::results::cohort_summary::CohortSummary;
use gutbrain::results::tables;
use gutbrain::results::uncertainty::{Gathered, table as uncertainty_table, uncertainty};
use gutbrain::scenario::CohortPlan;
use gutbrain::simulate::Status;
use gutbrain_store::Counts;

/// Lives a cohort and turns it into files.
pub(super) fn compute(
    loaded: &Loaded,
    plan: &CohortPlan,
    format: TableFormat,
    terminal: &Terminal,
) -> Result<Computed, Failure> {
    let Loaded {
        model,
        file,
        scenario,
    } = loaded;
    let cohort = Cohort::new(model, scenario, plan)?;
    let mut results = CohortResults::new(model, scenario, plan, &cohort);
    let lives = plan.subjects * scenario.arms.len() as u64;
    let mut meter = Meter::new(terminal, "lives", lives);
    let mut gathered = Gathered::default();
    cohort.live(|members| {
        let failed = members
            .iter()
            .filter(|member| member.run.endpoints.status != Status::Ok)
            .count();
        meter.add(members.len() as u64, failed as u64);
        if cohort.fitted().is_some() {
            gathered.add(&members, scenario.arms.len(), plan);
        }
        results.add(members);
        Ok::<(), Failure>(())
    })?;
    meter.finish();
    results.sort();
    let (requested, failed) = results.counts();
    let survival = results.survival();
    let assumptions = Assumptions::count(&model.declaration, scenario);
    let mut summary = CohortSummary::new(&results, &survival, scenario, plan, assumptions);
    summary.uncertainty = uncertainty(&cohort, plan, &gathered)?;
    let endpoints = results.endpoints();
    let survival_table = results.survival_table(&survival);
    let mut files: Vec<(String, Vec<u8>)> = vec![
        (
            "scenario.toml".to_owned(),
            file.resolved(scenario).into_bytes(),
        ),
        ("endpoints.csv".to_owned(), endpoints.to_csv()?.into_bytes()),
        (
            "survival.csv".to_owned(),
            survival_table.to_csv()?.into_bytes(),
        ),
        ("summary.json".to_owned(), summary.to_json()?.into_bytes()),
        encode(&results.subjects(), format)?,
    ];
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
    files.push((
        "units.csv".to_owned(),
        tables::units(&subjects).to_csv()?.into_bytes(),
    ));
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
    };
    files.extend(pictures(
        &scenario.figures,
        |plan| input.draw(plan),
        terminal,
    )?);
    Ok(Computed {
        files,
        counts: Counts {
            requested,
            ok: requested - failed,
            failed,
        },
        effort: format!("{requested} lives"),
        summary: layout::cohort_summary(&summary, terminal)
            + &intervals::layout(&summary.uncertainty, terminal),
    })
}

impl From<CohortError> for Failure {
    fn from(error: CohortError) -> Self {
        match error {
            CohortError::Simulate(error) => Self::Simulate(error),
            other => Self::Usage(other.to_string()),
        }
    }
}
