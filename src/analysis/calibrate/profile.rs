//! Profiles: how much worse does the best fit get when one parameter is held away from its value?
//!
//! From the values as they stand, parameter `j` is moved step by step to either side in its free
//! coordinate; at each place all others are fitted again (Levenberg–Marquardt, from where the last place
//! left them). The profile is the objective `½ Σ r²` of the best fit, in two parts: targets and priors.
//! Where it lies below its lowest value + 1.92 (half the 95 % quantile of χ² with one degree of freedom)
//! is a 95 % interval. A parameter of which the part of the targets hardly moves within its range is not
//! identified by the data.

use levenberg_marquardt::{LeastSquaresProblem, LevenbergMarquardt};
use nalgebra::storage::Owned;
use nalgebra::{Cholesky, DMatrix, DVector, Dyn};
use rayon::prelude::*;

use super::problem::Setting;

/// Half the 95 % quantile of χ² with one degree of freedom.
pub const THRESHOLD: f64 = 1.920_729_410_347_062;

/// Steps to a side, in standard deviations of the local posterior.
const STEP: f64 = 0.75;
/// Most steps to a side.
const MOST_STEPS: usize = 6;
/// Evaluations of each fit, in (parameters + 1): the fit begins close to its end.
const PATIENCE: usize = 1;
/// Relative accuracy of each fit.
const CONVERGED: f64 = 1e-6;

/// One place of a profile.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// Value of the parameter that is held.
    pub value: f64,
    /// Its place in its range, 0 to 1 on the scale of the range.
    pub position: f64,
    /// ½ Σ r² over the targets and over the priors; `None` where nothing could be computed.
    pub objective: Option<(f64, f64)>,
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

    /// The 95 % interval, by straight lines between places.
    #[must_use]
    pub fn interval(&self) -> (End, End) {
        let limit = self.lowest() + THRESHOLD;
        let known: Vec<(f64, f64)> = self
            .places
            .iter()
            .filter_map(|it| Some((it.value, it.objective?.0 + it.objective?.1)))
            .collect();
        let lowest = known
            .iter()
            .enumerate()
            .min_by(|a, b| a.1.1.total_cmp(&b.1.1));
        let best = lowest.map_or(0, |(place, _)| place);
        let end = |places: &mut dyn Iterator<Item = &(f64, f64)>| {
            let mut last: Option<(f64, f64)> = None;
            for &(value, objective) in places {
                if let (Some((from, low)), true) = (last, objective > limit) {
                    return End::At(from + (value - from) * (limit - low) / (objective - low));
                }
                last = Some((value, objective));
            }
            End::Beyond(last.map_or(self.value, |(value, _)| value))
        };
        (
            end(&mut known[..=best.min(known.len().saturating_sub(1))]
                .iter()
                .rev()),
            end(&mut known[best..].iter()),
        )
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

/// The profiles of some parameters, by their places in the calibration; `None` if the values as they
/// stand have no objective. `progress` hears of every place that is done.
#[must_use]
pub fn profiles(
    setting: &Setting<'_>,
    parameters: &[usize],
    progress: &(impl Fn() + Sync),
) -> Option<Vec<Profile>> {
    let fitted = &setting.calibration.parameters;
    let free = fitted.iter().map(|f| f.coordinate.free(f.value));
    let now = DVector::from_iterator(fitted.len(), free);
    let residuals = setting.residuals(&now)?;
    let jacobian = setting.jacobian(&now)?;
    let covariance = Cholesky::new(jacobian.transpose() * &jacobian)?.inverse();
    let here = Place {
        objective: Some(parts(setting, &residuals)),
        ..place(setting, &now, 0)
    };
    let sides: Vec<(usize, f64)> = parameters
        .iter()
        .flat_map(|&index| [(index, -1.0), (index, 1.0)])
        .collect();
    let walked: Vec<Vec<Place>> = sides
        .into_par_iter()
        .map(|(index, direction)| {
            let step = direction * STEP * covariance[(index, index)].sqrt();
            let first = here.objective.map_or(f64::INFINITY, |(t, p)| t + p);
            walk(setting, &now, index, step, first, progress)
        })
        .collect();
    let one = |(&index, sides): (&usize, &[Vec<Place>])| {
        let mut places: Vec<Place> = sides[0].iter().rev().cloned().collect();
        places.push(Place {
            objective: here.objective,
            ..place(setting, &now, index)
        });
        places.extend(sides[1].iter().cloned());
        Profile {
            id: fitted[index].id.clone(),
            value: fitted[index].value,
            places,
        }
    };
    Some(parameters.iter().zip(walked.chunks(2)).map(one).collect())
}

fn walk(
    setting: &Setting<'_>,
    from: &DVector<f64>,
    index: usize,
    step: f64,
    first: f64,
    progress: &(impl Fn() + Sync),
) -> Vec<Place> {
    let mut point = from.clone();
    let mut places = Vec::new();
    let mut last = point.clone();
    for _ in 0..MOST_STEPS {
        // The others go on as they went from the last place to this one.
        let ahead = &point + (&point - &last);
        last.copy_from(&point);
        let held = point[index] + step;
        let start = if places.is_empty() {
            point.clone()
        } else {
            ahead
        };
        let mut found = Held::fit(setting, start, index, held);
        if found.is_none() {
            found = Held::fit(setting, point.clone(), index, held);
        }
        progress();
        let Some((end, residuals)) = found else {
            let mut nowhere = point.clone();
            nowhere[index] = held;
            places.push(place(setting, &nowhere, index));
            break;
        };
        let objective = parts(setting, &residuals);
        places.push(Place {
            objective: Some(objective),
            ..place(setting, &end, index)
        });
        point = end;
        let position = places.last().map_or(0.5, |it| it.position);
        let is_end = !(0.005..=0.995).contains(&position);
        if objective.0 + objective.1 > first + 1.5 * THRESHOLD || is_end {
            break;
        }
    }
    places
}

fn place(setting: &Setting<'_>, point: &DVector<f64>, index: usize) -> Place {
    let coordinate = &setting.calibration.parameters[index].coordinate;
    let value = coordinate.parameter(point[index]).0;
    Place {
        value,
        position: coordinate.position(value),
        objective: None,
    }
}

/// ½ Σ r² of targets and of priors.
fn parts(setting: &Setting<'_>, residuals: &DVector<f64>) -> (f64, f64) {
    let targets = setting.targets().len();
    let half = |rows: nalgebra::DVectorView<'_, f64>| 0.5 * rows.norm_squared();
    (
        half(residuals.rows(0, targets)),
        half(residuals.rows(targets, residuals.len() - targets)),
    )
}

/// The fit of all parameters but one.
struct Held<'a> {
    setting: &'a Setting<'a>,
    /// All coordinates.
    point: DVector<f64>,
    /// The one that is held.
    index: usize,
    residuals: DVector<f64>,
}

/// Residual that stands for a failed simulation.
const REFUSED: f64 = 1e100;

impl<'a> Held<'a> {
    fn fit(
        setting: &'a Setting<'a>,
        mut point: DVector<f64>,
        index: usize,
        value: f64,
    ) -> Option<(DVector<f64>, DVector<f64>)> {
        point[index] = value;
        let residuals = setting.residuals(&point)?;
        let held = Held {
            setting,
            point,
            index,
            residuals,
        };
        let (held, _) = LevenbergMarquardt::new()
            .with_stepbound(1.0)
            .with_ftol(CONVERGED)
            .with_xtol(CONVERGED)
            .with_gtol(CONVERGED)
            .with_patience(PATIENCE)
            .minimize(held);
        let finite = held.residuals.amax() < REFUSED;
        finite.then_some((held.point, held.residuals))
    }
}

impl LeastSquaresProblem<f64, Dyn, Dyn> for Held<'_> {
    type ResidualStorage = Owned<f64, Dyn>;
    type JacobianStorage = Owned<f64, Dyn, Dyn>;
    type ParameterStorage = Owned<f64, Dyn>;

    fn set_params(&mut self, free: &DVector<f64>) {
        let held = self.point[self.index];
        self.point = free.clone().insert_row(self.index, held);
        match self.setting.residuals(&self.point) {
            Some(residuals) => self.residuals = residuals,
            None => self.residuals.fill(REFUSED),
        }
    }

    fn params(&self) -> DVector<f64> {
        self.point.clone().remove_row(self.index)
    }

    fn residuals(&self) -> Option<DVector<f64>> {
        Some(self.residuals.clone())
    }

    fn jacobian(&self) -> Option<DMatrix<f64>> {
        let whole = self.setting.jacobian(&self.point)?;
        Some(whole.remove_column(self.index))
    }
}

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
        assert!((low + 1.96).abs() < 1e-2, "{low}");
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
}
