//! `gutbrain man`: the manual, one page or one per command.

use std::path::PathBuf;

use clap::ValueHint;
use clap_mangen::Man;

use super::Ending;
use super::failure::Failure;
use super::options::WritingOptions;
use gutbrain_terminal::Terminal;

/// Options of `man`.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// Write one page per command into this folder instead of printing the main page
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    output: Option<PathBuf>,
    #[command(flatten)]
    writing: WritingOptions,
}

/// Prints the main page, or writes all of them.
pub(super) fn print(
    options: &Options,
    command: clap::Command,
    terminal: &Terminal,
) -> Result<Ending, Failure> {
    let Some(folder) = &options.output else {
        terminal.print_document(&render(command)?)?;
        return Ok(Ending::Done);
    };
    let mut command = command;
    command.build();
    let mut waiting = vec![command];
    while let Some(command) = waiting.pop() {
        let subcommands = command
            .get_subcommands()
            .filter(|sub| sub.get_name() != "help");
        waiting.extend(subcommands.cloned());
        let full = command
            .get_display_name()
            .unwrap_or(command.get_name())
            .replace(' ', "-");
        options.writing.write_file(
            &folder.join(format!("{full}.1")),
            render(command)?.as_bytes(),
        )?;
    }
    Ok(Ending::Done)
}

fn render(command: clap::Command) -> Result<String, Failure> {
    let mut page = Vec::new();
    Man::new(command).render(&mut page)?;
    Ok(String::from_utf8_lossy(&page).into_owned())
}
