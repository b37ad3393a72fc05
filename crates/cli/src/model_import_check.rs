//! `gutbrain model import-check`: what a colleague changed in an export, to be brought home by hand.

use std::path::PathBuf;

use clap::ValueHint;
use gutbrain_network::fault::escape;

use super::Ending;
use super::failure::Failure;
use super::model_export::{content_of, read_scenario};
use super::options::ScenarioOptions;
use super::terminal::{Terminal, Tone};
use gutbrain::scenario::read_text;
use gutbrain_exchange::{compare, sbml};

/// Options of `model import-check`.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// The SBML file that came back
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    file: PathBuf,
    /// The scenario that was exported (default: as for `model export`)
    #[arg(long, value_name = "SCENARIO", value_hint = ValueHint::FilePath)]
    scenario: Option<PathBuf>,
    /// The same options as for the export
    #[command(flatten)]
    changes: ScenarioOptions,
}

/// Prints the differences.
pub(super) fn check(options: &Options, terminal: &Terminal) -> Result<Ending, Failure> {
    let returned = read_text(&options.file)?;
    let model = options.changes.model.load()?;
    let scenario = read_scenario(options.scenario.as_deref(), &options.changes, &model)?;
    let arm = scenario.arms.first().map(|arm| arm.name.clone());
    let content = content_of(&model, &scenario, &arm.unwrap_or_default())?;
    let found = compare(&sbml(&content), &returned.text).map_err(|cause| {
        let file = options.file.display();
        Failure::Usage(format!("`{file}` cannot be compared: {cause}"))
    })?;
    let mut out = String::new();
    for difference in &found.changed {
        let origin = content.origin(&difference.id).unwrap_or_default();
        // Each difference is one line, whatever an id or a note holds.
        let id = terminal.tone(Tone::Strong, &escape(&difference.id));
        out.push_str(&format!("{id}: {}", escape(&difference.what)));
        if !origin.is_empty() {
            out.push_str(&format!("   [{}]", escape(origin)));
        }
        out.push('\n');
    }
    if found.changed.is_empty() {
        out.push_str("nothing was changed\n");
    }
    if !found.harmless.is_empty() {
        let harmless = format!("harmless: {}", found.harmless.join("; "));
        out.push_str(&format!("{}\n", terminal.tone(Tone::Faint, &harmless)));
    }
    terminal.print(&out)?;
    Ok(if found.changed.is_empty() {
        Ending::Done
    } else {
        Ending::NotAsExpected
    })
}
