//! The program `gutbrain`: everything is in [`gutbrain_cli`].

#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    gutbrain_cli::main()
}
