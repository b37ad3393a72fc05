//! Arms that are alike in what is known at entry: of every stratum as many go to each arm as the design allots.

use gutbrain_statistics::random::Stream;

/// Parts people of these strata into a control arm of `size` and a treated arm of `treated`, given by their
/// places: stratum by stratum in the ratio of the arms, whom chance chooses. What does not divide is carried to
/// the next stratum, so that the arms get their sizes.
pub(super) fn part(
    strata: &[u64],
    size: usize,
    treated: usize,
    stream: &mut Stream,
) -> [Vec<usize>; 2] {
    let mut known: Vec<u64> = strata.to_vec();
    known.sort_unstable();
    known.dedup();
    let mut arms = [Vec::with_capacity(size), Vec::with_capacity(treated)];
    let mut seen = 0;
    for stratum in known {
        let of_it = (0..strata.len()).filter(|place| strata[*place] == stratum);
        let mut places: Vec<usize> = of_it.collect();
        stream.shuffle(&mut places);
        seen += places.len();
        // Controls among all that were seen so far, rounded.
        let wanted = (2 * seen * size + size + treated) / (2 * (size + treated));
        let more = wanted.saturating_sub(arms[0].len()).min(places.len());
        arms[1].extend(places.split_off(more));
        arms[0].extend(places);
    }
    arms
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strata_are_alike_in_the_arms_and_arms_have_their_sizes() {
        let strata: Vec<u64> = (0..90).map(|place| u64::from(place % 9 < 2)).collect();
        let mut stream = Stream::new(3, "strata", 0);
        let arms = part(&strata, 30, 60, &mut stream);
        assert_eq!(arms.each_ref().map(Vec::len), [30, 60]);
        let upper = |arm: &[usize]| arm.iter().filter(|place| strata[**place] == 1).count();
        // 20 of 90 are of the upper stratum: a third of them are controls.
        assert_eq!(upper(&arms[0]) + upper(&arms[1]), 20);
        assert!((6..=7).contains(&upper(&arms[0])), "{arms:?}");
        let mut all: Vec<usize> = arms.concat();
        all.sort_unstable();
        assert_eq!(all, (0..90).collect::<Vec<_>>());
        // Who goes where is left to chance.
        let other = part(&strata, 30, 60, &mut stream);
        assert_ne!(arms, other);
    }
}
