//! `gutbrain completions SHELL`: a completion script.

use clap_complete::Shell;

use super::Ending;
use super::failure::Failure;
use gutbrain_terminal::Terminal;

/// Options of `completions`.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// The shell
    shell: Shell,
}

/// Prints the script.
pub(super) fn print(
    options: &Options,
    mut command: clap::Command,
    terminal: &Terminal,
) -> Result<Ending, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(options.shell, &mut command, "gutbrain", &mut script);
    terminal.print_document(&String::from_utf8_lossy(&script))?;
    Ok(Ending::Done)
}
