//! [`settle`]: the steady state that a system runs into.
//!
//! The system is integrated by Rodas5P over growing horizons. After each, Newton's method is
//! tried from where it stands, `x ← x - J⁻¹ f(x)`, and its result taken if it lies within one
//! thousandth of where the integration stands: then it is the state the system runs into and
//! not another root. Directions that `J` leaves free (conserved totals) are not moved, by the
//! pseudo-inverse, so they keep what the integration gave them.
//!
//! Over duals two more rounds with the same matrix give the tangents of the implicit function,
//! `dx/dp = -J⁻¹ ∂f/∂p`, to the accuracy of the inverse squared.

use gutbrain_numbers::Scalar;
use nalgebra::DMatrix;

use crate::sparse_lu::Factors;
use crate::{
    Failure, FailureReason, Method, Options, Outcome, Pattern, Plan, Stepping, System, Trajectory,
    integrate,
};

/// Ends of the successive integrations.
const HORIZONS: [f64; 4] = [1e2, 1e3, 1e4, 1e5];
/// A Newton result further than this part of a state away is another root.
const NEAR: f64 = 1e-3;
/// A slope below this part of a state and of what flows through it is none.
const STILL: f64 = 1e-10;
const NEWTON_ROUNDS: usize = 20;
/// A pivot below this part of the diagonal entry that it came from is taken for zero.
const LEAST_PIVOT: f64 = 1e-9;

/// The search for a steady state, integration by integration.
///
/// [`settle`] carries it out; whoever integrates by other means (many systems at once) asks for the
/// span of the next integration and hands its result back. Both find the same bits.
#[derive(Debug)]
pub struct Settling<R> {
    held: Vec<bool>,
    state: Vec<R>,
    rounds: usize,
}

impl<R: Scalar> Settling<R> {
    /// A search from `guess`; the states with `held[i]` keep their guess, a missing end means free.
    #[must_use]
    pub fn new(guess: &[R], held: &[bool]) -> Self {
        let held = (0..guess.len()).map(|index| held.get(index).copied().unwrap_or(false));
        Self {
            held: held.collect(),
            state: guess.to_vec(),
            rounds: 0,
        }
    }

    /// Options for the integrations of a search.
    #[must_use]
    pub fn options(options: &Options) -> Options {
        Options {
            stepping: Stepping::Adaptive,
            initial_step: None,
            // Nothing is missed on the way to a steady state, however long the steps.
            maximum_step: None,
            ..options.clone()
        }
    }

    /// The next integration: the span, and the state at its begin.
    #[must_use]
    pub fn next(&self) -> (f64, f64, &[R]) {
        let begin = match self.rounds {
            0 => 0.0,
            rounds => HORIZONS[rounds - 1],
        };
        (begin, HORIZONS[self.rounds], &self.state)
    }

    /// Takes the integration that [`next`](Self::next) asked for, of `system` with the held states
    /// standing still ([`Held`]); gives the steady state if it is found.
    ///
    /// # Errors
    /// A [`Failure`] when the integration failed or the last one led to no steady state.
    pub fn take<S: System<R>>(
        &mut self,
        system: &mut S,
        run: Trajectory<R>,
        options: &Options,
    ) -> Result<Option<Vec<R>>, Failure> {
        if let Outcome::Failed(failure) = run.outcome {
            return Err(failure);
        }
        let end = HORIZONS[self.rounds];
        self.state = run.last_state;
        let mut system = Held::new(system, &self.held);
        if let Some(steady) = system.find_root(&self.state, end, options) {
            return Ok(Some(steady));
        }
        self.rounds += 1;
        if self.rounds < HORIZONS.len() {
            return Ok(None);
        }
        let mut slope = self.state.clone();
        system.derivative(R::from_f64(end), &self.state, &mut slope);
        let pace = slope.iter().zip(&self.state).enumerate();
        let worst = pace
            .map(|(index, (slope, value))| {
                (index, slope.value().abs() / size(options, index, *value))
            })
            .max_by(|first, second| first.1.total_cmp(&second.1))
            .map(|(index, _)| index);
        Err(Failure {
            time: end,
            component: worst,
            error_ratio: f64::NAN,
            reason: FailureReason::NotSettled,
        })
    }
}

/// The steady state reached from `guess`; the states with `held[i]` keep their guess.
///
/// A missing end of `held` means free. Over duals the result carries the exact derivatives of
/// the steady state. The system must not depend on time.
///
/// # Errors
/// A [`Failure`] when the integration fails or no steady state is reached by time 100 000.
pub fn settle<R: Scalar, S: System<R>>(
    system: &mut S,
    guess: &[R],
    held: &[bool],
    options: &Options,
) -> Result<Vec<R>, Failure> {
    let options = &Settling::<R>::options(options);
    let mut search = Settling::new(guess, held);
    loop {
        let (start, stop, state) = search.next();
        let plan = Plan {
            start,
            stop,
            switches: &[],
            outputs: &[],
            spans: &[],
            events: &[],
        };
        let mut standing = Held::new(&mut *system, &search.held);
        let run = integrate(&mut standing, Method::Rodas5P, &plan, state, options);
        if let Some(steady) = search.take(system, run, options)? {
            return Ok(steady);
        }
    }
}

/// What counts as one whole change of a state: itself, or its scale where it is near zero.
fn size<R: Scalar>(options: &Options, index: usize, value: R) -> f64 {
    options.allowed(index, value.value(), value.value()) / options.relative_tolerance
}

/// A system some of whose states stand still.
#[derive(Debug)]
pub struct Held<'a, S> {
    inner: &'a mut S,
    held: &'a [bool],
    pattern: Pattern,
}

impl<'a, S> Held<'a, S> {
    /// `system` with the states marked in `held` standing still.
    pub fn new<R: Scalar>(system: &'a mut S, held: &'a [bool]) -> Self
    where
        S: System<R>,
    {
        // Planned once for all copies of the pattern.
        system.jacobian_pattern().elimination();
        Self {
            pattern: system.jacobian_pattern().clone(),
            inner: system,
            held,
        }
    }
}

impl<R: Scalar, S: System<R>> System<R> for Held<'_, S> {
    fn dimension(&self) -> usize {
        self.inner.dimension()
    }

    fn derivative(&mut self, time: R, state: &[R], derivative: &mut [R]) {
        self.inner.derivative(time, state, derivative);
        for (slope, held) in derivative.iter_mut().zip(self.held) {
            if *held {
                *slope = R::from_f64(0.0);
            }
        }
    }

    fn jacobian_pattern(&self) -> &Pattern {
        &self.pattern
    }

    fn jacobian(&mut self, time: R, state: &[R], values: &mut [R]) {
        self.inner.jacobian(time, state, values);
        for (row, held) in self.held.iter().enumerate() {
            if *held {
                values[self.pattern.row(row)].fill(R::from_f64(0.0));
            }
        }
    }
}

impl<S> Held<'_, S> {
    /// Newton's method from a state near the root.
    fn find_root<R: Scalar>(&mut self, start: &[R], time: f64, options: &Options) -> Option<Vec<R>>
    where
        S: System<R>,
    {
        let mut state = start.to_vec();
        let mut last_change = f64::INFINITY;
        for _ in 0..NEWTON_ROUNDS {
            let inverse = self.invert_jacobian(&state, time, options)?;
            let change = self.correct(&mut state, time, &inverse, options)?;
            let moved = farthest(options, start, &state);
            if moved.is_nan() || moved > NEAR {
                return None;
            }
            // Down to rounding, or no longer converging.
            if change <= 1e-15 || (change < 1e-9 && change >= 0.5 * last_change) {
                for _ in 0..2 {
                    self.correct(&mut state, time, &inverse, options)?;
                }
                return self.stands_still(&state, time, options).then_some(state);
            }
            last_change = change;
        }
        None
    }

    /// `state ← state - inverse f(state)`; the largest change in whole changes of a state.
    fn correct<R: Scalar>(
        &mut self,
        state: &mut [R],
        time: f64,
        inverse: &Inverse,
        options: &Options,
    ) -> Option<f64>
    where
        S: System<R>,
    {
        let mut slope = state.to_vec();
        self.derivative(R::from_f64(time), state, &mut slope);
        let old = state.to_vec();
        match inverse {
            Inverse::Factors(factors) => {
                factors.solve_scaled(&self.pattern.elimination(), &mut slope);
                for (row, value) in state.iter_mut().enumerate() {
                    if !self.held[row] {
                        *value -= slope[row];
                    }
                }
            }
            Inverse::Dense(inverse) => {
                for (row, value) in state.iter_mut().enumerate() {
                    if self.held[row] {
                        continue;
                    }
                    for (column, slope) in slope.iter().enumerate() {
                        *value -= slope.scale(inverse[(row, column)]);
                    }
                }
            }
        }
        let finite = state.iter().all(|value| value.is_finite());
        finite.then(|| farthest(options, &old, state))
    }

    /// Whether every free state stands still: the pseudo-inverse cannot stop a steady growth.
    fn stands_still<R: Scalar>(&mut self, state: &[R], time: f64, options: &Options) -> bool
    where
        S: System<R>,
    {
        let mut slope = state.to_vec();
        let mut values = vec![R::from_f64(0.0); self.pattern.entries()];
        self.derivative(R::from_f64(time), state, &mut slope);
        self.jacobian(R::from_f64(time), state, &mut values);
        slope.iter().enumerate().all(|(row, slope)| {
            // What the terms of the slope are made of: they cancel to rounding at best.
            let traffic: f64 = self
                .pattern
                .row(row)
                .map(|entry| {
                    let column = self.pattern.columns()[entry];
                    values[entry].value().abs() * size(options, column, state[column])
                })
                .sum();
            slope.value().abs() <= STILL * (size(options, row, state[row]) + traffic)
        })
    }

    /// The inverse of the Jacobian's plain values; the pseudo-inverse if it has none.
    fn invert_jacobian<R: Scalar>(
        &mut self,
        state: &[R],
        time: f64,
        options: &Options,
    ) -> Option<Inverse>
    where
        S: System<R>,
    {
        let mut values = vec![R::from_f64(0.0); self.pattern.entries()];
        self.jacobian(R::from_f64(time), state, &mut values);
        let mut entries: Vec<f64> = values.iter().map(|value| value.value()).collect();
        if entries.iter().any(|entry| !entry.is_finite()) {
            return None;
        }
        for (row, held) in self.held.iter().enumerate() {
            if let (true, Some(diagonal)) = (held, self.pattern.position(row, row)) {
                entries[diagonal] = 1.0;
            }
        }
        let elimination = self.pattern.elimination();
        let mut factors = Factors::new(&elimination);
        factors.factorise(&elimination, 0.0, 1.0, &entries);
        if self.keeps_its_pivots(&factors, &entries) {
            return Some(Inverse::Factors(factors));
        }
        self.invert_densely(state, &entries, options)
            .map(Inverse::Dense)
    }

    /// Whether no pivot lost its digits: a matrix that leaves a direction free shows as a pivot that
    /// is small against the diagonal entry it came from (whatever the units are).
    fn keeps_its_pivots(&self, factors: &Factors<f64>, entries: &[f64]) -> bool {
        let elimination = self.pattern.elimination();
        let inverses = factors.inverse_pivots(&elimination);
        inverses.iter().enumerate().all(|(pivot, inverse)| {
            let row = elimination.row_of(pivot);
            let diagonal = self.pattern.position(row, row).map(|entry| entries[entry]);
            let kept = diagonal.map_or(f64::INFINITY, |diagonal| 1.0 / (diagonal * inverse).abs());
            inverse.is_finite() && *inverse != 0.0 && kept > LEAST_PIVOT
        })
    }

    /// The same by full pivoting, or by singular values where there is no inverse.
    fn invert_densely<R: Scalar>(
        &self,
        state: &[R],
        entries: &[f64],
        options: &Options,
    ) -> Option<DMatrix<f64>> {
        let dimension = state.len();
        // Scaled by the sizes of the states, so that units do not decide what is singular.
        let sizes: Vec<f64> = state
            .iter()
            .enumerate()
            .map(|(index, value)| size(options, index, *value))
            .collect();
        let mut matrix = DMatrix::zeros(dimension, dimension);
        for row in 0..dimension {
            if self.held[row] {
                matrix[(row, row)] = 1.0;
                continue;
            }
            for entry in self.pattern.row(row) {
                let column = self.pattern.columns()[entry];
                if !self.held[column] {
                    matrix[(row, column)] = entries[entry] * sizes[column] / sizes[row];
                }
            }
        }
        let mut inverse = match matrix.clone().full_piv_lu().try_inverse() {
            Some(inverse) if is_inverse(&matrix, &inverse) => inverse,
            _ => matrix.pseudo_inverse(1e-12).ok()?,
        };
        for row in 0..dimension {
            for column in 0..dimension {
                inverse[(row, column)] *= sizes[row] / sizes[column];
            }
        }
        Some(inverse)
    }
}

/// What undoes a Jacobian.
enum Inverse {
    /// Its sparse factors.
    Factors(Factors<f64>),
    /// Its inverse or pseudo-inverse.
    Dense(DMatrix<f64>),
}

fn is_inverse(matrix: &DMatrix<f64>, inverse: &DMatrix<f64>) -> bool {
    let dimension = matrix.nrows();
    let rest = inverse * matrix - DMatrix::identity(dimension, dimension);
    rest.iter().all(|entry| entry.abs() < 1e-6)
}

/// The largest difference of two states, in whole changes; NaN if one is.
fn farthest<R: Scalar>(options: &Options, first: &[R], second: &[R]) -> f64 {
    first
        .iter()
        .zip(second)
        .enumerate()
        .fold(0.0, |worst, (index, (first, second))| {
            let difference = (first.value() - second.value()).abs() / size(options, index, *first);
            gutbrain_numbers::Real::max(worst, difference)
        })
}
