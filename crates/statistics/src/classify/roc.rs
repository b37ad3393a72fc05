//! The area under the receiver operating characteristic.

use gutbrain_numbers::Real;

use crate::normal;

/// 97.5 % point of the standard normal distribution.
const Z: f64 = 1.959_963_984_540_054;

/// An area with its interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Area {
    /// The chance that a case has more than a control; ties count half.
    pub value: f64,
    /// Its standard error.
    pub error: f64,
    /// Bounds of the 95 % interval, symmetric on the scale of log odds so that they stay inside 0 and 1; of a
    /// complete separation, whose error is 0, Hanley and McNeil's rule of three: none of n pairs was the other way.
    pub interval: (f64, f64),
}

/// The area of cases against controls; nothing with fewer than two of either.
///
/// Placements: of a case, the share of controls below it; of a control, the share of cases above. The variance is
/// that of placements of cases over their number, and the same of controls.
#[must_use]
pub fn area(cases: &[f64], controls: &[f64]) -> Option<Area> {
    if cases.len() < 2 || controls.len() < 2 {
        return None;
    }
    let above = placements(cases, controls);
    let below: Vec<f64> = placements(controls, cases)
        .iter()
        .map(|it| 1.0 - it)
        .collect();
    let (m, n) = (cases.len() as f64, controls.len() as f64);
    let value = above.iter().sum::<f64>() / m;
    let variance = |places: &[f64]| {
        let squares = places.iter().map(|it| (it - value) * (it - value));
        let count = places.len() as f64;
        squares.sum::<f64>() / (count - 1.0) / count
    };
    let error = (variance(&above) + variance(&below)).sqrt();
    let fewest = m.min(n);
    let interval = if value <= 0.0 {
        (0.0, 3.0 / fewest)
    } else if value >= 1.0 {
        (1.0 - 3.0 / fewest, 1.0)
    } else {
        let odds = Real::ln(value / (1.0 - value));
        let half = Z * error / (value * (1.0 - value));
        let share = |odds: f64| 1.0 / (1.0 + Real::exp(-odds));
        (share(odds - half), share(odds + half))
    };
    Some(Area {
        value,
        error,
        interval,
    })
}

/// Of every value, the share of others that are less, ties half.
fn placements(of: &[f64], others: &[f64]) -> Vec<f64> {
    let mut sorted = others.to_vec();
    sorted.sort_by(f64::total_cmp);
    let count = sorted.len() as f64;
    of.iter()
        .map(|value| {
            let less = sorted.partition_point(|it| it < value);
            let upto = sorted.partition_point(|it| it <= value);
            0.5 * (less + upto) as f64 / count
        })
        .collect()
}

/// What is asked of an area.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Precision {
    /// A 95 % interval of at most this half-width.
    HalfWidth(f64),
    /// To be told from chance at 0.05, two-sided, in this share of studies.
    Power(f64),
}

/// Cases, and as many controls, for an area; nothing if a million are too few, the area is
/// that of chance, or a width is asked of an area of 1.
#[must_use]
pub fn people_for(area: f64, asked: Precision) -> Option<u64> {
    let area = area.max(1.0 - area);
    if area >= 1.0 && matches!(asked, Precision::HalfWidth(_)) {
        // A sample without an overlap says nothing of how wide an interval would be.
        return None;
    }
    let enough = |people: u64| match asked {
        Precision::HalfWidth(half) => Z * variance(area, people).sqrt() <= half,
        Precision::Power(power) => {
            let chance = Z * variance(0.5, people).sqrt();
            let true_one = normal::quantile(power) * variance(area, people).sqrt();
            chance + true_one <= area - 0.5
        }
    };
    let (mut low, mut high) = (1, 2);
    while !enough(high) {
        if high > 1_000_000 {
            return None;
        }
        (low, high) = (high, 2 * high);
    }
    while high - low > 1 {
        let middle = low.midpoint(high);
        if enough(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
    Some(high)
}

/// Variance of an area with so many cases and as many controls.
fn variance(area: f64, people: u64) -> f64 {
    let n = people as f64;
    let one = area / (2.0 - area);
    let two = 2.0 * area * area / (1.0 + area);
    let square = area * area;
    (area * (1.0 - area) + (n - 1.0) * (one - square + two - square)) / (n * n)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Stream;

    #[test]
    fn small_areas_are_counted_by_hand() {
        // Of 3 × 2 pairs four are right, one is a tie.
        let found = area(&[3.0, 1.0, 4.0], &[2.0, 1.0]).unwrap();
        assert!((found.value - 4.5 / 6.0).abs() < 1e-15, "{found:?}");
        // Placements of cases 1, 1/4, 1 about 3/4: variance 3/16 over 3; of controls 2/3, 5/6: 1/72 over 2.
        let variance = 3.0 / 16.0 / 3.0 + 1.0 / 72.0 / 2.0;
        assert!(
            (found.error - f64::sqrt(variance)).abs() < 1e-15,
            "{found:?}"
        );
        assert_eq!(area(&[1.0], &[2.0, 3.0]), None);
        let whole = area(&[5.0, 6.0, 7.0], &[1.0, 2.0, 3.0]).unwrap();
        assert_eq!((whole.value, whole.error), (1.0, 0.0));
    }

    /// A normal marker whose cases lie one standard deviation higher: Φ(1/√2) = 0.760250.
    #[test]
    fn intervals_hold_the_truth_as_often_as_they_say() {
        let truth = 0.760_250;
        let mut held = 0;
        let (mut errors, mut found) = (0.0, Vec::new());
        for number in 0..2000 {
            let mut stream = Stream::new(5, "area", number);
            let cases: Vec<f64> = (0..40).map(|_| 1.0 + stream.normal()).collect();
            let controls: Vec<f64> = (0..60).map(|_| stream.normal()).collect();
            let it = area(&cases, &controls).unwrap();
            held += u32::from(it.interval.0 <= truth && truth <= it.interval.1);
            errors += it.error;
            found.push(it.value);
        }
        // Four standard errors of 2,000 draws at 95 %.
        let share = f64::from(held) / 2000.0;
        assert!((share - 0.95).abs() < 0.0195, "{share}");
        let mean = found.iter().sum::<f64>() / 2000.0;
        let sd = crate::samples::standard_deviation(&found).unwrap();
        assert!((mean - truth).abs() < 4.0 * sd / 2000_f64.sqrt(), "{mean}");
        assert!((errors / 2000.0 / sd - 1.0).abs() < 0.05);
    }

    #[test]
    fn sizes_give_what_was_asked() {
        let people = people_for(0.8, Precision::HalfWidth(0.05)).unwrap();
        assert!(Z * variance(0.8, people).sqrt() <= 0.05);
        assert!(Z * variance(0.8, people - 1).sqrt() > 0.05);
        // Both directions are one.
        assert_eq!(people_for(0.2, Precision::HalfWidth(0.05)), Some(people));
        assert_eq!(people_for(0.5, Precision::Power(0.8)), None);
        assert_eq!(
            people_for(1.0, Precision::HalfWidth(0.05)),
            None,
            "no overlap, no width"
        );
        let few = people_for(0.7, Precision::Power(0.8)).unwrap();
        let mut seen = 0;
        // A normal marker with this area: d = √2 Φ⁻¹(0.7) = 0.741614.
        for number in 0..1000 {
            let mut stream = Stream::new(6, "sizes", number);
            let cases: Vec<f64> = (0..few).map(|_| 0.741_614 + stream.normal()).collect();
            let controls: Vec<f64> = (0..few).map(|_| stream.normal()).collect();
            seen += u32::from(area(&cases, &controls).unwrap().interval.0 > 0.5);
        }
        assert!(
            (f64::from(seen) / 1000.0 - 0.8).abs() < 0.07,
            "{few} {seen}"
        );
    }
}
