//! gutbrain.

pub mod model;
pub mod output;
pub mod scenario;
