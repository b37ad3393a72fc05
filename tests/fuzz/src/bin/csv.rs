//! See `gutbrain_fuzz::csv`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| gutbrain_fuzz::csv(bytes));
