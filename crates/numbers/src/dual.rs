//! [`Dual<K>`]: a number with its exact derivatives with respect to `K` parameters.
//!
//! Forward differentiation: `f(x + ẋ ε) = f(x) + f'(x) ẋ ε`, `ε² = 0`. The value
//! of every operation is bit-equal to plain arithmetic, so a run over duals takes
//! the same steps as a run over `f64`.
//!
//! Where a derivative is infinite (`ln`, `sqrt` and small powers at zero) a zero
//! tangent stays zero instead of becoming 0 · ∞ = NaN: a parameter that does not
//! reach the number cannot change it.

use std::ops::{Add, AddAssign, Div, Mul, MulAssign, Neg, Sub, SubAssign};

use crate::{Real, Scalar, elementary};

/// A value and its derivatives with respect to `K` parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dual<const K: usize> {
    /// The plain value.
    pub value: f64,
    /// d value / d parameter, one per parameter.
    pub tangent: [f64; K],
}

impl<const K: usize> Dual<K> {
    /// A number that depends on no parameter.
    #[inline(always)]
    #[must_use]
    pub fn constant(value: f64) -> Self {
        Self {
            value,
            tangent: [0.0; K],
        }
    }

    /// The parameter number `index` itself; a constant when `index >= K`.
    #[inline(always)]
    #[must_use]
    pub fn variable(value: f64, index: usize) -> Self {
        let mut result = Self::constant(value);
        if let Some(tangent) = result.tangent.get_mut(index) {
            *tangent = 1.0;
        }
        result
    }

    /// `value` with tangents `slope` times those of `self`; zero tangents stay zero.
    #[inline(always)]
    fn chain(self, value: f64, slope: f64) -> Self {
        self.each(value, |t| follow(slope, t))
    }

    /// `value`, and a function of each tangent.
    ///
    /// Plain loops here and in [`Self::combine`]: iterators over arrays are not always inlined inside functions
    /// of many operations, and then cost more than the arithmetic.
    #[inline(always)]
    fn each(self, value: f64, function: impl Fn(f64) -> f64) -> Self {
        let mut tangent = self.tangent;
        let mut place = 0;
        while place < K {
            tangent[place] = function(tangent[place]);
            place += 1;
        }
        Self { value, tangent }
    }

    #[inline(always)]
    fn combine(self, other: Self, value: f64, function: impl Fn(f64, f64) -> f64) -> Self {
        let mut tangent = self.tangent;
        let mut place = 0;
        while place < K {
            tangent[place] = function(tangent[place], other.tangent[place]);
            place += 1;
        }
        Self { value, tangent }
    }
}

/// slope · tangent, where no tangent means no change however steep the slope.
#[inline(always)]
fn follow(slope: f64, tangent: f64) -> f64 {
    if tangent == 0.0 { 0.0 } else { slope * tangent }
}

impl<const K: usize> Add for Dual<K> {
    type Output = Self;
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        self.combine(other, self.value + other.value, |a, b| a + b)
    }
}

impl<const K: usize> Sub for Dual<K> {
    type Output = Self;
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        self.combine(other, self.value - other.value, |a, b| a - b)
    }
}

impl<const K: usize> Mul for Dual<K> {
    type Output = Self;
    // The sum is the product rule.
    #[allow(clippy::suspicious_arithmetic_impl)]
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        let (x, y) = (self.value, other.value);
        self.combine(other, x * y, |a, b| a * y + x * b)
    }
}

impl<const K: usize> Div for Dual<K> {
    type Output = Self;
    #[inline(always)]
    fn div(self, other: Self) -> Self {
        let quotient = self.value / other.value;
        let inverse = 1.0 / other.value;
        self.combine(other, quotient, |a, b| (a - quotient * b) * inverse)
    }
}

impl<const K: usize> Neg for Dual<K> {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        self.each(-self.value, |t| -t)
    }
}

impl<const K: usize> AddAssign for Dual<K> {
    #[inline(always)]
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl<const K: usize> SubAssign for Dual<K> {
    #[inline(always)]
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}

impl<const K: usize> MulAssign for Dual<K> {
    #[inline(always)]
    fn mul_assign(&mut self, other: Self) {
        *self = *self * other;
    }
}

impl<const K: usize> Real for Dual<K> {
    #[inline(always)]
    fn from_f64(value: f64) -> Self {
        Self::constant(value)
    }
    #[inline(always)]
    fn scale(self, factor: f64) -> Self {
        self.each(self.value * factor, |t| t * factor)
    }
    #[inline(always)]
    fn exp(self) -> Self {
        let value = elementary::exp(self.value);
        self.chain(value, value)
    }
    #[inline(always)]
    fn ln(self) -> Self {
        self.chain(elementary::ln(self.value), 1.0 / self.value)
    }
    /// d(x^y) = y x^(y-1) dx + x^y ln x dy; the second term is 0 at x = 0 for y > 0.
    #[inline(always)]
    fn powf(self, exponent: Self) -> Self {
        let (x, y) = (self.value, exponent.value);
        let value = elementary::powf(x, y);
        let by_base = if y == 0.0 {
            0.0
        } else {
            y * elementary::powf(x, y - 1.0)
        };
        let by_exponent = if value == 0.0 {
            0.0
        } else {
            value * elementary::ln(x)
        };
        self.combine(exponent, value, |a, b| {
            follow(by_base, a) + follow(by_exponent, b)
        })
    }
    #[inline(always)]
    fn powi(self, exponent: i32) -> Self {
        let value = elementary::powi(self.value, exponent);
        let slope = if exponent == 0 {
            0.0
        } else {
            f64::from(exponent) * elementary::powi(self.value, exponent.saturating_sub(1))
        };
        self.chain(value, slope)
    }
    #[inline(always)]
    fn sqrt(self) -> Self {
        let root = self.value.sqrt();
        self.chain(root, 0.5 / root)
    }
    #[inline(always)]
    fn abs(self) -> Self {
        let absolute = self.value.abs();
        if self.value < 0.0 {
            self.chain(absolute, -1.0)
        } else {
            self.with_value(absolute)
        }
    }
    #[inline(always)]
    fn min(self, other: Self) -> Self {
        if other.value < self.value || other.value.is_nan() {
            other
        } else {
            self
        }
    }
    #[inline(always)]
    fn max(self, other: Self) -> Self {
        if other.value > self.value || other.value.is_nan() {
            other
        } else {
            self
        }
    }
}

impl<const K: usize> Scalar for Dual<K> {
    #[inline(always)]
    fn value(self) -> f64 {
        self.value
    }
    #[inline(always)]
    fn is_finite(self) -> bool {
        self.value.is_finite() && self.tangent.iter().all(|t| t.is_finite())
    }
    #[inline(always)]
    fn with_value(self, value: f64) -> Self {
        Self {
            value,
            tangent: self.tangent,
        }
    }
}
