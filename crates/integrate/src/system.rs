//! [`System`]: what the solver wants to know of an initial value problem.

use gutbrain_numbers::Real;

use crate::Pattern;

/// The initial value problem `dy/dt = f(t, y)` with its exact Jacobian, switches and events.
///
/// All slices have length [`dimension`](Self::dimension) unless said otherwise. Methods take
/// `&mut self` so that a system can keep scratch space and constants that switches change.
pub trait System<R: Real> {
    /// Number of states.
    fn dimension(&self) -> usize;

    /// Write `f(t, y)` into `derivative`. Must give finite numbers for slightly negative states.
    fn derivative(&mut self, time: R, state: &[R], derivative: &mut [R]);

    /// Where ∂f/∂y may be other than zero.
    fn jacobian_pattern(&self) -> &Pattern;

    /// Write ∂f/∂y into `values`, in the order of the pattern. Must be exact.
    fn jacobian(&mut self, time: R, state: &[R], values: &mut [R]);

    /// Write ∂f/∂t; the default is an autonomous system. Must be exact.
    fn time_derivative(&mut self, _time: R, _state: &[R], out: &mut [R]) {
        out.fill(R::from_f64(0.0));
    }

    /// Write one number for each event rule of the plan; an event is a change of its sign.
    fn event_values(&mut self, _time: R, _state: &[R], _values: &mut [R]) {}

    /// The states that event values depend on; the others may be anything when they are asked for
    /// inside a step.
    fn event_states(&self) -> Vec<usize> {
        (0..self.dimension()).collect()
    }

    /// Quantity number `index` of the spans of the plan.
    fn quantity(&mut self, _index: usize, _time: R, _state: &[R]) -> R {
        R::from_f64(f64::NAN)
    }

    /// The states that a quantity depends on; the others may be anything when it is asked for.
    fn quantity_states(&self, _index: usize) -> Vec<usize> {
        (0..self.dimension()).collect()
    }

    /// Carry out switch number `index` of the plan: a dose into `state`, a changed constant.
    fn switch(&mut self, _index: usize, _time: f64, _state: &mut [R]) {}

    /// Event number `event`, an [`crate::EventAction::Ask`], has happened at `time`: the times of all
    /// switches that are still to come, ascending, none before `time`; nothing if they stay as they are.
    ///
    /// They take the place of those of the plan that have not been carried out, and are numbered on from
    /// the last one that has. What lies beyond the stop of the plan is not carried out.
    fn replan(&mut self, _event: usize, _time: R) -> Option<Vec<f64>> {
        None
    }
}
