//! Quantities: a number and a unit in one text, as in "0.5 1/h" or "2 %".

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
    /// # Errors
    /// When the units measure different things.
    pub fn in_unit(&self, unit: &Unit) -> Result<f64, UnitError> {
        let factor = self.unit.conversion_to(unit)?;
        Ok(scale(self.number, &factor))
    }
}

/// `number · factor`; divides where the inverse of the factor is the exact one
/// ("1 h" is 1/24 day, not 0.041666… rounded twice).
fn scale(number: f64, factor: &num_rational::BigRational) -> f64 {
    use num_traits::One;
    if factor.numer().is_one() && !factor.denom().is_one() {
        number / super::rational::nearest_f64(&factor.recip())
    } else {
        number * super::rational::nearest_f64(factor)
    }
}

/// The number at the start of a text and the rest, which may be empty.
///
/// # Errors
/// When the text does not start with a finite number.
pub fn split_quantity(text: &str) -> Result<(f64, &str), UnitError> {
    let text = text.trim();
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
    match text[..end].parse::<f64>() {
        Ok(number) if number.is_finite() => Ok((number, text[end..].trim_start())),
        _ => Err(UnitError::Syntax {
            message: format!("`{text}` does not start with a finite number"),
            offset: 0,
        }),
    }
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
    let unit = units.parse(rest).map_err(|error| match error {
        UnitError::Syntax { message, offset } => UnitError::Syntax {
            message,
            offset: offset + start,
        },
        UnitError::Unknown {
            name,
            offset,
            alike,
        } => UnitError::Unknown {
            name,
            offset: offset + start,
            alike,
        },
        other => other,
    })?;
    Ok(Quantity { number, unit })
}
