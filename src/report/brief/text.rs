//! Briefs as text of eighty columns; whoever shows it says what its tones look like.

use std::fmt;

use gutbrain_network::fault::escape;

use super::columns::{WIDTH, columns};
use super::{Brief, Passage, Span, Tone};

/// What a piece of text looks like in a tone.
pub(super) type Paint<'p> = &'p dyn Fn(Tone, &str) -> String;

impl Brief {
    /// The brief as lines of at most [`WIDTH`] characters, but for names that are longer. What came from files is
    /// escaped before `paint` gives it a tone.
    #[must_use]
    pub fn to_text(&self, paint: &dyn Fn(Tone, &str) -> String) -> String {
        let toned = |tone, text: &str| paint(tone, &escape(text));
        let one = |passage: &Passage| match passage {
            Passage::Gap => "\n".to_owned(),
            Passage::Title(text) => format!("{}\n", toned(Tone::Strong, text)),
            Passage::Table { rows, align } => columns(rows, align, paint),
            Passage::Line(text) => format!("  {}\n", escape(text)),
            Passage::Spans(spans) => {
                let pieces = spans.iter().map(|Span { tone, text }| match tone {
                    Some(tone) => toned(*tone, text),
                    None => escape(text).into_owned(),
                });
                pieces.collect::<String>() + "\n"
            }
            Passage::Subtitle(text) => format!("{}\n", toned(Tone::Faint, text)),
            Passage::Problem(text) => format!("  {}\n", toned(Tone::Bad, text)),
            Passage::Hint(text) => format!("  {}\n", toned(Tone::Faint, text)),
            Passage::Note(text) => format!("{}\n", wrap(&escape(text), paint)),
        };
        self.passages().iter().map(one).collect()
    }
}

impl fmt::Display for Brief {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_text(&|_, text| text.to_owned()))
    }
}

/// A paragraph in lines that fit.
fn wrap(text: &str, paint: Paint<'_>) -> String {
    let mut lines: Vec<String> = vec![String::new()];
    for word in text.split(' ') {
        let line = lines.last().map_or(0, |line| line.chars().count());
        // The line begins with two spaces, and the word with one.
        if line + word.chars().count() + 3 > WIDTH && line > 0 {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    let toned = lines
        .iter()
        .map(|line| format!("  {}", paint(Tone::Faint, line)));
    toned.collect::<Vec<_>>().join("\n")
}
