//! Calibration files: text to a checked [`Calibration`].
//!
//! ```toml
//! says       = "Natural history and butyrate in C57BL/6"
//! parameters = ["microglia_gain", "mouse-g93a-c57bl6/microglia_lethality"]   # SUBJECT/NAME: the value in that preset
//! starts     = 4          # the first one is the model as it stands, the others a Latin hypercube
//! seed       = 1
//! horizon    = "400 d"    # endpoints are looked for up to this age, also "60 month"; at most 36500 d
//! evaluations = 60        # limit of simulations per start
//! method     = "lm"       # or "cma-es"
//!
//! [posterior]             # how `--posterior` samples
//! chains  = 8
//! rounds  = 4             # of adaptation, each with this many steps
//! round   = 1000
//! steps   = 10000         # after that
//! every   = 5             # a state is recorded
//! walk    = 128           # most steps on the response surface for each one that is simulated; 0: none
//! vectors = 200           # that are kept in the end
//!
//! [prior]
//! weight  = 0.5           # of a prior residual against a target residual
//! centres = { microglia_gain = 1.2 }   # where not the middle of the range
//!
//! [[target]]
//! name     = "death, C57BL/6, untreated"
//! evidence = ["S1-01"]
//! scenario = "../scenarios/butyrate-g93a-c57bl6.toml"   # relative to this file
//! arm      = "control"
//! feature  = "death"      # see `gutbrain::simulate::feature`
//! kind     = "point"
//! value    = 160
//! sd       = 4
//!
//! data = ["own.toml"]     # scenarios whose `[[data]]` are targets, row by row; relative to this file
//!
//! [[target]]
//! name     = "leak at 60 d"
//! …
//! kind = "band"           # no residual inside, linear in sd outside
//! low  = 1.6
//! high = 2.4
//! sd   = 0.1
//! ```

use std::collections::BTreeMap;

use gutbrain_network::declaration;
use gutbrain_network::fault::{Collector, Place};
use gutbrain_network::reading::{Document, Table, Written, did_you_mean};
use gutbrain_network::{Code, Declaration, Fault, Faults, Source};

use crate::limits;

use super::coordinate::{Coordinate, Family, Measure, Prior};
use super::sampler::Plan;
use super::standard::Standard;
use super::target::{Target, read_target};

/// A parameter to be fitted: its value in the declaration or in one preset.
#[derive(Debug, Clone, PartialEq)]
pub struct Fitted {
    /// As written: `NAME` or `SUBJECT/NAME`.
    pub id: String,
    /// The preset whose value is fitted; the declaration's if none.
    pub subject: Option<String>,
    /// Id of the parameter.
    pub parameter: String,
    /// Its value now.
    pub value: f64,
    /// Its free coordinate.
    pub coordinate: Coordinate,
    /// Its prior, if it prefers anything.
    pub prior: Option<Prior>,
    /// Its prior as a distribution, weighted as the file says.
    pub standard: Standard,
}

/// How a fit is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Levenberg–Marquardt with exact sensitivities.
    LevenbergMarquardt,
    /// CMA-ES, without derivatives; `evaluations` limits its generations.
    CmaEs,
}

impl Method {
    /// Every method with its word in files.
    pub const WORDS: &[(&str, Self)] = &[("lm", Self::LevenbergMarquardt), ("cma-es", Self::CmaEs)];

    /// Its word.
    #[must_use]
    pub fn word(self) -> &'static str {
        let found = Self::WORDS.iter().find(|(_, method)| *method == self);
        found.map_or("", |(word, _)| word)
    }
}

/// A checked calibration file.
#[derive(Debug, Clone, PartialEq)]
pub struct Calibration {
    /// What it is for.
    pub says: String,
    /// The targets in the order of the file; those of own data, once they are read, come last.
    pub targets: Vec<Target>,
    /// Scenarios whose own data are targets, and where the file names them.
    pub data: Vec<(String, Place)>,
    /// The parameters in the order of the file.
    pub parameters: Vec<Fitted>,
    /// Number of starts; the first one is the model as it stands.
    pub starts: usize,
    /// Seed of the other starts.
    pub seed: u64,
    /// Weight of prior residuals.
    pub prior_weight: f64,
    /// Age up to which endpoints are looked for, in days.
    pub horizon: f64,
    /// Limit of simulations of each target per start.
    pub evaluations: usize,
    /// How the fit is made.
    pub method: Method,
    /// How the posterior is sampled.
    pub sampling: Plan,
    /// Vectors of the posterior that are kept.
    pub vectors: usize,
}

impl Calibration {
    /// Reads and checks the text of a calibration file against the model.
    ///
    /// # Errors
    /// All faults at once: syntax, unknown keys, unknown parameters, subjects and evidence rows,
    /// evidence that is graded unverified, features that cannot be understood.
    pub fn read(source: &Source, declaration: &Declaration) -> Result<Calibration, Faults> {
        let document = Document::parse(source)?;
        let faults = Collector::new();
        let calibration = read_root(document.root(&faults), declaration);
        faults.finish(calibration)
    }

    /// The scenario files that the targets need, in order of name.
    #[must_use]
    pub fn scenarios(&self) -> Vec<&str> {
        let targets = self.targets.iter().map(|t| t.scenario.as_str());
        let data = self.data.iter().map(|(name, _)| name.as_str());
        let mut paths: Vec<&str> = targets.chain(data).collect();
        paths.sort_unstable();
        paths.dedup();
        paths
    }
}

fn read_root(root: Table<'_>, declaration: &Declaration) -> Calibration {
    let says = root.text("says").map(|t| t.value).unwrap_or_default();
    let (prior_weight, centres) = root
        .sub_table("prior")
        .map_or((1.0, BTreeMap::new()), read_prior);
    let mut parameters: Vec<Fitted> = Vec::new();
    if let Some(ids) = root.required("parameters").and_then(|field| field.texts()) {
        for id in ids {
            if parameters.iter().any(|known| known.id == id.value) {
                refuse(&root, &id, format!("`{}` is fitted twice", id.value), None);
            } else if let Some(fitted) =
                read_fitted(&root, &id, declaration, (prior_weight, &centres))
            {
                parameters.push(fitted);
            }
        }
    }
    let mut targets: Vec<Target> = Vec::new();
    // Rows of own data are targets, too.
    let written = match root.field("data") {
        Some(_) => root.field("target").and_then(|field| field.array()),
        None => root.array("target"),
    };
    for field in written.unwrap_or_default() {
        if let Some(target) = field
            .table()
            .and_then(|table| read_target(table, declaration))
        {
            if targets.iter().any(|known| known.name == target.name) {
                field.fault(
                    Code::Repeated,
                    format!("a second target `{}`", target.name),
                    None,
                );
            }
            targets.push(target);
        }
    }
    let named = root.optional_texts("data").into_iter();
    let data = named.map(|it| (it.value, it.place)).collect();
    let seed = whole(&root, "seed", 1, 0..=i64::MAX) as u64;
    let table = root.sub_table("posterior");
    let (sampling, vectors) = table.map_or((sampling(seed), VECTORS), |it| read_sampling(it, seed));
    let method = root
        .field("method")
        .and_then(|_| root.word("method", Method::WORDS));
    let calibration = Calibration {
        says,
        method: method.map_or(Method::LevenbergMarquardt, |it| it.value),
        targets,
        data,
        parameters,
        sampling,
        vectors,
        starts: whole(
            &root,
            "starts",
            1,
            1..=i64::try_from(*limits::STARTS.end()).unwrap_or(i64::MAX),
        ),
        seed,
        prior_weight,
        horizon: read_horizon(&root),
        evaluations: whole(&root, "evaluations", 60, 1..=1_000_000),
    };
    root.finish();
    calibration
}

/// Adds a fault at what was written.
pub(super) fn refuse(
    table: &Table<'_>,
    written: &Written<String>,
    message: String,
    help: Option<String>,
) {
    table
        .faults()
        .add(Fault::new(Code::BadTarget, message, &written.place).maybe_help(help));
}

fn whole(
    table: &Table<'_>,
    key: &str,
    default: usize,
    bounds: std::ops::RangeInclusive<i64>,
) -> usize {
    let Some(field) = table.field(key) else {
        return default;
    };
    let Some(written) = field.integer() else {
        return default;
    };
    if !bounds.contains(&written.value) {
        let message = format!(
            "`{key}` must be from {} to {}",
            bounds.start(),
            bounds.end()
        );
        field.fault(Code::BadTarget, message, None);
    }
    usize::try_from(written.value).unwrap_or(default)
}

/// Oldest age that endpoints may be looked for up to, in days: a hundred years.
const LONGEST_HORIZON: f64 = 36_500.0;

/// Most places of chains that may be recorded: all of them are held in memory.
const MOST_RECORDED: usize = 2_000_000;

/// Vectors of a posterior unless the file says otherwise.
const VECTORS: usize = 200;

/// How the posterior is sampled unless the file says otherwise.
fn sampling(seed: u64) -> Plan {
    Plan {
        chains: 8,
        rounds: 4,
        round: 1000,
        steps: 10_000,
        every: 5,
        walk: 128,
        seed,
    }
}

fn read_sampling(table: Table<'_>, seed: u64) -> (Plan, usize) {
    let usual = sampling(seed);
    let every = whole(&table, "every", usual.every, 1..=10_000).max(1);
    let multiple = |steps: usize| steps.div_ceil(every) * every;
    let plan = Plan {
        chains: whole(&table, "chains", usual.chains, 2..=1000),
        rounds: whole(&table, "rounds", usual.rounds, 0..=1000),
        round: multiple(whole(&table, "round", usual.round, 1..=1_000_000)),
        steps: multiple(whole(&table, "steps", usual.steps, 4..=100_000_000)),
        every,
        walk: whole(&table, "walk", usual.walk, 0..=100_000),
        seed,
    };
    let vectors = whole(&table, "vectors", VECTORS, 1..=100_000);
    let steps = plan
        .rounds
        .saturating_mul(plan.round)
        .saturating_add(plan.steps);
    let recorded = plan.chains.saturating_mul(steps / every);
    // The defaults alone are far below: something was written.
    let written = ["steps", "chains", "rounds", "round", "every"];
    let written = written.into_iter().find_map(|key| table.field(key));
    if let (Some(field), true) = (written, recorded > MOST_RECORDED) {
        let message = format!(
            "{} chains of {steps} steps, of which every {every}th is recorded, are {recorded} places; at \
             most {MOST_RECORDED} are possible",
            plan.chains
        );
        let help = "take fewer chains or steps, or record fewer of them with `every`";
        field.fault(Code::BadTarget, message, Some(help.to_owned()));
    }
    table.finish();
    (plan, vectors)
}

fn read_horizon(root: &Table<'_>) -> f64 {
    const DEFAULT: f64 = 400.0;
    let Some(text) = root.optional_text("horizon") else {
        return DEFAULT;
    };
    // A year of 365.25 d, as everywhere.
    let units = [("month", 365.25 / 12.0), ("year", 365.25), ("d", 1.0)];
    let written = text.value.trim();
    let found = units
        .iter()
        .find_map(|(unit, days)| Some((written.strip_suffix(unit)?, *days)));
    let (number, days) = found.unwrap_or((written, 1.0));
    let number = number.trim().parse::<f64>().map(|number| number * days);
    match number {
        Ok(age) if age > 0.0 && age <= LONGEST_HORIZON => age,
        Ok(age) if age.is_finite() => {
            let message = format!("the horizon must be above 0 d and at most {LONGEST_HORIZON} d");
            let help = "endpoints are looked for up to this age, a little beyond the oldest target";
            refuse(root, &text, message, Some(help.to_owned()));
            DEFAULT
        }
        _ => {
            refuse(
                root,
                &text,
                format!(
                    "`{}` is no age: write \"400 d\" or \"60 month\"",
                    text.value
                ),
                None,
            );
            DEFAULT
        }
    }
}

fn read_prior(table: Table<'_>) -> (f64, BTreeMap<String, f64>) {
    let mut weight = 1.0;
    if let Some(written) = table.optional_number("weight") {
        if written.value < 0.0 {
            let fault = Fault::new(Code::BadTarget, "a weight is not negative", &written.place);
            table.faults().add(fault);
        }
        weight = written.value;
    }
    let mut centres = BTreeMap::new();
    if let Some(given) = table.sub_table("centres") {
        for (id, _, field) in given.entries() {
            if let Some(number) = field.number() {
                centres.insert(id.to_owned(), number.value);
            }
        }
    }
    table.finish();
    (weight, centres)
}

fn read_fitted(
    root: &Table<'_>,
    id: &Written<String>,
    declaration: &Declaration,
    (weight, centres): (f64, &BTreeMap<String, f64>),
) -> Option<Fitted> {
    let (subject, name) = match id.value.split_once('/') {
        Some((subject, name)) => (Some(subject), name),
        None => (None, id.value.as_str()),
    };
    let Some(parameter) = declaration.parameters.get(name) else {
        let known = declaration.parameters.keys().map(String::as_str);
        let help = did_you_mean(name, known);
        refuse(
            root,
            id,
            format!("the model has no parameter `{name}`"),
            help,
        );
        return None;
    };
    let value = match subject {
        None => parameter.value,
        Some(subject) => {
            let preset = declaration.subjects.get(subject);
            let Some(value) = preset.and_then(|preset| preset.parameters.get(name)) else {
                let message = format!("no subject `{subject}` gives a value to `{name}`");
                refuse(root, id, message, None);
                return None;
            };
            value.value
        }
    };
    let Some((lower, upper)) = parameter.range else {
        refuse(
            root,
            id,
            format!("`{name}` has no range to be fitted in"),
            None,
        );
        return None;
    };
    let Some(family) = family_of(parameter.prior) else {
        refuse(root, id, format!("the prior of `{name}` is `fixed`"), None);
        return None;
    };
    let Some(coordinate) = Coordinate::new(lower, upper) else {
        refuse(root, id, format!("the range of `{name}` is empty"), None);
        return None;
    };
    let centre = centres.get(&id.value).copied();
    if centre.is_some_and(|centre| !(lower..=upper).contains(&centre)) {
        refuse(
            root,
            id,
            format!("the centre of `{name}` lies outside its range"),
            None,
        );
        return None;
    }
    let prior = Prior::new(family, lower, upper, centre);
    let even = match parameter.prior {
        declaration::Prior::LogUniform if lower > 0.0 => Measure::Logarithm,
        _ => Measure::Identity,
    };
    Some(Fitted {
        id: id.value.clone(),
        subject: subject.map(str::to_owned),
        parameter: name.to_owned(),
        value,
        coordinate,
        prior,
        standard: prior.map_or_else(
            || Standard::even(even, lower, upper),
            |prior| prior.standard(lower, upper, weight),
        ),
    })
}

/// The family of a prior; `None` for what is no matter of data.
fn family_of(prior: declaration::Prior) -> Option<Family> {
    match prior {
        declaration::Prior::LogNormal => Some(Family::Lognormal),
        declaration::Prior::LogitNormal => Some(Family::Logitnormal),
        declaration::Prior::Normal => Some(Family::Normal),
        declaration::Prior::Uniform | declaration::Prior::LogUniform => Some(Family::Flat),
        declaration::Prior::Fixed => None,
    }
}
