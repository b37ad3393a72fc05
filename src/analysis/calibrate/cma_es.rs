//! CMA-ES: a global search that needs no derivatives, to compare the gradient's answer with.
//!
//! A population of `λ = 4 + ⌊3 ln n⌋` points is drawn from `N(m, σ² C)`; the better half, weighted by
//! rank, moves the mean `m`, and the paths of the mean adapt the covariance `C` and the step `σ`. Points
//! without a value are the worst there are. The asker evaluates: [`CmaEs::ask`] gives points,
//! [`CmaEs::tell`] takes their values.
//!
//! Source: N. Hansen, "The CMA Evolution Strategy: A Tutorial" (2016), arXiv:1604.00772, with its default
//! settings. Draws depend on (seed, number of the search, generation) alone.

use gutbrain_numbers::Real;
use gutbrain_statistics::random::Stream;
use nalgebra::{DMatrix, DVector, SymmetricEigen};

use crate::analysis::dense::{apply, apply_transposed, outer};

/// A search; see the module.
#[derive(Debug, Clone)]
pub struct CmaEs {
    mean: DVector<f64>,
    step: f64,
    covariance: DMatrix<f64>,
    /// Eigenvectors of the covariance, and roots of its eigenvalues.
    axes: (DMatrix<f64>, DVector<f64>),
    path_of_covariance: DVector<f64>,
    path_of_step: DVector<f64>,
    generation: u64,
    seed: u64,
    number: u64,
    rates: Rates,
}

/// Learning rates and weights; functions of the dimension.
#[derive(Debug, Clone)]
struct Rates {
    points: usize,
    weights: Vec<f64>,
    effective: f64,
    path_of_covariance: f64,
    path_of_step: f64,
    rank_one: f64,
    rank_many: f64,
    damping: f64,
    /// Expected length of a standard normal vector.
    length: f64,
}

impl Rates {
    fn new(dimension: usize) -> Self {
        let n = dimension as f64;
        let points = 4 + (3.0 * Real::ln(n)).floor() as usize;
        let half = points / 2;
        let raw = (1..=half).map(|i| Real::ln((points as f64 + 1.0) / 2.0) - Real::ln(i as f64));
        let raw: Vec<f64> = raw.collect();
        let sum: f64 = raw.iter().sum();
        let weights: Vec<f64> = raw.iter().map(|w| w / sum).collect();
        let effective = 1.0 / weights.iter().map(|w| w * w).sum::<f64>();
        let path_of_step = (effective + 2.0) / (n + effective + 5.0);
        let rank_one = 2.0 / ((n + 1.3) * (n + 1.3) + effective);
        let rank_many =
            2.0 * (effective - 2.0 + 1.0 / effective) / ((n + 2.0) * (n + 2.0) + effective);
        let excess = ((effective - 1.0) / (n + 1.0)).sqrt() - 1.0;
        Self {
            points,
            effective,
            weights,
            path_of_covariance: (4.0 + effective / n) / (n + 4.0 + 2.0 * effective / n),
            path_of_step,
            rank_one,
            rank_many: rank_many.min(1.0 - rank_one),
            damping: 1.0 + 2.0 * excess.max(0.0) + path_of_step,
            length: n.sqrt() * (1.0 - 1.0 / (4.0 * n) + 1.0 / (21.0 * n * n)),
        }
    }
}

impl CmaEs {
    /// Search `number` around `mean` with standard deviations `step`.
    #[must_use]
    pub fn new(mean: DVector<f64>, step: f64, seed: u64, number: u64) -> Self {
        let n = mean.len();
        Self {
            step,
            covariance: DMatrix::identity(n, n),
            axes: (DMatrix::identity(n, n), DVector::from_element(n, 1.0)),
            path_of_covariance: DVector::zeros(n),
            path_of_step: DVector::zeros(n),
            generation: 0,
            seed,
            number,
            rates: Rates::new(n.max(1)),
            mean,
        }
    }

    /// The points of the next generation.
    #[must_use]
    pub fn ask(&self) -> Vec<DVector<f64>> {
        let (vectors, roots) = &self.axes;
        let name = format!("cma-es {}", self.number);
        let mut stream = Stream::new(self.seed, &name, self.generation);
        let point = |_| {
            let z = DVector::from_fn(self.mean.len(), |i, _| roots[i] * stream.normal());
            &self.mean + apply(vectors, &z) * self.step
        };
        (0..self.rates.points).map(point).collect()
    }

    /// Learns from the values of the points that were asked for; smaller is better.
    pub fn tell(&mut self, points: &[DVector<f64>], values: &[Option<f64>]) {
        let rates = &self.rates;
        let mut order: Vec<usize> = (0..points.len()).collect();
        let value = |i: usize| values[i].unwrap_or(f64::INFINITY);
        order.sort_by(|&a, &b| value(a).total_cmp(&value(b)));
        let old = self.mean.clone();
        let away = |place: usize| (&points[place] - &old) / self.step;
        let mut move_by: DVector<f64> = DVector::zeros(old.len());
        for (weight, &place) in rates.weights.iter().zip(&order) {
            move_by += away(place) * *weight;
        }
        self.mean = &old + &move_by * self.step;
        self.generation += 1;
        let (vectors, roots) = &self.axes;
        let along = apply_transposed(vectors, &move_by).component_div(roots);
        let whitened = apply(vectors, &along);
        let cs = rates.path_of_step;
        self.path_of_step =
            &self.path_of_step * (1.0 - cs) + whitened * (cs * (2.0 - cs) * rates.effective).sqrt();
        let length = self.path_of_step.norm();
        let n = old.len() as f64;
        let settled = 1.0
            - Real::powi(
                1.0 - cs,
                2 * i32::try_from(self.generation).unwrap_or(i32::MAX / 2),
            );
        let is_short = length / settled.sqrt() < (1.4 + 2.0 / (n + 1.0)) * rates.length;
        let cc = rates.path_of_covariance;
        let along = if is_short {
            (cc * (2.0 - cc) * rates.effective).sqrt()
        } else {
            0.0
        };
        self.path_of_covariance = &self.path_of_covariance * (1.0 - cc) + &move_by * along;
        let stalled = if is_short { 0.0 } else { cc * (2.0 - cc) };
        let keep = 1.0 - rates.rank_one - rates.rank_many + rates.rank_one * stalled;
        let mut covariance =
            &self.covariance * keep + outer(&self.path_of_covariance) * rates.rank_one;
        for (weight, &place) in rates.weights.iter().zip(&order) {
            let away = away(place);
            covariance += outer(&away) * (rates.rank_many * weight);
        }
        self.step *= Real::exp((cs / rates.damping) * (length / rates.length - 1.0));
        // Rounding must not make it unsymmetric.
        self.covariance = (&covariance + covariance.transpose()) * 0.5;
        let eigen = SymmetricEigen::new(self.covariance.clone());
        let roots = eigen.eigenvalues.map(|value| value.max(1e-20).sqrt());
        self.axes = (eigen.eigenvectors, roots);
    }

    /// The largest standard deviation of the next points.
    #[must_use]
    pub fn spread(&self) -> f64 {
        self.step * self.axes.1.max()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minimise(f: &dyn Fn(&DVector<f64>) -> Option<f64>, start: Vec<f64>) -> (f64, usize) {
        let mut search = CmaEs::new(DVector::from_vec(start), 0.5, 1, 0);
        let (mut best, mut evaluations) = (f64::INFINITY, 0);
        while search.spread() > 1e-9 && evaluations < 60_000 {
            let points = search.ask();
            let values: Vec<Option<f64>> = points.iter().map(f).collect();
            evaluations += points.len();
            best = values.iter().flatten().copied().fold(best, f64::min);
            search.tell(&points, &values);
        }
        (best, evaluations)
    }

    #[test]
    fn it_finds_the_bottom_of_a_bent_valley() {
        let rosenbrock = |x: &DVector<f64>| {
            let terms = (0..x.len() - 1).map(|i| {
                let (bend, off) = (x[i + 1] - x[i] * x[i], 1.0 - x[i]);
                100.0 * bend * bend + off * off
            });
            Some(terms.sum())
        };
        let (best, evaluations) = minimise(&rosenbrock, vec![-0.5, 0.3, 0.8, -0.2, 0.1]);
        assert!(best < 1e-12, "{best}");
        // Hansen's tutorial needs about 10³ n evaluations here.
        assert!(evaluations < 15_000, "{evaluations}");
    }

    #[test]
    fn points_without_a_value_are_the_worst() {
        let half = |x: &DVector<f64>| (x[0] > 1.0).then(|| x.norm_squared());
        let (best, _) = minimise(&half, vec![2.0, 2.0, -1.0]);
        assert!((1.0..1.0 + 1e-6).contains(&best), "{best}");
    }
}
