//! Figures and tables of a run, with the bytes that the command writes.

use gutbrain::model::Model;
use gutbrain::results::figures::Material;
use gutbrain::results::tables;
use gutbrain::scenario::FigurePlan;
use gutbrain::simulate::simulate;
use gutbrain_table::Table;
use serde_json::{Value, json};

use crate::answer::Refusal;
use crate::scenario::Opened;

/// A figure that has no such name in the scenario.
fn no_such(name: &str, figures: &[FigurePlan]) -> Refusal {
    let names: Vec<&str> = figures.iter().map(|plan| plan.name.as_str()).collect();
    Refusal::Words(format!(
        "the scenario has no figure `{name}`; it has {}",
        names.join(", ")
    ))
}

/// A figure as SVG.
pub(crate) fn figure(model: &Model, tree: &Value, name: &str) -> Result<Value, Refusal> {
    let opened = Opened::tree(model, tree)?;
    let scenario = &opened.scenario;
    let figures = &scenario.figures;
    let plan = figures.iter().find(|plan| plan.name == name);
    let plan = plan.ok_or_else(|| no_such(name, figures))?;
    let (trajectories, endpoints) = simulated(model, &opened)?;
    let material = Material::new(&trajectories, &endpoints, scenario, &model.declaration);
    let figure = material.draw(plan)?;
    Ok(json!({ "svg": figure.to_svg()?, "data": figure.data().to_csv()? }))
}

/// A table as CSV.
pub(crate) fn table(model: &Model, tree: &Value, name: &str) -> Result<Value, Refusal> {
    let opened = Opened::tree(model, tree)?;
    let (trajectories, endpoints) = simulated(model, &opened)?;
    let table = match name {
        "trajectories" => trajectories,
        "endpoints" => endpoints,
        other => return Err(Refusal::Words(format!("a run has no table `{other}`"))),
    };
    Ok(json!({ "csv": table.to_csv()? }))
}

fn simulated(model: &Model, opened: &Opened) -> Result<(Table, Table), Refusal> {
    let runs = simulate(model, &opened.scenario)?;
    let endpoints = tables::endpoints(&runs, &model.declaration.family.endpoints);
    let trajectories = tables::trajectories(&runs, None);
    let nothing = || Refusal::Words("the scenario has no arm".to_owned());
    Ok((trajectories.ok_or_else(nothing)?, endpoints))
}
