//! The shipped calibration: its values are a bottom of it, its targets are met, its posterior is of this
//! model.

use std::collections::BTreeMap;
use std::path::Path;

use gutbrain::analysis::calibrate::{Calibration, Setting};
use gutbrain::model::Model;
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
fn shipped_values_are_a_bottom_of_their_calibration_and_a_moved_one_is_not() {
    let Shipped {
        model,
        mut calibration,
        scenarios,
    } = shipped();
    let found = Setting::new(&model, &calibration, &scenarios).expect("set up");
    let found = found.stationarity().expect("every target has a value");
    assert!(found.is_stationary(), "{found:#?}");
    assert!(found.gain < 1e-5 * found.objective, "{found:#?}");
    let moved = calibration
        .parameters
        .iter_mut()
        .find(|it| it.id == "neuron_failing_rate");
    moved.expect("it is fitted").value *= 1.02;
    let found = Setting::new(&model, &calibration, &scenarios).expect("set up");
    let found = found.stationarity().expect("every target has a value");
    assert!(!found.is_stationary(), "{found:#?}");
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

#[test]
fn the_page_is_what_the_program_prints() {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    let printed = std::process::Command::new(env!("CARGO_BIN_EXE_gutbrain"))
        .args(["calibrate", "calibration/foundation.toml", "--markdown"])
        .current_dir(root)
        .output()
        .expect("the program runs");
    assert!(printed.status.success(), "{printed:?}");
    let committed = std::fs::read_to_string(root.join("docs/calibration.md")).unwrap_or_default();
    assert!(
        committed.as_bytes() == printed.stdout,
        "docs/calibration.md is out of date: `gutbrain calibrate calibration/foundation.toml --markdown \
         > docs/calibration.md`"
    );
}
