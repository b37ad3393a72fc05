//! The two traits: [`Real`], the arithmetic, and [`Scalar`], a `Real` that can steer.
//!
//! A `Real` may hold many numbers at once (lanes), so it has no order and no
//! conversion to a plain number. A [`Scalar`] has exactly one plain value, and
//! with it decisions can be made: accept a step, bracket a root.

use std::fmt::Debug;
use std::ops::{Add, AddAssign, Div, Mul, MulAssign, Neg, Sub, SubAssign};

use crate::elementary;

/// Arithmetic that every kernel is generic over: `f64`, [`crate::Dual`], [`crate::Lanes`].
///
/// All operations are deterministic to the last bit and follow IEEE 754 for
/// zeros, infinities, NaN and subnormal numbers.
pub trait Real:
    Copy
    + Debug
    + PartialEq
    + Send
    + Sync
    + 'static
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + AddAssign
    + SubAssign
    + MulAssign
{
    /// The constant `value`, in every lane and with no tangent.
    fn from_f64(value: f64) -> Self;
    /// `self` times a constant; the same as multiplying by `from_f64(factor)`, but cheaper.
    #[inline(always)]
    #[must_use]
    fn scale(self, factor: f64) -> Self {
        self * Self::from_f64(factor)
    }
    /// e to the power of `self`.
    fn exp(self) -> Self;
    /// Natural logarithm; NaN below zero, -∞ at zero.
    fn ln(self) -> Self;
    /// `self` to a real power; NaN for a negative base, 1 for exponent 0 or base 1.
    fn powf(self, exponent: Self) -> Self;
    /// `self` to a whole power by repeated squaring, in a fixed order.
    fn powi(self, exponent: i32) -> Self;
    /// Square root; NaN below zero.
    fn sqrt(self) -> Self;
    /// Absolute value.
    fn abs(self) -> Self;
    /// The smaller one; NaN if either is NaN (unlike `f64::min`); `self` on a tie.
    fn min(self, other: Self) -> Self;
    /// The larger one; NaN if either is NaN (unlike `f64::max`); `self` on a tie.
    fn max(self, other: Self) -> Self;
}

/// A [`Real`] with one plain value that may steer step control and root finding.
pub trait Scalar: Real {
    /// The plain value, without tangents.
    fn value(self) -> f64;
    /// Whether the value *and* every tangent are finite.
    fn is_finite(self) -> bool;
    /// The same tangents around another plain value.
    ///
    /// Needed where a number is known more exactly than the arithmetic that led
    /// to it, as the time of a located event.
    fn with_value(self, value: f64) -> Self;
}

impl Real for f64 {
    #[inline(always)]
    fn from_f64(value: f64) -> Self {
        value
    }
    #[inline(always)]
    fn exp(self) -> Self {
        elementary::exp(self)
    }
    #[inline(always)]
    fn ln(self) -> Self {
        elementary::ln(self)
    }
    #[inline(always)]
    fn powf(self, exponent: Self) -> Self {
        elementary::powf(self, exponent)
    }
    #[inline(always)]
    fn powi(self, exponent: i32) -> Self {
        elementary::powi(self, exponent)
    }
    #[inline(always)]
    fn sqrt(self) -> Self {
        // Correctly rounded by IEEE 754, hence the same everywhere.
        Self::sqrt(self)
    }
    #[inline(always)]
    fn abs(self) -> Self {
        Self::abs(self)
    }
    #[inline(always)]
    fn min(self, other: Self) -> Self {
        elementary::min(self, other)
    }
    #[inline(always)]
    fn max(self, other: Self) -> Self {
        elementary::max(self, other)
    }
}

impl Scalar for f64 {
    #[inline(always)]
    fn value(self) -> f64 {
        self
    }
    #[inline(always)]
    fn is_finite(self) -> bool {
        Self::is_finite(self)
    }
    #[inline(always)]
    fn with_value(self, value: f64) -> Self {
        value
    }
}
