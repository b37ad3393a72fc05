//! [`Field`]: one value of a document, asked what it is.

use std::ops::Range;

use crate::fault::{Code, Collector, Fault, Place, Source};

use super::document::{Content, Value};
use super::table::Table;

/// Something read and where it was written.
#[derive(Clone, Debug, PartialEq)]
pub struct Written<T> {
    /// What.
    pub value: T,
    /// Where. For text, the bytes between the quotes when it holds no escapes.
    pub place: Place,
}

/// A value with its name for messages; every question it cannot answer is a fault.
#[derive(Clone, Debug)]
pub struct Field<'a> {
    pub(super) value: &'a Value,
    pub(super) source: &'a Source,
    pub(super) faults: &'a Collector,
    /// As in `species.zo1.unit`.
    pub(super) path: String,
}

impl<'a> Field<'a> {
    /// The value as it is.
    #[must_use]
    pub fn value(&self) -> &'a Value {
        self.value
    }

    /// Its name in messages, as in `species.zo1.unit`.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Where it stands.
    #[must_use]
    pub fn place(&self) -> Place {
        Place::new(self.source, self.value.span.clone())
    }

    /// Adds a fault at this value.
    pub fn fault(&self, code: Code, message: impl Into<String>, help: Option<String>) {
        self.faults
            .add(Fault::new(code, message, &self.place()).maybe_help(help));
    }

    /// Adds the fault that this is not what was expected ("a text").
    pub fn expected(&self, expected: &str) {
        let found = self.value.content.kind();
        let message = format!("`{}` must be {expected}", self.path);
        self.faults.add(
            Fault::new(Code::WrongType, message, &self.place()).label(format!("this is {found}")),
        );
    }

    fn written<T>(&self, value: T) -> Written<T> {
        Written {
            value,
            place: self.place(),
        }
    }

    /// A text.
    #[must_use]
    pub fn text(&self) -> Option<Written<String>> {
        let Content::Text(text) = &self.value.content else {
            self.expected("a text in quotes");
            return None;
        };
        Some(Written {
            value: text.clone(),
            place: Place::new(
                self.source,
                inside_quotes(self.source, &self.value.span, text),
            ),
        })
    }

    /// A finite number.
    #[must_use]
    pub fn number(&self) -> Option<Written<f64>> {
        #[expect(
            clippy::cast_precision_loss,
            reason = "numbers of a model are real numbers"
        )]
        let number = match &self.value.content {
            Content::Float(number) => *number,
            Content::Integer(number) => *number as f64,
            Content::Unreadable(_) => f64::INFINITY,
            _ => {
                self.expected("a number");
                return None;
            }
        };
        if !number.is_finite() {
            let message = format!("`{}` must be a finite number", self.path);
            self.fault(Code::NotFinite, message, None);
            return None;
        }
        Some(self.written(number))
    }

    /// A whole number.
    #[must_use]
    pub fn integer(&self) -> Option<Written<i64>> {
        let Content::Integer(number) = self.value.content else {
            self.expected("a whole number");
            return None;
        };
        Some(self.written(number))
    }

    /// `true` or `false`.
    #[must_use]
    pub fn boolean(&self) -> Option<Written<bool>> {
        let Content::Boolean(value) = self.value.content else {
            self.expected("true or false");
            return None;
        };
        Some(self.written(value))
    }

    /// A list; its items are named `path[0]`, `path[1]`, ….
    #[must_use]
    pub fn array(&self) -> Option<Vec<Field<'a>>> {
        let Content::Array(items) = &self.value.content else {
            self.expected("a list");
            return None;
        };
        let field = |(index, value)| Field {
            value,
            source: self.source,
            faults: self.faults,
            path: format!("{}[{index}]", self.path),
        };
        Some(items.iter().enumerate().map(field).collect())
    }

    /// A list of texts.
    #[must_use]
    pub fn texts(&self) -> Option<Vec<Written<String>>> {
        Some(self.array()?.iter().filter_map(Field::text).collect())
    }

    /// A table.
    #[must_use]
    pub fn table(&self) -> Option<Table<'a>> {
        let Content::Table(_) = &self.value.content else {
            self.expected("a table");
            return None;
        };
        Some(Table::new(
            self.value,
            self.source,
            self.faults,
            self.path.clone(),
        ))
    }
}

/// The bytes of a text without its quotes, or with them when it holds escapes.
fn inside_quotes(source: &Source, span: &Range<usize>, decoded: &str) -> Range<usize> {
    let raw = source.text.get(span.clone()).unwrap_or_default();
    for open in ["\"\"\"\n", "'''\n", "\"\"\"", "'''", "\"", "'"] {
        if let Some(rest) = raw.strip_prefix(open) {
            let start = span.start + open.len();
            if rest.starts_with(decoded) && rest.len() <= decoded.len() + 3 {
                return start..start + decoded.len();
            }
        }
    }
    span.clone()
}
