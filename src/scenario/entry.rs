//! Who enters a trial and when: windows at entry, a run-in before the arms are made, strata.
//!
//! Times are days; values are in the unit of what is asked.

use gutbrain_network::reading::did_you_mean;
use gutbrain_network::unit::Unit;
use gutbrain_network::{Code, Fault};

use super::course::Reader;
use super::moment::{Happening, Last, Moment, find_happening, happening_words, read_moment};
use super::node::Node;

/// Who enters a trial, and when.
#[derive(Debug, Clone, PartialEq)]
pub struct EntryPlan {
    /// When an animal is asked.
    pub at: Moment,
    /// What must hold then, all of it.
    pub windows: Vec<Window>,
    /// Days from there until the arms are made; visits are counted from then.
    pub run_in: f64,
    /// By how much values may have changed over the run-in.
    pub changes: Vec<Window>,
    /// What the arms are made alike in.
    pub strata: Vec<Border>,
}

impl Default for EntryPlan {
    fn default() -> Self {
        Self {
            at: Moment::Age(0.0),
            windows: Vec::new(),
            run_in: 0.0,
            changes: Vec::new(),
            strata: Vec::new(),
        }
    }
}

impl EntryPlan {
    /// When the arms are made, and visits begin to be counted.
    #[must_use]
    pub fn randomised(&self) -> Moment {
        self.at.later(self.run_in)
    }
}

/// A range that a value must lie in.
#[derive(Debug, Clone, PartialEq)]
pub struct Window {
    /// What must lie in it.
    pub of: Criterion,
    /// As it was written.
    pub word: String,
    /// The lowest value that enters.
    pub from: f64,
    /// The highest value that enters.
    pub to: f64,
}

/// Where animals are parted into two strata.
#[derive(Debug, Clone, PartialEq)]
pub struct Border {
    /// What parts them.
    pub of: Criterion,
    /// From this value on they are in the upper stratum.
    pub at: f64,
}

/// What is asked of an animal at entry.
#[derive(Debug, Clone, PartialEq)]
pub enum Criterion {
    /// Its age, in days.
    Age,
    /// Days since an event; what did not happen is outside of every window.
    Since(Happening),
    /// The value of an observable or species, in its unit.
    Value(String),
    /// By how much a value fell from the begin of the output to entry, over the days since an event: the loss of
    /// function since onset.
    Fall {
        /// The observable or species.
        id: String,
        /// Since when.
        since: Happening,
    },
}

impl Criterion {
    /// The observable or species that is read for it.
    #[must_use]
    pub fn reads(&self) -> Option<&str> {
        match self {
            Self::Age | Self::Since(_) => None,
            Self::Value(id) | Self::Fall { id, .. } => Some(id),
        }
    }
}

impl Reader<'_> {
    /// What a design says of entry.
    pub(super) fn entry(&self, table: &Node) -> EntryPlan {
        let mut plan = EntryPlan::default();
        if let Some(node) = table.at("entry.at") {
            let at = read_moment(
                self.quantities,
                self.declaration,
                node,
                "entry",
                Last::IsAge,
            );
            plan.at = at.unwrap_or(plan.at);
        }
        let tables = |key: &str| {
            let entry = table.get("entry");
            entry.map_or_else(Vec::new, |it| it.tables(key))
        };
        plan.windows = tables("windows")
            .into_iter()
            .filter_map(|it| self.window(it))
            .collect();
        if let Some(node) = table.at("entry.run_in") {
            let days = self.quantities.duration(node, "`entry.run_in`");
            plan.run_in = days.unwrap_or(0.0);
        }
        plan.changes = tables("changes")
            .into_iter()
            .filter_map(|it| self.change(it))
            .collect();
        if let (false, Some(node), true) = (
            plan.changes.is_empty(),
            table.at("entry.changes"),
            plan.run_in <= 0.0,
        ) {
            let message = "changes are those over a run-in, and there is none";
            let help = "say how long it is: `run_in = \"84 d\"`";
            self.add(Fault::new(Code::MissingKey, message, &node.place).help(help));
        }
        plan.strata = tables("strata")
            .into_iter()
            .filter_map(|it| self.border(it))
            .collect();
        plan
    }

    /// What is asked, and its unit.
    fn criterion(&self, node: &Node) -> Option<(Criterion, Unit)> {
        let word = node.text()?;
        if word == "age" {
            return Some((Criterion::Age, Unit::day()));
        }
        if let Some(event) = word.strip_prefix("time since ") {
            return Some((Criterion::Since(self.happening(node, event)?), Unit::day()));
        }
        if let Some((id, event)) = word
            .strip_prefix("fall of ")
            .and_then(|rest| rest.split_once(" since "))
        {
            let Some(unit) = self.declaration.unit_of_course(id) else {
                self.unknown(node, format!("nothing called `{id}` can be measured"), &[]);
                return None;
            };
            let unit = unit.divide(&Unit::day());
            let since = self.happening(node, event)?;
            let id = id.to_owned();
            return Some((Criterion::Fall { id, since }, unit));
        }
        if let Some(unit) = self.declaration.unit_of_course(word) {
            return Some((Criterion::Value(word.to_owned()), unit.clone()));
        }
        let message = format!("`{word}` is nothing that entry can be asked of");
        let mut more: Vec<String> = happening_words(self.declaration)
            .iter()
            .map(|word| format!("time since {word}"))
            .collect();
        more.push("age".to_owned());
        let more: Vec<&str> = more.iter().map(String::as_str).collect();
        self.unknown(node, message, &more);
        None
    }

    fn happening(&self, node: &Node, event: &str) -> Option<Happening> {
        let found = find_happening(self.declaration, event.trim());
        if found.is_none() {
            let message = format!("`{event}` is nothing that time is counted from");
            let known = happening_words(self.declaration);
            let help = did_you_mean(event, known.iter().copied())
                .unwrap_or_else(|| format!("known: {}", known.join(", ")));
            self.add(Fault::new(Code::UnknownName, message, &node.place).help(help));
        }
        found
    }

    fn window(&self, table: &Node) -> Option<Window> {
        let node = table.get("of")?;
        let (of, unit) = self.criterion(node)?;
        self.between(table, node, of, &unit)
    }

    /// A window over the change of a value in the run-in.
    fn change(&self, table: &Node) -> Option<Window> {
        let node = table.get("of")?;
        let (of, unit) = self.criterion(node)?;
        if !matches!(of, Criterion::Value(_)) {
            let message = "over a run-in the change of an observable or species is asked of";
            self.add(Fault::new(Code::NoMeaning, message, &node.place));
            return None;
        }
        self.between(table, node, of, &unit)
    }

    fn between(&self, table: &Node, node: &Node, of: Criterion, unit: &Unit) -> Option<Window> {
        let word = node.text()?.to_owned();
        if table.get("from").is_none() && table.get("to").is_none() {
            let message = format!("the window of `{word}` has no bound: it keeps nobody out");
            let help = format!("give `from`, `to` or both, in {unit}");
            self.add(Fault::new(Code::MissingKey, message, &node.place).help(help));
            return None;
        }
        let bound = |key: &str, default: f64| match table.get(key) {
            Some(node) => self.quantities.read(node, &format!("`{key}`"), unit),
            None => Some(default),
        };
        let from = bound("from", f64::NEG_INFINITY)?;
        let to = bound("to", f64::INFINITY)?;
        if from > to {
            let message = format!("nobody has `{word}` from {from} to {to}");
            let help = "write the lower bound as `from`, the higher one as `to`";
            self.add(Fault::new(Code::BadRange, message, &node.place).help(help));
            return None;
        }
        Some(Window { of, word, from, to })
    }

    fn border(&self, table: &Node) -> Option<Border> {
        let node = table.get("of")?;
        let (of, unit) = self.criterion(node)?;
        let at = self.quantities.read(table.get("at")?, "`at`", &unit)?;
        Some(Border { of, at })
    }
}
