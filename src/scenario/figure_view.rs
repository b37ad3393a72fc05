//! What a `[[figure]]` shows of its data, and in which colours: `arms`, `colours`, `from`, `to` and
//! `logarithmic`.

use std::collections::BTreeMap;

use gutbrain_figures::{Colour, View};
use gutbrain_network::reading::did_you_mean;
use gutbrain_network::{Code, Declaration, Fault};

use super::node::Node;
use super::plan::{Arm, FigurePlan, SimulationPlan};
use super::quantity::Quantities;
use super::resolve::resolve_names;

/// Contrast to white paper below which a line cannot be seen.
const LEAST_CONTRAST: f64 = 1.2;

/// What the keys of a figure are checked against.
pub(super) struct Context<'a> {
    pub(super) declaration: &'a Declaration,
    pub(super) arms: &'a [Arm],
    pub(super) simulation: Option<SimulationPlan>,
    pub(super) quantities: Quantities<'a>,
    /// The colours of `[style]`.
    pub(super) colours: BTreeMap<String, Colour>,
}

impl Context<'_> {
    fn add(&self, fault: Fault) {
        self.quantities.faults.add(fault);
    }

    /// Fills in what `table` says about the view of a figure.
    pub(super) fn resolve(&self, table: &Node, figure: &mut FigurePlan) {
        let word = figure.kind.word();
        let refused = |key: &str, why: &str| {
            if let Some(node) = table.get(key) {
                let message = format!("a figure of kind `{word}` {why}");
                let help = format!("remove `{key}`");
                self.add(Fault::new(Code::NoMeaning, message, &node.place).help(help));
            }
        };
        if figure.kind.has_arms() {
            figure.arms = self.arms_of(table.get("arms"));
        } else {
            refused("arms", "always shows all arms together");
        }
        figure.colours = self.colours.clone();
        if figure.kind.has_colours() {
            figure
                .colours
                .extend(self.own_colours(table.get("colours")));
        } else {
            refused("colours", "has no colours of arms");
        }
        if figure.kind.has_ages() {
            figure.view = self.ages(table);
        } else {
            refused("from", "has no axis of ages that could be cut");
            refused("to", "has no axis of ages that could be cut");
        }
        if figure.kind.takes_variables() {
            let names = resolve_names(
                table.get("logarithmic"),
                self.declaration,
                self.quantities.faults,
            );
            let shown = match figure.show.is_empty() {
                true => &figure.choice,
                false => &figure.show,
            };
            if let Some(other) = names.iter().find(|name| !shown.contains(name)) {
                let place = &table.get("logarithmic").unwrap_or(table).place;
                let message = format!("the figure does not show `{other}`");
                self.add(Fault::new(Code::NoMeaning, message, place));
            }
            figure.view.logarithmic = names.into_iter().collect();
        } else {
            refused("logarithmic", "has no axis that could be logarithmic");
        }
    }

    /// The arms that are named, each once.
    fn arms_of(&self, node: Option<&Node>) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        let items = node.and_then(Node::list);
        if let (Some(node), Some([])) = (node, items) {
            let message = "a figure shows at least one arm";
            let help = "name one, or leave `arms` out to show all";
            self.add(Fault::new(Code::Empty, message, &node.place).help(help));
        }
        for item in items.unwrap_or_default() {
            let Some(name) = item.text() else { continue };
            let known = self.arms.iter().map(|arm| arm.name.as_str());
            if found.iter().any(|other| other == name) {
                let message = format!("`{}` is in the list twice", name.escape_debug());
                self.add(Fault::new(Code::Repeated, message, &item.place));
            } else if known.clone().any(|known| known == name) {
                found.push(name.to_owned());
            } else {
                let message = format!("the scenario has no arm `{}`", name.escape_debug());
                let help = did_you_mean(name, known);
                self.add(Fault::new(Code::UnknownName, message, &item.place).maybe_help(help));
            }
        }
        found
    }

    /// The colours of a figure; of these, unlike those of a style, every arm must be there.
    fn own_colours(&self, node: Option<&Node>) -> BTreeMap<String, Colour> {
        for (name, entry) in node.and_then(Node::table).into_iter().flatten() {
            if !self.arms.iter().any(|arm| arm.name == *name) {
                let message = format!("the scenario has no arm `{}`", name.escape_debug());
                let known = self.arms.iter().map(|arm| arm.name.as_str());
                let help = did_you_mean(name, known);
                self.add(Fault::new(Code::UnknownName, message, &entry.key).maybe_help(help));
            }
        }
        read_colours(node, self.quantities)
    }

    fn ages(&self, table: &Node) -> View {
        let age = |key: &str| {
            let node = table.get(key).filter(|node| node.text().is_some())?;
            let age = self.quantities.age(node, key)?;
            let span = self.simulation.filter(|plan| {
                let last = plan.stop.max(plan.start);
                !(0.0..=last).contains(&age)
            });
            if let Some(plan) = span {
                let message = format!("the simulation has no age of {age} d");
                let help = format!("it ends at {} d", plan.stop);
                self.add(Fault::new(Code::OutOfRange, message, &node.place).help(help));
            }
            Some(age)
        };
        let (from, to) = (age("from"), age("to"));
        if let (Some(from), Some(to)) = (from, to)
            && from >= to
        {
            let place = &table.get("to").unwrap_or(table).place;
            let message = format!("the axis would end at {to} d, before it begins at {from} d");
            self.add(Fault::new(Code::OutOfRange, message, place));
        }
        View {
            from,
            to,
            ..View::default()
        }
    }
}

/// Colours by names.
pub(super) fn read_colours(
    node: Option<&Node>,
    quantities: Quantities<'_>,
) -> BTreeMap<String, Colour> {
    let mut colours = BTreeMap::new();
    for (name, entry) in node.and_then(Node::table).into_iter().flatten() {
        let Some(text) = entry.value.text() else {
            continue;
        };
        let fault = |code, message: String| Fault::new(code, message, &entry.value.place);
        match text.parse::<Colour>() {
            Ok(colour) if colour.contrast_to_white() >= LEAST_CONTRAST => {
                colours.insert(name.clone(), colour);
            }
            Ok(_) => {
                let message = format!("a line in `{text}` cannot be seen on white paper");
                let help = "choose a darker colour";
                quantities
                    .faults
                    .add(fault(Code::OutOfRange, message).help(help));
            }
            Err(_) => {
                let message = format!("`{}` is no colour", text.escape_debug());
                let help = "write `#` and six hexadecimal digits, such as \"#0072b2\"";
                quantities
                    .faults
                    .add(fault(Code::NoQuantity, message).help(help));
            }
        }
    }
    colours
}
