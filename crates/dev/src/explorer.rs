//! The page of the explorer: builds the module for browsers, and has the program put it into one HTML file.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs, io};

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
    /// A command did not end well.
    #[error("`{words}` ended with {status}\n{said}{help}")]
    Command {
        words: String,
        status: std::process::ExitStatus,
        said: String,
        help: &'static str,
    },
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
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut module = Command::new(&cargo);
    module
        .args("build --quiet --locked --package gutbrain-wasm --profile module".split(' '))
        .args(["--target", TARGET])
        .current_dir(&root)
        // Lanes of two numbers: every browser since 2023 has them, and they change no bit.
        .env("RUSTFLAGS", "-C target-feature=+simd128");
    let help = "  help: `rustup target add wasm32-unknown-unknown` brings the standard library of browsers";
    carry_out(&mut module, help)?;
    let folder = target.join("explorer");
    fs::create_dir_all(&folder)?;
    let bytes = folder.join("gutbrain.wasm");
    fs::copy(
        target.join(TARGET).join("module/gutbrain_wasm.wasm"),
        &bytes,
    )?;

    let mut program = Command::new(&cargo);
    program
        .args("build --quiet --locked --release --package gutbrain-cli".split(' '))
        .current_dir(&root);
    carry_out(&mut program, "")?;
    let path = options
        .output
        .clone()
        .unwrap_or_else(|| folder.join("explorer.html"));
    let mut page = Command::new(target.join("release/gutbrain"));
    page.args(["explore", "--force", "--module"])
        .arg(&bytes)
        .arg("--output")
        .arg(&path);
    carry_out(&mut page, "")?;
    Ok(format!(
        "  module {:.2} MB, page {:.2} MB: {}\n",
        megabytes(&bytes)?,
        megabytes(&path)?,
        path.display()
    ))
}

/// Runs a command to its end.
fn carry_out(command: &mut Command, help: &'static str) -> Result<(), ExplorerError> {
    let done = command.stderr(Stdio::piped()).output()?;
    if done.status.success() {
        return Ok(());
    }
    let words = command.get_args().map(|word| word.to_string_lossy());
    Err(ExplorerError::Command {
        words: words.collect::<Vec<_>>().join(" "),
        status: done.status,
        said: String::from_utf8_lossy(&done.stderr).into_owned(),
        help,
    })
}

#[expect(clippy::cast_precision_loss, reason = "sizes of files are small")]
fn megabytes(path: &Path) -> io::Result<f64> {
    Ok(fs::metadata(path)?.len() as f64 / 1e6)
}
