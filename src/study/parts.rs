//! Finished parts of long work, kept behind the store's door under one seal.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{Progress, Store};
use crate::checkpoint::Seal;

/// The parts of one piece of work; any thread may read and keep some.
pub(super) struct Parts<'p> {
    store: Mutex<&'p mut dyn Store>,
    seal: Seal,
    progress: &'p dyn Progress,
}

impl<'p> Parts<'p> {
    /// The parts in a store under a seal; what cannot be used is said to `progress`.
    pub(super) fn new(store: &'p mut dyn Store, seal: Seal, progress: &'p dyn Progress) -> Self {
        Self {
            store: Mutex::new(store),
            seal,
            progress,
        }
    }

    fn store(&self) -> MutexGuard<'_, &'p mut dyn Store> {
        // What a thread that panicked had kept is whole.
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What part `number` holds, in the form that `read` understands; nothing if there is none. One that
    /// is of no use is named: what it stands for is computed again.
    pub(super) fn kept<T>(&self, number: usize, read: impl Fn(&str) -> Option<T>) -> Option<T> {
        let store = self.store();
        let found = store.chunk(number as u64);
        let name = store.chunk_name(number as u64);
        drop(store);
        let content = match found {
            Ok(None) => return None,
            Ok(Some(bytes)) => match self.seal.open(&number.to_string(), &bytes) {
                Ok(content) => {
                    let text = std::str::from_utf8(content).ok();
                    text.and_then(read).ok_or("it is damaged".to_owned())
                }
                Err(why) => Err(why.to_string()),
            },
            Err(error) => Err(error.to_string()),
        };
        content
            .inspect_err(|why| {
                self.progress.warn(&format!(
                    "`{name}` cannot be gone on from, {why}: computed again"
                ));
            })
            .ok()
    }

    /// Keeps part `number`. That it cannot be gone on from is said, and no reason to lose the work.
    pub(super) fn keep(&self, number: usize, content: &str) {
        let bytes = self.seal.close(&number.to_string(), content.as_bytes());
        if let Err(error) = self.store().keep_chunk(number as u64, &bytes) {
            self.progress.warn(&format!(
                "part {number} of the work cannot be gone on from: {error}"
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::{Memory, Silent};

    #[test]
    fn a_part_is_read_back_and_one_of_other_work_is_computed_again() {
        let mut memory = Memory::default();
        let seal = |fingerprint: &str| Seal::new("fit", fingerprint);
        let text = |content: &str| Some(content.to_owned());
        let parts = Parts::new(&mut memory, seal("a"), &Silent);
        parts.keep(3, "three");
        assert_eq!(parts.kept(3, text).as_deref(), Some("three"));
        assert_eq!(parts.kept(3, |_| None::<()>), None);
        assert_eq!(parts.kept(4, text), None);
        let parts = Parts::new(&mut memory, seal("b"), &Silent);
        assert_eq!(parts.kept(3, text), None);
    }
}
