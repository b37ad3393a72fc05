//! `[[figure]]`: which pictures a run draws.

use std::collections::{BTreeMap, BTreeSet};

use gutbrain_figures::{Colour, Look};
use gutbrain_network::fault::Collector;
use gutbrain_network::{Code, Declaration, Fault};

use super::figure_look::resolve_look;
use super::figure_view::Context;
use super::node::Node;
use super::plan::{FigureKind, FigurePlan, Scenario};
use super::resolve::resolve_names;

/// Most quantities that a figure nobody asked for shows.
const MOST_SHOWN: usize = 16;

/// Most characters of a file name.
const LONGEST_NAME: usize = 64;

/// The observables of a summary that nobody chose: those that the family of the model declares, else the
/// first ones of the model.
pub(super) fn default_summary(declaration: &Declaration, most: usize) -> Vec<String> {
    let mut summary = declaration.family.summary.clone();
    if summary.is_empty() {
        summary = declaration.observables.keys().cloned().collect();
    }
    summary.truncate(most);
    summary
}

/// The figures of a scenario that asks for none: the variables of the summary, if there are any, and of a
/// cohort its survival.
pub(super) fn default_figures(
    summary: &[String],
    is_cohort: bool,
    (style, colours): (&Look, &BTreeMap<String, Colour>),
) -> Vec<FigurePlan> {
    let plain = |name: &str, kind| FigurePlan {
        look: style.clone(),
        colours: colours.clone(),
        ..FigurePlan::plain(name, kind)
    };
    let survival = plain("survival", FigureKind::Survival);
    let summary = FigurePlan {
        show: summary.to_vec(),
        ..plain("summary", FigureKind::Trajectories)
    };
    let survival = is_cohort.then_some(survival);
    let summary = (!summary.show.is_empty()).then_some(summary);
    survival.into_iter().chain(summary).collect()
}

/// The figure of what was measured, of a scenario that asks for no figures.
pub(super) fn figure_of_data(scenario: &Scenario) -> Option<FigurePlan> {
    let measured = scenario.data.measured().into_iter();
    let show: Vec<String> = measured.take(MOST_SHOWN).map(str::to_owned).collect();
    (!show.is_empty()).then(|| FigurePlan {
        show,
        look: scenario.style.clone(),
        ..FigurePlan::plain("data", FigureKind::Trajectories)
    })
}

/// The figures as asked for.
pub(super) fn resolve_figures(root: &Node, style: &Look, context: &Context<'_>) -> Vec<FigurePlan> {
    let (declaration, faults) = (context.declaration, context.quantities.faults);
    let mut figures: Vec<FigurePlan> = Vec::new();
    let mut taken = BTreeSet::new();
    for table in root.tables("figure") {
        let show = resolve_names(table.get("show"), declaration, faults);
        let word = table.get("kind").and_then(Node::text);
        let Some((word, (kind, choice))) =
            word.and_then(|word| Some((word, figure_kind(word, declaration)?)))
        else {
            continue;
        };
        if kind == FigureKind::Trajectories && choice.is_empty() && table.get("show").is_none() {
            let message = "a figure of kind `trajectories` must say what it shows";
            faults.add(
                Fault::new(Code::MissingKey, message, &table.place)
                    .help("write `show = [\"species_or_observable\", …]`"),
            );
        }
        if kind.needs_a_cohort() && root.get("cohort").is_none() {
            let message = format!("a figure of kind `{word}` shows many animals");
            faults.add(
                Fault::new(Code::NoCohort, message, &table.place)
                    .help("add `[cohort]` with `subjects = 60`"),
            );
        }
        if let Some(node) = table.get("show").filter(|_| !kind.takes_variables()) {
            let message = format!("a figure of kind `{word}` chooses itself what it shows");
            faults.add(Fault::new(Code::NoMeaning, message, &node.place).help("remove `show`"));
        }
        let name = match table.get("name") {
            Some(node) => {
                let Some(name) = node.text() else { continue };
                check_name(node, name, faults);
                if !taken.insert(name.to_owned()) {
                    let message = format!("two figures are called `{name}`");
                    faults.add(Fault::new(Code::Repeated, message, &node.place));
                }
                name.to_owned()
            }
            None => free_name(word, &mut taken),
        };
        let mut figure = FigurePlan {
            show,
            choice,
            look: resolve_look(table, style, faults),
            ..FigurePlan::plain(&name, kind)
        };
        context.resolve(table, &mut figure);
        figures.push(figure);
    }
    figures
}

/// The kind of a word, and the variables that the family of the model chooses for it.
#[must_use]
pub fn figure_kind(word: &str, declaration: &Declaration) -> Option<(FigureKind, Vec<String>)> {
    let mut known = FigureKind::WORDS.iter();
    if let Some((_, kind)) = known.find(|(known, _)| *known == word) {
        return Some((*kind, Vec::new()));
    }
    let chosen = &declaration.family.figure(word)?.show;
    let choice = chosen.iter().map(|id| id.value.clone()).collect();
    Some((FigureKind::Trajectories, choice))
}

fn check_name(node: &Node, name: &str, faults: &Collector) {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
    if name.is_empty() || name.len() > LONGEST_NAME || !name.chars().all(allowed) {
        let message = "the name of a figure becomes a file name";
        faults.add(
            Fault::new(Code::BadName, message, &node.place).help(format!(
                "use up to {LONGEST_NAME} lower-case letters, digits, `-` and `_`"
            )),
        );
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
