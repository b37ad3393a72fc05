//! Ranks.

/// The rank of every number from 1; equal numbers share the mean of their ranks. NaN has none: the
/// numbers must be comparable.
#[must_use]
pub fn average_ranks(numbers: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..numbers.len()).collect();
    order.sort_by(|&a, &b| numbers[a].total_cmp(&numbers[b]));
    let mut ranks = vec![0.0; numbers.len()];
    let mut first = 0;
    while first < order.len() {
        let value = numbers[order[first]];
        let equal = order[first..]
            .iter()
            // Not `==`: +0 and −0 are equal, and a lint forbids equality of floats for good reasons.
            .take_while(|&&index| numbers[index] <= value)
            .count()
            .max(1);
        let shared = first as f64 + 0.5 * (equal as f64 + 1.0);
        for &index in &order[first..first + equal] {
            ranks[index] = shared;
        }
        first += equal;
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_numbers_share_a_rank() {
        assert_eq!(
            average_ranks(&[3.0, 1.0, 3.0, -0.0, 0.0, 3.0]),
            [5.0, 3.0, 5.0, 1.5, 1.5, 5.0]
        );
        assert_eq!(average_ranks(&[]), [0.0; 0]);
    }
}
