//! The library from outside, in one program: what it reads, simulates and computes.
//!
//! One program instead of one a file links the library once and keeps every processor busy to the end.
#![expect(
    clippy::disallowed_methods,
    reason = "tests read and prepare their own files"
)]

mod attribution;
mod biology;
mod biomarkers;
mod cohort;
mod damaged;
mod fingerprints;
mod people;
mod points;
mod population;
mod scenario_files;
mod simulation;
mod studies;
mod trials;
mod validation;
mod variants;
mod vocabulary;
