//! Markov chains: have they mixed, and how many independent draws are they worth?
//!
//! Input: chains of equal length, one slice of draws each. Every chain is cut into halves, draws are
//! replaced by the normal quantiles of their ranks over all chains, z = Φ⁻¹((r − 3/8) / (S + 1/4)).
//!
//! - [`r_hat`]: √(variance of all draws / variance within chains); the larger of that of the ranks
//!   and that of the ranks of distances from the median. 1 when the chains agree; above 1.01 they do
//!   not.
//! - [`effective_size`]: S / τ with the autocorrelation time τ from Geyer's initial monotone sequence
//!   of autocorrelations over all chains.
//!
//! Source: A. Vehtari, A. Gelman, D. Simpson, B. Carpenter, P.-C. Bürkner, Bayesian Analysis 16 (2021)
//! 667–718, doi:10.1214/20-BA1221. C. J. Geyer, Statistical Science 7 (1992) 473–483.

use gutbrain_numbers::Real;

use crate::normal;
use crate::samples::{self, mean};
use crate::sensitivity::average_ranks;

/// Fewest draws of a chain that say anything: two in each half.
const FEWEST: usize = 4;

/// Rank-normalised R-hat of split chains; `None` of chains that are too short, unequal, not finite or
/// without any variation.
#[must_use]
pub fn r_hat(chains: &[&[f64]]) -> Option<f64> {
    let halves = halves(chains)?;
    let mut all: Vec<f64> = halves.concat();
    samples::sort(&mut all);
    let centre = samples::quantile(&all, 0.5)?;
    let distances: Vec<Vec<f64>> = halves
        .iter()
        .map(|half| half.iter().map(|x| (x - centre).abs()).collect())
        .collect();
    let bulk = plain_r_hat(&normal_scores(&halves))?;
    let tails = plain_r_hat(&normal_scores(&distances))?;
    Some(bulk.max(tails))
}

/// How many independent draws the chains are worth for the centre of the distribution; `None` as with
/// [`r_hat`].
#[must_use]
pub fn effective_size(chains: &[&[f64]]) -> Option<f64> {
    plain_effective_size(&normal_scores(&halves(chains)?))
}

/// The smaller of the effective sizes for the 5 % and the 95 % quantile; `None` as with [`r_hat`].
#[must_use]
pub fn effective_size_of_tails(chains: &[&[f64]]) -> Option<f64> {
    let mut all: Vec<f64> = chains.concat();
    samples::sort(&mut all);
    let below = |probability: f64| {
        let quantile = samples::quantile(&all, probability)?;
        let hits: Vec<Vec<f64>> = chains
            .iter()
            .map(|chain| chain.iter().map(|&x| f64::from(u8::from(x <= quantile))))
            .map(Iterator::collect)
            .collect();
        let slices: Vec<&[f64]> = hits.iter().map(Vec::as_slice).collect();
        plain_effective_size(&halves(&slices)?)
    };
    Some(below(0.05)?.min(below(0.95)?))
}

/// The first and the last half of every chain; the draw in the middle of an odd number is left out.
fn halves(chains: &[&[f64]]) -> Option<Vec<Vec<f64>>> {
    let length = chains.first()?.len();
    let usable = |chain: &&[f64]| chain.len() == length && chain.iter().all(|x| x.is_finite());
    if length < FEWEST || !chains.iter().all(usable) {
        return None;
    }
    let half = length / 2;
    let both = |chain: &&[f64]| [chain[..half].to_vec(), chain[length - half..].to_vec()];
    Some(chains.iter().flat_map(both).collect())
}

fn normal_scores(chains: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let ranks = average_ranks(&chains.concat());
    let size = ranks.len() as f64;
    let score = |rank: &f64| normal::quantile((rank - 0.375) / (size + 0.25));
    let length = chains.first().map_or(1, Vec::len).max(1);
    ranks
        .chunks(length)
        .map(|chain| chain.iter().map(score).collect())
        .collect()
}

/// Variance within chains, and the pooled estimate that includes the variance between them.
fn variances(chains: &[Vec<f64>]) -> Option<(f64, f64)> {
    let length = chains.first()?.len() as f64;
    let centres: Vec<f64> = chains.iter().map(|c| mean(c)).collect::<Option<_>>()?;
    let squares = |(chain, centre): (&Vec<f64>, &f64)| -> f64 {
        chain.iter().map(|x| (x - centre) * (x - centre)).sum()
    };
    let sums: Vec<f64> = chains.iter().zip(&centres).map(squares).collect();
    let within = mean(&sums)? / (length - 1.0);
    let mut pooled = within * (length - 1.0) / length;
    if let Some(between) = samples::standard_deviation(&centres) {
        pooled += between * between;
    }
    (within > 0.0).then_some((within, pooled))
}

fn plain_r_hat(chains: &[Vec<f64>]) -> Option<f64> {
    let (within, pooled) = variances(chains)?;
    Some((pooled / within).sqrt())
}

fn plain_effective_size(chains: &[Vec<f64>]) -> Option<f64> {
    let (within, pooled) = variances(chains)?;
    let length = chains.first()?.len();
    let draws = (chains.len() * length) as f64;
    let centres: Vec<f64> = chains.iter().map(|c| mean(c)).collect::<Option<_>>()?;
    let correlation = |lag: usize| {
        let covariance = |(chain, centre): (&Vec<f64>, &f64)| -> f64 {
            let pairs = chain.iter().zip(&chain[lag..]);
            let sum: f64 = pairs.map(|(a, b)| (a - centre) * (b - centre)).sum();
            sum / length as f64
        };
        let all: Vec<f64> = chains.iter().zip(&centres).map(covariance).collect();
        1.0 - (within - mean(&all).unwrap_or(0.0)) / pooled
    };
    // Sums of neighbours at an even and the following odd lag are positive for a reversible chain: the
    // sequence ends where they are not.
    let (mut even, mut odd) = (1.0, correlation(1));
    let mut correlations = vec![even, odd];
    let mut last = 1;
    while last + 3 < length && even + odd > 0.0 {
        even = correlation(last + 1);
        odd = correlation(last + 2);
        let known = even + odd >= 0.0;
        correlations.extend(if known { [even, odd] } else { [0.0, 0.0] });
        last += 2;
    }
    // The last pair does not count in full: only its even member, if that is positive.
    correlations.truncate(last.max(2));
    if even > 0.0
        && let Some(end) = correlations.last_mut()
    {
        *end = even;
    }
    let end = correlations.pop().unwrap_or(0.0);
    // Nor do sums rise.
    for place in (2..correlations.len()).step_by(2) {
        let earlier = correlations[place - 2] + correlations[place - 1];
        if let [first, second] = &mut correlations[place..place + 2]
            && *first + *second > earlier
        {
            (*first, *second) = (0.5 * earlier, 0.5 * earlier);
        }
    }
    let sum: f64 = correlations.iter().sum();
    let time = (2.0 * sum - 1.0 + end).max(Real::ln(10.0) / Real::ln(draws));
    Some(draws / time)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Autoregressive chains, the same bits everywhere.
    fn series(chains: usize, length: usize, memory: f64, offset: f64) -> Vec<Vec<f64>> {
        let chain = |number: usize| {
            let (mut state, mut x) = (number as u64 + 1, 0.0);
            let mut next = || {
                state = (1_103_515_245 * state + 12_345) % (1 << 31);
                x = memory * x + state as f64 / 2_147_483_648.0 - 0.5;
                x + offset * number as f64
            };
            (0..length).map(|_| next()).collect()
        };
        (0..chains).map(chain).collect()
    }

    fn slices(chains: &[Vec<f64>]) -> Vec<&[f64]> {
        chains.iter().map(Vec::as_slice).collect()
    }

    #[test]
    fn numbers_are_those_of_arviz() {
        // arviz.rhat(method="rank"), arviz.ess(method="bulk"), method="tail" of ArviZ 0.23.4.
        let expected = [
            (
                4,
                500,
                0.9,
                0.0,
                1.018_985_116_040_527_4,
                134.707_833_235_531_1,
                288.363_321_890_803_1,
            ),
            (
                4,
                501,
                0.3,
                0.0,
                1.002_007_425_895_289,
                1_000.738_939_482_833_2,
                1_349.695_628_732_926_7,
            ),
            (
                3,
                200,
                0.95,
                0.5,
                1.052_090_137_561_528_6,
                31.756_667_698_590_704,
                58.367_381_062_766_924,
            ),
            (
                2,
                400,
                -0.4,
                0.0,
                0.999_274_319_349_417,
                2_119.725_785_244_196,
                800.890_240_725_446_1,
            ),
        ];
        let close = |found: f64, wanted: f64| (found / wanted - 1.0).abs() < 1e-9;
        for (number, length, memory, offset, hat, bulk, tails) in expected {
            let chains = series(number, length, memory, offset);
            let chains = slices(&chains);
            let found = r_hat(&chains).expect("they vary");
            assert!(close(found, hat), "{found} {hat}");
            let found = effective_size(&chains).expect("they vary");
            assert!(close(found, bulk), "{found} {bulk}");
            let found = effective_size_of_tails(&chains).expect("they vary");
            assert!(close(found, tails), "{found} {tails}");
        }
    }

    #[test]
    fn what_does_not_vary_or_is_too_short_says_nothing() {
        assert_eq!(r_hat(&[]), None);
        assert_eq!(r_hat(&[&[1.0, 2.0, 3.0]]), None);
        assert_eq!(r_hat(&[&[1.0; 20], &[1.0; 20]]), None);
        assert_eq!(effective_size(&[&[1.0; 20]]), None);
        assert_eq!(r_hat(&[&[1.0, f64::NAN, 2.0, 3.0, 1.0]]), None);
        assert_eq!(r_hat(&[&[0.0, 1.0, 2.0, 3.0], &[0.0, 1.0]]), None);
    }

    #[test]
    fn chains_that_disagree_are_seen() {
        let apart = series(4, 400, 0.2, 3.0);
        assert!(r_hat(&slices(&apart)).expect("they vary") > 2.0);
        let alike = series(4, 400, 0.2, 0.0);
        assert!(r_hat(&slices(&alike)).expect("they vary") < 1.02);
    }
}
