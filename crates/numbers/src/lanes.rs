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

/// The same for every lane. A macro with plain indices: closures, functions that are passed on and
/// iterators are not always compiled into the function that was made for an instruction set, and then
/// nothing becomes a vector instruction.
macro_rules! each_lane {
    ($lane:ident => $value:expr) => {{
        let mut result = [0.0; N];
        #[allow(clippy::needless_range_loop)]
        for $lane in 0..N {
            result[$lane] = $value;
        }
        Lanes(result)
    }};
}

impl<const N: usize> Add for Lanes<N> {
    type Output = Self;
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        each_lane!(lane => self.0[lane] + other.0[lane])
    }
}

impl<const N: usize> Sub for Lanes<N> {
    type Output = Self;
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        each_lane!(lane => self.0[lane] - other.0[lane])
    }
}

impl<const N: usize> Mul for Lanes<N> {
    type Output = Self;
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        each_lane!(lane => self.0[lane] * other.0[lane])
    }
}

impl<const N: usize> Div for Lanes<N> {
    type Output = Self;
    #[inline(always)]
    fn div(self, other: Self) -> Self {
        each_lane!(lane => self.0[lane] / other.0[lane])
    }
}

impl<const N: usize> Neg for Lanes<N> {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        each_lane!(lane => -self.0[lane])
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

impl<const N: usize> Lanes<N> {
    /// [`Real::powf`] with the same bits, for code compiled for processors with a fused multiply-add.
    // Indices over lanes become vector instructions; iterators may not.
    #[allow(clippy::needless_range_loop)]
    #[inline(always)]
    #[must_use]
    pub fn powf_fused(self, exponent: Self) -> Self {
        let mut powers = [0.0; N];
        let mut are_moderate = true;
        for lane in 0..N {
            let (power, is_moderate) =
                elementary::moderate_power_fused(self.0[lane], exponent.0[lane]);
            powers[lane] = power;
            are_moderate &= is_moderate;
        }
        if are_moderate {
            return Self(powers);
        }
        each_lane!(lane => elementary::powf_fused(self.0[lane], exponent.0[lane]))
    }
}

impl<const N: usize> Real for Lanes<N> {
    #[inline(always)]
    fn from_f64(value: f64) -> Self {
        Self([value; N])
    }
    #[inline(always)]
    fn exp(self) -> Self {
        each_lane!(lane => elementary::exp(self.0[lane]))
    }
    #[inline(always)]
    fn ln(self) -> Self {
        each_lane!(lane => elementary::ln(self.0[lane]))
    }
    #[inline(always)]
    fn powf(self, exponent: Self) -> Self {
        each_lane!(lane => elementary::powf(self.0[lane], exponent.0[lane]))
    }
    #[inline(always)]
    fn powi(self, exponent: i32) -> Self {
        let one = Self::from_f64(1.0);
        elementary::whole_power(self, exponent, one, |a, b| a * b, |a| one / a)
    }
    #[inline(always)]
    fn sqrt(self) -> Self {
        each_lane!(lane => f64::sqrt(self.0[lane]))
    }
    #[inline(always)]
    fn abs(self) -> Self {
        each_lane!(lane => f64::abs(self.0[lane]))
    }
    #[inline(always)]
    fn min(self, other: Self) -> Self {
        each_lane!(lane => elementary::min(self.0[lane], other.0[lane]))
    }
    #[inline(always)]
    fn max(self, other: Self) -> Self {
        each_lane!(lane => elementary::max(self.0[lane], other.0[lane]))
    }
}
