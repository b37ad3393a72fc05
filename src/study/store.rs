//! Where the files and the finished parts of a study go.

use std::error::Error;
use std::io::{Cursor, Read, Seek, Write};

/// Where a study leaves what it makes: a folder on a disk, the memory, a browser's storage.
///
/// Names are paths with `/` between their parts, inside the results of one study. Parts of the work may be
/// kept from any of its threads.
pub trait Store: Send {
    /// Keeps one file of the results.
    ///
    /// # Errors
    /// Whatever keeps the store from it, for instance a full disk.
    fn keep(&mut self, name: &str, bytes: &[u8]) -> Result<(), StoreError>;

    /// Begins a file that is too large for the memory; it belongs to the results once
    /// [`Store::end_file`] has it.
    ///
    /// # Errors
    /// As [`Store::keep`].
    fn begin_file(&mut self, name: &str) -> Result<Box<dyn StoredFile>, StoreError>;

    /// Ends such a file; the bytes at `patch.0` become `patch.1`.
    ///
    /// # Errors
    /// As [`Store::keep`].
    fn end_file(
        &mut self,
        file: Box<dyn StoredFile>,
        patch: Option<(u64, &[u8])>,
    ) -> Result<(), StoreError>;

    /// A file to put things aside in while a study is at work. It has no name, is never part of the
    /// results, and is gone when it is dropped.
    ///
    /// # Errors
    /// As [`Store::keep`].
    fn scratch(&mut self) -> Result<Box<dyn Scratch>, StoreError> {
        Ok(Box::new(Cursor::new(Vec::new())))
    }

    /// Finished part `number` of the work, if an earlier start kept it.
    ///
    /// # Errors
    /// It is there and cannot be read.
    fn chunk(&self, number: u64) -> Result<Option<Vec<u8>>, StoreError>;

    /// Keeps finished part `number`: all of it or nothing.
    ///
    /// # Errors
    /// As [`Store::keep`]; earlier parts are intact.
    fn keep_chunk(&mut self, number: u64, bytes: &[u8]) -> Result<(), StoreError>;

    /// How part `number` is called in messages.
    fn chunk_name(&self, number: u64) -> String;

    /// Where the results will be found, for messages.
    fn place(&self) -> String;
}

/// A file that is written piece by piece.
pub trait StoredFile: Write + Send {
    /// For the store, to know its own files again.
    fn into_any(self: Box<Self>) -> Box<dyn std::any::Any>;
}

/// A file to put things aside in: see [`Store::scratch`].
pub trait Scratch: Read + Write + Seek + Send {}

impl<T: Read + Write + Seek + Send> Scratch for T {}

/// Why a store refused; what it was is known to whoever made the store.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct StoreError(Box<dyn Error + Send + Sync>);

impl StoreError {
    /// An error of a store of one's own.
    pub fn new(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(error.into())
    }

    /// The error of the store that was used.
    #[must_use]
    pub fn into_inner(self) -> Box<dyn Error + Send + Sync> {
        self.0
    }
}

impl From<std::io::Error> for StoreError {
    fn from(error: std::io::Error) -> Self {
        Self::new(error)
    }
}
