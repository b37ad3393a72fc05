//! The frame of every command that does a study: folder, threads, progress, manifest, verdict.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::failure::Failure;
use super::layout;
use super::meter::Meter;
use super::options::{ScenarioOptions, WritingOptions, inputs, model_entry};
use super::resumable::begin;
use super::run::Tolerance;
use super::terminal::Terminal;
use super::threads::ThreadOptions;
use super::{Ending, end_on_interrupt, failed_life};
use gutbrain::model::Model;
use gutbrain::study::{Counts, Finished, Progress, Setup, Study};
use gutbrain_store::{FileEntry, Identity, Manifest, SolverEntry, Stopwatch, sha256};

/// Where the results go and what is tolerated on the way.
pub(super) struct Job<'j> {
    /// The folder that was asked for; `outputs/` with the name of the scenario without.
    pub(super) output: Option<&'j PathBuf>,
    /// What may be replaced, and what is waited for.
    pub(super) writing: WritingOptions,
    /// How many threads work.
    pub(super) threads: &'j ThreadOptions,
    /// Failures that are tolerated.
    pub(super) tolerance: Tolerance,
    /// What was changed in the scenario.
    pub(super) changes: &'j ScenarioOptions,
}

impl Job<'_> {
    /// Does a study in one go and writes its folder; `show` is what the terminal says of it, `failed` what
    /// it says of failures beyond the tolerance.
    pub(super) fn carry_out(
        &self,
        setup: &Setup,
        study: &(dyn Study + Sync),
        terminal: &Terminal,
        show: impl FnOnce(&Finished) -> String,
        failed: impl FnOnce(Counts) -> String,
    ) -> Result<Ending, Failure> {
        let stopwatch = Stopwatch::start();
        let pool = self.threads.start()?;
        let default = Path::new("outputs").join(setup.file.stem());
        let target = self.output.unwrap_or(&default);
        let identity = Identity {
            scenario: setup.file.stem().to_owned(),
            command: study.command(),
        };
        end_on_interrupt()?;
        let mut folder = begin(
            target,
            identity,
            self.writing.terms(),
            &inputs(setup),
            terminal,
        )?;
        let threads = pool.number();
        terminal.progress(&format!("{} with {threads} threads", study.command()));
        let progress = MeterProgress::new(terminal);
        let finished = pool.install(|| study.run(&mut folder, &progress))?;
        terminal.progress(&finished.effort);
        let counts = finished.counts;
        folder.finish(|manifest| {
            describe(manifest, setup, counts);
            stopwatch.describe(manifest, threads);
        })?;
        terminal.print_summary(&show(&finished))?;
        terminal.print_summary(&layout::where_written(target, finished.files + 1, terminal))?;
        say_notice(&setup.model, terminal);
        if self.tolerance.is_exceeded(counts) {
            terminal.warn(&failed(counts));
            let first = finished.first_failure.as_ref();
            failed_life::say(first, target, self.changes, terminal);
            return Ok(Ending::TooManyFailures);
        }
        Ok(Ending::Done)
    }
}

/// Says what results of a model may not be used for, if its family says so.
pub(super) fn say_notice(model: &Model, terminal: &Terminal) {
    let notice = &model.declaration.family.notice;
    if !notice.is_empty() {
        terminal.remark(notice);
    }
}

/// What every manifest says of its scenario.
pub fn describe(manifest: &mut Manifest, setup: &Setup, counts: Counts) {
    let Setup {
        model,
        file,
        scenario,
    } = setup;
    manifest.changes = file.changes().to_vec();
    manifest.model = model_entry(model);
    manifest.scenario_sha256 = sha256(setup.resolved().as_bytes());
    manifest.data = data_entries(setup);
    manifest.seed = scenario.seed;
    manifest.solver = SolverEntry {
        method: scenario.solver.method.name().to_owned(),
        rtol: scenario.solver.rtol,
        atol: scenario.solver.atol,
    };
    manifest.runs = counts;
    manifest
        .circumstances
        .insert("lanes".to_owned(), gutbrain::simulate::what_lanes_ran_on());
}

/// The own data of a scenario by the names that it has for their files.
fn data_entries(setup: &Setup) -> BTreeMap<String, FileEntry> {
    let entries = setup.file.data().map(|(name, _, bytes)| {
        let entry = FileEntry {
            bytes: bytes.len() as u64,
            sha256: sha256(bytes),
        };
        (name.to_owned(), entry)
    });
    entries.collect()
}

/// The progress of a study as a line on the terminal.
pub(super) struct MeterProgress<'t> {
    terminal: &'t Terminal,
    meter: Mutex<Option<Meter<'t>>>,
}

impl<'t> MeterProgress<'t> {
    pub(super) fn new(terminal: &'t Terminal) -> Self {
        Self {
            terminal,
            meter: Mutex::new(None),
        }
    }

    fn with(&self, act: impl FnOnce(&mut Option<Meter<'t>>)) {
        // A thread that panicked while counting has nothing to hide.
        let mut meter = self.meter.lock().unwrap_or_else(PoisonError::into_inner);
        act(&mut meter);
    }
}

impl Progress for MeterProgress<'_> {
    fn begin(&self, what: &'static str, total: u64) {
        let new = match total {
            0 => Meter::counting(self.terminal, what),
            total => Meter::new(self.terminal, what, total),
        };
        self.with(|meter| *meter = Some(new));
    }

    fn advance(&self, done: u64, failed: u64) {
        self.with(|meter| {
            if let Some(meter) = meter {
                meter.add(done, failed);
            }
        });
    }

    fn detail(&self, words: &str) {
        self.with(|meter| {
            if let Some(meter) = meter {
                meter.note(format!("; {words}"));
            }
        });
    }

    fn end(&self) {
        self.with(|meter| {
            if let Some(meter) = meter.take() {
                meter.finish();
            }
        });
    }

    fn is_cancelled(&self) -> bool {
        // Ctrl-C ends the program at once: what is on the disk is whole at every moment.
        false
    }

    fn warn(&self, message: &str) {
        self.terminal.warn(message);
    }

    fn note(&self, message: &str) {
        self.terminal.remark(message);
    }
}
