//! The program `gutbrain`: everything is in [`gutbrain::cli`].

#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    gutbrain::cli::main()
}
