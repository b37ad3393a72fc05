//! Telling two groups apart: areas under the curve with intervals, a panel of markers, sample sizes.
//!
//! - [`area`]: the area under the receiver operating characteristic, the chance that a case has more than a
//!   control, with the standard error of DeLong, DeLong and Clarke-Pearson (Biometrics 44 (1988) 837–845).
//! - [`people_for`]: how many cases, and as many controls, an area needs to be known to so much, or to be seen,
//!   by the variance of Hanley and McNeil (Radiology 143 (1982) 29–36).
//! - [`Logistic`]: logistic regression with a ridge penalty, by Newton's method.
//! - [`cross_validated`]: scores of subjects by fits to the others.

mod logistic;
mod roc;

pub use logistic::{Logistic, NotSeparable, cross_validated};
pub use roc::{Area, Precision, area, people_for};
