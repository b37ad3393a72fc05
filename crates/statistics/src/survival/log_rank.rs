//! The log-rank test, for two or more groups, stratified or not.
//!
//! At an event time with d events among n at risk, nₖ of them in group k, chance gives group k
//! d nₖ/n events with covariances d (n − d)/(n − 1) (δₖₗ nₖ/n − nₖ nₗ/n²). With U = observed − expected
//! summed over event times and strata and V the sum of the covariances, χ² = Uᵀ V⁻ U. The degrees of
//! freedom are the rank of V: groups that were never at risk together are not compared.
//!
//! Source: N. Mantel, Cancer Chemotherapy Reports 50 (1966) 163–170; R. Peto and J. Peto, Journal of the
//! Royal Statistical Society A 135 (1972) 185–207.

use super::{NotEstimable, RiskTable};
use crate::chi_squared;

/// The outcome of a log-rank test.
#[derive(Debug, Clone, PartialEq)]
pub struct LogRank {
    /// The statistic.
    pub chi_squared: f64,
    /// Its degrees of freedom: for groups that were at risk together, their number less one.
    pub degrees: usize,
    /// The probability of a statistic as large if the groups do not differ.
    pub p: f64,
    /// Per group, in the order given.
    pub groups: Vec<GroupCount>,
}

/// Events of one group against what chance gives it.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct GroupCount {
    /// Its subjects.
    pub subjects: usize,
    /// Its events.
    pub observed: usize,
    /// The events that it would have if the groups did not differ.
    pub expected: f64,
}

impl RiskTable {
    /// Tests whether the groups differ; within strata if the table has them.
    ///
    /// # Errors
    /// [`NotEstimable::NoSubjects`], [`NotEstimable::OneGroup`], [`NotEstimable::NoEvents`],
    /// [`NotEstimable::NoContrast`].
    pub fn log_rank(&self) -> Result<LogRank, NotEstimable> {
        self.check_comparable()?;
        let size = self.groups();
        let mut groups: Vec<_> = (0..size)
            .map(|group| GroupCount {
                subjects: self.subjects(group),
                ..GroupCount::default()
            })
            .collect();
        let mut covariance = vec![0.0; size * size];
        for (at_risk, events) in self.rows() {
            let total = f64::from(at_risk.iter().sum::<u32>());
            let deaths = f64::from(events.iter().sum::<u32>());
            for (group, (&n, &d)) in groups.iter_mut().zip(at_risk.iter().zip(events)) {
                group.observed += d as usize;
                group.expected += deaths * f64::from(n) / total;
            }
            if total < 1.5 {
                continue;
            }
            let common = deaths * (total - deaths) / ((total - 1.0) * total * total);
            for (left, &n) in at_risk.iter().enumerate() {
                for (right, &m) in at_risk.iter().enumerate().take(left) {
                    covariance[left * size + right] -= common * f64::from(n) * f64::from(m);
                }
                let rest = total - f64::from(n);
                covariance[left * size + left] += common * f64::from(n) * rest;
            }
        }
        let score: Vec<f64> = groups
            .iter()
            .map(|group| group.observed as f64 - group.expected)
            .collect();
        let (chi_squared, degrees) = quadratic_form(covariance, score);
        if degrees == 0 {
            return Err(NotEstimable::NoContrast);
        }
        Ok(LogRank {
            chi_squared,
            degrees,
            p: chi_squared::survival(chi_squared, degrees),
            groups,
        })
    }
}

/// uᵀ V⁻ u and the rank of V, by elimination with the largest pivot first; only the lower triangle of V
/// is read. u is in the range of V by construction.
fn quadratic_form(mut v: Vec<f64>, mut u: Vec<f64>) -> (f64, usize) {
    let size = u.len();
    let largest = (0..size).fold(0.0_f64, |max, i| max.max(v[i * size + i]));
    let at = |v: &[f64], i: usize, j: usize| v[i.max(j) * size + i.min(j)];
    let mut left: Vec<usize> = (0..size).collect();
    let (mut sum, mut rank) = (0.0, 0);
    while let Some(place) = (0..left.len()).reduce(|best, i| {
        let larger = at(&v, left[i], left[i]) > at(&v, left[best], left[best]);
        if larger { i } else { best }
    }) {
        let pivot = left.remove(place);
        let diagonal = at(&v, pivot, pivot);
        if diagonal <= 1e-12 * largest {
            break;
        }
        rank += 1;
        sum += u[pivot] * u[pivot] / diagonal;
        for &i in &left {
            let factor = at(&v, i, pivot) / diagonal;
            u[i] -= factor * u[pivot];
            for &j in left.iter().filter(|&&j| j <= i) {
                v[i * size + j] -= factor * at(&v, j, pivot);
            }
        }
    }
    (sum, rank)
}
