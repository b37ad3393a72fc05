//! Sobol indices: the share of the output's variance that an input explains.
//!
//! Two independent samples A and B of N rows; AB_i is A with the inputs of group i taken from B. With
//! outputs centred by their common mean and V the variance of those of A and B together
//!
//! ```text
//! first order  S_i = Σ b (ab_i − a) / (N V)          alone
//! total        T_i = Σ (a − ab_i)² / (2 N V)         with all its interactions
//! ```
//!
//! S_i ≤ T_i; their difference is interaction. The points of a row stand together, so that the first
//! n rows are a smaller study. A row is left out of a group's indices when any of its three points
//! failed. The bootstrap draws rows.
//!
//! An input that does nothing has T_i = 0 exactly, and S_i = 0 too: these estimators show no noise
//! where ab_i = a. The noise of a first-order index of this sample is that of Σ a b / (N V), which is
//! zero but for chance, because A and B are independent ([`Indices::noise`]).
//!
//! Sources: A. Saltelli et al., Comput. Phys. Commun. 181 (2010) 259–270 (first order); M. J. W.
//! Jansen, Comput. Phys. Commun. 117 (1999) 35–43 (total); F. Khorashadi Zadeh et al., Environ. Model.
//! Softw. 91 (2017) 210–222 (dummy input).

use super::morris::check_groups;
use super::{Bootstrap, Estimate, percentile_interval};
use crate::designs::{Scrambling, SobolSequence, TooManyDimensions};
use crate::samples;

/// A study of N rows of k + 2 points over a scrambled Sobol sequence; any point by its number.
#[derive(Debug, Clone, PartialEq)]
pub struct Design {
    inputs: usize,
    groups: Vec<Vec<usize>>,
    sequence: SobolSequence,
}

/// A design cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DesignError {
    /// Two coordinates are needed for every input.
    #[error(transparent)]
    Dimensions(#[from] TooManyDimensions),
    /// Every input belongs to one group.
    #[error("input {0} must be in exactly one group")]
    Groups(usize),
}

impl Design {
    /// A study of `inputs` coordinates, of which those of a group move together; every input is in
    /// exactly one group.
    ///
    /// # Errors
    /// Too many inputs (the sequence needs two coordinates for each); an input in no group, or in
    /// several.
    pub fn new(inputs: usize, groups: Vec<Vec<usize>>, seed: u64) -> Result<Self, DesignError> {
        check_groups(inputs, &groups).map_err(DesignError::Groups)?;
        let sequence = SobolSequence::new(2 * inputs, Scrambling::Seeded(seed))?;
        Ok(Self {
            inputs,
            groups,
            sequence,
        })
    }

    /// Points in a row: A, one per group, B.
    #[must_use]
    pub fn points_per_row(&self) -> u64 {
        self.groups.len() as u64 + 2
    }

    /// Point `index` of the study, in the unit cube.
    #[must_use]
    pub fn point(&self, index: u64) -> Vec<f64> {
        let (row, place) = (
            index / self.points_per_row(),
            (index % self.points_per_row()) as usize,
        );
        let mut point = self.sequence.point(row);
        let other = point.split_off(self.inputs);
        match place {
            0 => point,
            _ if place > self.groups.len() => other,
            _ => {
                for &input in &self.groups[place - 1] {
                    point[input] = other[input];
                }
                point
            }
        }
    }
}

/// First-order and total index of one group.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Index {
    /// S: what it explains alone.
    pub first: Estimate,
    /// T: what it explains together with others.
    pub total: Estimate,
}

/// The indices of a study.
#[derive(Debug, Clone, PartialEq)]
pub struct Indices {
    /// One per group.
    pub groups: Vec<Index>,
    /// The first-order index of an input that does nothing: chance alone. See the module.
    pub noise: Estimate,
}

/// What one row gives to the sums, by group.
struct Terms {
    first: f64,
    total: f64,
    sum: f64,
    squares: f64,
}

/// The indices from outputs in the order of the design's points: rows of A, one per group, B. An
/// incomplete last row is left out.
#[must_use]
pub fn estimate(groups: usize, outputs: &[Option<f64>], bootstrap: Bootstrap) -> Indices {
    let rows: Vec<&[Option<f64>]> = outputs.chunks_exact(groups + 2).collect();
    let known: Vec<f64> = rows
        .iter()
        .flat_map(|row| row.iter().flatten())
        .copied()
        .collect();
    let centre = samples::mean(&known).unwrap_or(0.0);
    let terms_of = |group: Option<usize>| -> Vec<Option<Terms>> {
        rows.iter()
            .map(|row| {
                let a = row[0]? - centre;
                let b = row[groups + 1]? - centre;
                let (first, total) = match group {
                    Some(group) => {
                        let ab = row[group + 1]? - centre;
                        (b * (ab - a), 0.5 * (a - ab) * (a - ab))
                    }
                    None => (a * b, 0.0),
                };
                Some(Terms {
                    first,
                    total,
                    sum: a + b,
                    squares: a * a + b * b,
                })
            })
            .collect()
    };
    let mut all: Vec<Vec<Option<Terms>>> = (0..groups).map(|g| terms_of(Some(g))).collect();
    all.push(terms_of(None));
    let mut resampled = vec![(Vec::new(), Vec::new()); all.len()];
    let mut stream = bootstrap.stream("sobol bootstrap", 0);
    let mut weights = vec![0.0_f64; rows.len()];
    for _ in 0..bootstrap.resamples {
        weights.fill(0.0);
        for _ in 0..rows.len() {
            weights[stream.below(rows.len() as u64) as usize] += 1.0;
        }
        for (terms, (first, total)) in all.iter().zip(&mut resampled) {
            if let Some((s, t)) = indices_of(terms, Some(&weights)) {
                first.push(s);
                total.push(t);
            }
        }
    }
    let mut results: Vec<Index> = all
        .iter()
        .zip(resampled)
        .map(|(terms, (first, total))| {
            let used = terms.iter().flatten().count();
            let values = indices_of(terms, None);
            let estimate = |value: Option<f64>, resampled: Vec<f64>| Estimate {
                interval: value.map(|value| percentile_interval(value, resampled)),
                used,
                failed: rows.len() - used,
            };
            Index {
                first: estimate(values.map(|(s, _)| s), first),
                total: estimate(values.map(|(_, t)| t), total),
            }
        })
        .collect();
    let noise = results.pop().map_or(
        Estimate {
            interval: None,
            used: 0,
            failed: rows.len(),
        },
        |index| index.first,
    );
    Indices {
        groups: results,
        noise,
    }
}

/// First-order and total index of weighted rows; `None` without variance.
fn indices_of(terms: &[Option<Terms>], weights: Option<&[f64]>) -> Option<(f64, f64)> {
    let (mut count, mut first, mut total, mut sum, mut squares) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for (row, terms) in terms.iter().enumerate() {
        let Some(terms) = terms else { continue };
        let weight = weights.map_or(1.0, |weights| weights[row]);
        count += weight;
        first += weight * terms.first;
        total += weight * terms.total;
        sum += weight * terms.sum;
        squares += weight * terms.squares;
    }
    let centre = sum / (2.0 * count);
    let variance = squares / (2.0 * count) - centre * centre;
    // Rounding leaves a variance of about this size where there is none.
    let noise = 8.0 * f64::EPSILON * squares / (2.0 * count);
    (count > 1.0 && variance > noise).then(|| (first / count / variance, total / count / variance))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::PI;

    const BOOTSTRAP: Bootstrap = Bootstrap {
        resamples: 400,
        seed: 1,
    };

    fn alone(inputs: usize) -> Vec<Vec<usize>> {
        (0..inputs).map(|input| vec![input]).collect()
    }

    fn run(design: &Design, rows: u64, output: impl Fn(&[f64]) -> f64) -> Vec<Option<f64>> {
        (0..rows * design.points_per_row())
            .map(|index| Some(output(&design.point(index))))
            .collect()
    }

    fn assert_holds(estimate: Estimate, expected: f64, widest: f64) {
        let interval = estimate.interval.unwrap();
        assert!(
            interval.lower <= expected && expected <= interval.upper,
            "{interval:?} {expected}"
        );
        assert!(interval.upper - interval.lower < widest, "{interval:?}");
    }

    fn ishigami(x: &[f64]) -> f64 {
        let x: Vec<f64> = x.iter().map(|u| PI * (2.0 * u - 1.0)).collect();
        x[0].sin() + 7.0 * x[1].sin().powi(2) + 0.1 * x[2].powi(4) * x[0].sin()
    }

    /// T. Ishigami, T. Homma (1990), a = 7, b = 0.1: the variances in closed form.
    #[test]
    fn indices_of_the_ishigami_function_are_in_their_intervals() {
        let (a, b) = (7.0_f64, 0.1_f64);
        let first = 0.5 * (1.0 + b * PI.powi(4) / 5.0).powi(2);
        let second = a * a / 8.0;
        let together = b * b * PI.powi(8) * (1.0 / 18.0 - 1.0 / 50.0);
        let all = first + second + together;
        let design = Design::new(4, alone(4), 1).unwrap();
        let indices = estimate(4, &run(&design, 4096, ishigami), BOOTSTRAP);
        let expected = [(first, first + together), (second, second), (0.0, together)];
        for (index, (s, t)) in indices.groups.iter().zip(expected) {
            assert_holds(index.first, s / all, 0.15);
            assert_holds(index.total, t / all, 0.15);
        }
        // The fourth input does nothing.
        let idle = indices.groups[3].total.interval.unwrap();
        assert!(idle.value.abs() < 1e-15 && idle.upper.abs() < 1e-15);
        assert_holds(indices.noise, 0.0, 0.1);
    }

    /// I. M. Sobol's g-function: Π (|4x − 2| + aᵢ) / (1 + aᵢ), Vᵢ = 1 / (3 (1 + aᵢ)²).
    #[test]
    fn indices_of_the_g_function_are_in_their_intervals() {
        let a = [0.0, 1.0, 4.5, 9.0, 99.0, 99.0];
        let function = |x: &[f64]| -> f64 {
            x.iter()
                .zip(a)
                .map(|(x, a)| ((4.0 * x - 2.0).abs() + a) / (1.0 + a))
                .product()
        };
        let parts = a.map(|a| 1.0 / (3.0 * (1.0 + a) * (1.0 + a)));
        let all: f64 = parts.iter().map(|v| 1.0 + v).product::<f64>() - 1.0;
        let design = Design::new(6, alone(6), 3).unwrap();
        let indices = estimate(6, &run(&design, 8192, function), BOOTSTRAP);
        for (index, part) in indices.groups.iter().zip(parts) {
            assert_holds(index.first, part / all, 0.1);
            let total = part * (1.0 + all) / (1.0 + part);
            assert_holds(index.total, total / all, 0.1);
        }
    }

    #[test]
    fn a_group_explains_what_its_inputs_explain_together() {
        let design = Design::new(3, vec![vec![0, 2], vec![1]], 5).unwrap();
        let outputs = run(&design, 4096, ishigami);
        let indices = estimate(2, &outputs, BOOTSTRAP);
        let second = 7.0_f64.powi(2) / 8.0;
        let all = 0.5 * (1.0 + 0.1 * PI.powi(4) / 5.0).powi(2)
            + second
            + 0.01 * PI.powi(8) * (1.0 / 18.0 - 1.0 / 50.0);
        assert_holds(indices.groups[0].first, 1.0 - second / all, 0.15);
        assert_holds(indices.groups[0].total, 1.0 - second / all, 0.15);
        assert_holds(indices.groups[1].total, second / all, 0.15);
    }

    #[test]
    fn failed_points_take_out_their_rows_and_are_counted() {
        let design = Design::new(3, alone(3), 1).unwrap();
        let mut outputs = run(&design, 4096, ishigami);
        let full = estimate(3, &outputs, BOOTSTRAP);
        // Every row 5 apart loses its A, every row 7 apart its AB of the second input.
        for row in 0..4096 {
            if row % 5 == 0 {
                outputs[row * 5] = None;
            }
            if row % 7 == 0 {
                outputs[row * 5 + 2] = None;
            }
        }
        let some = estimate(3, &outputs, BOOTSTRAP);
        let lost: Vec<usize> = some.groups.iter().map(|g| g.total.failed).collect();
        assert_eq!(lost, [820, 1288, 820]);
        for (some, full) in some.groups.iter().zip(&full.groups) {
            assert_eq!(some.first.used + some.first.failed, 4096);
            let (some, full) = (some.total.interval.unwrap(), full.total.interval.unwrap());
            assert!((some.value - full.value).abs() < 0.05, "{some:?} {full:?}");
        }
    }

    #[test]
    fn outputs_without_variance_have_no_indices() {
        let constant = estimate(2, &[Some(0.1); 400], BOOTSTRAP);
        assert!(constant.groups.iter().all(|g| g.first.interval.is_none()));
        let failed = estimate(2, &[None; 400], BOOTSTRAP);
        assert!(failed.groups.iter().all(|g| g.total.failed == 100));
        let nothing = estimate(2, &[], BOOTSTRAP);
        assert!(nothing.noise.interval.is_none());
    }
}
