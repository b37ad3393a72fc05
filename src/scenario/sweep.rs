//! `[sweep]`: a design of points, the factors that differ between them, and what is read off each.

use std::fmt;

use gutbrain_network::fault::Place;
use gutbrain_network::{Code, Declaration, Fault};
use gutbrain_statistics::designs::MOST_DIMENSIONS;

use super::factor::{Factor, FactorTarget, Levels, Setting, resolve_factor};
use super::names::{Names, Owner};
use super::node::Node;
use super::plan::SimulationPlan;
use super::quantity::Quantities;
use super::question::{Asked, Question};
use super::variants::Variants;
use crate::limits;
use crate::model::Model;

/// Values of one factor that are tried before anything is run.
const MOST_TRIED: usize = 128;

/// Faults that may hold for some values of one factor and not together with those of others.
const OF_COMBINATIONS: [Code; 3] = [Code::TimesOutOfOrder, Code::NotOnGrid, Code::Contradiction];

/// The design of `gutbrain sweep`.
#[derive(Debug, Clone, PartialEq)]
pub struct SweepPlan {
    /// How points are chosen.
    pub design: SweepDesign,
    /// How many points there are.
    pub points: u64,
    /// What differs between them.
    pub factors: Vec<Factor>,
    /// The features that are read off every life.
    pub question: Question,
}

/// How the points of a sweep are chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SweepDesign {
    /// Every combination of values; the last factor varies fastest.
    Grid,
    /// Point i takes the i-th value of every factor.
    List,
    /// Each of as many strata as points once, for every factor.
    LatinHypercube,
    /// The scrambled Sobol sequence.
    Sobol,
    /// Independent points.
    Random,
}

impl SweepDesign {
    /// Every design with its word in scenario files.
    pub const WORDS: [(&'static str, Self); 5] = [
        ("grid", Self::Grid),
        ("list", Self::List),
        ("latin-hypercube", Self::LatinHypercube),
        ("sobol", Self::Sobol),
        ("random", Self::Random),
    ];

    /// Its word in scenario files.
    #[must_use]
    pub fn word(self) -> &'static str {
        let found = Self::WORDS.iter().find(|(_, design)| *design == self);
        found.map_or("", |(word, _)| word)
    }

    /// Whether `points` says how many there are; the values say it otherwise.
    #[must_use]
    pub fn is_sample(self) -> bool {
        !matches!(self, Self::Grid | Self::List)
    }
}

/// A text that remembers where it was written.
#[derive(Clone)]
pub struct WrittenText {
    /// The text.
    pub text: String,
    /// Where it stands; no part of what it says.
    pub place: Place,
}

impl fmt::Debug for WrittenText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text, f)
    }
}

impl PartialEq for WrittenText {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl WrittenText {
    /// The texts of a list.
    pub(super) fn list(node: Option<&Node>) -> Vec<Self> {
        let items = node.and_then(Node::list).unwrap_or_default();
        let written = |item: &Node| {
            Some(Self {
                text: item.text()?.to_owned(),
                place: item.place.clone(),
            })
        };
        items.iter().filter_map(written).collect()
    }
}

/// The design as asked for; `None` without one, or after a fault.
pub(super) fn resolve_sweep(
    root: &Node,
    declaration: &Declaration,
    arms: &[String],
    simulation: Option<SimulationPlan>,
    quantities: Quantities<'_>,
) -> Option<SweepPlan> {
    let table = root.get("sweep")?;
    let refuse = |code, message: String, place: &Place, help: &str| {
        let fault = Fault::new(code, message, place);
        quantities.faults.add(fault.help(help));
        None
    };
    let word = table.get("design").and_then(Node::text);
    let design = SweepDesign::WORDS
        .iter()
        .find(|(known, _)| Some(*known) == word)
        .map_or(SweepDesign::Grid, |(_, design)| *design);
    let tables = table.tables("factor");
    let read: Vec<Option<Factor>> = tables
        .iter()
        .map(|table| resolve_factor(table, declaration, quantities))
        .collect();
    let mut factors: Vec<Factor> = Vec::new();
    for (factor, table) in read.into_iter().zip(&tables) {
        let factor = factor?;
        if factors.iter().any(|other| other.target == factor.target) {
            let message = format!("two factors change `{}`", factor.name);
            return refuse(Code::Repeated, message, &table.place, "keep one of them");
        }
        factors.push(factor);
    }
    if factors.is_empty() {
        // A list that is missing was reported with the shape.
        let place = &table.get("factor")?.place;
        let help = "add `[[sweep.factor]]` with a `target`";
        return refuse(
            Code::NoFactor,
            "the sweep has no factor".into(),
            place,
            help,
        );
    }
    let points = count_points(table, design, &factors, quantities)?;
    let mut names = Names::of_sweep(root.get("cohort").is_some());
    for factor in &factors {
        if names.take(&factor.name, Owner::Factor).is_some() {
            let message = format!(
                "the table of a sweep has a column `{}` already",
                factor.name
            );
            let place = factor.origin.target.as_ref().unwrap_or(&table.place);
            let help = format!("write the target as `parameter.{}`", factor.name);
            return refuse(Code::Repeated, message, place, &help);
        }
    }
    let moves = |factor: &Factor| matches!(&factor.target, FactorTarget::Path(path) if path.starts_with("simulation."));
    let asked = Asked {
        declaration,
        arms,
        ages: simulation
            .filter(|_| !factors.iter().any(moves))
            .map(|plan| (plan.start, plan.stop)),
    };
    let written = WrittenText::list(table.get("features"));
    let question = match Question::read(&written, &asked, &mut names) {
        Ok(question) => question,
        Err(found) => {
            quantities.faults.extend(found);
            return None;
        }
    };
    Some(SweepPlan {
        design,
        points,
        factors,
        question,
    })
}

fn count_points(
    table: &Node,
    design: SweepDesign,
    factors: &[Factor],
    quantities: Quantities<'_>,
) -> Option<u64> {
    let refuse = |code, message: String, place: &Place, help: &str| {
        let fault = Fault::new(code, message, place);
        quantities.faults.add(fault.help(help));
        None
    };
    let place_of = |factor: &Factor| {
        let place = factor.origin.values.clone();
        place.unwrap_or_else(|| table.place.clone())
    };
    let asked = table.get("points");
    if let (false, Some(node)) = (design.is_sample(), asked) {
        let word = design.word();
        let message = format!("a {word} has as many points as its factors give");
        return refuse(
            Code::NoMeaning,
            message,
            &node.place,
            "remove `sweep.points`",
        );
    }
    let points = match design {
        SweepDesign::Grid => {
            for factor in factors {
                if factor.count() == 0 {
                    let message = format!("`{}` needs a number of levels", factor.name);
                    let help = "write `levels = 11`, or list `values`";
                    return refuse(Code::MissingKey, message, &place_of(factor), help);
                }
            }
            let counts = factors.iter().map(Factor::count);
            counts.fold(1_u64, u64::saturating_mul)
        }
        SweepDesign::List => {
            let first = factors.first()?.count();
            for factor in factors {
                if !matches!(factor.levels, Levels::Values(_)) {
                    let message = format!("a list needs the `values` of `{}`", factor.name);
                    let help = "write `values = [...]`, one per point";
                    return refuse(Code::MissingKey, message, &place_of(factor), help);
                }
                if factor.count() != first {
                    let count = factor.count();
                    let message = format!(
                        "`{}` has {count} values, the first factor {first}",
                        factor.name
                    );
                    let help = "point i of a list takes the i-th value of every factor";
                    return refuse(Code::DifferentLengths, message, &place_of(factor), help);
                }
            }
            first
        }
        _ => {
            let Some(node) = asked else {
                let message = format!("a {} needs a number of points", design.word());
                let help = "write `points = 1024` into `[sweep]`";
                return refuse(Code::MissingKey, message, &table.place, help);
            };
            node.whole()?
        }
    };
    let place = asked.map_or(&table.place, |node| &node.place);
    if design == SweepDesign::Sobol && factors.len() > MOST_DIMENSIONS {
        let message = format!("a Sobol sequence has at most {MOST_DIMENSIONS} factors");
        return refuse(Code::OutOfRange, message, place, "use another design");
    }
    if !limits::POINTS.contains(&points) {
        let message = format!(
            "a sweep has from 1 to {} points, not {points}",
            limits::POINTS.end()
        );
        return refuse(
            Code::OutOfRange,
            message,
            place,
            "use fewer values, or a sample",
        );
    }
    Some(points)
}

/// Tries the values of every factor that changes the scenario, one at a time.
pub(super) fn try_factors(
    root: &Node,
    stem: &str,
    model: &Model,
    factors: &[Factor],
    quantities: Quantities<'_>,
) {
    let variants = Variants::of(root, stem, model);
    for factor in factors {
        if matches!(factor.target, FactorTarget::Parameter { .. }) {
            continue;
        }
        let tried: Vec<Setting> = match &factor.levels {
            Levels::Values(values) if values.len() <= MOST_TRIED => values.clone(),
            Levels::Values(_) | Levels::Range { .. } => {
                [0.0, 0.381_966, 1.0].map(|u| factor.at(u)).to_vec()
            }
        };
        for setting in &tried {
            let Err(faults) = variants.scenario(&[(factor, setting)]) else {
                continue;
            };
            let grave = |fault: &&Fault| !OF_COMBINATIONS.contains(&fault.code);
            let mut grave = faults.as_slice().iter().filter(grave).peekable();
            if grave.peek().is_some() {
                grave.for_each(|fault| quantities.faults.add(fault.clone()));
                // One bad value of a factor says enough.
                break;
            }
        }
    }
}
