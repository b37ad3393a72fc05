//! The axis of a heat map: its places are cells, of their true widths where they are evenly spaced and
//! side by side where they are not.

use super::heat_map::HeatAxis;
use super::panel::Axis;
use super::ticks::{Range, Ticks, label};

/// An axis whose places are cells.
pub(super) struct CellAxis {
    /// Range, ticks and titles.
    pub(super) axis: Axis,
    /// Middles of the cells on the axis.
    pub(super) middles: Vec<f64>,
    /// Their edges: one more.
    pub(super) edges: Vec<f64>,
}

impl CellAxis {
    /// An axis with about so many ticks.
    pub(super) fn new(axis: &HeatAxis, ticks: usize) -> Self {
        let gaps = axis.places.windows(2).map(|pair| pair[1] - pair[0]);
        let (least, most) = gaps.fold((f64::INFINITY, 0.0_f64), |(least, most), gap| {
            (least.min(gap), most.max(gap))
        });
        let even = most < 1.01 * least;
        let middles: Vec<f64> = if even {
            axis.places.clone()
        } else {
            (0..axis.places.len()).map(|place| place as f64).collect()
        };
        let last = middles.len() - 1;
        let mut edges = vec![middles[0] - 0.5 * (middles[1] - middles[0])];
        edges.extend(middles.windows(2).map(|pair| 0.5 * (pair[0] + pair[1])));
        edges.push(middles[last] + 0.5 * (middles[last] - middles[last - 1]));
        let range = Range {
            low: edges[0],
            high: edges[last + 1],
        };
        let mut shown = Axis::new(&axis.title, &axis.unit, range, ticks);
        if !even {
            let every = axis.places.len().div_ceil(ticks);
            let marks = middles.iter().zip(&axis.places).step_by(every);
            shown.ticks = Ticks {
                marks: marks.map(|(at, value)| (*at, short(*value))).collect(),
                exponent: 0,
            };
        }
        Self {
            axis: shown,
            middles,
            edges,
        }
    }
}

/// Three digits at most.
pub(super) fn short(value: f64) -> String {
    let decimals = (0..=4).find(|decimals| {
        let text = label(value, *decimals);
        let read: f64 = text.replace('\u{2212}', "-").parse().unwrap_or(f64::NAN);
        (read - value).abs() <= 5e-3 * value.abs()
    });
    label(value, decimals.unwrap_or(4))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_as_short_as_three_digits_allow() {
        let cases = [
            (0.1, "0.1"),
            (1.0, "1"),
            (0.1234, "0.123"),
            (250.0, "250"),
            (0.02, "0.02"),
        ];
        for (value, text) in cases {
            assert_eq!(short(value), text);
        }
    }
}
