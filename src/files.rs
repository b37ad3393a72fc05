//! Where scenarios, models and data are read from: a disk, the memory, a browser's storage.

mod disk;

use std::collections::BTreeMap;
use std::io;
use std::path::{Component, Path, PathBuf};

pub use disk::Disk;

/// Files by their paths. [`Disk`] is those of this machine, [`InMemory`] needs none.
///
/// ```
/// use std::path::Path;
///
/// use gutbrain::files::InMemory;
/// use gutbrain::model::Model;
/// use gutbrain::scenario::ScenarioFile;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let mut files = InMemory::default();
/// files.put(
///     "base/mouse.toml",
///     "[subject]\npreset = \"mouse-wt-b6sjl\"\n[simulation]\nstart = \"21 d\"\nstop = \"60 d\"\n",
/// );
/// files.put("study.toml", "extends = \"base/mouse.toml\"\n[[arm]]\nname = \"control\"\n");
/// let file = ScenarioFile::open_in(&files, Path::new("study.toml"))?;
/// let scenario = file.check(&Model::builtin()?)?;
/// assert_eq!(scenario.arms[0].name, "control");
/// # Ok(())
/// # }
/// ```
pub trait Files {
    /// The content of a file.
    ///
    /// # Errors
    /// It is missing, no file, or cannot be read.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;

    /// The paths of all files in a folder and those below it, sorted.
    ///
    /// # Errors
    /// It is missing or no folder.
    fn list(&self, folder: &Path) -> io::Result<Vec<PathBuf>>;
}

/// Files in memory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InMemory(BTreeMap<PathBuf, Vec<u8>>);

impl InMemory {
    /// Puts a file at a path, in the place of what was there.
    pub fn put(&mut self, path: impl AsRef<Path>, content: impl Into<Vec<u8>>) {
        self.0.insert(plain(path.as_ref()), content.into());
    }
}

impl Files for InMemory {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let found = self.0.get(&plain(path)).cloned();
        found.ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        let inside = plain(folder);
        let paths = self.0.keys().filter(|path| path.starts_with(&inside));
        let found: Vec<PathBuf> = paths.cloned().collect();
        if found.is_empty() {
            return Err(io::Error::from(io::ErrorKind::NotFound));
        }
        Ok(found)
    }
}

/// A path without `.` and `..`: `a/../b` is `b`, as there are no links.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            other => plain.push(other),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Model;
    use crate::scenario::ScenarioFile;

    #[test]
    fn a_missing_file_is_a_fault_with_its_place() {
        let mut files = InMemory::default();
        files.put("s.toml", "extends = \"../base.toml\"\n");
        let path = Path::new("below/../s.toml");
        let faults = ScenarioFile::open_in(&files, path).expect_err("no base");
        assert!(faults.to_string().contains("base.toml"), "{faults}");
        assert!(files.list(Path::new("nowhere")).is_err());
    }

    #[test]
    fn a_model_in_memory_is_the_model_on_the_disk() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/model");
        let on_disk = Model::load(&folder).expect("the model of the tests");
        let mut files = InMemory::default();
        for path in Disk.list(&folder).expect("a folder") {
            let inside = path.strip_prefix(&folder).expect("inside");
            let content = Disk.read(&path).expect("a file");
            files.put(Path::new("subjects/m").join(inside), content);
        }
        let in_memory = Model::load_in(&files, Path::new("subjects/m")).expect("the same model");
        assert_eq!(in_memory.hash, on_disk.hash);
        assert!(Model::load_in(&files, Path::new("nowhere")).is_err());
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "tests prepare their own files")]
    fn files_below_a_folder_are_listed_in_order() {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(root.path().join("b/c")).unwrap();
        for name in ["d", "b/c/x", "a"] {
            std::fs::write(root.path().join(name), name).unwrap();
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
