//! What fits, profiles and posteriors are made from: a model, a calibration file and its scenarios.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use gutbrain_network::fault::Collector;
use gutbrain_network::{Faults, Source};

use super::{NamedFile, QuestionError, StudyError};
use crate::analysis::calibrate::stationary::Stationarity;
use crate::analysis::calibrate::{Calibration, Information, Method, Setting, targets_of_data};
use crate::checkpoint::{Fingerprint, Seal, hash};
use crate::files::{Disk, Files};
use crate::model::Model;
use crate::scenario::{Scenario, ScenarioFile, text_of};

/// Parameters times lives from which on derivatives take longer than one waits without a word.
const SOME_SECONDS: usize = 40;

/// A calibration with its model and scenarios, checked.
#[derive(Debug, Clone)]
pub struct CalibrationSetup {
    /// The model.
    pub model: Model,
    /// The calibration file as written.
    pub source: Source,
    /// The calibration as understood.
    pub calibration: Calibration,
    /// The scenarios of its targets, by their names in the file.
    pub scenarios: BTreeMap<String, Scenario>,
    path: PathBuf,
}

impl CalibrationSetup {
    /// Reads a calibration file and its scenarios, which it names relative to itself, from the disk.
    ///
    /// # Errors
    /// Everything that is wrong with one of the files.
    pub fn open(path: &Path, model: Model) -> Result<Self, Faults> {
        Self::open_in(&Disk, path, model)
    }

    /// The same through `files`.
    ///
    /// # Errors
    /// As for [`CalibrationSetup::open`].
    pub fn open_in(files: &dyn Files, path: &Path, model: Model) -> Result<Self, Faults> {
        let source = text(files, path)?;
        let mut calibration = Calibration::read(&source, &model.declaration)?;
        let mut scenarios = BTreeMap::new();
        for name in calibration.scenarios() {
            scenarios.insert(name.to_owned(), scenario(files, path, name, &model)?);
        }
        let faults = Collector::new();
        for (name, place) in &calibration.data {
            let found = targets_of_data(name, place, &scenarios[name], &model.declaration, &faults);
            calibration.targets.extend(found);
        }
        faults.finish(())?;
        Ok(Self {
            model,
            source,
            calibration,
            scenarios,
            path: path.to_path_buf(),
        })
    }

    /// The same with another number of starts.
    #[must_use]
    pub fn with_starts(mut self, starts: usize) -> Self {
        self.calibration.starts = starts;
        self
    }

    /// The same with another method of the fit.
    #[must_use]
    pub fn with_method(mut self, method: Method) -> Self {
        self.calibration.method = method;
        self
    }

    /// Where the file was read from.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The problem that is solved.
    ///
    /// # Errors
    /// [`StudyError::Question`]: a scenario does not fit, or a fitted value is that of no subject.
    pub fn setting(&self) -> Result<Setting<'_>, StudyError> {
        Ok(Setting::new(
            &self.model,
            &self.calibration,
            &self.scenarios,
        )?)
    }

    /// How far the values as they stand are from the bottom of the objective.
    ///
    /// # Errors
    /// As [`Self::setting`], or a target has no value there.
    pub fn stationarity(&self) -> Result<Stationarity, StudyError> {
        let found = self.setting()?.stationarity();
        Ok(found.ok_or(QuestionError::WithoutAValue)?)
    }

    /// What the targets can say of each parameter, from exact derivatives at the values as they stand.
    ///
    /// # Errors
    /// As [`Self::setting`], or a target has no value there.
    pub fn information(&self) -> Result<Information, StudyError> {
        let found = self.setting()?.information();
        Ok(found.ok_or(QuestionError::WithoutAValue)?)
    }

    /// What is said before derivatives that one would wait for without a word; nothing if they are quick.
    ///
    /// # Errors
    /// As [`Self::setting`].
    pub fn takes_a_while(&self) -> Result<Option<String>, StudyError> {
        let parameters = self.calibration.parameters.len();
        let takes = parameters * self.setting()?.lives() > SOME_SECONDS;
        Ok(takes.then(|| {
            let targets = self.calibration.targets.len();
            format!(
                "computing the derivatives of {targets} targets by {parameters} parameters: some seconds"
            )
        }))
    }

    /// SHA-256 of the calibration file.
    #[must_use]
    pub fn hash(&self) -> String {
        hash(self.source.text.as_bytes())
    }

    /// The fingerprint of everything that the numbers of a kind of work depend on.
    #[must_use]
    pub fn fingerprint(&self, kind: &str) -> String {
        let mut all = Fingerprint::of(kind)
            .with("dynamics", self.model.dynamics(&self.interventions()))
            .with("endpoints", self.model.declaration.family.endpoints.roles())
            .with("calibration", self.source.text.as_bytes())
            .with("starts", self.calibration.starts.to_string())
            .with("method", self.calibration.method.word());
        for (name, scenario) in &self.scenarios {
            all = all.with(name, format!("{scenario:?}"));
        }
        all.finish()
    }

    /// The calibration file among the results.
    pub(super) fn file(&self) -> NamedFile {
        let text = self.source.text.as_bytes().to_vec();
        ("calibration.toml".to_owned(), text)
    }

    /// The interventions that its scenarios use.
    fn interventions(&self) -> BTreeSet<String> {
        let scenarios = self.scenarios.values();
        scenarios.flat_map(Scenario::interventions).collect()
    }

    /// The seal of what is kept on the way.
    pub(super) fn seal(&self, kind: &str) -> Seal {
        Seal::new(kind, &self.fingerprint(kind))
    }
}

/// The text of a file.
pub(super) fn text(files: &dyn Files, path: &Path) -> Result<Source, Faults> {
    text_of(path, files.read(path))
}

/// The scenario that a file names relative to itself.
pub(super) fn scenario(
    files: &dyn Files,
    file: &Path,
    name: &str,
    model: &Model,
) -> Result<Scenario, Faults> {
    let path = file.parent().unwrap_or(Path::new("")).join(name);
    ScenarioFile::open_in(files, &path)?.check(model)
}
