//! What the commands that do a study of a scenario have in common: options, frame, verdict.

use std::path::{Path, PathBuf};

use clap::ValueHint;

use super::failure::Failure;
use super::job::{Job, Verdict};
use super::options::{ScenarioOptions, WritingOptions};
use super::table_format::TableFormat;
use super::threads::{ThreadOptions, Threads};
use gutbrain::study::{Setup, Tolerance};
use gutbrain_store::Stopwatch;

/// Options of every such command.
#[derive(Debug, clap::Args)]
pub(super) struct FrameOptions {
    /// Folder for the results [default: in outputs, by the name of the scenario; a shard and a command that is
    /// not the main one have an ending]
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(super) output: Option<PathBuf>,
    #[command(flatten)]
    pub(super) writing: WritingOptions,
    #[command(flatten)]
    pub(super) threads: ThreadOptions,
    #[command(flatten)]
    pub(super) changes: ScenarioOptions,
}

/// Options of those that live many lives and leave large tables.
#[derive(Debug, clap::Args)]
pub(super) struct StudyOptions {
    /// Format of large tables
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: TableFormat,
    /// Failed runs that are tolerated, as a number or a share: 2, 1% [default: 1%; none of single animals]
    #[arg(long, value_name = "N|N%")]
    pub(super) max_failures: Option<Tolerance>,
    #[command(flatten)]
    pub(super) frame: FrameOptions,
}

/// A scenario that is read, with where its results go.
pub(super) struct Opened {
    /// The scenario with its model.
    pub(super) setup: Setup,
    /// The folder of the results.
    pub(super) target: PathBuf,
    stopwatch: Stopwatch,
    threads: Threads,
}

impl FrameOptions {
    /// Starts the threads and reads the scenario; `ending` tells results apart that are of the same one.
    pub(super) fn open(&self, scenario: &Path, ending: &str) -> Result<Opened, Failure> {
        let stopwatch = Stopwatch::start();
        // Before anything is computed, so that nothing ever works with others.
        let threads = self.threads.start()?;
        let setup = self.changes.load(scenario)?;
        let default = || Path::new("outputs").join(format!("{}{ending}", setup.file.stem()));
        let target = self.output.clone().unwrap_or_else(default);
        Ok(Opened {
            target,
            setup,
            stopwatch,
            threads,
        })
    }

    /// The frame of the study; its finished parts are not kept.
    pub(super) fn job<'o>(&self, opened: &'o Opened) -> Job<'o> {
        Job {
            stopwatch: opened.stopwatch,
            threads: opened.threads,
            target: &opened.target,
            writing: self.writing,
            parts: None,
        }
    }

    /// What becomes of it if so many may fail.
    pub(super) fn verdict<'o>(&'o self, opened: &'o Opened, most: Tolerance) -> Verdict<'o> {
        Verdict {
            most,
            target: &opened.target,
            model: &self.changes.model,
            family: &opened.setup.model.declaration.family,
        }
    }
}

impl StudyOptions {
    /// What becomes of it; a run of single animals may not fail.
    pub(super) fn verdict<'o>(&'o self, opened: &'o Opened, usual: Tolerance) -> Verdict<'o> {
        let most = self.max_failures.unwrap_or(usual);
        self.frame.verdict(opened, most)
    }
}
