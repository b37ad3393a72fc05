//! The chi-squared distribution with a whole number of degrees of freedom.

use gutbrain_numbers::Real;

use crate::normal;

/// P(X > x) for X chi-squared with `degrees` degrees of freedom: the p of a test statistic.
///
/// Q(a, y) = Γ(a, y)/Γ(a) with a = degrees/2 and y = x/2, from Q(1/2, y) = P(|Z| > √x) or
/// Q(1, y) = e^(−y) upwards by Q(a + 1, y) = Q(a, y) + y^a e^(−y)/Γ(a + 1); every term is positive, so
/// nothing cancels. Relative error below 1e-13 for x up to 1400; beyond, where e^(−x/2) has no double, the
/// result is 0. With no degree of freedom, or for a negative or NaN `x`, it is NaN.
///
/// ```
/// use gutbrain_statistics::chi_squared;
/// assert!((chi_squared::survival(3.841458820694124, 1) - 0.05).abs() < 1e-15);
/// ```
#[must_use]
pub fn survival(x: f64, degrees: usize) -> f64 {
    if degrees == 0 || x.is_nan() || x < 0.0 {
        return f64::NAN;
    }
    if x <= 0.0 {
        return 1.0;
    }
    let half = 0.5 * x;
    let decay = Real::exp(-half);
    if decay <= 0.0 {
        return 0.0; // x > 1490
    }
    // `term` is half^a e^(−half)/Γ(a + 1).
    let (mut a, mut sum, mut term) = if degrees % 2 == 1 {
        let root = x.sqrt();
        let tail = 2.0 * decay * normal::scaled_tail(root);
        let first = decay * root * TWICE_DENSITY_AT_ZERO;
        (0.5, tail, first)
    } else {
        (1.0, decay, decay * half)
    };
    let end = 0.5 * degrees as f64;
    while a + 0.25 < end {
        sum += term;
        a += 1.0;
        term *= half / a;
    }
    sum.min(1.0)
}

/// √(2/π)
const TWICE_DENSITY_AT_ZERO: f64 = 0.797_884_560_802_865_4;

#[cfg(test)]
#[expect(
    clippy::excessive_precision,
    reason = "values stand as they were computed"
)]
mod tests {
    use super::*;

    #[test]
    fn tails_agree_with_many_digit_values() {
        // mpmath 1.4.1 with 40 digits.
        let expected = [
            (1e-06, 1, 0.999_202_115_572_177_87),
            (0.3, 1, 0.583_882_420_770_365_18),
            (1.0, 1, 0.317_310_507_862_914_1),
            (3.841458820694124, 1, 0.050_000_000_000_000_057),
            (11.0, 1, 0.000_911_118_877_153_712_89),
            (60.5, 1, 7.357_847_917_974_398_1e-15),
            (400.0, 1, 5.507_248_237_212_467_4e-89),
            (1e-06, 2, 0.999_999_500_000_125),
            (0.3, 2, 0.860_707_976_425_057_81),
            (1.0, 2, 0.606_530_659_712_633_42),
            (3.841458820694124, 2, 0.146_500_064_486_084_31),
            (11.0, 2, 0.004_086_771_438_464_067),
            (60.5, 2, 7.287_724_095_819_692_4e-14),
            (400.0, 2, 1.383_896_526_736_737_5e-87),
            (1e-06, 3, 0.999_999_999_734_038_56),
            (0.3, 3, 0.960_028_480_306_877_61),
            (1.0, 3, 0.801_251_956_901_200_8),
            (3.841458820694124, 3, 0.279_100_463_783_597_65),
            (11.0, 3, 0.011_725_875_578_421_388),
            (60.5, 3, 4.596_402_304_074_351_1e-13),
            (400.0, 3, 2.213_886_593_101_117_7e-86),
            (1e-06, 4, 0.999_999_999_999_875),
            (0.3, 4, 0.989_814_172_888_816_48),
            (1.0, 4, 0.909_795_989_568_950_14),
            (3.841458820694124, 4, 0.427_887_046_962_247_6),
            (11.0, 4, 0.026_564_014_350_016_435),
            (60.5, 4, 2.277_413_779_943_653_9e-12),
            (400.0, 4, 2.781_632_018_740_842_4e-85),
            (1e-06, 5, 0.999_999_999_999_999_95),
            (0.3, 5, 0.997_643_086_260_528_86),
            (1.0, 5, 0.962_565_773_247_296_37),
            (3.841458820694124, 5, 0.572_460_462_925_802_89),
            (11.0, 5, 0.051_379_983_483_069_532),
            (60.5, 5, 9.580_668_277_278_226_1e-12),
            (400.0, 5, 2.966_644_659_082_884_9e-84),
            (1e-06, 10, 1.0),
            (0.3, 10, 0.999_999_441_419_215_19),
            (1.0, 10, 0.999_827_884_370_044_16),
            (3.841458820694124, 10, 0.954_215_729_554_665_71),
            (11.0, 10, 0.357_518_002_427_925_53),
            (60.5, 10, 2.914_460_135_063_734_3e-9),
            (400.0, 10, 9.413_291_991_183_476_1e-80),
            (1e-06, 11, 1.0),
            (0.3, 11, 0.999_999_909_999_281_92),
            (1.0, 11, 0.999_949_610_051_312_17),
            (3.841458820694124, 11, 0.974_327_173_934_082_27),
            (11.0, 11, 0.443_263_278_426_465_31),
            (60.5, 11, 7.485_895_527_151_835_4e-9),
            (400.0, 11, 6.119_479_210_886_147_7e-79),
            (1e-06, 39, 1.0),
            (0.3, 39, 1.0),
            (1.0, 39, 1.0),
            (3.841458820694124, 39, 0.999_999_999_999_899_3),
            (11.0, 39, 0.999_997_190_061_699_59),
            (60.5, 39, 0.015_215_069_507_678_22),
            (400.0, 39, 2.038_027_469_418_957_4e-61),
        ];
        for (x, degrees, p) in expected {
            let found = survival(x, degrees);
            let close = (found - p).abs() <= 1e-13 * p;
            assert!(close, "{x} {degrees}: {found} {p}");
        }
    }

    #[test]
    fn no_degree_and_no_number_give_no_p() {
        assert!(survival(1.0, 0).is_nan() && survival(-1.0, 1).is_nan());
        assert!(survival(f64::NAN, 2).is_nan());
        assert_eq!(survival(0.0, 3).to_bits(), 1.0_f64.to_bits());
        assert_eq!(survival(f64::INFINITY, 3).to_bits(), 0.0_f64.to_bits());
    }
}
