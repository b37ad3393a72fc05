//! Animals with vectors of the posterior: fitted parameters that are uncertain, not only different.

use std::sync::Arc;

use crate::posterior::{Posterior, Weighted};
use crate::scenario::{CohortPlan, FittedFrom, Scenario};
use crate::simulate::Population;

/// Column of the ensemble and place in the population of every fitted parameter that a scenario leaves
/// open.
#[must_use]
pub fn fitted_places(
    ensemble: &Posterior,
    scenario: &Scenario,
    population: &Population,
) -> Vec<(usize, usize)> {
    let given = &scenario.subject.parameters;
    let columns = ensemble.parameters.iter().enumerate();
    columns
        .filter(|(_, id)| !given.contains_key(*id))
        .filter_map(|(column, id)| Some((column, population.place(id)?)))
        .collect()
}

/// The ensemble of a cohort, and where its parameters stand among the values of the population.
#[derive(Debug, Clone)]
pub struct FittedVectors {
    /// All vectors.
    pub ensemble: Arc<Posterior>,
    /// How many of them stand for all where each is simulated by a typical animal.
    pub vectors: usize,
    /// Column of the ensemble, place in the population.
    places: Vec<(usize, usize)>,
}

impl FittedVectors {
    /// The vectors that a plan asks for. A parameter that the scenario sets keeps that value, and so does
    /// one at a place in `set`.
    pub(super) fn of(
        scenario: &Scenario,
        plan: &CohortPlan,
        population: &Population,
        set: &[usize],
    ) -> Option<Self> {
        let FittedFrom::Posterior { ensemble, vectors } = &plan.parameters else {
            return None;
        };
        let mut found = Self::new(Arc::clone(ensemble), *vectors, scenario, population);
        found.places.retain(|(_, place)| !set.contains(place));
        Some(found)
    }

    /// The vectors of an ensemble; a parameter that the scenario sets keeps that value.
    #[must_use]
    pub fn new(
        ensemble: Arc<Posterior>,
        vectors: usize,
        scenario: &Scenario,
        population: &Population,
    ) -> Self {
        Self {
            places: fitted_places(&ensemble, scenario, population),
            ensemble,
            vectors,
        }
    }

    /// The values of all parameters with those of a vector.
    #[must_use]
    pub fn values(&self, vector: &Weighted, preset: &[f64]) -> Vec<f64> {
        let mut values = preset.to_vec();
        for &(column, place) in &self.places {
            values[place] = vector.values[column];
        }
        values
    }
}
