//! Global sensitivity: which inputs an output depends on.
//!
//! | method | answers | cost in points |
//! |---|---|---|
//! | [`morris`] | which inputs matter at all, and whether their effect is constant | r (k + 1) |
//! | [`variance`] | the share of the output's variance an input explains: alone, and with others | N (k + 2) |
//! | [`rank_correlation`] | how strongly output rises with an input, the others held | N |
//!
//! A point that failed has no output (`None`). It takes out what cannot be computed without it, and
//! nothing else; every [`Estimate`] says how many cases it used and how many failed. Outputs are finite.
//!
//! Intervals come from bootstraps seeded like everything else, or from theory where that is exact
//! enough; the level is always 95 %.

pub mod convergence;
pub mod morris;
mod partial_correlation;
pub mod rank_correlation;
mod ranks;
pub mod variance;

pub use ranks::average_ranks;

use crate::random::Stream;
use crate::samples;

/// Share of an interval.
pub const LEVEL: f64 = 0.95;

/// A value with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The value.
    pub value: f64,
    /// Lower end of the interval; not above the value, but for the bias of a bootstrap.
    pub lower: f64,
    /// Upper end of the interval.
    pub upper: f64,
}

/// A value, and what it rests on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// `None` when too few cases are left, or the output does not vary.
    pub interval: Option<Interval>,
    /// Cases (effects, rows, points) that were used.
    pub used: usize,
    /// Cases that were lost to failed points.
    pub failed: usize,
}

/// How bootstraps are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bootstrap {
    /// How many resamples; 0 gives intervals of no width.
    pub resamples: u32,
    /// Seed of the draws.
    pub seed: u64,
}

impl Bootstrap {
    /// The stream of draws for one estimate.
    fn stream(&self, name: &str, number: usize) -> Stream {
        Stream::new(self.seed, name, number as u64)
    }
}

/// The interval between the outer quantiles of resampled values (percentile bootstrap).
fn percentile_interval(value: f64, mut resampled: Vec<f64>) -> Interval {
    resampled.retain(|x| x.is_finite());
    samples::sort(&mut resampled);
    let tail = 0.5 * (1.0 - LEVEL);
    let end = |share| samples::quantile(&resampled, share).unwrap_or(value);
    Interval {
        value,
        lower: end(tail),
        upper: end(1.0 - tail),
    }
}
