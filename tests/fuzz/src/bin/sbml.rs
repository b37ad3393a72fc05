//! See `gutbrain_fuzz::sbml`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| gutbrain_fuzz::sbml(bytes));
