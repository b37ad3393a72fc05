//! See `gutbrain_fuzz::expression`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| gutbrain_fuzz::expression(bytes));
