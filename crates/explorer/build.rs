//! Lists the shipped scenarios for embedding, sorted by name: the presets of the page.
#![expect(
    clippy::disallowed_methods,
    reason = "build scripts read and write files"
)]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let here = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let root = here.join("../..");
    let mut list = String::from(
        "/// The shipped scenarios: path with `/` between its parts, and text.\n\
         pub(crate) const SHIPPED: &[(&str, &str)] = &[\n",
    );
    for folder in ["scenarios", "scenarios/base"] {
        let folder_path = root.join(folder);
        println!("cargo::rerun-if-changed={}", folder_path.display());
        let mut files: Vec<PathBuf> = Vec::new();
        for entry in fs::read_dir(&folder_path)? {
            let path = entry?.path();
            if path.extension().is_some_and(|ending| ending == "toml") {
                println!("cargo::rerun-if-changed={}", path.display());
                files.push(path);
            }
        }
        files.sort();
        for path in &files {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let name = format!("{folder}/{name}");
            let _ = writeln!(list, "    ({name:?}, include_str!({path:?})),");
        }
    }
    list.push_str("];\n");
    let target = Path::new(&env::var_os("OUT_DIR").unwrap_or_default()).join("shipped.rs");
    fs::write(target, list)
}
