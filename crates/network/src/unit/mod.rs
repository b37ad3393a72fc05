//! Units of measurement with exact arithmetic.
//!
//! A [`Unit`] is a dimension (rational powers of seven base quantities) times an
//! exact rational factor, together with the names it was written with, so that
//! messages speak as the author did: "mM/day", not "0.0000115 mol/m³/s".
//! [`Units`] knows the names, those a model declares included.
//!
//! Two units are equal when dimension and factor are; names do not count.

mod fault;
mod names;
mod parse;
mod quantity;
pub mod rational;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use num_rational::BigRational;
use num_traits::{One, Signed, Zero};

pub use names::Units;
pub use quantity::{Quantity, parse_quantity, split_quantity};

/// Base quantities in the order of [`Dimension`]'s powers.
const BASE: [&str; 7] = ["s", "m", "kg", "mol", "K", "EU", "CFU"];

/// Rational powers of the base quantities: time, length, mass, amount of
/// substance, temperature, endotoxin activity, colony-forming units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dimension([BigRational; 7]);

impl Dimension {
    /// The dimension of a pure number.
    #[must_use]
    pub fn none() -> Self {
        Self(std::array::from_fn(|_| BigRational::zero()))
    }

    fn base(index: usize) -> Self {
        let mut dimension = Self::none();
        dimension.0[index] = BigRational::one();
        dimension
    }

    /// Whether it is that of a pure number.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.0.iter().all(Zero::is_zero)
    }

    fn plus(&self, other: &Self, times: &BigRational) -> Self {
        Self(std::array::from_fn(|i| &self.0[i] + &other.0[i] * times))
    }
}

/// What went wrong in unit arithmetic or in reading a unit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnitError {
    /// The text is not a unit.
    #[error("{message}")]
    Syntax {
        /// What is wrong.
        message: String,
        /// Byte offset in the text.
        offset: usize,
    },
    /// A name that no unit has.
    #[error("unknown unit `{name}`")]
    Unknown {
        /// The name.
        name: String,
        /// Byte offset in the text.
        offset: usize,
        /// A known name that looks alike.
        alike: Option<String>,
    },
    /// The units measure different things.
    #[error("{from} cannot be converted to {to}")]
    Different {
        /// The one unit.
        from: String,
        /// The other.
        to: String,
    },
    /// The power of the factor is no rational number.
    #[error("{unit} has no exact power {exponent}")]
    Irrational {
        /// The unit.
        unit: String,
        /// The power asked for.
        exponent: String,
    },
}

/// A unit of measurement.
#[derive(Clone, Debug)]
pub struct Unit {
    /// The number it starts with, as the 10 of "10 mM".
    number: BigRational,
    /// The names it is written with and their powers; no zero powers.
    names: BTreeMap<Arc<str>, BigRational>,
    dimension: Dimension,
    /// How many coherent base units one of it is.
    factor: BigRational,
}

impl PartialEq for Unit {
    fn eq(&self, other: &Self) -> bool {
        self.dimension == other.dimension && self.factor == other.factor
    }
}

impl Unit {
    /// The unit of pure numbers.
    #[must_use]
    pub fn one() -> Self {
        Self::number(BigRational::one())
    }

    /// A pure number as a unit.
    #[must_use]
    pub fn number(number: BigRational) -> Self {
        Self {
            factor: number.clone(),
            number,
            names: BTreeMap::new(),
            dimension: Dimension::none(),
        }
    }

    fn named(name: &str, dimension: Dimension, factor: BigRational) -> Self {
        Self {
            number: BigRational::one(),
            names: BTreeMap::from([(Arc::from(name), BigRational::one())]),
            dimension,
            factor,
        }
    }

    /// The same unit under a name of its own.
    #[must_use]
    pub fn renamed(&self, name: &str) -> Self {
        Self::named(name, self.dimension.clone(), self.factor.clone())
    }

    /// The day, the unit of time inside the program.
    #[must_use]
    pub fn day() -> Self {
        let factor = BigRational::from_integer(86_400.into());
        Self::named("day", Dimension::base(0), factor)
    }

    /// What it measures.
    #[must_use]
    pub fn dimension(&self) -> &Dimension {
        &self.dimension
    }

    /// How many coherent base units (s, m, kg, mol, K, EU, CFU) one of it is.
    #[must_use]
    pub fn factor(&self) -> &BigRational {
        &self.factor
    }

    /// Whether it is a pure number, of any factor.
    #[must_use]
    pub fn is_dimensionless(&self) -> bool {
        self.dimension.is_none()
    }

    fn combine(
        &self,
        other: &Self,
        times: &BigRational,
        other_factor: &BigRational,
        other_number: &BigRational,
    ) -> Self {
        let mut names = self.names.clone();
        for (name, power) in &other.names {
            let sum = names.get(name).cloned().unwrap_or_else(BigRational::zero) + power * times;
            if sum.is_zero() {
                names.remove(name);
            } else {
                names.insert(name.clone(), sum);
            }
        }
        Self {
            number: &self.number * other_number,
            names,
            dimension: self.dimension.plus(&other.dimension, times),
            factor: &self.factor * other_factor,
        }
    }

    /// The unit of a product.
    #[must_use]
    pub fn multiply(&self, other: &Self) -> Self {
        self.combine(other, &BigRational::one(), &other.factor, &other.number)
    }

    /// The unit of a quotient.
    #[must_use]
    pub fn divide(&self, other: &Self) -> Self {
        self.combine(
            other,
            &-BigRational::one(),
            &other.factor.recip(),
            &other.number.recip(),
        )
    }

    /// The unit of a power.
    ///
    /// # Errors
    /// When the power of the factor is no rational number, as of µM^(1/2).
    pub fn power(&self, exponent: &BigRational) -> Result<Self, UnitError> {
        let irrational = || UnitError::Irrational {
            unit: self.to_string(),
            exponent: rational::show(exponent),
        };
        let factor = rational::power(&self.factor, exponent).ok_or_else(irrational)?;
        let number = rational::power(&self.number, exponent).unwrap_or_else(BigRational::one);
        let start = Self {
            number: BigRational::one(),
            names: BTreeMap::new(),
            dimension: Dimension::none(),
            factor: BigRational::one(),
        };
        Ok(start.combine(self, exponent, &factor, &number))
    }

    /// The exact number of `other` that one of this is.
    ///
    /// # Errors
    /// When they measure different things.
    pub fn conversion_to(&self, other: &Self) -> Result<BigRational, UnitError> {
        if self.dimension == other.dimension {
            Ok(&self.factor / &other.factor)
        } else {
            Err(UnitError::Different {
                from: self.to_string(),
                to: other.to_string(),
            })
        }
    }

    /// [`Unit::conversion_to`] as the nearest `f64`.
    ///
    /// # Errors
    /// When they measure different things.
    pub fn factor_to(&self, other: &Self) -> Result<f64, UnitError> {
        Ok(rational::nearest_f64(&self.conversion_to(other)?))
    }

    /// The dimension in base units, as in "mol m^-3", for messages.
    #[must_use]
    pub fn base_text(&self) -> String {
        let mut parts = Vec::new();
        for (name, power) in BASE.iter().zip(&self.dimension.0) {
            if power.is_one() {
                parts.push((*name).to_owned());
            } else if !power.is_zero() {
                parts.push(format!("{name}^{}", rational::show(power)));
            }
        }
        if parts.is_empty() {
            "a pure number".to_owned()
        } else {
            parts.join(" ")
        }
    }
}

/// The unit as it was written, as near as a normal form allows: "mM/day", "1/(day*mM)".
impl fmt::Display for Unit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let alone = self.names.len() == 1 && self.number.is_one();
        let show = |name: &str, power: &BigRational| {
            let quoted = if names::is_plain(name) || (alone && power.is_one()) {
                name.to_owned()
            } else {
                format!("'{name}'")
            };
            if power.is_one() {
                quoted
            } else if power.is_integer() {
                format!("{quoted}^{power}")
            } else {
                format!("{quoted}^({power})")
            }
        };
        let mut above: Vec<String> = Vec::new();
        let mut below: Vec<String> = Vec::new();
        for (name, power) in &self.names {
            if power.is_positive() {
                above.push(show(name, power));
            } else {
                below.push(show(name, &-power));
            }
        }
        if !self.number.is_one() {
            let number = rational::show(&self.number);
            let product = above.join("*");
            let text = if above.is_empty() {
                number
            } else {
                format!("{number} {product}")
            };
            above = vec![text];
        }
        let above = if above.is_empty() {
            "1".to_owned()
        } else {
            above.join("*")
        };
        match below.as_slice() {
            [] => write!(formatter, "{above}"),
            [one] => write!(formatter, "{above}/{one}"),
            many => write!(formatter, "{above}/({})", many.join("*")),
        }
    }
}
