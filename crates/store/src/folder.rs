//! A run folder while it is being made.
#![expect(clippy::disallowed_methods, reason = "part of the only writer")]

use std::collections::BTreeSet;
use std::env;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Component, Path, PathBuf};

use super::manifest::{FILE_NAME, FileEntry, Identity, Manifest, State, sha256};
use super::{OutputError, swap};

/// Name of the manifest while it is being written.
const NEW_MANIFEST: &str = ".manifest.new";

/// What may be replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replace {
    /// Only an earlier run of the same identity.
    SameIdentity,
    /// Whatever is in the folder (`--force`).
    Anything,
}

/// A folder that is being filled; dropped before [`RunFolder::finish`], it leaves nothing.
#[derive(Debug)]
pub struct RunFolder {
    pub(super) target: PathBuf,
    pub(super) partial: PathBuf,
    pub(super) aside: PathBuf,
    pub(super) manifest: Manifest,
    /// Held while this process writes; a second process sees it and steps back.
    pub(super) lock: Option<File>,
    pub(super) finished: bool,
    /// Whether what was done is kept for a later start when this one ends early.
    pub(super) resumable: bool,
}

impl RunFolder {
    /// Checks that `target` may be replaced and creates the folder next to it.
    ///
    /// # Errors
    /// [`OutputError`] when the folder holds something else, is protected, or cannot be written.
    pub fn begin(target: &Path, identity: Identity, replace: Replace) -> Result<Self, OutputError> {
        let target = resolve(target)?;
        let (partial, aside) = siblings(&target)?;
        let parent = target.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(parent)
            .map_err(|error| OutputError::io("create the folder", parent, error))?;
        swap::recover(&target, &aside)
            .map_err(|error| OutputError::io("recover the folder", &target, error))?;
        check_replaceable(&target, &identity, replace)?;
        remove_stale(&partial, &target, &identity, replace)?;
        fs::create_dir(&partial)
            .map_err(|error| OutputError::io("create the folder", &partial, error))?;
        let lock = File::open(&partial).ok();
        if let Some(lock) = &lock {
            // A file system without locks answers with an error of its own: then there is none.
            let _ = lock.try_lock();
        }
        let folder = Self {
            target,
            partial,
            aside,
            manifest: Manifest::new(identity),
            lock,
            finished: false,
            resumable: false,
        };
        folder.write_manifest()?;
        Ok(folder)
    }

    /// Where the run will be found.
    #[must_use]
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// Writes one file; `name` is its path inside the folder, with `/` between its parts.
    ///
    /// # Errors
    /// [`OutputError::Io`], for instance when the disk is full.
    pub fn add(&mut self, name: &str, bytes: &[u8]) -> Result<(), OutputError> {
        let inside = Path::new(name)
            .components()
            .all(|part| matches!(part, Component::Normal(_)));
        assert!(
            inside && !name.is_empty(),
            "file names of a run stay inside its folder: {name}"
        );
        let path = self.partial.join(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)
                .map_err(|error| OutputError::io("create the folder", parent, error))?;
        }
        fs::write(&path, bytes)
            .map_err(|error| OutputError::io("write", &self.target.join(name), error))?;
        let entry = FileEntry {
            bytes: bytes.len() as u64,
            sha256: sha256(bytes),
        };
        self.manifest.files.insert(name.to_owned(), entry);
        Ok(())
    }

    /// Completes the manifest with `describe`, writes it, and puts the folder in its place.
    ///
    /// # Errors
    /// [`OutputError::Io`]; the earlier run is then intact.
    pub fn finish(mut self, describe: impl FnOnce(&mut Manifest)) -> Result<PathBuf, OutputError> {
        describe(&mut self.manifest);
        self.manifest.state = State::Complete;
        self.write_manifest()?;
        self.put_in_place()
    }

    /// Puts the folder, whose manifest is complete, in the place of the old one.
    pub(super) fn put_in_place(mut self) -> Result<PathBuf, OutputError> {
        self.remove_chunks()?;
        swap::put_in_place(&self.partial, &self.target, &self.aside)
            .map_err(|error| OutputError::io("replace the folder", &self.target, error))?;
        self.finished = true;
        Ok(self.target.clone())
    }

    pub(super) fn write_manifest(&self) -> Result<(), OutputError> {
        let path = self.partial.join(FILE_NAME);
        let failed = |error| OutputError::io("write", &self.target.join(FILE_NAME), error);
        let text = self
            .manifest
            .to_json()
            .map_err(|error| failed(io::Error::other(error)))?;
        // Whole or not at all: a kill must not leave half of it.
        let new = self.partial.join(NEW_MANIFEST);
        fs::write(&new, text)
            .and_then(|()| fs::rename(&new, &path))
            .map_err(failed)
    }
}

impl Drop for RunFolder {
    fn drop(&mut self) {
        if !self.finished && !self.resumable {
            // What cannot be removed now is removed by the next start.
            let _ = fs::remove_dir_all(&self.partial);
        }
        if let Some(lock) = &self.lock {
            let _ = lock.unlock();
        }
    }
}

/// The path without symbolic links, so that the sibling lies on the same file system.
pub(super) fn resolve(target: &Path) -> Result<PathBuf, OutputError> {
    let failed = |error| OutputError::io("use the folder", target, error);
    let path = match fs::canonicalize(target) {
        Ok(path) => path,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            if fs::symlink_metadata(target).is_ok() {
                return Err(failed(io::Error::from(io::ErrorKind::NotADirectory)));
            }
            std::path::absolute(target).map_err(failed)?
        }
        Err(error) => return Err(failed(error)),
    };
    let protected = |why| {
        Err(OutputError::Protected {
            path: path.clone(),
            why,
        })
    };
    if path.file_name().is_none() {
        return protected("has no name of its own");
    }
    let here = env::current_dir()
        .and_then(fs::canonicalize)
        .map_err(failed)?;
    if here.starts_with(&path) {
        return protected("is the working folder or lies above it");
    }
    Ok(path)
}

/// `.NAME.partial` and `.NAME.replaced` beside the folder.
pub(super) fn siblings(target: &Path) -> Result<(PathBuf, PathBuf), OutputError> {
    let Some(name) = target.file_name() else {
        return Err(OutputError::Protected {
            path: target.to_path_buf(),
            why: "has no name of its own",
        });
    };
    let sibling = |ending: &str| {
        let mut hidden = OsString::from(".");
        hidden.push(name);
        hidden.push(ending);
        target.with_file_name(hidden)
    };
    Ok((sibling(".partial"), sibling(".replaced")))
}

/// Refuses to replace what is not an earlier run of the same identity.
fn check_replaceable(
    target: &Path,
    identity: &Identity,
    replace: Replace,
) -> Result<(), OutputError> {
    let metadata = match fs::symlink_metadata(target) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(OutputError::io("read", target, error)),
    };
    if !metadata.is_dir() {
        let error = io::Error::from(io::ErrorKind::NotADirectory);
        return Err(OutputError::io("use the folder", target, error));
    }
    if replace == Replace::Anything {
        return Ok(());
    }
    match foreign_content(target, identity) {
        Ok(None) => Ok(()),
        Ok(Some(found)) => Err(OutputError::Foreign {
            path: target.to_path_buf(),
            wanted: identity.clone(),
            found,
        }),
        Err(error) => Err(OutputError::io("read", target, error)),
    }
}

/// What in `folder` was not written by a run of this identity; `None` if nothing.
fn foreign_content(folder: &Path, identity: &Identity) -> io::Result<Option<String>> {
    let files = list_files(folder)?;
    if files.is_empty() {
        return Ok(None);
    }
    let Ok(text) = fs::read_to_string(folder.join(FILE_NAME)) else {
        let first = files.first().map_or("", String::as_str).escape_debug();
        return Ok(Some(format!("it has no {FILE_NAME}, but holds `{first}`")));
    };
    let Ok(manifest) = serde_json::from_str::<Manifest>(&text) else {
        return Ok(Some(format!(
            "its {FILE_NAME} was not written by this program"
        )));
    };
    if manifest.identity != *identity {
        return Ok(Some(format!("it is a run of {}", manifest.identity)));
    }
    let stranger = files
        .iter()
        .find(|name| *name != FILE_NAME && !manifest.files.contains_key(*name));
    Ok(stranger.map(|name| {
        format!(
            "it also holds `{}`, which no run wrote",
            name.escape_debug()
        )
    }))
}

/// Every file below `folder` as `a/b/c`, sorted; a link or special file counts as a file.
pub(super) fn list_files(folder: &Path) -> io::Result<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    let mut waiting = vec![(folder.to_path_buf(), String::new())];
    while let Some((path, prefix)) = waiting.pop() {
        for entry in fs::read_dir(&path)? {
            let entry = entry?;
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if entry.file_type()?.is_dir() {
                waiting.push((entry.path(), format!("{name}/")));
            } else {
                found.insert(name);
            }
        }
    }
    Ok(found)
}

/// Removes what a killed run left; refuses a folder of that name that is none of ours.
fn remove_stale(
    partial: &Path,
    target: &Path,
    identity: &Identity,
    replace: Replace,
) -> Result<(), OutputError> {
    if fs::symlink_metadata(partial).is_err() {
        return Ok(());
    }
    if let Ok(handle) = File::open(partial)
        && matches!(handle.try_lock(), Err(fs::TryLockError::WouldBlock))
    {
        return Err(OutputError::Busy {
            path: target.to_path_buf(),
        });
    }
    let files = list_files(partial).map_err(|error| OutputError::io("read", partial, error))?;
    let ours = files.is_empty() || files.contains(FILE_NAME) || files.contains(NEW_MANIFEST);
    if !ours && replace == Replace::SameIdentity {
        let found = format!("it has no {FILE_NAME}, so no killed run left it");
        return Err(OutputError::Foreign {
            path: partial.to_path_buf(),
            wanted: identity.clone(),
            found,
        });
    }
    fs::remove_dir_all(partial).map_err(|error| OutputError::io("remove", partial, error))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(scenario: &str) -> Identity {
        Identity {
            scenario: scenario.to_owned(),
            command: "run".to_owned(),
        }
    }

    fn write_run(target: &Path, scenario: &str, content: &str) -> Result<PathBuf, OutputError> {
        let mut folder = RunFolder::begin(target, identity(scenario), Replace::SameIdentity)?;
        folder.add("figures/a.svg", content.as_bytes())?;
        folder.finish(|manifest| manifest.seed = 7)
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_run_of_the_same_identity_is_replaced_and_nothing_else_is_left() {
        let root = tempfile::tempdir().unwrap();
        let target = root.path().join("out").join("a");
        write_run(&target, "a", "one").unwrap();
        write_run(&target, "a", "two").unwrap();
        assert_eq!(
            fs::read_to_string(target.join("figures/a.svg")).unwrap(),
            "two"
        );
        assert_eq!(names(&root.path().join("out")), ["a"]);
        let text = fs::read_to_string(target.join(FILE_NAME)).unwrap();
        let manifest: Manifest = serde_json::from_str(&text).unwrap();
        assert_eq!(manifest.state, State::Complete);
        assert_eq!(manifest.files["figures/a.svg"].sha256, sha256(b"two"));
    }

    #[test]
    fn another_identity_and_strange_files_are_refused() {
        let root = tempfile::tempdir().unwrap();
        let target = root.path().join("a");
        write_run(&target, "a", "one").unwrap();
        let error = write_run(&target, "b", "two").unwrap_err();
        assert!(matches!(error, OutputError::Foreign { .. }), "{error}");
        fs::write(target.join("notes.txt"), "mine").unwrap();
        let error = write_run(&target, "a", "two").unwrap_err();
        assert!(error.to_string().contains("notes.txt"), "{error}");
        assert_eq!(
            fs::read_to_string(target.join("figures/a.svg")).unwrap(),
            "one"
        );
        let folder = RunFolder::begin(&target, identity("a"), Replace::Anything).unwrap();
        folder.finish(|_| ()).unwrap();
        assert_eq!(names(&target), [FILE_NAME]);
    }

    #[test]
    fn an_abandoned_run_leaves_the_earlier_one() {
        let root = tempfile::tempdir().unwrap();
        let target = root.path().join("a");
        write_run(&target, "a", "one").unwrap();
        let mut folder = RunFolder::begin(&target, identity("a"), Replace::SameIdentity).unwrap();
        folder.add("figures/a.svg", b"two").unwrap();
        drop(folder);
        assert_eq!(
            fs::read_to_string(target.join("figures/a.svg")).unwrap(),
            "one"
        );
        assert_eq!(names(root.path()), ["a"]);
    }

    #[test]
    fn what_a_kill_left_is_removed_by_the_next_start() {
        let root = tempfile::tempdir().unwrap();
        let target = root.path().join("a");
        let partial = root.path().join(".a.partial");
        fs::create_dir_all(partial.join("figures")).unwrap();
        fs::write(partial.join(FILE_NAME), "{ half").unwrap();
        write_run(&target, "a", "one").unwrap();
        assert_eq!(names(root.path()), ["a"]);
    }

    #[test]
    fn two_writers_do_not_meet() {
        let root = tempfile::tempdir().unwrap();
        let target = root.path().join("a");
        let first = RunFolder::begin(&target, identity("a"), Replace::SameIdentity).unwrap();
        let error = write_run(&target, "a", "two").unwrap_err();
        assert!(matches!(error, OutputError::Busy { .. }), "{error}");
        drop(first);
        write_run(&target, "a", "two").unwrap();
    }

    #[test]
    fn the_working_folder_is_never_replaced() {
        for path in [".", "..", "/"] {
            let error =
                RunFolder::begin(Path::new(path), identity("a"), Replace::Anything).unwrap_err();
            assert!(
                matches!(error, OutputError::Protected { .. }),
                "{path}: {error}"
            );
        }
    }

    #[test]
    fn a_file_in_the_place_of_a_folder_is_an_error() {
        let root = tempfile::tempdir().unwrap();
        let file = root.path().join("file");
        fs::write(&file, "mine").unwrap();
        for target in [file.clone(), file.join("below")] {
            let error = write_run(&target, "a", "one").unwrap_err();
            assert!(matches!(error, OutputError::Io { .. }), "{error}");
        }
        assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
    }
}
