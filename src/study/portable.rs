//! A calibration on its way to other programs: read, and started from other values.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use gutbrain_network::{Faults, Source};

use crate::analysis::calibrate::Calibration;
use crate::analysis::portable::{Portable, PortableError};
use crate::checkpoint::hash;
use crate::model::Model;
use crate::scenario::{Overrides, Scenario, ScenarioFile, read_text};

/// A calibration as plain numbers, with the file that it was read from.
#[derive(Debug)]
pub struct PortableSetup {
    /// The model.
    pub model: Model,
    /// The file.
    pub source: Source,
    /// The calibration, with the values that it starts from.
    pub calibration: Calibration,
    /// The same as plain numbers.
    pub portable: Portable,
    path: PathBuf,
}

/// Why a calibration is not read.
#[derive(Debug, thiserror::Error)]
pub enum NotPortable {
    /// Everything that is wrong with one of the files.
    #[error(transparent)]
    Faults(#[from] Faults),
    /// It cannot be said in plain numbers.
    #[error(transparent)]
    Portable(#[from] PortableError),
    /// A fitted parameter cannot start there.
    #[error(
        "`{setting}`: a fitted parameter takes a number from {low} to {high}, in the unit of the model"
    )]
    Start {
        /// What was wanted, as `NAME=VALUE`.
        setting: String,
        /// Smallest value of its range.
        low: f64,
        /// Largest value.
        high: f64,
    },
}

impl PortableSetup {
    /// Reads a calibration and its scenarios. Of `overrides` the settings of fitted parameters, `NAME=VALUE` or
    /// `SUBJECT/NAME=VALUE`, are where they start; the others concern the scenarios.
    ///
    /// # Errors
    /// See [`NotPortable`].
    pub fn open(path: &Path, model: Model, overrides: &Overrides) -> Result<Self, NotPortable> {
        let source = read_text(path)?;
        let mut calibration = Calibration::read(&source, &model.declaration)?;
        let of_scenarios = Overrides {
            set: start_elsewhere(&mut calibration, &overrides.set, &model)?,
            ..overrides.clone()
        };
        let folder = path.parent().unwrap_or(Path::new(""));
        let mut scenarios: BTreeMap<String, Scenario> = BTreeMap::new();
        for name in calibration.scenarios() {
            let mut scenario = ScenarioFile::open(&folder.join(name))?;
            scenario.apply(&of_scenarios)?;
            scenarios.insert(name.to_owned(), scenario.check(&model)?);
        }
        Ok(Self {
            portable: Portable::new(&model, &calibration, &scenarios)?,
            model,
            source,
            calibration,
            path: path.to_path_buf(),
        })
    }

    /// Where the file was read from.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// SHA-256 of the calibration file.
    #[must_use]
    pub fn hash(&self) -> String {
        hash(self.source.text.as_bytes())
    }
}

/// Gives fitted parameters their values; what is left concerns the scenarios.
fn start_elsewhere(
    calibration: &mut Calibration,
    set: &[String],
    model: &Model,
) -> Result<Vec<String>, NotPortable> {
    let mut left = Vec::new();
    for text in set {
        let (name, value) = text.split_once('=').unwrap_or((text, ""));
        let mut parameters = calibration.parameters.iter_mut();
        let Some(fitted) = parameters.find(|it| it.id == name.trim()) else {
            left.push(text.clone());
            continue;
        };
        let range = model.declaration.parameters.get(&fitted.parameter);
        let (low, high) = range
            .and_then(|it| it.range)
            .unwrap_or((f64::MIN, f64::MAX));
        match value.trim().parse::<f64>() {
            Ok(value) if (low..=high).contains(&value) => fitted.value = value,
            _ => {
                return Err(NotPortable::Start {
                    setting: text.clone(),
                    low,
                    high,
                });
            }
        }
    }
    Ok(left)
}
