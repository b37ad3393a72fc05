//! Finished parts of long work, kept in the partial folder until the run is whole.
//!
//! A chunk appears under its name only when all of it is on the disk. Whoever keeps it seals it, so that
//! whoever reads it knows whether it is what was written, and of which work.
#![expect(clippy::disallowed_methods, reason = "part of the only writer")]

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::ownership::{remove_file, unfinished};
use super::{OutputError, RunFolder};

/// The folder of chunks inside the partial folder.
pub(super) const CHUNKS: &str = "chunks";

impl RunFolder {
    fn part(&self, key: &str) -> PathBuf {
        self.partial.join(CHUNKS).join(format!("{key}.chunk"))
    }

    /// Keeps chunk `number`.
    ///
    /// # Errors
    /// [`OutputError::Io`], for instance when the disk is full; earlier chunks are intact.
    pub fn keep_chunk(&self, number: u64, bytes: &[u8]) -> Result<(), OutputError> {
        self.keep_part(&name_of(number), bytes)
    }

    /// Keeps the chunk with a key of letters, digits, hyphens and underscores; several threads may.
    ///
    /// # Errors
    /// As for [`RunFolder::keep_chunk`].
    pub fn keep_part(&self, key: &str, bytes: &[u8]) -> Result<(), OutputError> {
        let path = self.part(key);
        if !is_key(key) {
            let error = io::Error::from(io::ErrorKind::InvalidFilename);
            return Err(OutputError::io("write a part of", &self.target, error));
        }
        let folder = self.partial.join(CHUNKS);
        if !folder.is_dir() {
            fs::create_dir_all(&folder)
                .and_then(|()| self.sync_beginning())
                .map_err(|error| {
                    OutputError::io("create the folder", &self.target.join(CHUNKS), error)
                })?;
        }
        let new = folder.join(unfinished(&format!("{key}.chunk")));
        self.write_part(&new, bytes)
            .and_then(|()| fs::rename(&new, &path))
            .and_then(|()| self.durability.folder(&folder))
            .map_err(|error| {
                // The file system may be too broken even for this; the first error is the one to report.
                let _ = remove_file(&new);
                OutputError::io("write a part of", &self.target, error)
            })
    }

    fn write_part(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let mut file = File::create(path)?;
        file.write_all(bytes)?;
        self.durability.file(&file)
    }

    /// Chunk `number` if it was kept.
    ///
    /// # Errors
    /// [`OutputError::Io`] when it is there and cannot be read.
    pub fn chunk_bytes(&self, number: u64) -> Result<Option<Vec<u8>>, OutputError> {
        self.part_bytes(&name_of(number))
    }

    /// The chunk with this key if it was kept.
    ///
    /// # Errors
    /// As for [`RunFolder::chunk_bytes`].
    pub fn part_bytes(&self, key: &str) -> Result<Option<Vec<u8>>, OutputError> {
        let path = self.part(key);
        match fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(OutputError::io("read", &path, error)),
        }
    }

    /// How a chunk is called in messages.
    #[must_use]
    pub fn chunk_name(&self, number: u64) -> String {
        self.part_name(&name_of(number))
    }

    /// How the chunk with this key is called in messages.
    #[must_use]
    pub fn part_name(&self, key: &str) -> String {
        self.part(key).display().to_string()
    }

    /// Removes all chunks: the run is whole without them.
    pub(super) fn remove_chunks(&self) -> Result<(), OutputError> {
        let folder = self.partial.join(CHUNKS);
        let failed = |error| OutputError::io("remove", &folder, error);
        let listing = match fs::read_dir(&folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            listing => listing.map_err(failed)?,
        };
        for entry in listing {
            let name = entry.map_err(failed)?.file_name();
            let is_part = name
                .to_str()
                .is_some_and(|name| name.ends_with(".chunk") || name.ends_with("-new"));
            if is_part {
                remove_file(&folder.join(name)).map_err(failed)?;
            }
        }
        fs::remove_dir(&folder).map_err(failed)
    }
}

/// Numbers sort as names do.
fn name_of(number: u64) -> String {
    format!("{number:010}")
}

fn is_key(key: &str) -> bool {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_".contains(letter);
    !key.is_empty() && key.len() <= 200 && key.chars().all(is_plain)
}
