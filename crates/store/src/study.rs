//! A run folder as the store of a study, and a finished one as its results.

use std::any::Any;

use gutbrain::study::{Saved, Scratch, Store, StoreError, StoredFile};

use super::{OutputError, RunFolder, SavedRun, StreamedFile};

impl From<OutputError> for StoreError {
    fn from(error: OutputError) -> Self {
        Self::new(error)
    }
}

impl StoredFile for StreamedFile {
    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}

impl Store for RunFolder {
    fn keep(&mut self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        Ok(self.add(name, bytes)?)
    }

    fn begin_file(&mut self, name: &str) -> Result<Box<dyn StoredFile>, StoreError> {
        Ok(Box::new(RunFolder::begin_file(self, name)?))
    }

    fn end_file(
        &mut self,
        file: Box<dyn StoredFile>,
        patch: Option<(u64, &[u8])>,
    ) -> Result<(), StoreError> {
        let Ok(file) = file.into_any().downcast::<StreamedFile>() else {
            return Err(StoreError::new("a file of another store"));
        };
        Ok(RunFolder::end_file(self, *file, patch)?)
    }

    fn scratch(&mut self) -> Result<Box<dyn Scratch>, StoreError> {
        Ok(Box::new(RunFolder::scratch(self)?))
    }

    fn chunk(&self, number: u64) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.chunk_bytes(number)?)
    }

    fn keep_chunk(&mut self, number: u64, bytes: &[u8]) -> Result<(), StoreError> {
        Ok(RunFolder::keep_chunk(self, number, bytes)?)
    }

    fn chunk_name(&self, number: u64) -> String {
        RunFolder::chunk_name(self, number)
    }

    fn place(&self) -> String {
        self.target().display().to_string()
    }
}

impl Saved for SavedRun {
    fn names(&self) -> Vec<String> {
        self.manifest().files.keys().cloned().collect()
    }

    fn read(&self, name: &str) -> Result<Vec<u8>, StoreError> {
        Ok(SavedRun::read(self, name)?)
    }

    fn place(&self) -> String {
        self.folder().display().to_string()
    }
}
