//! `gutbrain model explain`: why a species changes, process by process.

use std::path::PathBuf;

use clap::ValueHint;
use gutbrain_network::Declaration;
use gutbrain_network::expression::Expression;
use gutbrain_network::reading::did_you_mean;
use gutbrain_network::unit::{Unit, parse_quantity};

use super::Ending;
use super::failure::Failure;
use super::layout::{Align, amount, columns};
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
    check_species(&loaded.model.declaration, &options.species)?;
    let mut out = String::new();
    for arm in &loaded.scenario.arms {
        let found = simulate::explain(
            &loaded.model,
            &loaded.scenario,
            &arm.name,
            &options.species,
            age,
        )?;
        let turnover: f64 = found
            .shares
            .iter()
            .map(|share| share.contribution.abs())
            .sum();
        let title = format!("{} at {} d, arm {}", found.species, found.age, found.arm);
        let unit = if found.unit == "1" {
            String::new()
        } else {
            format!(" {}", found.unit)
        };
        out.push_str(&format!(
            "{}\n  {}{unit}, changing by {}{unit} per day\n",
            terminal.tone(Tone::Strong, &title),
            amount(found.value, found.scale),
            signed(found.derivative, turnover.max(found.scale)),
        ));
        let mut rows = vec![vec![
            "per day".to_owned(),
            "of turnover".to_owned(),
            "process".to_owned(),
            "what".to_owned(),
        ]];
        for share in &found.shares {
            let part = if turnover > 0.0 {
                share.contribution.abs() / turnover
            } else {
                0.0
            };
            rows.push(vec![
                signed(share.contribution, turnover.max(found.scale)),
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

/// Only what has a derivative can be split.
fn check_species(declaration: &Declaration, name: &str) -> Result<(), Failure> {
    if declaration.species.contains_key(name) {
        return Ok(());
    }
    let follows = [
        (
            "an observable",
            declaration.observables.get(name).map(|entry| &entry.value),
        ),
        (
            "an assignment",
            declaration.assignments.get(name).map(|entry| &entry.value),
        ),
    ];
    for (kind, value) in follows {
        if let Some(value) = value {
            let species = species_behind(declaration, value);
            let help = if species.is_empty() {
                "it follows from parameters alone".to_owned()
            } else {
                format!(
                    "explain one of the species that it follows from: {}",
                    species.join(", ")
                )
            };
            return Err(Failure::Usage(format!(
                "`{name}` is {kind}, and only species change by processes\n  help: {help}"
            )));
        }
    }
    let help = did_you_mean(name, declaration.species.keys().map(String::as_str))
        .unwrap_or_else(|| "`gutbrain model list species` shows the names".to_owned());
    Err(Failure::Usage(format!(
        "the model has no species `{name}`\n  help: {help}"
    )))
}

/// The species that an expression reads, itself or through assignments and observables, sorted.
fn species_behind(declaration: &Declaration, value: &Expression) -> Vec<String> {
    let mut open: Vec<String> = value.names().into_iter().map(ToString::to_string).collect();
    let mut seen = std::collections::BTreeSet::new();
    let mut species = std::collections::BTreeSet::new();
    while let Some(name) = open.pop() {
        if !seen.insert(name.clone()) {
            continue;
        }
        if declaration.species.contains_key(&name) {
            species.insert(name);
            continue;
        }
        let assigned = declaration.assignments.get(&name).map(|entry| &entry.value);
        let observed = declaration.observables.get(&name).map(|entry| &entry.value);
        for value in assigned.into_iter().chain(observed) {
            open.extend(value.names().into_iter().map(ToString::to_string));
        }
    }
    species.into_iter().collect()
}

/// A rate among others as large as `size`; zero has no sign.
fn signed(value: f64, size: f64) -> String {
    let text = amount(value.abs(), size);
    match text.as_str() {
        "0" => text,
        _ if value < 0.0 => format!("\u{2212}{text}"),
        _ => format!("+{text}"),
    }
}
