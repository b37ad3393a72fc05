//! The tree against the registry of keys: unknown keys, missing keys, wrong kinds.
//!
//! What passes here has the right shape; what the words and numbers mean is checked against the
//! model in [`super::resolve`]. Every fault is collected.

use gutbrain_network::declaration::Family;
use gutbrain_network::fault::{Collector, Place};
use gutbrain_network::reading::{did_you_mean, most_alike};
use gutbrain_network::{Code, Fault};

use super::keys::{self, Default, Kind};
use super::node::{Content, Node};

/// Checks a whole scenario.
pub(super) fn check_shape(root: &Node, family: &Family, faults: &Collector) {
    check_table("", root, family, faults);
}

fn check_table(path: &str, node: &Node, family: &Family, faults: &Collector) {
    let Some(entries) = node.table() else {
        wrong_kind(path, "a table", node, faults);
        return;
    };
    // A misspelt key is one mistake, not a missing one besides.
    let mut misspelt = Vec::new();
    for (name, entry) in entries {
        match keys::find(path, name) {
            Some(key) => check_value(key.path, key.kind, &entry.value, family, faults),
            None => {
                let free = keys::keys_of(path).map(keys::Key::name);
                misspelt.extend(most_alike(
                    name,
                    free.filter(|key| !entries.contains_key(*key)),
                ));
                faults.add(unknown_key(path, name, &entry.key));
            }
        }
    }
    for key in keys::keys_of(path) {
        let needed = match key.default {
            Default::Required => true,
            Default::RequiredUnless(other) => !entries.contains_key(other),
            Default::Words(_) => false,
        };
        if needed && !entries.contains_key(key.name()) && !misspelt.contains(&key.name()) {
            let (message, place) = if path.is_empty() {
                (format!("`{}` is missing", key.path), start_of(&node.place))
            } else {
                (
                    format!("`{path}` has no `{}`", key.name()),
                    node.place.clone(),
                )
            };
            faults.add(Fault::new(Code::MissingKey, message, &place).help(key.says));
        }
    }
}

fn start_of(place: &Place) -> Place {
    Place::new(&place.source, 0..0)
}

fn unknown_key(path: &str, name: &str, place: &Place) -> Fault {
    let message = if path.is_empty() {
        format!("unknown key `{name}`")
    } else {
        format!("unknown key `{name}` in `{path}`")
    };
    let known: Vec<&str> = keys::keys_of(path).map(keys::Key::name).collect();
    let elsewhere = keys::KEYS.iter().find(|key| key.name() == name);
    let help = did_you_mean(name, known.iter().copied())
        .or_else(|| elsewhere.map(|key| format!("it belongs to `{}`", location(key.parent()))))
        .unwrap_or_else(|| format!("known keys: {}", known.join(", ")));
    Fault::new(Code::UnknownKey, message, place).help(help)
}

fn location(table: &str) -> &str {
    if table.is_empty() {
        "the top of the file"
    } else {
        table
    }
}

fn check_value(path: &str, kind: Kind, node: &Node, family: &Family, faults: &Collector) {
    if let Content::Number(number) = node.content
        && !number.is_finite()
    {
        let message = format!("`{path}` must be a finite number");
        faults.add(Fault::new(Code::NotFinite, message, &node.place));
        return;
    }
    match kind {
        Kind::Text => {
            if node.text().is_none() {
                wrong_kind(path, "a text in quotes", node, faults);
            }
        }
        Kind::Whole => {
            if node.whole().is_none() {
                wrong_kind(path, "a whole number from 0", node, faults);
            }
        }
        Kind::Number => {
            if node.number().is_none() {
                wrong_kind(path, "a number without unit", node, faults);
            }
        }
        Kind::Age | Kind::Moment | Kind::Duration | Kind::Stop => {
            check_time(path, kind, node, faults);
        }
        Kind::Quantity => {
            if node.number().is_none() && node.text().is_none() {
                wrong_kind(
                    path,
                    "a quantity such as \"2 %\", or a bare number",
                    node,
                    faults,
                );
            }
        }
        Kind::Ages => {
            for item in check_list(path, "a list of ages such as [\"60 d\"]", node, faults) {
                check_time(path, Kind::Age, item, faults);
            }
        }
        Kind::Moments => {
            for item in check_list(path, "a list of ages such as [\"60 d\"]", node, faults) {
                check_time(path, Kind::Moment, item, faults);
            }
        }
        Kind::Truth => {
            if node.truth().is_none() {
                wrong_kind(path, "true or false", node, faults);
            }
        }
        Kind::Wholes => {
            for item in check_list(path, "a list of whole numbers", node, faults) {
                if item.whole().is_none() {
                    wrong_kind(path, "a list of whole numbers from 0", item, faults);
                }
            }
        }
        Kind::Names => {
            for item in check_list(path, "a list of names in quotes", node, faults) {
                if item.text().is_none() {
                    wrong_kind(path, "a list of names in quotes", item, faults);
                }
            }
        }
        Kind::Values => {
            let expected = "a list of quantities, words or truth values";
            for item in check_list(path, expected, node, faults) {
                match item.content {
                    Content::Text(_) | Content::Integer(_) | Content::Boolean(_) => {}
                    Content::Number(number) if number.is_finite() => {}
                    Content::Number(_) => {
                        let message = format!("`{path}` must hold finite numbers");
                        faults.add(Fault::new(Code::NotFinite, message, &item.place));
                    }
                    _ => wrong_kind(path, expected, item, faults),
                }
            }
        }
        Kind::Words(_) | Kind::Method | Kind::Figure | Kind::Survival => {
            check_word(path, &keys::words(kind, family), node, faults);
        }
        Kind::Parameters => match node.table() {
            None => wrong_kind(path, "a table of parameters and values", node, faults),
            Some(entries) => {
                for (name, entry) in entries {
                    let path = format!("{path}.{name}");
                    check_value(&path, Kind::Quantity, &entry.value, family, faults);
                }
            }
        },
        Kind::Colours => {
            let expected = "a table of arms and colours";
            let entries = node.table();
            if entries.is_none() {
                wrong_kind(path, expected, node, faults);
            }
            for (name, entry) in entries.into_iter().flatten() {
                let path = format!("{path}.{name}");
                check_value(&path, Kind::Text, &entry.value, family, faults);
            }
        }
        Kind::Paths => {
            let expected = "a path in quotes, or a list of them";
            match node.list() {
                None if node.text().is_some() => {}
                Some(items) if items.iter().all(|item| item.text().is_some()) => {}
                _ => wrong_kind(path, expected, node, faults),
            }
        }
        Kind::Table => check_table(path, node, family, faults),
        Kind::Tables => {
            let header = path.rsplit('.').next().unwrap_or(path);
            let expected = format!("a list of tables, each written as [[{header}]]");
            for item in check_list(path, &expected, node, faults) {
                check_table(path, item, family, faults);
            }
        }
    }
}

fn check_time(path: &str, kind: Kind, node: &Node, faults: &Collector) {
    if node.text().is_some() {
        return;
    }
    if let Some(number) = node.number() {
        let message = format!("`{path}` needs a unit of time");
        let help = format!("write \"{number} d\" if days are meant");
        faults.add(Fault::new(Code::MissingUnit, message, &node.place).help(help));
        return;
    }
    let expected = match kind {
        Kind::Duration => "a length of time such as \"1 d\"",
        Kind::Stop => "an age such as \"90 d\", or \"end\"",
        _ => "an age such as \"38 d\", or \"birth\"",
    };
    wrong_kind(path, expected, node, faults);
}

fn check_list<'a>(path: &str, expected: &str, node: &'a Node, faults: &Collector) -> &'a [Node] {
    node.list().unwrap_or_else(|| {
        wrong_kind(path, expected, node, faults);
        &[]
    })
}

fn check_word(path: &str, words: &[&str], node: &Node, faults: &Collector) {
    let Some(text) = node.text() else {
        wrong_kind(path, &format!("one of {}", quoted(words)), node, faults);
        return;
    };
    if !words.contains(&text) {
        let message = format!("`{path}` cannot be `{text}`");
        let help = did_you_mean(text, words.iter().copied());
        faults.add(
            Fault::new(Code::UnknownWord, message, &node.place)
                .label(format!("one of {}", quoted(words)))
                .maybe_help(help),
        );
    }
}

fn quoted(words: &[&str]) -> String {
    words
        .iter()
        .map(|word| format!("\"{word}\""))
        .collect::<Vec<_>>()
        .join(", ")
}

fn wrong_kind(path: &str, expected: &str, node: &Node, faults: &Collector) {
    let name = if path.is_empty() { "a scenario" } else { path };
    let message = format!("`{name}` must be {expected}");
    let label = format!("this is {}", node.kind());
    faults.add(Fault::new(Code::WrongType, message, &node.place).label(label));
}
