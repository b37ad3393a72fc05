//! [`MadeOnce`]: code for an instruction set and a number of lanes, made when it is first wanted.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::InstructionSet;

/// Something made once for each instruction set and number of lanes. Copies share it.
#[derive(Debug)]
pub struct MadeOnce<T>(Arc<Mutex<BTreeMap<Key, Option<Arc<T>>>>>);

/// The set, and lanes.
type Key = (InstructionSet, usize);

impl<T> Default for MadeOnce<T> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<T> Clone for MadeOnce<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> MadeOnce<T> {
    /// What there is for the set and these lanes; `make` is asked if that is not known yet.
    pub fn get(
        &self,
        set: InstructionSet,
        lanes: usize,
        make: impl FnOnce() -> Option<T>,
    ) -> Option<Arc<T>> {
        let mut made = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = made.entry((set, lanes));
        entry.or_insert_with(|| make().map(Arc::new)).clone()
    }
}
