//! Latin hypercube samples.
//!
//! With N points every coordinate is cut into N equal strata, and each stratum of each coordinate
//! holds exactly one point, at a random place in it. The strata of a coordinate are shuffled by a
//! keyed permutation of {0, …, N − 1} that is computed, not stored, so that any point is known by its
//! number alone: a Feistel network on the next even number of bits, repeated until the result falls
//! below N (cycle walking).
//!
//! Sources: M. D. McKay, R. J. Beckman, W. J. Conover, Technometrics 21 (1979) 239–245; J. Black,
//! P. Rogaway, "Ciphers with arbitrary finite domains", CT-RSA 2002 (cycle walking).

use crate::random::Stream;

const ROUNDS: usize = 6;

/// Bits of half a number at least: on fewer the network does not reach all orders evenly.
const LEAST_HALF: u32 = 5;

/// A random sample of the unit cube with one point in every stratum of every coordinate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LatinHypercube {
    points: u64,
    seed: u64,
    shuffles: Vec<Shuffle>,
}

impl LatinHypercube {
    /// A sample of this many points and coordinates.
    #[must_use]
    pub fn new(points: u64, dimensions: usize, seed: u64) -> Self {
        let shuffles = (0..dimensions as u64)
            .map(|dimension| Shuffle::new(points, seed, dimension))
            .collect();
        Self {
            points,
            seed,
            shuffles,
        }
    }

    /// Point `index`; `None` beyond the last one.
    #[must_use]
    pub fn point(&self, index: u64) -> Option<Vec<f64>> {
        if index >= self.points {
            return None;
        }
        let mut stream = Stream::new(self.seed, "latin hypercube place", index);
        let strata = self.points as f64;
        let place = |shuffle: &Shuffle| (shuffle.place(index) as f64 + stream.uniform()) / strata;
        // Rounding must not carry the last stratum to 1.
        let below_one = 1.0 - f64::EPSILON / 2.0;
        let point = self.shuffles.iter().map(place);
        Some(point.map(|x| x.min(below_one)).collect())
    }
}

/// A keyed permutation of the whole numbers below `size`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Shuffle {
    size: u64,
    half: u32,
    keys: [u64; ROUNDS],
}

impl Shuffle {
    fn new(size: u64, seed: u64, dimension: u64) -> Self {
        let mut stream = Stream::new(seed, "latin hypercube strata", dimension);
        let bits = u64::BITS - size.saturating_sub(1).leading_zeros();
        Self {
            size,
            half: bits.div_ceil(2).max(LEAST_HALF),
            keys: std::array::from_fn(|_| stream.bits()),
        }
    }

    fn place(&self, index: u64) -> u64 {
        let mut place = index;
        loop {
            place = self.permute(place);
            if place < self.size {
                return place;
            }
        }
    }

    /// The Feistel network: a permutation of the numbers of `2 * half` bits.
    fn permute(&self, number: u64) -> u64 {
        let mask = (1_u64 << self.half) - 1;
        let (mut left, mut right) = (number >> self.half, number & mask);
        for key in self.keys {
            (left, right) = (right, left ^ (mix(right ^ key) & mask));
        }
        (left << self.half) | right
    }
}

/// Mixes all bits into all bits (the finaliser of SplitMix64; G. L. Steele, D. Lea, C. H. Flood,
/// OOPSLA 2014).
fn mix(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_stratum_of_every_coordinate_holds_one_point(
            points in 1_u64..700,
            dimensions in 1_usize..6,
            seed: u64,
        ) {
            let sample = LatinHypercube::new(points, dimensions, seed);
            let rows: Vec<Vec<f64>> = (0..points).map(|i| sample.point(i).unwrap()).collect();
            prop_assert_eq!(sample.point(points), None);
            for dimension in 0..dimensions {
                let mut seen = vec![0_u32; points as usize];
                for row in &rows {
                    prop_assert!((0.0..1.0).contains(&row[dimension]));
                    seen[(row[dimension] * points as f64) as usize] += 1;
                }
                prop_assert!(seen.iter().all(|&count| count == 1));
            }
        }
    }

    #[test]
    fn orders_of_few_points_are_all_met_about_as_often() {
        let mut counts = std::collections::BTreeMap::<Vec<u64>, u32>::new();
        for seed in 0..24_000 {
            let shuffle = Shuffle::new(4, seed, 0);
            *counts
                .entry((0..4).map(|i| shuffle.place(i)).collect())
                .or_default() += 1;
        }
        assert_eq!(counts.len(), 24);
        // Chi-squared with 23 degrees of freedom exceeds 49.7 once in a thousand times.
        let chi: f64 = counts
            .values()
            .map(|&count| (f64::from(count) - 1e3).powi(2) / 1e3)
            .sum();
        assert!(chi < 49.7, "{chi}: {counts:?}");
    }

    #[test]
    fn coordinates_are_not_correlated_and_seeds_matter() {
        let points = 10_000;
        let sample = LatinHypercube::new(points, 5, 1);
        let rows: Vec<Vec<f64>> = (0..points).map(|i| sample.point(i).unwrap()).collect();
        for a in 0..5 {
            for b in 0..a {
                let products = rows.iter().map(|row| (row[a] - 0.5) * (row[b] - 0.5));
                let correlation = 12.0 * products.sum::<f64>() / points as f64;
                assert!(correlation.abs() < 4e-2, "{a} {b}: {correlation}");
            }
        }
        assert_ne!(sample.point(3), LatinHypercube::new(points, 5, 2).point(3));
        assert_eq!(LatinHypercube::new(0, 2, 1).point(0), None);
    }
}
