//! Points in their configurations: which of them are of one scenario, and which have the same animals.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::configurations::Configuration;
use super::lives::{Point, Points};
use crate::scenario::{CohortPlan, Factor, FittedFrom, Setting};

/// Points with equal keys have the same subjects.
pub(super) type GroupKey = (String, Vec<u64>);

/// A point in its configuration.
pub(super) struct Placed<'w> {
    pub(super) configuration: &'w Configuration,
    /// The values of all parameters there.
    pub(super) values: Vec<f64>,
}

impl Placed<'_> {
    /// Of a cohort, its plan and what its subjects depend on.
    pub(super) fn group_key(&self) -> Option<(&CohortPlan, GroupKey)> {
        let scenario = &self.configuration.scenario;
        let plan = scenario.cohort.as_ref()?;
        let posterior = match &plan.parameters {
            FittedFrom::Preset => None,
            FittedFrom::Posterior { ensemble, .. } => {
                // What the scenario sets is not drawn.
                let set: Vec<&String> = scenario.subject.parameters.keys().collect();
                Some((&ensemble.preset, set))
            }
        };
        // An ensemble in full is long; all of one preset are the same.
        let short = CohortPlan {
            parameters: FittedFrom::Preset,
            ..plan.clone()
        };
        let (preset, seed) = (&scenario.subject.preset, scenario.seed);
        let text = format!(
            "{preset}|{seed}|{short:?}|{posterior:?}|{:?}",
            self.configuration.places
        );
        let bits = self.values.iter().map(|value| value.to_bits()).collect();
        Some((plan, (text, bits)))
    }
}

/// The values of all parameters at a point.
pub(super) fn values(configuration: &Configuration, point: &Point) -> Vec<f64> {
    let mut values = configuration.population.values().to_vec();
    for (place, setting) in configuration.places.iter().zip(&point.settings) {
        if let (Some(place), Setting::Number(number)) = (place, setting) {
            values[*place] = *number;
        }
    }
    values
}

/// The configurations of a block by the values that make them.
pub(super) struct Configurations {
    pub(super) keys: BTreeMap<Path, usize>,
    pub(super) made: Vec<Result<Configuration, String>>,
}

impl Configurations {
    /// The configuration of a point of the block, or why there is none.
    pub(super) fn of<'a>(
        &'a self,
        points: &'a Points<'_>,
        point: &Point,
    ) -> Result<&'a Configuration, &'a str> {
        let values = points.path(point);
        if values.is_empty() {
            return Ok(&points.base);
        }
        match self.keys.get(&Path::of(&values)).map(|at| &self.made[*at]) {
            Some(Ok(configuration)) => Ok(configuration),
            Some(Err(reason)) => Err(reason),
            None => Err("the point is not in the block"),
        }
    }
}

/// Values of the factors that are no parameters, in an order.
pub(super) struct Path(Vec<Setting>);

impl Path {
    pub(super) fn of(values: &[(&Factor, &Setting)]) -> Self {
        Self(
            values
                .iter()
                .map(|(_, setting)| (*setting).clone())
                .collect(),
        )
    }
}

impl PartialEq for Path {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Path {}

impl PartialOrd for Path {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Path {
    fn cmp(&self, other: &Self) -> Ordering {
        let both = self.0.iter().zip(&other.0);
        both.map(|(a, b)| a.order(b))
            .find(|order| *order != Ordering::Equal)
            .unwrap_or(Ordering::Equal)
    }
}
