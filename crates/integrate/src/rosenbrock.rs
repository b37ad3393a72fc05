//! Rosenbrock methods: one step, and a segment of steps.

use std::sync::Arc;

use gutbrain_numbers::Scalar;

use crate::control::{ErrorRatio, choose_first_step, measure_error};
use crate::pace::{Pace, Rejection, Segment, Stuck, Verdict, out_of_steps};
use crate::sparse_lu::{Elimination, Factors};
use crate::tableau::RosenbrockTableau;
use crate::watch::{DenseOutput, Flow, Watch};
use crate::{Effort, Failure, Options, System};

/// A Rosenbrock method at work on one system.
pub(crate) struct Rosenbrock<R> {
    tableau: &'static RosenbrockTableau,
    elimination: Arc<Elimination>,
    factors: Factors<R>,
    jacobian: Vec<R>,
    /// f at the start of the step.
    slope: Vec<R>,
    /// ∂f/∂t there; empty meaning is zero.
    time_slope: Vec<R>,
    time_dependence: TimeDependence,
    /// k_i, stage after stage.
    stages: Vec<R>,
    stage_state: Vec<R>,
    new_state: Vec<R>,
    dense: Vec<R>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum TimeDependence {
    None,
    Explicit,
}

impl<R: Scalar> Rosenbrock<R> {
    pub(crate) fn new<S: System<R>>(system: &S, tableau: &'static RosenbrockTableau) -> Self {
        let dimension = system.dimension();
        let elimination = system.jacobian_pattern().elimination();
        let zeros = |length: usize| vec![R::from_f64(0.0); length];
        Self {
            tableau,
            factors: Factors::new(&elimination),
            elimination,
            jacobian: zeros(system.jacobian_pattern().entries()),
            slope: zeros(dimension),
            time_slope: zeros(dimension),
            time_dependence: TimeDependence::None,
            stages: zeros(dimension * tableau.stages),
            stage_state: zeros(dimension),
            new_state: zeros(dimension),
            dense: zeros(dimension * tableau.dense.len()),
        }
    }

    /// Integrate over one segment; `state` and `time` follow the accepted steps.
    #[allow(clippy::too_many_arguments)] // what a run consists of, passed on once
    pub(crate) fn cover<S: System<R>>(
        &mut self,
        system: &mut S,
        options: &Options,
        segment: &Segment,
        time: &mut f64,
        state: &mut [R],
        watch: &mut Watch<'_, R>,
        effort: &mut Effort,
    ) -> Result<Flow, Failure> {
        let mut pace = Pace::new(self.tableau, options, segment);
        while *time < segment.end {
            self.linearise(system, *time, state, effort);
            if let Some(component) = self.slope.iter().position(|slope| !slope.is_finite()) {
                return Err(Rejection::NonFinite(Some(component)).failure(*time));
            }
            let wanted = match pace.known_step() {
                Some(step) => step,
                None => self.first_step(system, options, segment, state, effort),
            };
            pace.begin_step(wanted);
            loop {
                let (step, new_time) =
                    pace.propose(options, segment, *time, effort)
                        .map_err(|stuck| match stuck {
                            Stuck::OutOfSteps(last) => self.out_of_steps(*time, options, last),
                            Stuck::TooShort(rejection) => rejection.failure(*time),
                        })?;
                let attempt = self.attempt(system, options, *time, step, state, effort);
                match pace.judge(step, attempt, None, effort) {
                    Verdict::Accepted => {
                        let flow = self.show(system, watch, *time, new_time, state)?;
                        *time = new_time;
                        state.copy_from_slice(&self.new_state);
                        if flow != Flow::Continue {
                            return Ok(flow);
                        }
                        break;
                    }
                    Verdict::Again => {}
                    Verdict::Hopeless(rejection) => return Err(rejection.failure(*time)),
                }
            }
        }
        Ok(Flow::Continue)
    }

    fn out_of_steps(&self, time: f64, options: &Options, last: Option<Rejection>) -> Failure {
        // The last stage is the error of the last attempt.
        let error = &self.stages[self.slope.len() * (self.tableau.stages - 1)..];
        out_of_steps(time, options, last, &self.new_state, error)
    }

    fn first_step<S: System<R>>(
        &self,
        system: &mut S,
        options: &Options,
        segment: &Segment,
        state: &[R],
        effort: &mut Effort,
    ) -> f64 {
        if let Some(step) = segment.first_step {
            return step;
        }
        effort.derivative_calls += 1;
        choose_first_step(
            system,
            options,
            self.tableau.order,
            segment.begin,
            segment.end - segment.begin,
            state,
            &self.slope,
        )
    }

    /// Everything that depends on the start of the step only.
    fn linearise<S: System<R>>(
        &mut self,
        system: &mut S,
        time: f64,
        state: &[R],
        effort: &mut Effort,
    ) {
        let time = R::from_f64(time);
        system.derivative(time, state, &mut self.slope);
        system.jacobian(time, state, &mut self.jacobian);
        system.time_derivative(time, state, &mut self.time_slope);
        let zero = R::from_f64(0.0);
        let autonomous = self.time_slope.iter().all(|slope| *slope == zero);
        self.time_dependence = if autonomous {
            TimeDependence::None
        } else {
            TimeDependence::Explicit
        };
        effort.derivative_calls += 1;
        effort.jacobian_calls += 1;
    }

    /// One attempt of a step; the result is in `new_state` and `stages`.
    fn attempt<S: System<R>>(
        &mut self,
        system: &mut S,
        options: &Options,
        time: f64,
        step: f64,
        state: &[R],
        effort: &mut Effort,
    ) -> Result<ErrorRatio, Rejection> {
        let tableau = self.tableau;
        let dimension = state.len();
        let shift = 1.0 / (tableau.gamma * step);
        self.factors
            .factorise(&self.elimination, shift, -1.0, &self.jacobian);
        effort.factorisations += 1;
        if let Some(row) = self.factors.failing_row(&self.elimination) {
            return match self.jacobian.iter().all(|entry| entry.is_finite()) {
                true => Err(Rejection::Singular(row)),
                false => Err(Rejection::NonFinite(Some(row))),
            };
        }

        self.stage_state.copy_from_slice(state);
        for stage in 0..tableau.stages {
            let (known, new) = self.stages.split_at_mut(stage * dimension);
            let current = &mut new[..dimension];
            if stage == 0 {
                current.copy_from_slice(&self.slope);
            } else {
                if let Some(weights) = tableau.a.get(stage) {
                    self.stage_state.copy_from_slice(state);
                    add_stages(&mut self.stage_state, known, weights, 1.0);
                } else {
                    let previous = &known[(stage - 1) * dimension..];
                    for (value, increment) in self.stage_state.iter_mut().zip(previous) {
                        *value += *increment;
                    }
                }
                let stage_time = R::from_f64(time + tableau.nodes[stage] * step);
                system.derivative(stage_time, &self.stage_state, current);
                effort.derivative_calls += 1;
                // Here, before the linear solution spreads it, the culprit can be named.
                if let Some(component) = current.iter().position(|slope| !slope.is_finite()) {
                    return Err(Rejection::NonFinite(Some(component)));
                }
            }
            add_stages(current, known, tableau.c[stage], 1.0 / step);
            if self.time_dependence == TimeDependence::Explicit {
                let weight = tableau.time_weights[stage] * step;
                for (value, slope) in current.iter_mut().zip(&self.time_slope) {
                    *value += slope.scale(weight);
                }
            }
            self.factors.solve(&self.elimination, current);
            effort.solves += 1;
        }
        let error = &self.stages[(tableau.stages - 1) * dimension..];
        for ((new, base), last) in self.new_state.iter_mut().zip(&self.stage_state).zip(error) {
            *new = *base + *last;
        }
        let error = measure_error(options, state, &self.new_state, error);
        if error.ratio.is_nan() {
            Err(Rejection::NonFinite(error.component))
        } else {
            Ok(error)
        }
    }

    /// Show an accepted step to the watch.
    fn show<S: System<R>>(
        &mut self,
        system: &mut S,
        watch: &mut Watch<'_, R>,
        begin: f64,
        end: f64,
        state: &[R],
    ) -> Result<Flow, Failure> {
        if !watch.wants_inside(end) {
            return Ok(Flow::Continue);
        }
        let dimension = state.len();
        self.dense.fill(R::from_f64(0.0));
        for (row, weights) in self
            .dense
            .chunks_exact_mut(dimension.max(1))
            .zip(self.tableau.dense)
        {
            add_stages(row, &self.stages, weights, 1.0);
        }
        let mut dense = Interpolant {
            begin,
            end,
            old: state,
            new: &self.new_state,
            rows: &self.dense,
        };
        watch.observe(system, &mut dense)
    }
}

/// target += factor Σ weights_j k_j
pub(crate) fn add_stages<R: Scalar>(target: &mut [R], stages: &[R], weights: &[f64], factor: f64) {
    let dimension = target.len();
    for (stage, weight) in stages.chunks_exact(dimension.max(1)).zip(weights) {
        let weight = weight * factor;
        for (value, increment) in target.iter_mut().zip(stage) {
            *value += increment.scale(weight);
        }
    }
}

/// Dense output of one step: see [`crate::tableau`].
pub(crate) struct Interpolant<'a, R> {
    pub(crate) begin: f64,
    pub(crate) end: f64,
    pub(crate) old: &'a [R],
    pub(crate) new: &'a [R],
    /// One row after the other.
    pub(crate) rows: &'a [R],
}

impl<R: Scalar, S: System<R>> DenseOutput<R, S> for Interpolant<'_, R> {
    fn begin(&self) -> f64 {
        self.begin
    }

    fn end(&self) -> f64 {
        self.end
    }

    fn evaluate(&mut self, _system: &mut S, time: R, out: &mut [R]) {
        let theta = self.fraction(time);
        for (index, value) in out.iter_mut().enumerate() {
            *value = self.state(index, theta);
        }
    }

    fn evaluate_some(&mut self, _system: &mut S, time: R, states: &[usize], out: &mut [R]) {
        let theta = self.fraction(time);
        for &index in states {
            out[index] = self.state(index, theta);
        }
    }
}

impl<R: Scalar> Interpolant<'_, R> {
    /// Where in the step a time lies, from 0 to 1.
    fn fraction(&self, time: R) -> R {
        (time - R::from_f64(self.begin)) / R::from_f64(self.end - self.begin)
    }

    /// One component of the state there.
    fn state(&self, index: usize, theta: R) -> R {
        let rest = R::from_f64(1.0) - theta;
        let dimension = self.old.len();
        let rows = self.rows.len() / dimension.max(1);
        let mut inner = self.rows[(rows - 1) * dimension + index];
        for row in (0..rows - 1).rev() {
            inner = self.rows[row * dimension + index] + theta * inner;
        }
        rest * self.old[index] + theta * (self.new[index] + rest * inner)
    }
}
