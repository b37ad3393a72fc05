//! `gutbrain check`: every fault of every file, and nothing else.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::{Path, PathBuf};

use clap::ValueHint;
use gutbrain::model::Model;
use gutbrain::scenario::Scenario;
use gutbrain_network::Faults;
use gutbrain_network::fault::Collector;

use super::Ending;
use super::failure::Failure;
use super::options::ScenarioOptions;
use gutbrain_terminal::Terminal;

/// Options of `check`.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// Scenario files
    #[arg(required = true, value_name = "SCENARIO", value_hint = ValueHint::FilePath)]
    scenarios: Vec<PathBuf>,
    #[command(flatten)]
    changes: ScenarioOptions,
}

/// One scenario against its model.
fn read(
    options: &Options,
    path: &Path,
    models: &mut BTreeMap<String, Model>,
) -> Result<Scenario, Failure> {
    let file = options.changes.open(path)?;
    let model = match models.entry(file.model_name().to_owned()) {
        Entry::Occupied(known) => known.into_mut(),
        Entry::Vacant(free) => free.insert(options.changes.model.load_for(&file)?),
    };
    Ok(file.check(model)?)
}

/// Checks every file, then says what is wrong with all of them.
pub(super) fn check(options: &Options, terminal: &Terminal) -> Result<Ending, Failure> {
    // Every model is read once, whatever the number of files.
    let mut models: BTreeMap<String, Model> = BTreeMap::new();
    let faults = Collector::new();
    let mut good = String::new();
    for path in &options.scenarios {
        match read(options, path, &mut models) {
            Ok(scenario) => {
                let arms = scenario.arms.len();
                let plural = if arms == 1 { "arm" } else { "arms" };
                good.push_str(&format!(
                    "{}: ok, {arms} {plural}, {} to {} d\n",
                    path.display(),
                    scenario.simulation.start,
                    scenario.simulation.stop,
                ));
            }
            Err(Failure::Faults(found)) => faults.extend(found),
            Err(other) => return Err(other),
        }
    }
    terminal.print_summary(&good)?;
    let checked: Result<(), Faults> = faults.finish(());
    checked?;
    Ok(Ending::Done)
}
