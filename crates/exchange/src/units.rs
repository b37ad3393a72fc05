//! Units of exchange files: one definition for each unit that is used, of SBML's base kinds.
//!
//! Units of endotoxin and colony-forming units are counted as `item`s: SBML has no other kind for
//! what is counted. (The declaration tells them apart and has been checked.)

use std::collections::BTreeSet;

use gutbrain_network::unit::{Unit, rational};

use super::names::is_reserved;

/// The units used so far with their identifiers, in order of first use.
///
/// SBML keeps units and quantities apart; Antimony does not, so its table is given what is taken.
#[derive(Debug, Clone, Default)]
pub(super) struct UnitTable {
    units: Vec<(Unit, String)>,
    taken: BTreeSet<String>,
}

/// One factor of a definition: (multiplier × kind)^exponent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Part {
    pub(super) kind: &'static str,
    pub(super) exponent: f64,
    pub(super) multiplier: f64,
}

impl UnitTable {
    /// A table that gives none of these identifiers, compared without their case.
    pub(super) fn besides<'a>(taken: impl Iterator<Item = &'a str>) -> Self {
        Self {
            units: Vec::new(),
            taken: taken.map(str::to_lowercase).collect(),
        }
    }

    /// The identifier of a unit, defined if need be.
    pub(super) fn id(&mut self, unit: &Unit) -> String {
        if *unit == Unit::one() {
            return "dimensionless".to_owned();
        }
        if let Some((_, id)) = self.units.iter().find(|(known, _)| known == unit) {
            return id.clone();
        }
        let mut request = spell(&unit.to_string());
        while is_reserved(&request) || self.taken.contains(&request.to_lowercase()) {
            request.push_str("_unit");
        }
        let mut id = request.clone();
        let mut number = 1;
        let is_taken = |id: &String| {
            self.units.iter().any(|(_, taken)| taken == id)
                || self.taken.contains(&id.to_lowercase())
        };
        while is_taken(&id) {
            number += 1;
            id = format!("{request}_{number}");
        }
        self.units.push((unit.clone(), id.clone()));
        id
    }

    /// All units with their identifiers.
    pub(super) fn all(&self) -> &[(Unit, String)] {
        &self.units
    }
}

/// The text of a unit as an identifier: "mM/day" becomes `mM_per_day`.
fn spell(text: &str) -> String {
    let mut id = String::new();
    for character in text.chars() {
        match character {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '_' => id.push(character),
            'µ' | 'μ' => id.push('u'),
            '%' => id.push_str("percent"),
            '/' => id.push_str("_per_"),
            '*' | ' ' => id.push('_'),
            '-' => id.push_str("minus"),
            '.' => id.push_str("point"),
            _ => {}
        }
    }
    let id = id
        .strip_prefix("1_per_")
        .map_or(id.clone(), |rest| format!("per_{rest}"));
    if id.starts_with(|first: char| first.is_ascii_digit()) {
        format!("of_{id}")
    } else {
        id
    }
}

/// The factors that make up a unit. Volumes are in litres, as the compartments are: readers that
/// compare units do not all turn litres into metres.
pub(super) fn parts(unit: &Unit) -> Vec<Part> {
    let litre = super::litre();
    let mut factor = unit.factor().clone();
    let mut parts: Vec<Part> = Vec::new();
    for (base, exponent) in unit.powers() {
        let volumes = exponent / 3.0;
        let (kind, exponent) = match base {
            "m" if volumes.fract() == 0.0 => {
                let litres = litre.factor();
                // Small whole powers: the loop is short.
                let mut count = volumes;
                while count > 0.5 {
                    factor /= litres;
                    count -= 1.0;
                }
                while count < -0.5 {
                    factor *= litres;
                    count += 1.0;
                }
                ("litre", volumes)
            }
            "m" => ("metre", exponent),
            "s" => ("second", exponent),
            "kg" => ("kilogram", exponent),
            "mol" => ("mole", exponent),
            "K" => ("kelvin", exponent),
            _ => ("item", exponent),
        };
        parts.push(Part {
            kind,
            exponent,
            multiplier: 1.0,
        });
    }
    let is = |part: &Part, exponent: f64| part.exponent.total_cmp(&exponent).is_eq();
    // A factor of the first part with the exponent 1 or -1: its inverse is exact where it must be.
    let carrier = parts
        .iter()
        .position(|part| is(part, 1.0) || is(part, -1.0));
    match carrier {
        Some(at) if is(&parts[at], 1.0) => parts[at].multiplier = rational::nearest_f64(&factor),
        Some(at) => parts[at].multiplier = rational::nearest_f64(&factor.recip()),
        None => parts.push(Part {
            kind: "dimensionless",
            exponent: 1.0,
            multiplier: rational::nearest_f64(&factor),
        }),
    }
    parts
}
