//! Weighs the vectors of a model's posterior again, after a change of the model.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::fmt;

use super::posterior::ensemble_file;
use super::{
    CalibrationSetup, Counts, Finished, Progress, Stage, Store, Study, StudyError, StudySummary,
};
use crate::analysis::calibrate::ensemble::{posteriors, renew};
use crate::posterior::Posterior;

/// First words of the remark of a renewal.
const RENEWED: &str = "Renewed";

/// The job of `gutbrain calibrate --renew`.
#[derive(Debug, Clone, Copy)]
pub struct RenewStudy<'s> {
    setup: &'s CalibrationSetup,
}

/// What a renewal came to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Renewal {
    /// Vectors that still predict the targets.
    pub vectors: usize,
    /// Kish's effective number of them.
    pub effective: f64,
}

impl fmt::Display for Renewal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { vectors, effective } = self;
        write!(
            formatter,
            "{RENEWED}: weighed again for a later state of the model; effective number of vectors \
             {effective:.0} of {vectors}"
        )
    }
}

impl<'s> RenewStudy<'s> {
    /// The vectors of the setup's model, weighed by what they say of the targets of its calibration.
    #[must_use]
    pub fn new(setup: &'s CalibrationSetup) -> Self {
        Self { setup }
    }
}

impl Study for RenewStudy<'_> {
    fn command(&self) -> String {
        "calibrate --renew".to_owned()
    }

    fn run(&self, store: &mut dyn Store, progress: &dyn Progress) -> Result<Finished, StudyError> {
        let CalibrationSetup { model, .. } = self.setup;
        let setting = self.setup.setting()?;
        let old = ensembles(&model.posteriors)?;
        let stage = OnceCell::new();
        let watch = |done, all| {
            let stage = stage.get_or_init(|| Stage::begin(progress, "vectors", all));
            stage.advance(done, 0)
        };
        let (kept, effective) = renew(&setting, &model.declaration, &old, &watch)?;
        drop(stage);
        let renewal = Renewal {
            vectors: kept.len(),
            effective,
        };
        let remarks = old.values().next().map(|it| it.remarks.clone());
        // The first remark names the subject and is written anew; so is that of an earlier renewal.
        let mut remarks: Vec<String> = remarks.unwrap_or_default().into_iter().skip(1).collect();
        remarks.retain(|remark| !remark.starts_with(RENEWED));
        remarks.push(renewal.to_string());
        let new = posteriors(&setting, model, &self.setup.hash(), &kept, &remarks);
        for ensemble in &new {
            let (name, bytes) = ensemble_file(ensemble);
            store.keep(&name, &bytes)?;
        }
        let before = old.values().next().map_or(0, |it| it.vectors.len());
        Ok(Finished {
            counts: Counts::new(before, before - kept.len()),
            files: new.len(),
            effort: format!("{before} vectors"),
            summary: StudySummary::Renewal(renewal),
            first_failure: None,
        })
    }
}

/// The ensembles of a model by the subjects that they are declared for.
pub(super) fn ensembles(
    files: &[gutbrain_network::Source],
) -> Result<BTreeMap<String, Posterior>, StudyError> {
    let mut all = BTreeMap::new();
    for source in files {
        let posterior = Posterior::read(source)?;
        all.insert(posterior.preset.clone(), posterior);
    }
    Ok(all)
}
