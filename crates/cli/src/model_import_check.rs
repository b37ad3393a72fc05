//! `gutbrain model import-check`: what a colleague changed in an export, to be brought home by hand.

use std::path::PathBuf;

use clap::ValueHint;

use super::Ending;
use super::failure::Failure;
use super::options::ScenarioOptions;
use super::usage::Usage;
use gutbrain::scenario::read_text;
use gutbrain_exchange::{compare, first_arm, sbml};
use gutbrain_terminal::Terminal;

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
    let named = options.scenario.as_deref();
    let (model, scenario) = options.changes.scenario_or_untreated(named)?;
    let content = first_arm(&model, &scenario)?;
    let found = compare(&sbml(&content), &returned.text);
    let found = found.map_err(|cause| Usage::NotComparable {
        file: options.file.clone(),
        cause,
    })?;
    terminal.print_brief(&found.brief(&content))?;
    Ok(if found.changed.is_empty() {
        Ending::Done
    } else {
        Ending::NotAsExpected
    })
}
