//! The tail of the standard normal distribution, to the last digits at any distance.
//!
//! P(Z > z) = e^(−z²/2) erfcx(z/√2) / 2 for z ≥ 0. The scaled tail (1 + 2x) erfcx(x) is smooth and of
//! size one on the whole half line; it is expanded in Chebyshev polynomials of y = (x − 15/4)/(x + 15/4).
//! The form is that of M. M. Shepherd and J. G. Laframboise, Mathematics of Computation 36 (1981)
//! 249–253; the coefficients were computed anew with 60 digits. The first one left out is below 1e-19.
#![expect(
    clippy::excessive_precision,
    reason = "coefficients stand as they were computed"
)]

use gutbrain_numbers::Real;

/// P(Z > z); relative error below 1e-14 wherever the result is a normal number.
///
/// ```
/// use gutbrain_statistics::normal;
/// assert!((normal::survival(1.959963984540054) - 0.025).abs() < 1e-16);
/// assert_eq!(normal::survival(f64::INFINITY), 0.0);
/// ```
#[must_use]
pub fn survival(z: f64) -> f64 {
    if z < 0.0 {
        return 1.0 - survival(-z);
    }
    if z < f64::MIN_POSITIVE {
        return 0.5; // not one unit in the last place less
    }
    if z > 39.0 {
        return 0.0; // below the smallest double
    }
    // e^(−z²/2) would lose z² units in the last place: z² is split into an exact part and a small rest.
    let coarse = (z * 16.0).trunc() / 16.0;
    let rest = (z - coarse) * (z + coarse);
    Real::exp(-0.5 * coarse * coarse) * Real::exp(-0.5 * rest) * scaled_tail(z)
}

/// P(Z ≤ z); relative error below 1e-14 wherever the result is a normal number.
#[must_use]
pub fn cdf(z: f64) -> f64 {
    survival(-z)
}

/// P(|Z| > |z|): the two-sided p of a test statistic that is standard normal.
#[must_use]
pub fn two_sided(z: f64) -> f64 {
    2.0 * survival(z.abs())
}

/// e^(z²/2) P(Z > z) for z ≥ 0.
pub(crate) fn scaled_tail(z: f64) -> f64 {
    let x = z * std::f64::consts::FRAC_1_SQRT_2;
    let y = (x - 3.75) / (x + 3.75);
    // Clenshaw's recurrence.
    let (mut later, mut latest) = (0.0, 0.0);
    for &coefficient in COEFFICIENTS[1..].iter().rev() {
        (later, latest) = (latest, 2.0 * y * latest - later + coefficient);
    }
    0.5 * (y * latest - later + COEFFICIENTS[0]) / (1.0 + 2.0 * x)
}

const COEFFICIENTS: [f64; 27] = [
    1.177_578_934_567_401_754_1,
    -0.004_590_054_580_646_477_330_9,
    -0.084_249_133_366_517_915_584,
    0.059_209_939_998_191_890_498,
    -0.026_658_668_435_305_752_277,
    0.009_074_997_670_705_265_093_9,
    -0.002_413_163_540_417_608_190_9,
    0.000_490_775_836_525_808_632_29,
    -0.000_069_169_733_025_012_063_671,
    4.139_027_986_073_010_167_5e-6,
    7.740_383_066_198_490_668_6e-7,
    -2.188_640_104_923_439_566_1e-7,
    1.076_499_946_567_091_037_7e-8,
    4.521_959_811_218_286_897_9e-9,
    -7.754_400_208_831_351_106_5e-10,
    -6.318_088_340_886_684_494_4e-11,
    2.868_795_010_930_669_898_1e-11,
    1.945_586_854_577_734_723e-13,
    -9.654_696_748_433_438_905_9e-13,
    3.252_548_148_148_739_841_5e-14,
    3.347_811_948_286_805_387_8e-14,
    -1.864_562_880_419_313_101_5e-15,
    -1.250_795_053_068_864_708_5e-15,
    7.418_235_256_624_043_463e-17,
    5.068_148_904_796_111_316_8e-17,
    -2.237_056_659_435_999_597_4e-18,
    -2.187_342_944_303_017_665e-18,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tails_agree_with_many_digit_values() {
        // mpmath 1.4.1 with 40 digits, of the double nearest to z.
        let expected = [
            (-3.0, 0.998_650_101_968_369_91),
            (-0.5, 0.691_462_461_274_013_1),
            (1e-08, 0.499_999_996_010_577_2),
            (0.1, 0.460_172_162_722_971_02),
            (0.7, 0.241_963_652_223_073_03),
            (1.0, 0.158_655_253_931_457_05),
            (1.3, 0.096_800_484_585_610_326),
            (2.0, 0.022_750_131_948_179_207),
            (2.7, 0.003_466_973_803_040_666_6),
            (3.3, 0.000_483_424_142_383_777_51),
            (5.0, 2.866_515_718_791_939_1e-7),
            (7.77, 3.924_306_316_131_574_3e-15),
            (12.345, 2.591_712_067_896_197e-35),
            (20.0, 2.753_624_118_606_233_7e-89),
            (30.1, 2.422_667_217_985_758_8e-199),
            (37.4, 1.953_681_561_648_992_2e-306),
        ];
        for (z, p) in expected {
            let found = survival(z);
            let close = (found - p).abs() <= 1e-14 * p;
            assert!(close, "{z}: {found} {p}");
        }
    }

    #[test]
    fn the_two_sides_add_up_and_ends_are_exact() {
        for step in -400..=400 {
            let z = f64::from(step) / 50.0;
            assert!((survival(z) + cdf(z) - 1.0).abs() < 3e-16, "{z}");
            let back = super::super::quantile(cdf(z));
            assert!(
                z > 5.0 || (back - z).abs() < 1e-9 * (1.0 + z.abs()),
                "{z} {back}"
            );
        }
        assert_eq!(survival(f64::NEG_INFINITY).to_bits(), 1.0_f64.to_bits());
        assert_eq!(cdf(f64::NEG_INFINITY).to_bits(), 0.0_f64.to_bits());
        assert_eq!(survival(0.0).to_bits(), 0.5_f64.to_bits());
        assert!(survival(f64::NAN).is_nan() && two_sided(f64::NAN).is_nan());
        assert!((two_sided(-1.5) - 2.0 * survival(1.5)).abs() < 1e-17);
    }
}
