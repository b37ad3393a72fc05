//! What happens between the samples of a step: where a value comes close to zero, or crosses it twice.

use super::PARTS;

/// Points of the search on the polynomial inside one part.
const FINE: usize = 8;

/// Whether the polynomial through the samples certainly has no [`dips`] and no change of sign.
///
/// With m and w the middle and the half width of the samples, the polynomial of degree four through
/// five equidistant samples stays within m ± Λ w, Λ = 2.208 (its Lebesgue constant): all of it is on
/// one side of zero, and nowhere nearer than half of any sample, if |m| - Λ w > (|m| + w) / 2.
#[inline]
pub(super) fn stays_clear(values: &[f64; PARTS + 1]) -> bool {
    let (mut low, mut high) = (values[0], values[0]);
    for &value in &values[1..] {
        // NaN never makes a bound, but the sum below keeps it.
        low = if value < low { value } else { low };
        high = if value > high { value } else { high };
    }
    let nothing: f64 = values.iter().map(|value| value * 0.0).sum();
    let (middle, width) = (0.5 * (high + low) + nothing, 0.5 * (high - low));
    middle.abs() - 2.25 * width > 0.5 * (middle.abs() + width)
}

/// Fractions of the step, inside one part of it, where the polynomial through the five samples
/// comes closest to zero or crosses it although both ends of the part have the same sign.
pub(super) fn dips(values: &[f64], part: usize) -> Vec<f64> {
    let (left, right) = (values[part], values[part + 1]);
    if (left < 0.0 && right > 0.0) || (left > 0.0 && right < 0.0) {
        return Vec::new();
    }
    let sign = if left + right >= 0.0 { 1.0 } else { -1.0 };
    let differences = divided_differences(values);
    let height = |fraction: f64| sign * interpolate(&differences, fraction);
    let width = 1.0 / PARTS as f64;
    let fine = width / FINE as f64;
    let start = part as f64 * width;
    let mut lowest = (start, height(start));
    for index in 1..FINE {
        let fraction = start + index as f64 * fine;
        let value = height(fraction);
        if value < lowest.1 {
            lowest = (fraction, value);
        }
    }
    let end_height = height(start + width);
    let nearest = if end_height < lowest.1 {
        (start + width, end_height)
    } else {
        lowest
    };
    // The vertex of the parabola through the lowest point and its neighbours.
    let (before, here, after) = (
        height(nearest.0 - fine),
        nearest.1,
        height(nearest.0 + fine),
    );
    let bend = before - 2.0 * here + after;
    let mut fractions = Vec::new();
    if bend > 0.0 {
        let vertex = nearest.0 + 0.5 * fine * (before - after) / bend;
        let smaller_end = if left.abs() < right.abs() {
            left.abs()
        } else {
            right.abs()
        };
        let inside = vertex > start && vertex < start + width;
        // Only a dip well below both ends can hide a crossing.
        if inside && height(vertex) < 0.5 * smaller_end {
            fractions.push(vertex);
        }
    }
    let interior = nearest.0 > start && nearest.0 < start + width;
    if interior && nearest.1 <= 0.0 {
        fractions.push(nearest.0);
        fractions.sort_by(f64::total_cmp);
    }
    fractions
}

/// What the polynomial of degree four through values at 0, 1/4, 1/2, 3/4, 1 is made of (Newton's form).
fn divided_differences(values: &[f64]) -> [f64; PARTS + 1] {
    let mut differences = [0.0; PARTS + 1];
    differences.copy_from_slice(&values[..=PARTS]);
    for level in 1..=PARTS {
        for index in (level..=PARTS).rev() {
            differences[index] = (differences[index] - differences[index - 1]) / level as f64;
        }
    }
    differences
}

/// That polynomial.
fn interpolate(differences: &[f64; PARTS + 1], fraction: f64) -> f64 {
    let x = fraction * PARTS as f64;
    let mut sum = differences[PARTS];
    for level in (0..PARTS).rev() {
        sum = differences[level] + (x - level as f64) * sum;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The quick test never says that nothing happens where the search would find something.
    #[test]
    fn what_stays_clear_has_no_dips() {
        let mut state = 1_u64;
        let mut random = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 11) as f64 / (1_u64 << 53) as f64
        };
        let mut clear = 0;
        for _ in 0..200_000 {
            let offset = 4.0 * random() - 2.0;
            let values: [f64; PARTS + 1] = std::array::from_fn(|_| offset + random() - 0.5);
            if stays_clear(&values) {
                clear += 1;
                for part in 0..PARTS {
                    assert!(dips(&values, part).is_empty(), "{values:?}");
                    assert!(values[part] * values[part + 1] > 0.0, "{values:?}");
                }
            }
        }
        assert!(clear > 20_000, "{clear}");
        assert!(!stays_clear(&[1.0, f64::NAN, 1.0, 1.0, 1.0]));
        assert!(!stays_clear(&[1.0, f64::INFINITY, 1.0, 1.0, 1.0]));
    }
}
