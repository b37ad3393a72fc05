//! Finished parts of long work, kept in the partial folder until the run is whole.
//!
//! A chunk appears under its name only when all of it is written. It seals itself (its own checksum is
//! part of it), so that whoever reads it knows whether it is what was written.
#![expect(clippy::disallowed_methods, reason = "part of the only writer")]

use std::fs;
use std::io;
use std::path::PathBuf;

use super::{OutputError, RunFolder};

/// The folder of chunks inside the partial folder.
pub(super) const CHUNKS: &str = "chunks";

impl RunFolder {
    fn chunk(&self, number: u64) -> PathBuf {
        self.partial
            .join(CHUNKS)
            .join(format!("{number:010}.chunk"))
    }

    /// Keeps chunk `number`.
    ///
    /// # Errors
    /// [`OutputError::Io`], for instance when the disk is full; earlier chunks are intact.
    pub fn keep_chunk(&self, number: u64, bytes: &[u8]) -> Result<(), OutputError> {
        let path = self.chunk(number);
        let shown = self.target.join(CHUNKS);
        let folder = self.partial.join(CHUNKS);
        fs::create_dir_all(&folder)
            .map_err(|error| OutputError::io("create the folder", &shown, error))?;
        let new = folder.join(".new");
        fs::write(&new, bytes)
            .and_then(|()| fs::rename(&new, &path))
            .map_err(|error| {
                let _ = fs::remove_file(&new);
                OutputError::io("write a part of", &self.target, error)
            })
    }

    /// Chunk `number` if it was kept.
    ///
    /// # Errors
    /// [`OutputError::Io`] when it is there and cannot be read.
    pub fn chunk_bytes(&self, number: u64) -> Result<Option<Vec<u8>>, OutputError> {
        match fs::read(self.chunk(number)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(OutputError::io("read", &self.chunk(number), error)),
        }
    }

    /// How a chunk is called in messages.
    #[must_use]
    pub fn chunk_name(&self, number: u64) -> String {
        self.chunk(number).display().to_string()
    }

    /// Removes all chunks: the run is whole without them.
    pub(super) fn remove_chunks(&self) -> Result<(), OutputError> {
        let folder = self.partial.join(CHUNKS);
        match fs::remove_dir_all(&folder) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(OutputError::io("remove", &folder, error)),
        }
    }
}
