//! Lists the files of `model/`, `human/`, `calibration/` and `validation/` for embedding, sorted by name.
#![expect(
    clippy::disallowed_methods,
    reason = "build scripts read and write files"
)]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    embed("model", "toml", "BUILTIN_FILES", "builtin_model.rs")?;
    embed("human", "toml", "HUMAN_FILES", "human_model.rs")?;
    embed(
        "model/posterior",
        "csv",
        "BUILTIN_POSTERIORS",
        "builtin_posteriors.rs",
    )?;
    embed(
        "calibration",
        "toml",
        "BUILTIN_CALIBRATIONS",
        "builtin_calibrations.rs",
    )?;
    embed(
        "validation",
        "toml",
        "BUILTIN_VALIDATION",
        "builtin_validation.rs",
    )
}

/// Writes the list of the files of a folder with this ending: name and text.
fn embed(folder: &str, ending: &str, constant: &str, target: &str) -> io::Result<()> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let mut files = Vec::new();
    find_files(&root.join(folder), ending, &mut files)?;
    files.sort();
    let mut list = format!("/// The files of the folder `{folder}`: name and text.\n");
    let _ = writeln!(list, "const {constant}: &[(&str, &str)] = &[");
    for path in &files {
        let parts = path.strip_prefix(&root).unwrap_or(path).components();
        let parts: Vec<String> = parts
            .map(|part| part.as_os_str().to_string_lossy().into_owned())
            .collect();
        let _ = writeln!(list, "    ({:?}, include_str!({path:?})),", parts.join("/"));
    }
    list.push_str("];\n");
    let target = Path::new(&env::var_os("OUT_DIR").unwrap_or_default()).join(target);
    fs::write(target, list)
}

fn find_files(folder: &Path, ending: &str, found: &mut Vec<PathBuf>) -> io::Result<()> {
    // Cargo runs this again when a file or folder below changes.
    println!("cargo::rerun-if-changed={}", folder.display());
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            find_files(&path, ending, found)?;
        } else if path
            .extension()
            .is_some_and(|extension| extension == ending)
        {
            println!("cargo::rerun-if-changed={}", path.display());
            found.push(path);
        }
    }
    Ok(())
}
