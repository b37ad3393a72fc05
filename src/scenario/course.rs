//! How a trial follows its animals: who enters and when, visits, what is lost, and what is compared.
//!
//! Times are days after entry; entry is at birth where a design says nothing, so that they are ages.

use gutbrain_network::declaration::AssayNoise;
use gutbrain_network::reading::did_you_mean;
use gutbrain_network::unit::Unit;
use gutbrain_network::{Code, Declaration, Fault};

use super::cohort::at_most;
use super::moment::{Happening, Last, Moment, find_happening, happening_words, read_moment};
use super::node::Node;
use super::plan::SimulationPlan;
use super::quantity::Quantities;
use crate::limits;

/// How a design follows its animals.
#[derive(Debug, Clone, PartialEq)]
pub struct CoursePlan {
    /// Who enters, and when.
    pub entry: EntryPlan,
    /// Treated animals for each control.
    pub treated_per_control: u64,
    /// Times of visits that are used, in days after entry, in order.
    pub visits: Vec<f64>,
    /// Share of visits that are missed by chance.
    pub missing: f64,
    /// Hazard of leaving for no reason of the disease, per day.
    pub dropout: f64,
    /// What is compared.
    pub endpoint: EndpointKind,
    /// Until when survival is followed, in days after entry; infinite for the end of the scenario.
    pub until: f64,
}

impl Default for CoursePlan {
    fn default() -> Self {
        Self {
            entry: EntryPlan {
                at: Moment::Age(0.0),
                windows: Vec::new(),
            },
            treated_per_control: 1,
            visits: Vec::new(),
            missing: 0.0,
            dropout: 0.0,
            endpoint: EndpointKind::Survival,
            until: f64::INFINITY,
        }
    }
}

impl CoursePlan {
    /// Whether it is that of every animal from birth to the end of its life.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        *self == Self::default()
    }

    /// The unit of the effect.
    #[must_use]
    pub fn unit(&self) -> String {
        match &self.endpoint {
            EndpointKind::Survival => "d".to_owned(),
            EndpointKind::Slope(measure) if measure.unit == "1" => "1/d".to_owned(),
            EndpointKind::Slope(measure) => format!("{}/d", measure.unit),
            EndpointKind::JointRank(_) | EndpointKind::Ratio(_) => "1".to_owned(),
        }
    }
}

/// Who enters a trial, and when.
#[derive(Debug, Clone, PartialEq)]
pub struct EntryPlan {
    /// When an animal is asked.
    pub at: Moment,
    /// What must hold then, all of it.
    pub windows: Vec<Window>,
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

/// What is asked of an animal at entry.
#[derive(Debug, Clone, PartialEq)]
pub enum Criterion {
    /// Its age, in days.
    Age,
    /// Days since an event; what did not happen is outside of every window.
    Since(Happening),
    /// The value of an observable or species, in its unit.
    Value(String),
}

/// What a design compares.
#[derive(Debug, Clone, PartialEq)]
pub enum EndpointKind {
    /// Survival from entry: log-rank test, difference of restricted means.
    Survival,
    /// Slopes, by a mixed model: difference per day.
    Slope(Measure),
    /// Survival and change since the first visit in one rank: net benefit.
    JointRank(Measure),
    /// The last visit over the first: logarithm of the ratio of geometric means.
    Ratio(Measure),
}

impl EndpointKind {
    /// Its word in scenario files.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Survival => "survival",
            Self::Slope(_) => "slope",
            Self::JointRank(_) => "joint-rank",
            Self::Ratio(_) => "ratio",
        }
    }

    /// What is measured at visits.
    #[must_use]
    pub fn measure(&self) -> Option<&Measure> {
        match self {
            Self::Survival => None,
            Self::Slope(measure) | Self::JointRank(measure) | Self::Ratio(measure) => Some(measure),
        }
    }
}

/// A quantity that is measured with error.
#[derive(Debug, Clone, PartialEq)]
pub struct Measure {
    /// Id of an observable or species.
    pub id: String,
    /// Its unit.
    pub unit: String,
    /// The error of one measurement.
    pub error: MeasureError,
}

/// The error of one measurement.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum MeasureError {
    /// It is exact.
    None,
    /// Normal with this standard deviation, in the unit of the quantity.
    Absolute(f64),
    /// Log-normal with this coefficient of variation: the assay that the model declares.
    Relative(f64),
}

/// Reads what a design says of entry, visits and endpoint.
pub(super) fn resolve_course(
    table: &Node,
    name: &str,
    declaration: &Declaration,
    simulation: Option<SimulationPlan>,
    quantities: Quantities<'_>,
) -> CoursePlan {
    let reader = Reader {
        declaration,
        quantities,
    };
    let mut plan = CoursePlan::default();
    if let Some(node) = table.at("entry.at") {
        let at = read_moment(quantities, declaration, node, "entry", Last::IsAge);
        plan.entry.at = at.unwrap_or(plan.entry.at);
    }
    for window in table
        .get("entry")
        .map_or_else(Vec::new, |it| it.tables("windows"))
    {
        plan.entry.windows.extend(reader.window(window));
    }
    plan.treated_per_control = match table.get("allocation").and_then(Node::text) {
        Some("2:1") => 2,
        Some("3:1") => 3,
        _ => 1,
    };
    if let Some((node, share)) = table.get("missing").and_then(|it| Some((it, it.number()?))) {
        if !(0.0..1.0).contains(&share) {
            let message = "`missing` must be a share from 0 to below 1";
            reader.add(Fault::new(Code::OutOfRange, message, &node.place));
        }
        plan.missing = share;
    }
    if let Some(node) = table.get("dropout") {
        let per_day = Unit::one().divide(&Unit::day());
        let hazard = match node.number() {
            Some(0.0) => Some(0.0),
            _ => quantities.read(node, "`dropout`", &per_day),
        };
        if hazard.is_some_and(|hazard| hazard < 0.0) {
            let message = "`dropout` must not be negative";
            reader.add(Fault::new(Code::OutOfRange, message, &node.place));
        }
        plan.dropout = hazard.unwrap_or(0.0).max(0.0);
    }
    let visits = table.get("visits");
    if let Some((node, items)) = visits.and_then(|node| Some((node, node.list()?))) {
        let most = limits::LISTED_AGES;
        at_most(most, items.len(), "times", "`visits`", node, quantities);
        let times = items.iter();
        let times = times.filter_map(|item| quantities.age(item, "a time of `visits`"));
        plan.visits = times.collect();
        plan.visits.sort_by(f64::total_cmp);
        plan.visits.dedup_by(|a, b| a.total_cmp(b).is_eq());
    }
    reader.endpoint(table, &mut plan);
    if let Some(simulation) = simulation {
        reader.check_times(table, name, &plan, simulation);
    }
    plan
}

struct Reader<'a> {
    declaration: &'a Declaration,
    quantities: Quantities<'a>,
}

impl Reader<'_> {
    fn add(&self, fault: Fault) {
        self.quantities.faults.add(fault);
    }

    fn unknown(&self, node: &Node, message: String, more: &[&str]) {
        let observables = self.declaration.observables.keys();
        let known = observables.chain(self.declaration.species.keys());
        let known = known.map(String::as_str).chain(more.iter().copied());
        let help = did_you_mean(node.text().unwrap_or_default(), known);
        self.add(Fault::new(Code::UnknownName, message, &node.place).maybe_help(help));
    }

    fn window(&self, table: &Node) -> Option<Window> {
        let node = table.get("of")?;
        let word = node.text()?;
        let (of, unit) = if word == "age" {
            (Criterion::Age, Unit::day())
        } else if let Some(event) = word.strip_prefix("time since ") {
            let Some(happening) = find_happening(self.declaration, event.trim()) else {
                let message = format!("`{event}` is nothing that time is counted from");
                let known = happening_words(self.declaration);
                let help = did_you_mean(event, known.iter().copied())
                    .unwrap_or_else(|| format!("known: {}", known.join(", ")));
                self.add(Fault::new(Code::UnknownName, message, &node.place).help(help));
                return None;
            };
            (Criterion::Since(happening), Unit::day())
        } else if let Some(unit) = self.declaration.unit_of_course(word) {
            (Criterion::Value(word.to_owned()), unit.clone())
        } else {
            let message = format!("`{word}` is nothing that entry can be asked of");
            let mut more: Vec<String> = happening_words(self.declaration)
                .iter()
                .map(|word| format!("time since {word}"))
                .collect();
            more.push("age".to_owned());
            let more: Vec<&str> = more.iter().map(String::as_str).collect();
            self.unknown(node, message, &more);
            return None;
        };
        let bound = |key: &str, default: f64| match table.get(key) {
            Some(node) => self.quantities.read(node, &format!("`{key}`"), &unit),
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
        let word = word.to_owned();
        Some(Window { of, word, from, to })
    }

    fn endpoint(&self, table: &Node, plan: &mut CoursePlan) {
        let Some(node) = table.get("endpoint") else {
            return;
        };
        let kind = node.get("kind").and_then(Node::text).unwrap_or("survival");
        let time = |key: &str| {
            let what = format!("`endpoint.{key}`");
            node.get(key).and_then(|it| self.quantities.age(it, &what))
        };
        let (from, to) = (time("from"), time("to"));
        if let (Some(from), Some(to)) = (from, to)
            && from >= to
        {
            let message = "`endpoint.from` does not come before `endpoint.to`";
            self.add(Fault::new(Code::TimesOutOfOrder, message, &node.place));
            return;
        }
        plan.until = to.unwrap_or(f64::INFINITY);
        if kind == "survival" {
            for key in ["observable", "error", "from"] {
                if let Some(given) = node.get(key) {
                    let message = format!("`endpoint.{key}` says nothing of survival");
                    let help = "remove it, or name another `kind`";
                    self.add(Fault::new(Code::NoMeaning, message, &given.place).help(help));
                }
            }
            return;
        }
        let Some(measure) = self.measure(node, kind) else {
            return;
        };
        let span = from.unwrap_or(0.0)..=plan.until;
        plan.visits.retain(|visit| span.contains(visit));
        if to.is_none() {
            plan.until = plan.visits.last().copied().unwrap_or(f64::INFINITY);
        }
        let least = if kind == "slope" { 3 } else { 2 };
        if plan.visits.len() < least {
            let message = format!(
                "a {kind} needs {least} visits; there {} {}",
                if plan.visits.len() == 1 { "is" } else { "are" },
                plan.visits.len()
            );
            let help =
                "write their times after entry, as in visits = [\"0 d\", \"30 d\", \"60 d\"]";
            let place = table.get("visits").map_or(&node.place, |it| &it.place);
            self.add(Fault::new(Code::OutOfRange, message, place).help(help));
        }
        plan.endpoint = match kind {
            "slope" => EndpointKind::Slope(measure),
            "joint-rank" => EndpointKind::JointRank(measure),
            _ => EndpointKind::Ratio(measure),
        };
    }

    fn measure(&self, node: &Node, kind: &str) -> Option<Measure> {
        let Some(named) = node.get("observable") else {
            let message = format!("a {kind} needs an `observable`");
            let help = "name what is measured at visits";
            self.add(Fault::new(Code::MissingKey, message, &node.place).help(help));
            return None;
        };
        let id = named.text()?;
        let Some(unit) = self.declaration.unit_of_course(id) else {
            self.unknown(named, format!("nothing called `{id}` can be measured"), &[]);
            return None;
        };
        let assay = self.declaration.observables.get(id);
        let assay = assay.and_then(|it| it.assay.as_ref().map(|assay| &assay.noise));
        let error = match (node.get("error"), assay) {
            (Some(given), _) => {
                let sd = self.quantities.read(given, "`endpoint.error`", unit)?;
                if sd < 0.0 {
                    let message = "a standard deviation must not be negative";
                    self.add(Fault::new(Code::OutOfRange, message, &given.place));
                }
                MeasureError::Absolute(sd)
            }
            (None, Some(AssayNoise::LogNormal(variation))) => MeasureError::Relative(*variation),
            (None, Some(AssayNoise::Counts(_))) => {
                let message =
                    format!("`{id}` is counted together with others; that is no endpoint");
                let help = "give the `error` of a measurement of it alone";
                self.add(Fault::new(Code::NoMeaning, message, &named.place).help(help));
                return None;
            }
            (None, None) => MeasureError::None,
        };
        let (id, unit) = (id.to_owned(), unit.to_string());
        Some(Measure { id, unit, error })
    }

    /// Refuses what lies outside the scenario for every animal.
    fn check_times(&self, table: &Node, name: &str, plan: &CoursePlan, simulation: SimulationPlan) {
        let Moment::Age(entry) = plan.entry.at else {
            return;
        };
        let at = |key: &str| table.at(key).map_or(&table.place, |node| &node.place);
        if entry >= simulation.stop {
            let message = format!("entry of `{name}` at {entry} d is not before the scenario ends");
            let help = format!("`simulation.stop` is {} d", simulation.stop);
            self.add(Fault::new(Code::TimesOutOfOrder, message, at("entry.at")).help(help));
            return;
        }
        let asked = !plan.visits.is_empty()
            || plan
                .entry
                .windows
                .iter()
                .any(|it| matches!(it.of, Criterion::Value(_)));
        let first = plan
            .visits
            .first()
            .filter(|_| plan.entry.windows.is_empty());
        if asked && entry + first.unwrap_or(&0.0) < simulation.start {
            let message = format!("`{name}` asks for values before the output begins");
            let help = format!("`simulation.start` is {} d", simulation.start);
            self.add(Fault::new(Code::TimesOutOfOrder, message, at("visits")).help(help));
        }
        if let Some(last) = plan.visits.last()
            && entry + last > simulation.stop
        {
            let message = format!(
                "the last visit of `{name}` is at {} d, after the scenario ends",
                entry + last
            );
            let help = format!("`simulation.stop` is {} d", simulation.stop);
            self.add(Fault::new(Code::TimesOutOfOrder, message, at("visits")).help(help));
        }
    }
}
