//! Variants of structure: what differs, in the model and in its fingerprints, and what is refused.
#![expect(clippy::float_cmp, reason = "what was written is read, not computed")]

use gutbrain_network::{Declaration, Source};

mod common;
use common::{MODEL, compile, declare_all};

const BASE: &str = "says = \"One\"\n[parameters.p]\nvalue = 0.5\nassumed = \"a test\"\n";
const HEIR: &str = "says = \"Two\"\nextends = \"base\"\n";
const OWN: &str =
    "says = \"Three\"\nextends = \"base\"\n[parameters.p]\nvalue = 0.9\nassumed = \"a test\"\n";

fn files(variant: &str) -> Vec<Source> {
    vec![
        Source::new("model/test.toml", MODEL.replace("RATE", "a")),
        Source::new("model/subjects/base.toml", BASE),
        Source::new("model/subjects/heir.toml", HEIR),
        Source::new("model/subjects/own.toml", OWN),
        Source::new("model/variants/other.toml", variant),
    ]
}

const OTHER: &str = r#"
says = "Sharing is not slowed, and the exponent is another"
assumed = "nothing decides"
off = ["slows"]

[parameters]
n = 2.5

[subjects.base]
p = 0.25
per_day = "2 1/day"
"#;

fn value(declaration: &Declaration, subject: &str, parameter: &str) -> Option<f64> {
    let entry = declaration.subjects[subject].parameters.get(parameter);
    entry.map(|it| it.value)
}

#[test]
fn a_variant_changes_what_it_names_and_nothing_else() {
    let model = declare_all(&files(OTHER));
    let varied = model.under("other").expect("declared");
    assert_eq!(model.parameters["n"].value, 1.75);
    assert_eq!(varied.parameters["n"].value, 2.5);
    assert_eq!(varied.parameters["p"].value, model.parameters["p"].value);
    assert!(model.modulators["slows"].enabled);
    assert!(!varied.modulators["slows"].enabled);
    // Who has the value from the subject has the new one; who sets it itself keeps its own.
    assert_eq!(value(&varied, "base", "p"), Some(0.25));
    assert_eq!(value(&varied, "heir", "p"), Some(0.25));
    assert_eq!(value(&varied, "own", "p"), Some(0.9));
    // A value that the subject did not have.
    for subject in ["base", "heir", "own"] {
        assert_eq!(value(&model, subject, "per_day"), None, "{subject}");
        assert_eq!(value(&varied, subject, "per_day"), Some(2.0), "{subject}");
    }
    // It stays a value of that subject.
    for (subject, parameter) in [("heir", "p"), ("base", "per_day"), ("own", "per_day")] {
        let value = &varied.subjects[subject].parameters[parameter];
        assert_eq!(
            &*value.place.source.name, "model/subjects/base.toml",
            "{subject}"
        );
    }
    assert!(model.under("another").is_none());
    // It moves as a model that was written so.
    let network = compile(&varied);
    let written = MODEL
        .replace("RATE", "a")
        .replace("value = 1.75", "value = 2.5")
        .replace(
            "acts_on = [\"process.shares\"]",
            "acts_on = [\"process.shares\"]\nenabled = false",
        );
    let same = compile(&declare_all(&[Source::new("model/test.toml", written)]));
    assert_eq!(network.parameter_values(), same.parameter_values());
    let state = [0.7, 1.3, 0.4];
    let slopes = |network: &gutbrain_network::Network| {
        let mut prepared = network.prepare(&network.parameter_values());
        let mut out = [0.0; 3];
        network.derivative(&mut prepared, &state, &mut out);
        out
    };
    assert_eq!(slopes(&network), slopes(&same));
    assert_ne!(slopes(&network), slopes(&compile(&model)));
}

#[test]
fn fingerprints_tell_variants_apart_and_sentences_not() {
    let hash = |text: &str| {
        let model = declare_all(&files(text));
        let varied = model.under("other").expect("declared");
        let none = || std::iter::empty::<&str>();
        (
            model.dynamics_hash(none()),
            varied.dynamics_hash(none()),
            varied.hash().to_owned(),
        )
    };
    let (base, varied, text) = hash(OTHER);
    assert_ne!(base, varied);
    let another_sentence = OTHER.replace("nothing decides", "nobody knows");
    assert_eq!(hash(&another_sentence).1, varied);
    assert_ne!(hash(&another_sentence).2, text);
    for (old, new) in [
        ("n = 2.5", "n = 2.25"),
        ("p = 0.25", "p = 0.125"),
        ("off = [\"slows\"]", ""),
    ] {
        let (same, other, _) = hash(&OTHER.replace(old, new));
        assert_eq!(
            same, base,
            "the model itself does not move otherwise: {new}"
        );
        assert_ne!(other, varied, "{new}");
    }
}

#[test]
fn what_a_variant_cannot_say_is_refused() {
    for (old, new, wanted) in [
        ("n = 2.5", "n = 9", "outside its range"),
        ("n = 2.5", "m = 2.5", "no parameter `m`"),
        ("[subjects.base]", "[subjects.bass]", "no subject `bass`"),
        ("\"slows\"", "\"slow\"", "no process or modulator `slow`"),
        ("\"2 1/day\"", "\"2 mM\"", "per_day"),
        (
            "assumed = \"nothing decides\"",
            "",
            "neither `evidence` nor `assumed`",
        ),
        (
            "assumed = ",
            "evidence = [\"S0-00\"]\nassumed = ",
            "no evidence row `S0-00`",
        ),
        ("off = ", "of = ", "unknown key `of`"),
    ] {
        let faults = Declaration::read(&files(&OTHER.replacen(old, new, 1))).expect_err(new);
        let text = faults.to_string();
        assert!(text.contains(wanted), "{new}: {text}");
    }
    let nothing = "says = \"Nothing\"\nassumed = \"a test\"\n";
    let faults = Declaration::read(&files(nothing)).expect_err("empty");
    assert!(faults.to_string().contains("changes nothing"), "{faults}");
}
