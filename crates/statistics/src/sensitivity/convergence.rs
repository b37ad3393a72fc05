//! Does an index still move as the sample grows?
//!
//! The estimators of [`super::variance`], [`super::morris`] and [`super::rank_correlation`] take any
//! number of rows from the start of a sample; computed at the sizes given here they show it.

/// Sizes at which an index is computed again: the whole sample, halved up to `halvings` times but not
/// below `least`; rising.
#[must_use]
pub fn sizes(all: usize, least: usize, halvings: u32) -> Vec<usize> {
    let mut sizes: Vec<usize> = (0..=halvings)
        .map(|halving| all >> halving)
        .take_while(|&size| size >= least.max(1))
        .collect();
    if sizes.is_empty() && all > 0 {
        sizes.push(all);
    }
    sizes.reverse();
    sizes
}

#[cfg(test)]
mod tests {
    use super::sizes;

    #[test]
    fn sizes_halve_and_end_with_all() {
        assert_eq!(sizes(1024, 100, 6), [128, 256, 512, 1024]);
        assert_eq!(sizes(7, 100, 6), [7]);
        assert_eq!(sizes(64, 1, 2), [16, 32, 64]);
        assert!(sizes(0, 1, 3).is_empty());
    }
}
