//! Whose a file is: a run folder is what its manifest lists, and nothing else is ever removed.
//!
//! While a run is being made, its files have names of their own kind ([`unfinished`]), so that what a kill
//! or a power cut leaves is known by its names alone; the last thing before the folder is put in its place
//! is that every file gets the name that the manifest lists.
#![expect(clippy::disallowed_methods, reason = "part of the only writer")]

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::chunks::CHUNKS;
use super::manifest::{FILE_NAME, Manifest, NEW_MANIFEST};

/// Ending of the name of a file that is being written.
const UNFINISHED: &str = ".gutbrain-new";

/// The name of a file while it is being written: `figures/.axis.svg.gutbrain-new`.
pub(super) fn unfinished(name: &str) -> String {
    let (folder, file) = name
        .rsplit_once('/')
        .map_or(("", name), |(folder, file)| (&name[..=folder.len()], file));
    format!("{folder}.{file}{UNFINISHED}")
}

/// Whether a name is one of those.
pub(super) fn is_unfinished(name: &str) -> bool {
    let file = name.rsplit('/').next().unwrap_or_default();
    file.starts_with('.') && file.ends_with(UNFINISHED)
}

/// What stands in a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    File,
    Folder,
    /// A link, device, pipe or socket: none of them is ever written here.
    Other,
}

/// One thing in a folder, at any depth.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) path: PathBuf,
    /// Path inside the folder with `/` between its parts; nothing if it is no Unicode.
    pub(super) name: Option<String>,
    pub(super) kind: Kind,
    pub(super) is_read_only: bool,
}

impl Entry {
    /// How it is shown in messages.
    pub(super) fn shown(&self) -> String {
        let name = self.name.clone();
        let name = name.unwrap_or_else(|| self.path.to_string_lossy().into_owned());
        name.escape_debug().to_string()
    }
}

/// Everything below a folder, sorted, folders before what is in them; links are not followed.
pub(super) fn entries(folder: &Path) -> io::Result<Vec<Entry>> {
    let mut found = Vec::new();
    let mut waiting = vec![(folder.to_path_buf(), Some(String::new()))];
    while let Some((path, prefix)) = waiting.pop() {
        for entry in fs::read_dir(&path)? {
            let path = entry?.path();
            let metadata = match fs::symlink_metadata(&path) {
                // Gone since it was listed.
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                found => found?,
            };
            let own = path.file_name().and_then(OsStr::to_str);
            let name = prefix.as_ref().zip(own);
            let name = name.map(|(prefix, own)| format!("{prefix}{own}"));
            let kind = if metadata.is_dir() {
                waiting.push((path.clone(), name.as_ref().map(|name| format!("{name}/"))));
                Kind::Folder
            } else if metadata.is_file() {
                Kind::File
            } else {
                Kind::Other
            };
            found.push(Entry {
                path,
                name,
                kind,
                is_read_only: metadata.permissions().readonly(),
            });
        }
    }
    found.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(found)
}

/// What of a folder is ours.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ours<'m> {
    /// The manifests that list its files.
    pub(super) manifests: &'m [Manifest],
    /// Whether it is the folder of a run that is being made: then parts and unfinished files belong to it.
    pub(super) is_work: bool,
}

impl Ours<'_> {
    /// Whether an entry of the folder is ours.
    pub(super) fn has(&self, entry: &Entry) -> bool {
        let Some(name) = entry.name.as_deref() else {
            return false;
        };
        let lists = |manifest: &Manifest| manifest.files.contains_key(name);
        match entry.kind {
            Kind::Other => false,
            Kind::File => {
                name == FILE_NAME
                    || self.manifests.iter().any(lists)
                    || self.is_work && is_of_work(name)
            }
            Kind::Folder => {
                let inside = format!("{name}/");
                let holds = |manifest: &Manifest| {
                    let mut files = manifest.files.keys();
                    files.any(|file| file.starts_with(&inside))
                };
                // Only an empty folder can be removed: in a folder of work it is a loss to nobody.
                self.is_work || self.manifests.iter().any(holds)
            }
        }
    }

    /// The first thing of somebody else.
    pub(super) fn first_foreign<'e>(&self, entries: &'e [Entry]) -> Option<&'e Entry> {
        entries.iter().find(|entry| !self.has(entry))
    }
}

/// Files that only a run in the making has.
fn is_of_work(name: &str) -> bool {
    let is_part = name
        .strip_prefix(CHUNKS)
        .and_then(|rest| rest.strip_prefix('/'))
        .is_some_and(|rest| !rest.contains('/') && rest.ends_with(".chunk"));
    is_part || name == NEW_MANIFEST || is_unfinished(name)
}

/// Removes what is ours from a folder, and the folder if nothing is left; every entry is looked at again
/// at the moment when its turn comes. The manifest goes last, so that a kill on the way leaves a folder
/// that is known. Returns what stays.
pub(super) fn remove(folder: &Path, ours: &Ours<'_>) -> io::Result<Option<Entry>> {
    let listed = entries(folder)?;
    if let Some(foreign) = ours.first_foreign(&listed) {
        return Ok(Some(foreign.clone()));
    }
    allow_removal(folder)?;
    for entry in listed.iter().filter(|entry| entry.kind == Kind::Folder) {
        allow_removal(&entry.path)?;
    }
    let manifest = folder.join(FILE_NAME);
    for entry in &listed {
        if entry.kind == Kind::File && entry.path != manifest {
            remove_file(&entry.path)?;
        }
    }
    for entry in listed.iter().rev() {
        if entry.kind == Kind::Folder {
            match fs::remove_dir(&entry.path) {
                Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => {
                    let left = entries(folder)?;
                    return Ok(left.into_iter().find(|left| left.path != manifest));
                }
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
    }
    if let Some(new) = entries(folder)?
        .into_iter()
        .find(|left| left.path != manifest)
    {
        return Ok(Some(new));
    }
    remove_file(&manifest)?;
    match fs::remove_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => {
            Ok(entries(folder)?.into_iter().next())
        }
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(None),
    }
}

/// Removes a file if it still is one.
pub(super) fn remove_file(path: &Path) -> io::Result<()> {
    match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_file() => fs::remove_file(path),
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

/// A folder whose files may be removed has to let them go; who protects a run is asked before.
#[cfg(unix)]
fn allow_removal(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = fs::symlink_metadata(folder)?.permissions().mode();
    if mode & 0o300 == 0o300 {
        return Ok(());
    }
    fs::set_permissions(folder, fs::Permissions::from_mode(mode | 0o700))
}

#[cfg(not(unix))]
fn allow_removal(_folder: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::{FileEntry, Identity};

    fn manifest(names: &[&str]) -> Manifest {
        let mut manifest = Manifest::new(Identity {
            scenario: "a".to_owned(),
            command: "run".to_owned(),
        });
        for name in names {
            let entry = FileEntry {
                bytes: 0,
                sha256: String::new(),
            };
            manifest.files.insert((*name).to_owned(), entry);
        }
        manifest
    }

    #[test]
    fn names_in_the_making_are_told_from_others() {
        assert_eq!(unfinished("a.csv"), ".a.csv.gutbrain-new");
        assert_eq!(
            unfinished("figures/x/a.svg"),
            "figures/x/.a.svg.gutbrain-new"
        );
        for name in [
            "figures/.a.svg.gutbrain-new",
            "chunks/0000000001.chunk",
            "chunks/.0000000001.chunk.gutbrain-new",
            NEW_MANIFEST,
        ] {
            assert!(is_of_work(name), "{name}");
        }
        for name in [
            "a.gutbrain-new/x",
            "thesis.chunk",
            "chunks/a/b.chunk",
            "notes",
        ] {
            assert!(!is_of_work(name), "{name}");
        }
    }

    #[test]
    fn only_what_is_listed_is_removed() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("run");
        fs::create_dir_all(folder.join("figures")).unwrap();
        for name in [FILE_NAME, "a.csv", "figures/a.svg"] {
            fs::write(folder.join(name), "x").unwrap();
        }
        let manifests = [manifest(&["a.csv", "figures/a.svg"])];
        let ours = Ours {
            manifests: &manifests,
            is_work: false,
        };
        fs::write(folder.join("figures/notes"), "mine").unwrap();
        let left = remove(&folder, &ours).unwrap().expect("something stays");
        assert_eq!(left.name.as_deref(), Some("figures/notes"));
        assert_eq!(entries(&folder).unwrap().len(), 5, "nothing was removed");
        fs::remove_file(folder.join("figures/notes")).unwrap();
        fs::create_dir(folder.join("mine")).unwrap();
        assert!(remove(&folder, &ours).unwrap().is_some());
        fs::remove_dir(folder.join("mine")).unwrap();
        assert!(remove(&folder, &ours).unwrap().is_none());
        assert!(!folder.exists());
    }

    #[cfg(unix)]
    #[test]
    fn a_link_in_the_place_of_a_listed_file_is_not_ours() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("run");
        fs::create_dir_all(&folder).unwrap();
        fs::write(root.path().join("precious"), "mine").unwrap();
        std::os::unix::fs::symlink(root.path(), folder.join("a.csv")).unwrap();
        let manifests = [manifest(&["a.csv"])];
        let ours = Ours {
            manifests: &manifests,
            is_work: true,
        };
        assert!(remove(&folder, &ours).unwrap().is_some());
        assert!(root.path().join("precious").exists());
    }
}
