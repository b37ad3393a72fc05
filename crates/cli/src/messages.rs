//! Options about how the program speaks, the same for every command.

use clap::ValueEnum;
use gutbrain_terminal::{ColorChoice, MessageFormat, Terminal, Verbosity};

/// How the program speaks; the same for every command.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Messages")]
pub(super) struct Options {
    /// Say nothing but errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    quiet: bool,
    /// Say more
    #[arg(short, long, global = true)]
    verbose: bool,
    /// When to colour messages
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN")]
    color: Color,
    /// Messages for people or for programs (one JSON object a line)
    #[arg(
        long,
        global = true,
        value_enum,
        default_value_t,
        value_name = "FORMAT"
    )]
    message_format: Format,
}

impl Options {
    /// What speaks like this.
    pub(super) fn terminal(&self) -> Terminal {
        let verbosity = match (self.quiet, self.verbose) {
            (true, _) => Verbosity::Quiet,
            (_, true) => Verbosity::Verbose,
            _ => Verbosity::Normal,
        };
        let color = match self.color {
            Color::Auto => ColorChoice::Auto,
            Color::Always => ColorChoice::Always,
            Color::Never => ColorChoice::Never,
        };
        let format = match self.message_format {
            Format::Human => MessageFormat::Human,
            Format::Json => MessageFormat::Json,
        };
        Terminal::new(color, format, verbosity)
    }
}

/// When messages are coloured.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Color {
    /// On a terminal that can
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// Who reads the messages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// People
    #[default]
    Human,
    /// Programs: one JSON object a line
    Json,
}
