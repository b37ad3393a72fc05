//! Analyses: many simulations, one question.
//!
//! - [`calibrate`]: which parameter values, inside their documented ranges, agree with the evidence?

pub mod calibrate;
