//! What a sensitivity study leaves: the indices, how they converge, what was varied, every point, and a
//! summary.

use std::collections::BTreeMap;

use gutbrain_statistics::samples;
use serde::Serialize;

use super::sweep::is_numeric;
use crate::analysis::points::RowStatus;
use crate::analysis::sensitivity::{
    Convergence, DUMMY, INDICES, Index, Indices, Input, Study, Trouble, Values,
};
use crate::report::table::{Column, Table};
use crate::scenario::{Grouping, Scenario, SensitivityMethod, Setting};

/// Inputs named in the summary of an output.
const MOST_NAMED: usize = 10;

/// What is said of an output without indices.
pub const DOES_NOT_VARY: &str = "does not vary beyond the tolerance of the solver";

/// Values of inputs that the table of points holds.
const MOST_INPUTS: usize = 20_000_000;

/// The index by which inputs are ranked.
#[must_use]
pub fn main_index(method: SensitivityMethod) -> &'static str {
    match method {
        SensitivityMethod::Sobol => "ST",
        SensitivityMethod::Morris => "mu_star",
        SensitivityMethod::Prcc => "prcc",
        SensitivityMethod::Local => "per_sd",
    }
}

/// `method, output, parameter, index, value, lower, upper, used, failed`.
#[must_use]
pub fn index_table(study: &Study<'_>, indices: &Indices) -> Table {
    let rows: Vec<&Index> = indices.all.iter().collect();
    Table::new("sensitivity", index_columns(study, &rows))
}

/// The same at growing parts of the sample; `rows` is their size.
#[must_use]
pub fn convergence_table(study: &Study<'_>, indices: &Indices) -> Table {
    let rows: Vec<&Index> = indices.convergence.iter().map(|it| &it.index).collect();
    let sizes = indices.convergence.iter();
    let sizes = sizes.map(|it| i64::try_from(it.size).ok()).collect();
    let mut columns = vec![Column::integers("rows", sizes)];
    columns.extend(index_columns(study, &rows));
    Table::new("convergence", columns)
}

fn index_columns(study: &Study<'_>, rows: &[&Index]) -> Vec<Column> {
    let method = study.plan().method.word();
    let texts = |of: &dyn Fn(&Index) -> String| rows.iter().map(|row| of(row)).collect();
    let numbers = |of: &dyn Fn(&Index) -> Option<f64>| rows.iter().map(|row| of(row)).collect();
    let counts = |of: &dyn Fn(&Index) -> usize| {
        let counts = rows.iter().map(|row| i64::try_from(of(row)).ok());
        counts.collect()
    };
    vec![
        Column::text("method", texts(&|_| method.to_owned())),
        Column::text(
            "output",
            texts(&|row| study.outputs[row.output].label.clone()),
        ),
        Column::text("parameter", texts(&|row| row.parameter.clone())),
        Column::text("index", texts(&|row| row.index.to_owned())),
        // The index says what the number is: a share, a correlation, or in units of the output.
        Column::optional_numbers("value", "", numbers(&|row| row.value)),
        Column::optional_numbers("lower", "", numbers(&|row| row.lower)),
        Column::optional_numbers("upper", "", numbers(&|row| row.upper)),
        Column::integers("used", counts(&|row| row.used)),
        Column::integers("failed", counts(&|row| row.failed)),
    ]
}

/// The indices of a saved study; nothing if a table is not one of this study.
#[must_use]
pub fn read_indices(study: &Study<'_>, all: &Table, growing: Option<&Table>) -> Option<Indices> {
    let mut indices = Indices {
        all: read_rows(study, all)?,
        convergence: Vec::new(),
    };
    if let Some(growing) = growing {
        let sizes = growing.numbers("rows")?.iter();
        let rows = read_rows(study, growing)?.into_iter();
        for (size, index) in sizes.zip(rows) {
            indices.convergence.push(Convergence {
                size: (*size)? as u64,
                index,
            });
        }
    }
    Some(indices)
}

fn read_rows(study: &Study<'_>, table: &Table) -> Option<Vec<Index>> {
    let texts = |name: &str| table.texts(name);
    let numbers = |name: &str| table.numbers(name);
    let (outputs, names, words) = (texts("output")?, texts("parameter")?, texts("index")?);
    let (values, lowers, uppers) = (numbers("value")?, numbers("lower")?, numbers("upper")?);
    let (used, failed) = (numbers("used")?, numbers("failed")?);
    (0..table.rows())
        .map(|row| {
            let mut known = study.outputs.iter();
            Some(Index {
                output: known.position(|output| output.label == outputs[row])?,
                parameter: names[row].clone(),
                index: INDICES.into_iter().find(|word| *word == words[row])?,
                value: values[row],
                lower: lowers[row],
                upper: uppers[row],
                used: used[row]? as usize,
                failed: failed[row]? as usize,
            })
        })
        .collect()
}

/// What was varied: range, prior, the value of the preset, and what is known about it.
#[must_use]
pub fn factor_table(study: &Study<'_>) -> Table {
    let inputs = &study.inputs;
    let texts = |of: fn(&Input) -> String| inputs.iter().map(of).collect();
    let numbers = |of: fn(&Input) -> Option<f64>| inputs.iter().map(of).collect();
    Table::new(
        "factors",
        vec![
            Column::text("parameter", texts(|input| input.factor.name.clone())),
            Column::text("unit", texts(|input| input.factor.unit.clone())),
            Column::text("prior", texts(|input| input.prior.clone())),
            // Numbers in the unit of the row.
            Column::optional_numbers("low", "", numbers(|input| Some(input.range()?.0))),
            Column::optional_numbers("high", "", numbers(|input| Some(input.range()?.1))),
            Column::optional_numbers("preset", "", numbers(|input| input.preset)),
            Column::integers(
                "preset_outside",
                inputs
                    .iter()
                    .map(|input| Some(i64::from(input.is_outside())))
                    .collect(),
            ),
            Column::text("compartment", texts(|input| input.compartment.clone())),
            Column::text("pathway", texts(|input| input.pathway.clone())),
            Column::text("rests_on", texts(|input| input.grade.clone())),
        ],
    )
}

/// Every point with its status, the values of all inputs, so that it can be run again, and those of all
/// outputs. A very large study keeps the inputs of points in trouble only ([`MOST_INPUTS`]).
#[must_use]
pub fn point_table(study: &Study<'_>, values: &Values) -> Table {
    let count = values.outputs.first().map_or(0, Vec::len);
    let inputs = input_columns(study, values, count);
    let mut status = vec!["ok".to_owned(); count];
    let mut reason = vec![String::new(); count];
    for trouble in &values.troubles {
        let place = usize::try_from(trouble.point - 1).unwrap_or(usize::MAX);
        if let (Some(status), Some(reason)) = (status.get_mut(place), reason.get_mut(place)) {
            trouble.status.word().clone_into(status);
            trouble.status.reason().clone_into(reason);
        }
    }
    let numbers = (1..=count).map(|number| i64::try_from(number).ok());
    let mut columns = vec![
        Column::integers("point", numbers.collect()),
        Column::text("status", status),
        Column::text("reason", reason),
    ];
    columns.extend(inputs);
    for (output, values) in study.outputs.iter().zip(&values.outputs) {
        columns.push(Column::optional_numbers(
            &output.label,
            &output.unit,
            values.clone(),
        ));
    }
    Table::new("points", columns)
}

/// One column per input, with its value at every point.
fn input_columns(study: &Study<'_>, values: &Values, count: usize) -> Vec<Column> {
    let all = count.saturating_mul(study.inputs.len()) <= MOST_INPUTS;
    let mut settings: Vec<Option<Vec<Setting>>> = vec![None; count];
    if all {
        for (known, point) in settings.iter_mut().zip(study.all_points()) {
            *known = Some(point.settings);
        }
    } else {
        for trouble in &values.troubles {
            let place = usize::try_from(trouble.point - 1).ok();
            if let Some(known) = place.and_then(|place| settings.get_mut(place)) {
                *known = study.point(trouble.point).map(|point| point.settings);
            }
        }
    }
    let column = |(place, input): (usize, &Input)| {
        let factor = &input.factor;
        let of = |point: &Option<Vec<Setting>>| point.as_ref()?.get(place).cloned();
        if is_numeric(factor) {
            let numbers = settings.iter().map(|point| of(point)?.number()).collect();
            Column::optional_numbers(&factor.name, &factor.unit, numbers)
        } else {
            let words = settings.iter().map(of);
            let words = words.map(|it| it.map_or_else(String::new, |it| it.to_string()));
            Column::text(&factor.name, words.collect())
        }
    };
    study.inputs.iter().enumerate().map(column).collect()
}

/// `summary.json` of a study.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SensitivitySummary {
    /// Title of the scenario.
    pub title: String,
    /// The subject's preset.
    pub subject: String,
    /// Seed of every random stream.
    pub seed: u64,
    /// How importance is measured.
    pub method: &'static str,
    /// By which index inputs are ranked.
    pub ranked_by: &'static str,
    /// What shares an index.
    pub groups: &'static str,
    /// Rows, trajectories or points.
    pub samples: u64,
    /// As many as the study needs, where it has fewer.
    pub samples_needed: Option<u64>,
    /// Points of the sample.
    pub points: u64,
    /// Points of which a run failed.
    pub failed: u64,
    /// Points that make no sense as an experiment.
    pub not_run: u64,
    /// Inputs that were varied.
    pub inputs: usize,
    /// Inputs by what their values rest on.
    pub inputs_by_evidence: BTreeMap<String, usize>,
    /// Inputs of which the preset's value is outside of the range that was drawn from.
    pub preset_outside: Vec<String>,
    /// One entry per output.
    pub outputs: Vec<OutputEntry>,
}

/// What is said about one output.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OutputEntry {
    /// What it is.
    pub output: String,
    /// Its unit.
    pub unit: String,
    /// Points that have a value.
    pub used: usize,
    /// Points that have none.
    pub missing: usize,
    /// Mean over the points.
    pub mean: Option<f64>,
    /// Standard deviation over the points.
    pub sd: Option<f64>,
    /// Whether it varies by more than the solver can tell apart; if not, it has no indices.
    pub varies: bool,
    /// The most important inputs, the first one first.
    pub ranking: Vec<RankedInput>,
    /// What the dummy has of the index that has a noise.
    pub noise: Option<f64>,
}

/// One input of a ranking.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RankedInput {
    /// Name of the input or group.
    pub parameter: String,
    /// What its value rests on; of a group, how many inputs it has.
    pub rests_on: String,
    /// The index.
    pub value: f64,
    /// Lower end of its interval.
    pub lower: Option<f64>,
    /// Upper end of its interval.
    pub upper: Option<f64>,
    /// Of shares of variance, what it explains alone; of elementary effects, σ.
    pub beside: Option<f64>,
}

/// What stands beside the name of a group in tables and figures.
#[must_use]
pub fn remark(study: &Study<'_>, name: &str) -> String {
    let group = study.groups.iter().find(|group| group.name == name);
    match group.map(|group| group.members.as_slice()) {
        Some([only]) if study.plan().grouping == Grouping::Alone => {
            study.inputs[*only].grade.clone()
        }
        Some([_]) => "1 parameter".to_owned(),
        Some(members) => format!("{} parameters", members.len()),
        None => String::new(),
    }
}

/// The indices of an output, the most important input first; the dummy is not among them.
#[must_use]
pub fn ranking<'i>(study: &Study<'_>, indices: &'i Indices, output: usize) -> Vec<&'i Index> {
    let main = main_index(study.plan().method);
    let mut ranked: Vec<&Index> = indices
        .all
        .iter()
        .filter(|it| it.output == output && it.index == main && it.parameter != DUMMY)
        .filter(|it| it.value.is_some())
        .collect();
    let size = |index: &Index| index.value.map_or(0.0, f64::abs);
    ranked.sort_by(|a, b| size(b).total_cmp(&size(a)));
    ranked
}

impl SensitivitySummary {
    /// Summarises a study.
    #[must_use]
    pub fn new(scenario: &Scenario, study: &Study<'_>, values: &Values, indices: &Indices) -> Self {
        let plan = study.plan();
        let mut by_evidence: BTreeMap<String, usize> = BTreeMap::new();
        for input in &study.inputs {
            *by_evidence.entry(input.grade.clone()).or_default() += 1;
        }
        let outside = study.inputs.iter().filter(|input| input.is_outside());
        let not_run = |it: &&Trouble| matches!(it.status, RowStatus::NotRun(_));
        Self {
            title: scenario.title.clone(),
            subject: scenario.subject.preset.clone(),
            seed: scenario.seed,
            method: plan.method.word(),
            ranked_by: main_index(plan.method),
            groups: plan.grouping.word(),
            samples: plan.samples,
            samples_needed: study.too_few(),
            points: values.points(),
            failed: values.failed(),
            not_run: values.troubles.iter().filter(not_run).count() as u64,
            inputs: study.inputs.len(),
            inputs_by_evidence: by_evidence,
            preset_outside: outside.map(|input| input.factor.name.clone()).collect(),
            outputs: (0..study.outputs.len())
                .map(|output| entry(study, values, indices, output))
                .collect(),
        }
    }

    /// JSON text with a final line feed.
    ///
    /// # Errors
    /// Never in practice: all numbers are finite.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self).map(|text| text + "\n")
    }
}

fn entry(study: &Study<'_>, values: &Values, indices: &Indices, output: usize) -> OutputEntry {
    let all = values.outputs.get(output).map_or(&[][..], Vec::as_slice);
    let known: Vec<f64> = all.iter().flatten().copied().collect();
    let (beside, noisy) = match study.plan().method {
        SensitivityMethod::Sobol => ("S1", "S1"),
        SensitivityMethod::Morris => ("sigma", "mu_star"),
        SensitivityMethod::Prcc => ("p_value", "prcc"),
        SensitivityMethod::Local => ("elasticity", ""),
    };
    let noise = indices.get(output, DUMMY, noisy);
    let ranked = ranking(study, indices, output);
    OutputEntry {
        output: study.outputs[output].label.clone(),
        unit: study.outputs[output].unit.clone(),
        used: known.len(),
        missing: all.len() - known.len(),
        mean: samples::mean(&known),
        sd: samples::standard_deviation(&known),
        varies: match study.plan().method {
            // Of an output that has no value there is nothing to say.
            SensitivityMethod::Local => {
                let known = |it: &Index| it.output == output && it.used > 0;
                !ranked.is_empty() || !indices.all.iter().any(known)
            }
            _ => study.varies(output, all),
        },
        noise: noise.and_then(|noise| noise.value),
        ranking: ranked
            .iter()
            .take(MOST_NAMED)
            .filter_map(|index| {
                let other = indices.get(output, &index.parameter, beside);
                Some(RankedInput {
                    parameter: index.parameter.clone(),
                    rests_on: remark(study, &index.parameter),
                    value: index.value?,
                    lower: index.lower,
                    upper: index.upper,
                    beside: other.and_then(|other| other.value),
                })
            })
            .collect(),
    }
}
