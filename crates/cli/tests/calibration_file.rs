//! The shipped calibration: its values are a bottom of it, its targets are met, its posterior is of this
//! model.
#![expect(
    clippy::disallowed_methods,
    reason = "tests read and prepare their own files"
)]

use std::collections::BTreeMap;
use std::path::Path;

use gutbrain::analysis::calibrate::{Calibration, Setting};
use gutbrain::files::InMemory;
use gutbrain::model::{Model, model_files};
use gutbrain::posterior::Posterior;
use gutbrain::scenario::{Scenario, read_text};
use gutbrain_store::sha256;

struct Shipped {
    model: Model,
    calibration: Calibration,
    scenarios: BTreeMap<String, Scenario>,
}

fn shipped() -> Shipped {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).join("calibration");
    let model = Model::builtin().expect("the built-in model is sound");
    let source = read_text(&folder.join("foundation.toml")).expect("the calibration file");
    let calibration = Calibration::read(&source, &model.declaration).expect("it is valid");
    let scenarios = calibration
        .scenarios()
        .into_iter()
        .map(|name| {
            let scenario = Scenario::load(folder.join(name), &model).expect("a scenario");
            (name.to_owned(), scenario)
        })
        .collect();
    Shipped {
        model,
        calibration,
        scenarios,
    }
}

#[test]
fn shipped_values_are_near_a_bottom_of_their_calibration_and_a_moved_one_is_not() {
    let Shipped {
        model,
        mut calibration,
        scenarios,
    } = shipped();
    let found = Setting::new(&model, &calibration, &scenarios).expect("set up");
    let found = found.stationarity().expect("every target has a value");
    // The landscape is flat in most of 55 directions, and the fit was ended before its very bottom, as
    // `--stationary` and docs/calibration.md say: what is left is a fifth of what one standard deviation of
    // one target is worth (1/2).
    assert!(found.gain < 0.1, "{found:#?}");
    let left = found.gain;
    let moved = calibration
        .parameters
        .iter_mut()
        .find(|it| it.id == "neuron_failing_rate");
    moved.expect("it is fitted").value *= 1.05;
    let found = Setting::new(&model, &calibration, &scenarios).expect("set up");
    let found = found.stationarity().expect("every target has a value");
    assert!(!found.is_stationary(), "{found:#?}");
    assert!(found.gain > 3.0 * left + 0.1, "{left} {found:#?}");
}

#[test]
fn every_target_is_met_within_two_standard_deviations() {
    let Shipped {
        model,
        calibration,
        scenarios,
    } = shipped();
    let setting = Setting::new(&model, &calibration, &scenarios).expect("set up");
    let values: Vec<f64> = calibration.parameters.iter().map(|it| it.value).collect();
    let predicted = setting.predict(&values);
    for (target, value) in calibration.targets.iter().zip(predicted.values) {
        let value = value.expect("a value");
        let off = target.aim.residual(value).0;
        assert!(off.abs() < 2.0, "{}: {value}, {off} sd", target.name);
    }
    // Lives in lanes say the same.
    let many = setting
        .predict_many(std::slice::from_ref(&values))
        .remove(0)
        .expect("values");
    for (a, b) in setting.predict(&values).values.iter().zip(many) {
        let a = a.as_ref().expect("a value");
        assert!((a - b).abs() < 1e-3 * (1.0 + a.abs()), "{a} {b}");
    }
}

#[test]
fn the_posterior_belongs_to_this_model_and_this_calibration() {
    let Shipped {
        model, calibration, ..
    } = shipped();
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
        .join("calibration/foundation.toml");
    let text = read_text(&path).expect("the calibration file");
    for preset in ["mouse-g93a-b6sjl", "mouse-g93a-c57bl6", "mouse-wt-c57bl6"] {
        // A stale one is an error here.
        let posterior = Posterior::of(&model, preset).unwrap_or_else(|faults| panic!("{faults}"));
        let posterior = posterior.expect("every preset of the calibration has one");
        assert_eq!(posterior.calibration, sha256(text.text.as_bytes()));
        assert!(posterior.effective_size() > 0.5 * calibration.vectors as f64);
        for vector in &posterior.vectors {
            for (id, value) in posterior.parameters.iter().zip(&vector.values) {
                let (low, high) = model.declaration.parameters[id].range.expect("a range");
                assert!((low..=high).contains(value), "{id} {value}");
            }
        }
    }
}

/// The shipped model with every line that begins so changed.
fn with_lines(begins: &str, change: impl Fn(&str) -> String) -> Model {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    let mut files = InMemory::default();
    for source in model_files(&root.join("model")).expect("the model's files") {
        let inside = Path::new(&*source.name).strip_prefix(root).expect("inside");
        let lines = source.text.lines().map(|line| {
            if line.starts_with(begins) {
                change(line)
            } else {
                line.to_owned()
            }
        });
        files.put(inside, lines.collect::<Vec<_>>().join("\n"));
    }
    let mut model = Model::load_in(&files, Path::new("model")).expect("a model");
    model.posteriors = Model::builtin().expect("a sound model").posteriors;
    model
}

#[test]
fn the_posterior_is_stale_when_a_number_moves_and_not_when_a_word_does() {
    let shipped = Model::builtin().expect("the built-in model is sound");
    let preset = "mouse-g93a-b6sjl";
    let read = |model: &Model| Posterior::of(model, preset).map(|found| found.is_some());
    let posterior = Posterior::of(&shipped, preset)
        .expect("not stale")
        .expect("one");
    let used = &posterior.interventions;
    assert!(used.contains("butyrate-water"), "{used:?}");
    // A comma in every sentence, and an intervention that no target reads.
    let said = with_lines("says", |line| line.replacen("= \"", "= \"Well, ", 1));
    assert_ne!(said.hash, shipped.hash);
    assert!(read(&said).unwrap_or_else(|faults| panic!("{faults}")));
    let every = shipped.declaration.interventions.keys();
    let unused: Vec<&String> = every.filter(|id| !used.contains(*id)).collect();
    assert!(unused.iter().any(|id| *id == "antibiotics"), "{unused:?}");
    let gone = with_lines("[intervention.antibiotics]", |line| {
        line.replace("antibiotics", "other-antibiotics")
    });
    assert_ne!(gone.hash, shipped.hash);
    assert!(read(&gone).unwrap_or_else(|faults| panic!("{faults}")));
    // A value, and an intervention that a target reads.
    let moved = with_lines("value = 25", |line| match line {
        "value = 25" => "value = 25.000001".to_owned(),
        other => other.to_owned(),
    });
    let gone = with_lines("[intervention.butyrate-water]", |line| {
        line.replace("butyrate-water", "butyrate-in-water")
    });
    for model in [moved, gone] {
        let faults = read(&model).expect_err("it is stale");
        assert!(faults.to_string().contains("stale"), "{faults}");
    }
}

#[test]
fn the_pages_are_what_the_program_prints() {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    for (page, words) in [
        ("docs/calibration.md", "calibration/foundation.toml"),
        (
            "docs/calibration-without-butyrate.md",
            "calibration/without-butyrate.toml --variant without-the-38-days",
        ),
    ] {
        let printed = std::process::Command::new(env!("CARGO_BIN_EXE_gutbrain"))
            .arg("calibrate")
            .args(words.split(' '))
            .arg("--markdown")
            .current_dir(root)
            .output()
            .expect("the program runs");
        assert!(printed.status.success(), "{printed:?}");
        let committed = std::fs::read_to_string(root.join(page)).unwrap_or_default();
        assert!(
            committed.as_bytes() == printed.stdout,
            "{page} is out of date: `cargo dev generate`"
        );
    }
}
