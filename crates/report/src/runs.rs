//! What is in a folder of results: every finished run, where it is, which command wrote it from what, how many
//! lives, when.

use std::path::Path;

use gutbrain::files::Files as _;
use gutbrain::report::brief::{Align, Brief, heading};
use gutbrain_store::{Disk, OutputError, SavedRun};

/// The file that makes a folder a run.
const MANIFEST: &str = "manifest.json";

/// The finished runs of a folder and those below it.
#[derive(Debug, Default)]
pub struct Runs {
    /// Those that could be read, by path.
    pub finished: Vec<SavedRun>,
    /// Why others could not.
    pub unreadable: Vec<OutputError>,
}

/// Finds every finished run; what interrupted commands left is found by `gutbrain_store::clean`.
///
/// # Errors
/// The folder cannot be listed.
pub fn runs(folder: &Path) -> Result<Runs, OutputError> {
    let listed = Disk.list(folder);
    let files = listed.map_err(|error| OutputError::io("list the folder", folder, error))?;
    let mut found = Runs::default();
    for file in &files {
        let (true, Some(run)) = (file.ends_with(MANIFEST), file.parent()) else {
            continue;
        };
        if is_hidden(run, folder) {
            continue;
        }
        match SavedRun::open(run) {
            Ok(saved) => found.finished.push(saved),
            Err(error) => found.unreadable.push(error),
        }
    }
    Ok(found)
}

impl Runs {
    /// One run a row, with its path below `folder`.
    #[must_use]
    pub fn brief(&self, folder: &Path) -> Brief {
        let mut brief = Brief::default();
        if self.finished.is_empty() {
            brief.line("there are no runs");
            return brief;
        }
        let words = ["folder", "command", "lives", "seed", "changed", "written"];
        let mut rows = vec![heading(words)];
        rows.extend(self.finished.iter().map(|saved| row(saved, folder)));
        let (left, right) = (Align::Left, Align::Right);
        brief.table(rows, &[left, left, right, right, left, left]);
        brief
    }
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
