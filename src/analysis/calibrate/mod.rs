//! Calibration: parameter values, inside their documented ranges, that agree with the evidence.
//!
//! Levenberg–Marquardt on residuals in standard deviations, with exact forward sensitivities, from several
//! starts; what it calls converged is shown to be a bottom or reported as none ([`least_squares`]). The first start is the model as it stands,
//! the others a seeded Latin hypercube over the ranges; [`cma_es`] is the global method to compare with.
//! [`posterior`] samples what the evidence leaves open, [`profile`] shows it parameter by parameter,
//! [`stationary`] says whether the shipped values are a bottom. Priors are penalties ([`coordinate`]); failed
//! simulations are infinitely bad and counted ([`problem`]). The report says, target by target and
//! parameter by parameter, what came out, and what the data do not determine (singular values).

mod apply;
pub mod chunk;
pub mod cma_es;
pub mod coordinate;
#[cfg(test)]
mod decay;
mod ended;
pub mod ensemble;
mod file;
mod least_squares;
mod own_data;
pub mod posterior;
pub mod predictions;
mod problem;
pub mod profile;
mod reached;
pub mod refit;
mod report;
pub mod sampler;
pub mod standard;
mod starts;
pub mod stationary;
mod target;

use std::collections::BTreeMap;
use std::convert::Infallible;

use nalgebra::DVector;
use rayon::prelude::*;

pub use apply::{ApplyError, apply, apply_values, round_to_six_digits};
pub use ended::Ended;
pub use file::{Calibration, Fitted, Method};
pub use own_data::targets_of_data;
pub use problem::{CalibrateError, Prediction, Setting};
pub use reached::Reached;
pub use report::{
    FitReport, Information, Informed, ParameterLine, StartLine, TargetLine, Termination,
};
pub use target::{Aim, Target};

use cma_es::CmaEs;

/// Relative accuracy of the objective at which a global search goes on.
const CONVERGED: f64 = 1e-9;

/// Fits a calibration; see the module's description.
///
/// The result is a function of the model, the scenarios and the calibration file alone.
#[must_use]
pub fn fit(setting: &Setting<'_>) -> FitReport {
    let nobody = || Ok::<(), Infallible>(());
    match fit_from(setting, &BTreeMap::new(), &nobody, &|_, _| nobody()) {
        Ok(report) => report,
    }
}

/// Fits a calibration of which some starts have ended already; `evaluated` hears of every point that is
/// evaluated (of a global search, of every generation), `report` of every other start when it ends.
///
/// # Errors
/// Whatever one of them ends the fit with.
pub fn fit_from<E: Send>(
    setting: &Setting<'_>,
    known: &BTreeMap<usize, Ended>,
    evaluated: &(impl Fn() -> Result<(), E> + Sync),
    report: &(impl Fn(usize, &Ended) -> Result<(), E> + Sync),
) -> Result<FitReport, E> {
    let calibration = setting.calibration;
    let fitted = &calibration.parameters;
    let now = standing(calibration);
    let cube = starts::latin_hypercube(calibration.starts - 1, fitted.len(), calibration.seed);
    let mut points = vec![now];
    points.extend(cube.into_iter().map(|positions| {
        let free = positions
            .iter()
            .zip(fitted)
            .map(|(&u, f)| f.coordinate.free_at(u));
        DVector::from_iterator(fitted.len(), free)
    }));
    let ended: Vec<Ended> = points
        .into_par_iter()
        .enumerate()
        .map(|(number, point)| {
            if let Some(known) = known.get(&number) {
                return Ok(known.clone());
            }
            let ended = end_from(setting, point, number, evaluated)?;
            report(number, &ended)?;
            Ok(ended)
        })
        .collect::<Result<_, E>>()?;
    // The lowest objective; of equals the first.
    let best = ended
        .iter()
        .enumerate()
        .filter(|(_, ended)| ended.line.objective.is_some())
        .min_by(|(_, a), (_, b)| {
            let objective = |ended: &Ended| ended.line.objective.unwrap_or(f64::INFINITY);
            objective(a).total_cmp(&objective(b))
        })
        .map(|(index, _)| index);
    let lines = ended.iter().map(|ended| ended.line.clone()).collect();
    let point = best.map(|index| DVector::from_column_slice(&ended[index].point));
    Ok(report::write(setting, best.zip(point.as_ref()), lines))
}

/// Where the fit from the values as they stand ends; `evaluated` as in [`fit_from`].
///
/// # Errors
/// Whatever `evaluated` ends the fit with.
pub fn fit_once<E>(
    setting: &Setting<'_>,
    evaluated: &impl Fn() -> Result<(), E>,
) -> Result<Ended, E> {
    end_from(setting, standing(setting.calibration), 0, evaluated)
}

/// The free coordinates of the values as they stand.
fn standing(calibration: &Calibration) -> DVector<f64> {
    let fitted = calibration.parameters.iter();
    let free: Vec<f64> = fitted.map(|it| it.coordinate.free(it.value)).collect();
    DVector::from_vec(free)
}

/// The end of one start by the method of the calibration.
fn end_from<E>(
    setting: &Setting<'_>,
    point: DVector<f64>,
    number: usize,
    evaluated: &impl Fn() -> Result<(), E>,
) -> Result<Ended, E> {
    match setting.calibration.method {
        Method::LevenbergMarquardt => start(setting, &point, evaluated),
        Method::CmaEs => search(setting, point, number, evaluated),
    }
}

/// A global search from one start.
fn search<E>(
    setting: &Setting<'_>,
    point: DVector<f64>,
    number: usize,
    evaluated: &impl Fn() -> Result<(), E>,
) -> Result<Ended, E> {
    /// First standard deviations of the coordinates.
    const SPREAD: f64 = 0.5;
    /// Generations without a better point after which it ends.
    const PATIENCE: usize = 60;
    let calibration = setting.calibration;
    let mut best: Option<(f64, DVector<f64>)> = None;
    let (mut evaluations, mut failures, mut idle) = (0, 0, 0);
    let mut search = CmaEs::new(point.clone(), SPREAD, calibration.seed, number as u64);
    let mut is_settled = false;
    for _ in 0..calibration.evaluations {
        let points = search.ask();
        let values = setting.objectives(&points);
        evaluated()?;
        evaluations += points.len();
        failures += values.iter().filter(|value| value.is_none()).count();
        idle += 1;
        for (point, value) in points.iter().zip(&values) {
            let Some(value) = *value else { continue };
            let known = best.as_ref().map_or(f64::INFINITY, |(known, _)| *known);
            if value < known - CONVERGED * known.abs().min(1.0) {
                best = Some((value, point.clone()));
                idle = 0;
            }
        }
        search.tell(&points, &values);
        if idle > PATIENCE || search.spread() < CONVERGED {
            is_settled = true;
            break;
        }
    }
    let (objective, point) = match best {
        Some((objective, point)) => (Some(objective), point),
        None => (None, point),
    };
    // A search that has settled claims a bottom, too.
    let termination = match setting.residuals(&point) {
        _ if objective.is_none() => Termination::NoValue,
        Some(residuals) if is_settled => least_squares::judge(setting, &point, &residuals),
        _ => Termination::Limit,
    };
    let line = StartLine {
        objective,
        evaluations,
        failures,
        termination,
    };
    Ok(Ended {
        point: point.iter().copied().collect(),
        line,
    })
}

fn start<E>(
    setting: &Setting<'_>,
    point: &DVector<f64>,
    evaluated: &impl Fn() -> Result<(), E>,
) -> Result<Ended, E> {
    let limit = setting.calibration.evaluations;
    let found = least_squares::minimise(setting, point, limit, evaluated)?;
    let (point, line) = match &found {
        None => (
            point,
            StartLine {
                objective: None,
                evaluations: 1,
                failures: 1,
                termination: Termination::NoValue,
            },
        ),
        Some(found) => (
            &found.point,
            StartLine {
                objective: Some(found.objective()),
                evaluations: found.evaluations,
                failures: found.failures,
                termination: found.termination,
            },
        ),
    };
    Ok(Ended {
        point: point.iter().copied().collect(),
        line,
    })
}
