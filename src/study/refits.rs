//! Fits a calibration again with rows left out or moved, and asks what the rest says of them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::calibration::{scenario, text};
use super::files::{as_csv, drawn};
use super::parts::Parts;
use super::{
    CalibrationSetup, Counts, Finished, NamedFile, Progress, QuestionError, Stage, Store, Study,
    StudyError, StudySummary,
};
use crate::analysis::calibrate::refit::{Refit, Refits, Refitted, answers};
use crate::analysis::calibrate::{Ended, Setting, fit_once};
use crate::checkpoint::{Fingerprint, Seal};
use crate::files::Files;
use crate::report::documents::{RefitsPage, refits_page};
use crate::results::refits as tables;
use crate::scenario::Scenario;
use gutbrain_network::Source;

/// What the parts are sealed as.
const KIND: &str = "refits";

/// A file of refits, checked, with the scenarios of its questions and of the calibration.
#[derive(Debug, Clone)]
pub struct RefitsSetup<'s> {
    setup: &'s CalibrationSetup,
    source: Source,
    /// The refits.
    pub refits: Refits,
    scenarios: BTreeMap<String, Scenario>,
    path: PathBuf,
}

impl<'s> RefitsSetup<'s> {
    /// Reads a file of refits from the folder of the calibration, whose scenarios it names in the same way:
    /// through `files`.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn open(
        setup: &'s CalibrationSetup,
        files: &dyn Files,
        path: &Path,
    ) -> Result<Self, StudyError> {
        let source = text(files, path)?;
        let model = &setup.model;
        let endpoints = &model.declaration.family.endpoints;
        let refits = Refits::read(&source, &setup.calibration, endpoints)?;
        let mut scenarios = setup.scenarios.clone();
        for one in &refits.asked {
            if !scenarios.contains_key(&one.scenario) {
                let found = scenario(files, setup.path(), &one.scenario, model)?;
                scenarios.insert(one.scenario.clone(), found);
            }
        }
        Ok(Self {
            setup,
            source,
            refits,
            scenarios,
            path: path.to_path_buf(),
        })
    }

    /// What is asked of the values as they stand, and of every refit after them: the targets of the
    /// calibration, then the questions.
    fn answers(&self, found: &[Refitted]) -> Result<Vec<Vec<Option<f64>>>, StudyError> {
        let calibration = &self.setup.calibration;
        let standing = calibration.parameters.iter().map(|it| it.value).collect();
        let mut vectors: Vec<Vec<f64>> = vec![standing];
        vectors.extend(found.iter().map(|it| it.values.clone()));
        let (model, asked) = (&self.setup.model, &self.refits.asked);
        let answers = answers(model, calibration, asked, &self.scenarios, &vectors)?;
        Ok(answers)
    }

    /// The refits whose values lie beside their file, as the `refits.csv` that the study wrote.
    ///
    /// # Errors
    /// The table is missing, or is not one of these refits of this calibration and model.
    pub fn saved(&self, files: &dyn Files) -> Result<Vec<Refitted>, StudyError> {
        let CalibrationSetup {
            model, calibration, ..
        } = self.setup;
        let path = self.path.with_extension("csv");
        let stale = || QuestionError::StaleRefits(path.clone());
        let csv = text(files, &path)?;
        let found = tables::read(csv.text.as_bytes(), &self.refits, calibration);
        let found = found.ok_or_else(stale)?;
        for (refit, found) in self.refits.refits.iter().zip(&found) {
            let changed = refit.of(calibration);
            let setting = Setting::new(model, &changed, &self.setup.scenarios)?;
            if !found.is_of(&setting) {
                return Err(stale().into());
            }
        }
        Ok(found)
    }

    /// The page of the saved refits.
    ///
    /// # Errors
    /// Those of [`RefitsSetup::saved`]; a scenario does not fit.
    pub fn page(&self, files: &dyn Files) -> Result<String, StudyError> {
        let found = self.saved(files)?;
        let answers = self.answers(&found)?;
        Ok(refits_page(&RefitsPage {
            calibration: &self.setup.calibration,
            refits: &self.refits,
            found: &found,
            answers: &answers,
        }))
    }
}

/// The job of `gutbrain calibrate --refits`. A refit that has ended is kept in the store, and not made again
/// by a later run.
#[derive(Debug, Clone)]
pub struct RefitsStudy<'s> {
    setup: &'s RefitsSetup<'s>,
    saved: Option<Vec<Refitted>>,
}

impl<'s> RefitsStudy<'s> {
    /// The refits of a file.
    #[must_use]
    pub fn new(setup: &'s RefitsSetup<'s>) -> Self {
        Self { setup, saved: None }
    }

    /// With refits that were made before: tables and figures are made again, nothing is fitted.
    #[must_use]
    pub fn with_saved(self, found: Vec<Refitted>) -> Self {
        Self {
            saved: Some(found),
            ..self
        }
    }

    /// The fingerprint of everything that the result depends on.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        Fingerprint::of(KIND)
            .with("calibration", self.setup.setup.fingerprint(KIND))
            .with("refits", self.setup.source.text.as_bytes())
            .finish()
    }

    fn fit(
        &self,
        store: &mut dyn Store,
        progress: &dyn Progress,
    ) -> Result<Vec<Refitted>, StudyError> {
        let parts = Parts::new(store, Seal::new(KIND, &self.fingerprint()), progress);
        let stage = Stage::begin(progress, "points", 0);
        let refits = &self.setup.refits.refits;
        refits
            .par_iter()
            .enumerate()
            .map(|(number, refit)| self.one(number, refit, &parts, &stage))
            .collect()
    }

    fn one(
        &self,
        number: usize,
        refit: &Refit,
        parts: &Parts<'_>,
        stage: &Stage<'_>,
    ) -> Result<Refitted, StudyError> {
        let CalibrationSetup {
            model,
            calibration,
            scenarios,
            ..
        } = self.setup.setup;
        let kept = parts.kept(number + 1, Ended::read);
        let ended = match kept {
            Some(ended) => ended,
            None => {
                let changed = refit.of(calibration);
                let setting = Setting::new(model, &changed, scenarios)?;
                let ended = fit_once(&setting, &|| stage.advance(1, 0))?;
                parts.keep(number + 1, &ended.to_text());
                ended
            }
        };
        Ok(refit.ended(calibration, &ended))
    }
}

impl Study for RefitsStudy<'_> {
    fn command(&self) -> String {
        "calibrate --refits".to_owned()
    }

    fn run(&self, store: &mut dyn Store, progress: &dyn Progress) -> Result<Finished, StudyError> {
        let found = match &self.saved {
            Some(found) => found.clone(),
            None => self.fit(store, progress)?,
        };
        let answers = self.setup.answers(&found)?;
        let calibration = &self.setup.setup.calibration;
        let all = &self.setup.refits;
        let mut files: Vec<NamedFile> = vec![
            as_csv(&tables::values(&found, calibration))?,
            as_csv(&tables::answers(&found, calibration, all, &answers))?,
            self.setup.setup.file(),
        ];
        if let Some(figure) = tables::trade_off(&found, calibration, all, &answers) {
            files.extend(drawn([figure], progress));
        }
        for (name, bytes) in &files {
            store.keep(name, bytes)?;
        }
        let failed = found.iter().filter(|it| it.objective.is_none()).count();
        Ok(Finished {
            counts: Counts::new(found.len(), failed),
            files: files.len(),
            effort: format!("{} refits", found.len()),
            summary: StudySummary::Refits(found),
            first_failure: None,
        })
    }
}
