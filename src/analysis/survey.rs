//! The same questions to many parameter vectors.
//!
//! What: a [`Survey`] compiles a scenario once and reads its features off the lives of as many parameter
//! vectors as are given, plain numbers without derivatives. Rows are vectors, columns features. A
//! feature that has no value (a failure, an endpoint that is not reached, an age after death) says why.
//!
//! All analyses that need many lives of other parameters (posterior, global fits, intervals) go through
//! [`Survey::answers`], so that there is one place to make them fast.

use crate::cohort::fitted_places;
use crate::model::Model;
use crate::posterior::{Posterior, Weighted};
use crate::scenario::Scenario;
use crate::scenario::feature::{Compared, Feature, Reading};
use crate::simulate::{
    Inquiry, Missing, Population, Request, SimulateError, compare, simulate_all,
};

/// Features of one scenario; see the module.
#[derive(Debug, Clone)]
pub struct Survey {
    population: Population,
    /// Places of the arms that are simulated.
    arms: Vec<usize>,
    inquiry: Inquiry,
    questions: Vec<Question>,
}

/// A feature as places: of its reading, its arm, and the arm that it is compared with.
#[derive(Debug, Clone, Copy)]
struct Question {
    reading: usize,
    arm: usize,
    compared: Compared,
}

/// Values of some parameters, by their place in the population.
pub type Changed = Vec<(usize, f64)>;

impl Survey {
    /// Compiles `scenario` for these features; lives are followed up to age `horizon` (days).
    ///
    /// # Errors
    /// When the scenario does not fit the model, or a feature names an unknown arm.
    pub fn new(
        model: &Model,
        scenario: &Scenario,
        features: &[Feature],
        horizon: f64,
    ) -> Result<Self, SimulateError> {
        let mut scenario = scenario.clone();
        scenario.simulation.stop = scenario.simulation.stop.max(horizon);
        let mut lived: Vec<usize> = Vec::new();
        let mut readings: Vec<Reading> = Vec::new();
        let mut questions = Vec::new();
        let mut place = |name: &str| {
            let arm = scenario.arms.iter().position(|arm| arm.name == name);
            let arm = arm.ok_or_else(|| SimulateError::UnknownArm(name.to_owned()))?;
            Ok::<usize, SimulateError>(position(&mut lived, arm))
        };
        for feature in features {
            questions.push(Question {
                arm: place(&feature.arm)?,
                reading: position(&mut readings, feature.reading.clone()),
                compared: feature.against.among(&mut place)?,
            });
        }
        Ok(Self {
            population: Population::new(model, &scenario)?,
            arms: lived,
            inquiry: Inquiry { readings },
            questions,
        })
    }

    /// The vectors of a posterior as changes; a parameter that `scenario` sets keeps that value.
    #[must_use]
    pub fn changes(
        &self,
        posterior: &Posterior,
        vectors: &[Weighted],
        scenario: &Scenario,
    ) -> Vec<Changed> {
        let places = fitted_places(posterior, scenario, &self.population);
        let of = |vector: &Weighted| -> Changed {
            let values = places.iter();
            values
                .map(|&(column, place)| (place, vector.values[column]))
                .collect()
        };
        vectors.iter().map(of).collect()
    }

    /// The animals that are asked.
    #[must_use]
    pub fn population(&self) -> &Population {
        &self.population
    }

    /// Lives of each vector.
    #[must_use]
    pub fn lives(&self) -> usize {
        self.arms.len()
    }

    /// The features of every vector.
    ///
    /// # Errors
    /// When a reading names what the model does not have.
    pub fn answers(
        &self,
        vectors: &[Changed],
    ) -> Result<Vec<Vec<Result<f64, Missing>>>, SimulateError> {
        // Lives of one arm stand together.
        let requests: Vec<Request<'_>> = self
            .arms
            .iter()
            .flat_map(|&arm| vectors.iter().map(move |changed| (arm, changed)))
            .map(|(arm, changed)| {
                let mut values = self.population.values().to_vec();
                for &(place, value) in changed {
                    values[place] = value;
                }
                Request {
                    population: &self.population,
                    arm,
                    values: values.into(),
                }
            })
            .collect();
        let lives = simulate_all(&requests, &self.inquiry)?;
        let answer = |vector: usize, question: &Question| {
            let read = |arm: usize| {
                let life = &lives[arm * vectors.len() + vector];
                life.readings[question.reading].clone()
            };
            compare(question.compared, read(question.arm), read)
        };
        let row = |vector| {
            let questions = self.questions.iter();
            questions.map(|question| answer(vector, question)).collect()
        };
        Ok((0..vectors.len()).map(row).collect())
    }
}

/// The place of a thing in a list, where it is put if it is not there.
fn position<T: PartialEq>(list: &mut Vec<T>, thing: T) -> usize {
    list.iter()
        .position(|known| *known == thing)
        .unwrap_or_else(|| {
            list.push(thing);
            list.len() - 1
        })
}
