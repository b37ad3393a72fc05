//! [`Units`]: the names of units, built in and declared.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use num_rational::BigRational;
use num_traits::One;

use super::parse::parse_unit;
use super::rational::parse_decimal;
use super::{BASE, Dimension, Unit, UnitError};
use crate::reading::most_alike;

/// Names that take no prefix: name, definition.
const PLAIN: [(&str, &str); 42] = [
    ("min", "60 s"),
    ("minute", "60 s"),
    ("minutes", "60 s"),
    ("h", "3600 s"),
    ("hr", "3600 s"),
    ("hour", "3600 s"),
    ("hours", "3600 s"),
    ("d", "86400 s"),
    ("day", "86400 s"),
    ("days", "86400 s"),
    ("wk", "604800 s"),
    ("week", "604800 s"),
    ("weeks", "604800 s"),
    // The Julian year, as in astronomy; a month is a twelfth of it.
    ("year", "31557600 s"),
    ("years", "31557600 s"),
    ("month", "2629800 s"),
    ("months", "2629800 s"),
    ("sec", "s"),
    ("second", "s"),
    ("seconds", "s"),
    ("percent", "1/100"),
    ("%", "1/100"),
    ("‰", "1/1000"),
    ("ppm", "1e-6"),
    ("fold", "1"),
    ("copy", "1"),
    ("copies", "1"),
    ("count", "1"),
    ("counts", "1"),
    ("cell", "1"),
    ("cells", "1"),
    ("neuron", "1"),
    ("neurons", "1"),
    ("fraction", "1"),
    ("score", "1"),
    ("ratio", "1"),
    ("mouse", "1"),
    ("animal", "1"),
    ("units", "1"),
    ("EUs", "EU"),
    ("cfu", "CFU"),
    ("mmHg", "133.322387415 Pa"),
];

/// Names that take a prefix: name, definition.
const PREFIXABLE: [(&str, &str); 18] = [
    ("s", "s"),
    ("m", "m"),
    ("g", "1/1000 kg"),
    ("mol", "mol"),
    ("K", "K"),
    ("EU", "EU"),
    ("CFU", "CFU"),
    ("l", "1/1000 m^3"),
    ("L", "1/1000 m^3"),
    ("M", "1000 mol/m^3"),
    ("J", "kg*m^2/s^2"),
    ("W", "kg*m^2/s^3"),
    ("N", "kg*m/s^2"),
    ("Pa", "kg/(m*s^2)"),
    ("cal", "4.184 kg*m^2/s^2"),
    ("U", "1/60000000 mol/s"),
    ("Hz", "1/s"),
    ("Da", "1/1000 kg/mol"),
];

/// SI prefixes as powers of ten.
const PREFIXES: [(&str, i32); 13] = [
    ("a", -18),
    ("f", -15),
    ("p", -12),
    ("n", -9),
    ("u", -6),
    ("m", -3),
    ("c", -2),
    ("d", -1),
    ("h", 2),
    ("k", 3),
    ("M", 6),
    ("G", 9),
    ("T", 12),
];

/// The names built in, made once.
static BUILTIN: LazyLock<BTreeMap<String, Unit>> = LazyLock::new(builtin_names);

/// All names of units that may be used: those built in and those a model declares.
#[derive(Clone, Debug)]
pub struct Units {
    known: &'static BTreeMap<String, Unit>,
    declared: BTreeMap<String, Unit>,
}

impl Default for Units {
    fn default() -> Self {
        Self::builtin()
    }
}

impl Units {
    /// The names built in.
    #[must_use]
    pub fn builtin() -> Self {
        Self {
            known: &BUILTIN,
            declared: BTreeMap::new(),
        }
    }

    /// Adds a name. Any text will do; one that is no plain word, as "% w/v", is
    /// recognised when it is the whole unit, or in single quotes.
    ///
    /// # Errors
    /// When the name already has a meaning; the one it has.
    pub fn declare(&mut self, name: &str, unit: &Unit) -> Result<(), Unit> {
        let name = normalise(name.trim());
        if let Some(known) = self.find(&name) {
            return Err(known.clone());
        }
        self.declared.insert(name.clone(), unit.renamed(&name));
        Ok(())
    }

    /// The unit of a single name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Unit> {
        self.declared.get(name).or_else(|| self.known.get(name))
    }

    /// The known name most like `name`: of those without prefix first.
    #[must_use]
    pub fn most_alike(&self, name: &str) -> Option<String> {
        let plain = PLAIN.iter().chain(&PREFIXABLE).map(|(name, _)| *name);
        let first = self.declared.keys().map(String::as_str).chain(plain);
        most_alike(name, first)
            .or_else(|| most_alike(name, self.known.keys().map(String::as_str)))
            .map(str::to_owned)
    }

    /// Reads a unit: products, quotients and powers of names.
    ///
    /// # Errors
    /// Unknown names and mistakes of syntax, with their place.
    pub fn parse(&self, text: &str) -> Result<Unit, UnitError> {
        let whole = normalise(text.trim());
        match self.declared.get(&whole) {
            Some(unit) => Ok(unit.clone()),
            None => {
                let parsed = parse_unit(text, &|name| self.find(name).cloned());
                parsed.map_err(|error| match error {
                    UnitError::Unknown { name, offset, .. } => UnitError::Unknown {
                        alike: self.most_alike(&name),
                        name,
                        offset,
                    },
                    other => other,
                })
            }
        }
    }
}

/// Base units, prefixed units, and the others, in this order: each is defined by
/// names that are known by then, and later names win over prefixed ones spelt alike.
fn builtin_names() -> BTreeMap<String, Unit> {
    let mut names = BTreeMap::new();
    for (index, name) in BASE.iter().enumerate() {
        let unit = Unit::named(name, Dimension::base(index), BigRational::one());
        names.insert((*name).to_owned(), unit);
    }
    for (name, definition) in PREFIXABLE {
        define(&mut names, name, definition);
        let Some(unit) = names.get(name).cloned() else {
            continue;
        };
        for (prefix, power) in PREFIXES {
            let text = format!("{prefix}{name}");
            if let Some(ten) = parse_decimal(&format!("1e{power}")) {
                let factor = unit.factor() * ten;
                let prefixed = Unit::named(&text, *unit.dimension(), factor);
                names.entry(text).or_insert(prefixed);
            }
        }
    }
    for (name, definition) in PLAIN {
        define(&mut names, name, definition);
    }
    names
}

fn define(names: &mut BTreeMap<String, Unit>, name: &str, definition: &str) {
    let unit = parse_unit(definition, &|known| names.get(known).cloned());
    if let Ok(unit) = unit {
        names.insert(name.to_owned(), unit.renamed(name));
    }
}

/// Micro signs and the Greek mu are `u`; the rest stays.
pub(super) fn normalise(name: &str) -> String {
    name.replace(['\u{b5}', '\u{3bc}'], "u")
}

/// Whether the grammar reads this name without quotes.
pub(super) fn is_plain(name: &str) -> bool {
    let mut characters = name.chars();
    let letter = |c: char| c.is_alphabetic() || c == '_';
    name == "%" || name == "‰" || (characters.next().is_some_and(letter) && characters.all(letter))
}
