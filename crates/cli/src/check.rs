//! `gutbrain check`: every fault of every file, and nothing else.

use std::path::PathBuf;

use clap::ValueHint;
use gutbrain_network::Faults;
use gutbrain_network::fault::Collector;

use super::Ending;
use super::failure::Failure;
use super::options::ScenarioOptions;
use super::terminal::Terminal;

/// Options of `check`.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// Scenario files
    #[arg(required = true, value_name = "SCENARIO", value_hint = ValueHint::FilePath)]
    scenarios: Vec<PathBuf>,
    #[command(flatten)]
    changes: ScenarioOptions,
}

/// Checks every file, then says what is wrong with all of them.
pub(super) fn check(options: &Options, terminal: &Terminal) -> Result<Ending, Failure> {
    let model = options.changes.model.load()?;
    let faults = Collector::new();
    let mut good = String::new();
    for path in &options.scenarios {
        match options.changes.read(path, &model) {
            Ok((_, scenario)) => {
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
