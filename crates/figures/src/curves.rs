//! The plain input of the figures: curves of arms over age, and the table of what is drawn.

use gutbrain_table::{Column, ColumnData, Table};
use std::collections::{BTreeMap, BTreeSet};

/// Curves of several arms.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Curves {
    /// The arms in the order of the scenario; the first is the control.
    pub arms: Vec<ArmCurves>,
    /// How variables are called; one that is missing here is called by its id.
    pub variables: BTreeMap<String, VariableInfo>,
    /// Windows of interventions.
    pub shades: Vec<Shade>,
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
    /// A value drawn as a reference line, such as the wild type's.
    pub reference: Option<f64>,
}

impl VariableInfo {
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
}

impl Curves {
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
