//! `--apply`: what a finished calibration found, written into the files of the model folder.

use std::path::Path;

use super::super::failure::Failure;
use gutbrain::model::{Model, model_files};
use gutbrain::study::{NewFiles, with_fitted_values, with_sampled_vectors};
use gutbrain_store::{SavedRun, write_together};
use gutbrain_terminal::Terminal;

/// Puts the values of a finished fit into the files that declare them; comments stay.
pub(super) fn values(
    results: &Path,
    folder: &Path,
    model: &Model,
    terminal: &Terminal,
) -> Result<(), Failure> {
    let saved = SavedRun::open(results)?;
    let changed = with_fitted_values(&saved, model, &model_files(folder)?);
    let changed = changed.map_err(|error| Failure::of_applying(error, results))?;
    put(folder, &changed, terminal)?;
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
    let found = with_sampled_vectors(&SavedRun::open(results)?, model, folder)?;
    put(folder, &found, terminal)
}

/// Writes files of the model folder, all or none, and says so.
pub(super) fn put(folder: &Path, files: &NewFiles, terminal: &Terminal) -> Result<(), Failure> {
    write_together(folder, files)?;
    for (path, _) in files {
        terminal.warn(&format!("changed {}", path.display()));
    }
    Ok(())
}
