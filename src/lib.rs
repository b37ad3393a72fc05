//! gutbrain.

pub mod output;
