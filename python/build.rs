//! Lists the files of `scenarios/` and `calibration/` for embedding, sorted by name, so that they can be
//! run by name from an installed package.
#![expect(
    clippy::disallowed_methods,
    reason = "build scripts read and write files"
)]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let here = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let root = here.parent().unwrap_or(&here);
    let mut files = Vec::new();
    for folder in ["calibration", "scenarios"] {
        find_files(&root.join(folder), &mut files)?;
    }
    files.sort();
    let mut list =
        String::from("/// The shipped files: path with `/` between its parts, and text.\n");
    let _ = writeln!(list, "pub(crate) const SHIPPED: &[(&str, &str)] = &[");
    for path in &files {
        let parts = path.strip_prefix(root).unwrap_or(path).components();
        let parts: Vec<String> = parts
            .map(|part| part.as_os_str().to_string_lossy().into_owned())
            .collect();
        let _ = writeln!(list, "    ({:?}, include_str!({path:?})),", parts.join("/"));
    }
    list.push_str("];\n");
    let target = Path::new(&env::var_os("OUT_DIR").unwrap_or_default()).join("shipped.rs");
    #[expect(
        clippy::disallowed_methods,
        reason = "build scripts write what they generate"
    )]
    fs::write(target, list)
}

fn find_files(folder: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
    println!("cargo::rerun-if-changed={}", folder.display());
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            find_files(&path, found)?;
        } else if path.extension().is_some_and(|ending| ending == "toml") {
            println!("cargo::rerun-if-changed={}", path.display());
            found.push(path);
        }
    }
    Ok(())
}
