//! Experiments for analyses: a scenario compiled once, run for many parameter vectors, read as
//! features, with exact derivatives.
//!
//! A derivative is the whole simulation (settling, history, windows, events) run over dual numbers,
//! eight parameters at a time; step control looks at values only, so the derivative belongs to the
//! numbers that the plain run gives.
//!
//! Ages of endpoints are looked for up to a horizon beyond the scenario's stop. A value asked for at
//! an age after death is that of the equations continued: it keeps fits well defined, and
//! [`Evaluation::after_death`] names such features.

use std::collections::BTreeMap;
use std::sync::Arc;

use gutbrain_integrate::{Failure, Method, Stiffness, Trajectory};
use gutbrain_network::declaration::Endpoint;
use gutbrain_numbers::{Dual, Scalar};
use rayon::prelude::*;

use super::birth::Birth;
use super::comparison::compare;
use super::compiled::{Compiled, Layer};
use super::course::{Course, Demand, Quantity, spans_of};
use super::ensemble::find_quantities;
use super::fault::{SimulateError, UNSETTLED, describe};
use super::run::simulate_before_output;
use crate::model::Model;
use crate::scenario::Scenario;
use crate::scenario::feature::{Compared, Feature, Reading, ages_of};

/// Parameters whose derivatives are carried along in one run.
const CHUNK: usize = 8;

/// Why a feature has no value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Missing {
    /// The run failed.
    #[error("{0}")]
    Failed(Arc<str>),
    /// The endpoint was not reached before the horizon (or death came first).
    #[error("{} was not reached", .0.word())]
    NotReached(Endpoint),
    /// The subject was dead at the age of the reading.
    #[error("dead by then")]
    NotAlive,
    /// The number is not finite.
    #[error("the value is not finite")]
    NotFinite,
}

/// Features of one parameter vector.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluation {
    /// One per feature, in order.
    pub values: Vec<Result<f64, Missing>>,
    /// Indices of features that were read after the death of the subject.
    pub after_death: Vec<usize>,
}

/// Features and their derivatives.
#[derive(Debug, Clone, PartialEq)]
pub struct Sensitivities {
    /// One per feature, in order.
    pub values: Vec<f64>,
    /// `derivatives[feature][parameter]`, in the units of the feature per unit of the parameter.
    pub derivatives: Vec<Vec<f64>>,
}

/// A model and a scenario compiled together, with the features that are read off them.
#[derive(Debug, Clone)]
pub struct Experiment {
    compiled: Compiled,
    features: Vec<Feature>,
    /// For every feature, the place of its arm and what it is compared with.
    places: Vec<(usize, Compared)>,
    quantities: BTreeMap<String, Quantity>,
    demands: Vec<Demand>,
    horizon: f64,
}

impl Experiment {
    /// Compiles `scenario` for reading `features`; endpoints are looked for up to age `horizon` (days).
    ///
    /// # Errors
    /// When the scenario does not fit the model, or a feature names an unknown arm, quantity or
    /// endpoint, or an age before the start of the output.
    pub fn new(
        model: &Model,
        scenario: &Scenario,
        features: &[Feature],
        horizon: f64,
    ) -> Result<Experiment, SimulateError> {
        let mut compiled = Compiled::new(model, scenario)?;
        // Experiments are differentiated: explicit methods are not.
        let entry = Method::all()
            .iter()
            .find(|entry| entry.method == compiled.method);
        if entry.is_some_and(|entry| entry.stiffness == Stiffness::NonStiff) {
            compiled.method = Method::Rodas5P;
        }
        let names = features.iter().filter_map(|f| f.reading.name());
        let quantities = find_quantities(&compiled, names)?;
        for feature in features {
            if let Some(&age) = feature
                .reading
                .ages()
                .iter()
                .find(|&&age| age < compiled.start)
            {
                return Err(SimulateError::TooEarly {
                    age,
                    start: compiled.start,
                });
            }
            let known = |endpoint: &Endpoint| {
                let mut events = compiled.events.iter();
                events.any(|event| event.endpoint.as_ref() == Some(endpoint))
            };
            let endpoints = feature.reading.endpoints(&compiled.endpoints);
            if let Some(unknown) = endpoints.into_iter().find(|endpoint| !known(endpoint)) {
                return Err(SimulateError::UnknownEndpoint(unknown.word().to_owned()));
            }
        }
        let mut places = Vec::with_capacity(features.len());
        for feature in features {
            let compared = feature.against.among(|arm| compiled.arm(arm))?;
            places.push((compiled.arm(&feature.arm)?, compared));
        }
        let mut readings: BTreeMap<usize, Vec<&Reading>> = BTreeMap::new();
        for feature in features {
            for arm in feature.arms() {
                readings
                    .entry(compiled.arm(arm)?)
                    .or_default()
                    .push(&feature.reading);
            }
        }
        let demands = readings
            .into_iter()
            .map(|(arm, readings)| Demand {
                arm,
                ages: ages_of(readings.iter().copied()),
                spans: spans_of(&compiled, &quantities, readings.iter().copied()),
                endpoints: compiled
                    .endpoints
                    .iter()
                    .filter(|endpoint| {
                        let mut needed = readings
                            .iter()
                            .flat_map(|reading| reading.endpoints(&compiled.endpoints));
                        needed.any(|needed| needed == **endpoint)
                    })
                    .cloned()
                    .collect(),
            })
            .collect();
        let horizon = horizon.max(compiled.stop);
        Ok(Experiment {
            compiled,
            features: features.to_vec(),
            places,
            quantities,
            demands,
            horizon,
        })
    }

    /// The features, in the order of the results.
    #[must_use]
    pub fn features(&self) -> &[Feature] {
        &self.features
    }

    /// The value of a parameter without overrides, and what set it.
    #[must_use]
    pub fn parameter(&self, id: &str) -> Option<(f64, &Layer)> {
        let index = self.compiled.network.parameter_index(id)?;
        Some((self.compiled.values[index], &self.compiled.layers[index]))
    }

    /// Runs the experiment with some parameters changed.
    ///
    /// # Errors
    /// When a parameter is unknown; failed runs are in the result.
    pub fn run(&self, overrides: &BTreeMap<String, f64>) -> Result<Evaluation, SimulateError> {
        let values = self.values(overrides)?;
        let (values, after_death) = self.evaluate::<f64>(values, None);
        Ok(Evaluation {
            values,
            after_death,
        })
    }

    /// Runs the experiment and differentiates every feature with respect to `parameters`.
    ///
    /// # Errors
    /// The outer error: a parameter is unknown. The inner one: the first feature without a value.
    pub fn sensitivities(
        &self,
        overrides: &BTreeMap<String, f64>,
        parameters: &[String],
    ) -> Result<Result<Sensitivities, Missing>, SimulateError> {
        let values = self.values(overrides)?;
        let indices = parameters
            .iter()
            .map(|id| self.index_of(id))
            .collect::<Result<Vec<usize>, SimulateError>>()?;
        // The steady state is found once; over duals only its tangents are added.
        let plain = match Birth::<f64>::new(&self.compiled, values.clone(), None) {
            Ok(plain) => plain,
            Err(failure) => return Ok(Err(self.without_birth(&failure))),
        };
        let chunks: Vec<Vec<Result<Dual<CHUNK>, Missing>>> = indices
            .par_chunks(CHUNK)
            .map(|chunk| {
                let mut duals: Vec<Dual<CHUNK>> =
                    values.iter().map(|&value| Dual::constant(value)).collect();
                for (place, &index) in chunk.iter().enumerate() {
                    duals[index].tangent[place] = 1.0;
                }
                self.evaluate(duals, Some(&plain.rest)).0
            })
            .collect();
        let mut result = Sensitivities {
            values: vec![f64::NAN; self.features.len()],
            derivatives: vec![Vec::with_capacity(indices.len()); self.features.len()],
        };
        for (features, chunk) in chunks.into_iter().zip(indices.chunks(CHUNK)) {
            for (row, feature) in features.into_iter().enumerate() {
                let feature = match feature {
                    Ok(feature) => feature,
                    Err(missing) => return Ok(Err(missing)),
                };
                result.values[row] = feature.value;
                result.derivatives[row].extend(&feature.tangent[..chunk.len()]);
            }
        }
        Ok(Ok(result))
    }

    fn index_of(&self, id: &str) -> Result<usize, SimulateError> {
        self.compiled
            .network
            .parameter_index(id)
            .ok_or_else(|| SimulateError::UnknownParameter(id.to_owned()))
    }

    fn values(&self, overrides: &BTreeMap<String, f64>) -> Result<Vec<f64>, SimulateError> {
        let mut values = self.compiled.values.clone();
        for (id, &value) in overrides {
            values[self.index_of(id)?] = value;
        }
        Ok(values)
    }

    fn without_birth(&self, failure: &Failure) -> Missing {
        Missing::Failed(describe(failure, &self.compiled.network, UNSETTLED).into())
    }

    /// The features over any number type, and which of them were read after death. `near`: see
    /// [`Birth::new`].
    fn evaluate<R: Scalar>(
        &self,
        values: Vec<R>,
        near: Option<&[f64]>,
    ) -> (Vec<Result<R, Missing>>, Vec<usize>) {
        let compiled = &self.compiled;
        let birth = match Birth::new(compiled, values, near) {
            Ok(birth) => birth,
            Err(failure) => {
                return (
                    vec![Err(self.without_birth(&failure)); self.features.len()],
                    Vec::new(),
                );
            }
        };
        let histories: Vec<Option<Trajectory<R>>> = compiled
            .histories
            .par_iter()
            .map(|group| {
                let wanted = self
                    .demands
                    .iter()
                    .any(|demand| group.contains(&demand.arm));
                wanted.then(|| {
                    let arm = &compiled.arms[group[0]];
                    let rules = compiled.rules_of_record(arm);
                    simulate_before_output(compiled, arm, &birth, &rules)
                })
            })
            .collect();
        let courses: Vec<Course<'_, R>> = self
            .demands
            .par_iter()
            .map(|demand| {
                let history = compiled
                    .histories
                    .iter()
                    .zip(&histories)
                    .find(|(group, _)| group.contains(&demand.arm))
                    .and_then(|(_, history)| history.as_ref());
                // Every wanted arm has a history: it is in a group, and its group was wanted.
                let history = history.expect("the history of a wanted arm");
                let quantities = &self.quantities;
                Course::follow(compiled, quantities, demand, &birth, history, self.horizon)
            })
            .collect();
        let course = |arm: usize| {
            let place = self.demands.iter().position(|demand| demand.arm == arm);
            // The arms were checked when the experiment was made.
            &courses[place.expect("the course of a wanted arm")]
        };
        let mut after_death = Vec::new();
        let mut results = Vec::with_capacity(self.features.len());
        for (index, (feature, &(arm, compared))) in
            self.features.iter().zip(&self.places).enumerate()
        {
            let other = match compared {
                Compared::Alone => None,
                Compared::Difference(other) | Compared::Ratio(other) => Some(other),
            };
            let is_after = |arm| course(arm).is_after_death(&feature.reading);
            if is_after(arm) || other.is_some_and(is_after) {
                after_death.push(index);
            }
            let read = |arm| course(arm).read(&feature.reading);
            results.push(compare(compared, read(arm), read));
        }
        (results, after_death)
    }
}
