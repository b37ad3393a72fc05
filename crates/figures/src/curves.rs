//! The plain input of the figures: curves of arms over age, and the table of what is drawn.

use super::data_points::DataPoint;
use super::grid::panel_letter;
use super::palette::{ArmStyle, arm_styles};
use super::terms::Terms;
use super::view::View;
use gutbrain_table::{Column, ColumnData, Table};
use std::collections::{BTreeMap, BTreeSet};

/// The unit of what is relative to something.
const FOLD: &str = "fold";

/// The legend's words for reference lines: whose they are, and in which panels if not all are the same.
pub(super) fn reference_words(infos: &[VariableInfo]) -> Option<String> {
    let mut of: Vec<(&str, Vec<usize>)> = Vec::new();
    for (panel, info) in infos.iter().enumerate() {
        let Some(reference) = &info.reference else {
            continue;
        };
        match of.iter_mut().find(|(name, _)| *name == reference.of) {
            Some((_, panels)) => panels.push(panel),
            None => of.push((&reference.of, vec![panel])),
        }
    }
    // The most frequent is named without its panels.
    of.sort_by_key(|(_, panels)| std::cmp::Reverse(panels.len()));
    let words = of.iter().enumerate().map(|(place, (name, panels))| {
        let letters: Vec<String> = panels.iter().map(|panel| panel_letter(*panel)).collect();
        match place {
            0 => (*name).to_owned(),
            _ => format!("{}: {name}", letters.join(", ")),
        }
    });
    let words: Vec<String> = words.collect();
    (!words.is_empty()).then(|| words.join("; "))
}

/// Curves of several arms.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Curves {
    /// The arms in the order of the scenario; the first is the control.
    pub arms: Vec<ArmCurves>,
    /// How variables are called; one that is missing here is called by its id.
    pub variables: BTreeMap<String, VariableInfo>,
    /// Windows of interventions.
    pub shades: Vec<Shade>,
    /// What legends call onset and death.
    pub words: EndWords,
    /// Measured values.
    pub points: Vec<DataPoint>,
    /// What part of them a figure shows.
    pub view: View,
    /// What those who are drawn are called, and how they tell time.
    pub terms: Terms,
}

/// What legends call the first sign of disease, and the end of a life by it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EndWords {
    /// The first sign of disease.
    pub onset: String,
    /// Death of the disease.
    pub death: String,
}

/// The curves of one arm.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ArmCurves {
    /// Name of the arm.
    pub name: String,
    /// Ages in days.
    pub times: Vec<f64>,
    /// Values at those ages by variable; a value that is not finite leaves a gap.
    pub series: BTreeMap<String, Vec<f64>>,
    /// Age at onset in days.
    pub onset: Option<f64>,
    /// Age at death in days.
    pub death: Option<f64>,
    /// Whether the run went through.
    pub status: ArmStatus,
    /// The number that orders the arm among others: a dose, a start. Three or more arms with a
    /// level are coloured along a ramp, and dose-response figures have them on their axis.
    pub level: Option<f64>,
    /// How it is drawn; `None`: as its place among the arms, or its level, says.
    pub style: Option<ArmStyle>,
}

/// Whether the run of an arm went through.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ArmStatus {
    /// It did.
    #[default]
    Completed,
    /// It failed; the curves end before.
    Failed {
        /// Why, in a few words.
        reason: String,
    },
    /// It was not run.
    NotRun,
}

/// How a variable is written on an axis.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct VariableInfo {
    /// Label, with `_2`, `^3`, `_{…}` and `^{…}` for sub- and superscripts.
    pub label: String,
    /// Unit as in the model, for example `mM` or `1/day`; `1` is dimensionless.
    pub unit: String,
    /// What stands on the axis in place of the unit, as `points (0–48)`.
    pub axis: Option<String>,
    /// A value drawn as a reference line, and whose it is, such as the wild type's.
    pub reference: Option<Reference>,
}

/// The value of somebody else, drawn as a line.
#[derive(Clone, Debug, PartialEq)]
pub struct Reference {
    /// The value.
    pub value: f64,
    /// Whose it is, as in `wild type`.
    pub of: String,
}

impl VariableInfo {
    /// The unit as an axis writes it: a fold says of what.
    pub(super) fn axis_unit(&self) -> String {
        if let Some(axis) = &self.axis {
            return axis.clone();
        }
        match &self.reference {
            Some(reference) if self.unit == FOLD => format!("fold of {}", reference.of),
            _ => self.unit.clone(),
        }
    }

    /// The value of the reference line.
    pub(super) fn level(&self) -> Option<f64> {
        self.reference.as_ref().map(|reference| reference.value)
    }

    /// How `variable` is written; one that is not there is called by its id.
    pub(super) fn find(variables: &BTreeMap<String, Self>, variable: &str) -> Self {
        variables.get(variable).cloned().unwrap_or_else(|| {
            let words = variable.replace('_', " ");
            let mut letters = words.chars();
            let first = letters
                .next()
                .map(|letter| letter.to_uppercase().to_string());
            let label = first.unwrap_or_default() + letters.as_str();
            Self {
                label,
                ..Self::default()
            }
        })
    }
}

/// The window of an intervention in one arm.
#[derive(Clone, Debug, PartialEq)]
pub struct Shade {
    /// Name of the arm.
    pub arm: String,
    /// What is done, for example `butyrate 2 %`.
    pub label: String,
    /// First day.
    pub start: f64,
    /// Last day; infinite if it never ends.
    pub stop: f64,
    /// Ages at which curves of the arm may jump: those of its ends that are the same for all who are drawn. A
    /// median of many may not jump where only half of them have begun.
    pub jumps: Vec<f64>,
}

/// The ages at which something begins, ends or happens in an arm, ascending.
pub(super) fn edges(shades: &[Shade], arm: &str) -> Vec<f64> {
    let shades = shades.iter().filter(|shade| shade.arm == arm);
    let ends = shades.flat_map(|shade| shade.jumps.iter().copied());
    let mut edges: Vec<f64> = ends.filter(|age| age.is_finite()).collect();
    edges.sort_by(f64::total_cmp);
    edges.dedup_by(|a, b| a.total_cmp(b).is_eq());
    edges
}

/// A curve that steps where something begins, ends or happens, instead of rising to it from the value
/// before: between the last value before an edge and the first one at or after it the curve goes on as
/// it went, then jumps. A value at the edge itself is the one after it.
///
/// Where two edges lie between two values nothing is known of what is between: a straight line.
pub(super) fn with_steps(points: &[(f64, f64)], edges: &[f64]) -> Vec<(f64, f64)> {
    // Whether a curve may jump between these ages.
    let jumps = |from: f64, to: f64| edges.iter().any(|edge| from < *edge && *edge <= to);
    let mut stepped = Vec::with_capacity(points.len());
    for (index, &(age, value)) in points.iter().enumerate() {
        if index > 0 {
            let (last_age, last) = points[index - 1];
            let mut between = edges
                .iter()
                .filter(|edge| last_age < **edge && **edge <= age);
            if let (Some(&edge), None) = (between.next(), between.next()) {
                let (low, high) = (last.min(value), last.max(value));
                // Going on cannot lead beyond what is there on both sides.
                let gone_on = |(from_age, from): (f64, f64), (to_age, to): (f64, f64)| {
                    let slope = (to - from) / (to_age - from_age);
                    (to + slope * (edge - to_age)).clamp(low, high)
                };
                let before = match index.checked_sub(2).map(|place| points[place]) {
                    Some(earlier) if !jumps(earlier.0, last_age) => {
                        gone_on(earlier, (last_age, last))
                    }
                    _ => last,
                };
                stepped.push((edge, before));
                if edge < age {
                    let after = match points.get(index + 1) {
                        Some(&later) if !jumps(age, later.0) => gone_on(later, (age, value)),
                        _ => value,
                    };
                    stepped.push((edge, after));
                }
            }
        }
        stepped.push((age, value));
    }
    stepped
}

impl Curves {
    /// How the arms are drawn.
    pub(super) fn styles(&self) -> Vec<ArmStyle> {
        let levels: Vec<Option<f64>> = self.arms.iter().map(|arm| arm.level).collect();
        let usual = arm_styles(&levels);
        let arms = self.arms.iter().zip(usual);
        arms.map(|(arm, usual)| arm.style.unwrap_or(usual))
            .collect()
    }

    /// How `variable` is written.
    pub(super) fn info(&self, variable: &str) -> VariableInfo {
        VariableInfo::find(&self.variables, variable)
    }

    /// Whether any arm has a curve of `variable`.
    pub fn has(&self, variable: &str) -> bool {
        self.arms
            .iter()
            .any(|arm| arm.series.contains_key(variable))
    }

    /// The data of these variables, one row per arm and age; what is not finite is missing.
    pub(super) fn table(&self, name: &str, variables: &[&str]) -> Table {
        let finite = |value: f64| value.is_finite().then_some(value);
        let arms = self
            .arms
            .iter()
            .flat_map(|arm| vec![arm.name.clone(); arm.times.len()]);
        let ages = self
            .arms
            .iter()
            .flat_map(|arm| arm.times.iter().copied().map(finite));
        let mut columns = vec![
            Column::text("arm", arms.collect()),
            Column::optional_numbers("time_d", "d", ages.collect()),
        ];
        let mut seen = BTreeSet::from(["arm", "time_d"]);
        for variable in variables {
            if variable.is_empty() || !seen.insert(variable) {
                continue;
            }
            let values = self.arms.iter().flat_map(|arm| {
                let series = arm.series.get(*variable);
                (0..arm.times.len()).map(move |index| series?.get(index).copied().and_then(finite))
            });
            columns.push(Column {
                name: (*variable).to_owned(),
                unit: self.variables.get(*variable).map(|info| info.unit.clone()),
                data: ColumnData::Number(values.collect()),
            });
        }
        Table::new(name, columns)
    }
}

impl ArmCurves {
    /// Unbroken stretches of the curve of `variable`.
    pub(super) fn stretches(&self, variable: &str) -> Vec<Vec<(f64, f64)>> {
        let Some(values) = self.series.get(variable) else {
            return Vec::new();
        };
        let mut stretches = vec![Vec::new()];
        for (time, value) in self.times.iter().zip(values) {
            if time.is_finite() && value.is_finite() {
                if let Some(stretch) = stretches.last_mut() {
                    stretch.push((*time, *value));
                }
            } else {
                stretches.push(Vec::new());
            }
        }
        stretches.retain(|stretch| !stretch.is_empty());
        stretches
    }

    /// The value of `variable` at `age`, between two known values.
    pub(super) fn value_at(&self, variable: &str, age: f64) -> Option<f64> {
        self.stretches(variable).iter().find_map(|stretch| {
            stretch.windows(2).find_map(|pair| {
                let ((from, low), (to, high)) = (pair[0], pair[1]);
                let inside = from <= age && age <= to && from < to;
                inside.then(|| low + (high - low) * ((age - from) / (to - from)))
            })
        })
    }

    /// Name for the legend: a failed arm says so.
    pub(super) fn legend_name(&self) -> String {
        match &self.status {
            ArmStatus::Completed => self.name.clone(),
            ArmStatus::Failed { reason } if reason.is_empty() => format!("{} (failed)", self.name),
            ArmStatus::Failed { reason } => format!("{} (failed: {reason})", self.name),
            ArmStatus::NotRun => format!("{} (not run)", self.name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arm() -> ArmCurves {
        ArmCurves {
            name: "a".into(),
            times: vec![0.0, 1.0, 2.0, 3.0],
            series: BTreeMap::from([("x".to_owned(), vec![1.0, 3.0, f64::NAN, 4.0])]),
            ..ArmCurves::default()
        }
    }

    #[test]
    fn a_fold_says_of_what_on_its_axis_and_in_the_legend() {
        let fold = |of: &str| VariableInfo {
            unit: "fold".to_owned(),
            reference: Some(Reference {
                value: 1.0,
                of: of.to_owned(),
            }),
            ..VariableInfo::default()
        };
        let percent = VariableInfo {
            unit: "%".to_owned(),
            ..VariableInfo::default()
        };
        assert_eq!(fold("wild type").axis_unit(), "fold of wild type");
        assert_eq!(
            fold("untreated mouse").axis_unit(),
            "fold of untreated mouse"
        );
        assert_eq!(percent.axis_unit(), "%");
        let wild = || fold("wild type");
        let words = |infos: &[VariableInfo]| reference_words(infos);
        assert_eq!(words(std::slice::from_ref(&percent)), None);
        assert_eq!(
            words(&[wild(), percent.clone(), wild()]).unwrap(),
            "wild type"
        );
        assert_eq!(
            words(&[fold("untreated mouse"), wild(), percent, wild()]).unwrap(),
            "wild type; a: untreated mouse"
        );
    }

    #[test]
    fn curves_step_where_a_dose_begins_and_ends() {
        // 1 until day 3, then 5; 1 again from day 6 on.
        let value = |age: f64| if (3.0..6.0).contains(&age) { 5.0 } else { 1.0 };
        let grid = |first: f64| -> Vec<(f64, f64)> {
            let ages = (0..9).map(|day| first + f64::from(day));
            ages.map(|age| (age, value(age))).collect()
        };
        for first in [0.0, 0.4, -0.25] {
            let stepped = with_steps(&grid(first), &[3.0, 6.0]);
            for pair in stepped.windows(2) {
                let ((from, low), (to, high)) = (pair[0], pair[1]);
                assert!(from <= to);
                let level = (low - high).abs() < 1e-12;
                assert!(
                    level || (from - to).abs() < 1e-12,
                    "a slope from {from} to {to}"
                );
            }
            let jumps: Vec<f64> = stepped
                .windows(2)
                .filter(|pair| (pair[0].1 - pair[1].1).abs() > 1.0)
                .map(|pair| pair[1].0)
                .collect();
            assert_eq!(jumps, [3.0, 6.0]);
        }
    }

    #[test]
    fn smooth_curves_stay_smooth_and_impulses_fall_only_after_they_come() {
        let line: Vec<(f64, f64)> = (0..9).map(|day| (f64::from(day), f64::from(day))).collect();
        for (age, value) in with_steps(&line, &[2.5, 5.0, 8.0]) {
            assert!((age - value).abs() < 1e-12);
        }
        let mut impulse = vec![(0.0, 0.0), (1.0, 0.0), (2.0, 8.0), (3.0, 1.0), (4.0, 0.0)];
        let stepped = with_steps(&impulse, &[2.0]);
        assert_eq!(stepped[2], (2.0, 0.0));
        assert_eq!(stepped[3], (2.0, 8.0));
        // Two edges between two values: nothing is invented.
        assert_eq!(with_steps(&impulse, &[2.2, 2.6]), impulse);
        impulse.truncate(1);
        assert_eq!(with_steps(&impulse, &[0.0]), impulse);
        assert!(with_steps(&[], &[1.0]).is_empty());
    }

    #[test]
    fn gaps_are_kept() {
        assert_eq!(
            arm().stretches("x"),
            [vec![(0.0, 1.0), (1.0, 3.0)], vec![(3.0, 4.0)]]
        );
        assert!(arm().stretches("y").is_empty());
        assert_eq!(arm().value_at("x", 0.25), Some(1.5));
        assert_eq!(arm().value_at("x", 2.0), None);
    }

    #[test]
    fn the_table_has_every_value_once() {
        let curves = Curves {
            arms: vec![arm()],
            ..Curves::default()
        };
        let table = curves.table("t", &["x", "x", "y", ""]);
        assert_eq!(
            table.to_csv().unwrap(),
            "arm,time_d,x,y\na,0,1,\na,1,3,\na,2,,\na,3,4,\n"
        );
    }
}
