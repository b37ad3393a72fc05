//! Analyses: many simulations, one question.
//!
//! - [`calibrate`]: which parameter values, inside their documented ranges, agree with the evidence?
//! - [`validate`]: what does the model say about every row of evidence that it is fitted to or tested on?
//! - [`uncertainty`]: how sure is a number, given priors and fitted rows?

pub mod calibrate;
pub mod uncertainty;
pub mod validate;
