//! Exact rational numbers from and to decimal text and `f64`.

use num_bigint::BigInt;
pub use num_rational::BigRational;
use num_traits::{One, Pow, Signed, ToPrimitive, Zero};

/// Largest power of ten a number in a unit may have; keeps exact arithmetic small.
const LARGEST_EXPONENT: i64 = 400;

/// The number a decimal text means, exactly: "0.01", "1e-3", "25".
///
/// `None` for anything else, and for more than 40 digits or absurd exponents.
#[must_use]
pub fn parse_decimal(text: &str) -> Option<BigRational> {
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (&text[..at], text[at + 1..].parse::<i64>().ok()?),
        None => (text, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    if digits.is_empty() || digits.len() > 40 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let shift = exponent.checked_sub(i64::try_from(fraction.len()).ok()?)?;
    if shift.abs() > LARGEST_EXPONENT {
        return None;
    }
    let number = BigRational::from_integer(digits.parse::<BigInt>().ok()?);
    let power = BigInt::from(10).pow(shift.unsigned_abs());
    Some(if shift < 0 {
        number / BigRational::from_integer(power)
    } else {
        number * BigRational::from_integer(power)
    })
}

/// The nearest `f64`, ties to even; infinite beyond the range.
#[must_use]
pub fn nearest_f64(number: &BigRational) -> f64 {
    // The shortest exact way: scale the quotient to 64 significant bits with a
    // sticky bit, round once, then scale by a power of two.
    if number.is_zero() {
        return 0.0;
    }
    let magnitude = number.abs();
    let (numerator, denominator) = (magnitude.numer().clone(), magnitude.denom().clone());
    let bits = |n: &BigInt| i64::try_from(n.bits()).unwrap_or(i64::MAX);
    let mut shift = 66 - (bits(&numerator) - bits(&denominator));
    // Subnormal results have fewer bits: never keep bits below 2^-1076 or so.
    shift = shift.min(1074 + 2);
    let (scaled, divisor) = if shift >= 0 {
        (numerator << shift.unsigned_abs(), denominator)
    } else {
        (numerator, denominator << shift.unsigned_abs())
    };
    let quotient = &scaled / &divisor;
    let sticky = !(&scaled - &quotient * &divisor).is_zero();
    let quotient = quotient.to_u128().unwrap_or(u128::MAX);
    // Keep 53 bits, or fewer for subnormal numbers.
    let width = i64::from(128 - quotient.leading_zeros());
    let lowest = (width - 53).max(shift - 1074).max(0);
    let rest = quotient & ((1_u128 << lowest) - 1);
    let half = if lowest > 0 {
        1_u128 << (lowest - 1)
    } else {
        0
    };
    let mut kept = quotient >> lowest;
    let up = lowest > 0 && (rest > half || (rest == half && (sticky || kept & 1 == 1)));
    kept += u128::from(up);
    let exponent = lowest - shift;
    #[expect(clippy::cast_precision_loss, reason = "at most 2^53 is kept: exact")]
    let result = scale_by_power_of_two(kept as f64, exponent);
    if number.is_negative() {
        -result
    } else {
        result
    }
}

/// `value · 2^exponent`; exact unless the result leaves the range.
fn scale_by_power_of_two(mut value: f64, mut exponent: i64) -> f64 {
    let step = |power: i64| f64::from_bits(u64::try_from(power + 1023).unwrap_or(0) << 52);
    while exponent > 1000 && value.is_finite() {
        value *= step(1000);
        exponent -= 1000;
    }
    while exponent < -1000 && value != 0.0 {
        // `value` is below 2^54: the first factors stay normal, the last is exact
        // because the bits below the subnormal range were rounded away before.
        let power = exponent.max(-900);
        value *= step(power);
        exponent -= power;
    }
    if value.is_finite() && value != 0.0 {
        value * step(exponent)
    } else {
        value
    }
}

/// `base^exponent` if it is rational and not absurdly large.
#[must_use]
pub fn power(base: &BigRational, exponent: &BigRational) -> Option<BigRational> {
    if base.is_one() || exponent.is_zero() {
        return Some(BigRational::one());
    }
    let root = exponent.denom().to_u32().filter(|root| *root <= 64)?;
    let whole = exponent
        .numer()
        .to_i32()
        .filter(|whole| whole.abs() <= 64)?;
    let rooted = if root == 1 {
        base.clone()
    } else {
        exact_root(base, root)?
    };
    if rooted.is_zero() && whole < 0 {
        return None;
    }
    let raised = Pow::pow(rooted, whole);
    let size = raised.numer().bits() + raised.denom().bits();
    (size < 100_000).then_some(raised)
}

fn exact_root(base: &BigRational, root: u32) -> Option<BigRational> {
    if base.is_negative() {
        return None;
    }
    let (numerator, denominator) = (base.numer().nth_root(root), base.denom().nth_root(root));
    let exact = Pow::pow(&numerator, root) == *base.numer()
        && Pow::pow(&denominator, root) == *base.denom();
    exact.then(|| BigRational::new(numerator, denominator))
}

/// A rational as text that reads back exactly: "25", "1/60", "1e-6".
#[must_use]
pub fn show(number: &BigRational) -> String {
    if number.is_integer() {
        return show_integer(number.numer());
    }
    if number.numer().is_one() {
        let text = show_integer(number.denom());
        if let Some(exponent) = text.strip_prefix("1e") {
            return format!("1e-{exponent}");
        }
        return format!("1/{text}");
    }
    // A finite decimal is shown as one.
    for places in 1..=12_u32 {
        let scaled = number * BigRational::from_integer(BigInt::from(10).pow(places));
        if scaled.is_integer() {
            let digits = scaled.numer().abs().to_string();
            let width = places as usize + 1;
            let padded = format!("{digits:0>width$}");
            let (whole, fraction) = padded.split_at(padded.len() - places as usize);
            let sign = if number.is_negative() { "-" } else { "" };
            return format!("{sign}{whole}.{fraction}");
        }
    }
    format!("{}/{}", number.numer(), number.denom())
}

/// Powers of ten from a million up in scientific notation.
fn show_integer(number: &BigInt) -> String {
    let text = number.to_string();
    let zeros = text.bytes().rev().take_while(|byte| *byte == b'0').count();
    if zeros >= 6 && text.len() == zeros + 1 && text.starts_with('1') {
        return format!("1e{zeros}");
    }
    text
}
