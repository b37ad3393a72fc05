//! Going on where an earlier start was stopped.
//!
//! A resumable run writes its fingerprint into the manifest of the partial folder before any work. A
//! later start with the same fingerprint goes on there; another fingerprint is refused, because its
//! chunks are answers to another question. A run that was stopped after its manifest was complete only
//! misses the last step.
#![expect(clippy::disallowed_methods, reason = "part of the only writer")]

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::chunks::CHUNKS;
use super::folder::{Replace, list_files, resolve, siblings};
use super::manifest::{FILE_NAME, Identity, Manifest, State};
use super::{OutputError, RunFolder, streamed, swap};

/// How a resumable run begins.
#[derive(Debug)]
pub enum Opening {
    /// Nothing was there.
    Started(RunFolder),
    /// An earlier start left chunks.
    Continued(RunFolder, Remains),
    /// It is finished already.
    Finished(PathBuf),
}

/// In what state the manifest of an interrupted run was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remains {
    /// Whole.
    Sound,
    /// Unreadable; every chunk has to prove itself.
    Damaged(String),
}

impl RunFolder {
    /// [`RunFolder::begin`] for work that can be resumed; what an earlier start left is discarded.
    ///
    /// # Errors
    /// As for [`RunFolder::begin`].
    pub fn begin_resumable(
        target: &Path,
        identity: Identity,
        replace: Replace,
        fingerprint: &str,
    ) -> Result<Self, OutputError> {
        let mut folder = Self::begin(target, identity, replace)?;
        folder.resumable = true;
        folder.manifest.fingerprint = fingerprint.to_owned();
        folder.write_manifest()?;
        Ok(folder)
    }

    /// Goes on with what an earlier start left, begins if it left nothing.
    ///
    /// # Errors
    /// [`OutputError::Mismatch`] when the fingerprint of what is there differs, and what
    /// [`RunFolder::begin`] finds.
    pub fn resume(
        target: &Path,
        identity: Identity,
        replace: Replace,
        fingerprint: &str,
    ) -> Result<Opening, OutputError> {
        let path = resolve(target)?;
        let (partial, aside) = siblings(&path)?;
        swap::recover(&path, &aside)
            .map_err(|error| OutputError::io("recover the folder", &path, error))?;
        let finished = read_manifest(&path).and_then(Result::ok);
        let finished = finished.filter(|manifest| manifest.state == State::Complete);
        if let Some(manifest) = &finished
            && manifest.identity == identity
            && manifest.fingerprint == fingerprint
        {
            verify(&path, manifest)?;
            return Ok(Opening::Finished(path));
        }
        // A kill before the fingerprint was written leaves nothing to go on with.
        let left = read_manifest(&partial).filter(|left| {
            let unmarked = matches!(left, Ok(manifest) if manifest.fingerprint.is_empty());
            !unmarked || partial.join(CHUNKS).is_dir()
        });
        let Some(left) = left else {
            if finished.is_some_and(|manifest| manifest.identity == identity) {
                return Err(mismatch(&path, "the finished run there"));
            }
            let folder = Self::begin_resumable(target, identity, replace, fingerprint)?;
            return Ok(Opening::Started(folder));
        };
        let remains = match &left {
            Ok(manifest)
                if manifest.identity != identity || manifest.fingerprint != fingerprint =>
            {
                return Err(mismatch(&path, "the interrupted run there"));
            }
            Ok(_) => Remains::Sound,
            Err(damage) => Remains::Damaged(damage.clone()),
        };
        let lock = File::open(&partial).ok();
        if let Some(lock) = &lock
            && matches!(lock.try_lock(), Err(fs::TryLockError::WouldBlock))
        {
            return Err(OutputError::Busy { path });
        }
        let mut manifest = Manifest::new(identity);
        manifest.fingerprint = fingerprint.to_owned();
        let mut folder = Self {
            target: path,
            partial,
            aside,
            manifest,
            lock,
            finished: false,
            resumable: true,
        };
        if let Ok(manifest) = left
            && manifest.state == State::Complete
            && verify(&folder.partial, &manifest).is_ok()
        {
            folder.manifest = manifest;
            return folder.put_in_place().map(Opening::Finished);
        }
        folder.clear_unfinished()?;
        folder.write_manifest()?;
        Ok(Opening::Continued(folder, remains))
    }

    /// Whether an interrupted run with this fingerprint is there.
    #[must_use]
    pub fn is_interrupted(target: &Path, fingerprint: &str) -> bool {
        let partial = resolve(target).and_then(|path| siblings(&path));
        let manifest = partial
            .ok()
            .and_then(|(partial, _)| read_manifest(&partial));
        matches!(manifest, Some(Ok(manifest)) if manifest.fingerprint == fingerprint)
    }

    /// Notes what the rows depend on.
    pub fn set_fingerprint(&mut self, fingerprint: &str) {
        self.manifest.fingerprint = fingerprint.to_owned();
    }

    /// Notes which part of a sweep this is.
    pub fn set_shard(&mut self, shard: &str) {
        self.manifest.shard = shard.to_owned();
    }

    /// Removes files that the earlier start had begun; chunks stay.
    fn clear_unfinished(&self) -> Result<(), OutputError> {
        let failed = |error| OutputError::io("clear", &self.partial, error);
        for entry in fs::read_dir(&self.partial).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            if entry.file_name() == CHUNKS {
                continue;
            }
            let is_folder = entry.file_type().map_err(failed)?.is_dir();
            if is_folder {
                fs::remove_dir_all(entry.path()).map_err(failed)?;
            } else {
                fs::remove_file(entry.path()).map_err(failed)?;
            }
        }
        Ok(())
    }
}

fn mismatch(path: &Path, what: &str) -> OutputError {
    OutputError::Mismatch {
        path: path.to_path_buf(),
        why: format!(
            "{what} was made with another scenario, model, seed, shard or version of the program"
        ),
    }
}

/// The manifest of a folder: nothing without a folder or without any file in it, and what is wrong if
/// it cannot be read.
fn read_manifest(folder: &Path) -> Option<Result<Manifest, String>> {
    match fs::read(folder.join(FILE_NAME)) {
        Ok(bytes) => Some(serde_json::from_slice(&bytes).map_err(|error| error.to_string())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            // Chunks without a manifest are ours all the same.
            let chunks = folder.join(CHUNKS).is_dir();
            chunks.then(|| Err("it is missing".to_owned()))
        }
        Err(error) => Some(Err(error.to_string())),
    }
}

/// Every file of a finished run is there, unchanged, and nothing else but chunks.
fn verify(folder: &Path, manifest: &Manifest) -> Result<(), OutputError> {
    let damaged = |why: String| OutputError::Mismatch {
        path: folder.to_path_buf(),
        why,
    };
    for (name, entry) in &manifest.files {
        let found = File::open(folder.join(name)).and_then(streamed::hash);
        match found {
            Ok((sha256, _)) if sha256 == entry.sha256 => {}
            Ok(_) => return Err(damaged(format!("`{name}` was changed after the run"))),
            Err(error) => return Err(damaged(format!("`{name}` cannot be read: {error}"))),
        }
    }
    let files = list_files(folder).map_err(|error| OutputError::io("read", folder, error))?;
    let stranger = files.iter().find(|name| {
        *name != FILE_NAME && !name.starts_with(CHUNKS) && !manifest.files.contains_key(*name)
    });
    stranger.map_or(Ok(()), |name| {
        Err(damaged(format!(
            "it also holds `{name}`, which no run wrote"
        )))
    })
}
