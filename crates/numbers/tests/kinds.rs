//! Lanes are bit-equal to plain numbers; duals have the same values and the exact derivatives.
#![allow(clippy::float_cmp)] // equality of bits is the claim

use gutbrain_numbers::{Dual, Lanes, Real, Scalar, elementary};
use proptest::prelude::*;

/// Every operation of the trait, as functions of two numbers.
fn operations<R: Real>(x: R, y: R) -> Vec<R> {
    let mut sum = x;
    sum += y;
    sum -= x * y;
    sum *= y;
    vec![
        x + y,
        x - y,
        x * y,
        x / y,
        -x,
        sum,
        x.scale(1.7),
        x.exp(),
        x.ln(),
        x.powf(y),
        x.powi(3),
        x.powi(-2),
        x.powi(0),
        x.sqrt(),
        x.abs(),
        x.min(y),
        x.max(y),
        R::from_f64(2.5),
    ]
}

fn any_number() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => -10.0..10.0_f64,
        2 => 1e-3..1e3_f64,
        1 => any::<u64>().prop_map(f64::from_bits),
        1 => prop_oneof![Just(0.0), Just(-0.0), Just(1.0), Just(f64::INFINITY), Just(f64::NAN)],
    ]
}

proptest! {
    #[test]
    fn lanes_equal_plain_numbers_bit_by_bit(
        x in prop::array::uniform8(any_number()),
        y in prop::array::uniform8(any_number()),
    ) {
        let together = operations(Lanes(x), Lanes(y));
        for lane in 0..8 {
            let alone = operations(x[lane], y[lane]);
            for (index, (lanes, plain)) in together.iter().zip(&alone).enumerate() {
                let same = lanes.0[lane].to_bits() == plain.to_bits()
                    || (lanes.0[lane].is_nan() && plain.is_nan());
                prop_assert!(same, "operation {index}: {} {plain}", lanes.0[lane]);
            }
        }
    }

    #[test]
    fn values_of_duals_equal_plain_numbers_bit_by_bit(x in any_number(), y in any_number()) {
        let dual = operations(Dual::<2>::variable(x, 0), Dual::<2>::variable(y, 1));
        for (index, (dual, plain)) in dual.iter().zip(&operations(x, y)).enumerate() {
            let same = dual.value.to_bits() == plain.to_bits()
                || (dual.value.is_nan() && plain.is_nan());
            prop_assert!(same, "operation {index}: {} {plain}", dual.value);
        }
    }

    #[test]
    fn tangents_are_the_analytic_derivatives(x in 0.05..5.0_f64, y in 0.05..5.0_f64) {
        let dual = operations(Dual::<2>::variable(x, 0), Dual::<2>::variable(y, 1));
        let power = elementary::powf(x, y);
        let expected = [
            (1.0, 1.0),
            (1.0, -1.0),
            (y, x),
            (1.0 / y, -x / (y * y)),
            (-1.0, 0.0),
            ((1.0 - y) * y, x + y - x * y + (1.0 - x) * y),
            (1.7, 0.0),
            (elementary::exp(x), 0.0),
            (1.0 / x, 0.0),
            (y * power / x, power * elementary::ln(x)),
            (3.0 * x * x, 0.0),
            (-2.0 / (x * x * x), 0.0),
            (0.0, 0.0),
            (0.5 / x.sqrt(), 0.0),
            (1.0, 0.0),
            if x <= y { (1.0, 0.0) } else { (0.0, 1.0) },
            if x >= y { (1.0, 0.0) } else { (0.0, 1.0) },
            (0.0, 0.0),
        ];
        for (index, (dual, (by_x, by_y))) in dual.iter().zip(expected).enumerate() {
            let close = |a: f64, b: f64| (a - b).abs() <= 1e-13 * (1.0 + a.abs() + b.abs());
            prop_assert!(
                close(dual.tangent[0], by_x) && close(dual.tangent[1], by_y),
                "operation {index}: {:?}, not {by_x} {by_y}", dual.tangent
            );
        }
    }
}

#[test]
fn powers_at_zero_have_finite_derivatives() {
    let zero = Dual::<1>::variable(0.0, 0);
    for exponent in [1.5, 2.0, 3.7] {
        let power = zero.powf(Dual::constant(exponent));
        assert_eq!((power.value, power.tangent), (0.0, [0.0]), "0^{exponent}");
    }
    assert_eq!(zero.powf(Dual::constant(1.0)).tangent, [1.0]);
    assert_eq!(zero.powf(Dual::constant(0.0)).tangent, [0.0]);
    assert_eq!(zero.powi(2).tangent, [0.0]);
    assert_eq!(zero.powi(1).tangent, [1.0]);
    // The exponent does not move 0^y, y > 0.
    assert_eq!(
        Dual::<1>::constant(0.0)
            .powf(Dual::variable(2.5, 0))
            .tangent,
        [0.0]
    );
}

#[test]
fn what_does_not_move_does_not_become_nan() {
    let fixed = Dual::<2>::constant(0.0);
    for result in [fixed.sqrt(), fixed.ln(), fixed.powf(Dual::constant(0.5))] {
        assert_eq!(result.tangent, [0.0, 0.0]);
    }
    // A moving number at the singularity is reported as not finite.
    assert!(!Scalar::is_finite(Dual::<2>::variable(0.0, 0).sqrt()));
    assert!(!Scalar::is_finite(
        Dual::<2>::variable(0.0, 1).powf(Dual::constant(0.5))
    ));
}

#[test]
fn scalars_show_their_value_and_keep_their_tangents() {
    let number = Dual::<2>::variable(3.0, 1);
    assert_eq!(number.value(), 3.0);
    assert_eq!(
        number.with_value(4.0),
        Dual {
            value: 4.0,
            tangent: [0.0, 1.0]
        }
    );
    assert!(Scalar::is_finite(number));
    assert!(!Scalar::is_finite(Dual::<1> {
        value: 1.0,
        tangent: [f64::NAN]
    }));
    assert_eq!(2.0.with_value(7.0), 7.0);
    assert_eq!(Dual::<2>::variable(1.0, 9), Dual::constant(1.0));
}
