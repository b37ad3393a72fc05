//! Designs of experiments: which points of the unit cube, or which levels, are computed.
//!
//! Every design gives any of its points by its number, without those before it: parts of a design can
//! be computed anywhere, in any order, and give the same points. Coordinates lie in [0, 1); a
//! [`Distribution`] maps them to values.
//!
//! | design | points |
//! |---|---|
//! | [`Grid`] | every combination of levels |
//! | [`LatinHypercube`] | random, each of N strata of each coordinate once |
//! | [`SobolSequence`] | evenly spread (low discrepancy), plain or scrambled |
//! | [`RandomPoints`] | independent |
//!
//! A list needs no design: point i takes the i-th value of every factor.

mod distribution;
mod grid;
mod latin_hypercube;
mod random_points;
mod sobol_sequence;

pub use distribution::{Distribution, DistributionError};
pub use grid::Grid;
pub use latin_hypercube::LatinHypercube;
pub use random_points::RandomPoints;
pub use sobol_sequence::{MOST_DIMENSIONS, Scrambling, SobolSequence, TooManyDimensions};
