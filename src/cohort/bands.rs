//! The spread of variables over time: medians and quantiles of the living animals, in memory that
//! does not grow with the cohort.
//!
//! For every arm, age and variable: up to [`EXACT`] values are kept and their quantiles are exact
//! (type 7 of Hyndman and Fan); beyond that values are counted in bins whose edges grow by
//! [`GROWTH`], so that a quantile is the middle of its bin, at most 0.2 % off. Counts are whole
//! numbers: their sums do not depend on the order of the animals.

use std::collections::BTreeMap;

use gutbrain_numbers::Real;
use gutbrain_statistics::samples::quantile;
use rayon::prelude::*;

use crate::simulate::ArmRun;

/// Values that are kept before they are counted in bins.
const EXACT: usize = 1024;

/// Ratio of the edges of a bin.
const GROWTH: f64 = 1.004;

/// Sizes below this (in the unit of the variable) count as zero.
const SMALLEST: f64 = 1e-12;

/// The probabilities of the quantiles in a band.
pub(super) const PROBABILITIES: [f64; 7] = [0.05, 0.10, 0.25, 0.5, 0.75, 0.90, 0.95];

/// The distribution of one variable at one age in one arm.
#[derive(Debug, Clone, PartialEq)]
pub struct Band {
    /// Name of the arm.
    pub arm: String,
    /// Age, in days.
    pub time: f64,
    /// Id of the variable.
    pub variable: String,
    /// Unit of the variable.
    pub unit: String,
    /// Living animals.
    pub count: u64,
    /// Quantiles at [`PROBABILITIES`].
    pub quantiles: [f64; 7],
}

#[derive(Debug, Clone)]
enum Cell {
    Exact(Vec<f64>),
    /// Bin to count: 0 for zero, positive and negative bins for the signs.
    Counted(BTreeMap<i32, u64>),
}

/// Bands while they are gathered.
#[derive(Debug, Clone)]
pub struct Bands {
    variables: Vec<String>,
    units: Vec<String>,
    times: Vec<f64>,
    arms: Vec<String>,
    /// By variable, then arm and age.
    cells: Vec<Vec<Cell>>,
}

impl Bands {
    /// Empty bands of some variables over the output ages.
    #[must_use]
    pub fn new(arms: Vec<String>, times: Vec<f64>, variables: Vec<String>) -> Self {
        let column = vec![Cell::Exact(Vec::new()); arms.len() * times.len()];
        let cells = vec![column; variables.len()];
        Self {
            units: vec![String::new(); variables.len()],
            variables,
            times,
            arms,
            cells,
        }
    }

    /// Takes lives into account.
    pub fn add(&mut self, runs: &[&ArmRun]) {
        let arms = runs
            .iter()
            .map(|run| self.arms.iter().position(|arm| *arm == run.arm));
        let arms: Vec<Option<usize>> = arms.collect();
        let ages = self.times.len();
        let columns = self.cells.par_iter_mut().zip(&mut self.units);
        columns
            .zip(&self.variables)
            .for_each(|((cells, unit), variable)| {
                for (run, arm) in runs.iter().zip(&arms) {
                    let (Some(arm), Some(curve)) = (arm, run.curve(variable)) else {
                        continue;
                    };
                    unit.clone_from(&curve.unit);
                    for (cell, &value) in cells[arm * ages..].iter_mut().zip(&curve.values) {
                        if value.is_finite() {
                            cell.add(value);
                        }
                    }
                }
            });
    }

    /// The bands, by arm, variable and age; ages without living animals are absent.
    #[must_use]
    pub fn finish(self) -> Vec<Band> {
        let mut bands = Vec::new();
        for (arm, name) in self.arms.iter().enumerate() {
            for (place, variable) in self.variables.iter().enumerate() {
                for (age, &time) in self.times.iter().enumerate() {
                    let cell = &self.cells[place][arm * self.times.len() + age];
                    let count = cell.count();
                    if count > 0 {
                        bands.push(Band {
                            arm: name.clone(),
                            time,
                            variable: variable.clone(),
                            unit: self.units[place].clone(),
                            count,
                            quantiles: cell.quantiles(),
                        });
                    }
                }
            }
        }
        bands
    }
}

impl Cell {
    fn add(&mut self, value: f64) {
        match self {
            Self::Exact(values) if values.len() < EXACT => values.push(value),
            Self::Exact(values) => {
                let mut bins = BTreeMap::new();
                for value in values.iter().chain([&value]) {
                    *bins.entry(bin(*value)).or_insert(0) += 1;
                }
                *self = Self::Counted(bins);
            }
            Self::Counted(bins) => *bins.entry(bin(value)).or_insert(0) += 1,
        }
    }

    fn count(&self) -> u64 {
        match self {
            Self::Exact(values) => values.len() as u64,
            Self::Counted(bins) => bins.values().sum(),
        }
    }

    fn quantiles(&self) -> [f64; 7] {
        match self {
            Self::Exact(values) => {
                let mut sorted = values.clone();
                sorted.sort_by(f64::total_cmp);
                PROBABILITIES.map(|p| quantile(&sorted, p).unwrap_or(f64::NAN))
            }
            Self::Counted(bins) => {
                let total: u64 = bins.values().sum();
                PROBABILITIES.map(|p| {
                    // The value of this rank, counted from 0.
                    let rank = (p * (total - 1) as f64).round() as u64;
                    let mut passed = 0;
                    let reached = bins.iter().find(|(_, count)| {
                        passed += **count;
                        passed > rank
                    });
                    reached.map_or(f64::NAN, |(bin, _)| middle(*bin))
                })
            }
        }
    }
}

/// The bin of a value: bins of larger values have larger numbers.
fn bin(value: f64) -> i32 {
    let size = value.abs();
    if size < SMALLEST {
        return 0;
    }
    // From 1 at the smallest size; 1e300 is bin 180 000.
    let number = (Real::ln(size / SMALLEST) / Real::ln(GROWTH)).floor() as i32 + 1;
    if value < 0.0 { -number } else { number }
}

fn middle(bin: i32) -> f64 {
    if bin == 0 {
        return 0.0;
    }
    let exponent = f64::from(bin.abs() - 1) + 0.5;
    let size = SMALLEST * Real::exp(exponent * Real::ln(GROWTH));
    if bin < 0 { -size } else { size }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gutbrain_statistics::random::Stream;

    #[test]
    fn counted_quantiles_stay_near_the_exact_ones_whatever_the_order() {
        let mut stream = Stream::new(1, "bands", 0);
        let mut values: Vec<f64> = (0..20_000)
            .map(|_| Real::exp(0.4 * stream.normal()) - 0.2)
            .collect();
        let mut cell = Cell::Exact(Vec::new());
        values.iter().for_each(|value| cell.add(*value));
        assert!(matches!(cell, Cell::Counted(_)));
        let counted = cell.quantiles();
        values.sort_by(f64::total_cmp);
        for (probability, found) in PROBABILITIES.iter().zip(counted) {
            let exact = quantile(&values, *probability).unwrap();
            // Half a bin, and the distance of neighbouring values.
            assert!(
                (found - exact).abs() <= 0.003 * exact.abs(),
                "{found} {exact}"
            );
        }
        let mut backwards = Cell::Exact(Vec::new());
        values.iter().rev().for_each(|value| backwards.add(*value));
        assert_eq!(
            backwards.quantiles().map(f64::to_bits),
            counted.map(f64::to_bits)
        );
        assert_eq!(cell.count(), 20_000);
    }

    #[test]
    fn bins_keep_the_order_and_the_sign() {
        let values = [-3.0, -1e-3, -1e-13, 0.0, 1e-12, 0.5, 0.6, 1e200];
        for pair in values.windows(2) {
            assert!(bin(pair[0]) <= bin(pair[1]), "{pair:?}");
        }
        for value in [-3.0, 0.5, 1e10] {
            assert!((middle(bin(value)) / value - 1.0).abs() < 0.0021);
        }
    }
}
