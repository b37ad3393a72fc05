//! [`Lanes<N>`]: `N` numbers side by side, each bit-equal to plain arithmetic.
//!
//! The compiler turns the loops into vector instructions of whatever width the
//! calling function was compiled for; no lane ever sees its neighbours.

use std::ops::{Add, AddAssign, Div, Mul, MulAssign, Neg, Sub, SubAssign};

use crate::{Real, elementary};

/// `N` numbers that are computed together; lane `i` of every result depends on lane `i` only.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(align(64))]
pub struct Lanes<const N: usize>(pub [f64; N]);

impl<const N: usize> Lanes<N> {
    // Plain indices: zipped iterators call functions of the standard library that are not always
    // inlined, and then nothing becomes a vector instruction.
    #[inline(always)]
    fn map(self, function: impl Fn(f64) -> f64) -> Self {
        let mut result = [0.0; N];
        #[allow(clippy::needless_range_loop)]
        for lane in 0..N {
            result[lane] = function(self.0[lane]);
        }
        Self(result)
    }

    #[inline(always)]
    fn zip(self, other: Self, function: impl Fn(f64, f64) -> f64) -> Self {
        let mut result = [0.0; N];
        #[allow(clippy::needless_range_loop)]
        for lane in 0..N {
            result[lane] = function(self.0[lane], other.0[lane]);
        }
        Self(result)
    }
}

impl<const N: usize> Add for Lanes<N> {
    type Output = Self;
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        self.zip(other, |a, b| a + b)
    }
}

impl<const N: usize> Sub for Lanes<N> {
    type Output = Self;
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        self.zip(other, |a, b| a - b)
    }
}

impl<const N: usize> Mul for Lanes<N> {
    type Output = Self;
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        self.zip(other, |a, b| a * b)
    }
}

impl<const N: usize> Div for Lanes<N> {
    type Output = Self;
    #[inline(always)]
    fn div(self, other: Self) -> Self {
        self.zip(other, |a, b| a / b)
    }
}

impl<const N: usize> Neg for Lanes<N> {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        self.map(|a| -a)
    }
}

impl<const N: usize> AddAssign for Lanes<N> {
    #[inline(always)]
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl<const N: usize> SubAssign for Lanes<N> {
    #[inline(always)]
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}

impl<const N: usize> MulAssign for Lanes<N> {
    #[inline(always)]
    fn mul_assign(&mut self, other: Self) {
        *self = *self * other;
    }
}

impl<const N: usize> Real for Lanes<N> {
    #[inline(always)]
    fn from_f64(value: f64) -> Self {
        Self([value; N])
    }
    #[inline(always)]
    fn exp(self) -> Self {
        self.map(elementary::exp)
    }
    #[inline(always)]
    fn ln(self) -> Self {
        self.map(elementary::ln)
    }
    #[inline(always)]
    fn powf(self, exponent: Self) -> Self {
        self.zip(exponent, elementary::powf)
    }
    #[inline(always)]
    fn powi(self, exponent: i32) -> Self {
        let one = Self::from_f64(1.0);
        elementary::whole_power(self, exponent, one, |a, b| a * b, |a| one / a)
    }
    #[inline(always)]
    fn sqrt(self) -> Self {
        self.map(f64::sqrt)
    }
    #[inline(always)]
    fn abs(self) -> Self {
        self.map(f64::abs)
    }
    #[inline(always)]
    fn min(self, other: Self) -> Self {
        self.zip(other, elementary::min)
    }
    #[inline(always)]
    fn max(self, other: Self) -> Self {
        self.zip(other, elementary::max)
    }
}
