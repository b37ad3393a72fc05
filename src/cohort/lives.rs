//! The lives of a cohort: in blocks, in order, on all threads.

use gutbrain_network::declaration::Sex;
use rayon::prelude::*;

use super::colony::{Animal, Colony};
use super::fitted::FittedVectors;
use super::group::GroupParameters;
use super::other_death::{end_at, other_death};
use super::spread::Spread;
use crate::model::Model;
use crate::scenario::{CohortPlan, OtherDeaths, Pairing, Scenario};
use crate::simulate::{ArmRun, Population, SimulateError, Wanted, live_all_in_full};

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
    /// The values of all its parameters.
    pub values: Vec<f64>,
    /// Its life, ended by other deaths.
    pub run: ArmRun,
}

/// A cohort that can be lived.
#[derive(Debug, Clone)]
pub struct Cohort {
    population: Population,
    spread: Spread,
    colony: Colony,
    group: GroupParameters,
    plan: CohortPlan,
    fitted: Option<FittedVectors>,
    seed: u64,
}

impl Cohort {
    /// Prepares the cohort `plan` of a scenario.
    ///
    /// # Errors
    /// When the scenario does not fit the model, or its correlations contradict each other.
    pub fn new(model: &Model, scenario: &Scenario, plan: &CohortPlan) -> Result<Self, CohortError> {
        let population = Population::new(model, scenario)?;
        let group = GroupParameters::of(&population);
        let preset = &scenario.subject.preset;
        let seed = scenario.seed;
        Ok(Self {
            fitted: FittedVectors::of(scenario, plan, &population),
            spread: Spread::new(seed, &model.declaration, preset, &population, &group)?,
            colony: Colony::new(seed, plan.colony, plan.pairing, &group),
            population,
            group,
            plan: plan.clone(),
            seed,
        })
    }

    /// The same cohort with `size` animals in every litter that goes to an arm as a whole.
    #[must_use]
    pub fn with_litters_of(mut self, size: u64) -> Self {
        self.group.litter_size = size.max(1);
        self.colony = Colony::new(self.seed, self.plan.colony, self.plan.pairing, &self.group);
        self
    }

    /// The same animals, all of them with the fitted parameters of the preset.
    #[must_use]
    pub fn with_parameters_of_the_preset(mut self) -> Self {
        self.fitted = None;
        self
    }

    /// The vectors of the posterior that its animals draw from, if they do.
    #[must_use]
    pub fn fitted(&self) -> Option<&FittedVectors> {
        self.fitted.as_ref()
    }

    /// What varies between its animals.
    #[must_use]
    pub fn spread(&self) -> &Spread {
        &self.spread
    }

    /// The scenario's animals, compiled.
    #[must_use]
    pub fn population(&self) -> &Population {
        &self.population
    }

    /// Properties of the group.
    #[must_use]
    pub fn group(&self) -> &GroupParameters {
        &self.group
    }

    /// Who animal `number` (from 1) of an arm is, and its parameter values.
    #[must_use]
    pub fn animal(&self, arm: &str, number: u64) -> (Animal, Vec<f64>) {
        let animal = self.colony.animal(arm, number);
        let preset = self.population.values();
        let median = self.fitted.as_ref().map(|fitted| {
            let at = animal.stream(self.seed, "posterior").uniform();
            fitted.values(fitted.ensemble.at(at), preset)
        });
        let values = self
            .spread
            .draw(&animal, median.as_deref().unwrap_or(preset));
        (animal, values)
    }

    /// Lives every animal and hands blocks of them to `sink`, animal by animal and, within an animal,
    /// in the order of the arms. The first error of the sink ends it.
    ///
    /// # Errors
    /// That of the sink.
    pub fn live<E>(&self, mut sink: impl FnMut(Vec<Member>) -> Result<(), E>) -> Result<(), E> {
        let names: Vec<&str> = self.population.arms().collect();
        let mut first = 1;
        while first <= self.plan.subjects {
            let last = self.plan.subjects.min(first + BLOCK - 1);
            let animals: Vec<Vec<(Animal, Vec<f64>)>> = (first..=last)
                .into_par_iter()
                .map(|number| self.animals(&names, number))
                .collect();
            let (animals, wanted): (Vec<Animal>, Vec<Wanted<'_>>) = animals
                .into_iter()
                .flat_map(|animals| animals.into_iter().enumerate())
                .map(|(arm, (animal, values))| {
                    let population = &self.population;
                    let wish = Wanted {
                        population,
                        arm,
                        values: values.into(),
                    };
                    (animal, wish)
                })
                .unzip();
            let numbers: Vec<u64> = animals.iter().map(|animal| animal.number).collect();
            let mut runs = live_all_in_full(&numbers, &wanted);
            if self.plan.pairing == Pairing::Twins {
                self.tie(&mut runs);
            }
            let members = animals.into_iter().zip(wanted).zip(runs);
            sink(
                members
                    .map(|((animal, wish), run)| self.member(animal, wish.values.into_owned(), run))
                    .collect(),
            )?;
            first = last + 1;
        }
        Ok(())
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

    /// The animals of this number, one for each arm, with their values.
    fn animals(&self, arms: &[&str], number: u64) -> Vec<(Animal, Vec<f64>)> {
        match self.plan.pairing {
            Pairing::Twins => vec![self.animal("", number); arms.len()],
            Pairing::Randomised => arms.iter().map(|arm| self.animal(arm, number)).collect(),
        }
    }

    fn member(&self, animal: Animal, values: Vec<f64>, mut run: ArmRun) -> Member {
        if self.plan.other_deaths == OtherDeaths::Included {
            let age = other_death(&animal, self.seed, self.group.other_death_rate);
            end_at(&mut run, age);
        }
        Member {
            animal,
            values,
            run,
        }
    }
}

impl Member {
    /// Its sex as a word.
    #[must_use]
    pub fn sex(&self) -> Sex {
        self.animal.sex
    }
}
