//! The places of a profile: where a parameter is held, and how the others are fitted there.
//!
//! From the bottom the places go to either side, in steps of three quarters of a local standard deviation to
//! begin with, longer where the profile is flat and shorter where it is steep, until it has crossed the
//! threshold well or the end of the range is reached. The fit of a place goes on from where the last places
//! lead. Then:
//!
//! - before a side ends, the fit of its last place is tried from other starts;
//! - with few other parameters (up to [`FEW`]) the rest of the range is looked through, for further valleys;
//! - neighbours try each other's fits, from left to right and back, so that no place stays in a hollow that its
//!   neighbour has left;
//! - every crossing of the threshold is closed in on.

use nalgebra::{DMatrix, DVector};

use super::super::coordinate::Coordinate;
use super::super::least_squares::{Residuals, minimise};
use super::super::report::Termination;
use super::{Place, THRESHOLD, Work};

/// First step, in local standard deviations.
const STEP: f64 = 0.75;
/// Longest step, in free coordinates.
const LONGEST_STEP: f64 = 2.0;
/// Most steps to a side.
const MOST_STEPS: usize = 24;
/// Positions in the range that no place lies beyond.
const ENDS: (f64, f64) = (0.005, 0.995);
/// Other parameters up to which the whole range is looked through.
pub(super) const FEW: usize = 8;
/// Positions that are looked at there.
const POSITIONS: [f64; 11] = [0.02, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.98];
/// Objectives closer than this are the same.
const SAME: f64 = 1e-6;
/// A crossing is known when a place lies this near to the threshold.
const NEAR: f64 = 0.02;
/// Most places that close in on a crossing.
const MOST_CLOSER: usize = 6;

/// What the profile of one parameter needs.
pub(super) struct Search<'a, R, T> {
    /// All residuals, those of the targets first.
    pub(super) of: &'a R,
    /// Number of targets.
    pub(super) targets: usize,
    /// The parameter that is held.
    pub(super) index: usize,
    /// Its coordinate.
    pub(super) coordinate: Coordinate,
    /// Evaluations of each fit.
    pub(super) limit: usize,
    /// The values as they stand.
    pub(super) standing: &'a DVector<f64>,
    /// Hears of every point and of every fit.
    pub(super) watch: &'a T,
}

/// A place and what was found there.
#[derive(Debug, Clone)]
struct Found {
    /// The coordinate that is held.
    held: f64,
    /// Nothing where nothing could be computed.
    spot: Option<Spot>,
}

/// A fit.
#[derive(Debug, Clone)]
struct Spot {
    point: DVector<f64>,
    parts: (f64, f64),
    is_bottom: bool,
}

impl Spot {
    fn objective(&self) -> f64 {
        self.parts.0 + self.parts.1
    }
}

impl<R: Residuals + Sync, T: Fn(Work) -> Result<(), E> + Sync, E: Send> Search<'_, R, T> {
    /// All places in ascending order, from the bottom of all parameters with its residuals; `deviation` is the
    /// local standard deviation.
    ///
    /// # Errors
    /// Whatever the watch ends it with.
    pub(super) fn places(
        &self,
        bottom: &DVector<f64>,
        residuals: &DVector<f64>,
        is_bottom: bool,
        deviation: f64,
    ) -> Result<Vec<Place>, E> {
        let best = Spot {
            point: bottom.clone(),
            parts: self.parts(residuals),
            is_bottom,
        };
        let step = (STEP * deviation).min(LONGEST_STEP);
        let (down, up) = rayon::join(|| self.walk(&best, -step), || self.walk(&best, step));
        let (down, up) = (down?, up?);
        let mut found: Vec<Found> = down.into_iter().rev().collect();
        found.push(Found {
            held: bottom[self.index],
            spot: Some(best.clone()),
        });
        found.extend(up);
        self.insert(&mut found, self.standing[self.index], &best.point)?;
        if bottom.len() <= FEW + 1 {
            let walked = (found[0].held, found[found.len() - 1].held);
            for position in POSITIONS {
                let held = self.coordinate.free_at(position);
                if held < walked.0 || held > walked.1 {
                    self.insert(&mut found, held, &best.point)?;
                }
            }
        }
        self.compare(&mut found)?;
        self.close_in(&mut found)?;
        Ok(found.iter().map(|it| self.place(it)).collect())
    }

    /// Steps to one side.
    fn walk(&self, from: &Spot, mut step: f64) -> Result<Vec<Found>, E> {
        let ends = (
            self.coordinate.free_at(ENDS.0),
            self.coordinate.free_at(ENDS.1),
        );
        let mut places = Vec::new();
        let mut here = from.clone();
        let mut last: Option<DVector<f64>> = None;
        let mut lowest = from.objective();
        for _ in 0..MOST_STEPS {
            let from = here.point[self.index];
            let held = (from + step).clamp(ends.0.min(from), ends.1.max(from));
            if (held - from).abs() < 1e-9 {
                break;
            }
            // The others go on as they went from the last place to this one.
            let ahead = last.map(|last| {
                let share = (held - from) / (from - last[self.index]);
                &here.point + (&here.point - last) * share
            });
            let mut found = match ahead {
                Some(ahead) => self.fit(&ahead, held)?,
                None => None,
            };
            let doubtful = |found: &Option<Spot>| {
                let worst = here.objective() + 2.0 * THRESHOLD;
                found
                    .as_ref()
                    .is_none_or(|it| !it.is_bottom || it.objective() > worst)
            };
            if doubtful(&found) {
                found = better(found, self.fit(&here.point, held)?);
            }
            let is_outside = |found: &Option<Spot>, lowest: f64| {
                found
                    .as_ref()
                    .is_none_or(|it| it.objective() > lowest + THRESHOLD)
            };
            if is_outside(&found, lowest) {
                for start in self.others() {
                    found = better(found, self.fit(&start, held)?);
                }
            }
            places.push(Found {
                held,
                spot: found.clone(),
            });
            let Some(found) = found else { break };
            lowest = lowest.min(found.objective());
            let rise = found.objective() - here.objective();
            last = Some(std::mem::replace(&mut here, found).point);
            if here.objective() > lowest + 1.5 * THRESHOLD {
                break;
            }
            if rise.abs() < 0.3 {
                step = step.signum() * (1.6 * step.abs()).min(LONGEST_STEP);
            } else if rise > 1.0 {
                step *= 0.6;
            }
        }
        Ok(places)
    }

    /// Other starts of a fit: the values as they stand, the middles of all ranges, and with few parameters some
    /// places far from both.
    fn others(&self) -> Vec<DVector<f64>> {
        let size = self.standing.len();
        let mut starts = vec![self.standing.clone(), DVector::zeros(size)];
        if (2..=FEW + 1).contains(&size) {
            let far = [-2.0, 2.0];
            starts.extend(far.map(|z| DVector::from_element(size, z)));
            let alternating = |i: usize| if i.is_multiple_of(2) { 2.0 } else { -2.0 };
            starts.push(DVector::from_fn(size, |i, _| alternating(i)));
        }
        starts
    }

    /// Adds a place, fitted from its neighbours and from `start`.
    fn insert(&self, places: &mut Vec<Found>, held: f64, start: &DVector<f64>) -> Result<(), E> {
        let at = places.partition_point(|it| it.held < held);
        if places.get(at).is_some_and(|it| it.held - held < 1e-9) {
            return Ok(());
        }
        let before = at
            .checked_sub(1)
            .and_then(|before| places[before].spot.as_ref());
        let after = places.get(at).and_then(|it| it.spot.as_ref());
        let mut spot = self.fit(start, held)?;
        if self.standing.len() <= FEW + 1 {
            for other in self.others() {
                spot = better(spot, self.fit(&other, held)?);
            }
        }
        for neighbour in before.into_iter().chain(after) {
            spot = better(spot, self.fit(&neighbour.point, held)?);
        }
        places.insert(at, Found { held, spot });
        Ok(())
    }

    /// Neighbours try each other's fits.
    fn compare(&self, places: &mut [Found]) -> Result<(), E> {
        for right in 1..places.len() {
            self.adopt(places, right - 1, right)?;
        }
        for right in (1..places.len()).rev() {
            self.adopt(places, right, right - 1)?;
        }
        Ok(())
    }

    /// One place tries the fit of another.
    fn adopt(&self, places: &mut [Found], from: usize, to: usize) -> Result<(), E> {
        let Some(theirs) = places[from].spot.clone() else {
            return Ok(());
        };
        let held = places[to].held;
        let known = places[to]
            .spot
            .as_ref()
            .map_or(f64::INFINITY, Spot::objective);
        // With many parameters a fit is dear: only where the others' values are better as they are.
        if self.standing.len() > FEW + 1 {
            let mut point = theirs.point.clone();
            point[self.index] = held;
            let residuals = self.of.residuals(&point);
            let objective = residuals.map_or(f64::INFINITY, |it| 0.5 * it.norm_squared());
            if objective >= known {
                return Ok(());
            }
        }
        let theirs = self.fit(&theirs.point, held)?;
        places[to].spot = better(places[to].spot.take(), theirs);
        Ok(())
    }

    /// Closes in on every crossing of the threshold.
    fn close_in(&self, places: &mut Vec<Found>) -> Result<(), E> {
        let mut done = 0;
        while let Some(held) = next_closer(places) {
            let Some(best) = lowest(places) else { break };
            let start = best.point.clone();
            self.insert(places, held, &start)?;
            done += 1;
            if done >= 4 * MOST_CLOSER {
                break;
            }
        }
        Ok(())
    }

    /// The best fit of the others from `start`.
    fn fit(&self, start: &DVector<f64>, held: f64) -> Result<Option<Spot>, E> {
        let problem = Held {
            of: self.of,
            index: self.index,
            held,
        };
        let free = start.clone().remove_row(self.index);
        let found = minimise(&problem, &free, self.limit, &|| (self.watch)(Work::Point))?;
        (self.watch)(Work::Fit)?;
        Ok(found.map(|found| Spot {
            point: problem.whole(&found.point),
            parts: self.parts(&found.residuals),
            is_bottom: found.termination == Termination::Bottom,
        }))
    }

    /// ½ Σ r² of targets and of priors.
    fn parts(&self, residuals: &DVector<f64>) -> (f64, f64) {
        let (targets, priors) = residuals.as_slice().split_at(self.targets);
        let half = |rows: &[f64]| 0.5 * rows.iter().fold(0.0, |sum, r| sum + r * r);
        (half(targets), half(priors))
    }

    fn place(&self, found: &Found) -> Place {
        let value = self.coordinate.parameter(found.held).0;
        Place {
            value,
            position: self.coordinate.position(value),
            objective: found.spot.as_ref().map(|it| it.parts),
            is_bottom: found.spot.as_ref().is_some_and(|it| it.is_bottom),
        }
    }
}

/// The lower one of two fits; of equals the first.
fn better(a: Option<Spot>, b: Option<Spot>) -> Option<Spot> {
    match (a, b) {
        (Some(a), Some(b)) => {
            // A bottom is worth more than a hair of the objective.
            let gain = a.objective() - b.objective();
            let is_better = gain > SAME || (gain > -SAME && b.is_bottom && !a.is_bottom);
            Some(if is_better { b } else { a })
        }
        (a, b) => a.or(b),
    }
}

fn lowest(places: &[Found]) -> Option<&Spot> {
    let spots = places.iter().filter_map(|it| it.spot.as_ref());
    spots.min_by(|a, b| a.objective().total_cmp(&b.objective()))
}

/// Where the first crossing lies that no place is near to yet.
fn next_closer(places: &[Found]) -> Option<f64> {
    let lowest = lowest(places)?.objective();
    let known: Vec<(f64, f64)> = places
        .iter()
        .filter_map(|it| Some((it.held, it.spot.as_ref()?.objective() - lowest)))
        .collect();
    known.windows(2).find_map(|pair| {
        let (a, b) = (pair[0], pair[1]);
        let is_crossed = (a.1 > THRESHOLD) != (b.1 > THRESHOLD);
        let is_known = [a, b].iter().any(|it| (it.1 - THRESHOLD).abs() < NEAR);
        if !is_crossed || is_known || b.0 - a.0 < 1e-4 {
            return None;
        }
        let root = |above: f64| above.max(0.0).sqrt();
        let share = (root(THRESHOLD) - root(a.1)) / (root(b.1) - root(a.1));
        Some(a.0 + (b.0 - a.0) * share.clamp(0.1, 0.9))
    })
}

/// The residuals of all parameters but one, which is held.
struct Held<'a, R> {
    of: &'a R,
    index: usize,
    held: f64,
}

impl<R> Held<'_, R> {
    fn whole(&self, free: &DVector<f64>) -> DVector<f64> {
        free.clone().insert_row(self.index, self.held)
    }
}

impl<R: Residuals> Residuals for Held<'_, R> {
    fn residuals(&self, point: &DVector<f64>) -> Option<DVector<f64>> {
        self.of.residuals(&self.whole(point))
    }

    fn jacobian(&self, point: &DVector<f64>) -> Option<DMatrix<f64>> {
        let whole = self.of.jacobian(&self.whole(point))?;
        Some(whole.remove_column(self.index))
    }
}

#[cfg(test)]
mod tests {
    use gutbrain_numbers::Real;
    use proptest::prelude::*;

    use super::super::super::decay::{Decay, unwatched};
    use super::super::super::least_squares::curvature;
    use super::super::{End, Profile};
    use super::*;

    /// The profile of coordinate `index`, from values as they stand.
    fn profile(
        of: &(impl Residuals + Sync),
        targets: usize,
        index: usize,
        coordinate: Coordinate,
        standing: &DVector<f64>,
    ) -> Profile {
        let bottom = minimise(of, standing, 200, &unwatched)
            .expect("nobody ends it")
            .expect("a value");
        let jacobian = of.jacobian(&bottom.point).expect("derivatives");
        let covariance = nalgebra::Cholesky::new(curvature(&jacobian)).expect("definite");
        let deviation = covariance.inverse()[(index, index)].sqrt();
        let search = Search {
            of,
            targets,
            index,
            coordinate,
            limit: 100,
            standing,
            watch: &|_| unwatched(),
        };
        let is_bottom = bottom.termination == Termination::Bottom;
        let places = search.places(&bottom.point, &bottom.residuals, is_bottom, deviation);
        Profile {
            id: "x".to_owned(),
            value: coordinate.parameter(standing[index]).0,
            places: places.expect("nobody ends it"),
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(100) })]

        /// Of `a exp(−k t)` seen at 0 and at 10, the second datum can be met exactly for any `a`: the profile of
        /// `a` is ((a − y) / sd)² / 2, its interval y ± √(2 · 1.92) sd, whatever the values as they stand are,
        /// middles of ranges among them.
        #[test]
        fn a_nuisance_number_is_fitted_again_at_every_place(
            a in 1.0_f64..5.0, k in 0.1_f64..0.3, share in 0.02_f64..0.12,
            stands in prop_oneof![Just(0.5), 0.02_f64..0.98],
            stands_a in prop_oneof![Just(0.5), 0.02_f64..0.98],
        ) {
            let ranges = [(0.02, 2.0), (0.3, 30.0)];
            let y = a * Real::exp(-10.0 * k);
            let data = vec![(0.0, a, share * a), (10.0, y, 0.15 * y)];
            let decay = Decay::new(ranges, 0.0, data);
            let at = |(low, high): (f64, f64), u: f64| low * Real::powf(high / low, u);
            let standing = decay.start([at(ranges[0], stands), at(ranges[1], stands_a)]);
            let found = profile(&decay, 2, 1, decay.ranges[1], &standing);
            let wide = (2.0 * THRESHOLD).sqrt() * share * a;
            let (End::At(low), End::At(high)) = found.interval() else {
                panic!("{found:#?}");
            };
            prop_assert!((low - (a - wide)).abs() < 0.01 * wide, "{low} {}", a - wide);
            prop_assert!((high - (a + wide)).abs() < 0.01 * wide, "{high} {}", a + wide);
            for place in &found.places {
                let (targets, priors) = place.objective.expect("always a value");
                let exact = 0.5 * ((place.value - a) / (share * a)).powi(2);
                prop_assert!(place.is_bottom);
                prop_assert!(exact - targets - priors < 1e-9 * (1.0 + exact), "{place:?} {exact}");
                // Where the other number would have to leave its range, it stays at the end.
                if !(0.025..1.9).contains(&(0.1 * Real::ln(place.value / y))) {
                    continue;
                }
                prop_assert!(targets + priors - exact < 1e-3 * (1.0 + exact), "{place:?} {exact}");
            }
        }
    }

    /// Two numbers of which the square of the first is known, and the second follows the first on a curve: the
    /// profile of the first has two valleys, and in that of the second a place has two fits.
    struct Mirror;

    impl Residuals for Mirror {
        fn residuals(&self, point: &DVector<f64>) -> Option<DVector<f64>> {
            let (x, y) = (point[0], point[1]);
            Some(DVector::from_vec(vec![
                4.0 * (x * x - 1.0),
                5.0 * (y - x * x * x),
            ]))
        }

        fn jacobian(&self, point: &DVector<f64>) -> Option<DMatrix<f64>> {
            let x = point[0];
            Some(DMatrix::from_row_slice(
                2,
                2,
                &[8.0 * x, 0.0, -15.0 * x * x, 5.0],
            ))
        }
    }

    #[test]
    fn a_second_valley_is_found_and_a_place_takes_the_better_fit() {
        let coordinate = Coordinate::new(0.0, 1.0).expect("a range");
        let standing = DVector::from_vec(vec![0.8, 0.3]);
        let found = profile(&Mirror, 2, 0, coordinate, &standing);
        let intervals = found.intervals();
        assert_eq!(intervals.len(), 2, "{found:#?}");
        // 8 (x² − 1)² = 1.92: x = ± √(1 ± 0.49).
        let half = (THRESHOLD / 8.0).sqrt();
        let ends = [(1.0 - half).sqrt(), (1.0 + half).sqrt()];
        let free = |end: End| match end {
            End::At(value) => coordinate.free(value),
            End::Beyond(value) => panic!("open at {value}"),
        };
        let sorted = |sign: f64| {
            let mut ends = ends.map(|end| sign * end);
            ends.sort_by(f64::total_cmp);
            ends
        };
        for (interval, wanted) in intervals.iter().zip([sorted(1.0), sorted(-1.0)]) {
            for (found, wanted) in [free(interval.0), free(interval.1)].iter().zip(wanted) {
                assert!((found - wanted).abs() < 0.01, "{found} {wanted}");
            }
        }
        // The profile of the second: where it is negative, the first is best near −1.
        let found = profile(&Mirror, 2, 1, coordinate, &standing);
        for place in &found.places {
            let y = coordinate.free(place.value);
            let objective = |x: f64| {
                let residuals = Mirror.residuals(&DVector::from_vec(vec![x, y]));
                0.5 * residuals.expect("a value").norm_squared()
            };
            let steps = (-4000..=4000).map(|i| objective(f64::from(i) / 2000.0));
            let best = steps.fold(f64::INFINITY, f64::min);
            let (targets, _) = place.objective.expect("a value");
            assert!(targets < best + 1e-3, "{y}: {targets} {best}");
        }
    }
}
