//! Analyses: many simulations, one question.
//!
//! - [`trial`]: would this experiment have told us anything?
//! - [`active`]: which entries of the model act in a scenario?
//! - [`attribute`]: which pathways carry the difference between two arms?
//! - [`biomarkers`]: what tells those who will fall ill, how long before?
//! - [`calibrate`]: which parameter values, inside their documented ranges, agree with the evidence?
//! - [`portable`]: what does another program need to do that?
//! - [`validate`]: what does the model say about every row of evidence that it is fitted to or tested on?
//! - [`intervals`]: how much of a cohort's spread comes from parameters, how much from animals?
//! - [`own_data`]: how far is the model from a laboratory's own data?
//! - [`range`]: what an ensemble leaves open of a number.
//! - [`survey`]: the same features of many parameter vectors.
//! - [`points`]: what happens at many values of some factors?
//! - [`sensitivity`]: which unknowns does an answer depend on?
//! - [`uncertainty`]: how sure is a number, given priors and fitted rows?

pub mod active;
pub mod attribute;
pub mod biomarkers;
pub mod calibrate;
mod dense;
pub mod intervals;
pub mod own_data;
pub mod points;
pub mod portable;
pub mod range;
pub mod sensitivity;
pub mod survey;
pub mod trial;
pub mod uncertainty;
pub mod validate;
