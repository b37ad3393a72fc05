//! `--apply`: what a finished calibration found, written into the files of the model folder.
//!
//! It is read from the results, so that one that was interrupted between the two is gone on with.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::super::failure::Failure;
use super::super::terminal::Terminal;
use gutbrain::analysis::calibrate::apply_values;
use gutbrain::model::{Model, model_files};
use gutbrain::results::fit::fitted_values;
use gutbrain_store::{OutputError, SavedRun, write_together};

/// How many starts of a finished fit came to an end.
pub(super) fn succeeded(results: &Path) -> Result<usize, Failure> {
    Ok(SavedRun::open(results)?.manifest().runs.ok)
}

/// Puts the values of a finished fit into the files that declare them; comments stay.
pub(super) fn values(
    results: &Path,
    folder: &Path,
    model: &Model,
    terminal: &Terminal,
) -> Result<(), Failure> {
    let saved = SavedRun::open(results)?;
    let values = fitted_values(&saved.read("parameters.csv")?);
    let values = values.ok_or_else(|| OutputError::NotARun {
        path: results.to_path_buf(),
        why: "`parameters.csv` holds no fitted values".to_owned(),
    })?;
    let texts: Vec<(String, String)> = model_files(folder)?
        .into_iter()
        .map(|source| (source.name.to_string(), source.text.to_string()))
        .collect();
    let changed = apply_values(&values, model.variant.as_deref(), &texts)
        .map_err(|error| Failure::Usage(error.to_string()))?;
    let files = changed
        .into_iter()
        .map(|(name, text)| (PathBuf::from(name), text.into_bytes()));
    put(folder, &files.collect::<Vec<_>>(), terminal)?;
    terminal.progress(&format!("the model was {}", model.hash));
    Ok(())
}

/// Puts the vectors of a finished sampling beside the model.
pub(super) fn ensembles(
    results: &Path,
    folder: &Path,
    model: &Model,
    terminal: &Terminal,
) -> Result<(), Failure> {
    let saved = SavedRun::open(results)?;
    let mut found = BTreeMap::new();
    for name in saved.manifest().files.keys() {
        if name.starts_with("posterior/") {
            found.insert(name.clone(), saved.read(name)?);
        }
    }
    files(folder, found, model, terminal)
}

/// Puts files of vectors into the model folder, by their names inside it; under a variant into the
/// variant's own folder of vectors.
pub(super) fn files(
    folder: &Path,
    files: BTreeMap<String, Vec<u8>>,
    model: &Model,
    terminal: &Terminal,
) -> Result<(), Failure> {
    let inside = |name: String| match (&model.variant, name.strip_prefix("posterior/")) {
        (Some(variant), Some(file)) => format!("posterior/{variant}/{file}"),
        _ => name,
    };
    let files: Vec<(PathBuf, Vec<u8>)> = files
        .into_iter()
        .map(|(name, bytes)| (folder.join(inside(name)), bytes))
        .collect();
    put(folder, &files, terminal)
}

/// Writes files of the model folder, all or none, and says so.
fn put(folder: &Path, files: &[(PathBuf, Vec<u8>)], terminal: &Terminal) -> Result<(), Failure> {
    write_together(folder, files)?;
    for (path, _) in files {
        terminal.warn(&format!("changed {}", path.display()));
    }
    Ok(())
}
