//! Advice for mistakes of TOML's syntax: what a line that cannot be read was probably meant to be.

use crate::unit::{is_quote, split_quantity, written_right};

/// What would help at this byte of a text that is no TOML.
pub(super) fn help_for_syntax(text: &str, message: &str, offset: usize) -> Option<String> {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    let start = text[..offset].rfind('\n').map_or(0, |newline| newline + 1);
    let line = text[start..].lines().next().unwrap_or_default().trim();
    if message.contains("duplicate") {
        return Some(help_for_duplicate(line));
    }
    let (key, value) = line
        .split_once('=')
        .map(|(key, value)| (key.trim(), value.trim()))?;
    if key.is_empty() || key.contains(is_quote) {
        return None;
    }
    let inner = value.trim_matches(is_quote);
    let straight = |c: char| matches!(c, '"' | '\'');
    if value.contains(|c| is_quote(c) && !straight(c)) {
        let right = written_right(inner).unwrap_or_else(|| format!("\"{inner}\""));
        return Some(format!(
            "quotation marks in these files are straight: {key} = {right}"
        ));
    }
    if value.is_empty() {
        return Some(format!("a value is missing: {key} = \"…\""));
    }
    if value.starts_with(['[', '{', '"', '\'']) {
        return None;
    }
    if let Some(right) = written_right(value) {
        return Some(format!(
            "a number has a decimal point and no other marks: {key} = {right}"
        ));
    }
    match split_quantity(value) {
        // What follows the value may be a comment: only a plain unit is put into the quotes.
        Ok((_, unit)) if !unit.is_empty() && !unit.contains(['#', '=', '"']) => Some(format!(
            "a quantity with a unit stands in quotes: {key} = \"{value}\""
        )),
        Err(_)
            if value
                .chars()
                .all(|c| c.is_alphanumeric() || "-_. ".contains(c)) =>
        {
            Some(format!("a text stands in quotes: {key} = \"{value}\""))
        }
        _ => None,
    }
}

fn help_for_duplicate(line: &str) -> String {
    let name = line
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    match name.filter(|name| !name.starts_with('[')) {
        Some(name) => format!(
            "`[{name}]` stands once; where there are several, each of them is written `[[{name}]]`"
        ),
        None => "a key is given once in its table: remove or rename one of them".to_owned(),
    }
}
