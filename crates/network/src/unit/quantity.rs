//! Quantities: a number and a unit in one text, as in "0.5 1/h" or "2 %".

use num_rational::BigRational;
use num_traits::One;

use super::mistakes::{mistake_after, mistake_before};
use super::rational::{nearest_f64, parse_decimal};
use super::{Unit, UnitError, Units};

/// A number of a unit.
#[derive(Clone, Debug, PartialEq)]
pub struct Quantity {
    /// The number.
    pub number: f64,
    /// Of what.
    pub unit: Unit,
}

impl Quantity {
    /// The number of `unit` this is.
    ///
    /// The decimal number as written times the exact factor, rounded once: "0.07 %" is the very
    /// number that "0.0007" is.
    ///
    /// # Errors
    /// When the units measure different things.
    pub fn in_unit(&self, unit: &Unit) -> Result<f64, UnitError> {
        let factor = self.unit.conversion_to(unit)?;
        Ok(scale(self.number, &factor))
    }
}

fn scale(number: f64, factor: &BigRational) -> f64 {
    if factor.is_one() {
        return number;
    }
    match exactly(number) {
        Some(exact) => nearest_f64(&(exact * factor)),
        None => number * nearest_f64(factor),
    }
}

/// The decimal number that `number` was read from: the shortest one that reads back as it.
/// `None` for what is not finite.
#[must_use]
pub fn exactly(number: f64) -> Option<BigRational> {
    let size = parse_decimal(&format!("{:e}", number.abs()))?;
    Some(if number < 0.0 { -size } else { size })
}

/// The number at the start of a text and the rest, which may be empty.
///
/// # Errors
/// When the text does not start with a finite number, or with one that is written in a way that
/// could be misread ("0,5 %", "1 000 d", "10^9"); the error says how to write it.
pub fn split_quantity(text: &str) -> Result<(f64, &str), UnitError> {
    let text = text.trim();
    match number_end(text) {
        Some((number, end)) => match mistake_after(text, end) {
            Some(mistake) => Err(mistake),
            None => Ok((number, text[end..].trim_start())),
        },
        None => Err(mistake_before(text).unwrap_or_else(|| UnitError::Syntax {
            message: format!("`{text}` does not start with a finite number"),
            offset: 0,
        })),
    }
}

/// The finite number that a text starts with, and where it ends.
pub(super) fn number_end(text: &str) -> Option<(f64, usize)> {
    let bytes = text.as_bytes();
    let mut end = usize::from(matches!(bytes.first(), Some(b'+' | b'-')));
    let digits = |mut at: usize| {
        while bytes
            .get(at)
            .is_some_and(|byte| byte.is_ascii_digit() || *byte == b'.')
        {
            at += 1;
        }
        at
    };
    end = digits(end);
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        if bytes.get(end + 1 + sign).is_some_and(u8::is_ascii_digit) {
            end = digits(end + 1 + sign);
        }
    }
    let number = text[..end].parse::<f64>().ok()?;
    number.is_finite().then_some((number, end))
}

/// Reads a quantity: "2 %", "38 d", "0.5 1/h", "1e-3 mM"; without a unit it is a pure number.
///
/// # Errors
/// What is wrong with the number or the unit; offsets count in the trimmed text.
pub fn parse_quantity(text: &str, units: &Units) -> Result<Quantity, UnitError> {
    let trimmed = text.trim();
    let (number, rest) = split_quantity(trimmed)?;
    if rest.is_empty() {
        return Ok(Quantity {
            number,
            unit: Unit::one(),
        });
    }
    let start = trimmed.len() - rest.len();
    let unit = units.parse(rest).map_err(|error| error.moved_by(start))?;
    Ok(Quantity { number, unit })
}
