//! The program `gutbrain`: everything is in [`gutbrain::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    gutbrain::cli::main()
}
