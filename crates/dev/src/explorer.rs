//! The page of the explorer: builds the module for browsers and puts it into one HTML file.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs, io};

use gutbrain_explorer::page::{Answers, page};

/// What the module is compiled for.
const TARGET: &str = "wasm32-unknown-unknown";

/// Options of `explorer`.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Where the page is written [default: target/explorer/explorer.html]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Why there is no page.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ExplorerError {
    /// The module cannot be compiled.
    #[error(
        "the module could not be built\n{0}\n  help: `rustup target add {TARGET}` brings the standard \
         library of browsers"
    )]
    Build(String),
    /// The file system refused.
    #[error("{0}")]
    Io(#[from] io::Error),
}

/// Makes the module and the page; the report says where they are.
#[expect(
    clippy::disallowed_methods,
    reason = "writes below target, never a result"
)]
pub(crate) fn explorer(options: &Options) -> Result<String, ExplorerError> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let words = format!(
        "build --quiet --locked --package gutbrain-wasm --profile module --target {TARGET}"
    );
    let built = Command::new(cargo)
        .args(words.split(' '))
        .current_dir(&root)
        // Lanes of two numbers: every browser since 2023 has them, and they change no bit.
        .env("RUSTFLAGS", "-C target-feature=+simd128")
        .stderr(Stdio::piped())
        .output()?;
    if !built.status.success() {
        let said = String::from_utf8_lossy(&built.stderr).into_owned();
        return Err(ExplorerError::Build(said));
    }
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let module = fs::read(target.join(TARGET).join("module/gutbrain_wasm.wasm"))?;
    let folder = target.join("explorer");
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("gutbrain.wasm"), &module)?;
    let html = page(Answers::Module(&module));
    let path = options
        .output
        .clone()
        .unwrap_or_else(|| folder.join("explorer.html"));
    fs::write(&path, &html)?;
    Ok(format!(
        "  module {:.2} MB, page {:.2} MB: {}\n",
        megabytes(module.len()),
        megabytes(html.len()),
        path.display()
    ))
}

#[expect(clippy::cast_precision_loss, reason = "sizes of files are small")]
fn megabytes(bytes: usize) -> f64 {
    bytes as f64 / 1e6
}
