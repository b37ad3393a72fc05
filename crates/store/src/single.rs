//! One file, whole or not at all: pages of documentation, calibrated values.
#![expect(clippy::disallowed_methods, reason = "part of the only writer")]

use std::fs;
use std::path::Path;

use super::OutputError;

/// Writes `bytes` to `path` through a sibling file and a rename.
///
/// # Errors
/// [`OutputError::Io`] when a folder or the file cannot be written; the earlier file is intact.
pub fn write_file(path: &Path, bytes: &[u8]) -> Result<(), OutputError> {
    if let Some(parent) = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
    {
        fs::create_dir_all(parent)
            .map_err(|error| OutputError::io("create the folder", parent, error))?;
    }
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(".partial");
    let partial = path.with_file_name(name);
    let written = fs::write(&partial, bytes).and_then(|()| fs::rename(&partial, path));
    written.map_err(|error| {
        // The file system may be too broken even for this; the first error is the one to report.
        let _ = fs::remove_file(&partial);
        OutputError::io("write", path, error)
    })
}
