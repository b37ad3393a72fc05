//! Antimony: the same content as text for people.
//!
//! Conversion factors are left out: Antimony has none, and all of them are 1. Quantities and units share
//! one space of names here, so a unit makes way for a quantity. Units of species and
//! parameters are declared; numbers in formulas are plain.
//!
//! Source: Smith et al. 2009 and the reference of the `antimony` package.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::content::{Content, Count, Head, Keeps, Parameter, Reaction};
use super::infix::infix;
use super::units::{UnitTable, parts};

/// The file.
#[must_use]
pub fn antimony(content: &Content) -> String {
    let mut out = String::new();
    for note in std::iter::once(&content.name).chain(&content.notes) {
        line(&mut out, &format!("// {}", one_line(note)));
    }
    for function in &content.functions {
        let arguments = function.arguments.join(", ");
        line(&mut out, &format!("function {}({arguments})", function.id));
        line(&mut out, &format!("  {};", infix(&function.body)));
        line(&mut out, "end\n");
    }
    line(&mut out, &format!("model *{}()", content.id));
    let conversions: BTreeSet<&str> = content
        .species
        .iter()
        .map(|species| species.conversion.as_str())
        .collect();
    let parameters: Vec<&Parameter> = content
        .parameters
        .iter()
        .filter(|parameter| !conversions.contains(parameter.head.id.as_str()))
        .collect();
    let mut units = UnitTable::besides(content.identifiers());
    for species in &content.species {
        units.id(&species.substance);
    }
    for parameter in &parameters {
        units.id(&parameter.unit);
    }
    for (unit, id) in units.all() {
        let factors: Vec<String> = parts(unit)
            .iter()
            .map(|part| {
                let exponent = if part.exponent.total_cmp(&1.0).is_eq() {
                    String::new()
                } else {
                    format!("^{}", part.exponent)
                };
                format!("({} {}){exponent}", part.multiplier, part.kind)
            })
            .collect();
        line(&mut out, &format!("  unit {id} = {};", factors.join(" * ")));
    }
    line(&mut out, "  unit time_unit = (86400 second);");
    for compartment in &content.compartments {
        comment(&mut out, &compartment.head);
        let id = &compartment.head.id;
        line(
            &mut out,
            &format!("  compartment {id} = 1; {id} has litre;"),
        );
    }
    for species in &content.species {
        comment(&mut out, &species.head);
        let (kind, id) = (
            match species.count {
                Count::Whole => "substanceOnly species",
                Count::PerVolume => "species",
            },
            &species.head.id,
        );
        let mut text = format!("  {kind} {id} in {};", species.compartment);
        let _ = write!(text, " {id} = {};", plain(species.initial));
        let _ = write!(text, " {id} has {};", units.id(&species.substance));
        line(&mut out, &text);
    }
    for parameter in &parameters {
        comment(&mut out, &parameter.head);
        let id = &parameter.head.id;
        let mut text = match parameter.keeps {
            Keeps::Constant => format!("  const {id} = {};", plain(parameter.value)),
            Keeps::ByEvents => format!("  var {id} = {};", plain(parameter.value)),
            Keeps::ByRule => format!("  var {id};"),
        };
        let _ = write!(text, " {id} has {};", units.id(&parameter.unit));
        line(&mut out, &text);
    }
    for rule in &content.rules {
        let value = infix(&rule.value);
        line(&mut out, &format!("  {} := {value};", rule.variable));
    }
    for it in &content.reactions {
        comment(&mut out, &it.head);
        line(&mut out, &format!("  {};", reaction(it)));
    }
    for event in &content.events {
        comment(&mut out, &event.head);
        let changes: Vec<String> = event
            .assignments
            .iter()
            .map(|(variable, value)| format!("{variable} = {}", infix(value)))
            .collect();
        let text = format!(
            "  {}: at {}, t0={}, persistent=true, fromTrigger=true: {};",
            event.head.id,
            infix(&event.trigger),
            event.holds_before,
            changes.join(", ")
        );
        line(&mut out, &text);
    }
    line(&mut out, "end");
    out
}

fn line(out: &mut String, text: &str) {
    out.push_str(text);
    out.push('\n');
}

fn comment(out: &mut String, head: &Head) {
    if !head.says.is_empty() {
        line(out, &format!("  // {}", one_line(&head.says)));
    }
}

fn one_line(text: &str) -> String {
    text.replace(|character: char| character.is_control(), " ")
}

fn reaction(it: &Reaction) -> String {
    let side = |sign: f64| {
        let changes = it.changes.iter().filter(|(_, number)| number * sign > 0.0);
        let terms: Vec<String> = changes
            .map(|(species, number)| format!("{} {species}", plain(number.abs())))
            .collect();
        terms.join(" + ")
    };
    // An arrow with one head: irreversible.
    format!(
        "{}: {} => {}; {}",
        it.head.id,
        side(-1.0),
        side(1.0),
        infix(&it.rate)
    )
}

fn plain(value: f64) -> String {
    if value.is_finite() {
        super::xml::number(value)
    } else if value.is_nan() {
        "NaN".to_owned()
    } else if value > 0.0 {
        "inf".to_owned()
    } else {
        "-inf".to_owned()
    }
}
