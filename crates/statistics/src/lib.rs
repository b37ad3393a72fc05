//! Statistics that know numbers only: random streams, designs, and estimators for survival,
//! longitudinal data and sensitivity.
//!
//! Nothing here knows a model, a file or a scenario. Everything is deterministic: the same input gives
//! the same bits on every x86-64 processor, because elementary functions come from `gutbrain_numbers`
//! and sums have a fixed order.

#![forbid(unsafe_code)]

pub mod chains;
pub mod chi_squared;
mod cholesky;
pub mod classify;
pub mod designs;
mod gamma;
pub mod likelihood;
pub mod longitudinal;
pub mod normal;
pub mod random;
pub mod samples;
pub mod sensitivity;
pub mod student;
pub mod survival;
