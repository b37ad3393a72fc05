//! gutbrain.
