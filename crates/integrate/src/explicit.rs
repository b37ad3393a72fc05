//! Dopri5 and Dop853 of the crate `ode_solvers`, as segments of a run.
//!
//! What has to be minded there, and how:
//!
//! * the nodes 12 and 13 of its Dop853 are 0 instead of 1 (its pull request 42), which ruins
//!   systems that read the time: time is carried as one more state, so nodes do not matter;
//! * one scalar absolute tolerance: states are divided by their own absolute tolerances, so
//!   that 1 serves for all (its error norm is the root mean square over the states);
//! * times below zero panic: every segment starts at 0;
//! * a span of length zero is an error: the caller never asks for one;
//! * uniform dense output with an extrapolated last row: not used. Between steps Dopri5 gives
//!   its continuous output model; Dop853 has none, so the step is integrated again up to the
//!   wanted time, which is as exact and leaves the steps alone;
//! * its stiffness test ends runs that would succeed: turned off, the limit of steps remains;
//! * counters of 32 bits: the limit of steps stays below their range, and calls are counted here;
//! * statistics are lost on errors and leave out early rejections: computed from the calls;
//! * it never stops at events: a step that carries a stopping event across zero ends it.
//!
//! It calls the system's power function in its step control, so unlike our own methods its
//! results may differ in the last bits between machines.

use std::cell::{Cell, RefCell};

use gutbrain_numbers::Scalar;
use ode_solvers::continuous_output_model::ContinuousOutputModel;
use ode_solvers::dop_shared::{IntegrationError, OutputType};
use ode_solvers::{DVector, Dop853, Dopri5};

use crate::pace::Segment;
use crate::watch::{DenseOutput, Flow, Watch};
use crate::{Effort, EventAction, Failure, FailureReason, Method, Options, System};

/// So many steps that no counter of `ode_solvers` overflows.
const MOST_STEPS: u64 = 300_000_000;
/// The unit of the state that carries the time: so large that it never decides a step.
const TIME_UNIT: f64 = 1.267_650_600_228_229_4e30; // 2^100
/// Limit of steps when one step is integrated again.
const STEPS_INSIDE: u32 = 10_000;

/// An explicit method.
pub(crate) struct Explicit {
    method: Method,
}

impl Explicit {
    pub(crate) fn new(method: Method) -> Self {
        Self { method }
    }

    /// Integrate over one segment; `state` and `time` follow the accepted steps.
    #[allow(clippy::too_many_arguments)] // what a run consists of, passed on once
    pub(crate) fn cover<R: Scalar, S: System<R>>(
        &mut self,
        system: &mut S,
        options: &Options,
        segment: &Segment,
        time: &mut f64,
        state: &mut [R],
        watch: &mut Watch<'_, R>,
        effort: &mut Effort,
    ) -> Result<Flow, Failure> {
        let mut first_step = segment.first_step;
        // Once, unless a stopping event cut the segment short and turned out to be none.
        while *time < segment.end {
            let used = effort.steps + effort.rejected;
            let limit = options.maximum_steps as u64;
            if used >= limit {
                return Err(failure(
                    *time,
                    FailureReason::TooManySteps {
                        limit: options.maximum_steps,
                    },
                ));
            }
            let task = Task {
                method: self.method,
                options,
                begin: *time,
                length: segment.end - *time,
                first_step: first_step.take(),
                most_steps: (limit - used).min(MOST_STEPS) as u32,
            };
            let rules = watch.rules();
            let stops: Vec<usize> = (0..rules.len())
                .filter(|i| rules[*i].action != EventAction::Record)
                .collect();
            let course = task.integrate(system, state, watch.before(), |event, before, after| {
                stops.contains(&event) && rules[event].direction.crossed(before, after)
            });
            effort.derivative_calls += course.calls;
            let attempts = task.attempts(course.calls, course.ends.len() as u64);
            effort.rejected += attempts.saturating_sub(course.ends.len() as u64);

            let reached = course.ends.len();
            for index in 0..reached {
                effort.steps += 1;
                // The last end is the end of the segment, whatever the rounding of shifted times.
                let whole = course.error.is_none() && course.stop == Flow::Continue;
                let end = if whole && index + 1 == reached {
                    segment.end
                } else {
                    task.begin + course.ends[index]
                };
                let new_state = task.unscale(&course.states[index]);
                if watch.wants_inside(end) && end > *time {
                    let mut dense = StepAgain {
                        task: &task,
                        course: &course,
                        index,
                        begin: *time,
                        end,
                        old: state.to_vec(),
                        new: new_state.clone(),
                        calls: 0,
                    };
                    let flow = watch.observe(system, &mut dense);
                    effort.derivative_calls += dense.calls;
                    let flow = flow?;
                    if flow != Flow::Continue {
                        return Ok(flow);
                    }
                }
                *time = end;
                state.copy_from_slice(&new_state);
            }
            if let Some(error) = course.error {
                return Err(translate(&error, course.not_finite, *time, options));
            }
        }
        Ok(Flow::Continue)
    }
}

fn failure(time: f64, reason: FailureReason) -> Failure {
    Failure {
        time,
        component: None,
        error_ratio: f64::NAN,
        reason,
    }
}

fn translate(
    error: &IntegrationError,
    not_finite: Option<usize>,
    time: f64,
    options: &Options,
) -> Failure {
    let reason = match error {
        IntegrationError::MaxNumStepReached { .. } => FailureReason::TooManySteps {
            limit: options.maximum_steps,
        },
        IntegrationError::StepSizeUnderflow { .. } if not_finite.is_some() => {
            FailureReason::NonFinite
        }
        IntegrationError::StepSizeUnderflow { .. } => FailureReason::StepTooSmall,
        IntegrationError::StiffnessDetected { .. } => FailureReason::Stiff,
    };
    Failure {
        component: not_finite,
        ..failure(time, reason)
    }
}

/// One call of `ode_solvers`.
struct Task<'a> {
    method: Method,
    options: &'a Options,
    begin: f64,
    length: f64,
    first_step: Option<f64>,
    most_steps: u32,
}

/// What one call of `ode_solvers` gave; times from 0, states scaled.
struct Course {
    ends: Vec<f64>,
    states: Vec<DVector<f64>>,
    model: ContinuousOutputModel<f64, DVector<f64>>,
    error: Option<IntegrationError>,
    stop: Flow,
    not_finite: Option<usize>,
    calls: u64,
}

impl Task<'_> {
    fn integrate<R: Scalar, S: System<R>>(
        &self,
        system: &mut S,
        state: &[R],
        event_values: &[f64],
        stops: impl Fn(usize, f64, f64) -> bool,
    ) -> Course {
        let scales = &self.options.absolute_tolerance;
        let scaled = state
            .iter()
            .zip(scales)
            .map(|(value, scale)| value.value() / scale);
        let start = DVector::from_iterator(state.len() + 1, scaled.chain([0.0]));
        let calls = Cell::new(0);
        let not_finite = Cell::new(None);
        let stop = Cell::new(Flow::Continue);
        let zero = R::from_f64(0.0);
        let shifted = Shifted {
            inner: RefCell::new(Inner {
                system,
                state: vec![zero; state.len()],
                slope: vec![zero; state.len()],
                events: vec![zero; event_values.len()],
            }),
            begin: self.begin,
            scales,
            stops,
            before: event_values.to_vec(),
            calls: &calls,
            not_finite: &not_finite,
            stop: &stop,
        };
        let mut model = ContinuousOutputModel::default();
        let first = self.first_step.unwrap_or(0.0);
        let longest = self
            .options
            .maximum_step
            .unwrap_or(self.length)
            .min(self.length);
        let relative = self.options.relative_tolerance;
        // Arguments: safety 0.9, beta, fac_min, fac_max as in the codes of Hairer; then the
        // longest and the first step, the limit of steps, the interval of stiffness tests.
        let (ends, states, result) = match self.method {
            Method::Dop853 => {
                let mut solver = Dop853::from_param(
                    shifted,
                    0.0,
                    self.length,
                    self.length,
                    start,
                    relative,
                    1.0,
                    0.9,
                    0.0,
                    0.333,
                    6.0,
                    longest,
                    first,
                    self.most_steps,
                    u32::MAX,
                    OutputType::Sparse,
                );
                let result = solver.integrate();
                // The first row is the start.
                let ends = solver.x_out().get(1..).unwrap_or_default().to_vec();
                let states = solver.y_out().get(1..).unwrap_or_default().to_vec();
                (ends, states, result)
            }
            _ => {
                let mut solver = Dopri5::from_param(
                    shifted,
                    0.0,
                    self.length,
                    self.length,
                    start,
                    relative,
                    1.0,
                    0.9,
                    0.04,
                    0.2,
                    10.0,
                    longest,
                    first,
                    self.most_steps,
                    u32::MAX,
                    OutputType::Continuous,
                );
                let result = solver.integrate_with_continuous_output_model(&mut model);
                (solver.x_out().clone(), solver.y_out().clone(), result)
            }
        };
        Course {
            ends,
            states,
            model,
            error: result.err(),
            stop: stop.get(),
            not_finite: not_finite.get(),
            calls: calls.get(),
        }
    }

    /// Attempted steps, from the number of calls of the derivative.
    fn attempts(&self, calls: u64, accepted: u64) -> u64 {
        let at_start = if self.first_step.is_some() { 1 } else { 3 };
        let of_steps = calls.saturating_sub(at_start);
        match self.method {
            Method::Dop853 => of_steps.saturating_sub(accepted) / 11,
            _ => of_steps / 6,
        }
    }

    fn unscale<R: Scalar>(&self, scaled: &DVector<f64>) -> Vec<R> {
        let scales = &self.options.absolute_tolerance;
        scaled
            .iter()
            .zip(scales)
            .map(|(value, scale)| R::from_f64(value * scale))
            .collect()
    }
}

/// The system as `ode_solvers` sees it: time from 0, states in units of their tolerance, and
/// the time as the last state.
struct Shifted<'a, S, R, F> {
    inner: RefCell<Inner<'a, S, R>>,
    begin: f64,
    scales: &'a [f64],
    stops: F,
    before: Vec<f64>,
    calls: &'a Cell<u64>,
    not_finite: &'a Cell<Option<usize>>,
    stop: &'a Cell<Flow>,
}

struct Inner<'a, S, R> {
    system: &'a mut S,
    state: Vec<R>,
    slope: Vec<R>,
    events: Vec<R>,
}

impl<S, R: Scalar> Inner<'_, S, R> {
    fn take_state(&mut self, scaled: &DVector<f64>, scales: &[f64]) {
        for ((value, scaled), scale) in self.state.iter_mut().zip(scaled.iter()).zip(scales) {
            *value = R::from_f64(scaled * scale);
        }
    }
}

impl<R, S, F> ode_solvers::System<f64, DVector<f64>> for Shifted<'_, S, R, F>
where
    R: Scalar,
    S: System<R>,
    F: Fn(usize, f64, f64) -> bool,
{
    fn system(&self, _x: f64, y: &DVector<f64>, dy: &mut DVector<f64>) {
        let clock = y.len() - 1;
        let x = y[clock] * TIME_UNIT;
        dy[clock] = 1.0 / TIME_UNIT;
        let inner = &mut *self.inner.borrow_mut();
        inner.take_state(y, self.scales);
        inner
            .system
            .derivative(R::from_f64(self.begin + x), &inner.state, &mut inner.slope);
        self.calls.set(self.calls.get() + 1);
        for (index, ((out, slope), scale)) in
            dy.iter_mut().zip(&inner.slope).zip(self.scales).enumerate()
        {
            *out = slope.value() / scale;
            if !out.is_finite() {
                self.not_finite.set(Some(index));
            }
        }
    }

    fn solout(&mut self, x: f64, y: &DVector<f64>, _dy: &DVector<f64>) -> bool {
        self.not_finite.set(None);
        if self.before.is_empty() {
            return false;
        }
        let inner = &mut *self.inner.borrow_mut();
        inner.take_state(y, self.scales);
        let time = R::from_f64(self.begin + x);
        inner
            .system
            .event_values(time, &inner.state, &mut inner.events);
        let mut stop = false;
        for (event, (before, value)) in self.before.iter_mut().zip(&inner.events).enumerate() {
            let after = value.value();
            stop = stop || (self.stops)(event, *before, after);
            *before = after;
        }
        if stop {
            self.stop.set(Flow::Stop);
        }
        stop
    }
}

/// The solution inside one step.
struct StepAgain<'a, R> {
    task: &'a Task<'a>,
    course: &'a Course,
    index: usize,
    begin: f64,
    end: f64,
    old: Vec<R>,
    new: Vec<R>,
    calls: u64,
}

impl<R: Scalar, S: System<R>> DenseOutput<R, S> for StepAgain<'_, R> {
    fn begin(&self) -> f64 {
        self.begin
    }

    fn end(&self) -> f64 {
        self.end
    }

    fn evaluate(&mut self, system: &mut S, time: R, out: &mut [R]) {
        let time = time.value();
        if time <= self.begin {
            out.copy_from_slice(&self.old);
            return;
        }
        if time >= self.end {
            out.copy_from_slice(&self.new);
            return;
        }
        let ends = &self.course.ends;
        let lower = if self.index == 0 {
            0.0
        } else {
            ends[self.index - 1]
        };
        let scaled = if self.task.method == Method::Dop853 {
            let length = time - self.begin;
            let inside = Task {
                method: self.task.method,
                options: self.task.options,
                begin: self.begin,
                length,
                first_step: Some(length),
                most_steps: STEPS_INSIDE,
            };
            let course = inside.integrate(system, &self.old, &[], |_, _, _| false);
            self.calls += course.calls;
            match course.error {
                None => course.states.last().cloned(),
                Some(_) => None,
            }
        } else {
            let shifted = (time - self.task.begin).clamp(lower, ends[self.index]);
            self.course.model.evaluate(shifted)
        };
        match scaled {
            Some(scaled) => out.copy_from_slice(&self.task.unscale::<R>(&scaled)),
            None => out.fill(R::from_f64(f64::NAN)),
        }
    }

    fn evaluate_some(&mut self, system: &mut S, time: R, _states: &[usize], out: &mut [R]) {
        self.evaluate(system, time, out);
    }
}
