//! [`Range`]: what an ensemble leaves open of a number.

use gutbrain_statistics::samples;
use serde::Serialize;

/// Quantiles of the numbers that there are.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Range {
    /// 5 % quantile; of one number there is none.
    pub q05: Option<f64>,
    /// Median.
    pub median: Option<f64>,
    /// 95 % quantile; of one number there is none.
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
        // One number is no ensemble: what lies around it is not known.
        let outer = |probability| (known.len() > 1).then(|| at(probability)).flatten();
        Self {
            q05: outer(0.05),
            median: at(0.5),
            q95: outer(0.95),
            n: known.len(),
            missing: values.len() - known.len(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Range;

    #[test]
    fn one_number_has_a_median_and_no_interval() {
        let one = Range::of(&[None, Some(3.0), None], &[1.0; 3]);
        assert_eq!((one.q05, one.median, one.q95), (None, Some(3.0), None));
        assert_eq!((one.n, one.missing), (1, 2));
        let two = Range::of(&[Some(5.0), Some(3.0)], &[1.0; 2]);
        assert!(two.q05 < two.median && two.median < two.q95, "{two:?}");
        let none = Range::of(&[None], &[1.0]);
        assert_eq!((none.q05, none.median, none.q95), (None, None, None));
    }
}
