//! Axis ranges, tick positions and tick labels.
//!
//! Steps are 1, 2, 2.5 or 5 times a power of ten. Large and small numbers are written with a common
//! power of ten that belongs into the axis title. Everything is computed from decimal text, so no
//! logarithm of the machine's mathematics library decides over a label.

use gutbrain_numbers::Real;

use super::cell_axis::short;

/// Numbers beyond this are drawn at it: differences stay finite.
const LARGEST: f64 = 1e300;

/// Where an axis of shares ends: above 100 %, so that marks on a curve there are whole, and below
/// every next tick.
const MOST_PERCENT: f64 = 104.0;

/// Values that differ by less than this share of their size do not fill an axis.
const LEAST_SPAN: f64 = 0.1;

/// Powers of ten below this exponent are taken as zero.
const SMALLEST_EXPONENT: i32 = -290;

/// Lower and upper end of an axis, both finite, the upper one larger.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Range {
    /// Lower end.
    pub(super) low: f64,
    /// Upper end.
    pub(super) high: f64,
}

impl Range {
    /// An axis for these values; values that are not finite are ignored.
    ///
    /// The axis starts at zero when the values are positive and come near it. Values that differ by
    /// less than a tenth get an axis around them that does not blow their difference up.
    pub(super) fn around(values: impl IntoIterator<Item = f64>) -> Self {
        let Some(Self { low, high }) = Self::extent(values) else {
            return Self::UNIT;
        };
        let size = low.abs().max(high.abs());
        if high - low < LEAST_SPAN * size {
            let middle = 0.5 * low + 0.5 * high;
            return Self {
                low: middle - 0.1 * size,
                high: middle + 0.1 * size,
            };
        }
        let span = high - low;
        let from_zero = low >= 0.0 && low <= 0.5 * high;
        // More room above than below: event markers stand on the curves.
        Self {
            low: if from_zero { 0.0 } else { low - 0.05 * span },
            high: high + 0.09 * span,
        }
    }

    /// An axis for amounts: it starts at zero unless there are negative ones, so that all panels of a
    /// figure have the same baseline and a small difference looks small.
    pub(super) fn of_amounts(values: impl IntoIterator<Item = f64>) -> Self {
        match Self::extent(values) {
            Some(Self { low, high }) if low >= 0.0 => Self {
                low: 0.0,
                high: 1.09 * high,
            },
            Some(Self { low, high }) => Self::around([low, high]),
            None => Self::UNIT,
        }
    }

    /// An axis for positions such as ages, which the values fill.
    pub(super) fn spanning(values: impl IntoIterator<Item = f64>) -> Self {
        let Some(Self { low, high }) = Self::extent(values) else {
            return Self::UNIT;
        };
        let size = low.abs().max(high.abs());
        if high - low < 2e-4 * size {
            return Self {
                low: low - 0.1 * size,
                high: high + 0.1 * size,
            };
        }
        Self { low, high }
    }

    const UNIT: Self = Self {
        low: 0.0,
        high: 1.0,
    };

    /// Smallest and largest finite value, unless there is none or all are nearly zero.
    fn extent(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for value in values.into_iter().filter(|value| value.is_finite()) {
            let value = value.clamp(-LARGEST, LARGEST);
            low = low.min(value);
            high = high.max(value);
        }
        let size = low.abs().max(high.abs());
        let visible = low <= high && size > 0.0 && decimal_exponent(size) > SMALLEST_EXPONENT;
        visible.then_some(Self { low, high })
    }

    /// The axis of percentages: it ends at 100 where nothing is above, with a little room for marks.
    pub(super) fn of_percentages(self, values: impl IntoIterator<Item = f64>) -> Self {
        let finite = values.into_iter().filter(|value| value.is_finite());
        match finite.fold(f64::NEG_INFINITY, f64::max) {
            most if most <= 100.0 + 1e-9 && self.high > MOST_PERCENT => Self {
                high: MOST_PERCENT,
                ..self
            },
            _ => self,
        }
    }

    /// Where `value` lies on the axis: 0 at the lower end, 1 at the upper.
    pub(super) fn share(self, value: f64) -> f64 {
        (value.clamp(-LARGEST, LARGEST) - self.low) / (self.high - self.low)
    }
}

/// The ticks of an axis.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Ticks {
    /// Values and labels, from low to high.
    pub(super) marks: Vec<(f64, String)>,
    /// The labels are to be multiplied by ten to this power.
    pub(super) exponent: i32,
}

impl Ticks {
    /// About `count` ticks of months inside `range`: at parts of a year, then at whole years.
    pub(super) fn of_dozens(range: Range, count: usize) -> Self {
        let wanted = (range.high - range.low) / count.max(1) as f64;
        let steps = [1.0, 2.0, 3.0, 6.0, 12.0, 24.0, 36.0, 60.0, 120.0];
        let nearest = steps.into_iter().find(|step| wanted <= 1.25 * step);
        let Some(step) = nearest.filter(|_| wanted >= 0.75) else {
            return Self::nice(range, count);
        };
        let slack = 1e-9 * (range.high - range.low);
        let first = ((range.low - slack) / step).ceil();
        let values = (0..=4 * count.max(1)).map(|index| (first + index as f64) * step);
        let marks = values.take_while(|value| *value <= range.high + slack);
        Self {
            marks: marks.map(|value| (value, label(value, 0))).collect(),
            exponent: 0,
        }
    }

    /// About `count` ticks inside `range`.
    pub(super) fn nice(range: Range, count: usize) -> Self {
        let size = range.low.abs().max(range.high.abs());
        let largest = decimal_exponent(size);
        let exponent = if (-2..5).contains(&largest) {
            0
        } else {
            largest
        };
        let wanted = (range.high - range.low) / count.max(1) as f64;
        let power = decimal_exponent(wanted);
        let unit = power_of_ten(power);
        // Each step is taken up to its geometric mean with the next one. The third number is how
        // many decimals the step needs more than its power of ten.
        let (factor, _, extra) = [
            (1.0, 1.41, 0),
            (2.0, 2.23, 0),
            (2.5, 3.53, 1),
            (5.0, 7.07, 0),
        ]
        .into_iter()
        .find(|(_, until, _)| wanted <= until * unit)
        .unwrap_or((10.0, 10.0, -1));
        let step = factor * unit;
        let decimals = usize::try_from(exponent - power + extra).unwrap_or(0);
        let scale = power_of_ten(exponent);
        let slack = 1e-9 * (range.high - range.low);
        let first = ((range.low - slack) / step).ceil();
        let mut marks = Vec::new();
        let mut index = 0.0;
        loop {
            let value = (first + index) * step;
            if value > range.high + slack || marks.len() > 4 * count.max(1) {
                break;
            }
            marks.push((value, label(value / scale, decimals)));
            index += 1.0;
        }
        Self { marks, exponent }
    }
}

/// Ticks at 1, 2 and 5 times the powers of ten between positive values, or at the powers alone where
/// these are many.
pub(super) fn decades(values: impl IntoIterator<Item = f64>) -> Ticks {
    let ends = values
        .into_iter()
        .fold((f64::INFINITY, 0.0_f64), |(low, high), value| {
            (low.min(value), high.max(value))
        });
    let inside = |factors: &[u32]| -> Vec<f64> {
        let powers = (-30..30).flat_map(|power| {
            let scaled = factors
                .iter()
                .map(move |factor| format!("{factor}e{power}"));
            scaled.filter_map(|text| text.parse::<f64>().ok())
        });
        powers
            .filter(|value| (0.999 * ends.0..=1.001 * ends.1).contains(value))
            .collect()
    };
    let all = inside(&[1, 2, 5]);
    let chosen = if all.len() > 6 { inside(&[1]) } else { all };
    let mark = |value: f64| {
        let text = if (1e-3..1e4).contains(&value) {
            short(value)
        } else {
            let text = format!("{value:e}")
                .replace("1e", "10^{")
                .replace('-', "\u{2212}");
            match text.strip_prefix("10^{") {
                Some(_) => text + "}",
                None => text.replace("e", " × 10^{") + "}",
            }
        };
        (Real::ln(value), text)
    };
    Ticks {
        marks: chosen.into_iter().map(mark).collect(),
        exponent: 0,
    }
}

/// A number with a fixed count of decimals, a true minus, and no negative zero.
pub(super) fn label(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    match text.strip_prefix('-') {
        Some(size) if size.bytes().any(|digit| matches!(digit, b'1'..=b'9')) => {
            format!("\u{2212}{size}")
        }
        Some(size) => size.to_owned(),
        None => text,
    }
}

/// Exponent of a positive number in scientific notation; 0 for zero.
fn decimal_exponent(value: f64) -> i32 {
    let text = format!("{value:e}");
    text.split_once('e')
        .and_then(|(_, exponent)| exponent.parse().ok())
        .unwrap_or(0)
}

/// Ten to a whole power, rounded correctly.
pub(super) fn power_of_ten(exponent: i32) -> f64 {
    format!("1e{exponent}").parse().unwrap_or(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn labels(low: f64, high: f64, count: usize) -> (Vec<String>, i32) {
        let ticks = Ticks::nice(Range { low, high }, count);
        (
            ticks.marks.into_iter().map(|(_, label)| label).collect(),
            ticks.exponent,
        )
    }

    #[test]
    fn labels_are_short() {
        assert_eq!(
            labels(0.0, 1.06, 2),
            (vec!["0.0", "0.5", "1.0"].map_into(), 0)
        );
        assert_eq!(labels(-3.0, 3.0, 3), (vec!["−2", "0", "2"].map_into(), 0));
        assert_eq!(
            labels(0.0, 10.6, 4),
            (vec!["0.0", "2.5", "5.0", "7.5", "10.0"].map_into(), 0)
        );
        assert_eq!(
            labels(0.0, 0.0031, 3),
            (vec!["0", "1", "2", "3"].map_into(), -3)
        );
        assert_eq!(labels(0.0, 2.1e6, 2), (vec!["0", "1", "2"].map_into(), 6));
        assert_eq!(
            labels(21.0, 160.0, 3),
            (vec!["50", "100", "150"].map_into(), 0)
        );
    }

    trait MapInto {
        fn map_into(self) -> Vec<String>;
    }
    impl MapInto for Vec<&str> {
        fn map_into(self) -> Vec<String> {
            self.into_iter().map(str::to_owned).collect()
        }
    }

    #[test]
    fn axes_start_at_zero_where_that_is_honest() {
        assert!(Range::around([0.2, 1.0]).low.abs() < 1e-12);
        assert!(Range::around([0.9, 1.0]).low > 0.8);
        assert!(Range::around([-1.0, 1.0]).low < -1.0);
        let flat = Range::around([5.0, 5.0 + 1e-9]);
        assert!((flat.low - 4.5).abs() < 1e-6 && (flat.high - 5.5).abs() < 1e-6);
        let ages = Range::spanning([21.0, 250.0]);
        assert!((ages.high - 250.0).abs() < 1e-9, "{ages:?}");
        let late = Range::spanning([200.0, 250.0]);
        assert!((late.low - 200.0).abs() < 1e-9 && (late.high - 250.0).abs() < 1e-9);
    }

    #[test]
    fn small_differences_are_not_blown_up_and_shares_end_at_all() {
        for (low, high) in [(0.176, 0.182), (19.0, 20.5), (-20.5, -19.0)] {
            let Range {
                low: from,
                high: to,
            } = Range::around([low, high]);
            assert!(
                to - from > 0.19 * high.abs().max(low.abs()),
                "{from} to {to}"
            );
        }
        for values in [[0.176, 0.182], [60.0, 100.0], [5.0, 5.0]] {
            assert!(Range::of_amounts(values).low.abs() < 1e-12);
        }
        assert!(Range::of_amounts([-1.0, 2.0]).low < -1.0);
        for values in [[0.0, 100.0], [62.0, 99.0], [0.0, 12.0]] {
            let range = Range::of_amounts(values).of_percentages(values);
            for count in 2..8 {
                let ticks = Ticks::nice(range, count);
                let last = ticks.marks.last().map_or(0.0, |mark| mark.0);
                assert!(last <= 100.0 && range.high >= values[1], "{range:?} {last}");
            }
        }
        let beyond = Range::of_amounts([0.0, 130.0]).of_percentages([0.0, 130.0]);
        assert!(beyond.high > 130.0);
    }

    #[test]
    fn no_negative_zero() {
        assert_eq!(label(-0.0, 1), "0.0");
        assert_eq!(label(-0.04, 1), "0.0");
        assert_eq!(label(-0.06, 1), "−0.1");
    }

    proptest! {
        #[test]
        fn any_values_have_an_axis(
            values in prop::collection::vec(any::<f64>(), 0..6),
            count in 1_usize..8,
        ) {
            for range in [Range::around(values.clone()), Range::spanning(values.clone())] {
                prop_assert!(range.low.is_finite() && range.high.is_finite());
                prop_assert!(range.low < range.high, "{range:?}");
                let ticks = Ticks::nice(range, count);
                prop_assert!(ticks.marks.len() <= 4 * count + 1);
                for (value, label) in &ticks.marks {
                    let share = range.share(*value);
                    prop_assert!((-1e-6..=1.0 + 1e-6).contains(&share), "{range:?} {value}");
                    prop_assert!(label.chars().count() <= 14, "{range:?} {label}");
                }
                for value in values.iter().filter(|value| value.is_finite()) {
                    let share = range.share(*value);
                    prop_assert!(share.is_finite());
                }
            }
        }
    }
}
