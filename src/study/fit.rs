//! Fits parameters to evidence, from several starts.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::files::{as_csv, drawn};
use super::parts::Parts;
use super::{
    CalibrationSetup, Counts, Finished, NamedFile, Progress, Stage, Store, Study, StudyError,
    StudySummary,
};
use crate::analysis::calibrate::{Ended, FitReport, StartLine, fit_from};
use crate::results::{calibration as pictures, fit as tables};

/// What the parts of a fit are sealed as.
const KIND: &str = "fit";

/// The job of `gutbrain calibrate`. A start that has ended is kept in the store, and not searched again
/// by a later run.
#[derive(Debug, Clone, Copy)]
pub struct FitStudy<'s> {
    setup: &'s CalibrationSetup,
}

impl<'s> FitStudy<'s> {
    /// The fit of a calibration.
    ///
    /// # Errors
    /// [`StudyError::Question`]: a scenario does not fit, or a fitted value is that of no subject.
    pub fn new(setup: &'s CalibrationSetup) -> Result<Self, StudyError> {
        setup.setting()?;
        Ok(Self { setup })
    }

    /// The fingerprint of everything that the result depends on.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        self.setup.fingerprint(KIND)
    }

    /// Searches from every start that has not ended yet.
    fn fit(&self, parts: &Parts<'_>, progress: &dyn Progress) -> Result<FitReport, StudyError> {
        let setting = self.setup.setting()?;
        let starts = self.setup.calibration.starts;
        let known: BTreeMap<usize, Ended> = (0..starts)
            .filter_map(|number| Some((number, parts.kept(number + 1, Ended::read)?)))
            .collect();
        let stage = Stage::begin(progress, "points", 0);
        let ended = AtomicUsize::new(known.len());
        let evaluated = || stage.advance(1, 0);
        let told = |number: usize, start: &Ended| {
            parts.keep(number + 1, &start.to_text());
            let ended = 1 + ended.fetch_add(1, Ordering::Relaxed);
            progress.detail(&format!("{ended} of {starts} starts have ended"));
            Ok(())
        };
        fit_from(&setting, &known, &evaluated, &told)
    }
}

impl Study for FitStudy<'_> {
    fn command(&self) -> String {
        "calibrate".to_owned()
    }

    fn run(&self, store: &mut dyn Store, progress: &dyn Progress) -> Result<Finished, StudyError> {
        let parts = Parts::new(store, self.setup.seal(KIND), progress);
        let report = self.fit(&parts, progress)?;
        drop(parts);
        let mut files: Vec<NamedFile> = Vec::new();
        if report.best.is_some() {
            files = drawn([pictures::starts(&report)], progress);
        }
        files.extend([
            as_csv(&tables::targets(&report))?,
            as_csv(&tables::parameters(&report))?,
            as_csv(&tables::starts(&report))?,
            self.setup.file(),
        ]);
        for (name, bytes) in &files {
            store.keep(name, bytes)?;
        }
        let failed = |start: &&StartLine| start.objective.is_none();
        let failed = report.starts.iter().filter(failed).count();
        let points: usize = report.starts.iter().map(|it| it.evaluations).sum();
        Ok(Finished {
            counts: Counts::new(report.starts.len(), failed),
            files: files.len(),
            effort: format!("{points} points"),
            summary: StudySummary::Fit(Box::new(report)),
            first_failure: None,
        })
    }
}
