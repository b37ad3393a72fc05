//! Checkpoints beside a folder of results (`gutbrain::checkpoint` says what is in them).
#![expect(clippy::disallowed_methods, reason = "part of the only writer")]

use std::fs;
use std::path::Path;

use gutbrain::checkpoint::is_checkpoint;

/// Removes the checkpoints of a folder, and the folder if nothing else is in it: the work is done. What is no
/// checkpoint stays, and so does what cannot be removed.
pub fn remove_checkpoints(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        let is_file = entry.file_type().is_ok_and(|it| it.is_file());
        if is_file && fs::read(&path).is_ok_and(|bytes| is_checkpoint(&bytes)) {
            let _ = fs::remove_file(path);
        }
    }
    let _ = fs::remove_dir(folder);
}

#[cfg(test)]
mod tests {
    use gutbrain::checkpoint::Seal;

    use super::*;

    #[test]
    fn only_checkpoints_are_removed() {
        let name = format!("gutbrain-checkpoints-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(&folder).expect("a folder");
        let write = |name: &str, text: &[u8]| fs::write(folder.join(name), text).expect("a file");
        let seal = Seal::new("fit", "abc");
        write("0001.csv", &seal.close("1", b"1"));
        write("notes.txt", b"mine");
        remove_checkpoints(&folder);
        assert!(!folder.join("0001.csv").exists());
        assert!(folder.join("notes.txt").exists());
        fs::remove_file(folder.join("notes.txt")).expect("it goes");
        write("0002.csv", &seal.close("2", b"2"));
        remove_checkpoints(&folder);
        assert!(!folder.exists());
        remove_checkpoints(&folder);
    }
}
