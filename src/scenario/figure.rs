//! `[[figure]]`: which pictures a run draws.

use std::collections::BTreeSet;

use gutbrain_network::fault::Collector;
use gutbrain_network::{Declaration, Fault};

use super::node::Node;
use super::plan::{FigureKind, FigurePlan};
use super::resolve::resolve_names;

/// Most characters of a file name.
const LONGEST_NAME: usize = 64;

/// The figure of a scenario that asks for none: the variables of the summary.
pub(super) fn default_figure(summary: &[String]) -> FigurePlan {
    FigurePlan {
        name: "summary".to_owned(),
        kind: FigureKind::Trajectories,
        show: summary.to_vec(),
    }
}

/// The figures as asked for.
pub(super) fn resolve_figures(
    root: &Node,
    declaration: &Declaration,
    faults: &Collector,
) -> Vec<FigurePlan> {
    let mut figures: Vec<FigurePlan> = Vec::new();
    let mut taken = BTreeSet::new();
    for table in root.tables("figure") {
        let show = resolve_names(table.get("show"), declaration, faults);
        let word = table.get("kind").and_then(Node::text);
        let kind = FigureKind::WORDS
            .iter()
            .find(|(known, _)| Some(*known) == word);
        let Some((word, kind)) = kind else { continue };
        if *kind == FigureKind::Trajectories && table.get("show").is_none() {
            let message = "a figure of kind `trajectories` must say what it shows";
            faults.add(
                Fault::new("missing-key", message, &table.place)
                    .help("write `show = [\"species_or_observable\", …]`"),
            );
        }
        if kind.needs_a_cohort() && root.get("cohort").is_none() {
            let message = format!("a figure of kind `{word}` shows many animals");
            faults.add(
                Fault::new("no-cohort", message, &table.place)
                    .help("add `[cohort]` with `subjects = 60`"),
            );
        }
        if let Some(node) = table.get("show").filter(|_| !kind.takes_variables()) {
            let message = format!("a figure of kind `{word}` chooses itself what it shows");
            faults.add(Fault::new("no-meaning", message, &node.place).help("remove `show`"));
        }
        let name = match table.get("name") {
            Some(node) => {
                let Some(name) = node.text() else { continue };
                check_name(node, name, faults);
                if !taken.insert(name.to_owned()) {
                    let message = format!("two figures are called `{name}`");
                    faults.add(Fault::new("repeated", message, &node.place));
                }
                name.to_owned()
            }
            None => free_name(word, &mut taken),
        };
        figures.push(FigurePlan {
            name,
            kind: *kind,
            show,
        });
    }
    figures
}

fn check_name(node: &Node, name: &str, faults: &Collector) {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
    if name.is_empty() || name.len() > LONGEST_NAME || !name.chars().all(allowed) {
        let message = "the name of a figure becomes a file name";
        faults.add(Fault::new("bad-name", message, &node.place).help(format!(
            "use up to {LONGEST_NAME} lower-case letters, digits, `-` and `_`"
        )));
    }
}

fn free_name(word: &str, taken: &mut BTreeSet<String>) -> String {
    let mut name = word.to_owned();
    let mut number = 2;
    while !taken.insert(name.clone()) {
        name = format!("{word}-{number}");
        number += 1;
    }
    name
}
