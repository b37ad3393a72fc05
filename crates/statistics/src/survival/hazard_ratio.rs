//! The hazard ratio of two groups under proportional hazards (Cox), ties after Efron.
//!
//! With w = e^β, m₀ and m₁ the numbers at risk in both groups and d events at a time, the partial
//! likelihood of Efron is Π over l = 0 … d−1 of w^(events in group 1)/(m₀ₗ + m₁ₗ w), where mₖₗ = mₖ − l/d dₖ.
//! It depends on the counts of a [`RiskTable`] alone, is concave in β, and has a finite maximum unless
//! the groups are separated. The maximum is found by Newton steps inside a bracket.
//!
//! Source: D. R. Cox, Journal of the Royal Statistical Society B 34 (1972) 187–220; B. Efron, Journal of
//! the American Statistical Association 72 (1977) 557–565.

use gutbrain_numbers::Real;

use super::{Confidence, Interval, NotEstimable, RiskTable};
use crate::{chi_squared, normal};

/// The hazard of the second group relative to that of the first.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HazardRatio {
    /// The ratio.
    pub ratio: f64,
    /// Its interval (Wald, on the logarithm).
    pub interval: Interval,
    /// The logarithm of the ratio.
    pub log_ratio: f64,
    /// The standard error of the logarithm.
    pub standard_error: f64,
    /// p of ratio = 1 after Wald.
    pub wald_p: f64,
    /// p of ratio = 1 by the ratio of likelihoods.
    pub likelihood_ratio_p: f64,
}

/// Logarithm of the partial likelihood against β = 0, its slope and the negative of its curvature.
struct Likelihood {
    slope: f64,
    information: f64,
}

impl RiskTable {
    /// Estimates the hazard of group 1 relative to group 0; within strata if the table has them.
    ///
    /// # Errors
    /// [`NotEstimable::NotTwoGroups`], [`NotEstimable::NoSubjects`], [`NotEstimable::OneGroup`],
    /// [`NotEstimable::NoEvents`], [`NotEstimable::NoContrast`], [`NotEstimable::Separated`].
    pub fn hazard_ratio(&self, confidence: Confidence) -> Result<HazardRatio, NotEstimable> {
        if self.groups() != 2 {
            return Err(NotEstimable::NotTwoGroups(self.groups()));
        }
        self.check_comparable()?;
        self.check_separation()?;
        let log_ratio = self.maximise();
        let ratio = Real::exp(log_ratio);
        let Likelihood { information, .. } = self.likelihood(ratio);
        let standard_error = 1.0 / information.sqrt();
        let logs = confidence.around(log_ratio, standard_error);
        let gain = self.log_likelihood_gain(log_ratio, ratio);
        Ok(HazardRatio {
            ratio,
            interval: Interval {
                lower: Real::exp(logs.lower),
                upper: Real::exp(logs.upper),
            },
            log_ratio,
            standard_error,
            wald_p: normal::two_sided(log_ratio / standard_error),
            likelihood_ratio_p: chi_squared::survival((2.0 * gain).max(0.0), 1),
        })
    }

    /// The likelihood has a maximum unless, whenever both groups are at risk, all events are of one.
    fn check_separation(&self) -> Result<(), NotEstimable> {
        let mut events_of = [false; 2];
        for (at_risk, events) in self.rows() {
            if at_risk[0] > 0 && at_risk[1] > 0 {
                events_of[0] |= events[0] > 0;
                events_of[1] |= events[1] > 0;
            }
        }
        match events_of {
            [true, true] => Ok(()),
            [false, false] => Err(NotEstimable::NoContrast),
            [_, higher] => Err(NotEstimable::Separated {
                covariate: 0,
                higher,
            }),
        }
    }

    /// The β at which the slope is zero. The slope falls with β from positive to negative.
    fn maximise(&self) -> f64 {
        const LONGEST_STEP: f64 = 2.0;
        let (mut below, mut above) = (f64::NEG_INFINITY, f64::INFINITY);
        let mut beta = 0.0;
        // Newton doubles the digits: a handful of steps; bisection would end long before 200.
        for _ in 0..200 {
            let Likelihood { slope, information } = self.likelihood(Real::exp(beta));
            if slope > 0.0 {
                below = beta;
            } else {
                above = beta;
            }
            let step = (slope / information).clamp(-LONGEST_STEP, LONGEST_STEP);
            let mut next = beta + step;
            if next <= below || next >= above {
                if step.abs() <= 1e-14 * (1.0 + beta.abs()) {
                    return beta;
                }
                next = 0.5 * (below + above);
            }
            let moved = (next - beta).abs();
            beta = next;
            if moved <= 1e-9 * (1.0 + beta.abs()) && step.abs() < LONGEST_STEP {
                // One more step squares the error.
                let Likelihood { slope, information } = self.likelihood(Real::exp(beta));
                return beta + slope / information;
            }
        }
        beta
    }

    fn likelihood(&self, ratio: f64) -> Likelihood {
        let (mut slope, mut information) = (0.0, 0.0);
        for (at_risk, events) in self.rows() {
            slope += f64::from(events[1]);
            for (first, second) in shrinking_risk(at_risk, events) {
                let weighted = second * ratio;
                let total = first + weighted;
                let share = weighted / total;
                slope -= share;
                information += share * (first / total);
            }
        }
        Likelihood { slope, information }
    }

    fn log_likelihood_gain(&self, beta: f64, ratio: f64) -> f64 {
        let mut gain = 0.0;
        for (at_risk, events) in self.rows() {
            gain += beta * f64::from(events[1]);
            for (first, second) in shrinking_risk(at_risk, events) {
                gain -= Real::ln((first + second * ratio) / (first + second));
            }
        }
        gain
    }
}

/// The numbers at risk in both groups as tied events leave one by one, each shared by those tied.
fn shrinking_risk(at_risk: &[u32], events: &[u32]) -> impl Iterator<Item = (f64, f64)> {
    let (n0, n1) = (f64::from(at_risk[0]), f64::from(at_risk[1]));
    let (d0, d1) = (f64::from(events[0]), f64::from(events[1]));
    let deaths = events[0] + events[1];
    (0..deaths).map(move |gone| {
        let share = f64::from(gone) / f64::from(deaths);
        (n0 - share * d0, n1 - share * d1)
    })
}
