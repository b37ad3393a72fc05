//! A laboratory's own data beside what was simulated: `data.csv`, `data-survival.csv` and a part of the summary.

use gutbrain_statistics::survival::{Confidence, KaplanMeier, Observation, RiskTable, Step};
use serde::Serialize;

use crate::analysis::own_data::Compared;
use crate::report::table::{Column, Table};
use crate::scenario::{Followed, Likelihood, Measurement, Scenario};

/// How far the model is from the data.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct DataSummary {
    /// Measured values.
    pub rows: usize,
    /// Rows of the files without a value.
    pub unmeasured: usize,
    /// Values with a spread and a simulated value: those that are counted.
    pub compared: usize,
    /// Values without a spread.
    pub without_spread: usize,
    /// Values at ages at which nothing simulated was alive.
    pub not_alive: usize,
    /// Root of the mean square of the residuals, in SD of the data.
    pub rms_sd: Option<f64>,
    /// The value that is furthest off.
    pub worst: Option<WorstRow>,
    /// Of a cohort: values with a p of 0.05 or less; about a twentieth of them if the model is right.
    pub p_to_005: Option<usize>,
    /// Own survival, arm by arm.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub survival: Vec<OwnSurvival>,
}

/// The measured value that is furthest off.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WorstRow {
    /// Its file.
    pub file: String,
    /// Its line there.
    pub line: usize,
    /// Its arm.
    pub arm: String,
    /// What was measured.
    pub variable: String,
    /// At which age.
    pub time_d: f64,
    /// Simulated less measured, in SD of the data.
    pub residual_sd: f64,
}

/// Own survival of one arm.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OwnSurvival {
    /// The arm.
    pub arm: String,
    /// Animals that were followed.
    pub animals: usize,
    /// Ends that were seen.
    pub events: usize,
    /// Their median survival.
    pub median_d: Option<f64>,
    /// That of the simulated animals, or the age at the end of the only one.
    pub simulated_median_d: Option<f64>,
    /// p of the log-rank test against the simulated animals of a cohort.
    pub log_rank_p: Option<f64>,
}

impl DataSummary {
    /// Counts what was compared.
    #[must_use]
    pub fn new(scenario: &Scenario, compared: &[Compared], survival: Vec<OwnSurvival>) -> Self {
        let data = &scenario.data;
        let rows = &data.measurements;
        let residuals: Vec<f64> = compared.iter().filter_map(|it| it.residual).collect();
        let squares: f64 = residuals.iter().map(|it| it * it).sum();
        let size = |it: &Compared| it.residual.map_or(-1.0, f64::abs);
        let mut worst: Option<(&Measurement, &Compared)> = None;
        for (row, it) in rows.iter().zip(compared) {
            if it.residual.is_some() && worst.is_none_or(|(_, known)| size(it) > size(known)) {
                worst = Some((row, it));
            }
        }
        let tested = compared.iter().any(|it| it.p.is_some());
        let small = compared.iter().filter(|it| it.p.is_some_and(|p| p <= 0.05));
        Self {
            rows: rows.len(),
            unmeasured: data.unmeasured,
            compared: residuals.len(),
            without_spread: rows.iter().filter(|row| row.spread.is_none()).count(),
            not_alive: compared.iter().filter(|it| it.simulated.is_none()).count(),
            rms_sd: (!residuals.is_empty()).then(|| (squares / residuals.len() as f64).sqrt()),
            worst: worst.and_then(|(row, it)| {
                Some(WorstRow {
                    file: row.file.clone(),
                    line: row.line,
                    arm: row.arm.clone(),
                    variable: row.id.clone(),
                    time_d: row.age,
                    residual_sd: it.residual?,
                })
            }),
            p_to_005: tested.then(|| small.count()),
            survival,
        }
    }
}

/// Own survival arm by arm; `simulated` gives the observations of an arm of a cohort, or the end of one animal.
#[must_use]
pub fn own_survival(
    scenario: &Scenario,
    simulated: impl Fn(&str) -> (Vec<Observation>, Option<f64>),
) -> Vec<OwnSurvival> {
    let arms = scenario.arms.iter().filter_map(|arm| {
        let own = observations(&scenario.data.animals, &arm.name);
        if own.is_empty() {
            return None;
        }
        let (animals, end) = simulated(&arm.name);
        let test = RiskTable::new(&[&own, &animals]).and_then(|table| table.log_rank());
        Some(OwnSurvival {
            arm: arm.name.clone(),
            animals: own.len(),
            events: own.iter().filter(|it| it.event).count(),
            median_d: median(&own),
            simulated_median_d: median(&animals).or(end),
            log_rank_p: test.ok().map(|test| test.p),
        })
    });
    arms.collect()
}

fn median(group: &[Observation]) -> Option<f64> {
    gutbrain_statistics::survival::median(group)
}

/// The own animals of an arm.
fn observations(animals: &[Followed], arm: &str) -> Vec<Observation> {
    let of_arm = animals.iter().filter(|animal| animal.arm == arm);
    let observe = |animal: &Followed| Observation {
        time: animal.age,
        event: animal.event,
    };
    of_arm.map(observe).collect()
}

/// `data.csv`: every measured value with the simulated one; nothing without measurements. `units` gives the unit
/// of an observable or species.
#[must_use]
pub fn table(
    scenario: &Scenario,
    compared: &[Compared],
    units: impl Fn(&str) -> String,
) -> Option<Table> {
    let rows = &scenario.data.measurements;
    if rows.is_empty() {
        return None;
    }
    let texts = |of: &dyn Fn(&Measurement) -> String| rows.iter().map(of).collect();
    let whole = |value: u64| i64::try_from(value).ok();
    let found = |of: fn(&Compared) -> Option<f64>| compared.iter().map(of).collect();
    let mut columns = vec![
        Column::text("file", texts(&|row| row.file.clone())),
        Column::integers(
            "line",
            rows.iter().map(|row| whole(row.line as u64)).collect(),
        ),
        Column::text("arm", texts(&|row| row.arm.clone())),
        Column::numbers("time_d", "d", rows.iter().map(|row| row.age).collect()),
        Column::text("variable", texts(&|row| row.id.clone())),
        // Every row has the unit of its variable.
        Column::text("unit", texts(&|row| units(&row.id))),
        Column::numbers("value", "", rows.iter().map(per_field).collect()),
        Column::text(
            "spread_kind",
            texts(&|row| row.spread.map_or("", |it| it.kind.word()).to_owned()),
        ),
        Column::optional_numbers(
            "spread",
            "",
            rows.iter().map(|row| Some(row.spread?.size)).collect(),
        ),
        Column::integers("n", rows.iter().map(|row| whole(row.animals?)).collect()),
        Column::optional_numbers("simulated", "", found(|it| it.simulated)),
        Column::optional_numbers("residual_sd", "", found(|it| it.residual)),
    ];
    if scenario.cohort.is_some() {
        let animals = compared.iter().map(|it| whole(it.animals?)).collect();
        columns.push(Column::integers("animals", animals));
        columns.push(Column::optional_numbers("p", "", found(|it| it.p)));
    }
    Some(Table::new("data", columns))
}

/// A measured value beside the simulated one; of a count, that of one field.
fn per_field(row: &Measurement) -> f64 {
    match row.likelihood {
        Likelihood::Count { .. } => row.value / row.animals.unwrap_or(1) as f64,
        Likelihood::Normal | Likelihood::LogNormal | Likelihood::Proportion => row.value,
    }
}

/// `data-survival.csv`: the Kaplan–Meier steps of the own animals, arm by arm, with the columns of
/// `survival.csv`; nothing without animals.
#[must_use]
pub fn survival_table(scenario: &Scenario) -> Option<Table> {
    let steps: Vec<(&str, Step)> = scenario
        .arms
        .iter()
        .flat_map(|arm| {
            let own = observations(&scenario.data.animals, &arm.name);
            let curve = KaplanMeier::new(&own, Confidence::percent_95());
            let steps = curve.map_or_else(|_| Vec::new(), |curve| curve.steps);
            steps.into_iter().map(|step| (arm.name.as_str(), step))
        })
        .collect();
    (!steps.is_empty()).then(|| super::cohort::table_of_steps("data-survival", &steps))
}
