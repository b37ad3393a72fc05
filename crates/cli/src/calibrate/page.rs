//! `gutbrain calibrate FILE --markdown`: the page of the documentation.

use std::collections::BTreeMap;
use std::path::Path;

use super::super::Ending;
use super::super::failure::Failure;
use super::super::terminal::Terminal;
use super::{Options, Prepared};
use gutbrain::analysis::calibrate::ensemble::standings;
use gutbrain::analysis::calibrate::predictions::{PredictError, predict, read_predictions};
use gutbrain::posterior::Posterior;
use gutbrain::report::documents::{CalibrationPage, calibration_page, three_digits};
use gutbrain::scenario::{Scenario, read_text};

/// The file of predictions beside the calibration file.
const PREDICTIONS: &str = "predictions.toml";

/// Prints the page.
pub(super) fn print(
    options: &Options,
    prepared: &Prepared,
    terminal: &Terminal,
) -> Result<Ending, Failure> {
    let setting = prepared.setting()?;
    let (model, calibration) = (&prepared.model, &prepared.calibration);
    let folder = options.file.parent().unwrap_or(Path::new(""));
    let asked = read_predictions(&read_text(&folder.join(PREDICTIONS))?)?;
    let mut scenarios = BTreeMap::new();
    for one in &asked {
        let scenario = Scenario::load(folder.join(&one.scenario), model)?;
        scenarios.insert(one.scenario.clone(), scenario);
    }
    let mut posteriors = BTreeMap::new();
    for source in &model.posteriors {
        let posterior = Posterior::read(source)?;
        posteriors.insert(posterior.preset.clone(), posterior);
    }
    let (predictions, values) = prepared.pool.install(|| {
        let values: Vec<f64> = calibration.parameters.iter().map(|it| it.value).collect();
        (predict(model, &asked, &scenarios), setting.predict(&values))
    });
    let predictions = predictions.map_err(|error| match error {
        PredictError::Simulate(error) => Failure::Simulate(error),
        PredictError::Faults(faults) => Failure::Faults(faults),
    })?;
    let parameters = standings(&setting, &model.declaration, &posteriors)
        .map_err(|error| Failure::Usage(error.to_string()))?;
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
    let page = CalibrationPage {
        targets: targets.collect(),
        parameters: &parameters,
        predictions: &predictions,
        posteriors: &posteriors,
    };
    terminal.print(&calibration_page(&page))?;
    Ok(Ending::Done)
}
