//! Properties that hold for any input: exact Jacobians, no panic on any text,
//! no influence of the order of files, exact units.

use gutbrain_native::InstructionSet;
use gutbrain_network::reading::Document;
use gutbrain_network::unit::{Units, parse_quantity, rational};
use gutbrain_network::{Declaration, Edits, Network, Source};
use gutbrain_numbers::{Dual, Lanes};
use num_bigint::BigInt;
use num_rational::BigRational;
use proptest::prelude::*;

mod common;
use common::{MODEL, compile, declare, declare_all};

/// A random expression over three states and two parameters, free of poles for
/// states in (0.1, 3).
fn expression() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("a".to_owned()),
        Just("b".to_owned()),
        Just("c".to_owned()),
        Just("p".to_owned()),
        Just("n".to_owned()),
        (1..40_i32).prop_map(|number| format!("{}", f64::from(number) / 8.0)),
    ];
    leaf.prop_recursive(5, 40, 3, |inner| {
        let two = (inner.clone(), inner.clone());
        let three = (inner.clone(), inner.clone(), inner.clone());
        prop_oneof![
            two.clone().prop_map(|(x, y)| format!("({x} + {y})")),
            two.clone().prop_map(|(x, y)| format!("({x} - {y})")),
            two.clone().prop_map(|(x, y)| format!("({x} * {y})")),
            two.clone()
                .prop_map(|(x, y)| format!("({x}) / (1 + ({y})^2)")),
            two.clone().prop_map(|(x, y)| format!("min({x}, {y})")),
            two.clone().prop_map(|(x, y)| format!("max({x}, {y})")),
            two.prop_map(|(x, y)| format!("(0.5 + abs({x}))^(0.3 * switch_up({y}, 1, 0.7))")),
            inner.clone().prop_map(|x| format!("exp(-abs({x}))")),
            inner.clone().prop_map(|x| format!("ln(1 + ({x})^2)")),
            inner.clone().prop_map(|x| format!("sqrt(0.25 + ({x})^2)")),
            inner.clone().prop_map(|x| format!("-({x})")),
            inner
                .clone()
                .prop_map(|x| format!("(({x})^3 + positive({x}))")),
            three
                .clone()
                .prop_map(|(x, _, _)| format!("hill({x}, p, n)")),
            three
                .clone()
                .prop_map(|(x, y, _)| format!("hill_down({x}, 0.5 + abs({y}), 2)")),
            three.prop_map(|(x, y, z)| format!("hill({x}, 0.5 + abs({y}), 1 + abs({z}) / 4)")),
        ]
    })
}

/// A network in which one process has the given rate and another reads it through an assignment.
fn network(rate: &str) -> Network {
    let text = MODEL.replace("RATE", rate);
    compile(&declare(&text))
}

fn parameters(network: &Network) -> Vec<f64> {
    network.parameter_values()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// The symbolic Jacobian equals forward differentiation of the derivative.
    #[test]
    fn jacobian_is_exact(
        rate in expression(),
        state in prop::array::uniform3(0.1..3.0_f64),
    ) {
        let network = network(&rate);
        let values = parameters(&network);
        let (row_starts, columns) = network.jacobian_pattern();
        let mut jacobian = vec![f64::NAN; columns.len()];
        network.jacobian(&mut network.prepare(&values), &state, &mut jacobian);
        let dual_parameters: Vec<Dual<3>> = values.iter().map(|v| Dual::constant(*v)).collect();
        let dual_state: Vec<Dual<3>> =
            state.iter().enumerate().map(|(i, v)| Dual::variable(*v, i)).collect();
        let mut derivative = vec![Dual::constant(f64::NAN); 3];
        network.derivative(&mut network.prepare(&dual_parameters), &dual_state, &mut derivative);
        for row in 0..3 {
            let mut dense = [0.0; 3];
            for entry in row_starts[row]..row_starts[row + 1] {
                dense[columns[entry]] = jacobian[entry];
            }
            // Cancellation inside a row is judged against its largest entry.
            let scale = derivative[row].tangent.iter().fold(1.0_f64, |a, b| a.max(b.abs()));
            for (column, value) in dense.iter().enumerate() {
                let expected = derivative[row].tangent[column];
                prop_assert!(
                    (value - expected).abs() <= 1e-12 * scale,
                    "row {row}, column {column}: {value} is not {expected} for {rate}"
                );
            }
        }
    }

    /// Lanes have the bits of plain numbers on every instruction set, as machine code and without.
    #[test]
    fn lanes_have_the_same_bits(
        rate in expression(),
        states in prop::collection::vec(prop::array::uniform3(-0.5..3.0_f64), 8),
        p in prop::collection::vec(0.2..3.0_f64, 8),
    ) {
        let network = network(&rate);
        let place = network.parameter_index("p").unwrap();
        let entries = network.jacobian_pattern().1.len();
        let subjects: Vec<_> = p.iter().map(|p| {
            let mut values = parameters(&network);
            values[place] = *p;
            network.prepare(&values)
        }).collect();
        let state: Vec<Lanes<8>> =
            (0..3).map(|index| Lanes(std::array::from_fn(|lane| states[lane][index]))).collect();
        let same = |a: f64, b: f64| a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan());
        for set in InstructionSet::available() {
            let mut wide = network.prepare_lanes::<8>(set);
            for (lane, subject) in subjects.iter().enumerate() {
                network.load_lane(&mut wide, lane, subject);
            }
            let mut derivative = vec![Lanes([f64::NAN; 8]); 3];
            let mut jacobian = vec![Lanes([f64::NAN; 8]); entries];
            network.derivative_of_lanes(&mut wide, &state, &mut derivative);
            network.jacobian_of_lanes(&mut wide, &state, &mut jacobian);
            for (lane, subject) in subjects.iter().enumerate() {
                let (mut slope, mut matrix) = ([f64::NAN; 3], vec![f64::NAN; entries]);
                network.derivative(&mut subject.clone(), &states[lane], &mut slope);
                network.jacobian(&mut subject.clone(), &states[lane], &mut matrix);
                for (found, expected) in derivative.iter().zip(slope).chain(jacobian.iter().zip(matrix)) {
                    prop_assert!(
                        same(found.0[lane], expected),
                        "{}, lane {lane}: {} is not {expected} for {rate}", set.name(), found.0[lane]
                    );
                }
            }
        }
    }

    /// Text of an expression reads back as the same numbers.
    #[test]
    fn printed_expressions_read_back(rate in expression(), state in prop::array::uniform3(0.1..3.0_f64)) {
        let declaration = declare(&MODEL.replace("RATE", &rate));
        let printed = declaration.assignments["shared"].value.to_text();
        let again = declare(&MODEL.replace("RATE", &printed));
        prop_assert_eq!(again.assignments["shared"].value.to_text(), printed);
        let derivative = |declaration: &Declaration| {
            let network = declaration.compile(&Edits::default()).unwrap();
            let mut out = [0.0; 3];
            network.derivative(&mut network.prepare(&parameters(&network)), &state, &mut out);
            out.map(f64::to_bits)
        };
        prop_assert_eq!(derivative(&declaration), derivative(&again));
    }

    /// The order of files changes nothing: neither hash nor bits.
    #[test]
    fn order_of_files_does_not_count(rate in expression(), order in Just(()).prop_perturb(|(), mut rng| rng.next_u64())) {
        let text = MODEL.replace("RATE", &rate);
        // Entries are separated by empty lines: one file each, in another order.
        let mut parts: Vec<Source> = text
            .split("\n\n")
            .enumerate()
            .map(|(index, part)| {
                let name = index as u64 ^ order;
                Source::new(format!("model/{name}.toml"), part)
            })
            .collect();
        let turn = usize::try_from(order % parts.len() as u64).unwrap();
        parts.rotate_left(turn);
        let whole = declare(&text);
        let split = declare_all(&parts);
        prop_assert_eq!(whole.hash(), split.hash());
        let bits = |declaration: &Declaration| {
            let network = declaration.compile(&Edits::default()).unwrap();
            let (_, columns) = network.jacobian_pattern();
            let mut values = vec![0.0; columns.len()];
            let mut prepared = network.prepare(&parameters(&network));
            network.jacobian(&mut prepared, &[0.3, 1.7, 2.2], &mut values);
            values.into_iter().map(f64::to_bits).collect::<Vec<_>>()
        };
        prop_assert_eq!(bits(&whole), bits(&split));
    }

    /// Noise never panics, whatever it is.
    #[test]
    fn noise_is_refused_or_read(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        check_that_messages_hold(&Source::new("model/noise.toml", text));
    }

    /// Models with random damage never panic, and every message can be shown.
    #[test]
    fn damaged_models_are_refused_or_read(
        cuts in prop::collection::vec((any::<prop::sample::Index>(), 0..40_usize, damage()), 1..6),
    ) {
        let mut text = MODEL.replace("RATE", "p * hill(a, 1, n) * b");
        for (at, length, insert) in cuts {
            let mut start = at.index(text.len() + 1);
            while !text.is_char_boundary(start) { start -= 1; }
            let mut end = (start + length).min(text.len());
            while !text.is_char_boundary(end) { end += 1; }
            text.replace_range(start..end, &insert);
        }
        check_that_messages_hold(&Source::new("model/damaged.toml", text));
    }

    /// Random text as an expression.
    #[test]
    fn any_expression_is_refused_or_read(text in "[-a-c0-9.+*/^(), \\[\\]%µ≤e]{0,60}") {
        let text = MODEL.replace("RATE", &text);
        check_that_messages_hold(&Source::new("model/expression.toml", text));
    }

    /// A unit reads back from its own text.
    #[test]
    fn units_read_back(
        parts in prop::collection::vec(
            (prop::sample::select(vec!["mM", "µM", "day", "h", "g", "ml", "EU", "CFU", "kg", "%", "kcal", "m", "U"]),
             -4..5_i32), 0..5),
        number in 1..5000_u32,
    ) {
        let units = Units::builtin();
        let text: Vec<_> = parts.iter().map(|(name, power)| format!("{name}^{power}")).collect();
        let text = format!("{number} {}", text.join("*"));
        let unit = units.parse(&text).unwrap();
        let again = units.parse(&unit.to_string()).unwrap();
        prop_assert_eq!(&unit, &again, "{} became {}", text, unit);
        prop_assert_eq!(unit.to_string(), again.to_string());
        // There and back is exactly once.
        let there = unit.conversion_to(&units.parse("1").unwrap().multiply(&again)).unwrap();
        prop_assert_eq!(there, BigRational::from_integer(1.into()));
    }

    /// Random text as a unit or a quantity.
    #[test]
    fn any_unit_is_refused_or_read(text in "[-a-zA-Z0-9.*/^() %µ'·²³]{0,30}") {
        let units = Units::builtin();
        let _ = units.parse(&text);
        let _ = parse_quantity(&text, &units);
    }

    /// The nearest f64 of a decimal text is what the standard library reads.
    #[test]
    fn rationals_round_as_decimals_do(mantissa in any::<u64>(), exponent in -340..300_i32) {
        let text = format!("{mantissa}e{exponent}");
        let expected: f64 = text.parse().unwrap();
        let exact = rational::parse_decimal(&text).unwrap();
        prop_assert_eq!(rational::nearest_f64(&exact).to_bits(), expected.to_bits());
    }

    /// Every f64 is the nearest to itself.
    #[test]
    fn rationals_hold_every_number(bits in any::<u64>()) {
        let number = f64::from_bits(bits);
        prop_assume!(number.is_finite());
        let exact = BigRational::from_float(number).unwrap();
        let found = rational::nearest_f64(&exact);
        prop_assert!(found.to_bits() == number.to_bits() || (found == 0.0 && number == 0.0));
        let third = exact / BigRational::from_integer(BigInt::from(3));
        let found = rational::nearest_f64(&third);
        prop_assert!((found - number / 3.0).abs() <= f64::from_bits(1), "{found} {number}");
    }
}

/// Pieces that break texts in interesting places.
fn damage() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        Just("[".to_owned()),
        Just("]\n[species.a]\n".to_owned()),
        Just("\"".to_owned()),
        Just("'''".to_owned()),
        Just("\u{1b}[31m".to_owned()),
        Just("nan".to_owned()),
        Just("1e999".to_owned()),
        Just("unit = \"mM/(\"\n".to_owned()),
        Just("a b c".to_owned()),
        Just("resting(".to_owned()),
        Just("ﬀ\u{202e}µ".to_owned()),
        "[ -~]{0,12}",
    ]
}

/// Reading either works (and then the model compiles or says why not) or gives
/// faults that can be shown, within their file, without control characters.
fn check_that_messages_hold(source: &Source) {
    let _ = Document::parse(source);
    match Declaration::read(std::slice::from_ref(source)) {
        Ok(declaration) => {
            let _ = declaration.compile(&Edits::default());
        }
        Err(faults) => {
            for fault in faults.as_slice() {
                assert!(fault.span.start <= fault.span.end, "{fault:?}");
                assert!(fault.span.end <= source.text.len(), "{fault:?}");
            }
            let shown = faults.render(gutbrain_network::Color::Never);
            assert!(
                shown.chars().all(|c| c == '\n' || !c.is_control()),
                "{shown:?}"
            );
            assert!(!faults.to_string().contains('\u{1b}'));
        }
    }
}
