//! `gutbrain cite SCENARIO`: the references behind every active mechanism, those that its numbers are fitted
//! to, and those of the numerical methods.

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::ValueHint;
use gutbrain_network::fault::escape;

use super::Ending;
use super::failure::Failure;
use super::options::ScenarioOptions;
use super::terminal::{Terminal, Tone};
use gutbrain::analysis::calibrate::Calibration;
use gutbrain::report::documents::{
    bibtex, numerical_references, references, rows_behind, rows_fitted_to,
};
use gutbrain::scenario::read_text;

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
    let behind = rows_behind(declaration, &loaded.scenario);
    let files = match &options.calibration {
        Some(path) => vec![read_text(path)?],
        None => loaded.model.calibrations.clone(),
    };
    let mut fitted_to: BTreeSet<&str> = BTreeSet::new();
    for file in &files {
        let calibration = Calibration::read(file, declaration)?;
        fitted_to.extend(rows_fitted_to(declaration, &loaded.scenario, &calibration));
    }
    if options.bibtex {
        let all = behind.union(&fitted_to).copied();
        terminal.print(&bibtex(&references(declaration, all)))?;
        return Ok(Ending::Done);
    }
    let mut out = String::new();
    let mut section = |title: &str, rows: &BTreeSet<&str>| {
        if rows.is_empty() {
            return;
        }
        out.push_str(&format!("{}\n", terminal.tone(Tone::Strong, title)));
        for work in references(declaration, rows.iter().copied()) {
            let rows = terminal.tone(Tone::Faint, &escape(&work.rows.join(" ")));
            out.push_str(&format!("  {}  {rows}\n", escape(&work.line())));
        }
        out.push('\n');
    };
    section("Evidence behind mechanisms and numbers", &behind);
    section("Evidence that the numbers are fitted to", &fitted_to);
    out.push_str(&format!(
        "{}\n",
        terminal.tone(Tone::Strong, "Numerical methods")
    ));
    for line in numerical_references(&loaded.scenario) {
        out.push_str(&format!("  {line}\n"));
    }
    terminal.print(&out)?;
    Ok(Ending::Done)
}
