//! What is wrong with a text, where, and what would help.
//!
//! Reading never stops at the first mistake: a [`Collector`] gathers every
//! [`Fault`], and [`Faults`] shows them in the order of file and line, so that
//! the same texts give the same message whatever the order of the files.

mod code;
mod render;
mod source;

use std::cell::{Cell, RefCell};
use std::fmt;
use std::ops::Range;

pub use code::Code;
pub use render::{Color, escape, is_unsafe_to_show};
pub use source::{Place, Source};

/// One mistake in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The kind of mistake.
    pub code: Code,
    /// What is wrong, in one sentence.
    pub message: String,
    /// The text it is in.
    pub source: Source,
    /// The bytes to underline.
    pub span: Range<usize>,
    /// What to write under the underlined bytes; may be empty.
    pub label: String,
    /// What the author can do about it.
    pub help: Option<String>,
}

impl Fault {
    /// A mistake at a place; label and help are added with the other methods.
    #[must_use]
    pub fn new(code: Code, message: impl Into<String>, place: &Place) -> Self {
        Self {
            code,
            message: message.into(),
            source: place.source.clone(),
            span: place.span.clone(),
            label: String::new(),
            help: None,
        }
    }

    /// The same fault with words under the underlined bytes.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// The same fault with advice.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same fault with advice if there is any.
    #[must_use]
    pub fn maybe_help(mut self, help: Option<String>) -> Self {
        self.help = help.or(self.help);
        self
    }
}

/// One line: "model/a.toml:3:7: message (label); help". Control characters are escaped.
impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (line, column) = self.source.line_and_column(self.span.start);
        let name = escape(&self.source.name);
        write!(
            formatter,
            "{name}:{line}:{column}: {}",
            escape(&self.message)
        )?;
        if !self.label.is_empty() {
            write!(formatter, " ({})", escape(&self.label))?;
        }
        if let Some(help) = &self.help {
            write!(formatter, "; {}", escape(help))?;
        }
        Ok(())
    }
}

/// All mistakes of one reading, never none, in the order of file, place and message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Faults {
    faults: Vec<Fault>,
    /// Faults beyond [`MOST_FAULTS_KEPT`], which are counted only.
    not_kept: usize,
}

/// How many faults a message shows before it says "and N more".
pub const MOST_FAULTS_SHOWN: usize = 50;

/// How many faults are kept; noise may have millions.
pub const MOST_FAULTS_KEPT: usize = 1000;

impl Faults {
    /// The faults, in order.
    #[must_use]
    pub fn as_slice(&self) -> &[Fault] {
        &self.faults
    }

    /// The faults, in order, as they are.
    #[must_use]
    pub fn into_vec(self) -> Vec<Fault> {
        self.faults
    }

    /// How many faults a message that shows [`MOST_FAULTS_SHOWN`] leaves out.
    #[must_use]
    pub fn left_out(&self) -> usize {
        self.faults.len().saturating_sub(MOST_FAULTS_SHOWN) + self.not_kept
    }
}

impl From<Fault> for Faults {
    fn from(fault: Fault) -> Self {
        Self::from_iter([fault])
    }
}

/// Puts faults in order and says each once.
impl FromIterator<Fault> for Faults {
    fn from_iter<T: IntoIterator<Item = Fault>>(iter: T) -> Self {
        let mut faults: Vec<Fault> = iter.into_iter().collect();
        faults.sort_by(|a, b| {
            let key = |fault: &Fault| (fault.span.start, fault.span.end, fault.code);
            (&a.source.name, key(a), &a.message).cmp(&(&b.source.name, key(b), &b.message))
        });
        faults.dedup();
        Self {
            faults,
            not_kept: 0,
        }
    }
}

/// One line for each fault.
impl fmt::Display for Faults {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.faults.iter().take(MOST_FAULTS_SHOWN).enumerate() {
            if index > 0 {
                writeln!(formatter)?;
            }
            write!(formatter, "{fault}")?;
        }
        if self.left_out() > 0 {
            write!(formatter, "\nand {} more", self.left_out())?;
        }
        Ok(())
    }
}

/// Gathers faults while a text is read.
#[derive(Debug, Default)]
pub struct Collector {
    faults: RefCell<Vec<Fault>>,
    not_kept: Cell<usize>,
}

impl Collector {
    /// An empty collector.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a fault; beyond [`MOST_FAULTS_KEPT`] it is counted only.
    pub fn add(&self, fault: Fault) {
        if self.is_full() {
            self.not_kept.set(self.not_kept.get() + 1);
        } else {
            self.faults.borrow_mut().push(fault);
        }
    }

    /// Adds all faults of another reading.
    pub fn extend(&self, faults: Faults) {
        self.not_kept.set(self.not_kept.get() + faults.not_kept);
        for fault in faults.faults {
            self.add(fault);
        }
    }

    /// Whether further faults are counted only: no need to look for advice.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.faults.borrow().len() >= MOST_FAULTS_KEPT
    }

    /// How many faults there are so far.
    #[must_use]
    pub fn count(&self) -> usize {
        self.faults.borrow().len() + self.not_kept.get()
    }

    /// `value` if nothing is wrong, else all faults in order, each said once.
    ///
    /// # Errors
    /// Every fault that was added.
    pub fn finish<T>(self, value: T) -> Result<T, Faults> {
        if self.count() == 0 {
            return Ok(value);
        }
        let not_kept = self.not_kept.get();
        let faults: Faults = self.faults.into_inner().into_iter().collect();
        Err(Faults { not_kept, ..faults })
    }
}
