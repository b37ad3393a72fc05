//! Lines made ready for the page: fewer points, and dashes cut to length.
//!
//! The SVG writer knows no dash pattern, so a dashed line is a row of short lines here; all of them
//! become one path of the file.

use super::palette::{Colour, Dashes};
use super::scene::{Point, Scene};

/// Largest distance in millimetres between a curve and its drawn version: a tenth of a pixel.
const TOLERANCE: f64 = 0.008;

impl Scene {
    /// Draws a line through `points`, dashed if there are dashes.
    pub(super) fn stroke(&mut self, points: &[Point], width: f64, colour: Colour, dashes: Dashes) {
        let points = simplify(points);
        if points.len() < 2 {
            return;
        }
        if dashes.is_empty() {
            self.line(points, width, colour);
        } else {
            for dash in cut_dashes(&points, dashes) {
                self.line(dash, width, colour);
            }
        }
    }
}

/// Leaves out points that a straight line replaces within the tolerance (Ramer, Douglas and
/// Peucker), and points that are not finite.
fn simplify(points: &[Point]) -> Vec<Point> {
    let points: Vec<Point> = points
        .iter()
        .copied()
        .filter(|point| point.0.is_finite() && point.1.is_finite())
        .collect();
    if points.len() < 3 {
        return points;
    }
    let mut kept = vec![false; points.len()];
    kept[0] = true;
    kept[points.len() - 1] = true;
    let mut open = vec![(0, points.len() - 1)];
    while let Some((first, last)) = open.pop() {
        let farthest = (first + 1..last)
            .map(|index| {
                (
                    distance_to_segment(points[index], points[first], points[last]),
                    index,
                )
            })
            .max_by(|left, right| left.0.total_cmp(&right.0));
        if let Some((distance, index)) = farthest
            && distance > TOLERANCE
        {
            kept[index] = true;
            open.push((first, index));
            open.push((index, last));
        }
    }
    points
        .into_iter()
        .zip(kept)
        .filter_map(|(point, keep)| keep.then_some(point))
        .collect()
}

/// Distance in the plane.
pub(super) fn distance(from: Point, to: Point) -> f64 {
    let (x, y) = (to.0 - from.0, to.1 - from.1);
    (x * x + y * y).sqrt()
}

/// The point that is `share` of the way from one point to another.
pub(super) fn between(from: Point, to: Point, share: f64) -> Point {
    (
        from.0 + share * (to.0 - from.0),
        from.1 + share * (to.1 - from.1),
    )
}

fn distance_to_segment(point: Point, from: Point, to: Point) -> f64 {
    let (x, y) = (to.0 - from.0, to.1 - from.1);
    let length_squared = x * x + y * y;
    if length_squared == 0.0 {
        return distance(point, from);
    }
    let share = ((point.0 - from.0) * x + (point.1 - from.1) * y) / length_squared;
    distance(point, between(from, to, share.clamp(0.0, 1.0)))
}

fn cut_dashes(points: &[Point], dashes: Dashes) -> Vec<Vec<Point>> {
    let mut drawn = Vec::new();
    let mut current = vec![points[0]];
    let mut phase = 0;
    let mut left = dashes[0];
    for pair in points.windows(2) {
        let (mut from, to) = (pair[0], pair[1]);
        let mut length = distance(from, to);
        while length > left {
            let corner = between(from, to, left / length);
            if phase % 2 == 0 {
                current.push(corner);
                drawn.push(std::mem::take(&mut current));
            } else {
                current = vec![corner];
            }
            length -= left;
            from = corner;
            phase = (phase + 1) % dashes.len();
            left = dashes[phase];
        }
        left -= length;
        if phase % 2 == 0 {
            current.push(to);
        }
    }
    if current.len() > 1 && phase % 2 == 0 {
        drawn.push(current);
    }
    drawn
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn straight_lines_lose_their_inner_points() {
        let points: Vec<Point> = (0..100).map(|index| (f64::from(index), 2.0)).collect();
        assert_eq!(simplify(&points), [(0.0, 2.0), (99.0, 2.0)]);
        let corner = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0)];
        assert_eq!(simplify(&corner), corner);
        let holes = [
            (0.0, 0.0),
            (f64::NAN, 1.0),
            (1.0, f64::INFINITY),
            (1.0, 1.0),
        ];
        assert_eq!(simplify(&holes), [(0.0, 0.0), (1.0, 1.0)]);
    }

    #[test]
    fn dashes_have_their_lengths_around_corners() {
        let dashes: Dashes = &[2.0, 1.0];
        let pieces = cut_dashes(&[(0.0, 0.0), (1.0, 0.0), (1.0, 9.0)], dashes);
        let lengths: Vec<f64> = pieces
            .iter()
            .map(|piece| {
                piece
                    .windows(2)
                    .map(|pair| distance(pair[0], pair[1]))
                    .sum()
            })
            .collect();
        assert_eq!(pieces[0].len(), 3, "the first dash turns the corner");
        for length in &lengths[..3] {
            assert!((length - 2.0).abs() < 1e-12);
        }
        assert_eq!(lengths.len(), 4);
    }
}
