//! What was done to the arms, and what that rests on.

use std::collections::BTreeSet;

use gutbrain::report::documents::{references as works, rows_behind};
use gutbrain::scenario::Scenario;
use gutbrain_network::Declaration;
use gutbrain_network::declaration::Evidence;
use serde_json::{Value, json};

/// The interventions of the arms with their evidence, and why what is assumed was.
pub(crate) fn interventions(declaration: &Declaration, scenario: &Scenario) -> Vec<Value> {
    let kinds: BTreeSet<&str> = scenario
        .arms
        .iter()
        .flat_map(|arm| arm.shading.iter().map(|it| it.kind.as_str()))
        .collect();
    let known = kinds
        .into_iter()
        .filter_map(|kind| Some((kind, declaration.interventions.get(kind)?)));
    known
        .map(|(kind, entry)| {
            let studied = entry.dose.studied.iter().flat_map(|range| &range.evidence);
            let ids: BTreeSet<&str> = (entry.common.evidence.iter().chain(studied))
                .map(|id| id.value.as_str())
                .collect();
            let rows: Vec<Value> = ids
                .into_iter()
                .filter_map(|id| Some(row(id, declaration.evidence.get(id)?)))
                .collect();
            json!({
                "name": kind,
                "says": entry.common.says,
                "assumed": entry.common.assumed,
                "rows": rows,
            })
        })
        .collect()
}

fn row(id: &str, row: &Evidence) -> Value {
    let conflicts: Vec<&str> = row
        .conflicts_with
        .iter()
        .map(|it| it.value.as_str())
        .collect();
    json!({
        "id": id,
        "says": row.says,
        "grade": row.grade.word(),
        "source": row.source,
        "conflicts": conflicts,
    })
}

/// The works behind the mechanisms that act, with their rows.
pub(crate) fn references(declaration: &Declaration, scenario: &Scenario) -> Vec<Value> {
    let behind = rows_behind(declaration, scenario);
    works(declaration, behind.iter().copied())
        .iter()
        .map(|work| json!({ "line": work.line(), "rows": work.rows.join(" ") }))
        .collect()
}
