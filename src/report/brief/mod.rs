//! Briefs: what a reader is told of a result first, as titles, small tables and sentences.
//!
//! The words are the same wherever they are shown; how wide a line is and what a title looks like is known
//! to whoever shows them (the terminal of `gutbrain-cli`, a notebook, a page).

mod attribution;
mod cohort;
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
mod trial;
mod validation;

pub use attribution::attribution;
pub use cohort::cohort;
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

    fn gap(&mut self) {
        self.passages.push(Passage::Gap);
    }

    fn title(&mut self, text: impl Into<String>) {
        self.passages.push(Passage::Title(text.into()));
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

    fn line(&mut self, text: impl Into<String>) {
        self.passages.push(Passage::Line(text.into()));
    }

    fn table(&mut self, rows: Vec<Vec<String>>, align: &[Align]) {
        let align = align.to_vec();
        self.passages.push(Passage::Table { rows, align });
    }
}

/// A heading of a table.
fn heading<const N: usize>(words: [&str; N]) -> Vec<String> {
    words.map(str::to_owned).to_vec()
}
