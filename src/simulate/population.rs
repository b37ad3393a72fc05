//! Animals of one scenario: compiled once, simulated for any parameter values.
//!
//! What: [`Population::simulate`] takes the values of all parameters of one animal and gives its life in
//! every arm, or in some of them. A scenario without a cohort is a population of one animal with the
//! values of the preset, so a member of a cohort and a single run with its values are the same code,
//! bit for bit.

use std::borrow::Cow;

use gutbrain_integrate::{EventRule, Trajectory};
use rayon::prelude::*;

use super::birth::Birth;
use super::compiled::{Compiled, CompiledArm, Layer};
use super::fault::{SimulateError, UNSETTLED, describe};
use super::resolution::Resolution;
use super::run::{ArmRun, arm_run, simulate_before_output, simulate_output, without_birth};
use crate::model::Model;
use crate::scenario::Scenario;

/// See the module's description.
#[derive(Debug, Clone)]
pub struct Population {
    compiled: Compiled,
    grid: Vec<f64>,
    /// Those of every arm.
    rules: Vec<Vec<EventRule>>,
}

impl Population {
    /// Compiles a scenario.
    ///
    /// # Errors
    /// When the scenario does not fit the model.
    pub fn new(model: &Model, scenario: &Scenario) -> Result<Self, SimulateError> {
        let compiled = Compiled::new(model, scenario)?;
        Ok(Self::of(compiled, scenario))
    }

    fn of(compiled: Compiled, scenario: &Scenario) -> Self {
        Self {
            grid: scenario.simulation.output_times(),
            rules: compiled
                .arms
                .iter()
                .map(|arm| compiled.rules_of_life(arm))
                .collect(),
            compiled,
        }
    }

    /// The population of another scenario of the same model: quick when both change the structure of
    /// the model alike, so that nothing has to be compiled again.
    ///
    /// # Errors
    /// When the scenario does not fit the model.
    pub fn variant(&self, model: &Model, scenario: &Scenario) -> Result<Self, SimulateError> {
        let compiled = self.compiled.variant(model, scenario)?;
        Ok(Self::of(compiled, scenario))
    }

    pub(super) fn compiled(&self) -> &Compiled {
        &self.compiled
    }

    /// The ages of the output.
    pub(super) fn grid(&self) -> &[f64] {
        &self.grid
    }

    pub(super) fn rules(&self, arm: usize) -> &[EventRule] {
        &self.rules[arm]
    }

    /// Which ages of two lives of one animal can be told apart.
    #[must_use]
    pub fn resolution(&self) -> Resolution {
        Resolution::new(self.compiled.options.relative_tolerance)
    }

    /// The values of all parameters as the preset and the scenario give them.
    #[must_use]
    pub fn values(&self) -> &[f64] {
        &self.compiled.values
    }

    /// What gave the parameter at this place its value.
    #[must_use]
    pub fn layer(&self, place: usize) -> Option<&Layer> {
        self.compiled.layers.get(place)
    }

    /// The place of a parameter among the values.
    #[must_use]
    pub fn place(&self, parameter: &str) -> Option<usize> {
        self.compiled.network.parameter_index(parameter)
    }

    /// The names of the arms, in their order.
    pub fn arms(&self) -> impl Iterator<Item = &str> {
        self.compiled.arms.iter().map(|arm| arm.name.as_str())
    }

    /// The life of animal `subject` with these values in every arm, in the order of the arms.
    #[must_use]
    pub fn simulate(&self, subject: u64, values: Vec<f64>) -> Vec<ArmRun> {
        let arms: Vec<usize> = (0..self.compiled.arms.len()).collect();
        self.simulate_in(&arms, subject, values)
    }

    /// The same in some of the arms, given by their places.
    #[must_use]
    pub fn simulate_in(&self, arms: &[usize], subject: u64, values: Vec<f64>) -> Vec<ArmRun> {
        self.simulate_read_at(arms, subject, values, &|_| Cow::Borrowed(self.grid()))
    }

    /// Animal 1 in every arm at the ages of the output: what [`simulate`](super::simulate) gives, without
    /// compiling the scenario again.
    #[must_use]
    pub fn first_animal(&self) -> Vec<ArmRun> {
        self.simulate_reading(|_| Cow::Borrowed(self.grid()))
    }

    /// Animal 1 in every arm, read at ages of each arm's own, with the endpoints of arms that do nothing
    /// tied to those of the first.
    pub(super) fn simulate_reading<'s>(
        &'s self,
        ages: impl Fn(&CompiledArm) -> Cow<'s, [f64]> + Sync,
    ) -> Vec<ArmRun> {
        let arms: Vec<usize> = (0..self.compiled.arms.len()).collect();
        let mut runs = self.simulate_read_at(&arms, 1, self.values().to_vec(), &ages);
        if let Some((first, others)) = runs.split_first_mut() {
            let resolution = self.resolution();
            for run in others {
                resolution.tie(&first.endpoints, &mut run.endpoints);
            }
        }
        runs
    }

    fn simulate_read_at<'s>(
        &'s self,
        arms: &[usize],
        subject: u64,
        values: Vec<f64>,
        ages: &(impl Fn(&CompiledArm) -> Cow<'s, [f64]> + Sync),
    ) -> Vec<ArmRun> {
        let compiled = &self.compiled;
        let birth = match Birth::<f64>::new(compiled, values, None) {
            Ok(birth) => birth,
            Err(failure) => {
                let reason = describe(&failure, &compiled.network, UNSETTLED);
                let without_birth =
                    |&arm: &usize| without_birth(compiled, &compiled.arms[arm], subject, &reason);
                return arms.iter().map(without_birth).collect();
            }
        };
        // Arms with the same early life share it.
        let histories: Vec<Option<Trajectory<f64>>> = compiled
            .histories
            .par_iter()
            .map(|group| {
                let first = group.iter().find(|arm| arms.contains(arm))?;
                let (arm, rules) = (&compiled.arms[*first], &self.rules[*first]);
                Some(simulate_before_output(compiled, arm, &birth, rules))
            })
            .collect();
        arms.par_iter()
            .map(|arm| {
                let place = compiled
                    .histories
                    .iter()
                    .position(|group| group.contains(arm));
                // Every arm is in exactly one group, and the group of a wanted arm has a history.
                let history = place.and_then(|place| histories[place].as_ref());
                let history = history.expect("the history of a wanted arm");
                let (arm, rules) = (&compiled.arms[*arm], &self.rules[*arm]);
                let rest = simulate_output(compiled, arm, &birth, history, &ages(arm), rules);
                arm_run(compiled, arm, subject, &birth, history, rest.as_ref())
            })
            .collect()
    }
}
