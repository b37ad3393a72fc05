//! Briefs on the terminal.

use gutbrain_network::fault::escape;

use super::layout::{columns, wrap};
use super::terminal::{Terminal, Tone};
use gutbrain::report::brief::{Brief, Passage};

/// A brief as text.
pub(super) fn shown(brief: &Brief, terminal: &Terminal) -> String {
    let one = |passage: &Passage| match passage {
        Passage::Gap => "\n".to_owned(),
        Passage::Title(text) => format!("{}\n", terminal.tone(Tone::Strong, &escape(text))),
        Passage::Table { rows, align } => columns(rows, align, terminal),
        Passage::Line(text) => format!("  {}\n", escape(text)),
        Passage::Subtitle(text) => format!("{}\n", terminal.tone(Tone::Faint, &escape(text))),
        Passage::Problem(text) => format!("  {}\n", terminal.tone(Tone::Bad, &escape(text))),
        Passage::Hint(text) => format!("  {}\n", terminal.tone(Tone::Faint, &escape(text))),
        Passage::Note(text) => format!("{}\n", wrap(&escape(text), terminal)),
    };
    brief.passages().iter().map(one).collect()
}
