//! The only writer: run folders, whole or not at all.
//!
//! A command that writes calls [`RunFolder::begin`] before its long work, so that a bad path
//! fails in the first second; adds files; and calls [`RunFolder::finish`]. Until then everything
//! lives in the sibling `.NAME.partial`; the last act exchanges the two folders in one step of
//! the file system, so a kill at any moment leaves the old run or the new one. What is reported as
//! written is on the disk ([`Durability`], `docs/durability.md`).
//!
//! A run folder is what its `manifest.json` lists. It is replaced by a run of the same identity, scenario
//! file stem and command, or by any other run if [`Replace::Anything`] is asked for; a folder that holds
//! anything else is refused, always, and so are the working folder, the home folder and what lies above
//! them. Hidden siblings belong to us if their own manifest, or the names that only we give, say so.
//!
//! Long work is resumable: [`RunFolder::begin_resumable`] keeps finished chunks beside the manifest when
//! the command is stopped, and [`RunFolder::resume`] goes on from them if the fingerprint is the same.
//! What a new start discards is said ([`RunFolder::remarks`]); [`clean`] finds the rest.
//!
//! A [`Job`] is all of this around a study: it opens the folder, does the work, says in the manifest what was
//! asked ([`Question`]), and puts the folder in its place.
//!
//! Errors are values of [`OutputError`]; each names the path and says what to do.

mod chunks;
mod circumstances;
mod clean;
mod folder;
mod job;
mod leftover;
mod manifest;
mod model;
mod ownership;
mod place;
mod resume;
mod saved;
mod scratch;
mod shards;
mod single;
mod streamed;
mod study;
mod swap;
mod sync;
mod together;

use std::io;
use std::path::{Path, PathBuf};

pub use circumstances::Stopwatch;
pub use clean::{Cleaned, Left, LeftKind, clean};
pub use folder::{Interrupted, Remark, Replace, RunFolder, Terms};
pub use gutbrain::files::Disk;
pub use gutbrain::study::Counts;
pub use job::{Ended, Figures, Job, Parts, Question, Start, put_files};
pub use manifest::{FileEntry, Identity, Manifest, ModelEntry, SolverEntry, State, sha256};
pub use model::{ModelError, NamedModel, read_model};
pub use place::keep_apart;
pub use resume::{Opening, Remains};
pub use saved::SavedRun;
pub use shards::{Joined, Shards};
pub use single::{overwrite_file, write_file};
pub use streamed::StreamedFile;
pub use sync::Durability;
pub use together::{finish_interrupted, write_together};

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OutputError {
    /// The file system refused.
    #[error("cannot {action} `{}`: {source}{}", path.display(), advice(source))]
    Io {
        /// What was tried, as a verb phrase: "write", "create the folder".
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The folder holds something that no run wrote.
    #[error(
        "`{}` is not an earlier run of {wanted}: {found}\n  \
         help: choose another folder with --output, or move it away; what no run wrote is never \
         removed, not even with --force",
        path.display()
    )]
    Foreign {
        /// The folder.
        path: PathBuf,
        /// The identity that may replace it.
        wanted: Identity,
        /// What is there.
        found: String,
    },
    /// The folder is a run of something else.
    #[error(
        "`{}` is not an earlier run of {wanted}: {found}\n  \
         help: choose another folder with --output, or replace that run with --force",
        path.display()
    )]
    OtherRun {
        /// The folder.
        path: PathBuf,
        /// The identity that may replace it.
        wanted: Identity,
        /// What is there.
        found: String,
    },
    /// An interrupted run waits to be gone on with.
    #[error(
        "an interrupted run waits in `{}`; it was left as it is\n  \
         help: go on with it (--resume), or discard it with `gutbrain clean --remove`",
        path.display()
    )]
    Waiting {
        /// Where it waits.
        path: PathBuf,
    },
    /// Somebody protects the earlier run.
    #[error(
        "the earlier run in `{}` is write-protected; nothing was changed\n  \
         help: choose another folder with --output, or replace it all the same with --force",
        path.display()
    )]
    WriteProtected {
        /// The folder.
        path: PathBuf,
    },
    /// The new run stands, the old one is still beside it.
    #[error(
        "the new run is in `{}`, but the one that it replaced could not be removed from `{}`: {why}\n  \
         help: remove it by hand",
        path.display(), old.display()
    )]
    LeftBehind {
        /// The new run.
        path: PathBuf,
        /// What is left of the old one.
        old: PathBuf,
        /// Why it is still there.
        why: String,
    },
    /// A file of somebody else is in the place of a single file.
    #[error(
        "`{}` is not replaced: {why}\n  \
         help: choose another file with --output, or replace it with --force",
        path.display()
    )]
    ForeignFile {
        /// The file.
        path: PathBuf,
        /// Why it stays.
        why: &'static str,
    },
    /// Replacing the folder would remove more than a run.
    #[error(
        "`{}` {why}; it is never replaced, not even with --force\n  \
         help: choose another folder with --output",
        path.display()
    )]
    Protected {
        /// The folder.
        path: PathBuf,
        /// Why it is protected.
        why: &'static str,
    },
    /// Another process is writing the same run.
    #[error(
        "another gutbrain is writing `{}` at this moment\n  \
         help: wait for it, or choose another folder with --output",
        path.display()
    )]
    Busy {
        /// The folder.
        path: PathBuf,
    },
    /// What is there belongs to another scenario, model or version.
    #[error(
        "`{}` cannot be resumed: {why}\n  \
         help: start afresh without --resume, or choose another folder with --output",
        path.display()
    )]
    Mismatch {
        /// The folder.
        path: PathBuf,
        /// What differs.
        why: String,
    },
    /// A saved run cannot be used.
    #[error("`{}` is not a complete run folder: {why}", path.display())]
    NotARun {
        /// The folder.
        path: PathBuf,
        /// What is missing or damaged.
        why: String,
    },
}

impl OutputError {
    /// The file system refused to do `action` (a verb phrase) to `path`.
    #[must_use]
    pub fn io(action: &'static str, path: &Path, source: io::Error) -> Self {
        Self::Io {
            action,
            path: path.to_path_buf(),
            source,
        }
    }
}

/// What to do about the errors that users meet most.
fn advice(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "\n  help: free some space or choose another disk with --output; nothing was replaced"
        }
        io::ErrorKind::FileTooLarge => {
            "\n  help: a size limit of the system stopped the file (see `ulimit -f`); nothing was \
             replaced"
        }
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "\n  help: choose a folder that you may write with --output"
        }
        io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => {
            "\n  help: a file stands where a folder is needed; choose another one with --output"
        }
        _ => "",
    }
}
