//! Estimators of trials with visits: slopes by a mixed model, function and survival in one rank, ratios.
//!
//! | question | answer |
//! |---|---|
//! | does a treatment change the slope of what is measured at visits? | [`slope_difference`] |
//! | … with other fixed effects | [`Records`] and [`Records::fit`] |
//! | do arms differ in function and survival together? | [`joint_rank()`] |
//! | by what factor does a marker differ between two arms? | [`geometric_ratio()`] |
//!
//! Survival alone stands in [`crate::survival`]: stratified log-rank tests and Cox's model with strata.
//! What cannot be estimated is refused with its reason, a [`NotFitted`]; no result is NaN. Everything is
//! checked against statsmodels and SciPy by `tests/peers/longitudinal.py`.

mod joint_rank;
mod likelihood;
mod mixed;
mod ratio;
mod records;
mod slopes;
#[cfg(test)]
mod tests;

pub use joint_rank::{Course, JointRank, joint_rank};
pub use mixed::{Coefficient, Fit, Method, Variances};
pub use ratio::{GeometricRatio, Marker, geometric_ratio};
pub use records::Records;
pub use slopes::{Followed, SlopeDifference, slope_difference};

use thiserror::Error;

/// Why there is no number.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum NotFitted {
    /// A number that is NaN or infinite.
    #[error("the {what} of subject {subject} is not finite")]
    NotFinite {
        /// What it is: a time, an outcome, a covariate.
        what: &'static str,
        /// Number of the subject, from 0.
        subject: usize,
    },
    /// A marker that has no logarithm.
    #[error("the marker of subject {subject} is {value}; a ratio needs positive values")]
    NotPositive {
        /// Number of the subject, from 0; those of the second arm are counted on.
        subject: usize,
        /// What was given.
        value: f64,
    },
    /// Lists that do not match.
    #[error("subject {subject} has {given} {what} for {visits} visits")]
    Shape {
        /// What does not match.
        what: &'static str,
        /// Number of the subject, from 0.
        subject: usize,
        /// How many were given.
        given: usize,
        /// How many visits there are.
        visits: usize,
    },
    /// Too little was measured.
    #[error("{given} {what} are too few: at least {least} are needed")]
    TooFew {
        /// What is counted.
        what: &'static str,
        /// How many there are.
        given: usize,
        /// How many are needed.
        least: usize,
    },
    /// A fixed effect says nothing that the ones before it do not say.
    #[error("fixed effect {0} is a combination of those before it, or zero for everybody")]
    Collinear(usize),
    /// Nothing is left to explain: standard errors would be zero.
    #[error(
        "the fixed and random effects explain the outcomes exactly: there is no error to test with"
    )]
    NoResidual,
    /// Every subject has the same joint rank, or the same logarithm.
    #[error("all subjects are equal: nothing can be tested")]
    NoSpread,
    /// The search for the largest likelihood did not end.
    #[error("the likelihood has no maximum that {iterations} steps could find")]
    NotConverged {
        /// Steps that were made.
        iterations: usize,
    },
}
