//! Are the values as they stand the bottom of the objective?
//!
//! With the residuals `r` of targets and priors and their Jacobian `J` over the free coordinates, the
//! gradient is `g = Jᵀ r`, the curvature `H = Jᵀ J + ρ²` (the ridge of [`super::least_squares`]). One
//! Gauss–Newton step `δ = −H⁻¹ g` leads to the bottom of the local parabola; in standard deviations of the
//! local posterior the step of parameter `j` is `δ_j / √(H⁻¹)_jj`. At a bottom all of them are nothing. What
//! the fit calls converged is stationary in this sense, too.

use nalgebra::{Cholesky, DVector};

use super::least_squares::{LARGEST_STEP, curvature, gradient};
use super::problem::Setting;

/// How far the values are from the bottom.
#[derive(Debug, Clone, PartialEq)]
pub struct Stationarity {
    /// ½ Σ r².
    pub objective: f64,
    /// What a step to the bottom of the local parabola would gain of it.
    pub gain: f64,
    /// Steps of the parameters in standard deviations, largest first.
    pub steps: Vec<(String, f64)>,
}

impl Stationarity {
    /// Whether nothing is left to be gained.
    #[must_use]
    pub fn is_stationary(&self) -> bool {
        self.steps
            .iter()
            .all(|(_, step)| step.abs() <= LARGEST_STEP)
    }
}

impl Setting<'_> {
    /// How far the values as they stand are from the bottom; `None` if a target has no value there.
    #[must_use]
    pub fn stationarity(&self) -> Option<Stationarity> {
        let fitted = &self.calibration.parameters;
        let free = fitted.iter().map(|f| f.coordinate.free(f.value));
        let point = DVector::from_iterator(fitted.len(), free);
        let residuals = self.residuals(&point)?;
        let jacobian = self.jacobian(&point)?;
        let gradient = gradient(&residuals, &jacobian);
        let factor = Cholesky::new(curvature(&jacobian))?;
        let step = factor.solve(&gradient);
        let covariance = factor.inverse();
        let in_sd = |i: usize| -step[i] / covariance[(i, i)].sqrt();
        let steps = fitted.iter().enumerate();
        let mut steps: Vec<(String, f64)> = steps.map(|(i, f)| (f.id.clone(), in_sd(i))).collect();
        steps.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
        Some(Stationarity {
            objective: 0.5 * residuals.norm_squared(),
            gain: 0.5 * gradient.dot(&step),
            steps,
        })
    }
}
