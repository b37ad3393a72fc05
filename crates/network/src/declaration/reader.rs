//! [`Reader`]: what the readers of all entries share.

use crate::expression::{Expression, FUNCTIONS, RESERVED, parse};
use crate::fault::{Code, Collector, Fault, Place};
use crate::reading::{Content, Field, Table, Written};
use crate::unit::{Unit, Units, parse_quantity};

use super::entry::Common;
use super::family::Family;

/// Units, the words of the family, and the place for faults.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    pub(super) units: &'a Units,
    pub(super) family: &'a Family,
    pub(super) faults: &'a Collector,
}

/// Whether an entry must say where its numbers come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Grounds {
    Required,
    Optional,
}

impl Reader<'_> {
    /// `says`: one sentence that is not empty.
    pub(super) fn says(&self, table: &Table<'_>) -> Option<String> {
        let says = table.text("says")?;
        if says.value.trim().is_empty() {
            let message = format!("`{}.says` is empty", table.path());
            let fault = Fault::new(Code::Empty, message, &says.place);
            self.faults
                .add(fault.help("say in one sentence what it is or does"));
        }
        Some(says.value)
    }

    /// What every entry has.
    pub(super) fn common(&self, table: &Table<'_>, place: &Place, grounds: Grounds) -> Common {
        let (evidence, assumed) = self.grounds(table, place, grounds);
        Common {
            says: self.says(table).unwrap_or_default(),
            evidence,
            assumed,
            link: table
                .optional_texts("link")
                .into_iter()
                .map(|link| link.value)
                .collect(),
            place: place.clone(),
        }
    }

    /// `evidence` and `assumed`: at least one when grounds are required.
    pub(super) fn grounds(
        &self,
        table: &Table<'_>,
        place: &Place,
        grounds: Grounds,
    ) -> (Vec<Written<String>>, Option<String>) {
        let evidence = table.optional_texts("evidence");
        let assumed = table.optional_text("assumed");
        if let Some(reason) = &assumed
            && reason.value.trim().is_empty()
        {
            let message = format!("`{}.assumed` gives no reason", table.path());
            self.faults
                .add(Fault::new(Code::Empty, message, &reason.place));
        }
        if grounds == Grounds::Required && evidence.is_empty() && assumed.is_none() {
            let message = format!("`{}` says neither `evidence` nor `assumed`", table.path());
            let help = "name evidence rows, or give the reason: assumed = \"…\"";
            self.faults
                .add(Fault::new(Code::NoEvidence, message, place).help(help));
        }
        (evidence, assumed.map(|assumed| assumed.value))
    }

    /// A unit; a fault with the place of the mistake in the text.
    pub(super) fn unit(&self, written: &Written<String>) -> Option<Unit> {
        match self.units.parse(&written.value) {
            Ok(unit) => Some(unit),
            Err(error) => {
                self.faults.add(error.fault(written));
                None
            }
        }
    }

    /// The unit under `unit`, which must be there.
    pub(super) fn required_unit(&self, table: &Table<'_>) -> Option<Unit> {
        let field = table.field("unit");
        let Some(field) = field else {
            let help = "write unit = \"1\" for a pure number".to_owned();
            table.missing("unit", Some(help));
            return None;
        };
        self.unit(&field.text()?)
    }

    /// An expression, written as text or as a plain number, which counts `unit`
    /// (or is pure if there is none).
    pub(super) fn expression(&self, field: &Field<'_>, unit: Option<&Unit>) -> Option<Expression> {
        match &field.value().content {
            Content::Text(_) => match parse(&field.text()?, self.units) {
                Ok(expression) => Some(expression),
                Err(fault) => {
                    self.faults.add(*fault);
                    None
                }
            },
            Content::Integer(_) | Content::Float(_) | Content::Unreadable(_) => {
                let number = field.number()?;
                Some(Expression::number(number.value, unit, number.place))
            }
            _ => {
                field.expected("a number or an expression in quotes");
                None
            }
        }
    }

    /// A number in `unit`: a bare number, or a text with a unit that fits.
    pub(super) fn value_in(&self, field: &Field<'_>, unit: &Unit) -> Option<f64> {
        let Content::Text(_) = field.value().content else {
            return Some(field.number()?.value);
        };
        let written = field.text()?;
        let converted =
            parse_quantity(&written.value, self.units).and_then(|quantity| quantity.in_unit(unit));
        match converted {
            Ok(value) => Some(value),
            Err(error) => {
                let help = format!("`{}` is in {unit}", field.path());
                self.faults.add(error.fault(&written).help(help));
                None
            }
        }
    }
}

/// Whether an id may be used in expressions; a fault if not.
pub(super) fn check_id(id: &str, place: &Place, faults: &Collector) {
    let mut bytes = id.bytes();
    let right = bytes.next().is_some_and(|byte| byte.is_ascii_lowercase())
        && bytes.all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
        && id.len() <= 80;
    if !right {
        let message = format!("`{id}` is no name");
        let help = "names are lower-case letters, digits and underscores, up to 80, and start with a letter";
        faults.add(Fault::new(Code::BadName, message, place).help(help));
    } else if FUNCTIONS.iter().any(|entry| entry.name == id)
        || RESERVED.iter().any(|(name, _)| *name == id)
    {
        let message = format!("`{id}` is a word of the rate language and cannot be a name");
        faults.add(Fault::new(Code::ReservedName, message, place));
    }
}

/// Whether an intervention's name can be typed in a scenario; a fault if not.
pub(super) fn check_intervention_id(id: &str, place: &Place, faults: &Collector) {
    let mut bytes = id.bytes();
    let right = bytes.next().is_some_and(|byte| byte.is_ascii_lowercase())
        && bytes.all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        && id.len() <= 80;
    if !right {
        let message = format!("`{id}` is no name of an intervention");
        let help = "such names are lower-case letters, digits and hyphens, up to 80, and start with a letter";
        faults.add(Fault::new(Code::BadName, message, place).help(help));
    }
}

/// The exact unit of a rate that changes `unit` per day.
pub(super) fn per_day(unit: &Unit) -> Unit {
    unit.divide(&Unit::day())
}
