//! A study: its inputs, outputs and sample, and the lives at its points.

use rayon::prelude::*;

use super::inputs::{Group, Input, groups, inputs};
use super::sample::{Sample, SampleError};
use crate::analysis::points::{Point, Points, PointsError, Row, RowStatus};
use crate::model::Model;
use crate::scenario::{
    FactorTarget, Output, OutputKind, Scenario, ScenarioFile, SensitivityMethod, SensitivityPlan,
};
use crate::simulate::{Resolution, SimulateError};

/// Why a study cannot be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SensitivityError {
    /// The sample cannot be drawn.
    #[error(transparent)]
    Sample(#[from] SampleError),
    /// The points cannot be lived.
    #[error(transparent)]
    Points(#[from] PointsError),
    /// The scenario does not fit the model.
    #[error(transparent)]
    Simulate(#[from] SimulateError),
    /// Derivatives are those of one animal.
    #[error(
        "a local analysis is of one animal with the values of the preset, and the scenario has a \
         `[cohort]`: remove it, or use another method"
    )]
    LocalCohort,
    /// Derivatives are taken of features by parameters only.
    #[error("a local analysis has no derivative {0}")]
    NotLocal(String),
}

/// A study, ready to be lived.
#[derive(Debug)]
pub struct Study<'m> {
    points: Points<'m>,
    plan: SensitivityPlan,
    seed: u64,
    resolution: Resolution,
    /// What is varied.
    pub inputs: Vec<Input>,
    /// What has an index.
    pub groups: Vec<Group>,
    /// What is asked.
    pub outputs: Vec<Output>,
    /// Where.
    pub sample: Sample,
}

/// One point of a study that was lived.
#[derive(Debug, Clone, PartialEq)]
pub struct PointValues {
    /// That of the first arm that has no numbers; `Ok` if all have.
    pub status: RowStatus,
    /// The place of that arm; 0 if all have.
    pub arm: usize,
    /// One per output.
    pub values: Vec<Option<f64>>,
}

/// The values of all points, in the order of the sample.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Values {
    /// By output, one per point.
    pub outputs: Vec<Vec<Option<f64>>>,
    /// Points that failed or were not run, in their order.
    pub troubles: Vec<Trouble>,
}

/// A point that failed or was not run.
#[derive(Debug, Clone, PartialEq)]
pub struct Trouble {
    /// Its number, from 1.
    pub point: u64,
    /// The place of its first arm that has no numbers.
    pub arm: usize,
    /// Why.
    pub status: RowStatus,
}

impl<'m> Study<'m> {
    /// The study that a scenario asks for.
    ///
    /// # Errors
    /// Nothing is varied, or the scenario does not fit the model.
    pub fn new(
        model: &'m Model,
        file: &ScenarioFile,
        scenario: &Scenario,
    ) -> Result<Self, SensitivityError> {
        let plan = &scenario.sensitivity;
        if plan.method == SensitivityMethod::Local && scenario.cohort.is_some() {
            return Err(SensitivityError::LocalCohort);
        }
        let (outputs, question) = (plan.outputs.clone(), plan.question.clone());
        let mut inputs = inputs(&model.declaration, scenario, &outputs);
        let groups = groups(&inputs, plan.grouping);
        let sample = Sample::new(plan, inputs.len(), &groups, scenario.seed)?;
        let factors = inputs.iter().map(|input| input.factor.clone()).collect();
        let points = Points::new(model, file, scenario, factors, question)?;
        for input in &mut inputs {
            if let FactorTarget::Parameter { id, .. } = &input.factor.target {
                input.preset = points.value(id);
            }
        }
        Ok(Self {
            points,
            plan: plan.clone(),
            seed: scenario.seed,
            resolution: Resolution::new(scenario.solver.rtol),
            inputs,
            groups,
            outputs,
            sample,
        })
    }

    /// What was asked for.
    #[must_use]
    pub fn plan(&self) -> &SensitivityPlan {
        &self.plan
    }

    /// Seed of every random stream.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// Whether the values of an output vary by more than the solver can tell apart; nothing and one value
    /// do not.
    #[must_use]
    pub fn varies(&self, output: usize, values: &[Option<f64>]) -> bool {
        let known = || values.iter().flatten().copied();
        let low = known().fold(f64::INFINITY, f64::min);
        let high = known().fold(f64::NEG_INFINITY, f64::max);
        let feature = self.outputs.get(output).and_then(|it| it.feature.as_ref());
        let is_one = match feature.and_then(|feature| feature.reading.name()) {
            Some(_) => self.resolution.is_one_value(low, high),
            None => self.resolution.is_one(low, high),
        };
        low < high && !is_one
    }

    /// Rows, trajectories or points that the study needs, if it has fewer; see [`Sample::least`].
    #[must_use]
    pub fn too_few(&self) -> Option<u64> {
        let least = Sample::least(self.plan.method, self.inputs.len());
        (self.sample.rows() < least).then_some(least)
    }

    /// The inputs of point `number`, counted from 1.
    #[must_use]
    pub fn point(&self, number: u64) -> Option<Point> {
        let index = number.checked_sub(1)?;
        let per_row = self.sample.points_per_row().max(1);
        let row = index / per_row;
        (row < self.sample.rows()).then_some(())?;
        let place = usize::try_from(index % per_row).ok()?;
        self.row(row).into_iter().nth(place)
    }

    /// All points in their order: those of the table.
    pub fn all_points(&self) -> impl Iterator<Item = Point> + '_ {
        (0..self.sample.rows()).flat_map(|row| self.row(row))
    }

    /// How many points there are.
    #[must_use]
    pub fn point_count(&self) -> u64 {
        let rows = self.sample.rows();
        rows.saturating_mul(self.sample.points_per_row())
    }

    /// How many lives one point is, at most.
    #[must_use]
    pub fn lives_per_point(&self) -> u64 {
        self.points.lives_per_point()
    }

    /// The points of a row.
    fn row(&self, row: u64) -> Vec<Point> {
        let before = row * self.sample.points_per_row();
        let shares = self.sample.row(row).into_iter().enumerate();
        let point = |(place, shares): (usize, Vec<f64>)| Point {
            number: before + place as u64 + 1,
            // The share of the dummy, where there is one, is the last: it has no input.
            settings: (self.inputs.iter().zip(shares))
                .map(|(input, share)| input.factor.at(share))
                .collect(),
        };
        shares.map(point).collect()
    }

    /// Lives `count` rows from `first`; one entry per point.
    ///
    /// # Errors
    /// When an output cannot be read at all. Failures of single points are entries.
    pub fn live(&self, first: u64, count: u64) -> Result<Vec<PointValues>, SensitivityError> {
        let last = first.saturating_add(count).min(self.sample.rows());
        let block: Vec<Point> = (first..last)
            .into_par_iter()
            .flat_map(|row| self.row(row))
            .collect();
        let rows = self.points.live(&block)?;
        let arms = self.points.arms().len().max(1);
        Ok(rows
            .chunks(arms)
            .map(|rows| {
                let trouble = rows.iter().find(|row| row.status != RowStatus::Ok);
                PointValues {
                    status: trouble.map_or(RowStatus::Ok, |row| row.status.clone()),
                    arm: trouble.map_or(0, |row| row.arm),
                    values: self
                        .outputs
                        .iter()
                        .map(|output| value(output, rows))
                        .collect(),
                }
            })
            .collect())
    }
}

impl Values {
    /// No points yet, of a study with this many outputs.
    #[must_use]
    pub fn new(outputs: usize) -> Self {
        Self {
            outputs: vec![Vec::new(); outputs],
            troubles: Vec::new(),
        }
    }

    /// How many points there are.
    #[must_use]
    pub fn points(&self) -> u64 {
        self.outputs.first().map_or(0, |values| values.len() as u64)
    }

    /// Points whose computation failed.
    #[must_use]
    pub fn failed(&self) -> u64 {
        let failed = |it: &&Trouble| matches!(it.status, RowStatus::Failed(_));
        self.troubles.iter().filter(failed).count() as u64
    }

    /// Takes the next point.
    pub fn push(&mut self, point: PointValues) {
        if point.status != RowStatus::Ok {
            self.troubles.push(Trouble {
                point: self.points() + 1,
                arm: point.arm,
                status: point.status,
            });
        }
        for (values, value) in self.outputs.iter_mut().zip(point.values) {
            values.push(value);
        }
    }
}

/// An output at a point; `None` if there is none. `rows` are those of all arms of the point.
fn value(output: &Output, rows: &[Row]) -> Option<f64> {
    let row = rows.get(output.arm)?;
    let group = row.group.as_ref();
    let value = match output.kind {
        OutputKind::Feature(place) => row.features.get(place)?.as_ref().ok().copied(),
        OutputKind::Median => group?.median_survival_d.value,
        OutputKind::Mean => group?.mean_survival_d,
        OutputKind::MeanDifference => group?.rmst_difference_d.value,
        OutputKind::HazardRatio => group?.hazard_ratio.value,
    };
    value.filter(|value| value.is_finite())
}
