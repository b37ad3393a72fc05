//! Independent uniform points.

use crate::random::Stream;

/// Independent points, uniform in the open unit cube.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RandomPoints {
    dimensions: usize,
    seed: u64,
}

impl RandomPoints {
    /// Points of this many coordinates.
    #[must_use]
    pub fn new(dimensions: usize, seed: u64) -> Self {
        Self { dimensions, seed }
    }

    /// Point `index`.
    #[must_use]
    pub fn point(&self, index: u64) -> Vec<f64> {
        let mut stream = Stream::new(self.seed, "random points", index);
        (0..self.dimensions).map(|_| stream.uniform()).collect()
    }
}
