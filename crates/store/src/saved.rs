//! A finished run, read back: only files that the manifest names and whose hashes match.
#![expect(clippy::disallowed_methods, reason = "part of the store")]

use std::fs;
use std::path::{Path, PathBuf};

use super::OutputError;
use super::manifest::{FILE_NAME, Manifest, State, sha256};

/// A finished run folder.
#[derive(Debug, Clone)]
pub struct SavedRun {
    folder: PathBuf,
    manifest: Manifest,
}

impl SavedRun {
    /// Opens a run folder.
    ///
    /// # Errors
    /// [`OutputError::NotARun`] if there is no manifest of a complete run.
    pub fn open(folder: &Path) -> Result<Self, OutputError> {
        let not_a_run = |why: String| OutputError::NotARun {
            path: folder.to_path_buf(),
            why,
        };
        let bytes = fs::read(folder.join(FILE_NAME))
            .map_err(|error| not_a_run(format!("{FILE_NAME} cannot be read: {error}")))?;
        let manifest = Manifest::read(&bytes).map_err(not_a_run)?;
        if manifest.state != State::Complete {
            return Err(not_a_run("the run did not come to its end".to_owned()));
        }
        Ok(Self {
            folder: folder.to_path_buf(),
            manifest,
        })
    }

    /// Where it is.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Its manifest.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// One of its files.
    ///
    /// # Errors
    /// [`OutputError::NotARun`] if the file is missing or was changed since.
    pub fn read(&self, name: &str) -> Result<Vec<u8>, OutputError> {
        let not_a_run = |why: String| OutputError::NotARun {
            path: self.folder.clone(),
            why,
        };
        let Some(entry) = self.manifest.files.get(name) else {
            return Err(not_a_run(format!("it has no `{name}`")));
        };
        let bytes = fs::read(self.folder.join(name))
            .map_err(|error| not_a_run(format!("`{name}` cannot be read: {error}")))?;
        if sha256(&bytes) != entry.sha256 {
            return Err(not_a_run(format!("`{name}` was changed after the run")));
        }
        Ok(bytes)
    }
}
