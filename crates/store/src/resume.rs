//! Going on where an earlier start was stopped.
//!
//! A resumable run writes its fingerprint into the manifest of the partial folder before any work. A
//! later start with the same fingerprint goes on there; another fingerprint is refused, because its
//! chunks are answers to another question. A run that was stopped after its manifest was complete only
//! misses the last step.
#![expect(clippy::disallowed_methods, reason = "part of the store")]

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::folder::Terms;
use super::leftover::{Leftover, inspect};
use super::manifest::{FILE_NAME, Identity, Manifest, State};
use super::ownership::{Ours, entries, unfinished};
use super::place::{Turn, check_replaceable, create_above, resolve, siblings};
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

/// In what state an interrupted run was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remains {
    /// Whole.
    Sound,
    /// Its manifest or one of its files is damaged; every chunk has to prove itself.
    Damaged(String),
}

impl RunFolder {
    /// [`RunFolder::begin`] for work that can be resumed; what an earlier start left is discarded, and
    /// [`RunFolder::remarks`] says so.
    ///
    /// # Errors
    /// As for [`RunFolder::begin`].
    pub fn begin_resumable(
        target: &Path,
        identity: Identity,
        terms: impl Into<Terms>,
        fingerprint: &str,
    ) -> Result<Self, OutputError> {
        let target = resolve(target)?;
        let above = create_above(&target)?;
        let _turn = Turn::wait(&target);
        let mut folder = Self::begin_now(target, above, identity, terms.into(), fingerprint)?;
        folder.resumable = true;
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
        terms: impl Into<Terms>,
        fingerprint: &str,
    ) -> Result<Opening, OutputError> {
        let terms = terms.into();
        let path = resolve(target)?;
        let (partial, aside) = siblings(&path)?;
        let above = create_above(&path)?;
        let turn = Turn::wait(&path);
        swap::recover(&path, &aside)
            .map_err(|error| OutputError::io("recover the folder", &path, error))?;
        let finished = fs::read(path.join(FILE_NAME)).ok();
        let finished = finished.and_then(|bytes| Manifest::read(&bytes).ok());
        let finished =
            finished.filter(|found| found.state == State::Complete && found.identity == identity);
        if let Some(manifest) = &finished
            && manifest.fingerprint == fingerprint
        {
            verify(&path, manifest, false)?;
            // A kill may have left the run that this one replaced.
            if let Some(left) = inspect(&partial, &path, &identity)?
                && (left.is_replaced(&path) || left.is_empty())
            {
                left.remove(&partial, &identity)?;
            }
            return Ok(Opening::Finished(path));
        }
        check_replaceable(&path, &path, &identity, terms.replace)?;
        let left = inspect(&partial, &path, &identity)?;
        let Some(left) = left.filter(|left| can_go_on(left, &path)) else {
            if finished.is_some() {
                return Err(mismatch(&path, "the finished run there", None));
            }
            let mut folder = Self::begin_now(path, above, identity, terms, fingerprint)?;
            folder.resumable = true;
            return Ok(Opening::Started(folder));
        };
        let mut remains = match &left.manifest {
            Ok(found) if found.identity != identity || found.fingerprint != fingerprint => {
                return Err(mismatch(&path, "the interrupted run there", Some(found)));
            }
            Ok(_) => Remains::Sound,
            Err(damage) => Remains::Damaged(damage.clone()),
        };
        let mut manifest = Manifest::new(identity);
        manifest.fingerprint = fingerprint.to_owned();
        let complete = left.manifest.clone().ok().filter(|_| left.is_complete());
        let mut folder = Self {
            target: path,
            partial,
            aside,
            manifest,
            replace: terms.replace,
            durability: terms.durability,
            lock: None,
            finished: false,
            resumable: true,
            remarks: Vec::new(),
            above,
        };
        if let Some(complete) = complete {
            match verify(&folder.partial, &complete, true) {
                Ok(()) => {
                    folder.manifest = complete;
                    folder.lock = left.lock;
                    drop(turn);
                    return folder.finish(|_| ()).map(Opening::Finished);
                }
                Err(OutputError::Mismatch { why, .. }) => remains = Remains::Damaged(why),
                Err(other) => return Err(other),
            }
        }
        left.remove_unfinished()
            .map_err(|error| OutputError::io("clear", &folder.partial, error))?;
        folder.lock = left.lock;
        folder.write_manifest()?;
        Ok(Opening::Continued(folder, remains))
    }

    /// Notes what the rows depend on.
    pub fn set_fingerprint(&mut self, fingerprint: &str) {
        self.manifest.fingerprint = fingerprint.to_owned();
    }

    /// Notes which part of a sweep this is.
    pub fn set_shard(&mut self, shard: &str) {
        self.manifest.shard = shard.to_owned();
    }
}

/// Whether an earlier start left something to go on with: a kill before any work leaves nothing, and one
/// during the removal of an old run leaves what nobody wants.
fn can_go_on(left: &Leftover, target: &Path) -> bool {
    let is_marked = matches!(&left.manifest, Ok(manifest) if !manifest.fingerprint.is_empty());
    !left.is_replaced(target) && (is_marked || left.parts() > 0)
}

fn mismatch(path: &Path, what: &str, found: Option<&Manifest>) -> OutputError {
    let own = env!("CARGO_PKG_VERSION");
    let why = match found {
        Some(found) if found.version != own => {
            format!(
                "{what} was made with version {} of the program",
                found.version
            )
        }
        _ => format!(
            "{what} was made with another scenario, model, seed, shard or version of the program"
        ),
    };
    OutputError::Mismatch {
        path: path.to_path_buf(),
        why,
    }
}

/// Every file of a finished run is there, unchanged, and nothing else. Where it was made, there are parts,
/// too, and a file may still have the name that it was written under.
fn verify(folder: &Path, manifest: &Manifest, is_work: bool) -> Result<(), OutputError> {
    let damaged = |why: String| OutputError::Mismatch {
        path: folder.to_path_buf(),
        why,
    };
    for (name, entry) in &manifest.files {
        let found = File::open(folder.join(name))
            .or_else(|error| match error.kind() {
                io::ErrorKind::NotFound => File::open(folder.join(unfinished(name))),
                _ => Err(error),
            })
            .and_then(streamed::hash);
        match found {
            Ok((sha256, _)) if sha256 == entry.sha256 => {}
            Ok(_) => return Err(damaged(format!("`{name}` was changed after the run"))),
            Err(error) => return Err(damaged(format!("`{name}` cannot be read: {error}"))),
        }
    }
    let found = entries(folder).map_err(|error| OutputError::io("read", folder, error))?;
    let manifests = [manifest.clone()];
    let ours = Ours {
        manifests: &manifests,
        is_work,
    };
    ours.first_foreign(&found).map_or(Ok(()), |entry| {
        Err(damaged(format!(
            "it also holds `{}`, which no run wrote",
            entry.shown()
        )))
    })
}
