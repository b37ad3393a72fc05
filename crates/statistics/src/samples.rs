//! What a sample of numbers says of itself: mean, spread, quantiles.

/// The mean; `None` of nothing.
#[must_use]
pub fn mean(values: &[f64]) -> Option<f64> {
    if values.is_empty() {
        return None;
    }
    Some(values.iter().sum::<f64>() / values.len() as f64)
}

/// The standard deviation with n − 1 below; `None` of fewer than two values.
#[must_use]
pub fn standard_deviation(values: &[f64]) -> Option<f64> {
    if values.len() < 2 {
        return None;
    }
    let centre = mean(values)?;
    let squares: f64 = values.iter().map(|v| (v - centre) * (v - centre)).sum();
    Some((squares / (values.len() - 1) as f64).sqrt())
}

/// Puts values into ascending order; NaN comes last.
pub fn sort(values: &mut [f64]) {
    values.sort_unstable_by(f64::total_cmp);
}

/// The quantile of `probability` of values that are in ascending order, by linear interpolation between
/// them: with h = (n − 1) `probability`, the value at place h (type 7 of Hyndman and Fan, The American
/// Statistician 50 (1996) 361–365; what R and NumPy do). `None` of nothing or outside [0, 1].
///
/// ```
/// use gutbrain_statistics::samples;
/// assert_eq!(samples::quantile(&[1.0, 2.0, 4.0, 8.0], 0.5), Some(3.0));
/// ```
#[must_use]
pub fn quantile(sorted: &[f64], probability: f64) -> Option<f64> {
    if sorted.is_empty() || !(0.0..=1.0).contains(&probability) {
        return None;
    }
    let place = (sorted.len() - 1) as f64 * probability;
    let below = place.floor() as usize;
    let above = (below + 1).min(sorted.len() - 1);
    let share = place - below as f64;
    let (low, high) = (sorted[below], sorted[above]);
    // Not low + share · (high − low): equal neighbours stay exact, infinite ones do not become NaN.
    if share <= 0.0 || low.total_cmp(&high).is_eq() {
        return Some(low);
    }
    Some(low * (1.0 - share) + high * share)
}

/// The quantile of `probability` of weighted values (value, weight) in ascending order: linear between
/// values, each at the middle of its share of the weights; with equal weights type 5 of Hyndman and Fan.
/// Before the first and after the last middle it is the first and the last value. `None` of nothing, or
/// without weight.
#[must_use]
pub fn weighted_quantile(sorted: &[(f64, f64)], probability: f64) -> Option<f64> {
    let whole: f64 = sorted.iter().map(|(_, weight)| weight).sum();
    if !(0.0..=1.0).contains(&probability) || whole.total_cmp(&0.0).is_le() {
        return None;
    }
    let wanted = probability * whole;
    let mut before = 0.0;
    let mut last: Option<(f64, f64)> = None;
    for &(value, weight) in sorted {
        let middle = before + 0.5 * weight;
        if wanted <= middle {
            let Some((from, low)) = last else {
                return Some(value);
            };
            let share = (wanted - from) / (middle - from);
            return Some(low * (1.0 - share) + value * share);
        }
        last = Some((middle, value));
        before += weight;
    }
    sorted.last().map(|(value, _)| *value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_numpy() {
        // numpy.quantile([3, 1, 4, 1.5, 9, 2.6], q) of NumPy 2.2.6.
        let mut values = [3.0, 1.0, 4.0, 1.5, 9.0, 2.6];
        sort(&mut values);
        for (probability, expected) in [
            (0.0, 1.0),
            (0.05, 1.125),
            (0.25, 1.775),
            (0.5, 2.8),
            (0.9, 6.5),
            (1.0, 9.0),
        ] {
            let found = quantile(&values, probability).unwrap();
            assert!((found - expected).abs() < 1e-15 * expected, "{found}");
        }
    }

    #[test]
    fn nothing_has_no_quantile_and_infinite_values_stay_what_they_are() {
        assert_eq!(quantile(&[], 0.5), None);
        assert_eq!(quantile(&[1.0], 1.5), None);
        assert_eq!(quantile(&[1.0], f64::NAN), None);
        let far = [1.0, f64::INFINITY, f64::INFINITY];
        assert_eq!(quantile(&far, 0.75), Some(f64::INFINITY));
        assert_eq!(quantile(&far, 0.0), Some(1.0));
        assert_eq!(quantile(&[0.1; 7], 0.37), Some(0.1));
    }

    #[test]
    fn weighted_quantiles() {
        let equal: Vec<(f64, f64)> = [1.0, 2.0, 4.0, 8.0].map(|v| (v, 3.0)).to_vec();
        // numpy.quantile(…, method="hazen") of NumPy 2.2.6.
        for (probability, expected) in [(0.0, 1.0), (0.3, 1.7), (0.5, 3.0), (0.8, 6.8), (1.0, 8.0)]
        {
            let found = weighted_quantile(&equal, probability).unwrap();
            assert!((found - expected).abs() < 1e-12, "{found} {expected}");
        }
        // A weight of two is as good as two of them at the quantile between.
        let heavy = [(1.0, 1.0), (2.0, 8.0), (3.0, 1.0)];
        assert_eq!(weighted_quantile(&heavy, 0.5), Some(2.0));
        assert_eq!(weighted_quantile(&[], 0.5), None);
        assert_eq!(weighted_quantile(&[(1.0, 0.0)], 0.5), None);
    }

    #[test]
    fn mean_and_spread() {
        assert_eq!(mean(&[]), None);
        assert_eq!(standard_deviation(&[2.0]), None);
        assert_eq!(mean(&[1.0, 2.0, 6.0]), Some(3.0));
        let spread = standard_deviation(&[1.0, 2.0, 6.0]).unwrap();
        assert!((spread - 7.0_f64.sqrt()).abs() < 1e-15);
    }
}
