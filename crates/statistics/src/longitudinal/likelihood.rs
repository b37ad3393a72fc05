//! The likelihood of a model with random intercepts and slopes, with its exact derivatives.
//!
//! With V = I + Z G Zᵀ per subject, in units of the error's variance, r = y − X γ and A = Σ Xᵀ V⁻¹ X, the
//! deviance with γ and the error's variance at their best is
//!
//! d(G) = Σ ln |V| + m ln Σ rᵀ V⁻¹ r (+ ln |A| if restricted),
//!
//! m = n, or n − p if restricted. G = Λ Λᵀ with Λ = [[a, 0], [b, c]], so that no value of a, b, c is
//! forbidden. With N = (I + ZᵀZ G)⁻¹, Zᵀ V⁻¹ = N Zᵀ: all is algebra of 2 × 2 matrices S = N ZᵀZ, u = N Zᵀ r,
//! F = N ZᵀX and K = F A⁻¹ Fᵀ. With E the change of G per change of one of its entries,
//!
//! ∂ ln |V| = tr S E, ∂² = −tr S E S E′; ∂ RSS = −uᵀ E u, ∂² = 2 uᵀ E S E′ u − 2 vᵀ A⁻¹ v′, v = Σ Fᵀ E u;
//! ∂ ln |A| = −tr A⁻¹ B, ∂² = −tr A⁻¹ B A⁻¹ B′ + 2 Σ tr E S E′ K, B = Σ Fᵀ E F.
//!
//! Source: N. M. Laird, J. H. Ware, Biometrics 38 (1982) 963–974; M. J. Lindstrom, D. M. Bates,
//! Journal of the American Statistical Association 83 (1988) 1014–1022.

use gutbrain_numbers::Real;

use super::Method;
use super::records::{Moments, Standard};
use crate::cholesky::{Cholesky, dot};

/// a, b, c of Λ.
pub(super) type Factor = [f64; 3];

/// Entries (0, 0), (0, 1), (1, 1) of a symmetric 2 × 2 matrix.
type Symmetric = [f64; 3];

/// The deviance at one Λ.
pub(super) struct Deviance {
    pub(super) value: f64,
    /// Sum of squares Σ rᵀ V⁻¹ r.
    pub(super) squares: f64,
    /// Best γ.
    pub(super) gamma: Vec<f64>,
    /// A⁻¹, row by row.
    pub(super) inverse: Vec<f64>,
    /// Σ ln |V|, and ln |A| if restricted.
    pub(super) logs: f64,
}

/// Its derivatives.
pub(super) struct Derivatives {
    /// By a, b, c.
    pub(super) slope: [f64; 3],
    /// Row by row.
    pub(super) curvature: [f64; 9],
    /// The curvature of the deviance in which the error's variance is free, by a, b, c and the logarithm of
    /// that variance.
    pub(super) joint: [f64; 16],
    /// B for every entry of G, row by row.
    pub(super) moved: [Vec<f64>; 3],
}

/// m: what the error's variance is divided by.
pub(super) fn divisor(data: &Standard, method: Method) -> f64 {
    match method {
        Method::MaximumLikelihood => data.visits as f64,
        Method::Restricted => (data.visits - data.columns) as f64,
    }
}

/// G of Λ.
pub(super) fn covariance([a, b, c]: Factor) -> Symmetric {
    [a * a, a * b, b * b + c * c]
}

/// N = (I + ZᵀZ G)⁻¹ row by row, and |V|.
fn shrinkage(moments: &Moments, g: Symmetric, det: f64) -> ([f64; 4], f64) {
    let [t00, t01, t11] = moments.zz;
    let [g00, g01, g11] = g;
    let size = 1.0 + t00 * g00 + 2.0 * t01 * g01 + t11 * g11 + moments.det * det;
    let n = [
        (1.0 + t01 * g01 + t11 * g11) / size,
        -(t00 * g01 + t01 * g11) / size,
        -(t01 * g00 + t11 * g01) / size,
        (1.0 + t00 * g00 + t01 * g01) / size,
    ];
    (n, size)
}

/// The deviance at Λ; nothing where it has none.
pub(super) fn deviance(data: &Standard, method: Method, factor: Factor) -> Option<Deviance> {
    let size = data.columns;
    let g = covariance(factor);
    let det = (factor[0] * factor[2]) * (factor[0] * factor[2]);
    let mut a = vec![0.0; size * size];
    (0..size).for_each(|i| a[i * size + i] = 1.0);
    let mut gamma = vec![0.0; size];
    let mut squares = data.squares;
    let mut logs = 0.0;
    for moments in &data.subjects {
        let (n, spread) = shrinkage(moments, g, det);
        logs += Real::ln(spread);
        // Q = G N, symmetric.
        let q = [
            g[0] * n[0] + g[1] * n[2],
            g[0] * n[1] + g[1] * n[3],
            g[1] * n[1] + g[2] * n[3],
        ];
        let [y0, y1] = moments.zy;
        let (z0, z1) = (q[0] * y0 + q[1] * y1, q[1] * y0 + q[2] * y1);
        squares -= y0 * z0 + y1 * z1;
        let [x0, x1] = &moments.zx;
        for i in 0..size {
            let (left, right) = (q[0] * x0[i] + q[1] * x1[i], q[1] * x0[i] + q[2] * x1[i]);
            gamma[i] -= left * y0 + right * y1;
            for j in 0..=i {
                a[i * size + j] -= left * x0[j] + right * x1[j];
            }
        }
    }
    let cholesky = Cholesky::of(&a, size).ok()?;
    let right = gamma.clone();
    cholesky.solve(&mut gamma);
    squares -= dot(&right, &gamma);
    if method == Method::Restricted {
        logs += cholesky.ln_determinant();
    }
    let value = logs + divisor(data, method) * Real::ln(squares);
    (squares > 0.0 && value.is_finite()).then(|| Deviance {
        value,
        squares,
        gamma,
        inverse: cholesky.inverse(),
        logs,
    })
}

/// The derivatives of the deviance at Λ.
pub(super) fn derivatives(
    data: &Standard,
    method: Method,
    factor: Factor,
    at: &Deviance,
) -> Derivatives {
    let size = data.columns;
    let g = covariance(factor);
    let det = (factor[0] * factor[2]) * (factor[0] * factor[2]);
    // By the entries of G: slopes, and curvatures 00·00, 00·01, 00·11, 01·01, 01·11, 11·11.
    let (mut log_slope, mut log_bend) = ([0.0; 3], [0.0; 6]);
    let (mut rss_slope, mut rss_bend) = ([0.0; 3], [0.0; 6]);
    let mut restricted_bend = [0.0; 6];
    let mut v = [const { Vec::new() }; 3].map(|_: Vec<f64>| vec![0.0; size]);
    let mut moved = [const { Vec::new() }; 3].map(|_: Vec<f64>| vec![0.0; size * size]);
    let (mut f0, mut f1) = (vec![0.0; size], vec![0.0; size]);
    for moments in &data.subjects {
        let (n, _) = shrinkage(moments, g, det);
        let [t00, t01, t11] = moments.zz;
        let s = [
            n[0] * t00 + n[1] * t01,
            n[0] * t01 + n[1] * t11,
            n[2] * t01 + n[3] * t11,
        ];
        let [x0, x1] = &moments.zx;
        let left = moments.zy[0] - dot(x0, &at.gamma);
        let right = moments.zy[1] - dot(x1, &at.gamma);
        let u = [n[0] * left + n[1] * right, n[2] * left + n[3] * right];
        for i in 0..size {
            f0[i] = n[0] * x0[i] + n[1] * x1[i];
            f1[i] = n[2] * x0[i] + n[3] * x1[i];
        }
        let mut k = [0.0; 3];
        for i in 0..size {
            let row = &at.inverse[i * size..(i + 1) * size];
            let (across0, across1) = (dot(row, &f0), dot(row, &f1));
            k[0] += f0[i] * across0;
            k[1] += f0[i] * across1;
            k[2] += f1[i] * across1;
            v[0][i] += f0[i] * u[0];
            v[1][i] += f0[i] * u[1] + f1[i] * u[0];
            v[2][i] += f1[i] * u[1];
            for j in 0..size {
                moved[0][i * size + j] += f0[i] * f0[j];
                moved[1][i * size + j] += f0[i] * f1[j] + f1[i] * f0[j];
                moved[2][i * size + j] += f1[i] * f1[j];
            }
        }
        let squares = [u[0] * u[0], u[0] * u[1], u[1] * u[1]];
        for (sum, term) in log_slope.iter_mut().zip([s[0], 2.0 * s[1], s[2]]) {
            *sum += term;
        }
        let terms = [squares[0], 2.0 * squares[1], squares[2]];
        for (sum, term) in rss_slope.iter_mut().zip(terms) {
            *sum -= term;
        }
        for (sum, term) in log_bend.iter_mut().zip(traces(s, s)) {
            *sum -= term;
        }
        for (sum, term) in rss_bend.iter_mut().zip(traces(s, squares)) {
            *sum += 2.0 * term;
        }
        for (sum, term) in restricted_bend.iter_mut().zip(traces(s, k)) {
            *sum += 2.0 * term;
        }
    }
    let solved = v.each_ref().map(|v| product(&at.inverse, v, size));
    let turned = moved.each_ref().map(|b| square(&at.inverse, b, size));
    for (place, (i, j)) in PAIRS.into_iter().enumerate() {
        rss_bend[place] -= 2.0 * dot(&v[i], &solved[j]);
        if method == Method::Restricted {
            log_bend[place] += restricted_bend[place] - trace(&turned[i], &turned[j], size);
        }
    }
    if method == Method::Restricted {
        for (sum, turned) in log_slope.iter_mut().zip(&turned) {
            *sum -= (0..size).map(|i| turned[i * size + i]).sum::<f64>();
        }
    }
    let m = divisor(data, method);
    let per = m / at.squares;
    let by_entry = [0, 1, 2].map(|i| log_slope[i] + per * rss_slope[i]);
    let mut bend = [0.0; 6];
    let mut free_bend = [0.0; 6];
    for (place, (i, j)) in PAIRS.into_iter().enumerate() {
        free_bend[place] = log_bend[place] + per * rss_bend[place];
        bend[place] = free_bend[place] - per * rss_slope[i] * rss_slope[j] / at.squares;
    }
    let slope = chain_slope(factor, by_entry);
    let curvature = chain_curvature(factor, by_entry, bend);
    let free = chain_curvature(factor, by_entry, free_bend);
    let error = chain_slope(factor, rss_slope.map(|slope| -per * slope));
    let mut joint = [0.0; 16];
    for i in 0..3 {
        for j in 0..3 {
            joint[i * 4 + j] = free[i * 3 + j];
        }
        joint[i * 4 + 3] = error[i];
        joint[12 + i] = error[i];
    }
    joint[15] = m;
    Derivatives {
        slope,
        curvature,
        joint,
        moved,
    }
}

/// Pairs of entries of G in the order of curvatures.
const PAIRS: [(usize, usize); 6] = [(0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2)];

/// tr E S E′ K for all pairs of entries.
fn traces(s: Symmetric, k: Symmetric) -> [f64; 6] {
    [
        s[0] * k[0],
        s[1] * k[0] + s[0] * k[1],
        s[1] * k[1],
        s[2] * k[0] + 2.0 * s[1] * k[1] + s[0] * k[2],
        s[2] * k[1] + s[1] * k[2],
        s[2] * k[2],
    ]
}

/// From slopes by the entries of G to slopes by a, b, c.
pub(super) fn chain_slope([a, b, c]: Factor, by: [f64; 3]) -> [f64; 3] {
    [
        2.0 * a * by[0] + b * by[1],
        a * by[1] + 2.0 * b * by[2],
        2.0 * c * by[2],
    ]
}

fn chain_curvature([a, b, c]: Factor, by: [f64; 3], bend: [f64; 6]) -> [f64; 9] {
    // How every entry of G moves with a, b, c.
    let moves = [[2.0 * a, 0.0, 0.0], [b, a, 0.0], [0.0, 2.0 * b, 2.0 * c]];
    let mut curvature = [0.0; 9];
    for (place, (i, j)) in PAIRS.into_iter().enumerate() {
        for row in 0..3 {
            for column in 0..3 {
                let both = moves[i][row] * moves[j][column] + moves[j][row] * moves[i][column];
                let weight = if i == j { 0.5 } else { 1.0 };
                curvature[row * 3 + column] += weight * bend[place] * both;
            }
        }
    }
    curvature[0] += 2.0 * by[0];
    curvature[1] += by[1];
    curvature[3] += by[1];
    curvature[4] += 2.0 * by[2];
    curvature[8] += 2.0 * by[2];
    curvature
}

fn product(matrix: &[f64], vector: &[f64], size: usize) -> Vec<f64> {
    let rows = matrix.chunks_exact(size.max(1));
    rows.map(|row| dot(row, vector)).collect()
}

/// left · right, row by row.
pub(super) fn square(left: &[f64], right: &[f64], size: usize) -> Vec<f64> {
    let mut result = vec![0.0; size * size];
    for i in 0..size {
        for k in 0..size {
            let factor = left[i * size + k];
            for j in 0..size {
                result[i * size + j] += factor * right[k * size + j];
            }
        }
    }
    result
}

/// tr left · right.
fn trace(left: &[f64], right: &[f64], size: usize) -> f64 {
    let places = (0..size).flat_map(|i| (0..size).map(move |j| (i, j)));
    places
        .map(|(i, j)| left[i * size + j] * right[j * size + i])
        .sum()
}
