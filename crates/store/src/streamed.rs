//! A file of a run that is written piece by piece and never held in memory.

use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;

use sha2::{Digest, Sha256};

use super::manifest::FileEntry;
use super::ownership::remove_file;
use super::{OutputError, RunFolder};

/// See the module's description.
#[derive(Debug)]
pub struct StreamedFile {
    name: String,
    path: PathBuf,
    file: BufWriter<File>,
}

impl Write for StreamedFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl RunFolder {
    /// Begins a file; it belongs to the run once [`RunFolder::end_file`] has it.
    ///
    /// # Errors
    /// [`OutputError::Io`].
    pub fn begin_file(&self, name: &str) -> Result<StreamedFile, OutputError> {
        let path = self.new_path(name)?;
        let shown = self.target.join(name);
        let failed = |error| OutputError::io("write", &shown, error);
        let mut options = OpenOptions::new();
        let options = options.read(true).write(true).create(true).truncate(true);
        Ok(StreamedFile {
            name: name.to_owned(),
            file: BufWriter::new(options.open(&path).map_err(failed)?),
            path,
        })
    }

    /// Ends a file: replaces the bytes at `patch.0` by `patch.1`, if told to, and notes its hash.
    ///
    /// # Errors
    /// [`OutputError::Io`], for instance when the disk is full.
    pub fn end_file(
        &mut self,
        file: StreamedFile,
        patch: Option<(u64, &[u8])>,
    ) -> Result<(), OutputError> {
        let StreamedFile { name, path, file } = file;
        let entry = finish(file, patch)
            .map_err(|error| OutputError::io("write", &self.target.join(&name), error));
        if entry.is_err() {
            // A file of full length that misses its end must not be met again.
            let _ = remove_file(&path);
        }
        self.manifest.files.insert(name, entry?);
        Ok(())
    }
}

fn finish(writer: BufWriter<File>, patch: Option<(u64, &[u8])>) -> io::Result<FileEntry> {
    let mut file = writer
        .into_inner()
        .map_err(io::IntoInnerError::into_error)?;
    if let Some((at, bytes)) = patch {
        file.seek(SeekFrom::Start(at))?;
        file.write_all(bytes)?;
    }
    file.seek(SeekFrom::Start(0))?;
    let (sha256, bytes) = hash(file)?;
    Ok(FileEntry { bytes, sha256 })
}

/// SHA-256 and length of what is left of a file.
pub(super) fn hash(file: File) -> io::Result<(String, u64)> {
    let mut reader = BufReader::with_capacity(1 << 16, file);
    let mut hash = Sha256::new();
    let (mut buffer, mut length) = (vec![0; 1 << 16], 0_u64);
    loop {
        let read = reader.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        hash.update(&buffer[..read]);
        length += read as u64;
    }
    let digits = hash.finalize();
    let text = digits.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok((text, length))
}
