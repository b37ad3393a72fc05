//! Scalars of gutbrain: one trait for plain numbers, dual numbers and lanes.
//!
//! Every kernel of the program (rate laws, Jacobians, factorisations, the steps
//! of the solver) is written once over [`Real`] and then run as
//!
//! * `f64`: one trajectory;
//! * [`Dual<K>`]: one trajectory together with its exact derivatives with
//!   respect to `K` parameters;
//! * [`Lanes<N>`]: `N` trajectories side by side in the registers of the
//!   processor, each bit-equal to what `f64` would have given.
//!
//! The elementary functions are our own ([`elementary`]), because those of the
//! system library differ between machines: with them every result of the
//! program is the same bit pattern on every x86-64 processor. They use only
//! `+ - * /`, square roots and integer operations on bit patterns, never a
//! fused multiply-add and never a branch that depends on a number.
//!
//! On a plain `f64` the inherent methods of the standard library win over those
//! of the trait: write `Real::exp(x)` there, not `x.exp()` (a lint forbids it).

#![forbid(unsafe_code)]

pub mod dual;
pub mod elementary;
pub mod lanes;
pub mod real;

pub use dual::Dual;
pub use lanes::Lanes;
pub use real::{Real, Scalar};
