//! Products of dense matrices and vectors in one fixed order of sums.
//!
//! The products of `nalgebra` go to `matrixmultiply` as soon as all sides are longer than five, and that
//! chooses its kernel by the processor: with fused multiply-add where there is one, and with sums in another
//! order. Here every entry is the sum of its terms from the first to the last, each term a rounded product
//! added by a rounded sum, so that a result has the same bits on every machine and at any number of threads.
//! Columns are independent and are shared between threads.
//!
//! Cholesky and eigen decompositions, triangular solves and scalar products of `nalgebra` are plain loops
//! (`axpy`, `dot`, reflections), and stay in use.

use nalgebra::{DMatrix, DVector};
use rayon::prelude::*;

/// Terms of a product below which threads cost more than they save.
const WORTH_SHARING: usize = 1 << 20;

/// `A Bᵀ`.
///
/// # Panics
/// When the two have not as many columns.
#[must_use]
pub(super) fn product_with_transposed(a: &DMatrix<f64>, b: &DMatrix<f64>) -> DMatrix<f64> {
    assert_eq!(a.ncols(), b.ncols(), "factors fit");
    by_columns(a.nrows(), b.nrows(), a.ncols(), |column, sums| {
        for k in 0..a.ncols() {
            let factor = b[(column, k)];
            for (sum, term) in sums.iter_mut().zip(a.column(k).iter()) {
                *sum += term * factor;
            }
        }
    })
}

/// `A Aᵀ`; the upper triangle is the mirror of the lower one.
#[must_use]
pub(super) fn outer_square(a: &DMatrix<f64>) -> DMatrix<f64> {
    let mut square = by_columns(a.nrows(), a.nrows(), a.ncols(), |column, sums| {
        for k in 0..a.ncols() {
            let terms = &a.column(k);
            let factor = terms[column];
            let below = terms.iter().skip(column);
            for (sum, term) in sums[column..].iter_mut().zip(below) {
                *sum += term * factor;
            }
        }
    });
    square.fill_upper_triangle_with_lower_triangle();
    square
}

/// `Aᵀ A`.
#[must_use]
pub(super) fn inner_square(a: &DMatrix<f64>) -> DMatrix<f64> {
    outer_square(&a.transpose())
}

/// `x xᵀ`.
#[must_use]
pub(super) fn outer(x: &DVector<f64>) -> DMatrix<f64> {
    DMatrix::from_fn(x.len(), x.len(), |i, j| x[i] * x[j])
}

/// `A x`.
///
/// # Panics
/// When `x` is not as long as `a` has columns.
#[must_use]
pub(super) fn apply(a: &DMatrix<f64>, x: &DVector<f64>) -> DVector<f64> {
    assert_eq!(a.ncols(), x.len(), "factors fit");
    let mut sums = DVector::zeros(a.nrows());
    for (k, factor) in x.iter().enumerate() {
        for (sum, term) in sums.iter_mut().zip(a.column(k).iter()) {
            *sum += term * factor;
        }
    }
    sums
}

/// `Aᵀ x`.
///
/// # Panics
/// When `x` is not as long as `a` has rows.
#[must_use]
pub(super) fn apply_transposed(a: &DMatrix<f64>, x: &DVector<f64>) -> DVector<f64> {
    assert_eq!(a.nrows(), x.len(), "factors fit");
    let sum = |column: usize| {
        let terms = a.column(column);
        let terms = terms.iter().zip(x.iter());
        terms.fold(0.0, |sum, (term, factor)| sum + term * factor)
    };
    DVector::from_fn(a.ncols(), |column, _| sum(column))
}

/// A matrix of zeros to which `add` adds, column by column; `depth` is the number of terms of an entry.
fn by_columns(
    rows: usize,
    columns: usize,
    depth: usize,
    add: impl Fn(usize, &mut [f64]) + Sync,
) -> DMatrix<f64> {
    let mut sums = vec![0.0; rows * columns];
    if rows * columns * depth < WORTH_SHARING {
        for (column, sums) in sums.chunks_exact_mut(rows.max(1)).enumerate() {
            add(column, sums);
        }
    } else {
        sums.par_chunks_exact_mut(rows)
            .enumerate()
            .for_each(|(column, sums)| add(column, sums));
    }
    DMatrix::from_vec(rows, columns, sums)
}

#[cfg(test)]
mod tests {
    use super::*;
    use gutbrain_numbers::Real;
    use gutbrain_statistics::random::Stream;

    fn matrix(rows: usize, columns: usize, number: u64) -> DMatrix<f64> {
        let mut stream = Stream::new(1, "matrix", number);
        DMatrix::from_fn(rows, columns, |_, _| stream.normal())
    }

    /// One entry after the other, one term after the other.
    fn scalar(a: &DMatrix<f64>, b: &DMatrix<f64>) -> DMatrix<f64> {
        DMatrix::from_fn(a.nrows(), b.ncols(), |i, j| {
            let mut sum = 0.0;
            for k in 0..a.ncols() {
                let term = a[(i, k)] * b[(k, j)];
                sum += term;
            }
            sum
        })
    }

    fn bits(matrix: &DMatrix<f64>) -> Vec<u64> {
        matrix.iter().map(|x| x.to_bits()).collect()
    }

    const SHAPES: [(usize, usize, usize); 8] = [
        (0, 3, 2),
        (1, 1, 1),
        (3, 2, 4),
        (5, 5, 5),
        (6, 6, 6),
        (17, 9, 33),
        (41, 41, 41),
        (130, 150, 110),
    ];

    #[test]
    fn products_are_those_of_a_scalar_loop_to_the_bit() {
        for (number, (rows, depth, columns)) in (0..).zip(SHAPES) {
            let (a, b) = (
                matrix(rows, depth, number),
                matrix(depth, columns, 99 - number),
            );
            let wanted = bits(&scalar(&a, &b));
            let found = bits(&product_with_transposed(&a, &b.transpose()));
            assert_eq!(found, wanted, "{rows} {depth} {columns}");
            assert_eq!(bits(&outer_square(&a)), bits(&scalar(&a, &a.transpose())));
            assert_eq!(bits(&inner_square(&a)), bits(&scalar(&a.transpose(), &a)));
            let x = DVector::from_column_slice(b.column(0).as_slice());
            let column = DMatrix::from_column_slice(depth, 1, x.as_slice());
            let wanted = scalar(&a, &column);
            assert_eq!(apply(&a, &x).as_slice(), wanted.as_slice());
            assert_eq!(
                apply_transposed(&a.transpose(), &x).as_slice(),
                wanted.as_slice()
            );
        }
    }

    #[test]
    fn threads_change_no_bit() {
        let (a, b) = (matrix(130, 150, 1), matrix(110, 150, 2));
        let at = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
            let pool = pool.expect("a pool");
            let both = || (product_with_transposed(&a, &b), outer_square(&a));
            let (product, square) = pool.install(both);
            (bits(&product), bits(&square))
        };
        assert_eq!(at(1), at(3));
    }

    /// A fused multiply-add would round once where these round twice: 1 + 2⁻³⁰ squared, less its rounded
    /// square, is 2⁻⁶⁰ when fused and nothing when not.
    #[test]
    fn no_product_is_fused_with_its_sum() {
        let x = 1.0 + Real::powi(2.0, -30);
        let row = |first: f64, second: f64| {
            DMatrix::from_fn(8, 8, |_, k| [first, second].get(k).copied().unwrap_or(0.0))
        };
        let found = product_with_transposed(&row(x * x, -x), &row(1.0, x));
        assert!(found.iter().all(|it| it.to_bits() == 0), "{found}");
    }
}
