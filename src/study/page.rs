//! The page of a calibration: what was fitted to what, and what is left open.

use std::collections::BTreeMap;
use std::path::Path;

use super::calibration::{scenario, text};
use super::renew::ensembles;
use super::{CalibrationSetup, Progress, Stage, StudyError};
use crate::analysis::calibrate::ensemble::standings;
use crate::analysis::calibrate::predictions::{PredictError, predict, read_predictions};
use crate::files::Files;
use crate::posterior::Posterior;
use crate::report::documents::{CalibrationPage, calibration_page, three_digits};

/// The file beside a calibration that says what its model is asked besides the targets.
const PREDICTIONS: &str = "predictions.toml";

/// The page of a calibration as Markdown, with the predictions of `predictions.toml` beside its file, which
/// is read from the disk, or through `files`.
///
/// # Errors
/// Files that cannot be understood, scenarios that do not fit, an ensemble that lacks a parameter; somebody
/// cancelled.
pub fn page_of_calibration(
    setup: &CalibrationSetup,
    files: &dyn Files,
    progress: &dyn Progress,
) -> Result<String, StudyError> {
    let CalibrationSetup {
        model, calibration, ..
    } = setup;
    let setting = setup.setting()?;
    let folder = setup.path().parent().unwrap_or(Path::new(""));
    let asked = read_predictions(
        &text(files, &folder.join(PREDICTIONS))?,
        &model.declaration.family.endpoints,
    )?;
    let mut scenarios = BTreeMap::new();
    for one in &asked {
        let found = scenario(files, setup.path(), &one.scenario, model)?;
        scenarios.insert(one.scenario.clone(), found);
    }
    let posteriors = ensembles(&model.posteriors)?;
    let values: Vec<f64> = calibration.parameters.iter().map(|it| it.value).collect();
    let stage = Stage::begin(progress, "predictions", asked.len() as u64);
    let mut predictions = Vec::with_capacity(asked.len());
    for one in &asked {
        let is_fitted = (one.target.iter()).any(|name| {
            calibration
                .targets
                .iter()
                .any(|target| target.name == *name)
        });
        for found in predict(model, std::slice::from_ref(one), &scenarios)? {
            predictions.push((found, is_fitted));
        }
        stage.advance(1, 0)?;
    }
    drop(stage);
    let values = setting.predict(&values);
    let parameters = standings(&setting, &model.declaration, &posteriors)?;
    let targets = calibration.targets.iter().zip(values.values);
    let targets = targets.map(|(target, value)| {
        let off = |value: &f64| format!("{:+.2}", target.aim.residual(*value).0);
        [
            target.name.clone(),
            target.evidence.join(", "),
            target.aim.to_string(),
            value
                .as_ref()
                .map_or_else(Clone::clone, |it| three_digits(*it)),
            value
                .as_ref()
                .map_or_else(|_| String::new(), off)
                .replace('-', "\u{2212}"),
        ]
    });
    let posteriors: Vec<Posterior> = posteriors.into_values().collect();
    Ok(calibration_page(&CalibrationPage {
        file: setup.path().display().to_string().replace('\\', "/"),
        says: &calibration.says,
        variant: model.variant.as_deref(),
        targets: targets.collect(),
        parameters: &parameters,
        predictions: &predictions,
        posteriors: &posteriors,
    }))
}

impl From<PredictError> for StudyError {
    fn from(error: PredictError) -> Self {
        match error {
            PredictError::Simulate(error) => Self::Simulate(error),
            PredictError::Faults(faults) => Self::Faults(faults),
        }
    }
}
