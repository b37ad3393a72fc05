//! The posterior of a calibration: chains over the standard coordinates of its parameters.
//!
//! The density is that of the calibration file: targets with their standard deviations (bands even
//! inside), priors with their weight ([`super::standard`]). The reference of the first steps is the
//! Gauss–Newton (Laplace) approximation at the values as they stand.

use nalgebra::{DMatrix, DVector};

use super::problem::Setting;
use super::sampler::{Evaluated, LogDensity, Place, Plan, Reference, Sampler};

/// Nothing can be sampled.
#[derive(Debug, thiserror::Error)]
pub enum PosteriorError {
    /// The values as they stand predict nothing.
    #[error("a target has no value or no derivative with the values as they stand")]
    NoValue,
    /// The approximation is not usable.
    #[error("the targets' derivatives give no finite approximation of the posterior")]
    NotDefinite,
}

impl LogDensity for Setting<'_> {
    fn evaluate(&self, points: &[Vec<f64>]) -> Vec<Option<Evaluated>> {
        let vectors: Vec<Vec<f64>> = points.iter().map(|p| self.parameters_of(p)).collect();
        let evaluated = |predictions: Vec<f64>| Evaluated {
            likelihood: self.log_likelihood(&predictions),
            predictions,
        };
        self.predict_many(&vectors)
            .into_iter()
            .map(|predictions| predictions.map(evaluated))
            .collect()
    }

    fn likelihood(&self, predictions: &[f64], errors: &[f64]) -> f64 {
        let targets = self.targets().iter().zip(predictions).zip(errors);
        let squares = targets.map(|((target, &value), &error)| {
            let (residual, slope) = target.aim.residual(value);
            // The residual counts in 1 / slope = sd.
            residual * residual / (1.0 + (slope * error) * (slope * error))
        });
        -0.5 * squares.fold(0.0, |sum, square| sum + square)
    }
}

impl Setting<'_> {
    /// Parameter values at a point of standard coordinates.
    #[must_use]
    pub fn parameters_of(&self, point: &[f64]) -> Vec<f64> {
        let fitted = self.calibration.parameters.iter();
        let values = fitted.zip(point).map(|(f, &xi)| f.standard.parameter(xi).0);
        values.collect()
    }

    /// The values as they stand, in standard coordinates.
    #[must_use]
    pub fn standing(&self) -> Vec<f64> {
        let fitted = self.calibration.parameters.iter();
        fitted.map(|f| f.standard.coordinate(f.value)).collect()
    }

    /// −½ Σ r² over the targets.
    #[must_use]
    pub fn log_likelihood(&self, predictions: &[f64]) -> f64 {
        self.likelihood(predictions, &vec![0.0; predictions.len()])
    }

    /// The Gauss–Newton approximation of the posterior at the values as they stand.
    ///
    /// # Errors
    /// When a target has no value or no derivative there.
    pub fn approximation(&self) -> Result<Reference, PosteriorError> {
        let fitted = &self.calibration.parameters;
        let point = DVector::from_vec(self.standing());
        let free = fitted.iter().map(|f| f.coordinate.free(f.value));
        let free = DVector::from_iterator(fitted.len(), free);
        let count = self.targets().len();
        let residuals = self.residuals(&free).ok_or(PosteriorError::NoValue)?;
        let jacobian = self.jacobian(&free).ok_or(PosteriorError::NoValue)?;
        let mut data: DMatrix<f64> = jacobian.rows(0, count).into_owned();
        for (column, fitted) in fitted.iter().enumerate() {
            let by_free = fitted.coordinate.parameter(free[column]).1;
            let by_standard = fitted.standard.parameter(point[column]).1;
            data.column_mut(column).scale_mut(by_standard / by_free);
        }
        let residuals = residuals.rows(0, count).into_owned();
        Reference::laplace(&point, &residuals, &data).ok_or(PosteriorError::NotDefinite)
    }

    /// Chains at their first places: draws of the approximation; where one cannot be evaluated, the
    /// values as they stand.
    ///
    /// # Errors
    /// See [`PosteriorError`].
    pub fn chains(&self, plan: Plan) -> Result<Sampler, PosteriorError> {
        let reference = self.approximation()?;
        let mut points = Sampler::starts(&plan, &reference);
        points.push(self.standing());
        let mut evaluated = self.evaluate(&points);
        let now = evaluated.pop().flatten().ok_or(PosteriorError::NoValue)?;
        let standing = points.pop().unwrap_or_default();
        let places = points
            .into_iter()
            .zip(evaluated)
            .map(|(point, evaluated)| match evaluated {
                Some(evaluated) => Place { point, evaluated },
                None => Place {
                    point: standing.clone(),
                    evaluated: now.clone(),
                },
            })
            .collect();
        Ok(Sampler::new(plan, reference, places))
    }
}
