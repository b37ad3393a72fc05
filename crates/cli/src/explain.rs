//! `gutbrain model explain`: why a species changes, process by process.

use std::path::PathBuf;

use clap::ValueHint;
use gutbrain_network::unit::{Unit, parse_quantity};

use super::Ending;
use super::failure::Failure;
use super::options::ScenarioOptions;
use super::usage::Usage;
use gutbrain::report::brief::{Brief, check_species, explanation};
use gutbrain::simulate;
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
    let declaration = &loaded.model.declaration;
    let age = parse_quantity(&options.at, &declaration.units)
        .and_then(|quantity| quantity.in_unit(&Unit::day()))
        .map_err(|cause| Usage::NoAge {
            text: options.at.clone(),
            cause,
        })?;
    check_species(declaration, &options.species).map_err(Usage::from)?;
    let mut all = Brief::default();
    for arm in &loaded.scenario.arms {
        let (arm, species) = (&arm.name, &options.species);
        let found = simulate::explain(&loaded.model, &loaded.scenario, arm, species, age)?;
        all.extend(explanation(&found));
    }
    terminal.print_brief(&all)?;
    Ok(Ending::Done)
}
