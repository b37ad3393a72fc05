//! The linear mixed model with random intercepts and slopes.
//!
//! y = x β + b₀ + b₁ t + e with (b₀, b₁) of a subject normal with any covariances and e independent: visits
//! may be at different times and some may be missing; what is missing for a reason that was observed does
//! not bias it. The likelihood is climbed by Newton steps with exact derivatives, damped where it is not
//! concave, until what a step could gain is below 1e-12.
//!
//! p is given twice: of a normal distribution, as statsmodels does, and of Student's distribution with
//! Satterthwaite's degrees of freedom, ν = 2 f² / (∇f · C ∇f) with f the variance of an estimate and C the
//! covariances of the variance parameters (twice the inverse curvature of the deviance), as lmerTest does.
//! In a trial without missing visits that is the t test of the subjects' own slopes.
//!
//! Source: F. E. Satterthwaite, Biometrics Bulletin 2 (1946) 110–114.

use gutbrain_numbers::Real;

use super::likelihood::{
    Derivatives, Deviance, Factor, chain_slope, covariance, derivatives, deviance, divisor, square,
};
use super::records::Standard;
use super::{NotFitted, Records};
use crate::cholesky::{Cholesky, dot};
use crate::{normal, student};

/// Which likelihood is made as large as it can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// That of all outcomes: variances are too small in small trials.
    MaximumLikelihood,
    /// That of what the fixed effects leave over (REML).
    Restricted,
}

/// A fitted model.
#[derive(Debug, Clone, PartialEq)]
pub struct Fit {
    /// One per fixed effect, in the order given.
    pub coefficients: Vec<Coefficient>,
    /// Covariances of the estimates, row by row.
    pub covariance: Vec<f64>,
    /// Variances of random effects and error.
    pub variances: Variances,
    /// Logarithm of the (restricted) likelihood.
    pub log_likelihood: f64,
    /// Whether the random effects have a variance that is zero, or are one and the same: the estimate lies
    /// at the edge of what is possible. It is one all the same.
    pub at_edge: bool,
    /// Newton steps.
    pub iterations: usize,
}

/// One fixed effect.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Coefficient {
    /// Its estimate.
    pub estimate: f64,
    /// Its standard error.
    pub standard_error: f64,
    /// Two-sided p of zero after Wald, of a normal distribution.
    pub normal_p: f64,
    /// Satterthwaite's degrees of freedom.
    pub degrees: f64,
    /// Two-sided p of zero, of Student's distribution with these degrees of freedom.
    pub p: f64,
}

/// Variances, in the square of the outcome's unit; slopes are per unit of time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Variances {
    /// Of the random intercepts, at time 0.
    pub intercept: f64,
    /// Covariance of intercepts and slopes.
    pub intercept_slope: f64,
    /// Of the random slopes.
    pub slope: f64,
    /// Of the error.
    pub error: f64,
}

/// Newton steps at most.
const STEPS: usize = 200;

impl Records {
    /// Fits the model.
    ///
    /// # Errors
    /// [`NotFitted::TooFew`], [`NotFitted::Collinear`], [`NotFitted::NoResidual`],
    /// [`NotFitted::NotConverged`].
    pub fn fit(&self, method: Method) -> Result<Fit, NotFitted> {
        let data = Standard::new(self)?;
        let (factor, iterations) = climb(&data, method)?;
        let lost = NotFitted::NotConverged { iterations };
        let at = deviance(&data, method, factor).ok_or(lost)?;
        if at.squares <= 1e-20 * data.squares {
            return Err(NotFitted::NoResidual);
        }
        let bends = derivatives(&data, method, factor, &at);
        Ok(report(&data, method, factor, &at, &bends, iterations))
    }
}

/// The Λ with the smallest deviance.
fn climb(data: &Standard, method: Method) -> Result<(Factor, usize), NotFitted> {
    let mut factor = first_guess(data);
    let lost = |iterations| NotFitted::NotConverged { iterations };
    let mut here = deviance(data, method, factor).ok_or(lost(0))?;
    let mut damping = 0.0;
    for iteration in 1..=STEPS {
        let bends = derivatives(data, method, factor, &here);
        let scale = [0, 4, 8]
            .map(|i| bends.curvature[i].abs())
            .iter()
            .sum::<f64>()
            + 1e-12;
        loop {
            let (step, used) = newton_step(&bends, damping, scale).ok_or(lost(iteration))?;
            damping = used;
            let gain = -dot(&bends.slope, &step);
            let next = [0, 1, 2].map(|i| factor[i] + step[i]);
            // A damped step gains less than is left.
            if gain <= 1e-12 && damping <= 1e-6 * scale {
                // Where the curvature is not positive this may be a saddle, as every zero of Λ can be.
                let off = (damping > 0.0)
                    .then(|| beside(data, method, factor, &here))
                    .flatten();
                let Some(better) = off else {
                    return Ok((next, iteration));
                };
                (factor, here) = better;
                damping = 0.0;
                break;
            }
            let there = deviance(data, method, next);
            let rounding = 1e-13 * (here.value.abs() + data.visits as f64);
            if let Some(there) = there.filter(|it| it.value <= here.value - 1e-4 * gain + rounding)
            {
                (factor, here) = (next, there);
                damping = if damping > 1e-6 * scale {
                    0.1 * damping
                } else {
                    0.0
                };
                break;
            }
            if damping > 1e8 * scale {
                return Err(lost(iteration));
            }
            damping = (10.0 * damping).max(1e-4 * scale);
        }
    }
    Err(lost(STEPS))
}

/// A point a little off, if one has a smaller deviance.
fn beside(
    data: &Standard,
    method: Method,
    factor: Factor,
    here: &Deviance,
) -> Option<(Factor, Deviance)> {
    let rounding = 1e-12 * (here.value.abs() + data.visits as f64);
    let sizes = [0.1, 0.03, 0.01, 0.003].into_iter();
    let moves = sizes.flat_map(|size| (0..3).flat_map(move |i| [(i, size), (i, -size)]));
    let mut points = moves.filter_map(|(i, by)| {
        let mut point = factor;
        point[i] += by;
        let there = deviance(data, method, point)?;
        (there.value < here.value - rounding).then_some((point, there))
    });
    points.next()
}

/// The step of a curvature with as much damping as makes it positive, not longer than the point's own size.
fn newton_step(bends: &Derivatives, mut damping: f64, scale: f64) -> Option<([f64; 3], f64)> {
    while damping <= 1e9 * scale {
        let mut damped = bends.curvature;
        [0, 4, 8].into_iter().for_each(|i| damped[i] += damping);
        if let Ok(cholesky) = Cholesky::of(&damped, 3) {
            let mut step = bends.slope.map(|slope| -slope);
            cholesky.solve(&mut step);
            let longest = step.iter().fold(0.0_f64, |max, s| max.max(s.abs()));
            if longest <= 1e6 {
                return Some((step, damping));
            }
        }
        damping = (10.0 * damping).max(1e-8 * scale);
    }
    None
}

/// Λ from each subject's own line: the covariances of the lines less what the error explains.
fn first_guess(data: &Standard) -> Factor {
    let (mut within, mut freedom) = (0.0, 0.0);
    let (mut lines, mut spread, mut explained) = (0.0, [0.0; 3], [0.0; 3]);
    for it in data.subjects.iter().filter(|it| it.det > 1e-9) {
        let [t00, t01, t11] = it.zz;
        let inverse = [t11 / it.det, -t01 / it.det, t00 / it.det];
        let [y0, y1] = it.zy;
        let line = [
            inverse[0] * y0 + inverse[1] * y1,
            inverse[1] * y0 + inverse[2] * y1,
        ];
        within += it.yy - y0 * line[0] - y1 * line[1];
        freedom += t00 - 2.0;
        lines += 1.0;
        let products = [line[0] * line[0], line[0] * line[1], line[1] * line[1]];
        (0..3).for_each(|i| spread[i] += products[i]);
        (0..3).for_each(|i| explained[i] += inverse[i]);
    }
    let error = within / freedom;
    let known = error > 1e-12 * data.squares / data.visits as f64;
    if !known || lines < 1.0 {
        return [1.0, 0.0, 1.0];
    }
    let g = [0, 1, 2].map(|i| (spread[i] / error - explained[i]) / lines);
    let floor = 0.01;
    let a = g[0].max(floor).sqrt();
    let b = g[1] / a;
    let c = (g[2] - b * b).max(floor).sqrt();
    [a, b, c]
}

fn report(
    data: &Standard,
    method: Method,
    factor: Factor,
    at: &Deviance,
    bends: &Derivatives,
    iterations: usize,
) -> Fit {
    let size = data.columns;
    let m = divisor(data, method);
    let error = at.squares / m;
    let turned = bends
        .moved
        .each_ref()
        .map(|b| square(&square(&at.inverse, b, size), &at.inverse, size));
    let joint = positive(&bends.joint, 4);
    let row = |i: usize| &data.back[i * size..(i + 1) * size];
    let between = |matrix: &[f64], i: usize, j: usize| -> f64 {
        let rows = matrix.chunks_exact(size.max(1)).zip(row(i));
        rows.map(|(line, left)| left * dot(line, row(j))).sum()
    };
    let coefficients = (0..size).map(|i| {
        let estimate = data.least_squares[i] + dot(row(i), &at.gamma);
        let variance = error * between(&at.inverse, i, i);
        let by_entry = turned.each_ref().map(|it| error * between(it, i, i));
        let [a, b, c] = chain_slope(factor, by_entry);
        let slope = [a, b, c, variance];
        let mut solved = slope;
        if let Some(joint) = &joint {
            joint.solve(&mut solved);
        }
        // The covariances are twice the inverse curvature of the deviance.
        let degrees = variance * variance / dot(&slope, &solved);
        let standard_error = variance.sqrt();
        let t = estimate / standard_error;
        Coefficient {
            estimate,
            standard_error,
            normal_p: normal::two_sided(t),
            degrees,
            p: student::two_sided(t, degrees),
        }
    });
    let coefficients = coefficients.collect();
    let places = (0..size).flat_map(|i| (0..size).map(move |j| (i, j)));
    let covariances = places.map(|(i, j)| error * between(&at.inverse, i, j));
    let g = covariance(factor).map(|entry| entry * error);
    let shift = data.centre / data.width;
    let squares = |x: f64| x * x;
    let [a, b, c] = factor.map(f64::abs);
    let at_edge = a * c <= 1e-4 * (a + b + c);
    Fit {
        coefficients,
        covariance: covariances.collect(),
        variances: Variances {
            intercept: g[0] - 2.0 * shift * g[1] + squares(shift) * g[2],
            intercept_slope: (g[1] - shift * g[2]) / data.width,
            slope: g[2] / squares(data.width),
            error,
        },
        log_likelihood: log_likelihood(data, method, at),
        at_edge,
        iterations,
    }
}

/// In the units that were given; fixed effects that were made orthonormal belong to A.
fn log_likelihood(data: &Standard, method: Method, at: &Deviance) -> f64 {
    let m = divisor(data, method);
    let scale = match method {
        Method::MaximumLikelihood => 0.0,
        Method::Restricted => (0..data.columns)
            .map(|i| -2.0 * Real::ln(data.back[i * data.columns + i]))
            .sum(),
    };
    let error = m * (1.0 + Real::ln(2.0 * std::f64::consts::PI * at.squares / m));
    -0.5 * (at.logs + scale + error)
}

/// The factor of a curvature with the smallest ridge that makes it one: along what is flat nothing moves.
fn positive(curvature: &[f64], size: usize) -> Option<Cholesky> {
    let scale: f64 = (0..size).map(|i| curvature[i * size + i].abs()).sum();
    let ridges = std::iter::once(0.0).chain((0..8).map(|power| 1e-10 * 10_f64.powi(power)));
    let ridged = |ridge: f64| {
        let mut ridged = curvature.to_vec();
        (0..size).for_each(|i| ridged[i * size + i] += ridge * scale);
        Cholesky::of(&ridged, size).ok()
    };
    ridges.map(ridged).find_map(|it| it)
}
