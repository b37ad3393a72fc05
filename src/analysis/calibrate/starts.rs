//! Start points of a fit: a seeded Latin hypercube.
//!
//! Each parameter's range (on the scale of its coordinate) is cut into as many strata as there are
//! points; every stratum holds exactly one point, at a random place, in a random order. The draws
//! depend on the seed alone.

/// SplitMix64 (Steele, Lea & Flood 2014, doi:10.1145/2714064.2660195): small, seeded, the same
/// everywhere.
struct SplitMix(u64);

impl SplitMix {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Uniform in [0, 1).
    fn uniform(&mut self) -> f64 {
        // The upper 32 bits: exact in a float, and finer than any start point needs.
        let bits = u32::try_from(self.next() >> 32).unwrap_or(u32::MAX);
        f64::from(bits) / 4_294_967_296.0
    }

    /// Uniform in 0..bound.
    fn below(&mut self, bound: usize) -> usize {
        // The bias of the remainder is below bound / 2⁶⁴.
        usize::try_from(self.next() % (bound.max(1) as u64)).unwrap_or(0)
    }
}

/// `points` points in the unit cube of `dimension` coordinates, row by row.
pub(super) fn latin_hypercube(points: usize, dimension: usize, seed: u64) -> Vec<Vec<f64>> {
    let mut random = SplitMix(seed);
    let mut cube = vec![vec![0.0; dimension]; points];
    for coordinate in 0..dimension {
        let mut strata: Vec<usize> = (0..points).collect();
        for last in (1..points).rev() {
            strata.swap(last, random.below(last + 1));
        }
        for (point, stratum) in cube.iter_mut().zip(strata) {
            point[coordinate] = (stratum as f64 + random.uniform()) / points as f64;
        }
    }
    cube
}

#[cfg(test)]
mod tests {
    use super::latin_hypercube;

    #[test]
    fn every_stratum_holds_one_point() {
        let cube = latin_hypercube(7, 3, 5);
        for coordinate in 0..3 {
            let mut strata: Vec<usize> = cube
                .iter()
                .map(|point| (point[coordinate] * 7.0) as usize)
                .collect();
            strata.sort_unstable();
            assert_eq!(strata, [0, 1, 2, 3, 4, 5, 6]);
        }
    }

    #[test]
    fn the_seed_decides() {
        assert_eq!(latin_hypercube(5, 2, 9), latin_hypercube(5, 2, 9));
        assert_ne!(latin_hypercube(5, 2, 9), latin_hypercube(5, 2, 10));
    }
}
