//! Scores the model against the evidence that it is fitted to and tested on.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::OnceLock;

use gutbrain_network::fault::{Collector, Place};
use gutbrain_network::{Code, Fault, Faults, Source};

use super::{Counts, Finished, Progress, Stage, Store, Study, StudyError, StudySummary};
use crate::analysis::validate::{
    Declared, VECTORS, ValidateError, Verdict, builtin_expectations, builtin_scenarios, score,
};
use crate::model::{Model, SHIPPED, model_files};
use crate::report::documents::validation_page;
use crate::scenario::{Scenario, ScenarioFile};

/// The scenarios of the evidence and the verdicts that are declared of them, with the model that they are
/// asked of.
#[derive(Debug, Clone)]
pub struct ValidationSetup {
    /// The model.
    pub model: Model,
    /// Scenarios by name.
    pub scenarios: BTreeMap<String, Scenario>,
    /// The declared verdicts, if any are.
    pub declared: Option<Declared>,
}

/// The family whose rows the built-in scenarios ask for: that of the first model.
const VALIDATED: &str = SHIPPED[0];

impl ValidationSetup {
    /// The scenarios and verdicts that are part of the program.
    ///
    /// # Errors
    /// A scenario or a verdict that does not fit the model.
    pub fn builtin(model: Model) -> Result<Self, Faults> {
        let family = &model.declaration.family.name;
        if family != VALIDATED {
            let source = Source::new("--model", family.as_str());
            let message = format!(
                "the scenarios of validation that are built in are those of `{VALIDATED}`, not of `{family}`"
            );
            let fault = Fault::new(
                Code::NoMeaning,
                message,
                &Place::new(&source, 0..family.len()),
            );
            let fault = fault.help(
                "`--scenarios DIR` scores a model against scenarios of its own; people are compared with their \
                 rows in docs/patients.md",
            );
            return Err([fault].into_iter().collect());
        }
        let expectations = builtin_expectations();
        Self::new(model, &builtin_scenarios(), expectations.as_ref())
    }

    /// The scenarios of a folder, and the verdicts of its `expectations.toml`.
    ///
    /// # Errors
    /// A folder that holds no scenarios; scenarios or verdicts that do not fit the model.
    pub fn open(folder: &Path, model: Model) -> Result<Self, Faults> {
        let (declared, scenarios): (Vec<Source>, Vec<Source>) = model_files(folder)?
            .into_iter()
            .partition(|source| stem(source) == "expectations");
        Self::new(model, &scenarios, declared.first())
    }

    /// Scenarios as texts, and the text of the declared verdicts.
    ///
    /// # Errors
    /// All faults of all scenarios at once, then those of the verdicts.
    pub fn new(
        model: Model,
        scenarios: &[Source],
        expectations: Option<&Source>,
    ) -> Result<Self, Faults> {
        let faults = Collector::new();
        let mut read = BTreeMap::new();
        for source in scenarios {
            match ScenarioFile::parse(source).and_then(|file| file.check(&model)) {
                Ok(scenario) => {
                    read.insert(stem(source), scenario);
                }
                Err(found) => faults.extend(found),
            }
        }
        let scenarios = faults.finish(read)?;
        let declared = expectations.map(|source| Declared::read(source, &model.declaration));
        Ok(Self {
            declared: declared.transpose()?,
            scenarios,
            model,
        })
    }
}

fn stem(source: &Source) -> String {
    let stem = Path::new(&*source.name).file_stem().unwrap_or_default();
    stem.to_string_lossy().into_owned()
}

/// The job of `gutbrain validate`; it keeps the page of the documentation (`validation.md`) and the
/// declaration of what was found (`expectations.toml`).
#[derive(Debug, Clone, Copy)]
pub struct ValidateStudy<'s> {
    setup: &'s ValidationSetup,
    vectors: usize,
}

impl<'s> ValidateStudy<'s> {
    /// Predictions get intervals from [`VECTORS`] vectors of the model's posterior, if it has one.
    #[must_use]
    pub fn new(setup: &'s ValidationSetup) -> Self {
        Self {
            setup,
            vectors: VECTORS,
        }
    }

    /// The same with so many vectors; 0 for no intervals.
    #[must_use]
    pub fn with_vectors(self, vectors: usize) -> Self {
        Self { vectors, ..self }
    }
}

impl Study for ValidateStudy<'_> {
    fn command(&self) -> String {
        "validate".to_owned()
    }

    fn run(&self, store: &mut dyn Store, progress: &dyn Progress) -> Result<Finished, StudyError> {
        let ValidationSetup {
            model, scenarios, ..
        } = self.setup;
        let stage = OnceLock::new();
        let watch = |done, all| {
            let stage = stage.get_or_init(|| Stage::begin(progress, "steps", all));
            stage.advance(done, 0)
        };
        let board = score(model, scenarios, self.vectors, &watch)?;
        drop(stage);
        store.keep("validation.md", validation_page(&board).as_bytes())?;
        store.keep("expectations.toml", Declared::text(&board).as_bytes())?;
        let lost = |verdict: Verdict| board.count(verdict, true) + board.count(verdict, false);
        let asked = board.lines.len() - lost(Verdict::NotRepresentable);
        Ok(Finished {
            counts: Counts::new(asked, lost(Verdict::NoValue)),
            files: 2,
            effort: format!("{} scenarios", scenarios.len()),
            summary: StudySummary::Validation(Box::new(board)),
            first_failure: None,
        })
    }
}

impl From<ValidateError> for StudyError {
    fn from(error: ValidateError) -> Self {
        match error {
            ValidateError::Faults(faults) => Self::Faults(faults),
            ValidateError::Simulate(error) => Self::Simulate(error),
        }
    }
}
