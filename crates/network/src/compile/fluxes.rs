//! Rates of processes, what they contribute to species, and the derivative.

use std::collections::BTreeMap;

use crate::declaration::Process;
use crate::expression::{Expression, measure};
use crate::fault::{Code, Fault};
use crate::network::ProcessSlot;
use crate::unit::Unit;

use super::build::Builder;
use super::graph::NodeId;
use super::lower::lower;

/// A process with the node of its rate, modulators and gates included.
pub(super) struct Rate<'a> {
    pub(super) slot: ProcessSlot,
    process: &'a Process,
    pub(super) node: NodeId,
}

impl<'a> Builder<'a> {
    pub(super) fn rates(&mut self, modulators: &BTreeMap<&'a str, Vec<&'a str>>) -> Vec<Rate<'a>> {
        let mut rates = Vec::new();
        for (id, process) in &self.declaration.processes {
            if !self.enabled("process", id, process.enabled) {
                continue;
            }
            let what = format!("the process `{id}` is");
            let value = self.value(&process.rate, &process.unit, &what);
            let mut node = self.modulated(value, &format!("process.{id}"), modulators);
            let scale = self.parameter(&format!("process.{id}.scale"));
            let add = self.parameter(&format!("process.{id}.add"));
            if let (Some(scale), Some(add)) = (scale, add) {
                let scaled = self.graph.multiply(scale, node);
                node = self.graph.add(scaled, add);
            }
            let indices = process
                .changes
                .keys()
                .filter_map(|species| self.species.binary_search(&species.as_str()).ok());
            let slot = ProcessSlot {
                id: id.clone(),
                unit: process.unit.clone(),
                pathway: process.pathway.clone(),
                changes: indices.collect(),
            };
            rates.push(Rate {
                slot,
                process,
                node,
            });
        }
        rates
    }

    /// Contributions of all processes, and the derivative of every species.
    pub(super) fn derivative(&mut self, rates: &[Rate<'a>]) -> (Vec<NodeId>, Vec<NodeId>) {
        let mut contributions = Vec::new();
        let mut sums: Vec<Option<NodeId>> = vec![None; self.species.len()];
        for rate in rates {
            for (species, coefficient) in &rate.process.changes {
                let Ok(index) = self.species.binary_search(&species.as_str()) else {
                    continue;
                };
                let coefficient = self.coefficient(species, coefficient, &rate.process.unit);
                let term = self.graph.multiply(rate.node, coefficient);
                contributions.push(term);
                sums[index] = Some(match sums[index] {
                    Some(sum) => self.graph.add(sum, term),
                    None => term,
                });
            }
        }
        let mut derivative = Vec::with_capacity(sums.len());
        for (sum, id) in sums.into_iter().zip(self.species.clone()) {
            let zero = self.graph.constant(0.0);
            let mut node = sum.unwrap_or(zero);
            let free = self.parameter(&format!("species.{id}.free"));
            let inflow = self.parameter(&format!("species.{id}.inflow"));
            if let (Some(free), Some(inflow)) = (free, inflow) {
                let gated = self.graph.multiply(free, node);
                node = self.graph.add(gated, inflow);
            }
            derivative.push(node);
        }
        (contributions, derivative)
    }

    /// How much of a species one unit of the rate makes, per day and in its unit.
    fn coefficient(&mut self, species: &str, coefficient: &Expression, rate: &Unit) -> NodeId {
        let declaration = self.declaration;
        let Some(unit) = declaration
            .species
            .get(species)
            .map(|species| &species.unit)
        else {
            return self.graph.constant(f64::NAN);
        };
        let target = unit.divide(&Unit::day()).divide(rate);
        let units = self.units;
        let unit_of = |name: &str| units.get(name).map(|unit| (*unit).clone());
        let measured = measure(coefficient, &unit_of, self.faults);
        let found = measured.unit.clone();
        let node = lower(
            &mut self.graph,
            coefficient,
            &measured.conversions,
            &self.scope,
            self.faults,
        );
        match found.map(|found| found.factor_to(&target)) {
            Some(Ok(factor)) => {
                let factor = self.graph.constant(factor);
                self.graph.multiply(node, factor)
            }
            // The literal zero, or reported by the unit check.
            None => node,
            Some(Err(error)) => {
                let place = coefficient.place();
                self.faults
                    .add(Fault::new(Code::UnitsDiffer, error.to_string(), place));
                node
            }
        }
    }
}
