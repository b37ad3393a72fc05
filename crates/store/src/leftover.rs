//! What an earlier start left in the hidden folder beside a run, and whose it is.
#![expect(clippy::disallowed_methods, reason = "part of the store")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io;
use std::path::Path;

use super::OutputError;
use super::chunks::CHUNKS;
use super::manifest::{FILE_NAME, Identity, Manifest, NEW_MANIFEST, REPLACED, State, sha256};
use super::ownership::{Entry, Kind, Ours, entries, remove};

/// The hidden folder of an earlier start; everything in it is ours, and nobody writes there.
#[derive(Debug)]
pub(super) struct Leftover {
    /// Held, so that nobody begins to write there.
    pub(super) lock: Option<File>,
    /// Its manifest, or what is wrong with it.
    pub(super) manifest: Result<Manifest, String>,
    /// Every manifest that lists files of it.
    manifests: Vec<Manifest>,
    /// Hash of the manifest's text.
    seal: Option<String>,
    entries: Vec<Entry>,
}

/// Looks at the hidden folder of a run; nothing if there is none.
///
/// # Errors
/// [`OutputError::Busy`] while another process writes there, [`OutputError::Foreign`] if something in it
/// was not written by this program.
pub(super) fn inspect(
    partial: &Path,
    target: &Path,
    wanted: &Identity,
) -> Result<Option<Leftover>, OutputError> {
    let foreign = |found: String| OutputError::Foreign {
        path: partial.to_path_buf(),
        wanted: wanted.clone(),
        found,
    };
    match fs::symlink_metadata(partial) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(OutputError::io("read", partial, error)),
        Ok(metadata) if !metadata.is_dir() => {
            return Err(foreign("it is no folder".to_owned()));
        }
        Ok(_) => {}
    }
    let lock = File::open(partial).ok();
    if let Some(lock) = &lock
        && matches!(lock.try_lock(), Err(fs::TryLockError::WouldBlock))
    {
        return Err(OutputError::Busy {
            path: target.to_path_buf(),
        });
    }
    let entries = entries(partial).map_err(|error| OutputError::io("read", partial, error))?;
    let mut manifests = Vec::new();
    let mut seal = None;
    let manifest = match fs::read(partial.join(FILE_NAME)) {
        Ok(bytes) => {
            seal = Some(sha256(&bytes));
            match Manifest::read(&bytes) {
                Ok(manifest) => {
                    manifests.push(manifest.clone());
                    Ok(manifest)
                }
                Err(why) if is_torn(&bytes) => Err(why),
                Err(why) => return Err(foreign(why)),
            }
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err("it is missing".to_owned()),
        Err(error) => return Err(OutputError::io("read", &partial.join(FILE_NAME), error)),
    };
    // The one that was to follow lists the same files, or more.
    if let Ok(bytes) = fs::read(partial.join(NEW_MANIFEST))
        && let Ok(new) = Manifest::read(&bytes)
    {
        manifests.push(new);
    }
    let ours = Ours {
        manifests: &manifests,
        is_work: true,
    };
    if let Some(entry) = ours.first_foreign(&entries) {
        return Err(foreign(format!(
            "it holds `{}`, which no run wrote",
            entry.shown()
        )));
    }
    Ok(Some(Leftover {
        lock,
        manifest,
        manifests,
        seal,
        entries,
    }))
}

/// Whether this may be what is left of a manifest of ours: the head of one, an empty file, or the zeros
/// that a power cut leaves.
fn is_torn(bytes: &[u8]) -> bool {
    let head = br#""program": "gutbrain""#;
    let is_cut = serde_json::from_slice::<serde_json::Value>(bytes)
        .is_err_and(|error| error.is_eof() && bytes.starts_with(b"{"));
    bytes.iter().all(|byte| *byte == 0)
        || is_cut
        || bytes.windows(head.len()).any(|window| window == head)
}

impl Leftover {
    /// Finished parts in it.
    pub(super) fn parts(&self) -> usize {
        let inside = format!("{CHUNKS}/");
        let names = self.entries.iter().filter_map(|it| it.name.as_deref());
        names
            .filter(|name| name.starts_with(&inside) && !name.contains("/."))
            .count()
    }

    /// Whether it holds nothing but folders.
    pub(super) fn is_empty(&self) -> bool {
        self.entries.iter().all(|entry| entry.kind == Kind::Folder)
    }

    /// Whether it is what the run at `target` stepped into the place of: a kill fell into its removal.
    pub(super) fn is_replaced(&self, target: &Path) -> bool {
        let new = fs::read(target.join(FILE_NAME)).ok();
        let new = new.and_then(|bytes| Manifest::read(&bytes).ok());
        let replaced = new.and_then(|manifest| manifest.circumstances.get(REPLACED).cloned());
        replaced.is_some() && replaced == self.seal
    }

    /// Whether the run at `target` has the same results: the same question, answered by the same program.
    pub(super) fn repeats(&self, target: &Path) -> bool {
        let stands = fs::read(target.join(FILE_NAME)).ok();
        let stands = stands.and_then(|bytes| Manifest::read(&bytes).ok());
        let question = |manifest: &Manifest| Manifest {
            files: BTreeMap::new(),
            circumstances: BTreeMap::new(),
            ..manifest.clone()
        };
        match (&self.manifest, stands) {
            (Ok(left), Some(stands)) => question(left) == question(&stands),
            _ => false,
        }
    }

    /// Whether every file was there but for the last step.
    pub(super) fn is_complete(&self) -> bool {
        matches!(&self.manifest, Ok(manifest) if manifest.state == State::Complete)
    }

    /// Removes it.
    pub(super) fn remove(self, partial: &Path, wanted: &Identity) -> Result<(), OutputError> {
        let ours = Ours {
            manifests: &self.manifests,
            is_work: true,
        };
        let left =
            remove(partial, &ours).map_err(|error| OutputError::io("remove", partial, error))?;
        left.map_or(Ok(()), |entry| {
            Err(OutputError::Foreign {
                path: partial.to_path_buf(),
                wanted: wanted.clone(),
                found: format!("it holds `{}`, which no run wrote", entry.shown()),
            })
        })
    }

    /// Removes what was begun and is not finished; finished parts stay.
    pub(super) fn remove_unfinished(&self) -> io::Result<()> {
        let inside = format!("{CHUNKS}/");
        let is_part = |name: &str| name.starts_with(&inside) && !name.contains("/.");
        let mut emptied = BTreeSet::new();
        for entry in &self.entries {
            let name = entry.name.as_deref().unwrap_or_default();
            match entry.kind {
                Kind::File if !is_part(name) => super::ownership::remove_file(&entry.path)?,
                Kind::Folder if name != CHUNKS => {
                    emptied.insert(entry.path.clone());
                }
                _ => {}
            }
        }
        emptied.iter().rev().try_for_each(fs::remove_dir)
    }
}
