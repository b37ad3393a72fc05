//! Subjects: who is simulated and with which values, for every study that simulates many.
//!
//! This is the only place that draws them. Runs, points of sweeps and sensitivity studies, pools of trials
//! and intervals ask [`Subjects::draw`] for subject `number` of an arm and get the same one:
//!
//! 1. who it is ([`Allocation`]): sex, litter, lost copies of the transgene;
//! 2. its medians: the values of the preset and the scenario, or, with `parameters = "posterior"`, those
//!    with a vector of the posterior in place of the fitted ones. What a scenario or a factor sets is
//!    known, and keeps its value;
//! 3. its values ([`Spread`]) around these medians;
//! 4. the age at which it dies for another reason than the disease, if it lives so long.
//!
//! Every draw has a stream of its own, (seed, what, number): it depends neither on the study nor on the
//! other subjects.

use gutbrain_network::Declaration;

use super::allocation::{Allocation, Animal};
use super::fitted::FittedVectors;
use super::group::GroupParameters;
use super::lives::CohortError;
use super::other_death::other_death;
use super::spread::Spread;
use crate::scenario::{CohortPlan, OtherDeaths, Pairing, Scenario};
use crate::simulate::Population;

/// One subject before its life.
#[derive(Debug, Clone, PartialEq)]
pub struct Subject {
    /// Who it is.
    pub animal: Animal,
    /// Number of its vector of the posterior, if it has one.
    pub vector: Option<u64>,
    /// The values of all its parameters, in the order of the population.
    pub values: Vec<f64>,
    /// Age at death for other reasons than the disease, in days; infinite if there are none.
    pub other_death_d: f64,
}

/// The subjects of a cohort at given values of its parameters; see the module's description.
#[derive(Debug, Clone)]
pub struct Subjects {
    seed: u64,
    plan: CohortPlan,
    arms: Vec<String>,
    /// The values that every subject is drawn around, but for a posterior.
    medians: Vec<f64>,
    group: GroupParameters,
    allocation: Allocation,
    spread: Spread,
    fitted: Option<FittedVectors>,
}

impl Subjects {
    /// The subjects of `plan` around the values of the preset and the scenario.
    ///
    /// # Errors
    /// [`CohortError::Correlations`].
    pub fn new(
        declaration: &Declaration,
        scenario: &Scenario,
        plan: &CohortPlan,
        population: &Population,
    ) -> Result<Self, CohortError> {
        let medians = population.values().to_vec();
        Self::around(declaration, scenario, plan, population, medians, &[])
    }

    /// The same around other values of all parameters; those at the places `set` are known, whatever a
    /// posterior says of them.
    ///
    /// # Errors
    /// [`CohortError::Correlations`].
    pub fn around(
        declaration: &Declaration,
        scenario: &Scenario,
        plan: &CohortPlan,
        population: &Population,
        medians: Vec<f64>,
        set: &[usize],
    ) -> Result<Self, CohortError> {
        let seed = scenario.seed;
        let group = GroupParameters::with(&declaration.family.group, population, &medians);
        let preset = &scenario.subject.preset;
        Ok(Self {
            fitted: FittedVectors::of(scenario, plan, population, set),
            spread: Spread::new(seed, declaration, preset, population, &medians, &group)?,
            allocation: Allocation::new(seed, plan.allocation, plan.pairing, &group),
            arms: population.arms().map(str::to_owned).collect(),
            plan: plan.clone(),
            seed,
            medians,
            group,
        })
    }

    /// The same subjects with `size` of them in every litter that goes to an arm as a whole.
    #[must_use]
    pub fn with_litters_of(mut self, size: u64) -> Self {
        self.group.litter_size = size.max(1);
        self.allocation = Allocation::new(
            self.seed,
            self.plan.allocation,
            self.plan.pairing,
            &self.group,
        );
        self
    }

    /// The same subjects, all of them with the fitted parameters of the preset.
    #[must_use]
    pub fn with_parameters_of_the_preset(mut self) -> Self {
        self.fitted = None;
        self
    }

    /// What was asked for.
    #[must_use]
    pub fn plan(&self) -> &CohortPlan {
        &self.plan
    }

    /// The vectors of the posterior that they draw from, if they do.
    #[must_use]
    pub fn fitted(&self) -> Option<&FittedVectors> {
        self.fitted.as_ref()
    }

    /// What varies between them.
    #[must_use]
    pub fn spread(&self) -> &Spread {
        &self.spread
    }

    /// Properties of the group.
    #[must_use]
    pub fn group(&self) -> &GroupParameters {
        &self.group
    }

    /// Subject `number` (from 1) of an arm; of twins, the arm does not matter.
    #[must_use]
    pub fn draw(&self, arm: &str, number: u64) -> Subject {
        let animal = self.allocation.animal(arm, number);
        let vector = self.fitted.as_ref().map(|fitted| {
            let at = animal.stream(self.seed, "posterior").uniform();
            (fitted, fitted.ensemble.at(at))
        });
        let values = match vector {
            None => self.spread.draw(&animal, &self.medians),
            Some((fitted, vector)) => {
                let medians = fitted.values(vector, &self.medians);
                self.spread.draw(&animal, &medians)
            }
        };
        let other_death_d = match self.plan.other_deaths {
            OtherDeaths::Included => other_death(&animal, self.seed, self.group.other_death_rate),
            OtherDeaths::Excluded => f64::INFINITY,
        };
        Subject {
            animal,
            vector: vector.map(|(_, vector)| vector.number),
            values,
            other_death_d,
        }
    }

    /// Subject `number` of every arm, in the order of the arms: of twins, the same in all of them.
    #[must_use]
    pub fn in_arms(&self, number: u64) -> Vec<Subject> {
        match self.plan.pairing {
            Pairing::Twins => vec![self.draw("", number); self.arms.len()],
            Pairing::Randomised => {
                let arms = self.arms.iter();
                arms.map(|arm| self.draw(arm, number)).collect()
            }
        }
    }
}
