//! The arms of a scenario for other programs.

use gutbrain::model::Model;
use gutbrain::scenario::Scenario;
use gutbrain::simulate::{Blueprint, SimulateError};

use super::ExchangeError;
use super::archive::{archive, shown_in_figures};
use super::build::build;
use super::content::Content;

/// Why a scenario is not exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// It does not fit the model.
    #[error(transparent)]
    Simulate(#[from] SimulateError),
    /// The formats have no words for something.
    #[error(transparent)]
    Exchange(#[from] ExchangeError),
}

/// The first arm of a scenario, as every format of one arm takes it.
///
/// # Errors
/// See [`ExportError`].
pub fn first_arm(model: &Model, scenario: &Scenario) -> Result<Content, ExportError> {
    let arm = scenario.arms.first().map_or("", |arm| arm.name.as_str());
    arm_of(model, scenario, arm)
}

/// Every arm with its experiment, as an archive.
///
/// # Errors
/// See [`ExportError`].
pub fn archive_of(model: &Model, scenario: &Scenario) -> Result<Vec<u8>, ExportError> {
    let arms = scenario.arms.iter();
    let arms = arms.map(|arm| arm_of(model, scenario, &arm.name));
    let arms = arms.collect::<Result<Vec<_>, _>>()?;
    let every = scenario.simulation.every;
    let shown = shown_in_figures(scenario);
    Ok(archive(&scenario.title, &arms, every, &shown))
}

fn arm_of(model: &Model, scenario: &Scenario, arm: &str) -> Result<Content, ExportError> {
    let blueprint = Blueprint::new(model, scenario, arm)?;
    Ok(build(model, scenario, &blueprint)?)
}
