//! `gutbrain clean`: what interrupted commands left behind.

use std::path::PathBuf;

use clap::ValueHint;
use gutbrain_report::left_behind;

use super::Ending;
use super::failure::Failure;
use super::options::folder_of_runs;
use gutbrain_terminal::Terminal;

/// Options of `clean`.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// Look in this folder and those below it [default: outputs]
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    folder: Option<PathBuf>,
    /// Remove what is found, but for what is being written and what no run wrote
    #[arg(long)]
    remove: bool,
}

/// Lists what was left, and removes it on request.
pub(super) fn clean(options: &Options, terminal: &Terminal) -> Result<Ending, Failure> {
    let folder = folder_of_runs(options.folder.as_deref())?;
    let found = gutbrain_store::clean(folder, options.remove)?;
    if found.is_empty() {
        terminal.print_summary("  nothing was left behind\n")?;
        return Ok(Ending::Done);
    }
    terminal.print_brief(&left_behind(&found))?;
    let refusals: Vec<&String> = found.iter().filter_map(|it| it.refusal.as_ref()).collect();
    for refusal in &refusals {
        terminal.warn(refusal);
    }
    if !options.remove {
        terminal.remark("nothing was removed: --remove does that");
    }
    if options.remove && !refusals.is_empty() {
        return Ok(Ending::NotAsExpected);
    }
    Ok(Ending::Done)
}
