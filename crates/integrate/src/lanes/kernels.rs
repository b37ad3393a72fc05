//! The arithmetic of a step over lanes: the hot loops, compiled for every instruction set.
//!
//! The formulas are those of [`crate::tableau`]; each number is made by the same operations in the
//! same order as in the plain step ([`crate::rosenbrock`]). Sums over stages are kept in registers:
//! the order of the summands of one number is what counts, not the order of the numbers.
// Indices over lanes become vector instructions; iterators and calls of the standard library may not.
#![allow(clippy::needless_range_loop, clippy::manual_memcpy)]

use std::sync::Arc;

use gutbrain_numbers::{Lanes, Real};

use super::{InstructionSet, Kernel, LaneSystem, NativeElimination};
use crate::Options;
use crate::control::{Powers, exponent};
use crate::sparse_lu::{Elimination, Factors};
use crate::tableau::RosenbrockTableau;
use crate::watch::{PARTS, sample_time};

/// The most stages of a method.
const MOST_STAGES: usize = 8;

/// The most rows of a dense output.
const MOST_ROWS: usize = 4;

/// One truth per lane.
pub(super) type Mask<const N: usize> = [bool; N];

/// The numbers of `N` steps.
pub(super) struct Batch<const N: usize> {
    pub(super) tableau: &'static RosenbrockTableau,
    pub(super) elimination: Arc<Elimination>,
    native: Option<Arc<NativeElimination>>,
    pub(super) factors: Factors<Lanes<N>>,
    pub(super) jacobian: Vec<Lanes<N>>,
    pub(super) state: Vec<Lanes<N>>,
    pub(super) slope: Vec<Lanes<N>>,
    time_slope: Vec<Lanes<N>>,
    /// k_i, stage after stage.
    pub(super) stages: Vec<Lanes<N>>,
    stage_state: Vec<Lanes<N>>,
    pub(super) new_state: Vec<Lanes<N>>,
    event_states: Vec<usize>,
    /// States at the end of each part of the step, as far as events read them.
    inside: Vec<Lanes<N>>,
    /// Event values at the end of each part of the step, part after part.
    pub(super) samples: Vec<Lanes<N>>,
    events: usize,
}

impl<const N: usize> Batch<N> {
    pub(super) fn new<S: LaneSystem<N>>(
        system: &S,
        tableau: &'static RosenbrockTableau,
        set: InstructionSet,
    ) -> Self {
        let dimension = system.dimension();
        let elimination = system.jacobian_pattern().elimination();
        let entries = system.jacobian_pattern().entries();
        let native = elimination.native.get(set, N, || {
            NativeElimination::new::<N>(&elimination, set, entries, dimension)
        });
        let zeros = |length: usize| vec![Lanes::from_f64(0.0); length];
        let events = system.event_count();
        Self {
            tableau,
            factors: Factors::new(&elimination),
            native,
            elimination,
            jacobian: zeros(entries),
            state: zeros(dimension),
            slope: zeros(dimension),
            time_slope: zeros(dimension),
            stages: zeros(dimension * tableau.stages),
            stage_state: zeros(dimension),
            new_state: zeros(dimension),
            event_states: system.event_states(),
            inside: zeros(PARTS * dimension),
            samples: zeros(PARTS * events),
            events,
        }
    }

    /// A new subject in a lane: nothing is left of the one before.
    pub(super) fn clear(&mut self, lane: usize) {
        for numbers in [&mut self.stages, &mut self.new_state, &mut self.state] {
            for number in numbers.iter_mut() {
                number.0[lane] = 0.0;
            }
        }
    }
}

/// The numbers of one lane.
pub(super) fn numbers_of<const N: usize>(numbers: &[Lanes<N>], lane: usize) -> Vec<f64> {
    numbers.iter().map(|number| number.0[lane]).collect()
}

/// Zero of either sign for finite numbers, NaN for others: a test that lanes take together.
#[inline(always)]
fn nothing_if_finite(x: f64) -> f64 {
    x * 0.0
}

/// Lanes in which every number is finite.
#[inline(always)]
fn all_finite<const N: usize>(numbers: &[Lanes<N>]) -> Mask<N> {
    let mut sums = [0.0; N];
    for index in 0..numbers.len() {
        for lane in 0..N {
            sums[lane] += nothing_if_finite(numbers[index].0[lane]);
        }
    }
    sums.map(|sum: f64| !sum.is_nan())
}

/// Everything that depends on the start of a step only.
pub(super) struct Linearise<'a, const N: usize, S> {
    pub(super) batch: &'a mut Batch<N>,
    pub(super) system: &'a mut S,
    pub(super) time: Lanes<N>,
}

impl<const N: usize, S: LaneSystem<N>> Kernel for Linearise<'_, N, S> {
    /// Lanes with a finite derivative.
    type Output = Mask<N>;

    #[inline(always)]
    fn run(self) -> Mask<N> {
        let Self {
            batch,
            system,
            time,
        } = self;
        system.derivative(time, &batch.state, &mut batch.slope);
        system.jacobian(time, &batch.state, &mut batch.jacobian);
        system.time_derivative(time, &batch.state, &mut batch.time_slope);
        all_finite(&batch.slope)
    }
}

/// One attempt of a step in every lane.
pub(super) struct Attempt<'a, const N: usize, S> {
    pub(super) batch: &'a mut Batch<N>,
    pub(super) system: &'a mut S,
    pub(super) options: &'a Options,
    pub(super) time: Lanes<N>,
    pub(super) step: Lanes<N>,
    /// As the controller remembers it.
    pub(super) last_error: Lanes<N>,
}

/// How far the attempts came.
pub(super) struct Report<const N: usize> {
    /// Lanes in which every pivot is finite and not zero.
    pub(super) factorised: Mask<N>,
    /// The first stage whose derivative is not finite, and the state that is to blame.
    pub(super) broken: [Option<(usize, usize)>; N],
    /// The error over the allowed one; NaN where it cannot be told.
    pub(super) ratio: Lanes<N>,
    pub(super) powers: Powers<Lanes<N>>,
}

impl<const N: usize, S: LaneSystem<N>> Kernel for Attempt<'_, N, S> {
    type Output = Report<N>;

    #[inline(always)]
    fn run(self) -> Report<N> {
        let Self {
            batch,
            system,
            options,
            time,
            step,
            last_error,
        } = self;
        let tableau = batch.tableau;
        let dimension = batch.state.len();
        let one = Lanes::from_f64(1.0);
        let shift = one / step.scale(tableau.gamma);
        match &batch.native {
            Some(native) => native.factorise(&mut batch.factors, shift, &batch.jacobian),
            None => {
                let elimination = &batch.elimination;
                batch
                    .factors
                    .factorise_each(elimination, shift, -1.0, &batch.jacobian);
            }
        }
        let factorised = usable(batch.factors.inverse_pivots(&batch.elimination));

        let (any_time_slope, time_dependent) = depends_on_time(&batch.time_slope);
        let mut broken = [None; N];
        let inverse_step = one / step;
        let mut weights = [Lanes::from_f64(0.0); MOST_STAGES];
        for stage in 0..tableau.stages {
            let (known, new) = batch.stages.split_at_mut(stage * dimension);
            let current = &mut new[..dimension];
            if stage > 0 {
                if let Some(row) = tableau.a.get(stage) {
                    let count = fill(&mut weights, row, stage, Lanes::from_f64);
                    let base = &batch.state[..];
                    add_stages(&mut batch.stage_state, base, known, &weights[..count]);
                } else {
                    let previous = &known[(stage - 1) * dimension..];
                    for index in 0..dimension {
                        batch.stage_state[index] += previous[index];
                    }
                }
                let stage_time = time + step.scale(tableau.nodes[stage]);
                system.derivative(stage_time, &batch.stage_state, current);
                let finite = all_finite(current);
                if finite.contains(&false) {
                    note_broken(&mut broken, stage, current);
                }
            }
            let count = fill(&mut weights, tableau.c[stage], stage, |weight| {
                inverse_step.scale(weight)
            });
            match stage {
                0 => add_stages(current, &batch.slope[..], known, &weights[..count]),
                _ => add_stages(current, Itself, known, &weights[..count]),
            }
            if any_time_slope {
                let weight = step.scale(tableau.time_weights[stage]);
                for index in 0..dimension {
                    let value = &mut current[index];
                    let sum = *value + batch.time_slope[index] * weight;
                    for lane in 0..N {
                        if time_dependent[lane] {
                            value.0[lane] = sum.0[lane];
                        }
                    }
                }
            }
            match &batch.native {
                Some(native) => native.solve(&batch.factors, current),
                None => batch.factors.solve(&batch.elimination, current),
            }
        }
        let error = &batch.stages[(tableau.stages - 1) * dimension..];
        for index in 0..dimension {
            batch.new_state[index] = batch.stage_state[index] + error[index];
        }
        let ratio = measure(options, &batch.state, &batch.new_state, error);
        let exponent = Lanes::from_f64(exponent(tableau.embedded_order));
        Report {
            factorised,
            broken,
            ratio,
            powers: Powers::new(ratio, last_error, exponent),
        }
    }
}

/// Weights of the stages before this one; how many there are.
#[inline(always)]
fn fill<const N: usize>(
    weights: &mut [Lanes<N>; MOST_STAGES],
    row: &[f64],
    stage: usize,
    weight_of: impl Fn(f64) -> Lanes<N>,
) -> usize {
    let count = row.len().min(stage).min(MOST_STAGES);
    for index in 0..count {
        weights[index] = weight_of(row[index]);
    }
    count
}

/// What the next number of a sum is added to: the target's own, or that of another vector.
trait Base<const N: usize>: Copy {
    fn number(self, target: &[Lanes<N>], index: usize) -> Lanes<N>;
}

#[derive(Clone, Copy)]
struct Itself;

impl<const N: usize> Base<N> for Itself {
    #[inline(always)]
    fn number(self, target: &[Lanes<N>], index: usize) -> Lanes<N> {
        target[index]
    }
}

impl<const N: usize> Base<N> for &[Lanes<N>] {
    #[inline(always)]
    fn number(self, _: &[Lanes<N>], index: usize) -> Lanes<N> {
        self[index]
    }
}

/// target = base + Σ weights_j k_j
#[inline(always)]
fn add_stages<const N: usize>(
    target: &mut [Lanes<N>],
    base: impl Base<N>,
    stages: &[Lanes<N>],
    weights: &[Lanes<N>],
) {
    // A number of stages that is known to the compiler keeps their weights in registers.
    match weights.len() {
        0 => add_just::<0, N>(target, base, stages, weights),
        1 => add_just::<1, N>(target, base, stages, weights),
        2 => add_just::<2, N>(target, base, stages, weights),
        3 => add_just::<3, N>(target, base, stages, weights),
        4 => add_just::<4, N>(target, base, stages, weights),
        5 => add_just::<5, N>(target, base, stages, weights),
        6 => add_just::<6, N>(target, base, stages, weights),
        // Methods have at most eight stages.
        _ => add_just::<7, N>(target, base, stages, weights),
    }
}

/// The same over `COUNT` stages.
#[inline(always)]
fn add_just<const COUNT: usize, const N: usize>(
    target: &mut [Lanes<N>],
    base: impl Base<N>,
    stages: &[Lanes<N>],
    weights: &[Lanes<N>],
) {
    let dimension = target.len();
    let mut own = [Lanes::from_f64(0.0); COUNT];
    for stage in 0..COUNT {
        own[stage] = weights[stage];
    }
    let stages = &stages[..COUNT * dimension];
    for index in 0..dimension {
        let mut sum = base.number(target, index);
        for stage in 0..COUNT {
            sum += stages[stage * dimension + index] * own[stage];
        }
        target[index] = sum;
    }
}

/// Lanes in which every inverse pivot is finite and not zero.
#[inline(always)]
fn usable<const N: usize>(inverses: &[Lanes<N>]) -> Mask<N> {
    let mut worst = [0.0; N];
    for pivot in 0..inverses.len() {
        for lane in 0..N {
            let x = inverses[pivot].0[lane];
            worst[lane] += if x == 0.0 { 1.0 } else { nothing_if_finite(x) };
        }
    }
    worst.map(|worst: f64| worst <= 0.0)
}

/// Whether any lane depends on time, and which do.
#[inline(always)]
fn depends_on_time<const N: usize>(time_slope: &[Lanes<N>]) -> (bool, Mask<N>) {
    let mut found = [0.0; N];
    for index in 0..time_slope.len() {
        for lane in 0..N {
            found[lane] = if time_slope[index].0[lane] == 0.0 {
                found[lane]
            } else {
                1.0
            };
        }
    }
    let depends = found.map(|found| found > 0.0);
    (depends.contains(&true), depends)
}

/// Notes the first bad state of lanes in which this stage is the first bad one.
#[cold]
#[inline(never)]
fn note_broken<const N: usize>(
    broken: &mut [Option<(usize, usize)>; N],
    stage: usize,
    derivative: &[Lanes<N>],
) {
    for (lane, broken) in broken.iter_mut().enumerate() {
        if broken.is_none()
            && let Some(state) = derivative.iter().position(|x| !x.0[lane].is_finite())
        {
            *broken = Some((stage, state));
        }
    }
}

/// The largest error over the allowed one, as in [`crate::control::measure_error`].
#[inline(always)]
fn measure<const N: usize>(
    options: &Options,
    before: &[Lanes<N>],
    after: &[Lanes<N>],
    error: &[Lanes<N>],
) -> Lanes<N> {
    let relative = options.relative_tolerance;
    let mut worst = [0.0; N];
    let mut lost = [0.0; N];
    for index in 0..options.absolute_tolerance.len() {
        let absolute = options.absolute_tolerance[index];
        let (before, after, error) = (&before[index].0, &after[index].0, &error[index].0);
        for lane in 0..N {
            let (old, new) = (before[lane].abs(), after[lane].abs());
            let size = if new > old { new } else { old };
            let ratio = error[lane].abs() / (absolute + relative * size);
            worst[lane] = if ratio > worst[lane] {
                ratio
            } else {
                worst[lane]
            };
            // NaN if the new state is not finite or the ratio is NaN, else 0.
            let fault = if ratio.is_nan() { ratio } else { 0.0 };
            lost[lane] += fault + nothing_if_finite(after[lane]);
        }
    }
    let mut result = [0.0; N];
    for lane in 0..N {
        result[lane] = worst[lane] + lost[lane];
    }
    Lanes(result)
}

/// Event values at the ends of the parts of the steps from `begin` to `end`.
pub(super) struct Sample<'a, const N: usize, S> {
    pub(super) batch: &'a mut Batch<N>,
    pub(super) system: &'a mut S,
    pub(super) begin: Lanes<N>,
    pub(super) end: Lanes<N>,
}

impl<const N: usize, S: LaneSystem<N>> Kernel for Sample<'_, N, S> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self {
            batch,
            system,
            begin,
            end,
        } = self;
        let dimension = batch.state.len();
        let mut times = [end; PARTS];
        let mut thetas = [end; PARTS];
        let mut rests = [end; PARTS];
        for part in 0..PARTS {
            for lane in 0..N {
                times[part].0[lane] = sample_time(begin.0[lane], end.0[lane], part + 1);
            }
            thetas[part] = (times[part] - begin) / (end - begin);
            rests[part] = Lanes::from_f64(1.0) - thetas[part];
        }
        let zero = Lanes::from_f64(0.0);
        let table = batch.tableau.dense;
        let count = table.len().min(MOST_ROWS);
        for &index in &batch.event_states {
            let mut rows = [zero; MOST_ROWS];
            for (row, weights) in rows.iter_mut().zip(table) {
                for (stage, weight) in weights.iter().enumerate() {
                    *row += batch.stages[stage * dimension + index].scale(*weight);
                }
            }
            let (old, new) = (batch.state[index], batch.new_state[index]);
            for part in 0..PARTS {
                let (theta, rest) = (thetas[part], rests[part]);
                let mut inner = rows[count - 1];
                for row in (0..count - 1).rev() {
                    inner = rows[row] + theta * inner;
                }
                batch.inside[part * dimension + index] = rest * old + theta * (new + rest * inner);
            }
        }
        for part in 0..PARTS {
            let inside = &batch.inside[part * dimension..(part + 1) * dimension];
            let values = &mut batch.samples[part * batch.events..(part + 1) * batch.events];
            system.event_values(times[part], inside, values);
        }
    }
}

/// Takes over the new state in some lanes.
pub(super) struct Advance<'a, const N: usize> {
    pub(super) batch: &'a mut Batch<N>,
    pub(super) lanes: Mask<N>,
}

impl<const N: usize> Kernel for Advance<'_, N> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        // Numbers, not truths: the choice becomes one instruction.
        let mut choice = [0.0; N];
        for lane in 0..N {
            choice[lane] = if self.lanes[lane] { 1.0 } else { 0.0 };
        }
        for index in 0..self.batch.state.len() {
            let (old, new) = (self.batch.state[index], self.batch.new_state[index]);
            let mut next = old;
            for lane in 0..N {
                next.0[lane] = if choice[lane] > 0.0 {
                    new.0[lane]
                } else {
                    old.0[lane]
                };
            }
            self.batch.state[index] = next;
        }
    }
}
