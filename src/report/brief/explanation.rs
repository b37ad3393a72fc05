//! Why a species changes at an age of an arm, process by process.

use std::collections::BTreeSet;

use gutbrain_network::Declaration;
use gutbrain_network::expression::Expression;
use gutbrain_network::reading::did_you_mean;
use gutbrain_network::unit::{Unit, UnitError, parse_quantity};

use super::{Align, Brief, amount, heading};
use crate::model::Model;
use crate::scenario::Scenario;
use crate::simulate::{self, Explanation, SimulateError};

/// Why nothing can be explained.
#[derive(Debug, thiserror::Error)]
pub enum Unexplained {
    /// An age was wanted.
    #[error("`{text}` is no age: {cause}\n  help: write an age such as \"60 d\"")]
    NoAge {
        /// What was given.
        text: String,
        /// What is wrong with it.
        cause: UnitError,
    },
    /// An arm cannot be lived.
    #[error(transparent)]
    Simulate(#[from] SimulateError),
    /// It follows from others at once and has no derivative.
    #[error(
        "`{name}` is {kind}, and only species change by processes\n  help: {}",
        help_of_follower(species)
    )]
    Follows {
        /// What was asked for.
        name: String,
        /// "an observable", "an assignment".
        kind: &'static str,
        /// The species that it follows from, sorted.
        species: Vec<String>,
    },
    /// The model does not declare it.
    #[error("the model has no species `{name}`\n  help: {help}")]
    Unknown {
        /// What was asked for.
        name: String,
        /// What to do.
        help: String,
    },
}

fn help_of_follower(species: &[String]) -> String {
    if species.is_empty() {
        return "it follows from parameters alone".to_owned();
    }
    format!(
        "explain one of the species that it follows from: {}",
        species.join(", ")
    )
}

/// Why a species changes at an age, such as `"60 d"`, of every arm of a scenario.
///
/// # Errors
/// The name is that of no species, the age is none, or an arm cannot be lived until then.
pub fn explanations(
    model: &Model,
    scenario: &Scenario,
    species: &str,
    at: &str,
) -> Result<Brief, Unexplained> {
    let declaration = &model.declaration;
    let age = parse_quantity(at, &declaration.units).and_then(|it| it.in_unit(&Unit::day()));
    let age = age.map_err(|cause| Unexplained::NoAge {
        text: at.to_owned(),
        cause,
    })?;
    check_species(declaration, species)?;
    let mut all = Brief::default();
    for arm in &scenario.arms {
        let found = simulate::explain(model, scenario, &arm.name, species, age)?;
        all.extend(explanation(&found));
    }
    Ok(all)
}

/// Only what has a derivative can be split.
fn check_species(declaration: &Declaration, name: &str) -> Result<(), Unexplained> {
    if declaration.species.contains_key(name) {
        return Ok(());
    }
    let observed = declaration.observables.get(name).map(|entry| &entry.value);
    let assigned = declaration.assignments.get(name).map(|entry| &entry.value);
    let follows = [("an observable", observed), ("an assignment", assigned)];
    for (kind, value) in follows {
        if let Some(value) = value {
            return Err(Unexplained::Follows {
                name: name.to_owned(),
                kind,
                species: species_behind(declaration, value),
            });
        }
    }
    let help = did_you_mean(name, declaration.species.keys().map(String::as_str))
        .unwrap_or_else(|| "`gutbrain model list species` shows the names".to_owned());
    Err(Unexplained::Unknown {
        name: name.to_owned(),
        help,
    })
}

/// The species that an expression reads, itself or through assignments and observables, sorted.
fn species_behind(declaration: &Declaration, value: &Expression) -> Vec<String> {
    let mut open: Vec<String> = value.names().into_iter().map(ToString::to_string).collect();
    let mut seen = BTreeSet::new();
    let mut species = BTreeSet::new();
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

/// The shares of the processes, the largest first.
#[must_use]
pub fn explanation(found: &Explanation) -> Brief {
    let mut brief = Brief::default();
    let turnover: f64 = found
        .shares
        .iter()
        .map(|share| share.contribution.abs())
        .sum();
    let unit = if found.unit == "1" {
        String::new()
    } else {
        format!(" {}", found.unit)
    };
    brief.title(format!(
        "{} at {} d, arm {}",
        found.species, found.age, found.arm
    ));
    brief.line(format!(
        "{}{unit}, changing by {}{unit} per day",
        amount(found.value, found.scale),
        signed(found.derivative, turnover.max(found.scale)),
    ));
    let mut rows = vec![heading(["per day", "of turnover", "process", "what"])];
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
    brief.table(rows, &align);
    brief.gap();
    brief
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
