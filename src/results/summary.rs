//! `summary.json`: endpoints of every arm, comparisons with the first one, observables at named ages.

use std::collections::BTreeMap;

use serde::Serialize;

use super::assumptions::Assumptions;
use super::own_data::DataSummary;
use crate::analysis::intervals::Uncertain;
use crate::scenario::Scenario;
use crate::simulate::{Ages, ArmRun, Status};

/// The whole summary.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    /// Title of the scenario.
    pub title: String,
    /// The subject's preset.
    pub subject: String,
    /// Seed of every random stream.
    pub seed: u64,
    /// Names of the arms in their order; the first is the reference.
    pub arm_order: Vec<String>,
    /// Arms by name.
    pub arms: BTreeMap<String, ArmSummary>,
    /// Every other arm against the first one.
    pub comparisons: Vec<Comparison>,
    /// How ages are to be read, where they are not those since birth.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clock: Option<String>,
    /// Unit of every observable and species named here.
    pub units: BTreeMap<String, String>,
    /// What the parameters of the active model rest on.
    pub assumptions: Assumptions,
    /// Intervals from vectors of the posterior, where they were asked for and there are any.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub uncertainty: Vec<Uncertain>,
    /// How far the model is from a laboratory's own data, if there are any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<DataSummary>,
}

/// One arm.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ArmSummary {
    /// Ages at the endpoints of the family, under their columns.
    #[serde(flatten)]
    pub ages: Ages,
    /// Age at death or censoring; absent where the run failed.
    pub last_d: Option<f64>,
    /// Age up to which a run that failed was computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed_at_d: Option<f64>,
    /// `death`, `other_death`, `censored` or `failed`.
    pub event: String,
    /// `ok` or `failed`.
    pub status: String,
    /// Why it failed; empty if it did not.
    pub reason: String,
    /// Observables (and species of the summary) by age, as in `"60 d"`. Ages that the animal did not
    /// reach are absent.
    pub observables: BTreeMap<String, BTreeMap<String, f64>>,
}

/// An arm against the first one; absent where one of both has no number.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// The arm.
    pub arm: String,
    /// The first arm.
    pub reference: String,
    /// How much later the animal dies.
    pub difference_d: Option<f64>,
    /// How much later the disease shows.
    pub onset_difference_d: Option<f64>,
}

impl Summary {
    /// Summarises runs; `assumptions` counts what the model rests on.
    #[must_use]
    pub fn new(runs: &[ArmRun], scenario: &Scenario, assumptions: Assumptions) -> Self {
        let mut units = BTreeMap::new();
        let arms = runs
            .iter()
            .map(|run| (run.arm.clone(), summarise(run, scenario, &mut units)))
            .collect();
        let comparisons = runs.split_first().map_or_else(Vec::new, |(first, others)| {
            let pair = |one: Option<f64>, other: Option<f64>| Some(one? - other?);
            others
                .iter()
                .map(|run| Comparison {
                    arm: run.arm.clone(),
                    reference: first.arm.clone(),
                    difference_d: pair(run.endpoints.death_d(), first.endpoints.death_d()),
                    onset_difference_d: pair(run.endpoints.onset_d(), first.endpoints.onset_d()),
                })
                .collect()
        });
        Self {
            title: scenario.title.clone(),
            subject: scenario.subject.preset.clone(),
            seed: scenario.seed,
            arm_order: runs.iter().map(|run| run.arm.clone()).collect(),
            arms,
            comparisons,
            clock: None,
            units,
            assumptions,
            uncertainty: Vec::new(),
            data: None,
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

fn summarise(
    run: &ArmRun,
    scenario: &Scenario,
    units: &mut BTreeMap<String, String>,
) -> ArmSummary {
    let named = |id: &String| scenario.output.summary.contains(id);
    let curves: Vec<_> = run
        .observables
        .iter()
        .chain(run.species.iter().filter(|curve| named(&curve.id)))
        .collect();
    let mut observables = BTreeMap::new();
    for age in &scenario.output.ages {
        let Some(index) = run.times.iter().position(|time| (time - age).abs() <= 1e-9) else {
            continue;
        };
        let mut values = BTreeMap::new();
        for curve in &curves {
            if curve.values[index].is_finite() {
                values.insert(curve.id.clone(), curve.values[index]);
                units.insert(curve.id.clone(), curve.unit.clone());
            }
        }
        observables.insert(format!("{age} d"), values);
    }
    let ends = &run.endpoints;
    ArmSummary {
        ages: ends.ages.clone(),
        last_d: ends.followed_d(),
        failed_at_d: (ends.status != Status::Ok).then_some(ends.last_d),
        event: ends.event.word().to_owned(),
        status: ends.status.to_string(),
        reason: match &ends.status {
            Status::Ok => String::new(),
            Status::Failed(reason) => reason.clone(),
        },
        observables,
    }
}
