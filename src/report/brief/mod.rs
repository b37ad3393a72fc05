//! Briefs: what a reader is told of a result first, as titles, small tables and sentences.
//!
//! The words are the same wherever they are shown; what a title looks like is known to whoever shows them
//! (the terminal of `gutbrain-cli`, a notebook, a page). As text a brief has eighty columns
//! ([`Brief::to_text`], or its `Display` without tones).

mod attribution;
mod biomarkers;
mod citations;
mod codes;
mod cohort;
mod columns;
mod declared;
mod entry;
mod evidence;
mod explanation;
mod fit;
mod intervals;
mod numbers;
mod own_data;
mod posterior;
mod profile;
mod refits;
mod run;
mod sensitivity;
mod sweep;
mod text;
mod trial;
mod validation;

pub use attribution::attribution;
pub use biomarkers::biomarkers;
pub use citations::{Citations, citations};
pub use codes::{UnknownCode, code, codes};
pub use cohort::cohort;
pub use columns::WIDTH;
pub use declared::declared;
pub use entry::{UnknownEntry, entry};
pub use evidence::{Chosen, UnknownWord, conflicts, ledger, missing};
pub use explanation::{Unexplained, explanation, explanations};
pub use fit::{fit, information};
pub use intervals::intervals;
pub use numbers::{amount, difference, short};
pub use posterior::posterior;
pub use profile::{profiles, stationarity};
pub use refits::refits;
pub use run::run;
pub use sensitivity::sensitivity;
pub use sweep::sweep;
pub use trial::trial;
pub use validation::validation;

/// How the cells of a column stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// At the left: words.
    Left,
    /// At the right: numbers.
    Right,
}

/// What a piece of text is, for whoever can show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// A heading.
    Strong,
    /// Something of minor importance.
    Faint,
    /// Something that went wrong.
    Bad,
}

/// A piece of a line in one tone; nothing for the tone of the text around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// How it is shown.
    pub tone: Option<Tone>,
    /// What it says.
    pub text: String,
}

impl Span {
    /// A piece in the tone of the text around it.
    pub fn plain(text: impl Into<String>) -> Self {
        Self {
            tone: None,
            text: text.into(),
        }
    }

    /// A piece in a tone of its own.
    pub fn toned(tone: Tone, text: impl Into<String>) -> Self {
        Self {
            tone: Some(tone),
            text: text.into(),
        }
    }
}

/// A part of a brief.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Passage {
    /// An empty line.
    Gap,
    /// What the next passages are about.
    Title(String),
    /// A table; its first row is the heading.
    Table {
        /// Cells, row by row.
        rows: Vec<Vec<String>>,
        /// How the columns stand.
        align: Vec<Align>,
    },
    /// A line of text.
    Line(String),
    /// A line of pieces, from the first column on.
    Spans(Vec<Span>),
    /// What a title is of, one line.
    Subtitle(String),
    /// What went wrong, one line.
    Problem(String),
    /// A hint, one line.
    Hint(String),
    /// A paragraph of what readers must know, broken where lines end.
    Note(String),
}

/// What every summary ends with.
const DISCLAIMER: &str =
    "This is a model fitted to small studies, not an experiment and not medical advice.";

/// What a reader is told of a result, part by part.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Brief {
    passages: Vec<Passage>,
}

impl Brief {
    /// The parts in their order.
    #[must_use]
    pub fn passages(&self) -> &[Passage] {
        &self.passages
    }

    /// Adds an empty line.
    pub fn gap(&mut self) {
        self.passages.push(Passage::Gap);
    }

    /// Adds a title.
    pub fn title(&mut self, text: impl Into<String>) {
        self.passages.push(Passage::Title(text.into()));
    }

    /// Adds the parts of another brief.
    pub fn extend(&mut self, other: Self) {
        self.passages.extend(other.passages);
    }

    /// A gap, a title with what it is of, and a gap.
    fn head(&mut self, title: &str, subtitle: String) {
        self.gap();
        self.title(title);
        self.passages.push(Passage::Subtitle(subtitle));
        self.gap();
    }

    fn note(&mut self, text: impl Into<String>) {
        self.passages.push(Passage::Note(text.into()));
    }

    /// Adds a line of text, set in by two characters.
    pub fn line(&mut self, text: impl Into<String>) {
        self.passages.push(Passage::Line(text.into()));
    }

    /// Adds a line of pieces.
    pub fn spans(&mut self, spans: impl Into<Vec<Span>>) {
        self.passages.push(Passage::Spans(spans.into()));
    }

    /// Adds a table whose first row is the heading.
    pub fn table(&mut self, rows: Vec<Vec<String>>, align: &[Align]) {
        let align = align.to_vec();
        self.passages.push(Passage::Table { rows, align });
    }
}

/// A heading of a table.
#[must_use]
pub fn heading<const N: usize>(words: [&str; N]) -> Vec<String> {
    words.map(str::to_owned).to_vec()
}
