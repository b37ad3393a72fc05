//! The disk as the place that scenarios and models are read from.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use gutbrain::files::Files;

/// The files of this machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct Disk;

impl Files for Disk {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        if path.is_dir() {
            return Err(io::Error::from(io::ErrorKind::IsADirectory));
        }
        fs::read(path)
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

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests prepare their own files")]
mod tests {
    use super::*;

    #[test]
    fn files_below_a_folder_are_listed_in_order() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("b/c")).unwrap();
        for name in ["d", "b/c/x", "a"] {
            fs::write(root.path().join(name), name).unwrap();
        }
        let listed = Disk.list(root.path()).unwrap();
        let names = listed
            .iter()
            .map(|path| path.strip_prefix(root.path()).unwrap());
        let names: Vec<&Path> = names.collect();
        assert_eq!(names, [Path::new("a"), Path::new("b/c/x"), Path::new("d")]);
        assert_eq!(Disk.read(&listed[1]).unwrap(), b"b/c/x");
        assert!(Disk.read(root.path()).is_err());
        assert!(Disk.list(&listed[0]).is_err());
    }
}
