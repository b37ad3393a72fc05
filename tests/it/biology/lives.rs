//! Lives of single animals, written as short scenarios.

use gutbrain::model::Model;
use gutbrain::scenario::Scenario;
use gutbrain::simulate::{ArmRun, Status, simulate};

/// The shipped model.
pub(crate) fn builtin() -> Model {
    Model::builtin().expect("the built-in model is sound")
}

/// The arms of a scenario text on one subject, simulated; every run must be complete.
pub(crate) fn lives(subject: &str, stop: u32, extra: &str, arms: &[(&str, &str)]) -> Vec<ArmRun> {
    let mut text = format!(
        "schema = 1\n[subject]\npreset = \"{subject}\"\n[simulation]\nstart = \"0 d\"\n\
         stop = \"{stop} d\"\nevery = \"1 d\"\n{extra}\n"
    );
    for (name, content) in arms {
        text.push_str(&format!("[[arm]]\nname = \"{name}\"\n{content}\n"));
    }
    let model = builtin();
    let scenario = Scenario::from_text("test.toml", &text, &model).expect("a sound scenario");
    let runs = simulate(&model, &scenario).expect("a scenario that fits the model");
    for run in &runs {
        assert_eq!(run.endpoints.status, Status::Ok, "{}", run.arm);
    }
    runs
}

/// Butyrate in the drinking water.
pub(crate) fn butyrate(percent: &str, start: &str) -> String {
    intervention("butyrate-water", &format!("{percent} %"), start)
}

/// One intervention from an age on.
pub(crate) fn intervention(kind: &str, dose: &str, start: &str) -> String {
    format!("[[arm.intervention]]\nkind = \"{kind}\"\ndose = \"{dose}\"\nstart = \"{start}\"\n")
}

/// Targets switched off from an age on.
pub(crate) fn off(targets: &[&str], start: &str) -> String {
    targets
        .iter()
        .map(|target| {
            format!("[[arm.perturbation]]\ntarget = \"{target}\"\naction = \"off\"\nstart = \"{start}\"\n")
        })
        .collect()
}

/// A process or modulator scaled from an age on.
pub(crate) fn scale(target: &str, factor: f64, start: &str) -> String {
    perturbation(target, "scale", factor, start)
}

/// A parameter held from birth on, in its own unit.
pub(crate) fn hold(target: &str, value: f64) -> String {
    perturbation(target, "set", value, "birth")
}

fn perturbation(target: &str, action: &str, value: f64, start: &str) -> String {
    format!(
        "[[arm.perturbation]]\ntarget = \"{target}\"\naction = \"{action}\"\nvalue = {value:?}\n\
         start = \"{start}\"\nstop = \"end\"\n"
    )
}

/// Value of a species or observable at an age.
pub(crate) fn at(run: &ArmRun, id: &str, age: f64) -> f64 {
    let curve = run.curve(id).unwrap_or_else(|| panic!("no curve {id}"));
    let index = run
        .times
        .iter()
        .position(|time| (time - age).abs() < 1e-9)
        .unwrap_or_else(|| panic!("{}: no output at {age} d", run.arm));
    curve.values[index]
}

/// Age at death.
pub(crate) fn death(run: &ArmRun) -> f64 {
    run.endpoints
        .death_d()
        .unwrap_or_else(|| panic!("{} did not die", run.arm))
}

/// Age at onset.
pub(crate) fn onset(run: &ArmRun) -> f64 {
    run.endpoints
        .onset_d()
        .unwrap_or_else(|| panic!("{} had no onset", run.arm))
}

/// Asserts that a value lies in a range.
#[track_caller]
pub(crate) fn within(what: &str, value: f64, low: f64, high: f64) {
    assert!(
        (low..=high).contains(&value),
        "{what}: {value} is not between {low} and {high}"
    );
}
