//! The features of one arm of a point, from the readings of all its arms.

use crate::scenario::Question;
use crate::scenario::feature::Compared;
use crate::simulate::{Missing, Resolution, compare};

/// The features of the arm at a place, given the readings of all arms of the point and the sizes that
/// their errors are relative to. What the solver cannot tell apart does not differ.
pub(super) fn answer(
    question: &Question,
    arm: usize,
    readings: &[Vec<Result<f64, Missing>>],
    scales: &[Vec<f64>],
    resolution: Resolution,
) -> Vec<Result<f64, Missing>> {
    let of = |arm: usize, place: usize| readings[arm][place].clone();
    let is_one = |place: usize, other: usize| match (&readings[arm][place], &readings[other][place])
    {
        (Ok(own), Ok(value)) => {
            let scale = scales[arm][place].max(scales[other][place]);
            resolution.is_one_at(*own, *value, scale)
        }
        _ => false,
    };
    let is_nothing = |place: usize, other: usize| {
        let value = &readings[other][place];
        value.as_ref().is_ok_and(|value| value.abs() <= 0.0)
    };
    let all = question.compared().iter().enumerate();
    all.map(|(place, compared)| match *compared {
        Compared::Difference(other) if is_one(place, other) => Ok(0.0),
        // Nothing over nothing is still no number.
        Compared::Ratio(other) if is_one(place, other) && !is_nothing(place, other) => Ok(1.0),
        _ => compare(*compared, of(arm, place), |other| of(other, place)),
    })
    .collect()
}
