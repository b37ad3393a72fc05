//! In which direction a value changes with the nodes of the map.
//!
//! Found by trying: every species at its typical magnitude, the names of parameters at their
//! values, one node moved by one per cent up and down, everything that is no node follows. So the
//! sign is that of the partial derivative where the model works, whatever the form of the
//! expression; an effect that reverses far away (butyrate that becomes toxic) is drawn as it is in
//! the usual range, and one that hardly changes the value is not drawn. Units are left out: they change magnitudes, never signs.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use gutbrain_network::declaration::{Declaration, Role};
use gutbrain_network::expression::{Expression, Function, NodeKind, Operator};
use gutbrain_numbers::Real;

/// How a value changes when a node grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    /// It grows.
    Up,
    /// It falls.
    Down,
}

impl Effect {
    /// The effect on what is consumed.
    pub(super) fn flipped(self) -> Self {
        match self {
            Self::Up => Self::Down,
            Self::Down => Self::Up,
        }
    }
}

/// A value that is zero by default is tried at this one, so that no link hides.
const INSTEAD_OF_ZERO: f64 = 0.5;
/// Relative step of a node.
const STEP: f64 = 0.01;
/// Least relative change of the value, as a share of that of the node, that is drawn.
const WEAKEST: f64 = 0.05;

/// A model at its typical state.
pub(super) struct TypicalState<'a> {
    declaration: &'a Declaration,
    /// Ids of assignments that are nodes.
    nodes: &'a BTreeSet<String>,
    /// Values of species and assignments.
    values: BTreeMap<&'a str, f64>,
}

impl<'a> TypicalState<'a> {
    /// Evaluates everything once.
    pub(super) fn new(declaration: &'a Declaration, nodes: &'a BTreeSet<String>) -> Self {
        let species = declaration.species.iter();
        let mut state = Self {
            declaration,
            nodes,
            values: species
                .map(|(id, entry)| (id.as_str(), entry.scale))
                .collect(),
        };
        let none = BTreeSet::new();
        let trial = Trial::new(&state, &none, None);
        let values: Vec<(&str, f64)> = declaration
            .assignments
            .keys()
            .map(|id| (id.as_str(), trial.value(id, Moved::Counts)))
            .collect();
        state.values.extend(values);
        state
    }

    /// The nodes that an expression follows, directly or through what is no node.
    pub(super) fn effects(&self, expression: &Expression) -> BTreeMap<String, Effect> {
        let mut read = BTreeSet::new();
        self.collect(expression, &mut read, &mut BTreeSet::new());
        let at = |node: &str, factor: f64| {
            let moved = self.values.get(node).copied().unwrap_or(0.0) * factor;
            Trial::new(self, self.nodes, Some((node, moved))).evaluate(expression, Moved::Counts)
        };
        let mut effects = BTreeMap::new();
        for node in read {
            let (low, high) = (at(node, 1.0 - STEP), at(node, 1.0 + STEP));
            if (high - low).abs() > WEAKEST * STEP * (high.abs() + low.abs()) {
                let effect = if high > low { Effect::Up } else { Effect::Down };
                effects.insert(node.to_owned(), effect);
            }
        }
        effects
    }

    /// `seen` are assignments that were looked into: many expressions may share one.
    fn collect<'b>(
        &'b self,
        expression: &'b Expression,
        read: &mut BTreeSet<&'b str>,
        seen: &mut BTreeSet<&'b str>,
    ) {
        for name in expression.names() {
            if self.declaration.species.contains_key(name) || self.nodes.contains(name) {
                read.insert(name);
            } else if let Some(assignment) = self.declaration.assignments.get(name)
                && seen.insert(name)
            {
                self.collect(&assignment.value, read, seen);
                for factor in self.factors(name) {
                    self.collect(factor, read, seen);
                }
            }
        }
    }

    /// Modulators that act on an assignment.
    fn factors<'b>(&'b self, assignment: &str) -> impl Iterator<Item = &'b Expression> {
        let target = format!("assignment.{assignment}");
        let all = self.declaration.modulators.values();
        all.filter(move |modulator| {
            modulator.enabled && modulator.acts_on.iter().any(|on| on.value == target)
        })
        .map(|modulator| &modulator.factor)
    }
}

/// Whether the node that is moved counts: `resting(x)` is that of the animal at rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Moved {
    /// It has its new value.
    Counts,
    /// It has its typical value.
    AtRest,
}

/// The model with one node moved. Every assignment is computed once, however many share it.
struct Trial<'t> {
    state: &'t TypicalState<'t>,
    /// Assignments that keep their typical value.
    held: &'t BTreeSet<String>,
    moved: Option<(&'t str, f64)>,
    known: RefCell<BTreeMap<(String, Moved), f64>>,
}

impl<'t> Trial<'t> {
    fn new(
        state: &'t TypicalState<'t>,
        held: &'t BTreeSet<String>,
        moved: Option<(&'t str, f64)>,
    ) -> Self {
        Self {
            state,
            held,
            moved,
            known: RefCell::default(),
        }
    }

    /// Assignments are acyclic.
    fn assignment(&self, id: &str, moved: Moved) -> f64 {
        let Some(assignment) = self.state.declaration.assignments.get(id) else {
            return 0.0;
        };
        let key = (id.to_owned(), moved);
        if let Some(value) = self.known.borrow().get(&key) {
            return *value;
        }
        let factors = self.state.factors(id);
        let value = factors.fold(
            self.evaluate(&assignment.value, moved),
            |product, factor| product * self.evaluate(factor, moved),
        );
        self.known.borrow_mut().insert(key, value);
        value
    }

    /// The value of a name.
    fn value(&self, name: &str, moved: Moved) -> f64 {
        if let (Some((node, value)), Moved::Counts) = (self.moved, moved)
            && node == name
        {
            return value;
        }
        let declaration = self.state.declaration;
        if let Some(parameter) = declaration.parameters.get(name) {
            return match parameter.role {
                Role::Property if parameter.value == 0.0 => INSTEAD_OF_ZERO,
                Role::Property | Role::Input | Role::Group => parameter.value,
            };
        }
        match self.state.values.get(name) {
            Some(value) if self.held.contains(name) => *value,
            Some(value) if declaration.species.contains_key(name) => *value,
            _ => self.assignment(name, moved),
        }
    }

    fn evaluate(&self, expression: &Expression, moved: Moved) -> f64 {
        let mut done: Vec<f64> = Vec::with_capacity(expression.nodes().len());
        for node in expression.nodes() {
            let value = match &node.kind {
                NodeKind::Number { value, .. } => *value,
                NodeKind::Name(name) => self.value(name, moved),
                NodeKind::Resting(name) => self.value(name, Moved::AtRest),
                NodeKind::Negate(operand) => -done[*operand],
                NodeKind::Binary(operator, left, right) => {
                    let (left, right) = (done[*left], done[*right]);
                    match operator {
                        Operator::Add => left + right,
                        Operator::Subtract => left - right,
                        Operator::Multiply => left * right,
                        Operator::Divide => left / right,
                        Operator::Power => Real::powf(left, right),
                    }
                }
                NodeKind::Call(function, arguments) => {
                    let arguments: Vec<f64> = arguments.iter().map(|index| done[*index]).collect();
                    call(*function, &arguments)
                }
            };
            done.push(value);
        }
        done.pop().unwrap_or(0.0)
    }
}

fn call(function: Function, arguments: &[f64]) -> f64 {
    let power = |x: f64, half: f64, exponent: f64| Real::powf(x.max(0.0) / half, exponent);
    match (function, arguments) {
        (Function::Min, all) => all.iter().copied().fold(f64::INFINITY, f64::min),
        (Function::Max, all) => all.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        (Function::Exp, [x]) => Real::exp(*x),
        (Function::Ln, [x]) => Real::ln(*x),
        (Function::Sqrt, [x]) => x.sqrt(),
        (Function::Abs, [x]) => x.abs(),
        (Function::Positive, [x]) => x.max(0.0),
        (Function::Hill, [x, half, exponent]) => {
            let power = power(*x, *half, *exponent);
            power / (1.0 + power)
        }
        (Function::HillDown, [x, half, exponent]) => 1.0 / (1.0 + power(*x, *half, *exponent)),
        (Function::SwitchUp, [x, threshold, width]) => {
            1.0 / (1.0 + Real::exp((threshold - x) / width))
        }
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use gutbrain_network::Source;

    use super::*;

    /// Sixty assignments, each the sum of the next one with itself: 2^60 paths, sixty values.
    #[test]
    fn shared_assignments_are_computed_once() {
        let mut text = String::from(
            "[compartment.body]\nsays = \"B\"\nregion = \"body\"\nassumed = \"t\"\n[species.z60]\nsays = \"S\"\nwhere = \
             \"body\"\nunit = \"1\"\ninitial = 1\nscale = 1\nassumed = \"t\"\n[process.p]\nsays = \
             \"P.\"\nchanges = { z60 = 1 }\nrate = \"z0 * 1e-30 [1/day]\"\nassumed = \"t\"\n",
        );
        for level in 0..60 {
            let next = level + 1;
            text.push_str(&format!(
                "[assignment.z{level}]\nsays = \"A\"\nunit = \"1\"\nvalue = \"z{next} + z{next}\"\nassumed \
                 = \"t\"\n"
            ));
        }
        let declaration = Declaration::read(&[Source::new("m.toml", text)])
            .unwrap_or_else(|faults| panic!("{faults}"));
        let none = BTreeSet::new();
        let state = TypicalState::new(&declaration, &none);
        assert_eq!(state.values["z0"].to_bits(), (60_f64).exp2().to_bits());
        let effects = state.effects(&declaration.processes["p"].rate);
        assert_eq!(effects, BTreeMap::from([("z60".to_owned(), Effect::Up)]));
    }
}
