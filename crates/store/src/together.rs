//! Several files, all of them or none: the values of a fit in the files of a model.
//!
//! Every new content is first written beside its file and brought to the disk; nothing has changed until then.
//! Then a list of what is to be renamed is written, and the files are renamed one after the other. A rename that
//! fails takes back those before it. A kill in between leaves the list, and [`finish_interrupted`], which every
//! command calls before it reads such a folder, does the rest.
//!
//! Files keep their permissions; a symbolic link stays, and what it points to gets the content.
#![expect(clippy::disallowed_methods, reason = "part of the only writer")]

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Component, Path, PathBuf};

use super::OutputError;
use super::manifest::sha256;

/// Name of the list of renames in the folder that the files belong to.
const LIST: &str = ".gutbrain-writing";

/// First line of the list.
const FIRST: &str = "# gutbrain: files that are to be renamed together";

/// One file on its way.
#[derive(Debug)]
struct Staged {
    /// The file itself, behind all links.
    target: PathBuf,
    /// The new content beside it.
    new: PathBuf,
    /// The old content beside it, if there was any.
    old: PathBuf,
    hash: String,
}

/// Writes files of `folder` (each path begins with it), all of them or none.
///
/// # Errors
/// [`OutputError::Io`] when one of them cannot be written; then all are as they were.
pub fn write_together(folder: &Path, files: &[(PathBuf, Vec<u8>)]) -> Result<(), OutputError> {
    let mut staged: Vec<Staged> = Vec::new();
    let ready = files.iter().try_for_each(|(path, bytes)| {
        let written = stage(path, bytes, &mut staged);
        written.map_err(|error| OutputError::io("write", path, error))
    });
    let list = folder.join(LIST);
    let ready = ready.and_then(|()| {
        let written = write_list(&list, folder, files, &staged);
        written.map_err(|error| OutputError::io("write", &list, error))
    });
    let done = ready.and_then(|()| {
        for (place, file) in staged.iter().enumerate() {
            if let Err(error) = fs::rename(&file.new, &file.target) {
                take_back(&staged[..place]);
                return Err(OutputError::io("write", &file.target, error));
            }
        }
        Ok(())
    });
    if done.is_err() {
        // All is as it was: nobody is to go on.
        let _ = fs::remove_file(&list);
    }
    for file in &staged {
        let _ = fs::remove_file(&file.new);
        let _ = fs::remove_file(&file.old);
        sync_folder(&file.target);
    }
    // The list goes last: whoever finds it removes what a kill has left of the old contents.
    let _ = fs::remove_file(&list);
    done
}

/// Does the rest of what an interrupted [`write_together`] of this folder had begun to rename.
///
/// # Errors
/// [`OutputError::Io`] when a file cannot be renamed, or is not what was written.
pub fn finish_interrupted(folder: &Path) -> Result<bool, OutputError> {
    let list = folder.join(LIST);
    let text = match fs::read_to_string(&list) {
        Ok(text) => text,
        Err(error)
            if [io::ErrorKind::NotFound, io::ErrorKind::NotADirectory].contains(&error.kind()) =>
        {
            return Ok(false);
        }
        Err(error) => return Err(OutputError::io("read", &list, error)),
    };
    let mut lines = text.lines();
    let damaged = || {
        let error = io::Error::new(io::ErrorKind::InvalidData, "it is damaged");
        OutputError::io("go on with the interrupted writing of", &list, error)
    };
    if lines.next() != Some(FIRST) {
        return Err(damaged());
    }
    for line in lines {
        let (hash, name) = line.split_once(' ').ok_or_else(damaged)?;
        // Nothing outside the folder is renamed because a file in it says so.
        let mut parts = Path::new(name).components();
        if !parts.all(|part| matches!(part, Component::Normal(_))) {
            return Err(damaged());
        }
        let path = folder.join(name);
        let target = fs::canonicalize(&path).unwrap_or(path);
        let new = beside(&target, "partial");
        let is_it = |path: &Path| fs::read(path).is_ok_and(|it| sha256(&it) == hash);
        if is_it(&new) {
            fs::rename(&new, &target).map_err(|error| OutputError::io("write", &target, error))?;
        } else if !is_it(&target) {
            let error = io::Error::new(
                io::ErrorKind::InvalidData,
                "its new content was changed since; restore the folder, then remove the list",
            );
            return Err(OutputError::io(
                "go on with the interrupted writing of",
                &target,
                error,
            ));
        }
        let _ = fs::remove_file(beside(&target, "before"));
        sync_folder(&target);
    }
    fs::remove_file(&list).map_err(|error| OutputError::io("remove", &list, error))?;
    Ok(true)
}

/// Writes the new content beside its file, and keeps the old one there.
fn stage(path: &Path, bytes: &[u8], staged: &mut Vec<Staged>) -> io::Result<()> {
    let target = match fs::canonicalize(path) {
        Ok(target) => target,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            if let Some(parent) = path.parent().filter(|it| !it.as_os_str().is_empty()) {
                fs::create_dir_all(parent)?;
                fs::canonicalize(parent)?.join(path.file_name().unwrap_or_default())
            } else {
                path.to_path_buf()
            }
        }
        Err(error) => return Err(error),
    };
    let (new, old) = (beside(&target, "partial"), beside(&target, "before"));
    let known = match fs::metadata(&target) {
        Ok(known) if known.permissions().readonly() => {
            return Err(io::Error::from(io::ErrorKind::PermissionDenied));
        }
        Ok(known) if !known.is_file() => {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no file"));
        }
        Ok(known) => Some(known),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    let _ = fs::remove_file(&old);
    staged.push(Staged {
        target: target.clone(),
        new: new.clone(),
        old: old.clone(),
        hash: sha256(bytes),
    });
    let mut file = File::create(&new)?;
    file.write_all(bytes)?;
    if let Some(known) = known {
        file.set_permissions(known.permissions())?;
        // A second name is enough; where there is none, a copy.
        fs::hard_link(&target, &old).or_else(|_| fs::copy(&target, &old).map(|_| ()))?;
    }
    file.sync_all()
}

fn write_list(
    list: &Path,
    folder: &Path,
    files: &[(PathBuf, Vec<u8>)],
    staged: &[Staged],
) -> io::Result<()> {
    let mut text = format!("{FIRST}\n");
    for ((path, _), file) in files.iter().zip(staged) {
        let name = path.strip_prefix(folder).ok().and_then(Path::to_str);
        let name = name.ok_or(io::ErrorKind::InvalidFilename)?;
        text.push_str(&format!("{} {name}\n", file.hash));
    }
    let new = beside(list, "partial");
    let mut file = File::create(&new)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&new, list)?;
    sync_folder(list);
    Ok(())
}

/// Puts the old contents back; a file that is new goes.
fn take_back(renamed: &[Staged]) {
    for file in renamed {
        // What cannot be put back is named by the error of the rename that failed.
        let _ = fs::rename(&file.old, &file.target).or_else(|_| fs::remove_file(&file.target));
    }
}

/// `.NAME.ENDING` beside a file.
fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(".");
    name.push(ending);
    path.with_file_name(name)
}

/// Brings the names in a file's folder to the disk, where the system can.
fn sync_folder(path: &Path) {
    let parent = path.parent().unwrap_or(Path::new("."));
    if let Ok(folder) = File::open(parent) {
        let _ = folder.sync_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder of its own with three files.
    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("gutbrain-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(folder.join("sub")).expect("a folder");
        for name in ["a.toml", "b.toml", "sub/c.toml"] {
            fs::write(folder.join(name), format!("old {name}")).expect("a file");
        }
        folder
    }

    fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
        ["a.toml", "b.toml", "sub/c.toml", "sub/new.csv"]
            .map(|name| (folder.join(name), format!("new {name}").into_bytes()))
            .to_vec()
    }

    fn texts(folder: &Path) -> Vec<String> {
        let text = |(path, _): (PathBuf, _)| fs::read_to_string(path).unwrap_or_default();
        files(folder).into_iter().map(text).collect()
    }

    /// Names of everything in the folder, hidden files too.
    fn names(folder: &Path) -> Vec<String> {
        let mut names = Vec::new();
        for folder in [folder.to_path_buf(), folder.join("sub")] {
            for entry in fs::read_dir(folder).expect("a folder") {
                let name = entry.expect("an entry").file_name();
                names.push(name.to_string_lossy().into_owned());
            }
        }
        names.sort();
        names
    }

    fn is_new(folder: &Path) -> bool {
        texts(folder).iter().all(|text| text.starts_with("new"))
    }

    fn is_old(folder: &Path) -> bool {
        let texts = texts(folder);
        texts[..3].iter().all(|text| text.starts_with("old")) && texts[3].is_empty()
    }

    #[test]
    fn all_are_written_and_nothing_is_left_beside_them() {
        let folder = folder("all");
        write_together(&folder, &files(&folder)).expect("it can be written");
        assert!(is_new(&folder));
        assert_eq!(
            names(&folder),
            ["a.toml", "b.toml", "c.toml", "new.csv", "sub"]
        );
        assert!(!finish_interrupted(&folder).expect("nothing to do"));
        fs::remove_dir_all(folder).expect("it goes");
    }

    /// Wherever one cannot be written, none is.
    #[test]
    fn one_that_cannot_be_written_leaves_all_as_they_were() {
        for bad in 0..4 {
            let folder = folder(&format!("bad{bad}"));
            let mut files = files(&folder);
            let path = folder.join("taken");
            fs::create_dir(&path).expect("a folder where a file should be");
            files[bad].0 = path.clone();
            write_together(&folder, &files).expect_err("a folder is no file");
            fs::remove_dir(path).expect("it is empty");
            assert!(is_old(&folder), "{bad}: {:?}", texts(&folder));
            assert_eq!(names(&folder), ["a.toml", "b.toml", "c.toml", "sub"]);
            fs::remove_dir_all(folder).expect("it goes");
        }
    }

    /// A kill after any number of renames is made good by the next command.
    #[test]
    fn a_kill_between_two_renames_is_made_good() {
        for renamed in 0..=4 {
            let folder = folder(&format!("kill{renamed}"));
            let files = files(&folder);
            let mut staged = Vec::new();
            for (path, bytes) in &files {
                stage(path, bytes, &mut staged).expect("it can be written");
            }
            assert!(is_old(&folder));
            write_list(&folder.join(LIST), &folder, &files, &staged).expect("a list");
            for file in &staged[..renamed] {
                fs::rename(&file.new, &file.target).expect("a rename");
            }
            assert!(finish_interrupted(&folder).expect("it can go on"));
            assert!(is_new(&folder), "{renamed}: {:?}", texts(&folder));
            assert!(!names(&folder).iter().any(|name| name.starts_with('.')));
            fs::remove_dir_all(folder).expect("it goes");
        }
    }

    #[test]
    fn a_kill_while_old_contents_are_removed_is_made_good() {
        let folder = folder("removed");
        write_together(&folder, &files(&folder)).expect("written");
        let hashes = files(&folder).into_iter().map(|(path, bytes)| {
            let name = path.strip_prefix(&folder).expect("inside").to_path_buf();
            format!("{} {}\n", sha256(&bytes), name.display())
        });
        let list: String = hashes.collect();
        fs::write(folder.join(LIST), format!("{FIRST}\n{list}")).expect("a list");
        fs::write(folder.join(".a.toml.before"), "old a.toml").expect("a file");
        assert!(finish_interrupted(&folder).expect("finished"));
        assert!(is_new(&folder));
        assert!(names(&folder).iter().all(|name| !name.starts_with('.')));
        assert!(!finish_interrupted(&folder).expect("nothing to do"));
        let _ = fs::remove_dir_all(&folder);
    }

    #[test]
    fn a_list_names_nothing_outside_its_folder() {
        let folder = folder("outside");
        for name in ["../x", "/etc/x", "sub/../../x", ""] {
            let text = format!("{FIRST}\n{} {name}\n", sha256(b"x"));
            fs::write(folder.join(LIST), text).expect("a list");
            finish_interrupted(&folder).expect_err("it is refused");
        }
        fs::remove_dir_all(folder).expect("it goes");
    }

    #[cfg(unix)]
    #[test]
    fn permissions_and_links_stay() {
        use std::os::unix::fs::{PermissionsExt as _, symlink};
        let folder = folder("links");
        let mode = |name: &str| {
            let known = fs::metadata(folder.join(name)).expect("a file");
            known.permissions().mode() & 0o777
        };
        fs::set_permissions(folder.join("a.toml"), fs::Permissions::from_mode(0o600))
            .expect("its own file");
        let elsewhere = folder.with_extension("elsewhere");
        fs::rename(folder.join("b.toml"), &elsewhere).expect("a rename");
        symlink(&elsewhere, folder.join("b.toml")).expect("a link");
        write_together(&folder, &files(&folder)).expect("it can be written");
        assert_eq!(mode("a.toml"), 0o600);
        let link = fs::symlink_metadata(folder.join("b.toml")).expect("a link");
        assert!(link.file_type().is_symlink());
        assert!(is_new(&folder));
        // What must not be written is not.
        fs::set_permissions(folder.join("a.toml"), fs::Permissions::from_mode(0o400))
            .expect("its own file");
        let again = files(&folder)
            .into_iter()
            .map(|(path, _)| (path, b"again".to_vec()));
        let again: Vec<_> = again.collect();
        write_together(&folder, &again).expect_err("it is read-only");
        assert!(is_new(&folder));
        fs::remove_file(elsewhere).expect("it goes");
        fs::remove_dir_all(folder).expect("it goes");
    }
}
