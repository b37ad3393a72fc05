//! The grammar of units.
//!
//! ```text
//! unit   = factor { ("*" | "·" | "/" | space) factor }
//! factor = (number | name | "'" any name "'" | "(" unit ")") [ "^" power ]
//! power  = [ "-" ] whole | "(" [ "-" ] whole [ "/" whole ] ")"
//! ```
//! Quotients associate to the left: "nmol/min/mg" is nmol/(min·mg). A bare
//! number of digits after a name ("m2") is its power.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Zero};

use super::names::normalise;
use super::rational::parse_decimal;
use super::{Unit, UnitError};

/// Longest unit that is read, in bytes.
const LONGEST: usize = 200;

/// Deepest nesting of brackets.
const DEEPEST: usize = 16;

/// Reads a unit; `find` knows the names.
pub(super) fn parse_unit(
    text: &str,
    find: &dyn Fn(&str) -> Option<Unit>,
) -> Result<Unit, UnitError> {
    if text.len() > LONGEST {
        let message = format!("a unit has at most {LONGEST} bytes");
        return Err(UnitError::Syntax { message, offset: 0 });
    }
    let mut parser = Parser {
        text,
        at: 0,
        depth: 0,
        find,
    };
    parser.skip_spaces();
    if parser.at == text.len() {
        return Err(parser.error("the unit is empty; write \"1\" for a pure number"));
    }
    let unit = parser.product()?;
    if parser.at < text.len() {
        return Err(parser.error("this cannot follow here in a unit"));
    }
    Ok(unit)
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    find: &'a dyn Fn(&str) -> Option<Unit>,
}

impl Parser<'_> {
    fn error(&self, message: &str) -> UnitError {
        UnitError::Syntax {
            message: message.to_owned(),
            offset: self.at,
        }
    }

    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn skip_spaces(&mut self) {
        while let Some(space) = self.peek().filter(|c| *c == ' ') {
            self.at += space.len_utf8();
        }
    }

    fn take(&mut self, wanted: char) -> bool {
        self.skip_spaces();
        let found = self.peek() == Some(wanted);
        if found {
            self.at += wanted.len_utf8();
        }
        found
    }

    fn take_while(&mut self, accept: impl Fn(char) -> bool) -> &str {
        let start = self.at;
        while let Some(c) = self.peek().filter(|c| accept(*c)) {
            self.at += c.len_utf8();
        }
        &self.text[start..self.at]
    }

    fn product(&mut self) -> Result<Unit, UnitError> {
        let mut unit = self.factor()?;
        loop {
            if self.take('*') || self.take('·') || self.take('×') {
                unit = unit.multiply(&self.factor()?);
            } else if self.take('/') {
                let start = self.at;
                let divisor = self.factor()?;
                if divisor.factor().is_zero() {
                    self.at = start;
                    return Err(self.error("a unit cannot be divided by zero"));
                }
                unit = unit.divide(&divisor);
            } else if self.peek().is_some_and(|c| c != ')') {
                unit = unit.multiply(&self.factor()?);
            } else {
                return Ok(unit);
            }
        }
    }

    fn factor(&mut self) -> Result<Unit, UnitError> {
        self.skip_spaces();
        let start = self.at;
        let unit = match self.peek() {
            Some('(') => {
                self.at += 1;
                self.depth += 1;
                if self.depth > DEEPEST {
                    return Err(self.error("brackets are nested too deep"));
                }
                let unit = self.product()?;
                if !self.take(')') {
                    return Err(self.error("a closing bracket is missing"));
                }
                self.depth -= 1;
                unit
            }
            Some('\'') => {
                self.at += 1;
                let name = self.take_while(|c| c != '\'').to_owned();
                if !self.take('\'') {
                    return Err(self.error("a closing quote is missing"));
                }
                self.find(&name, start)?
            }
            Some(c) if c.is_ascii_digit() || c == '.' => self.number()?,
            Some(c) if c.is_alphabetic() || matches!(c, '%' | '‰' | '_' | '\u{b5}') => {
                let single = matches!(c, '%' | '‰');
                let name = if single {
                    self.at += c.len_utf8();
                    c.to_string()
                } else {
                    self.take_while(|c| c.is_alphabetic() || c == '_')
                        .to_owned()
                };
                self.find(&name, start)?
            }
            Some(_) => return Err(self.error("a unit name or a number is expected here")),
            None => return Err(self.error("the unit ends too early")),
        };
        self.raised(unit, start)
    }

    /// The unit to the power that follows, if any.
    fn raised(&mut self, unit: Unit, start: usize) -> Result<Unit, UnitError> {
        let digits_follow = self
            .peek()
            .is_some_and(|c| c.is_ascii_digit() || "²³".contains(c));
        let exponent = if self.take('^') {
            self.exponent()?
        } else if digits_follow {
            match self.peek() {
                Some('²') => {
                    self.at += '²'.len_utf8();
                    BigRational::from_integer(2.into())
                }
                Some('³') => {
                    self.at += '³'.len_utf8();
                    BigRational::from_integer(3.into())
                }
                _ => self.whole()?,
            }
        } else {
            return Ok(unit);
        };
        unit.power(&exponent).map_err(|error| UnitError::Syntax {
            message: error.to_string(),
            offset: start,
        })
    }

    fn exponent(&mut self) -> Result<BigRational, UnitError> {
        let bracket = self.take('(');
        let negative = self.take('-');
        self.skip_spaces();
        let mut exponent = self.whole()?;
        if bracket {
            if self.take('/') {
                self.skip_spaces();
                let start = self.at;
                let divisor = self.whole()?;
                if divisor.is_zero() {
                    self.at = start;
                    return Err(self.error("a power cannot be divided by zero"));
                }
                exponent /= divisor;
            }
            if !self.take(')') {
                return Err(self.error("a closing bracket is missing"));
            }
        }
        Ok(if negative { -exponent } else { exponent })
    }

    fn whole(&mut self) -> Result<BigRational, UnitError> {
        let start = self.at;
        let number = self.take_while(|c| c.is_ascii_digit()).parse::<u32>();
        match number {
            Ok(number) if number <= 64 => Ok(BigRational::from_integer(BigInt::from(number))),
            _ => {
                self.at = start;
                Err(self.error("a power is a whole number up to 64, or (a/b)"))
            }
        }
    }

    fn number(&mut self) -> Result<Unit, UnitError> {
        let start = self.at;
        self.take_while(|c| c.is_ascii_digit() || c == '.');
        let rest = &self.text.as_bytes()[self.at..];
        let sign = usize::from(matches!(rest.get(1), Some(b'+' | b'-')));
        let digit = rest.get(1 + sign).is_some_and(u8::is_ascii_digit);
        if matches!(rest.first(), Some(b'e' | b'E')) && digit {
            self.at += 1 + sign;
            self.take_while(|c| c.is_ascii_digit());
        }
        let number = parse_decimal(&self.text[start..self.at]);
        match number {
            Some(number) if number.is_one() => Ok(Unit::one()),
            Some(number) if !number.is_zero() => Ok(Unit::number(number)),
            _ => {
                self.at = start;
                Err(self.error("this is no number a unit can have"))
            }
        }
    }

    fn find(&self, name: &str, offset: usize) -> Result<Unit, UnitError> {
        let name = normalise(name);
        (self.find)(&name).ok_or(UnitError::Unknown {
            name,
            offset,
            alike: None,
        })
    }
}
