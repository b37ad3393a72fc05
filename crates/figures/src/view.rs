//! What part of the data a figure shows: a window of ages, and axes that are logarithmic.

use std::collections::BTreeSet;

use gutbrain_numbers::Real;

use super::panel::{Axis, Item, Panel};
use super::ticks::{Range, Ticks, decades};

/// The smallest share of a logarithmic axis that lies beyond the values on either side.
const MARGIN: f64 = 0.05;

/// Said in a panel of which a window shows nothing.
pub(super) const NOTHING_IN_WINDOW: &str = "no values in this window";
/// Said in a legend of an arm that a window does not show.
pub(super) const ABSENT: &str = " (nothing in this window)";
/// Said in a panel of a logarithmic axis without a place for any value.
const NOTHING_POSITIVE: &str = "no value above 0: nothing has a place on a logarithmic axis";
/// Said in a panel for which nobody has enough values.
const NO_VALUE: &str = "no values to draw";

/// What part of the data a figure shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct View {
    /// First age on the horizontal axis; `None`: what the data need.
    pub from: Option<f64>,
    /// Last age on it; `None`: what the data need.
    pub to: Option<f64>,
    /// Variables whose vertical axis is logarithmic: curves pause where a value is not positive.
    pub logarithmic: BTreeSet<String>,
}

impl View {
    /// Whether the horizontal axis is not the one that the data need.
    fn is_window(&self) -> bool {
        self.from.is_some() || self.to.is_some()
    }

    /// What a legend adds to the name of an arm that has values, none of them in the window.
    pub(super) fn absence(
        &self,
        has_values: bool,
        ages: impl IntoIterator<Item = (f64, f64)>,
    ) -> &'static str {
        let seen = |(from, to): (f64, f64)| {
            self.from.is_none_or(|edge| to >= edge) && self.to.is_none_or(|edge| from <= edge)
        };
        match has_values && self.is_window() && !ages.into_iter().any(seen) {
            true => ABSENT,
            false => "",
        }
    }

    /// The horizontal axis, of data that need `all`.
    pub(super) fn ages(&self, all: Range) -> Range {
        let low = self.from.unwrap_or(all.low);
        let high = self.to.unwrap_or(all.high);
        match low < high {
            true => Range { low, high },
            // All data lie beyond an end that was asked for: an empty window at it.
            false => Range::spanning([low, low + 1.0]),
        }
    }

    /// What lies in the window of these items.
    pub(super) fn within(&self, items: Vec<Item>, ages: Range) -> Vec<Item> {
        match self.is_window() {
            true => items.into_iter().flat_map(|item| cut(item, ages)).collect(),
            false => items,
        }
    }

    /// A panel of `variable` as it is seen; `fit` says which axis values in its unit get.
    pub(super) fn panel(
        &self,
        panel: Panel,
        variable: &str,
        fit: impl Fn(&[f64]) -> Range,
    ) -> Panel {
        let mut panel = panel;
        if self.is_window() {
            panel.items = self.within(panel.items, panel.horizontal.range);
            let range = fit(&heights(&panel.items));
            panel.vertical = Axis::new(&panel.vertical.title, &panel.vertical.unit, range, 4);
            panel = panel.noted(NOTHING_IN_WINDOW);
        }
        panel = panel.noted(NO_VALUE);
        if self.logarithmic.contains(variable) {
            panel.items = panel.items.into_iter().flat_map(logarithmic).collect();
            let values = heights(&panel.items);
            // Without a positive value there is nothing to draw, and the axis says little.
            if !values.is_empty() {
                let Range { low, high } = Range::spanning(values.iter().copied());
                let room = (MARGIN * (high - low)).max(0.05);
                let range = Range {
                    low: low - room,
                    high: high + room,
                };
                panel.vertical.range = range;
                panel.vertical.ticks = ticks(range);
            }
            panel = panel.noted(NOTHING_POSITIVE);
        }
        panel
    }
}

/// The ticks of an axis of logarithms: round numbers as well where a decade is too long a step.
fn ticks(range: Range) -> Ticks {
    let ends = Range {
        low: Real::exp(range.low),
        high: Real::exp(range.high),
    };
    let decades = decades([ends.low, ends.high]);
    let even = Ticks::nice(ends, 4);
    if decades.marks.len() >= 3 || even.marks.len() <= decades.marks.len() {
        return decades;
    }
    let positive = even.marks.into_iter().filter(|(value, _)| *value > 0.0);
    Ticks {
        marks: positive
            .map(|(value, label)| (Real::ln(value), label))
            .collect(),
        exponent: even.exponent,
    }
}

/// The values of items on the vertical axis.
fn heights(items: &[Item]) -> Vec<f64> {
    let mut values = Vec::new();
    for item in items {
        match item {
            Item::Band { low, high, .. } => {
                values.extend(low.iter().chain(high).map(|point| point.1));
            }
            Item::Whisker { low, high, .. } => values.extend([*low, *high]),
            Item::Level { value, .. } => values.push(*value),
            Item::Curve { points, .. } => values.extend(points.iter().map(|point| point.1)),
            Item::Marker { at, .. } => values.push(at.1),
            Item::Window { .. } | Item::Moment { .. } | Item::Shade { .. } | Item::Note(_) => {}
        }
    }
    values
}

/// The part of an item in a window.
fn cut(item: Item, ages: Range) -> Vec<Item> {
    let inside = |age: f64| (ages.low..=ages.high).contains(&age);
    match item {
        Item::Curve { points, style } => {
            let points = stretch(&points, ages);
            match points.is_empty() {
                true => Vec::new(),
                false => vec![Item::Curve { points, style }],
            }
        }
        Item::Band {
            low,
            high,
            colour,
            opacity,
        } => {
            let (low, high) = (stretch(&low, ages), stretch(&high, ages));
            match low.len() < 2 {
                true => Vec::new(),
                false => vec![Item::Band {
                    low,
                    high,
                    colour,
                    opacity,
                }],
            }
        }
        Item::Marker { at, .. } if !inside(at.0) => Vec::new(),
        Item::Whisker { at, .. } if !inside(at) => Vec::new(),
        other => vec![other],
    }
}

/// The part of a line in a window, with points at its edges. Times do not decrease.
fn stretch(points: &[(f64, f64)], ages: Range) -> Vec<(f64, f64)> {
    let mut kept: Vec<(f64, f64)> = Vec::new();
    for (place, &(age, value)) in points.iter().enumerate() {
        let before = place.checked_sub(1).map(|before| points[before]);
        if let Some((earlier, from)) = before.filter(|(earlier, _)| *earlier < age) {
            let at = |edge: f64| from + (value - from) * ((edge - earlier) / (age - earlier));
            if earlier < ages.low && age > ages.low {
                kept.push((ages.low, at(ages.low)));
            }
            if earlier < ages.high && age > ages.high {
                kept.push((ages.high, at(ages.high)));
            }
        }
        if (ages.low..=ages.high).contains(&age) {
            kept.push((age, value));
        }
    }
    kept
}

/// An item on a logarithmic axis; what is not positive has no place there.
fn logarithmic(item: Item) -> Vec<Item> {
    let positive = |value: f64| value > 0.0 && value.is_finite();
    match item {
        Item::Curve { points, style } => {
            let stretches = points.split(|point| !positive(point.1));
            let stretches = stretches.filter(|stretch| !stretch.is_empty());
            let curve = |stretch: &[(f64, f64)]| Item::Curve {
                points: lowered(stretch),
                style,
            };
            stretches.map(curve).collect()
        }
        Item::Band {
            low,
            high,
            colour,
            opacity,
        } => {
            // Both sides have the same ages; a band ends where its lower side does.
            let mut bands = Vec::new();
            let mut start = 0;
            for stretch in low.split(|point| !positive(point.1)) {
                let end = start + stretch.len();
                if stretch.len() > 1 {
                    bands.push(Item::Band {
                        low: lowered(stretch),
                        high: lowered(&high[start..end]),
                        colour,
                        opacity,
                    });
                }
                start = end + 1;
            }
            bands
        }
        Item::Whisker {
            at,
            low,
            high,
            colour,
        } if positive(low) => vec![Item::Whisker {
            at,
            low: Real::ln(low),
            high: Real::ln(high),
            colour,
        }],
        Item::Level {
            value,
            colour,
            dashes,
        } if positive(value) => vec![Item::Level {
            value: Real::ln(value),
            colour,
            dashes,
        }],
        Item::Marker { at, sign, colour } if positive(at.1) => vec![Item::Marker {
            at: (at.0, Real::ln(at.1)),
            sign,
            colour,
        }],
        Item::Whisker { .. } | Item::Level { .. } | Item::Marker { .. } => Vec::new(),
        other
        @ (Item::Window { .. } | Item::Moment { .. } | Item::Shade { .. } | Item::Note(_)) => {
            vec![other]
        }
    }
}

fn lowered(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    points
        .iter()
        .map(|&(age, value)| (age, Real::ln(value)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::palette::arm_styles;

    const WINDOW: Range = Range {
        low: 10.0,
        high: 20.0,
    };

    fn curve(points: &[(f64, f64)]) -> Item {
        Item::Curve {
            points: points.to_vec(),
            style: arm_styles(&[None])[0],
        }
    }

    #[test]
    fn a_line_is_cut_at_the_edges_of_the_window() {
        let kept = stretch(&[(0.0, 0.0), (30.0, 3.0)], WINDOW);
        assert_eq!(kept, [(10.0, 1.0), (20.0, 2.0)]);
        // A step stays a step, and a point on the edge stands once.
        let stairs = [
            (0.0, 5.0),
            (10.0, 5.0),
            (10.0, 4.0),
            (25.0, 4.0),
            (25.0, 3.0),
        ];
        assert_eq!(
            stretch(&stairs, WINDOW),
            [(10.0, 5.0), (10.0, 4.0), (20.0, 4.0)]
        );
        assert_eq!(stretch(&[(0.0, 1.0), (9.0, 1.0)], WINDOW), []);
    }

    #[test]
    fn what_is_not_positive_interrupts_a_logarithmic_curve() {
        let items = logarithmic(curve(&[(0.0, 1.0), (1.0, 0.0), (2.0, 1.0), (3.0, -1.0)]));
        assert_eq!(items, [curve(&[(0.0, 0.0)]), curve(&[(2.0, 0.0)])]);
    }

    #[test]
    fn a_band_ends_where_its_lower_side_does() {
        let side = |values: [f64; 5]| -> Vec<(f64, f64)> {
            (0..5)
                .map(|age| (f64::from(age), values[age as usize]))
                .collect()
        };
        let band = Item::Band {
            low: side([1.0, 1.0, 0.0, 1.0, 1.0]),
            high: side([2.0; 5]),
            colour: arm_styles(&[None])[0].colour,
            opacity: 0.5,
        };
        let ages = |item: &Item| match item {
            Item::Band { low, high, .. } => {
                let of = |side: &[(f64, f64)]| side.iter().map(|point| point.0).collect::<Vec<_>>();
                assert_eq!(of(low), of(high));
                of(low)
            }
            _ => Vec::new(),
        };
        let found: Vec<Vec<f64>> = logarithmic(band).iter().map(ages).collect();
        assert_eq!(found, [[0.0, 1.0], [3.0, 4.0]]);
    }

    #[test]
    fn a_short_logarithmic_axis_has_round_numbers() {
        let labels = |low: f64, high: f64| -> Vec<String> {
            let range = Range {
                low: Real::ln(low),
                high: Real::ln(high),
            };
            ticks(range).marks.into_iter().map(|mark| mark.1).collect()
        };
        assert_eq!(labels(7.2, 12.5), ["8", "9", "10", "11", "12"]);
        assert_eq!(labels(0.9, 120.0), ["1", "10", "100"]);
        assert_eq!(
            labels(0.09, 11000.0),
            ["0.1", "1", "10", "100", "1000", "10^{4}"]
        );
    }

    #[test]
    fn a_window_beyond_all_data_is_an_axis_all_the_same() {
        let view = View {
            from: Some(300.0),
            ..View::default()
        };
        let ages = view.ages(Range {
            low: 0.0,
            high: 200.0,
        });
        assert_eq!((ages.low, ages.high), (300.0, 301.0));
    }
}
