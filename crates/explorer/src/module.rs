//! The module that a page without a server needs: found beside the program, or named.

use std::io;
use std::path::{Path, PathBuf};

use gutbrain::files::Files;

/// Why there is no module.
#[derive(Debug, thiserror::Error)]
pub enum ModuleError {
    /// None is named, and none is beside the program.
    #[error("the page needs a module `gutbrain.wasm`, and there is none beside the program")]
    Nowhere,
    /// It cannot be read.
    #[error("cannot read `{}`: {cause}", path.display())]
    Unread {
        /// Where it should be.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// It is something else.
    #[error("`{}` is no WebAssembly module", .0.display())]
    Another(PathBuf),
}

/// The bytes of the module: of the file that is named, or of the first that is there.
///
/// # Errors
/// See [`ModuleError`].
pub fn module(files: &dyn Files, named: Option<&Path>) -> Result<Vec<u8>, ModuleError> {
    let named = named.map(Path::to_path_buf);
    let path = named.or_else(beside_the_program);
    let path = path.ok_or(ModuleError::Nowhere)?;
    match files.read(&path) {
        Ok(bytes) if bytes.starts_with(b"\0asm") => Ok(bytes),
        Ok(_) => Err(ModuleError::Another(path)),
        Err(cause) => Err(ModuleError::Unread { path, cause }),
    }
}

fn beside_the_program() -> Option<PathBuf> {
    let program = std::env::current_exe().ok()?;
    let folder = program.parent()?;
    let candidates = [
        folder.join("gutbrain.wasm"),
        folder.join("../explorer/gutbrain.wasm"),
    ];
    candidates.into_iter().find(|path| path.is_file())
}
