//! Initial value problems for gutbrain: vectors and time, nothing else.
//!
//! A [`System`] gives the right-hand side and its exact Jacobian, a [`Plan`] the span, the
//! switches (doses, window edges), the wanted outputs and the events, [`Options`] the
//! tolerances; [`integrate`] gives a [`Trajectory`], and [`settle`] a steady state.
//!
//! * Methods ([`Method`]): Rodas5P (default) and Rodas4, with exact sparse Jacobian and a
//!   factorisation whose order is fixed once; Dopri5 and Dop853 of `ode_solvers` as cross-checks.
//! * Integration is split at every distinct switch time and lands exactly on it.
//! * Outputs come from the dense output and never change a step.
//! * Extremes and areas of quantities over spans of time ([`SpanRule`]) come from it, too.
//! * Events are located on the dense output, looked for inside every step.
//! * [`integrate_lanes`] carries out many runs at once over [`gutbrain_numbers::Lanes`], each
//!   bit-equal to [`integrate`].
//! * Run over [`gutbrain_numbers::Dual`], the whole method gives exact derivatives, through
//!   switches and events; decisions look at plain values only, so the steps are the same.
//! * Every failure is a typed [`Failure`] with time, state, reason and advice.
//!
//! ```
//! use gutbrain_integrate::{Method, Options, Outcome, Pattern, Plan, System, integrate};
//!
//! /// Elimination at 0.5 per day, a dose of 2 whenever a switch comes.
//! struct Drug(Pattern);
//!
//! impl System<f64> for Drug {
//!     fn dimension(&self) -> usize {
//!         1
//!     }
//!     fn derivative(&mut self, _time: f64, state: &[f64], derivative: &mut [f64]) {
//!         derivative[0] = -0.5 * state[0];
//!     }
//!     fn jacobian_pattern(&self) -> &Pattern {
//!         &self.0
//!     }
//!     fn jacobian(&mut self, _time: f64, _state: &[f64], values: &mut [f64]) {
//!         values[0] = -0.5;
//!     }
//!     fn switch(&mut self, _index: usize, _time: f64, state: &mut [f64]) {
//!         state[0] += 2.0;
//!     }
//! }
//!
//! let plan = Plan {
//!     start: 0.0,
//!     stop: 4.0,
//!     switches: &[1.0, 3.0],
//!     outputs: &[0.0, 1.0, 4.0],
//!     events: &[],
//!     spans: &[],
//! };
//! let options = Options::new(1e-8, vec![1e-10]);
//! let run = integrate(&mut Drug(Pattern::dense(1)), Method::Rodas5P, &plan, &[0.0], &options);
//! assert_eq!(run.outcome, Outcome::Completed);
//! let exact = 2.0 * ((-1.5_f64).exp() + (-0.5_f64).exp());
//! assert!((run.last_state[0] - exact).abs() < 1e-7);
//! ```
//!
//! Formulas, conventions and references are in `docs/numerics.md`.

#![forbid(unsafe_code)]

mod control;
mod explicit;
pub mod lanes;
pub mod methods;
pub mod options;
pub mod outcome;
mod pace;
pub mod pattern;
pub mod plan;
mod rosenbrock;
mod run;
mod settle;
pub mod span;
pub mod sparse_lu;
pub mod system;
pub mod tableau;
mod watch;

pub use lanes::{
    Feed, InstructionSet, LaneSystem, Task, UnknownInstructionSet, integrate_lanes, is_refused,
};
pub use methods::{Method, MethodEntry, Stiffness};
pub use options::{Options, Stepping};
pub use outcome::{Effort, EventHit, Failure, FailureReason, Outcome, PlanFault, Trajectory};
pub use pattern::{Pattern, PatternFault};
pub use plan::{Beginning, Direction, EventAction, EventRule, Plan};
pub use run::integrate;
pub use settle::{Held, Settling, settle};
pub use span::{Measure, SpanRule};
pub use system::System;
