//! `gutbrain cite SCENARIO`: the references behind every active mechanism and the numerical methods.

use std::path::PathBuf;

use clap::ValueHint;

use super::Ending;
use super::failure::Failure;
use super::options::ScenarioOptions;
use super::terminal::{Terminal, Tone};
use gutbrain::report::documents::{bibtex, numerical_references, references, rows_behind};

/// Options of `cite`.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// Scenario file
    #[arg(value_name = "SCENARIO", value_hint = ValueHint::FilePath)]
    scenario: PathBuf,
    /// Print BibTeX instead (evidence only)
    #[arg(long)]
    bibtex: bool,
    #[command(flatten)]
    changes: ScenarioOptions,
}

/// Prints the references.
pub(super) fn cite(options: &Options, terminal: &Terminal) -> Result<Ending, Failure> {
    let loaded = options.changes.load(&options.scenario)?;
    let rows = rows_behind(&loaded.model.declaration, &loaded.scenario);
    let works = references(&loaded.model.declaration, rows);
    if options.bibtex {
        terminal.print(&bibtex(&works))?;
        return Ok(Ending::Done);
    }
    let mut out = format!("{}\n", terminal.tone(Tone::Strong, "Evidence"));
    for work in &works {
        let rows = terminal.tone(Tone::Faint, &work.rows.join(" "));
        out.push_str(&format!("  {}  {rows}\n", work.line()));
    }
    out.push_str(&format!(
        "\n{}\n",
        terminal.tone(Tone::Strong, "Numerical methods")
    ));
    for line in numerical_references(&loaded.scenario) {
        out.push_str(&format!("  {line}\n"));
    }
    terminal.print(&out)?;
    Ok(Ending::Done)
}
