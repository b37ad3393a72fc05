//! `gutbrain clean`: what interrupted commands left behind.

use std::path::{Path, PathBuf};

use clap::ValueHint;
use gutbrain_network::fault::escape;
use gutbrain_store::{leftovers, remove_left};

use super::Ending;
use super::failure::Failure;
use super::layout::{Align, columns};
use super::terminal::Terminal;

/// Where runs go without `--output`.
const DEFAULT: &str = "outputs";

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
    let folder = options.folder.as_deref().unwrap_or(Path::new(DEFAULT));
    if options.folder.is_some() && !folder.is_dir() {
        let folder = folder.display();
        return Err(Failure::Usage(format!("`{folder}` is no folder")));
    }
    let found = if folder.is_dir() {
        leftovers(folder)?
    } else {
        Vec::new()
    };
    if found.is_empty() {
        terminal.print_summary("  nothing was left behind\n")?;
        return Ok(Ending::Done);
    }
    let mut rows = Vec::new();
    let mut refusals = Vec::new();
    for left in &found {
        let outcome = match (&left.stays, options.remove) {
            (None, true) => match remove_left(left) {
                Ok(()) => "removed",
                Err(error) => {
                    refusals.push(error.to_string());
                    "stays"
                }
            },
            (None, false) => "",
            (Some(error), _) => {
                refusals.push(error.to_string());
                "stays"
            }
        };
        rows.push(vec![
            escape(&left.path.display().to_string()).into_owned(),
            left.kind.to_string(),
            size(left.bytes),
            outcome.to_owned(),
        ]);
    }
    let align = [Align::Left, Align::Left, Align::Right, Align::Left];
    terminal.print(&columns(&rows, &align, terminal))?;
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

/// Bytes in words, by thousands.
fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{} kB", bytes / 1_000),
        1_000_000..1_000_000_000 => format!("{} MB", bytes / 1_000_000),
        _ => format!("{} GB", bytes / 1_000_000_000),
    }
}
