//! What a reader sees when a text is wrong.

use gutbrain_network::fault::Collector;
use gutbrain_network::reading::{Document, MOST_BYTES};
use gutbrain_network::{Color, Declaration, Source};

mod common;
use common::{MODEL, refuse};

/// The model with its rate right and one piece replaced.
fn changed(from: &str, to: &str) -> String {
    let model = MODEL.replace("RATE", "p * a");
    assert!(model.contains(from), "{from}");
    model.replacen(from, to, 1)
}

fn has(message: &str, parts: &[&str]) {
    for part in parts {
        assert!(message.contains(part), "`{part}` is not in\n{message}");
    }
}

#[test]
fn units_that_differ_are_both_named() {
    let message = refuse(&MODEL.replace("RATE", "a + per_day"));
    assert_eq!(
        message,
        "\
error[units-differ]: `per_day` in 1/day cannot be added to `a` in 1
  --> model/test.toml:53:14
   |
53 | value = \"a + per_day\"
   |              ^^^^^^^ in 1/day
   |
   = help: 1/day measures s^-1, 1 measures a pure number; a factor in day is missing

error[units-differ]: `per_day` in 1/day cannot be added to `a` in 1
  --> model/test.toml:59:24
   |
59 | rate = \"per_day * (a + per_day)\"
   |                        ^^^^^^^ in 1/day
   |
   = help: 1/day measures s^-1, 1 measures a pure number; a factor in day is missing

"
    );
}

#[test]
fn a_rate_must_change_its_species_per_day() {
    let message = refuse(&changed(
        "rate = \"per_day * b * shared\"",
        "rate = \"b * shared\"",
    ));
    has(
        &message,
        &[
            "the rate of `shares` is in 1, but it changes `b`, `c` and so must be in 1/day",
            "rate = \"b * shared\"\n   |         ^^^^^^^^^^ in 1",
            "a factor in 1/day is missing",
        ],
    );
}

#[test]
fn a_coefficient_with_a_wrong_unit_is_named() {
    let message = refuse(&changed("c = \"n\" }", "c = \"per_day\" }"));
    has(
        &message,
        &[
            "`changes` changes `c` by 1/day^2",
            "but it must be 1/day",
            "in 1/day",
        ],
    );
}

#[test]
fn unknown_names_get_a_suggestion() {
    let message = refuse(&MODEL.replace("RATE", "p * shraed"));
    has(
        &message,
        &["unknown name `shraed`", "did you mean `shared`?", "^^^^^^"],
    );
    let message = refuse(&changed("unit = \"1/day\"", "unti = \"1/day\""));
    has(
        &message,
        &["unknown key `unti` in `parameter.per_day`", "has no `unit`"],
    );
    let message = refuse(&changed("unit = \"1/day\"", "unit = \"1/dya\""));
    has(
        &message,
        &[
            "unknown unit `dya`",
            "did you mean `day`?",
            "unit = \"1/dya\"\n   |           ^^^",
        ],
    );
    let message = refuse(&MODEL.replace("RATE", "p * hil(a, p, n)"));
    has(
        &message,
        &["there is no function `hil`", "did you mean `hill`?"],
    );
    let message = refuse(&changed("prior = \"uniform\"", "prior = \"unifrom\""));
    has(
        &message,
        &[
            "cannot be `unifrom`",
            "one of `lognormal`",
            "did you mean `uniform`?",
        ],
    );
    let message = refuse(&changed("where = \"here\"", "where = \"hree\""));
    has(
        &message,
        &["there is no compartment `hree`", "did you mean `here`?"],
    );
    let message = refuse(&changed(
        "acts_on = [\"process.shares\"]",
        "acts_on = [\"process.share\"]",
    ));
    has(
        &message,
        &["there is no process `share`", "did you mean `shares`?"],
    );
    let message = refuse(&changed("assumed = \"a test\"", "evidence = [\"S1-01\"]"));
    has(&message, &["there is no evidence row `S1-01`"]);
}

#[test]
fn rates_cannot_read_the_time_or_what_is_measured() {
    let message = refuse(&MODEL.replace("RATE", "p * age"));
    has(
        &message,
        &["`age` cannot be read here", "rates cannot read the age"],
    );
    let observable = "\n[observable.seen]\nsays = \"Seen\"\nunit = \"1\"\nvalue = \"a\"\n";
    let message = refuse(&(MODEL.replace("RATE", "p * seen") + observable));
    has(
        &message,
        &["`seen` is an observable: what is measured never acts"],
    );
    let message = refuse(&MODEL.replace("RATE", "a > 2"));
    has(
        &message,
        &["`>` has no meaning", "rates have no conditions"],
    );
    let message = refuse(&MODEL.replace("RATE", "a * changes"));
    has(&message, &["`changes` is a process"]);
}

#[test]
fn numbers_must_fit() {
    let message = refuse(&changed("value = 1.75", "value = 4"));
    has(
        &message,
        &[
            "the value of `parameter.n` is outside its range",
            "not in [1, 3]",
        ],
    );
    let message = refuse(&changed("range = [1, 3]", "range = [3, 1]"));
    has(
        &message,
        &["the range of `parameter.n` must rise", "3 is not below 1"],
    );
    for bad in ["nan", "inf", "-inf", "1e999", "99999999999999999999"] {
        let message = refuse(&changed("value = 1.75", &format!("value = {bad}")));
        has(&message, &["`parameter.n.value` must be a finite number"]);
    }
    let message = refuse(&changed("range = [0.1, 2]", "range = [0, 2]"));
    has(
        &message,
        &["lognormal prior, so its range must be positive"],
    );
    let message = refuse(&changed("scale = 1", "scale = 0"));
    has(&message, &["`species.a.scale` must be greater than zero"]);
    let message = refuse(&changed("value = 1.75", "value = \"1.75\""));
    has(
        &message,
        &["`parameter.n.value` must be a number", "this is a text"],
    );
    let message = refuse(&changed(
        "initial = \"steady\"\nguess = 1",
        "initial = \"steady\"",
    ));
    has(&message, &["`species.b` has no `guess`"]);
    let message = refuse(&changed("assumed = \"a test\"", "assumed = \"\""));
    has(&message, &["gives no reason"]);
    let message = refuse(&changed("assumed = \"a test\"\n", ""));
    has(&message, &["says neither `evidence` nor `assumed`"]);
}

#[test]
fn all_faults_are_said_at_once_in_order() {
    let text = changed("value = 1.75", "value = 4").replace("unit = \"1/day\"", "unit = \"1/dya\"");
    let text = text.replace("acts_on = [\"process.shares\"]", "acts_on = [\"shares\"]");
    let message = refuse(&text);
    let at = |part: &str| {
        message
            .find(part)
            .unwrap_or_else(|| panic!("`{part}` is not in\n{message}"))
    };
    assert!(at("outside its range") < at("unknown unit `dya`"));
    assert!(at("unknown unit `dya`") < at("a modulator cannot act on `shares`"));
}

#[test]
fn duplicates_name_both_places() {
    let text = MODEL.replace("RATE", "p * a");
    let again =
        "[species.a]\nsays = \"Again\"\nwhere = \"here\"\nunit = \"1\"\ninitial = 1\nscale = 1\n";
    let files = [
        Source::new("model/one.toml", text),
        Source::new("model/two.toml", again),
    ];
    let reversed = [files[1].clone(), files[0].clone()];
    let faults = Declaration::read(&files).unwrap_err();
    let message = faults.render(Color::Never);
    has(
        &message,
        &[
            "`species.a` is declared twice",
            "model/two.toml:1:10",
            "first at model/one.toml:5",
        ],
    );
    assert_eq!(Declaration::read(&reversed).unwrap_err(), faults);
    let message = refuse(&changed("[parameter.n]", "[parameter.a]"));
    has(&message, &["`a` is declared as species and as parameter"]);
}

#[test]
fn circles_are_shown() {
    let extra = |one: &str, two: &str| {
        let entry = |id: &str, value: &str| {
            format!(
                "\n[assignment.{id}]\nsays = \"x\"\nunit = \"1\"\nvalue = \"{value}\"\nassumed = \"t\"\n"
            )
        };
        MODEL.replace("RATE", "p * a") + &entry("one", one) + &entry("two", two)
    };
    let message = refuse(&extra("2 * two", "one + a"));
    has(
        &message,
        &[
            "the assignment `one` depends on itself",
            "`one` → `two` → `one`",
        ],
    );
    let message = refuse(&extra("resting(two)", "one + a"));
    has(&message, &["the assignment `one` depends on itself"]);
    let message = refuse(&extra("one", "a"));
    has(&message, &["`one` → `one`"]);
}

#[test]
fn syntax_errors_of_toml_are_shown() {
    let message = refuse("[species.a\nsays = 'x'\nunit = = 2\n");
    has(
        &message,
        &["error[syntax]", "model/test.toml:1", "model/test.toml:3"],
    );
    let message = refuse("a = 1\na = 2\n");
    has(&message, &["duplicate key"]);
}

#[test]
fn long_lines_are_clipped_around_the_fault() {
    let padding = "p + ".repeat(300);
    let message = refuse(&MODEL.replace("RATE", &format!("{padding}shraed{}", " + p".repeat(300))));
    has(&message, &["unknown name `shraed`", "…", "^^^^^^"]);
    for line in message.lines() {
        assert!(
            line.chars().count() <= 200,
            "{} characters: {line}",
            line.chars().count()
        );
    }
    // The column is that of the file, not of the clipped line.
    has(
        &message,
        &[&format!("model/test.toml:53:{}", 10 + padding.len())],
    );
    let marked = message
        .lines()
        .position(|line| line.contains("^^^^^^"))
        .expect("a mark");
    let lines: Vec<&str> = message.lines().collect();
    let column = lines[marked].find('^').expect("a mark");
    let text: String = lines[marked - 1].chars().skip(column).take(6).collect();
    assert_eq!(text, "shraed");
}

#[test]
fn control_characters_are_made_visible() {
    let text = "[species.\"a\\u001b[31mred\"]\nsays = \"\u{202e}x\"\n# \u{202e}\n";
    let message = refuse(text);
    assert!(
        !message.contains('\u{1b}') && !message.contains('\u{202e}'),
        "{message}"
    );
    has(&message, &["\\u{1b}[31mred"]);
    let source = Source::new("model/\u{1b}[31m.toml", "= 1");
    let message = Declaration::read(&[source])
        .unwrap_err()
        .render(Color::Never);
    assert!(!message.contains('\u{1b}'), "{message}");
}

#[test]
fn colours_come_only_when_asked_for() {
    let source = Source::new("model/test.toml", "x = 1");
    let faults = Declaration::read(&[source]).unwrap_err();
    assert!(faults.render(Color::Always).contains("\u{1b}["));
    assert!(!faults.render(Color::Never).contains('\u{1b}'));
    assert_eq!(
        faults.to_string().lines().next(),
        Some(
            "model/test.toml:1:1: unknown key `x`; known keys: `assignment`, `compartment`, `event`, `intervention`, `modulator`, `observable`, `parameter`, `process`, `species`, `unit`"
        )
    );
}

#[test]
fn many_faults_are_counted() {
    let text: String = (0..3000).map(|i| format!("x{i} = 1\n")).collect();
    let message = refuse(&text);
    assert_eq!(message.matches("error[unknown-key]").count(), 50);
    has(&message, &["and 2950 more"]);
}

#[test]
fn deep_nesting_is_a_fault() {
    let deep = [
        format!("a = {}{}", "[".repeat(100_000), "]".repeat(100_000)),
        format!("a = {}1{}", "{a=".repeat(70), "}".repeat(70)),
        format!("{}a = 1", "a.".repeat(100_000)),
        format!("[{}a]", "a.".repeat(30)),
        // Each level is within bounds, the sum is not.
        format!("a = {}1{}", "{a.a.a.a.a.a.a.a=".repeat(60), "}".repeat(60)),
    ];
    for text in deep {
        has(
            &refuse(&text),
            &["error[too-deep]", "nested deeper than 64"],
        );
    }
    let rate = format!("{}a{}", "(".repeat(1500), ")".repeat(1500));
    has(
        &refuse(&MODEL.replace("RATE", &rate)),
        &["nested deeper than 64", "move a part of it"],
    );
    let rate = format!("{}a", "-".repeat(1500));
    has(
        &refuse(&MODEL.replace("RATE", &rate)),
        &["nested deeper than 64"],
    );
    let rate = format!("2{}", "^2".repeat(1500));
    has(
        &refuse(&MODEL.replace("RATE", &rate)),
        &["nested deeper than 64"],
    );
    let rate = "a + ".repeat(2000) + "a";
    has(
        &refuse(&MODEL.replace("RATE", &rate)),
        &["at most 4000 are read"],
    );
    has(
        &refuse(&changed(
            "unit = \"1/day\"",
            &format!("unit = \"{}s\"", "(".repeat(100)),
        )),
        &["brackets are nested too deep"],
    );
}

#[test]
fn long_files_are_refused() {
    has(
        &refuse(&"#".repeat(MOST_BYTES + 1)),
        &["at most 16777216 are read"],
    );
}

#[test]
fn ten_megabytes_of_noise_are_refused() {
    // A fixed sequence of pseudo-random bytes, as text.
    let mut word = 0x9e37_79b9_7f4a_7c15_u64;
    let bytes: Vec<u8> = (0..10_000_000)
        .map(|_| {
            word ^= word << 13;
            word ^= word >> 7;
            word ^= word << 17;
            (word >> 33) as u8
        })
        .collect();
    let text = String::from_utf8_lossy(&bytes);
    for text in [text.as_ref(), &text[..900_000]] {
        let mut end = text.len().min(16_000_000);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let message = refuse(&text[..end]);
        assert!(
            message.len() < 200_000,
            "{} bytes of message",
            message.len()
        );
        assert!(message.chars().all(|c| c == '\n' || !c.is_control()));
    }
}

#[test]
fn scenario_style_reading_reports_everything() {
    let source = Source::new(
        "scenario.toml",
        "title = 3\nseed = 1.5\n[arm]\nname = 'x'\nnmae = 1\n",
    );
    let document = Document::parse(&source).expect("right TOML");
    let faults = Collector::new();
    let root = document.root(&faults);
    assert!(root.text("title").is_none());
    assert!(
        root.field("seed")
            .and_then(|field| field.integer())
            .is_none()
    );
    let arm = root.sub_table("arm").expect("a table");
    assert_eq!(
        arm.text("name").map(|name| name.value),
        Some("x".to_owned())
    );
    arm.finish();
    root.finish();
    let faults = faults.finish(()).unwrap_err();
    let codes: Vec<_> = faults.as_slice().iter().map(|fault| fault.code).collect();
    assert_eq!(codes, ["wrong-type", "wrong-type", "unknown-key"]);
}
