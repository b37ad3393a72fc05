//! gutbrain.

pub mod analysis;
pub mod cli;
pub mod model;
pub mod output;
pub mod report;
pub mod results;
pub mod scenario;
pub mod simulate;
