//! Builds the graph of a network and lowers all its programs.
//!
//! Processes add, modulators multiply, both in order of ids: the order of files
//! never changes a bit.

use std::collections::{BTreeMap, BTreeSet};

use gutbrain_native::MadeOnce;

use crate::declaration::{
    Declaration, InitialValue, UnitsByName, assignment_reads, observable_reads, order,
};
use crate::expression::{Expression, measure, measure_as};
use crate::fault::{Code, Collector, Fault, Faults, Place, Source};
use crate::network::{
    Edits, EventSlot, InitialSlot, Network, ParameterSlot, Programs, SpeciesSlot, ValueSlot,
};
use crate::unit::Unit;

use super::differentiate::jacobian;
use super::graph::{Graph, NodeId};
use super::intervention::{InterventionProgram, Slots};
use super::linear::are_linear;
use super::lower::{Scope, lower};
use super::parameters;
use super::reciprocals::with_reciprocals;
use super::tape::Tape;

/// What `resting(x)` means in a program.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// The search for the steady state: x itself.
    Settling,
    /// The run: a parameter that holds the settled value.
    Running,
}

pub(crate) fn compile(declaration: &Declaration, edits: &Edits) -> Result<Network, Faults> {
    let faults = Collector::new();
    let slots = parameters::collect(declaration, edits, &faults);
    let units = declaration.units_by_name();
    let model = Model {
        declaration,
        edits,
        slots: &slots,
        units: &units,
        faults: &faults,
    };
    let settling = Builder::new(&model, Phase::Settling).finish();
    let mut running = Builder::new(&model, Phase::Running).finish();
    running.settling = Some(Box::new(settling));
    faults.finish(running)
}

/// What both phases are built from.
struct Model<'a> {
    declaration: &'a Declaration,
    edits: &'a Edits,
    slots: &'a [ParameterSlot],
    units: &'a UnitsByName<'a>,
    faults: &'a Collector,
}

pub(super) struct Builder<'a> {
    pub(super) declaration: &'a Declaration,
    pub(super) units: &'a UnitsByName<'a>,
    edits: &'a Edits,
    slots: &'a [ParameterSlot],
    phase: Phase,
    pub(super) faults: &'a Collector,
    pub(super) graph: Graph,
    pub(super) scope: Scope,
    /// Ids of the species that are components of the state.
    pub(super) species: Vec<&'a str>,
}

impl<'a> Builder<'a> {
    fn new(model: &Model<'a>, phase: Phase) -> Self {
        let species = model.declaration.species.iter();
        let enabled = species.filter(|(_, species)| species.enabled);
        Self {
            declaration: model.declaration,
            units: model.units,
            edits: model.edits,
            slots: model.slots,
            phase,
            faults: model.faults,
            graph: Graph::new(),
            scope: Scope::default(),
            species: enabled.map(|(id, _)| id.as_str()).collect(),
        }
    }

    fn slot(&self, id: &str) -> Option<usize> {
        self.slots
            .binary_search_by(|slot| slot.id.as_str().cmp(id))
            .ok()
    }

    /// The node of a parameter that exists, or nothing.
    pub(super) fn parameter(&mut self, id: &str) -> Option<NodeId> {
        let index = self.slot(id)?;
        Some(self.graph.parameter(index))
    }

    pub(super) fn enabled(&self, kind: &str, id: &str, declared: bool) -> bool {
        let edit = self.edits.enabled.get(&format!("{kind}.{id}"));
        edit.copied().unwrap_or(declared)
    }

    /// The node of an expression in a unit.
    pub(super) fn value(&mut self, expression: &Expression, unit: &Unit, what: &str) -> NodeId {
        let units = self.units;
        let unit_of = |name: &str| units.get(name).map(|unit| (*unit).clone());
        let conversions = measure_as(expression, &unit_of, unit, what, self.faults);
        lower(
            &mut self.graph,
            expression,
            &conversions,
            &self.scope,
            self.faults,
        )
    }

    fn finish(mut self) -> Network {
        for (index, slot) in self.slots.iter().enumerate() {
            let node = self.graph.parameter(index);
            self.scope.names.insert(slot.id.clone(), node);
        }
        for (index, id) in self.species.clone().into_iter().enumerate() {
            let node = self.graph.state(index);
            self.scope.names.insert(id.to_owned(), node);
        }
        let initial = self.initial_values();
        self.disabled_species();
        let resting = parameters::resting_names(self.declaration);
        self.resting_values(&resting);
        let modulators = self.modulators();
        let assignments = self.assignments(&resting, &modulators);
        let rates = self.rates(&modulators);
        let (contributions, derivative) = self.derivative(&rates);
        let observables = self.observables();
        let events = self.events();
        let states = self.species.len();
        let rows = with_diagonal(
            jacobian(&mut self.graph, &derivative, states),
            &mut self.graph,
        );
        let resting_nodes: Vec<NodeId> = match self.phase {
            Phase::Settling => resting
                .iter()
                .filter_map(|name| self.scope.resting.get(*name).copied())
                .collect(),
            Phase::Running => Vec::new(),
        };
        let roots = [
            derivative,
            rows.iter().flatten().map(|(_, node)| *node).collect(),
            rates.iter().map(|rate| rate.node).collect(),
            contributions,
            assignments.iter().map(|(_, node)| *node).collect(),
            observables.iter().map(|(_, node)| *node).collect(),
            events.iter().map(|(_, node)| *node).collect(),
            initial.iter().map(|(_, node)| *node).collect(),
            resting_nodes,
        ];
        let (graph, roots) = with_reciprocals(&self.graph, &roots);
        let (tape, programs) = Tape::lower(&graph, self.slots.len(), states, &roots);
        let mut row_starts = vec![0];
        let mut columns = Vec::new();
        for row in &rows {
            columns.extend(row.iter().map(|(column, _)| *column));
            row_starts.push(columns.len());
        }
        let resting = resting
            .iter()
            .filter_map(|name| self.slot(&format!("resting.{name}")));
        Network {
            species: self.species_slots(),
            parameters: self.slots.to_vec(),
            processes: rates.into_iter().map(|rate| rate.slot).collect(),
            assignments: assignments.into_iter().map(|(slot, _)| slot).collect(),
            observables: observables.into_iter().map(|(slot, _)| slot).collect(),
            events: events.into_iter().map(|(slot, _)| slot).collect(),
            resting: resting.collect(),
            initial: initial.into_iter().map(|(slot, _)| slot).collect(),
            interventions: self.interventions(),
            settling: None,
            row_starts,
            columns,
            tape,
            programs: Programs::from_list(programs),
            native: MadeOnce::default(),
        }
    }

    fn species_slots(&self) -> Vec<SpeciesSlot> {
        let slot = |id: &&str| {
            let species = self.declaration.species.get(*id)?;
            Some(SpeciesSlot {
                id: (*id).to_owned(),
                unit: species.unit.clone(),
                scale: species.scale,
            })
        };
        self.species.iter().filter_map(slot).collect()
    }

    /// The start of every species of the state; reads parameters only.
    fn initial_values(&mut self) -> Vec<(InitialSlot, NodeId)> {
        let mut values = Vec::new();
        for id in self.species.clone() {
            values.extend(self.initial_value(id));
        }
        values
    }

    fn initial_value(&mut self, id: &str) -> Option<(InitialSlot, NodeId)> {
        let species = self.declaration.species.get(id)?;
        Some(match &species.initial {
            InitialValue::Steady { guess } => (InitialSlot::Steady, self.graph.constant(*guess)),
            InitialValue::Given(expression) => {
                let what = format!("the species `{id}` is");
                let node = self.value(expression, &species.unit, &what);
                (InitialSlot::Value, node)
            }
        })
    }

    /// Species that are switched off keep their initial value or guess.
    fn disabled_species(&mut self) {
        for (id, species) in &self.declaration.species {
            if !species.enabled
                && let Some((_, node)) = self.initial_value(id)
            {
                self.scope.names.insert(id.clone(), node);
            }
        }
    }

    /// Nodes of `resting(x)` that are known before the assignments are.
    fn resting_values(&mut self, resting: &BTreeSet<&str>) {
        for name in resting {
            let node = match self.phase {
                Phase::Running => self.parameter(&format!("resting.{name}")),
                Phase::Settling if self.declaration.species.contains_key(*name) => {
                    self.scope.names.get(*name).copied()
                }
                Phase::Settling => None,
            };
            if let Some(node) = node {
                self.scope.resting.insert((*name).to_owned(), node);
            }
        }
    }

    /// By target ("process.x"): ids of the modulators that act on it, in order.
    fn modulators(&self) -> BTreeMap<&'a str, Vec<&'a str>> {
        let mut by_target: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (id, modulator) in &self.declaration.modulators {
            if self.enabled("modulator", id, modulator.enabled) {
                let targets: BTreeSet<&str> = modulator
                    .acts_on
                    .iter()
                    .map(|target| target.value.as_str())
                    .collect();
                for target in targets {
                    by_target.entry(target).or_default().push(id);
                }
            }
        }
        by_target
    }

    /// `node` times the factors of all modulators of a target.
    pub(super) fn modulated(
        &mut self,
        mut node: NodeId,
        target: &str,
        modulators: &BTreeMap<&'a str, Vec<&'a str>>,
    ) -> NodeId {
        for id in modulators.get(target).into_iter().flatten() {
            let Some(modulator) = self.declaration.modulators.get(*id) else {
                continue;
            };
            let what = format!("the factor of the modulator `{id}` is a pure number,");
            let mut factor = self.value(&modulator.factor, &Unit::one(), &what);
            let strength = self.parameter(&format!("modulator.{id}.strength"));
            let add = self.parameter(&format!("modulator.{id}.add"));
            if let (Some(strength), Some(add)) = (strength, add) {
                // 1 + strength (factor - 1) + add
                let one = self.graph.constant(1.0);
                let excess = self.graph.subtract(factor, one);
                let scaled = self.graph.multiply(strength, excess);
                let gated = self.graph.add(one, scaled);
                factor = self.graph.add(gated, add);
            }
            node = self.graph.multiply(node, factor);
        }
        node
    }

    fn assignments(
        &mut self,
        resting: &BTreeSet<&str>,
        modulators: &BTreeMap<&'a str, Vec<&'a str>>,
    ) -> Vec<(ValueSlot, NodeId)> {
        let declaration = self.declaration;
        let ordered = self.ordered(order(&assignment_reads(declaration)));
        for id in ordered {
            let Some(assignment) = declaration.assignments.get(id) else {
                continue;
            };
            let what = format!("the assignment `{id}` is");
            let value = self.value(&assignment.value, &assignment.unit, &what);
            let node = self.modulated(value, &format!("assignment.{id}"), modulators);
            self.scope.names.insert(id.to_owned(), node);
            if self.phase == Phase::Settling && resting.contains(id) {
                self.scope.resting.insert(id.to_owned(), node);
            }
        }
        let slots = declaration
            .assignments
            .iter()
            .filter_map(|(id, assignment)| {
                let slot = ValueSlot {
                    id: id.clone(),
                    unit: assignment.unit.clone(),
                    label: id.clone(),
                };
                Some((slot, *self.scope.names.get(id)?))
            });
        slots.collect()
    }

    /// An order of computation; a cycle is a fault (reading finds it first).
    fn ordered(&self, order: Result<Vec<&'a str>, Vec<&'a str>>) -> Vec<&'a str> {
        order.unwrap_or_else(|cycle| {
            let message = format!("these depend on each other: {}", cycle.join(", "));
            let place = Place::new(&Source::new("model", ""), 0..0);
            self.faults.add(Fault::new(Code::Cycle, message, &place));
            Vec::new()
        })
    }

    fn observables(&mut self) -> Vec<(ValueSlot, NodeId)> {
        let declaration = self.declaration;
        for id in self.ordered(order(&observable_reads(declaration))) {
            if let Some(observable) = declaration.observables.get(id) {
                let what = format!("the observable `{id}` is");
                let node = self.value(&observable.value, &observable.unit, &what);
                self.scope.names.insert(id.to_owned(), node);
            }
        }
        let slots = declaration
            .observables
            .iter()
            .filter_map(|(id, observable)| {
                let slot = ValueSlot {
                    id: id.clone(),
                    unit: observable.unit.clone(),
                    label: observable.label.clone().unwrap_or_else(|| id.clone()),
                };
                Some((slot, *self.scope.names.get(id)?))
            });
        slots.collect()
    }

    fn events(&mut self) -> Vec<(EventSlot, NodeId)> {
        let declaration = self.declaration;
        let units = self.units;
        let unit_of = |name: &str| units.get(name).map(|unit| (*unit).clone());
        let mut events = Vec::new();
        for (id, event) in &declaration.events {
            let conversions = measure(&event.when, &unit_of, self.faults).conversions;
            let node = lower(
                &mut self.graph,
                &event.when,
                &conversions,
                &self.scope,
                self.faults,
            );
            let slot = EventSlot {
                id: id.clone(),
                direction: event.direction,
                ending: event.ending,
                endpoint: event.endpoint.clone(),
                linear: false,
            };
            events.push((slot, node));
        }
        let nodes: Vec<NodeId> = events.iter().map(|(_, node)| *node).collect();
        for ((slot, _), linear) in events.iter_mut().zip(are_linear(&self.graph, &nodes)) {
            slot.linear = linear;
        }
        events
    }

    fn interventions(&self) -> BTreeMap<String, InterventionProgram> {
        let slots = Slots {
            parameter: &|id| self.slot(id),
            species: &|id| self.species.binary_search(&id).ok(),
            parameters: self.slots.len(),
        };
        let compile = |(id, intervention): (&String, _)| {
            let program =
                InterventionProgram::compile(intervention, &slots, self.units, self.faults);
            (id.clone(), program)
        };
        match self.phase {
            // Interventions belong to the run.
            Phase::Settling => BTreeMap::new(),
            Phase::Running => self.declaration.interventions.iter().map(compile).collect(),
        }
    }
}

/// Rows with a diagonal entry each, zero where there was none.
fn with_diagonal(rows: Vec<Vec<(usize, NodeId)>>, graph: &mut Graph) -> Vec<Vec<(usize, NodeId)>> {
    let zero = graph.constant(0.0);
    let complete = |(index, mut row): (usize, Vec<(usize, NodeId)>)| {
        if let Err(at) = row.binary_search_by_key(&index, |(column, _)| *column) {
            row.insert(at, (index, zero));
        }
        row
    };
    rows.into_iter().enumerate().map(complete).collect()
}
