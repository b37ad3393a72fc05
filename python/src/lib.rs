//! The part of the Python package that computes: `gutbrain._gutbrain`.
//!
//! Everything that has a shape for Python (arguments, classes, other libraries' tables) is in the
//! package's own modules; this one reads questions, runs the library without the interpreter's lock,
//! and hands over tables, bytes and texts.
//!
//! 1. `question`: what is asked, from a shipped name, a path or a text, to a checked setup.
//! 2. `listening`: long work on threads of its own, while the calling thread hears of its progress, lets
//!    signals through, and stops it.
//! 3. `results`: the files of a study, their tables, their figures drawn when they are wanted.
//! 4. `table`: a table of the program as an Arrow capsule.
//! 5. `studies`, `shards`, `calibration`, `predictor`, `declaration`: what can be asked.
//! 6. `command_line`: the program itself.

#![forbid(unsafe_code)]

mod calibration;
mod command_line;
mod declaration;
mod errors;
mod listening;
mod predictor;
mod question;
mod results;
mod shards;
mod studies;
mod table;

use pyo3::prelude::*;

/// The part of gutbrain that computes; use the package `gutbrain`.
#[pymodule]
mod _gutbrain {
    #[pymodule_export]
    use super::calibration::{calibrate, validate};
    #[pymodule_export]
    use super::command_line::command_line;
    #[pymodule_export]
    use super::declaration::Model;
    #[pymodule_export]
    use super::predictor::Predictor;
    #[pymodule_export]
    use super::question::{Question, shipped};
    #[pymodule_export]
    use super::results::Results;
    #[pymodule_export]
    use super::shards::merge;
    #[pymodule_export]
    use super::studies::{attribute, biomarkers, run, sensitivity, sweep, trial};
    #[pymodule_export]
    use super::table::Table;

    #[pymodule_export]
    const VERSION: &str = env!("CARGO_PKG_VERSION");
}
