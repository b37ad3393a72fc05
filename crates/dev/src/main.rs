//! `cargo dev`: one command for everything that is derived from something else.
//!
//! `cargo dev generate` renews it, `cargo dev generate --check` says what is out of date, `--slow` with
//! what takes minutes, `--list` names all of it and what keeps the rest. `cargo dev explorer` writes the page of
//! the explorer as one file.

#![forbid(unsafe_code)]

mod derived;
mod explorer;
mod generate;

use std::process::ExitCode;

use clap::Parser;

/// Keeps the house in order.
#[derive(Debug, Parser)]
#[command(name = "cargo dev", bin_name = "cargo dev")]
enum CommandLine {
    /// Renew every committed file that is derived, or check that none is out of date
    Generate(generate::Options),
    /// Build the module for browsers and write the page of the explorer as one file
    Explorer(explorer::Options),
}

#[expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a tool for the repository, no part of the program"
)]
fn main() -> ExitCode {
    let done = match CommandLine::parse() {
        CommandLine::Generate(options) => {
            generate::generate(&options).map_err(|error| error.to_string())
        }
        CommandLine::Explorer(options) => {
            explorer::explorer(&options).map_err(|error| error.to_string())
        }
    };
    match done {
        Ok(report) => {
            print!("{report}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
