//! The Sobol sequence: points that fill the cube evenly.
//!
//! Coordinate d of point i is the exclusive or of the direction numbers v_d,k over the bits k that
//! are set in the Gray code i ⊕ ⌊i/2⌋: any point is found by its number alone. The direction numbers
//! are those of Joe and Kuo ("new-joe-kuo-6"), here in 52 bits.
//!
//! Scrambled, a sequence keeps its evenness, and is uniform in every single point: each coordinate
//! passes a random lower triangular matrix over bits with ones on the diagonal and then a random shift
//! (Matoušek). The matrix is applied to the direction numbers, once, so a scrambled point costs no
//! more than a plain one.
//!
//! Take a power of two of points. Sources: S. Joe, F. Y. Kuo, SIAM J. Sci. Comput. 30 (2008)
//! 2635–2654; J. Matoušek, J. Complexity 14 (1998) 527–556.

use std::sync::LazyLock;

use sobol::Sobol;
use sobol::params::JoeKuoD6;

use crate::random::Stream;

/// Bits of a coordinate, as many as a double in [0, 1) has in equal steps and one less.
const BITS: usize = 52;

/// The most coordinates that there are direction numbers for.
pub const MOST_DIMENSIONS: usize = 1000;

/// They are stored compressed, and unpacked once.
static PARAMETERS: LazyLock<JoeKuoD6> = LazyLock::new(JoeKuoD6::standard);

/// Whether a sequence is scrambled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scrambling {
    /// The sequence as published; its first point is the origin.
    Plain,
    /// At random, by a seed; no coordinate is ever 0.
    Seeded(u64),
}

/// There are direction numbers for [`MOST_DIMENSIONS`] coordinates only.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a Sobol sequence has at most {MOST_DIMENSIONS} coordinates, and {wanted} are needed")]
pub struct TooManyDimensions {
    /// How many were asked for.
    pub wanted: usize,
}

/// A Sobol sequence; see the module.
#[derive(Debug, Clone, PartialEq)]
pub struct SobolSequence {
    /// One per coordinate: the direction numbers, from the lowest bit of the Gray code.
    directions: Vec<[u64; BITS]>,
    shifts: Vec<u64>,
    /// Added to every coordinate.
    offset: f64,
}

impl SobolSequence {
    /// A sequence of points with this many coordinates.
    ///
    /// # Errors
    /// [`TooManyDimensions`].
    pub fn new(dimensions: usize, scrambling: Scrambling) -> Result<Self, TooManyDimensions> {
        if dimensions > MOST_DIMENSIONS {
            return Err(TooManyDimensions { wanted: dimensions });
        }
        let published = Sobol::<f64>::init_direction_vals(dimensions, BITS, &*PARAMETERS);
        let directions = published.iter().map(|column| {
            // They come in the upper bits of 64.
            std::array::from_fn(|k| column[k] >> (64 - BITS))
        });
        let mut sequence = Self {
            directions: directions.collect(),
            shifts: vec![0; dimensions],
            offset: 0.0,
        };
        if let Scrambling::Seeded(seed) = scrambling {
            sequence.scramble(seed);
        }
        Ok(sequence)
    }

    fn scramble(&mut self, seed: u64) {
        // The middle of the cell of 2^-52 that the bits stand for.
        self.offset = 0.5 * STEP;
        for (dimension, directions) in self.directions.iter_mut().enumerate() {
            let mut stream = Stream::new(seed, "sobol scrambling", dimension as u64);
            self.shifts[dimension] = stream.bits() >> (64 - BITS);
            // Row r of the matrix makes bit r of the result, counted from the highest; it sees the
            // bits above it and always bit r itself.
            let rows: [u64; BITS] = std::array::from_fn(|row| {
                let own = 1_u64 << (BITS - 1 - row);
                let above = !(own | (own - 1)) & ((1 << BITS) - 1);
                own | (stream.bits() & above)
            });
            for direction in directions {
                let bits = rows.iter().enumerate().map(|(row, mask)| {
                    u64::from((mask & *direction).count_ones() & 1) << (BITS - 1 - row)
                });
                *direction = bits.sum();
            }
        }
    }

    /// Point `index`, which must be below 2^52.
    #[must_use]
    pub fn point(&self, index: u64) -> Vec<f64> {
        debug_assert!(index < 1 << BITS, "the sequence has 2^52 points");
        let gray = index ^ (index >> 1);
        self.directions
            .iter()
            .zip(&self.shifts)
            .map(|(directions, &shift)| {
                let (mut bits, mut left) = (shift, gray);
                while left != 0 {
                    bits ^= directions[left.trailing_zeros() as usize];
                    left &= left - 1;
                }
                bits as f64 * STEP + self.offset
            })
            .collect()
    }
}

const STEP: f64 = 1.0 / (1_u64 << BITS) as f64;

#[cfg(test)]
mod tests {
    use super::*;

    /// scipy.stats.qmc.Sobol(d, scramble=False) of SciPy 1.15.3: (point, coordinate, value).
    const PUBLISHED: &[(u64, usize, f64)] = &[
        (0, 0, 0.0),
        (0, 1, 0.0),
        (0, 2, 0.0),
        (0, 9, 0.0),
        (0, 99, 0.0),
        (0, 249, 0.0),
        (0, 499, 0.0),
        (0, 999, 0.0),
        (1, 0, 0.5),
        (1, 1, 0.5),
        (1, 2, 0.5),
        (1, 9, 0.5),
        (1, 99, 0.5),
        (1, 249, 0.5),
        (1, 499, 0.5),
        (1, 999, 0.5),
        (2, 0, 0.75),
        (2, 1, 0.25),
        (2, 2, 0.25),
        (2, 9, 0.75),
        (2, 99, 0.75),
        (2, 249, 0.25),
        (2, 499, 0.25),
        (2, 999, 0.75),
        (3, 0, 0.25),
        (3, 1, 0.75),
        (3, 2, 0.75),
        (3, 9, 0.25),
        (3, 99, 0.25),
        (3, 249, 0.75),
        (3, 499, 0.75),
        (3, 999, 0.25),
        (7, 0, 0.125),
        (7, 1, 0.625),
        (7, 2, 0.375),
        (7, 9, 0.875),
        (7, 99, 0.625),
        (7, 249, 0.625),
        (7, 499, 0.375),
        (7, 999, 0.375),
        (100, 0, 0.4140625),
        (100, 1, 0.2578125),
        (100, 2, 0.7734375),
        (100, 9, 0.6953125),
        (100, 99, 0.8828125),
        (100, 249, 0.0078125),
        (100, 499, 0.4921875),
        (100, 999, 0.9140625),
        (1023, 0, 0.0009765625),
        (1023, 1, 0.7529296875),
        (1023, 2, 0.6123046875),
        (1023, 9, 0.8505859375),
        (1023, 99, 0.5302734375),
        (1023, 249, 0.3759765625),
        (1023, 499, 0.4736328125),
        (1023, 999, 0.8564453125),
        (1024, 0, 0.00146484375),
        (1024, 1, 0.37646484375),
        (1024, 2, 0.44775390625),
        (1024, 9, 0.67138671875),
        (1024, 99, 0.35791015625),
        (1024, 249, 0.16748046875),
        (1024, 499, 0.62548828125),
        (1024, 999, 0.66259765625),
        (4999, 0, 0.1341552734375),
        (4999, 1, 0.6981201171875),
        (4999, 2, 0.6531982421875),
        (4999, 9, 0.3023681640625),
        (4999, 99, 0.2530517578125),
        (4999, 249, 0.3629150390625),
        (4999, 499, 0.3660888671875),
        (4999, 999, 0.9080810546875),
        (123_456_789, 0, 0.9758977368474007),
        (123_456_789, 1, 0.792431928217411),
        (123_456_789, 57, 0.4932321235537529),
        (123_456_789, 499, 0.7449677661061287),
        (123_456_789, 999, 0.055228568613529205),
    ];

    #[test]
    fn points_are_those_of_joe_and_kuo() {
        let sequence = SobolSequence::new(MOST_DIMENSIONS, Scrambling::Plain).unwrap();
        for &(index, coordinate, value) in PUBLISHED {
            let found = sequence.point(index)[coordinate];
            assert_eq!(
                found.to_bits(),
                value.to_bits(),
                "{index} {coordinate}: {found}"
            );
        }
        assert!(SobolSequence::new(MOST_DIMENSIONS + 1, Scrambling::Plain).is_err());
    }

    #[test]
    fn jumping_to_a_point_gives_what_counting_to_it_gives() {
        let dimensions = 40;
        let sequence = SobolSequence::new(dimensions, Scrambling::Plain).unwrap();
        let counted = Sobol::<f64>::new(dimensions, &JoeKuoD6::standard());
        for (index, expected) in counted.take(3000).enumerate() {
            assert_eq!(sequence.point(index as u64), expected);
        }
    }

    /// Whatever the scrambling, each of 2^m equal intervals of a coordinate, and each of 2^m equal
    /// boxes of the first two coordinates, holds one of the first 2^m points.
    #[test]
    fn scrambled_points_are_as_even_as_plain_ones() {
        for scrambling in [
            Scrambling::Plain,
            Scrambling::Seeded(1),
            Scrambling::Seeded(77),
        ] {
            let sequence = SobolSequence::new(300, scrambling).unwrap();
            let points: Vec<Vec<f64>> = (0..256).map(|index| sequence.point(index)).collect();
            for dimension in 0..300 {
                let mut seen = [0; 256];
                for point in &points {
                    seen[(point[dimension] * 256.0) as usize] += 1;
                }
                assert!(seen.iter().all(|&count| count == 1), "{dimension}");
            }
            for wide in 0..=8 {
                let (across, along) = (f64::from(1 << wide), f64::from(1 << (8 - wide)));
                let mut seen = [0; 256];
                for point in &points {
                    let (x, y) = ((point[0] * across) as usize, (point[1] * along) as usize);
                    seen[x * along as usize + y] += 1;
                }
                assert!(seen.iter().all(|&count| count == 1), "{wide}");
            }
        }
    }

    #[test]
    fn a_scrambled_point_is_uniform_over_the_seeds() {
        let mut counts = [0_u32; 16];
        for seed in 0..40_000 {
            let sequence = SobolSequence::new(3, Scrambling::Seeded(seed)).unwrap();
            let x = sequence.point(5)[2];
            assert!(x > 0.0 && x < 1.0);
            counts[(x * 16.0) as usize] += 1;
        }
        // Chi-squared with 15 degrees of freedom exceeds 37.7 once in a thousand times.
        let chi: f64 = counts
            .iter()
            .map(|&count| (f64::from(count) - 2.5e3).powi(2) / 2.5e3)
            .sum();
        assert!(chi < 37.7, "{chi}: {counts:?}");
    }
}
