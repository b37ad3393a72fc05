//! `gutbrain model explain`: why a species changes, process by process.

use std::path::PathBuf;

use clap::ValueHint;

use super::Ending;
use super::failure::Failure;
use super::options::ScenarioOptions;
use super::usage::Usage;
use gutbrain::report::brief::explanations;
use gutbrain_terminal::Terminal;

/// Options of `model explain`.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// Scenario file
    #[arg(value_name = "SCENARIO", value_hint = ValueHint::FilePath)]
    scenario: PathBuf,
    /// The species to explain
    #[arg(long, value_name = "NAME")]
    species: String,
    /// The age at which, such as "60 d"
    #[arg(long, value_name = "AGE")]
    at: String,
    /// One explanation for each arm, or only for those of --arm
    #[command(flatten)]
    changes: ScenarioOptions,
}

/// Prints the shares for every arm.
pub(super) fn explain(options: &Options, terminal: &Terminal) -> Result<Ending, Failure> {
    let loaded = options.changes.load(&options.scenario)?;
    let (model, scenario) = (&loaded.model, &loaded.scenario);
    let all = explanations(model, scenario, &options.species, &options.at);
    let all = all.map_err(Usage::from)?;
    terminal.print_brief(&all)?;
    Ok(Ending::Done)
}
