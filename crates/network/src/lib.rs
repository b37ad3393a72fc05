//! Network language of gutbrain: units, expressions, processes, diagnostics, derivatives, programs.
//!
//! Model text → [`declaration::Declaration`] (read and checked, every fault
//! reported at once) → [`network::Network`] (straight-line programs over any
//! [`gutbrain_numbers::Real`]).

mod compile;
pub mod declaration;
pub mod expression;
pub mod fault;
pub mod network;
pub mod reading;
pub mod unit;

pub use declaration::Declaration;
pub use fault::{Color, Fault, Faults, Source};
pub use network::{Edits, Network, Prepared};
