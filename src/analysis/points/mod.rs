//! Points: the experiment of a scenario at many values of some factors.
//!
//! In order:
//! 1. [`Design`] gives point `i` of a sweep, whatever came before it: one [`Setting`] per factor.
//! 2. [`Points::simulate`] takes a block of points. Factors that are parameters change the values of
//!    animals; factors that are paths of the scenario make a configuration of it, one per
//!    combination of their values within the block. A variant that is no experiment (a dose after the
//!    end) is a point that was not run, with the reason.
//! 3. Every point is one animal per arm, or a cohort per arm. Lives that are the same at several
//!    points (the control, where only the dose varies) are simulated once per block.
//! 4. Every point and arm becomes a [`Row`]: onset, end, features, and for cohorts the statistics of
//!    survival ([`GroupNumbers`]).
//!
//! Rows depend on the point alone: neither on its block nor on its neighbours, threads or shards.

mod answers;
mod configurations;
mod design;
mod groups;
mod lives;
mod placed;

pub use crate::scenario::{Factor, FactorTarget, Levels, Question, Scale, Setting};
pub use design::Design;
pub use groups::GroupNumbers;
pub use lives::{Point, Points, PointsError, Row, RowStatus};
