//! Step size control: error norm, next step, first step.
//!
//! The predictive controller of Gustafsson (1994) ACM Trans. Math. Softw. 20:496,
//! doi:10.1145/198429.198437, as arranged in Hairer & Wanner II, section IV.8:
//!
//! ```text
//! h' = h / max(f, g),   f = err^(1/q) / s,   g = (h_old / h) (err² / err_old)^(1/q) / s
//! ```
//!
//! with q the order of the embedded method plus one, s = 0.9, both factors held in [1/6, 5].
//! After a rejection the step does not grow.

use gutbrain_numbers::{Real, Scalar};

use crate::{Options, System};

const SAFETY: f64 = 0.9;
const STRONGEST_GROWTH: f64 = 6.0;
const STRONGEST_CUT: f64 = 5.0;
/// Cut after an attempt that gave no usable error.
const BLIND_CUT: f64 = 4.0;

/// Estimated error of a step over the allowed one, and the state where it is worst.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ErrorRatio {
    pub(crate) ratio: f64,
    pub(crate) component: Option<usize>,
}

/// The largest ratio over all states; NaN as soon as one is NaN.
pub(crate) fn measure_error<R: Scalar>(
    options: &Options,
    before: &[R],
    after: &[R],
    error: &[R],
) -> ErrorRatio {
    let mut worst = ErrorRatio {
        ratio: 0.0,
        component: None,
    };
    for (index, ((old, new), error)) in before.iter().zip(after).zip(error).enumerate() {
        let allowed = options.allowed(index, old.value(), new.value());
        let ratio = Real::abs(error.value()) / allowed;
        // Tangents do not steer, but a step that loses them is no step.
        if ratio.is_nan() || !new.is_finite() {
            return ErrorRatio {
                ratio: f64::NAN,
                component: Some(index),
            };
        }
        if ratio > worst.ratio {
            worst = ErrorRatio {
                ratio,
                component: Some(index),
            };
        }
    }
    worst
}

/// Powers of an error that the next step depends on: err^(1/q) and (err² / err_old)^(1/q).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Powers<R> {
    pub(crate) of_error: R,
    pub(crate) of_trend: R,
}

impl<R: Real> Powers<R> {
    /// `exponent` is 1/q.
    #[inline(always)]
    pub(crate) fn new(error: R, last_error: R, exponent: R) -> Self {
        Self {
            of_error: error.powf(exponent),
            of_trend: (error * error / last_error).powf(exponent),
        }
    }
}

/// 1/q
pub(crate) fn exponent(embedded_order: u32) -> f64 {
    1.0 / (f64::from(embedded_order) + 1.0)
}

/// Memory of the controller.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Control {
    exponent: f64,
    accepted: Option<(f64, f64)>,
    growth_barred: bool,
}

impl Control {
    pub(crate) fn new(embedded_order: u32) -> Self {
        Self {
            exponent: exponent(embedded_order),
            accepted: None,
            growth_barred: false,
        }
    }

    /// The error of the last accepted step as it is remembered; 1 if there is none.
    pub(crate) fn last_error(&self) -> f64 {
        self.accepted.map_or(1.0, |(_, ratio)| ratio)
    }

    pub(crate) fn powers(&self, ratio: f64) -> Powers<f64> {
        Powers::new(ratio, self.last_error(), self.exponent)
    }

    /// The next step after one of size `step` was accepted with this error.
    pub(crate) fn accept(&mut self, step: f64, ratio: f64, powers: Powers<f64>) -> f64 {
        let mut by = divisor(powers.of_error);
        if let Some((old_step, _)) = self.accepted {
            let predicted = old_step / step * divisor(powers.of_trend);
            by = Real::max(by, bound(predicted));
        }
        self.accepted = Some((step, Real::max(ratio, 0.01)));
        let next = step / by;
        let barred = std::mem::replace(&mut self.growth_barred, false);
        if barred { Real::min(next, step) } else { next }
    }

    /// The next attempt after one of size `step` was rejected; NaN where it gave no error.
    pub(crate) fn reject(&mut self, step: f64, ratio: f64) -> f64 {
        self.growth_barred = true;
        if ratio.is_finite() {
            step / divisor(Real::powf(ratio, self.exponent))
        } else {
            step / BLIND_CUT
        }
    }
}

fn divisor(power: f64) -> f64 {
    bound(power / SAFETY)
}

fn bound(divisor: f64) -> f64 {
    Real::min(Real::max(divisor, 1.0 / STRONGEST_GROWTH), STRONGEST_CUT)
}

/// The first step (Hairer, Nørsett & Wanner I, section II.4), with the same norm as the steps.
///
/// Costs one call of the derivative. Falls back to a small step where the trial is not finite.
pub(crate) fn choose_first_step<R: Scalar, S: System<R>>(
    system: &mut S,
    options: &Options,
    order: u32,
    time: f64,
    longest: f64,
    state: &[R],
    slope: &[R],
) -> f64 {
    let norm = |vector: &[f64]| {
        let ratios = vector.iter().enumerate().map(|(index, value)| {
            let size = state[index].value();
            value.abs() / options.allowed(index, size, size)
        });
        ratios.fold(0.0, Real::max)
    };
    let values: Vec<f64> = state.iter().map(|value| value.value()).collect();
    let slopes: Vec<f64> = slope.iter().map(|value| value.value()).collect();
    let (size, speed) = (norm(&values), norm(&slopes));
    let guess = if size < 1e-5 || speed < 1e-5 {
        1e-6
    } else {
        0.01 * size / speed
    };
    let guess = Real::min(guess, longest);

    let trial: Vec<R> = state
        .iter()
        .zip(slope)
        .map(|(value, slope)| *value + slope.scale(guess))
        .collect();
    let mut trial_slope = vec![R::from_f64(0.0); state.len()];
    system.derivative(R::from_f64(time + guess), &trial, &mut trial_slope);
    let change: Vec<f64> = trial_slope
        .iter()
        .zip(&slopes)
        .map(|(new, old)| new.value() - old)
        .collect();
    let acceleration = norm(&change) / guess;

    let fastest = Real::max(speed, acceleration);
    let chosen = if !fastest.is_finite() {
        guess * 1e-3
    } else if fastest <= 1e-15 {
        Real::max(1e-6, guess * 1e-3)
    } else {
        Real::powf(0.01 / fastest, 1.0 / (f64::from(order) + 1.0))
    };
    Real::min(Real::min(100.0 * guess, chosen), longest)
}
