//! Reads the dose a scenario gives to an intervention.

use crate::unit::{UnitError, Units, split_quantity};

use super::Dose;

impl Dose {
    /// The number of the dose's unit that a text means.
    ///
    /// A unit that measures the same is converted ("50 %" of a pure number is
    /// 0.5). Of a unit in `also` the number is taken as it is ("2 %" is 2 % w/v).
    /// A bare number is a dose only where the dose is a pure number.
    ///
    /// # Errors
    /// What is wrong with the number or the unit.
    pub fn read(&self, text: &str, units: &Units) -> Result<f64, UnitError> {
        let (number, rest) = split_quantity(text)?;
        let quantity = crate::unit::parse_quantity(text, units);
        let converted = quantity.and_then(|quantity| quantity.in_unit(&self.unit));
        match converted {
            Err(_) if self.also.iter().any(|also| also == rest) => Ok(number),
            converted => converted,
        }
    }
}
