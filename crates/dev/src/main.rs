//! `cargo dev`: one command for everything that is derived from something else.
//!
//! `cargo dev generate` renews it, `cargo dev generate --check` says what is out of date, `--slow` with
//! what takes minutes, `--list` names all of it and what keeps the rest.

#![forbid(unsafe_code)]

mod derived;
mod generate;

use std::process::ExitCode;

use clap::Parser;

/// Keeps the house in order.
#[derive(Debug, Parser)]
#[command(name = "cargo dev", bin_name = "cargo dev")]
enum CommandLine {
    /// Renew every committed file that is derived, or check that none is out of date
    Generate(generate::Options),
}

#[expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a tool for the repository, no part of the program"
)]
fn main() -> ExitCode {
    let CommandLine::Generate(options) = CommandLine::parse();
    match generate::generate(&options) {
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
