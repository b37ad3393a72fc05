//! Runs as tables: trajectories, endpoints, units.

use std::collections::{BTreeMap, BTreeSet};

use super::figures::preset;
use crate::report::table::{Column, ColumnData, Table};
use crate::scenario::{Scenario, Trajectories};
use crate::simulate::{ArmRun, Curve, Status};

/// The variables that the scenario wants to be saved; `None` stands for all of them.
#[must_use]
pub fn saved_variables(scenario: &Scenario) -> Option<BTreeSet<&str>> {
    match scenario.output.trajectories {
        Trajectories::All => None,
        Trajectories::None => Some(BTreeSet::new()),
        Trajectories::Shown => {
            let presets = scenario
                .figures
                .iter()
                .filter_map(|figure| preset(figure.kind));
            let chosen = presets.flat_map(|preset| preset.variables.iter().copied());
            let named = scenario.figures.iter().flat_map(|figure| &figure.show);
            let named = named.chain(&scenario.output.summary).map(String::as_str);
            Some(named.chain(chosen).collect())
        }
    }
}

/// `arm, subject, time_d`, then the species and observables wanted (all if `wanted` is `None`).
///
/// No rows after death or failure; no table without runs.
#[must_use]
pub fn trajectories(runs: &[ArmRun], wanted: Option<&BTreeSet<&str>>) -> Option<Table> {
    let first = runs.first()?;
    let arms = runs
        .iter()
        .flat_map(|run| vec![run.arm.clone(); run.times.len()])
        .collect();
    let subject = |run: &ArmRun| vec![i64::try_from(run.subject).ok(); run.times.len()];
    let times = runs
        .iter()
        .flat_map(|run| run.times.iter().copied())
        .collect();
    let mut columns = vec![
        Column::text("arm", arms),
        Column::integers("subject", runs.iter().flat_map(subject).collect()),
        Column::numbers("time_d", "d", times),
    ];
    // Every run has the same curves in the same order: species, then observables.
    let species = first.species.len();
    for (index, curve) in first.species.iter().chain(&first.observables).enumerate() {
        if wanted.is_some_and(|wanted| !wanted.contains(curve.id.as_str())) {
            continue;
        }
        let of = |run: &ArmRun| -> Vec<f64> {
            let curves: &[Curve] = if index < species {
                &run.species
            } else {
                &run.observables
            };
            curves[if index < species {
                index
            } else {
                index - species
            }]
            .values
            .clone()
        };
        columns.push(Column::numbers(
            &curve.id,
            &curve.unit,
            runs.iter().flat_map(of).collect(),
        ));
    }
    Some(Table::new("trajectories", columns))
}

/// One row per run with its endpoints, status and reason.
#[must_use]
pub fn endpoints(runs: &[ArmRun]) -> Table {
    let ages = |name: &str, of: &dyn Fn(&ArmRun) -> Option<f64>| {
        Column::optional_numbers(name, "d", runs.iter().map(of).collect())
    };
    let texts = |name: &str, of: &dyn Fn(&ArmRun) -> String| {
        Column::text(name, runs.iter().map(of).collect())
    };
    let subjects = runs
        .iter()
        .map(|run| i64::try_from(run.subject).ok())
        .collect();
    Table::new(
        "endpoints",
        vec![
            texts("arm", &|run| run.arm.clone()),
            Column::integers("subject", subjects),
            // One animal per arm stands for both sexes.
            texts("sex", &|_| String::new()),
            ages("onset_d", &|run| run.endpoints.onset_d),
            ages("death_d", &|run| run.endpoints.death_d),
            ages("last_d", &|run| Some(run.endpoints.last_d)),
            texts("event", &|run| run.endpoints.event.word().to_owned()),
            texts("status", &|run| run.endpoints.status.to_string()),
            texts("reason", &|run| match &run.endpoints.status {
                Status::Ok => String::new(),
                Status::Failed(reason) => reason.clone(),
            }),
        ],
    )
}

/// `variable, unit` of every column that has a unit.
#[must_use]
pub fn units(trajectories: &Table) -> Table {
    let united: Vec<(&str, &str)> = trajectories
        .columns
        .iter()
        .filter_map(|column| Some((column.name.as_str(), column.unit.as_deref()?)))
        .collect();
    Table::new(
        "units",
        vec![
            Column::text(
                "variable",
                united.iter().map(|(name, _)| (*name).to_owned()).collect(),
            ),
            Column::text(
                "unit",
                united.iter().map(|(_, unit)| (*unit).to_owned()).collect(),
            ),
        ],
    )
}

/// The same as JSON, for the key `units` of Parquet files.
///
/// # Errors
/// Never in practice: a map of texts is always JSON.
pub fn units_json(table: &Table) -> Result<String, serde_json::Error> {
    let united: BTreeMap<&str, &str> = table
        .columns
        .iter()
        .filter_map(|column| Some((column.name.as_str(), column.unit.as_deref()?)))
        .collect();
    serde_json::to_string(&united)
}

/// Puts the units of `units.csv` back on the columns of a table that was read from CSV.
pub fn restore_units(table: &mut Table, units: &Table) {
    let (Some(names), Some(texts)) = (units.texts("variable"), units.texts("unit")) else {
        return;
    };
    let known: BTreeMap<&str, &str> = names
        .iter()
        .map(String::as_str)
        .zip(texts.iter().map(String::as_str))
        .collect();
    for column in &mut table.columns {
        column.unit = known
            .get(column.name.as_str())
            .map(|unit| (*unit).to_owned());
        // A column of whole numbers in the text was a column of numbers when it was written.
        if column.unit.is_some()
            && let ColumnData::Integer(values) = &column.data
        {
            #[expect(
                clippy::cast_precision_loss,
                reason = "such integers were written as doubles"
            )]
            let numbers = values
                .iter()
                .map(|value| value.map(|whole| whole as f64))
                .collect();
            column.data = ColumnData::Number(numbers);
        }
    }
}
