//! Where a run goes: the folder, those above it, its hidden siblings, and whether what stands there may be
//! replaced.
#![expect(clippy::disallowed_methods, reason = "part of the only writer")]

use std::env;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::manifest::{FILE_NAME, Identity, Manifest};
use super::ownership::{Entry, Ours, entries};
use super::{OutputError, Replace};

/// Nobody else begins or ends a run in the same parent folder while this lives.
#[derive(Debug)]
pub(super) struct Turn(Option<File>);

impl Turn {
    /// Waits for it; where there are no locks, there is nothing to wait for.
    pub(super) fn wait(target: &Path) -> Self {
        let parent = target.parent().and_then(|parent| File::open(parent).ok());
        Self(parent.filter(|parent| parent.lock().is_ok()))
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(parent) = &self.0 {
            let _ = parent.unlock();
        }
    }
}

/// Creates the folders above a run. Returns its parent, and those above in which a name has appeared.
pub(super) fn create_above(target: &Path) -> Result<Vec<PathBuf>, OutputError> {
    let parent = target.parent().unwrap_or(Path::new("."));
    let mut above = Vec::new();
    for folder in parent.ancestors() {
        above.push(folder.to_path_buf());
        if folder.is_dir() {
            break;
        }
    }
    fs::create_dir_all(parent)
        .map_err(|error| OutputError::io("create the folder", parent, error))?;
    Ok(above)
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
    let home = env::home_dir().and_then(|home| fs::canonicalize(home).ok());
    if home.is_some_and(|home| home.starts_with(&path)) {
        return protected("is your home folder or lies above it");
    }
    Ok(path)
}

/// Refuses a folder that holds what is read: a scenario, what it extends, a model, a run.
///
/// # Errors
/// [`OutputError::Protected`].
pub fn keep_apart(target: &Path, inputs: &[PathBuf]) -> Result<(), OutputError> {
    let target = resolve(target)?;
    let inputs = inputs
        .iter()
        .filter_map(|input| fs::canonicalize(input).ok());
    for input in inputs {
        if input.starts_with(&target) {
            return Err(OutputError::Protected {
                path: target,
                why: "holds what this command reads",
            });
        }
    }
    Ok(())
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

/// Refuses to replace what is not an earlier run, or one of another identity. `folder` is where it stands,
/// `shown` what it is called in messages.
pub(super) fn check_replaceable(
    folder: &Path,
    shown: &Path,
    identity: &Identity,
    replace: Replace,
) -> Result<(), OutputError> {
    let metadata = match fs::symlink_metadata(folder) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(OutputError::io("read", shown, error)),
    };
    if !metadata.is_dir() {
        let error = io::Error::from(io::ErrorKind::NotADirectory);
        return Err(OutputError::io("use the folder", shown, error));
    }
    let found = entries(folder).map_err(|error| OutputError::io("read", shown, error))?;
    let foreign = |found: String| OutputError::Foreign {
        path: shown.to_path_buf(),
        wanted: identity.clone(),
        found,
    };
    if found.is_empty() {
        return Ok(());
    }
    let manifest = match fs::read(folder.join(FILE_NAME)) {
        Ok(bytes) => Manifest::read(&bytes).map_err(foreign)?,
        Err(_) => {
            let first = found.first().map_or_else(String::new, Entry::shown);
            let found = format!("it has no {FILE_NAME}, but holds `{first}`");
            return Err(foreign(found));
        }
    };
    let manifests = [manifest];
    let ours = Ours {
        manifests: &manifests,
        is_work: false,
    };
    if let Some(entry) = ours.first_foreign(&found) {
        return Err(foreign(format!(
            "it also holds `{}`, which no run wrote",
            entry.shown()
        )));
    }
    if replace == Replace::Anything {
        return Ok(());
    }
    let [manifest] = manifests;
    if manifest.identity != *identity {
        return Err(OutputError::OtherRun {
            path: shown.to_path_buf(),
            wanted: identity.clone(),
            found: format!("it is a run of {}", manifest.identity),
        });
    }
    let is_protected = metadata.permissions().readonly() || found.iter().any(|it| it.is_read_only);
    if is_protected {
        return Err(OutputError::WriteProtected {
            path: shown.to_path_buf(),
        });
    }
    Ok(())
}
