//! Random streams: draws depend on (seed, name of the stream, number of the subject) only.
//!
//! A stream is the ChaCha8 key stream whose key is SHA-256(seed ‖ name) and whose stream number is
//! that of the subject. Streams with different names or numbers are independent, any of them can be
//! opened without drawing from another, and so no draw depends on the order of work, the number of
//! threads or what else is drawn.
//!
//! Source: D. J. Bernstein, "ChaCha, a variant of Salsa20" (2008); eight rounds.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use sha2::{Digest, Sha256};

use crate::normal;

mod binomial;

/// A stream of random numbers; see the module.
#[derive(Debug, Clone)]
pub struct Stream {
    generator: ChaCha8Rng,
}

impl Stream {
    /// Opens the stream `name` of subject (or replicate, point …) `number` under `seed`.
    #[must_use]
    pub fn new(seed: u64, name: &str, number: u64) -> Self {
        let mut digest = Sha256::new();
        digest.update(seed.to_le_bytes());
        digest.update(name.as_bytes());
        let mut generator = ChaCha8Rng::from_seed(digest.finalize().into());
        generator.set_stream(number);
        Self { generator }
    }

    /// 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.generator.next_u64()
    }

    /// A number from the uniform distribution on (0, 1); neither end is ever drawn.
    pub fn uniform(&mut self) -> f64 {
        const STEP: f64 = 1.0 / 4_503_599_627_370_496.0; // 2^-52
        // 52 random bits and a half step: exact in a double.
        ((self.bits() >> 12) as f64 + 0.5) * STEP
    }

    /// A number from the standard normal distribution, by inversion: one uniform number each.
    pub fn normal(&mut self) -> f64 {
        normal::quantile(self.uniform())
    }

    /// A whole number below `end`, each equally likely; 0 if `end` is 0.
    pub fn below(&mut self, end: u64) -> u64 {
        if end == 0 {
            return 0;
        }
        // Values above the last whole multiple of `end` would favour small results.
        let excess = (u64::MAX % end + 1) % end;
        loop {
            let bits = self.bits();
            if bits <= u64::MAX - excess {
                return bits % end;
            }
        }
    }

    /// Puts the elements into a random order, each order equally likely (Fisher and Yates).
    pub fn shuffle<T>(&mut self, elements: &mut [T]) {
        for last in (1..elements.len()).rev() {
            let other = self.below(last as u64 + 1) as usize;
            elements.swap(last, other);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_depends_on_seed_name_and_number_only() {
        let draw = |seed, name: &str, number| {
            let mut stream = Stream::new(seed, name, number);
            [stream.bits(), stream.bits()]
        };
        let one = draw(1, "subject", 7);
        assert_eq!(one, draw(1, "subject", 7));
        assert_ne!(one, draw(2, "subject", 7));
        assert_ne!(one, draw(1, "litter", 7));
        assert_ne!(one, draw(1, "subject", 8));
    }

    #[test]
    fn uniform_numbers_fill_the_open_interval_evenly() {
        let mut stream = Stream::new(1, "uniform", 0);
        let mut counts = [0_u32; 20];
        for _ in 0..200_000 {
            let number = stream.uniform();
            assert!(number > 0.0 && number < 1.0);
            counts[(number * 20.0) as usize] += 1;
        }
        // Chi-squared with 19 degrees of freedom exceeds 43.8 once in a thousand times.
        let chi: f64 = counts
            .iter()
            .map(|&count| (f64::from(count) - 1e4).powi(2) / 1e4)
            .sum();
        assert!(chi < 43.8, "{chi}");
    }

    #[test]
    fn whole_numbers_below_a_bound_are_even_and_orders_too() {
        let mut stream = Stream::new(3, "below", 0);
        let mut counts = [0_u32; 6];
        for _ in 0..60_000 {
            let mut order = [0, 1, 2];
            stream.shuffle(&mut order);
            let place = order[0] * 2 + usize::from(order[1] > order[2]);
            counts[place] += 1;
        }
        let chi: f64 = counts
            .iter()
            .map(|&count| (f64::from(count) - 1e4).powi(2) / 1e4)
            .sum();
        assert!(chi < 20.5, "{chi}: {counts:?}");
        assert_eq!(stream.below(0), 0);
        assert_eq!(stream.below(1), 0);
    }
}
