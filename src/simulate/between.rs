//! Between the ages of the output: how low and how high every curve goes there.
//!
//! What: a curve that is drawn through the output ages hides what happens between them, such as a drug
//! that comes every night. [`between`] lives every arm once more, reads it every hour and on both sides
//! of every switch, and gives for each interval of the output the smallest and the largest value, for the
//! curves that leave the range of the values at its ends by more than a hundredth of their whole range (and
//! a thousandth of their size).
//! Nothing else of a life changes: outputs never change a step.
//!
//! Units: ages in days, values in the unit of the curve.

use super::birth::Birth;
use super::compiled::CompiledArm;
use super::fault::SimulateError;
use super::population::Population;
use super::run::{ArmRun, Curve, arm_run, grow_up, live_on};
use crate::model::Model;
use crate::scenario::Scenario;

/// Readings per day between output ages.
const PER_DAY: f64 = 24.0;

/// Most readings in one interval of the output.
const MOST: f64 = 1000.0;

/// Part of its whole range by which a curve must leave the values at the ends of an interval.
const NOTICEABLE: f64 = 0.01;

/// One curve of one arm in the intervals of the output.
#[derive(Debug, Clone, PartialEq)]
pub struct Excursions {
    /// Name of the arm.
    pub arm: String,
    /// Number of the subject.
    pub subject: u64,
    /// Id of the species or observable.
    pub id: String,
    /// Its unit.
    pub unit: String,
    /// From age, to age, smallest and largest value between them, ends included.
    pub intervals: Vec<[f64; 4]>,
}

/// The excursions of all arms of one subject, whose runs are given; see the module's description.
///
/// # Errors
/// When the scenario does not fit the model.
pub fn between(
    model: &Model,
    scenario: &Scenario,
    runs: &[ArmRun],
) -> Result<Vec<Excursions>, SimulateError> {
    let population = Population::new(model, scenario)?;
    let compiled = population.compiled();
    let Ok(birth) = Birth::<f64>::new(compiled, compiled.values.clone(), None) else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    for (run, arm) in runs.iter().zip(&compiled.arms) {
        let ages = ages_between(&run.times, arm);
        let history = grow_up(compiled, arm, &birth, population.rules());
        let rest = live_on(compiled, arm, &birth, &history, &ages, population.rules());
        let read = arm_run(compiled, arm, run.subject, &birth, &history, rest.as_ref());
        let pairs = (run.species.iter().zip(&read.species))
            .chain(run.observables.iter().zip(&read.observables));
        found.extend(pairs.filter_map(|(coarse, fine)| {
            let intervals = intervals(&run.times, coarse, &read.times, fine)?;
            Some(Excursions {
                arm: run.arm.clone(),
                subject: run.subject,
                id: coarse.id.clone(),
                unit: coarse.unit.clone(),
                intervals,
            })
        }));
    }
    Ok(found)
}

/// The ages of the output, and those between them that are read.
fn ages_between(times: &[f64], arm: &CompiledArm) -> Vec<f64> {
    let (Some(&first), Some(&last)) = (times.first(), times.last()) else {
        return Vec::new();
    };
    let mut ages = times.to_vec();
    for pair in times.windows(2) {
        let length = pair[1] - pair[0];
        let parts = (length * PER_DAY).ceil().clamp(2.0, MOST);
        let mut part = 1.0;
        while part < parts {
            ages.push(pair[0] + length * (part / parts));
            part += 1.0;
        }
    }
    let edges = arm.schedule.edges().iter().copied();
    let inside = edges.filter(|edge| *edge > first && *edge <= last);
    // The value at a switch is that after it; just before it is that before it.
    ages.extend(inside.flat_map(|edge| [edge.next_down(), edge]));
    ages.sort_by(f64::total_cmp);
    ages.dedup();
    ages
}

/// The intervals of a curve, if it leaves the range of their ends noticeably anywhere.
fn intervals(times: &[f64], coarse: &Curve, ages: &[f64], fine: &Curve) -> Option<Vec<[f64; 4]>> {
    let finite = fine
        .values
        .iter()
        .copied()
        .filter(|value| value.is_finite());
    let (low, high) = range(finite)?;
    let size = if high.abs() > low.abs() {
        high.abs()
    } else {
        low.abs()
    };
    // What hardly changes at all is no excursion, however small its whole range.
    let by_range = NOTICEABLE * (high - low);
    let least = if by_range > 0.001 * size {
        by_range
    } else {
        0.001 * size
    };
    let mut noticeable = false;
    let mut intervals = Vec::new();
    for (pair, ends) in times.windows(2).zip(coarse.values.windows(2)) {
        let first = ages.partition_point(|age| *age < pair[0]);
        let past = ages.partition_point(|age| *age <= pair[1]);
        let inside = fine.values.get(first..past).unwrap_or_default();
        let inside = inside.iter().chain(ends).copied();
        let Some((minimum, maximum)) = range(inside.filter(|value| value.is_finite())) else {
            continue;
        };
        if let Some((below, above)) = range(ends.iter().copied().filter(|end| end.is_finite())) {
            let beyond = (below - minimum) + (maximum - above);
            noticeable = noticeable || beyond > least;
        }
        intervals.push([pair[0], pair[1], minimum, maximum]);
    }
    noticeable.then_some(intervals)
}

fn range(mut values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    let first = values.next()?;
    Some(values.fold((first, first), |(low, high), value| {
        let low = if value < low { value } else { low };
        let high = if value > high { value } else { high };
        (low, high)
    }))
}
