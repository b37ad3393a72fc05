//! What differs between two finished runs, in what went in and in what came out.
//!
//! Inputs are the keys of `scenario.toml` (as resolved), the model, the seed and the version of the program;
//! results are the numbers of `summary.json` and the tables by their hashes.

use std::collections::{BTreeMap, BTreeSet};

use gutbrain::report::brief::{Align, Brief, short};
use gutbrain_network::Source;
use gutbrain_network::reading::{Content, Document, Value};
use gutbrain_store::{OutputError, SavedRun};

use super::ReportError;

/// Numbers that a brief shows unless all are wanted.
pub const MOST: usize = 30;

/// One side of a comparison: dotted keys and what stands there.
type Entries = BTreeMap<String, String>;

/// A key at which two runs differ, and what stands there in each; `–` where there is nothing.
pub type Difference = [String; 3];

/// What differs between two runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// Of what went in.
    pub inputs: Vec<Difference>,
    /// Of the summaries.
    pub results: Vec<Difference>,
    /// Files of other content, besides scenario and summary.
    pub files: BTreeSet<String>,
}

/// Compares two finished runs.
///
/// # Errors
/// A file of a run is missing or damaged.
pub fn compare(first: &SavedRun, second: &SavedRun) -> Result<Comparison, ReportError> {
    Ok(Comparison {
        inputs: differences(&inputs(first)?, &inputs(second)?),
        results: differences(&numbers(first)?, &numbers(second)?),
        files: changed_files(first, second),
    })
}

impl Comparison {
    /// Whether nothing differs.
    #[must_use]
    pub fn is_same(&self) -> bool {
        self.inputs.is_empty() && self.results.is_empty() && self.files.is_empty()
    }

    /// The differences as tables, with at most so many results.
    #[must_use]
    pub fn brief(&self, most: usize) -> Brief {
        let mut brief = Brief::default();
        if self.is_same() {
            brief.line("inputs and results are the same");
            return brief;
        }
        section(&mut brief, "inputs", &self.inputs, usize::MAX);
        brief.gap();
        section(&mut brief, "results", &self.results, most);
        if !self.files.is_empty() {
            let files: Vec<&str> = self.files.iter().map(String::as_str).collect();
            brief.gap();
            brief.line(format!("other content: {}", files.join(", ")));
        }
        brief
    }
}

fn section(brief: &mut Brief, title: &str, differences: &[Difference], most: usize) {
    if differences.is_empty() {
        brief.line(format!("{title}: the same"));
        return;
    }
    let heading = [title, "A", "B"].map(str::to_owned).to_vec();
    let shown = differences.iter().take(most).map(|row| row.to_vec());
    let rows = std::iter::once(heading).chain(shown).collect();
    brief.table(rows, &[Align::Left; 3]);
    if differences.len() > most {
        let more = differences.len() - most;
        brief.line(format!("{more} more: --all shows them"));
    }
}

/// Keys at which two sides differ, with what stands on each; `–` where there is nothing.
fn differences(first: &Entries, second: &Entries) -> Vec<Difference> {
    let keys: BTreeSet<&String> = first.keys().chain(second.keys()).collect();
    let at = |entries: &Entries, key: &str| entries.get(key).cloned().unwrap_or("–".to_owned());
    keys.into_iter()
        .filter(|key| first.get(*key) != second.get(*key))
        .map(|key| {
            let [first, second] = shown(&at(first, key), &at(second, key));
            [key.clone(), first, second]
        })
        .collect()
}

/// The files of both that are no tables of numbers that were compared, and differ.
fn changed_files(first: &SavedRun, second: &SavedRun) -> BTreeSet<String> {
    let (first, second) = (&first.manifest().files, &second.manifest().files);
    let names: BTreeSet<&String> = first.keys().chain(second.keys()).collect();
    names
        .into_iter()
        .filter(|name| !matches!(name.as_str(), "scenario.toml" | "summary.json"))
        .filter(|name| first.get(*name) != second.get(*name))
        .cloned()
        .collect()
}

fn inputs(run: &SavedRun) -> Result<Entries, ReportError> {
    let manifest = run.manifest();
    let mut entries = Entries::from([
        ("command".to_owned(), manifest.identity.command.clone()),
        ("version".to_owned(), manifest.version.clone()),
        (
            "model".to_owned(),
            manifest.model.sha256.chars().take(12).collect(),
        ),
        ("seed".to_owned(), manifest.seed.to_string()),
    ]);
    let bytes = run.read("scenario.toml")?;
    let text = String::from_utf8(bytes).map_err(|_| damaged(run, "scenario.toml"))?;
    let source = Source::new(
        run.folder().join("scenario.toml").display().to_string(),
        text,
    );
    let document = Document::parse(&source)?;
    flatten("", document.value(), &mut entries);
    Ok(entries)
}

fn damaged(run: &SavedRun, name: &str) -> ReportError {
    ReportError::Saved(OutputError::NotARun {
        path: run.folder().to_path_buf(),
        why: format!("`{name}` cannot be read"),
    })
}

/// Dotted keys; elements of lists go by their name, kind or target, or by number from 1.
fn flatten(path: &str, value: &Value, entries: &mut Entries) {
    let below = |name: &str| match path {
        "" => name.to_owned(),
        _ => format!("{path}.{name}"),
    };
    match &value.content {
        Content::Table(table) => {
            for (name, (_, value)) in table {
                flatten(&below(name), value, entries);
            }
        }
        Content::Array(items) if items.iter().all(is_table) && !items.is_empty() => {
            let mut taken = BTreeSet::new();
            for (index, item) in items.iter().enumerate() {
                let named = ["name", "kind", "target"]
                    .iter()
                    .find_map(|key| word(item, key));
                let name = named
                    .filter(|name| taken.insert(name.clone()))
                    .unwrap_or_else(|| (index + 1).to_string());
                flatten(&below(&name), item, entries);
            }
        }
        content => {
            entries.insert(path.to_owned(), written(content));
        }
    }
}

fn is_table(value: &Value) -> bool {
    matches!(value.content, Content::Table(_))
}

fn word(value: &Value, key: &str) -> Option<String> {
    let Content::Table(table) = &value.content else {
        return None;
    };
    match &table.get(key)?.1.content {
        Content::Text(text) => Some(text.clone()),
        _ => None,
    }
}

fn written(content: &Content) -> String {
    match content {
        Content::Text(text) | Content::Date(text) | Content::Unreadable(text) => text.clone(),
        Content::Integer(number) => number.to_string(),
        Content::Float(number) => number.to_string(),
        Content::Boolean(truth) => truth.to_string(),
        Content::Array(items) => {
            let items: Vec<String> = items.iter().map(|item| written(&item.content)).collect();
            format!("[{}]", items.join(", "))
        }
        Content::Table(_) => String::new(),
    }
}

/// The numbers and words of the summary; nothing of a run that has none.
fn numbers(run: &SavedRun) -> Result<Entries, ReportError> {
    let mut entries = Entries::new();
    if !run.manifest().files.contains_key("summary.json") {
        return Ok(entries);
    }
    let bytes = run.read("summary.json")?;
    let summary: serde_json::Value =
        serde_json::from_slice(&bytes).map_err(|_| damaged(run, "summary.json"))?;
    walk("", &summary, &mut entries);
    Ok(entries)
}

fn walk(path: &str, value: &serde_json::Value, entries: &mut Entries) {
    let below = |name: &str| match path {
        "" => name.to_owned(),
        _ => format!("{path}.{name}"),
    };
    match value {
        serde_json::Value::Object(fields) => {
            for (name, value) in fields {
                walk(&below(name), value, entries);
            }
        }
        serde_json::Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                walk(&below(&(index + 1).to_string()), item, entries);
            }
        }
        serde_json::Value::Number(number) => {
            let number = number
                .as_f64()
                .map_or_else(|| number.to_string(), |it| it.to_string());
            entries.insert(path.to_owned(), number);
        }
        serde_json::Value::String(text) => {
            entries.insert(path.to_owned(), text.clone());
        }
        serde_json::Value::Bool(truth) => {
            entries.insert(path.to_owned(), truth.to_string());
        }
        serde_json::Value::Null => {}
    }
}

/// Digits of a number that tell it from every other.
const ALL_DIGITS: usize = 17;

/// Two numbers as the terminal shows them: short, or with as many digits as tell them apart.
fn shown(first: &str, second: &str) -> [String; 2] {
    // Whole numbers and words stay as they are.
    let number = |text: &str| {
        text.contains('.')
            .then(|| text.parse::<f64>().ok())
            .flatten()
    };
    let (Some(a), Some(b)) = (number(first), number(second)) else {
        return [first.to_owned(), second.to_owned()];
    };
    let brief = [short(a), short(b)];
    if brief[0] != brief[1] {
        return brief;
    }
    let told_apart = (4..ALL_DIGITS)
        .map(|digits| [a, b].map(|value| rounded(value, digits)))
        .find(|[a, b]| a != b);
    told_apart.unwrap_or_else(|| [first.to_owned(), second.to_owned()])
}

/// A number with so many digits.
fn rounded(value: f64, digits: usize) -> String {
    let written = format!("{value:.*e}", digits - 1);
    let rounded: Option<f64> = written.parse().ok();
    rounded.map_or(written, |rounded| rounded.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_as_many_digits_as_tell_them_apart() {
        let two = |a: &str, b: &str| shown(a, b).join(" ");
        assert_eq!(two("127.25", "159.5"), "127.2 159.5");
        assert_eq!(two("127.2513477", "127.2514999"), "127.2513 127.2515");
        assert_eq!(two("0.1", "0.10000000000000002"), "0.1 0.10000000000000002");
        assert_eq!(two("12", "13"), "12 13");
        assert_eq!(two("ok", "failed"), "ok failed");
    }
}
