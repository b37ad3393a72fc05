//! From the declaration and a blueprint of one arm to what an exchange file says.
//!
//! Every entry is read from the declaration; the blueprint gives numbers. What cannot be expressed is
//! an error that names it; nothing is left out.

use std::collections::{BTreeMap, BTreeSet};

use gutbrain_network::Declaration;
use gutbrain_network::declaration::{Common, Crossing, InitialValue};
use gutbrain_network::expression::{Expression, Operator};
use gutbrain_network::unit::Unit;

use super::ExchangeError;
use super::content::{
    Compartment, Content, Count, Event, Head, Keeps, Parameter, Reaction, Rule, Species,
};
use super::finite::check_finite;
use super::formula::{Formula, Meaning, Measured, Relation, lower};
use super::functions::define;
use super::names::Names;
use super::rules::sort_rules;
use gutbrain::model::Model;
use gutbrain::scenario::Scenario;
use gutbrain::simulate::{Blueprint, Change};

/// What an exchange file says about one arm.
///
/// # Errors
/// What SBML cannot express, by name.
pub fn build(
    model: &Model,
    scenario: &Scenario,
    blueprint: &Blueprint,
) -> Result<Content, ExchangeError> {
    let mut builder = Builder::new(model, scenario, blueprint);
    builder.compartments();
    builder.parameters();
    builder.species()?;
    builder.age();
    builder.modulators()?;
    builder.assignments()?;
    builder.reactions()?;
    builder.observables()?;
    builder.switches();
    // Before the ages of endpoints, which are infinite as long as they are not reached.
    check_finite(&builder.content)?;
    builder.endpoints()?;
    builder.awaited();
    Ok(builder.finish())
}

pub(super) struct Builder<'a> {
    pub(super) declaration: &'a Declaration,
    pub(super) scenario: &'a Scenario,
    pub(super) blueprint: &'a Blueprint,
    pub(super) names: Names,
    pub(super) content: Content,
    /// When each declared event happens for the first time.
    pub(super) met: BTreeMap<String, Formula>,
}

impl<'a> Builder<'a> {
    fn new(model: &'a Model, scenario: &'a Scenario, blueprint: &'a Blueprint) -> Self {
        let declaration = &model.declaration;
        let preset = declaration.subjects.get(&scenario.subject.preset);
        let family = &declaration.family;
        let kin = preset.is_some_and(|it| it.species.as_ref() == Some(&family.name));
        let taxa = match kin {
            true => family.identifiers.clone(),
            false => Vec::new(),
        };
        let mut names = Self::reserve(Names::new(), declaration);
        // Models share the space of identifiers with what is in them, and are no quantity.
        let id = names.give("the.model", &format!("gutbrain_{}", blueprint.arm));
        Self {
            declaration,
            scenario,
            blueprint,
            names,
            content: Content {
                id,
                name: format!("{}: {}", scenario.title, blueprint.arm),
                notes: vec![
                    format!(
                        "Written by gutbrain {}; model {}.",
                        env!("CARGO_PKG_VERSION"),
                        model.hash
                    ),
                    format!(
                        "Subject {}, arm {}. Time 0 is the age of {} days.",
                        scenario.subject.preset, blueprint.arm, blueprint.start
                    ),
                    "Initial values are those of the run. Resting values (resting_X) are those of \
                     the healthy animal of the same parameters: change a parameter here, and they \
                     stay as they are; export again to have them follow."
                        .to_owned(),
                ],
                taxa,
                span: (blueprint.start, blueprint.stop),
                compartments: Vec::new(),
                species: Vec::new(),
                parameters: Vec::new(),
                functions: Vec::new(),
                rules: Vec::new(),
                reactions: Vec::new(),
                events: Vec::new(),
            },
            met: BTreeMap::new(),
        }
    }

    /// Quantities get their own names before anything else takes them.
    fn reserve(mut names: Names, declaration: &Declaration) -> Names {
        let d = declaration;
        let quantities = [
            d.species.keys().collect::<Vec<_>>(),
            d.parameters.keys().collect(),
            d.assignments.keys().collect(),
            d.observables.keys().collect(),
        ];
        for id in quantities.into_iter().flatten() {
            names.give(id, id);
        }
        for id in d.compartments.keys() {
            names.give(&format!("compartment.{id}"), id);
        }
        for id in d.modulators.keys() {
            names.give(&format!("modulator.{id}"), &format!("modulator_{id}"));
        }
        for id in d.processes.keys() {
            names.give(&format!("process.{id}"), &format!("process_{id}"));
        }
        for id in d.events.keys() {
            names.give(&format!("event.{id}"), &format!("event_{id}"));
        }
        names
    }

    pub(super) fn id(&self, key: &str) -> String {
        self.names.of(key).unwrap_or(key).to_owned()
    }

    pub(super) fn head(&self, key: &str, origin: &str, common: &Common) -> Head {
        Head {
            id: self.id(key),
            says: common.says.clone(),
            origin: origin.to_owned(),
            identities: Vec::new(),
            dois: self.dois(common),
        }
    }

    fn dois(&self, common: &Common) -> Vec<String> {
        let rows = common.evidence.iter();
        let dois: BTreeSet<String> = rows
            .filter_map(|row| self.declaration.evidence.get(&row.value)?.doi.clone())
            .collect();
        dois.into_iter().collect()
    }

    /// What a name means; resting values are parameters.
    fn meaning(&self, name: &str, at_rest: bool) -> Option<Meaning> {
        let unit = self.declaration.unit_of(name)?;
        let id = if at_rest {
            self.names.of(&format!("resting.{name}"))?
        } else {
            self.names.of(name)?
        };
        Some((id.to_owned(), unit))
    }

    pub(super) fn measured(
        &self,
        expression: &Expression,
        entry: &str,
    ) -> Result<Measured, ExchangeError> {
        let meaning = |name: &str, at_rest: bool| self.meaning(name, at_rest);
        lower(expression, &meaning).map_err(|cause| ExchangeError::NotExpressible {
            entry: entry.to_owned(),
            cause,
        })
    }

    pub(super) fn formula(
        &self,
        expression: &Expression,
        unit: &Unit,
        entry: &str,
    ) -> Result<Formula, ExchangeError> {
        let measured = self.measured(expression, entry)?;
        let converted = measured.into_unit(unit);
        converted.map_err(|cause| ExchangeError::NotExpressible {
            entry: entry.to_owned(),
            cause,
        })
    }

    fn compartments(&mut self) {
        for (id, compartment) in &self.declaration.compartments {
            let key = format!("compartment.{id}");
            let head = self.head(&key, &key, &compartment.common);
            self.content.compartments.push(Compartment { head });
        }
    }

    /// Declared parameters, resting values, and the gates that this arm moves.
    fn parameters(&mut self) {
        let blueprint = self.blueprint;
        for (index, slot) in blueprint.network.parameters.iter().enumerate() {
            let value = blueprint.parameters[index];
            let varies = blueprint.varies(index);
            let head = match self.declaration.parameters.get(&slot.id) {
                Some(declared) => {
                    let origin = format!("parameter.{}", slot.id);
                    self.head(&slot.id, &origin, &declared.common)
                }
                None if !slot.id.starts_with("resting.")
                    && !varies
                    && value.total_cmp(&slot.value).is_eq() =>
                {
                    // A gate that stays open in this arm.
                    continue;
                }
                None => {
                    let id = self.names.give(&slot.id, &slot.id.replace('.', "_"));
                    let says = match slot.id.split_once('.') {
                        Some(("resting", name)) => {
                            format!("{name} in the resting healthy animal")
                        }
                        _ => format!("{}, moved by this arm", slot.id),
                    };
                    Head {
                        id,
                        says,
                        origin: slot.id.clone(),
                        ..Head::default()
                    }
                }
            };
            self.content.parameters.push(Parameter {
                head,
                unit: slot.unit.clone(),
                value,
                keeps: if varies {
                    Keeps::ByEvents
                } else {
                    Keeps::Constant
                },
            });
        }
    }

    fn species(&mut self) -> Result<(), ExchangeError> {
        let declaration = self.declaration;
        let mut conversions: Vec<(Unit, String)> = Vec::new();
        for (id, species) in &declaration.species {
            let origin = format!("species.{id}");
            let mut head = self.head(id, &origin, &species.common);
            let family = &declaration.family;
            head.identities = family.species.get(id).cloned().unwrap_or_default();
            let Some(index) = self.blueprint.network.species_index(id) else {
                self.fixed_species(id, head)?;
                continue;
            };
            let (count, substance) = count(&species.unit).ok_or_else(|| {
                let cause = format!(
                    "its unit {} is no amount of substance and none per volume",
                    species.unit
                );
                ExchangeError::NotExpressible {
                    entry: origin.clone(),
                    cause,
                }
            })?;
            let known = conversions.iter().find(|(unit, _)| *unit == substance);
            let conversion = if let Some((_, id)) = known {
                id.clone()
            } else {
                let key = format!("turn.{}", conversions.len());
                let id = self
                    .names
                    .give(&key, &format!("turn_{}", conversions.len()));
                conversions.push((substance.clone(), id.clone()));
                id
            };
            self.content.species.push(Species {
                head,
                compartment: self.id(&format!("compartment.{}", species.compartment.value)),
                unit: species.unit.clone(),
                substance,
                conversion,
                count,
                initial: above_noise(
                    self.blueprint.state[index],
                    self.blueprint.network.species[index].scale,
                ),
                moves: true,
            });
        }
        for (unit, id) in conversions {
            self.content.parameters.push(Parameter {
                head: Head {
                    id,
                    says: format!("Conversion factor: one turn of a process, in {unit}"),
                    ..Head::default()
                },
                unit,
                value: 1.0,
                keeps: Keeps::Constant,
            });
        }
        Ok(())
    }

    /// A species that is switched off keeps its initial value: a number, or a rule of parameters.
    fn fixed_species(&mut self, id: &str, head: Head) -> Result<(), ExchangeError> {
        let species = &self.declaration.species[id];
        let (value, keeps) = match &species.initial {
            InitialValue::Steady { guess } => (*guess, Keeps::Constant),
            InitialValue::Given(initial) => {
                let value = self.formula(initial, &species.unit, &head.origin)?;
                let variable = head.id.clone();
                self.content.rules.push(Rule { variable, value });
                (f64::NAN, Keeps::ByRule)
            }
        };
        self.content.parameters.push(Parameter {
            head,
            unit: species.unit.clone(),
            value,
            keeps,
        });
        Ok(())
    }

    fn age(&mut self) {
        let head = Head {
            id: "age".to_owned(),
            says: "Age of the animal".to_owned(),
            ..Head::default()
        };
        let start = Formula::Number(self.blueprint.start, Unit::day());
        self.given_by_rule(head, Unit::day(), start.plus(Formula::Time));
    }

    /// A parameter that a rule gives.
    pub(super) fn given_by_rule(&mut self, head: Head, unit: Unit, value: Formula) {
        self.content.rules.push(Rule {
            variable: head.id.clone(),
            value,
        });
        self.content.parameters.push(Parameter {
            head,
            unit,
            value: f64::NAN,
            keeps: Keeps::ByRule,
        });
    }

    pub(super) fn enabled(&self, kind: &str, id: &str, declared: bool) -> bool {
        let edit = self.scenario.edits.enabled.get(&format!("{kind}.{id}"));
        edit.copied().unwrap_or(declared)
    }

    fn modulators(&mut self) -> Result<(), ExchangeError> {
        for (id, modulator) in &self.declaration.modulators {
            if !self.enabled("modulator", id, modulator.enabled) {
                continue;
            }
            let key = format!("modulator.{id}");
            let mut factor = self.formula(&modulator.factor, &Unit::one(), &key)?;
            let strength = self.names.of(&format!("{key}.strength"));
            let add = self.names.of(&format!("{key}.add"));
            if strength.is_some() || add.is_some() {
                // 1 + strength (factor - 1) + add
                let excess = Formula::binary(Operator::Subtract, factor, Formula::pure(1.0));
                let scaled = match strength {
                    Some(strength) => Formula::name(strength).times(excess),
                    None => excess,
                };
                factor = Formula::pure(1.0).plus(scaled);
                if let Some(add) = add {
                    factor = factor.plus(Formula::name(add));
                }
            }
            let head = self.head(&key, &key, &modulator.common);
            self.given_by_rule(head, Unit::one(), factor);
        }
        Ok(())
    }

    /// `value` times the modulators of a target, in order.
    pub(super) fn modulated(&self, mut value: Formula, target: &str) -> Formula {
        for (id, modulator) in &self.declaration.modulators {
            let acts = modulator.acts_on.iter().any(|on| on.value == target);
            if acts && self.enabled("modulator", id, modulator.enabled) {
                value = value.times(Formula::Name(self.id(&format!("modulator.{id}"))));
            }
        }
        value
    }

    fn assignments(&mut self) -> Result<(), ExchangeError> {
        for (id, assignment) in &self.declaration.assignments {
            let origin = format!("assignment.{id}");
            let value = self.formula(&assignment.value, &assignment.unit, &origin)?;
            let value = self.modulated(value, &origin);
            let head = self.head(id, &origin, &assignment.common);
            self.given_by_rule(head, assignment.unit.clone(), value);
        }
        Ok(())
    }

    fn observables(&mut self) -> Result<(), ExchangeError> {
        for (id, observable) in &self.declaration.observables {
            let origin = format!("observable.{id}");
            let value = self.formula(&observable.value, &observable.unit, &origin)?;
            let head = self.head(id, &origin, &observable.common);
            self.given_by_rule(head, observable.unit.clone(), value);
        }
        Ok(())
    }

    /// Doses, windows and perturbations: one event for each instant, so that no order is open.
    fn switches(&mut self) {
        let network = &self.blueprint.network;
        for (index, switch) in self.blueprint.switches.iter().enumerate() {
            let mut assignments = Vec::new();
            for &(parameter, value) in &switch.parameters {
                let slot = &network.parameters[parameter];
                // A gate or parameter that changes was given a name.
                let value = Formula::Number(value, slot.unit.clone());
                assignments.push((self.id(&slot.id), value));
            }
            let mut species: BTreeMap<String, Formula> = BTreeMap::new();
            for &change in &switch.species {
                changed_species(self, &mut species, change);
            }
            assignments.extend(species);
            if assignments.is_empty() {
                continue;
            }
            let key = format!("switch.{index}");
            let id = self.names.give(&key, &format!("switch_{}", index + 1));
            let age = Formula::Number(switch.age, Unit::day());
            self.content.events.push(Event {
                head: Head {
                    id,
                    says: format!("What the arm does at the age of {} days", switch.age),
                    ..Head::default()
                },
                trigger: Formula::name("age").compare(Relation::AtLeast, age),
                holds_before: false,
                assignments,
            });
        }
    }

    /// The declared events note the first age at which they are met; infinite before.
    fn endpoints(&mut self) -> Result<(), ExchangeError> {
        for (id, event) in &self.declaration.events {
            let key = format!("event.{id}");
            let relation = match event.direction {
                Crossing::Rising => Relation::Greater,
                Crossing::Falling => Relation::Less,
                Crossing::Either => {
                    return Err(ExchangeError::NotExpressible {
                        entry: key,
                        cause: "an event that counts crossings in both directions".to_owned(),
                    });
                }
            };
            let measured = self.measured(&event.when, &key)?;
            let unit = measured.unit();
            let value = measured.into_unit(&unit);
            let value = value.map_err(|cause| ExchangeError::NotExpressible {
                entry: key.clone(),
                cause,
            })?;
            let crossed = value.compare(relation, Formula::Number(0.0, unit));
            let noted = self.names.give(&format!("{key}.age"), &format!("{id}_age"));
            let passed = self.blueprint.passed.iter().find(|(met, _)| met == id);
            let first = Formula::name("age").compare(Relation::Less, Formula::name(&*noted));
            let head = self.head(&key, &key, &event.common);
            self.content.parameters.push(Parameter {
                head: Head {
                    id: noted.clone(),
                    says: format!("Age at the first {id}, infinite before"),
                    ..Head::default()
                },
                unit: Unit::day(),
                value: passed.map_or(f64::INFINITY, |(_, age)| *age),
                keeps: Keeps::ByEvents,
            });
            let trigger = Formula::And(Box::new(crossed), Box::new(first));
            self.met.insert(id.clone(), trigger.clone());
            self.content.events.push(Event {
                head,
                trigger,
                holds_before: true,
                assignments: vec![(noted, Formula::name("age"))],
            });
        }
        Ok(())
    }

    fn finish(mut self) -> Content {
        self.part_calls();
        self.note_modifiers();
        self.content.rules = sort_rules(std::mem::take(&mut self.content.rules));
        let mut calls = BTreeSet::new();
        let mut note = |formula: &Formula| {
            if let Formula::Call(call, _) = formula {
                calls.insert(*call);
            }
        };
        let content = &self.content;
        content
            .rules
            .iter()
            .for_each(|rule| rule.value.visit(&mut note));
        content
            .reactions
            .iter()
            .for_each(|it| it.rate.visit(&mut note));
        for event in &content.events {
            event.trigger.visit(&mut note);
            event
                .assignments
                .iter()
                .for_each(|(_, value)| value.visit(&mut note));
        }
        self.content.functions = calls.into_iter().filter_map(define).collect();
        self.content
    }
}

/// Adds a change of a species to those of the same instant.
pub(super) fn changed_species(
    builder: &Builder<'_>,
    species: &mut BTreeMap<String, Formula>,
    (which, change, amount): (usize, Change, f64),
) {
    let slot = &builder.blueprint.network.species[which];
    let id = builder.id(&slot.id);
    let now = species
        .remove(&id)
        .unwrap_or_else(|| Formula::Name(id.clone()));
    let number = Formula::Number(amount, slot.unit.clone());
    let then = match change {
        Change::Set => number,
        Change::Scale => now.times(Formula::pure(amount)),
        Change::Add => now.plus(number),
    };
    species.insert(id, then);
}

/// Whether a unit counts per volume, and the unit of the amount in one litre.
fn count(unit: &Unit) -> Option<(Count, Unit)> {
    let litre = super::litre();
    let is_substance = |unit: &Unit| {
        let powers: Vec<(&str, f64)> = unit.powers().collect();
        match powers.as_slice() {
            [] => true,
            [(base, power)] => {
                matches!(*base, "mol" | "kg" | "EU" | "CFU") && power.total_cmp(&1.0).is_eq()
            }
            _ => false,
        }
    };
    if is_substance(unit) {
        return Some((Count::Whole, unit.clone()));
    }
    let amount = unit.multiply(&litre);
    (is_substance(&amount) && !amount.is_dimensionless()).then_some((Count::PerVolume, amount))
}

/// The reaction of a process, shared with [`super::reactions`].
pub(super) fn reaction(head: Head, changes: Vec<(String, f64)>, rate: Formula) -> Reaction {
    Reaction {
        head,
        changes,
        modifiers: Vec::new(),
        rate,
    }
}

/// Values below this part of the typical magnitude of a species are what is left of a decay: no solver
/// tells them from zero, and not every reader of SBML reads them.
const NOISE: f64 = 1e-30;

/// The value, or zero where it is noise.
fn above_noise(value: f64, scale: f64) -> f64 {
    if value.abs() < NOISE * scale {
        0.0
    } else {
        value
    }
}
