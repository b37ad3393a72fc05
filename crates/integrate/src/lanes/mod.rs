//! Many subjects at once: Rosenbrock methods over [`Lanes`], every lane with its own time and step.
//!
//! A [`LaneSystem`] evaluates `N` subjects side by side in the registers of the processor; a
//! [`Feed`] hands out subjects and takes their results. [`integrate_lanes`] keeps the lanes full:
//! a lane whose subject is done is loaded with the next one while its neighbours go on, and a lane
//! whose step was rejected tries again beside neighbours that go on to their next step.
//!
//! The contract: the result of a subject is **bit-equal** to that of [`crate::integrate`] on its
//! plain [`System`], whatever its neighbours are, however many lanes there are, and for every
//! [`InstructionSet`]. It holds because every decision of a lane (step control, events, switches,
//! failures) is made by the code of the plain run, from numbers that lanes compute by the same
//! operations in the same order.
//!
//! Shapes: a state over lanes is `dimension` values of type [`Lanes`]. Units: those of the system.

mod driver;
mod elimination;
mod kernels;

use gutbrain_numbers::{Lanes, Real};

pub use driver::integrate_lanes;
pub(crate) use elimination::NativeElimination;
pub use gutbrain_native::{InstructionSet, Kernel, UnknownInstructionSet, is_refused};

use crate::{Pattern, Plan, System, Trajectory};

/// `N` subjects of one initial value problem, side by side.
///
/// Lane `i` of every result must depend on lane `i` of the arguments and on the subject loaded into
/// lane `i` only, and be bit-equal to what that subject's own [`System`] gives. For speed the methods
/// are to be `#[inline(always)]`, and all that they call: the solver compiles them once for every
/// instruction set.
pub trait LaneSystem<const N: usize> {
    /// A subject by itself: carries out its switches, and answers for its lane where plain numbers
    /// are needed.
    type Single: System<f64>;

    /// Number of states.
    fn dimension(&self) -> usize;

    /// Where ∂f/∂y may be other than zero.
    fn jacobian_pattern(&self) -> &Pattern;

    /// Take over the constants of a subject: when its run begins and after each of its switches.
    fn load(&mut self, lane: usize, subject: &Self::Single);

    /// Write `f(t, y)`.
    fn derivative(&mut self, time: Lanes<N>, state: &[Lanes<N>], derivative: &mut [Lanes<N>]);

    /// Write ∂f/∂y in the order of the pattern.
    fn jacobian(&mut self, time: Lanes<N>, state: &[Lanes<N>], values: &mut [Lanes<N>]);

    /// Write ∂f/∂t; the default is an autonomous system.
    #[inline(always)]
    fn time_derivative(&mut self, _time: Lanes<N>, _state: &[Lanes<N>], out: &mut [Lanes<N>]) {
        out.fill(Lanes::from_f64(0.0));
    }

    /// How many numbers [`event_values`](Self::event_values) gives.
    fn event_count(&self) -> usize {
        0
    }

    /// The states that event values depend on; the others are not kept up to date for it.
    fn event_states(&self) -> Vec<usize> {
        (0..self.dimension()).collect()
    }

    /// Write one number for each event rule.
    fn event_values(&mut self, _time: Lanes<N>, _state: &[Lanes<N>], _values: &mut [Lanes<N>]) {}
}

/// One run that a lane is to carry out.
#[derive(Debug)]
pub struct Task<'a, Single> {
    /// Span, switches, outputs and events, each subject's own. Either no events or all of the system.
    pub plan: Plan<'a>,
    /// The first state.
    pub initial: Vec<f64>,
    /// The subject, as it is at the start.
    pub subject: Single,
}

/// Where subjects come from and results go to.
pub trait Feed<'a, Single> {
    /// The next run, if there is one now. Asked again after every result.
    fn next(&mut self) -> Option<Task<'a, Single>>;

    /// Takes the result of the run that was handed out as number `task`, counted from 0. Results
    /// come in the order in which runs end, which depends on the number of lanes.
    fn take(&mut self, task: usize, subject: Single, result: Trajectory<f64>);
}
