//! A store without a disk.

use std::any::Any;
use std::collections::BTreeMap;
use std::io::{self, Write};

use super::{Saved, Store, StoreError, StoredFile};

/// Keeps everything in memory: for tests, other languages and browsers.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    files: BTreeMap<String, Vec<u8>>,
    chunks: BTreeMap<u64, Vec<u8>>,
}

impl Memory {
    /// A file that was kept.
    #[must_use]
    pub fn file(&self, name: &str) -> Option<&[u8]> {
        self.files.get(name).map(Vec::as_slice)
    }

    /// Every file by name.
    #[must_use]
    pub fn files(&self) -> &BTreeMap<String, Vec<u8>> {
        &self.files
    }

    /// The finished parts of work that was cancelled, by number.
    #[must_use]
    pub fn chunks(&self) -> &BTreeMap<u64, Vec<u8>> {
        &self.chunks
    }
}

/// A file that grows in memory.
#[derive(Debug)]
struct Growing {
    name: String,
    bytes: Vec<u8>,
}

impl Write for Growing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl StoredFile for Growing {
    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}

impl Store for Memory {
    fn keep(&mut self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        self.files.insert(name.to_owned(), bytes.to_vec());
        Ok(())
    }

    fn begin_file(&mut self, name: &str) -> Result<Box<dyn StoredFile>, StoreError> {
        Ok(Box::new(Growing {
            name: name.to_owned(),
            bytes: Vec::new(),
        }))
    }

    fn end_file(
        &mut self,
        file: Box<dyn StoredFile>,
        patch: Option<(u64, &[u8])>,
    ) -> Result<(), StoreError> {
        let Ok(growing) = file.into_any().downcast::<Growing>() else {
            return Err(StoreError::new("a file of another store"));
        };
        let Growing { name, mut bytes } = *growing;
        if let Some((at, patch)) = patch {
            let place = usize::try_from(at)
                .ok()
                .and_then(|at| bytes.get_mut(at..at.checked_add(patch.len())?));
            let Some(place) = place else {
                return Err(StoreError::new("a patch beyond the end of its file"));
            };
            place.copy_from_slice(patch);
        }
        self.files.insert(name, bytes);
        Ok(())
    }

    fn chunk(&self, number: u64) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.chunks.get(&number).cloned())
    }

    fn keep_chunk(&mut self, number: u64, bytes: &[u8]) -> Result<(), StoreError> {
        self.chunks.insert(number, bytes.to_vec());
        Ok(())
    }

    fn chunk_name(&self, number: u64) -> String {
        format!("part {number} in memory")
    }

    fn place(&self) -> String {
        "memory".to_owned()
    }
}

impl Saved for Memory {
    fn names(&self) -> Vec<String> {
        self.files.keys().cloned().collect()
    }

    fn read(&self, name: &str) -> Result<Vec<u8>, StoreError> {
        let found = self.files.get(name).cloned();
        found.ok_or_else(|| StoreError::new(format!("memory has no `{name}`")))
    }

    fn place(&self) -> String {
        Store::place(self)
    }
}
