//! Splits the difference between two arms over the pathways that carry it.

use std::cell::OnceCell;
use std::sync::Arc;

use super::files::{NamedFile, as_csv};
use super::{
    Counts, Finished, Progress, QuestionError, Setup, Stage, Store, Study, StudyError,
    StudySummary, picture,
};
use crate::analysis::attribute::{Split, Vectors, attribute};
use crate::posterior::Posterior;
use crate::results::attribution as tables;
use crate::simulate::feature::Reading;

/// The job of `gutbrain attribute`: the second arm of a scenario against its first.
#[derive(Debug, Clone)]
pub struct AttributeStudy<'s> {
    setup: &'s Setup,
    reading: Reading,
    carriers: Vec<String>,
    vectors: usize,
    posterior: Option<Arc<Posterior>>,
}

impl<'s> AttributeStudy<'s> {
    /// The difference of a feature, as calibration files write it (`death`, `observable NAME at AGE`), at the
    /// values of the preset, without intervals.
    ///
    /// # Errors
    /// [`StudyError::Question`]: there is one arm only, or the text is no feature.
    pub fn new(setup: &'s Setup, feature: &str) -> Result<Self, StudyError> {
        if setup.scenario.arms.len() < 2 {
            return Err(QuestionError::OneArm.into());
        }
        let family = &setup.model.declaration.family;
        let reading = Reading::parse(feature, &family.endpoints);
        let reading = reading.map_err(|cause| QuestionError::NoFeature {
            feature: feature.to_owned(),
            cause,
        })?;
        Ok(Self {
            setup,
            reading,
            carriers: family.carriers.clone(),
            vectors: 0,
            posterior: None,
        })
    }

    /// The same with these pathways that only carry what is given, in the place of those that
    /// the family of the model names.
    #[must_use]
    pub fn with_carriers(self, carriers: Vec<String>) -> Self {
        Self { carriers, ..self }
    }

    /// The same with intervals from so many vectors of the posterior; 0 for none.
    ///
    /// # Errors
    /// The posterior cannot be understood, or is stale.
    pub fn with_vectors(self, vectors: usize) -> Result<Self, StudyError> {
        let Setup {
            model, scenario, ..
        } = self.setup;
        let posterior = match vectors {
            0 => None,
            _ => Posterior::of(model, &scenario.subject.preset)?,
        };
        Ok(Self {
            vectors,
            posterior,
            ..self
        })
    }
}

impl Study for AttributeStudy<'_> {
    fn command(&self) -> String {
        "attribute".to_owned()
    }

    fn run(&self, store: &mut dyn Store, progress: &dyn Progress) -> Result<Finished, StudyError> {
        let Setup {
            model, scenario, ..
        } = self.setup;
        let vectors = self.posterior.as_deref().map(|posterior| Vectors {
            posterior,
            count: self.vectors,
        });
        let split = Split {
            reference: &scenario.arms[0].name,
            arm: &scenario.arms[1].name,
            reading: &self.reading,
            carriers: &self.carriers,
            vectors,
        };
        let stage = OnceCell::new();
        let watch = |done, all| {
            let stage = stage.get_or_init(|| Stage::begin(progress, "lives", all));
            stage.advance(done, 0)
        };
        let found = attribute(model, scenario, &split, &watch)?;
        drop(stage);
        let figure = tables::figure(&found)?;
        let summary = tables::AttributionSummary::new(&found, &self.carriers);
        let mut files: Vec<NamedFile> = vec![
            (
                "scenario.toml".to_owned(),
                self.setup.resolved().into_bytes(),
            ),
            as_csv(&tables::table(&found))?,
            ("summary.json".to_owned(), summary.to_json()?.into_bytes()),
        ];
        files.extend(picture(&figure)?);
        for (name, bytes) in &files {
            store.keep(name, bytes)?;
        }
        let lives = 2 << found.shares.len();
        Ok(Finished {
            counts: Counts::new(lives, 0),
            files: files.len(),
            effort: format!("{lives} lives"),
            summary: StudySummary::Attribution(Box::new(found)),
            first_failure: None,
        })
    }
}
