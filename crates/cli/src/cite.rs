//! `gutbrain cite SCENARIO`: the references behind every active mechanism, those that its numbers are fitted
//! to, and those of the numerical methods.

use std::path::PathBuf;

use clap::ValueHint;

use super::Ending;
use super::failure::Failure;
use super::options::ScenarioOptions;
use gutbrain::report::brief::citations;
use gutbrain::scenario::read_text;
use gutbrain_terminal::Terminal;

/// Options of `cite`.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// Scenario file
    #[arg(value_name = "SCENARIO", value_hint = ValueHint::FilePath)]
    scenario: PathBuf,
    /// Print BibTeX instead (evidence only)
    #[arg(long)]
    bibtex: bool,
    /// The calibration that fitted the model's numbers (default: that of the built-in model)
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    calibration: Option<PathBuf>,
    #[command(flatten)]
    changes: ScenarioOptions,
}

/// Prints the references.
pub(super) fn cite(options: &Options, terminal: &Terminal) -> Result<Ending, Failure> {
    let loaded = options.changes.load(&options.scenario)?;
    let declaration = &loaded.model.declaration;
    let files = match &options.calibration {
        Some(path) => vec![read_text(path)?],
        None => loaded.model.calibrations.clone(),
    };
    let found = citations(declaration, &loaded.scenario, &files)?;
    match options.bibtex {
        true => terminal.print(&found.bibtex())?,
        false => terminal.print_brief(&found.brief())?,
    }
    Ok(Ending::Done)
}
