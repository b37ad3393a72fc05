//! See `gutbrain_fuzz::posterior`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| gutbrain_fuzz::posterior(bytes));
