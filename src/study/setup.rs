//! What a study is made from: a model and a scenario that fits it.

use std::collections::BTreeSet;

use gutbrain_network::Faults;
use gutbrain_network::declaration::Endpoint;

use super::Progress;
use crate::checkpoint::Fingerprint;
use crate::model::Model;
use crate::scenario::{Overrides, Scenario, ScenarioFile};

/// A scenario with its model, checked.
#[derive(Debug, Clone)]
pub struct Setup {
    /// The model.
    pub model: Model,
    /// The scenario as written, with everything that was changed in it.
    pub file: ScenarioFile,
    /// The scenario as understood.
    pub scenario: Scenario,
}

impl Setup {
    /// Checks a scenario against a model.
    ///
    /// # Errors
    /// Everything that is wrong with the scenario.
    pub fn new(model: Model, file: ScenarioFile) -> Result<Self, Faults> {
        let scenario = file.check(&model)?;
        Ok(Self {
            model,
            file,
            scenario,
        })
    }

    /// A scenario as text, which extends no file, with the shipped model that it asks for; `name` is shown in messages and
    /// names the results.
    ///
    /// # Errors
    /// Everything that is wrong with the text.
    pub fn from_text(name: &str, text: &str) -> Result<Self, Faults> {
        let source = gutbrain_network::Source::new(name, text);
        let file = ScenarioFile::parse(&source)?;
        Self::new(file.model()?, file)
    }

    /// The same with changes, as `--set` makes them.
    ///
    /// # Errors
    /// A change that has no place or no meaning.
    pub fn with(mut self, overrides: &Overrides) -> Result<Self, Faults> {
        self.file.apply(overrides)?;
        self.scenario = self.file.check(&self.model)?;
        Ok(self)
    }

    /// The scenario with everything that it extends and every default that was written out, as TOML.
    #[must_use]
    pub fn resolved(&self) -> String {
        self.file.resolved(&self.scenario)
    }

    /// Says which doses lie outside what has been studied.
    pub(super) fn warn_of_doses(&self, progress: &dyn Progress) {
        for sentence in self.scenario.extrapolations(&self.model.declaration) {
            progress.warn(&sentence);
        }
    }

    /// What the simulations of `kind` depend on: the numbers and the structure of the model with the interventions
    /// that the scenario names, what draws and readings of animals go by, the scenario with its seed and changes,
    /// and the posteriors where they may be drawn from (a factor may choose one for a point of a cohort). Sentences
    /// and labels of the model do not count.
    #[must_use]
    pub fn fingerprint(&self, kind: &str) -> Fingerprint {
        let interventions = self.file.interventions();
        let mut print = Fingerprint::of(kind)
            .with("dynamics", self.model.dynamics(&interventions))
            .with("family", self.family())
            .with("survived", self.survived(&interventions))
            .with("scenario", self.resolved());
        if self.scenario.cohort.is_some() {
            for source in &self.model.posteriors {
                // The same files are the same wherever they lie.
                let name = source.name.rsplit(['/', '\\']).next().unwrap_or_default();
                print = print.with(name, &*source.text);
            }
        }
        print
    }

    /// The words of the family that lives are read by, and the parameters that draws of animals read.
    fn family(&self) -> String {
        let family = &self.model.declaration.family;
        let mut text = family.endpoints.roles();
        for end in &family.survival {
            let first: Vec<&str> = end.first_of.iter().map(Endpoint::word).collect();
            text.push_str(&format!("\n{}: {}", end.word, first.join(", ")));
        }
        for (meaning, parameter) in family.group.entries() {
            let parameter = parameter.as_ref().map(|id| id.value.as_str());
            text.push_str(&format!("\n{meaning} = {}", parameter.unwrap_or_default()));
        }
        text
    }

    /// The doses that a body has survived: a point of a sweep beyond them is not run.
    fn survived(&self, interventions: &BTreeSet<String>) -> String {
        let declared = interventions.iter().filter_map(|id| {
            let dose = &self.model.declaration.interventions.get(id)?.dose;
            let range = dose.survived.as_ref()?;
            Some(format!("{id}: {} to {}\n", range.from, range.to))
        });
        declared.collect()
    }
}
