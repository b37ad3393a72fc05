//! Fingerprints of a model: SHA-256 over a canonical rendering of its values.
//!
//! The rendering is of values, not of text: comments, spacing, the order of
//! files and of entries, and whether a number is written 1 or 1.0 do not count.

use std::collections::BTreeMap;
use std::fmt::Write;

use sha2::{Digest, Sha256};

use crate::reading::{Content, Document, Value};

/// Hexadecimal digests of everything but evidence, and of the evidence.
pub(super) fn digests(
    documents: &[Document],
    is_evidence: impl Fn(&str) -> bool,
) -> (String, String) {
    // Entries of all files by "kind.id"; a subject counts under its file name.
    let mut model: BTreeMap<String, String> = BTreeMap::new();
    let mut evidence: BTreeMap<String, String> = BTreeMap::new();
    for document in documents {
        let name = &document.source().name;
        let target = if is_evidence(name) {
            &mut evidence
        } else {
            &mut model
        };
        let Content::Table(kinds) = &document.value().content else {
            continue;
        };
        for (kind, (_, value)) in kinds {
            match &value.content {
                Content::Table(entries) if !is_subject(name) => {
                    for (id, (_, entry)) in entries {
                        target.insert(format!("{kind}.{id}"), render(entry));
                    }
                }
                _ => {
                    target.insert(format!("{}:{kind}", file_name(name)), render(value));
                }
            }
        }
    }
    (digest(&model), digest(&evidence))
}

fn is_subject(name: &str) -> bool {
    name.contains("subjects/") || name.contains("subjects\\")
}

/// The last two components: the same wherever the folder lies.
fn file_name(name: &str) -> String {
    let parts: Vec<&str> = name.split(['/', '\\']).collect();
    parts[parts.len().saturating_sub(2)..].join("/")
}

fn digest(entries: &BTreeMap<String, String>) -> String {
    let mut hasher = Sha256::new();
    let mut line = String::new();
    for (key, text) in entries {
        line.clear();
        write_text(key, &mut line);
        line.push_str(text);
        hasher.update(line.as_bytes());
    }
    let mut hex = String::with_capacity(64);
    for byte in hasher.finalize() {
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

fn render(value: &Value) -> String {
    let mut out = String::new();
    write_value(value, &mut out);
    out
}

/// A text with its length before it, so that no two values look alike.
fn write_text(text: &str, out: &mut String) {
    let _ = write!(out, "{}:{text}", text.len());
}

/// Recursion is bounded by the nesting a document may have.
fn write_value(value: &Value, out: &mut String) {
    // Writing to a string never fails.
    let _ = match &value.content {
        Content::Text(text) => {
            out.push('"');
            write_text(text, out);
            Ok(())
        }
        #[expect(
            clippy::cast_precision_loss,
            reason = "numbers of a model are real numbers"
        )]
        Content::Integer(number) => write!(out, "#{:e}", *number as f64),
        Content::Float(number) => write!(out, "#{number:e}"),
        Content::Boolean(value) => write!(out, "?{value}"),
        Content::Date(text) | Content::Unreadable(text) => {
            out.push('!');
            write_text(text, out);
            Ok(())
        }
        Content::Array(items) => {
            let _ = write!(out, "[{}", items.len());
            items.iter().for_each(|item| write_value(item, out));
            Ok(())
        }
        Content::Table(entries) => {
            let _ = write!(out, "{{{}", entries.len());
            for (key, (_, value)) in entries {
                write_text(key, out);
                write_value(value, out);
            }
            Ok(())
        }
    };
}
