//! Processes as reactions.
//!
//! A process is one reaction where every change is a number: turns per day are its rate divided by
//! one of the rate's unit. A change that depends on parameters, or on a species that the arm holds,
//! is a reaction of its own, `process_X_of_SPECIES`, whose rate is the process's times the change:
//! few programs read stoichiometries that are formulas.

use std::collections::BTreeSet;

use gutbrain_network::declaration::Process;
use gutbrain_network::expression::Operator;
use gutbrain_network::unit::Unit;

use super::ExchangeError;
use super::build::{Builder, reaction};
use super::content::{Head, Reaction};
use super::formula::Formula;

impl Builder<'_> {
    pub(super) fn reactions(&mut self) -> Result<(), ExchangeError> {
        let declaration = self.declaration;
        for (id, process) in &declaration.processes {
            if self.enabled("process", id, process.enabled) {
                self.process(id, process)?;
            }
        }
        self.inflows();
        Ok(())
    }

    fn process(&mut self, id: &str, process: &Process) -> Result<(), ExchangeError> {
        let key = format!("process.{id}");
        let mut rate = self.formula(&process.rate, &process.unit, &key)?;
        rate = self.modulated(rate, &key);
        if let Some(scale) = self.names.of(&format!("{key}.scale")) {
            rate = Formula::name(scale).times(rate);
        }
        if let Some(add) = self.names.of(&format!("{key}.add")) {
            rate = rate.plus(Formula::name(add));
        }
        let head = self.head(&key, &key, &process.common);
        let mut whole: Vec<(String, f64)> = Vec::new();
        let mut parts: Vec<(String, Formula)> = Vec::new();
        for (species, coefficient) in &process.changes {
            let Some(slot) = declared_unit(self, species) else {
                continue;
            };
            // One turn is one of the rate's unit and day.
            let target = slot.divide(&Unit::day()).divide(&process.unit);
            let entry = format!("{key}, its change of {species}");
            let coefficient = self.measured(coefficient, &entry)?;
            let coefficient =
                coefficient
                    .into_unit(&target)
                    .map_err(|cause| ExchangeError::NotExpressible {
                        entry: entry.clone(),
                        cause,
                    })?;
            let free = self.names.of(&format!("species.{species}.free"));
            match (constant(&coefficient), free) {
                (Some(0.0), _) => {}
                (Some(number), None) => whole.push((self.id(species), number)),
                (_, free) => {
                    let mut coefficient = coefficient;
                    if let Some(free) = free {
                        coefficient = Formula::name(free).times(coefficient);
                    }
                    parts.push((species.clone(), coefficient));
                }
            }
        }
        if !parts.is_empty() {
            let shared = self
                .names
                .give(&format!("rate.{id}"), &format!("rate_{id}"));
            let rate_head = Head {
                id: shared.clone(),
                says: format!("Rate: {}", process.common.says),
                ..Head::default()
            };
            self.given_by_rule(rate_head, process.unit.clone(), rate);
            rate = Formula::Name(shared);
        }
        for (species, coefficient) in parts {
            let unit = declared_unit(self, &species).unwrap_or_else(Unit::one);
            let mut flux = rate.clone().times(coefficient);
            if unit != Unit::one() {
                flux = Formula::binary(Operator::Divide, flux, Formula::Number(1.0, unit));
            }
            let request = format!("process_{id}_of_{species}");
            let part = Head {
                id: self.names.give(&format!("{key}.{species}"), &request),
                ..head.clone()
            };
            let changes = vec![(self.id(&species), 1.0)];
            self.content.reactions.push(reaction(part, changes, flux));
        }
        if !whole.is_empty() {
            let turn = process.unit.multiply(&Unit::day());
            let flux = if turn == Unit::one() {
                rate
            } else {
                Formula::binary(Operator::Divide, rate, Formula::Number(1.0, turn))
            };
            self.content.reactions.push(reaction(head, whole, flux));
        }
        Ok(())
    }

    /// What the arm adds to species over windows.
    fn inflows(&mut self) {
        for species in &self.blueprint.network.species {
            let key = format!("species.{}.inflow", species.id);
            let Some(inflow) = self.names.of(&key) else {
                continue;
            };
            let mut flux = Formula::name(inflow);
            if species.unit != Unit::one() {
                let one = Formula::Number(1.0, species.unit.clone());
                flux = Formula::binary(Operator::Divide, flux, one);
            }
            let head = Head {
                id: self.names.give(
                    &format!("{key}.reaction"),
                    &format!("inflow_of_{}", species.id),
                ),
                says: format!("What the arm adds to {}", species.id),
                ..Head::default()
            };
            let changes = vec![(self.id(&species.id), 1.0)];
            self.content.reactions.push(reaction(head, changes, flux));
        }
    }

    /// Species that a rate reads without changing them.
    pub(super) fn note_modifiers(&mut self) {
        let species: BTreeSet<&String> =
            self.content.species.iter().map(|it| &it.head.id).collect();
        for reaction in &mut self.content.reactions {
            let mut read = BTreeSet::new();
            reaction.rate.visit(&mut |formula| {
                if let Formula::Name(name) = formula
                    && species.contains(name)
                {
                    read.insert(name.clone());
                }
            });
            let changed = |reaction: &Reaction, name: &String| {
                reaction.changes.iter().any(|(changed, _)| changed == name)
            };
            read.retain(|name| !changed(reaction, name));
            reaction.modifiers = read.into_iter().collect();
        }
    }
}

/// The unit of a species of the state.
fn declared_unit(builder: &Builder<'_>, species: &str) -> Option<Unit> {
    builder.blueprint.network.species_index(species)?;
    let declared = builder.declaration.species.get(species)?;
    Some(declared.unit.clone())
}

/// The value of a formula that is a number, or its negative, or a number times a converter.
fn constant(formula: &Formula) -> Option<f64> {
    match formula {
        Formula::Number(value, _) => Some(*value),
        Formula::Negate(inner) => constant(inner).map(|value| -value),
        Formula::Binary(Operator::Multiply, a, b) => Some(constant(a)? * constant(b)?),
        _ => None,
    }
}
