//! [`RosenbrockTableau`]: a Rosenbrock method is a table of numbers.
//!
//! With `W = I/(γh) - J`, `J = ∂f/∂y(t0, y0)` and stages `i = 1…s` (Hairer & Wanner II, IV.7,
//! the form that needs no product with J):
//!
//! ```text
//! u_i = y0 + Σ_{j<i} a_ij k_j
//! W k_i = f(t0 + α_i h, u_i) + Σ_{j<i} (c_ij / h) k_j + γ_i h ∂f/∂t(t0, y0)
//! y1 = u_s + k_s        error = k_s
//! ```
//!
//! In the last stages `u_i = u_{i-1} + k_{i-1}` (the methods are stiffly accurate with a stiffly
//! accurate embedded method), so that only the first rows of `a` need be stored. Dense output at
//! `t0 + θh`: `y = (1-θ) y0 + θ (y1 + (1-θ) (d_1 + θ (d_2 + θ d_3)))`, `d_m = Σ_j h_mj k_j`.

/// Coefficients of a stiffly accurate Rosenbrock method.
#[derive(Debug)]
pub struct RosenbrockTableau {
    /// Order of the solution.
    pub order: u32,
    /// Order of the embedded solution.
    pub embedded_order: u32,
    /// Order of the dense output.
    pub dense_order: u32,
    /// Number of stages.
    pub stages: usize,
    /// γ, the diagonal.
    pub gamma: f64,
    /// Rows `a_i`; stages beyond them add the previous `k`.
    pub a: &'static [&'static [f64]],
    /// Rows `c_i`, one per stage.
    pub c: &'static [&'static [f64]],
    /// α_i, one per stage.
    pub nodes: &'static [f64],
    /// γ_i, one per stage.
    pub time_weights: &'static [f64],
    /// Rows `h_m` of the dense output.
    pub dense: &'static [&'static [f64]],
}
