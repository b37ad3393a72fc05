//! Profiles: how much worse does the best fit get when one parameter is held away from its value?
//!
//! The fit is first brought to its bottom from the values as they stand. From there parameter `j` is moved to
//! either side in its free coordinate; at each place all others are fitted again, until nothing is to be gained
//! there either ([`super::least_squares`]). The profile is the objective `½ Σ r²` of the best fit, in two
//! parts: targets and priors. Where it lies below its lowest value + 1.92 (half the 95 % quantile of χ² with one
//! degree of freedom) is a 95 % confidence set: an interval, or several where the profile has several valleys.
//! A parameter of which the part of the targets hardly moves within its range is not identified by the data.
//!
//! How the places are chosen and what is done not to miss a valley: [`walk`].

mod kept;
mod walk;

use std::convert::Infallible;

use nalgebra::{Cholesky, DMatrix, DVector};
use rayon::prelude::*;

use super::least_squares::{Minimum, curvature, minimise};
use super::problem::Setting;
use super::report::Termination;
use walk::Search;

/// Half the 95 % quantile of χ² with one degree of freedom.
pub const THRESHOLD: f64 = 1.920_729_410_347_062;

/// One place of a profile.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// Value of the parameter that is held.
    pub value: f64,
    /// Its place in its range, 0 to 1 on the scale of the range.
    pub position: f64,
    /// ½ Σ r² over the targets and over the priors; `None` where nothing could be computed.
    pub objective: Option<(f64, f64)>,
    /// Whether the fit of the others ended at a bottom: elsewhere the profile may lie lower.
    pub is_bottom: bool,
}

/// What holds at an end of an interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum End {
    /// The profile crosses the threshold at this value.
    At(f64),
    /// It does not, up to this value.
    Beyond(f64),
}

/// The profile of one parameter.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    /// Its id as written.
    pub id: String,
    /// Its value as it stands.
    pub value: f64,
    /// Places in ascending order of the value; one of them is the value as it stands.
    pub places: Vec<Place>,
}

impl Profile {
    /// The lowest objective.
    #[must_use]
    pub fn lowest(&self) -> f64 {
        let all = self.places.iter().filter_map(|it| it.objective);
        all.map(|(targets, priors)| targets + priors)
            .fold(f64::INFINITY, f64::min)
    }

    /// The part of the 95 % confidence set around the lowest place.
    #[must_use]
    pub fn interval(&self) -> (End, End) {
        let nowhere = (End::Beyond(self.value), End::Beyond(self.value));
        self.intervals().first().copied().unwrap_or(nowhere)
    }

    /// The 95 % confidence set: the part around the lowest place first, then others in ascending order. Ends lie
    /// where the root of the objective above its lowest value, interpolated linearly between places, meets that
    /// of the threshold: for a parabola that is exact.
    #[must_use]
    pub fn intervals(&self) -> Vec<(End, End)> {
        let lowest = self.lowest();
        let known: Vec<(f64, f64)> = self
            .places
            .iter()
            .filter_map(|it| Some((it.value, it.objective?.0 + it.objective?.1 - lowest)))
            .collect();
        let crossing = |inside: (f64, f64), outside: (f64, f64)| {
            let (low, high) = (inside.1.max(0.0).sqrt(), outside.1.sqrt());
            let share = (THRESHOLD.sqrt() - low) / (high - low);
            End::At(inside.0 + (outside.0 - inside.0) * share)
        };
        let mut intervals = Vec::new();
        let mut first = None;
        for (place, &(value, above)) in known.iter().enumerate() {
            if above > THRESHOLD {
                continue;
            }
            let before = place.checked_sub(1).map(|before| known[before]);
            match before {
                None => first = Some(End::Beyond(value)),
                Some(before) if before.1 > THRESHOLD => {
                    first = Some(crossing((value, above), before));
                }
                Some(_) => {}
            }
            let last = match known.get(place + 1) {
                None => End::Beyond(value),
                Some(&after) if after.1 > THRESHOLD => crossing((value, above), after),
                Some(_) => continue,
            };
            intervals.extend(first.take().map(|first| (first, last)));
        }
        let best = known.iter().min_by(|a, b| a.1.total_cmp(&b.1));
        let number = |end: End| match end {
            End::At(value) | End::Beyond(value) => value,
        };
        if let Some(&(best, _)) = best {
            let holds = |it: &(End, End)| (number(it.0)..=number(it.1)).contains(&best);
            if let Some(main) = intervals.iter().position(holds) {
                let main = intervals.remove(main);
                intervals.insert(0, main);
            }
        }
        intervals
    }

    /// Places with an objective where the fit of the others ended at no bottom.
    #[must_use]
    pub fn rough(&self) -> usize {
        let places = self.places.iter().filter(|it| it.objective.is_some());
        places.filter(|it| !it.is_bottom).count()
    }

    /// By how much the part of the targets changes along the profile.
    #[must_use]
    pub fn informed(&self) -> f64 {
        let parts = self.places.iter().filter_map(|it| it.objective);
        let (low, high) = parts.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), (t, _)| {
            (low.min(t), high.max(t))
        });
        if high > low { high - low } else { 0.0 }
    }
}

/// What of a profile was just done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// A point was evaluated.
    Point,
    /// A fit has ended.
    Fit,
}

/// The bottom of the fit of all parameters, which every profile goes out from.
#[derive(Debug, Clone)]
pub struct Bottom {
    found: Minimum,
    /// The local covariance of the free coordinates.
    covariance: DMatrix<f64>,
}

impl Bottom {
    /// Goes to the bottom from the values as they stand; `None` if they have no objective. `watch` hears of
    /// the work.
    ///
    /// # Errors
    /// Whatever `watch` ends it with.
    pub fn find<E>(
        setting: &Setting<'_>,
        watch: &impl Fn(Work) -> Result<(), E>,
    ) -> Result<Option<Self>, E> {
        let told = || watch(Work::Point);
        let Some(found) = minimise(setting, &standing(setting), limit(setting), &told)? else {
            return Ok(None);
        };
        watch(Work::Fit)?;
        Ok(Self::at(setting, found))
    }

    /// The bottom with its covariance; `None` where there are no derivatives.
    fn at(setting: &Setting<'_>, found: Minimum) -> Option<Self> {
        let jacobian = setting.jacobian(&found.point)?;
        let covariance = Cholesky::new(curvature(&jacobian))?.inverse();
        Some(Self { found, covariance })
    }

    /// The profile of the parameter at a place of the calibration. `watch` hears of the work, from any
    /// thread.
    ///
    /// # Errors
    /// Whatever `watch` ends it with.
    pub fn profile<E: Send>(
        &self,
        setting: &Setting<'_>,
        index: usize,
        watch: &(impl Fn(Work) -> Result<(), E> + Sync),
    ) -> Result<Profile, E> {
        let fitted = &setting.calibration.parameters[index];
        let search = Search {
            of: setting,
            targets: setting.targets().len(),
            index,
            coordinate: fitted.coordinate,
            limit: limit(setting),
            standing: &standing(setting),
            watch,
        };
        let Minimum {
            point, residuals, ..
        } = &self.found;
        let is_bottom = self.found.termination == Termination::Bottom;
        let deviation = self.covariance[(index, index)].sqrt();
        let mut places = search.places(point, residuals, is_bottom, deviation)?;
        // The value as it stands is among them: without the rounding of its coordinate.
        let nearest = places.iter_mut().min_by(|a, b| {
            let off = |place: &Place| (place.value - fitted.value).abs();
            off(a).total_cmp(&off(b))
        });
        if let Some(nearest) = nearest {
            nearest.value = fitted.value;
        }
        Ok(Profile {
            id: fitted.id.clone(),
            value: fitted.value,
            places,
        })
    }
}

/// The values as they stand, in free coordinates.
fn standing(setting: &Setting<'_>) -> DVector<f64> {
    let fitted = &setting.calibration.parameters;
    let free = fitted.iter().map(|f| f.coordinate.free(f.value));
    DVector::from_iterator(fitted.len(), free)
}

/// Evaluations of each fit.
fn limit(setting: &Setting<'_>) -> usize {
    setting.calibration.evaluations.max(LEAST_EVALUATIONS)
}

/// The profiles of some parameters, by their places in the calibration; `None` if the values as they
/// stand have no objective.
#[must_use]
pub fn profiles(setting: &Setting<'_>, parameters: &[usize]) -> Option<Vec<Profile>> {
    let nobody = |_| Ok::<(), Infallible>(());
    let Ok(bottom) = Bottom::find(setting, &nobody);
    let bottom = bottom?;
    let one = |&index: &usize| {
        let Ok(profile) = bottom.profile(setting, index, &nobody);
        profile
    };
    Some(parameters.par_iter().map(one).collect())
}

/// Evaluations of each fit, at least.
const LEAST_EVALUATIONS: usize = 60;

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(objectives: &[(f64, Option<(f64, f64)>)]) -> Profile {
        Profile {
            id: "a".to_owned(),
            value: 0.0,
            places: objectives
                .iter()
                .map(|&(value, objective)| Place {
                    value,
                    position: 0.5,
                    objective,
                    is_bottom: true,
                })
                .collect(),
        }
    }

    #[test]
    fn an_interval_ends_where_the_profile_crosses_the_threshold() {
        let parabola = |x: f64| (x, Some((0.5 * x * x, 0.0)));
        let points: Vec<_> = (-30..=10).map(|i| parabola(f64::from(i) / 10.0)).collect();
        let found = profile(&points);
        let (End::At(low), End::Beyond(high)) = found.interval() else {
            panic!("{:?}", found.interval());
        };
        assert!(
            (low + 2.0 * (THRESHOLD / 2.0).sqrt()).abs() < 1e-12,
            "{low}"
        );
        assert!((high - 1.0).abs() < 1e-12, "{high}");
        assert!((found.informed() - 4.5).abs() < 1e-12);
    }

    #[test]
    fn places_without_a_value_end_nothing() {
        let found = profile(&[
            (-1.0, None),
            (0.0, Some((0.0, 1.0))),
            (1.0, Some((0.0, 3.0))),
        ]);
        assert_eq!(found.interval().0, End::Beyond(0.0));
        assert!(matches!(found.interval().1, End::At(value) if (0.9..1.0).contains(&value)));
        assert!(found.informed().abs() < 1e-300);
    }

    #[test]
    fn two_valleys_are_two_intervals_the_deeper_first() {
        // Δ = 0.5 (x² − 9)² / 9 has its bottoms at −3 and 3; the right one is a little higher.
        let valley = |x: f64| 0.5 * (x * x - 9.0).powi(2) / 9.0 + if x > 0.0 { 0.5 } else { 0.0 };
        let points: Vec<_> = (-60..=60)
            .map(|i| {
                (
                    f64::from(i) / 10.0,
                    Some((valley(f64::from(i) / 10.0), 0.0)),
                )
            })
            .collect();
        let found = profile(&points).intervals();
        assert_eq!(found.len(), 2, "{found:?}");
        let (End::At(a), End::At(b)) = found[0] else {
            panic!("{found:?}")
        };
        let (End::At(c), End::At(d)) = found[1] else {
            panic!("{found:?}")
        };
        let root = |above: f64, sign: f64| (9.0 + sign * 3.0 * (2.0 * above).sqrt()).sqrt();
        for (found, wanted) in [
            (a, -root(THRESHOLD, 1.0)),
            (b, -root(THRESHOLD, -1.0)),
            (c, root(THRESHOLD - 0.5, -1.0)),
            (d, root(THRESHOLD - 0.5, 1.0)),
        ] {
            assert!((found - wanted).abs() < 2e-3, "{found} {wanted}");
        }
    }
}
