//! A run folder while it is being made.
#![expect(clippy::disallowed_methods, reason = "part of the only writer")]

use std::collections::BTreeSet;
use std::fmt;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::leftover::{Leftover, inspect};
use super::manifest::{
    DURABILITY, FILE_NAME, FileEntry, Identity, Manifest, NEW_MANIFEST, REPLACED, State, is_inside,
    sha256,
};
use super::ownership::{Ours, remove, unfinished};
use super::place::{Turn, check_replaceable, create_above, resolve, siblings};
use super::swap::Places;
use super::{Durability, OutputError, swap};

/// Which run may be replaced; what no run wrote never is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replace {
    /// Only an earlier run of the same identity.
    SameIdentity,
    /// Any run, and one that is write-protected (`--force`).
    Anything,
}

/// What happens to an interrupted run of the same identity that waits to be gone on with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interrupted {
    /// It goes, and [`RunFolder::remarks`] says so.
    Discarded,
    /// It stays, and the new one is refused.
    Kept,
}

/// On which terms a run is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// Which run may be replaced.
    pub replace: Replace,
    /// What is promised about power cuts.
    pub durability: Durability,
    /// What happens to an interrupted run.
    pub interrupted: Interrupted,
}

impl From<Replace> for Terms {
    fn from(replace: Replace) -> Self {
        Self {
            replace,
            durability: Durability::default(),
            interrupted: Interrupted::Discarded,
        }
    }
}

/// What has to be said about a start.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Remark {
    /// What an interrupted run had left was removed.
    Discarded {
        /// The run.
        identity: Option<Identity>,
        /// How many finished parts went.
        parts: usize,
        /// Whether it only missed its last step.
        was_complete: bool,
        /// Whether `--resume` would have gone on with it.
        could_resume: bool,
    },
}

impl fmt::Display for Remark {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Discarded {
            identity,
            parts,
            was_complete,
            could_resume,
        } = self;
        let what = if *was_complete {
            "a run"
        } else {
            "an interrupted run"
        };
        write!(formatter, "{what}")?;
        if let Some(identity) = identity {
            write!(formatter, " of {identity}")?;
        }
        if *was_complete {
            write!(formatter, " that was finished but not put in its place")?;
        }
        write!(formatter, " was discarded")?;
        match parts {
            0 => {}
            1 => write!(formatter, " with its 1 finished part")?,
            parts => write!(formatter, " with its {parts} finished parts")?,
        }
        if *could_resume {
            write!(formatter, "; --resume would have gone on with it")?;
        }
        Ok(())
    }
}

/// A folder that is being filled; dropped before [`RunFolder::finish`], it leaves nothing.
#[derive(Debug)]
pub struct RunFolder {
    pub(super) target: PathBuf,
    pub(super) partial: PathBuf,
    pub(super) aside: PathBuf,
    pub(super) manifest: Manifest,
    pub(super) replace: Replace,
    pub(super) durability: Durability,
    /// Held while this process writes; a second process sees it and steps back.
    pub(super) lock: Option<File>,
    pub(super) finished: bool,
    /// Whether what was done is kept for a later start when this one ends early.
    pub(super) resumable: bool,
    pub(super) remarks: Vec<Remark>,
    /// Folders in which a name has appeared with this run, from its parent upwards.
    pub(super) above: Vec<PathBuf>,
}

impl RunFolder {
    /// Checks that `target` may be replaced and creates the folder next to it.
    ///
    /// # Errors
    /// [`OutputError`] when the folder holds something else, is protected, or cannot be written.
    pub fn begin(
        target: &Path,
        identity: Identity,
        terms: impl Into<Terms>,
    ) -> Result<Self, OutputError> {
        let target = resolve(target)?;
        let above = create_above(&target)?;
        let _turn = Turn::wait(&target);
        Self::begin_now(target, above, identity, terms.into(), "")
    }

    /// The same while nobody else begins or ends a run beside it; what could be resumed has this
    /// fingerprint.
    pub(super) fn begin_now(
        target: PathBuf,
        above: Vec<PathBuf>,
        identity: Identity,
        terms: Terms,
        fingerprint: &str,
    ) -> Result<Self, OutputError> {
        let (partial, aside) = siblings(&target)?;
        swap::recover(&target, &aside)
            .map_err(|error| OutputError::io("recover the folder", &target, error))?;
        check_replaceable(&target, &target, &identity, terms.replace)?;
        let mut remarks = Vec::new();
        if let Some(left) = inspect(&partial, &target, &identity)? {
            remarks.extend(discard(
                left,
                (&partial, &target),
                (&identity, fingerprint),
                terms,
            )?);
        }
        fs::create_dir(&partial)
            .map_err(|error| OutputError::io("create the folder", &partial, error))?;
        let lock = File::open(&partial).ok();
        if let Some(lock) = &lock {
            // A file system without locks answers with an error of its own: then there is none.
            let _ = lock.try_lock();
        }
        let mut manifest = Manifest::new(identity);
        manifest.fingerprint = fingerprint.to_owned();
        let folder = Self {
            target,
            partial,
            aside,
            manifest,
            replace: terms.replace,
            durability: terms.durability,
            lock,
            finished: false,
            resumable: false,
            remarks,
            above,
        };
        folder.write_manifest()?;
        Ok(folder)
    }

    /// Removes everything, what could be gone on with too: there is no such work.
    pub fn abandon(mut self) {
        self.resumable = false;
    }

    /// Where the run will be found.
    #[must_use]
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// What has to be said about the start.
    #[must_use]
    pub fn remarks(&self) -> &[Remark] {
        &self.remarks
    }

    /// Writes one file; `name` is its path inside the folder, with `/` between its parts.
    ///
    /// # Errors
    /// [`OutputError::Io`], for instance when the disk is full.
    pub fn add(&mut self, name: &str, bytes: &[u8]) -> Result<(), OutputError> {
        let path = self.new_path(name)?;
        fs::write(&path, bytes)
            .map_err(|error| OutputError::io("write", &self.target.join(name), error))?;
        let entry = FileEntry {
            bytes: bytes.len() as u64,
            sha256: sha256(bytes),
        };
        self.manifest.files.insert(name.to_owned(), entry);
        Ok(())
    }

    /// Where a file is written until it gets its name; its folder is there.
    pub(super) fn new_path(&self, name: &str) -> Result<PathBuf, OutputError> {
        assert!(
            is_inside(name),
            "file names of a run stay inside its folder: {name}"
        );
        let path = self.partial.join(unfinished(name));
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)
                .map_err(|error| OutputError::io("create the folder", parent, error))?;
        }
        Ok(path)
    }

    /// Completes the manifest with `describe`, writes it, and puts the folder in its place.
    ///
    /// # Errors
    /// [`OutputError::Io`]; the earlier run is then intact. [`OutputError::Foreign`] if something that no
    /// run wrote has appeared at its place; then the finished run waits beside it.
    pub fn finish(mut self, describe: impl FnOnce(&mut Manifest)) -> Result<PathBuf, OutputError> {
        describe(&mut self.manifest);
        self.manifest.state = State::Complete;
        self.note_circumstances();
        let new = self.partial.join(NEW_MANIFEST);
        let shown = self.target.join(FILE_NAME);
        let mut paths = vec![new.clone()];
        for name in self.manifest.files.keys() {
            let written = self.partial.join(unfinished(name));
            // An earlier start may have come as far as to name it.
            let named = self.partial.join(name);
            paths.push(if written.exists() { written } else { named });
        }
        fs::write(&new, self.manifest_text()?)
            .map_err(|error| OutputError::io("write", &shown, error))?;
        self.durability
            .files(&paths)
            .map_err(|error| OutputError::io("write", &self.target, error))?;
        fs::rename(&new, self.partial.join(FILE_NAME))
            .map_err(|error| OutputError::io("write", &shown, error))?;
        self.put_in_place()
    }

    fn note_circumstances(&mut self) {
        let noted = &mut self.manifest.circumstances;
        noted.remove(DURABILITY);
        noted.remove(REPLACED);
        if self.durability == Durability::Unsynced {
            noted.insert(DURABILITY.to_owned(), "not synced".to_owned());
        }
        // A kill during the removal of the old run leaves it where interrupted ones are: this tells them
        // apart.
        if let Ok(old) = fs::read(self.target.join(FILE_NAME)) {
            noted.insert(REPLACED.to_owned(), sha256(&old));
        }
    }

    /// Puts the folder, whose manifest is complete, in the place of the old one.
    pub(super) fn put_in_place(mut self) -> Result<PathBuf, OutputError> {
        // From here on nothing has to be computed again.
        self.resumable = true;
        let folders = self.name_files()?;
        self.durability
            .folders(&folders)
            .map_err(|error| OutputError::io("write", &self.target, error))?;
        self.remove_chunks()?;
        let _turn = Turn::wait(&self.target);
        let places = Places {
            partial: &self.partial,
            target: &self.target,
            aside: &self.aside,
        };
        let identity = &self.manifest.identity;
        let may_go =
            |folder: &Path| check_replaceable(folder, &self.target, identity, self.replace);
        swap::put_in_place(places, self.durability, &may_go).map_err(|error| match error {
            OutputError::Foreign {
                path,
                wanted,
                found,
            } => OutputError::Foreign {
                path,
                wanted,
                found: format!(
                    "{found}; the finished run waits in `{}`",
                    self.partial.display()
                ),
            },
            other => other,
        })?;
        // The parent is on the disk; so have to be those above it that are new.
        self.durability
            .folders(self.above.get(1..).unwrap_or_default())
            .map_err(|error| OutputError::io("write", &self.target, error))?;
        self.finished = true;
        Ok(self.target.clone())
    }

    /// Gives every file the name that the manifest lists; the folders whose names have changed.
    fn name_files(&self) -> Result<Vec<PathBuf>, OutputError> {
        let mut folders = BTreeSet::from([self.partial.clone()]);
        for name in self.manifest.files.keys() {
            let path = self.partial.join(name);
            match fs::rename(self.partial.join(unfinished(name)), &path) {
                // An earlier start came that far.
                Err(error) if error.kind() == io::ErrorKind::NotFound && path.is_file() => {}
                named => named
                    .map_err(|error| OutputError::io("write", &self.target.join(name), error))?,
            }
            let above = path.ancestors().skip(1);
            folders.extend(
                above
                    .take_while(|folder| **folder != self.partial)
                    .map(Path::to_path_buf),
            );
        }
        Ok(folders.into_iter().collect())
    }

    fn manifest_text(&self) -> Result<String, OutputError> {
        self.manifest.to_json().map_err(|error| {
            OutputError::io(
                "write",
                &self.target.join(FILE_NAME),
                io::Error::other(error),
            )
        })
    }

    pub(super) fn write_manifest(&self) -> Result<(), OutputError> {
        // Whole or not at all: a kill must not leave half of it.
        let new = self.partial.join(NEW_MANIFEST);
        fs::write(&new, self.manifest_text()?)
            .and_then(|()| fs::rename(&new, self.partial.join(FILE_NAME)))
            .map_err(|error| OutputError::io("write", &self.target.join(FILE_NAME), error))
    }

    /// Waits until the folder is on the disk as far as it has come: parts are worth nothing without it.
    pub(super) fn sync_beginning(&self) -> io::Result<()> {
        self.durability.files(&[self.partial.join(FILE_NAME)])?;
        let mut folders = vec![self.partial.clone()];
        folders.extend(self.above.iter().cloned());
        self.durability.folders(&folders)
    }
}

impl Drop for RunFolder {
    fn drop(&mut self) {
        if !self.finished && !self.resumable {
            // What cannot be removed now is removed by the next start.
            let manifests = [self.manifest.clone()];
            let ours = Ours {
                manifests: &manifests,
                is_work: true,
            };
            let _ = remove(&self.partial, &ours);
        }
        if let Some(lock) = &self.lock {
            let _ = lock.unlock();
        }
    }
}

/// Removes what an interrupted run left, if it may go, and says what it was.
fn discard(
    left: Leftover,
    (partial, target): (&Path, &Path),
    (wanted, fingerprint): (&Identity, &str),
    terms: Terms,
) -> Result<Option<Remark>, OutputError> {
    let is_silent = left.is_empty() || left.is_replaced(target);
    let known = left.manifest.as_ref().ok();
    if let Some(other) = known.filter(|it| it.identity != *wanted)
        && !is_silent
        && terms.replace == Replace::SameIdentity
    {
        return Err(OutputError::OtherRun {
            path: partial.to_path_buf(),
            wanted: wanted.clone(),
            found: format!("it is an interrupted run of {}", other.identity),
        });
    }
    let is_worth_keeping = left.parts() > 0 || left.is_complete() && !left.repeats(target);
    if terms.interrupted == Interrupted::Kept && !is_silent && is_worth_keeping {
        return Err(OutputError::Waiting {
            path: partial.to_path_buf(),
        });
    }
    let remark = Remark::Discarded {
        identity: known.map(|it| it.identity.clone()),
        parts: left.parts(),
        was_complete: left.is_complete(),
        could_resume: !fingerprint.is_empty()
            && known.is_some_and(|it| it.identity == *wanted && it.fingerprint == fingerprint),
    };
    left.remove(partial, wanted)?;
    Ok((!is_silent).then_some(remark))
}

#[cfg(test)]
mod tests;
