//! Fitted values back into the model's files, as text.
//!
//! Only the `value = …` of the fitted parameters changes; comments, order and spacing stay. Values
//! are rounded to six significant digits. Nothing is written here: the caller does.

use std::collections::BTreeMap;

use toml_edit::{DocumentMut, Item, Table, TableLike, Value};

use super::report::FitReport;

/// A value that has no place in the files.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// A file is no TOML.
    #[error("{name}: {cause}")]
    Syntax {
        /// The file.
        name: String,
        /// What is wrong.
        cause: toml_edit::TomlError,
    },
    /// No file declares the parameter with a plain number.
    #[error("no file holds a plain number as the value of `{0}`")]
    NoPlace(String),
}

/// The number nearest to `value` with six significant decimal digits.
#[must_use]
pub fn round_to_six_digits(value: f64) -> f64 {
    format!("{value:.5e}").parse().unwrap_or(value)
}

/// New texts of the model files (name, text) that change with the values of a fit.
///
/// # Errors
/// As for [`apply_values`].
pub fn apply(
    report: &FitReport,
    files: &[(String, String)],
) -> Result<Vec<(String, String)>, ApplyError> {
    let lines = report.parameters.iter();
    let values = lines.map(|line| (line.id.clone(), line.after)).collect();
    apply_values(&values, None, files)
}

/// The documents whose names end so.
fn named<'d>(
    documents: &'d mut [(&String, DocumentMut)],
    ending: &str,
) -> impl Iterator<Item = &'d mut DocumentMut> {
    documents
        .iter_mut()
        .filter(move |(name, _)| name.replace('\\', "/").ends_with(ending))
        .map(|(_, document)| document)
}

/// Puts a value at the path of a variant's file, where it need not stand yet.
fn place_in_variant(document: &mut Table, path: &[&str], value: f64) -> bool {
    let [tables @ .., name] = path else {
        return false;
    };
    let mut table = document;
    for &key in tables {
        let entry = table.entry(key).or_insert_with(|| {
            let mut inner = Table::new();
            inner.set_implicit(key == "subjects");
            Item::Table(inner)
        });
        let Some(inner) = entry.as_table_mut() else {
            return false;
        };
        table = inner;
    }
    table.insert(name, toml_edit::value(value));
    true
}

/// New texts of the model files (name, text) that change with these values, by `NAME` or
/// `SUBJECT/NAME`. A file is one preset when its name is `…subjects/PRESET.toml`.
///
/// Under a variant, its own file takes the values instead of those of the model.
///
/// # Errors
/// When a fitted value cannot be placed.
pub fn apply_values(
    values: &BTreeMap<String, f64>,
    variant: Option<&str>,
    files: &[(String, String)],
) -> Result<Vec<(String, String)>, ApplyError> {
    let mut documents = Vec::new();
    for (name, text) in files {
        let document = text
            .parse::<DocumentMut>()
            .map_err(|cause| ApplyError::Syntax {
                name: name.clone(),
                cause,
            })?;
        documents.push((name, document));
    }
    for (id, &value) in values {
        let value = round_to_six_digits(value);
        let placed = match (variant, id.split_once('/')) {
            (Some(variant), at) => {
                let path = match at {
                    Some((subject, parameter)) => vec!["subjects", subject, parameter],
                    None => vec!["parameters", id.as_str()],
                };
                named(&mut documents, &format!("variants/{variant}.toml"))
                    .any(|document| place_in_variant(document.as_table_mut(), &path, value))
            }
            (None, Some((subject, parameter))) => {
                named(&mut documents, &format!("subjects/{subject}.toml"))
                    .any(|document| place(document.as_table_mut(), "parameters", parameter, value))
            }
            (None, None) => documents
                .iter_mut()
                .filter(|(name, _)| !name.replace('\\', "/").contains("subjects/"))
                .any(|(_, document)| place(document.as_table_mut(), "parameter", id, value)),
        };
        if !placed {
            return Err(ApplyError::NoPlace(id.clone()));
        }
    }
    Ok(documents
        .into_iter()
        .map(|(name, document)| (name.clone(), document.to_string()))
        .zip(files)
        .filter(|((_, new), (_, old))| new != old)
        .map(|(changed, _)| changed)
        .collect())
}

/// Puts a value at `kind.NAME.value`, if a number stands there.
fn place(document: &mut dyn TableLike, kind: &str, name: &str, value: f64) -> bool {
    let entry = document
        .get_mut(kind)
        .and_then(Item::as_table_like_mut)
        .and_then(|kind| kind.get_mut(name))
        .and_then(Item::as_table_like_mut)
        .and_then(|entry| entry.get_mut("value"))
        .and_then(Item::as_value_mut);
    match entry {
        Some(old @ (Value::Float(_) | Value::Integer(_))) => {
            let decor = old.decor().clone();
            *old = Value::from(value);
            *old.decor_mut() = decor;
            true
        }
        _ => false,
    }
}
