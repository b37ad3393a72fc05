//! Maps from the unit interval to distributions, by inversion.
//!
//! A distribution has a scale t (identity, ln or logit) on which it is even or normal, and a range
//! that holds all of it. A normal one has its centre in the middle of the range on its scale, the
//! ends lie two standard deviations away, and what would fall beyond them is cut off:
//!
//! ```text
//! x(u) = t⁻¹( centre + sd · Φ⁻¹( Φ(−2) + u · (Φ(2) − Φ(−2)) ) )
//! ```
//!
//! So 4.6 % of the uncut distribution is cut off. The map rises strictly; u = 0 and u = 1 are the ends.

use gutbrain_numbers::Real;

use crate::normal;

/// Φ(−2), to all digits of a double.
const BELOW_TWO: f64 = 0.022_750_131_948_179_21;

/// A distribution on a range; see the module.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Distribution {
    scale: Scale,
    shape: Shape,
    lower: f64,
    upper: f64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Scale {
    Identity,
    Logarithm,
    Logit,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Shape {
    Even,
    Normal,
}

/// A range does not suit a distribution.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum DistributionError {
    /// The ends are not finite, or not in order.
    #[error("the range from {0} to {1} is none")]
    NoRange(f64, f64),
    /// A logarithm needs positive numbers.
    #[error("the range from {0} to {1} must be positive for a logarithmic scale")]
    NotPositive(f64, f64),
    /// A logit needs numbers between 0 and 1.
    #[error("the range from {0} to {1} must lie strictly between 0 and 1 for a logit scale")]
    NoShare(f64, f64),
}

impl Distribution {
    /// Every value of the range equally likely.
    ///
    /// # Errors
    /// The range is empty or not finite.
    pub fn uniform(lower: f64, upper: f64) -> Result<Self, DistributionError> {
        Self::new(Scale::Identity, Shape::Even, lower, upper)
    }

    /// Every logarithm of the range equally likely.
    ///
    /// # Errors
    /// The range is empty, not finite or not positive.
    pub fn log_uniform(lower: f64, upper: f64) -> Result<Self, DistributionError> {
        Self::new(Scale::Logarithm, Shape::Even, lower, upper)
    }

    /// Normal, cut at the ends of the range.
    ///
    /// # Errors
    /// The range is empty or not finite.
    pub fn normal(lower: f64, upper: f64) -> Result<Self, DistributionError> {
        Self::new(Scale::Identity, Shape::Normal, lower, upper)
    }

    /// Normal in the logarithm, cut at the ends of the range.
    ///
    /// # Errors
    /// The range is empty, not finite or not positive.
    pub fn log_normal(lower: f64, upper: f64) -> Result<Self, DistributionError> {
        Self::new(Scale::Logarithm, Shape::Normal, lower, upper)
    }

    /// Normal in the logit ln(x / (1 − x)), cut at the ends of the range.
    ///
    /// # Errors
    /// The range is empty or not strictly between 0 and 1.
    pub fn logit_normal(lower: f64, upper: f64) -> Result<Self, DistributionError> {
        Self::new(Scale::Logit, Shape::Normal, lower, upper)
    }

    fn new(scale: Scale, shape: Shape, lower: f64, upper: f64) -> Result<Self, DistributionError> {
        if !(lower.is_finite() && upper.is_finite() && lower <= upper) {
            return Err(DistributionError::NoRange(lower, upper));
        }
        match scale {
            Scale::Logarithm if lower <= 0.0 => Err(DistributionError::NotPositive(lower, upper)),
            Scale::Logit if lower <= 0.0 || upper >= 1.0 => {
                Err(DistributionError::NoShare(lower, upper))
            }
            _ => Ok(Self {
                scale,
                shape,
                lower,
                upper,
            }),
        }
    }

    /// The ends of the range.
    #[must_use]
    pub fn range(&self) -> (f64, f64) {
        (self.lower, self.upper)
    }

    /// The value below which the share `u` of the distribution lies.
    #[must_use]
    pub fn quantile(&self, u: f64) -> f64 {
        let (a, b) = (self.scale.apply(self.lower), self.scale.apply(self.upper));
        let share = match self.shape {
            Shape::Even => u,
            Shape::Normal => {
                let within = BELOW_TWO + u * (1.0 - 2.0 * BELOW_TWO);
                0.5 + 0.25 * normal::quantile(within)
            }
        };
        // Rounding must not leave the range.
        self.scale
            .invert(a + share * (b - a))
            .clamp(self.lower, self.upper)
    }
}

impl Scale {
    fn apply(self, x: f64) -> f64 {
        match self {
            Self::Identity => x,
            Self::Logarithm => Real::ln(x),
            Self::Logit => Real::ln(x / (1.0 - x)),
        }
    }

    fn invert(self, x: f64) -> f64 {
        match self {
            Self::Identity => x,
            Self::Logarithm => Real::exp(x),
            Self::Logit => 1.0 / (1.0 + Real::exp(-x)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_truncated_distributions() {
        // scipy.stats (SciPy 1.15.3): truncnorm(-2, 2, m, s).ppf(u) on the scale of each.
        let normal = Distribution::normal(-1.0, 3.0).unwrap();
        let lognormal = Distribution::log_normal(0.1, 10.0).unwrap();
        let logit = Distribution::logit_normal(0.2, 0.9).unwrap();
        let cases = [
            (normal.quantile(0.5), 1.0),
            (normal.quantile(0.1), -0.18403246669390505),
            (lognormal.quantile(0.9), 3.9085550517545458),
            (logit.quantile(0.25), 0.45832136298411597),
            (Distribution::uniform(2.0, 4.0).unwrap().quantile(0.25), 2.5),
            (
                Distribution::log_uniform(0.01, 100.0)
                    .unwrap()
                    .quantile(0.75),
                10.0,
            ),
        ];
        for (found, expected) in cases {
            assert!(
                (found - expected).abs() <= 4e-15 * expected.abs(),
                "{found} {expected}"
            );
        }
    }

    #[test]
    fn the_ends_are_the_range_and_the_map_rises() {
        for distribution in [
            Distribution::uniform(-2.0, 5.0),
            Distribution::normal(-2.0, 5.0),
            Distribution::log_uniform(1e-9, 1e9),
            Distribution::log_normal(1e-9, 1e9),
            Distribution::logit_normal(1e-6, 1.0 - 1e-6),
        ] {
            let distribution = distribution.unwrap();
            let (lower, upper) = distribution.range();
            let close = |x: f64, end: f64| (x - end).abs() <= 1e-12 * end.abs();
            assert!(close(distribution.quantile(0.0), lower), "{distribution:?}");
            assert!(close(distribution.quantile(1.0), upper), "{distribution:?}");
            let values: Vec<f64> = (0..=1000)
                .map(|i| distribution.quantile(f64::from(i) / 1000.0))
                .collect();
            assert!(values.windows(2).all(|pair| pair[0] < pair[1]));
        }
    }

    #[test]
    fn ranges_that_do_not_fit_are_refused() {
        assert!(Distribution::uniform(2.0, 1.0).is_err());
        assert!(Distribution::normal(0.0, f64::INFINITY).is_err());
        assert!(Distribution::uniform(f64::NAN, 1.0).is_err());
        assert!(Distribution::log_normal(0.0, 1.0).is_err());
        assert!(Distribution::log_uniform(-1.0, 1.0).is_err());
        assert!(Distribution::logit_normal(0.5, 1.0).is_err());
        let point = Distribution::log_normal(3.0, 3.0).unwrap();
        assert_eq!(point.quantile(0.3).to_bits(), 3.0_f64.to_bits());
    }
}
