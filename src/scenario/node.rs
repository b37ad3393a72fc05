//! The text of a scenario as a tree in which every value knows the file it comes from.
//!
//! Files that extend each other and the values of `--set` are merged on this tree, so that a
//! message about any value still points at the place where it was written.

use std::collections::BTreeMap;
use std::ops::Range;

use gutbrain_network::Source;
use gutbrain_network::fault::Place;
use gutbrain_network::reading;

/// A value and its place.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    pub(super) content: Content,
    pub(super) place: Place,
}

/// What a value is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Content {
    Text(String),
    Integer(i64),
    /// May be NaN or infinite, as written; the check refuses it.
    Number(f64),
    Boolean(bool),
    /// A date, or a number too large to be read: nothing a scenario has use for.
    Strange(&'static str),
    List(Vec<Node>),
    Table(BTreeMap<String, Entry>),
}

/// A key with its place, and its value.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    pub(super) key: Place,
    pub(super) value: Node,
}

impl Node {
    /// The tree of a parsed document.
    pub(super) fn from_document(document: &reading::Document) -> Self {
        Self::convert(document.value(), document.source())
    }

    fn convert(value: &reading::Value, source: &Source) -> Self {
        let content = match &value.content {
            reading::Content::Text(text) => Content::Text(text.clone()),
            reading::Content::Integer(number) => Content::Integer(*number),
            reading::Content::Float(number) => Content::Number(*number),
            reading::Content::Boolean(truth) => Content::Boolean(*truth),
            reading::Content::Date(_) => Content::Strange("a date"),
            reading::Content::Unreadable(_) => Content::Strange("a number out of range"),
            reading::Content::Array(items) => Content::List(
                items
                    .iter()
                    .map(|item| Self::convert(item, source))
                    .collect(),
            ),
            reading::Content::Table(entries) => Content::Table(
                entries
                    .iter()
                    .map(|(name, (span, value))| {
                        let key = Place::new(source, span.clone());
                        (
                            name.clone(),
                            Entry {
                                key,
                                value: Self::convert(value, source),
                            },
                        )
                    })
                    .collect(),
            ),
        };
        Self {
            content,
            place: Place::new(source, value.span.clone()),
        }
    }

    /// The same tree as if all of it stood at one place: values given on the command line.
    pub(super) fn moved_to(mut self, place: &Place) -> Self {
        self.place = place.clone();
        self.content = match self.content {
            Content::List(items) => {
                Content::List(items.into_iter().map(|item| item.moved_to(place)).collect())
            }
            Content::Table(entries) => Content::Table(
                entries
                    .into_iter()
                    .map(|(name, entry)| {
                        let value = entry.value.moved_to(place);
                        (
                            name,
                            Entry {
                                key: place.clone(),
                                value,
                            },
                        )
                    })
                    .collect(),
            ),
            other => other,
        };
        self
    }

    /// The kind in words, for messages.
    pub(super) fn kind(&self) -> &'static str {
        match self.content {
            Content::Text(_) => "a text",
            Content::Integer(_) | Content::Number(_) => "a number",
            Content::Boolean(_) => "true or false",
            Content::Strange(kind) => kind,
            Content::List(_) => "a list",
            Content::Table(_) => "a table",
        }
    }

    pub(super) fn table(&self) -> Option<&BTreeMap<String, Entry>> {
        match &self.content {
            Content::Table(entries) => Some(entries),
            _ => None,
        }
    }

    pub(super) fn table_mut(&mut self) -> Option<&mut BTreeMap<String, Entry>> {
        match &mut self.content {
            Content::Table(entries) => Some(entries),
            _ => None,
        }
    }

    /// The value of a key of this table.
    pub(super) fn get(&self, name: &str) -> Option<&Node> {
        self.table()?.get(name).map(|entry| &entry.value)
    }

    /// The value at a dotted path of tables.
    pub(super) fn at(&self, path: &str) -> Option<&Node> {
        path.split('.').try_fold(self, |node, name| node.get(name))
    }

    pub(super) fn text(&self) -> Option<&str> {
        match &self.content {
            Content::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn list(&self) -> Option<&[Node]> {
        match &self.content {
            Content::List(items) => Some(items),
            _ => None,
        }
    }

    /// The tables of a list of tables; none if it is anything else.
    pub(super) fn tables(&self, name: &str) -> Vec<&Node> {
        let items = self.get(name).and_then(Self::list).unwrap_or_default();
        items.iter().filter(|item| item.table().is_some()).collect()
    }

    /// The names of the tables of a list.
    pub(super) fn names(&self, list: &str) -> Vec<String> {
        let tables = self.tables(list).into_iter();
        let names = tables.filter_map(|table| Some(table.get("name")?.text()?.to_owned()));
        names.collect()
    }

    pub(super) fn whole(&self) -> Option<u64> {
        match self.content {
            Content::Integer(number) => u64::try_from(number).ok(),
            _ => None,
        }
    }

    pub(super) fn truth(&self) -> Option<bool> {
        match self.content {
            Content::Boolean(truth) => Some(truth),
            _ => None,
        }
    }

    pub(super) fn number(&self) -> Option<f64> {
        match self.content {
            Content::Number(number) => Some(number).filter(|number| number.is_finite()),
            #[expect(clippy::cast_precision_loss, reason = "a quantity is a real number")]
            Content::Integer(number) => Some(number as f64),
            _ => None,
        }
    }

    /// The place of some bytes of a text value, as far as it is written without escapes.
    pub(super) fn inside(&self, part: Range<usize>) -> Place {
        let (Some(text), span) = (self.text(), &self.place.span) else {
            return self.place.clone();
        };
        let raw = self.place.source.text.get(span.clone()).unwrap_or_default();
        let quoted = raw.len() == text.len() + 2 && raw.get(1..raw.len() - 1) == Some(text);
        let offset = if raw == text {
            span.start
        } else if quoted {
            span.start + 1
        } else {
            return self.place.clone();
        };
        Place::new(
            &self.place.source,
            offset + part.start..offset + part.end.max(part.start),
        )
    }
}
