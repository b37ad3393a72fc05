//! Standard output and standard error: the one place that prints.

use std::io::{self, IsTerminal as _, Write as _};

use clap::ValueEnum;
use gutbrain_network::fault::escape;
use gutbrain_network::{Color, Fault, Faults};
use serde_json::json;

use super::failure::Failure;
use gutbrain::simulate::SimulateError;

/// When messages are coloured.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum ColorChoice {
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
pub(super) enum MessageFormat {
    /// People
    #[default]
    Human,
    /// Programs: one JSON object a line
    Json,
}

/// How much is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Verbosity {
    /// Errors only.
    Quiet,
    /// Results and warnings.
    Normal,
    /// Progress too.
    Verbose,
}

/// How the program speaks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terminal {
    message_color: Color,
    result_color: Color,
    format: MessageFormat,
    verbosity: Verbosity,
}

/// What a piece of a result is, for colouring it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    /// A heading.
    Strong,
    /// Something of minor importance.
    Faint,
    /// Something that went wrong.
    Bad,
}

impl Terminal {
    pub(super) fn new(choice: ColorChoice, format: MessageFormat, verbosity: Verbosity) -> Self {
        let color = |auto: anstream::ColorChoice| match choice {
            ColorChoice::Always => Color::Always,
            ColorChoice::Never => Color::Never,
            ColorChoice::Auto if auto == anstream::ColorChoice::Never => Color::Never,
            ColorChoice::Auto => Color::Always,
        };
        Self {
            message_color: color(anstream::AutoStream::choice(&io::stderr())),
            result_color: color(anstream::AutoStream::choice(&io::stdout())),
            format,
            verbosity,
        }
    }

    /// Prints a result. A reader that went away (`| head`) is no error.
    pub(super) fn print(&self, text: &str) -> Result<(), Failure> {
        let mut stdout = io::stdout().lock();
        match stdout
            .write_all(text.as_bytes())
            .and_then(|()| stdout.flush())
        {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
            _ => Ok(()),
        }
    }

    /// Prints a result unless the user wants quiet.
    pub(super) fn print_summary(&self, text: &str) -> Result<(), Failure> {
        if self.verbosity == Verbosity::Quiet {
            Ok(())
        } else {
            self.print(text)
        }
    }

    /// A piece of a result in its tone, if results are coloured.
    pub(super) fn tone(&self, tone: Tone, text: &str) -> String {
        let code = match tone {
            Tone::Strong => "1",
            Tone::Faint => "2",
            Tone::Bad => "31",
        };
        match self.result_color {
            Color::Always => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
            Color::Never => text.to_owned(),
        }
    }

    /// Says what is going on.
    pub(super) fn progress(&self, text: &str) {
        if self.verbosity == Verbosity::Verbose {
            self.say("note", None, text);
        }
    }

    /// Whether messages are for people, not for programs.
    pub(super) fn is_for_people(&self) -> bool {
        self.format == MessageFormat::Human
    }

    /// Says how far long work is.
    pub(super) fn remark(&self, text: &str) {
        if self.verbosity > Verbosity::Quiet {
            self.say("note", None, text);
        }
    }

    /// Writes over the line that it wrote last; an empty text removes it.
    pub(super) fn rewrite(&self, text: &str) {
        if self.verbosity > Verbosity::Quiet {
            write_stderr(&format!("\r\u{1b}[2K{text}"));
        }
    }

    /// Says something the user should know.
    pub(super) fn warn(&self, text: &str) {
        if self.verbosity > Verbosity::Quiet {
            self.say("warning", None, text);
        }
    }

    /// Says why the command failed.
    pub(super) fn failure(&self, failure: &Failure) {
        match failure {
            Failure::Faults(faults) | Failure::Simulate(SimulateError::Model(faults)) => {
                self.faults(faults);
            }
            other => self.say("error", Some(other.code()), &other.to_string()),
        }
    }

    /// Says all faults of an input.
    pub(super) fn faults(&self, faults: &Faults) {
        match self.format {
            MessageFormat::Human => write_stderr(&faults.render(self.message_color)),
            MessageFormat::Json => {
                let lines: String = faults
                    .as_slice()
                    .iter()
                    .map(|fault| json_of(fault) + "\n")
                    .collect();
                write_stderr(&lines);
            }
        }
    }

    fn say(&self, level: &str, code: Option<&str>, text: &str) {
        match self.format {
            MessageFormat::Json => {
                write_stderr(&format!(
                    "{}\n",
                    json!({"level": level, "code": code, "message": text})
                ));
            }
            MessageFormat::Human => {
                let color = match level {
                    "error" => "1;31",
                    "warning" => "1;33",
                    _ => "1;32",
                };
                let level = match self.message_color {
                    Color::Always => format!("\u{1b}[{color}m{level}\u{1b}[0m"),
                    Color::Never => level.to_owned(),
                };
                // Lines are ours; what stands in them may come from anywhere.
                let lines: Vec<_> = text.lines().map(escape).collect();
                write_stderr(&format!("{level}: {}\n", lines.join("\n")));
            }
        }
    }
}

fn json_of(fault: &Fault) -> String {
    let (line, column) = fault.source.line_and_column(fault.span.start);
    let (end_line, end_column) = fault.source.line_and_column(fault.span.end);
    json!({
        "level": "error",
        "code": fault.code,
        "message": clip(&fault.message),
        "label": clip(&fault.label),
        "help": fault.help.as_deref().map(clip),
        "file": &*fault.source.name,
        "line": line,
        "column": column,
        "end_line": end_line,
        "end_column": end_column,
    })
    .to_string()
}

/// A text of bounded length: names in messages may be as long as a file.
fn clip(text: &str) -> &str {
    const LONGEST: usize = 2000;
    text.char_indices()
        .nth(LONGEST)
        .map_or(text, |(end, _)| &text[..end])
}

/// Whoever reads messages may have gone away; there is nobody left to tell.
fn write_stderr(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// Said by the signal handler.
pub(super) fn say_interrupted(what_is_left: &str) {
    let newline = if io::stderr().is_terminal() { "\n" } else { "" };
    write_stderr(&format!("{newline}interrupted; {what_is_left}\n"));
}
