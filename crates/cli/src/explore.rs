//! `gutbrain explore`: the model in a browser, served on this computer or written as one file.

use std::num::NonZeroU16;
use std::path::{Path, PathBuf};

use clap::ValueHint;
use gutbrain_explorer::page::{Answers, page};

use super::Ending;
use super::explore_server::Server;
use super::failure::Failure;
use super::options::WritingOptions;
use super::terminal::Terminal;
use super::threads::Threads;

/// Options of `explore`.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// Write the page as one file that needs no program and no network, instead of serving it
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    output: Option<PathBuf>,
    /// The module of that page [default: gutbrain.wasm beside the program, or what `cargo dev explorer` made]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, requires = "output")]
    module: Option<PathBuf>,
    /// Port of 127.0.0.1 that the page is served on [default: a free one]
    #[arg(long, value_name = "N", conflicts_with = "output")]
    port: Option<NonZeroU16>,
    #[command(flatten)]
    writing: WritingOptions,
}

/// Serves the page until the program is stopped, or writes it.
pub(super) fn explore(options: &Options, terminal: &Terminal) -> Result<Ending, Failure> {
    if let Some(path) = &options.output {
        let module = module(options.module.as_deref())?;
        let html = page(Answers::Module(&module));
        options.writing.write_file(path, html.as_bytes())?;
        return Ok(Ending::Done);
    }
    let threads = Threads::one_for_each_processor()?;
    let server = Server::open(options.port.map_or(0, NonZeroU16::get))
        .map_err(|error| Failure::Usage(format!("cannot serve on 127.0.0.1: {error}")))?;
    terminal.print(&format!("{}\n", server.address()))?;
    terminal.remark("open this address in a browser of this computer; Ctrl-C ends it");
    threads.install(|| server.serve());
    Ok(Ending::Done)
}

/// The bytes of the module: the file that was named, or the first that is there.
fn module(named: Option<&Path>) -> Result<Vec<u8>, Failure> {
    let help =
        "`cargo dev explorer` in a checkout makes one; `gutbrain explore` without -o needs none";
    let found = match named {
        Some(path) => path.to_path_buf(),
        None => beside_the_program().ok_or_else(|| {
            let why =
                "the page needs a module `gutbrain.wasm`, and there is none beside the program";
            Failure::Usage(format!("{why}\n  help: {help}"))
        })?,
    };
    let bytes = std::fs::read(&found).map_err(|error| {
        Failure::Usage(format!(
            "cannot read `{}`: {error}\n  help: {help}",
            found.display()
        ))
    })?;
    if !bytes.starts_with(b"\0asm") {
        let path = found.display();
        return Err(Failure::Usage(format!(
            "`{path}` is no WebAssembly module\n  help: {help}"
        )));
    }
    Ok(bytes)
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
