//! Draws profiles: what the data say of each parameter.

use rayon::prelude::*;

use super::files::{as_csv, drawn};
use super::parts::Parts;
use super::{
    CalibrationSetup, Counts, Finished, Progress, QuestionError, Stage, Store, Study, StudyError,
    StudySummary,
};
use crate::analysis::calibrate::profile::{Bottom, Profile, Work};
use crate::checkpoint::{Fingerprint, Seal};
use crate::results::{calibration as pictures, profile as tables};

/// What the parts are sealed as.
const KIND: &str = "profiles";
/// The part that holds the fit of all parameters; profiles follow by the places of their parameters.
const BOTTOM: usize = 1;

/// The job of `gutbrain calibrate --profile`. A profile that is finished is kept in the store, and not
/// computed again by a later run.
#[derive(Debug, Clone)]
pub struct ProfileStudy<'s> {
    setup: &'s CalibrationSetup,
    /// Places in the calibration.
    chosen: Vec<usize>,
}

impl<'s> ProfileStudy<'s> {
    /// The profiles of the parameters with these ids, or of `all`.
    ///
    /// # Errors
    /// [`StudyError::Question`]: a scenario does not fit, or a parameter is not among those of the
    /// calibration.
    pub fn new(setup: &'s CalibrationSetup, ids: &[String]) -> Result<Self, StudyError> {
        setup.setting()?;
        let fitted = &setup.calibration.parameters;
        if ids.iter().any(|id| id == "all") {
            let chosen = (0..fitted.len()).collect();
            return Ok(Self { setup, chosen });
        }
        let place = |id: &String| {
            let place = fitted.iter().position(|it| it.id == *id);
            place.ok_or_else(|| QuestionError::NotFitted(id.clone()))
        };
        let chosen = ids.iter().map(place).collect::<Result<_, _>>()?;
        Ok(Self { setup, chosen })
    }

    /// The fingerprint of everything that the result depends on.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        Fingerprint::of(KIND)
            .with("profiles", self.setup.fingerprint(KIND))
            .with("chosen", format!("{:?}", self.chosen))
            .finish()
    }

    /// Computes every profile that was not kept.
    fn profiles(
        &self,
        parts: &Parts<'_>,
        progress: &dyn Progress,
    ) -> Result<Vec<Profile>, StudyError> {
        let setting = self.setup.setting()?;
        let stage = Stage::begin(progress, "fits", 0);
        let watch = |work| match work {
            Work::Point => stage.advance(0, 0),
            Work::Fit => stage.advance(1, 0),
        };
        let bottom = match parts.kept(BOTTOM, |text| Bottom::read(text, &setting)) {
            Some(bottom) => bottom,
            None => {
                let found = Bottom::find(&setting, &watch)?.ok_or(QuestionError::WithoutAValue)?;
                parts.keep(BOTTOM, &found.to_text());
                found
            }
        };
        let one = |&index: &usize| {
            let number = BOTTOM + 1 + index;
            if let Some(known) = parts.kept(number, Profile::read) {
                return Ok(known);
            }
            let profile = bottom.profile(&setting, index, &watch)?;
            parts.keep(number, &profile.to_text());
            Ok(profile)
        };
        self.chosen.par_iter().map(one).collect()
    }
}

impl Study for ProfileStudy<'_> {
    fn command(&self) -> String {
        "calibrate --profile".to_owned()
    }

    fn run(&self, store: &mut dyn Store, progress: &dyn Progress) -> Result<Finished, StudyError> {
        let parts = Parts::new(store, Seal::new(KIND, &self.fingerprint()), progress);
        let found = self.profiles(&parts, progress)?;
        drop(parts);
        let mut files = vec![
            as_csv(&tables::places(&found))?,
            as_csv(&tables::intervals(&found))?,
            self.setup.file(),
        ];
        let figures = match pictures::profiles(&found) {
            Ok(figures) => figures.into_iter().map(Ok).collect(),
            Err(error) => vec![Err(error)],
        };
        files.extend(drawn(figures, progress));
        for (name, bytes) in &files {
            store.keep(name, bytes)?;
        }
        for profile in &found {
            let rough = profile.rough();
            if rough > 0 {
                progress.warn(&format!(
                    "{rough} of {} places of the profile of `{}` are no minimum of the other \
                     parameters: it may lie lower there (allow more `evaluations`)",
                    profile.places.len(),
                    profile.id
                ));
            }
        }
        let places = || found.iter().flat_map(|it| &it.places);
        let failed = places().filter(|it| it.objective.is_none()).count();
        Ok(Finished {
            counts: Counts::new(places().count(), failed),
            files: files.len(),
            effort: format!("{} profiles", found.len()),
            summary: StudySummary::Profiles(found),
            first_failure: None,
        })
    }
}
