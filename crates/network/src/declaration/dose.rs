//! Reads the dose a scenario gives to an intervention.

use crate::unit::{Quantity, Unit, UnitError, Units, parse_quantity, split_quantity};

use super::Dose;

impl Dose {
    /// The number of the dose's unit that a text means.
    ///
    /// A unit that measures the same is converted ("50 %" of a pure number is
    /// 0.5), whether `also` names it or not. A text in `also` that measures
    /// something else stands for the unit itself ("2 %" is 2 % w/v): labels of
    /// bottles are written so. A bare number is a dose only where the dose is a
    /// pure number.
    ///
    /// # Errors
    /// What is wrong with the number or the unit.
    pub fn read(&self, text: &str, units: &Units) -> Result<f64, UnitError> {
        let (number, rest) = split_quantity(text)?;
        let read = parse_quantity(text, units);
        if let Ok(value) = read.clone().and_then(|read| read.in_unit(&self.unit)) {
            return Ok(value);
        }
        if self.also.iter().any(|also| also.trim() == rest) {
            return Ok(number);
        }
        read.and_then(|read| read.in_unit(&self.unit))
    }

    /// A dose in words, as "2 % w/v"; a pure number stands alone.
    #[must_use]
    pub fn show(&self, dose: f64) -> String {
        if self.unit == Unit::one() {
            format!("{dose}")
        } else {
            format!("{dose} {}", self.unit)
        }
    }

    /// The number of the dose's unit that a bare number is; `None` where a unit is needed.
    #[must_use]
    pub fn read_number(&self, number: f64) -> Option<f64> {
        let unit = Unit::one();
        Quantity { number, unit }.in_unit(&self.unit).ok()
    }
}
