//! The command line that comes with the package.

use std::ffi::OsString;

use pyo3::prelude::*;

/// Runs the command line with these arguments, the program's name first, and gives the exit code.
///
/// Once in a process: it takes over Ctrl-C and starts the process's threads.
#[pyfunction]
pub(crate) fn command_line(py: Python<'_>, arguments: Vec<OsString>) -> u8 {
    py.detach(|| gutbrain_cli::main_with(arguments))
}
