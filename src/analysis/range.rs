//! [`Range`]: what an ensemble leaves open of a number.

use gutbrain_statistics::samples;
use serde::Serialize;

/// Quantiles of the numbers that there are.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Range {
    /// 5 % quantile.
    pub q05: Option<f64>,
    /// Median.
    pub median: Option<f64>,
    /// 95 % quantile.
    pub q95: Option<f64>,
    /// How many have the number.
    pub n: usize,
    /// How many have none: not reached before the end of the simulation, or failed.
    pub missing: usize,
}

impl Range {
    /// Of weighted values.
    #[must_use]
    pub fn of(values: &[Option<f64>], weights: &[f64]) -> Self {
        let mut known: Vec<(f64, f64)> = values
            .iter()
            .zip(weights)
            .filter_map(|(value, weight)| Some(((*value)?, *weight)))
            .collect();
        known.sort_by(|a, b| a.0.total_cmp(&b.0));
        let at = |probability| samples::weighted_quantile(&known, probability);
        Self {
            q05: at(0.05),
            median: at(0.5),
            q95: at(0.95),
            n: known.len(),
            missing: values.len() - known.len(),
        }
    }
}
