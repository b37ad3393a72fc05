//! [`Expectation`]: what the model must show if a row of evidence is right.
//!
//! ```toml
//! [[evidence.S1-01.expects]]
//! says     = "age at death, B6SJL"
//! scenario = "natural-history-b6sjl"   # where it is shown; or: parameter = "paneth_ageing"
//! arm      = "control"
//! feature  = "death"
//! value    = 130.2                     # a point with its sd, …
//! sd       = 11.2
//! # low = 125, high = 136              # … or a band, …
//! # direction = "higher", than = 1, margin = 0.02   # … or a direction: "higher", "lower", "none"
//! ```
//!
//! Scenario and feature are texts here: they belong to whoever simulates.

use crate::fault::{Code, Fault, Place};
use crate::reading::{Table, Written};

use super::reader::Reader;

/// What is looked at.
#[derive(Clone, Debug)]
pub enum Looked {
    /// A feature of an arm of a scenario.
    Feature {
        /// Name of the scenario.
        scenario: Written<String>,
        /// Name of the arm.
        arm: Written<String>,
        /// What is read off it.
        feature: Written<String>,
    },
    /// The value of a parameter.
    Parameter(Written<String>),
}

/// The direction of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Direction {
    /// More than the comparison.
    Higher,
    /// Less than the comparison.
    Lower,
    /// No difference: a null result.
    None,
}

impl Direction {
    /// Every direction with its word in the evidence files.
    pub const WORDS: &[(&str, Self)] = &[
        ("higher", Self::Higher),
        ("lower", Self::Lower),
        ("none", Self::None),
    ];

    /// Its word in the evidence files.
    #[must_use]
    pub fn word(self) -> &'static str {
        let found = Self::WORDS.iter().find(|(_, it)| *it == self);
        found.map_or("", |(word, _)| word)
    }
}

/// What was found, in the unit of the expectation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Claim {
    /// A value with its standard deviation.
    Point {
        /// The value.
        value: f64,
        /// Its standard deviation.
        sd: f64,
    },
    /// Anything from `low` to `high`.
    Band {
        /// Lower end.
        low: f64,
        /// Upper end.
        high: f64,
    },
    /// More than, less than, or as much as `than`; differences up to `margin` are none.
    Direction {
        /// Which way.
        direction: Direction,
        /// The comparison.
        than: f64,
        /// The smallest difference that counts.
        margin: f64,
    },
}

/// What the model must show if a row is right.
#[derive(Clone, Debug)]
pub struct Expectation {
    /// What is compared, in a few words.
    pub says: String,
    /// Where in the model.
    pub looked: Looked,
    /// What was found.
    pub claim: Claim,
    /// Unit of the claim; that of the row if there is none.
    pub unit: Option<Written<String>>,
    /// Why its sd, band or margin is what it is, where the source does not say.
    pub assumed: Option<String>,
    /// Why this is no test although the row is not fitted.
    pub fitted: Option<String>,
    /// Why this is a prediction although the row is fitted.
    pub predicted: Option<String>,
    /// Rows that found the opposite of this.
    pub conflict: Vec<Written<String>>,
    /// Where it stands.
    pub place: Place,
}

impl Expectation {
    /// Reads one; everything wrong goes to the reader's faults.
    pub(super) fn read(table: Table<'_>, reader: &Reader<'_>) -> Option<Self> {
        let place = table.place();
        let says = reader.says(&table);
        let looked = read_looked(&table, reader);
        let claim = read_claim(&table, reader);
        let unit = table.optional_text("unit");
        if let Some(unit) = &unit {
            reader.unit(unit);
        }
        let text = |key| table.optional_text(key).map(|written| written.value);
        let (assumed, fitted, predicted) = (text("assumed"), text("fitted"), text("predicted"));
        let conflict = table.optional_texts("conflict");
        table.finish();
        Some(Self {
            says: says?,
            looked: looked?,
            claim: claim?,
            unit,
            assumed,
            fitted,
            predicted,
            conflict,
            place,
        })
    }
}

fn read_looked(table: &Table<'_>, reader: &Reader<'_>) -> Option<Looked> {
    let keys = ["scenario", "arm", "feature"];
    let Some(parameter) = table.field("parameter") else {
        let [scenario, arm, feature] = keys.map(|key| table.text(key));
        return Some(Looked::Feature {
            scenario: scenario?,
            arm: arm?,
            feature: feature?,
        });
    };
    for key in keys {
        if let Some(field) = table.field(key) {
            let message = format!("`{}` reads a parameter and a feature", table.path());
            let fault = Fault::new(Code::BadExpectation, message, &field.place());
            reader
                .faults
                .add(fault.help("write `parameter`, or `scenario`, `arm` and `feature`"));
        }
    }
    Some(Looked::Parameter(parameter.text()?))
}

fn read_claim(table: &Table<'_>, reader: &Reader<'_>) -> Option<Claim> {
    let has = |key| table.field(key).is_some();
    let kinds = [has("value"), has("low") || has("high"), has("direction")];
    if kinds.iter().filter(|&&kind| kind).count() != 1 {
        let message = format!("`{}` must claim one thing", table.path());
        let fault = Fault::new(Code::BadExpectation, message, &table.place());
        reader.faults.add(
            fault.help("write `value` and `sd`, or `low` and `high`, or `direction` and `margin`"),
        );
        return None;
    }
    let above_zero = |key: &str| {
        let number = table.number(key)?;
        if number.value <= 0.0 {
            let message = format!("`{}.{key}` must be above zero", table.path());
            reader
                .faults
                .add(Fault::new(Code::BadSpread, message, &number.place));
        }
        Some(number.value)
    };
    if has("value") {
        let (value, sd) = (table.number("value"), above_zero("sd"));
        return Some(Claim::Point {
            value: value?.value,
            sd: sd?,
        });
    }
    if has("direction") {
        let direction = table.word("direction", Direction::WORDS);
        let than = table.optional_number("than").map_or(0.0, |than| than.value);
        let margin = above_zero("margin");
        return Some(Claim::Direction {
            direction: direction?.value,
            than,
            margin: margin?,
        });
    }
    let (low, high) = (table.number("low"), table.number("high"));
    let (low, high) = (low?, high?);
    if low.value >= high.value {
        let message = format!("the band of `{}` must rise", table.path());
        reader
            .faults
            .add(Fault::new(Code::BadRange, message, &high.place));
    }
    Some(Claim::Band {
        low: low.value,
        high: high.value,
    })
}
