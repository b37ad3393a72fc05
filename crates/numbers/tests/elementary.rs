//! Own exp, ln and pow against the system library, over their whole ranges and at the edges.
#![allow(clippy::disallowed_methods)] // the library's functions are the yardstick
#![allow(clippy::float_cmp)] // edge cases are exact

use gutbrain_numbers::{Lanes, Real, elementary};
use proptest::prelude::*;

/// Distance in representable numbers.
fn steps_apart(a: f64, b: f64) -> u64 {
    if a == b || (a.is_nan() && b.is_nan()) {
        return 0;
    }
    if a.is_nan() || b.is_nan() || a.is_infinite() || b.is_infinite() {
        // The largest finite number and infinity are neighbours.
        let largest = f64::MAX.to_bits();
        let clamp = |x: f64| {
            if x.is_nan() {
                u64::MAX
            } else {
                x.abs().to_bits().min(largest + 1)
            }
        };
        return clamp(a).abs_diff(clamp(b));
    }
    let ordered = |x: f64| {
        let bits = x.to_bits() as i64;
        if bits < 0 {
            i64::MIN.wrapping_sub(bits)
        } else {
            bits
        }
    };
    ordered(a).abs_diff(ordered(b))
}

/// Numbers spread evenly over a range, by a fixed irrational rotation.
fn spread(low: f64, high: f64, count: u32) -> impl Iterator<Item = f64> {
    (0..count).map(move |index| {
        let fraction = (f64::from(index) * 0.618_033_988_749_894_9).fract();
        low + fraction * (high - low)
    })
}

#[test]
fn exp_is_within_one_unit_over_its_range() {
    for (low, high) in [
        (-745.2, 709.8),
        (-1.0, 1.0),
        (-1e-3, 1e-3),
        (-1e-300, 1e-300),
        (-40.0, 40.0),
    ] {
        for x in spread(low, high, 200_000) {
            let (own, library) = (elementary::exp(x), x.exp());
            assert!(
                steps_apart(own, library) <= 1,
                "exp({x:e}) = {own:e}, not {library:e}"
            );
        }
    }
}

#[test]
fn ln_is_within_one_unit_over_its_range() {
    for (low, high) in [
        (0.5, 2.0),
        (0.999, 1.001),
        (0.0, 1e3),
        (1e-300, 1e300),
        (0.0, 1e-310),
    ] {
        for x in spread(low, high, 200_000).filter(|x| *x > 0.0) {
            let (own, library) = (elementary::ln(x), x.ln());
            assert!(
                steps_apart(own, library) <= 1,
                "ln({x:e}) = {own:e}, not {library:e}"
            );
        }
    }
    // Every magnitude.
    for bits in spread(1.0, 9.2e18, 200_000) {
        let x = f64::from_bits(bits as u64);
        assert!(
            x.is_nan() || steps_apart(elementary::ln(x), x.ln()) <= 1,
            "ln({x:e})"
        );
    }
}

#[test]
fn powf_is_within_one_unit_over_its_range() {
    let pairs = spread(-700.0, 700.0, 300_000).zip(spread(-40.0, 40.0, 300_000).skip(7));
    for (logarithm, exponent) in pairs {
        let base = (logarithm / exponent.abs().max(1.0)).exp();
        let (own, library) = (elementary::powf(base, exponent), base.powf(exponent));
        assert!(
            steps_apart(own, library) <= 1,
            "{base:e}^{exponent} = {own:e}, not {library:e}"
        );
    }
    // Bases next to one, with huge exponents.
    for (offset, exponent) in spread(-1e-9, 1e-9, 100_000).zip(spread(-1e11, 1e11, 100_000)) {
        let (own, library) = (
            elementary::powf(1.0 + offset, exponent),
            (1.0 + offset).powf(exponent),
        );
        assert!(
            steps_apart(own, library) <= 1,
            "(1 + {offset:e})^{exponent:e}"
        );
    }
}

#[test]
fn edges_follow_ieee_754() {
    let (infinity, nan) = (f64::INFINITY, f64::NAN);
    assert_eq!(elementary::exp(0.0), 1.0);
    assert_eq!(elementary::exp(-0.0), 1.0);
    assert_eq!(elementary::exp(infinity), infinity);
    assert_eq!(elementary::exp(-infinity), 0.0);
    assert_eq!(
        elementary::exp(709.782_712_893_384),
        709.782_712_893_384_f64.exp()
    );
    assert_eq!(elementary::exp(709.782_712_893_385), infinity);
    assert_eq!(elementary::exp(-745.133_219_101_941), f64::from_bits(1));
    assert_eq!(elementary::exp(-745.133_219_101_942), 0.0);
    assert_eq!(elementary::exp(1e308), infinity);
    assert_eq!(elementary::exp(-1e308), 0.0);
    assert_eq!(elementary::exp(f64::from_bits(1)), 1.0);
    assert!(elementary::exp(nan).is_nan());

    assert_eq!(elementary::ln(1.0), 0.0);
    assert_eq!(elementary::ln(0.0), -infinity);
    assert_eq!(elementary::ln(-0.0), -infinity);
    assert_eq!(elementary::ln(infinity), infinity);
    assert!(elementary::ln(-1.0).is_nan());
    assert!(elementary::ln(-infinity).is_nan());
    assert!(elementary::ln(-f64::from_bits(1)).is_nan());
    assert!(elementary::ln(nan).is_nan());
    assert_eq!(elementary::ln(f64::from_bits(1)), f64::from_bits(1).ln());

    let values = [
        0.0,
        -0.0,
        f64::from_bits(1),
        f64::MIN_POSITIVE,
        1e-200,
        0.3,
        1.0 - f64::EPSILON / 2.0,
        1.0,
        1.0 + f64::EPSILON,
        7.0,
        1e200,
        f64::MAX,
        infinity,
        nan,
    ];
    for base in values {
        for size in values {
            for exponent in [size, -size] {
                let (own, library) = (elementary::powf(base, exponent), base.abs().powf(exponent));
                assert!(
                    steps_apart(own, library) <= 1,
                    "{base:e}^{exponent:e} = {own:e}, not {library:e}"
                );
            }
        }
    }
    for exponent in [0.5, 2.0, -3.0, 1e300, infinity] {
        assert!(elementary::powf(-2.0, exponent).is_nan());
        assert!(elementary::powf(-infinity, exponent).is_nan());
    }
    assert_eq!(elementary::powf(-2.0, 0.0), 1.0);
}

#[test]
fn smaller_and_larger_propagate_nan() {
    let nan = f64::NAN;
    assert_eq!(Real::min(1.0, 2.0), 1.0);
    assert_eq!(Real::max(1.0, 2.0), 2.0);
    for (a, b) in [(nan, 1.0), (1.0, nan), (nan, nan), (nan, f64::INFINITY)] {
        assert!(Real::min(a, b).is_nan() && Real::max(a, b).is_nan());
    }
    assert_eq!(Real::max(-1.0, 0.0), 0.0);
    assert_eq!(Real::min(f64::NEG_INFINITY, 0.0), f64::NEG_INFINITY);
}

proptest! {
    #[test]
    fn powi_is_repeated_multiplication(base in -3.0..3.0_f64, exponent in 0..6_i32) {
        let expected = match exponent {
            0 => 1.0,
            1 => base,
            2 => base * base,
            3 => base * (base * base),
            4 => (base * base) * (base * base),
            _ => base * ((base * base) * (base * base)),
        };
        prop_assert_eq!(elementary::powi(base, exponent), expected);
        if exponent > 0 {
            prop_assert_eq!(elementary::powi(base, -exponent), 1.0 / expected);
        }
    }

    #[test]
    fn exp_undoes_ln(x in 1e-3..1e3_f64) {
        prop_assert!((elementary::exp(elementary::ln(x)) / x - 1.0).abs() < 4e-15);
    }

    #[test]
    fn nothing_panics_on_any_bits(a in any::<u64>(), b in any::<u64>(), n in any::<i32>()) {
        let (a, b) = (f64::from_bits(a), f64::from_bits(b));
        let _ = elementary::exp(a) + elementary::ln(a) + elementary::powf(a, b);
        let _ = elementary::powi(a, n);
        if a >= 0.0 {
            prop_assert!(steps_apart(elementary::powf(a, b), a.powf(b)) <= 1, "{a:e}^{b:e}");
        }
        prop_assert!(steps_apart(elementary::exp(a), a.exp()) <= 1, "exp {a:e}");
        prop_assert!(steps_apart(elementary::ln(a), a.ln()) <= 1, "ln {a:e}");
    }
}

/// Both ways to multiply exactly give the same powers, to the last bit and for every special case.
#[test]
fn fused_powers_have_the_same_bits() {
    let special = [
        0.0,
        -0.0,
        1.0,
        -1.0,
        0.5,
        2.0,
        5e-324,
        f64::MIN_POSITIVE,
        1e-300,
        1e-20,
        1e20,
        1e300,
        f64::MAX,
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::NAN,
        1.0 + f64::EPSILON,
        1.0 - f64::EPSILON,
        -2.5,
    ];
    let same = |base: f64, exponent: f64| {
        let (one, other) = (
            elementary::powf(base, exponent),
            elementary::powf_fused(base, exponent),
        );
        // Lanes take a shorter way if all of them can; the second neighbour never lets them.
        let beside = |neighbour: f64| {
            let exponents = Lanes([exponent, 2.0]);
            Lanes([base, neighbour]).powf_fused(exponents).0[0]
        };
        for other in [other, beside(3.0), beside(f64::INFINITY)] {
            let alike = one.to_bits() == other.to_bits() || (one.is_nan() && other.is_nan());
            assert!(alike, "{base:e}^{exponent:e}: {one:e} and {other:e}");
        }
    };
    for base in special {
        for exponent in special {
            same(base, exponent);
        }
    }
    let mut state = 7_u64;
    let mut bits = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        state ^ (state >> 29)
    };
    for _ in 0..300_000 {
        let (a, b) = (bits(), bits());
        // Anything at all, and what models have: bases of any size, moderate exponents.
        same(f64::from_bits(a), f64::from_bits(b));
        let exponent = (b >> 11) as f64 / (1_u64 << 53) as f64 * 20.0 - 10.0;
        same(f64::from_bits(a & 0x7fff_ffff_ffff_ffff), exponent);
        let near_one = 1.0
            + ((a >> 11) as f64 / (1_u64 << 53) as f64 - 0.5) * f64::powi(2.0, -((b & 63) as i32));
        same(near_one, exponent);
        same((a >> 11) as f64 / (1_u64 << 53) as f64 * 4.0, exponent);
    }
}

/// Bit patterns that must never change, on no machine: a changed one is a numerical change.
#[test]
fn results_are_these_bits_on_every_machine() {
    let digest = |numbers: &mut dyn Iterator<Item = f64>| {
        numbers.fold(0xcbf2_9ce4_8422_2325_u64, |hash, number| {
            (hash ^ number.to_bits()).wrapping_mul(0x0000_0100_0000_01b3)
        })
    };
    let of_exp = digest(&mut spread(-740.0, 700.0, 50_000).map(elementary::exp));
    let of_ln = digest(&mut spread(1e-9, 50.0, 50_000).map(elementary::ln));
    let of_pow = digest(
        &mut spread(1e-9, 50.0, 50_000)
            .zip(spread(-9.0, 9.0, 50_000))
            .map(|(base, exponent)| elementary::powf(base, exponent)),
    );
    assert_eq!(
        [of_exp, of_ln, of_pow],
        [
            4_286_219_518_656_534_625,
            9_501_414_390_810_486_860,
            15_956_644_990_857_975_435
        ]
    );
}
