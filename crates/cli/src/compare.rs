//! `gutbrain compare A B`: what differs between two finished runs.

use std::path::PathBuf;

use clap::ValueHint;
use gutbrain_store::SavedRun;

use super::Ending;
use super::failure::Failure;
use gutbrain_report::MOST;
use gutbrain_terminal::Terminal;

/// Options of `compare`.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// Folder of a run
    #[arg(value_name = "A", value_hint = ValueHint::DirPath)]
    first: PathBuf,
    /// Folder of another run
    #[arg(value_name = "B", value_hint = ValueHint::DirPath)]
    second: PathBuf,
    /// Every number that differs, not only the first ones
    #[arg(long)]
    all: bool,
}

/// Prints the differences; exit code 1 if there are any.
pub(super) fn compare(options: &Options, terminal: &Terminal) -> Result<Ending, Failure> {
    let first = SavedRun::open(&options.first)?;
    let second = SavedRun::open(&options.second)?;
    let found = gutbrain_report::compare(&first, &second)?;
    let most = if options.all { usize::MAX } else { MOST };
    if found.is_same() {
        terminal.summarise(&found.brief(most))?;
        return Ok(Ending::Done);
    }
    terminal.print_brief(&found.brief(most))?;
    Ok(Ending::NotAsExpected)
}
