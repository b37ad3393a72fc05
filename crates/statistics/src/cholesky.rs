//! The factor of a small symmetric matrix.

use gutbrain_numbers::Real;

/// Σ lᵢ rᵢ
pub(crate) fn dot(left: &[f64], right: &[f64]) -> f64 {
    left.iter().zip(right).map(|(l, r)| l * r).sum()
}

/// L with L Lᵀ = A.
pub(crate) struct Cholesky {
    size: usize,
    lower: Vec<f64>,
}

impl Cholesky {
    /// Factors the lower triangle of A; the number of the first row that depends on those before it.
    pub(crate) fn of(a: &[f64], size: usize) -> Result<Self, usize> {
        let mut lower = vec![0.0; size * size];
        for i in 0..size {
            for j in 0..=i {
                let products = dot(
                    &lower[i * size..i * size + j],
                    &lower[j * size..j * size + j],
                );
                let rest = a[i * size + j] - products;
                lower[i * size + j] = if i == j {
                    let depends = rest <= 1e-10 * a[i * size + i];
                    if depends || !rest.is_finite() {
                        return Err(i);
                    }
                    rest.sqrt()
                } else {
                    rest / lower[j * size + j]
                };
            }
        }
        Ok(Self { size, lower })
    }

    /// Puts the solution of A x = b in the place of b.
    pub(crate) fn solve(&self, b: &mut [f64]) {
        let at = |i: usize, j: usize| self.lower[i * self.size + j];
        for i in 0..self.size {
            let known: f64 = (0..i).map(|j| at(i, j) * b[j]).sum();
            b[i] = (b[i] - known) / at(i, i);
        }
        for i in (0..self.size).rev() {
            let known: f64 = (i + 1..self.size).map(|j| at(j, i) * b[j]).sum();
            b[i] = (b[i] - known) / at(i, i);
        }
    }

    /// ln |A|.
    pub(crate) fn ln_determinant(&self) -> f64 {
        let diagonal = (0..self.size).map(|i| self.lower[i * self.size + i]);
        2.0 * diagonal.map(Real::ln).sum::<f64>()
    }

    /// The inverse of A, row by row.
    pub(crate) fn inverse(&self) -> Vec<f64> {
        let mut inverse = vec![0.0; self.size * self.size];
        for (j, column) in inverse.chunks_exact_mut(self.size).enumerate() {
            column[j] = 1.0;
            self.solve(column);
        }
        inverse
    }
}
