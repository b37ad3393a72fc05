//! The resolved scenario as TOML that runs by itself to the same bytes.
//!
//! Everything that was written stays as it was written (`"2 %"` stays `"2 %"`, so no rounding comes
//! in); what `extends`, the command line and the defaults add is written out. Keys stand in the
//! order of the registry.

use std::fmt::Write as _;

use super::keys::{self, Key, Kind};
use super::node::{Content, Node};
use super::plan::{Scenario, Trajectories};

/// The text of `scenario.toml`.
pub(super) fn resolved_toml(root: &Node, scenario: &Scenario) -> String {
    let mut out = String::new();
    write_table(&mut out, "", root, scenario);
    out
}

/// The arms and figures of a scenario that has none; nothing of other lists.
fn default_tables(path: &str, scenario: &Scenario) -> String {
    let mut out = String::new();
    match path {
        "arm" => {
            for arm in &scenario.arms {
                let _ = write!(out, "\n[[arm]]\nname = {}\n", quote(&arm.name));
            }
        }
        "figure" => {
            for figure in &scenario.figures {
                let (kind, name) = (quote(figure.kind.word()), quote(&figure.name));
                let _ = write!(out, "\n[[figure]]\nkind = {kind}\nname = {name}\n");
                if figure.kind.takes_variables() {
                    let show = list(figure.show.iter().map(|name| quote(name)));
                    let _ = writeln!(out, "show = {show}");
                }
            }
        }
        _ => {}
    }
    out
}

/// The keys of one table: values first, then its tables, then its lists of tables.
fn write_table(out: &mut String, path: &str, node: &Node, scenario: &Scenario) {
    let (tables, values): (Vec<&Key>, Vec<&Key>) = keys::keys_of(path)
        .partition(|key| matches!(key.kind, Kind::Table | Kind::Tables | Kind::Parameters));
    for key in values {
        let mut text = resolved_value(key.path, scenario);
        text = text.or_else(|| node.get(key.name()).map(value));
        if key.path == "simulation.every" && text.is_none() {
            text = Some(quote(&format!("{} d", scenario.simulation.every)));
        }
        if let Some(text) = text {
            let _ = writeln!(out, "{} = {text}", key.name());
        }
    }
    for key in tables {
        let name = key.name();
        match key.kind {
            Kind::Parameters => {
                let entries = node.get(name).and_then(Node::table);
                if let Some(entries) = entries.filter(|entries| !entries.is_empty()) {
                    let _ = writeln!(out, "\n[{}]", key.path);
                    for (parameter, entry) in entries {
                        let _ = writeln!(out, "{parameter} = {}", value(&entry.value));
                    }
                }
            }
            Kind::Table => {
                let empty = Node {
                    content: Content::Table([].into()),
                    place: node.place.clone(),
                };
                let table = node.get(name);
                if table.is_some() || matches!(key.path, "solver" | "output") {
                    // Tables inside lists (`repeat`) belong to the element written last.
                    let _ = writeln!(out, "\n[{}]", key.path);
                    write_table(out, key.path, table.unwrap_or(&empty), scenario);
                }
            }
            // A folder of results stands alone: what was compared is in its tables.
            Kind::Tables if key.path == "data" => {}
            // Where nothing is written, in its place, so that the file resolves to itself.
            _ if node.get(name).is_none() => out.push_str(&default_tables(key.path, scenario)),
            _ => {
                for item in node.tables(name) {
                    let _ = writeln!(out, "\n[[{}]]", key.path);
                    write_table(out, key.path, item, scenario);
                }
            }
        }
    }
}

/// What the scenario says about a value that is resolved whether or not it is written.
fn resolved_value(path: &str, scenario: &Scenario) -> Option<String> {
    let output = &scenario.output;
    Some(match path {
        "schema" => "1".to_owned(),
        "title" => quote(&scenario.title),
        "seed" => scenario.seed.to_string(),
        "solver.method" => quote(scenario.solver.method.name()),
        "solver.rtol" => number(scenario.solver.rtol),
        "solver.atol" => number(scenario.solver.atol),
        "solver.maximum_steps" => scenario.solver.maximum_steps.to_string(),
        "output.trajectories" => quote(match output.trajectories {
            Trajectories::All => "all",
            Trajectories::Shown => "shown",
            Trajectories::None => "none",
        }),
        "output.ages" => list(output.ages.iter().map(|age| quote(&format!("{age} d")))),
        "output.summary" => list(output.summary.iter().map(|name| quote(name))),
        _ => return None,
    })
}

fn value(node: &Node) -> String {
    match &node.content {
        Content::Text(text) => quote(text),
        Content::Integer(whole) => whole.to_string(),
        Content::Number(real) => number(*real),
        Content::Boolean(truth) => truth.to_string(),
        Content::List(items) => list(items.iter().map(value)),
        Content::Table(entries) => {
            let inside = entries
                .iter()
                .map(|(name, entry)| format!("{} = {}", bare_or_quoted(name), value(&entry.value)));
            format!("{{ {} }}", inside.collect::<Vec<_>>().join(", "))
        }
        // A checked scenario has none.
        Content::Strange(_) => String::new(),
    }
}

/// A key of TOML.
fn bare_or_quoted(name: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    match !name.is_empty() && name.chars().all(bare) {
        true => name.to_owned(),
        false => quote(name),
    }
}

fn list(items: impl Iterator<Item = String>) -> String {
    format!("[{}]", items.collect::<Vec<_>>().join(", "))
}

/// The shortest decimal that reads back as the same number, always with a point or an exponent.
fn number(value: f64) -> String {
    format!("{value:?}")
}

/// A basic string of TOML.
fn quote(text: &str) -> String {
    let mut out = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
