//! One animal in every arm: curves, ends, and what the reader must know.

use gutbrain::model::Model;
use gutbrain::results::figures::{median_ages, shades};
use gutbrain::results::remarks::Remarks;
use gutbrain::results::tables;
use gutbrain::simulate::{self, ArmRun, Population, Status};
use serde_json::{Value, json};

use crate::answer::Refusal;
use crate::scenario::Opened;

/// Simulates every arm, and gives the curves of `show`.
pub(crate) fn run(
    model: &Model,
    kept: &mut Option<Population>,
    tree: &Value,
    show: &[String],
) -> Result<Value, Refusal> {
    let opened = Opened::tree(model, tree)?;
    let scenario = &opened.scenario;
    // What was compiled last serves again where the structure is the same.
    let population = match kept.take() {
        Some(last) => last.variant(model, scenario)?,
        None => Population::new(model, scenario)?,
    };
    let runs = population.first_animal();
    *kept = Some(population);
    let ends = &model.declaration.family.endpoints;
    let endpoints = tables::endpoints(&runs, ends);
    let ages = median_ages(&endpoints, ends);
    let remarks = Remarks::of(&runs).sentences(scenario.simulation.stop);
    let arms: Vec<Value> = runs
        .iter()
        .map(|run| {
            let curves: Vec<Value> = show
                .iter()
                .map(|id| run.curve(id).map_or(Value::Null, |it| json!(it.values)))
                .collect();
            json!({
                "name": run.arm,
                "times": run.times,
                "curves": curves,
                "onset": run.endpoints.onset_d(),
                "death": run.endpoints.death_d(),
                "last": run.endpoints.followed_d(),
                "event": run.endpoints.event.word(),
                "failed": reason(run),
            })
        })
        .collect();
    // A stop that is never is absent.
    let done: Vec<Value> = shades(scenario, &ages)
        .iter()
        .map(|it| json!({ "arm": it.arm, "label": it.label, "start": it.start, "stop": it.stop }))
        .collect();
    Ok(json!({
        "text": opened.resolved(),
        "title": scenario.title,
        "subject": scenario.subject.preset,
        "start": scenario.simulation.start,
        "stop": scenario.simulation.stop,
        "arms": arms,
        "done": done,
        "endpoints": endpoints.to_csv()?,
        "remarks": remarks,
        "warnings": scenario.extrapolations(&model.declaration),
    }))
}

fn reason(run: &ArmRun) -> Option<&str> {
    match &run.endpoints.status {
        Status::Ok => None,
        Status::Failed(reason) => Some(reason),
    }
}

/// The shares of the derivative of a species, at one age of one arm.
pub(crate) fn explain(
    model: &Model,
    tree: &Value,
    arm: &str,
    species: &str,
    age: f64,
) -> Result<Value, Refusal> {
    let opened = Opened::tree(model, tree)?;
    let found = simulate::explain(model, &opened.scenario, arm, species, age)?;
    let shares: Vec<Value> = found
        .shares
        .iter()
        .map(|share| {
            json!({
                "process": share.process,
                "says": share.says,
                "contribution": share.contribution,
            })
        })
        .collect();
    Ok(json!({
        "species": found.species,
        "unit": found.unit,
        "arm": found.arm,
        "age": found.age,
        "value": found.value,
        "scale": found.scale,
        "derivative": found.derivative,
        "shares": shares,
    }))
}
