//! The only writer: run folders, whole or not at all.
//!
//! A command that writes calls [`RunFolder::begin`] before its long work, so that a bad path
//! fails in the first second; adds files; and calls [`RunFolder::finish`]. Until then everything
//! lives in the sibling `.NAME.partial`; the last act exchanges the two folders in one step of
//! the file system, so a kill at any moment leaves the old run or the new one. The next start
//! removes what a kill left behind.
//!
//! A folder is replaced only if it is an earlier run of the same identity: scenario file stem and
//! command, read from its `manifest.json`. Any other content is refused, unless
//! [`Replace::Anything`] is asked for; the working folder and what lies above it are refused
//! always.
//!
//! Long work is resumable: [`RunFolder::begin_resumable`] keeps finished chunks beside the manifest when
//! the command is stopped, and [`RunFolder::resume`] goes on from them if the fingerprint is the same.
//!
//! Errors are values of [`OutputError`]; each names the path and says what to do.

mod chunks;
mod circumstances;
mod folder;
mod manifest;
mod resume;
mod saved;
mod single;
mod streamed;
mod study;
mod swap;

use std::io;
use std::path::{Path, PathBuf};

pub use circumstances::Stopwatch;
pub use folder::{Replace, RunFolder};
pub use gutbrain::study::Counts;
pub use manifest::{FileEntry, Identity, Manifest, ModelEntry, SolverEntry, State, sha256};
pub use resume::{Opening, Remains};
pub use saved::SavedRun;
pub use single::write_file;
pub use streamed::StreamedFile;

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
    /// The folder holds something that this command did not write.
    #[error(
        "`{}` is not an earlier run of {wanted}: {found}\n  \
         help: choose another folder with --output, or replace its whole content with --force",
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
