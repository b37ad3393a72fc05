//! Runs as tables: trajectories, endpoints, units.

use std::collections::{BTreeMap, BTreeSet};

use super::failures::FailedLife;
use crate::report::table::{Column, ColumnData, ColumnKind, Table};
use crate::scenario::{Scenario, Trajectories};
use crate::simulate::{ArmRun, Curve, Endpoint, Endpoints, Excursions, Status};
use gutbrain_network::declaration::EndpointSet;

/// The variables that the scenario wants to be saved; `None` stands for all of them.
#[must_use]
pub fn saved_variables(scenario: &Scenario) -> Option<BTreeSet<&str>> {
    match scenario.output.trajectories {
        Trajectories::All => None,
        Trajectories::None => Some(BTreeSet::new()),
        Trajectories::Shown => {
            let figures = scenario.figures.iter();
            let named = figures.flat_map(|figure| figure.show.iter().chain(&figure.choice));
            let named = named.chain(&scenario.output.summary);
            Some(named.map(String::as_str).collect())
        }
    }
}

/// `arm, subject, time_d`, then the species and observables wanted (all if `wanted` is `None`).
///
/// No rows after death or failure; empty cells where a number is undefined; no table without runs.
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
        // An undefined number is an empty cell.
        let of = |run: &ArmRun| -> Vec<Option<f64>> {
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
            .iter()
            .map(|value| Some(*value).filter(|value| value.is_finite()))
            .collect()
        };
        columns.push(Column::optional_numbers(
            &curve.id,
            &curve.unit,
            runs.iter().flat_map(of).collect(),
        ));
    }
    Some(Table::new("trajectories", columns))
}

/// `arm, subject, variable, unit, from_d, to_d, minimum, maximum`: how low and how high the curves go in
/// the intervals of the output; no table if no curve leaves the values at their ends noticeably.
#[must_use]
pub fn between(found: &[Excursions], wanted: Option<&BTreeSet<&str>>) -> Option<Table> {
    let wanted = |curve: &&Excursions| wanted.is_none_or(|ids| ids.contains(curve.id.as_str()));
    let rows: Vec<(&Excursions, [f64; 4])> = found
        .iter()
        .filter(wanted)
        .flat_map(|curve| {
            curve
                .intervals
                .iter()
                .map(move |interval| (curve, *interval))
        })
        .collect();
    if rows.is_empty() {
        return None;
    }
    let texts = |of: fn(&Excursions) -> &String| rows.iter().map(|row| of(row.0).clone()).collect();
    let numbers = |place: usize| rows.iter().map(|row| row.1[place]).collect();
    let subjects = rows.iter().map(|row| i64::try_from(row.0.subject).ok());
    Some(Table::new(
        "between",
        vec![
            Column::text("arm", texts(|curve| &curve.arm)),
            Column::integers("subject", subjects.collect()),
            Column::text("variable", texts(|curve| &curve.id)),
            // Every row has the unit of its variable.
            Column::text("unit", texts(|curve| &curve.unit)),
            Column::numbers("from_d", "d", numbers(0)),
            Column::numbers("to_d", "d", numbers(1)),
            Column::numbers("minimum", "", numbers(2)),
            Column::numbers("maximum", "", numbers(3)),
        ],
    ))
}

/// One row per run with its endpoints, status and reason; `all` are the endpoints of the model's family.
#[must_use]
pub fn endpoints(runs: &[ArmRun], all: &EndpointSet) -> Table {
    // One animal per arm stands for both sexes.
    let rows: Vec<_> = runs
        .iter()
        .map(|run| (run.arm.as_str(), run.subject, "", &run.endpoints))
        .collect();
    Table::new("endpoints", endpoint_columns(&rows, all))
}

/// The first run that failed.
#[must_use]
pub fn first_failure(runs: &[ArmRun]) -> Option<FailedLife> {
    runs.iter().find_map(|run| {
        let Status::Failed(reason) = &run.endpoints.status else {
            return None;
        };
        Some(FailedLife {
            point: None,
            arm: run.arm.clone(),
            subject: None,
            vector: None,
            settings: Vec::new(),
            reason: reason.clone(),
        })
    })
}

/// The columns of `endpoints.csv` for rows of arm, subject, sex and endpoints: the age at every endpoint,
/// so that survival can be estimated again for each of them.
pub(super) fn endpoint_columns(
    rows: &[(&str, u64, &str, &Endpoints)],
    all: &EndpointSet,
) -> Vec<Column> {
    let ages = |name: &str, of: &dyn Fn(&Endpoints) -> Option<f64>| {
        Column::optional_numbers(name, "d", rows.iter().map(|row| of(row.3)).collect())
    };
    let reached = |endpoint: &Endpoint| ages(&endpoint.column(), &|ends| ends.age(endpoint));
    let texts = |name: &str, of: &dyn Fn(&Endpoints) -> String| {
        Column::text(name, rows.iter().map(|row| of(row.3)).collect())
    };
    let subjects = rows.iter().map(|row| i64::try_from(row.1).ok()).collect();
    let mut columns = vec![
        Column::text("arm", rows.iter().map(|row| row.0.to_owned()).collect()),
        Column::integers("subject", subjects),
        Column::text("sex", rows.iter().map(|row| row.2.to_owned()).collect()),
    ];
    columns.extend(all.iter().map(reached));
    columns.extend([
        // A failed run was not followed: whoever counts empty cells as censored has none.
        ages("last_d", &Endpoints::followed_d),
        texts("event", &|ends| ends.event.word().to_owned()),
        texts("status", &|ends| ends.status.to_string()),
        texts("reason", &|ends| match &ends.status {
            Status::Ok => String::new(),
            Status::Failed(reason) => reason.clone(),
        }),
    ]);
    columns
}

/// The columns of a text of `endpoints.csv` with their kinds, for whoever reads it back: what a column of ages
/// holds is a number, even where none was reached.
#[must_use]
pub fn endpoint_kinds(csv: &[u8]) -> Vec<(String, ColumnKind)> {
    let header = csv.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let header = String::from_utf8_lossy(header);
    let columns = header.trim_end().split(',');
    let kinds = columns.map(|name| match name {
        "subject" => (name.to_owned(), ColumnKind::Integer),
        name if name.ends_with("_d") => (name.to_owned(), ColumnKind::Number),
        name => (name.to_owned(), ColumnKind::Text),
    });
    kinds.collect()
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
