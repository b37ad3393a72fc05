//! What there is and what the model declares, as the page needs it.

use std::collections::BTreeMap;

use gutbrain::model::Model;
use gutbrain_network::Declaration;
use gutbrain_network::declaration::{Common, DoseRange, EndpointRole, Evidence, Role};
use gutbrain_network::expression::Expression;
use gutbrain_network::reading::Written;
use serde_json::{Value, json};

use crate::scenario::presets;

/// Version, presets, and the choices of the family.
pub(crate) fn hello(model: &Model) -> Value {
    let family = &model.declaration.family;
    let figures = family.figures.iter();
    let figures: Vec<Value> = figures
        .map(|it| json!({ "word": it.word, "says": it.says, "show": ids(&it.show) }))
        .collect();
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "model": model.hash,
        "presets": presets(),
        "figures": figures,
        "summary": family.summary,
        "onset": family.endpoints.word_of(EndpointRole::Onset),
        "death": family.endpoints.word_of(EndpointRole::Death),
    })
}

/// Everything that the model declares.
pub(crate) fn describe(declaration: &Declaration) -> Value {
    json!({
        "parameters": each(&declaration.parameters, |it| with(&it.common, json!({
            "unit": it.unit.to_string(),
            "value": it.value,
            "range": it.range,
            "prior": it.prior.word(),
            "spread": it.between_subject,
            "file": &*it.common.place.source.name,
            "role": match it.role {
                Role::Property => "property",
                Role::Input => "input",
                Role::Group => "group",
            },
        }))),
        "species": each(&declaration.species, |it| with(&it.common, json!({
            "unit": it.unit.to_string(),
            "label": it.label,
            "place": it.compartment.value,
            "scale": it.scale,
        }))),
        "processes": each(&declaration.processes, |it| with(&it.common, json!({
            "rate": it.rate.text(),
            "unit": it.unit.to_string(),
            "changes": each(&it.changes, |factor| json!(factor.text())),
            "reads": reads(&it.rate),
            "pathway": it.pathway,
            "enabled": it.enabled,
        }))),
        "modulators": each(&declaration.modulators, |it| with(&it.common, json!({
            "factor": it.factor.text(),
            "acts_on": ids(&it.acts_on),
            "reads": reads(&it.factor),
            "pathway": it.pathway,
            "enabled": it.enabled,
        }))),
        "assignments": each(&declaration.assignments, |it| with(&it.common, json!({
            "value": it.value.text(),
            "unit": it.unit.to_string(),
            "label": it.label,
            "reads": reads(&it.value),
        }))),
        "observables": each(&declaration.observables, |it| with(&it.common, json!({
            "value": it.value.text(),
            "unit": it.unit.to_string(),
            "label": it.label,
            "relative_to": it.relative_to,
            "reads": reads(&it.value),
        }))),
        "interventions": each(&declaration.interventions, |it| with(&it.common, json!({
            "unit": it.dose.also.first().cloned().unwrap_or_else(|| it.dose.unit.to_string()),
            "studied": it.dose.studied.as_ref().map(span),
            "survived": it.dose.survived.as_ref().map(span),
        }))),
        "subjects": each(&declaration.subjects, |it| json!({
            "says": it.says,
            "parameters": each(&it.parameters, |value| json!({
                "value": value.value,
                "evidence": ids(&value.evidence),
                "assumed": value.assumed,
            })),
        })),
        "evidence": each(&declaration.evidence, evidence),
    })
}

fn each<E>(entries: &BTreeMap<String, E>, of: impl Fn(&E) -> Value) -> Value {
    let all = entries.iter().map(|(id, entry)| (id.clone(), of(entry)));
    Value::Object(all.collect())
}

fn ids(list: &[Written<String>]) -> Vec<&str> {
    list.iter().map(|id| id.value.as_str()).collect()
}

fn reads(expression: &Expression) -> Vec<&str> {
    expression.names().into_iter().collect()
}

fn span(range: &DoseRange) -> [f64; 2] {
    [range.from, range.to]
}

/// What every entry has, beside its own.
fn with(common: &Common, mut own: Value) -> Value {
    if let Value::Object(entries) = &mut own {
        entries.insert("says".to_owned(), json!(common.says));
        entries.insert("evidence".to_owned(), json!(ids(&common.evidence)));
        if let Some(assumed) = &common.assumed {
            entries.insert("assumed".to_owned(), json!(assumed));
        }
        if !common.link.is_empty() {
            entries.insert("links".to_owned(), json!(common.link));
        }
    }
    own
}

/// A row of evidence; what it does not say is absent.
fn evidence(row: &Evidence) -> Value {
    let mut whole = json!({
        "says": row.says,
        "quantity": row.quantity,
        "value": row.value,
        "values": (!row.values.is_empty()).then_some(&row.values),
        "spread": row.spread,
        "spread_kind": row.spread_kind,
        "sign": row.sign,
        "bound": row.bound,
        "n": row.n,
        "groups": row.groups,
        "unit": row.unit.as_ref().map(|unit| unit.value.as_str()),
        "species": row.species,
        "strain": row.strain,
        "age": row.age,
        "condition": row.condition,
        "source": row.source,
        "doi": row.doi,
        "pmc": row.pmc,
        "grade": row.grade.word(),
        "use": row.role.word(),
        "conflicts": (!row.conflicts_with.is_empty()).then(|| ids(&row.conflicts_with)),
    });
    if let Value::Object(entries) = &mut whole {
        entries.retain(|_, value| !value.is_null());
    }
    whole
}
