//! How a trial follows its animals: who enters and when, visits, what is lost, and what is compared.
//!
//! Times are days after entry; entry is at birth where a design says nothing, so that they are ages.

use gutbrain_network::declaration::AssayNoise;
use gutbrain_network::reading::did_you_mean;
use gutbrain_network::unit::Unit;
use gutbrain_network::{Code, Declaration, Fault};

use super::cohort::at_most;
use super::entry::{Criterion, EntryPlan};
use super::moment::Moment;
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
    /// Hazard of leaving, per day: for no reason of the disease, unless `leaving` says otherwise.
    pub dropout: f64,
    /// How the hazard of leaving follows what is measured.
    pub leaving: Option<Leaving>,
    /// What is compared.
    pub endpoint: EndpointKind,
    /// Until when survival is followed, in days after entry; infinite for the end of the scenario.
    pub until: f64,
}

impl Default for CoursePlan {
    fn default() -> Self {
        Self {
            entry: EntryPlan::default(),
            treated_per_control: 1,
            visits: Vec::new(),
            missing: 0.0,
            dropout: 0.0,
            leaving: None,
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

/// Leaving that depends on the course: the hazard is that of `dropout` at the usual value, and doubles with every
/// change by `doubles` from there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Leaving {
    /// The value at which the hazard is that of `dropout`.
    pub usual: f64,
    /// The change of the value with which it doubles: below zero where less means more leaving.
    pub doubles: f64,
    /// Which value counts.
    pub by: LeavingBy,
}

/// Which value decides on leaving.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeavingBy {
    /// What was measured at the last visit: the trial has seen it.
    Seen,
    /// The true value at the visit to come: nobody sees it of those who leave.
    Unseen,
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
    let mut plan = CoursePlan {
        entry: reader.entry(table),
        treated_per_control: match table.get("allocation").and_then(Node::text) {
            Some("2:1") => 2,
            Some("3:1") => 3,
            _ => 1,
        },
        ..CoursePlan::default()
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
    reader.endpoint(table, name, &mut plan);
    plan.leaving = reader.leaving(table, &plan);
    if let Some(simulation) = simulation {
        reader.check_times(table, name, &plan, simulation);
    }
    plan
}

/// Reads one design.
pub(super) struct Reader<'a> {
    pub(super) declaration: &'a Declaration,
    pub(super) quantities: Quantities<'a>,
}

impl Reader<'_> {
    pub(super) fn add(&self, fault: Fault) {
        self.quantities.faults.add(fault);
    }

    pub(super) fn unknown(&self, node: &Node, message: String, more: &[&str]) {
        let observables = self.declaration.observables.keys();
        let known = observables.chain(self.declaration.species.keys());
        let known = known.map(String::as_str).chain(more.iter().copied());
        let help = did_you_mean(node.text().unwrap_or_default(), known);
        self.add(Fault::new(Code::UnknownName, message, &node.place).maybe_help(help));
    }

    /// Refuses visits and gaps in them where nothing is measured.
    fn nothing_measured(&self, table: &Node, name: &str) {
        for key in ["visits", "missing", "leaving"] {
            if let Some(given) = table.get(key) {
                let message = format!(
                    "`{key}` of `{name}` has no meaning: nothing is measured at its visits"
                );
                let help = "name what is, as in `endpoint = { kind = \"slope\", observable = … }`, or remove it";
                self.add(Fault::new(Code::NoMeaning, message, &given.place).help(help));
            }
        }
    }

    /// How leaving follows what is measured.
    fn leaving(&self, table: &Node, plan: &CoursePlan) -> Option<Leaving> {
        let node = table.get("leaving")?;
        let unit = self
            .declaration
            .unit_of_course(&plan.endpoint.measure()?.id)?;
        let read = |key: &str| {
            self.quantities
                .read(node.get(key)?, &format!("`leaving.{key}`"), unit)
        };
        let (usual, doubles) = (read("usual")?, read("doubles")?);
        if plan.dropout <= 0.0 || doubles == 0.0 {
            let message = "`leaving` says how `dropout` follows what is measured: both must be other than zero";
            let help = "give a hazard, as in `dropout = \"0.001 1/day\"`, and `doubles` such as -6";
            self.add(Fault::new(Code::OutOfRange, message, &node.place).help(help));
            return None;
        }
        let by = match node.get("by").and_then(Node::text) {
            Some("unseen") => LeavingBy::Unseen,
            _ => LeavingBy::Seen,
        };
        Some(Leaving { usual, doubles, by })
    }

    fn endpoint(&self, table: &Node, name: &str, plan: &mut CoursePlan) {
        let Some(node) = table.get("endpoint") else {
            self.nothing_measured(table, name);
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
            self.nothing_measured(table, name);
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
        let Moment::Age(entry) = plan.entry.randomised() else {
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
