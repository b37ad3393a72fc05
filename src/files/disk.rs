//! The disk: the one place of the library that reads it.
#![expect(clippy::disallowed_methods, reason = "the one place that reads")]

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use gutbrain_network::reading::MOST_BYTES;

use super::Files;

/// Deepest folder below one that is searched.
const DEEPEST_FOLDER: usize = 8;

/// The files of this machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct Disk;

impl Files for Disk {
    /// Of a file that is too long for any reader, one byte more than is allowed.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        if path.is_dir() {
            return Err(io::Error::from(io::ErrorKind::IsADirectory));
        }
        // Nobody may ever write to a pipe with a name, or a terminal. One that this process was given has no
        // such path, and somebody at its other end.
        let named = path.canonicalize().and_then(|path| path.metadata());
        if named.is_ok_and(|metadata| !metadata.is_file()) {
            return Err(io::Error::other("it is a pipe or a device, not a file"));
        }
        let mut bytes = Vec::new();
        // One byte more than is allowed tells that there is more, of devices too.
        File::open(path)?
            .take(MOST_BYTES as u64 + 1)
            .read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        let mut found = Vec::new();
        let mut waiting = vec![folder.to_path_buf()];
        while let Some(folder) = waiting.pop() {
            for entry in fs::read_dir(&folder)? {
                let entry = entry?;
                if entry.file_type()?.is_dir() {
                    waiting.push(entry.path());
                } else {
                    found.push(entry.path());
                }
            }
        }
        found.sort();
        Ok(found)
    }
}

impl Disk {
    /// The files of this ending in a folder and those below it, behind links as well, sorted; none that is hidden,
    /// and nothing below [`DEEPEST_FOLDER`].
    pub(crate) fn find(folder: &Path, ending: &str) -> io::Result<Vec<PathBuf>> {
        let mut found = Vec::new();
        find(folder, 0, ending, &mut found)?;
        found.sort();
        Ok(found)
    }

    /// The names in a folder, sorted.
    pub(crate) fn names(folder: &Path) -> io::Result<Vec<String>> {
        let entries = fs::read_dir(folder)?;
        let mut names: Vec<String> = entries
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .collect();
        names.sort();
        Ok(names)
    }
}

fn find(folder: &Path, depth: usize, ending: &str, found: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let hidden = path
            .file_name()
            .is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        if hidden {
            continue;
        }
        if path.is_dir() {
            if depth < DEEPEST_FOLDER {
                find(&path, depth + 1, ending, found)?;
            }
        } else if path
            .extension()
            .is_some_and(|extension| extension == ending)
        {
            found.push(path);
        }
    }
    Ok(())
}
