//! Wrong arguments: why a command was refused before anything was done.

use std::io;
use std::path::PathBuf;

use gutbrain::analysis::calibrate::ApplyError;
use gutbrain::limits::TooManyThreads;
use gutbrain::report::brief::{Unexplained, UnknownCode, UnknownEntry, UnknownWord};
use gutbrain::scenario::TemplateError;
use gutbrain::study::{NotPortable, StudyError};
use gutbrain_explorer::module::ModuleError;
use gutbrain_report::ReportError;
use gutbrain_terminal::NoSignals;

/// What is wrong with the arguments; each says what to do instead.
#[derive(Debug, thiserror::Error)]
pub(super) enum Usage {
    /// More threads than help.
    #[error(
        "--threads {} is more than {}, four for each of the {processors} processors here\n  help: use \
         --threads {processors}, which is fastest, or add --oversubscribe",
        .0.threads, .0.most, processors = .0.processors
    )]
    TooManyThreads(TooManyThreads),
    /// The system gives no threads.
    #[error("cannot start {number} threads: {cause}")]
    NoThreads {
        number: usize,
        cause: rayon::ThreadPoolBuildError,
    },
    /// The system lets nobody listen.
    #[error(transparent)]
    NoSignals(#[from] NoSignals),
    /// `GUTBRAIN_NATIVE` says nothing that is known.
    #[error(transparent)]
    Instructions(#[from] gutbrain::simulate::UnknownInstructionSet),
    /// A folder was wanted.
    #[error("`{}` is no folder", .0.display())]
    NoFolder(PathBuf),
    /// A word of a list was wanted.
    #[error(transparent)]
    Word(#[from] UnknownWord),
    /// No entry of the model.
    #[error(transparent)]
    Entry(#[from] UnknownEntry),
    /// No code of a message.
    #[error(transparent)]
    Code(#[from] UnknownCode),
    /// No species, or no age.
    #[error(transparent)]
    Species(#[from] Unexplained),
    /// A new scenario cannot be written.
    #[error(transparent)]
    Template(TemplateError),
    /// A new file would take the place of another.
    #[error("`{}` is there already\n  help: choose another name, or --force", .0.display())]
    Taken(PathBuf),
    /// A part of a sweep has no figures.
    #[error(
        "`{}` is one shard of a sweep\n  help: join all shards with `gutbrain merge` first",
        .0.display()
    )]
    OneShard(PathBuf),
    /// Results of another command than `run`.
    #[error(
        "`{}` holds results of `{command}`, not of `run`\n  help: a study that meets a failure says the \
         command that repeats it",
        run.display()
    )]
    NotOfRun { run: PathBuf, command: String },
    /// The model is another one.
    #[error(
        "the model `{0}` is no longer the one of this run\n  help: this animal would be another one; use the \
         program and model that the run was made with"
    )]
    OtherModel(String),
    /// There is no report.
    #[error(transparent)]
    Report(ReportError),
    /// A port is taken.
    #[error("cannot serve on 127.0.0.1: {0}")]
    NoServer(io::Error),
    /// There is no module for the page.
    #[error(
        "{0}\n  help: `cargo dev explorer` in a checkout makes one; `gutbrain explore` without -o needs none"
    )]
    Module(#[from] ModuleError),
    /// Only PEtab says a calibration.
    #[error("--calibration is for PEtab\n  help: add --format petab")]
    CalibrationAlone,
    /// An archive has no place on a terminal.
    #[error("an archive is no text\n  help: name a file with --output")]
    ArchiveAsText,
    /// The model declares nobody.
    #[error("the model has no subject\n  help: name a scenario with --scenario")]
    NoSubject,
    /// PEtab is of a calibration.
    #[error("PEtab says a calibration\n  help: name its file with --calibration")]
    NoCalibration,
    /// PEtab is a folder.
    #[error("a PEtab problem is a folder\n  help: name it with --output")]
    NoPetabFolder,
    /// PEtab has its own arms.
    #[error("the arms are those of the calibration: no --arm")]
    ArmsOfCalibration,
    /// A calibration cannot be given away.
    #[error(transparent)]
    Portable(NotPortable),
    /// A file cannot be compared with an export.
    #[error("`{}` cannot be compared: {cause}", file.display())]
    NotComparable { file: PathBuf, cause: String },
    /// Fitted values have no place in the model's files.
    #[error(transparent)]
    Apply(#[from] ApplyError),
    /// A study has no answer to what it was asked.
    #[error(transparent)]
    Study(StudyError),
}
