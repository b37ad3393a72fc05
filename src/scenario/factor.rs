//! Factors: what is varied between the points of a sweep or a sensitivity analysis, and over which
//! values.
//!
//! A target is a parameter of the model (`zo1_turnover`, `parameter.zo1_turnover`), the value that one
//! preset gives a parameter (`PRESET/zo1_turnover`: it acts where that preset gives the value), or a
//! dotted path of the scenario, as `--set` takes it (`arm.butyrate.dose`, `subject.preset`,
//! `cohort.sex`, `process.NAME.enabled`).
//!
//! Its values are a list, or a range with a distribution, or (for parameters) the declared prior:
//!
//! ```text
//! linear: x(u) = a + u (b − a)      log: x(u) = exp(ln a + u (ln b − ln a))      u in [0, 1)
//! ```

use std::cmp::Ordering;
use std::fmt;

use gutbrain_network::declaration::{Parameter, Prior, Role};
use gutbrain_network::fault::Place;
use gutbrain_network::unit::{Unit, parse_quantity, split_quantity};
use gutbrain_network::{Code, Declaration, Fault};
use gutbrain_statistics::designs::{Distribution, DistributionError};

use super::keys;
use super::node::{Content, Node};
use super::quantity::Quantities;
use super::resolve::suggest;
use crate::limits;

/// Tables and keys that no feature of a life depends on: varied, they would give the same life at every point.
const UNREAD: [&str; 9] = [
    "data",
    "extends",
    "figure",
    "output",
    "schema",
    "sensitivity",
    "sweep",
    "title",
    "trial",
];

/// Something that differs between points.
#[derive(Debug, Clone, PartialEq)]
pub struct Factor {
    /// The target as written: the name of its column.
    pub name: String,
    /// What is changed.
    pub target: FactorTarget,
    /// The unit of its numbers; empty where they have none.
    pub unit: String,
    /// Its values.
    pub levels: Levels,
    /// Where it was written.
    pub(super) origin: Origin,
}

/// What a factor changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FactorTarget {
    /// A parameter of the model, for the whole life.
    Parameter {
        /// Its id.
        id: String,
        /// The preset whose value it is; any layer if none is named.
        preset: Option<String>,
    },
    /// A dotted path of the scenario.
    Path(String),
}

/// The values of a factor.
#[derive(Debug, Clone, PartialEq)]
pub enum Levels {
    /// These.
    Values(Vec<Setting>),
    /// A range.
    Range {
        /// How it is sampled.
        distribution: Distribution,
        /// On which scale its levels are even.
        scale: Scale,
        /// How many levels a grid has.
        count: u64,
    },
}

/// On which scale a range is divided evenly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// The numbers themselves.
    Linear,
    /// Their logarithms.
    Log,
}

/// One value of a factor.
#[derive(Debug, Clone, PartialEq)]
pub enum Setting {
    /// A number of the factor's unit.
    Number(f64),
    /// A word: a preset, an endpoint, a quantity that has no number (`"end"`).
    Word(String),
    /// A switch.
    Truth(bool),
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Word(word) => f.write_str(word),
            Self::Truth(truth) => write!(f, "{truth}"),
        }
    }
}

impl Setting {
    /// The number, if it is one.
    #[must_use]
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Word(_) | Self::Truth(_) => None,
        }
    }

    /// A total order in which equal bits are equal.
    #[must_use]
    pub fn order(&self, other: &Self) -> Ordering {
        let kind = |setting: &Self| match setting {
            Self::Number(_) => 0,
            Self::Word(_) => 1,
            Self::Truth(_) => 2,
        };
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => a.total_cmp(b),
            (Self::Word(a), Self::Word(b)) => a.cmp(b),
            (Self::Truth(a), Self::Truth(b)) => a.cmp(b),
            _ => kind(self).cmp(&kind(other)),
        }
    }
}

/// Where a factor was written. It is no part of what the factor is.
#[derive(Clone, Default)]
pub(super) struct Origin {
    pub(super) target: Option<Place>,
    pub(super) values: Option<Place>,
}

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Origin")
    }
}

impl PartialEq for Origin {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// A parameter that cannot be varied over its declared range.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum FactorFault {
    /// No such parameter.
    #[error("the model has no parameter `{0}`")]
    UnknownParameter(String),
    /// The declaration gives no range.
    #[error("the model declares no range for the parameter `{0}`")]
    NoRange(String),
    /// The range does not suit the prior.
    #[error("parameter `{0}`: {1}")]
    Distribution(String, DistributionError),
}

impl Factor {
    /// A parameter over its declared range, distributed as its declared prior.
    ///
    /// # Errors
    /// When the model has no such parameter or declares no range for it.
    pub fn of_parameter(declaration: &Declaration, id: &str) -> Result<Self, FactorFault> {
        let parameter = declaration
            .parameters
            .get(id)
            .ok_or_else(|| FactorFault::UnknownParameter(id.to_owned()))?;
        let (distribution, scale) = declared(id, parameter)?;
        Ok(Self {
            name: id.to_owned(),
            target: FactorTarget::Parameter {
                id: id.to_owned(),
                preset: None,
            },
            unit: parameter.unit.to_string(),
            levels: Levels::Range {
                distribution,
                scale,
                count: 2,
            },
            origin: Origin::default(),
        })
    }

    /// Every parameter that is uncertain: a property with a range and a prior, in the order of ids.
    #[must_use]
    pub fn uncertain(declaration: &Declaration) -> Vec<Self> {
        declaration
            .parameters
            .iter()
            .filter(|(_, parameter)| {
                parameter.role == Role::Property && parameter.prior != Prior::Fixed
            })
            .filter_map(|(id, _)| Self::of_parameter(declaration, id).ok())
            .collect()
    }

    /// The value at the share `u` (0 to 1) of its distribution, or the one of its listed values that
    /// `u` falls on.
    #[must_use]
    pub fn at(&self, u: f64) -> Setting {
        match &self.levels {
            Levels::Range { distribution, .. } => Setting::Number(distribution.quantile(u)),
            Levels::Values(values) => {
                // At most limits::LEVELS values, so that the product is exact enough.
                let place = (u * values.len() as f64) as usize;
                values[place.min(values.len() - 1)].clone()
            }
        }
    }

    /// How many levels a grid has along it.
    #[must_use]
    pub fn count(&self) -> u64 {
        match &self.levels {
            Levels::Values(values) => values.len() as u64,
            Levels::Range { count, .. } => *count,
        }
    }

    /// Level `index` of a grid along it, from 0.
    #[must_use]
    pub fn level(&self, index: u64) -> Setting {
        match &self.levels {
            Levels::Values(values) => values[index as usize].clone(),
            Levels::Range {
                distribution,
                scale,
                count,
            } => {
                let (a, b) = distribution.range();
                let (rest, index) = ((count - 1 - index) as f64, index as f64);
                let mix = |a: f64, b: f64| (a * rest + b * index) / (rest + index);
                Setting::Number(match scale {
                    // The ends are met exactly.
                    _ if index == 0.0 => a,
                    _ if rest == 0.0 => b,
                    Scale::Linear => mix(a, b),
                    Scale::Log => {
                        use gutbrain_numbers::Real;
                        Real::exp(mix(Real::ln(a), Real::ln(b)))
                    }
                })
            }
        }
    }

    /// The node that stands in the scenario when the factor has this value.
    pub(super) fn node(&self, setting: &Setting, fallback: &Place) -> Node {
        let content = match setting {
            Setting::Word(word) => Content::Text(word.clone()),
            Setting::Truth(truth) => Content::Boolean(*truth),
            Setting::Number(number) if !self.unit.is_empty() => {
                Content::Text(format!("{number} {}", self.unit))
            }
            // Whole numbers serve keys that take whole numbers, and those that take any.
            Setting::Number(number) if number.fract() == 0.0 && number.abs() < 9e15 => {
                Content::Integer(*number as i64)
            }
            Setting::Number(number) => Content::Number(*number),
        };
        let place = self.origin.values.clone();
        Node {
            content,
            place: place.unwrap_or_else(|| fallback.clone()),
        }
    }
}

/// The declared prior of a parameter as a distribution, and the scale of its range.
fn declared(id: &str, parameter: &Parameter) -> Result<(Distribution, Scale), FactorFault> {
    let (low, high) = parameter
        .range
        .ok_or_else(|| FactorFault::NoRange(id.to_owned()))?;
    let (distribution, scale) = match parameter.prior {
        Prior::LogNormal => (Distribution::log_normal(low, high), Scale::Log),
        Prior::LogUniform => (Distribution::log_uniform(low, high), Scale::Log),
        Prior::LogitNormal if low > 0.0 && high < 1.0 => {
            (Distribution::logit_normal(low, high), Scale::Linear)
        }
        Prior::LogitNormal | Prior::Normal => (Distribution::normal(low, high), Scale::Linear),
        Prior::Uniform | Prior::Fixed => (Distribution::uniform(low, high), Scale::Linear),
    };
    let distribution =
        distribution.map_err(|error| FactorFault::Distribution(id.to_owned(), error))?;
    Ok((distribution, scale))
}

/// Reads one `[[sweep.factor]]`; `None` after a fault.
pub(super) fn resolve_factor(
    table: &Node,
    declaration: &Declaration,
    quantities: Quantities<'_>,
) -> Option<Factor> {
    let target_node = table.get("target")?;
    let written = target_node.text()?;
    let target = resolve_target(target_node, written, declaration, quantities)?;
    let (values, range) = (table.get("values"), table.get("range"));
    if let (Some(_), Some(range)) = (values, range) {
        let message = format!("`{written}` has both `values` and a `range`");
        let fault = Fault::new(Code::Contradiction, message, &range.place);
        quantities.faults.add(fault.help("keep one of them"));
        return None;
    }
    if let (Some(_), Some(levels)) = (values, table.get("levels")) {
        let message = format!("`{written}` has both `values` and `levels`");
        let fault = Fault::new(Code::Contradiction, message, &levels.place);
        quantities.faults.add(
            fault.help("every value of a list is a point: remove `levels`, or give a `range`"),
        );
        return None;
    }
    let parameter = match &target {
        FactorTarget::Parameter { id, .. } => declaration.parameters.get(id),
        FactorTarget::Path(_) => None,
    };
    let (settings, unit) = match values.or(range) {
        Some(node) => read_settings(node, written, parameter.map(|p| &p.unit), quantities)?,
        None => {
            let unit = parameter.map(|parameter| parameter.unit.to_string());
            (Vec::new(), unit.unwrap_or_default())
        }
    };
    let levels = if values.is_some() {
        Levels::Values(settings)
    } else {
        resolve_range(table, written, parameter, &settings, quantities)?
    };
    Some(Factor {
        name: written.to_owned(),
        target,
        unit,
        levels,
        origin: Origin {
            target: Some(target_node.place.clone()),
            values: Some(values.or(range).unwrap_or(target_node).place.clone()),
        },
    })
}

fn resolve_target(
    node: &Node,
    written: &str,
    declaration: &Declaration,
    quantities: Quantities<'_>,
) -> Option<FactorTarget> {
    let unknown = |message: String, help: String| {
        let fault = Fault::new(Code::UnknownName, message, &node.place);
        quantities.faults.add(fault.help(help));
        None
    };
    let (preset, name) = match written.split_once('/') {
        Some((preset, name)) => (Some(preset), name),
        None => (None, written),
    };
    if let Some(preset) = preset {
        let Some(subject) = declaration.subjects.get(preset) else {
            let help = suggest(preset, declaration.subjects.keys(), "subjects");
            return unknown(format!("the model has no subject `{preset}`"), help);
        };
        if declaration.parameters.contains_key(name) && !subject.parameters.contains_key(name) {
            let message = format!("the subject `{preset}` gives `{name}` no value of its own");
            return unknown(message, format!("write the target as `{name}`"));
        }
    }
    if name == "subject.model" {
        let message = "the model is not varied: a sweep runs on one".to_owned();
        return unknown(message, "run one sweep for each model".to_owned());
    }
    let id = ["parameter.", "subject.parameters."]
        .iter()
        .find_map(|kind| name.strip_prefix(kind))
        .or_else(|| {
            let bare = !name.contains('.') && keys::find("", name).is_none();
            (bare || preset.is_some()).then_some(name)
        });
    let Some(id) = id else {
        let table = written.split('.').next().unwrap_or_default();
        if UNREAD.contains(&table) {
            let message = format!("`{written}` changes nothing that is read off a life");
            let help = "vary a parameter, or a key of `[subject]`, `[simulation]`, `[solver]`, `[cohort]` or an arm";
            let fault = Fault::new(Code::NoMeaning, message, &node.place);
            quantities.faults.add(fault.help(help));
            return None;
        }
        return Some(FactorTarget::Path(written.to_owned()));
    };
    if !declaration.parameters.contains_key(id) {
        let help = suggest(id, declaration.parameters.keys(), "parameters");
        return unknown(format!("the model has no parameter `{id}`"), help);
    }
    Some(FactorTarget::Parameter {
        id: id.to_owned(),
        preset: preset.map(str::to_owned),
    })
}

/// The values of a list and their common unit.
fn read_settings(
    node: &Node,
    target: &str,
    unit: Option<&Unit>,
    quantities: Quantities<'_>,
) -> Option<(Vec<Setting>, String)> {
    let items = node.list()?;
    if items.is_empty() {
        let message = format!("`{target}` has no value");
        quantities
            .faults
            .add(Fault::new(Code::NotASetting, message, &node.place));
        return None;
    }
    if let Some(unit) = unit {
        let what = format!("a value of `{target}`");
        let read = items.iter().map(|item| {
            let value = quantities.read(item, &what, unit)?;
            Some(Setting::Number(value))
        });
        let settings: Vec<_> = read.collect();
        let settings: Option<Vec<_>> = settings.into_iter().collect();
        return Some((settings?, unit.to_string()));
    }
    // The unit of the first value is that of all; texts that are no quantities stay words.
    let parts: Vec<Option<(f64, &str)>> = items.iter().map(number_and_unit).collect();
    let first = parts[0].map(|(_, unit)| unit.to_owned());
    let (Some(unit), true) = (first, parts.iter().all(Option::is_some)) else {
        let settings = items.iter().filter_map(word).collect();
        return Some((settings, String::new()));
    };
    let mut settings = Vec::new();
    for (item, (number, its_unit)) in items.iter().zip(parts.into_iter().flatten()) {
        if its_unit == unit {
            settings.push(Setting::Number(number));
            continue;
        }
        let converted = quantities.units.parse(&unit).ok().and_then(|unit| {
            let quantity = parse_quantity(item.text()?, quantities.units).ok()?;
            quantity.in_unit(&unit).ok()
        });
        let Some(number) = converted else {
            let message = format!("the values of `{target}` have different units");
            let fault = Fault::new(Code::WrongUnit, message, &item.place).help(format!(
                "write all of them in the unit of the first: {unit}"
            ));
            quantities.faults.add(fault);
            return None;
        };
        settings.push(Setting::Number(number));
    }
    Some((settings, unit))
}

fn number_and_unit(item: &Node) -> Option<(f64, &str)> {
    match item.number() {
        Some(number) => Some((number, "")),
        None if item.text() == Some("birth") => Some((0.0, "d")),
        None => split_quantity(item.text()?).ok(),
    }
}

fn word(item: &Node) -> Option<Setting> {
    match &item.content {
        Content::Text(text) => Some(Setting::Word(text.clone())),
        Content::Boolean(truth) => Some(Setting::Truth(*truth)),
        _ => item.number().map(Setting::Number),
    }
}

fn resolve_range(
    table: &Node,
    target: &str,
    parameter: Option<&Parameter>,
    ends: &[Setting],
    quantities: Quantities<'_>,
) -> Option<Levels> {
    let place = &table
        .get("range")
        .or_else(|| table.get("target"))
        .unwrap_or(table)
        .place;
    let refuse = |code, message: String, help: &str| {
        let fault = Fault::new(code, message, place);
        quantities.faults.add(fault.help(help));
        None
    };
    let scale = match table.get("scale").and_then(Node::text) {
        Some("linear") => Some(Scale::Linear),
        Some("log") => Some(Scale::Log),
        _ => None,
    };
    let found = if table.get("range").is_some() {
        let [Setting::Number(low), Setting::Number(high)] = *ends else {
            let message = format!("the range of `{target}` needs a lowest and a highest quantity");
            let help = "write range = [\"21 d\", \"120 d\"]";
            return refuse(Code::WrongType, message, help);
        };
        let scale = scale.unwrap_or(Scale::Linear);
        let distribution = match scale {
            _ if low >= high => Err(DistributionError::NoRange(low, high)),
            Scale::Linear => Distribution::uniform(low, high),
            Scale::Log => Distribution::log_uniform(low, high),
        };
        distribution
            .map(|distribution| (distribution, scale))
            .map_err(|error| format!("`{target}`: {error}"))
    } else if let Some(parameter) = parameter {
        declared(target, parameter)
            .map(|(distribution, own)| (distribution, scale.unwrap_or(own)))
            .map_err(|fault| fault.to_string())
    } else {
        let message = format!("`{target}` has neither `values` nor a `range`");
        return refuse(
            Code::MissingKey,
            message,
            "only parameters have a declared range",
        );
    };
    let (distribution, scale) = match found {
        Ok(found) => found,
        Err(message) => {
            return refuse(
                Code::OutOfRange,
                message,
                "give `values`, or another `range`",
            );
        }
    };
    if scale == Scale::Log && distribution.range().0 <= 0.0 {
        let message = format!("the range of `{target}` has no logarithm");
        return refuse(Code::OutOfRange, message, "write scale = \"linear\"");
    }
    let count = match table.get("levels").map(|node| (node, node.whole())) {
        Some((_, Some(count))) if limits::LEVELS.contains(&count) => count,
        Some((node, Some(count))) => {
            let (low, high) = limits::LEVELS.into_inner();
            let message = format!("`levels` must lie between {low} and {high}");
            let fault = Fault::new(Code::OutOfRange, message, &node.place);
            quantities
                .faults
                .add(fault.label(format!("this is {count}")));
            return None;
        }
        // Where it matters, the design asks for it.
        Some((_, None)) | None => 0,
    };
    Some(Levels::Range {
        distribution,
        scale,
        count,
    })
}
