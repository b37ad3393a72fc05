//! Partial rank correlation coefficients (PRCC): how strongly the output rises with an input, the
//! other inputs held, on ranks.
//!
//! Inputs and output are replaced by their ranks; the coefficient is the partial correlation of the
//! ranks (`partial_correlation`). Between −1 and 1; for outputs that rise or fall with each input.
//! With n points and k inputs, of which k − 1 are held,
//!
//! ```text
//! t = r √((n − k − 1) / (1 − r²)),   n − k − 1 degrees of freedom      (p value, two-sided)
//! artanh r ± 1.96 / √(n − k − 2)                                        (interval, Fisher)
//! ```
//!
//! A failed point is left out before ranks are taken.
//!
//! Source: S. Marino, I. B. Hogue, C. J. Ray, D. E. Kirschner, J. Theor. Biol. 254 (2008) 178–196.

use gutbrain_numbers::Real;

use super::{Estimate, Interval, LEVEL, average_ranks, partial_correlation};
use crate::normal;
use crate::student;

/// The coefficient of one input.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Coefficient {
    /// The coefficient with its interval.
    pub estimate: Estimate,
    /// How likely a coefficient of this size is by chance alone, when there is none.
    pub p_value: Option<f64>,
}

/// The coefficients of every input: `inputs[input][point]` and `outputs[point]`.
#[must_use]
pub fn estimate(inputs: &[Vec<f64>], outputs: &[Option<f64>]) -> Vec<Coefficient> {
    let known: Vec<usize> = (0..outputs.len())
        .filter(|&point| outputs[point].is_some())
        .collect();
    let values: Vec<f64> = outputs.iter().flatten().copied().collect();
    let ranked: Vec<Vec<f64>> = inputs
        .iter()
        .map(|column| average_ranks(&known.iter().map(|&i| column[i]).collect::<Vec<f64>>()))
        .collect();
    let found = partial_correlation::with_each(&ranked, &average_ranks(&values));
    (0..inputs.len())
        .map(|input| {
            let r = found.as_ref().map(|found| found[input]);
            Coefficient {
                estimate: Estimate {
                    interval: r.map(|r| fisher_interval(r, known.len(), inputs.len())),
                    used: known.len(),
                    failed: outputs.len() - known.len(),
                },
                p_value: r.map(|r| p_value(r, known.len(), inputs.len())),
            }
        })
        .collect()
}

fn p_value(r: f64, points: usize, inputs: usize) -> f64 {
    let freedom = points as f64 - inputs as f64 - 1.0;
    student::two_sided(r * (freedom / (1.0 - r * r)).sqrt(), freedom)
}

fn fisher_interval(r: f64, points: usize, inputs: usize) -> Interval {
    let left = points as f64 - inputs as f64 - 2.0;
    let (lower, upper) = if left > 0.0 && r.abs() < 1.0 {
        let centre = 0.5 * Real::ln((1.0 + r) / (1.0 - r));
        let half = normal::quantile(0.5 + 0.5 * LEVEL) / left.sqrt();
        let back = |z: f64| {
            let e = Real::exp(2.0 * z);
            // e overflows far in the tail, where the answer is 1.
            if e.is_finite() {
                (e - 1.0) / (e + 1.0)
            } else {
                1.0
            }
        };
        (back(centre - half), back(centre + half))
    } else {
        (-1.0, 1.0)
    };
    Interval {
        value: r,
        lower,
        upper,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::designs::LatinHypercube;

    fn sample(points: u64, inputs: usize) -> Vec<Vec<f64>> {
        let design = LatinHypercube::new(points, inputs, 4);
        let rows: Vec<Vec<f64>> = (0..points).map(|i| design.point(i).unwrap()).collect();
        (0..inputs)
            .map(|input| rows.iter().map(|row| row[input]).collect())
            .collect()
    }

    #[test]
    fn strong_inputs_are_told_from_idle_ones_however_crooked_the_output() {
        let inputs = sample(400, 4);
        let outputs: Vec<Option<f64>> = (0..400)
            .map(|i| {
                let sum = 3.0 * inputs[0][i] - inputs[1][i] + 0.2 * (40.0 * inputs[2][i]).sin();
                Some(Real::exp(9.0 * sum))
            })
            .collect();
        let found = estimate(&inputs, &outputs);
        let value = |i: usize| found[i].estimate.interval.unwrap();
        assert!(value(0).lower > 0.95, "{found:?}");
        assert!(value(1).upper < -0.8, "{found:?}");
        assert!(value(3).lower < 0.0 && value(3).upper > 0.0, "{found:?}");
        assert!(found[0].p_value.unwrap() < 1e-100);
        assert!(found[3].p_value.unwrap() > 0.01);
    }

    /// Of inputs that do nothing one in twenty has a p value below 0.05.
    #[test]
    fn p_values_of_idle_inputs_are_even() {
        let inputs = sample(60, 5);
        let mut small = 0;
        for run in 0..400 {
            let mut stream = crate::random::Stream::new(2, "idle", run);
            let outputs: Vec<Option<f64>> = (0..60).map(|_| Some(stream.normal())).collect();
            let found = estimate(&inputs, &outputs);
            small += found.iter().filter(|c| c.p_value.unwrap() < 0.05).count();
        }
        // 100 of 2000 expected, standard deviation about 10.
        assert!((65..=135).contains(&small), "{small}");
    }

    #[test]
    fn failed_points_are_left_out_before_ranking_and_counted() {
        let inputs = sample(100, 2);
        let mut outputs: Vec<Option<f64>> = (0..100)
            .map(|i| Some(inputs[0][i] + 0.1 * inputs[1][i]))
            .collect();
        for failed in [3, 50, 97] {
            outputs[failed] = None;
        }
        let found = estimate(&inputs, &outputs);
        assert_eq!((found[0].estimate.used, found[0].estimate.failed), (97, 3));
        let kept: Vec<usize> = (0..100).filter(|&i| outputs[i].is_some()).collect();
        let fewer: Vec<Vec<f64>> = inputs
            .iter()
            .map(|column| kept.iter().map(|&i| column[i]).collect())
            .collect();
        let again = estimate(
            &fewer,
            &kept.iter().map(|&i| outputs[i]).collect::<Vec<_>>(),
        );
        assert_eq!(found[0].estimate.interval, again[0].estimate.interval);
        let none = estimate(&inputs, &[None; 100]);
        assert!(
            none.iter()
                .all(|c| c.p_value.is_none() && c.estimate.failed == 100)
        );
    }
}
