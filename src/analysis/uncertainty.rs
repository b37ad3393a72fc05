//! Local uncertainty of features: exact sensitivities times priors, conditioned on fitted rows.
//!
//! A parameter `p` is measured in standard deviations of its prior, `z` (a range is four of them; flat
//! priors count with the standard deviation of their range). A feature with the gradient `g` in `z` has
//! the prior variance `g·g`. Given fitted numbers with gradients `J` (rows, each over its standard
//! deviation), the posterior variance of the linearised model (Laplace) is
//!
//! ```text
//! g·g − (Jg)ᵀ (1 + J Jᵀ)⁻¹ (Jg)
//! ```
//!
//! so that only one small matrix is factorised. A value that a preset gives is a parameter of its own,
//! `SUBJECT/NAME`. It is local: where the model bends within the uncertainty, intervals are too short or
//! too long, and that is said wherever they are shown.

use std::collections::BTreeMap;

use gutbrain_network::Declaration;
use gutbrain_network::declaration::{Parameter, Prior, Role};
use gutbrain_numbers::Real;
use nalgebra::{Cholesky, DMatrix, DVector, Dyn};

use crate::simulate::{Experiment, Layer, Missing, SimulateError};

/// Standard normal quantile of 0.95: half a 90 % interval in standard deviations.
pub const HALF_OF_90_PERCENT: f64 = 1.644_853_626_951_472_7;

/// The gradient of a feature by parameter, in units of the feature per prior standard deviation.
pub type Gradient = BTreeMap<String, f64>;

/// d p / d z at the value of a parameter; `None` for what is not uncertain.
#[must_use]
pub fn prior_sd(parameter: &Parameter, value: f64) -> Option<f64> {
    if parameter.role != Role::Property {
        return None;
    }
    let (low, high) = parameter.range?;
    let width = high - low;
    let flat = 12.0_f64.sqrt();
    let logarithm = || Real::ln(high / low);
    Some(match parameter.prior {
        Prior::Fixed => return None,
        Prior::LogNormal => value * logarithm() / 4.0,
        Prior::LogitNormal if low > 0.0 && high < 1.0 => {
            let logit = |p: f64| Real::ln(p / (1.0 - p));
            value * (1.0 - value) * (logit(high) - logit(low)) / 4.0
        }
        Prior::LogitNormal | Prior::Normal => width / 4.0,
        Prior::Uniform => width / flat,
        Prior::LogUniform => value * logarithm() / flat,
    })
}

/// The uncertain parameters of an experiment: id, key of the gradient, d p / d z.
#[must_use]
pub fn uncertain(declaration: &Declaration, experiment: &Experiment) -> Vec<(String, String, f64)> {
    let of = |(id, parameter): (&String, &Parameter)| {
        let (value, layer) = experiment.parameter(id)?;
        let sd = prior_sd(parameter, value)?;
        let key = match layer {
            Layer::Subject(owner) => format!("{owner}/{id}"),
            Layer::Declaration | Layer::Scenario => id.clone(),
        };
        Some((id.clone(), key, sd))
    };
    declaration.parameters.iter().filter_map(of).collect()
}

/// The gradients of all features of an experiment, in prior standard deviations.
///
/// # Errors
/// The outer error: the experiment does not know a parameter. The inner one: a feature has no value.
pub fn gradients(
    declaration: &Declaration,
    experiment: &Experiment,
) -> Result<Result<Vec<Gradient>, Missing>, SimulateError> {
    let uncertain = uncertain(declaration, experiment);
    let ids: Vec<String> = uncertain.iter().map(|(id, _, _)| id.clone()).collect();
    let found = experiment.sensitivities(&BTreeMap::new(), &ids)?;
    Ok(found.map(|found| {
        let gradient = |row: &Vec<f64>| -> Gradient {
            row.iter()
                .zip(&uncertain)
                .map(|(slope, (_, key, sd))| (key.clone(), slope * sd))
                .collect()
        };
        found.derivatives.iter().map(gradient).collect()
    }))
}

/// The scalar product of two gradients.
#[must_use]
pub fn product(a: &Gradient, b: &Gradient) -> f64 {
    a.iter()
        .filter_map(|(key, x)| Some(x * b.get(key)?))
        .fold(0.0, |sum, term| sum + term)
}

/// What the fitted numbers say about the parameters.
#[derive(Debug, Clone)]
pub struct Informed {
    /// Gradients of the fitted numbers over their standard deviations.
    rows: Vec<Gradient>,
    factor: Cholesky<f64, Dyn>,
}

impl Informed {
    /// Conditions on numbers with these gradients and standard deviations; `None` if they are not
    /// finite.
    #[must_use]
    pub fn by(numbers: &[(Gradient, f64)]) -> Option<Informed> {
        let scaled = |(gradient, sd): &(Gradient, f64)| -> Gradient {
            gradient
                .iter()
                .map(|(key, x)| (key.clone(), x / sd))
                .collect()
        };
        let rows: Vec<Gradient> = numbers.iter().map(scaled).collect();
        let matrix = DMatrix::from_fn(rows.len(), rows.len(), |i, j| {
            let one = if i == j { 1.0 } else { 0.0 };
            one + product(&rows[i], &rows[j])
        });
        Some(Informed {
            factor: Cholesky::new(matrix)?,
            rows,
        })
    }

    /// The posterior standard deviation of a feature with this gradient.
    #[must_use]
    pub fn sd(&self, gradient: &Gradient) -> f64 {
        let along = DVector::from_iterator(
            self.rows.len(),
            self.rows.iter().map(|row| product(row, gradient)),
        );
        let explained = along.dot(&self.factor.solve(&along));
        (product(gradient, gradient) - explained).max(0.0).sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::{Gradient, Informed, product};

    fn gradient(pairs: &[(&str, f64)]) -> Gradient {
        pairs.iter().map(|(k, x)| ((*k).to_owned(), *x)).collect()
    }

    #[test]
    fn nothing_fitted_leaves_the_prior() {
        let informed = Informed::by(&[]).expect("no matrix");
        let g = gradient(&[("a", 3.0), ("b", 4.0)]);
        assert!((informed.sd(&g) - 5.0).abs() < 1e-12);
    }

    #[test]
    fn one_number_about_one_parameter_is_the_textbook_case() {
        // Prior N(0, 1), one observation of 2 z with sd 0.5: posterior variance 1 / (1 + 16).
        let informed = Informed::by(&[(gradient(&[("a", 2.0)]), 0.5)]).expect("a matrix");
        let sd = informed.sd(&gradient(&[("a", 1.0)]));
        assert!((sd - (1.0_f64 / 17.0).sqrt()).abs() < 1e-12);
        // What it does not speak about keeps its prior.
        assert!((informed.sd(&gradient(&[("b", 1.0)])) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn a_sum_that_is_known_leaves_the_difference_unknown() {
        let informed =
            Informed::by(&[(gradient(&[("a", 1.0), ("b", 1.0)]), 1e-6)]).expect("a matrix");
        let sum = informed.sd(&gradient(&[("a", 1.0), ("b", 1.0)]));
        let difference = informed.sd(&gradient(&[("a", 1.0), ("b", -1.0)]));
        assert!(sum < 1e-5, "{sum}");
        assert!((difference - 2.0_f64.sqrt()).abs() < 1e-9, "{difference}");
        assert!(product(&Gradient::new(), &Gradient::new()).abs() < 1e-300);
    }
}
