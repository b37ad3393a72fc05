//! Calibration: parameter values, inside their documented ranges, that agree with the evidence.
//!
//! Levenberg–Marquardt (Moré 1978, crate `levenberg-marquardt`) on residuals in standard deviations,
//! with exact forward sensitivities, from several starts. The first start is the model as it stands,
//! the others a seeded Latin hypercube over the ranges. Priors are penalties ([`coordinate`]); failed
//! simulations are infinitely bad and counted ([`problem`]). The report says, target by target and
//! parameter by parameter, what came out, and what the data do not determine (singular values).

mod apply;
pub mod chunk;
pub mod coordinate;
pub mod ensemble;
mod file;
pub mod posterior;
mod problem;
mod report;
pub mod sampler;
pub mod standard;
mod starts;
mod target;

use levenberg_marquardt::LevenbergMarquardt;
use nalgebra::DVector;
use rayon::prelude::*;

pub use apply::{ApplyError, apply, round_to_six_digits};
pub use file::{Calibration, Fitted};
pub use problem::{CalibrateError, Prediction, Setting};
pub use report::{FitReport, ParameterLine, StartLine, TargetLine};
pub use target::{Aim, Target};

use problem::Problem;

/// First trust region, in units of the scaled coordinates: moderate, because far steps saturate.
const FIRST_STEP: f64 = 1.0;
/// Relative accuracy of objective and coordinates at which a fit has converged.
const CONVERGED: f64 = 1e-9;

/// One start that has ended.
struct Ended {
    point: DVector<f64>,
    line: StartLine,
}

/// Fits a calibration; see the module's description.
///
/// The result is a function of the model, the scenarios and the calibration file alone.
#[must_use]
pub fn fit(setting: &Setting<'_>) -> FitReport {
    let calibration = setting.calibration;
    let fitted = &calibration.parameters;
    let now = DVector::from_iterator(
        fitted.len(),
        fitted
            .iter()
            .map(|parameter| parameter.coordinate.free(parameter.value)),
    );
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
        .map(|point| start(setting, point))
        .collect();
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
    report::write(
        setting,
        best.map(|index| (index, &ended[index].point)),
        lines,
    )
}

fn start(setting: &Setting<'_>, point: DVector<f64>) -> Ended {
    let calibration = setting.calibration;
    let Some(problem) = Problem::new(setting, point.clone()) else {
        let line = StartLine {
            objective: None,
            evaluations: 1,
            failures: 1,
            ended: "a target has no value at the start".to_owned(),
        };
        return Ended { point, line };
    };
    // The optimiser counts its patience in (parameters + 1) evaluations.
    let patience = calibration
        .evaluations
        .div_ceil(calibration.parameters.len() + 1);
    let (problem, report) = LevenbergMarquardt::new()
        .with_stepbound(FIRST_STEP)
        .with_ftol(CONVERGED)
        .with_xtol(CONVERGED)
        .with_gtol(CONVERGED)
        .with_patience(patience)
        .minimize(problem);
    let line = StartLine {
        objective: Some(report.objective_function),
        evaluations: report.number_of_evaluations,
        failures: problem.failures,
        ended: format!("{:?}", report.termination),
    };
    Ended {
        point: levenberg_marquardt::LeastSquaresProblem::params(&problem),
        line,
    }
}
