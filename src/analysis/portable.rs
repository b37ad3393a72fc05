//! A calibration as plain numbers, for programs that do it elsewhere.
//!
//! What: every arm that a target reads, from birth, with the gates of all arms, so that one network
//! serves them all; which fitted values each arm lives with; and what the model says now.
//!
//! A fitted parameter that moves first values, resting values or doses cannot be fitted by a program
//! that has these as numbers. Which do is found by trying: each is moved by [`MOVE`], and the numbers
//! are compared.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::calibrate::{CalibrateError, Calibration, Fitted, Prediction, Setting};
use crate::model::Model;
use crate::scenario::Scenario;
use crate::simulate::feature::Against;
use crate::simulate::{Blueprint, Experiment, Layer, SimulateError};

/// A fitted parameter is moved by this share of its value.
const MOVE: f64 = 0.05;
/// Numbers that move by less than this share are those of a search that ended a little elsewhere.
const SAME: f64 = 1e-9;

/// Why a calibration cannot be given away.
#[derive(Debug, thiserror::Error)]
pub enum PortableError {
    /// It cannot be set up.
    #[error(transparent)]
    Calibrate(#[from] CalibrateError),
    /// An arm cannot be brought to birth.
    #[error("scenario `{scenario}`: {cause}")]
    Simulate {
        /// The scenario file.
        scenario: String,
        /// What is wrong.
        cause: SimulateError,
    },
}

/// One arm of one scenario.
#[derive(Debug, Clone)]
pub struct PortableArm {
    /// The scenario file, as written in the calibration.
    pub file: String,
    /// The arm.
    pub arm: String,
    /// The scenario: from birth, with the gates of all arms and the fitted values.
    pub scenario: Scenario,
    /// The arm as numbers.
    pub blueprint: Blueprint,
    /// For each fitted parameter, whether its value is the one that this arm lives with.
    pub holds: Vec<bool>,
}

/// See the module's description.
#[derive(Debug, Clone)]
pub struct Portable {
    /// The arms that targets read by themselves, in the order in which they are first read.
    pub arms: Vec<PortableArm>,
    /// Fitted parameters (by place) that move what a blueprint holds as numbers, and what they move.
    pub frozen: BTreeMap<usize, String>,
    /// What the model says now.
    pub prediction: Prediction,
}

impl Portable {
    /// Sets the calibration up. `scenarios` maps the names in the file to scenarios.
    ///
    /// # Errors
    /// See [`PortableError`].
    pub fn new(
        model: &Model,
        calibration: &Calibration,
        scenarios: &BTreeMap<String, Scenario>,
    ) -> Result<Self, PortableError> {
        let values: Vec<f64> = calibration.parameters.iter().map(|it| it.value).collect();
        let prediction = Setting::new(model, calibration, scenarios)?.predict(&values);
        let arms = prepare(model, calibration, scenarios)?;
        let frozen = frozen(model, calibration, &arms)?;
        Ok(Self {
            arms,
            frozen,
            prediction,
        })
    }
}

/// Every arm that a target reads, from birth.
fn prepare(
    model: &Model,
    calibration: &Calibration,
    scenarios: &BTreeMap<String, Scenario>,
) -> Result<Vec<PortableArm>, PortableError> {
    let mut wanted: Vec<(&str, &str)> = Vec::new();
    for target in &calibration.targets {
        let arm = (target.scenario.as_str(), target.feature.arm.as_str());
        if target.feature.against == Against::Nothing && !wanted.contains(&arm) {
            wanted.push(arm);
        }
    }
    // All arms under names of their own, so that every compiled network has the gates of all.
    let mut everything = Vec::new();
    let mut taken: BTreeSet<String> = BTreeSet::new();
    for &(name, arm) in &wanted {
        let mut own = format!("{name}, {arm}");
        while !taken.insert(own.clone()) {
            own.push('\'');
        }
        if let Some(found) = scenarios[name].arms.iter().find(|it| it.name == arm) {
            let mut found = found.clone();
            found.name = own;
            everything.push(found);
        }
    }
    let mut prepared = Vec::new();
    for (&(name, arm), own) in wanted.iter().zip(&everything) {
        let failed = |cause| PortableError::Simulate {
            scenario: name.to_owned(),
            cause,
        };
        let mut scenario = scenarios[name].clone();
        let experiment =
            Experiment::new(model, &scenario, &[], calibration.horizon).map_err(failed)?;
        let fitted = calibration.parameters.iter();
        let holds: Vec<bool> = fitted.map(|it| holds(it, &experiment)).collect();
        scenario.simulation.start = 0.0;
        scenario.arms.clone_from(&everything);
        for (fitted, _) in calibration
            .parameters
            .iter()
            .zip(&holds)
            .filter(|(_, holds)| **holds)
        {
            let value = (fitted.parameter.clone(), fitted.value);
            scenario.subject.parameters.extend([value]);
        }
        let blueprint = Blueprint::new(model, &scenario, &own.name).map_err(failed)?;
        prepared.push(PortableArm {
            file: name.to_owned(),
            arm: arm.to_owned(),
            scenario,
            blueprint,
            holds,
        });
    }
    Ok(prepared)
}

/// Whether the fitted value is the one that the experiment's subject has.
fn holds(fitted: &Fitted, experiment: &Experiment) -> bool {
    match (experiment.parameter(&fitted.parameter), &fitted.subject) {
        (Some((_, Layer::Declaration)), None) => true,
        (Some((_, Layer::Subject(owner))), Some(subject)) => owner == subject,
        _ => false,
    }
}

/// Which fitted parameters move first values, resting values or doses; the name of one that moves.
fn frozen(
    model: &Model,
    calibration: &Calibration,
    arms: &[PortableArm],
) -> Result<BTreeMap<usize, String>, PortableError> {
    let fitted = calibration.parameters.par_iter().enumerate();
    let found: Vec<Result<Option<String>, PortableError>> = fitted
        .map(|(index, fitted)| {
            for arm in arms.iter().filter(|it| it.holds[index]) {
                let moved = moved(model, arm, fitted)?;
                if let Some(name) = moves(&arm.blueprint, &moved, &fitted.parameter) {
                    return Ok(Some(name));
                }
            }
            Ok(None)
        })
        .collect();
    let mut frozen = BTreeMap::new();
    // In order, so that of several errors the first is told.
    for (index, found) in found.into_iter().enumerate() {
        if let Some(name) = found? {
            frozen.insert(index, name);
        }
    }
    Ok(frozen)
}

/// The arm with another value of a fitted parameter.
fn moved(model: &Model, arm: &PortableArm, fitted: &Fitted) -> Result<Blueprint, PortableError> {
    let mut scenario = arm.scenario.clone();
    let step = if fitted.value == 0.0 {
        MOVE
    } else {
        MOVE * fitted.value
    };
    let value = (fitted.parameter.clone(), fitted.value + step);
    scenario.subject.parameters.extend([value]);
    let blueprint = Blueprint::new(model, &scenario, &arm.blueprint.arm);
    blueprint.map_err(|cause| PortableError::Simulate {
        scenario: arm.file.clone(),
        cause,
    })
}

/// A number that differs between two blueprints, other than the parameter itself.
fn moves(one: &Blueprint, two: &Blueprint, parameter: &str) -> Option<String> {
    let differ = |a: f64, b: f64| (a - b).abs() > SAME * (a.abs() + b.abs());
    for (slot, (&a, &b)) in one
        .network
        .species
        .iter()
        .zip(one.state.iter().zip(&two.state))
    {
        if differ(a, b) {
            return Some(format!("the first value of {}", slot.id));
        }
    }
    let values = one.parameters.iter().zip(&two.parameters);
    for (slot, (&a, &b)) in one.network.parameters.iter().zip(values) {
        if slot.id != parameter && differ(a, b) {
            return Some(slot.id.replacen("resting.", "the resting value of ", 1));
        }
    }
    let doses = one.switches.iter().zip(&two.switches).any(|(a, b)| {
        let parameters = a.parameters.iter().zip(&b.parameters);
        let species = a.species.iter().zip(&b.species);
        a.parameters.len() != b.parameters.len()
            || parameters
                .into_iter()
                .any(|(a, b)| a.0 != b.0 || differ(a.1, b.1))
            || species.into_iter().any(|(a, b)| differ(a.2, b.2))
    });
    doses.then(|| "what a dose does".to_owned())
}
