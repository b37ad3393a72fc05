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

mod coalitions;
mod gates;
mod shapley;

use gutbrain_network::Declaration;
use gutbrain_network::declaration::Common;

use super::range::Range;
use super::survey::Survey;
use super::uncertainty::{HALF_OF_90_PERCENT, gradients, product};
use crate::model::Model;
use crate::posterior::{Posterior, Weighted};
use crate::scenario::Scenario;
use crate::simulate::feature::{Against, Reading};
use crate::simulate::{Experiment, Feature, Missing, SimulateError};
use coalitions::Coalitions;

pub use gates::gates;
pub use shapley::{MOST_PLAYERS, shapley};

/// Age up to which endpoints are looked for, in days.
const HORIZON: f64 = 600.0;

/// Vectors whose coalitions are simulated at once; it changes no result.
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

/// What is split.
#[derive(Debug, Clone, Copy)]
pub struct Split<'a> {
    /// The arm of reference.
    pub reference: &'a str,
    /// The arm that is compared with it.
    pub arm: &'a str,
    /// What is read of both.
    pub reading: &'a Reading,
    /// Pathways that only carry what is given.
    pub carriers: &'a [String],
    /// A posterior that says how well the shares are known.
    pub vectors: Option<Vectors<'a>>,
}

/// A posterior and how many of its vectors are split.
#[derive(Debug, Clone, Copy)]
pub struct Vectors<'a> {
    /// The ensemble.
    pub posterior: &'a Posterior,
    /// How many vectors stand for all.
    pub count: usize,
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

/// Splits a difference between two arms of a scenario. `watch` hears how many more lives are done, and of
/// how many in all.
///
/// # Errors
/// Arms that do not exist or do not differ, a coalition without a value ([`AttributeError`]); whatever
/// `watch` ends it with.
pub fn attribute<E: From<AttributeError>>(
    model: &Model,
    scenario: &Scenario,
    split: &Split<'_>,
    watch: &dyn Fn(u64, u64) -> Result<(), E>,
) -> Result<Attribution, E> {
    let coalitions = Coalitions::new(model, scenario, split)?;
    let vectors = split
        .vectors
        .map(|it| (it.posterior, it.posterior.thinned(it.count)));
    let lives = coalitions.lives();
    let all = lives
        * (1 + vectors
            .as_ref()
            .map_or(0, |(_, vectors)| vectors.len() as u64));
    watch(0, all)?;
    let values = coalitions.values(model, scenario, split.reading)?;
    watch(lives, all)?;
    let (shares, order) = coalitions.shares(&model.declaration, &values);
    let open = match vectors {
        Some((posterior, vectors)) => {
            let survey = Survey::new(model, &coalitions.plan, &coalitions.features, HORIZON)
                .map_err(AttributeError::from)?;
            let changes = survey.changes(posterior, &vectors, &coalitions.plan);
            let mut answers = Vec::with_capacity(changes.len());
            for some in changes.chunks(AT_ONCE) {
                answers.extend(survey.answers(some).map_err(AttributeError::from)?);
                watch(lives * some.len() as u64, all)?;
            }
            Some(left_open(answers, &vectors, &shares, &order))
        }
        None => None,
    };
    let whole = Feature {
        arm: split.arm.to_owned(),
        reading: split.reading.clone(),
        against: Against::Difference(split.reference.to_owned()),
    };
    let (grounds, half_interval) =
        rests_on(model, scenario, &whole).map_err(AttributeError::from)?;
    Ok(Attribution {
        reference: split.reference.to_owned(),
        arm: split.arm.to_owned(),
        feature: split.reading.to_string(),
        unit: unit_of(&model.declaration, split.reading),
        difference: values.last().copied().unwrap_or_default(),
        rest: values.first().copied().unwrap_or_default(),
        shares,
        grounds,
        half_interval,
        open,
    })
}

/// What the same split says for the vectors of a posterior, by the values of all coalitions of each.
/// `order`: the players in the order of their shares.
fn left_open(
    answers: Vec<Vec<Result<f64, Missing>>>,
    vectors: &[Weighted],
    shares: &[PathwayShare],
    order: &[usize],
) -> LeftOpen {
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
    LeftOpen {
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
    }
}

/// Whether an interval says how large a share is: it is no wider than the share is large, and leaves
/// nothing at all out.
#[must_use]
pub fn is_narrow(share: f64, range: &Range) -> bool {
    let ends = range.q05.zip(range.q95);
    ends.is_some_and(|(low, high)| high - low <= share.abs() && !(low..=high).contains(&0.0))
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
