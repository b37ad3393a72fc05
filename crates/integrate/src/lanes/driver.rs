//! [`integrate_lanes`]: keeps lanes full, and makes each lane's decisions.

use std::borrow::Cow;

use gutbrain_numbers::{Lanes, Scalar};

use super::kernels::{Advance, Attempt, Batch, Linearise, Mask, Report, Sample, numbers_of};
use super::{Feed, InstructionSet, LaneSystem, Task};
use crate::control::{ErrorRatio, Powers, choose_first_step, measure_error};
use crate::methods::rodas4::RODAS4;
use crate::methods::rodas5p::RODAS5P;
use crate::pace::{Pace, Rejection, Segment, Stuck, Verdict, out_of_steps};
use crate::rosenbrock::{Interpolant, add_stages};
use crate::run::{carry_out_switches, check_run, conclude};
use crate::watch::{Flow, PARTS, Watch};
use crate::{Effort, Failure, Method, Options, Plan, System, Trajectory, integrate};

/// Carry out every run that `feed` hands out, `N` at a time.
///
/// Each result is bit-equal to that of [`integrate`]. Explicit methods have no lanes: their runs are
/// carried out one after the other.
///
/// Never panics on numbers: whatever goes wrong in a run is its outcome.
pub fn integrate_lanes<'a, const N: usize, S, F>(
    system: &mut S,
    method: Method,
    options: &Options,
    instruction_set: InstructionSet,
    feed: &mut F,
) where
    S: LaneSystem<N>,
    F: Feed<'a, S::Single>,
{
    let tableau = match method {
        Method::Rodas5P => &RODAS5P,
        Method::Rodas4 => &RODAS4,
        Method::Dopri5 | Method::Dop853 => {
            let mut number = 0;
            while let Some(mut task) = feed.next() {
                let (subject, plan) = (&mut task.subject, &task.plan);
                let result = integrate(subject, method, plan, &task.initial, options);
                feed.take(number, task.subject, result);
                number += 1;
            }
            return;
        }
    };
    let mut driver = Driver {
        batch: Batch::new(system, tableau, instruction_set),
        system,
        options,
        instruction_set,
        lanes: (0..N).map(|_| None).collect(),
        handed_out: 0,
        _feed: std::marker::PhantomData::<F>,
    };
    while driver.fill(feed) {
        driver.advance(feed);
    }
}

/// The run that a lane is busy with.
struct Lane<'a, Single> {
    number: usize,
    subject: Single,
    plan: Plan<'a>,
    watch: Watch<'a, f64>,
    time: f64,
    effort: Effort,
    /// Those of the plan, until events lead to others.
    switches: Cow<'a, [f64]>,
    next_switch: usize,
    segment: Segment,
    first_step: Option<f64>,
    pace: Pace,
    /// Whether the state is new, so that a plain run would linearise there.
    fresh: bool,
    /// Size and end of the attempt at hand.
    attempt: (f64, f64),
}

/// Why a lane comes to its end.
type Ending = Result<Flow, Failure>;

struct Driver<'s, 'a, const N: usize, S: LaneSystem<N>, F> {
    batch: Batch<N>,
    system: &'s mut S,
    options: &'s Options,
    instruction_set: InstructionSet,
    /// In boxes: they are taken out and put back at every step.
    lanes: Vec<Option<Box<Lane<'a, S::Single>>>>,
    handed_out: usize,
    _feed: std::marker::PhantomData<F>,
}

impl<'a, const N: usize, S, F> Driver<'_, 'a, N, S, F>
where
    S: LaneSystem<N>,
    F: Feed<'a, S::Single>,
{
    /// Load idle lanes; whether any lane is busy.
    fn fill(&mut self, feed: &mut F) -> bool {
        for lane in 0..N {
            while self.lanes[lane].is_none() {
                let Some(task) = feed.next() else { break };
                self.begin(lane, task, feed);
            }
        }
        self.lanes.iter().any(Option::is_some)
    }

    /// Begin a run in a lane; it may be over at once.
    fn begin(&mut self, lane: usize, task: Task<'a, S::Single>, feed: &mut F) {
        let number = self.handed_out;
        self.handed_out += 1;
        let Task {
            plan,
            initial,
            mut subject,
        } = task;
        let mut watch = Watch::new(plan, initial.len());
        let mut state = initial;
        let dimension = self.system.dimension();
        let checked = check_run(&plan, self.options, dimension, &state)
            .and_then(|()| watch.begin(&mut subject, plan.start, &state));
        let mut busy = Box::new(Lane {
            number,
            subject,
            plan,
            watch,
            time: plan.start,
            effort: Effort::default(),
            switches: Cow::Borrowed(plan.switches),
            next_switch: 0,
            segment: Segment {
                begin: plan.start,
                end: plan.start,
                first_step: None,
            },
            first_step: self.options.initial_step,
            pace: Pace::new(
                self.batch.tableau,
                self.options,
                &Segment {
                    begin: plan.start,
                    end: plan.start,
                    first_step: None,
                },
            ),
            fresh: true,
            attempt: (1.0, plan.start),
        });
        let ending = match checked {
            Ok(Flow::Continue | Flow::Cut) => {
                busy.ask();
                busy.enter_segment(self.batch.tableau, self.options, &mut state)
            }
            ending => Some(ending),
        };
        match ending {
            Some(ending) => finish(*busy, state, ending, feed),
            None => {
                self.batch.clear(lane);
                self.settle_in(lane, busy, &state);
            }
        }
    }

    /// Put a run at the start of a segment into its lane.
    fn settle_in(&mut self, lane: usize, busy: Box<Lane<'a, S::Single>>, state: &[f64]) {
        for (numbers, value) in self.batch.state.iter_mut().zip(state) {
            numbers.0[lane] = *value;
        }
        self.system.load(lane, &busy.subject);
        self.lanes[lane] = Some(busy);
    }

    /// One attempt in every busy lane.
    fn advance(&mut self, feed: &mut F) {
        let time = self.collect(0.0, |lane| lane.time);
        let finite = self.instruction_set.run(Linearise {
            batch: &mut self.batch,
            system: &mut *self.system,
            time,
        });
        for (lane, finite) in finite.iter().enumerate() {
            let Some(mut busy) = self.lanes[lane].take() else {
                continue;
            };
            match self.choose_step(lane, &mut busy, *finite) {
                Ok(()) => self.lanes[lane] = Some(busy),
                Err(failure) => {
                    let state = numbers_of(&self.batch.state, lane);
                    finish(*busy, state, Err(failure), feed);
                }
            }
        }
        if self.lanes.iter().all(Option::is_none) {
            return;
        }
        let step = self.collect(1.0, |lane| lane.attempt.0);
        let last_error = self.collect(1.0, |lane| lane.pace.last_error());
        let report = self.instruction_set.run(Attempt {
            batch: &mut self.batch,
            system: &mut *self.system,
            options: self.options,
            time,
            step,
            last_error,
        });
        let accepted = self.judge(&report, feed);
        self.look_inside(&accepted, time, feed);
    }

    /// A number of every busy lane.
    fn collect(&self, idle: f64, number: impl Fn(&Lane<'a, S::Single>) -> f64) -> Lanes<N> {
        let mut numbers = [idle; N];
        for (place, lane) in numbers.iter_mut().zip(&self.lanes) {
            if let Some(lane) = lane {
                *place = number(lane);
            }
        }
        Lanes(numbers)
    }

    /// Decide on the next attempt.
    fn choose_step(
        &mut self,
        lane: usize,
        busy: &mut Lane<'a, S::Single>,
        finite: bool,
    ) -> Result<(), Failure> {
        if busy.fresh {
            busy.fresh = false;
            busy.effort.derivative_calls += 1;
            busy.effort.jacobian_calls += 1;
            if !finite {
                let component = self.batch.slope.iter().position(|x| !x.0[lane].is_finite());
                return Err(Rejection::NonFinite(component).failure(busy.time));
            }
            let wanted = match busy.pace.known_step().or(busy.segment.first_step) {
                Some(step) => step,
                None => {
                    busy.effort.derivative_calls += 1;
                    choose_first_step(
                        &mut busy.subject,
                        self.options,
                        self.batch.tableau.order,
                        busy.segment.begin,
                        busy.segment.end - busy.segment.begin,
                        &numbers_of(&self.batch.state, lane),
                        &numbers_of(&self.batch.slope, lane),
                    )
                }
            };
            busy.pace.begin_step(wanted);
        }
        let proposal = busy
            .pace
            .propose(self.options, &busy.segment, busy.time, &busy.effort);
        busy.attempt = proposal.map_err(|stuck| match stuck {
            Stuck::TooShort(rejection) => rejection.failure(busy.time),
            Stuck::OutOfSteps(last) => {
                let batch = &self.batch;
                let last_stage = (batch.tableau.stages - 1) * batch.state.len();
                let error = numbers_of(&batch.stages[last_stage..], lane);
                let new_state = numbers_of(&batch.new_state, lane);
                out_of_steps(busy.time, self.options, last, &new_state, &error)
            }
        })?;
        Ok(())
    }

    /// Accept or reject every attempt; the lanes whose attempt is a step.
    fn judge(&mut self, report: &Report<N>, feed: &mut F) -> Mask<N> {
        let mut accepted = [false; N];
        for (lane, accepted) in accepted.iter_mut().enumerate() {
            let Some(mut busy) = self.lanes[lane].take() else {
                continue;
            };
            let attempt = self.attempt_of(lane, &mut busy.effort, &busy.pace, report);
            let powers = Powers {
                of_error: report.powers.of_error.0[lane],
                of_trend: report.powers.of_trend.0[lane],
            };
            let size = busy.attempt.0;
            match busy
                .pace
                .judge(size, attempt, Some(powers), &mut busy.effort)
            {
                Verdict::Accepted => *accepted = true,
                Verdict::Again => {}
                Verdict::Hopeless(rejection) => {
                    let failure = rejection.failure(busy.time);
                    let state = numbers_of(&self.batch.state, lane);
                    finish(*busy, state, Err(failure), feed);
                    continue;
                }
            }
            self.lanes[lane] = Some(busy);
        }
        accepted
    }

    /// What the plain attempt would have given, and what it would have cost.
    fn attempt_of(
        &self,
        lane: usize,
        effort: &mut Effort,
        pace: &Pace,
        report: &Report<N>,
    ) -> Result<ErrorRatio, Rejection> {
        let batch = &self.batch;
        effort.factorisations += 1;
        if !report.factorised[lane] {
            let broken = |inverse: &Lanes<N>| {
                let inverse = inverse.0[lane];
                !inverse.is_finite() || inverse.value() == 0.0
            };
            let pivots = batch.factors.inverse_pivots(&batch.elimination);
            let row = pivots
                .iter()
                .position(broken)
                .map(|pivot| batch.elimination.row_of(pivot));
            let finite = batch.jacobian.iter().all(|x| x.0[lane].is_finite());
            return Err(match row {
                Some(row) if finite => Rejection::Singular(row),
                row => Rejection::NonFinite(row),
            });
        }
        if let Some((stage, state)) = report.broken[lane] {
            effort.derivative_calls += stage as u64;
            effort.solves += stage as u64;
            return Err(Rejection::NonFinite(Some(state)));
        }
        effort.derivative_calls += batch.tableau.stages as u64 - 1;
        effort.solves += batch.tableau.stages as u64;
        let ratio = report.ratio.0[lane];
        if pace.accepts(ratio) && !ratio.is_nan() {
            return Ok(ErrorRatio {
                ratio,
                component: None,
            });
        }
        // Rare: which state it was is found in plain numbers.
        let last_stage = (batch.tableau.stages - 1) * batch.state.len();
        let error = measure_error(
            self.options,
            &numbers_of(&batch.state, lane),
            &numbers_of(&batch.new_state, lane),
            &numbers_of(&batch.stages[last_stage..], lane),
        );
        if error.ratio.is_nan() {
            Err(Rejection::NonFinite(error.component))
        } else {
            Ok(error)
        }
    }

    /// Events and outputs of the accepted steps; then the lanes go on.
    fn look_inside(&mut self, accepted: &Mask<N>, begin: Lanes<N>, feed: &mut F) {
        let lanes = &self.lanes;
        let busy = |lane: usize| lanes[lane].as_ref().filter(|_| accepted[lane]);
        if (0..N).any(|lane| busy(lane).is_some_and(|busy| !busy.plan.events.is_empty())) {
            let end = self.collect(1.0, |lane| lane.attempt.1);
            self.instruction_set.run(Sample {
                batch: &mut self.batch,
                system: &mut *self.system,
                begin,
                end,
            });
        }
        let mut going_on = *accepted;
        for (lane, going_on) in going_on.iter_mut().enumerate() {
            if !*going_on {
                continue;
            }
            let Some(mut busy) = self.lanes[lane].take() else {
                continue;
            };
            let flow = match self.observe(lane, &mut busy) {
                Ok(flow) => flow,
                Err(failure) => {
                    *going_on = false;
                    let state = numbers_of(&self.batch.state, lane);
                    finish(*busy, state, Err(failure), feed);
                    continue;
                }
            };
            busy.time = busy.attempt.1;
            busy.fresh = true;
            if flow == Flow::Continue && busy.time < busy.segment.end {
                self.lanes[lane] = Some(busy);
                continue;
            }
            *going_on = false;
            let mut state = numbers_of(&self.batch.new_state, lane);
            if let Some((time, cut)) = busy.watch.cut() {
                busy.time = time;
                state = cut;
                busy.ask();
            }
            let ending = match flow {
                Flow::Stop => Some(Ok(flow)),
                Flow::Continue | Flow::Cut => {
                    busy.enter_segment(self.batch.tableau, self.options, &mut state)
                }
            };
            match ending {
                Some(ending) => finish(*busy, state, ending, feed),
                None => self.settle_in(lane, busy, &state),
            }
        }
        self.instruction_set.run(Advance {
            batch: &mut self.batch,
            lanes: going_on,
        });
    }

    /// Show an accepted step to the watch of its lane.
    fn observe(&self, lane: usize, busy: &mut Lane<'a, S::Single>) -> Ending {
        let end = busy.attempt.1;
        if !busy.watch.wants_inside(end) {
            return Ok(Flow::Continue);
        }
        let batch = &self.batch;
        let events = batch.samples.len() / PARTS;
        let as_usual = !busy.watch.wants_numbers(end) && !busy.watch.looks_closer(busy.time, end);
        if busy.plan.events.len() == events && as_usual {
            let value =
                |part: usize, event: usize| batch.samples[(part - 1) * events + event].0[lane];
            if busy.watch.pass_by(value) {
                return Ok(Flow::Continue);
            }
        }
        let dimension = batch.state.len();
        let (old, new) = (
            numbers_of(&batch.state, lane),
            numbers_of(&batch.new_state, lane),
        );
        let stages = numbers_of(&batch.stages, lane);
        let mut rows = vec![0.0; dimension * batch.tableau.dense.len()];
        for (row, weights) in rows
            .chunks_exact_mut(dimension.max(1))
            .zip(batch.tableau.dense)
        {
            add_stages(row, &stages, weights, 1.0);
        }
        let mut dense = Interpolant {
            begin: busy.time,
            end,
            old: &old,
            new: &new,
            rows: &rows,
        };
        busy.watch.observe(&mut busy.subject, &mut dense)
    }
}

impl<Single: System<f64>> Lane<'_, Single> {
    /// Asks the subject about events that its switches follow.
    fn ask(&mut self) {
        let (subject, switches) = (&mut self.subject, &mut self.switches);
        self.watch.ask(subject, switches, self.next_switch);
    }

    /// Carry out the switches at this time and begin the segment after them, unless the run ends.
    fn enter_segment(
        &mut self,
        tableau: &crate::tableau::RosenbrockTableau,
        options: &Options,
        state: &mut [f64],
    ) -> Option<Ending> {
        loop {
            let (subject, next) = (&mut self.subject, &mut self.next_switch);
            match carry_out_switches(subject, &self.switches, self.time, state, next) {
                Ok(true) => {}
                Ok(false) => break,
                Err(failure) => return Some(Err(failure)),
            }
            match self.watch.observe_jump(&mut self.subject, self.time, state) {
                Ok(Flow::Continue | Flow::Cut) => self.ask(),
                ending => return Some(ending),
            }
        }
        self.watch.record_here(&mut self.subject, self.time, state);
        if self.time >= self.plan.stop {
            return Some(Ok(Flow::Continue));
        }
        let next = self.switches.get(self.next_switch);
        self.segment = Segment {
            begin: self.time,
            end: next.copied().unwrap_or(self.plan.stop),
            first_step: self.first_step.take(),
        };
        self.pace = Pace::new(tableau, options, &self.segment);
        self.fresh = true;
        None
    }
}

/// Hand over the result of a run.
fn finish<'a, Single, F: Feed<'a, Single>>(
    busy: Lane<'a, Single>,
    state: Vec<f64>,
    ending: Ending,
    feed: &mut F,
) {
    let result: Trajectory<f64> = conclude(busy.watch, busy.time, state, busy.effort, ending);
    feed.take(busy.number, busy.subject, result);
}
