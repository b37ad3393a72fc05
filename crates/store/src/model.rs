//! Models by name: a shipped one, a folder, or what a finished run was made with.

use std::path::{Path, PathBuf};

use gutbrain::model::{Model, is_shipped};
use gutbrain::study::StudyError;
use gutbrain_network::Faults;

use super::together::finish_interrupted;
use super::{ModelEntry, OutputError};

/// Why there is no model of this name.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// What is wrong with its files.
    #[error(transparent)]
    Faults(#[from] Faults),
    /// A fit that was being written back into its files cannot be ended.
    #[error(transparent)]
    Output(#[from] OutputError),
}

impl From<ModelError> for StudyError {
    fn from(error: ModelError) -> Self {
        match error {
            ModelError::Faults(faults) => Self::Faults(faults),
            ModelError::Output(error) => Self::Store(error.into()),
        }
    }
}

/// A model as somebody names it, with one of its variants.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NamedModel {
    /// A folder, or the name of a shipped model; nothing for whatever the question asks for.
    pub name: Option<PathBuf>,
    /// One of its variants.
    pub variant: Option<String>,
}

impl NamedModel {
    /// What a finished run was made with.
    #[must_use]
    pub fn of_run(entry: &ModelEntry) -> Self {
        Self {
            name: Some(PathBuf::from(&entry.label)),
            variant: Some(entry.variant.clone()).filter(|name| !name.is_empty()),
        }
    }

    /// The same for a finished run: where nothing is named, the shipped model that it was made with. A model in a
    /// folder is named again, for it may have changed.
    #[must_use]
    pub fn or_of_run(&self, entry: &ModelEntry) -> Self {
        if self.name.is_some() || self.variant.is_some() || !is_shipped(&entry.label) {
            return self.clone();
        }
        Self::of_run(entry)
    }

    /// Reads it; `unnamed` gives the model where none is named.
    ///
    /// # Errors
    /// [`ModelError`]: its files have faults, or it has no such variant.
    pub fn read(
        &self,
        unnamed: impl FnOnce() -> Result<Model, Faults>,
    ) -> Result<Model, ModelError> {
        let model = match &self.name {
            Some(name) => read_model(name)?,
            None => unnamed()?,
        };
        Ok(match &self.variant {
            Some(variant) => model.under(variant)?,
            None => model,
        })
    }
}

/// The model of a folder, or the shipped one of a name where there is no such folder.
///
/// # Errors
/// [`ModelError`]: its files have faults, or half of a fit that was being written back cannot be ended.
pub fn read_model(name: &Path) -> Result<Model, ModelError> {
    let shipped = name.to_str().filter(|_| !name.is_dir());
    if let Some(model) = shipped.and_then(Model::shipped) {
        return Ok(model?);
    }
    // Half of the files of a fit that was being written back is no model.
    finish_interrupted(name)?;
    Ok(Model::load(name)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: Option<&str>, variant: Option<&str>) -> NamedModel {
        NamedModel {
            name: name.map(PathBuf::from),
            variant: variant.map(ToOwned::to_owned),
        }
    }

    #[test]
    fn a_finished_run_is_asked_of_the_shipped_model_that_it_names() {
        let entry = |label: &str, variant: &str| ModelEntry {
            variant: variant.to_owned(),
            ..ModelEntry::of(&Model::shipped(label).expect("shipped").expect("right"))
        };
        let nothing = named(None, None);
        let human = nothing.or_of_run(&entry("human", ""));
        assert_eq!(human, named(Some("built-in human"), None));
        let model = human.read(Model::builtin).expect("the human model");
        assert_eq!(model.label, "built-in human");
        // What somebody names wins, and a folder is named again.
        let mine = named(Some("mouse"), None);
        assert_eq!(mine.or_of_run(&entry("human", "")), mine);
        let mut folder = entry("human", "");
        folder.label = "models/mine".to_owned();
        assert_eq!(nothing.or_of_run(&folder), nothing);
    }

    #[test]
    fn a_variant_that_the_model_does_not_have_is_a_fault_of_the_name() {
        let error = named(Some("mouse"), Some("no-such-variant")).read(Model::builtin);
        let Err(ModelError::Faults(faults)) = error else {
            panic!("a model under no variant");
        };
        assert!(
            faults
                .render(gutbrain_network::Color::Never)
                .contains("no-such-variant")
        );
    }
}
