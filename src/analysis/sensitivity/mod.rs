//! Sensitivity: which unknowns does an answer of the model depend on?
//!
//! The story:
//! 1. [`inputs`](inputs()) are the parameters that act, each with its prior, its compartment, its
//!    pathway and what its value rests on; [`Output`]s are the numbers that are asked for.
//! 2. A [`Sample`] gives rows of points; [`Study::live`] lives a block of rows through
//!    [`super::points`]. Every point that failed is there, with a reason and without numbers.
//! 3. [`estimate`](estimate()) turns the values into indices with intervals, and shows whether they
//!    still move with the size of the sample. Every index says how many cases it used and how many
//!    were lost.
//! 4. [`local`](local()) needs no sample: exact derivatives at the values of the preset.
//!
//! The dummy is an input that does nothing. In a correlation its index is chance alone. An elementary
//! effect of it is exactly 0, because a deterministic model gives the same number twice. Of shares of
//! variance its first order is that of [`gutbrain_statistics::sensitivity::variance`], which needs no
//! points of its own, and its total is exactly 0.

mod estimate;
mod inputs;
mod local;
mod sample;
mod study;

pub use crate::scenario::Output;
pub use estimate::{Convergence, INDICES, Index, Indices, estimate};
pub use inputs::{ASSUMED, DUMMY, Group, Input, PARTLY_ASSUMED, groups, inputs};
pub use local::local;
pub use sample::{Sample, SampleError};
pub use study::{PointValues, SensitivityError, Study, Trouble, Values};
