//! `gutbrain runs`: what is in a folder of results.

use std::path::{Path, PathBuf};

use clap::ValueHint;
use gutbrain::files::Files as _;
use gutbrain_store::{Disk, SavedRun};

use super::Ending;
use super::failure::Failure;
use super::layout::{Align, columns};
use super::terminal::Terminal;

/// Where runs go without `--output`.
const DEFAULT: &str = "outputs";
/// The file that makes a folder a run.
const MANIFEST: &str = "manifest.json";

/// Options of `runs`.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// Look in this folder and those below it [default: outputs]
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    folder: Option<PathBuf>,
}

/// Lists every finished run: where it is, which command wrote it from what, how many lives, when.
pub(super) fn runs(options: &Options, terminal: &Terminal) -> Result<Ending, Failure> {
    let folder = options.folder.as_deref().unwrap_or(Path::new(DEFAULT));
    if options.folder.is_some() && !folder.is_dir() {
        let folder = folder.display();
        return Err(Failure::Usage(format!("`{folder}` is no folder")));
    }
    let files = match folder.is_dir() {
        true => Disk.list(folder)?,
        false => Vec::new(),
    };
    let mut rows = vec![
        ["folder", "command", "lives", "seed", "changed", "written"]
            .map(str::to_owned)
            .to_vec(),
    ];
    let mut unreadable = Vec::new();
    for file in &files {
        let (true, Some(run)) = (file.ends_with(MANIFEST), file.parent()) else {
            continue;
        };
        // What an interrupted command left is a matter of `clean`.
        if is_hidden(run, folder) {
            continue;
        }
        match SavedRun::open(run) {
            Ok(saved) => rows.push(row(&saved, folder)),
            Err(error) => unreadable.push(error.to_string()),
        }
    }
    if rows.len() == 1 {
        terminal.print_summary("  there are no runs\n")?;
    } else {
        let align = [
            Align::Left,
            Align::Left,
            Align::Right,
            Align::Right,
            Align::Left,
            Align::Left,
        ];
        terminal.print(&columns(&rows, &align, terminal))?;
    }
    for error in unreadable {
        terminal.warn(&error);
    }
    Ok(Ending::Done)
}

fn is_hidden(run: &Path, folder: &Path) -> bool {
    let below = run.strip_prefix(folder).unwrap_or(run);
    let mut parts = below.components();
    parts.any(|part| part.as_os_str().to_string_lossy().starts_with('.'))
}

fn row(saved: &SavedRun, folder: &Path) -> Vec<String> {
    let manifest = saved.manifest();
    let below = saved.folder().strip_prefix(folder);
    let name = below.unwrap_or(saved.folder()).display().to_string();
    let lives = match manifest.runs.failed {
        0 => manifest.runs.ok.to_string(),
        failed => format!("{} of {}", manifest.runs.ok, manifest.runs.ok + failed),
    };
    let written = manifest.circumstances.get("written");
    vec![
        if name.is_empty() {
            ".".to_owned()
        } else {
            name
        },
        format!(
            "{} {}",
            manifest.identity.command, manifest.identity.scenario
        ),
        lives,
        manifest.seed.to_string(),
        manifest.changes.join(" "),
        written.cloned().unwrap_or_default(),
    ]
}
