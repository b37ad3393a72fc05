//! Survival statistics on plain slices: Kaplan–Meier, log-rank, hazard ratios, restricted means,
//! bootstrap intervals.
//!
//! A subject is an [`Observation`]: the age at its event, or the age until which it was seen without
//! one. A group is a slice of them. Strata (sex, litter) are labels beside a group, one per subject;
//! subjects are compared within a stratum only.
//!
//! | question | answer |
//! |---|---|
//! | what is the curve, its band, its median? | [`KaplanMeier`] |
//! | do groups differ? | [`RiskTable::log_rank`] |
//! | by what factor does the hazard differ between two arms? | [`RiskTable::hazard_ratio`] |
//! | … and with several covariates? | [`proportional_hazards::fit`] |
//! | how many days are gained up to a horizon? | [`restricted_mean::difference`] |
//! | and how sure is any other number? | [`bootstrap`] |
//!
//! What cannot be estimated is refused with its reason, a [`NotEstimable`]; no result is NaN.
//! Everything is checked against lifelines and statsmodels by `tests/peers/survival.py`.

pub mod bootstrap;
mod hazard_ratio;
mod kaplan_meier;
mod log_rank;
pub mod proportional_hazards;
pub mod restricted_mean;
mod risk_table;
#[cfg(test)]
mod tests;

pub use hazard_ratio::HazardRatio;
pub use kaplan_meier::{KaplanMeier, Median, Step, median, shown_steps};
pub use log_rank::{GroupCount, LogRank};
pub use risk_table::RiskTable;

use thiserror::Error;

use crate::normal;

/// One subject: the time of its event, or of the last look at it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Observation {
    /// Time of the event, or of censoring; finite and not negative.
    pub time: f64,
    /// Whether the event happened at that time; false is censored: later, if at all.
    pub event: bool,
}

impl Observation {
    /// A subject whose event happened at `time`.
    #[must_use]
    pub fn event(time: f64) -> Self {
        Self { time, event: true }
    }

    /// A subject that was last seen at `time`, without the event.
    #[must_use]
    pub fn censored(time: f64) -> Self {
        Self { time, event: false }
    }
}

/// A range that a quantity lies in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Its lower end.
    pub lower: f64,
    /// Its upper end.
    pub upper: f64,
}

/// How sure an interval is to be, between 0 and 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Confidence {
    level: f64,
    z: f64,
}

impl Confidence {
    /// A level strictly between 0 and 1, such as 0.95.
    #[must_use]
    pub fn new(level: f64) -> Option<Self> {
        (level > 0.0 && level < 1.0).then(|| Self {
            level,
            z: normal::quantile(0.5 + 0.5 * level),
        })
    }

    /// The usual 95 %.
    #[must_use]
    pub fn percent_95() -> Self {
        let level = 0.95;
        let z = normal::quantile(0.975);
        Self { level, z }
    }

    /// The level.
    #[must_use]
    pub fn level(self) -> f64 {
        self.level
    }

    /// The number of standard errors to either side.
    #[must_use]
    pub fn z(self) -> f64 {
        self.z
    }

    /// `centre` ± z `standard_error`.
    #[must_use]
    pub fn around(self, centre: f64, standard_error: f64) -> Interval {
        Interval {
            lower: centre - self.z * standard_error,
            upper: centre + self.z * standard_error,
        }
    }
}

/// Why there is no number.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum NotEstimable {
    /// A time that is NaN, infinite or negative.
    #[error(
        "subject {subject} of group {group} has the time {time}; it must be finite and not negative"
    )]
    Time {
        /// Number of the group, from 0.
        group: usize,
        /// Number of the subject in its group, from 0.
        subject: usize,
        /// What was given.
        time: f64,
    },
    /// Labels or covariates do not match the subjects.
    #[error("{given} {what} were given for {subjects} subjects")]
    Shape {
        /// What does not match: strata, covariates.
        what: &'static str,
        /// How many were given.
        given: usize,
        /// How many subjects there are.
        subjects: usize,
    },
    /// A covariate that is NaN or infinite.
    #[error("covariate {covariate} of subject {subject} is not finite")]
    Covariate {
        /// Number of the covariate, from 0.
        covariate: usize,
        /// Number of the subject, from 0.
        subject: usize,
    },
    /// Nobody is there.
    #[error("there are no subjects")]
    NoSubjects,
    /// Fewer than two groups have subjects.
    #[error("a comparison needs subjects in at least two groups")]
    OneGroup,
    /// A hazard ratio between more than two groups.
    #[error("a hazard ratio compares two groups, not {0}")]
    NotTwoGroups(usize),
    /// Every subject is censored.
    #[error("no event was observed")]
    NoEvents,
    /// At no event could subjects of different groups have fared differently.
    #[error(
        "no event could tell the groups apart: at each, only one group was at risk, or all who were had \
         the event at once"
    )]
    NoContrast,
    /// The groups are separated: the likelihood grows without end with the hazard ratio.
    #[error(
        "the groups are separated: while both were at risk only subjects with the {} covariate {covariate} had events, \
         the hazard ratio has no finite estimate",
        if *.higher { "higher" } else { "lower" }
    )]
    Separated {
        /// Number of the covariate, from 0 (0 is the group where two groups are compared).
        covariate: usize,
        /// Whether the hazard ratio grows (true) or falls to zero (false).
        higher: bool,
    },
    /// A combination of covariates separates the subjects.
    #[error("a combination of covariates separates the subjects: there is no finite estimate")]
    CombinationSeparates,
    /// A covariate says nothing that the ones before it do not say.
    #[error(
        "covariate {covariate} is a combination of those before it, or the same for everybody at risk"
    )]
    Collinear {
        /// Number of the covariate, from 0.
        covariate: usize,
    },
    /// The horizon of a restricted mean lies after the last look at a group that was still alive.
    #[error(
        "the horizon {horizon} lies after the last observation {last}, when subjects were still alive"
    )]
    BeyondFollowUp {
        /// The horizon.
        horizon: f64,
        /// The last time at which the group was seen.
        last: f64,
    },
    /// A horizon that is NaN, infinite or not positive.
    #[error("the horizon {0} must be finite and positive")]
    Horizon(f64),
    /// An interval of one subject (or litter).
    #[error("one {0} has no spread: there is no interval")]
    OneSubject(&'static str),
    /// The statistic to be resampled has no value for the sample itself.
    #[error("the statistic has no value for the sample itself")]
    NoStatistic,
    /// No resample gave the statistic, or there were fewer than two resamples.
    #[error("{failed} of {replicates} resamples have no value of the statistic")]
    Resamples {
        /// How many were drawn.
        replicates: usize,
        /// How many had no value.
        failed: usize,
    },
}

/// Refuses times that are NaN, infinite or negative.
fn check_times(group: usize, observations: &[Observation]) -> Result<(), NotEstimable> {
    for (subject, observation) in observations.iter().enumerate() {
        let time = observation.time;
        if !(time.is_finite() && time >= 0.0) {
            return Err(NotEstimable::Time {
                group,
                subject,
                time,
            });
        }
    }
    Ok(())
}

/// Whether two times are the same: bit for bit, with −0 taken as 0.
fn same_time(left: f64, right: f64) -> bool {
    (left + 0.0).to_bits() == (right + 0.0).to_bits()
}
