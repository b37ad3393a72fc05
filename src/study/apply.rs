//! What a finished calibration found, as new files of the model folder.
//!
//! It is read from the results, so that one that was interrupted before they were written back is gone on with.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use gutbrain_network::{Faults, Source};

use super::{Saved, StoreError};
use crate::analysis::calibrate::{ApplyError, apply_values};
use crate::model::Model;
use crate::results::fit::fitted_values;

/// Files of a model folder with their new content.
pub type NewFiles = Vec<(PathBuf, Vec<u8>)>;

/// Why nothing can be written back.
#[derive(Debug, thiserror::Error)]
pub enum NotApplied {
    /// A file of the results is missing or was changed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The results are not those of a fit.
    #[error("`parameters.csv` holds no fitted values")]
    NoValues,
    /// The model cannot be read.
    #[error(transparent)]
    Faults(#[from] Faults),
    /// A value has no place in the files of the model.
    #[error(transparent)]
    Apply(#[from] ApplyError),
}

/// The files of the model, as they were read, that change with the values of a finished fit; comments stay.
///
/// # Errors
/// See [`NotApplied`].
pub fn with_fitted_values(
    saved: &dyn Saved,
    model: &Model,
    files: &[Source],
) -> Result<NewFiles, NotApplied> {
    let values = fitted_values(&saved.read("parameters.csv")?).ok_or(NotApplied::NoValues)?;
    let texts: Vec<(String, String)> = files
        .iter()
        .map(|source| (source.name.to_string(), source.text.to_string()))
        .collect();
    let changed = apply_values(&values, model.variant.as_deref(), &texts)?;
    let changed = changed.into_iter();
    Ok(changed
        .map(|(name, text)| (PathBuf::from(name), text.into_bytes()))
        .collect())
}

/// The files of vectors that a finished sampling left, by their paths in the model folder.
///
/// # Errors
/// A file of the results is missing or was changed.
pub fn with_sampled_vectors(
    saved: &dyn Saved,
    model: &Model,
    folder: &Path,
) -> Result<NewFiles, StoreError> {
    let mut found = BTreeMap::new();
    for name in saved.names() {
        if name.starts_with("posterior/") {
            found.insert(name.clone(), saved.read(&name)?);
        }
    }
    Ok(placed_vectors(found, model, folder))
}

/// Files of vectors by their paths in the model folder; under a variant in the variant's own folder of
/// vectors.
#[must_use]
pub fn placed_vectors(files: BTreeMap<String, Vec<u8>>, model: &Model, folder: &Path) -> NewFiles {
    let inside = |name: String| match (&model.variant, name.strip_prefix("posterior/")) {
        (Some(variant), Some(file)) => format!("posterior/{variant}/{file}"),
        _ => name,
    };
    let files = files.into_iter();
    files
        .map(|(name, bytes)| (folder.join(inside(name)), bytes))
        .collect()
}
