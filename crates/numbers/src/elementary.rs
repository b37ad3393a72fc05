//! Elementary functions of one `f64`, the same bits on every x86-64 processor.
//!
//! Only `+ - * /` and integer operations on bit patterns are used; special
//! cases are selections, not branches, so that a loop over lanes vectorises.
//! [`exp`], [`ln`] and [`powf`] (whose logarithm is carried with about 65 bits) are never more
//! than one representable number away from the system library's, which itself is nearly
//! correctly rounded; the tests hold them to that over all magnitudes.
//!
//! Methods, with polynomials obtained by interpolation at Chebyshev nodes:
//!
//! * `exp x = 2^n exp r`, `n = round(x / ln 2)`, `|r| <= ln 2 / 2`, in the
//!   arrangement of Tang (1989), doi:10.1145/63522.214389;
//! * `ln x = k ln 2 + 2 artanh s`, `s = f / (2 + f)`, `x = 2^k (1 + f)`, in the
//!   arrangement of FDLIBM (Sun Microsystems, 1993);
//! * `x^y = exp(y ln x)` with double-double products, Dekker (1971),
//!   doi:10.1007/BF01397083.

/// Adding and subtracting it rounds to the nearest whole number: 1.5 · 2^52.
const ROUNDER: f64 = 6_755_399_441_055_744.0;
/// 1 / ln 2.
const INVERSE_LN_2: f64 = std::f64::consts::LOG2_E;
/// Leading 38 bits of ln 2: its product with any binary exponent is exact.
const LN_2_HIGH: f64 = 0.693_147_180_558_298_7;
/// ln 2 less its leading 38 bits.
const LN_2_LOW: f64 = 1.646_594_958_289_708_2e-12;
/// Bit pattern of the square root of one half, the lower end of reduced mantissas.
const SQRT_HALF_BITS: u64 = 0x3fe6_a09e_667f_3bcd;
/// 2^54, which makes subnormal numbers normal.
const TWO_TO_54: f64 = 18_014_398_509_481_984.0;
/// 2/3 in two parts.
const TWO_THIRDS_HIGH: f64 = 0.666_666_666_666_666_6;
const TWO_THIRDS_LOW: f64 = 3.700_743_415_417_188e-17;
/// Beyond this exponents of [`powf`] change nothing any more: 2^66.
const LARGEST_EXPONENT: f64 = 73_786_976_294_838_206_464.0;

/// Powers of e up to here are far from the ends of what numbers can be.
const MODERATE_LOGARITHM: f64 = 700.0;
/// Of functions that take less care of some numbers: those numbers.
const MODERATE: bool = true;
/// And all the others.
const ANY: bool = false;

/// e to the power of `x`.
#[inline(always)]
#[must_use]
pub fn exp(x: f64) -> f64 {
    exp_of_sum::<ANY>(x, 0.0)
}

/// e to the power of `x + tail`, where `tail` is a rounding error of `x`. Of `MODERATE` numbers, up to
/// ±[`MODERATE_LOGARITHM`], less needs to be asked.
#[inline(always)]
fn exp_of_sum<const MODERATE: bool>(x: f64, tail: f64) -> f64 {
    // Outside these bounds the result is ∞ or 0; inside, 2^n is representable in two factors.
    // Written so that NaN stays.
    let x = if !MODERATE && x > 710.0 { 710.0 } else { x };
    let x = if !MODERATE && x < -746.0 { -746.0 } else { x };

    let shifted = x * INVERSE_LN_2 + ROUNDER;
    let n = shifted - ROUNDER;
    let exponent = (shifted.to_bits() as i64).wrapping_sub(ROUNDER.to_bits() as i64);

    let high = x - n * LN_2_HIGH; // exact
    let low = n * LN_2_LOW - tail;
    let r = high - low;
    let rest = (high - r) - low;

    let square = r * r;
    let fourth = square * square;
    // (exp r - 1 - r) / r^2, in Estrin's order.
    let low_terms = (0.5 + 0.166_666_666_666_666_7 * r)
        + (0.041_666_666_666_666_67 + 0.008_333_333_333_326_112 * r) * square;
    let middle_terms = (0.001_388_888_888_888_373 + 0.000_198_412_698_749_012_6 * r)
        + (2.480_158_732_560_532_4e-5 + 2.755_725_529_796_964_3e-6 * r) * square;
    let high_terms = (2.755_727_357_010_214e-7 + 2.510_525_953_844_849_4e-8 * r)
        + 2.091_471_734_171_637_8e-9 * square;
    let polynomial = low_terms + (middle_terms + high_terms * fourth) * fourth;

    let mantissa = 1.0 + (r + (rest + square * polynomial));
    if MODERATE {
        return mantissa * power_of_two(exponent);
    }
    // Two factors, so that subnormal results are rounded once and overflow gives ∞.
    let half = exponent >> 1;
    let other_half = exponent.wrapping_sub(half);
    mantissa * power_of_two(half) * power_of_two(other_half)
}

/// 2^n for -1022 <= n <= 1023 (anything, but no panic, otherwise).
#[inline(always)]
fn power_of_two(n: i64) -> f64 {
    f64::from_bits((n.wrapping_add(1023) as u64) << 52)
}

/// A positive number taken apart: `x = 2^exponent (1 + fraction)`, `1 + fraction` in [√½, √2).
/// `MODERATE` numbers are not subnormal.
#[inline(always)]
fn take_apart<const MODERATE: bool>(x: f64) -> (f64, f64) {
    let subnormal = !MODERATE && x < f64::MIN_POSITIVE;
    let scaled = if subnormal { x * TWO_TO_54 } else { x };
    let shift = if subnormal { 54.0 } else { 0.0 };
    let bits = scaled.to_bits();
    let exponent = (bits.wrapping_sub(SQRT_HALF_BITS) as i64) >> 52;
    let mantissa = f64::from_bits(bits.wrapping_sub((exponent as u64) << 52));
    // Integer to float by bits: the conversion instruction does not exist for lanes in AVX2.
    let exponent = f64::from_bits(ROUNDER.to_bits().wrapping_add(exponent as u64)) - ROUNDER;
    (exponent - shift, mantissa - 1.0)
}

/// Σ 2/(2k+5) z^k: what follows 2/3 in the series of artanh, for 0 <= z <= 0.0295.
#[inline(always)]
fn artanh_tail(z: f64) -> f64 {
    let square = z * z;
    let low = (0.4 + 0.285_714_285_714_293_7 * z)
        + (0.222_222_222_216_527_65 + 0.181_818_183_360_998_48 * z) * square;
    let high = (0.153_845_948_870_071_8 + 0.133_348_087_988_123_4 * z)
        + (0.117_061_264_645_633_98 + 0.117_243_270_608_467_47 * z) * square;
    low + high * (square * square)
}

/// Natural logarithm: NaN below zero, -∞ at zero.
#[inline(always)]
#[must_use]
pub fn ln(x: f64) -> f64 {
    let (k, f) = take_apart::<ANY>(x);
    let s = f / (2.0 + f);
    let z = s * s;
    let series = z * (TWO_THIRDS_HIGH + z * artanh_tail(z));
    let half_square = 0.5 * f * f;
    let result = k * LN_2_HIGH - ((half_square - (s * (half_square + series) + k * LN_2_LOW)) - f);
    let result = if x < 0.0 { f64::NAN } else { result };
    let result = if x == 0.0 { f64::NEG_INFINITY } else { result };
    // ∞ and NaN are their own logarithms.
    if x < f64::INFINITY { result } else { x }
}

/// `base` to a real power, for bases not below zero; NaN for a negative base.
///
/// `powf(x, 0) = 1` and `powf(1, y) = 1` for every x and y, NaN included;
/// `powf(0, y)` is 0 for y > 0 and ∞ for y < 0.
#[inline(always)]
#[must_use]
pub fn powf(base: f64, exponent: f64) -> f64 {
    power::<false>(base, exponent)
}

/// The same bits as [`powf`] at less cost, where the code is compiled for processors with a fused
/// multiply-add; anywhere else it is slow.
#[inline(always)]
#[must_use]
pub fn powf_fused(base: f64, exponent: f64) -> f64 {
    power::<true>(base, exponent)
}

/// The same bits as [`powf`] where the second value holds, at less cost: where base, exponent and result
/// are neither special nor near the ends of what numbers can be. With a fused multiply-add.
#[inline(always)]
pub(crate) fn moderate_power_fused(base: f64, exponent: f64) -> (f64, bool) {
    let (high, low) = ln_in_two_parts::<true, MODERATE>(base);
    let (product, error) = multiply_exactly::<true>(exponent, high);
    let result = exp_of_sum::<MODERATE>(product, error + exponent * low);
    let is_moderate = (f64::MIN_POSITIVE..f64::INFINITY).contains(&base)
        && f64::abs(exponent) <= LARGEST_EXPONENT
        && f64::abs(product) <= MODERATE_LOGARITHM;
    (result, is_moderate)
}

/// `base` to a real power; `FUSED` chooses how products are made exact. A number and not a function
/// that is passed on: those are not always compiled into the function made for an instruction set.
// The exact comparisons are the special cases of IEEE 754.
#[allow(clippy::float_cmp)]
#[inline(always)]
fn power<const FUSED: bool>(base: f64, exponent: f64) -> f64 {
    let (high, low) = ln_in_two_parts::<FUSED, ANY>(base);
    let y = if exponent > LARGEST_EXPONENT {
        LARGEST_EXPONENT
    } else {
        exponent
    };
    let y = if y < -LARGEST_EXPONENT {
        -LARGEST_EXPONENT
    } else {
        y
    };
    let (product, error) = multiply_exactly::<FUSED>(y, high);
    let tail = error + y * low;
    // Far outside the range of exp the tail may be large and must not matter.
    let tail = if product > 750.0 { 0.0 } else { tail };
    let tail = if product < -750.0 { 0.0 } else { tail };
    let result = exp_of_sum::<ANY>(product, tail);

    let result = if base < 0.0 { f64::NAN } else { result };
    let of_zero = if exponent > 0.0 { 0.0 } else { f64::INFINITY };
    let result = if base == 0.0 { of_zero } else { result };
    let of_infinity = if exponent > 0.0 { f64::INFINITY } else { 0.0 };
    let result = if base == f64::INFINITY {
        of_infinity
    } else {
        result
    };
    let result = if exponent.is_nan() { exponent } else { result };
    let result = if base.is_nan() { base } else { result };
    let result = if base == 1.0 { 1.0 } else { result };
    if exponent == 0.0 { 1.0 } else { result }
}

/// Natural logarithm of a positive finite number as high + low, good to about 2^-65.
#[inline(always)]
fn ln_in_two_parts<const FUSED: bool, const MODERATE: bool>(x: f64) -> (f64, f64) {
    let (k, f) = take_apart::<MODERATE>(x);
    // s = f / (2 + f)
    let divisor = 2.0 + f;
    let divisor_low = f - (divisor - 2.0);
    let s = f / divisor;
    let (product, error) = multiply_exactly::<FUSED>(s, divisor);
    let s_low = (((f - product) - error) - s * divisor_low) / divisor;
    // z = s^2
    let (z, z_error) = multiply_exactly::<FUSED>(s, s);
    let z_low = z_error + 2.0 * s * s_low;
    // t = 2/3 z + z^2 tail(z)
    let (leading, leading_error) = multiply_exactly::<FUSED>(z, TWO_THIRDS_HIGH);
    let leading_low = leading_error + (z * TWO_THIRDS_LOW + z_low * TWO_THIRDS_HIGH);
    let (t, t_error) = add_ordered(leading, z * z * artanh_tail(z));
    let t_low = t_error + leading_low;
    // ln(1 + f) = 2 s + s t
    let (cubic, cubic_error) = multiply_exactly::<FUSED>(s, t);
    let (sum, sum_error) = add_ordered(2.0 * s, cubic);
    let sum_low = sum_error + (2.0 * s_low + (cubic_error + (s * t_low + s_low * t)));
    // plus k ln 2
    let (total, total_error) = add_exactly(k * LN_2_HIGH, sum);
    add_ordered(total, total_error + (sum_low + k * LN_2_LOW))
}

/// a + b and its rounding error, for |a| >= |b|.
#[inline(always)]
fn add_ordered(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    (sum, b - (sum - a))
}

/// a + b and its rounding error.
#[inline(always)]
fn add_exactly(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    let b_in_sum = sum - a;
    (sum, (a - (sum - b_in_sum)) + (b - b_in_sum))
}

/// a b and its rounding error, by Dekker's way or by a fused multiply-add: the error is a number, and
/// both give it as it is.
#[expect(
    clippy::disallowed_methods,
    reason = "the same bits with an instruction and without"
)]
#[inline(always)]
fn multiply_exactly<const FUSED: bool>(a: f64, b: f64) -> (f64, f64) {
    let product = a * b;
    if FUSED {
        return (product, a.mul_add(b, -product));
    }
    let (a_high, a_low) = split(a);
    let (b_high, b_low) = split(b);
    let error = ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low;
    (product, error)
}

/// Upper and lower 26 bits.
#[inline(always)]
fn split(a: f64) -> (f64, f64) {
    let scaled = 134_217_729.0 * a;
    let high = scaled - (scaled - a);
    (high, a - high)
}

/// `base` to a whole power by repeated squaring, always in the same order.
#[inline(always)]
#[must_use]
pub fn powi(base: f64, exponent: i32) -> f64 {
    whole_power(base, exponent, 1.0, |a, b| a * b, |a| 1.0 / a)
}

/// The order of multiplications behind every `powi`, whatever the numbers are.
#[inline(always)]
pub(crate) fn whole_power<T: Copy>(
    base: T,
    exponent: i32,
    one: T,
    multiply: impl Fn(T, T) -> T,
    invert: impl Fn(T) -> T,
) -> T {
    let mut remaining = exponent.unsigned_abs();
    let mut square = base;
    let mut result = one;
    while remaining > 0 {
        if remaining & 1 == 1 {
            result = multiply(result, square);
        }
        remaining >>= 1;
        if remaining > 0 {
            square = multiply(square, square);
        }
    }
    if exponent < 0 { invert(result) } else { result }
}

/// The smaller of two numbers; NaN if either is NaN; the first on a tie.
#[inline(always)]
#[must_use]
pub fn min(first: f64, second: f64) -> f64 {
    let smaller = if second < first { second } else { first };
    if second.is_nan() { second } else { smaller }
}

/// The larger of two numbers; NaN if either is NaN; the first on a tie.
#[inline(always)]
#[must_use]
pub fn max(first: f64, second: f64) -> f64 {
    let larger = if second > first { second } else { first };
    if second.is_nan() { second } else { larger }
}
