//! By what factor a marker differs between two arms: ratios of geometric means.
//!
//! Logarithms are compared: those at the end by Welch's test, or adjusted for those at the start by
//! analysis of covariance with one slope for both arms. p is of Student's distribution.
//!
//! Source: B. L. Welch, Biometrika 34 (1947) 28–35.

use gutbrain_numbers::Real;

use super::NotFitted;
use crate::{samples, student};

/// A marker of one subject, in any positive unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Marker {
    /// At the start; if every subject has one, the ratio is adjusted for it.
    pub start: Option<f64>,
    /// At the end.
    pub end: f64,
}

/// A ratio, treated over control.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GeometricRatio {
    /// The ratio.
    pub ratio: f64,
    /// Its logarithm.
    pub log_ratio: f64,
    /// The standard error of the logarithm.
    pub standard_error: f64,
    /// Degrees of freedom.
    pub degrees: f64,
    /// Two-sided p of ratio = 1.
    pub p: f64,
}

/// Compares two arms; adjusted for the start if every subject has a start.
///
/// # Errors
/// [`NotFitted::TooFew`], [`NotFitted::NotPositive`], [`NotFitted::NoSpread`].
pub fn geometric_ratio(
    control: &[Marker],
    treated: &[Marker],
) -> Result<GeometricRatio, NotFitted> {
    let smaller = control.len().min(treated.len());
    if smaller < 2 {
        return Err(NotFitted::TooFew {
            what: "subjects in an arm",
            given: smaller,
            least: 2,
        });
    }
    for (subject, marker) in control.iter().chain(treated).enumerate() {
        let bad = |value: &f64| !(value.is_finite() && *value > 0.0);
        let mut values = [Some(marker.end), marker.start].into_iter().flatten();
        if let Some(value) = values.find(bad) {
            return Err(NotFitted::NotPositive { subject, value });
        }
    }
    let adjusted = control.iter().chain(treated).all(|it| it.start.is_some());
    let arms = [control, treated].map(Logs::new);
    let (log_ratio, standard_error, degrees) = if adjusted {
        covariance_adjusted(&arms)?
    } else {
        welch(&arms)?
    };
    if standard_error <= 0.0 {
        return Err(NotFitted::NoSpread);
    }
    Ok(GeometricRatio {
        ratio: Real::exp(log_ratio),
        log_ratio,
        standard_error,
        degrees,
        p: student::two_sided(log_ratio / standard_error, degrees),
    })
}

/// Logarithms of an arm: count, means, and sums of squares and products about them.
struct Logs {
    count: f64,
    start: f64,
    end: f64,
    start_squares: f64,
    products: f64,
    end_squares: f64,
}

impl Logs {
    fn new(arm: &[Marker]) -> Self {
        let starts: Vec<f64> = arm
            .iter()
            .map(|it| it.start.map_or(0.0, Real::ln))
            .collect();
        let ends: Vec<f64> = arm.iter().map(|it| Real::ln(it.end)).collect();
        let mean = |values: &[f64]| samples::mean(values).unwrap_or(0.0);
        let (start, end) = (mean(&starts), mean(&ends));
        let sum = |of: &dyn Fn(f64, f64) -> f64| {
            let pairs = starts.iter().zip(&ends);
            pairs.map(|(s, e)| of(s - start, e - end)).sum()
        };
        Self {
            count: arm.len() as f64,
            start,
            end,
            start_squares: sum(&|s, _| s * s),
            products: sum(&|s, e| s * e),
            end_squares: sum(&|_, e| e * e),
        }
    }
}

fn welch([control, treated]: &[Logs; 2]) -> Result<(f64, f64, f64), NotFitted> {
    let error = |arm: &Logs| arm.end_squares / ((arm.count - 1.0) * arm.count);
    let (e0, e1) = (error(control), error(treated));
    if e0 + e1 <= 0.0 {
        return Err(NotFitted::NoSpread);
    }
    let below = e0 * e0 / (control.count - 1.0) + e1 * e1 / (treated.count - 1.0);
    let degrees = (e0 + e1) * (e0 + e1) / below;
    Ok((treated.end - control.end, (e0 + e1).sqrt(), degrees))
}

fn covariance_adjusted([control, treated]: &[Logs; 2]) -> Result<(f64, f64, f64), NotFitted> {
    let count = control.count + treated.count;
    let degrees = count - 3.0;
    if degrees < 1.0 {
        return Err(NotFitted::TooFew {
            what: "subjects",
            given: count as usize,
            least: 4,
        });
    }
    let squares = control.start_squares + treated.start_squares;
    if squares <= 0.0 {
        return Err(NotFitted::Collinear(2));
    }
    let slope = (control.products + treated.products) / squares;
    let left =
        control.end_squares + treated.end_squares - slope * (control.products + treated.products);
    let apart = treated.start - control.start;
    let variance = left.max(0.0) / degrees
        * (1.0 / control.count + 1.0 / treated.count + apart * apart / squares);
    let difference = treated.end - control.end - slope * apart;
    Ok((difference, variance.sqrt(), degrees))
}
