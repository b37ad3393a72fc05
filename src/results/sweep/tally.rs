//! What the rows of a sweep come to: counts, and where an arm gains most over the first one.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::columns::is_numeric;
use super::landscape::gain;
use crate::report::table::{ColumnData, Table};
use crate::results::assumptions::Assumptions;
use crate::results::failures::{FailedLife, assignment};
use crate::scenario::{Factor, Levels, Scenario, Setting};

/// Reads tables as they pass.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    arms: Vec<ArmTally>,
    points: u64,
    /// Row that failed first: point, arm, what its factors are set to, why.
    first_failure: Option<(u64, usize, Vec<String>, String)>,
}

#[derive(Debug, Clone, Default)]
struct ArmTally {
    ok: u64,
    failed: u64,
    not_run: u64,
    animals: u64,
    animals_failed: u64,
    gains: u64,
    sum: f64,
    least: Option<Extreme>,
    greatest: Option<Extreme>,
}

/// A gain and where it is found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Extreme {
    /// Days; of cohorts, the difference of the restricted means of survival.
    pub difference_d: f64,
    /// Age up to which means are restricted, in days; absent where a point is one animal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub horizon_d: Option<f64>,
    /// The number of the point.
    pub point: i64,
    /// Its value of every factor.
    pub factors: BTreeMap<String, Value>,
}

/// `summary.json` of a sweep.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SweepSummary {
    /// Title of the scenario.
    pub title: String,
    /// The subject's preset.
    pub subject: String,
    /// Seed of every random stream.
    pub seed: u64,
    /// How points were chosen.
    pub design: &'static str,
    /// The part of the sweep that this is, as `I/N`; absent for the whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shard: Option<String>,
    /// Points in the table.
    pub points: u64,
    /// Animals per arm and point; absent where a point is one animal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subjects: Option<u64>,
    /// What differs between the points.
    pub factors: Vec<FactorEntry>,
    /// Names of the arms in their order; the first is the reference.
    pub arm_order: Vec<String>,
    /// Arms by name.
    pub arms: BTreeMap<String, ArmEntry>,
    /// Every other arm against the first one.
    pub comparisons: Vec<ComparisonEntry>,
    /// What the parameters of the active model rest on.
    pub assumptions: Assumptions,
}

/// One factor.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FactorEntry {
    /// The target as written.
    pub target: String,
    /// Unit of its numbers; empty where they have none.
    pub unit: String,
    /// Least value, of numbers.
    pub lowest: Option<f64>,
    /// Greatest value, of numbers.
    pub highest: Option<f64>,
    /// Words, if it has any.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub words: Vec<String>,
}

/// Points of one arm by status.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct ArmEntry {
    /// Points with numbers.
    pub ok: u64,
    /// Points whose run failed: they have no number anywhere.
    pub failed: u64,
    /// Points at which the scenario makes no sense.
    pub not_run: u64,
    /// Animals of cohorts, and how many of them failed.
    pub animals: u64,
    /// Animals whose run failed.
    pub animals_failed: u64,
}

/// An arm against the first one, over all points at which both have an end.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ComparisonEntry {
    /// The arm.
    pub arm: String,
    /// The first arm.
    pub reference: String,
    /// Points at which both have an end.
    pub points: u64,
    /// Mean over them of the gain of life, in days; of cohorts, of the gain of restricted mean survival.
    pub mean_difference_d: Option<f64>,
    /// The least gain and where it is.
    pub least: Option<Extreme>,
    /// The greatest gain and where it is.
    pub greatest: Option<Extreme>,
}

impl Tally {
    /// A tally for these arms.
    #[must_use]
    pub fn new(arms: usize) -> Self {
        Self {
            arms: vec![ArmTally::default(); arms],
            points: 0,
            first_failure: None,
        }
    }

    /// Reads whole points: one row per arm, in the order of the arms.
    pub fn push(&mut self, table: &Table, factors: &[Factor]) {
        let count = self.arms.len().max(1);
        let status = table.texts("status").unwrap_or_default();
        let whole = |name: &str, row: usize| match table.column(name).map(|c| &c.data) {
            Some(ColumnData::Integer(values)) => values[row],
            _ => None,
        };
        for first in (0..table.rows()).step_by(count) {
            self.points += 1;
            for (place, arm) in self.arms.iter_mut().enumerate() {
                let row = first + place;
                match status.get(row).map(String::as_str) {
                    Some("ok") => arm.ok += 1,
                    Some("not_run") => arm.not_run += 1,
                    _ => arm.failed += 1,
                }
                let animals = |name| u64::try_from(whole(name, row).unwrap_or(0)).unwrap_or(0);
                arm.animals += animals("subjects");
                arm.animals_failed += animals("failed");
                let lost = status.get(row).is_some_and(|status| status == "failed");
                if self.first_failure.is_none() && (lost || animals("failed") > 0) {
                    let point = whole("point", row).unwrap_or(0);
                    let settings = assignments(table, row, factors);
                    let reason = table.texts("reason").and_then(|texts| texts.get(row));
                    self.first_failure = Some((
                        u64::try_from(point).unwrap_or(0),
                        place,
                        settings,
                        reason.cloned().unwrap_or_default(),
                    ));
                }
                let Some(gain) = (place > 0).then(|| gain(table, first, row)).flatten() else {
                    continue;
                };
                arm.gains += 1;
                arm.sum += gain;
                let here = || Extreme {
                    difference_d: gain,
                    horizon_d: (table.numbers("horizon_d"))
                        .and_then(|ages| ages.get(row).copied().flatten()),
                    point: whole("point", row).unwrap_or(0),
                    factors: settings(table, row, factors),
                };
                if arm
                    .least
                    .as_ref()
                    .is_none_or(|least| gain < least.difference_d)
                {
                    arm.least = Some(here());
                }
                if arm
                    .greatest
                    .as_ref()
                    .is_none_or(|most| gain > most.difference_d)
                {
                    arm.greatest = Some(here());
                }
            }
        }
    }

    /// Lives asked for, done and failed; animals where points are cohorts, points and arms otherwise.
    #[must_use]
    pub fn counts(&self) -> (u64, u64, u64) {
        let sum = |of: fn(&ArmTally) -> u64| self.arms.iter().map(of).sum::<u64>();
        let not_run = sum(|arm| arm.not_run);
        if sum(|arm| arm.animals) > 0 {
            let (animals, failed) = (sum(|arm| arm.animals), sum(|arm| arm.animals_failed));
            return (animals + not_run, animals - failed, failed);
        }
        let (ok, failed) = (sum(|arm| arm.ok), sum(|arm| arm.failed));
        (ok + failed + not_run, ok, failed)
    }

    /// The first life that failed.
    #[must_use]
    pub fn first_failure(&self, scenario: &Scenario) -> Option<FailedLife> {
        let (point, arm, settings, reason) = self.first_failure.clone()?;
        let arm = scenario.arms.get(arm)?;
        Some(FailedLife {
            point: Some(point),
            arm: arm.name.clone(),
            // The reason names the animal of a cohort.
            subject: None,
            vector: None,
            settings,
            reason,
        })
    }

    /// The summary of a sweep.
    #[must_use]
    pub fn summary(
        self,
        scenario: &Scenario,
        shard: Option<String>,
        assumptions: Assumptions,
    ) -> SweepSummary {
        let names: Vec<String> = scenario.arms.iter().map(|arm| arm.name.clone()).collect();
        let plan = scenario.sweep.as_ref();
        let arms = names.iter().cloned().zip(&self.arms).map(|(name, arm)| {
            let entry = ArmEntry {
                ok: arm.ok,
                failed: arm.failed,
                not_run: arm.not_run,
                animals: arm.animals,
                animals_failed: arm.animals_failed,
            };
            (name, entry)
        });
        let arms = arms.collect();
        let reference = names.first().cloned().unwrap_or_default();
        let pairs = names.iter().zip(self.arms).skip(1);
        SweepSummary {
            title: scenario.title.clone(),
            subject: scenario.subject.preset.clone(),
            seed: scenario.seed,
            design: plan.map_or("", |plan| plan.design.word()),
            shard,
            points: self.points,
            subjects: scenario.cohort.as_ref().map(|plan| plan.subjects),
            factors: plan.map_or_else(Vec::new, |plan| plan.factors.iter().map(entry).collect()),
            arms,
            comparisons: pairs
                .map(|(name, arm)| ComparisonEntry {
                    arm: name.clone(),
                    reference: reference.clone(),
                    points: arm.gains,
                    mean_difference_d: (arm.gains > 0).then(|| arm.sum / arm.gains as f64),
                    least: arm.least,
                    greatest: arm.greatest,
                })
                .collect(),
            arm_order: names,
            assumptions,
        }
    }
}

impl SweepSummary {
    /// Points and arms at which the scenario makes no sense.
    #[must_use]
    pub fn not_run(&self) -> u64 {
        self.arms.values().map(|arm| arm.not_run).sum()
    }

    /// What a reader should know of rows that were not run, if there are any.
    #[must_use]
    pub fn warning(&self) -> Option<String> {
        let rows = self.not_run();
        (rows > 0).then(|| {
            format!(
                "{rows} rows were not run: the scenario makes no sense there (status not_run, with the \
                 reason)"
            )
        })
    }

    /// As JSON with a final line feed.
    ///
    /// # Errors
    /// When a number is not finite.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self).map(|text| text + "\n")
    }
}

fn entry(factor: &Factor) -> FactorEntry {
    let (mut lowest, mut highest, mut words) = (None, None, Vec::new());
    match &factor.levels {
        Levels::Range { distribution, .. } => {
            let (a, b) = distribution.range();
            (lowest, highest) = (Some(a), Some(b));
        }
        Levels::Values(values) if is_numeric(factor) => {
            let numbers = || values.iter().filter_map(Setting::number);
            lowest = numbers().reduce(f64::min);
            highest = numbers().reduce(f64::max);
        }
        Levels::Values(values) => {
            for value in values {
                let word = value.to_string();
                if !words.contains(&word) {
                    words.push(word);
                }
            }
        }
    }
    FactorEntry {
        target: factor.name.clone(),
        unit: factor.unit.clone(),
        lowest,
        highest,
        words,
    }
}

/// The value of every factor in a row, as `--set` takes it.
fn assignments(table: &Table, row: usize, factors: &[Factor]) -> Vec<String> {
    let of = |factor: &Factor| {
        let setting = match &table.column(&factor.name)?.data {
            ColumnData::Number(values) => Setting::Number(values[row]?),
            ColumnData::Text(values) => Setting::Word(values[row].clone()),
            ColumnData::Integer(_) => return None,
        };
        Some(assignment(factor, &setting))
    };
    factors.iter().filter_map(of).collect()
}

/// The value of every factor in a row.
fn settings(table: &Table, row: usize, factors: &[Factor]) -> BTreeMap<String, Value> {
    let of = |factor: &Factor| match table.column(&factor.name).map(|c| &c.data) {
        Some(ColumnData::Number(values)) => values[row].map_or(Value::Null, Value::from),
        Some(ColumnData::Text(values)) => Value::from(values[row].clone()),
        _ => Value::Null,
    };
    let pairs = factors
        .iter()
        .map(|factor| (factor.name.clone(), of(factor)));
    pairs.collect()
}
