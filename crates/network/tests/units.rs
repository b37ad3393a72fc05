//! Units are exact: conversions against published definitions, texts, powers.

use gutbrain_network::unit::{Unit, UnitError, Units, parse_quantity, rational};
use gutbrain_network::{Declaration, Source};
use num_rational::BigRational;

mod common;
use common::{MODEL, compile, declare};

fn unit(text: &str) -> Unit {
    match Units::builtin().parse(text) {
        Ok(unit) => unit,
        Err(error) => panic!("{text}: {error}"),
    }
}

fn exact(text: &str) -> BigRational {
    let (above, below) = text.split_once('/').unwrap_or((text, "1"));
    let number = |text| rational::parse_decimal(text).expect("a number");
    number(above) / number(below)
}

#[test]
fn conversions_are_exact() {
    for (from, to, factor) in [
        ("mM", "µM", "1000"),
        ("mM", "mol/m^3", "1"),
        ("μM", "nM", "1000"),
        ("uM", "mmol/l", "1/1000"),
        ("1/h", "1/day", "24"),
        ("1/min", "1/d", "1440"),
        ("wk", "days", "7"),
        ("day", "s", "86400"),
        ("%", "1", "1/100"),
        ("g/l", "mg/ml", "1"),
        ("g/dl", "kg/m3", "10"),
        ("pg/ml", "ng/l", "1"),
        ("EU/ml", "EU/l", "1000"),
        ("CFU/g", "CFU/kg", "1000"),
        ("kcal", "J", "4184"),
        ("nmol/min/mg", "mmol/day/g", "1.44"),
        ("U", "µmol/min", "1"),
        ("µmol/(cm^2*h)", "mol/m²/s", "1e-2/3600"),
        ("1/(mM*day)", "l/mol/h", "1e3/24"),
        ("10 mM", "M", "0.01"),
        ("copies", "1", "1"),
        ("fold", "1", "1"),
        ("(g/l)^2", "g^2/l^2", "1"),
        ("m^(1/2)*m^(3/2)", "m^2", "1"),
        ("µm^2", "m^2", "1e-12"),
        ("kDa", "g/mol", "1000"),
    ] {
        let found = unit(from).conversion_to(&unit(to));
        assert_eq!(found, Ok(exact(factor)), "{from} to {to}");
    }
}

#[test]
fn different_things_do_not_convert() {
    for (from, to) in [
        ("mM", "g/l"),
        ("EU", "1"),
        ("CFU", "1"),
        ("day", "1/day"),
        ("kcal", "g"),
    ] {
        let error = unit(from).conversion_to(&unit(to)).unwrap_err();
        assert!(matches!(error, UnitError::Different { .. }), "{error}");
    }
}

#[test]
fn units_are_shown_as_they_were_written() {
    for (text, shown) in [
        ("mM/day", "mM/day"),
        ("1/day", "1/day"),
        ("1/(mM*day)", "1/(day*mM)"),
        ("mg/kg/day", "mg/(day*kg)"),
        ("µM", "uM"),
        ("10 mM", "10 mM"),
        ("1", "1"),
        ("%", "%"),
        ("m^(1/2)", "m^(1/2)"),
        ("1/1000 mol", "1/1000 mol"),
    ] {
        assert_eq!(unit(text).to_string(), shown);
    }
    let product = unit("mM").multiply(&unit("1/day")).divide(&unit("mM"));
    assert_eq!(product.to_string(), "1/day");
}

#[test]
fn mistakes_in_units_have_a_place() {
    let units = Units::builtin();
    for (text, at) in [
        ("mM/", 3),
        ("mM//day", 3),
        ("(mM", 3),
        ("mM)", 2),
        ("mM^x", 3),
        ("2 frob", 2),
        ("", 0),
        ("1/0", 2),
        ("m^999", 2),
    ] {
        let offset = match units.parse(text) {
            Err(UnitError::Syntax { offset, .. } | UnitError::Unknown { offset, .. }) => offset,
            other => panic!("{text}: {other:?}"),
        };
        assert_eq!(offset, at, "{text}");
    }
}

#[test]
fn irrational_powers_are_refused() {
    let half = BigRational::new(1.into(), 2.into());
    assert!(unit("mM").power(&half).is_ok());
    assert!(matches!(
        unit("µM").power(&half),
        Err(UnitError::Irrational { .. })
    ));
    let absurd = BigRational::from_integer(10_000_000.into());
    assert!(unit("m").power(&absurd).is_err());
}

#[test]
fn quantities_have_a_number_and_a_unit() {
    let units = Units::builtin();
    for (text, number, of) in [
        ("2 %", 2.0_f64, "%"),
        ("38 d", 38.0, "day"),
        ("0.5 1/h", 0.5, "1/h"),
        ("1e-3 mM", 1e-3, "mM"),
        ("-4.5e+2day", -450.0, "day"),
        ("  7 ", 7.0, "1"),
    ] {
        let quantity = parse_quantity(text, &units).expect("a quantity");
        assert_eq!(quantity.number.to_bits(), number.to_bits(), "{text}");
        assert_eq!(quantity.unit, unit(of), "{text}");
    }
    for text in ["", "mM", "nan d", "inf", "1e999 d", "--1", "2 %%%x", "."] {
        assert!(parse_quantity(text, &units).is_err(), "{text}");
    }
    let hour = parse_quantity("1 h", &units).expect("a quantity");
    assert_eq!(hour.in_unit(&unit("day")), Ok(1.0 / 24.0));
}

#[test]
fn declared_units_are_names_like_others() {
    let units = "[unit.\"% w/v\"]\nsays = \"x\"\nis = \"0.01 g/ml\"\n\n[unit.dose]\nsays = \"x\"\nis = \"2 glass\"\n\n[unit.glass]\nsays = \"x\"\nis = \"200 ml\"\n\n";
    let declaration = declare(&(units.to_owned() + &MODEL.replace("RATE", "p * a")));
    let parse = |text: &str| declaration.units.parse(text).expect("a unit");
    assert_eq!(
        parse("% w/v").conversion_to(&parse("mg/ml")),
        Ok(exact("10"))
    );
    assert_eq!(parse("dose").conversion_to(&parse("l")), Ok(exact("0.4")));
    let rate = parse("% w/v").divide(&parse("day"));
    assert_eq!(rate.to_string(), "'% w/v'/day");
    assert_eq!(parse(&rate.to_string()), rate);
    for (bad, why) in [
        (
            "[unit.mM]\nsays = \"x\"\nis = \"1 g\"\n",
            "the unit `mM` is already known",
        ),
        (
            "[unit.a1]\nsays = \"x\"\nis = \"b1\"\n[unit.b1]\nsays = \"x\"\nis = \"a1\"\n",
            "unknown unit",
        ),
        (
            "[unit.aa]\nsays = \"x\"\nis = \"bb\"\n[unit.bb]\nsays = \"x\"\nis = \"aa\"\n",
            "unknown unit `bb`",
        ),
    ] {
        let faults = Declaration::read(&[Source::new("model/units.toml", bad)]).unwrap_err();
        assert!(faults.to_string().contains(why), "{faults}");
    }
}

/// A model in which the first species is counted in `unit`, numbers included.
fn in_unit(unit: &str, size: f64) -> String {
    let number = |value: f64| value / size;
    format!(
        r#"[unit.half]
says = "Half a millimole per litre"
is = "1/2 mM"

[compartment.here]
says = "Here"
region = "gut"

[species.a]
says = "A"
where = "here"
unit = "{unit}"
initial = {start}
scale = 1

[species.b]
says = "B"
where = "here"
unit = "g/l"
initial = 1
scale = 1

[parameter.k]
says = "K"
unit = "1/day"
value = 0.7
prior = "fixed"
assumed = "test"

[parameter.half_a]
says = "Half"
unit = "mM"
value = 1.3
prior = "fixed"
assumed = "test"

[parameter.mass]
says = "Mass"
unit = "g/mol"
value = 88.1
prior = "fixed"
assumed = "test"

[parameter.n]
says = "N"
unit = "1"
value = 1.7
prior = "fixed"
assumed = "test"

[process.made]
says = "Made"
changes = {{ a = 1 }}
rate = "k * (half_a - a / 3) * hill(b, 2 [g/l], n)"
assumed = "test"

[process.turned]
says = "Turned"
changes = {{ a = -1, b = "mass" }}
rate = "k * a * hill(a, half_a, n) * exp(-a / half_a)"
assumed = "test"

[observable.seen]
says = "Seen"
unit = "µM"
value = "sqrt(a * a) + max(a, half_a)"
"#,
        start = number(2.0),
    )
}

#[test]
fn roots_of_any_unit_can_be_taken() {
    let root = |unit: &str, size: f64| {
        let text = in_unit(unit, size).replace("sqrt(a * a)", "sqrt(a * half_a)");
        let network = compile(&declare(&text));
        let mut seen = [0.0];
        network.observables(
            &mut network.prepare(&network.parameter_values()),
            &[1.9 / size, 1.0],
            &mut seen,
        );
        seen[0]
    };
    let expected = 1000.0 * (f64::sqrt(1.9 * 1.3) + 1.9);
    for (unit, size) in [("mM", 1.0), ("half", 0.5), ("µM", 1e-3)] {
        let found = root(unit, size);
        assert!(
            (found - expected).abs() <= 1e-14 * expected * 2.0,
            "{unit}: {found} is not {expected}"
        );
    }
}

#[test]
fn another_unit_changes_nothing_but_the_numbers() {
    // a in mM, in half millimolar, in micromolar.
    for (unit, size, tolerance) in [("half", 0.5, 0.0), ("µM", 1e-3, 1e-14)] {
        let plain = compile(&declare(&in_unit("mM", 1.0)));
        let other = compile(&declare(&in_unit(unit, size)));
        let run = |network: &gutbrain_network::Network, size: f64| {
            let mut prepared = network.prepare(&network.parameter_values());
            let state = [1.9 / size, 0.83];
            let mut derivative = [0.0; 2];
            network.derivative(&mut prepared, &state, &mut derivative);
            let mut jacobian = [0.0; 4];
            network.jacobian(&mut prepared, &state, &mut jacobian);
            let mut seen = [0.0];
            network.observables(&mut prepared, &state, &mut seen);
            let [da, db] = derivative;
            let [aa, ab, ba, bb] = jacobian;
            [da * size, db, aa, ab * size, ba / size, bb, seen[0]]
        };
        for (found, expected) in run(&other, size).iter().zip(run(&plain, 1.0)) {
            assert!(
                (found - expected).abs() <= tolerance * expected.abs(),
                "{unit}: {found} is not {expected}"
            );
        }
    }
}
