//! Response surfaces: what the targets' scenarios would predict, as polynomials of the coordinates.
//!
//! Every prediction is a polynomial of second degree in `u = L⁻¹ (ξ − m)`, the coordinates in which the
//! reference N(m, L Lᵀ) is standard normal:
//!
//! ```text
//! ŷ = c + Σ b_i u_i + Σ_{i ≤ j} a_ij u_i u_j
//! ```
//!
//! with the coefficients that fit the points evaluated so far best in the sense of weighted least squares,
//! held towards zero a little (ridge). It costs microseconds where lives cost milliseconds. It is right nowhere,
//! and need not be: the sampler uses it to propose only, and decides by what was simulated.

use nalgebra::{Cholesky, DMatrix};

use super::{Place, Reference};
use crate::analysis::dense::{outer_square, product_with_transposed};

/// Points for each coefficient without which nothing is fitted.
const POINTS_PER_TERM: usize = 2;
/// Pull of every coefficient but the constant towards zero, in points of weight 1.
const RIDGE: f64 = 1e-3;

/// A polynomial for every prediction.
#[derive(Debug, Clone)]
pub(super) struct Surface {
    reference: Reference,
    /// Terms by predictions, term by term: constant, then for every coordinate its linear coefficient and
    /// those of its products with itself and the coordinates before it.
    coefficients: Vec<f64>,
    /// By how much each prediction is off, as a standard deviation over the points it is fitted to.
    pub(super) errors: Vec<f64>,
}

impl Surface {
    /// Fits the predictions at some places, each with its weight; nothing if they are too few.
    #[must_use]
    pub(super) fn fit(reference: &Reference, places: &[(&Place, f64)]) -> Option<Self> {
        let (first, _) = places.first()?;
        let (size, predictions) = (first.point.len(), first.evaluated.predictions.len());
        let terms = 1 + size + size * (size + 1) / 2;
        if places.len() < POINTS_PER_TERM * terms {
            return None;
        }
        // Normal equations, gathered in blocks of rows.
        const ROWS: usize = 512;
        let mut normal = DMatrix::<f64>::zeros(terms, terms);
        let mut right = DMatrix::<f64>::zeros(terms, predictions);
        for block in places.chunks(ROWS) {
            let mut design = DMatrix::zeros(terms, block.len());
            let mut wanted = DMatrix::zeros(predictions, block.len());
            for (column, (place, weight)) in block.iter().enumerate() {
                let terms = Self::terms(&reference.whitened(&place.point));
                let root = weight.sqrt();
                for (cell, term) in design.column_mut(column).iter_mut().zip(terms) {
                    *cell = root * term;
                }
                let values = &place.evaluated.predictions;
                for (cell, value) in wanted.column_mut(column).iter_mut().zip(values) {
                    *cell = root * value;
                }
            }
            normal += outer_square(&design);
            right += product_with_transposed(&design, &wanted);
        }
        for term in 1..terms {
            normal[(term, term)] += RIDGE;
        }
        let solution = Cholesky::new(normal)?.solve(&right);
        let coefficients = solution.transpose().as_slice().to_vec();
        let finite = coefficients.iter().all(|it: &f64| it.is_finite());
        let mut surface = Self {
            reference: reference.clone(),
            coefficients,
            errors: vec![0.0; predictions],
        };
        surface.errors = surface.weigh_errors(places);
        finite.then_some(surface)
    }

    fn weigh_errors(&self, places: &[(&Place, f64)]) -> Vec<f64> {
        let mut squares = vec![0.0; self.errors.len()];
        let mut weights = 0.0;
        for (place, weight) in places {
            let found = self.predictions(&place.point);
            let both = found.iter().zip(&place.evaluated.predictions);
            for (square, (found, value)) in squares.iter_mut().zip(both) {
                *square += weight * (found - value) * (found - value);
            }
            weights += weight;
        }
        squares.iter().map(|it| (it / weights).sqrt()).collect()
    }

    /// The terms of the polynomial, in the order of the coefficients.
    fn terms(u: &[f64]) -> Vec<f64> {
        let mut terms = vec![1.0];
        for (i, &x) in u.iter().enumerate() {
            terms.push(x);
            terms.extend(u[..=i].iter().map(|&y| x * y));
        }
        terms
    }

    /// The predictions at a point.
    #[must_use]
    pub(super) fn predictions(&self, point: &[f64]) -> Vec<f64> {
        let u = self.reference.whitened(point);
        let mut sum = vec![0.0; self.errors.len()];
        let rows = self.coefficients.chunks_exact(self.errors.len());
        for (term, row) in Self::terms(&u).into_iter().zip(rows) {
            for (sum, coefficient) in sum.iter_mut().zip(row) {
                *sum += term * coefficient;
            }
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::super::Evaluated;
    use super::*;
    use gutbrain_statistics::random::Stream;
    use nalgebra::DVector;

    #[test]
    fn a_polynomial_of_second_degree_comes_back() {
        let truth = |p: &[f64]| {
            let first = 3.0 - p[0] + 0.5 * p[1] * p[2] + 2.0 * p[1] * p[1];
            vec![first, 0.1 * p[2] - 0.2 * p[0] * p[0]]
        };
        let covariance = [1.0, 0.5, 0.0, 0.5, 2.0, 0.3, 0.0, 0.3, 0.7];
        let reference = Reference::new(
            DVector::from_vec(vec![1.0, -2.0, 0.5]),
            DMatrix::from_row_slice(3, 3, &covariance),
        )
        .expect("definite");
        let mut stream = Stream::new(1, "places", 0);
        let places: Vec<Place> = (0..600)
            .map(|_| {
                let point = reference.draw(&mut stream);
                let predictions = truth(&point);
                let evaluated = Evaluated {
                    likelihood: 0.0,
                    predictions,
                };
                Place { point, evaluated }
            })
            .collect();
        let near: Vec<(&Place, f64)> = places.iter().map(|place| (place, 0.5)).collect();
        let surface = Surface::fit(&reference, &near).expect("enough places");
        for _ in 0..50 {
            let point = reference.draw(&mut stream);
            for (found, wanted) in surface.predictions(&point).iter().zip(truth(&point)) {
                // What the ridge takes, of 600 points.
                assert!((found - wanted).abs() < 1e-3, "{found} {wanted}");
            }
        }
        assert!(Surface::fit(&reference, &near[..19]).is_none(), "ten terms");
        assert!(Surface::fit(&reference, &[]).is_none());
    }
}
