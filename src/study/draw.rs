//! The figures of a finished run again, from its saved tables; nothing is simulated.

use gutbrain_figures::{Figure, FigureError};
use gutbrain_table::{ColumnKind, Table};

use super::{
    NamedFile, Progress, Saved, SensitivityStudy, Setup, StudyError, draw_sweep, pictures,
};
use crate::results::cohort_figures::{CohortMaterial, OwnTables};
use crate::results::cohort_lives::CohortLives;
use crate::results::figures::Material;
use crate::results::tables::{endpoint_kinds, restore_units};
use crate::scenario::FigurePlan;

/// What draws one figure of a scenario.
pub type Draw<'d> = &'d (dyn Fn(&FigurePlan) -> Result<Figure, FigureError> + Sync);

/// Every figure of the scenario of finished results, which `command` of them says, drawn from their tables.
///
/// # Errors
/// [`StudyError::NothingToDraw`]: a table is missing. Tables that cannot be read, and figures that
/// cannot be drawn from them.
pub fn draw(
    setup: &Setup,
    saved: &dyn Saved,
    command: &str,
    progress: &dyn Progress,
) -> Result<Vec<NamedFile>, StudyError> {
    if command.starts_with("sweep") {
        return draw_sweep(setup, saved, progress);
    }
    if command == "sensitivity" {
        return SensitivityStudy::new(setup)?.draw(saved, progress);
    }
    draw_with(setup, saved, |draw| {
        let figures = &setup.scenario.figures;
        pictures(&setup.scenario, &setup.model, figures, draw, progress)
    })
}

/// Draws with `act` what it likes of a run of animals or of a cohort.
///
/// # Errors
/// As for [`draw`], and what `act` returns.
pub fn draw_with<T>(
    setup: &Setup,
    saved: &dyn Saved,
    act: impl FnOnce(Draw<'_>) -> Result<T, StudyError>,
) -> Result<T, StudyError> {
    let Setup {
        model, scenario, ..
    } = setup;
    let endpoints = endpoints(saved)?;
    if scenario.cohort.is_none() {
        let trajectories = trajectories(saved)?;
        let mut input = Material::new(&trajectories, &endpoints, scenario, &model.declaration);
        if let Some(data) = own(saved, "data")? {
            input = input.with_data(&data)?;
        }
        return act(&|plan| input.draw(plan));
    }
    let texts = ["arm", "variable", "unit"].map(|name| (name, ColumnKind::Text));
    let bands = large(saved, "bands", &texts)?.ok_or_else(|| missing("bands"))?;
    let survival = saved.read("survival.csv")?;
    let survival = Table::from_csv("survival", &survival, &[("arm", ColumnKind::Text)])?;
    let summary = serde_json::from_slice(&saved.read("summary.json")?)?;
    let (measurements, followed) = (own(saved, "data")?, own(saved, "data-survival")?);
    let input = CohortMaterial {
        bands: &bands,
        lives: &CohortLives::of(&endpoints, scenario, &model.declaration)?,
        survival: &survival,
        summary: &summary,
        scenario,
        declaration: &model.declaration,
        own: OwnTables {
            measurements: measurements.as_ref(),
            survival: followed.as_ref(),
        },
    };
    act(&|plan| input.draw(plan))
}

fn has(saved: &dyn Saved, file: &str) -> bool {
    saved.names().iter().any(|name| name == file)
}

fn missing(table: &'static str) -> StudyError {
    StudyError::NothingToDraw { table }
}

/// A table that is written as Parquet or as CSV.
fn large(
    saved: &dyn Saved,
    name: &str,
    kinds: &[(&str, ColumnKind)],
) -> Result<Option<Table>, StudyError> {
    let file = format!("{name}.parquet");
    if has(saved, &file) {
        return Ok(Some(Table::from_parquet(name, &saved.read(&file)?)?));
    }
    let file = format!("{name}.csv");
    if has(saved, &file) {
        return Ok(Some(Table::from_csv(name, &saved.read(&file)?, kinds)?));
    }
    Ok(None)
}

/// A table of a laboratory's own data, if the run has it.
fn own(saved: &dyn Saved, name: &str) -> Result<Option<Table>, StudyError> {
    let file = format!("{name}.csv");
    if !has(saved, &file) {
        return Ok(None);
    }
    let texts = ["file", "arm", "variable", "unit", "spread_kind"];
    let kinds = texts.map(|name| (name, ColumnKind::Text));
    Ok(Some(Table::from_csv(name, &saved.read(&file)?, &kinds)?))
}

fn endpoints(saved: &dyn Saved) -> Result<Table, StudyError> {
    let text = saved.read("endpoints.csv")?;
    let kinds = endpoint_kinds(&text);
    let kinds: Vec<(&str, ColumnKind)> = (kinds.iter())
        .map(|(name, kind)| (name.as_str(), *kind))
        .collect();
    Ok(Table::from_csv("endpoints", &text, &kinds)?)
}

/// The curves of every arm; CSV has the units in a table beside it.
fn trajectories(saved: &dyn Saved) -> Result<Table, StudyError> {
    let kinds = [("arm", ColumnKind::Text)];
    let table = large(saved, "trajectories", &kinds)?;
    let mut table = table.ok_or_else(|| missing("trajectories"))?;
    if !has(saved, "trajectories.parquet") {
        let kinds = [("variable", ColumnKind::Text), ("unit", ColumnKind::Text)];
        let units = Table::from_csv("units", &saved.read("units.csv")?, &kinds)?;
        restore_units(&mut table, &units);
    }
    Ok(table)
}
