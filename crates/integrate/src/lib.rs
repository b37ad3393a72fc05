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
//! * Events are located on the dense output, looked for inside every step.
//! * Run over [`gutbrain_numbers::Dual`], the whole method gives exact derivatives, through
//!   switches and events; decisions look at plain values only, so the steps are the same.
//! * Every failure is a typed [`Failure`] with time, state, reason and advice.
//!
//! Formulas, conventions and references are in `docs/numerics.md`.

mod control;
mod explicit;
pub mod methods;
pub mod options;
pub mod outcome;
pub mod pattern;
pub mod plan;
mod rosenbrock;
mod run;
mod settle;
pub mod sparse_lu;
pub mod system;
pub mod tableau;
mod watch;

pub use methods::{Method, MethodEntry, Stiffness};
pub use options::{Options, Stepping};
pub use outcome::{Effort, EventHit, Failure, FailureReason, Outcome, PlanFault, Trajectory};
pub use pattern::{Pattern, PatternFault};
pub use plan::{Direction, EventAction, EventRule, Plan};
pub use run::integrate;
pub use settle::settle;
pub use system::System;
