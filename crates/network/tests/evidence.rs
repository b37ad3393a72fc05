//! What the ledger refuses, and what it finds.

use gutbrain_network::declaration::{Claim, Direction, Looked};
use gutbrain_network::{Color, Declaration, Source};

mod common;
use common::MODEL;

const ROW: &str = "\
[evidence.S1-01]
says = \"It was found.\"
value = 2
spread = 0.5
spread_kind = \"SD\"
unit = \"1/h\"
source = \"Somebody 2001\"
grade = \"quoted\"
role = \"calibrate\"
";

fn read(rows: &str) -> Result<Declaration, String> {
    Declaration::read(&[
        Source::new("model/test.toml", MODEL.replace("RATE", "p * a")),
        Source::new("model/evidence/x.toml", rows),
    ])
    .map_err(|faults| faults.render(Color::Never))
}

/// The message of rows that must be refused; it names file and line.
fn refuse(rows: &str, line: usize) -> String {
    let Err(message) = read(rows) else {
        panic!("this should be refused:\n{rows}");
    };
    let place = format!("model/evidence/x.toml:{line}:");
    assert!(message.contains(&place), "{place} is not in\n{message}");
    message
}

#[track_caller]
fn has(message: &str, part: &str) {
    assert!(message.contains(part), "`{part}` is not in\n{message}");
}

#[test]
fn a_sound_row_is_read_in_full() {
    let row = format!(
        "{ROW}groups = \"3 against 4\"\nabout = [\"parameter.per_day\"]\n\
         [[evidence.S1-01.expects]]\nsays = \"the rate\"\nparameter = \"per_day\"\nvalue = 2\nsd = 0.5\n\
         [[evidence.S1-01.expects]]\nsays = \"a null\"\nscenario = \"s\"\narm = \"a\"\nfeature = \"death\"\n\
         direction = \"none\"\nmargin = 5\nunit = \"d\"\nassumed = \"five days\"\n"
    );
    let declaration = read(&row).unwrap_or_else(|message| panic!("{message}"));
    assert_eq!(declaration.about("S1-01"), ["parameter.per_day"]);
    let row = &declaration.evidence["S1-01"];
    assert_eq!(row.groups.as_deref(), Some("3 against 4"));
    let [rate, null] = row.expects.as_slice() else {
        panic!("two expectations");
    };
    assert!(matches!(&rate.looked, Looked::Parameter(name) if name.value == "per_day"));
    // Without a unit of its own it is in that of the row: 2 1/h are 48 1/day.
    let unit = declaration.unit_of("per_day").expect("a unit");
    let claim = rate
        .claim_in(&unit, row, &declaration.units)
        .expect("units that fit");
    assert_eq!(
        claim,
        Claim::Point {
            value: 48.0,
            sd: 12.0
        }
    );
    assert_eq!(
        null.claim,
        Claim::Direction {
            direction: Direction::None,
            than: 0.0,
            margin: 5.0
        }
    );
}

#[test]
fn what_nobody_confirmed_is_neither_fitted_nor_scored() {
    for grade in ["unverified", "gap"] {
        for role in ["calibrate", "validate"] {
            let row = ROW.replace("quoted", grade).replace("calibrate", role);
            has(
                &refuse(&row, 1),
                &format!("`S1-01` is graded {grade} and cannot be used to {role}"),
            );
        }
    }
    assert!(
        read(
            &ROW.replace("quoted", "unverified")
                .replace("calibrate", "context")
        )
        .is_ok()
    );
}

#[test]
fn rows_agree_with_themselves() {
    let without = |line: &str| ROW.replace(line, "");
    has(&refuse(&without("unit = \"1/h\"\n"), 1), "have no unit");
    has(
        &refuse(&without("spread_kind = \"SD\"\n"), 1),
        "has no kind",
    );
    has(
        &refuse(&ROW.replace("\"SD\"", "\"sd\""), 5),
        "cannot be `sd`",
    );
    let signed = format!("{ROW}sign = \"higher\"\n");
    has(&refuse(&signed, 1), "has a sign and a number");
    has(&refuse(&ROW.replace("1/h", "furlongs"), 6), "furlongs");
}

#[test]
fn a_second_row_of_the_same_name_is_refused() {
    let message = read(ROW)
        .and_then(|_| {
            Declaration::read(&[
                Source::new("model/test.toml", MODEL.replace("RATE", "p * a")),
                Source::new("model/evidence/x.toml", ROW),
                Source::new("model/evidence/y.toml", ROW),
            ])
            .map_err(|faults| faults.render(Color::Never))
        })
        .expect_err("a duplicate");
    has(&message, "`evidence.S1-01` is declared twice");
    has(&message, "first at model/evidence/x.toml:1");
}

#[test]
fn a_row_without_a_source_is_refused() {
    let row = ROW.replace("source = \"Somebody 2001\"\n", "");
    has(&refuse(&row, 1), "`evidence.S1-01` has no `source`");
}

#[test]
fn conflicts_are_said_on_both_sides() {
    let other = ROW.replace("S1-01", "S1-02");
    let one = format!("{ROW}conflicts_with = [\"S1-02\"]\n{other}");
    has(
        &refuse(&one, 10),
        "`S1-01` conflicts with `S1-02`, which does not say so",
    );
    assert!(read(&format!("{one}conflicts_with = [\"S1-01\"]\n")).is_ok());
    let nobody = format!("{ROW}conflicts_with = [\"S9-99\"]\n");
    has(&refuse(&nobody, 10), "there is no evidence row `S9-99`");
}

#[test]
fn expectations_fit_the_model() {
    let expects = |text: &str| format!("{ROW}[[evidence.S1-01.expects]]\nsays = \"it\"\n{text}");
    let parameter = |name: &str, unit: &str| {
        expects(&format!(
            "parameter = \"{name}\"\nvalue = 1\nsd = 1\nunit = \"{unit}\"\n"
        ))
    };
    has(
        &refuse(&parameter("per_dya", "1/d"), 12),
        "there is no parameter `per_dya`",
    );
    has(&refuse(&parameter("per_day", "mM"), 15), "mM");
    has(
        &refuse(&expects("parameter = \"per_day\"\nvalue = 1\nsd = 0\n"), 14),
        "must be above zero",
    );
    has(
        &refuse(
            &expects("parameter = \"per_day\"\nvalue = 1\nsd = 1\nlow = 0\n"),
            10,
        ),
        "must claim one thing",
    );
    has(
        &refuse(&expects("parameter = \"per_day\"\n"), 10),
        "must claim one thing",
    );
    has(
        &refuse(&expects("parameter = \"per_day\"\nlow = 2\nhigh = 1\n"), 14),
        "must rise",
    );
    has(
        &refuse(
            &expects("parameter = \"per_day\"\narm = \"a\"\nvalue = 1\nsd = 1\n"),
            13,
        ),
        "reads a parameter and a feature",
    );
    has(
        &refuse(
            &expects("arm = \"a\"\nfeature = \"death\"\nvalue = 1\nsd = 1\n"),
            10,
        ),
        "has no `scenario`",
    );
    has(
        &refuse(
            &expects("parameter = \"per_day\"\nlow = 1\nhigh = 2\nhigher = 3\n"),
            15,
        ),
        "unknown key `higher`",
    );
    let context = parameter("per_day", "1/d").replace("calibrate", "context");
    has(&refuse(&context, 1), "is context and yet expects something");
    let both = parameter("per_day", "1/d").replace("[[", "not_representable = \"x\"\n[[");
    has(&refuse(&both, 1), "keep one of");
}

#[test]
fn what_a_row_is_about_exists() {
    for (about, part) in [
        ("process.nothing", "there is no process `nothing`"),
        ("per_day", "names nothing of a model"),
        ("lines.x", "names nothing of a model"),
    ] {
        has(&refuse(&format!("{ROW}about = [\"{about}\"]\n"), 10), part);
    }
}
