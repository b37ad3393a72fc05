//! Attribution: which pathways carry the difference between two arms, and how much rests on assumptions.
//!
//! The pathways that what is done to an arm meets first ([`gates`]) are the players. A coalition is
//! simulated with the gates of all other pathways closed, in both arms and from the age at which the arms
//! first differ: modulators at 1 (their value in the resting wild type), processes at rate 0. Its value is
//! the difference of a feature between the arms. [`shapley`] splits the difference; what is left with all
//! gates closed passes by the pathways and is the *rest*.
//!
//! Shares are a property of this model at these values. Other values that agree with the evidence as well
//! share differently; the vectors of a posterior say how differently ([`LeftOpen`]), as far as the fitted
//! parameters go. Where that is wide, shares are not identifiable from the data at hand.

mod gates;
mod shapley;

use std::collections::{BTreeMap, BTreeSet};

use gutbrain_network::Declaration;
use gutbrain_network::declaration::Common;

use super::range::Range;
use super::survey::Survey;
use super::uncertainty::{HALF_OF_90_PERCENT, gradients, product};
use crate::model::Model;
use crate::posterior::Posterior;
use crate::scenario::{Action, Amount, Arm, Operation, Scenario, Target, When};
use crate::simulate::feature::{Against, Reading};
use crate::simulate::{Experiment, Feature, Missing, OF_VALUES, Resolution, SimulateError};

pub use gates::{CARRIERS, gates};
pub use shapley::{MOST_PLAYERS, shapley};

/// Age up to which endpoints are looked for, in days.
const HORIZON: f64 = 600.0;

/// Vectors whose coalitions are lived at once; it changes no result.
const AT_ONCE: usize = 4;

/// What a pathway carries.
#[derive(Debug, Clone, PartialEq)]
pub struct PathwayShare {
    /// Its name.
    pub pathway: String,
    /// Its Shapley value, in the unit of the feature.
    pub share: f64,
    /// The difference when it alone is open.
    pub alone: f64,
    /// What is lost when it alone is closed.
    pub lost: f64,
    /// What is switched, as "modulator.x".
    pub gates: Vec<String>,
    /// Parameters that the gates read and that rest on no evidence at all.
    pub assumed: Vec<String>,
}

/// How much of a prior variance rests on parameters of one ground.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Grounds {
    /// Parameters with evidence alone.
    pub evidence: f64,
    /// Parameters with evidence and an assumption about it.
    pub both: f64,
    /// Parameters that were assumed.
    pub assumed: f64,
}

/// A split difference.
#[derive(Debug, Clone, PartialEq)]
pub struct Attribution {
    /// The arm of reference.
    pub reference: String,
    /// The arm that is compared with it.
    pub arm: String,
    /// What is read.
    pub feature: String,
    /// Unit of all numbers.
    pub unit: String,
    /// The whole difference.
    pub difference: f64,
    /// What is left with all gates closed.
    pub rest: f64,
    /// Shares, largest first.
    pub shares: Vec<PathwayShare>,
    /// Shares of the local prior variance of the difference by ground, if it has derivatives.
    pub grounds: Option<Grounds>,
    /// Half of a local 90 % interval of the difference from priors alone.
    pub half_interval: Option<f64>,
    /// What the posterior leaves open, if there is one.
    pub open: Option<LeftOpen>,
}

/// What the vectors of a posterior say of a split.
#[derive(Debug, Clone, PartialEq)]
pub struct LeftOpen {
    /// Vectors that were split.
    pub vectors: usize,
    /// The difference.
    pub difference: Range,
    /// What is left with all gates closed.
    pub rest: Range,
    /// Shares, in the order of [`Attribution::shares`].
    pub shares: Vec<Range>,
    /// What passes gates with parameters that were assumed without any evidence.
    pub on_assumed: Range,
    /// Pathways whose interval is wider than their share is large, or includes nothing at all: their
    /// shares are not identifiable.
    pub unidentified: Vec<String>,
}

impl Attribution {
    /// Whether the data at hand say how large a share is; `None` where no posterior was asked.
    #[must_use]
    pub fn is_identified(&self, place: usize) -> Option<bool> {
        let open = self.open.as_ref()?;
        let share = self.shares.get(place)?;
        Some(!open.unidentified.contains(&share.pathway))
    }

    /// What passes gates with parameters that were assumed without any evidence.
    #[must_use]
    pub fn on_assumed(&self) -> f64 {
        let assumed = self.shares.iter().filter(|it| !it.assumed.is_empty());
        assumed
            .map(|it| it.share)
            .fold(0.0, |sum, share| sum + share)
    }
}

/// A posterior and how many of its vectors are split.
#[derive(Clone, Copy)]
pub struct Vectors<'a> {
    /// The ensemble.
    pub posterior: &'a Posterior,
    /// How many vectors stand for all.
    pub count: usize,
    /// Hears of vectors that were split.
    pub progress: &'a dyn Fn(u64),
}

/// Why nothing can be attributed.
#[derive(Debug, thiserror::Error)]
pub enum AttributeError {
    /// The arms do the same.
    #[error("the arms `{0}` and `{1}` do not differ: there is nothing to split")]
    SameArms(String, String),
    /// No pathway is met.
    #[error("what is done to `{0}` meets no pathway")]
    NoPathway(String),
    /// Too many pathways for all their coalitions.
    #[error("{0} pathways have too many coalitions; at most {MOST_PLAYERS} can be split")]
    TooMany(usize),
    /// No coalition makes a difference.
    #[error(
        "the arms do not differ in `{0}` beyond the tolerance of the solver, whatever pathways are open: there \
         is nothing to split"
    )]
    NoDifference(String),
    /// A coalition has no value.
    #[error("with {coalition} the difference has no value: {missing}")]
    NoValue {
        /// Which gates are open.
        coalition: String,
        /// Why.
        missing: Missing,
    },
    /// The scenario does not fit the model.
    #[error(transparent)]
    Simulate(#[from] SimulateError),
}

/// Splits the difference of `reading` between two arms of a scenario.
///
/// # Errors
/// Arms that do not exist or do not differ, a coalition without a value.
pub fn attribute(
    model: &Model,
    scenario: &Scenario,
    reference: &str,
    arm: &str,
    reading: &Reading,
    carriers: &[String],
    vectors: Option<Vectors<'_>>,
) -> Result<Attribution, AttributeError> {
    let find = |name: &str| {
        let found = scenario.arms.iter().find(|known| known.name == name);
        found.ok_or_else(|| SimulateError::UnknownArm(name.to_owned()))
    };
    let (first, second) = (find(reference)?, find(arm)?);
    let differences = differences(first, second);
    let since = differences
        .iter()
        .map(|action| start(action))
        .fold(f64::INFINITY, f64::min);
    if differences.is_empty() {
        return Err(AttributeError::SameArms(
            reference.to_owned(),
            arm.to_owned(),
        ));
    }
    let gates = gates(&model.declaration, scenario, &differences, carriers);
    let pathways: Vec<(&String, &BTreeSet<Target>)> = gates.iter().collect();
    if pathways.is_empty() {
        return Err(AttributeError::NoPathway(arm.to_owned()));
    }
    if pathways.len() > MOST_PLAYERS {
        return Err(AttributeError::TooMany(pathways.len()));
    }
    let coalitions = 1_usize << pathways.len();
    let mut plan = scenario.clone();
    plan.arms.clear();
    let mut features = Vec::with_capacity(coalitions);
    for mask in 0..coalitions {
        let closed: Vec<&Target> = pathways
            .iter()
            .enumerate()
            .filter(|(player, _)| mask >> player & 1 == 0)
            .flat_map(|(_, (_, targets))| targets.iter())
            .collect();
        let name = |arm: &Arm| format!("{} #{mask}", arm.name);
        for original in [first, second] {
            let mut copy = original.clone();
            copy.name = name(original);
            // What is done to a closed gate is closed with it.
            copy.actions
                .retain(|action| !closed.contains(&&action.target));
            copy.actions
                .extend(closed.iter().map(|target| close(target, since)));
            plan.arms.push(copy);
        }
        features.push(Feature {
            arm: name(second),
            reading: reading.clone(),
            against: Against::Difference(name(first)),
        });
    }
    // Beside every difference the reading of the reference: errors are relative to that.
    let mut read = features.clone();
    read.extend(features.iter().map(|feature| Feature {
        arm: match &feature.against {
            Against::Difference(other) => other.clone(),
            _ => feature.arm.clone(),
        },
        reading: reading.clone(),
        against: Against::Nothing,
    }));
    let experiment = Experiment::new(model, &plan, &read, HORIZON)?;
    let mut evaluation = experiment.run(&BTreeMap::new())?.values;
    let readings = evaluation.split_off(coalitions);
    let resolution = Resolution::new(scenario.solver.rtol);
    let mut values = Vec::with_capacity(coalitions);
    let margin = reading.name().map_or(1.0, |_| OF_VALUES);
    for (mask, (value, read_size)) in evaluation.into_iter().zip(readings).enumerate() {
        let value = value.map_err(|missing| AttributeError::NoValue {
            coalition: describe(mask, &pathways),
            missing,
        })?;
        let least = read_size.map_or(0.0, |size| margin * resolution.at(size));
        values.push(if value.abs() <= least { 0.0 } else { value });
    }
    if values.iter().all(|value| value.abs() <= 0.0) {
        return Err(AttributeError::NoDifference(reading.to_string()));
    }
    let all = coalitions - 1;
    // There are 2^n values by construction.
    let split = shapley(&values).unwrap_or_default();
    let mut shares: Vec<PathwayShare> = pathways
        .iter()
        .zip(split)
        .enumerate()
        .map(|(player, ((pathway, targets), share))| PathwayShare {
            pathway: (*pathway).clone(),
            share,
            alone: values[1 << player] - values[0],
            lost: values[all] - values[all & !(1 << player)],
            gates: targets.iter().map(Target::dotted).collect(),
            assumed: assumed(&model.declaration, targets),
        })
        .collect();
    let mut order: Vec<usize> = (0..shares.len()).collect();
    // Stable: equal shares stay in the order of their names.
    order.sort_by(|&a, &b| shares[b].share.abs().total_cmp(&shares[a].share.abs()));
    shares = order.iter().map(|&player| shares[player].clone()).collect();
    let open = match vectors {
        Some(vectors) => Some(left_open(
            model, &plan, &features, vectors, &shares, &order,
        )?),
        None => None,
    };
    let whole = Feature {
        arm: arm.to_owned(),
        reading: reading.clone(),
        against: Against::Difference(reference.to_owned()),
    };
    let (grounds, half_interval) = rests_on(model, scenario, &whole)?;
    Ok(Attribution {
        reference: reference.to_owned(),
        arm: arm.to_owned(),
        feature: reading.to_string(),
        unit: unit_of(&model.declaration, reading),
        difference: values[all],
        rest: values[0],
        shares,
        grounds,
        half_interval,
        open,
    })
}

/// The same split for the vectors of a posterior. `order`: the players in the order of their shares.
fn left_open(
    model: &Model,
    plan: &Scenario,
    features: &[Feature],
    Vectors {
        posterior,
        count,
        progress,
    }: Vectors<'_>,
    shares: &[PathwayShare],
    order: &[usize],
) -> Result<LeftOpen, SimulateError> {
    let survey = Survey::new(model, plan, features, HORIZON)?;
    let vectors = posterior.thinned(count);
    let changes = survey.changes(posterior, &vectors, plan);
    let mut answers = Vec::with_capacity(changes.len());
    for some in changes.chunks(AT_ONCE) {
        answers.extend(survey.answers(some)?);
        progress(some.len() as u64);
    }
    // One failed coalition, and the vector has no split.
    let values: Vec<Option<Vec<f64>>> = answers
        .into_iter()
        .map(|row| row.into_iter().map(Result::ok).collect())
        .collect();
    let splits: Vec<Option<Vec<f64>>> = values
        .iter()
        .map(|values| values.as_deref().and_then(shapley))
        .collect();
    let weights: Vec<f64> = vectors.iter().map(|it| it.weight).collect();
    let range = |of: &dyn Fn(usize) -> Option<f64>| {
        let numbers: Vec<Option<f64>> = (0..vectors.len()).map(of).collect();
        Range::of(&numbers, &weights)
    };
    let share = |vector: usize, player: usize| Some(splits[vector].as_ref()?[player]);
    let ranges: Vec<Range> = order
        .iter()
        .map(|&player| range(&|vector| share(vector, player)))
        .collect();
    let both = shares.iter().zip(&ranges);
    let unidentified = both.filter(|(share, range)| !is_narrow(share.share, range));
    let assumed: Vec<usize> = (shares.iter().zip(order))
        .filter(|(share, _)| !share.assumed.is_empty())
        .map(|(_, &player)| player)
        .collect();
    Ok(LeftOpen {
        vectors: vectors.len(),
        difference: range(&|vector| values[vector].as_ref()?.last().copied()),
        rest: range(&|vector| values[vector].as_ref()?.first().copied()),
        on_assumed: range(&|vector| {
            let split = splits[vector].as_ref()?;
            Some(assumed.iter().fold(0.0, |sum, &player| sum + split[player]))
        }),
        unidentified: unidentified
            .map(|(share, _)| share.pathway.clone())
            .collect(),
        shares: ranges,
    })
}

/// Whether an interval says how large a share is: it is no wider than the share is large, and leaves
/// nothing at all out.
#[must_use]
pub fn is_narrow(share: f64, range: &Range) -> bool {
    let ends = range.q05.zip(range.q95);
    ends.is_some_and(|(low, high)| high - low <= share.abs() && !(low..=high).contains(&0.0))
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

/// The unit of a reading.
fn unit_of(declaration: &Declaration, reading: &Reading) -> String {
    let Some(name) = reading.name() else {
        return "d".to_owned();
    };
    let unit = declaration
        .unit_of(name)
        .map_or_else(String::new, |unit| unit.to_string());
    match reading {
        Reading::Slope(_) => format!("{unit}/d"),
        Reading::RelativeSlope(_) => "1/d".to_owned(),
        _ => unit,
    }
}

fn start(action: &Action) -> f64 {
    match action.when {
        When::Once { at } => at,
        When::During { start, .. } => start,
    }
}

fn close(target: &Target, since: f64) -> Action {
    Action {
        target: target.clone(),
        operation: Operation::Off,
        amount: Amount::Given(0.0),
        when: When::During {
            start: since,
            stop: f64::INFINITY,
        },
        origin: format!("attribution, {}", target.dotted()),
    }
}

fn describe(mask: usize, pathways: &[(&String, &BTreeSet<Target>)]) -> String {
    let open: Vec<&str> = pathways
        .iter()
        .enumerate()
        .filter(|(player, _)| mask >> player & 1 == 1)
        .map(|(_, (name, _))| name.as_str())
        .collect();
    match open.as_slice() {
        [] => "all pathways closed".to_owned(),
        open => format!("only {} open", open.join(", ")),
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

/// The split of the local prior variance of a feature by the ground of its parameters, and half of its
/// 90 % interval.
fn rests_on(
    model: &Model,
    scenario: &Scenario,
    feature: &Feature,
) -> Result<(Option<Grounds>, Option<f64>), SimulateError> {
    let experiment = Experiment::new(model, scenario, std::slice::from_ref(feature), HORIZON)?;
    let Ok(gradients) = gradients(&model.declaration, &experiment)? else {
        return Ok((None, None));
    };
    let Some(gradient) = gradients.first() else {
        return Ok((None, None));
    };
    let variance = product(gradient, gradient);
    if variance <= 0.0 {
        return Ok((None, Some(0.0)));
    }
    let mut grounds = Grounds {
        evidence: 0.0,
        both: 0.0,
        assumed: 0.0,
    };
    for (key, slope) in gradient {
        let part = slope * slope / variance;
        match ground(&model.declaration, key) {
            (false, _) => grounds.assumed += part,
            (true, true) => grounds.both += part,
            (true, false) => grounds.evidence += part,
        }
    }
    Ok((Some(grounds), Some(HALF_OF_90_PERCENT * variance.sqrt())))
}

/// Whether a number has evidence, and whether it is assumed; `SUBJECT/NAME` is a value of a preset.
fn ground(declaration: &Declaration, key: &str) -> (bool, bool) {
    let of = |common: &Common| (!common.evidence.is_empty(), common.assumed.is_some());
    match key.split_once('/') {
        Some((subject, id)) => {
            let value = (declaration.subjects.get(subject)).and_then(|it| it.parameters.get(id));
            value.map_or((false, true), |it| {
                (!it.evidence.is_empty(), it.assumed.is_some())
            })
        }
        None => (declaration.parameters.get(key)).map_or((false, true), |it| of(&it.common)),
    }
}
