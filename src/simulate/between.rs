//! Between the ages of the output: how low and how high every curve goes there.
//!
//! What: a curve that is drawn through the output ages hides what happens between them, such as a drug
//! that comes every night. [`simulate_closely`] reads every arm each hour and on both sides of every
//! switch as well (every six hours where no switch was for days), and gives for each interval of the output the smallest and the largest value, for the
//! curves that leave the range of the values at its ends by more than a hundredth of their whole range (and
//! a thousandth of their size).
//! Nothing else of a life changes: outputs never change a step.
//!
//! Units: ages in days, values in the unit of the curve.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::population::Population;
use super::remark::undefined;
use super::run::{ArmRun, Curve};
use super::schedule::Schedule;

/// Readings per day between output ages, within [`SOON`] days of a switch.
const PER_DAY: f64 = 24.0;

/// Readings per day elsewhere, where nothing comes from outside.
const PER_QUIET_DAY: f64 = 4.0;

/// How long after a switch curves are read closely, in days.
const SOON: f64 = 3.0;

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

/// Simulates animal 1 in every arm, from birth, as [`simulate`](super::simulate) does, and says how far
/// its curves go between the ages of the output; see the module's description.
#[must_use]
pub fn simulate_closely(population: &Population) -> (Vec<ArmRun>, Vec<Excursions>) {
    let grid = population.grid();
    let unfolded = unfolded(population);
    let fine = population.simulate_reading(|arm| {
        let schedule = unfolded.get(&arm.name).unwrap_or(&arm.schedule);
        Cow::Owned(ages_between(grid, schedule))
    });
    let mut excursions = Vec::new();
    let runs = fine.into_iter().map(|fine| {
        let coarse = at_ages(&fine, grid);
        let pairs = (coarse.species.iter().zip(&fine.species))
            .chain(coarse.observables.iter().zip(&fine.observables));
        excursions.extend(pairs.filter_map(|(coarse_curve, fine_curve)| {
            let intervals = intervals(&coarse.times, coarse_curve, &fine.times, fine_curve)?;
            Some(Excursions {
                arm: coarse.arm.clone(),
                subject: coarse.subject,
                id: coarse_curve.id.clone(),
                unit: coarse_curve.unit.clone(),
                intervals,
            })
        }));
        coarse
    });
    (runs.collect(), excursions)
}

/// The schedules of the arms that follow the animal, by name, as its lives unfold them.
fn unfolded(population: &Population) -> BTreeMap<String, Schedule> {
    let compiled = population.compiled();
    let mut schedules = BTreeMap::new();
    if compiled.arms.iter().all(|arm| arm.follow.is_none()) {
        return schedules;
    }
    let place = |id: &String| compiled.events.iter().position(|event| event.id == *id);
    let runs = population.simulate_reading(|_| Cow::Borrowed(population.grid()));
    for (arm, run) in compiled.arms.iter().zip(runs) {
        let moments = run.moments.iter();
        let hits = moments.filter_map(|moment| Some((place(&moment.event)?, moment.age)));
        let unfolding = arm.unfolding().after(hits);
        schedules.insert(run.arm, unfolding.schedule.into_owned());
    }
    schedules
}

/// The run as it is read at these ages alone, which are among its own.
fn at_ages(fine: &ArmRun, ages: &[f64]) -> ArmRun {
    let is_asked = |age: f64| ages.binary_search_by(|it| it.total_cmp(&age)).is_ok();
    let places: Vec<usize> = (0..fine.times.len())
        .filter(|&place| is_asked(fine.times[place]))
        .collect();
    let thinned = |curves: &[Curve]| {
        let thin = |curve: &Curve| Curve {
            id: curve.id.clone(),
            unit: curve.unit.clone(),
            values: places.iter().map(|&place| curve.values[place]).collect(),
        };
        curves.iter().map(thin).collect()
    };
    let times: Vec<f64> = places.iter().map(|&place| fine.times[place]).collect();
    let observables: Vec<Curve> = thinned(&fine.observables);
    let of_events = fine.remarks.iter().filter(|remark| !remark.is_of_a_curve());
    ArmRun {
        arm: fine.arm.clone(),
        subject: fine.subject,
        species: thinned(&fine.species),
        moments: fine.moments.clone(),
        endpoints: fine.endpoints.clone(),
        remarks: of_events
            .cloned()
            .chain(undefined(&times, &observables))
            .collect(),
        effort: fine.effort,
        times,
        observables,
    }
}

/// The ages of the output, and those between them that are read.
fn ages_between(times: &[f64], schedule: &Schedule) -> Vec<f64> {
    let (Some(&first), Some(&last)) = (times.first(), times.last()) else {
        return Vec::new();
    };
    let edges = schedule.edges();
    let mut ages = times.to_vec();
    for pair in times.windows(2) {
        let length = pair[1] - pair[0];
        // The last switch before the end of the interval.
        let past = edges.partition_point(|edge| *edge < pair[1]);
        let is_soon = past > 0 && edges[past - 1] > pair[0] - SOON;
        let per_day = if is_soon { PER_DAY } else { PER_QUIET_DAY };
        let parts = (length * per_day).ceil().clamp(2.0, MOST);
        let mut part = 1.0;
        while part < parts {
            ages.push(pair[0] + length * (part / parts));
            part += 1.0;
        }
    }
    let inside = edges.iter().copied();
    let inside = inside.filter(|edge| *edge > first && *edge <= last);
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
