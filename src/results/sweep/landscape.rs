//! The numbers that figures of a sweep need, kept as plain columns while tables pass.

use crate::report::table::Table;
use crate::scenario::{Factor, Scenario};
use crate::simulate::EndOfLife;

use super::columns::is_numeric;

/// Points above which a landscape keeps an even selection only: no figure shows more.
const MOST_POINTS: usize = 200_000;

/// What is kept of the points.
#[derive(Debug, Clone, Default)]
pub struct Landscape {
    /// Per factor, one value per point: the number, or the place among its words.
    pub(super) factors: Vec<Vec<f64>>,
    /// Per arm, the series of the arm.
    pub(super) arms: Vec<Series>,
    /// Points that were left out to bound memory.
    pub(super) left_out: u64,
    words: Vec<Vec<String>>,
    /// Names of the columns of features.
    pub(super) features: Vec<String>,
    /// Of cohorts, the least and the greatest age up to which means are restricted, in days.
    pub(super) horizons: Option<(f64, f64)>,
}

/// One arm: one value per point; NaN where there is none.
#[derive(Debug, Clone, Default)]
pub(super) struct Series {
    pub(super) last: Vec<f64>,
    pub(super) last_lower: Vec<f64>,
    pub(super) last_upper: Vec<f64>,
    pub(super) gain: Vec<f64>,
    pub(super) gain_lower: Vec<f64>,
    pub(super) gain_upper: Vec<f64>,
    pub(super) features: Vec<Vec<f64>>,
}

impl Landscape {
    /// A landscape for the sweep of a scenario; `features` are the names of its columns.
    #[must_use]
    pub fn new(scenario: &Scenario, features: &[String]) -> Self {
        let factors = scenario
            .sweep
            .as_ref()
            .map_or(&[][..], |plan| &plan.factors);
        let words = factors.iter().map(|factor| {
            if is_numeric(factor) {
                Vec::new()
            } else {
                words_of(factor)
            }
        });
        let series = Series {
            features: vec![Vec::new(); features.len()],
            ..Series::default()
        };
        Self {
            factors: vec![Vec::new(); factors.len()],
            words: words.collect(),
            arms: vec![series; scenario.arms.len()],
            features: features.to_vec(),
            left_out: 0,
            horizons: None,
        }
    }

    /// The words of a factor, in the order in which they were written; none if it has numbers.
    pub(super) fn words(&self, factor: usize) -> &[String] {
        &self.words[factor]
    }

    /// How many different values of a factor the points have, up to two.
    pub(super) fn distinct(&self, factor: usize) -> usize {
        let values = &self.factors[factor];
        let first = values.first().map(|value| value.to_bits());
        let more = values.iter().any(|value| Some(value.to_bits()) != first);
        usize::from(first.is_some()) + usize::from(more)
    }

    /// How many points are kept.
    pub(super) fn points(&self) -> usize {
        self.factors.first().map_or(0, Vec::len)
    }

    /// Reads whole points: one row per arm, in the order of the arms.
    pub fn push(&mut self, table: &Table, factors: &[Factor]) {
        let count = self.arms.len().max(1);
        let value = |name: &str, row: usize| {
            let values = table.numbers(name)?;
            values.get(row).copied().flatten()
        };
        let cohort = table.column("median_survival_d").is_some();
        let last = if cohort {
            "median_survival_d"
        } else {
            "last_d"
        };
        let events = table.texts("event").unwrap_or_default();
        for first in (0..table.rows()).step_by(count) {
            if self.points() >= MOST_POINTS {
                self.left_out += 1;
                continue;
            }
            for (place, factor) in factors.iter().enumerate() {
                let number = if self.words[place].is_empty() {
                    value(&factor.name, first)
                } else {
                    let texts = table.texts(&factor.name);
                    let word = texts.and_then(|texts| texts.get(first));
                    let at = self.words[place]
                        .iter()
                        .position(|known| Some(known) == word);
                    at.map(|at| at as f64)
                };
                self.factors[place].push(number.unwrap_or(f64::NAN));
            }
            if let Some(age) = value("horizon_d", first) {
                let (low, high) = self.horizons.unwrap_or((age, age));
                self.horizons = Some((low.min(age), high.max(age)));
            }
            for (place, arm) in self.arms.iter_mut().enumerate() {
                let row = first + place;
                let seen = cohort || events.get(row).is_some_and(is_death);
                let end = value(last, row).filter(|_| seen);
                arm.last.push(end.unwrap_or(f64::NAN));
                arm.gain.push(gain(table, first, row).unwrap_or(f64::NAN));
                let bound = |name| value(name, row).unwrap_or(f64::NAN);
                arm.gain_lower.push(bound("rmst_difference_lower_d"));
                arm.gain_upper.push(bound("rmst_difference_upper_d"));
                arm.last_lower.push(bound("median_survival_lower_d"));
                arm.last_upper.push(bound("median_survival_upper_d"));
                for (values, name) in arm.features.iter_mut().zip(&self.features) {
                    values.push(value(name, row).unwrap_or(f64::NAN));
                }
            }
        }
    }
}

/// How much longer the animal of `row` lives than that of `first`, in days; for cohorts, the difference
/// of the restricted means. Nothing where an end was not seen.
pub(super) fn gain(table: &Table, first: usize, row: usize) -> Option<f64> {
    if let Some(differences) = table.numbers("rmst_difference_d") {
        return differences.get(row).copied().flatten();
    }
    let (events, last) = (table.texts("event")?, table.numbers("last_d")?);
    let died = |row: usize| events.get(row).is_some_and(is_death);
    if !(died(first) && died(row)) {
        return None;
    }
    Some((*last.get(row)?)? - (*last.get(first)?)?)
}

/// Whether the column `event` says that the disease ended the life.
fn is_death(event: &String) -> bool {
    event == EndOfLife::Death.word()
}

fn words_of(factor: &Factor) -> Vec<String> {
    let mut words = Vec::new();
    for place in 0..factor.count() {
        let word = factor.level(place).to_string();
        if !words.contains(&word) {
            words.push(word);
        }
    }
    words
}
