//! `gutbrain check`: every fault of every file, and nothing else.

use std::path::PathBuf;

use clap::ValueHint;
use gutbrain_network::Faults;
use gutbrain_network::fault::Collector;

use super::Ending;
use super::failure::Failure;
use super::options::ScenarioOptions;
use super::terminal::Terminal;
use gutbrain::analysis::points::Question;
use gutbrain::analysis::sensitivity::outputs;
use gutbrain::model::Model;
use gutbrain::scenario::Scenario;

/// Options of `check`.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// Scenario files
    #[arg(required = true, value_name = "SCENARIO", value_hint = ValueHint::FilePath)]
    scenarios: Vec<PathBuf>,
    #[command(flatten)]
    changes: ScenarioOptions,
}

/// What a sweep or a sensitivity analysis asks of the lives must have a meaning.
fn check_questions(model: &Model, scenario: &Scenario) -> Result<(), Faults> {
    let faults = Collector::new();
    let arms: Vec<String> = scenario.arms.iter().map(|arm| arm.name.clone()).collect();
    if let Some(plan) = &scenario.sweep
        && let Err(found) = Question::read(&plan.features, &arms, &model.declaration)
    {
        faults.extend(found);
    }
    if let Err(found) = outputs(&model.declaration, scenario) {
        faults.extend(found);
    }
    faults.finish(())
}

/// Checks every file, then says what is wrong with all of them.
pub(super) fn check(options: &Options, terminal: &Terminal) -> Result<Ending, Failure> {
    let model = options.changes.model.load()?;
    let faults = Collector::new();
    let mut good = String::new();
    for path in &options.scenarios {
        match options.changes.read(path, &model) {
            Ok((_, scenario)) => {
                if let Err(found) = check_questions(&model, &scenario) {
                    faults.extend(found);
                    continue;
                }
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
