//! Putting the finished folder in the place of the old one.
//!
//! Linux exchanges two names in one step (`renameat2`, `RENAME_EXCHANGE`). Where the file system
//! or the operating system cannot, the old folder steps aside to `.NAME.replaced` first; a kill
//! between the two renames leaves it there, and [`recover`] puts it back.
//!
//! What stands at the place is looked at again just before and just after: a file that somebody put
//! there while the run was at work stays where it is, and the new run waits.
#![expect(clippy::disallowed_methods, reason = "part of the only writer")]

use std::fs;
use std::io;
use std::path::Path;

use super::manifest::{FILE_NAME, Manifest, REPLACED, sha256};
use super::ownership::{Ours, entries, remove};
use super::{Durability, OutputError};

/// The folders of a run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Places<'p> {
    /// Where the new run was made.
    pub(super) partial: &'p Path,
    /// Where it belongs.
    pub(super) target: &'p Path,
    /// Where the old one steps aside.
    pub(super) aside: &'p Path,
}

/// Puts `partial` in the place of `target`. What stood at `target` is removed afterwards.
///
/// # Errors
/// Whatever `may_go` says of the folder that stands there, or [`OutputError::Io`]; then everything is
/// where it was, but for [`OutputError::LeftBehind`]: the new run is in its place.
pub(super) fn put_in_place(
    places: Places<'_>,
    durability: Durability,
    may_go: &dyn Fn(&Path) -> Result<(), OutputError>,
) -> Result<(), OutputError> {
    put_in_place_by(places, durability, may_go, &exchange)
}

type Exchange<'x> = &'x dyn Fn(&Path, &Path) -> io::Result<()>;

fn put_in_place_by(
    places: Places<'_>,
    durability: Durability,
    may_go: &dyn Fn(&Path) -> Result<(), OutputError>,
    exchange: Exchange<'_>,
) -> Result<(), OutputError> {
    let Places {
        partial,
        target,
        aside,
    } = places;
    let failed = |error| OutputError::io("replace the folder", target, error);
    let parent = target.parent().unwrap_or(Path::new("."));
    if !exists(target).map_err(failed)? {
        // Fails where something has appeared meanwhile that is no empty folder.
        fs::rename(partial, target).map_err(failed)?;
        return durability.folder(parent).map_err(failed);
    }
    may_go(target)?;
    let old = match exchange(partial, target) {
        Ok(()) => {
            if let Err(refusal) = may_go(partial) {
                exchange(partial, target).map_err(failed)?;
                return Err(refusal);
            }
            partial
        }
        Err(error) if is_unsupported(&error) => {
            step_aside(places, may_go)?;
            aside
        }
        Err(error) => return Err(failed(error)),
    };
    // The new name has to be on the disk before the old files go.
    durability.folder(parent).map_err(failed)?;
    let left_behind = |why: String| OutputError::LeftBehind {
        path: target.to_path_buf(),
        old: old.to_path_buf(),
        why,
    };
    match remove(old, &ours(&manifest_of(old))) {
        Ok(None) => Ok(()),
        Ok(Some(entry)) => Err(left_behind(format!(
            "it holds `{}`, which no run wrote",
            entry.shown()
        ))),
        Err(error) => Err(left_behind(error.to_string())),
    }
}

/// Two renames, for file systems that cannot exchange; what fails is taken back.
fn step_aside(
    places: Places<'_>,
    may_go: &dyn Fn(&Path) -> Result<(), OutputError>,
) -> Result<(), OutputError> {
    let Places {
        partial,
        target,
        aside,
    } = places;
    let failed = |error| OutputError::io("replace the folder", target, error);
    if exists(aside).map_err(failed)? {
        return Err(OutputError::io(
            "move the earlier run to",
            aside,
            io::Error::from(io::ErrorKind::AlreadyExists),
        ));
    }
    fs::rename(target, aside).map_err(failed)?;
    let moved = may_go(aside).and_then(|()| fs::rename(partial, target).map_err(failed));
    if moved.is_err() {
        fs::rename(aside, target).map_err(failed)?;
    }
    moved
}

/// Puts back what stepped aside when a kill fell between the two renames, or removes it if the new run
/// stands. A folder of that name that no run left stays.
pub(super) fn recover(target: &Path, aside: &Path) -> io::Result<()> {
    if !fs::symlink_metadata(aside).is_ok_and(|metadata| metadata.is_dir()) {
        return Ok(());
    }
    let old = manifest_of(aside);
    let is_ours = !old.is_empty() && ours(&old).first_foreign(&entries(aside)?).is_none();
    if !is_ours {
        return Ok(());
    }
    if !exists(target)? {
        return fs::rename(aside, target);
    }
    let seal = sha256(&fs::read(aside.join(FILE_NAME))?);
    let new = manifest_of(target);
    let replaced = new.first().and_then(|new| new.circumstances.get(REPLACED));
    if replaced == Some(&seal) {
        remove(aside, &ours(&old))?;
    }
    Ok(())
}

/// The manifest of a folder, if it is a run of ours.
fn manifest_of(folder: &Path) -> Vec<Manifest> {
    let bytes = fs::read(folder.join(FILE_NAME)).ok();
    let manifest = bytes.and_then(|bytes| Manifest::read(&bytes).ok());
    manifest.into_iter().collect()
}

fn ours(manifests: &[Manifest]) -> Ours<'_> {
    Ours {
        manifests,
        is_work: false,
    }
}

/// Whether something has this name, be it a link to nowhere.
fn exists(path: &Path) -> io::Result<bool> {
    match fs::symlink_metadata(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(target_os = "linux")]
fn exchange(one: &Path, other: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE).map_err(io::Error::from)
}

#[cfg(not(target_os = "linux"))]
fn exchange(_one: &Path, _other: &Path) -> io::Result<()> {
    Err(io::Error::from(io::ErrorKind::Unsupported))
}

/// `EINVAL` is what file systems without this operation answer.
fn is_unsupported(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::Unsupported | io::ErrorKind::InvalidInput
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::{FileEntry, Identity, State};
    use std::path::PathBuf;

    /// A run with one file, as a folder.
    fn run(folder: &Path, file: &str, replaced: Option<&str>) -> String {
        let mut manifest = Manifest::new(Identity {
            scenario: "a".to_owned(),
            command: "run".to_owned(),
        });
        manifest.state = State::Complete;
        let entry = FileEntry {
            bytes: 1,
            sha256: sha256(b"x"),
        };
        manifest.files.insert(file.to_owned(), entry);
        if let Some(seal) = replaced {
            let seal = seal.to_owned();
            manifest.circumstances.insert(REPLACED.to_owned(), seal);
        }
        fs::create_dir_all(folder).unwrap();
        fs::write(folder.join(file), "x").unwrap();
        let text = manifest.to_json().unwrap();
        fs::write(folder.join(FILE_NAME), &text).unwrap();
        sha256(text.as_bytes())
    }

    struct Case {
        _root: tempfile::TempDir,
        partial: PathBuf,
        target: PathBuf,
        aside: PathBuf,
    }

    impl Case {
        fn new() -> Self {
            let root = tempfile::tempdir().unwrap();
            let place = |name: &str| root.path().join(name);
            Self {
                partial: place(".t.partial"),
                target: place("t"),
                aside: place(".t.replaced"),
                _root: root,
            }
        }

        fn places(&self) -> Places<'_> {
            Places {
                partial: &self.partial,
                target: &self.target,
                aside: &self.aside,
            }
        }

        fn put(&self, exchange: Exchange<'_>) -> Result<(), OutputError> {
            let may_go = |folder: &Path| {
                let strangers = entries(folder).unwrap();
                let manifests = manifest_of(folder);
                let found = ours(&manifests).first_foreign(&strangers).cloned();
                found.map_or(Ok(()), |entry| Err(OutputError::Busy { path: entry.path }))
            };
            put_in_place_by(self.places(), Durability::Synced, &may_go, exchange)
        }
    }

    fn unsupported(_: &Path, _: &Path) -> io::Result<()> {
        Err(io::Error::from(io::ErrorKind::InvalidInput))
    }

    #[test]
    fn the_old_run_is_gone_whichever_way_the_new_one_came() {
        for exchange in [&exchange as Exchange<'_>, &unsupported] {
            let case = Case::new();
            let seal = run(&case.target, "old", None);
            run(&case.partial, "new", Some(&seal));
            case.put(exchange).unwrap();
            assert!(case.target.join("new").exists());
            assert!(!case.target.join("old").exists());
            assert!(!case.partial.exists() && !case.aside.exists());
        }
    }

    #[test]
    fn what_somebody_put_there_meanwhile_stays_and_so_does_the_new_run() {
        for exchange in [&exchange as Exchange<'_>, &unsupported] {
            let case = Case::new();
            run(&case.target, "old", None);
            run(&case.partial, "new", None);
            // It appears between the look and the swap.
            let late = |one: &Path, other: &Path| {
                fs::write(case.target.join("notes"), "mine").unwrap();
                exchange(one, other)
            };
            case.put(&late).unwrap_err();
            assert!(case.target.join("notes").exists());
            assert!(case.target.join("old").exists());
            assert!(case.partial.join("new").exists());
            assert!(!case.aside.exists());
        }
    }

    #[test]
    fn a_second_rename_that_fails_is_taken_back() {
        let case = Case::new();
        run(&case.target, "old", None);
        // There is nothing to put in its place.
        case.put(&unsupported).unwrap_err();
        assert!(case.target.join("old").exists());
        assert!(!case.aside.exists());
    }

    #[test]
    fn a_kill_between_two_renames_is_repaired() {
        let case = Case::new();
        run(&case.aside, "old", None);
        recover(&case.target, &case.aside).unwrap();
        assert!(case.target.join("old").exists());
        assert!(!case.aside.exists());
    }

    #[test]
    fn a_kill_before_the_old_run_was_removed_is_repaired() {
        let case = Case::new();
        let seal = run(&case.aside, "old", None);
        run(&case.target, "new", Some(&seal));
        recover(&case.target, &case.aside).unwrap();
        assert!(case.target.join("new").exists());
        assert!(!case.aside.exists());
    }

    #[test]
    fn a_folder_of_that_name_that_no_run_left_stays() {
        let case = Case::new();
        run(&case.target, "new", None);
        fs::create_dir(&case.aside).unwrap();
        fs::write(case.aside.join("thesis"), "mine").unwrap();
        recover(&case.target, &case.aside).unwrap();
        assert!(case.aside.join("thesis").exists());
        // Nor does a run go that nothing has replaced.
        fs::remove_file(case.aside.join("thesis")).unwrap();
        run(&case.aside, "old", None);
        recover(&case.target, &case.aside).unwrap();
        assert!(case.aside.join("old").exists());
    }
}
