//! The scoreboard: what the repository declares is what the program finds.

use std::collections::BTreeMap;
use std::path::Path;

use gutbrain::analysis::calibrate::Calibration;
use gutbrain::analysis::validate::{
    Declared, Scoreboard, VECTORS, ValidateError, Verdict, builtin_expectations, builtin_scenarios,
    score,
};
use gutbrain::model::{Model, model_files};
use gutbrain::report::documents::validation_page;
use gutbrain::scenario::ScenarioFile;
use gutbrain_network::{Color, Declaration, Source};

fn board(model: &Model) -> Scoreboard {
    let mut scenarios = BTreeMap::new();
    for source in builtin_scenarios() {
        let file = ScenarioFile::parse(&source).expect("a readable scenario");
        let name = file.stem().to_owned();
        scenarios.insert(name, file.check(model).expect("a scenario that fits"));
    }
    score::<ValidateError>(model, &scenarios, VECTORS, &|_, _| Ok(())).expect("a scoreboard")
}

/// One run of the scoreboard for everything that is asked of it: it is the dear part.
#[test]
fn the_scoreboard_is_as_declared_and_as_documented() {
    let model = Model::builtin().expect("the built-in model is sound");
    let board = board(&model);
    let source = builtin_expectations().expect("declared verdicts");
    let declared = Declared::read(&source, &model.declaration).expect("sound declarations");
    assert_eq!(declared.unmet(&board), [], "`gutbrain validate --declare`");
    assert_eq!(Declared::text(&board), *source.text);

    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/validation.md");
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        committed == validation_page(&board),
        "docs/validation.md is out of date: `gutbrain validate --markdown > docs/validation.md`"
    );

    // The rows that must be listed, whatever their verdict.
    let verdicts = board.verdicts();
    for row in [
        "S1-34", "S2-04", "S2-05", "S2-06", "S2-10", "S2-12", "S2-13", "S2-21", "S2-30", "S2-31",
        "S8-15", "S3-04", "S6-08",
    ] {
        assert!(verdicts.contains_key(row), "{row}");
    }
    for row in ["S8-04", "S8-05", "S8-17"] {
        assert_eq!(verdicts[row], [Verdict::NotRepresentable], "{row}");
    }
    let of = |row: &str, says: &str| {
        let mut lines = board.lines.iter();
        lines
            .find(|line| line.row == row && line.says.contains(says))
            .unwrap_or_else(|| panic!("{row} {says}"))
    };
    // Calibrated, never a prediction; and the prediction beside it.
    assert!(of("S1-29", "C57BL/6").fitted);
    assert!(!of("S1-29", "B6SJL").fitted);
    // What a target of the calibration contains is no test.
    assert!(of("S1-34", "leak").fitted);
    assert!(!of("S1-34", "serum LPS").fitted);
    // No held-out row takes part in the fit, and the drug map says that it is assumed.
    assert!(
        of("S2-30", "minocycline")
            .notes
            .join(" ")
            .contains("at most 5 days")
    );
    assert!(
        of("S2-31", "riluzole")
            .seen_by
            .contains(&"riluzole_max".to_owned())
    );
    for line in &board.lines {
        assert_eq!(
            line.predicted.is_none(),
            matches!(line.verdict, Verdict::NotRepresentable | Verdict::NoValue),
            "{line:?}"
        );
        if let (Some(value), Some((low, high))) = (line.predicted, line.interval) {
            assert!(low <= value && value <= high, "{line:?}");
        }
    }
    // Every verdict that is declared can fail: another one is reported.
    let text = source.text.replacen("\"agrees\"", "\"disagrees\"", 1);
    let wrong = Declared::read(&Source::new("wrong.toml", text), &model.declaration);
    assert_eq!(wrong.expect("sound").unmet(&board).len(), 1);
}

/// The built-in model with one evidence file changed, scored without any scenario.
fn refuse(file: &str, from: &str, to: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("model");
    let mut files = model_files(&folder).expect("the model");
    for source in &mut files {
        if source.name.ends_with(file) {
            assert!(source.text.contains(from), "{from}");
            source.text = source.text.replacen(from, to, 1).into();
        }
        let name = source.name.rsplit("model/").next().unwrap_or_default();
        source.name = format!("model/{name}").into();
    }
    let faults = match Declaration::read(&files) {
        Err(faults) => faults,
        Ok(declaration) => {
            let model = Model::new(declaration, "changed");
            let mut scenarios = BTreeMap::new();
            for source in builtin_scenarios() {
                let file = ScenarioFile::parse(&source).expect("a readable scenario");
                scenarios.insert(file.stem().to_owned(), file.check(&model).expect("fits"));
            }
            match score::<ValidateError>(&model, &scenarios, 0, &|_, _| Ok(())) {
                Err(ValidateError::Faults(faults)) => faults,
                Err(other) => panic!("{other}"),
                Ok(_) => panic!("this should be refused: {to}"),
            }
        }
    };
    faults.render(Color::Never)
}

#[test]
fn expectations_that_do_not_fit_are_refused_with_file_and_line() {
    let cases = [
        (
            "\"natural-history-b6sjl\"",
            "\"natural-history-b6sj\"",
            "there is no scenario",
        ),
        (
            "arm = \"control\"",
            "arm = \"controls\"",
            "has no arm `controls`",
        ),
        (
            "feature = \"death\"",
            "feature = \"deaths\"",
            "`deaths` is no feature",
        ),
        ("unit = \"d\"", "unit = \"mM\"", "mM"),
    ];
    for (from, to, part) in cases {
        let message = refuse("evidence/mgi-j128550.toml", from, to);
        assert!(message.contains(part), "{part}:\n{message}");
        let place = "--> model/evidence/mgi-j128550.toml:";
        assert!(message.contains(place), "{message}");
    }
    let message = refuse(
        "evidence/zhao-w-2012.toml",
        "not_representable = \"the model has no ketones and no energy store of neurons\"\n",
        "",
    );
    assert!(
        message.contains("`S2-13` does not say what the model must show"),
        "{message}"
    );
}

#[test]
fn nothing_is_calibrated_to_rows_that_are_held_out_or_unverified() {
    let model = Model::builtin().expect("the built-in model is sound");
    for (row, part) in [
        ("S1-34", "`S1-34` is held out"),
        ("S1-26", "`S1-26` is unverified"),
        ("S1-99", "no evidence row `S1-99`"),
    ] {
        let text = format!(
            "says = \"it\"\nparameters = [\"zo1_damage\"]\n[[target]]\nname = \"a\"\n\
             evidence = [\"{row}\"]\nscenario = \"s.toml\"\narm = \"control\"\n\
             feature = \"death\"\nvalue = 1\nsd = 1\n"
        );
        let source = Source::new("fit.toml", text);
        let faults = Calibration::read(&source, &model.declaration).expect_err(row);
        let message = faults.render(Color::Never);
        assert!(message.contains(part), "{message}");
        assert!(message.contains("--> fit.toml:5:"), "{message}");
    }
}
