//! Tables of a fit: targets, parameters and starts.

use std::collections::BTreeMap;

use crate::analysis::calibrate::FitReport;
use crate::report::table::{Column, ColumnKind, Table};

/// Column of the names of the fitted parameters.
const PARAMETER: &str = "parameter";
/// Column of their values after the fit.
const AFTER: &str = "after";

/// `targets.csv`: every target before and after.
#[must_use]
pub fn targets(report: &FitReport) -> Table {
    let lines = &report.targets;
    let texts = |name: &str, of: &dyn Fn(usize) -> String| {
        Column::text(name, (0..lines.len()).map(of).collect())
    };
    let numbers = |name: &str, of: &dyn Fn(usize) -> Option<f64>| {
        Column::optional_numbers(name, "", (0..lines.len()).map(of).collect())
    };
    Table::new(
        "targets",
        vec![
            texts("target", &|i| lines[i].name.clone()),
            texts("arm", &|i| lines[i].arm.clone()),
            texts("feature", &|i| lines[i].feature.clone()),
            texts("evidence", &|i| lines[i].evidence.join(" ")),
            texts("wanted", &|i| lines[i].wanted.clone()),
            numbers("before", &|i| lines[i].before.map(|(value, _)| value)),
            numbers("residual_before", &|i| {
                lines[i].before.map(|(_, residual)| residual)
            }),
            numbers("after", &|i| lines[i].after.map(|(value, _)| value)),
            numbers("residual_after", &|i| {
                lines[i].after.map(|(_, residual)| residual)
            }),
            texts("note", &|i| lines[i].note.clone()),
        ],
    )
}

/// `parameters.csv`: every fitted parameter before and after.
#[must_use]
pub fn parameters(report: &FitReport) -> Table {
    let lines = &report.parameters;
    let column = |name: &str, of: &dyn Fn(usize) -> Option<f64>| {
        Column::optional_numbers(name, "", (0..lines.len()).map(of).collect())
    };
    let bound = |i: usize| {
        if lines[i].at_bound {
            "yes".to_owned()
        } else {
            String::new()
        }
    };
    Table::new(
        "parameters",
        vec![
            Column::text(
                PARAMETER,
                lines.iter().map(|line| line.id.clone()).collect(),
            ),
            column("before", &|i| Some(lines[i].before)),
            column(AFTER, &|i| Some(lines[i].after)),
            column("position", &|i| Some(lines[i].position)),
            Column::text("at_bound", (0..lines.len()).map(bound).collect()),
            column("prior_residual", &|i| lines[i].prior),
        ],
    )
}

/// `starts.csv`: how every start ended.
#[must_use]
pub fn starts(report: &FitReport) -> Table {
    let lines = &report.starts;
    let whole = |of: &dyn Fn(usize) -> usize| {
        (0..lines.len())
            .map(|index| i64::try_from(of(index)).ok())
            .collect::<Vec<_>>()
    };
    let objectives = lines.iter().map(|line| line.objective).collect();
    Table::new(
        "starts",
        vec![
            Column::integers("start", whole(&|index| index + 1)),
            Column::optional_numbers("objective", "", objectives),
            Column::integers("evaluations", whole(&|index| lines[index].evaluations)),
            Column::integers("failures", whole(&|index| lines[index].failures)),
            Column::text(
                "ended",
                lines.iter().map(|it| it.termination.to_string()).collect(),
            ),
        ],
    )
}

/// The fitted values of a `parameters.csv`, by their ids; `None` if it is no such table.
#[must_use]
pub fn fitted_values(csv: &[u8]) -> Option<BTreeMap<String, f64>> {
    let kinds = [(PARAMETER, ColumnKind::Text), (AFTER, ColumnKind::Number)];
    let table = Table::from_csv("parameters", csv, &kinds).ok()?;
    let ids = table.texts(PARAMETER)?.iter().cloned();
    let values = table.numbers(AFTER)?;
    ids.zip(values)
        .map(|(id, value)| Some((id, (*value)?)))
        .collect()
}
