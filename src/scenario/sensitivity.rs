//! `[sensitivity]`: which unknowns are varied, by which method, and what is asked.

use gutbrain_network::declaration::{Prior, Role};
use gutbrain_network::{Code, Declaration, Fault};

use super::factor::{Factor, resolve_factor};
use super::node::Node;
use super::outputs::{Asker, Output, read_outputs};
use super::quantity::Quantities;
use super::question::Question;
use super::resolve::suggest;
use super::sweep::WrittenText;

/// The design of `gutbrain sensitivity`, with what holds where the scenario says nothing.
#[derive(Debug, Clone, PartialEq)]
pub struct SensitivityPlan {
    /// How importance is measured.
    pub method: SensitivityMethod,
    /// Rows of a Sobol study, trajectories of a Morris screening, points of PRCC; 1 for local ones.
    pub samples: u64,
    /// Levels of every factor in a Morris screening; even.
    pub levels: u32,
    /// What is read off every point.
    pub outputs: Vec<Output>,
    /// The features among them, as they are put to lives.
    pub question: Question,
    /// Which parameters are varied over their declared ranges.
    pub parameters: Chosen,
    /// Factors with ranges of their own.
    pub factors: Vec<Factor>,
    /// What is varied together.
    pub grouping: Grouping,
}

/// How importance is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SensitivityMethod {
    /// Shares of the output's variance.
    Sobol,
    /// Elementary effects: a cheap screening.
    Morris,
    /// Partial rank correlation coefficients.
    Prcc,
    /// Exact derivatives at the values of the preset.
    Local,
}

impl SensitivityMethod {
    /// Every method with its word in scenario files.
    pub const WORDS: [(&'static str, Self); 4] = [
        ("sobol", Self::Sobol),
        ("morris", Self::Morris),
        ("prcc", Self::Prcc),
        ("local", Self::Local),
    ];

    /// Its word in scenario files.
    #[must_use]
    pub fn word(self) -> &'static str {
        let found = Self::WORDS.iter().find(|(_, method)| *method == self);
        found.map_or("", |(word, _)| word)
    }

    /// The samples taken where the scenario does not say, and the fewest and most that can be.
    fn samples(self) -> (u64, std::ops::RangeInclusive<u64>) {
        match self {
            Self::Sobol => (1024, 2..=4_194_304),
            Self::Morris => (50, 2..=1_000_000),
            Self::Prcc => (1000, 4..=10_000_000),
            Self::Local => (1, 1..=1),
        }
    }
}

/// Which parameters are varied over their declared ranges.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Chosen {
    /// Every uncertain one that acts in the scenario.
    All,
    /// These, by id.
    These(Vec<String>),
}

/// What is varied together and gets one index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grouping {
    /// Nothing: every factor has its own.
    Alone,
    /// Parameters that are declared in the same file of the model.
    Compartment,
    /// Parameters that act in the same pathway.
    Pathway,
    /// Parameters that rest on evidence of the same grade, or on an assumption.
    Evidence,
}

impl Grouping {
    /// Every grouping with its word in scenario files.
    pub const WORDS: [(&'static str, Self); 4] = [
        ("none", Self::Alone),
        ("compartment", Self::Compartment),
        ("pathway", Self::Pathway),
        ("evidence", Self::Evidence),
    ];

    /// Its word in scenario files.
    #[must_use]
    pub fn word(self) -> &'static str {
        let found = Self::WORDS.iter().find(|(_, grouping)| *grouping == self);
        found.map_or("", |(word, _)| word)
    }
}

/// The design as asked for.
pub(super) fn resolve_sensitivity(
    root: &Node,
    declaration: &Declaration,
    asker: Option<&Asker<'_>>,
    quantities: Quantities<'_>,
) -> SensitivityPlan {
    let at = |name: &str| root.at(&format!("sensitivity.{name}"));
    let word = |name: &str| at(name).and_then(Node::text);
    let method = SensitivityMethod::WORDS
        .iter()
        .find(|(known, _)| Some(*known) == word("method"))
        .map_or(SensitivityMethod::Sobol, |(_, method)| *method);
    let grouping = Grouping::WORDS
        .iter()
        .find(|(known, _)| Some(*known) == word("groups"))
        .map_or(Grouping::Alone, |(_, grouping)| *grouping);
    let refuse = |code, node: &Node, message: String, help: &str| {
        let fault = Fault::new(code, message, &node.place);
        quantities.faults.add(fault.help(help));
    };
    let (default, range) = method.samples();
    let mut samples = default;
    if let Some((node, asked)) = at("samples").and_then(|node| Some((node, node.whole()?))) {
        if method == SensitivityMethod::Local {
            let message = "a local analysis takes no samples".to_owned();
            refuse(
                Code::NoMeaning,
                node,
                message,
                "remove `sensitivity.samples`",
            );
        } else if range.contains(&asked) {
            samples = asked;
        } else {
            let (low, high) = range.into_inner();
            let message = format!("`sensitivity.samples` must lie between {low} and {high}");
            let help = format!("this is {asked}");
            refuse(Code::OutOfRange, node, message, &help);
        }
    }
    let mut levels = 4;
    if let Some((node, asked)) = at("levels").and_then(|node| Some((node, node.whole()?))) {
        match u32::try_from(asked) {
            Ok(asked) if (2..=1000).contains(&asked) && asked % 2 == 0 => levels = asked,
            _ => refuse(
                Code::OutOfRange,
                node,
                "`sensitivity.levels` must be an even number from 2 to 1000".to_owned(),
                &format!("this is {asked}"),
            ),
        }
    }
    let grouped = matches!(method, SensitivityMethod::Sobol | SensitivityMethod::Morris);
    if let (Some(node), false, false) = (at("groups"), grouped, grouping == Grouping::Alone) {
        let message = format!("groups have no meaning for `{}`", method.word());
        refuse(Code::NoMeaning, node, message, "use `sobol` or `morris`");
    }
    let written = WrittenText::list(at("outputs"));
    let (outputs, question) = match asker.map(|asker| read_outputs(&written, asker)) {
        Some(Ok(found)) => found,
        Some(Err(found)) => {
            quantities.faults.extend(found);
            Default::default()
        }
        None => Default::default(),
    };
    let tables = root
        .get("sensitivity")
        .map(|table| table.tables("factor"))
        .unwrap_or_default();
    let mut factors: Vec<Factor> = Vec::new();
    for table in &tables {
        let Some(factor) = resolve_factor(table, declaration, quantities) else {
            continue;
        };
        if factors.iter().any(|other| other.target == factor.target) {
            let message = format!("two factors change `{}`", factor.name);
            refuse(Code::Repeated, table, message, "keep one of them");
            continue;
        }
        factors.push(factor);
    }
    let parameters = match at("factors").and_then(Node::list) {
        Some(items) => choose(items, declaration, quantities),
        None if factors.is_empty() => Chosen::All,
        None => Chosen::These(Vec::new()),
    };
    SensitivityPlan {
        method,
        samples,
        levels,
        outputs,
        question,
        parameters,
        factors,
        grouping,
    }
}

/// The uncertain parameters that names and patterns (`zo1_*`) stand for; `*` alone is all that act.
fn choose(items: &[Node], declaration: &Declaration, quantities: Quantities<'_>) -> Chosen {
    let mut chosen: Vec<String> = Vec::new();
    for item in items {
        let Some(pattern) = item.text() else { continue };
        if pattern == "*" {
            return Chosen::All;
        }
        if !pattern.contains('*') {
            match Factor::of_parameter(declaration, pattern) {
                Ok(_) => chosen.push(pattern.to_owned()),
                Err(cause) => {
                    let help = suggest(pattern, declaration.parameters.keys(), "parameters");
                    let fault = Fault::new(Code::UnknownName, cause.to_string(), &item.place);
                    quantities.faults.add(fault.help(help));
                }
            }
            continue;
        }
        let uncertain = declaration.parameters.iter().filter(|(id, parameter)| {
            parameter.role == Role::Property
                && parameter.prior != Prior::Fixed
                && parameter.range.is_some()
                && matches(pattern, id)
        });
        let found: Vec<&String> = uncertain.map(|(id, _)| id).collect();
        if found.is_empty() {
            let message = format!("no uncertain parameter is called like `{pattern}`");
            let fault = Fault::new(Code::UnknownName, message, &item.place);
            let help = "`gutbrain model list parameters` shows their names, ranges and priors";
            quantities.faults.add(fault.help(help));
        }
        chosen.extend(found.into_iter().cloned());
    }
    chosen.sort_unstable();
    chosen.dedup();
    Chosen::These(chosen)
}

/// Whether a name fits a pattern in which every `*` stands for any text.
fn matches(pattern: &str, name: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else {
        return pattern == name;
    };
    let Some(left) = name.strip_prefix(head) else {
        return false;
    };
    (0..=left.len()).any(|skipped| {
        let tail = left.get(skipped..);
        tail.is_some_and(|tail| matches(rest, tail))
    })
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn stars_stand_for_any_text() {
        for (pattern, name, fits) in [
            ("zo1_*", "zo1_turnover", true),
            ("*_half", "butyrate_half", true),
            ("*butyrate*gain", "zo1_butyrate_gain", true),
            ("*butyrate*gain", "zo1_butyrate_gains", false),
            ("zo1", "zo1_turnover", false),
            ("*", "", true),
        ] {
            assert_eq!(matches(pattern, name), fits, "{pattern} {name}");
        }
    }
}
