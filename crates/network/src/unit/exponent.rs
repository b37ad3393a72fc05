//! [`Exponent`]: powers of units, exact for denominators up to sixteen.

use std::fmt;
use std::ops::{Add, Neg};

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::ToPrimitive;

/// Exponents count this fraction of one: the least common multiple of 1 to 16.
const DENOMINATOR: i64 = 720_720;

/// Largest exponent; with it no sum over an expression can overflow.
const LARGEST: i64 = 1_000_000 * DENOMINATOR;

/// A rational exponent as a whole number of 720720ths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Exponent(i64);

impl Exponent {
    pub(super) const ZERO: Self = Self(0);
    pub(super) const ONE: Self = Self(DENOMINATOR);

    pub(super) fn is_zero(self) -> bool {
        self.0 == 0
    }

    pub(super) fn is_one(self) -> bool {
        self == Self::ONE
    }

    pub(super) fn is_positive(self) -> bool {
        self.0 > 0
    }

    pub(super) fn is_whole(self) -> bool {
        self.0 % DENOMINATOR == 0
    }

    /// The nearest number.
    #[expect(
        clippy::cast_precision_loss,
        reason = "whole and half powers are exact; others are for display in other programs"
    )]
    pub(super) fn as_f64(self) -> f64 {
        self.0 as f64 / DENOMINATOR as f64
    }

    /// The product with a rational number, if it is one of these.
    pub(super) fn times(self, factor: &BigRational) -> Option<Self> {
        let product = BigRational::from_integer(BigInt::from(self.0)) * factor;
        if !product.is_integer() {
            return None;
        }
        let product = product.numer().to_i64()?;
        (product.checked_abs()? <= LARGEST).then_some(Self(product))
    }
}

impl Add for Exponent {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Neg for Exponent {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0)
    }
}

/// "2", "-1", "1/2".
impl fmt::Display for Exponent {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ratio = num_rational::Ratio::new(self.0, DENOMINATOR);
        write!(formatter, "{ratio}")
    }
}
