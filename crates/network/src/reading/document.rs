//! [`Document`]: a TOML text as a tree of values that know where they stand.
//!
//! The parser is that of the `toml` crate; where it fails, its recovering form
//! finds further mistakes of syntax. Texts over [`MOST_BYTES`] and nesting over
//! [`DEEPEST_NESTING`] are refused before they are parsed: trees are walked and
//! dropped by recursion.

use std::collections::BTreeMap;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::fault::{Code, Collector, Fault, Faults, Place, Source};

use super::syntax_help::help_for_syntax;
use super::table::Table;

/// Longest text that is read.
pub const MOST_BYTES: usize = 16 << 20;

/// Deepest nesting of brackets, and of tables, that is read.
pub const DEEPEST_NESTING: usize = 64;

/// Most parts of a dotted key.
const MOST_KEY_PARTS: usize = 16;

/// Longest text in which all mistakes of syntax are looked for; noise has one in
/// every few bytes.
const MOST_BYTES_RECOVERED: usize = 1 << 20;

/// Most mistakes of syntax that are kept of one text.
const MOST_SYNTAX_FAULTS: usize = 200;

/// A value of a document and its bytes in the source.
#[derive(Clone, Debug, PartialEq)]
pub struct Value {
    /// What was written.
    pub content: Content,
    /// Where.
    pub span: Range<usize>,
}

/// What a value is.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// A string, decoded.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A number with a point or an exponent; may be NaN or infinite as written.
    Float(f64),
    /// `true` or `false`.
    Boolean(bool),
    /// A date or time, as written.
    Date(String),
    /// A number the program cannot hold, as written.
    Unreadable(String),
    /// A list.
    Array(Vec<Value>),
    /// A table; each key with the place of the key itself.
    Table(BTreeMap<String, (Range<usize>, Value)>),
}

impl Content {
    /// The kind in words, for messages.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "a text",
            Self::Integer(_) | Self::Float(_) | Self::Unreadable(_) => "a number",
            Self::Boolean(_) => "true or false",
            Self::Date(_) => "a date",
            Self::Array(_) => "a list",
            Self::Table(_) => "a table",
        }
    }
}

/// A parsed text.
#[derive(Clone, Debug)]
pub struct Document {
    source: Source,
    root: Value,
}

impl Document {
    /// Parses a text.
    ///
    /// # Errors
    /// Every mistake of syntax, a text that is too long, or nested too deep.
    pub fn parse(source: &Source) -> Result<Self, Faults> {
        let text: &str = &source.text;
        if text.len() > MOST_BYTES {
            let message = format!(
                "the file has {} bytes; at most {MOST_BYTES} are read",
                text.len()
            );
            return Err(Fault::new(Code::TooLong, message, &Place::new(source, 0..0)).into());
        }
        if let Some(offset) = first_too_deep(text) {
            return Err(too_deep(source, offset..offset + 1).into());
        }
        let root = match DeTable::parse(text) {
            Ok(root) => root,
            Err(first) => return Err(syntax_faults(source, first)),
        };
        let span = root.span();
        match convert_table(root.into_inner(), span, 0) {
            Ok(root) => Ok(Self {
                source: source.clone(),
                root,
            }),
            Err(span) => Err(too_deep(source, span).into()),
        }
    }

    /// The top of the document; its faults go to `faults`.
    #[must_use]
    pub fn root<'a>(&'a self, faults: &'a Collector) -> Table<'a> {
        Table::new(&self.root, &self.source, faults, String::new())
    }

    /// The text it was parsed from.
    #[must_use]
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// The top as plain values.
    #[must_use]
    pub fn value(&self) -> &Value {
        &self.root
    }
}

fn too_deep(source: &Source, span: Range<usize>) -> Fault {
    let message = format!("tables or lists are nested deeper than {DEEPEST_NESTING}");
    Fault::new(Code::TooDeep, message, &Place::new(source, span))
}

/// The first mistake and, in texts of moderate length, the others.
fn syntax_faults(source: &Source, first: toml::de::Error) -> Faults {
    let mut errors = vec![first];
    if source.text.len() <= MOST_BYTES_RECOVERED {
        let (_, all) = DeTable::parse_recoverable(&source.text);
        errors.extend(all.into_iter().take(MOST_SYNTAX_FAULTS));
    }
    let faults = errors.into_iter().map(|error| {
        let message = error.message().lines().collect::<Vec<_>>().join(", ");
        let place = Place::new(source, error.span().unwrap_or(0..0));
        let help = help_for_syntax(&source.text, &message, place.span.start);
        Fault::new(Code::Syntax, message, &place).maybe_help(help)
    });
    faults.collect()
}

/// The place of a value that is nested too deep.
type TooDeep = Range<usize>;

fn convert_table(table: DeTable<'_>, span: Range<usize>, depth: usize) -> Result<Value, TooDeep> {
    let mut entries = BTreeMap::new();
    for (key, value) in table {
        let key_span = key.span();
        let value = convert(value, depth + 1)?;
        entries.insert(key.into_inner().into_owned(), (key_span, value));
    }
    Ok(Value {
        content: Content::Table(entries),
        span,
    })
}

fn convert(value: Spanned<DeValue<'_>>, depth: usize) -> Result<Value, TooDeep> {
    let span = value.span();
    if depth > DEEPEST_NESTING {
        return Err(span);
    }
    let content = match value.into_inner() {
        DeValue::String(text) => Content::Text(text.into_owned()),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .map_or_else(
                |_| Content::Unreadable(number.to_string()),
                Content::Integer,
            ),
        DeValue::Float(number) => number
            .as_str()
            .parse()
            .map_or_else(|_| Content::Unreadable(number.to_string()), Content::Float),
        DeValue::Boolean(value) => Content::Boolean(value),
        DeValue::Datetime(date) => Content::Date(date.to_string()),
        DeValue::Array(items) => {
            let items = items.into_iter().map(|item| convert(item, depth + 1));
            Content::Array(items.collect::<Result<_, _>>()?)
        }
        DeValue::Table(table) => return convert_table(table, span, depth),
    };
    Ok(Value { content, span })
}

/// Offset of the first bracket nested deeper than allowed, or of the first dotted
/// key with too many parts, outside strings and comments.
///
/// A coarse scan: it needs to be right about depth, not about syntax. A string
/// that never ends hides the rest, which the parser then reports.
fn first_too_deep(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut depth = 0_usize;
    let mut dots = 0_usize;
    let mut at = 0;
    while at < bytes.len() {
        if matches!(bytes[at], b'=' | b'\n' | b',' | b'{' | b'}' | b'[' | b']') {
            dots = 0;
        }
        match bytes[at] {
            b'.' => {
                dots += 1;
                if dots >= MOST_KEY_PARTS {
                    return Some(at);
                }
            }
            b'[' | b'{' => {
                depth += 1;
                if depth > DEEPEST_NESTING {
                    return Some(at);
                }
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            b'#' => {
                let comment = bytes[at..].iter().take_while(|byte| **byte != b'\n');
                at += comment.count();
                continue;
            }
            quote @ (b'"' | b'\'') => {
                at = end_of_string(bytes, at, quote);
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    None
}

/// First byte after the string that starts at `start`.
fn end_of_string(bytes: &[u8], start: usize, quote: u8) -> usize {
    let triple = bytes[start..].starts_with(&[quote; 3]);
    let mut at = start + if triple { 3 } else { 1 };
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if quote == b'"' => at += 2,
            b'\n' if !triple => return at,
            byte if byte == quote && !triple => return at + 1,
            byte if byte == quote && bytes[at..].starts_with(&[quote; 3]) => return at + 3,
            _ => at += 1,
        }
    }
    bytes.len()
}
