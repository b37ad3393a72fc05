//! The numbers of a run as small tables, from `summary.json`.

use serde_json::{Value, json};

/// Texts in the words of the family.
pub(crate) type Words<'w> = &'w dyn Fn(&str) -> String;

/// A number with one digit, or a dash.
pub(crate) fn one_digit(value: &Value) -> String {
    value
        .as_f64()
        .map_or_else(|| "\u{2013}".to_owned(), |it| signless(&format!("{it:.1}")))
}

/// A difference with its sign.
pub(crate) fn difference(value: &Value) -> String {
    match value.as_f64() {
        None => "\u{2013}".to_owned(),
        Some(it) if it.abs() < 0.05 => "0".to_owned(),
        Some(it) => signless(&format!("{it:+.1}")),
    }
}

/// A hyphen is no minus.
pub(crate) fn signless(text: &str) -> String {
    text.replace('-', "\u{2212}")
}

fn between(low: &Value, high: &Value) -> String {
    match (low.as_f64(), high.as_f64()) {
        (Some(_), Some(_)) => format!("{} to {}", one_digit(low), one_digit(high)),
        (Some(_), None) => format!("from {}", one_digit(low)),
        _ => "\u{2013}".to_owned(),
    }
}

pub(crate) fn list<'v>(summary: &'v Value, key: &str) -> impl Iterator<Item = &'v Value> {
    summary[key].as_array().into_iter().flatten()
}

/// The tables that a reader asks for first.
pub(crate) fn tables(summary: &Value, words: Words<'_>) -> Vec<Value> {
    let names: Vec<&str> = list(summary, "arm_order")
        .filter_map(Value::as_str)
        .collect();
    if summary["pairing"].is_string() {
        return vec![
            survival(summary, &names, words),
            gains(summary, words),
            uncertainty(summary, words),
        ]
        .into_iter()
        .filter(|table| !table["rows"].as_array().is_none_or(Vec::is_empty))
        .collect();
    }
    let rows: Vec<Value> = names
        .iter()
        .map(|name| {
            let arm = &summary["arms"][name];
            let against = list(summary, "comparisons").find(|it| it["arm"] == *name);
            let gain = |key: &str| against.map_or_else(String::new, |it| difference(&it[key]));
            let end = match (arm["status"].as_str(), arm["event"].as_str()) {
                (Some("ok"), Some(event)) => event.replace('_', " "),
                _ => "failed".to_owned(),
            };
            json!([
                name,
                one_digit(&arm["onset_d"]),
                gain("onset_difference_d"),
                one_digit(&arm["death_d"]),
                gain("difference_d"),
                end,
            ])
        })
        .collect();
    vec![json!({
        "caption": words("One animal in every arm, at the values of its preset: ages in days, without an interval"),
        "head": ["arm", "onset", "against the first", "death", "against the first", "end"],
        "rows": rows,
    })]
}

fn survival(summary: &Value, names: &[&str], words: Words<'_>) -> Value {
    let rows: Vec<Value> = names
        .iter()
        .map(|name| {
            let arm = &summary["arms"][name];
            json!([
                name,
                arm["subjects"].to_string(),
                arm["events"].to_string(),
                arm["failed"].to_string(),
                one_digit(&arm["onset_d"]),
                one_digit(&arm["median_survival_d"]),
                between(
                    &arm["median_survival_lower_d"],
                    &arm["median_survival_upper_d"]
                ),
                one_digit(&arm["mean_survival_d"]),
                one_digit(&arm["horizon_d"]),
            ])
        })
        .collect();
    json!({
        "caption": "Survival of every arm: ages in days",
        "head": ["arm", words("animals"), "deaths seen", "failed", "mean onset", "median", "95 %", "restricted mean", "up to"],
        "rows": rows,
    })
}

fn gains(summary: &Value, words: Words<'_>) -> Value {
    let rows: Vec<Value> = list(summary, "comparisons")
        .map(|it| {
            let ratio = it["hazard_ratio"].as_f64();
            json!([
                it["arm"],
                difference(&it["rmst_difference_d"]),
                between(
                    &it["rmst_difference_lower_d"],
                    &it["rmst_difference_upper_d"]
                ),
                one_digit(&it["horizon_d"]),
                difference(&it["paired_difference_d"]),
                ratio.map_or_else(|| "\u{2013}".to_owned(), |it| format!("{it:.2}")),
            ])
        })
        .collect();
    json!({
        "caption": "Against the first arm: days of life",
        "head": ["arm", "restricted mean", "95 %", "up to", words("within animals"), "hazard ratio"],
        "rows": rows,
    })
}

/// Intervals from parameters, animals and both.
fn uncertainty(summary: &Value, words: Words<'_>) -> Value {
    let range = |it: &Value| {
        if it.is_null() {
            return "\u{2013}".to_owned();
        }
        let (low, high) = (one_digit(&it["q05"]), one_digit(&it["q95"]));
        format!("{} ({low} to {high})", one_digit(&it["median"]))
    };
    let rows: Vec<Value> = list(summary, "uncertainty")
        .map(|it| {
            let arm = it["arm"].as_str().unwrap_or_default();
            let quantity = it["quantity"].as_str().unwrap_or_default();
            let quantity = quantity.trim_end_matches("_d").replace('_', " ");
            let what = match it["against"].as_str() {
                Some(against) => format!("{arm}: {quantity}, against {against}"),
                None => format!("{arm}: {quantity}"),
            };
            let sources = [&it["parameters"], &it["animals"], &it["both"]].map(range);
            json!([
                what,
                one_digit(&it["preset"]),
                sources[0],
                sources[1],
                sources[2]
            ])
        })
        .collect();
    json!({
        "caption": words("Median and middle 90 %, from parameters alone, from animals alone, from both: days"),
        "head": ["quantity", "preset", "parameters", words("animals"), "both"],
        "rows": rows,
    })
}

/// What must be known to read the tables.
pub(crate) fn notes(summary: &Value) -> Vec<String> {
    let sentences = [&summary["clock"], &summary["note"]].into_iter();
    let mut notes: Vec<String> = sentences
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect();
    for found in list(summary, "comparisons") {
        let reasons = found["not_estimable"].as_object().into_iter().flatten();
        notes.extend(reasons.map(|(name, reason)| {
            let arm = found["arm"].as_str().unwrap_or_default();
            format!(
                "{arm}: {}: {}",
                name.replace('_', " "),
                reason.as_str().unwrap_or_default()
            )
        }));
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_number_is_a_dash() {
        assert_eq!(one_digit(&Value::Null), "\u{2013}");
        assert_eq!(difference(&json!(-3.25)), "\u{2212}3.2");
        assert_eq!(difference(&json!(0.01)), "0");
        assert_eq!(between(&json!(1.0), &Value::Null), "from 1.0");
    }
}
