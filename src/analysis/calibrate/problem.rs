//! The least-squares problem: residuals of targets and priors over free coordinates.
//!
//! ```text
//! r_i(z) = (f_i(p(z)) − v_i) / sd_i         targets
//! r_j(z) = w (t(p_j) − centre_j) / sd_j     priors, weight w
//! r_j(z) = w PULL z_j                       flat priors
//! J_ij   = ∂f_i/∂p_j · dp_j/dz_j / sd_i
//! ```
//!
//! The weak pull on parameters without preference keeps a parameter that the targets drive to an end
//! of its range from creeping towards infinity in its free coordinate for ever.
//!
//! A simulation that fails, or an endpoint that is not reached, makes all residuals infinitely bad:
//! the step is refused. How often that happened is counted and reported; a failure is never a zero.

use std::collections::{BTreeMap, BTreeSet};

use nalgebra::{DMatrix, DVector};
use rayon::prelude::*;

use super::file::{Calibration, Fitted};
use super::least_squares::Residuals;
use super::target::Target;
use crate::analysis::survey::{Changed, Survey};
use crate::model::Model;
use crate::scenario::Scenario;
use crate::simulate::{Experiment, Layer, SimulateError};

/// Pull of a flat prior on the free coordinate: 0.2 sd at 1 % from an end of the range.
const PULL: f64 = 0.05;

/// A calibration that cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum CalibrateError {
    /// A target's scenario was not given.
    #[error("target `{target}`: the scenario `{scenario}` was not loaded")]
    ScenarioMissing {
        /// The target.
        target: String,
        /// The scenario file.
        scenario: String,
    },
    /// A scenario does not fit the model or the features.
    #[error("scenario `{scenario}`: {cause}")]
    Simulate {
        /// The scenario file.
        scenario: String,
        /// What is wrong.
        cause: SimulateError,
    },
    /// A fitted value is overruled in every scenario.
    #[error(
        "parameter `{id}` has no effect on any target: its value comes from {instead} in every \
         scenario"
    )]
    Overruled {
        /// As written in the file.
        id: String,
        /// What sets the value instead.
        instead: String,
    },
    /// Nothing to fit, or nothing to fit to.
    #[error("a calibration needs at least one target and one parameter")]
    Empty,
}

/// The targets that one scenario serves.
#[derive(Debug)]
struct Group {
    experiment: Experiment,
    /// Indices of the targets, in the order of the experiment's features.
    targets: Vec<usize>,
    /// Indices of the fitted parameters whose values matter here, and their ids.
    fitted: Vec<usize>,
    parameters: Vec<String>,
    /// The same features for many vectors at once, and the places of the parameters there.
    survey: Survey,
    places: Vec<usize>,
    /// The subject that is simulated.
    preset: String,
}

/// Everything compiled that a fit needs; shared by all starts.
#[derive(Debug)]
pub struct Setting<'a> {
    pub(super) calibration: &'a Calibration,
    groups: Vec<Group>,
    /// Interventions that the scenarios of the targets use.
    interventions: BTreeSet<String>,
}

/// The targets' values at one point.
#[derive(Debug, Clone, PartialEq)]
pub struct Prediction {
    /// One per target; `None` where the simulation failed or did not get there, with the reason.
    pub values: Vec<Result<f64, String>>,
    /// Indices of targets read after the death of the subject.
    pub after_death: Vec<usize>,
}

impl<'a> Setting<'a> {
    /// Compiles the scenarios of all targets. `scenarios` maps the names in the file to scenarios.
    ///
    /// # Errors
    /// See [`CalibrateError`].
    pub fn new(
        model: &Model,
        calibration: &'a Calibration,
        scenarios: &BTreeMap<String, Scenario>,
    ) -> Result<Setting<'a>, CalibrateError> {
        if calibration.targets.is_empty() || calibration.parameters.is_empty() {
            return Err(CalibrateError::Empty);
        }
        let mut by_scenario: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (index, target) in calibration.targets.iter().enumerate() {
            by_scenario.entry(&target.scenario).or_default().push(index);
        }
        let mut groups = Vec::new();
        for (name, targets) in by_scenario {
            let scenario = scenarios
                .get(name)
                .ok_or_else(|| CalibrateError::ScenarioMissing {
                    target: calibration.targets[targets[0]].name.clone(),
                    scenario: name.to_owned(),
                })?;
            let features: Vec<_> = targets
                .iter()
                .map(|&i| calibration.targets[i].feature.clone())
                .collect();
            let experiment = Experiment::new(model, scenario, &features, calibration.horizon)
                .map_err(|cause| CalibrateError::Simulate {
                    scenario: name.to_owned(),
                    cause,
                })?;
            let fitted: Vec<usize> = (0..calibration.parameters.len())
                .filter(|&i| holds(&calibration.parameters[i], &experiment))
                .collect();
            let parameters = fitted
                .iter()
                .map(|&i| calibration.parameters[i].parameter.clone())
                .collect();
            let survey = Survey::new(model, scenario, &features, calibration.horizon);
            let survey = survey.map_err(|cause| CalibrateError::Simulate {
                scenario: name.to_owned(),
                cause,
            })?;
            let places = fitted
                .iter()
                .filter_map(|&i| {
                    let id = &calibration.parameters[i].parameter;
                    survey.population().place(id)
                })
                .collect();
            groups.push(Group {
                experiment,
                targets,
                fitted,
                parameters,
                survey,
                places,
                preset: scenario.subject.preset.clone(),
            });
        }
        for (index, fitted) in calibration.parameters.iter().enumerate() {
            if !groups.iter().any(|group| group.fitted.contains(&index)) {
                let layer = groups[0].experiment.parameter(&fitted.parameter);
                let instead = match layer {
                    Some((_, Layer::Subject(name))) => format!("subject `{name}`"),
                    Some((_, Layer::Scenario)) => "the scenario".to_owned(),
                    Some((_, Layer::Declaration)) | None => "the declaration".to_owned(),
                };
                return Err(CalibrateError::Overruled {
                    id: fitted.id.clone(),
                    instead,
                });
            }
        }
        Ok(Setting {
            calibration,
            groups,
            interventions: scenarios
                .values()
                .flat_map(Scenario::interventions)
                .collect(),
        })
    }

    /// The interventions that the scenarios of the targets use.
    #[must_use]
    pub fn interventions(&self) -> &BTreeSet<String> {
        &self.interventions
    }

    /// The values of all targets with these parameter values (in the order of the file).
    #[must_use]
    pub fn predict(&self, parameters: &[f64]) -> Prediction {
        let evaluations: Vec<_> = self
            .groups
            .par_iter()
            .map(|group| group.experiment.run(&group.overrides(parameters)))
            .collect();
        let mut values = vec![Err(String::new()); self.calibration.targets.len()];
        let mut after_death = Vec::new();
        for (group, evaluation) in self.groups.iter().zip(evaluations) {
            match evaluation {
                Ok(evaluation) => {
                    for (&target, value) in group.targets.iter().zip(evaluation.values) {
                        values[target] = value.map_err(|missing| missing.to_string());
                    }
                    after_death.extend(evaluation.after_death.iter().map(|&i| group.targets[i]));
                }
                Err(error) => {
                    for &target in &group.targets {
                        values[target] = Err(error.to_string());
                    }
                }
            }
        }
        after_death.sort_unstable();
        Prediction {
            values,
            after_death,
        }
    }

    /// The values of all targets for many parameter vectors; `None` for one of which any target has
    /// no value. Unlike [`Self::predict`], what lies after death has none.
    #[must_use]
    pub fn predict_many(&self, vectors: &[Vec<f64>]) -> Vec<Option<Vec<f64>>> {
        let targets = self.calibration.targets.len();
        let mut all = vec![Some(vec![f64::NAN; targets]); vectors.len()];
        for group in &self.groups {
            let changed: Vec<Changed> = vectors
                .iter()
                .map(|vector| {
                    let values = group.fitted.iter().map(|&index| vector[index]);
                    group.places.iter().copied().zip(values).collect()
                })
                .collect();
            // Features and arms were checked when the setting was made.
            let Ok(answers) = group.survey.answers(&changed) else {
                return vec![None; vectors.len()];
            };
            for (whole, answers) in all.iter_mut().zip(answers) {
                for (&target, answer) in group.targets.iter().zip(answers) {
                    match (whole.as_mut(), answer) {
                        (Some(values), Ok(value)) => values[target] = value,
                        _ => *whole = None,
                    }
                }
            }
        }
        all
    }

    /// The subjects of the targets' scenarios.
    pub(super) fn presets(&self) -> impl Iterator<Item = &str> {
        self.groups.iter().map(|group| group.preset.as_str())
    }

    /// Lives that one vector takes.
    #[must_use]
    pub fn lives(&self) -> usize {
        self.groups.iter().map(|group| group.survey.lives()).sum()
    }

    /// Parameter values at a point of free coordinates, with d p / d z.
    pub(super) fn parameters_at(&self, point: &DVector<f64>) -> Vec<(f64, f64)> {
        let fitted = &self.calibration.parameters;
        fitted
            .iter()
            .zip(point.iter())
            .map(|(f, &z)| f.coordinate.parameter(z))
            .collect()
    }

    /// Target residuals, then prior residuals; `None` when a target has no value.
    pub(super) fn residuals(&self, point: &DVector<f64>) -> Option<DVector<f64>> {
        let parameters: Vec<f64> = self.parameters_at(point).iter().map(|&(p, _)| p).collect();
        let prediction = self.predict(&parameters);
        let mut residuals = Vec::new();
        for (target, value) in self.calibration.targets.iter().zip(&prediction.values) {
            let residual = target.aim.residual(*value.as_ref().ok()?).0;
            if !residual.is_finite() {
                // The value is none that the observation can have.
                return None;
            }
            residuals.push(residual);
        }
        residuals.extend(self.prior_residuals(&parameters, point));
        Some(DVector::from_vec(residuals))
    }

    /// ½ Σ r² of parameter values, which may lie at an end of their range; `None` where a target has no value.
    pub(super) fn objective_of(&self, values: &[f64]) -> Option<f64> {
        let fitted = self.calibration.parameters.iter().zip(values);
        let free: Vec<f64> = fitted
            .map(|(it, &value)| it.coordinate.free(value))
            .collect();
        let mut square = 0.0;
        for (target, value) in self.targets().iter().zip(self.predict(values).values) {
            let residual = target.aim.residual(value.ok()?).0;
            square += residual * residual;
        }
        let priors = self.prior_residuals(values, &DVector::from_vec(free));
        Some(0.5 * priors.iter().fold(square, |sum, r| sum + r * r))
    }

    /// ½ Σ r² of many points; `None` where a target has no value.
    pub(super) fn objectives(&self, points: &[DVector<f64>]) -> Vec<Option<f64>> {
        let of = |point: &DVector<f64>| -> Vec<f64> {
            self.parameters_at(point).iter().map(|&(p, _)| p).collect()
        };
        let vectors: Vec<Vec<f64>> = points.iter().map(of).collect();
        let predicted = self.predict_many(&vectors);
        let rows = points.iter().zip(&vectors).zip(predicted);
        let objective = |((point, vector), predicted): ((&DVector<f64>, &Vec<f64>), _)| {
            let predicted: Option<Vec<f64>> = predicted;
            let priors = self.prior_residuals(vector, point);
            let square = priors.iter().fold(0.0, |sum, r| sum + r * r);
            Some(0.5 * square - self.log_likelihood(&predicted?))
        };
        rows.map(objective).collect()
    }

    fn prior_residuals(&self, parameters: &[f64], point: &DVector<f64>) -> Vec<f64> {
        let (weight, fitted) = (self.calibration.prior_weight, &self.calibration.parameters);
        let rows = fitted.iter().zip(parameters).zip(point.iter());
        rows.map(|((fitted, &p), &z)| {
            let pull = fitted.prior.map_or(PULL * z, |prior| prior.residual(p).0);
            weight * pull
        })
        .collect()
    }

    /// The Jacobian of [`Self::residuals`] with respect to the free coordinates.
    pub(super) fn jacobian(&self, point: &DVector<f64>) -> Option<DMatrix<f64>> {
        let parameters = self.parameters_at(point);
        let values: Vec<f64> = parameters.iter().map(|&(p, _)| p).collect();
        let sensitivities: Vec<_> = self
            .groups
            .par_iter()
            .map(|group| {
                group
                    .experiment
                    .sensitivities(&group.overrides(&values), &group.parameters)
            })
            .collect();
        let targets = &self.calibration.targets;
        let fitted = &self.calibration.parameters;
        let mut jacobian = DMatrix::zeros(targets.len() + fitted.len(), fitted.len());
        for (group, sensitivities) in self.groups.iter().zip(sensitivities) {
            let sensitivities = sensitivities.ok()?.ok()?;
            for (row, &target) in group.targets.iter().enumerate() {
                let slope = targets[target].aim.residual(sensitivities.values[row]).1;
                for (place, &column) in group.fitted.iter().enumerate() {
                    jacobian[(target, column)] =
                        slope * sensitivities.derivatives[row][place] * parameters[column].1;
                }
            }
        }
        for (column, (fitted, &(p, slope))) in fitted.iter().zip(&parameters).enumerate() {
            let pull = fitted
                .prior
                .map_or(PULL, |prior| prior.residual(p).1 * slope);
            jacobian[(targets.len() + column, column)] = self.calibration.prior_weight * pull;
        }
        Some(jacobian)
    }

    /// The targets of the calibration.
    pub(super) fn targets(&self) -> &[Target] {
        &self.calibration.targets
    }
}

impl Group {
    fn overrides(&self, parameters: &[f64]) -> BTreeMap<String, f64> {
        let values = self.fitted.iter().map(|&index| parameters[index]);
        self.parameters.iter().cloned().zip(values).collect()
    }
}

/// Whether the fitted value is the one that the experiment's subject has.
fn holds(fitted: &Fitted, experiment: &Experiment) -> bool {
    match (experiment.parameter(&fitted.parameter), &fitted.subject) {
        (Some((_, Layer::Declaration)), None) => true,
        (Some((_, Layer::Subject(owner))), Some(subject)) => owner == subject,
        _ => false,
    }
}

impl Residuals for Setting<'_> {
    fn residuals(&self, point: &DVector<f64>) -> Option<DVector<f64>> {
        Setting::residuals(self, point)
    }

    fn jacobian(&self, point: &DVector<f64>) -> Option<DMatrix<f64>> {
        Setting::jacobian(self, point)
    }
}
