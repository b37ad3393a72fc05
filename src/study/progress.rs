//! Who hears how far a study is, and can stop it.

use super::StudyError;

/// Hears of the progress of a study; asked between blocks of work whether to go on.
pub trait Progress: Sync {
    /// A stage begins: `total` of `what` (a plural: "lives", "points"), 0 if nobody knows how many.
    fn begin(&self, what: &'static str, total: u64);

    /// So many more are done, so many of them failed.
    fn advance(&self, done: u64, failed: u64);

    /// Where the stage is besides its count, in a few words that replace the last ones.
    fn detail(&self, _words: &str) {}

    /// The stage that was begun last is over.
    fn end(&self);

    /// Whether somebody wants the study to stop.
    fn is_cancelled(&self) -> bool;

    /// Something that whoever reads the results should know.
    fn warn(&self, message: &str);

    /// Something that is worth a line while it lasts, not later.
    fn note(&self, message: &str);
}

/// Nobody: hears nothing, stops nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn begin(&self, _: &'static str, _: u64) {}

    fn advance(&self, _: u64, _: u64) {}

    fn end(&self) {}

    fn is_cancelled(&self) -> bool {
        false
    }

    fn warn(&self, _: &str) {}

    fn note(&self, _: &str) {}
}

/// A stage of a study while it lasts; over when it is dropped, whichever way.
pub struct Stage<'p> {
    progress: &'p dyn Progress,
}

impl<'p> Stage<'p> {
    /// Begins a stage.
    pub fn begin(progress: &'p dyn Progress, what: &'static str, total: u64) -> Self {
        progress.begin(what, total);
        Self { progress }
    }

    /// Counts what was done, if anything was, and asks whether to go on.
    ///
    /// # Errors
    /// [`StudyError::Cancelled`].
    pub fn advance(&self, done: u64, failed: u64) -> Result<(), StudyError> {
        if (done, failed) != (0, 0) {
            self.progress.advance(done, failed);
        }
        if self.progress.is_cancelled() {
            return Err(StudyError::Cancelled);
        }
        Ok(())
    }
}

impl Drop for Stage<'_> {
    fn drop(&mut self) {
        self.progress.end();
    }
}
