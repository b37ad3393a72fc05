//! Briefs: what a reader is told of a result first, as titles, small tables and sentences.
//!
//! The words are the same wherever they are shown; how wide a line is and what a title looks like is known
//! to whoever shows them (the terminal of `gutbrain-cli`, a notebook, a page).

mod attribution;
mod fit;
mod intervals;
mod posterior;
mod profile;
mod run;
mod validation;

pub use attribution::attribution;
pub use fit::fit;
pub use intervals::intervals;
pub use posterior::posterior;
pub use profile::{profiles, stationarity};
pub use run::single_run;
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
}

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

/// A number with about four digits, as a person reads it.
#[must_use]
pub fn short(value: f64) -> String {
    let size = value.abs();
    if size == 0.0 {
        "0".to_owned()
    } else if !(1e-3..1e5).contains(&size) {
        format!("{value:.2e}")
    } else if size >= 1000.0 {
        format!("{value:.0}")
    } else if size >= 100.0 {
        format!("{value:.1}")
    } else if size >= 1.0 {
        format!("{value:.2}")
    } else {
        format!("{value:.3}")
    }
}
