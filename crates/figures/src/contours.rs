//! Lines of equal value over a grid of points (marching squares).
//!
//! In every square of four neighbouring points a line crosses the edges on which the value passes the
//! level; where it passes on all four edges, the mean of the corners decides which pairs belong
//! together. Crossings are named by their edge, so that segments join into whole lines without comparing
//! places. A square with a missing corner has no line.

use std::collections::BTreeMap;

/// Values over ascending places; `values[row * columns + column]`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Surface<'a> {
    /// Places across.
    pub(super) across: &'a [f64],
    /// Places up.
    pub(super) up: &'a [f64],
    /// Values; `None` is missing.
    pub(super) values: &'a [Option<f64>],
}

/// An edge of the grid: its first point, and whether it runs across or up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Edge {
    Across(usize, usize),
    Up(usize, usize),
}

impl Surface<'_> {
    fn value(&self, column: usize, row: usize) -> Option<f64> {
        self.values
            .get(row * self.across.len() + column)
            .copied()
            .flatten()
    }

    /// Where the value on an edge is `level`.
    fn crossing(&self, edge: Edge, level: f64) -> Option<(f64, f64)> {
        let (column, row, next_column, next_row) = match edge {
            Edge::Across(column, row) => (column, row, column + 1, row),
            Edge::Up(column, row) => (column, row, column, row + 1),
        };
        let (a, b) = (self.value(column, row)?, self.value(next_column, next_row)?);
        let share = (level - a) / (b - a);
        let mix = |from: f64, to: f64| from + share * (to - from);
        Some((
            mix(self.across[column], self.across[next_column]),
            mix(self.up[row], self.up[next_row]),
        ))
    }

    /// The lines on which the value is `level`, longest first.
    pub(super) fn lines(&self, level: f64) -> Vec<Vec<(f64, f64)>> {
        let mut neighbours: BTreeMap<Edge, Vec<Edge>> = BTreeMap::new();
        for row in 0..self.up.len().saturating_sub(1) {
            for column in 0..self.across.len().saturating_sub(1) {
                for (from, to) in self.segments(column, row, level) {
                    neighbours.entry(from).or_default().push(to);
                    neighbours.entry(to).or_default().push(from);
                }
            }
        }
        let mut lines = Vec::new();
        // Open lines begin at their ends, closed ones anywhere.
        while let Some(start) = neighbours
            .iter()
            .find(|(_, others)| others.len() == 1)
            .or_else(|| neighbours.iter().next())
            .map(|(edge, _)| *edge)
        {
            let mut edges = vec![start];
            let mut here = start;
            while let Some(next) = step(&mut neighbours, here) {
                edges.push(next);
                here = next;
            }
            let points = edges.iter().filter_map(|edge| self.crossing(*edge, level));
            lines.push(points.collect::<Vec<_>>());
        }
        lines.sort_by_key(|line| std::cmp::Reverse(line.len()));
        lines
    }

    fn segments(&self, column: usize, row: usize, level: f64) -> Vec<(Edge, Edge)> {
        let corners = [
            self.value(column, row),
            self.value(column + 1, row),
            self.value(column + 1, row + 1),
            self.value(column, row + 1),
        ];
        let [Some(a), Some(b), Some(c), Some(d)] = corners else {
            return Vec::new();
        };
        let above = [a, b, c, d].map(|value| value >= level);
        let edges = [
            Edge::Across(column, row),
            Edge::Up(column + 1, row),
            Edge::Across(column, row + 1),
            Edge::Up(column, row),
        ];
        let crossed: Vec<Edge> = (0..4)
            .filter(|side| above[*side] != above[(*side + 1) % 4])
            .map(|side| edges[side])
            .collect();
        match crossed[..] {
            [one, other] => vec![(one, other)],
            [bottom, right, top, left] => {
                // A saddle: the corners that agree with the middle are joined.
                let middle = 0.25 * (a + b + c + d) >= level;
                if middle == above[0] {
                    vec![(bottom, right), (top, left)]
                } else {
                    vec![(bottom, left), (right, top)]
                }
            }
            _ => Vec::new(),
        }
    }
}

/// Takes one step from an edge and forgets it.
fn step(neighbours: &mut BTreeMap<Edge, Vec<Edge>>, here: Edge) -> Option<Edge> {
    let others = neighbours.get_mut(&here)?;
    let next = others.pop();
    if others.is_empty() {
        neighbours.remove(&here);
    }
    let next = next?;
    if let Some(back) = neighbours.get_mut(&next) {
        if let Some(place) = back.iter().position(|edge| *edge == here) {
            back.remove(place);
        }
        if back.is_empty() {
            neighbours.remove(&next);
        }
    }
    Some(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn surface(of: impl Fn(f64, f64) -> f64) -> (Vec<f64>, Vec<Option<f64>>) {
        let places: Vec<f64> = (0..41).map(|i| f64::from(i) / 10.0 - 2.0).collect();
        let values = places
            .iter()
            .flat_map(|y| places.iter().map(|x| Some(of(*x, *y))));
        (places.clone(), values.collect())
    }

    #[test]
    fn a_circle_is_one_closed_line_at_its_radius() {
        let (places, values) = surface(|x, y| x * x + y * y);
        let surface = Surface {
            across: &places,
            up: &places,
            values: &values,
        };
        let lines = surface.lines(1.03);
        assert_eq!(lines.len(), 1);
        let line = &lines[0];
        assert_eq!(line.first(), line.last());
        for (x, y) in line {
            assert!((x.hypot(*y) - 1.03_f64.sqrt()).abs() < 0.005, "{x} {y}");
        }
        let length: f64 = line
            .windows(2)
            .map(|pair| (pair[1].0 - pair[0].0).hypot(pair[1].1 - pair[0].1))
            .sum();
        assert!((length - 2.0 * std::f64::consts::PI * 1.03_f64.sqrt()).abs() < 0.02);
    }

    #[test]
    fn a_slope_is_one_straight_line_from_edge_to_edge() {
        let (places, values) = surface(|x, y| x + 0.5 * y);
        let surface = Surface {
            across: &places,
            up: &places,
            values: &values,
        };
        let lines = surface.lines(0.33);
        assert_eq!(lines.len(), 1);
        assert!(
            lines[0]
                .iter()
                .all(|(x, y)| (x + 0.5 * y - 0.33).abs() < 1e-12)
        );
        let ends = [lines[0][0].1, lines[0][lines[0].len() - 1].1];
        assert!((ends[0] - ends[1]).abs() > 3.99, "{ends:?}");
    }

    #[test]
    fn missing_values_cut_a_line_and_flat_ones_have_none() {
        let (places, mut values) = surface(|x, _| x);
        let flat: Vec<Option<f64>> = values.iter().map(|_| Some(1.0)).collect();
        for value in &mut values[20 * 41..21 * 41] {
            *value = None;
        }
        let surface = |values| Surface {
            across: &places,
            up: &places,
            values,
        };
        assert_eq!(surface(&values).lines(0.55).len(), 2);
        assert_eq!(surface(&flat).lines(0.5).len(), 0);
    }

    #[test]
    fn a_saddle_has_two_branches() {
        let (places, values) = surface(|x, y| x * y);
        let surface = Surface {
            across: &places,
            up: &places,
            values: &values,
        };
        assert_eq!(surface.lines(0.51).len(), 2);
        assert_eq!(surface.lines(-0.51).len(), 2);
    }
}
