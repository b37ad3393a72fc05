//! [`Options`]: how exactly, and how long at most.

use crate::outcome::PlanFault;

/// How the step size is chosen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Stepping {
    /// So that the estimated error of each step meets the tolerances.
    Adaptive,
    /// Equal steps of at most this size in every segment, without error control.
    ///
    /// For measuring the order of a method; own methods only.
    Fixed(f64),
}

/// Tolerances and limits.
///
/// A step is accepted when for every state `|error| <= absolute + relative · |y|`, with `|y|` the
/// larger of both ends of the step: the maximum over the states, not their mean, so that
/// states at rest do not dilute the error of the one that moves.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// Relative tolerance, above zero.
    pub relative_tolerance: f64,
    /// Absolute tolerance of every state, above zero, in the unit of the state.
    pub absolute_tolerance: Vec<f64>,
    /// Limit of attempted steps over the whole run, switches included.
    pub maximum_steps: usize,
    /// First step of the run; chosen from the derivatives if not given.
    pub initial_step: Option<f64>,
    /// Upper bound of all steps.
    pub maximum_step: Option<f64>,
    /// How the step size is chosen.
    pub stepping: Stepping,
}

impl Options {
    /// Adaptive steps, at most 100 000 of them.
    #[must_use]
    pub fn new(relative_tolerance: f64, absolute_tolerance: Vec<f64>) -> Self {
        Self {
            relative_tolerance,
            absolute_tolerance,
            maximum_steps: 100_000,
            initial_step: None,
            maximum_step: None,
            stepping: Stepping::Adaptive,
        }
    }

    pub(crate) fn check(&self, dimension: usize) -> Result<(), PlanFault> {
        let positive = |value: f64| value > 0.0 && value.is_finite();
        if !positive(self.relative_tolerance)
            || !self.absolute_tolerance.iter().copied().all(positive)
        {
            return Err(PlanFault::Tolerance);
        }
        if self.absolute_tolerance.len() != dimension {
            return Err(PlanFault::Length {
                expected: dimension,
                given: self.absolute_tolerance.len(),
            });
        }
        let fixed = match self.stepping {
            Stepping::Adaptive => None,
            Stepping::Fixed(step) => Some(step),
        };
        let steps = [self.initial_step, self.maximum_step, fixed];
        if steps.into_iter().flatten().all(positive) {
            Ok(())
        } else {
            Err(PlanFault::Step)
        }
    }

    /// The error of state `index` that counts as 1.
    #[inline]
    pub(crate) fn allowed(&self, index: usize, before: f64, after: f64) -> f64 {
        let size = if after.abs() > before.abs() {
            after.abs()
        } else {
            before.abs()
        };
        self.absolute_tolerance[index] + self.relative_tolerance * size
    }
}
