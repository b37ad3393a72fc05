//! One file, whole or not at all: exports, pages of the manual, calibrated values.
//!
//! Only what this program wrote is replaced without being told to ([`overwrite_file`], `--force`). A link
//! stays a link: what it points to is replaced. Devices and pipes are written to, never replaced.
#![expect(clippy::disallowed_methods, reason = "part of the only writer")]

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Read as _, Write as _};
#[cfg(target_os = "linux")]
use std::os::unix::fs::FileTypeExt as _;
use std::path::{Path, PathBuf};
#[cfg(target_os = "linux")]
use std::time::Duration;

use super::ownership::{remove_file, unfinished};
use super::{Durability, OutputError};

/// What this program's own files say of themselves near their beginning.
const MARKS: [&[u8]; 3] = [
    b"Written by gutbrain",
    b".TH gutbrain",
    b"# gutbrain checkpoint",
];
/// How much of a file is searched for that.
const BEGINNING: u64 = 1 << 20;
/// How long a pipe is waited for that nobody reads from.
#[cfg(target_os = "linux")]
const LONGEST_WAIT: Duration = Duration::from_secs(3);
/// How often it is tried.
#[cfg(target_os = "linux")]
const STEP: Duration = Duration::from_millis(20);
/// Links in a row, at most.
const MOST_LINKS: usize = 40;

/// Writes `bytes` to `path`; an earlier file is replaced only if this program wrote it and it may be
/// written, or if it has the same content.
///
/// # Errors
/// [`OutputError::ForeignFile`] for a file of somebody else, [`OutputError::Io`] when a folder or the file
/// cannot be written; the earlier file is intact.
pub fn write_file(path: &Path, bytes: &[u8]) -> Result<(), OutputError> {
    write(path, bytes, true)
}

/// Writes `bytes` to `path`, whatever file it replaces; its permissions stay.
///
/// # Errors
/// [`OutputError::Io`] when a folder or the file cannot be written; the earlier file is intact.
pub fn overwrite_file(path: &Path, bytes: &[u8]) -> Result<(), OutputError> {
    write(path, bytes, false)
}

fn write(path: &Path, bytes: &[u8], only_ours: bool) -> Result<(), OutputError> {
    let failed = |error| OutputError::io("write", path, error);
    if is_stream(path).map_err(failed)? {
        return open_stream(path)
            .and_then(|mut stream| stream.write_all(bytes))
            .map_err(failed);
    }
    let place = follow(path).map_err(failed)?;
    let earlier = match fs::symlink_metadata(&place) {
        Ok(metadata) => Some(metadata),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(failed(error)),
    };
    if let Some(earlier) = &earlier {
        if !earlier.is_file() {
            return Err(failed(io::Error::from(io::ErrorKind::IsADirectory)));
        }
        if only_ours && let Some(why) = why_not(&place, earlier, bytes).map_err(failed)? {
            let path = path.to_path_buf();
            return Err(OutputError::ForeignFile { path, why });
        }
    }
    let parent = match place.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    fs::create_dir_all(parent)
        .map_err(|error| OutputError::io("create the folder", parent, error))?;
    let name = place.file_name().and_then(OsStr::to_str);
    let name = name.ok_or_else(|| failed(io::Error::from(io::ErrorKind::InvalidFilename)))?;
    let new = parent.join(unfinished(name));
    let permissions = earlier.as_ref().map(fs::Metadata::permissions);
    write_new(&new, bytes, permissions)
        .and_then(|()| {
            if earlier.is_some() {
                fs::rename(&new, &place)
            } else {
                // What has appeared meanwhile is none of ours.
                fs::hard_link(&new, &place)
                    .or_else(|error| match error.kind() {
                        io::ErrorKind::AlreadyExists => Err(error),
                        _ => fs::rename(&new, &place),
                    })
                    .and_then(|()| remove_file(&new))
            }
        })
        .and_then(|()| Durability::Synced.folder(parent))
        .map_err(|error| {
            // The file system may be too broken even for this; the first error is the one to report.
            let _ = remove_file(&new);
            failed(error)
        })
}

/// Writes the file under its name in the making; one that a kill left there is written anew.
fn write_new(path: &Path, bytes: &[u8], permissions: Option<Permissions>) -> io::Result<()> {
    remove_file(path)?;
    let mut options = OpenOptions::new();
    let mut file: File = options.write(true).create_new(true).open(path)?;
    file.write_all(bytes)?;
    if let Some(permissions) = permissions {
        file.set_permissions(permissions)?;
    }
    file.sync_all()
}

/// Whether bytes go through it to somebody: a device, a pipe, or an open file of this process.
fn is_stream(path: &Path) -> io::Result<bool> {
    let metadata = match fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error),
    };
    if !metadata.is_file() && !metadata.is_dir() {
        return Ok(true);
    }
    // `/dev/stdout` may lead to a file: it was opened by somebody who knows what is in it.
    let mut place = path.to_path_buf();
    for _ in 0..MOST_LINKS {
        let is_of_process = ["/proc", "/dev/fd"].iter().any(|it| place.starts_with(it));
        match fs::read_link(&place) {
            Ok(_) if is_of_process => return Ok(true),
            Ok(next) => place = beside(&place, &next),
            Err(_) => break,
        }
    }
    Ok(false)
}

/// Opens a device or a pipe. One that nobody reads from would be waited for without an end.
#[cfg(target_os = "linux")]
fn open_stream(path: &Path) -> io::Result<File> {
    use rustix::fs::{OFlags, fcntl_setfl};
    use std::os::unix::fs::OpenOptionsExt as _;
    if !fs::metadata(path)?.file_type().is_fifo() {
        return open_device(path);
    }
    let flags = i32::try_from(OFlags::NONBLOCK.bits()).map_err(io::Error::other)?;
    for _ in 0..LONGEST_WAIT.as_millis() / STEP.as_millis() {
        match OpenOptions::new()
            .write(true)
            .custom_flags(flags)
            .open(path)
        {
            Ok(pipe) => {
                // From here on a slow reader is waited for.
                fcntl_setfl(&pipe, OFlags::empty())?;
                return Ok(pipe);
            }
            Err(error) if error.raw_os_error() == Some(rustix::io::Errno::NXIO.raw_os_error()) => {
                std::thread::sleep(STEP);
            }
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::other("it is a pipe, and nobody reads from it"))
}

#[cfg(not(target_os = "linux"))]
fn open_stream(path: &Path) -> io::Result<File> {
    open_device(path)
}

fn open_device(path: &Path) -> io::Result<File> {
    // Some devices take no position, not even the end.
    let at_end = OpenOptions::new().append(true).open(path);
    at_end.or_else(|_| OpenOptions::new().write(true).open(path))
}

/// Where the links of a path end, be there something or not.
fn follow(path: &Path) -> io::Result<PathBuf> {
    let mut place = path.to_path_buf();
    for _ in 0..MOST_LINKS {
        match fs::read_link(&place) {
            Ok(next) => place = beside(&place, &next),
            Err(_) => return Ok(place),
        }
    }
    Err(io::Error::other("too many links"))
}

fn beside(link: &Path, next: &Path) -> PathBuf {
    link.parent()
        .map_or_else(|| next.to_path_buf(), |parent| parent.join(next))
}

/// Why a file is not replaced without being told to.
fn why_not(path: &Path, metadata: &fs::Metadata, bytes: &[u8]) -> io::Result<Option<&'static str>> {
    if metadata.permissions().readonly() {
        return Ok(Some("it is write-protected"));
    }
    let mut beginning = Vec::new();
    File::open(path)?
        .take(BEGINNING)
        .read_to_end(&mut beginning)?;
    let is_same = metadata.len() == bytes.len() as u64 && bytes.starts_with(&beginning);
    let has = |mark: &[u8]| beginning.windows(mark.len()).any(|window| window == mark);
    let is_ours = beginning.is_empty() || is_same || MARKS.into_iter().any(has);
    Ok((!is_ours).then_some("this program did not write it"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_ours_is_replaced() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("below/a.xml");
        write_file(&path, b"<!-- Written by gutbrain --> one").unwrap();
        write_file(&path, b"<!-- Written by gutbrain --> two").unwrap();
        assert!(fs::read_to_string(&path).unwrap().ends_with("two"));
        fs::write(&path, "mine").unwrap();
        let error = write_file(&path, b"three").unwrap_err();
        assert!(error.to_string().contains("--force"), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
        write_file(&path, b"mine").unwrap();
        overwrite_file(&path, b"three").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "three");
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
        write_file(root.path(), b"x").unwrap_err();
    }

    #[cfg(unix)]
    #[test]
    fn links_modes_and_protection_stay() {
        use std::os::unix::fs::{PermissionsExt as _, symlink};
        let root = tempfile::tempdir().unwrap();
        let (path, link) = (root.path().join("a"), root.path().join("link"));
        write_file(&path, b"Written by gutbrain: 1").unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
        symlink("a", &link).unwrap();
        write_file(&link, b"Written by gutbrain: 2").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read(&path).unwrap(), b"Written by gutbrain: 2");
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o640);
        fs::set_permissions(&path, Permissions::from_mode(0o440)).unwrap();
        write_file(&link, b"Written by gutbrain: 3").unwrap_err();
        overwrite_file(&link, b"Written by gutbrain: 3").unwrap();
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o440);
        // A link to nothing gets what it points to.
        symlink("b", root.path().join("new")).unwrap();
        write_file(&root.path().join("new"), b"4").unwrap();
        assert_eq!(fs::read(root.path().join("b")).unwrap(), b"4");
    }

    #[cfg(unix)]
    #[test]
    fn devices_are_written_to_and_stay_devices() {
        use std::os::unix::fs::FileTypeExt as _;
        write_file(Path::new("/dev/null"), b"x").unwrap();
        overwrite_file(Path::new("/dev/null"), b"x").unwrap();
        let kind = fs::metadata("/dev/null").unwrap().file_type();
        assert!(kind.is_char_device());
        let root = tempfile::tempdir().unwrap();
        let pipe = root.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.unwrap().success());
        let reader = {
            let pipe = pipe.clone();
            std::thread::spawn(move || fs::read(pipe).unwrap())
        };
        write_file(&pipe, b"through").unwrap();
        let fifo = fs::symlink_metadata(&pipe).unwrap();
        assert_eq!(reader.join().unwrap(), b"through");
        assert!(fifo.file_type().is_fifo());
        // Without a reader it is an error, not a wait without an end.
        let error = write_file(&pipe, b"to nobody").unwrap_err();
        assert!(error.to_string().contains("nobody reads"), "{error}");
    }
}
