//! Lanes give the same bits as plain runs, whatever the neighbours do.

use std::collections::BTreeMap;

use gutbrain_integrate::lanes::{Feed, InstructionSet, LaneSystem, Task, integrate_lanes};
use gutbrain_integrate::{
    Beginning, Direction, EventAction, EventRule, FailureReason, Measure, Method, Options, Outcome,
    Pattern, Plan, SpanRule, Stepping, System, Trajectory, integrate,
};
use gutbrain_numbers::{Lanes, Real};
use proptest::prelude::*;

const STATES: usize = 5;
const CONSTANTS: usize = 6;

/// A network with everything that can go wrong, over any number type.
///
/// Constants: pace, saturation, explosion (a pole), forcing (dependence on time), poison (a power
/// of a negative number below a threshold of state 3), drain of state 3.
fn rate<R: Real>(t: R, y: &[R], p: &[R], out: &mut [R]) {
    let one = R::from_f64(1.0);
    let shared = y[1] / (p[1] + y[1]);
    out[0] = p[0] * (one - y[0]) - shared * y[0];
    out[1] = y[0] - p[0] * y[1] * R::from_f64(40.0) + p[3] * t * t;
    out[2] = p[2] * y[2] * y[2] + shared;
    out[3] = -p[5] + p[4] * (y[3] + R::from_f64(0.25)).powf(R::from_f64(1.5));
    out[4] = (y[0] - y[2]).powi(3) - y[4] * y[4] * y[4];
}

fn slopes<R: Real>(_t: R, y: &[R], p: &[R], j: &mut [R]) {
    let zero = R::from_f64(0.0);
    let one = R::from_f64(1.0);
    let three = R::from_f64(3.0);
    let shared = y[1] / (p[1] + y[1]);
    let bend = p[1] / ((p[1] + y[1]) * (p[1] + y[1]));
    let gap = three * (y[0] - y[2]).powi(2);
    j.fill(zero);
    j[0] = -p[0] - shared;
    j[1] = -bend * y[0];
    j[STATES] = one;
    j[STATES + 1] = -p[0] * R::from_f64(40.0);
    j[2 * STATES + 1] = bend;
    j[2 * STATES + 2] = p[2] * y[2] * R::from_f64(2.0);
    let base = y[3] + R::from_f64(0.25);
    j[3 * STATES + 3] = p[4] * R::from_f64(1.5) * base.powf(R::from_f64(0.5));
    j[4 * STATES] = gap;
    j[4 * STATES + 2] = -gap;
    j[4 * STATES + 4] = -three * y[4] * y[4];
}

fn time_slopes<R: Real>(t: R, p: &[R], out: &mut [R]) {
    out.fill(R::from_f64(0.0));
    out[1] = p[3] * t * R::from_f64(2.0);
}

fn events<R: Real>(t: R, y: &[R], values: &mut [R]) {
    values[0] = y[0] - R::from_f64(0.6);
    values[1] = y[2] - R::from_f64(2.5) + R::from_f64(0.01) * t;
    values[2] = y[4] * y[4] - R::from_f64(0.3);
}

#[derive(Clone, Debug)]
struct Single {
    pattern: Pattern,
    constants: Vec<f64>,
}

impl System<f64> for Single {
    fn dimension(&self) -> usize {
        STATES
    }
    fn derivative(&mut self, time: f64, state: &[f64], derivative: &mut [f64]) {
        rate(time, state, &self.constants, derivative);
    }
    fn jacobian_pattern(&self) -> &Pattern {
        &self.pattern
    }
    fn jacobian(&mut self, time: f64, state: &[f64], values: &mut [f64]) {
        slopes(time, state, &self.constants, values);
    }
    fn time_derivative(&mut self, time: f64, _state: &[f64], out: &mut [f64]) {
        time_slopes(time, &self.constants, out);
    }
    fn event_values(&mut self, time: f64, state: &[f64], values: &mut [f64]) {
        events(time, state, values);
    }
    fn quantity(&mut self, index: usize, time: f64, state: &[f64]) -> f64 {
        match index {
            0 => state[1],
            _ => (state[0] - state[2]) * state[4] * self.constants[0] + time.powi(2),
        }
    }
    fn quantity_states(&self, index: usize) -> Vec<usize> {
        match index {
            0 => vec![1],
            _ => vec![0, 2, 4],
        }
    }
    fn switch(&mut self, index: usize, time: f64, state: &mut [f64]) {
        self.constants[0] *= 1.0 + 0.1 * index as f64;
        self.constants[1] += 0.01 * time;
        state[index % STATES] += 0.2;
    }
}

struct Wide<const N: usize> {
    pattern: Pattern,
    constants: Vec<Lanes<N>>,
}

impl<const N: usize> Wide<N> {
    fn new() -> Self {
        Self {
            pattern: Pattern::dense(STATES),
            constants: vec![Lanes::from_f64(0.0); CONSTANTS],
        }
    }
}

impl<const N: usize> LaneSystem<N> for Wide<N> {
    type Single = Single;

    fn dimension(&self) -> usize {
        STATES
    }
    fn jacobian_pattern(&self) -> &Pattern {
        &self.pattern
    }
    fn load(&mut self, lane: usize, subject: &Single) {
        for (wide, constant) in self.constants.iter_mut().zip(&subject.constants) {
            wide.0[lane] = *constant;
        }
    }
    #[inline(always)]
    fn derivative(&mut self, time: Lanes<N>, state: &[Lanes<N>], derivative: &mut [Lanes<N>]) {
        rate(time, state, &self.constants, derivative);
    }
    #[inline(always)]
    fn jacobian(&mut self, time: Lanes<N>, state: &[Lanes<N>], values: &mut [Lanes<N>]) {
        slopes(time, state, &self.constants, values);
    }
    #[inline(always)]
    fn time_derivative(&mut self, time: Lanes<N>, _state: &[Lanes<N>], out: &mut [Lanes<N>]) {
        time_slopes(time, &self.constants, out);
    }
    fn event_count(&self) -> usize {
        3
    }
    fn event_states(&self) -> Vec<usize> {
        vec![0, 2, 4]
    }
    #[inline(always)]
    fn event_values(&mut self, time: Lanes<N>, state: &[Lanes<N>], values: &mut [Lanes<N>]) {
        events(time, state, values);
    }
}

/// A subject and what it lives through.
#[derive(Clone, Debug)]
struct Life {
    constants: [f64; CONSTANTS],
    initial: Vec<f64>,
    start: f64,
    stop: f64,
    switches: Vec<f64>,
    outputs: Vec<f64>,
    events: Vec<EventRule>,
    spans: Vec<SpanRule>,
}

impl Life {
    fn plan(&self) -> Plan<'_> {
        Plan {
            start: self.start,
            stop: self.stop,
            switches: &self.switches,
            outputs: &self.outputs,
            events: &self.events,
            spans: &self.spans,
        }
    }

    fn subject(&self) -> Single {
        Single {
            pattern: Pattern::dense(STATES),
            constants: self.constants.to_vec(),
        }
    }
}

/// Hands out lives in order; collects results by number.
struct Queue<'a> {
    lives: &'a [Life],
    next: usize,
    results: BTreeMap<usize, Trajectory<f64>>,
}

impl<'a> Feed<'a, Single> for Queue<'a> {
    fn next(&mut self) -> Option<Task<'a, Single>> {
        let life = self.lives.get(self.next)?;
        self.next += 1;
        Some(Task {
            plan: life.plan(),
            initial: life.initial.clone(),
            subject: life.subject(),
        })
    }
    fn take(&mut self, task: usize, _subject: Single, result: Trajectory<f64>) {
        let before = self.results.insert(task, result);
        assert!(before.is_none(), "each result is given once");
    }
}

fn plain(lives: &[Life], method: Method, options: &Options) -> Vec<Trajectory<f64>> {
    lives
        .iter()
        .map(|life| {
            integrate(
                &mut life.subject(),
                method,
                &life.plan(),
                &life.initial,
                options,
            )
        })
        .collect()
}

fn laned<const N: usize>(
    lives: &[Life],
    method: Method,
    options: &Options,
    set: InstructionSet,
) -> Vec<Trajectory<f64>> {
    let mut queue = Queue {
        lives,
        next: 0,
        results: BTreeMap::new(),
    };
    integrate_lanes(&mut Wide::<N>::new(), method, options, set, &mut queue);
    assert_eq!(queue.results.len(), lives.len(), "every run has a result");
    queue.results.into_values().collect()
}

/// All numbers, with the sign of zero, and everything else of a result.
fn bits(result: &Trajectory<f64>) -> String {
    format!("{result:?}")
}

#[track_caller]
fn assert_same(lives: &[Life], method: Method, options: &Options) -> Vec<Trajectory<f64>> {
    let expected = plain(lives, method, options);
    for set in InstructionSet::available() {
        let runs = [
            (1, laned::<1>(lives, method, options, set)),
            (4, laned::<4>(lives, method, options, set)),
            (8, laned::<8>(lives, method, options, set)),
        ];
        for (width, found) in runs {
            for (number, (expected, found)) in expected.iter().zip(&found).enumerate() {
                assert_eq!(
                    bits(expected),
                    bits(found),
                    "life {number} of {}, {width} lanes, {}: {:?}",
                    lives.len(),
                    set.name(),
                    lives[number]
                );
            }
        }
    }
    expected
}

fn rules(stopping: bool) -> Vec<EventRule> {
    let rule = |direction, action| EventRule {
        direction,
        action,
        beginning: Beginning::Waits,
        longest_gap: None,
    };
    vec![
        EventRule {
            beginning: Beginning::Counts,
            ..rule(Direction::Falling, EventAction::Record)
        },
        rule(
            Direction::Rising,
            if stopping {
                EventAction::Stop
            } else {
                EventAction::Record
            },
        ),
        EventRule {
            longest_gap: Some(0.05),
            ..rule(Direction::Either, EventAction::Record)
        },
    ]
}

fn quiet() -> Life {
    Life {
        constants: [0.3, 0.5, 0.0, 0.0, 0.0, 0.0],
        initial: vec![1.0, 0.2, 0.1, 0.5, 0.9],
        start: 0.0,
        stop: 20.0,
        switches: vec![],
        outputs: vec![],
        events: vec![],
        spans: vec![],
    }
}

fn measure() -> impl Strategy<Value = Measure> {
    prop_oneof![
        Just(Measure::Maximum),
        Just(Measure::Minimum),
        Just(Measure::Area)
    ]
}

prop_compose! {
    fn life()(
        pace in 0.05..30.0_f64,
        saturation in 0.05..2.0_f64,
        explosion in prop_oneof![2 => Just(0.0), 1 => 0.05..0.6_f64],
        forcing in prop_oneof![2 => Just(0.0), 1 => -0.01..0.02_f64],
        poison in prop_oneof![3 => Just(0.0), 1 => 0.1..1.0_f64],
        drain in prop_oneof![1 => Just(0.0), 1 => 0.01..0.3_f64],
        initial in prop::collection::vec(prop_oneof![1 => Just(0.0), 8 => 0.0..2.0_f64], STATES),
        start in prop_oneof![Just(0.0), -3.0..3.0_f64],
        length in prop_oneof![1 => Just(0.0), 8 => 0.0..30.0_f64],
        switches in prop::collection::vec(0..=8_u32, 0..5),
        outputs in prop::collection::vec(0.0..=1.0_f64, 0..20),
        kind in 0..3_u8,
        spans in prop::collection::vec((0.0..1.0_f64, 0.01..0.5_f64, 0..2_usize, measure()), 0..3),
    ) -> Life {
        let at = |part: f64| start + part * length;
        let mut switches: Vec<f64> = switches.iter().map(|part| at(f64::from(*part) / 8.0)).collect();
        let mut outputs: Vec<f64> = outputs.iter().map(|part| at(*part)).collect();
        switches.sort_by(f64::total_cmp);
        outputs.sort_by(f64::total_cmp);
        Life {
            constants: [pace, saturation, explosion, forcing, poison, drain],
            initial,
            start,
            stop: at(1.0),
            switches,
            outputs,
            events: if kind == 0 { vec![] } else { rules(kind == 2) },
            spans: spans
                .into_iter()
                .map(|(from, length, quantity, measure)| SpanRule {
                    quantity,
                    measure,
                    from: at(from),
                    to: at(from + length),
                    longest_piece: 0.7,
                })
                .filter(|span| span.from < span.to)
                .collect(),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Completed, stopped and failing runs beside each other; more of them than lanes, and fewer.
    #[test]
    fn lanes_equal_plain_runs(
        lives in prop::collection::vec(life(), 1..24),
        relative in prop_oneof![Just(1e-3), Just(1e-6), Just(1e-9)],
        steps in prop_oneof![4 => Just(3000_usize), 1 => 0..60_usize],
        first in prop::option::of(1e-3..5.0_f64),
        longest in prop::option::of(0.05..3.0_f64),
        method in prop_oneof![3 => Just(Method::Rodas5P), 1 => Just(Method::Rodas4)],
    ) {
        let mut options = Options::new(relative, vec![1e-8; STATES]);
        options.maximum_steps = steps;
        options.initial_step = first;
        options.maximum_step = longest;
        assert_same(&lives, method, &options);
    }

    #[test]
    fn fixed_steps_too(lives in prop::collection::vec(life(), 1..12), step in 0.05..2.0_f64) {
        let mut options = Options::new(1e-6, vec![1e-8; STATES]);
        options.stepping = Stepping::Fixed(step);
        assert_same(&lives, Method::Rodas5P, &options);
    }
}

/// The sample above would be worthless if nothing ever failed, stopped or was refused in it.
#[test]
fn every_way_to_end_beside_the_others() {
    let mut lives = vec![quiet(); 12];
    lives[1].constants[2] = 0.5; // a pole
    lives[2].constants[4] = 0.5; // a power of a negative number on the way
    lives[2].constants[5] = 0.4;
    lives[3].initial[1] = f64::NAN;
    lives[4].outputs = vec![3.0, 1.0]; // not ascending
    lives[5].initial = vec![0.0; 2];
    lives[6].constants[2] = 0.5;
    lives[6].events = rules(true);
    lives[7].switches = vec![0.0, 5.0, 5.0, 20.0];
    lives[7].outputs = vec![0.0, 5.0, 6.5, 20.0];
    lives[8].stop = 0.0;
    lives[9].constants[3] = 0.01;
    lives[10].constants[1] = -0.2; // 0 / 0 at the start
    lives[10].initial[1] = 0.2;
    let mut options = Options::new(1e-6, vec![1e-8; STATES]);
    options.maximum_steps = 2000;
    let results = assert_same(&lives, Method::Rodas5P, &options);
    let reason = |number: usize| match &results[number].outcome {
        Outcome::Failed(failure) => Some(failure.reason),
        _ => None,
    };
    assert_eq!(results[0].outcome, Outcome::Completed);
    assert!(reason(1).is_some(), "{:?}", results[1].outcome);
    assert_eq!(reason(2), Some(FailureReason::NonFinite));
    assert_eq!(reason(3), Some(FailureReason::NonFinite));
    assert!(matches!(reason(4), Some(FailureReason::InvalidPlan(_))));
    assert!(matches!(reason(5), Some(FailureReason::InvalidPlan(_))));
    assert_eq!(results[6].outcome, Outcome::Stopped { event: 1 });
    assert_eq!(results[7].times.len(), 4);
    assert_eq!(results[8].effort.steps, 0);
    assert_eq!(results[9].outcome, Outcome::Completed);
    assert!(reason(10).is_some(), "{:?}", results[10].outcome);
    // Rejections happened, or retrying beside neighbours was not tested.
    assert!(results.iter().any(|result| result.effort.rejected > 0));
    // Running out of steps names the same state.
    options.maximum_steps = 7;
    let results = assert_same(&lives, Method::Rodas5P, &options);
    let limited = results.iter().any(|result| {
        matches!(&result.outcome, Outcome::Failed(failure)
            if failure.reason == FailureReason::TooManySteps { limit: 7 })
    });
    assert!(limited);
}

#[test]
fn explicit_methods_are_run_one_by_one() {
    let lives = vec![quiet(); 3];
    let options = Options::new(1e-6, vec![1e-8; STATES]);
    assert_same(&lives, Method::Dopri5, &options);
}

#[test]
fn no_runs_give_no_results() {
    let options = Options::new(1e-6, vec![1e-8; STATES]);
    assert!(assert_same(&[], Method::Rodas5P, &options).is_empty());
}

#[test]
fn the_baseline_is_always_there_and_named() {
    let sets = InstructionSet::available();
    assert_eq!(sets[0].name(), "baseline");
    assert_eq!(sets.last().copied(), Some(InstructionSet::widest()));
}
