//! The points of a study, row by row.
//!
//! A row is what stands or falls together: the k + 2 points of a Sobol study that share two draws, the
//! points of a Morris trajectory, one point of a Latin hypercube. Points are those of the unit cube,
//! one coordinate per input, and a last one for the dummy where the method needs it.

use gutbrain_statistics::designs::LatinHypercube;
use gutbrain_statistics::sensitivity::{morris, variance};

use super::inputs::Group;
use crate::scenario::{SensitivityMethod, SensitivityPlan};

/// A sample; any of its rows by its number.
#[derive(Debug, Clone)]
pub struct Sample {
    rows: u64,
    kind: Kind,
}

#[derive(Debug, Clone)]
enum Kind {
    Sobol(variance::Design),
    Morris(morris::Design),
    Hypercube(LatinHypercube),
}

/// A sample cannot be drawn.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SampleError {
    /// Too many inputs.
    #[error(transparent)]
    Sobol(#[from] variance::DesignError),
    /// Levels that are no levels.
    #[error(transparent)]
    Morris(#[from] morris::DesignError),
    /// Nothing is varied.
    #[error("nothing is varied: no parameter with a range and a prior acts in this scenario")]
    NoInput,
    /// PRCC needs more points than inputs.
    #[error(
        "{points} points are too few for partial correlations with {inputs} inputs; \
         set sensitivity.samples to {least} or more"
    )]
    TooFew {
        /// Points asked for.
        points: u64,
        /// Inputs, with the dummy.
        inputs: usize,
        /// Points that are enough.
        least: u64,
    },
}

impl Sample {
    /// The sample of a plan over these inputs.
    ///
    /// # Errors
    /// When there is no input, or too many.
    pub fn new(
        plan: &SensitivityPlan,
        inputs: usize,
        groups: &[Group],
        seed: u64,
    ) -> Result<Self, SampleError> {
        if inputs == 0 {
            return Err(SampleError::NoInput);
        }
        let mut members: Vec<Vec<usize>> = groups.iter().map(|it| it.members.clone()).collect();
        let kind = match plan.method {
            SensitivityMethod::Sobol => Kind::Sobol(variance::Design::new(inputs, members, seed)?),
            SensitivityMethod::Morris => {
                members.push(vec![inputs]);
                let design = morris::Design::new(inputs + 1, members, plan.levels, seed);
                Kind::Morris(design?)
            }
            SensitivityMethod::Prcc | SensitivityMethod::Local => {
                let (points, inputs) = (plan.samples, inputs + 1);
                let least = inputs as u64 + 4;
                if plan.method == SensitivityMethod::Prcc && points < least {
                    return Err(SampleError::TooFew {
                        points,
                        inputs,
                        least,
                    });
                }
                Kind::Hypercube(LatinHypercube::new(points, inputs, seed))
            }
        };
        Ok(Self {
            rows: plan.samples,
            kind,
        })
    }

    /// Rows (Sobol), trajectories (Morris) or points (PRCC) below which chance alone shows as an effect.
    ///
    /// An input that does nothing has a first-order index, or a partial rank correlation, of
    /// 0 ± 1.96/√n by chance, with n rows, or points beyond the inputs: 64 keep it below a quarter. A mean
    /// elementary effect needs a few effects.
    #[must_use]
    pub fn least(method: SensitivityMethod, inputs: usize) -> u64 {
        const CASES: u64 = 64;
        match method {
            SensitivityMethod::Sobol => CASES,
            SensitivityMethod::Morris => 4,
            // The dummy is an input, too.
            SensitivityMethod::Prcc => inputs as u64 + 1 + CASES,
            SensitivityMethod::Local => 0,
        }
    }

    /// How many rows it has.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// How many points a row has.
    #[must_use]
    pub fn points_per_row(&self) -> u64 {
        match &self.kind {
            Kind::Sobol(design) => design.points_per_row(),
            Kind::Morris(design) => design.length() as u64,
            Kind::Hypercube(_) => 1,
        }
    }

    /// The points of row `number`, from 0.
    #[must_use]
    pub fn row(&self, number: u64) -> Vec<Vec<f64>> {
        match &self.kind {
            Kind::Sobol(design) => {
                let first = number * design.points_per_row();
                (first..first + design.points_per_row())
                    .map(|index| design.point(index))
                    .collect()
            }
            Kind::Morris(design) => design.trajectory(number).points,
            Kind::Hypercube(design) => design.point(number).into_iter().collect(),
        }
    }

    /// The steps of trajectory `number`, of a Morris screening.
    pub(super) fn steps(&self, number: u64) -> Vec<morris::Step> {
        match &self.kind {
            Kind::Morris(design) => design.trajectory(number).steps,
            _ => Vec::new(),
        }
    }
}
