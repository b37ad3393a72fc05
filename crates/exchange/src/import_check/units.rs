//! What units of a file that came back mean: a factor and powers of base kinds.
//!
//! Identifiers and forms of definitions differ between programs; two units are the same when their
//! meanings are. Source: the SBML Level 3 Version 2 specification, section 4.4.

use std::collections::BTreeMap;

use gutbrain_numbers::Real;
use roxmltree::Node;

/// Factors this close (relative) are the same: some programs write six digits of them.
const SAME: f64 = 1e-5;

/// Metre, kilogram, second, ampere, kelvin, mole, candela, item.
const KINDS: usize = 8;

/// A unit: its size in base kinds, and their powers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Meaning {
    factor: f64,
    powers: [f64; KINDS],
}

impl Meaning {
    const fn of(factor: f64, powers: [f64; KINDS]) -> Self {
        Self { factor, powers }
    }

    /// Whether it is the unit of a pure number, be it per cent.
    pub(super) fn is_pure(&self) -> bool {
        self.powers.iter().all(|it| *it == 0.0)
    }

    /// Whether it is the number 1.
    pub(super) fn is_one(&self) -> bool {
        self.is_pure() && (self.factor - 1.0).abs() <= SAME
    }

    /// Whether two units mean the same.
    pub(super) fn is(&self, other: &Self) -> bool {
        let near = |a: f64, b: f64, by: f64| (a - b).abs() <= by * a.abs().max(b.abs());
        near(self.factor, other.factor, SAME)
            && (self.powers.iter().zip(&other.powers)).all(|(a, b)| near(*a, *b, 1e-9))
    }
}

/// The kinds that SBML knows without a definition.
fn kind(name: &str) -> Option<Meaning> {
    //                                    m    kg   s    A    K    mol  cd   item
    let one = |powers: [f64; KINDS]| Meaning::of(1.0, powers);
    Some(match name {
        "dimensionless" | "radian" | "steradian" => one([0., 0., 0., 0., 0., 0., 0., 0.]),
        "metre" | "meter" => one([1., 0., 0., 0., 0., 0., 0., 0.]),
        "kilogram" => one([0., 1., 0., 0., 0., 0., 0., 0.]),
        "gram" => Meaning::of(1e-3, [0., 1., 0., 0., 0., 0., 0., 0.]),
        "second" => one([0., 0., 1., 0., 0., 0., 0., 0.]),
        "ampere" => one([0., 0., 0., 1., 0., 0., 0., 0.]),
        "kelvin" => one([0., 0., 0., 0., 1., 0., 0., 0.]),
        "mole" => one([0., 0., 0., 0., 0., 1., 0., 0.]),
        "candela" | "lumen" => one([0., 0., 0., 0., 0., 0., 1., 0.]),
        "item" => one([0., 0., 0., 0., 0., 0., 0., 1.]),
        "avogadro" => Meaning::of(6.022_141_79e23, [0.; KINDS]),
        "litre" | "liter" => Meaning::of(1e-3, [3., 0., 0., 0., 0., 0., 0., 0.]),
        "becquerel" | "hertz" => one([0., 0., -1., 0., 0., 0., 0., 0.]),
        "katal" => one([0., 0., -1., 0., 0., 1., 0., 0.]),
        "newton" => one([1., 1., -2., 0., 0., 0., 0., 0.]),
        "joule" => one([2., 1., -2., 0., 0., 0., 0., 0.]),
        "watt" => one([2., 1., -3., 0., 0., 0., 0., 0.]),
        "pascal" => one([-1., 1., -2., 0., 0., 0., 0., 0.]),
        "gray" | "sievert" => one([2., 0., -2., 0., 0., 0., 0., 0.]),
        "coulomb" => one([0., 0., 1., 1., 0., 0., 0., 0.]),
        "volt" => one([2., 1., -3., -1., 0., 0., 0., 0.]),
        "weber" => one([2., 1., -2., -1., 0., 0., 0., 0.]),
        "tesla" => one([0., 1., -2., -1., 0., 0., 0., 0.]),
        "ohm" => one([2., 1., -3., -2., 0., 0., 0., 0.]),
        "henry" => one([2., 1., -2., -2., 0., 0., 0., 0.]),
        "siemens" => one([-2., -1., 3., 2., 0., 0., 0., 0.]),
        "farad" => one([-2., -1., 4., 2., 0., 0., 0., 0.]),
        "lux" => one([-2., 0., 0., 0., 0., 0., 1., 0.]),
        _ => return None,
    })
}

/// The units of a file.
#[derive(Debug, Default)]
pub(super) struct Units<'a> {
    /// What each definition means; none where it is not understood.
    pub(super) defined: BTreeMap<&'a str, Option<Meaning>>,
    /// Level 2 knows some names without a definition.
    level_2: bool,
}

impl<'a> Units<'a> {
    /// Reads the definitions.
    pub(super) fn read(definitions: &[Node<'a, 'a>], level: u32) -> Self {
        let level_2 = level < 3;
        let defined = definitions.iter().filter_map(|node| {
            let meaning = definition(*node, level_2);
            Some((node.attribute("id")?, meaning))
        });
        Self {
            defined: defined.collect(),
            level_2,
        }
    }

    /// What an identifier means.
    pub(super) fn meaning(&self, id: &str) -> Option<Meaning> {
        if let Some(defined) = self.defined.get(id) {
            return *defined;
        }
        let level_2 = self.level_2.then_some(id).and_then(|id| match id {
            "substance" => kind("mole"),
            "volume" => kind("litre"),
            "area" => Some(Meaning::of(1.0, [2., 0., 0., 0., 0., 0., 0., 0.])),
            "length" => kind("metre"),
            "time" => kind("second"),
            _ => None,
        });
        level_2.or_else(|| kind(id))
    }
}

/// The product of the units of a definition.
fn definition(node: Node<'_, '_>, level_2: bool) -> Option<Meaning> {
    let mut whole = Meaning::of(1.0, [0.0; KINDS]);
    let lists = node
        .children()
        .filter(|it| it.tag_name().name() == "listOfUnits");
    for unit in lists
        .flat_map(|list| list.children())
        .filter(Node::is_element)
    {
        let number = |name: &str, otherwise: f64| match unit.attribute(name) {
            Some(text) => text.trim().parse::<f64>().ok(),
            None => level_2.then_some(otherwise),
        };
        let kind = kind(unit.attribute("kind")?.trim())?;
        let (exponent, scale) = (number("exponent", 1.0)?, number("scale", 0.0)?);
        let multiplier = number("multiplier", 1.0)?;
        if !exponent.is_finite() || !scale.is_finite() || !multiplier.is_finite() {
            return None;
        }
        let size = multiplier * Real::powf(10.0_f64, scale) * kind.factor;
        whole.factor *= Real::powf(size, exponent);
        for (sum, power) in whole.powers.iter_mut().zip(kind.powers) {
            *sum += power * exponent;
        }
    }
    Some(whole)
}
