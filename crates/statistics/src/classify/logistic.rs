//! Logistic regression with a ridge penalty.
//!
//! Minimised is −Σ (y ln p + (1 − y) ln (1 − p)) + ½ λ |β|², p = 1 / (1 + e^−(a + β·x)), over markers of mean 0
//! and standard deviation 1; the intercept a is free. It is what scikit-learn calls C = 1/λ.

use gutbrain_numbers::Real;

use crate::cholesky::Cholesky;
use crate::random::Stream;

/// Newton's steps that are enough for a penalised likelihood.
const STEPS: usize = 100;

/// A fitted panel.
#[derive(Debug, Clone, PartialEq)]
pub struct Logistic {
    /// Means of the markers.
    centres: Vec<f64>,
    /// Their standard deviations; 1 where nothing varies.
    widths: Vec<f64>,
    /// Log odds of a subject whose markers are all at their means.
    pub intercept: f64,
    /// Log odds for one standard deviation of every marker.
    pub weights: Vec<f64>,
}

/// Nothing can be fitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotSeparable {
    /// Only one of the two groups is there.
    #[error("only one group is there")]
    OneGroup,
    /// Rows of different lengths, or values that are not finite.
    #[error("markers are missing")]
    Missing,
}

impl Logistic {
    /// Fits subjects with their markers, and whether each is a case, with a penalty above zero.
    ///
    /// # Errors
    /// [`NotSeparable`].
    pub fn fit(rows: &[&[f64]], is_case: &[bool], penalty: f64) -> Result<Self, NotSeparable> {
        let markers = rows.first().map_or(0, |row| row.len());
        let whole = |row: &&[f64]| row.len() == markers && row.iter().all(|it| it.is_finite());
        if rows.len() != is_case.len() || !rows.iter().all(whole) {
            return Err(NotSeparable::Missing);
        }
        let cases = is_case.iter().filter(|it| **it).count();
        if cases == 0 || cases == is_case.len() {
            return Err(NotSeparable::OneGroup);
        }
        let count = rows.len() as f64;
        let centre = |marker: usize| rows.iter().map(|row| row[marker]).sum::<f64>() / count;
        let centres: Vec<f64> = (0..markers).map(centre).collect();
        let width = |marker: usize| {
            let off = rows.iter().map(|row| row[marker] - centres[marker]);
            let sd = (off.map(|it| it * it).sum::<f64>() / count).sqrt();
            if sd > 0.0 { sd } else { 1.0 }
        };
        let widths: Vec<f64> = (0..markers).map(width).collect();
        let mut fitted = Self {
            centres,
            widths,
            intercept: 0.0,
            weights: vec![0.0; markers],
        };
        let standard: Vec<Vec<f64>> = rows.iter().map(|row| fitted.standard(row)).collect();
        fitted.climb(&standard, is_case, penalty);
        Ok(fitted)
    }

    /// The marker values in standard deviations from their means, after a 1 for the intercept.
    fn standard(&self, row: &[f64]) -> Vec<f64> {
        let scaled = row.iter().zip(self.centres.iter().zip(&self.widths));
        let scaled = scaled.map(|(value, (centre, width))| (value - centre) / width);
        std::iter::once(1.0).chain(scaled).collect()
    }

    fn climb(&mut self, rows: &[Vec<f64>], is_case: &[bool], penalty: f64) {
        let size = self.weights.len() + 1;
        let mut beta = vec![0.0; size];
        let mut now = loss(rows, is_case, &beta, penalty);
        for _ in 0..STEPS {
            let mut gradient = vec![0.0; size];
            let mut curvature = vec![0.0; size * size];
            for (row, case) in rows.iter().zip(is_case) {
                let p = share(crate::cholesky::dot(row, &beta));
                let (off, weight) = (f64::from(u8::from(*case)) - p, p * (1.0 - p));
                for i in 0..size {
                    gradient[i] += off * row[i];
                    for j in 0..=i {
                        curvature[i * size + j] += weight * row[i] * row[j];
                    }
                }
            }
            for i in 0..size {
                // A tiny one keeps the intercept fixed where all are certain.
                let penalty = if i == 0 { 1e-9 } else { penalty };
                if i > 0 {
                    gradient[i] -= penalty * beta[i];
                }
                curvature[i * size + i] += penalty;
            }
            let Ok(factor) = Cholesky::of(&curvature, size) else {
                break;
            };
            factor.solve(&mut gradient);
            // The loss is convex: a step that is too long is halved.
            let mut scale = 1.0;
            let (next, less) = loop {
                let step = beta.iter().zip(&gradient).map(|(b, g)| b + scale * g);
                let next: Vec<f64> = step.collect();
                let less = loss(rows, is_case, &next, penalty);
                if less <= now || scale < 1e-6 {
                    break (next, less);
                }
                scale *= 0.5;
            };
            let moved = gradient
                .iter()
                .fold(0.0, |most: f64, it| most.max(it.abs()));
            (beta, now) = (next, less);
            if moved < 1e-10 {
                break;
            }
        }
        self.intercept = beta[0];
        self.weights.copy_from_slice(&beta[1..]);
    }

    /// Log odds of being a case.
    #[must_use]
    pub fn score(&self, row: &[f64]) -> f64 {
        let standard = self.standard(row);
        self.intercept + crate::cholesky::dot(&standard[1..], &self.weights)
    }
}

fn share(odds: f64) -> f64 {
    1.0 / (1.0 + Real::exp(-odds))
}

fn loss(rows: &[Vec<f64>], is_case: &[bool], beta: &[f64], penalty: f64) -> f64 {
    let of_rows = rows.iter().zip(is_case).map(|(row, case)| {
        let odds = crate::cholesky::dot(row, beta);
        let odds = if *case { -odds } else { odds };
        // ln (1 + e^odds) without overflow.
        odds.max(0.0) + Real::ln(1.0 + Real::exp(-odds.abs()))
    });
    let squares = beta.iter().skip(1).map(|it| it * it);
    of_rows.sum::<f64>() + 0.5 * penalty * squares.sum::<f64>()
}

/// The score of every subject by a fit to the subjects of all other folds; folds are drawn group by group, so
/// that all of them hold both groups.
///
/// # Errors
/// As [`Logistic::fit`].
pub fn cross_validated(
    rows: &[&[f64]],
    is_case: &[bool],
    folds: usize,
    penalty: f64,
    stream: &mut Stream,
) -> Result<Vec<f64>, NotSeparable> {
    let mut fold = vec![0; rows.len()];
    for group in [true, false] {
        let mut places: Vec<usize> = (0..rows.len()).filter(|it| is_case[*it] == group).collect();
        stream.shuffle(&mut places);
        for (number, place) in places.into_iter().enumerate() {
            fold[place] = number % folds.max(2);
        }
    }
    let mut scores = vec![0.0; rows.len()];
    for held in 0..folds.max(2) {
        let inside = |place: &usize| fold[*place] != held;
        let kept: Vec<usize> = (0..rows.len()).filter(inside).collect();
        let of: Vec<&[f64]> = kept.iter().map(|place| rows[*place]).collect();
        let cases: Vec<bool> = kept.iter().map(|place| is_case[*place]).collect();
        let fitted = Logistic::fit(&of, &cases, penalty)?;
        for place in (0..rows.len()).filter(|place| fold[*place] == held) {
            scores[place] = fitted.score(rows[place]);
        }
    }
    Ok(scores)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROWS: [[f64; 2]; 10] = [
        [0.5, 2.1],
        [1.5, 0.3],
        [2.2, 1.7],
        [3.1, 4.4],
        [2.8, 0.9],
        [4.0, 3.3],
        [1.1, 2.9],
        [3.6, 2.2],
        [0.2, 1.0],
        [2.5, 3.8],
    ];
    const CASES: [bool; 10] = [
        false, false, true, true, false, true, false, true, false, true,
    ];

    /// scikit-learn 1.9.1, `LogisticRegression(C = 1/λ, tol = 1e-12)` on the same markers in standard deviations
    /// (`tests/peers/classification.py` computes them anew).
    #[test]
    fn weights_are_those_of_scikit_learn() {
        let rows: Vec<&[f64]> = ROWS.iter().map(|row| &row[..]).collect();
        for (penalty, intercept, weights) in ORACLE {
            let found = Logistic::fit(&rows, &CASES, penalty).unwrap();
            assert!((found.intercept - intercept).abs() < 1e-6, "{found:?}");
            for (own, other) in found.weights.iter().zip(weights) {
                assert!((own - other).abs() < 1e-6, "{found:?}");
            }
        }
    }

    const ORACLE: [(f64, f64, [f64; 2]); 2] = [
        (1.0, 0.013_804_849_6, [1.082_239_012_5, 0.813_861_826_4]),
        (0.1, 0.150_338_919_0, [2.285_609_360_8, 1.635_579_931_3]),
    ];

    #[test]
    fn noise_scores_as_chance_and_a_marker_as_itself() {
        let mut stream = Stream::new(2, "panel", 0);
        let rows: Vec<Vec<f64>> = (0..400)
            .map(|_| (0..12).map(|_| stream.normal()).collect())
            .collect();
        let cases: Vec<bool> = (0..400).map(|place| place % 2 == 0).collect();
        let area_of = |rows: &[Vec<f64>], stream: &mut Stream| {
            let rows: Vec<&[f64]> = rows.iter().map(Vec::as_slice).collect();
            let scores = cross_validated(&rows, &cases, 5, 1.0, stream).unwrap();
            let of = |case: bool| -> Vec<f64> {
                let scores = scores.iter().zip(&cases);
                scores
                    .filter(|(_, it)| **it == case)
                    .map(|(score, _)| *score)
                    .collect()
            };
            crate::classify::area(&of(true), &of(false)).unwrap().value
        };
        // Fitted and scored on the same subjects, twelve markers of noise would seem to tell something.
        let noise = area_of(&rows, &mut stream);
        assert!((noise - 0.5).abs() < 0.09, "{noise}");
        let mut shifted = rows.clone();
        for (row, case) in shifted.iter_mut().zip(&cases) {
            row[0] += if *case { 1.5 } else { 0.0 };
        }
        // Φ(1.5/√2) = 0.8556.
        let told = area_of(&shifted, &mut stream);
        assert!((told - 0.8556).abs() < 0.06, "{told}");
        assert_eq!(
            Logistic::fit(&[&[1.0], &[2.0]], &[true, true], 1.0),
            Err(NotSeparable::OneGroup)
        );
    }
}
