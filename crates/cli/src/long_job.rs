//! The frame of commands whose finished parts are kept: begun, gone on with, or finished already.

use std::path::{Path, PathBuf};

use super::failure::Failure;
use super::job::{MeterProgress, describe, say_notice};
use super::options::{WritingOptions, inputs, model_entry};
use super::resumable::{Start, begin, open_folder};
use super::terminal::{Terminal, Tone};
use super::threads::Threads;
use super::{end_on_interrupt_saying, layout};
use gutbrain::model::Model;
use gutbrain::study::{CalibrationSetup, Counts, Finished, Setup, Study, StudyError};
use gutbrain_network::fault::escape;
use gutbrain_store::{
    Identity, Interrupted, Manifest, RunFolder, SavedRun, Stopwatch, Terms, keep_apart, sha256,
};

/// What a study is made from, as its folder knows it.
pub(super) trait Question: Sync {
    /// The name of its file without the ending: a part of the identity of the folder.
    fn stem(&self) -> String;

    /// The files and folders that were read.
    fn inputs(&self) -> Vec<PathBuf>;

    /// The model that is asked.
    fn model(&self) -> &Model;

    /// What the manifest says of it.
    fn describe(&self, manifest: &mut Manifest, counts: Counts);
}

impl Question for Setup {
    fn stem(&self) -> String {
        self.file.stem().to_owned()
    }

    fn inputs(&self) -> Vec<PathBuf> {
        inputs(self)
    }

    fn model(&self) -> &Model {
        &self.model
    }

    fn describe(&self, manifest: &mut Manifest, counts: Counts) {
        describe(manifest, self, counts);
    }
}

impl Question for CalibrationSetup {
    fn stem(&self) -> String {
        let stem = self.path().file_stem().unwrap_or_default();
        stem.to_string_lossy().into_owned()
    }

    fn inputs(&self) -> Vec<PathBuf> {
        // The built-in model has no folder, and none of that name is read.
        vec![self.path().to_path_buf(), PathBuf::from(&self.model.label)]
    }

    fn model(&self) -> &Model {
        &self.model
    }

    fn describe(&self, manifest: &mut Manifest, counts: Counts) {
        manifest.model = model_entry(&self.model);
        manifest.scenario_sha256 = sha256(self.source.text.as_bytes());
        manifest.seed = self.calibration.seed;
        manifest.runs = counts;
    }
}

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
        setup: &dyn Question,
        study: &(dyn Study + Sync),
        terminal: &Terminal,
        show: impl FnOnce(&Finished) -> String,
    ) -> Result<Ended, Failure> {
        let identity = Identity {
            scenario: setup.stem(),
            command: study.command(),
        };
        keep_apart(self.target, &setup.inputs())?;
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
        end_on_interrupt_saying(
            "what is finished is kept: the same command with --resume goes on with it",
        )?;
        let threads = self.threads.number();
        terminal.progress(&format!("{} with {threads} threads", study.command()));
        let progress = MeterProgress::new(terminal);
        let finished = match (self.threads).install(|| study.run(&mut folder, &progress)) {
            Ok(finished) => finished,
            Err(error) => {
                if matches!(error, StudyError::Question(_)) {
                    folder.abandon();
                }
                return Err(error.into());
            }
        };
        terminal.progress(&finished.effort);
        folder.finish(|manifest| {
            setup.describe(manifest, finished.counts);
            self.stopwatch.describe(manifest, threads);
        })?;
        terminal.print_summary(&show(&finished))?;
        let files = finished.files + 1;
        terminal.print_summary(&layout::where_written(self.target, files, terminal))?;
        say_notice(setup.model(), terminal);
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
