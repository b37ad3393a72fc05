//! The numbers of studies as small tables, from their `summary.json` and their tables as text: what a reader asks
//! for first.

use gutbrain::results::dictionary::table;
use gutbrain_store::SavedRun;
use gutbrain_table::{Column, ColumnData, Table};
use serde_json::{Value, json};

use super::ReportError;
use super::numbers::{Words, difference, list, one_digit, signless};

/// Rows of a table that a page shows; the rest is in the file.
const ROWS: usize = 40;

/// Columns of lists that are longer than a page is wide.
const TOO_WIDE: [&str; 2] = ["gates", "assumed_parameters"];

/// Nothing to show.
const NOTHING: &str = "\u{2013}";

/// The tables of a study by its command; nothing where the page has none of its own.
pub(crate) fn tables(command: &str, summary: &Value, words: Words<'_>) -> Vec<Value> {
    let mut tables = match command {
        "sweep" => vec![factors(summary), extremes(summary), points(summary)],
        "sensitivity" => {
            let mut tables: Vec<Value> = list(summary, "outputs")
                .filter(|output| output["varies"] == true)
                .map(|output| ranking(summary, output))
                .collect();
            tables.push(rests(summary));
            tables
        }
        "trial" => vec![designs(summary)],
        _ => Vec::new(),
    };
    for table in &mut tables {
        table["caption"] = words(table["caption"].as_str().unwrap_or_default()).into();
    }
    tables
}

/// What must be known to read them.
pub(crate) fn notes(command: &str, summary: &Value, words: Words<'_>) -> Vec<String> {
    let notes = match command {
        "sensitivity" => sensitivity_notes(summary),
        "trial" => trial_notes(summary),
        "attribute" => attribution_notes(summary),
        _ => Vec::new(),
    };
    notes.iter().map(|note| words(note)).collect()
}

/// Tables of the folder that are text, as they stand, those of these names that are there.
///
/// # Errors
/// One cannot be read.
pub(crate) fn as_they_stand(
    saved: &SavedRun,
    names: &[&str],
    words: Words<'_>,
) -> Result<Vec<Value>, ReportError> {
    let is_there = |name: &&&str| {
        let file = format!("{name}.csv");
        saved.manifest().files.contains_key(&file)
    };
    let names = names.iter().filter(is_there);
    names.map(|name| as_it_stands(saved, name, words)).collect()
}

fn as_it_stands(saved: &SavedRun, name: &str, words: Words<'_>) -> Result<Value, ReportError> {
    let file = format!("{name}.csv");
    let row = table(name).map_or("", |entry| entry.row);
    let caption = words(&format!("A row is {row}"));
    let found = Table::from_csv(name, &saved.read(&file)?, &[])?;
    let all = found.rows();
    let shown = all.min(ROWS);
    let fits = |column: &&Column| !TOO_WIDE.contains(&column.name.as_str());
    let columns: Vec<&Column> = found.columns.iter().filter(fits).collect();
    let row =
        |row: usize| -> Vec<String> { columns.iter().map(|it| cell(&it.data, row)).collect() };
    let caption = match all > shown {
        true => format!("{caption}: the first {shown} of {all} rows of {file}"),
        false => format!("{caption} ({file})"),
    };
    let head: Vec<&str> = columns.iter().map(|it| it.name.as_str()).collect();
    Ok(json!({
        "caption": caption,
        "head": head,
        "rows": (0..shown).map(row).collect::<Vec<_>>(),
    }))
}

/// A cell as a reader wants it.
fn cell(data: &ColumnData, row: usize) -> String {
    let nothing = || NOTHING.to_owned();
    match data {
        ColumnData::Number(values) => values[row].map_or_else(nothing, digits),
        ColumnData::Integer(values) => values[row].map_or_else(nothing, |it| it.to_string()),
        ColumnData::Text(values) if values[row].is_empty() => nothing(),
        ColumnData::Text(values) => values[row].clone(),
    }
}

/// A number with four digits that tell.
fn digits(number: f64) -> String {
    if number.fract() == 0.0 && number.abs() < 1e7 {
        return signless(&format!("{number:.0}"));
    }
    let size = number.abs().log10().floor();
    let text = match size {
        size if (-4.0..0.0).contains(&size) => {
            format!("{number:.*}", if size < -2.0 { 6 } else { 4 })
        }
        size if (0.0..4.0).contains(&size) => {
            format!("{number:.*}", if size > 2.0 { 0 } else { 2 })
        }
        size if (4.0..7.0).contains(&size) => format!("{number:.0}"),
        _ => format!("{number:.3e}"),
    };
    signless(&text)
}

fn number(value: &Value) -> String {
    value.as_f64().map_or_else(|| NOTHING.to_owned(), digits)
}

fn percent(value: &Value) -> String {
    let share = value.as_f64();
    share.map_or_else(|| NOTHING.to_owned(), |it| format!("{:.1} %", 100.0 * it))
}

/// A text without quotes, or a number.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => NOTHING.to_owned(),
        other => number(other),
    }
}

fn factors(summary: &Value) -> Value {
    let rows: Vec<Value> = list(summary, "factors")
        .map(|factor| {
            let words: Vec<String> = list(factor, "words").map(text).collect();
            let span = match words.is_empty() {
                true => format!(
                    "{} to {}",
                    number(&factor["lowest"]),
                    number(&factor["highest"])
                ),
                false => words.join(", "),
            };
            json!([factor["target"], span, factor["unit"]])
        })
        .collect();
    json!({
        "caption": format!("What was varied: {} points, {}", summary["points"], text(&summary["design"])),
        "head": ["factor", "values", "unit"],
        "rows": rows,
    })
}

/// Where an arm gains most and least.
fn extremes(summary: &Value) -> Value {
    let mut rows = Vec::new();
    for found in list(summary, "comparisons") {
        let against = format!(
            "{} against {}",
            text(&found["arm"]),
            text(&found["reference"])
        );
        for (word, key) in [("most", "greatest"), ("least", "least")] {
            let there = found[key]["factors"].as_object();
            let there = there.into_iter().flatten();
            let place: Vec<String> = there
                .map(|(name, value)| format!("{name} = {}", text(value)))
                .collect();
            rows.push(json!([
                against,
                word,
                difference(&found[key]["difference_d"]),
                text(&found[key]["point"]),
                place.join(", "),
            ]));
        }
        rows.push(json!([
            against,
            "mean over the points",
            difference(&found["mean_difference_d"]),
            "",
            format!("{} points with both numbers", found["points"]),
        ]));
    }
    json!({
        "caption": "Days of life gained: where most, where least",
        "head": ["arms", "", "days", "point", "where"],
        "rows": rows,
    })
}

fn points(summary: &Value) -> Value {
    let names = list(summary, "arm_order").filter_map(Value::as_str);
    let rows: Vec<Value> = names
        .map(|name| {
            let arm = &summary["arms"][name];
            json!([
                name,
                text(&arm["ok"]),
                text(&arm["failed"]),
                text(&arm["not_run"])
            ])
        })
        .collect();
    json!({
        "caption": "Points of every arm; one that is not run makes no sense in the scenario",
        "head": ["arm", "reached their end", "failed", "not run"],
        "rows": rows,
    })
}

/// What an output depends on most.
fn ranking(summary: &Value, output: &Value) -> Value {
    let rows: Vec<Value> = list(output, "ranking")
        .map(|it| {
            let (low, high) = (&it["lower"], &it["upper"]);
            let interval = match (low.as_f64(), high.as_f64()) {
                (Some(low), Some(high)) => format!("{} to {}", digits(low), digits(high)),
                _ => NOTHING.to_owned(),
            };
            json!([
                it["parameter"],
                number(&it["value"]),
                interval,
                text(&it["rests_on"])
            ])
        })
        .collect();
    let unit = match output["unit"].as_str() {
        Some("") | None => String::new(),
        Some(unit) => format!(" {unit}"),
    };
    json!({
        "caption": match output["used"].as_u64() {
            // A local analysis has derivatives at one point, and no sample.
            Some(0) | None => format!("{}: by {}", text(&output["output"]), text(&summary["ranked_by"])),
            Some(used) => format!(
                "{}: mean {}{unit}, SD {} over {used} points; by {}",
                text(&output["output"]),
                number(&output["mean"]),
                number(&output["sd"]),
                text(&summary["ranked_by"]),
            ),
        },
        "head": ["input", text(&summary["ranked_by"]), "95 %", "rests on"],
        "rows": rows,
    })
}

fn rests(summary: &Value) -> Value {
    let all = summary["inputs_by_evidence"].as_object();
    let rows: Vec<Value> = all
        .into_iter()
        .flatten()
        .map(|(word, count)| json!([word, text(count)]))
        .collect();
    json!({
        "caption": format!("The {} inputs that were varied, by what their values rest on", summary["inputs"]),
        "head": ["rests on", "inputs"],
        "rows": rows,
    })
}

fn sensitivity_notes(summary: &Value) -> Vec<String> {
    let mut notes = vec![match summary["method"].as_str() {
        Some("local") => "Method: local, exact derivatives at the values of the preset.".to_owned(),
        _ => format!(
            "Method: {}, {} samples, groups: {}.",
            text(&summary["method"]),
            summary["samples"],
            text(&summary["groups"])
        ),
    }];
    if !summary["samples_needed"].is_null() {
        notes.push(format!(
            "{} samples are too few: chance alone shows as an effect; {} or more are needed.",
            summary["samples"], summary["samples_needed"]
        ));
    }
    let still: Vec<String> = list(summary, "outputs")
        .filter(|output| output["varies"] == false)
        .map(|output| text(&output["output"]))
        .collect();
    if !still.is_empty() {
        notes.push(format!(
            "No more than rounding, so that there is nothing to explain: {}.",
            still.join(", ")
        ));
    }
    let outside: Vec<String> = list(summary, "preset_outside").map(text).collect();
    if !outside.is_empty() {
        notes.push(format!(
            "The preset's value lies outside of the range that is drawn from: {}.",
            outside.join(", ")
        ));
    }
    notes
}

/// What every design would have told.
fn designs(summary: &Value) -> Value {
    let rows: Vec<Value> = list(summary, "designs")
        .map(|it| {
            json!([
                it["design"],
                text(&it["group_size"]),
                percent(&it["power"]),
                percent(&it["false_positives"]),
                number(&it["exaggeration"]),
                percent(&it["wrong_sign"]),
                number(&it["sample_size"]),
                percent(&it["not_testable"]),
            ])
        })
        .collect();
    json!({
        "caption": format!("What {} repetitions of every design found", summary["replicates"]),
        "head": ["design", "per arm", "power", "false positives", "exaggeration", "wrong sign", "per arm for the wanted power", "not testable"],
        "rows": rows,
    })
}

/// What was split, and how far the posterior lets it be told.
fn attribution_notes(summary: &Value) -> Vec<String> {
    if summary.is_null() {
        return Vec::new();
    }
    let unit = text(&summary["unit"]);
    let mut notes = vec![format!(
        "Split is {}, {} against {}: {} {unit}. All numbers of the table are in {unit}.",
        text(&summary["feature"]),
        text(&summary["arm"]),
        text(&summary["reference"]),
        number(&summary["difference"]),
    )];
    notes.push(match summary["vectors"].as_u64().unwrap_or_default() {
        0 => "The shares are those at the values of the preset; what the data leave open was not asked.".to_owned(),
        vectors => format!(
            "Intervals are the middle 90 % over {vectors} vectors of the posterior; of the difference {} to {} {unit}.",
            number(&summary["difference_q05"]),
            number(&summary["difference_q95"]),
        ),
    });
    let unsure: Vec<String> = list(summary, "unidentified").map(text).collect();
    if !unsure.is_empty() {
        notes.push(format!(
            "Not identifiable from the data at hand, so that even the sign is open: {}.",
            unsure.join(", ")
        ));
    }
    notes
}

fn trial_notes(summary: &Value) -> Vec<String> {
    let mut notes = vec![format!(
        "The true effect in the model is {} d (SD between animals {}). {} animals were drawn for the pool, {} of them \
         failed and are not in it; end of survival: {}; significance {}.",
        difference(&summary["true_effect_d"]),
        one_digit(&summary["true_effect_sd_d"]),
        summary["pool"],
        summary["pool_failed"],
        text(&summary["endpoint"]),
        summary["significance"],
    )];
    notes.push(
        "False positives are those of a treatment that does nothing. Intervals of all shares are in trial.csv."
            .to_owned(),
    );
    for it in list(summary, "designs") {
        let others = it["course"]["others"].as_str().unwrap_or_default();
        if !others.is_empty() {
            notes.push(format!(
                "{}: not in the design: {others}.",
                text(&it["design"])
            ));
        }
    }
    notes.dedup();
    notes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_four_digits_and_zero_is_zero() {
        let found = [
            0.0, 10.0, 27.237_361, -0.012_345, 1234.567, 3.2e-9, 12_345.6,
        ]
        .map(digits);
        let wanted = [
            "0",
            "10",
            "27.24",
            "\u{2212}0.0123",
            "1235",
            "3.200e\u{2212}9",
            "12346",
        ];
        assert_eq!(found, wanted);
    }
}
