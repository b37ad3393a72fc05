//! Options about how a program speaks, the same for every command.

use clap::Args;

use crate::{ColorChoice, MessageFormat, Terminal, Verbosity};

/// How the program speaks; the same for every command.
#[derive(Debug, Args)]
#[command(next_help_heading = "Messages")]
pub struct MessageOptions {
    /// Say nothing but errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    quiet: bool,
    /// Say more
    #[arg(short, long, global = true)]
    verbose: bool,
    /// When to colour messages
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN")]
    color: ColorChoice,
    /// Messages for people or for programs (one JSON object a line)
    #[arg(
        long,
        global = true,
        value_enum,
        default_value_t,
        value_name = "FORMAT"
    )]
    message_format: MessageFormat,
}

impl MessageOptions {
    /// What speaks like this.
    #[must_use]
    pub fn terminal(&self) -> Terminal {
        let verbosity = match (self.quiet, self.verbose) {
            (true, _) => Verbosity::Quiet,
            (_, true) => Verbosity::Verbose,
            _ => Verbosity::Normal,
        };
        Terminal::new(self.color, self.message_format, verbosity)
    }
}
