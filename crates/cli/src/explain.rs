//! `gutbrain model explain`: why a species changes, process by process.

use std::path::PathBuf;

use clap::ValueHint;
use gutbrain_network::unit::{Unit, parse_quantity};

use super::Ending;
use super::failure::Failure;
use super::layout::{Align, columns, short};
use super::options::ScenarioOptions;
use super::terminal::{Terminal, Tone};
use gutbrain::simulate;

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
    let age = parse_quantity(&options.at, &loaded.model.declaration.units)
        .and_then(|quantity| quantity.in_unit(&Unit::day()))
        .map_err(|error| {
            let help = "write an age such as --at \"60 d\"";
            Failure::Usage(format!(
                "`{}` is no age: {error}\n  help: {help}",
                options.at
            ))
        })?;
    let mut out = String::new();
    for arm in &loaded.scenario.arms {
        let found = simulate::explain(
            &loaded.model,
            &loaded.scenario,
            &arm.name,
            &options.species,
            age,
        )?;
        let title = format!("{} at {} d, arm {}", found.species, found.age, found.arm);
        let unit = if found.unit == "1" {
            String::new()
        } else {
            format!(" {}", found.unit)
        };
        out.push_str(&format!(
            "{}\n  {}{unit}, changing by {}{unit} per day\n",
            terminal.tone(Tone::Strong, &title),
            short(found.value),
            signed(found.derivative),
        ));
        let mut rows = vec![vec![
            "per day".to_owned(),
            "of turnover".to_owned(),
            "process".to_owned(),
            "what".to_owned(),
        ]];
        let turnover: f64 = found
            .shares
            .iter()
            .map(|share| share.contribution.abs())
            .sum();
        for share in &found.shares {
            let part = if turnover > 0.0 {
                share.contribution.abs() / turnover
            } else {
                0.0
            };
            rows.push(vec![
                signed(share.contribution),
                format!("{:.1} %", 100.0 * part),
                share.process.clone(),
                share.says.clone(),
            ]);
        }
        let align = [Align::Right, Align::Right, Align::Left, Align::Left];
        out.push_str(&columns(&rows, &align, terminal));
        out.push('\n');
    }
    terminal.print(&out)?;
    Ok(Ending::Done)
}

fn signed(value: f64) -> String {
    let sign = if value < 0.0 { "\u{2212}" } else { "+" };
    format!("{sign}{}", short(value.abs()))
}
