//! Standard coordinates: every prior a standard normal distribution.
//!
//! A fitted parameter `p` in its declared range `[a, b]` has the prior density of the calibration: on
//! the scale `t` of the declared distribution (ln, logit or identity) normal around the centre with
//! `sd / weight`, where the range is centre ± 2 sd, and cut off at both ends of the range; a flat prior
//! is even on its scale. With `F` the distribution function of that normal distribution, the standard
//! coordinate ξ of `p` is
//!
//! ```text
//! Φ(ξ) = (F(t(p)) − F(t(a))) / (F(t(b)) − F(t(a)))
//! ```
//!
//! so that the prior of all parameters together is a standard normal distribution in ξ, no point lies
//! outside a range, and the posterior density is `exp(−½ |ξ|² − ½ Σ r²)` with the residuals `r` of the
//! targets in standard deviations.

use gutbrain_numbers::Real;
use gutbrain_statistics::normal;

use super::coordinate::Measure;

/// Places nearer to an end of the range than this share of the prior are moved inside.
const EDGE: f64 = 1e-12;

/// The map between a parameter and its standard coordinate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Standard {
    measure: Measure,
    range: (f64, f64),
    shape: Shape,
}

/// The prior on the scale of its measure.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Shape {
    /// Even between the ends.
    Even,
    /// Normal, cut off: centre, standard deviation, distribution function at both ends.
    Normal {
        centre: f64,
        sd: f64,
        ends: (f64, f64),
    },
}

impl Standard {
    /// An even prior on the scale of `measure`.
    pub(super) fn even(measure: Measure, lower: f64, upper: f64) -> Self {
        Self {
            measure,
            range: (lower, upper),
            shape: Shape::Even,
        }
    }

    /// A normal prior on the scale of `measure` with this centre and standard deviation there.
    pub(super) fn normal(measure: Measure, range: (f64, f64), centre: f64, sd: f64) -> Self {
        let end = |p: f64| normal::cdf((measure.apply(p) - centre) / sd);
        Self {
            measure,
            range,
            shape: Shape::Normal {
                centre,
                sd,
                ends: (end(range.0), end(range.1)),
            },
        }
    }

    /// The standard coordinate of `p`; at or beyond an end of the range, of a place just inside.
    #[must_use]
    pub fn coordinate(&self, p: f64) -> f64 {
        let (lower, upper) = self.range;
        let t = self.measure.apply(p.clamp(lower, upper));
        let share = match self.shape {
            Shape::Even => {
                let (a, b) = (self.measure.apply(lower), self.measure.apply(upper));
                (t - a) / (b - a)
            }
            Shape::Normal { centre, sd, ends } => {
                (normal::cdf((t - centre) / sd) - ends.0) / (ends.1 - ends.0)
            }
        };
        normal::quantile(share.clamp(EDGE, 1.0 - EDGE))
    }

    /// The parameter at a standard coordinate, and d p / d ξ.
    #[must_use]
    pub fn parameter(&self, xi: f64) -> (f64, f64) {
        let (lower, upper) = self.range;
        let share = normal::cdf(xi);
        let (t, slope) = match self.shape {
            Shape::Even => {
                let (a, b) = (self.measure.apply(lower), self.measure.apply(upper));
                (a + (b - a) * share, (b - a) * density(xi))
            }
            Shape::Normal { centre, sd, ends } => {
                let width = ends.1 - ends.0;
                let x = normal::quantile((ends.0 + width * share).clamp(EDGE, 1.0 - EDGE));
                (centre + sd * x, sd * width * density(xi) / density(x))
            }
        };
        let p = self.measure.invert(t).clamp(lower, upper);
        (p, slope / self.measure.slope(p))
    }
}

/// The standard normal density.
fn density(x: f64) -> f64 {
    const SCALE: f64 = 0.398_942_280_401_432_7; // 1 / √(2π)
    SCALE * Real::exp(-0.5 * x * x)
}

#[cfg(test)]
mod tests {
    use super::super::coordinate::{Family, Measure, Prior};
    use super::*;

    fn all() -> Vec<Standard> {
        let with = |family, lower, upper, weight| {
            Prior::new(family, lower, upper, None)
                .expect("it prefers something")
                .standard(lower, upper, weight)
        };
        vec![
            with(Family::Lognormal, 0.1, 10.0, 0.8),
            with(Family::Logitnormal, 0.1, 0.7, 1.0),
            with(Family::Normal, -1.0, 5.0, 0.5),
            Standard::even(Measure::Logarithm, 1e-3, 10.0),
            Standard::even(Measure::Identity, -2.0, 3.0),
        ]
    }

    #[test]
    fn there_and_back_with_the_right_slope() {
        for standard in all() {
            for xi in [-4.0, -1.3, 0.0, 0.4, 2.5] {
                let (p, slope) = standard.parameter(xi);
                assert!((standard.range.0..=standard.range.1).contains(&p));
                assert!((standard.coordinate(p) - xi).abs() < 1e-7, "{standard:?}");
                let h = 1e-5;
                let (up, down) = (standard.parameter(xi + h).0, standard.parameter(xi - h).0);
                let rough = (up - down) / (2.0 * h);
                assert!(
                    (rough - slope).abs() < 1e-6 * slope.abs(),
                    "{rough} {slope}"
                );
            }
            for xi in [-60.0, 60.0] {
                let (p, slope) = standard.parameter(xi);
                assert!(p.is_finite() && slope.is_finite());
            }
            assert!(standard.coordinate(standard.range.0).is_finite());
        }
    }

    /// Even places of the standard normal distribution come out as the prior says: the middle half of
    /// a normal prior cut at ± 2 sd lies within 0.633 sd of its centre.
    #[test]
    fn the_prior_is_what_was_declared() {
        let prior = Prior::new(Family::Normal, -2.0, 2.0, None).expect("a prior");
        let standard = prior.standard(-2.0, 2.0, 1.0);
        // Φ(x) = Φ(−2) + 0.75 (1 − 2 Φ(−2)), sd = 1.
        let expected = normal::quantile(0.022_750_131_948_179_21 + 0.75 * 0.954_499_736_103_641_6);
        let upper = standard.parameter(normal::quantile(0.75)).0;
        assert!((upper - expected).abs() < 1e-12, "{upper} {expected}");
        let even = Standard::even(Measure::Logarithm, 1.0, 16.0);
        let upper = even.parameter(normal::quantile(0.75)).0;
        assert!((upper - 8.0).abs() < 1e-9, "{upper}");
    }
}
