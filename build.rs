//! Lists the files of `model/` for embedding, sorted by name.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let mut files = Vec::new();
    find_files(&root.join("model"), &mut files)?;
    files.sort();
    let mut list = String::from("/// The files of the built-in model: name and text.\n");
    list.push_str("const BUILTIN_FILES: &[(&str, &str)] = &[\n");
    for path in &files {
        let parts = path.strip_prefix(&root).unwrap_or(path).components();
        let parts: Vec<String> = parts
            .map(|part| part.as_os_str().to_string_lossy().into_owned())
            .collect();
        let _ = writeln!(list, "    ({:?}, include_str!({path:?})),", parts.join("/"));
    }
    list.push_str("];\n");
    let target = Path::new(&env::var_os("OUT_DIR").unwrap_or_default()).join("builtin_model.rs");
    #[expect(
        clippy::disallowed_methods,
        reason = "build scripts write what they generate"
    )]
    fs::write(target, list)
}

fn find_files(folder: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
    // Cargo runs this again when a file or folder below changes.
    println!("cargo::rerun-if-changed={}", folder.display());
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            find_files(&path, found)?;
        } else if path
            .extension()
            .is_some_and(|extension| extension == "toml")
        {
            println!("cargo::rerun-if-changed={}", path.display());
            found.push(path);
        }
    }
    Ok(())
}
