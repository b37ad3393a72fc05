//! The frame of commands whose finished parts are kept: begun, gone on with, or finished already.

use std::path::Path;

use super::failure::Failure;
use super::job::{MeterProgress, describe};
use super::options::{WritingOptions, inputs};
use super::resumable::{Start, begin, open_folder};
use super::terminal::{Terminal, Tone};
use super::threads::Threads;
use super::{end_on_interrupt_saying, layout};
use gutbrain::study::{Finished, Setup, Study, StudyError};
use gutbrain_network::fault::escape;
use gutbrain_store::{Identity, Interrupted, RunFolder, SavedRun, Stopwatch, Terms, keep_apart};

/// Where the results go and how they are come by.
pub(super) struct LongJob<'j> {
    /// Runs since the command began.
    pub(super) stopwatch: Stopwatch,
    /// The threads that work.
    pub(super) threads: Threads,
    /// The folder.
    pub(super) target: &'j Path,
    /// What may be replaced, and what is waited for.
    pub(super) writing: WritingOptions,
    /// Whether to go on with what an earlier start left.
    pub(super) resume: bool,
    /// What finished parts depend on.
    pub(super) fingerprint: String,
    /// Which part of a sweep it is, as noted in the manifest.
    pub(super) shard: String,
}

/// How a job ended that did not fail.
pub(super) enum Ended {
    /// Its results are written now.
    Now(Box<Finished>),
    /// They were there already, the same.
    Before(Box<SavedRun>),
}

impl LongJob<'_> {
    /// Does a study and writes its folder, or finds that it is done; `show` is what the terminal says of
    /// it.
    pub(super) fn carry_out(
        &self,
        setup: &Setup,
        study: &(dyn Study + Sync),
        terminal: &Terminal,
        show: impl FnOnce(&Finished) -> String,
    ) -> Result<Ended, Failure> {
        let identity = Identity {
            scenario: setup.file.stem().to_owned(),
            command: study.command(),
        };
        keep_apart(self.target, &inputs(setup))?;
        let start = if self.resume {
            Start::Resume
        } else {
            Start::Afresh
        };
        let manner = (self.writing.terms(), start);
        let opened = open_folder(self.target, identity, manner, &self.fingerprint, terminal)?;
        let Some(mut folder) = opened else {
            let path = self.target.display().to_string();
            let path = terminal.tone(Tone::Strong, &escape(&path));
            terminal.print_summary(&format!("\n  finished already: {path}\n"))?;
            let saved = SavedRun::open(self.target)?;
            return Ok(Ended::Before(Box::new(saved)));
        };
        folder.set_shard(&self.shard);
        end_on_interrupt_saying("finished points are kept: go on with --resume")?;
        let threads = self.threads.number();
        terminal.progress(&format!("{} with {threads} threads", study.command()));
        let progress = MeterProgress::new(terminal);
        let finished = (self.threads).install(|| study.run(&mut folder, &progress))?;
        terminal.progress(&finished.effort);
        folder.finish(|manifest| {
            describe(manifest, setup, finished.counts);
            self.stopwatch.describe(manifest, threads);
        })?;
        terminal.print_summary(&show(&finished))?;
        let files = finished.files + 1;
        terminal.print_summary(&layout::where_written(self.target, files, terminal))?;
        Ok(Ended::Now(Box::new(finished)))
    }

    /// Writes a finished run anew, with what `write` makes of it.
    pub(super) fn rewrite<T>(
        &self,
        setup: &Setup,
        saved: &SavedRun,
        terminal: &Terminal,
        write: impl FnOnce(&mut RunFolder) -> Result<T, StudyError>,
    ) -> Result<T, Failure> {
        // The same identity, but no new start: what waits to be gone on with stays.
        let terms = Terms {
            interrupted: Interrupted::Kept,
            ..self.writing.terms()
        };
        let identity = saved.manifest().identity.clone();
        let mut folder = begin(self.target, identity, terms, &inputs(setup), terminal)?;
        folder.set_fingerprint(&self.fingerprint);
        let written = write(&mut folder)?;
        folder.finish(|manifest| {
            let files = std::mem::take(&mut manifest.files);
            *manifest = saved.manifest().clone();
            manifest.files = files;
        })?;
        Ok(written)
    }
}
