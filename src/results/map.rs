//! The map of the network, read off the declaration.
//!
//! Nodes are the species, and those assignments that have a label and a compartment: they bundle
//! what many feed and many read. Other assignments are passed through. What needs no arrow, so that
//! the others can be followed:
//!
//! * what a process reads of the species that it changes or consumes itself (turnover, washout,
//!   crowding), and parameters (interventions);
//! * effects that are weak at typical magnitudes ([`effects`]);
//! * an effect on a process is drawn to what the process makes, to what it consumes only if it
//!   makes nothing, and to the organism alone if one does the work;
//! * organisms stand between what they consume and what they make: an arrow beside such a chain of
//!   fluxes, or beside a flux between the same two, says nothing more, nor does one beside a way of
//!   the same sign through a bundle;
//! * quantities of one region with the same label, as ZO-1 of ileum and colon, are one node;
//! * a bundle that acts alike on every species of its compartment acts on the box around it.

mod effects;
mod twins;

use std::collections::{BTreeMap, BTreeSet};

use gutbrain_network::declaration::{Declaration, Process};
use gutbrain_network::expression::{Expression, NodeKind};

use crate::report::figure::{MapArrow, MapForm, MapGraph, MapKind, MapNode, MapRegion};
use crate::scenario::Scenario;

use effects::{Effect, TypicalState};
use twins::join_twins;

/// A coefficient of a process: negative if it is a negative number or begins with a minus.
fn is_consumed(coefficient: &Expression) -> bool {
    match coefficient.nodes().last().map(|node| &node.kind) {
        Some(NodeKind::Number { value, .. }) => *value < 0.0,
        Some(NodeKind::Negate(_)) => true,
        _ => coefficient.text().trim_start().starts_with('-'),
    }
}

/// What a process consumes (true) or makes (false).
fn sides(process: &Process, consumed: bool) -> BTreeSet<&str> {
    let all = process.changes.iter();
    all.filter(|(_, factor)| is_consumed(factor) == consumed)
        .map(|(species, _)| species.as_str())
        .collect()
}

/// What a process makes more of by its own work, out of something else.
fn organism(process: &Process) -> Option<&str> {
    let read = process.rate.names();
    let mut made = sides(process, false).into_iter();
    let grows = made.find(|species| read.contains(species));
    grows.filter(|_| !sides(process, true).is_empty())
}

/// The graph of a model with the switches of a scenario.
#[must_use]
pub fn graph(declaration: &Declaration, scenario: &Scenario) -> MapGraph {
    let switched = |name: String, declared: bool| {
        let edit = scenario.edits.enabled.get(&name);
        edit.copied().unwrap_or(declared)
    };
    let bundles: BTreeSet<String> = declaration
        .assignments
        .iter()
        .filter(|(_, entry)| entry.label.is_some() && entry.compartment.is_some())
        .map(|(id, _)| id.clone())
        .collect();
    let state = TypicalState::new(declaration, &bundles);
    let mut web = Web::default();
    for id in &bundles {
        let target = format!("assignment.{id}");
        web.act(
            &BTreeSet::from([id.as_str()]),
            Effect::Up,
            &state.effects(&declaration.assignments[id].value),
            true,
        );
        for (name, modulator) in &declaration.modulators {
            if modulator.acts_on.iter().any(|on| on.value == target) {
                let active = switched(format!("modulator.{name}"), modulator.enabled);
                web.act(
                    &BTreeSet::from([id.as_str()]),
                    Effect::Up,
                    &state.effects(&modulator.factor),
                    active,
                );
            }
        }
    }
    for (id, process) in &declaration.processes {
        let active = switched(format!("process.{id}"), process.enabled);
        web.flow(process, active);
        web.affect(process, &state.effects(&process.rate), active);
    }
    for (id, modulator) in &declaration.modulators {
        let active = switched(format!("modulator.{id}"), modulator.enabled);
        let effects = state.effects(&modulator.factor);
        for target in &modulator.acts_on {
            let process = target.value.strip_prefix("process.");
            if let Some(process) = process.and_then(|id| declaration.processes.get(id)) {
                web.affect(process, &effects, active);
            }
        }
    }
    let mut whole = BTreeSet::new();
    for id in &bundles {
        if web.leave_to_the_box(id, declaration) {
            whole.insert(id.clone());
        }
    }
    let bundles = web.leave_out_dead_ends(bundles.clone(), &whole);
    let (nodes, joint) = join_twins(&nodes(declaration, &bundles));
    web.rename(&joint);
    web.leave_out_repetitions();
    for node in nodes.iter().filter(|node| node.form == MapForm::Derived) {
        web.leave_to_the_bundle(&node.id);
    }
    let arrows = web.arrows.into_iter();
    MapGraph {
        regions: regions(declaration),
        nodes,
        arrows: arrows
            .map(|((from, to, kind), active)| MapArrow {
                from,
                to,
                kind,
                active,
            })
            .collect(),
    }
}

/// From, to and kind of an arrow.
type Ends = (String, String, MapKind);

/// The arrows while they are collected.
#[derive(Default)]
struct Web {
    arrows: BTreeMap<Ends, bool>,
}

impl Web {
    /// Arrows from what a process consumes to what it makes, through the organism that does it.
    fn flow(&mut self, process: &Process, active: bool) {
        let (consumed, made) = (sides(process, true), sides(process, false));
        if consumed.is_empty() {
            return;
        }
        let organism = organism(process);
        for to in &made {
            match organism {
                Some(organism) if organism != *to => {
                    self.add(organism, to, MapKind::Flux, active);
                }
                _ => {
                    for from in &consumed {
                        self.add(from, to, MapKind::Flux, active);
                    }
                }
            }
        }
    }

    /// Arrows from effects on the rate of a process.
    fn affect(&mut self, process: &Process, effects: &BTreeMap<String, Effect>, active: bool) {
        let (consumed, made) = (sides(process, true), sides(process, false));
        let mut effects = effects.clone();
        effects.retain(|name, _| !consumed.contains(name.as_str()));
        match organism(process) {
            Some(organism) => self.act(&BTreeSet::from([organism]), Effect::Up, &effects, active),
            None if made.is_empty() => self.act(&consumed, Effect::Down, &effects, active),
            None => self.act(&made, Effect::Up, &effects, active),
        }
    }

    fn act(
        &mut self,
        targets: &BTreeSet<&str>,
        direction: Effect,
        effects: &BTreeMap<String, Effect>,
        active: bool,
    ) {
        for to in targets {
            for (from, effect) in effects {
                let effect = match direction {
                    Effect::Up => *effect,
                    Effect::Down => effect.flipped(),
                };
                let kind = match effect {
                    Effect::Up => MapKind::Raises,
                    Effect::Down => MapKind::Lowers,
                };
                self.add(from, to, kind, active);
            }
        }
    }

    fn add(&mut self, from: &str, to: &str, kind: MapKind, active: bool) {
        if from != to {
            let key = (from.to_owned(), to.to_owned(), kind);
            *self.arrows.entry(key).or_insert(false) |= active;
        }
    }

    /// Beside a flux, or a chain of two, from one to the other, that one raises the other is no
    /// news, nor is a flux beside a chain.
    fn leave_out_repetitions(&mut self) {
        let fluxes: BTreeSet<(String, String)> = self
            .arrows
            .keys()
            .filter(|(_, _, kind)| *kind == MapKind::Flux)
            .map(|(from, to, _)| (from.clone(), to.clone()))
            .collect();
        let is_chain = |from: &String, to: &String| {
            fluxes.iter().any(|(first, middle)| {
                first == from && fluxes.contains(&(middle.clone(), to.clone()))
            })
        };
        self.arrows.retain(|(from, to, kind), _| match kind {
            MapKind::Flux => !is_chain(from, to),
            MapKind::Raises => !is_chain(from, to) && !fluxes.contains(&(from.clone(), to.clone())),
            MapKind::Lowers => true,
        });
    }

    /// Gives arrows to the nodes that stand for their ends.
    fn rename(&mut self, joint: &BTreeMap<String, String>) {
        for ((from, to, kind), active) in std::mem::take(&mut self.arrows) {
            let name = |id: &String| joint.get(id).unwrap_or(id).clone();
            self.add(&name(&from), &name(&to), kind, active);
        }
    }

    /// Takes away arrows from what feeds a bundle to what the bundle moves in the same direction.
    fn leave_to_the_bundle(&mut self, bundle: &str) {
        let sign = |kind: MapKind| match kind {
            MapKind::Flux => None,
            MapKind::Raises => Some(true),
            MapKind::Lowers => Some(false),
        };
        let signs = |end: &dyn Fn(&Ends) -> Option<String>| {
            let keys = self.arrows.keys();
            keys.filter_map(|key| Some((end(key)?, sign(key.2)?)))
                .collect::<BTreeSet<(String, bool)>>()
        };
        let feeds = signs(&|(from, to, _)| (to == bundle).then(|| from.clone()));
        let moves = signs(&|(from, to, _)| (from == bundle).then(|| to.clone()));
        self.arrows.retain(|(from, to, kind), _| {
            let Some(sign) = sign(*kind) else { return true };
            ![true, false].into_iter().any(|first| {
                feeds.contains(&(from.clone(), first))
                    && moves.contains(&(to.clone(), first == sign))
            })
        });
    }

    /// Takes away the arrows of a bundle that acts alike on all species around it; tells whether.
    fn leave_to_the_box(&mut self, bundle: &str, declaration: &Declaration) -> bool {
        let Some(place) = &declaration.assignments[bundle].compartment else {
            return false;
        };
        let inside: Vec<&String> = declaration
            .species
            .iter()
            .filter(|(_, species)| species.compartment.value == place.value)
            .map(|(id, _)| id)
            .collect();
        for kind in [MapKind::Raises, MapKind::Lowers] {
            let keys = inside
                .iter()
                .map(|to| (bundle.to_owned(), (*to).clone(), kind));
            let keys: Vec<_> = keys.collect();
            if keys.len() > 1 && keys.iter().all(|key| self.arrows.contains_key(key)) {
                self.arrows.retain(|key, _| !keys.contains(key));
                return true;
            }
        }
        false
    }

    /// Bundles that move something, a box or a node, in the end; takes away the arrows to others.
    fn leave_out_dead_ends(
        &mut self,
        mut bundles: BTreeSet<String>,
        whole: &BTreeSet<String>,
    ) -> BTreeSet<String> {
        loop {
            let moves =
                |id: &String| whole.contains(id) || self.arrows.keys().any(|(from, ..)| from == id);
            let (used, dead): (BTreeSet<String>, BTreeSet<String>) =
                bundles.into_iter().partition(moves);
            bundles = used;
            if dead.is_empty() {
                return bundles;
            }
            self.arrows.retain(|(_, to, _), _| !dead.contains(to));
        }
    }
}

/// The regions of the family; of a model that declares none, those of its compartments under their words.
fn regions(declaration: &Declaration) -> Vec<MapRegion> {
    let region = |id: &str, label: &str| MapRegion {
        id: id.to_owned(),
        label: label.to_owned(),
    };
    let declared = &declaration.family.regions;
    if declared.is_empty() {
        let words = declaration
            .compartments
            .values()
            .map(|it| it.region.as_str());
        let words: BTreeSet<&str> = words.collect();
        return words.into_iter().map(|word| region(word, word)).collect();
    }
    let declared = declared.iter();
    declared.map(|it| region(&it.word, &it.label)).collect()
}

fn nodes(declaration: &Declaration, bundles: &BTreeSet<String>) -> Vec<MapNode> {
    let node = |id: &String, label: &Option<String>, place: &str, form: MapForm| {
        let compartment = declaration.compartments.get(place);
        MapNode {
            id: id.clone(),
            label: label.clone().unwrap_or_else(|| short_label(id, place)),
            region: compartment.map_or("", |it| it.region.as_str()).to_owned(),
            compartment: place.to_owned(),
            form,
        }
    };
    let species = declaration.species.iter();
    let derived = bundles.iter().filter_map(|id| {
        let entry = declaration.assignments.get(id)?;
        let place = &entry.compartment.as_ref()?.value;
        Some(node(id, &entry.label, place, MapForm::Derived))
    });
    species
        .map(|(id, entry)| {
            node(
                id,
                &entry.label,
                &entry.compartment.value,
                MapForm::Followed,
            )
        })
        .chain(derived)
        .collect()
}

/// The id as words, without those that name the compartment; abbreviations in capitals.
fn short_label(id: &str, compartment: &str) -> String {
    let place: BTreeSet<&str> = compartment.split('_').collect();
    let mut words: Vec<String> = id
        .split('_')
        .filter(|word| !place.contains(word))
        .map(abbreviation)
        .collect();
    // What is left of "signal in cord" is the signal.
    while words.len() > 1 && matches!(words.last().map(String::as_str), Some("in" | "of")) {
        words.pop();
    }
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
            ("signal_in_cord", "cord", "Signal"),
            ("body_weight", "body", "Weight"),
        ] {
            assert_eq!(short_label(id, place), label);
        }
    }
}
