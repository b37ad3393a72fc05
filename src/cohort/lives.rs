//! The lives of a cohort: in blocks, in order, on all threads.

use std::ops::RangeInclusive;

use gutbrain_network::declaration::Sex;
use rayon::prelude::*;

use super::allocation::Animal;
use super::other_death::end_at;
use super::subjects::{Subject, Subjects};
use crate::model::Model;
use crate::scenario::{CohortPlan, Pairing, Scenario};
use crate::simulate::{
    ArmRun, Population, Request, SimulateError, simulate_all_in_full, simulate_all_read_at,
};

/// Animals that are in memory at once; it changes no result.
const BLOCK: u64 = 256;

/// Why a cohort cannot be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CohortError {
    /// The scenario does not fit the model.
    #[error(transparent)]
    Simulate(#[from] SimulateError),
    /// Declared correlations that no distribution can have.
    #[error(
        "the correlations that the model declares between animals contradict each other: their \
         matrix is not positive definite"
    )]
    Correlations,
}

/// One animal of one arm with its life.
#[derive(Debug, Clone)]
pub struct Member {
    /// Who it is.
    pub animal: Animal,
    /// Number of its vector of the posterior, if it has one.
    pub vector: Option<u64>,
    /// The values of all its parameters.
    pub values: Vec<f64>,
    /// Its life, ended by other deaths.
    pub run: ArmRun,
}

/// A cohort that can be simulated.
#[derive(Debug, Clone)]
pub struct Cohort {
    population: Population,
    subjects: Subjects,
}

impl Cohort {
    /// Prepares the cohort `plan` of a scenario.
    ///
    /// # Errors
    /// When the scenario does not fit the model, or its correlations contradict each other.
    pub fn new(model: &Model, scenario: &Scenario, plan: &CohortPlan) -> Result<Self, CohortError> {
        let population = Population::new(model, scenario)?;
        Ok(Self {
            subjects: Subjects::new(&model.declaration, scenario, plan, &population)?,
            population,
        })
    }

    /// The same cohort with `size` animals in every litter that goes to an arm as a whole.
    #[must_use]
    pub fn with_litters_of(mut self, size: u64) -> Self {
        self.subjects = self.subjects.with_litters_of(size);
        self
    }

    /// The same animals, all of them with the fitted parameters of the preset.
    #[must_use]
    pub fn with_parameters_of_the_preset(mut self) -> Self {
        self.subjects = self.subjects.with_parameters_of_the_preset();
        self
    }

    /// Who its animals are.
    #[must_use]
    pub fn subjects(&self) -> &Subjects {
        &self.subjects
    }

    /// The scenario's animals, compiled.
    #[must_use]
    pub fn population(&self) -> &Population {
        &self.population
    }

    /// How many lives it is: animals times arms.
    #[must_use]
    pub fn lives(&self) -> u64 {
        let arms = self.population.arms().count() as u64;
        self.subjects.plan().numbers().count() as u64 * arms
    }

    /// Lives every animal and hands blocks of them to `sink`, animal by animal and, within an animal,
    /// in the order of the arms. The first error of the sink ends it.
    ///
    /// # Errors
    /// That of the sink.
    pub fn simulate<E>(&self, mut sink: impl FnMut(Vec<Member>) -> Result<(), E>) -> Result<(), E> {
        let (mut first, end) = self.subjects.plan().numbers().into_inner();
        while first <= end {
            let last = end.min(first.saturating_add(BLOCK - 1));
            sink(self.live(first..=last))?;
            first = last + 1;
        }
        Ok(())
    }

    /// The lives of these animals, animal by animal and, within an animal, in the order of the arms; how
    /// many are asked for at once changes no result.
    #[must_use]
    pub fn live(&self, numbers: RangeInclusive<u64>) -> Vec<Member> {
        let drawn: Vec<Vec<Subject>> = numbers
            .into_par_iter()
            .map(|number| self.subjects.in_arms(number))
            .collect();
        let places = drawn.iter().flat_map(|subjects| 0..subjects.len());
        let places: Vec<usize> = places.collect();
        let drawn: Vec<Subject> = drawn.into_iter().flatten().collect();
        let requests: Vec<Request<'_>> = (drawn.iter().zip(places))
            .map(|(subject, arm)| Request {
                population: &self.population,
                arm,
                values: (&subject.values).into(),
            })
            .collect();
        let animals: Vec<u64> = drawn.iter().map(|it| it.animal.number).collect();
        let mut runs = simulate_all_in_full(&animals, &requests);
        if self.subjects.plan().pairing == Pairing::Twins {
            self.tie(&mut runs);
        }
        let members = drawn.into_iter().zip(runs);
        members.map(|(it, run)| Member::of(it, run)).collect()
    }

    /// Lives these animals once more and reads them at ages of their own: for each its number and, arm by arm,
    /// the ages, in order. A life without any is not lived, and nothing.
    #[must_use]
    pub fn read_at(&self, wanted: &[(u64, Vec<Vec<f64>>)]) -> Vec<Vec<Option<ArmRun>>> {
        let asked = wanted
            .iter()
            .enumerate()
            .flat_map(|(place, (number, arms))| {
                let arms = arms.iter().enumerate().filter(|(_, ages)| !ages.is_empty());
                arms.map(move |(arm, ages)| (place, *number, arm, ages.as_slice()))
            });
        let asked: Vec<(usize, u64, usize, &[f64])> = asked.collect();
        let drawn: Vec<Vec<Subject>> = asked
            .par_iter()
            .map(|(_, number, ..)| self.subjects.in_arms(*number))
            .collect();
        let requests: Vec<Request<'_>> = (asked.iter().zip(&drawn))
            .map(|((_, _, arm, _), subjects)| Request {
                population: &self.population,
                arm: *arm,
                values: (&subjects[*arm].values).into(),
            })
            .collect();
        let animals: Vec<u64> = asked.iter().map(|(_, number, ..)| *number).collect();
        let ages: Vec<&[f64]> = asked.iter().map(|(.., ages)| *ages).collect();
        let runs = simulate_all_read_at(&animals, &requests, &ages);
        let mut found: Vec<Vec<Option<ArmRun>>> = wanted
            .iter()
            .map(|(_, arms)| vec![None; arms.len()])
            .collect();
        for (((place, _, arm, _), subjects), mut run) in asked.iter().zip(&drawn).zip(runs) {
            end_at(&mut run, subjects[*arm].other_death_d);
            found[*place][*arm] = Some(run);
        }
        found
    }

    /// Gives twins one age where the solver cannot tell theirs apart.
    fn tie(&self, runs: &mut [ArmRun]) {
        let resolution = self.population.resolution();
        for twins in runs.chunks_mut(self.population.arms().count().max(1)) {
            if let Some((first, others)) = twins.split_first_mut() {
                for run in others {
                    resolution.tie(&first.endpoints, &mut run.endpoints);
                }
            }
        }
    }
}

impl Member {
    fn of(subject: Subject, mut run: ArmRun) -> Self {
        end_at(&mut run, subject.other_death_d);
        Self {
            animal: subject.animal,
            vector: subject.vector,
            values: subject.values,
            run,
        }
    }

    /// Its sex as a word.
    #[must_use]
    pub fn sex(&self) -> Sex {
        self.animal.sex
    }
}
