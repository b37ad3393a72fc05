//! What has to be on the disk before something else may be.
//!
//! A rename is soon durable, the bytes of the file that it names not before half a minute: a power cut in
//! between leaves a name and no content. So every file is synced before it gets its name, and every folder
//! after names in it have changed (`docs/durability.md`).
#![expect(clippy::disallowed_methods, reason = "part of the store")]

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::thread;

/// What the end of a command promises about power cuts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Durability {
    /// What is reported as written survives a power cut.
    #[default]
    Synced,
    /// It is left to the system when the disk has it (`--no-sync`).
    Unsynced,
}

/// Threads that wait for the disk at once: it writes down what many ask for in one go.
const WAITING: usize = 16;

impl Durability {
    /// Waits until the content of files is on the disk.
    pub(super) fn files(self, paths: &[PathBuf]) -> io::Result<()> {
        self.each(paths, |path| File::open(path)?.sync_all())
    }

    /// Waits until the names in folders are on the disk.
    pub(super) fn folders(self, paths: &[PathBuf]) -> io::Result<()> {
        self.each(paths, sync_folder)
    }

    /// The same for one open file.
    pub(super) fn file(self, file: &File) -> io::Result<()> {
        match self {
            Self::Synced => file.sync_all(),
            Self::Unsynced => Ok(()),
        }
    }

    /// The same for one folder.
    pub(super) fn folder(self, path: &Path) -> io::Result<()> {
        match self {
            Self::Synced => sync_folder(path),
            Self::Unsynced => Ok(()),
        }
    }

    fn each(
        self,
        paths: &[PathBuf],
        sync: impl Fn(&Path) -> io::Result<()> + Sync,
    ) -> io::Result<()> {
        if self == Self::Unsynced {
            return Ok(());
        }
        if let [path] = paths {
            return sync(path);
        }
        let share = paths.len().div_ceil(WAITING).max(1);
        let sync = &sync;
        thread::scope(|scope| {
            let mut waiting = Vec::new();
            for share in paths.chunks(share) {
                let all = move || share.iter().try_for_each(|path| sync(path));
                // Where no thread can be had, this one does it.
                match thread::Builder::new().spawn_scoped(scope, all) {
                    Ok(thread) => waiting.push(thread),
                    Err(_) => all()?,
                }
            }
            for thread in waiting {
                let died = |_| Err(io::Error::other("a thread that waits for the disk died"));
                thread.join().unwrap_or_else(died)?;
            }
            Ok(())
        })
    }
}

/// Some file systems sync no folders, and say so: then there is nothing to wait for.
#[cfg(unix)]
fn sync_folder(path: &Path) -> io::Result<()> {
    match File::open(path)?.sync_all() {
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported
            ) =>
        {
            Ok(())
        }
        done => done,
    }
}

/// Other systems give no handle of a folder.
#[cfg(not(unix))]
fn sync_folder(_path: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_files_are_waited_for_and_a_missing_one_is_an_error() {
        let root = tempfile::tempdir().unwrap();
        let mut paths = Vec::new();
        for number in 0..40 {
            let path = root.path().join(number.to_string());
            std::fs::write(&path, "x").unwrap();
            paths.push(path);
        }
        Durability::Synced.files(&paths).unwrap();
        Durability::Synced.files(&[]).unwrap();
        Durability::Synced
            .folders(&[root.path().to_path_buf()])
            .unwrap();
        paths.push(root.path().join("none"));
        assert!(Durability::Synced.files(&paths).is_err());
        Durability::Unsynced.files(&paths).unwrap();
    }
}
