//! Numbers of successes.

use gutbrain_numbers::Real;

use super::Stream;
use crate::gamma::ln_gamma;

impl Stream {
    /// Successes among `trials`, each with probability `p` (taken as 0 below it, as 1 above).
    ///
    /// By inversion from the mode outwards: one uniform number, and a way as long as the standard
    /// deviation. Source: C. D. Kemp, Communications in Statistics – Simulation and Computation 15
    /// (1986) 805–813.
    pub fn binomial(&mut self, trials: u64, p: f64) -> u64 {
        if trials == 0 || p.is_nan() || p <= 0.0 {
            return 0;
        }
        if p >= 1.0 {
            return trials;
        }
        let (n, odds) = (trials as f64, p / (1.0 - p));
        // The mode: never above the number of trials, because p is below 1.
        let mode = ((n + 1.0) * p).floor().min(n);
        let ways = ln_gamma(n + 1.0) - ln_gamma(mode + 1.0) - ln_gamma(n - mode + 1.0);
        let chance = Real::exp(ways + mode * Real::ln(p) + (n - mode) * Real::ln(1.0 - p));
        let mut left = self.uniform() - chance;
        let (mut up, mut down) = ((mode, chance), (mode, chance));
        while left > 0.0 {
            if down.0 > 0.0 {
                down.1 *= down.0 / ((n - down.0 + 1.0) * odds);
                down.0 -= 1.0;
                left -= down.1;
                if left <= 0.0 {
                    return down.0 as u64;
                }
            }
            if up.0 < n {
                up.1 *= (n - up.0) * odds / (up.0 + 1.0);
                up.0 += 1.0;
                left -= up.1;
                if left <= 0.0 {
                    return up.0 as u64;
                }
            }
            // What rounding leaves when all numbers have been passed.
            if up.1 <= 0.0 && down.1 <= 0.0 || up.0 >= n && down.0 <= 0.0 {
                break;
            }
        }
        mode as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Chances of all numbers, by the recurrence from zero successes on.
    fn chances(trials: u64, p: f64) -> Vec<f64> {
        let mut chances = vec![(1.0 - p).powi(i32::try_from(trials).unwrap())];
        for k in 0..trials {
            let ratio = (trials - k) as f64 / (k + 1) as f64 * p / (1.0 - p);
            chances.push(chances[k as usize] * ratio);
        }
        chances
    }

    #[test]
    fn numbers_come_as_often_as_they_should() {
        for (trials, p) in [(1, 0.3), (7, 0.01), (7, 0.99), (40, 0.5), (300, 0.03)] {
            let mut stream = Stream::new(2, "binomial", trials);
            let mut counts = vec![0_u32; trials as usize + 1];
            const DRAWS: f64 = 200_000.0;
            for _ in 0..200_000 {
                counts[stream.binomial(trials, p) as usize] += 1;
            }
            let (mut chi, mut cells) = (0.0, 0.0);
            let (mut rare, mut seen) = (0.0, 0.0);
            for (chance, count) in chances(trials, p).into_iter().zip(counts) {
                let (expected, count) = (DRAWS * chance, f64::from(count));
                if expected < 10.0 {
                    rare += expected;
                    seen += count;
                } else {
                    chi += (count - expected).powi(2) / expected;
                    cells += 1.0;
                }
            }
            // Five standard deviations; the rare ones together.
            let freedom: f64 = cells - 1.0;
            assert!(
                chi < freedom + 5.0 * (2.0 * freedom).sqrt().max(1.0),
                "{trials} {p}: {chi}"
            );
            assert!(
                (seen - rare).abs() <= 5.0 * rare.sqrt().max(1.0),
                "{seen} {rare}"
            );
        }
    }

    #[test]
    fn mean_and_spread_of_many_trials() {
        let mut stream = Stream::new(3, "binomial", 0);
        for p in [1e-5, 0.02, 0.37, 0.999] {
            let (n, draws) = (10_000.0, 50_000.0);
            let (mut sum, mut squares) = (0.0, 0.0);
            for _ in 0..50_000 {
                let away = stream.binomial(10_000, p) as f64 - n * p;
                sum += away;
                squares += away * away;
            }
            let variance = n * p * (1.0 - p);
            assert!((sum / draws).abs() < 5.0 * (variance / draws).sqrt(), "{p}");
            // The fourth moment of a binomial distribution is 3 v² + v (1 − 6 p (1 − p)).
            let fourth = 2.0 * variance * variance + variance * (1.0 - 6.0 * p * (1.0 - p));
            let error = (squares / draws - variance).abs();
            assert!(error < 5.0 * (fourth / draws).sqrt(), "{p}: {error}");
        }
    }

    #[test]
    fn ends() {
        let mut stream = Stream::new(4, "binomial", 0);
        assert_eq!(stream.binomial(0, 0.5), 0);
        assert_eq!(stream.binomial(9, 0.0), 0);
        assert_eq!(stream.binomial(9, -1.0), 0);
        assert_eq!(stream.binomial(9, f64::NAN), 0);
        assert_eq!(stream.binomial(9, 1.5), 9);
        assert_eq!(stream.binomial(9, 1.0), 9);
        for p in [1e-300, 1.0 - 1e-16] {
            assert!(stream.binomial(1_000_000, p) <= 1_000_000);
        }
    }
}
