//! What interrupted commands left behind: found, named, and removed on request.
#![expect(clippy::disallowed_methods, reason = "part of the store")]

use std::fmt;
use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use super::leftover::inspect;
use super::manifest::{FILE_NAME, Identity, Manifest};
use super::ownership::{is_unfinished, remove_file};
use super::{OutputError, swap};

/// How every checkpoint begins.
const CHECKPOINT: &[u8; 20] = b"gutbrain checkpoint ";

/// Something that an interrupted command left.
#[derive(Debug)]
pub struct Left {
    /// Where it is.
    pub path: PathBuf,
    /// What it is.
    pub kind: LeftKind,
    /// Its size in bytes, with everything in it.
    pub bytes: u64,
    /// Why it stays: somebody is at work there, or it holds files that no run wrote.
    pub stays: Option<OutputError>,
}

/// What an interrupted command left.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum LeftKind {
    /// A run that was being made.
    Run {
        /// The run, if its manifest can be read.
        identity: Option<Identity>,
        /// How many finished parts there are.
        parts: usize,
        /// Whether it only misses its last step.
        is_complete: bool,
    },
    /// Finished parts of a calibration beside its results, as earlier versions kept them.
    Checkpoints {
        /// How many there are.
        parts: usize,
    },
    /// A run that another has replaced.
    Replaced,
    /// A file that was being written.
    File,
}

impl fmt::Display for LeftKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Run {
                identity,
                parts,
                is_complete,
            } => {
                let state = if *is_complete {
                    "finished run that was not put in its place"
                } else {
                    "interrupted run"
                };
                write!(formatter, "{state}")?;
                if let Some(identity) = identity {
                    write!(formatter, " of {identity}")?;
                }
                match parts {
                    0 => Ok(()),
                    1 => write!(formatter, ", 1 finished part"),
                    parts => write!(formatter, ", {parts} finished parts"),
                }
            }
            Self::Checkpoints { parts: 1 } => {
                write!(formatter, "1 finished part of a calibration")
            }
            Self::Checkpoints { parts } => {
                write!(formatter, "{parts} finished parts of a calibration")
            }
            Self::Replaced => write!(formatter, "run that was replaced"),
            Self::File => write!(formatter, "file that was being written"),
        }
    }
}

/// Everything that interrupted commands left in a folder and those below it, sorted; links are not
/// followed.
///
/// # Errors
/// [`OutputError::Io`] when a folder cannot be read.
fn leftovers(folder: &Path) -> Result<Vec<Left>, OutputError> {
    let mut found = Vec::new();
    let mut waiting = vec![folder.to_path_buf()];
    while let Some(folder) = waiting.pop() {
        let failed = |error| OutputError::io("read", &folder, error);
        for entry in fs::read_dir(&folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let (path, kind) = (entry.path(), entry.file_type().map_err(failed)?);
            let name = entry.file_name().to_string_lossy().into_owned();
            if kind.is_dir() {
                match run_of(&path, &name)? {
                    Some(left) => found.push(left),
                    None => waiting.push(path),
                }
            } else if kind.is_file() && is_unfinished(&name) {
                let bytes = entry.metadata().map_or(0, |metadata| metadata.len());
                found.push(Left {
                    path,
                    kind: LeftKind::File,
                    bytes,
                    stays: None,
                });
            }
        }
    }
    found.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(found)
}

/// The run of a hidden folder; nothing if its name is not that of one, or no run left it.
fn run_of(path: &Path, name: &str) -> Result<Option<Left>, OutputError> {
    let bare = name.strip_prefix('.').filter(|bare| !bare.is_empty());
    let partial = bare.and_then(|bare| bare.strip_suffix(".partial"));
    let replaced = bare.and_then(|bare| bare.strip_suffix(".replaced"));
    if let Some(stem) = partial {
        let target = path.with_file_name(stem);
        let wanted = identity_of(path).unwrap_or_else(|| Identity {
            scenario: stem.to_owned(),
            command: "run".to_owned(),
        });
        return match inspect(path, &target, &wanted) {
            Ok(Some(left)) => {
                let kind = if left.is_replaced(&target) {
                    LeftKind::Replaced
                } else {
                    LeftKind::Run {
                        identity: left.manifest.as_ref().ok().map(|it| it.identity.clone()),
                        parts: left.parts(),
                        is_complete: left.is_complete(),
                    }
                };
                Ok(Some(Left {
                    path: path.to_path_buf(),
                    kind,
                    bytes: size(path),
                    stays: None,
                }))
            }
            // Ours, but for something in it, or for somebody at work.
            Err(stays @ (OutputError::Foreign { .. } | OutputError::Busy { .. }))
                if identity_of(path).is_some() =>
            {
                Ok(Some(Left {
                    path: path.to_path_buf(),
                    kind: LeftKind::Run {
                        identity: identity_of(path),
                        parts: 0,
                        is_complete: false,
                    },
                    bytes: size(path),
                    stays: Some(stays),
                }))
            }
            Ok(None) | Err(OutputError::Foreign { .. }) => Ok(None),
            Err(other) => Err(other),
        };
    }
    if let Some(stem) = replaced {
        let is_ours = identity_of(path).is_some();
        let stands = path.with_file_name(stem).exists();
        // Without a run in its place it is the only one there is.
        return Ok((is_ours && stands).then(|| Left {
            path: path.to_path_buf(),
            kind: LeftKind::Replaced,
            bytes: size(path),
            stays: None,
        }));
    }
    let of = bare.and_then(|bare| bare.rsplit_once('.'));
    Ok(of.and_then(|(stem, _)| {
        let parts = checkpoints(path)?.len();
        Some(Left {
            path: path.to_path_buf(),
            kind: LeftKind::Checkpoints { parts },
            bytes: size(path),
            stays: at_work(path, stem),
        })
    }))
}

/// The checkpoints in a folder that holds nothing else; nothing of any other folder.
fn checkpoints(folder: &Path) -> Option<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).ok()? {
        let entry = entry.ok()?;
        let mut head = [0; CHECKPOINT.len()];
        let is_file = entry.file_type().ok()?.is_file();
        let read = is_file.then(|| fs::File::open(entry.path()))?;
        read.ok()?.read_exact(&mut head).ok()?;
        (head == *CHECKPOINT).then_some(())?;
        found.push(entry.path());
    }
    (!found.is_empty()).then_some(found)
}

/// The error of somebody who is making the results that a hidden folder belongs to.
fn at_work(path: &Path, stem: &str) -> Option<OutputError> {
    let partial = path.with_file_name(format!(".{stem}.partial"));
    let identity = identity_of(&partial)?;
    let inspected = inspect(&partial, &path.with_file_name(stem), &identity);
    inspected
        .err()
        .filter(|error| matches!(error, OutputError::Busy { .. }))
}

/// Something that was left, and what became of it.
#[derive(Debug)]
pub struct Cleaned {
    /// What it is.
    pub left: Left,
    /// In a word; empty for what nobody asked to remove.
    pub outcome: &'static str,
    /// Why it stays.
    pub refusal: Option<String>,
}

/// Everything that interrupted commands left in a folder and those below it; with `remove` it is removed, but for
/// what is being written and what no run wrote. Nothing where there is no such folder.
///
/// # Errors
/// [`OutputError::Io`] when a folder cannot be read.
pub fn clean(folder: &Path, remove: bool) -> Result<Vec<Cleaned>, OutputError> {
    let found = match folder.is_dir() {
        true => leftovers(folder)?,
        false => Vec::new(),
    };
    let clean = |left: Left| {
        let stays = match &left.stays {
            Some(error) => Some(error.to_string()),
            None if remove => remove_left(&left).err().map(|error| error.to_string()),
            None => None,
        };
        Cleaned {
            outcome: match (&stays, remove) {
                (Some(_), _) => "stays",
                (None, true) => "removed",
                (None, false) => "",
            },
            refusal: stays,
            left,
        }
    };
    Ok(found.into_iter().map(clean).collect())
}

/// Removes something that was left, after looking at it again.
///
/// # Errors
/// What [`Left::stays`] would say now, and [`OutputError::Io`].
fn remove_left(left: &Left) -> Result<(), OutputError> {
    let failed = |error| OutputError::io("remove", &left.path, error);
    let path = &left.path;
    if left.kind == LeftKind::File {
        return remove_file(path).map_err(failed);
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let stem = name.trim_start_matches('.');
    if matches!(left.kind, LeftKind::Checkpoints { .. }) {
        let of = stem.rsplit_once('.').map_or(stem, |(of, _)| of);
        if let Some(busy) = at_work(path, of) {
            return Err(busy);
        }
        for checkpoint in checkpoints(path).unwrap_or_default() {
            remove_file(&checkpoint).map_err(failed)?;
        }
        // What has come in since keeps the folder.
        return fs::remove_dir(path).map_err(failed);
    }
    let stem = stem
        .strip_suffix(".partial")
        .or(stem.strip_suffix(".replaced"));
    let target = path.with_file_name(stem.unwrap_or_default());
    if name.ends_with(".replaced") {
        return swap::recover(&target, path).map_err(failed);
    }
    let wanted = identity_of(path).unwrap_or_else(|| Identity {
        scenario: stem.unwrap_or_default().to_owned(),
        command: "run".to_owned(),
    });
    match inspect(path, &target, &wanted)? {
        Some(found) => found.remove(path, &wanted),
        None => Ok(()),
    }
}

/// The run of a folder by its manifest.
fn identity_of(folder: &Path) -> Option<Identity> {
    let bytes = fs::read(folder.join(FILE_NAME)).ok()?;
    Some(Manifest::read(&bytes).ok()?.identity)
}

/// Bytes of all files in a folder; what cannot be read counts as nothing.
fn size(folder: &Path) -> u64 {
    let sizes = || -> io::Result<u64> {
        let entries = super::ownership::entries(folder)?;
        let length = |path: &Path| fs::symlink_metadata(path).map_or(0, |metadata| metadata.len());
        let files = entries.iter();
        let files = files.filter(|entry| entry.kind == super::ownership::Kind::File);
        Ok(files.map(|entry| length(&entry.path)).sum())
    };
    sizes().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Opening, Replace, RunFolder};

    fn identity() -> Identity {
        Identity {
            scenario: "a".to_owned(),
            command: "sweep".to_owned(),
        }
    }

    #[test]
    fn what_was_left_is_found_named_and_removed() {
        let root = tempfile::tempdir().unwrap();
        let target = root.path().join("below/a");
        let folder =
            RunFolder::begin_resumable(&target, identity(), Replace::SameIdentity, "f").unwrap();
        folder.keep_chunk(1, b"one").unwrap();
        // At work.
        let found = leftovers(root.path()).unwrap();
        assert!(matches!(
            found[..],
            [Left {
                stays: Some(OutputError::Busy { .. }),
                ..
            }]
        ));
        assert!(remove_left(&found[0]).is_err());
        drop(folder);
        // A user's own hidden folders are none of ours.
        let mine = root.path().join(".mine.partial");
        fs::create_dir(&mine).unwrap();
        fs::write(mine.join("thesis"), "mine").unwrap();
        fs::write(root.path().join(".x.toml.gutbrain-new"), "half").unwrap();
        let found = leftovers(root.path()).unwrap();
        let words: Vec<String> = found.iter().map(|left| left.kind.to_string()).collect();
        assert_eq!(
            words,
            [
                "file that was being written",
                "interrupted run of `gutbrain sweep a`, 1 finished part"
            ]
        );
        found.iter().try_for_each(remove_left).unwrap();
        assert!(leftovers(root.path()).unwrap().is_empty());
        assert!(mine.join("thesis").exists());
        let opening = RunFolder::resume(&target, identity(), Replace::SameIdentity, "f").unwrap();
        assert!(matches!(opening, Opening::Started(_)));
    }

    #[test]
    fn a_file_that_no_run_wrote_keeps_the_folder() {
        let root = tempfile::tempdir().unwrap();
        let target = root.path().join("a");
        let folder =
            RunFolder::begin_resumable(&target, identity(), Replace::SameIdentity, "f").unwrap();
        folder.keep_chunk(1, b"one").unwrap();
        drop(folder);
        let note = root.path().join(".a.partial/notes");
        fs::write(&note, "mine").unwrap();
        let found = leftovers(root.path()).unwrap();
        assert!(matches!(
            found[..],
            [Left {
                stays: Some(OutputError::Foreign { .. }),
                ..
            }]
        ));
        assert!(remove_left(&found[0]).is_err());
        assert!(note.exists());
    }

    #[test]
    fn checkpoints_beside_results_are_found_and_nothing_else_is() {
        let root = tempfile::tempdir().unwrap();
        let seal = gutbrain::checkpoint::Seal::new("fit", "abc");
        let folder = |name: &str| {
            let folder = root.path().join(name);
            fs::create_dir(&folder).unwrap();
            folder
        };
        let (starts, mixed, mine) = (folder(".a.starts"), folder(".b.chains"), folder(".c.d"));
        for (folder, name) in [(&starts, "0000.csv"), (&starts, "0001.csv"), (&mixed, "1")] {
            fs::write(folder.join(name), seal.close("1", b"1")).unwrap();
        }
        fs::write(mixed.join("notes"), "gutbrain checkpoints are mine").unwrap();
        fs::write(mine.join("notes"), "mine").unwrap();
        folder(".e.starts");
        // Somebody makes the results that they belong to.
        let target = root.path().join("a");
        let at_work = RunFolder::begin(&target, identity(), Replace::SameIdentity).unwrap();
        let found = leftovers(root.path()).unwrap();
        let busy = found.iter().filter(|left| left.stays.is_some());
        assert_eq!(busy.count(), 2);
        assert!(found.iter().all(|left| remove_left(left).is_err()));
        drop(at_work);
        let found = leftovers(root.path()).unwrap();
        let words: Vec<String> = found.iter().map(|left| left.kind.to_string()).collect();
        assert_eq!(words, ["2 finished parts of a calibration"]);
        found.iter().try_for_each(remove_left).unwrap();
        assert!(leftovers(root.path()).unwrap().is_empty());
        assert!(!starts.exists() && mixed.join("1").exists() && mine.join("notes").exists());
    }
}
