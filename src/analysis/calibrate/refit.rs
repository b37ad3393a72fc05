//! Fits of the same model to other rows: some left out, some moved. What do the rest say of them?
//!
//! ```toml
//! says = "Headline rows left out, and the effect of butyrate moved"
//!
//! [[refit]]
//! name    = "without onset"
//! without = ["onset, B6SJL", "onset, C57BL/6"]          # targets of the calibration
//!
//! [[refit]]
//! name    = "butyrate gives 20 d"
//! without = ["no IL-6: life, d"]
//! [[refit.moved]]
//! target = "butyrate 2 % from 38 d: longer life, d"
//! value  = 20
//! sd     = 1
//!
//! [trade_off]                                            # a figure: questions against a question
//! across  = "Butyrate 2 % from day 38, C57BL/6: longer life"
//! against = ["No IL-6, C57BL/6: longer life"]
//!
//! [[prediction]]                                         # questions, as in `predictions.toml`
//! …
//! ```
//!
//! Every refit starts from the values as they stand.

use std::collections::BTreeMap;

use gutbrain_network::fault::Collector;
use gutbrain_network::reading::{Document, Table, Written, did_you_mean};
use gutbrain_network::{Code, Fault, Faults, Source};

use super::ended::Ended;
use super::file::{Calibration, refuse};
use super::predictions::{Asked, read_asked};
use super::problem::{CalibrateError, Setting};
use super::target::{Aim, Target};
use crate::model::Model;
use crate::scenario::Scenario;
use crate::simulate::feature::EndpointSet;

/// One fit to other rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Refit {
    /// What it is called.
    pub name: String,
    /// Targets that are left out.
    pub without: Vec<String>,
    /// Targets with another value and standard deviation.
    pub moved: BTreeMap<String, (f64, f64)>,
}

/// Questions that are drawn against one question, over the refits that move a target.
#[derive(Debug, Clone, PartialEq)]
pub struct TradeOff {
    /// The question along the horizontal axis.
    pub across: String,
    /// The questions along the vertical axis.
    pub against: Vec<String>,
}

/// A file of refits.
#[derive(Debug, Clone, PartialEq)]
pub struct Refits {
    /// What it is for.
    pub says: String,
    /// The refits, in the order of the file.
    pub refits: Vec<Refit>,
    /// What every one of them is asked beside the targets of the calibration.
    pub asked: Vec<Asked>,
    /// What is drawn.
    pub trade_off: Option<TradeOff>,
}

/// What a refit gives.
#[derive(Debug, Clone, PartialEq)]
pub struct Refitted {
    /// Its name.
    pub name: String,
    /// The objective at its end, of the rows that it is fitted to; nothing if nothing was fitted.
    pub objective: Option<f64>,
    /// What its end is.
    pub ended: String,
    /// The values of the fitted parameters, in the order of the calibration.
    pub values: Vec<f64>,
}

/// How far an objective may be from what is said of it; one target that is off by one standard deviation more
/// counts a half. Free coordinates of values at an end of their range are moved a little inside.
const SAME: f64 = 0.01;

impl Refitted {
    /// Whether the values have the objective that is said of them, to a hundredth.
    #[must_use]
    pub fn is_of(&self, setting: &Setting<'_>) -> bool {
        match (setting.objective_of(&self.values), self.objective) {
            (Some(found), Some(said)) => (found - said).abs() <= SAME,
            (found, said) => found == said,
        }
    }
}

impl Refits {
    /// Reads and checks a file of refits of a calibration.
    ///
    /// # Errors
    /// All faults at once: syntax, unknown keys, targets and questions that are not there.
    pub fn read(
        source: &Source,
        calibration: &Calibration,
        endpoints: &EndpointSet,
    ) -> Result<Self, Faults> {
        let document = Document::parse(source)?;
        let faults = Collector::new();
        let root = document.root(&faults);
        let says = root.text("says").map(|it| it.value).unwrap_or_default();
        let mut refits: Vec<Refit> = Vec::new();
        for field in root.array("refit").unwrap_or_default() {
            let Some(table) = field.table() else { continue };
            if let Some((name, refit)) = read_refit(table, calibration) {
                if refits.iter().any(|known| known.name == refit.name) {
                    let message = format!("there are two refits `{}`", refit.name);
                    refuse(&root, &name, message, None);
                }
                refits.push(refit);
            }
        }
        let asked = read_asked(&root, endpoints);
        let trade_off = root
            .sub_table("trade_off")
            .and_then(|table| read_trade_off(table, &asked));
        root.finish();
        faults.finish(Self {
            says,
            refits,
            asked,
            trade_off,
        })
    }
}

impl Refit {
    /// The calibration with its rows, from the values as they stand.
    #[must_use]
    pub fn of(&self, calibration: &Calibration) -> Calibration {
        let mut changed = calibration.clone();
        changed.starts = 1;
        changed
            .targets
            .retain(|target| !self.without.contains(&target.name));
        for target in &mut changed.targets {
            if let Some(&(value, sd)) = self.moved.get(&target.name) {
                target.aim = Aim::Point { value, sd };
            }
        }
        changed
    }

    /// What its end is.
    #[must_use]
    pub fn ended(&self, calibration: &Calibration, ended: &Ended) -> Refitted {
        let fitted = calibration.parameters.iter().zip(&ended.point);
        Refitted {
            name: self.name.clone(),
            objective: ended.line.objective,
            ended: ended.line.termination.to_string(),
            values: fitted
                .map(|(it, &free)| it.coordinate.parameter(free).0)
                .collect(),
        }
    }
}

/// What vectors of parameters say of all targets of a calibration, and of questions after them; nothing where
/// something is not reached. `scenarios` has those of both by their names.
///
/// # Errors
/// A scenario is missing or does not fit.
pub fn answers(
    model: &Model,
    calibration: &Calibration,
    asked: &[Asked],
    scenarios: &BTreeMap<String, Scenario>,
    vectors: &[Vec<f64>],
) -> Result<Vec<Vec<Option<f64>>>, CalibrateError> {
    let mut watching = calibration.clone();
    watching.targets.extend(asked.iter().map(as_target));
    let setting = Setting::new(model, &watching, scenarios)?;
    let answer = |vector: &Vec<f64>| {
        let values = setting.predict(vector).values.into_iter();
        values.map(Result::ok).collect()
    };
    Ok(vectors.iter().map(answer).collect())
}

/// A question in the form of a target, whose aim nobody looks at.
fn as_target(asked: &Asked) -> Target {
    let (value, sd) = asked.published.unwrap_or((0.0, 1.0));
    Target {
        name: asked.name.clone(),
        evidence: Vec::new(),
        scenario: asked.scenario.clone(),
        feature: asked.feature.clone(),
        aim: Aim::Point { value, sd },
    }
}

fn read_refit(table: Table<'_>, calibration: &Calibration) -> Option<(Written<String>, Refit)> {
    let name = table.text("name");
    let mut without = Vec::new();
    for target in table.optional_texts("without") {
        known_target(&table, &target, calibration);
        without.push(target.value);
    }
    let mut moved = BTreeMap::new();
    let rows = table.field("moved").and_then(|field| field.array());
    for field in rows.unwrap_or_default() {
        let Some(inner) = field.table() else { continue };
        let (target, value, sd) = (
            inner.text("target"),
            inner.number("value"),
            inner.number("sd"),
        );
        if let Some(sd) = sd.as_ref().filter(|it| it.value <= 0.0) {
            let fault = Fault::new(Code::BadTarget, "`sd` must be above zero", &sd.place);
            inner.faults().add(fault);
        }
        if let Some(target) = &target {
            known_target(&inner, target, calibration);
        }
        inner.finish();
        if let (Some(target), Some(value), Some(sd)) = (target, value, sd) {
            moved.insert(target.value, (value.value, sd.value));
        }
    }
    if without.is_empty() && moved.is_empty() {
        let message = "a refit leaves rows out (`without`) or moves some (`moved`)";
        let fault = Fault::new(Code::BadTarget, message, &table.place());
        table.faults().add(fault);
    }
    table.finish();
    let name = name?;
    let refit = Refit {
        name: name.value.clone(),
        without,
        moved,
    };
    Some((name, refit))
}

fn known_target(table: &Table<'_>, name: &Written<String>, calibration: &Calibration) {
    let known = calibration.targets.iter().map(|it| it.name.as_str());
    if !known.clone().any(|it| it == name.value) {
        let message = format!("the calibration has no target `{}`", name.value);
        refuse(table, name, message, did_you_mean(&name.value, known));
    }
}

fn read_trade_off(table: Table<'_>, asked: &[Asked]) -> Option<TradeOff> {
    let check = |name: &Written<String>| {
        let known = asked.iter().map(|it| it.name.as_str());
        if !known.clone().any(|it| it == name.value) {
            let message = format!("no `[[prediction]]` is named `{}`", name.value);
            refuse(&table, name, message, did_you_mean(&name.value, known));
        }
    };
    let across = table.text("across");
    let against = table.optional_texts("against");
    across.iter().chain(&against).for_each(check);
    table.finish();
    Some(TradeOff {
        across: across?.value,
        against: against.into_iter().map(|it| it.value).collect(),
    })
}
