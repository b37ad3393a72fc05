//! Hostile text: whatever it is, it is refused with a message, never with a panic.

use gutbrain::scenario::{ScenarioFile, read_text};
use gutbrain_network::Color;
use proptest::prelude::*;

use crate::scenario_files::{BASE, model, read};

/// Messages stay readable: no control characters, no endless lines, a bounded number of faults.
fn assert_readable(message: &str) {
    assert!(
        message.len() < 100_000,
        "{} bytes of message",
        message.len()
    );
    for line in message.lines() {
        assert!(
            line.chars().count() < 800,
            "a line of {} characters",
            line.chars().count()
        );
        assert!(!line.chars().any(char::is_control), "{line:?}");
    }
}

#[test]
fn long_deep_and_strange_texts_are_refused() {
    let texts = [
        String::new(),
        "\u{feff}".to_owned(),
        "\0\0\0".to_owned(),
        "a = ".repeat(100_000),
        format!("title = {}{}", "[".repeat(5000), "]".repeat(5000)),
        format!("title = {}1{}", "{a = ".repeat(5000), "}".repeat(5000)),
        format!("{} = 1", "a.".repeat(20_000) + "a"),
        format!("title = \"{}", "x".repeat(1_000_000)),
        format!("{BASE}{} = 1\n", "k".repeat(1_000_000)),
        format!("{BASE}# \u{1b}[2J\u{202e} \u{7}\n"),
        format!("{BASE}[solver]\n\"\u{1b}[2J\" = 1\n"),
        BASE.replace("\"sick\"", "\"\\u001b[2J\\u202e\""),
        BASE.replace("\"2 %\"", &format!("\"2 {}\"", "m/".repeat(50_000))),
        BASE.replace("\"2 %\"", &format!("\"{}\"", "9".repeat(100_000))),
        BASE.replace("\"100 d\"", "\"1 d^999999999\""),
        "[[arm]]\n".repeat(20_000),
        (0..20_000).map(|index| format!("k{index} = 1\n")).collect(),
        "schema = 99999999999999999999999999\n".to_owned(),
        "title = 1979-05-27T07:32:00Z\n".to_owned(),
    ];
    for text in texts {
        let start: String = text.chars().take(40).collect();
        match read(&text) {
            // A comment may hold anything.
            Ok(_) => assert!(text.contains('#'), "{start:?}"),
            Err(faults) => {
                assert_readable(&faults.render(Color::Never));
            }
        }
    }
}

#[test]
fn ten_megabytes_of_noise_are_refused_quickly() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("noise.toml");
    // A fixed linear congruential generator: the same noise every time.
    let mut state: u64 = 1;
    let noise: Vec<u8> = (0..10_000_000)
        .map(|_| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 56) as u8
        })
        .collect();
    for bytes in [
        noise.clone(),
        noise.iter().map(|byte| byte % 95 + 32).collect(),
    ] {
        std::fs::write(&path, &bytes).unwrap();
        let faults = ScenarioFile::open(&path).expect_err("noise");
        let message = faults.render(Color::Never);
        assert!(message.contains("noise.toml"));
        assert_readable(&message);
    }
}

#[test]
fn files_that_are_no_text_are_refused_with_their_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.toml");
    std::fs::write(&path, b"schema = 1\ntitle = \"\xff\xfe\"\n").unwrap();
    let faults = read_text(&path).expect_err("invalid UTF-8");
    let fault = &faults.as_slice()[0];
    assert_eq!(fault.code, "not-utf-8");
    assert_eq!(fault.source.line_and_column(fault.span.start).0, 2);
    for (path, words) in [
        (folder.path().to_path_buf(), "it is a folder"),
        (folder.path().join("b.toml"), "no such file"),
        (path.join("below.toml"), "cannot read"),
    ] {
        let faults = ScenarioFile::open(&path).expect_err("not a file");
        assert!(faults.to_string().contains(words), "{faults}");
    }
    let faults = read_text(&folder.path().join("aa.toml")).expect_err("missing");
    assert!(
        faults.to_string().contains("did you mean `a.toml`?"),
        "{faults}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,200}") {
        if let Err(faults) = read(&text) {
            assert_readable(&faults.render(Color::Never));
        }
    }

    #[test]
    fn no_damage_makes_it_panic(at in 0..BASE.len(), piece in "[\\[\\]\"=.,{}#\n a-z0-9%-]{0,6}") {
        let model = model();
        let text = format!("{}{piece}{}", &BASE[..at], &BASE[at..]);
        if let Err(faults) = gutbrain::scenario::Scenario::from_text("t.toml", &text, &model) {
            assert_readable(&faults.render(Color::Never));
        }
    }

    #[test]
    fn no_override_makes_it_panic(argument in "[a-z.=\"0-9 %\\[\\]-]{0,30}") {
        if let Err(faults) = crate::scenario_files::with(BASE, &[&argument]) {
            assert_readable(&faults.render(Color::Never));
        }
    }
}
