//! Configurations: the experiment at one combination of values of the factors that are no parameters.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::model::Model;
use crate::scenario::{Factor, FactorTarget, Operation, Scenario, Target, When};
use crate::simulate::{Layer, Population, SimulateError};

/// One configuration of the scenario, ready to be simulated.
#[derive(Debug)]
pub(super) struct Configuration {
    pub(super) scenario: Scenario,
    pub(super) population: Population,
    /// For every arm, what its lives depend on besides the values of parameters.
    pub(super) circumstances: Vec<String>,
    /// For every factor, the place of the parameter that it sets here, if it sets one.
    pub(super) places: Vec<Option<usize>>,
}

impl Configuration {
    pub(super) fn new(
        model: &Model,
        scenario: Scenario,
        factors: &[Factor],
        like: Option<&Population>,
    ) -> Result<Self, SimulateError> {
        let population = match like {
            Some(like) => like.variant(model, &scenario)?,
            None => Population::new(model, &scenario)?,
        };
        let places = factors.iter().map(|factor| place(factor, &population));
        Ok(Self {
            circumstances: circumstances(&scenario),
            places: places.collect(),
            population,
            scenario,
        })
    }
}

/// Where a factor's parameter stands, if the factor is one and the population's value is the one it means.
fn place(factor: &Factor, population: &Population) -> Option<usize> {
    let FactorTarget::Parameter { id, preset } = &factor.target else {
        return None;
    };
    let place = population.place(id)?;
    let own = match (preset, population.layer(place)) {
        (None, _) => true,
        (Some(preset), Some(Layer::Subject(owner))) => owner == preset,
        (Some(_), _) => false,
    };
    own.then_some(place)
}

/// Two lives with equal circumstances and equal parameter values are the same life.
fn circumstances(scenario: &Scenario) -> Vec<String> {
    // Gates that other arms need are part of the compiled network.
    let mut gates = BTreeSet::new();
    for action in scenario.arms.iter().flat_map(|arm| &arm.actions) {
        let impulse = matches!(action.when, When::Once { .. });
        match &action.target {
            Target::Parameter(_) => {}
            Target::Species(_) if impulse => {}
            target => {
                gates.insert(target.dotted());
            }
        }
    }
    let common = format!(
        "{}|{:?}|{:?}|{:?}|{gates:?}",
        scenario.subject.preset, scenario.simulation, scenario.solver, scenario.edits
    );
    let of_arm = |arm: &crate::scenario::Arm| {
        let mut text = common.clone();
        for action in &arm.actions {
            let operation: Operation = action.operation;
            let _ = write!(
                text,
                "|{} {operation:?} {:?} {:?}",
                action.target.dotted(),
                action.amount,
                action.when
            );
        }
        text
    };
    scenario.arms.iter().map(of_arm).collect()
}

/// Small numbers for texts: equal texts have equal numbers.
#[derive(Debug, Default)]
pub(super) struct Numbering {
    known: BTreeMap<String, usize>,
}

impl Numbering {
    pub(super) fn of(&mut self, text: &str) -> usize {
        if let Some(number) = self.known.get(text) {
            return *number;
        }
        let number = self.known.len();
        self.known.insert(text.to_owned(), number);
        number
    }
}
