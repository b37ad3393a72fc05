//! Fingerprints of a model: SHA-256 over a canonical rendering of its values.
//!
//! The rendering is of values, not of text: comments, spacing, the order of
//! files and of entries, and whether a number is written 1 or 1.0 do not count.
//!
//! Two questions are asked of it. *Is this the same text?* Every value counts: for the manifest of a
//! run. *Does it move in the same way?* Only what numbers depend on counts ([`SAYS_NOTHING_OF_MOTION`]
//! lists what does not), and an intervention only where it is used: for posteriors and for work that
//! is gone on with, which a comma in a sentence must not make worthless.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use sha2::{Digest, Sha256};

use crate::reading::{Content, Document, Value};

use super::collect::{FileKind, kind_of};

/// Keys of entries and subjects that no number of a simulation depends on.
const SAYS_NOTHING_OF_MOTION: &[&str] = &[
    "says",
    "label",
    "relative_to",
    "axis",
    "evidence",
    "assumed",
    "link",
    "pathway",
    "region",
    "studied",
    "survived",
];

/// Hexadecimal digests of a model.
#[derive(Debug, Clone, Default)]
pub(super) struct Digests {
    /// Of everything but evidence and vocabulary.
    pub(super) text: String,
    /// Of the evidence.
    pub(super) evidence: String,
    /// Of the vocabulary.
    pub(super) vocabulary: String,
    /// Of what moves, by "kind.id"; a subject counts under its file name.
    motion: BTreeMap<String, String>,
}

impl Digests {
    /// Of what moves, with these interventions and no others.
    pub(super) fn dynamics(&self, interventions: &BTreeSet<&str>) -> String {
        let counts = |key: &str| match key.strip_prefix("intervention.") {
            Some(id) => interventions.contains(id),
            None => true,
        };
        let moving = self.motion.iter().filter(|(key, _)| counts(key));
        digest(moving)
    }

    /// Those of the same model with these lines changed in what moves.
    pub(super) fn vary(&mut self, lines: &BTreeMap<String, String>) {
        let base = BTreeMap::from([("variant of".to_owned(), self.text.clone())]);
        self.text = digest(base.iter().chain(lines));
        self.motion
            .extend(lines.iter().map(|(key, text)| (key.clone(), text.clone())));
    }
}

/// The digests of a model's files.
pub(super) fn digests(documents: &[Document]) -> Digests {
    let mut model: BTreeMap<String, String> = BTreeMap::new();
    let mut evidence: BTreeMap<String, String> = BTreeMap::new();
    let mut vocabulary: BTreeMap<String, String> = BTreeMap::new();
    let mut motion: BTreeMap<String, String> = BTreeMap::new();
    for document in documents {
        let name = &document.source().name;
        let kind_of_file = kind_of(name);
        // A variant moves nothing until the model is put under it.
        let moves = matches!(kind_of_file, FileKind::Model | FileKind::Subject);
        let target = match kind_of_file {
            FileKind::Evidence => &mut evidence,
            FileKind::Family => &mut vocabulary,
            FileKind::Model | FileKind::Subject | FileKind::Variant => &mut model,
        };
        let Content::Table(kinds) = &document.value().content else {
            continue;
        };
        for (kind, (_, value)) in kinds {
            match &value.content {
                Content::Table(entries) if is_of_entries(kind_of_file) => {
                    for (id, (_, entry)) in entries {
                        let key = format!("{kind}.{id}");
                        if moves && kind != "pathway" {
                            motion.insert(key.clone(), render_motion(entry));
                        }
                        target.insert(key, render(entry));
                    }
                }
                _ => {
                    let key = format!("{}:{kind}", file_name(name));
                    if moves && !SAYS_NOTHING_OF_MOTION.contains(&kind.as_str()) {
                        motion.insert(key.clone(), render_motion(value));
                    }
                    target.insert(key, render(value));
                }
            }
        }
    }
    Digests {
        text: digest(&model),
        evidence: digest(&evidence),
        vocabulary: digest(&vocabulary),
        motion,
    }
}

/// Whether its tables are kinds of entries, not parts of one thing.
fn is_of_entries(kind: FileKind) -> bool {
    matches!(kind, FileKind::Model | FileKind::Evidence)
}

/// The last two components: the same wherever the folder lies.
fn file_name(name: &str) -> String {
    let parts: Vec<&str> = name.split(['/', '\\']).collect();
    parts[parts.len().saturating_sub(2)..].join("/")
}

fn digest<'e>(entries: impl IntoIterator<Item = (&'e String, &'e String)>) -> String {
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

/// The same without what says nothing of motion.
fn render_motion(value: &Value) -> String {
    match &value.content {
        Content::Table(entries) => {
            let moves = |key: &str| !SAYS_NOTHING_OF_MOTION.contains(&key);
            let mut out = String::from("{");
            for (key, (_, value)) in entries.iter().filter(|(key, _)| moves(key)) {
                write_text(key, &mut out);
                out.push_str(&render_motion(value));
            }
            out.push('}');
            out
        }
        Content::Array(items) => {
            let items: Vec<String> = items.iter().map(render_motion).collect();
            format!("[{}", items.len()) + &items.concat()
        }
        _ => render(value),
    }
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
