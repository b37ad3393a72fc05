//! The normal distribution that steps are made from.

use std::collections::BTreeSet;

use gutbrain_statistics::random::Stream;
use nalgebra::{Cholesky, DMatrix, DVector, SymmetricEigen};

use super::Place;
use crate::analysis::dense::{apply, apply_transposed, inner_square, outer_square};

/// A normal distribution.
#[derive(Debug, Clone)]
pub struct Reference {
    centre: DVector<f64>,
    factor: Cholesky<f64, nalgebra::Dyn>,
    /// Eigenvectors of the covariance, in columns.
    axes: DMatrix<f64>,
    /// Standard deviations along them.
    spreads: Vec<f64>,
}

impl Reference {
    /// With this centre and covariance; `None` if that is not positive definite.
    #[must_use]
    pub fn new(centre: DVector<f64>, covariance: DMatrix<f64>) -> Option<Self> {
        let SymmetricEigen {
            eigenvectors,
            eigenvalues,
        } = SymmetricEigen::new(covariance.clone());
        let spreads = eigenvalues.iter().map(|value| value.max(0.0).sqrt());
        Some(Self {
            centre,
            factor: Cholesky::new(covariance)?,
            axes: eigenvectors,
            spreads: spreads.collect(),
        })
    }

    /// The approximation of the posterior at a point, from the residuals `r` of the targets there and
    /// their Jacobian `J`: precision `1 + JᵀJ`, centre one Gauss–Newton step away.
    #[must_use]
    pub fn laplace(
        point: &DVector<f64>,
        residuals: &DVector<f64>,
        jacobian: &DMatrix<f64>,
    ) -> Option<Self> {
        let size = point.len();
        let precision = DMatrix::identity(size, size) + inner_square(jacobian);
        let gradient = point + apply_transposed(jacobian, residuals);
        let covariance = Cholesky::new(precision)?.inverse();
        let centre = point - apply(&covariance, &gradient);
        Self::new(centre, covariance)
    }

    /// Number of coordinates.
    pub(super) fn size(&self) -> usize {
        self.centre.len()
    }

    /// This one drawn to states, as if it were `2 d` states itself; `None` if nothing definite comes out.
    pub(super) fn drawn_to(&self, states: &[Vec<f64>]) -> Option<Self> {
        let held = 2.0 * self.size() as f64;
        let weight = 1.0 / (states.len() as f64 + held);
        let mut centre = self.centre.clone() * held;
        for state in states {
            centre += DVector::from_column_slice(state);
        }
        centre *= weight;
        let factor = self.factor.l();
        let away = DMatrix::from_fn(self.size(), states.len(), |i, j| states[j][i] - centre[i]);
        let covariance = (outer_square(&factor) * held + outer_square(&away)) * weight;
        Self::new(centre, covariance)
    }

    /// A draw.
    pub(super) fn draw(&self, stream: &mut Stream) -> Vec<f64> {
        self.move_from(self.centre.as_slice(), 1.0, stream)
    }

    /// Standard deviations of the coordinates.
    #[must_use]
    pub fn deviations(&self) -> Vec<f64> {
        let rows = self.factor.l();
        rows.row_iter().map(|row| row.norm()).collect()
    }

    /// The coordinates `L⁻¹ (point − m)`, in which it is standard normal.
    pub(super) fn whitened(&self, point: &[f64]) -> Vec<f64> {
        let away = DVector::from_column_slice(point) - &self.centre;
        let solved = self.factor.l_dirty().solve_lower_triangular(&away);
        // The factor of a positive definite matrix has no zero on its diagonal.
        solved.unwrap_or(away).as_slice().to_vec()
    }

    /// `√(1 − width²) (point − m) + width L η` beside `m`; `width` 1 is a draw.
    pub(super) fn move_from(&self, point: &[f64], width: f64, stream: &mut Stream) -> Vec<f64> {
        let size = self.centre.len();
        let eta = DVector::from_fn(size, |_, _| stream.normal());
        let stay = (1.0 - width * width).max(0.0).sqrt();
        let away = apply(&self.factor.l(), &eta);
        (0..size)
            .map(|i| self.centre[i] + stay * (point[i] - self.centre[i]) + width * away[i])
            .collect()
    }

    /// The point with its places along some axes drawn anew.
    pub(super) fn redraw(
        &self,
        point: &[f64],
        axes: &BTreeSet<usize>,
        stream: &mut Stream,
    ) -> Vec<f64> {
        let mut moved = DVector::from_column_slice(point);
        let away = &moved - &self.centre;
        for &axis in axes {
            let direction = self.axes.column(axis);
            let place = self.spreads[axis] * stream.normal();
            moved += direction * (place - direction.dot(&away));
        }
        moved.iter().copied().collect()
    }

    /// `log π − log N(m, C)`, up to a constant.
    pub(super) fn excess(&self, place: &Place) -> f64 {
        let point = DVector::from_column_slice(&place.point);
        let away = &point - &self.centre;
        let square = away.dot(&self.factor.solve(&away));
        place.evaluated.likelihood - 0.5 * point.norm_squared() + 0.5 * square
    }
}
