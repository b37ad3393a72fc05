//! [`Watch`]: sees every accepted step, writes down outputs, finds events.
//!
//! Events are looked for inside each step: their values are sampled at its ends and at three
//! points between; the polynomial of degree four through the five samples (which *is* the event
//! value along the dense output if it is linear in the state) is searched for dips across zero
//! between the samples, and where it shows one the true value is sampled too. Every change of
//! sign between neighbouring samples is then closed in on to the resolution of time. Values that
//! are not linear are looked at more often in long steps ([`EventRule::longest_gap`]).

mod dips;

use std::borrow::Cow;

use gutbrain_numbers::Scalar;

use dips::{dips, stays_clear};

use crate::span::Spans;
use crate::{
    Beginning, Direction, EventAction, EventHit, EventRule, Failure, FailureReason, Plan, System,
};

/// Whether the run goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flow {
    Continue,
    /// The step ends inside, at [`Watch::cut`]: the system is asked for its switches there.
    Cut,
    Stop,
}

/// The solution between the ends of one step.
pub(crate) trait DenseOutput<R: Scalar, S: System<R>> {
    fn begin(&self) -> f64;
    fn end(&self) -> f64;
    fn evaluate(&mut self, system: &mut S, time: R, out: &mut [R]);
    /// The same for some states only; the others may be left as they are.
    fn evaluate_some(&mut self, system: &mut S, time: R, states: &[usize], out: &mut [R]);
}

/// Parts of a step between samples.
pub(crate) const PARTS: usize = 4;

/// Writes down what happens during a run.
pub(crate) struct Watch<'a, R> {
    pub(crate) plan: Plan<'a>,
    pub(crate) times: Vec<f64>,
    pub(crate) states: Vec<R>,
    pub(crate) events: Vec<EventHit<R>>,
    pub(crate) spans: Spans<'a, R>,
    /// The event that stopped the run.
    pub(crate) stopped_by: Option<usize>,
    /// The events that the system is to be asked about.
    asked: Vec<(usize, R)>,
    /// Time and state at which the step was cut short for them.
    cut: Option<(f64, Vec<R>)>,
    next_output: usize,
    /// Event values at the end of what was seen so far.
    before: Vec<f64>,
    values: Vec<R>,
    state: Vec<R>,
    /// The states that event values depend on.
    event_states: Vec<usize>,
}

impl<'a, R: Scalar> Watch<'a, R> {
    pub(crate) fn new(plan: Plan<'a>, dimension: usize) -> Self {
        let zero = R::from_f64(0.0);
        Self {
            plan,
            times: Vec::with_capacity(plan.outputs.len()),
            states: Vec::with_capacity(plan.outputs.len() * dimension),
            events: Vec::new(),
            spans: Spans::new(plan.spans, dimension),
            stopped_by: None,
            asked: Vec::new(),
            cut: None,
            next_output: 0,
            before: vec![0.0; plan.events.len()],
            values: vec![zero; plan.events.len()],
            state: vec![zero; dimension],
            event_states: Vec::new(),
        }
    }

    /// Whether a step ending there has to be looked into.
    pub(crate) fn wants_inside(&self, end: f64) -> bool {
        !self.plan.events.is_empty() || self.wants_numbers(end)
    }

    /// Whether an output or a part of a span lies inside a step ending there.
    pub(crate) fn wants_numbers(&self, end: f64) -> bool {
        let output = self.plan.outputs.get(self.next_output);
        output.is_some_and(|output| *output < end) || self.spans.reach_before(end)
    }

    /// Whether a step is long enough that an event value must be looked at more often than usual.
    pub(crate) fn looks_closer(&self, begin: f64, end: f64) -> bool {
        let mut rules = self.plan.events.iter();
        rules.any(|rule| rule.pieces(end - begin) > 1.0)
    }

    /// The event rules of the plan.
    pub(crate) fn rules(&self) -> &'a [EventRule] {
        self.plan.events
    }

    /// Event values at the end of what was seen so far.
    pub(crate) fn before(&self) -> &[f64] {
        &self.before
    }

    /// Take the event values at the start of the run, before anything happened, and note the events
    /// that have happened by then.
    pub(crate) fn begin<S: System<R>>(
        &mut self,
        system: &mut S,
        time: f64,
        state: &[R],
    ) -> Result<Flow, Failure> {
        self.event_states = system.event_states();
        self.spans.begin(system);
        self.before = self.sample(system, time, state)?;
        let happened = |(event, rule): (usize, &EventRule)| {
            let beyond = rule.direction.is_beyond(self.before[event]);
            (rule.beginning == Beginning::Counts && beyond).then(|| EventHit {
                event,
                time: R::from_f64(time),
                state: state.to_vec(),
            })
        };
        let hits = self.plan.events.iter().enumerate().filter_map(happened);
        Ok(self.note(hits.collect()))
    }

    /// Note the events that switches caused by carrying a value across zero.
    pub(crate) fn observe_jump<S: System<R>>(
        &mut self,
        system: &mut S,
        time: f64,
        state: &[R],
    ) -> Result<Flow, Failure> {
        let after = self.sample(system, time, state)?;
        let mut hits = Vec::new();
        for (event, rule) in self.plan.events.iter().enumerate() {
            if rule.direction.crossed(self.before[event], after[event]) {
                hits.push(EventHit {
                    event,
                    time: R::from_f64(time),
                    state: state.to_vec(),
                });
            }
        }
        self.before = after;
        Ok(self.note(hits))
    }

    /// Write down the outputs at exactly this time, where switches have been carried out.
    pub(crate) fn record_here<S: System<R>>(&mut self, system: &mut S, time: f64, state: &[R]) {
        self.spans.see(system, time, state);
        while self
            .plan
            .outputs
            .get(self.next_output)
            .is_some_and(|output| *output <= time)
        {
            self.times.push(time);
            self.states.extend_from_slice(state);
            self.next_output += 1;
        }
    }

    /// Look at one accepted step: events in (begin, end], outputs in [begin, end).
    pub(crate) fn observe<S: System<R>>(
        &mut self,
        system: &mut S,
        dense: &mut dyn DenseOutput<R, S>,
    ) -> Result<Flow, Failure> {
        let hits = if self.plan.events.is_empty() {
            Vec::new()
        } else {
            self.find_events(system, dense)?
        };
        let stop = hits
            .iter()
            .find(|hit| self.plan.events[hit.event].action != EventAction::Record)
            .map(|hit| hit.time.value());
        let bound = stop.unwrap_or(dense.end());
        while let Some(output) = self.plan.outputs.get(self.next_output).copied() {
            if output >= bound {
                break;
            }
            dense.evaluate(system, R::from_f64(output), &mut self.state);
            self.times.push(output);
            self.states.extend_from_slice(&self.state);
            self.next_output += 1;
        }
        if self.spans.reach_before(bound) {
            self.spans.observe(system, dense, bound);
        }
        let flow = self.note(hits);
        if flow == Flow::Cut {
            // At a fixed time: the state of the event itself moves with it over duals.
            dense.evaluate(system, R::from_f64(bound), &mut self.state);
            let state = self.state.clone();
            self.before = self.sample(system, bound, &state)?;
            self.cut = Some((bound, state));
        }
        Ok(flow)
    }

    /// Takes time and state at which the step was cut short, if it was.
    pub(crate) fn cut(&mut self) -> Option<(f64, Vec<R>)> {
        self.cut.take()
    }

    /// Asks the system about what has happened; `switches`, of which `next` comes next, are then those
    /// that it says.
    pub(crate) fn ask<S: System<R>>(
        &mut self,
        system: &mut S,
        switches: &mut Cow<'_, [f64]>,
        next: usize,
    ) {
        for (event, time) in std::mem::take(&mut self.asked) {
            if let Some(replanned) = system.replan(event, time) {
                let past = switches.iter().take(next).copied();
                let coming = replanned.into_iter().filter(|time| *time <= self.plan.stop);
                *switches = Cow::Owned(past.chain(coming).collect());
            }
        }
    }

    /// Whether nothing can have happened in a step whose event values at the end of each part,
    /// from 1, are known; if so, they are taken over and the step is done with.
    pub(crate) fn pass_by(&mut self, value: impl Fn(usize, usize) -> f64) -> bool {
        for (event, before) in self.before.iter().enumerate() {
            let mut values = [*before; PARTS + 1];
            for (part, sample) in values.iter_mut().enumerate().skip(1) {
                *sample = value(part, event);
            }
            if stays_clear(&values) {
                continue;
            }
            let direction = self.plan.events[event].direction;
            let unknown = values.iter().any(|value| value.is_nan());
            let happened = || {
                (0..PARTS).any(|part| {
                    direction.crossed(values[part], values[part + 1])
                        || !dips(&values, part).is_empty()
                })
            };
            if unknown || happened() {
                return false;
            }
        }
        for (event, before) in self.before.iter_mut().enumerate() {
            *before = value(PARTS, event);
        }
        true
    }

    /// Write down events in order, up to the first that stops or asks; those at the same instant still
    /// count.
    fn note(&mut self, hits: Vec<EventHit<R>>) -> Flow {
        let mut last = None;
        let mut flow = Flow::Continue;
        for hit in hits {
            if last.is_some_and(|last: f64| hit.time.value() > last) {
                break;
            }
            match self.plan.events[hit.event].action {
                EventAction::Record => {}
                EventAction::Ask => {
                    last = Some(hit.time.value());
                    self.asked.push((hit.event, hit.time));
                    if flow == Flow::Continue {
                        flow = Flow::Cut;
                    }
                }
                EventAction::Stop => {
                    last = Some(hit.time.value());
                    if flow != Flow::Stop {
                        self.stopped_by = Some(self.events.len());
                    }
                    flow = Flow::Stop;
                }
            }
            self.events.push(hit);
        }
        flow
    }

    /// Plain event values of a state.
    fn sample<S: System<R>>(
        &mut self,
        system: &mut S,
        time: f64,
        state: &[R],
    ) -> Result<Vec<f64>, Failure> {
        if self.plan.events.is_empty() {
            return Ok(Vec::new());
        }
        system.event_values(R::from_f64(time), state, &mut self.values);
        let values: Vec<f64> = self.values.iter().map(|value| value.value()).collect();
        if values.iter().any(|value| value.is_nan()) {
            return Err(Failure {
                time,
                component: None,
                error_ratio: f64::NAN,
                reason: FailureReason::NonFinite,
            });
        }
        Ok(values)
    }

    /// Plain event values at a time inside the step.
    fn sample_inside<S: System<R>>(
        &mut self,
        system: &mut S,
        dense: &mut dyn DenseOutput<R, S>,
        time: f64,
    ) -> Result<Vec<f64>, Failure> {
        let mut state = std::mem::take(&mut self.state);
        dense.evaluate_some(system, R::from_f64(time), &self.event_states, &mut state);
        let values = self.sample(system, time, &state);
        self.state = state;
        values
    }

    fn find_events<S: System<R>>(
        &mut self,
        system: &mut S,
        dense: &mut dyn DenseOutput<R, S>,
    ) -> Result<Vec<EventHit<R>>, Failure> {
        let (begin, end) = (dense.begin(), dense.end());
        let mut samples = vec![self.before.clone()];
        for part in 1..=PARTS {
            let values = self.sample_inside(system, dense, sample_time(begin, end, part))?;
            samples.push(values);
        }
        let mut hits = Vec::new();
        for (event, rule) in self.plan.events.iter().enumerate() {
            let pieces = rule.pieces(end - begin);
            if pieces <= 1.0 {
                let values: [f64; PARTS + 1] = std::array::from_fn(|part| samples[part][event]);
                self.search(system, dense, event, (begin, end), &values, &mut hits)?;
                continue;
            }
            let (mut left, mut number) = (begin, 0.0);
            let mut values = [samples[0][event]; PARTS + 1];
            while number < pieces {
                number += 1.0;
                let last = number >= pieces;
                let right = match last {
                    true => end,
                    false => begin + (end - begin) * (number / pieces),
                };
                for (part, value) in values.iter_mut().enumerate().skip(1) {
                    *value = match last && part == PARTS {
                        true => samples[PARTS][event],
                        false => {
                            let time = sample_time(left, right, part);
                            self.sample_inside(system, dense, time)?[event]
                        }
                    };
                }
                self.search(system, dense, event, (left, right), &values, &mut hits)?;
                (left, values[0]) = (right, values[PARTS]);
            }
        }
        self.before = samples.pop().unwrap_or_default();
        hits.sort_by(|first, second| {
            let order = first.time.value().total_cmp(&second.time.value());
            order.then(first.event.cmp(&second.event))
        });
        Ok(hits)
    }

    /// Add the events of one rule between two times, with the values at the five samples.
    fn search<S: System<R>>(
        &mut self,
        system: &mut S,
        dense: &mut dyn DenseOutput<R, S>,
        event: usize,
        (begin, end): (f64, f64),
        values: &[f64; PARTS + 1],
        hits: &mut Vec<EventHit<R>>,
    ) -> Result<(), Failure> {
        if stays_clear(values) {
            return Ok(());
        }
        let direction = self.plan.events[event].direction;
        let mut path = vec![(begin, values[0])];
        for part in 0..PARTS {
            for fraction in dips(values, part) {
                let time = begin + fraction * (end - begin);
                if time > path[path.len() - 1].0 && time < end {
                    path.push((time, self.sample_inside(system, dense, time)?[event]));
                }
            }
            path.push((sample_time(begin, end, part + 1), values[part + 1]));
        }
        for pair in path.windows(2) {
            if direction.crossed(pair[0].1, pair[1].1) {
                let time = self.close_in(system, dense, event, direction, pair[0], pair[1])?;
                hits.push(self.polish(system, dense, event, time));
            }
        }
        Ok(())
    }

    /// The earliest representable time at which the event has happened.
    ///
    /// Regula falsi (Illinois) with a halving whenever it does not shrink the bracket fast.
    fn close_in<S: System<R>>(
        &mut self,
        system: &mut S,
        dense: &mut dyn DenseOutput<R, S>,
        event: usize,
        direction: Direction,
        (mut left, left_value): (f64, f64),
        (mut right, right_value): (f64, f64),
    ) -> Result<f64, Failure> {
        let (mut left_weight, mut right_weight) = (left_value, right_value);
        let mut halve = false;
        for _ in 0..200 {
            let width = right - left;
            let middle = left + 0.5 * width;
            if middle <= left || middle >= right {
                break;
            }
            let slope = right_weight - left_weight;
            let guess = left - left_weight * (width / slope);
            let usable = guess > left && guess < right && !halve;
            let time = if usable { guess } else { middle };
            let value = self.sample_inside(system, dense, time)?[event];
            // `left_value` keeps the sign before the event.
            if direction.crossed(left_value, value) {
                right = time;
                right_weight = value;
                left_weight *= 0.5;
                if value == 0.0 {
                    break;
                }
            } else {
                left = time;
                left_weight = value;
                right_weight *= 0.5;
            }
            halve = !halve && right - left > 0.25 * width;
        }
        Ok(right)
    }

    /// Give the time of an event its exact derivatives, and take the state there.
    ///
    /// From `g(t(p), p) = 0`: iterate `t ← t - g(t) / s` over the tangents, with the plain slope
    /// `s ≈ dg/dt` of the dense output; each round makes them exact to one more factor of the
    /// relative error of s. The plain value of the time stays as located.
    fn polish<S: System<R>>(
        &mut self,
        system: &mut S,
        dense: &mut dyn DenseOutput<R, S>,
        event: usize,
        located: f64,
    ) -> EventHit<R> {
        let (begin, end) = (dense.begin(), dense.end());
        let reach = 1e-4 * (end - begin);
        let left = if located - reach > begin {
            located - reach
        } else {
            begin
        };
        let right = if located + reach < end {
            located + reach
        } else {
            end
        };
        let mut state = std::mem::take(&mut self.state);
        let mut value_at = |watch: &mut Self, time: R| {
            dense.evaluate_some(system, time, &watch.event_states, &mut state);
            system.event_values(time, &state, &mut watch.values);
            watch.values[event]
        };
        let rise =
            value_at(self, R::from_f64(right)).value() - value_at(self, R::from_f64(left)).value();
        let inverse_slope = (right - left) / rise;
        let mut time = R::from_f64(located);
        for _ in 0..6 {
            let value = value_at(self, time);
            time = (time - value.scale(inverse_slope)).with_value(located);
        }
        dense.evaluate(system, time, &mut state);
        let hit = EventHit {
            event,
            time,
            state: state.clone(),
        };
        self.state = state;
        hit
    }
}

/// The end of a part of the step, parts counted from 1.
#[inline(always)]
pub(crate) fn sample_time(begin: f64, end: f64, part: usize) -> f64 {
    if part == PARTS {
        end
    } else {
        begin + (end - begin) * (part as f64 / PARTS as f64)
    }
}
