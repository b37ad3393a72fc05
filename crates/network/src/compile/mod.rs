//! From a declaration to programs: expressions become a graph, the graph is
//! differentiated and lowered to straight-line code.

mod build;
mod differentiate;
mod fluxes;
mod graph;
mod intervention;
mod linear;
mod lower;
mod native;
mod parameters;
mod reciprocals;
mod schedule;
mod tape;

pub(crate) use build::compile;
pub(crate) use intervention::InterventionProgram;
pub(crate) use native::{NativeProgram, Translation};
pub(crate) use tape::{Program, Tape};
