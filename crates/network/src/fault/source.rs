//! [`Source`]: a text with the name under which messages show it.

use std::ops::Range;
use std::sync::Arc;

/// A text and its name, as in "model/barrier.toml"; cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The name shown in messages.
    pub name: Arc<str>,
    /// The text itself.
    pub text: Arc<str>,
}

impl Source {
    /// A text under the name messages should show.
    #[must_use]
    pub fn new(name: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> Self {
        Self {
            name: name.into(),
            text: text.into(),
        }
    }

    /// Line and column (both from 1, columns in characters) of a byte offset.
    #[must_use]
    pub fn line_and_column(&self, offset: usize) -> (usize, usize) {
        let offset = floor_boundary(&self.text, offset);
        let before = &self.text[..offset];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        (
            before.bytes().filter(|byte| *byte == b'\n').count() + 1,
            before[line_start..].chars().count() + 1,
        )
    }
}

/// The greatest character boundary at or below `offset`.
pub(crate) fn floor_boundary(text: &str, offset: usize) -> usize {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

/// Where something was written: a stretch of bytes of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The text.
    pub source: Source,
    /// Byte offsets in it.
    pub span: Range<usize>,
}

impl Place {
    /// A stretch of a source.
    #[must_use]
    pub fn new(source: &Source, span: Range<usize>) -> Self {
        Self {
            source: source.clone(),
            span,
        }
    }

    /// "model/barrier.toml:12", for messages that name a second place.
    #[must_use]
    pub fn file_and_line(&self) -> String {
        let (line, _) = self.source.line_and_column(self.span.start);
        format!("{}:{line}", self.source.name)
    }
}
