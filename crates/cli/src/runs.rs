//! `gutbrain runs`: what is in a folder of results.

use std::path::PathBuf;

use clap::ValueHint;

use super::Ending;
use super::failure::Failure;
use super::options::folder_of_runs;
use gutbrain_report::{Runs, runs as find};
use gutbrain_terminal::Terminal;

/// Options of `runs`.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// Look in this folder and those below it [default: outputs]
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    folder: Option<PathBuf>,
}

/// Lists every finished run.
pub(super) fn runs(options: &Options, terminal: &Terminal) -> Result<Ending, Failure> {
    let folder = folder_of_runs(options.folder.as_deref())?;
    let found = match folder.is_dir() {
        true => find(folder)?,
        false => Runs::default(),
    };
    match found.finished.is_empty() {
        true => terminal.summarise(&found.brief(folder))?,
        false => terminal.print_brief(&found.brief(folder))?,
    }
    for error in &found.unreadable {
        terminal.warn(&error.to_string());
    }
    Ok(Ending::Done)
}
