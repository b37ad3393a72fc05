//! What a sweep leaves: one row per point and arm, what they come to, and figures.
//!
//! [`SweepColumns`] turns rows into tables with the same columns for every block; [`Tally`] and
//! [`Landscape`] read tables as they pass, point by point, and never hold all of them, so that a sweep,
//! a merge of shards and a figure drawn again come to the same.

mod columns;
mod figures;
mod landscape;
mod tally;

pub use columns::SweepColumns;
pub(super) use columns::is_numeric;
pub use figures::figures;
pub use landscape::Landscape;
pub use tally::{Extreme, SweepSummary, Tally};
