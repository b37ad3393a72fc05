//! Coalitions of pathways: every set of open gates as a pair of arms, and what each is worth.

use std::collections::{BTreeMap, BTreeSet};

use gutbrain_network::Declaration;

use super::{AttributeError, HORIZON, MOST_PLAYERS, PathwayShare, Split, gates, shapley};
use crate::model::Model;
use crate::scenario::{Action, Amount, Arm, Moment, Operation, Scenario, Target, When};
use crate::simulate::feature::{Against, Reading};
use crate::simulate::{Experiment, Feature, OF_VALUES, Resolution, SimulateError};

/// Every coalition of the pathways that a difference meets; number `mask` has the gates of the players
/// open whose bits are set.
pub(super) struct Coalitions {
    /// The gates of the players, by pathway.
    gates: BTreeMap<String, BTreeSet<Target>>,
    /// The scenario with a pair of arms for every coalition.
    pub(super) plan: Scenario,
    /// The difference of every coalition.
    pub(super) features: Vec<Feature>,
}

impl Coalitions {
    /// The coalitions of a split.
    pub(super) fn new(
        model: &Model,
        scenario: &Scenario,
        split: &Split<'_>,
    ) -> Result<Self, AttributeError> {
        let &Split {
            reference,
            arm,
            reading,
            carriers,
            ..
        } = split;
        let find = |name: &str| {
            let found = scenario.arms.iter().find(|known| known.name == name);
            found.ok_or_else(|| SimulateError::UnknownArm(name.to_owned()))
        };
        let (first, second) = (find(reference)?, find(arm)?);
        let differences = differences(first, second);
        if differences.is_empty() {
            return Err(AttributeError::SameArms(
                reference.to_owned(),
                arm.to_owned(),
            ));
        }
        let since = first_start(&differences)?;
        let gates = gates(&model.declaration, scenario, &differences, carriers);
        if gates.is_empty() {
            return Err(AttributeError::NoPathway(arm.to_owned()));
        }
        if gates.len() > MOST_PLAYERS {
            return Err(AttributeError::TooMany(gates.len()));
        }
        let coalitions = 1_usize << gates.len();
        let mut plan = scenario.clone();
        plan.arms.clear();
        let mut features = Vec::with_capacity(coalitions);
        for mask in 0..coalitions {
            let closed: Vec<&Target> = gates
                .values()
                .enumerate()
                .filter(|(player, _)| mask >> player & 1 == 0)
                .flat_map(|(_, targets)| targets.iter())
                .collect();
            let name = |arm: &Arm| format!("{} #{mask}", arm.name);
            for original in [first, second] {
                let mut copy = original.clone();
                copy.name = name(original);
                // What is done to a closed gate is closed with it.
                copy.actions
                    .retain(|action| !closed.contains(&&action.target));
                copy.actions
                    .extend(closed.iter().map(|target| close(target, &since)));
                plan.arms.push(copy);
            }
            features.push(Feature {
                arm: name(second),
                reading: reading.clone(),
                against: Against::Difference(name(first)),
            });
        }
        Ok(Self {
            gates,
            plan,
            features,
        })
    }

    /// Lives that all coalitions take.
    pub(super) fn lives(&self) -> u64 {
        self.plan.arms.len() as u64
    }

    /// What every coalition is worth: the difference between its arms, nothing within the tolerance of
    /// the solver.
    pub(super) fn values(
        &self,
        model: &Model,
        scenario: &Scenario,
        reading: &Reading,
    ) -> Result<Vec<f64>, AttributeError> {
        // Beside every difference the reading of the reference: errors are relative to that.
        let mut read = self.features.clone();
        read.extend(self.features.iter().map(|feature| Feature {
            arm: match &feature.against {
                Against::Difference(other) => other.clone(),
                _ => feature.arm.clone(),
            },
            reading: reading.clone(),
            against: Against::Nothing,
        }));
        let experiment = Experiment::new(model, &self.plan, &read, HORIZON)?;
        let mut evaluation = experiment.run(&BTreeMap::new())?.values;
        let readings = evaluation.split_off(self.features.len());
        let resolution = Resolution::new(scenario.solver.rtol);
        let mut values = Vec::with_capacity(self.features.len());
        let margin = reading.name().map_or(1.0, |_| OF_VALUES);
        for (mask, (value, read_size)) in evaluation.into_iter().zip(readings).enumerate() {
            let value = value.map_err(|missing| AttributeError::NoValue {
                coalition: self.describe(mask),
                missing,
            })?;
            let least = read_size.map_or(0.0, |size| margin * resolution.at(size));
            values.push(if value.abs() <= least { 0.0 } else { value });
        }
        if values.iter().all(|value| value.abs() <= 0.0) {
            return Err(AttributeError::NoDifference(reading.to_string()));
        }
        Ok(values)
    }

    /// What every pathway carries, largest first, and the players in that order.
    pub(super) fn shares(
        &self,
        declaration: &Declaration,
        values: &[f64],
    ) -> (Vec<PathwayShare>, Vec<usize>) {
        let all = values.len() - 1;
        // There are 2^n values by construction.
        let split = shapley(values).unwrap_or_default();
        let shares: Vec<PathwayShare> = self
            .gates
            .iter()
            .zip(split)
            .enumerate()
            .map(|(player, ((pathway, targets), share))| PathwayShare {
                pathway: pathway.clone(),
                share,
                alone: values[1 << player] - values[0],
                lost: values[all] - values[all & !(1 << player)],
                gates: targets.iter().map(Target::dotted).collect(),
                assumed: assumed(declaration, targets),
            })
            .collect();
        let mut order: Vec<usize> = (0..shares.len()).collect();
        // Stable: equal shares stay in the order of their names.
        order.sort_by(|&a, &b| shares[b].share.abs().total_cmp(&shares[a].share.abs()));
        let sorted = order.iter().map(|&player| shares[player].clone());
        (sorted.collect(), order)
    }

    fn describe(&self, mask: usize) -> String {
        let open: Vec<&str> = self
            .gates
            .keys()
            .enumerate()
            .filter(|(player, _)| mask >> player & 1 == 1)
            .map(|(_, name)| name.as_str())
            .collect();
        match open.as_slice() {
            [] => "all pathways closed".to_owned(),
            open => format!("only {} open", open.join(", ")),
        }
    }
}

/// What is done to one arm and not to the other.
fn differences<'a>(first: &'a Arm, second: &'a Arm) -> Vec<&'a Action> {
    let same = |a: &Action, b: &Action| {
        a.target == b.target
            && a.operation == b.operation
            && a.amount == b.amount
            && a.when == b.when
    };
    let only = |one: &'a Arm, other: &'a Arm| {
        let lacks = |action: &&Action| !other.actions.iter().any(|known| same(action, known));
        one.actions.iter().filter(lacks).collect::<Vec<_>>()
    };
    let mut all = only(first, second);
    all.extend(only(second, first));
    all
}

/// The first moment at which something is done.
///
/// # Errors
/// When that differs between animals: some of it follows an event, and some does not, or another one.
fn first_start(actions: &[&Action]) -> Result<Moment, SimulateError> {
    let starts = actions.iter().map(|action| {
        let (When::Once { at: start } | When::During { start, .. }) = &action.when;
        start
    });
    let mut first: Option<&Moment> = None;
    for start in starts {
        let Some(known) = first else {
            first = Some(start);
            continue;
        };
        match known.days_to(start) {
            Some(days) if days < 0.0 => first = Some(start),
            Some(_) => {}
            None => {
                return Err(SimulateError::Action {
                    origin: actions[0].origin.clone(),
                    cause: "what is done first differs between animals: no pathway can be closed since then"
                        .to_owned(),
                });
            }
        }
    }
    Ok(first.cloned().unwrap_or(Moment::Age(0.0)))
}

fn close(target: &Target, since: &Moment) -> Action {
    Action {
        target: target.clone(),
        operation: Operation::Off,
        amount: Amount::Given(0.0),
        when: When::During {
            start: since.clone(),
            stop: Moment::Age(f64::INFINITY),
        },
        origin: format!("attribution, {}", target.dotted()),
    }
}

/// Parameters that the gates read and that rest on no evidence.
fn assumed(declaration: &Declaration, targets: &BTreeSet<Target>) -> Vec<String> {
    let mut names: BTreeSet<&str> = BTreeSet::new();
    for target in targets {
        match target {
            Target::Modulator(id) => {
                names.extend(
                    declaration
                        .modulators
                        .get(id)
                        .iter()
                        .flat_map(|it| it.factor.names()),
                );
            }
            Target::Process(id) => {
                names.extend(
                    declaration
                        .processes
                        .get(id)
                        .iter()
                        .flat_map(|it| it.rate.names()),
                );
            }
            Target::Parameter(_) | Target::Species(_) => {}
        }
    }
    let bare = |name: &&str| {
        let parameter = declaration.parameters.get(*name);
        parameter.is_some_and(|it| it.common.evidence.is_empty())
    };
    names.into_iter().filter(bare).map(str::to_owned).collect()
}
