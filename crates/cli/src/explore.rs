//! `gutbrain explore`: the model in a browser, served on this computer or written as one file.

use std::num::NonZeroU16;
use std::path::PathBuf;

use clap::ValueHint;
use gutbrain::files::Disk;
use gutbrain_explorer::module::module;
use gutbrain_explorer::page::{Answers, page};
use gutbrain_explorer::server::Server;

use super::Ending;
use super::failure::Failure;
use super::options::WritingOptions;
use super::threads::Threads;
use super::usage::Usage;
use gutbrain_terminal::Terminal;

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
        let module = module(&Disk, options.module.as_deref()).map_err(Usage::from)?;
        let html = page(Answers::Module(&module));
        options.writing.write_file(path, html.as_bytes())?;
        return Ok(Ending::Done);
    }
    let threads = Threads::one_for_each_processor()?;
    let port = options.port.map_or(0, NonZeroU16::get);
    let server = Server::open(port).map_err(Usage::NoServer)?;
    terminal.print(&format!("{}\n", server.address()))?;
    terminal.remark("open this address in a browser of this computer; Ctrl-C ends it");
    threads.install(|| server.serve());
    Ok(Ending::Done)
}
