//! See `gutbrain_fuzz::calibration`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| gutbrain_fuzz::calibration(bytes));
