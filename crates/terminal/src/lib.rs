//! Standard output and standard error: the one place that prints.
//!
//! A [`Terminal`] prints results and says messages, for people or as JSON for programs, as [`MessageOptions`] of
//! a command line ask for; [`Meter`] is the line of long work, and hears of it as the
//! [`Progress`](gutbrain::study::Progress) of a study; [`end_on_interrupt`] is what Ctrl-C does. Nothing that was
//! read from a file steers whoever shows it.

#![forbid(unsafe_code)]

mod interrupt;
mod meter;
mod options;
mod progress;

use std::fmt::Write as _;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::Path;

use clap::ValueEnum;
use gutbrain_network::declaration::Family;
use gutbrain_network::fault::{escape, is_unsafe_to_show};
use gutbrain_network::{Color, Fault, Faults};
use serde_json::json;

use gutbrain::report::brief::{Brief, Tone};

pub use interrupt::{NoSignals, end_on_interrupt, end_on_interrupt_saying, outlive_size_limits};
pub use meter::Meter;
pub use options::MessageOptions;
pub use progress::OnTerminal;

/// When messages are coloured.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum ColorChoice {
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
pub enum MessageFormat {
    /// People
    #[default]
    Human,
    /// Programs: one JSON object a line
    Json,
}

/// How much is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verbosity {
    /// Errors only.
    Quiet,
    /// Results and warnings.
    Normal,
    /// Progress too.
    Verbose,
}

/// How the program speaks.
#[derive(Debug, Clone, Copy)]
pub struct Terminal {
    message_color: Color,
    result_color: Color,
    format: MessageFormat,
    verbosity: Verbosity,
}

/// Ends what a tone began. The marks of tones are no characters (Unicode 23.7): no text holds them
/// for a purpose of its own, and one that does gains a colour, nothing else.
const END_OF_TONE: char = '\u{fdd0}';

/// Every tone with what stands for it until the text is printed, and its number in an escape sequence.
const TONES: [(Tone, char, &str); 3] = [
    (Tone::Strong, '\u{fdd1}', "1"),
    (Tone::Faint, '\u{fdd2}', "2"),
    (Tone::Bad, '\u{fdd3}', "31"),
];

fn is_mark(character: char) -> bool {
    ('\u{fdd0}'..='\u{fdd3}').contains(&character)
}

impl Terminal {
    /// A terminal that speaks like this.
    #[must_use]
    pub fn new(choice: ColorChoice, format: MessageFormat, verbosity: Verbosity) -> Self {
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

    /// Prints a result. Only line feeds, tabs and the tones of [`Terminal::tone`] steer what shows
    /// it: names and sentences may come from any file.
    ///
    /// # Errors
    /// Standard output is full.
    pub fn print(&self, text: &str) -> io::Result<()> {
        self.print_as_it_is(&self.painted(text))
    }

    /// Prints a document for other programs: to a file or a pipe byte for byte, to a terminal as
    /// [`Terminal::print`] does.
    ///
    /// # Errors
    /// Standard output is full.
    pub fn print_document(&self, text: &str) -> io::Result<()> {
        if io::stdout().is_terminal() {
            self.print(text)
        } else {
            self.print_as_it_is(text)
        }
    }

    /// The text with its tones as escape sequences, and everything else that could steer a terminal
    /// made visible.
    fn painted(&self, text: &str) -> String {
        let colored = self.result_color == Color::Always;
        let mut out = String::with_capacity(text.len());
        for character in text.chars() {
            let tone = TONES.iter().find(|(_, mark, _)| *mark == character);
            match (character, tone) {
                ('\n' | '\t', _) => out.push(character),
                (_, Some((_, _, code))) if colored => {
                    let _ = write!(out, "\u{1b}[{code}m");
                }
                (END_OF_TONE, _) if colored => out.push_str("\u{1b}[0m"),
                (c, _) if is_unsafe_to_show(c) || is_mark(c) => out.extend(c.escape_unicode()),
                (c, _) => out.push(c),
            }
        }
        out
    }

    /// A reader that went away (`| head`) is no error.
    fn print_as_it_is(&self, text: &str) -> io::Result<()> {
        let mut stdout = io::stdout().lock();
        match stdout
            .write_all(text.as_bytes())
            .and_then(|()| stdout.flush())
        {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error),
            _ => Ok(()),
        }
    }

    /// Prints a result unless the user wants quiet.
    ///
    /// # Errors
    /// Standard output is full.
    pub fn print_summary(&self, text: &str) -> io::Result<()> {
        if self.verbosity == Verbosity::Quiet {
            Ok(())
        } else {
            self.print(text)
        }
    }

    /// Prints a brief.
    ///
    /// # Errors
    /// Standard output is full.
    pub fn print_brief(&self, brief: &Brief) -> io::Result<()> {
        self.print(&brief.to_text(&|tone, text| self.tone(tone, text)))
    }

    /// Prints a brief unless the user wants quiet.
    ///
    /// # Errors
    /// Standard output is full.
    pub fn summarise(&self, brief: &Brief) -> io::Result<()> {
        self.print_summary(&brief.to_text(&|tone, text| self.tone(tone, text)))
    }

    /// The same in the words of a family of models.
    ///
    /// # Errors
    /// Standard output is full.
    pub fn summarise_in_words_of(&self, family: &Family, brief: &Brief) -> io::Result<()> {
        let text = brief.to_text(&|tone, text| self.tone(tone, text));
        self.print_summary(&family.in_its_words(&text))
    }

    /// Says where so many files are, unless the user wants quiet.
    ///
    /// # Errors
    /// Standard output is full.
    pub fn say_where(&self, target: &Path, files: usize) -> io::Result<()> {
        let path = target.display().to_string();
        let path = self.tone(Tone::Strong, &escape(&path));
        self.print_summary(&format!("\n  {files} files in {path}\n"))
    }

    /// A piece of a result in its tone, if results are coloured.
    #[must_use]
    pub fn tone(&self, tone: Tone, text: &str) -> String {
        let mark = TONES.iter().find(|(known, _, _)| *known == tone);
        match (self.result_color, mark) {
            (Color::Always, Some((_, mark, _))) => format!("{mark}{text}{END_OF_TONE}"),
            _ => text.to_owned(),
        }
    }

    /// Says what is going on.
    pub fn progress(&self, text: &str) {
        if self.verbosity == Verbosity::Verbose {
            self.say("note", None, text);
        }
    }

    /// Whether messages are for people, not for programs.
    #[must_use]
    pub fn is_for_people(&self) -> bool {
        self.format == MessageFormat::Human
    }

    /// Says how far long work is.
    pub fn remark(&self, text: &str) {
        if self.verbosity > Verbosity::Quiet {
            self.say("note", None, text);
        }
    }

    /// Writes over the line that it wrote last; an empty text removes it.
    pub fn rewrite(&self, text: &str) {
        if self.verbosity > Verbosity::Quiet {
            write_stderr(&format!("\r\u{1b}[2K{}", escape(text)));
        }
    }

    /// Says something the user should know.
    pub fn warn(&self, text: &str) {
        if self.verbosity > Verbosity::Quiet {
            self.say("warning", None, text);
        }
    }

    /// Says why something failed, with a short stable name for programs.
    pub fn error(&self, code: &str, text: &str) {
        self.say("error", Some(code), text);
    }

    /// Says all faults of an input.
    pub fn faults(&self, faults: &Faults) {
        match self.format {
            MessageFormat::Human => write_stderr(&faults.render(self.message_color)),
            MessageFormat::Json => {
                let lines: String = faults
                    .as_slice()
                    .iter()
                    .map(|fault| escape_in_json(&json_of(fault)) + "\n")
                    .collect();
                write_stderr(&lines);
            }
        }
    }

    fn say(&self, level: &str, code: Option<&str>, text: &str) {
        match self.format {
            MessageFormat::Json => {
                let line = json!({"level": level, "code": code, "message": text}).to_string();
                write_stderr(&format!("{}\n", escape_in_json(&line)));
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
        "code": fault.code.name(),
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

/// JSON in which nothing steers a terminal that shows it: the same text to whoever parses it.
fn escape_in_json(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for character in json.chars() {
        if is_unsafe_to_show(character) {
            for unit in character.encode_utf16(&mut [0; 2]) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(character);
        }
    }
    out
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

#[cfg(test)]
mod tests {
    use super::*;

    fn terminal(choice: ColorChoice) -> Terminal {
        Terminal::new(choice, MessageFormat::Human, Verbosity::Normal)
    }

    /// Everything that steers a terminal: C0, C1, DEL, bidi marks and isolates, invisible letters.
    const STEERING: &str =
        "\u{1b}]0;x\u{7}\u{9b}2J\u{7f}\u{8}\r\u{202e}\u{2066}\u{200b}\u{feff}\u{e0041}\u{b}";

    #[test]
    fn nothing_from_a_file_steers_the_terminal() {
        for choice in [ColorChoice::Never, ColorChoice::Always] {
            let terminal = terminal(choice);
            let text = format!("a {STEERING} b\n\tc\u{fdd5}");
            let painted = terminal.painted(&text);
            let steers = |c: char| c != '\n' && c != '\t' && is_unsafe_to_show(c);
            assert!(!painted.contains(steers), "{painted:?}");
            assert!(
                painted.starts_with("a \\u{1b}]0;x\\u{7}\\u{9b}2J\\u{7f}"),
                "{painted}"
            );
            assert!(painted.ends_with(" b\n\tc\u{fdd5}"), "{painted}");
        }
    }

    #[test]
    fn tones_are_colours_where_colours_are_wanted_and_nothing_elsewhere() {
        let colored = terminal(ColorChoice::Always);
        let text = colored.tone(Tone::Strong, "arm\u{1b}[31m");
        assert_eq!(colored.painted(&text), "\u{1b}[1marm\\u{1b}[31m\u{1b}[0m");
        let plain = terminal(ColorChoice::Never);
        assert_eq!(plain.painted(&plain.tone(Tone::Bad, "arm")), "arm");
        assert_eq!(
            plain.painted("\u{fdd1}arm\u{fdd0}"),
            "\\u{fdd1}arm\\u{fdd0}"
        );
    }

    #[test]
    fn messages_for_programs_are_the_same_text_without_what_steers() {
        let line = json!({"message": format!("a{STEERING}b")}).to_string();
        let escaped = escape_in_json(&line);
        assert!(!escaped.contains(is_unsafe_to_show), "{escaped:?}");
        let read: serde_json::Value = serde_json::from_str(&escaped).unwrap();
        assert_eq!(read["message"], format!("a{STEERING}b"));
    }
}
