//! See `gutbrain_fuzz::parquet`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| gutbrain_fuzz::parquet(bytes));
