//! [`integrate`]: one run, cut into segments at the switches.

use std::any::TypeId;
use std::borrow::Cow;

use gutbrain_numbers::Scalar;

use crate::explicit::Explicit;
use crate::methods::rodas4::RODAS4;
use crate::methods::rodas5p::RODAS5P;
use crate::pace::Segment;
use crate::rosenbrock::Rosenbrock;
use crate::watch::{Flow, Watch};
use crate::{
    Effort, Failure, FailureReason, Method, Options, Outcome, Plan, PlanFault, Stepping, System,
    Trajectory,
};

/// Integrate `system` from `initial` over the span of `plan`.
///
/// At each distinct switch time the integration ends exactly there, the switches act, and it
/// begins anew. A span of length zero is a run without steps. The methods of `ode_solvers` know
/// plain numbers and adaptive steps only: otherwise they fail as [`PlanFault::MethodLimits`].
///
/// Never panics on numbers: whatever goes wrong is [`Outcome::Failed`].
pub fn integrate<R: Scalar, S: System<R>>(
    system: &mut S,
    method: Method,
    plan: &Plan<'_>,
    initial: &[R],
    options: &Options,
) -> Trajectory<R> {
    let mut watch = Watch::new(*plan, initial.len());
    let mut run = Run {
        time: plan.start,
        state: initial.to_vec(),
        effort: Effort::default(),
        options,
        plan,
        switches: Cow::Borrowed(plan.switches),
    };
    let ending = run
        .check(system, method)
        .and_then(|()| run.go(system, method, &mut watch));
    conclude(watch, run.time, run.state, run.effort, ending)
}

/// What became of a run that ended at this time and state.
pub(crate) fn conclude<R: Scalar>(
    watch: Watch<'_, R>,
    time: f64,
    state: Vec<R>,
    effort: Effort,
    ending: Result<Flow, Failure>,
) -> Trajectory<R> {
    let (mut last_time, mut last_state) = (time, state);
    let outcome = match ending {
        Ok(Flow::Continue | Flow::Cut) => Outcome::Completed,
        Ok(Flow::Stop) => match watch.stopped_by.and_then(|index| watch.events.get(index)) {
            Some(hit) => {
                last_time = hit.time.value();
                last_state.clone_from(&hit.state);
                Outcome::Stopped { event: hit.event }
            }
            None => Outcome::Completed,
        },
        Err(failure) => Outcome::Failed(failure),
    };
    Trajectory {
        times: watch.times,
        states: watch.states,
        events: watch.events,
        spans: watch.spans.finish(watch.plan.start),
        outcome,
        last_time,
        last_state,
        effort,
    }
}

struct Run<'a, R> {
    time: f64,
    state: Vec<R>,
    effort: Effort,
    options: &'a Options,
    plan: &'a Plan<'a>,
    /// Those of the plan, until events lead to others.
    switches: Cow<'a, [f64]>,
}

/// The method of a run.
enum Worker<R> {
    Rosenbrock(Box<Rosenbrock<R>>),
    Explicit(Explicit),
}

impl<R: Scalar> Run<'_, R> {
    fn check<S: System<R>>(&self, system: &S, method: Method) -> Result<(), Failure> {
        let dimension = system.dimension();
        let explicit = matches!(method, Method::Dopri5 | Method::Dop853);
        let plain = TypeId::of::<R>() == TypeId::of::<f64>();
        let adaptive = self.options.stepping == Stepping::Adaptive;
        check_question(self.plan, self.options, dimension, self.state.len())?;
        if explicit && !(plain && adaptive) {
            let fault = PlanFault::MethodLimits;
            return Err(Failure::of_plan(self.plan.start, fault));
        }
        check_state(self.plan.start, &self.state)
    }

    fn go<S: System<R>>(
        &mut self,
        system: &mut S,
        method: Method,
        watch: &mut Watch<'_, R>,
    ) -> Result<Flow, Failure> {
        let mut worker = match method {
            Method::Rodas5P => Worker::Rosenbrock(Box::new(Rosenbrock::new(system, &RODAS5P))),
            Method::Rodas4 => Worker::Rosenbrock(Box::new(Rosenbrock::new(system, &RODAS4))),
            Method::Dopri5 | Method::Dop853 => Worker::Explicit(Explicit::new(method)),
        };
        let mut first_step = self.options.initial_step;
        let mut next_switch = 0;
        if watch.begin(system, self.time, &self.state)? == Flow::Stop {
            return Ok(Flow::Stop);
        }
        watch.ask(system, &mut self.switches, next_switch);
        loop {
            // Here: everything up to and at `self.time` has happened but its switches.
            while self.switch(system, &mut next_switch)? {
                let flow = watch.observe_jump(system, self.time, &self.state)?;
                if flow == Flow::Stop {
                    return Ok(flow);
                }
                watch.ask(system, &mut self.switches, next_switch);
            }
            watch.record_here(system, self.time, &self.state);
            if self.time >= self.plan.stop {
                return Ok(Flow::Continue);
            }
            let end = self
                .switches
                .get(next_switch)
                .copied()
                .unwrap_or(self.plan.stop);
            let segment = Segment {
                begin: self.time,
                end,
                first_step: first_step.take(),
            };
            let (options, time, state) = (self.options, &mut self.time, &mut self.state);
            let flow = match &mut worker {
                Worker::Rosenbrock(method) => method.cover(
                    system,
                    options,
                    &segment,
                    time,
                    state,
                    watch,
                    &mut self.effort,
                ),
                Worker::Explicit(method) => method.cover(
                    system,
                    options,
                    &segment,
                    time,
                    state,
                    watch,
                    &mut self.effort,
                ),
            }?;
            if flow == Flow::Stop {
                return Ok(flow);
            }
            if let Some((time, state)) = watch.cut() {
                self.time = time;
                self.state = state;
                watch.ask(system, &mut self.switches, next_switch);
            }
        }
    }

    /// Carry out the switches at this time; whether there were any.
    fn switch<S: System<R>>(&mut self, system: &mut S, next: &mut usize) -> Result<bool, Failure> {
        carry_out_switches(system, &self.switches, self.time, &mut self.state, next)
    }
}

/// Carry out the switches from number `next` on that are due; whether there were any.
pub(crate) fn carry_out_switches<R: Scalar, S: System<R>>(
    system: &mut S,
    switches: &[f64],
    time: f64,
    state: &mut [R],
    next: &mut usize,
) -> Result<bool, Failure> {
    let mut switched = false;
    while switches.get(*next).is_some_and(|switch| *switch <= time) {
        system.switch(*next, time, state);
        *next += 1;
        switched = true;
    }
    if switched {
        check_state(time, state)?;
    }
    Ok(switched)
}

/// Whether plan, options and first state make a question.
pub(crate) fn check_run(
    plan: &Plan<'_>,
    options: &Options,
    dimension: usize,
    initial: &[f64],
) -> Result<(), Failure> {
    check_question(plan, options, dimension, initial.len())?;
    check_state(plan.start, initial)
}

fn check_question(
    plan: &Plan<'_>,
    options: &Options,
    dimension: usize,
    given: usize,
) -> Result<(), Failure> {
    let check = || {
        plan.check()?;
        options.check(dimension)?;
        if given == dimension {
            Ok(())
        } else {
            Err(PlanFault::Length {
                expected: dimension,
                given,
            })
        }
    };
    check().map_err(|fault| Failure::of_plan(plan.start, fault))
}

fn check_state<R: Scalar>(time: f64, state: &[R]) -> Result<(), Failure> {
    match state.iter().position(|value| !value.is_finite()) {
        None => Ok(()),
        Some(component) => Err(Failure {
            time,
            component: Some(component),
            error_ratio: f64::NAN,
            reason: FailureReason::NonFinite,
        }),
    }
}
