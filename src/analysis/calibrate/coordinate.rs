//! The free coordinate of a fitted parameter, and its prior.
//!
//! A parameter `p` lives in its declared range `[a, b]`. The fit moves an unbounded coordinate `z`:
//!
//! ```text
//! u = (s(p) − s(a)) / (s(b) − s(a)),   z = ln(u / (1 − u)),
//! s = ln for a range of positive numbers, s = identity otherwise
//! ```
//!
//! so that no step can leave the range. The prior is a penalty: a residual
//! `(t(p) − centre) / sd`, where `t` is the scale of the declared distribution (ln, logit or
//! identity), the declared range is read as centre ± 2 sd, and uniform priors give no penalty.

use gutbrain_numbers::Real;

use super::standard::Standard;

/// Distances of `u` from 0 and 1 that a start value is moved to at least.
const EDGE: f64 = 1e-4;

/// A scale on which a number is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Measure {
    Identity,
    Logarithm,
    Logit,
}

impl Measure {
    pub(super) fn apply(self, p: f64) -> f64 {
        match self {
            Measure::Identity => p,
            Measure::Logarithm => Real::ln(p),
            Measure::Logit => Real::ln(p / (1.0 - p)),
        }
    }

    pub(super) fn invert(self, x: f64) -> f64 {
        match self {
            Measure::Identity => x,
            Measure::Logarithm => Real::exp(x),
            Measure::Logit => 1.0 / (1.0 + Real::exp(-x)),
        }
    }

    /// d apply / d p.
    pub(super) fn slope(self, p: f64) -> f64 {
        match self {
            Measure::Identity => 1.0,
            Measure::Logarithm => 1.0 / p,
            Measure::Logit => 1.0 / (p * (1.0 - p)),
        }
    }
}

/// The map between a parameter in its range and an unbounded coordinate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Coordinate {
    lower: f64,
    upper: f64,
    measure: Measure,
}

impl Coordinate {
    /// The coordinate of a parameter with range `lower..upper`; `None` when the range is empty or not
    /// finite.
    #[must_use]
    pub fn new(lower: f64, upper: f64) -> Option<Coordinate> {
        if !(lower.is_finite() && upper.is_finite() && lower < upper) {
            return None;
        }
        let measure = if lower > 0.0 {
            Measure::Logarithm
        } else {
            Measure::Identity
        };
        Some(Coordinate {
            lower,
            upper,
            measure,
        })
    }

    /// Position of `p` in its range, 0 to 1 on the scale of the range.
    #[must_use]
    pub fn position(&self, p: f64) -> f64 {
        let (a, b) = (
            self.measure.apply(self.lower),
            self.measure.apply(self.upper),
        );
        let inside = p.clamp(self.lower, self.upper);
        (self.measure.apply(inside) - a) / (b - a)
    }

    /// The coordinate of `p`; values at or beyond an end of the range are moved a little inside.
    #[must_use]
    pub fn free(&self, p: f64) -> f64 {
        Measure::Logit.apply(self.position(p).clamp(EDGE, 1.0 - EDGE))
    }

    /// The coordinate at a position between 0 and 1 of the range.
    #[must_use]
    pub fn free_at(&self, position: f64) -> f64 {
        Measure::Logit.apply(position.clamp(EDGE, 1.0 - EDGE))
    }

    /// The parameter at `z` and its derivative d p / d z.
    #[must_use]
    pub fn parameter(&self, z: f64) -> (f64, f64) {
        let (a, b) = (
            self.measure.apply(self.lower),
            self.measure.apply(self.upper),
        );
        let u = Measure::Logit.invert(z);
        let p = self
            .measure
            .invert(a + (b - a) * u)
            .clamp(self.lower, self.upper);
        (p, (b - a) * u * (1.0 - u) / self.measure.slope(p))
    }
}

/// The family of a prior.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// Normal on the logarithm.
    Lognormal,
    /// Normal on the logit.
    Logitnormal,
    /// Normal.
    Normal,
    /// No preference within the range.
    Flat,
}

/// A prior as a penalty.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prior {
    measure: Measure,
    centre: f64,
    sd: f64,
}

impl Prior {
    /// The penalty of a parameter with this range; `None` for flat priors. The centre is the middle
    /// of the range on the scale of the distribution unless `centre` gives a value.
    #[must_use]
    pub fn new(family: Family, lower: f64, upper: f64, centre: Option<f64>) -> Option<Prior> {
        let measure = match family {
            Family::Flat => return None,
            Family::Lognormal if lower > 0.0 => Measure::Logarithm,
            Family::Logitnormal if lower > 0.0 && upper < 1.0 => Measure::Logit,
            Family::Lognormal | Family::Logitnormal | Family::Normal => Measure::Identity,
        };
        let (a, b) = (measure.apply(lower), measure.apply(upper));
        let centre = centre.map_or(0.5 * (a + b), |p| measure.apply(p));
        Some(Prior {
            measure,
            centre,
            sd: 0.25 * (b - a),
        })
    }

    /// The residual at `p`, in sd, and its derivative with respect to `p`.
    #[must_use]
    pub fn residual(&self, p: f64) -> (f64, f64) {
        (
            (self.measure.apply(p) - self.centre) / self.sd,
            self.measure.slope(p) / self.sd,
        )
    }

    /// The same prior, its residual times `weight`, as a distribution over the range.
    #[must_use]
    pub fn standard(&self, lower: f64, upper: f64, weight: f64) -> Standard {
        let range = (lower, upper);
        if weight > 0.0 {
            Standard::normal(self.measure, range, self.centre, self.sd / weight)
        } else {
            Standard::even(self.measure, lower, upper)
        }
    }

    /// The value at the centre.
    #[must_use]
    pub fn centre(&self) -> f64 {
        self.measure.invert(self.centre)
    }
}

#[cfg(test)]
mod tests {
    use super::{Coordinate, Family, Prior};

    #[test]
    fn there_and_back_within_the_range() {
        for (lower, upper) in [(0.1, 10.0), (0.0, 1.0), (-3.0, 2.0), (1e-9, 1e-3)] {
            let coordinate = Coordinate::new(lower, upper).expect("a range");
            for position in [0.001, 0.2, 0.5, 0.93, 0.999] {
                let z = coordinate.free_at(position);
                let (p, _) = coordinate.parameter(z);
                assert!((lower..=upper).contains(&p));
                assert!((coordinate.position(p) - position).abs() < 1e-9);
                assert!((coordinate.free(p) - z).abs() < 1e-6);
            }
            for z in [-1e3, 1e3, -40.0, 40.0] {
                let (p, slope) = coordinate.parameter(z);
                assert!(
                    (lower..=upper).contains(&p) && slope.is_finite(),
                    "{z}: {p} {slope}"
                );
            }
        }
        assert!(Coordinate::new(1.0, 1.0).is_none());
        assert!(Coordinate::new(0.0, f64::INFINITY).is_none());
    }

    #[test]
    fn slopes_agree_with_differences() {
        for (lower, upper) in [(0.1, 10.0), (0.0, 1.0), (-3.0, 2.0)] {
            let coordinate = Coordinate::new(lower, upper).expect("a range");
            for z in [-3.0, -0.4, 0.0, 2.0] {
                let h = 1e-5;
                let (up, down) = (coordinate.parameter(z + h).0, coordinate.parameter(z - h).0);
                let slope = coordinate.parameter(z).1;
                assert!(((up - down) / (2.0 * h) - slope).abs() < 1e-8 * (upper - lower));
            }
        }
    }

    #[test]
    fn the_ends_of_a_range_are_two_standard_deviations_from_its_middle() {
        for (family, lower, upper) in [
            (Family::Lognormal, 0.1, 10.0),
            (Family::Logitnormal, 0.1, 0.7),
            (Family::Normal, -1.0, 5.0),
        ] {
            let prior = Prior::new(family, lower, upper, None).expect("it prefers something");
            assert!((prior.residual(lower).0 + 2.0).abs() < 1e-12);
            assert!((prior.residual(upper).0 - 2.0).abs() < 1e-12);
            assert!(prior.residual(prior.centre()).0.abs() < 1e-12);
            let (p, h) = (0.5 * (lower + upper), 1e-6);
            let slope = (prior.residual(p + h).0 - prior.residual(p - h).0) / (2.0 * h);
            assert!((slope - prior.residual(p).1).abs() < 1e-6 * slope.abs());
        }
        assert_eq!(Prior::new(Family::Flat, 0.0, 1.0, None), None);
    }
}
