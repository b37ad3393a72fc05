//! See `gutbrain_fuzz::scenario`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| gutbrain_fuzz::scenario(bytes));
