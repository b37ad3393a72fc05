//! The map of the network, read off the declaration.
//!
//! Nodes are the species in their compartments. An arrow says that more of one makes more or less
//! of the other, through the rate of a process, a modulator, or assignments in between. The sign
//! follows from the form of the expressions for amounts that are not negative: sums and products
//! rise with their parts, quotients fall with what they are divided by, `hill` rises, `hill_down`
//! falls. Where a form does not tell, both arrows are drawn.

use std::collections::{BTreeMap, BTreeSet};

use gutbrain_network::declaration::{Declaration, Region};
use gutbrain_network::expression::{Expression, Function, NodeKind, Operator};

use crate::report::figure::{MapArrow, MapGraph, MapKind, MapNode, MapRegion};
use crate::scenario::Scenario;

/// How a value changes when a name grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Slope {
    Up,
    Down,
    Unknown,
}

impl Slope {
    fn flipped(self) -> Self {
        match self {
            Self::Up => Self::Down,
            Self::Down => Self::Up,
            Self::Unknown => Self::Unknown,
        }
    }

    fn times(self, other: Self) -> Self {
        match other {
            Self::Up => self,
            Self::Down => self.flipped(),
            Self::Unknown => Self::Unknown,
        }
    }

    fn and(self, other: Self) -> Self {
        if self == other { self } else { Self::Unknown }
    }
}

/// Slopes by name.
type Slopes = BTreeMap<String, Slope>;

fn join(mut one: Slopes, other: &Slopes, turn: Slope) -> Slopes {
    for (name, slope) in other {
        let slope = slope.times(turn);
        one.entry(name.clone())
            .and_modify(|known| *known = known.and(slope))
            .or_insert(slope);
    }
    one
}

/// How an expression changes with every name in it.
fn slopes(expression: &Expression) -> Slopes {
    let mut all: Vec<Slopes> = Vec::with_capacity(expression.nodes().len());
    for node in expression.nodes() {
        let nothing = Slopes::new();
        let slopes = match &node.kind {
            NodeKind::Number { .. } | NodeKind::Resting(_) => nothing,
            NodeKind::Name(name) => Slopes::from([(name.clone(), Slope::Up)]),
            NodeKind::Negate(operand) => join(nothing, &all[*operand], Slope::Down),
            NodeKind::Binary(operator, left, right) => {
                let turn = match operator {
                    Operator::Add | Operator::Multiply => Slope::Up,
                    Operator::Subtract | Operator::Divide => Slope::Down,
                    Operator::Power => Slope::Unknown,
                };
                join(all[*left].clone(), &all[*right], turn)
            }
            NodeKind::Call(function, arguments) => {
                arguments
                    .iter()
                    .enumerate()
                    .fold(nothing, |sum, (place, argument)| {
                        join(sum, &all[*argument], argument_slope(*function, place))
                    })
            }
        };
        all.push(slopes);
    }
    all.pop().unwrap_or_default()
}

fn argument_slope(function: Function, place: usize) -> Slope {
    match (function, place) {
        (
            Function::Min
            | Function::Max
            | Function::Exp
            | Function::Ln
            | Function::Sqrt
            | Function::Positive,
            _,
        )
        | (Function::Hill | Function::SwitchUp, 0)
        | (Function::HillDown, 1) => Slope::Up,
        (Function::HillDown, 0) | (Function::Hill | Function::SwitchUp, 1) => Slope::Down,
        _ => Slope::Unknown,
    }
}

/// A coefficient of a process: negative if it is a negative number or begins with a minus.
fn is_consumed(coefficient: &Expression) -> bool {
    match coefficient.nodes().last().map(|node| &node.kind) {
        Some(NodeKind::Number { value, .. }) => *value < 0.0,
        Some(NodeKind::Negate(_)) => true,
        _ => coefficient.text().trim_start().starts_with('-'),
    }
}

/// The graph of a model with the switches of a scenario.
#[must_use]
pub fn graph(declaration: &Declaration, scenario: &Scenario) -> MapGraph {
    let switched = |name: String, declared: bool| {
        scenario
            .edits
            .enabled
            .get(&name)
            .copied()
            .unwrap_or(declared)
    };
    let mut web = Web {
        declaration,
        assignments: BTreeMap::new(),
        arrows: BTreeMap::new(),
    };
    web.resolve_assignments();
    for (id, process) in &declaration.processes {
        let active = switched(format!("process.{id}"), process.enabled);
        let consumed: BTreeSet<&str> = process
            .changes
            .iter()
            .filter(|(_, factor)| is_consumed(factor))
            .map(|(species, _)| species.as_str())
            .collect();
        for from in &consumed {
            for to in process
                .changes
                .keys()
                .filter(|to| !consumed.contains(to.as_str()))
            {
                web.add(from, to, MapKind::Flux, active);
            }
        }
        let mut influences = web.of_species(&slopes(&process.rate));
        influences.retain(|name, _| !consumed.contains(name.as_str()));
        web.act(id, &influences, active);
    }
    for (id, modulator) in &declaration.modulators {
        let active = switched(format!("modulator.{id}"), modulator.enabled);
        let influences = web.of_species(&slopes(&modulator.factor));
        for target in &modulator.acts_on {
            if let Some(process) = target.value.strip_prefix("process.") {
                web.act(process, &influences, active);
            }
        }
    }
    let arrows = web
        .arrows
        .into_iter()
        .map(|((from, to, kind), active)| MapArrow {
            from,
            to,
            kind,
            active,
        })
        .collect();
    MapGraph {
        regions: regions(),
        nodes: nodes(declaration),
        arrows,
    }
}

/// The arrows while they are collected.
struct Web<'a> {
    declaration: &'a Declaration,
    /// How every assignment changes with species, through other assignments.
    assignments: BTreeMap<String, Slopes>,
    arrows: BTreeMap<(String, String, MapKind), bool>,
}

impl Web<'_> {
    /// Assignments are acyclic: as many rounds as there are assignments resolve all of them.
    fn resolve_assignments(&mut self) {
        for _ in 0..=self.declaration.assignments.len() {
            let before = self.assignments.clone();
            for (id, assignment) in &self.declaration.assignments {
                let mut found = self.of_species(&slopes(&assignment.value));
                for modulator in self.declaration.modulators.values() {
                    let name = format!("assignment.{id}");
                    if modulator.enabled && modulator.acts_on.iter().any(|on| on.value == name) {
                        let factor = self.of_species(&slopes(&modulator.factor));
                        found = join(found, &factor, Slope::Up);
                    }
                }
                self.assignments.insert(id.clone(), found);
            }
            if before == self.assignments {
                return;
            }
        }
    }

    /// Slopes by species: assignments are replaced by what they read, parameters are left out.
    fn of_species(&self, slopes: &Slopes) -> Slopes {
        let mut found = Slopes::new();
        for (name, slope) in slopes {
            if self.declaration.species.contains_key(name) {
                found = join(found, &Slopes::from([(name.clone(), *slope)]), Slope::Up);
            } else if let Some(inside) = self.assignments.get(name) {
                found = join(found, inside, *slope);
            }
        }
        found
    }

    /// Arrows from influences on the rate of a process to the species that it changes.
    fn act(&mut self, process: &str, influences: &Slopes, active: bool) {
        let Some(process) = self.declaration.processes.get(process) else {
            return;
        };
        for (to, factor) in &process.changes {
            let turn = if is_consumed(factor) {
                Slope::Down
            } else {
                Slope::Up
            };
            for (from, slope) in influences {
                match slope.times(turn) {
                    Slope::Up => self.add(from, to, MapKind::Raises, active),
                    Slope::Down => self.add(from, to, MapKind::Lowers, active),
                    Slope::Unknown => {
                        self.add(from, to, MapKind::Raises, active);
                        self.add(from, to, MapKind::Lowers, active);
                    }
                }
            }
        }
    }

    fn add(&mut self, from: &str, to: &str, kind: MapKind, active: bool) {
        if from != to {
            let key = (from.to_owned(), to.to_owned(), kind);
            *self.arrows.entry(key).or_insert(false) |= active;
        }
    }
}

fn regions() -> Vec<MapRegion> {
    let label = |region: Region| match region {
        Region::Gut => "Gut lumen",
        Region::Barrier => "Epithelium",
        Region::Blood => "Blood and immune system",
        Region::Cord => "Spinal cord",
        Region::Body => "Muscle and body",
    };
    let all = Region::WORDS.iter();
    all.map(|(word, region)| MapRegion {
        id: (*word).to_owned(),
        label: label(*region).to_owned(),
    })
    .collect()
}

fn nodes(declaration: &Declaration) -> Vec<MapNode> {
    declaration
        .species
        .iter()
        .map(|(id, species)| {
            let place = &species.compartment.value;
            let region = declaration
                .compartments
                .get(place)
                .map_or("", |c| c.region.word());
            MapNode {
                id: id.clone(),
                label: short_label(id, place),
                region: region.to_owned(),
                compartment: capitalised(&place.replace('_', " ")),
            }
        })
        .collect()
}

/// The id as words, without those that name the compartment; abbreviations in capitals.
pub(super) fn short_label(id: &str, compartment: &str) -> String {
    let place: BTreeSet<&str> = compartment.split('_').collect();
    let mut words: Vec<String> = id
        .split('_')
        .filter(|word| !place.contains(word))
        .map(abbreviation)
        .collect();
    if words.is_empty() {
        words = id.split('_').map(abbreviation).collect();
    }
    capitalised(&words.join(" "))
}

/// `il17` and `lps` are abbreviations: short words with a digit or without a vowel.
fn abbreviation(word: &str) -> String {
    let short = word.len() <= 5;
    let has_digit = word.bytes().any(|byte| byte.is_ascii_digit());
    let has_vowel = word.chars().any(|c| "aeiouy".contains(c));
    if short && (has_digit || !has_vowel) {
        word.to_uppercase()
    } else {
        word.to_owned()
    }
}

fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(characters).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_read_as_words() {
        for (id, place, label) in [
            ("zo1_ileum", "ileum_epithelium", "ZO1"),
            ("lps_plasma", "plasma", "LPS"),
            (
                "butyrate_exposure_colon",
                "colon_epithelium",
                "Butyrate exposure",
            ),
            ("cord", "cord", "Cord"),
            ("body_weight", "body", "Weight"),
        ] {
            assert_eq!(short_label(id, place), label);
        }
    }
}
