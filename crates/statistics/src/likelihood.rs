//! Likelihoods of single observations given what a model says of their mean.
//!
//! Each gives the logarithm of the density (of the probability, for counts), and the signed root of the deviance
//! with its derivative: r(μ) = sign(μ − y) √(2 (ln L(best) − ln L(μ))), where ln L(best) is the highest value that
//! any μ reaches. A sum of squares of r is a deviance, so that least squares over r maximise the likelihood. For
//! normal observations r is (μ − y)/σ.
//!
//! Survival: event times scatter log-normally around the model's own time T, ln t ~ N(ln T, s²), as in an
//! accelerated failure time model. An end that was seen has the density, a censored one the probability of a later
//! time. ln L(best) of a censored one is 0: of T without bound.
//!
//! Sources: P. McCullagh and J. A. Nelder, Generalized Linear Models (1989), chapters 2 and 6; J. D. Kalbfleisch
//! and R. L. Prentice, The Statistical Analysis of Failure Time Data (2002), chapter 3.

use gutbrain_numbers::Real;

use crate::gamma::ln_gamma;
use crate::normal;

const HALF_LN_TWO_PI: f64 = 0.918_938_533_204_672_7;

/// One observation and how it scatters around the mean.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Likelihood {
    /// y ~ N(μ, σ²).
    Normal {
        /// What was observed.
        value: f64,
        /// Its standard deviation, above zero.
        sd: f64,
    },
    /// ln y ~ N(ln μ, σ²): μ is the median.
    LogNormal {
        /// What was observed, above zero.
        value: f64,
        /// Standard deviation of its logarithm, above zero.
        sd: f64,
    },
    /// Successes in trials of probability μ.
    Binomial {
        /// How many succeeded.
        successes: f64,
        /// Of how many, above zero.
        trials: f64,
    },
    /// A count of mean μ with as large a variance.
    Poisson {
        /// The count.
        count: f64,
    },
    /// A count of mean μ with the variance μ + μ²/k.
    NegativeBinomial {
        /// The count.
        count: f64,
        /// k, above zero.
        size: f64,
    },
    /// A time at an event, or at censoring: the event comes later.
    Survival {
        /// The time, above zero.
        time: f64,
        /// Whether the event was seen.
        event: bool,
        /// Standard deviation of the logarithm of event times, above zero.
        spread: f64,
    },
}

/// ln P(Z > z).
fn ln_survival(z: f64) -> f64 {
    if z > 5.0 {
        Real::ln(normal::scaled_tail(z)) - 0.5 * z * z
    } else if z < -5.0 {
        // ln(1 − q) of a small q.
        let q = normal::survival(-z);
        -q - 0.5 * q * q
    } else {
        Real::ln(normal::survival(z))
    }
}

/// The density over P(Z > z).
fn hazard(z: f64) -> f64 {
    if z > 0.0 {
        Real::exp(-HALF_LN_TWO_PI) / normal::scaled_tail(z)
    } else {
        Real::exp(-0.5 * z * z - HALF_LN_TWO_PI) / normal::survival(z)
    }
}

/// a ln(a / b), 0 at a = 0.
fn x_ln_ratio(a: f64, b: f64) -> f64 {
    if a > 0.0 { a * Real::ln(a / b) } else { 0.0 }
}

/// a ln b, 0 at a = 0.
fn x_ln(a: f64, b: f64) -> f64 {
    if a > 0.0 { a * Real::ln(b) } else { 0.0 }
}

impl Likelihood {
    /// Whether the model can say `mean` at all: a probability, or a number above zero where logarithms are taken.
    #[must_use]
    pub fn allows(&self, mean: f64) -> bool {
        match self {
            Self::Normal { .. } => mean.is_finite(),
            Self::Binomial { .. } => mean > 0.0 && mean < 1.0,
            _ => mean > 0.0 && mean.is_finite(),
        }
    }

    /// The logarithm of the density or probability of the observation; −∞ where the mean is not allowed.
    #[must_use]
    pub fn log_density(&self, mean: f64) -> f64 {
        if !self.allows(mean) {
            return f64::NEG_INFINITY;
        }
        let normal = |z: f64, scale: f64| -0.5 * z * z - HALF_LN_TWO_PI - Real::ln(scale);
        match *self {
            Self::Normal { value, sd } => normal((value - mean) / sd, sd),
            Self::LogNormal { value, sd } => normal(Real::ln(value / mean) / sd, value * sd),
            Self::Binomial { successes, trials } => {
                let failures = trials - successes;
                ln_gamma(trials + 1.0) - ln_gamma(successes + 1.0) - ln_gamma(failures + 1.0)
                    + x_ln(successes, mean)
                    + x_ln(failures, 1.0 - mean)
            }
            Self::Poisson { count } => x_ln(count, mean) - mean - ln_gamma(count + 1.0),
            Self::NegativeBinomial { count, size } => {
                ln_gamma(count + size) - ln_gamma(size) - ln_gamma(count + 1.0)
                    + size * Real::ln(size / (size + mean))
                    + x_ln(count, mean / (size + mean))
            }
            Self::Survival {
                time,
                event: true,
                spread,
            } => normal(Real::ln(time / mean) / spread, time * spread),
            Self::Survival {
                time,
                event: false,
                spread,
            } => ln_survival(Real::ln(time / mean) / spread),
        }
    }

    /// The signed root of the deviance and its derivative by the mean; not finite where the mean is not allowed.
    #[must_use]
    pub fn residual(&self, mean: f64) -> (f64, f64) {
        if !self.allows(mean) {
            return (f64::INFINITY, f64::NAN);
        }
        match *self {
            Self::Normal { value, sd } => ((mean - value) / sd, 1.0 / sd),
            Self::LogNormal { value, sd }
            | Self::Survival {
                time: value,
                event: true,
                spread: sd,
            } => (Real::ln(mean / value) / sd, 1.0 / (mean * sd)),
            Self::Binomial { successes, trials } => {
                let failures = trials - successes;
                let half = x_ln_ratio(successes, trials * mean)
                    + x_ln_ratio(failures, trials * (1.0 - mean));
                let spread = mean * (1.0 - mean) / trials;
                signed_root(half, mean - successes / trials, spread)
            }
            Self::Poisson { count } => {
                let half = x_ln_ratio(count, mean) - (count - mean);
                signed_root(half, mean - count, mean)
            }
            Self::NegativeBinomial { count, size } => {
                let half = x_ln_ratio(count, mean)
                    - (count + size) * Real::ln((count + size) / (mean + size));
                signed_root(half, mean - count, mean * (1.0 + mean / size))
            }
            Self::Survival {
                time,
                event: false,
                spread,
            } => {
                let z = Real::ln(time / mean) / spread;
                let root = (-2.0 * ln_survival(z)).sqrt();
                let slope = hazard(z) / (spread * mean);
                // The model dies too early: the mean lies below what was seen.
                (-root, if root > 0.0 { slope / root } else { 0.0 })
            }
        }
    }
}

/// sign(d) √(2 half) with its derivative, for a mean that is `d` above the observation and a variance `variance` of
/// it: the derivative of `half` is d / variance. At d = 0 the derivative is the limit.
fn signed_root(half: f64, d: f64, variance: f64) -> (f64, f64) {
    let limit = 1.0 / variance.sqrt();
    // Below this the deviance is rounding, and the root is that of its first term.
    if d.abs() * limit < 1e-6 {
        return (d * limit, limit);
    }
    let root = (2.0 * half.max(0.0)).sqrt().copysign(d);
    (root, d / variance / root)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// SciPy 1.17.1: `norm.logpdf(y, mu, sd)`, `lognorm.logpdf(y, s, scale=mu)`, `binom.logpmf(k, n, p)`,
    /// `poisson.logpmf(k, mu)`, `nbinom.logpmf(k, size, size / (size + mu))`, `lognorm.logpdf` and `lognorm.logsf`
    /// `(t, s, scale=T)`, the second of them far out `norm.logsf(ln(260 / 130) / 0.08)`.
    const SCIPY: [(Likelihood, f64, f64); 13] = {
        use Likelihood::{Binomial, LogNormal, NegativeBinomial, Normal, Poisson, Survival};
        const fn survival(time: f64, event: bool) -> Likelihood {
            Survival {
                time,
                event,
                spread: 0.08,
            }
        }
        const fn binomial(successes: f64, trials: f64) -> Likelihood {
            Binomial { successes, trials }
        }
        const fn negative(count: f64, size: f64) -> Likelihood {
            NegativeBinomial { count, size }
        }
        [
            (
                Normal {
                    value: 13.0,
                    sd: 1.5,
                },
                12.0,
                -1.546_625_863_535_059_4,
            ),
            (
                LogNormal {
                    value: 13.0,
                    sd: 0.2,
                },
                12.0,
                -1.954_535_416_378_499,
            ),
            (binomial(7.0, 20.0), 0.3, -1.806_292_654_920_425_5),
            (binomial(0.0, 20.0), 0.01, -0.201_006_717_070_028_85),
            (binomial(1234.0, 10_000.0), 0.12, -4.955_110_628_810_416_5),
            (Poisson { count: 17.0 }, 12.5, -3.067_686_496_896_542),
            (Poisson { count: 0.0 }, 2.5, -2.5),
            (negative(17.0, 3.0), 12.5, -3.441_913_102_756_689),
            (negative(0.0, 0.5), 4.0, -1.098_612_288_668_109_8),
            (survival(121.0, true), 130.0, -3.591_124_487_961_476_3),
            (survival(126.0, false), 130.0, -0.427_749_781_819_645_3),
            (survival(260.0, false), 130.0, -40.626_449_795_872_16),
            (survival(60.0, false), 130.0, -2.125_722_033_882_046e-22),
        ]
    };

    #[test]
    fn densities_are_those_of_scipy() {
        for (likelihood, mean, value) in SCIPY {
            let found = likelihood.log_density(mean);
            // Far from the event even a probability next to 1 keeps its digits.
            let error = (found - value).abs() / value.abs();
            assert!(error <= 1e-10, "{likelihood:?} at {mean}: {found}, {value}");
        }
    }

    /// `LogNormalFitter().fit([119, 124, 128, 130, 133, 126, 122, 137], [1, 1, 1, 1, 1, 0, 1, 0])` of lifelines
    /// 0.30.3: `mu_`, `sigma_`, `log_likelihood_`.
    #[test]
    fn censored_survival_is_that_of_lifelines_and_highest_where_lifelines_says() {
        let (mu, spread) = (4.855_505_887_133_209_f64, 0.052_105_171_470_852_42);
        let times = [119.0, 124.0, 128.0, 130.0, 133.0, 126.0, 122.0, 137.0];
        let seen = [true, true, true, true, true, false, true, false];
        let animals = times.into_iter().zip(seen);
        let animals = animals.map(|(time, event)| Likelihood::Survival {
            time,
            event,
            spread,
        });
        let animals: Vec<Likelihood> = animals.collect();
        let sum = |mean: f64| animals.iter().map(|it| it.log_density(mean)).sum::<f64>();
        let best = Real::exp(mu);
        assert!(
            (sum(best) + 21.509_721_642_715_142).abs() < 1e-8,
            "{}",
            sum(best)
        );
        // Least squares over the residuals has its bottom at the same place.
        let gradient = |mean: f64| {
            let terms = animals.iter().map(|it| it.residual(mean));
            terms.map(|(residual, slope)| residual * slope).sum::<f64>()
        };
        assert!(gradient(best).abs() < 1e-5, "{}", gradient(best));
        assert!(gradient(best - 1.0) < -0.1 && gradient(best + 1.0) > 0.1);
    }

    #[test]
    fn squares_of_residuals_are_deviances_and_slopes_their_derivatives() {
        for (likelihood, mean, _) in SCIPY {
            let square = |mean: f64| 0.5 * likelihood.residual(mean).0.powi(2);
            let other = mean * 1.01;
            let gained = likelihood.log_density(mean) - likelihood.log_density(other);
            let error = square(other) - square(mean) - gained;
            assert!(error.abs() < 1e-10, "{likelihood:?}: {error}");
            let step = 1e-6 * mean;
            let rise = likelihood.residual(mean + step).0 - likelihood.residual(mean - step).0;
            let (_, slope) = likelihood.residual(mean);
            let error = (rise / (2.0 * step) - slope).abs() / slope.abs().max(1e-6);
            assert!(error < 1e-6, "{likelihood:?}: {slope}, {error}");
        }
    }

    #[test]
    fn a_mean_at_the_observation_leaves_nothing_and_has_a_slope() {
        let count = Likelihood::Poisson { count: 9.0 };
        let (residual, slope) = count.residual(9.0);
        assert_eq!(residual.to_bits(), 0.0_f64.to_bits());
        assert!((slope - 1.0 / 3.0).abs() < 1e-15);
        let near = count.residual(9.0 * (1.0 + 1e-6));
        assert!((near.0 - 3e-6).abs() < 1e-10 && (near.1 - slope).abs() < 1e-5);
        assert!(!count.residual(-1.0).0.is_finite());
        assert!(count.log_density(0.0).is_infinite());
    }
}
