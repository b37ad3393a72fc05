//! A file without a name, for what a study puts aside while it is at work.
//!
//! It lies on the disk of the run's folder, where there is room for results, and goes when it is closed,
//! whatever ends the program: its name is taken away as soon as it is open. Where a system lets nobody
//! remove an open file, it goes with the folder of the unfinished run, whose name for unfinished files it has.
#![expect(clippy::disallowed_methods, reason = "part of the only writer")]

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::PathBuf;

use super::ownership::{remove_file, unfinished};
use super::{OutputError, RunFolder};

/// Names that are tried before the folder is taken to be at fault.
const NAMES: u32 = 1000;

impl RunFolder {
    /// A file without a name, to write to and to read from.
    ///
    /// # Errors
    /// [`OutputError::Io`].
    pub fn scratch(&self) -> Result<File, OutputError> {
        let (file, path) = self
            .named()
            .map_err(|error| OutputError::io("write beside", &self.target, error))?;
        // Where this is refused, the folder of the unfinished run takes it along.
        let _ = remove_file(&path);
        Ok(file)
    }

    fn named(&self) -> io::Result<(File, PathBuf)> {
        let mut options = OpenOptions::new();
        let options = options.read(true).write(true).create_new(true);
        fs::create_dir_all(&self.partial)?;
        let mut last = io::Error::from(io::ErrorKind::AlreadyExists);
        for number in 0..NAMES {
            let path = self.partial.join(unfinished(&format!("scratch-{number}")));
            match options.open(&path) {
                Ok(file) => return Ok((file, path)),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => last = error,
                Err(error) => return Err(error),
            }
        }
        Err(last)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Seek as _, Write as _};

    use super::*;
    use crate::{Identity, Replace};

    #[test]
    fn what_is_put_aside_has_no_name_and_is_no_result() {
        let root = tempfile::tempdir().unwrap();
        let identity = Identity {
            scenario: "x".into(),
            command: "run".into(),
        };
        let target = root.path().join("o");
        let mut run = RunFolder::begin(&target, identity, Replace::SameIdentity).unwrap();
        let (mut one, mut other) = (run.scratch().unwrap(), run.scratch().unwrap());
        one.write_all(b"one").unwrap();
        other.write_all(b"other").unwrap();
        one.rewind().unwrap();
        let mut back = String::new();
        one.read_to_string(&mut back).unwrap();
        assert_eq!(back, "one");
        let names: Vec<_> = fs::read_dir(&run.partial)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.contains("scratch"))
            .collect();
        assert!(names.is_empty() || cfg!(not(unix)), "{names:?}");
        run.add("a.csv", b"1").unwrap();
        run.finish(|_| {}).unwrap();
        assert!(target.join("a.csv").exists());
    }
}
