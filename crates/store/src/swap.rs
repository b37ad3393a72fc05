//! Putting the finished folder in the place of the old one.
//!
//! Linux exchanges two names in one step (`renameat2`, `RENAME_EXCHANGE`). Where the file system
//! or the operating system cannot, the old folder steps aside to `.NAME.replaced` first; a kill
//! between the two renames leaves it there, and [`recover`] puts it back.
#![expect(clippy::disallowed_methods, reason = "part of the only writer")]

use std::fs;
use std::io;
use std::path::Path;

/// Puts `partial` in the place of `target`. What stood at `target` is removed afterwards.
pub(super) fn put_in_place(partial: &Path, target: &Path, aside: &Path) -> io::Result<()> {
    if !target.try_exists()? {
        return fs::rename(partial, target);
    }
    match exchange(partial, target) {
        Ok(()) => fs::remove_dir_all(partial),
        Err(error) if is_unsupported(&error) => {
            fs::rename(target, aside)?;
            fs::rename(partial, target)?;
            fs::remove_dir_all(aside)
        }
        Err(error) => Err(error),
    }
}

/// Puts back what stepped aside when a kill fell between the two renames.
pub(super) fn recover(target: &Path, aside: &Path) -> io::Result<()> {
    if !aside.try_exists()? {
        return Ok(());
    }
    if target.try_exists()? {
        fs::remove_dir_all(aside)
    } else {
        fs::rename(aside, target)
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

    #[test]
    fn an_existing_folder_is_exchanged_and_its_old_content_is_gone() {
        let root = tempfile::tempdir().unwrap();
        let (partial, target, aside) = (
            root.path().join("p"),
            root.path().join("t"),
            root.path().join("a"),
        );
        fs::create_dir(&partial).unwrap();
        fs::write(partial.join("new"), "1").unwrap();
        fs::create_dir(&target).unwrap();
        fs::write(target.join("old"), "0").unwrap();
        put_in_place(&partial, &target, &aside).unwrap();
        assert!(target.join("new").exists());
        assert!(!target.join("old").exists());
        assert!(!partial.exists() && !aside.exists());
    }

    #[test]
    fn a_kill_between_two_renames_is_repaired() {
        let root = tempfile::tempdir().unwrap();
        let (target, aside) = (root.path().join("t"), root.path().join("a"));
        fs::create_dir(&aside).unwrap();
        fs::write(aside.join("old"), "0").unwrap();
        recover(&target, &aside).unwrap();
        assert!(target.join("old").exists());
        assert!(!aside.exists());
    }
}
