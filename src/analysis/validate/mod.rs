//! Validation: every evidence row that is fitted or held out, derived again from its own scenario.
//!
//! [`score`] runs each scenario once, reads the features that the rows expect, gives every prediction a
//! local 90 % interval ([`super::uncertainty`], conditioned on the fitted rows) and compares it with what
//! was published ([`judge`]). [`Declared`] holds the verdicts that the repository declares.
//!
//! Rows of role `calibrate` are *fitted*; rows of role `validate` are *held out*. An expectation may say
//! otherwise for itself, with the reason. A held-out row that a number of the model names as its evidence
//! has shaped that number: [`Line::seen_by`] lists such numbers.

mod builtin;
mod case;
mod coverage;
mod declared;
mod verdict;

use std::collections::BTreeMap;
use std::sync::Arc;

use gutbrain_network::Faults;
use gutbrain_network::declaration::{Claim, Looked, Use};
use gutbrain_network::fault::Collector;
use rayon::prelude::*;

use super::range::Range;
use super::survey::Survey;
use super::uncertainty::{Gradient, HALF_OF_90_PERCENT, Informed, gradients, prior_sd};
use crate::model::Model;
use crate::posterior::Posterior;
use crate::scenario::Scenario;
use crate::simulate::{Experiment, Feature, SimulateError};
use case::{Case, Place, cases};

pub use builtin::{builtin_expectations, builtin_scenarios};
pub use coverage::{Coverage, Interval};
pub use declared::{Declared, Judgement, Unmet, judge_board};
pub use verdict::{Verdict, allowed, judge};

/// Age up to which endpoints are looked for, in days.
const HORIZON: f64 = 600.0;

/// Vectors of the posterior that stand for all, unless asked otherwise.
pub const VECTORS: usize = 40;

/// Vectors that are simulated at once; it changes no result.
const AT_ONCE: usize = 8;

/// One comparison.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// Id of the evidence row.
    pub row: String,
    /// What is compared.
    pub says: String,
    /// Scenario, arm and feature, or the parameter; empty if the model cannot show it.
    pub looked: String,
    /// Unit of prediction, interval and claim.
    pub unit: String,
    /// What the model says.
    pub predicted: Option<f64>,
    /// Its local 90 % interval.
    pub interval: Option<(f64, f64)>,
    /// What the posterior of the fitted parameters leaves open of it, if there is one.
    pub posterior: Option<Range>,
    /// What was published.
    pub claim: Option<Claim>,
    /// The comparison.
    pub verdict: Verdict,
    /// Whether the model was fitted to it.
    pub fitted: bool,
    /// Assumptions of the comparison, and why a line is fitted, predicted or without a value.
    pub notes: Vec<String>,
    /// Rows that say the opposite.
    pub conflicts: Vec<String>,
    /// Parameters that name the held-out row as their evidence.
    pub seen_by: Vec<String>,
}

impl Line {
    /// What it was compared in: the scenario of `validation/` that it is read from, or `parameters`.
    #[must_use]
    pub fn experiment(&self) -> &str {
        match self.looked.split_once(", ") {
            Some((scenario, _)) => scenario,
            None => "parameters",
        }
    }
}

/// All comparisons, in order of row.
#[derive(Debug, Clone, PartialEq)]
pub struct Scoreboard {
    /// The lines.
    pub lines: Vec<Line>,
}

impl Scoreboard {
    /// The verdicts of every row, in the order of its lines.
    #[must_use]
    pub fn verdicts(&self) -> BTreeMap<String, Vec<Verdict>> {
        let mut all: BTreeMap<String, Vec<Verdict>> = BTreeMap::new();
        for line in &self.lines {
            all.entry(line.row.clone()).or_default().push(line.verdict);
        }
        all
    }

    /// The lines that say that the model is wrong: it shows something else than what was found, or
    /// nothing.
    pub fn disagreements(&self) -> impl Iterator<Item = &Line> {
        let wrong = |line: &&Line| matches!(line.verdict, Verdict::Disagrees | Verdict::NoValue);
        self.lines.iter().filter(wrong)
    }

    /// How many lines have a verdict, among the fitted or the held-out ones.
    #[must_use]
    pub fn count(&self, verdict: Verdict, fitted: bool) -> usize {
        let is = |line: &&Line| line.verdict == verdict && line.fitted == fitted;
        self.lines.iter().filter(is).count()
    }
}

/// Why there is no scoreboard.
#[derive(Debug, thiserror::Error)]
pub enum ValidateError {
    /// Expectations that cannot be understood.
    #[error(transparent)]
    Faults(#[from] Faults),
    /// A scenario that does not fit the model.
    #[error(transparent)]
    Simulate(#[from] SimulateError),
}

/// What is known of one place.
#[derive(Debug, Clone, Default)]
struct Found {
    predicted: Option<f64>,
    gradient: Option<Gradient>,
    posterior: Option<Range>,
    note: Option<String>,
}

/// Scores a model against its evidence; `scenarios` by name. Predictions get an interval from so many
/// vectors of the model's posterior, if it holds one. `watch` hears, from any thread, how many more steps
/// are done and of how many in all: a step is the run of a scenario, its derivatives, or some vectors of
/// the posterior.
///
/// # Errors
/// Expectations that cannot be understood, scenarios that do not fit the model ([`ValidateError`]);
/// whatever `watch` ends it with. A failed simulation is a line without a value.
pub fn score<E: From<ValidateError> + Send>(
    model: &Model,
    scenarios: &BTreeMap<String, Scenario>,
    vectors: usize,
    watch: &(dyn Fn(u64, u64) -> Result<(), E> + Sync),
) -> Result<Scoreboard, E> {
    let faults = Collector::new();
    let cases = cases(&model.declaration, scenarios, &faults);
    let cases = faults.finish(cases).map_err(ValidateError::from)?;
    let found = find(model, scenarios, &cases, vectors, watch)?;
    let fitted = |case: &Case<'_>| {
        let expectation = case.expectation;
        match case.evidence.role {
            Use::Calibrate => expectation.predicted.is_none(),
            Use::Validate | Use::Context => expectation.fitted.is_some(),
        }
    };
    let numbers: Vec<(Gradient, f64)> = (cases.iter().zip(&found))
        .filter(|(case, _)| case.evidence.role == Use::Calibrate && fitted(case))
        // A row about a parameter is what its prior was made of: it does not count twice.
        .filter(|(case, _)| matches!(case.place, Place::Feature { .. }))
        .filter_map(|(case, found)| Some((found.gradient.clone()?, spread(case.claim)?)))
        .collect();
    let informed = Informed::by(&numbers);
    let line = |(case, found): (&Case<'_>, &Found)| {
        let sd = (informed.as_ref())
            .zip(found.gradient.as_ref())
            .map(|(informed, gradient)| informed.sd(gradient));
        let interval = found.predicted.zip(sd).map(|(predicted, sd)| {
            let half = HALF_OF_90_PERCENT * sd;
            (predicted - half, predicted + half)
        });
        let contradicted = !case.expectation.conflict.is_empty();
        let verdict = found.predicted.map_or(Verdict::NoValue, |predicted| {
            judge(case.claim, predicted, interval, contradicted)
        });
        let expectation = case.expectation;
        let notes = [
            &expectation.assumed,
            &expectation.fitted,
            &expectation.predicted,
            &found.note,
        ];
        Line {
            row: case.row.to_owned(),
            says: expectation.says.clone(),
            looked: looked(&expectation.looked),
            unit: case.unit.to_string(),
            predicted: found.predicted,
            interval,
            posterior: found.posterior,
            claim: Some(case.claim),
            verdict,
            fitted: fitted(case),
            notes: notes.into_iter().flatten().cloned().collect(),
            conflicts: (expectation.conflict.iter().map(|it| it.value.clone())).collect(),
            seen_by: seen_by(model, case.row, case.evidence.role),
        }
    };
    let mut lines: Vec<Line> = cases.iter().zip(&found).map(line).collect();
    lines.extend(not_representable(model));
    // Stable: lines of a row stay in their order.
    lines.sort_by(|a, b| a.row.cmp(&b.row));
    Ok(Scoreboard { lines })
}

/// Runs every scenario once.
fn find<E: From<ValidateError> + Send>(
    model: &Model,
    scenarios: &BTreeMap<String, Scenario>,
    cases: &[Case<'_>],
    vectors: usize,
    watch: &(dyn Fn(u64, u64) -> Result<(), E> + Sync),
) -> Result<Vec<Found>, E> {
    let mut found = vec![Found::default(); cases.len()];
    let mut wanted: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, case) in cases.iter().enumerate() {
        match &case.place {
            Place::Feature { scenario, .. } => wanted.entry(scenario).or_default().push(index),
            Place::Parameter(id) => found[index] = parameter(model, id),
        }
    }
    let wanted: Vec<(&str, Vec<usize>)> = wanted.into_iter().collect();
    let mut all = 0;
    for (name, _) in &wanted {
        let posterior =
            posterior_of(model, &scenarios[*name], vectors).map_err(ValidateError::from)?;
        let thinned = posterior.map_or(0, |it| it.thinned(vectors).len());
        all += 2 + thinned.div_ceil(AT_ONCE) as u64;
    }
    watch(0, all)?;
    let step = || watch(1, all);
    let runs: Vec<Vec<(usize, Found)>> = wanted
        .par_iter()
        .map(|(name, indices)| run(model, &scenarios[*name], indices, cases, vectors, &step))
        .collect::<Result<_, E>>()?;
    for (index, of_case) in runs.into_iter().flatten() {
        found[index] = of_case;
    }
    Ok(found)
}

fn run<E: From<ValidateError>>(
    model: &Model,
    scenario: &Scenario,
    indices: &[usize],
    cases: &[Case<'_>],
    vectors: usize,
    step: &dyn Fn() -> Result<(), E>,
) -> Result<Vec<(usize, Found)>, E> {
    let features: Vec<_> = indices
        .iter()
        .filter_map(|&index| match &cases[index].place {
            Place::Feature { feature, .. } => Some(feature.clone()),
            Place::Parameter(_) => None,
        })
        .collect();
    let experiment =
        Experiment::new(model, scenario, &features, HORIZON).map_err(ValidateError::from)?;
    let evaluation = experiment
        .run(&BTreeMap::new())
        .map_err(ValidateError::from)?;
    step()?;
    let gradients = gradients(&model.declaration, &experiment).map_err(ValidateError::from)?;
    step()?;
    let posterior = posterior_of(model, scenario, vectors).map_err(ValidateError::from)?;
    let ranges = match &posterior {
        Some(posterior) => Some(open(model, scenario, &features, posterior, vectors, step)?),
        None => None,
    };
    let one = |(place, &index): (usize, &usize)| {
        let mut found = Found {
            posterior: ranges.as_ref().map(|ranges| ranges[place]),
            ..Found::default()
        };
        let mut note = Vec::new();
        match &evaluation.values[place] {
            Ok(value) => found.predicted = Some(*value),
            Err(missing) => note.push(missing.to_string()),
        }
        match &gradients {
            Ok(gradients) => found.gradient = Some(gradients[place].clone()),
            Err(missing) => note.push(format!("no interval: {missing}")),
        }
        if evaluation.after_death.contains(&place) {
            note.push("read after death, by the equations continued".to_owned());
        }
        found.note = (!note.is_empty()).then(|| note.join("; "));
        (index, found)
    };
    Ok(indices.iter().enumerate().map(one).collect())
}

/// The posterior of a scenario's subject, if vectors of it are wanted.
fn posterior_of(
    model: &Model,
    scenario: &Scenario,
    vectors: usize,
) -> Result<Option<Arc<Posterior>>, Faults> {
    match vectors {
        0 => Ok(None),
        _ => Posterior::of(model, &scenario.subject.preset),
    }
}

/// What the posterior leaves open of the features of a scenario.
fn open<E: From<ValidateError>>(
    model: &Model,
    scenario: &Scenario,
    features: &[Feature],
    posterior: &Posterior,
    vectors: usize,
    step: &dyn Fn() -> Result<(), E>,
) -> Result<Vec<Range>, E> {
    let survey = Survey::new(model, scenario, features, HORIZON).map_err(ValidateError::from)?;
    let vectors = posterior.thinned(vectors);
    let changes = survey.changes(posterior, &vectors, scenario);
    let mut answers = Vec::with_capacity(changes.len());
    for some in changes.chunks(AT_ONCE) {
        answers.extend(survey.answers(some).map_err(ValidateError::from)?);
        step()?;
    }
    let weights: Vec<f64> = vectors.iter().map(|it| it.weight).collect();
    let range = |feature: usize| {
        let values: Vec<Option<f64>> = answers
            .iter()
            .map(|row| row[feature].as_ref().ok().copied())
            .collect();
        Range::of(&values, &weights)
    };
    Ok((0..features.len()).map(range).collect())
}

fn parameter(model: &Model, id: &str) -> Found {
    let Some(entry) = model.declaration.parameters.get(id) else {
        return Found::default();
    };
    let sd = prior_sd(entry, entry.value).unwrap_or(0.0);
    Found {
        predicted: Some(entry.value),
        gradient: Some(Gradient::from([(id.to_owned(), sd)])),
        ..Found::default()
    }
}

/// What a fitted claim weighs: the sd of a point, that of an even band; directions weigh nothing.
fn spread(claim: Claim) -> Option<f64> {
    match claim {
        Claim::Point { sd, .. } => Some(sd),
        Claim::Band { low, high } => Some((high - low) / 12.0_f64.sqrt()),
        Claim::Direction { .. } => None,
    }
}

fn looked(looked: &Looked) -> String {
    match looked {
        Looked::Parameter(id) => format!("parameter {}", id.value),
        Looked::Feature {
            scenario,
            arm,
            feature,
        } => format!("{}, {}: {}", scenario.value, arm.value, feature.value),
    }
}

fn seen_by(model: &Model, row: &str, role: Use) -> Vec<String> {
    if role != Use::Validate {
        return Vec::new();
    }
    let about = model.declaration.about(row);
    let names = about
        .iter()
        .filter_map(|name| name.strip_prefix("parameter."));
    names.map(str::to_owned).collect()
}

fn not_representable(model: &Model) -> impl Iterator<Item = Line> + '_ {
    model.declaration.evidence.iter().filter_map(|(id, row)| {
        let reason = row.not_representable.clone()?;
        Some(Line {
            row: id.clone(),
            says: row.quantity.clone().unwrap_or_else(|| row.says.clone()),
            looked: String::new(),
            unit: String::new(),
            predicted: None,
            interval: None,
            posterior: None,
            claim: None,
            verdict: Verdict::NotRepresentable,
            fitted: row.role == Use::Calibrate,
            notes: vec![reason],
            conflicts: Vec::new(),
            seen_by: seen_by(model, id, row.role),
        })
    })
}
