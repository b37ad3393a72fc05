//! Targets of a calibration: what a feature should be, and how far from it a value is.
//!
//! A point counts in standard deviations, `(f − v) / sd`; a band has no residual inside and counts the
//! distance from its nearer end outside.

use std::fmt;

use gutbrain_network::declaration::{Grade, Use};
use gutbrain_network::reading::{Table, Written, did_you_mean};
use gutbrain_network::{Code, Declaration, Fault};

use super::file::refuse;
use crate::analysis::own_data::Observed;
use crate::scenario::begins_a_formula;
use crate::simulate::Feature;

/// What a feature should be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Aim {
    /// A value with its standard deviation.
    Point {
        /// The value.
        value: f64,
        /// Its standard deviation.
        sd: f64,
    },
    /// Anything from `low` to `high`; outside, the distance counts in `sd`.
    Band {
        /// Lower end.
        low: f64,
        /// Upper end.
        high: f64,
        /// What a distance from the band counts in.
        sd: f64,
    },
    /// An observation of a laboratory's own, with its likelihood.
    Observed(Observed),
}

impl Aim {
    /// The residual of a value, in sd (of observations, the signed root of the deviance), and its derivative. Not
    /// finite where a value is none that the observation can have.
    #[must_use]
    pub fn residual(&self, value: f64) -> (f64, f64) {
        match *self {
            Aim::Point { value: wanted, sd } => ((value - wanted) / sd, 1.0 / sd),
            Aim::Band { low, sd, .. } if value < low => ((value - low) / sd, 1.0 / sd),
            Aim::Band { high, sd, .. } if value > high => ((value - high) / sd, 1.0 / sd),
            Aim::Band { .. } => (0.0, 0.0),
            Aim::Observed(observed) => observed.residual(value),
        }
    }
}

impl fmt::Display for Aim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Aim::Point { value, sd } => write!(f, "{value} ± {sd}"),
            Aim::Band { low, high, .. } => write!(f, "{low} to {high}"),
            Aim::Observed(observed) => write!(f, "{observed}"),
        }
    }
}

/// One number that the model should reproduce.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    /// Name for the report, unique in the file.
    pub name: String,
    /// Ids of the evidence rows behind it.
    pub evidence: Vec<String>,
    /// Scenario file, relative to the calibration file.
    pub scenario: String,
    /// What is read.
    pub feature: Feature,
    /// What it should be.
    pub aim: Aim,
}

/// Largest number that a target may name, and smallest and largest `sd`: beyond them squares of residuals are
/// no numbers any more, and no unit is that far off.
const LARGEST: f64 = 1e30;
const SD: (f64, f64) = (1e-30, 1e30);

/// Reads one `[[target]]`; faults go to the table's collector.
pub(super) fn read_target(table: Table<'_>, declaration: &Declaration) -> Option<Target> {
    let name = table.text("name");
    if let Some(name) = name.as_ref().filter(|it| begins_a_formula(&it.value)) {
        let message = "a spreadsheet takes this name, which stands in CSV tables, for a formula";
        refuse(&table, name, message.to_owned(), None);
    }
    let mut evidence = Vec::new();
    for id in table.optional_texts("evidence") {
        check_evidence(&table, &id, declaration);
        evidence.push(id.value);
    }
    let scenario = table.text("scenario");
    let arm = table.text("arm");
    let feature = table.text("feature");
    let feature = match (&arm, &feature) {
        (Some(arm), Some(text)) => {
            match Feature::parse(&arm.value, &text.value, &declaration.family.endpoints) {
                Ok(feature) => Some(feature),
                Err(fault) => {
                    refuse(&table, text, fault.to_string(), None);
                    None
                }
            }
        }
        _ => None,
    };
    let aim = read_aim(&table);
    table.finish();
    Some(Target {
        name: name?.value,
        evidence,
        scenario: scenario?.value,
        feature: feature?,
        aim: aim?,
    })
}

fn check_evidence(table: &Table<'_>, id: &Written<String>, declaration: &Declaration) {
    match declaration.evidence.get(&id.value) {
        None => {
            let known = declaration.evidence.keys().map(String::as_str);
            let help = did_you_mean(&id.value, known);
            refuse(
                table,
                id,
                format!("the model has no evidence row `{}`", id.value),
                help,
            );
        }
        Some(row) if row.grade == Grade::Unverified => {
            refuse(
                table,
                id,
                format!("`{}` is unverified: nothing is calibrated to it", id.value),
                None,
            );
        }
        Some(row) if row.role == Use::Validate => {
            refuse(
                table,
                id,
                format!("`{}` is held out: nothing is calibrated to it", id.value),
                Some("its role is `validate`".to_owned()),
            );
        }
        Some(_) => {}
    }
}

/// What is wrong with numbers beyond all measure.
const UNIT: &str = "it is in the unit of the feature: is the number right?";

fn read_aim(table: &Table<'_>) -> Option<Aim> {
    #[derive(Clone, Copy)]
    enum Kind {
        Point,
        Band,
    }
    let kind = match table.field("kind") {
        None => Kind::Point,
        Some(_) => {
            table
                .word("kind", &[("point", Kind::Point), ("band", Kind::Band)])?
                .value
        }
    };
    let sd = table.number("sd")?;
    if sd.value <= 0.0 {
        table.faults().add(Fault::new(
            Code::BadTarget,
            "`sd` must be above zero",
            &sd.place,
        ));
    } else if !(SD.0..=SD.1).contains(&sd.value) {
        let message = format!("`sd` must be from {:e} to {:e}", SD.0, SD.1);
        let fault = Fault::new(Code::BadTarget, message, &sd.place);
        table.faults().add(fault.help(UNIT));
    }
    let bounded = |key: &str| {
        let written = table.number(key)?;
        if written.value.abs() > LARGEST {
            let message = format!("`{key}` must lie between -{LARGEST:e} and {LARGEST:e}");
            let fault = Fault::new(Code::BadTarget, message, &written.place);
            table.faults().add(fault.help(UNIT));
        }
        Some(written)
    };
    match kind {
        Kind::Point => {
            let value = bounded("value")?.value;
            Some(Aim::Point {
                value,
                sd: sd.value,
            })
        }
        Kind::Band => {
            let (low, high) = (bounded("low"), bounded("high"));
            let (low, high) = (low?, high?);
            if high.value < low.value {
                let fault = Fault::new(Code::BadTarget, "`high` lies below `low`", &high.place);
                table.faults().add(fault);
            }
            Some(Aim::Band {
                low: low.value,
                high: high.value,
                sd: sd.value,
            })
        }
    }
}
