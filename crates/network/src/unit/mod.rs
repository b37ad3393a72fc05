//! Units of measurement with exact arithmetic.
//!
//! A [`Unit`] is a dimension (rational powers of seven base quantities) times an
//! exact rational factor, together with the names it was written with, so that
//! messages speak as the author did: "mM/day", not "0.0000115 mol/m³/s".
//! [`Units`] knows the names, those a model declares included.
//!
//! Two units are equal when dimension and factor are; names do not count.

mod exponent;
mod fault;
mod mistakes;
mod names;
mod parse;
mod quantity;
pub mod rational;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, LazyLock};

use num_rational::BigRational;
use num_traits::One;

use exponent::Exponent;

pub(crate) use mistakes::is_quote;
pub use mistakes::written_right;
pub use names::Units;
pub use quantity::{Quantity, exactly, parse_quantity, split_quantity};

/// Base quantities in the order of [`Dimension`]'s powers.
const BASE: [&str; 7] = ["s", "m", "kg", "mol", "K", "EU", "CFU"];

/// Rational powers of the base quantities: time, length, mass, amount of
/// substance, temperature, endotoxin activity, colony-forming units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dimension([Exponent; 7]);

impl Dimension {
    /// The dimension of a pure number.
    #[must_use]
    pub fn none() -> Self {
        Self([Exponent::ZERO; 7])
    }

    fn base(index: usize) -> Self {
        let mut dimension = Self::none();
        dimension.0[index] = Exponent::ONE;
        dimension
    }

    /// Whether it is that of a pure number.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.0.iter().all(|power| power.is_zero())
    }

    fn plus(self, other: Self) -> Self {
        Self(std::array::from_fn(|i| self.0[i] + other.0[i]))
    }

    fn times(self, factor: &BigRational) -> Option<Self> {
        let mut scaled = Self::none();
        for (out, power) in scaled.0.iter_mut().zip(self.0) {
            *out = power.times(factor)?;
        }
        Some(scaled)
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
    /// The text has a number, written in a way that could be misread.
    #[error("{message}")]
    Number {
        /// What is wrong.
        message: String,
        /// Byte offset in the text.
        offset: usize,
        /// How to write it.
        help: String,
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

impl UnitError {
    /// The same error in a text that starts `start` bytes earlier.
    #[must_use]
    pub fn moved_by(mut self, start: usize) -> Self {
        match &mut self {
            Self::Syntax { offset, .. }
            | Self::Number { offset, .. }
            | Self::Unknown { offset, .. } => *offset += start,
            Self::Different { .. } | Self::Irrational { .. } => {}
        }
        self
    }
}

/// A unit of measurement; cheap to clone.
#[derive(Clone, Debug)]
pub struct Unit(Arc<Parts>);

#[derive(Clone, Debug)]
struct Parts {
    /// The number it starts with, as the 10 of "10 mM".
    number: BigRational,
    /// The names it is written with and their powers; no zero powers.
    names: BTreeMap<Arc<str>, Exponent>,
    dimension: Dimension,
    /// How many coherent base units one of it is.
    factor: BigRational,
}

impl PartialEq for Unit {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
            || (self.0.dimension == other.0.dimension && self.0.factor == other.0.factor)
    }
}

impl Unit {
    /// The unit of pure numbers.
    #[must_use]
    pub fn one() -> Self {
        static ONE: LazyLock<Unit> = LazyLock::new(|| Unit::number(BigRational::one()));
        ONE.clone()
    }

    /// A pure number as a unit.
    #[must_use]
    pub fn number(number: BigRational) -> Self {
        Self(Arc::new(Parts {
            factor: number.clone(),
            number,
            names: BTreeMap::new(),
            dimension: Dimension::none(),
        }))
    }

    fn named(name: &str, dimension: Dimension, factor: BigRational) -> Self {
        Self(Arc::new(Parts {
            number: BigRational::one(),
            names: BTreeMap::from([(Arc::from(name), Exponent::ONE)]),
            dimension,
            factor,
        }))
    }

    /// The same unit under a name of its own.
    #[must_use]
    pub fn renamed(&self, name: &str) -> Self {
        Self::named(name, self.0.dimension, self.0.factor.clone())
    }

    /// The day, the unit of time inside the program.
    #[must_use]
    pub fn day() -> Self {
        static DAY: LazyLock<Unit> = LazyLock::new(|| {
            let factor = BigRational::from_integer(86_400.into());
            Unit::named("day", Dimension::base(0), factor)
        });
        DAY.clone()
    }

    /// What it measures.
    #[must_use]
    pub fn dimension(&self) -> &Dimension {
        &self.0.dimension
    }

    /// How many coherent base units (s, m, kg, mol, K, EU, CFU) one of it is.
    #[must_use]
    pub fn factor(&self) -> &BigRational {
        &self.0.factor
    }

    /// The base quantities it is made of (s, m, kg, mol, K, EU, CFU) and their powers; none for a
    /// pure number.
    pub fn powers(&self) -> impl Iterator<Item = (&'static str, f64)> + '_ {
        let powers = BASE.into_iter().zip(self.0.dimension.0);
        powers
            .filter(|(_, power)| !power.is_zero())
            .map(|(name, power)| (name, power.as_f64()))
    }

    /// Whether it is a pure number, of any factor.
    #[must_use]
    pub fn is_dimensionless(&self) -> bool {
        self.0.dimension.is_none()
    }

    /// Whether it is 1, not written with any name.
    fn is_plain_one(&self) -> bool {
        self.0.names.is_empty() && self.0.factor.is_one()
    }

    /// The unit of a product.
    #[must_use]
    pub fn multiply(&self, other: &Self) -> Self {
        if other.is_plain_one() {
            return self.clone();
        }
        if self.is_plain_one() {
            return other.clone();
        }
        let (a, b) = (&self.0, &other.0);
        let mut names = a.names.clone();
        for (name, power) in &b.names {
            let entry = names.entry(name.clone()).or_default();
            *entry = *entry + *power;
        }
        names.retain(|_, power| !power.is_zero());
        Self(Arc::new(Parts {
            number: &a.number * &b.number,
            names,
            dimension: a.dimension.plus(b.dimension),
            factor: &a.factor * &b.factor,
        }))
    }

    /// The unit of a quotient.
    #[must_use]
    pub fn divide(&self, other: &Self) -> Self {
        if other.is_plain_one() {
            return self.clone();
        }
        self.multiply(&other.inverse())
    }

    fn inverse(&self) -> Self {
        let parts = &self.0;
        let names = parts
            .names
            .iter()
            .map(|(name, power)| (name.clone(), -*power));
        Self(Arc::new(Parts {
            number: parts.number.recip(),
            names: names.collect(),
            dimension: Dimension(parts.dimension.0.map(|power| -power)),
            factor: parts.factor.recip(),
        }))
    }

    /// The unit of a power.
    ///
    /// # Errors
    /// When the power of the factor is no rational number, as of µM^(1/2), or the
    /// exponent is absurd.
    pub fn power(&self, exponent: &BigRational) -> Result<Self, UnitError> {
        if self.is_plain_one() {
            return Ok(self.clone());
        }
        self.exact_power(exponent)
            .ok_or_else(|| UnitError::Irrational {
                unit: self.to_string(),
                exponent: rational::show(exponent),
            })
    }

    /// The coherent unit of the same dimension: products of base units only.
    #[must_use]
    pub fn coherent(&self) -> Self {
        let powers = BASE.iter().zip(self.0.dimension.0);
        let names = powers.filter(|(_, power)| !power.is_zero());
        Self(Arc::new(Parts {
            number: BigRational::one(),
            names: names
                .map(|(name, power)| (Arc::from(*name), power))
                .collect(),
            dimension: self.0.dimension,
            factor: BigRational::one(),
        }))
    }

    fn exact_power(&self, exponent: &BigRational) -> Option<Self> {
        let parts = &self.0;
        let mut names = BTreeMap::new();
        for (name, power) in &parts.names {
            let power = power.times(exponent)?;
            if !power.is_zero() {
                names.insert(name.clone(), power);
            }
        }
        Some(Self(Arc::new(Parts {
            // The number is for show only: left out where it is not rational.
            number: rational::power(&parts.number, exponent).unwrap_or_else(BigRational::one),
            names,
            dimension: parts.dimension.times(exponent)?,
            factor: rational::power(&parts.factor, exponent)?,
        })))
    }

    /// The exact number of `other` that one of this is.
    ///
    /// # Errors
    /// When they measure different things.
    pub fn conversion_to(&self, other: &Self) -> Result<BigRational, UnitError> {
        if self == other {
            Ok(BigRational::one())
        } else if self.0.dimension == other.0.dimension {
            Ok(&self.0.factor / &other.0.factor)
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
        for (name, power) in BASE.iter().zip(&self.0.dimension.0) {
            if power.is_one() {
                parts.push((*name).to_owned());
            } else if !power.is_zero() {
                parts.push(format!("{name}^{power}"));
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
        let Parts { number, names, .. } = &*self.0;
        let alone = names.len() == 1 && number.is_one();
        let show = |name: &str, power: Exponent| {
            let quoted = if names::is_plain(name) || (alone && power.is_one()) {
                name.to_owned()
            } else {
                format!("'{name}'")
            };
            if power.is_one() {
                quoted
            } else if power.is_whole() {
                format!("{quoted}^{power}")
            } else {
                format!("{quoted}^({power})")
            }
        };
        let mut above: Vec<String> = Vec::new();
        let mut below: Vec<String> = Vec::new();
        for (name, power) in names {
            if power.is_positive() {
                above.push(show(name, *power));
            } else {
                below.push(show(name, -*power));
            }
        }
        let product = above.join("*");
        let above = match (number.is_one(), above.is_empty()) {
            (true, true) => "1".to_owned(),
            (true, false) => product,
            (false, true) => rational::show(number),
            (false, false) => format!("{} {product}", rational::show(number)),
        };
        match below.as_slice() {
            [] => write!(formatter, "{above}"),
            [one] => write!(formatter, "{above}/{one}"),
            many => write!(formatter, "{above}/({})", many.join("*")),
        }
    }
}
