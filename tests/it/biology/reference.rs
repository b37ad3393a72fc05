//! The numbers of every shipped scenario, against a committed reference.
//!
//! `tests/reference/scenarios.csv` holds onset, death and the main observables at 60 days of every arm,
//! computed at a relative tolerance of 1e-10. A run at the scenario's own tolerance must agree to
//! [`KNOWN_TO`]. A difference beyond that is a **numerical change**: say so in `CHANGELOG.md`, and renew
//! the reference with `GUTBRAIN_RENEW_REFERENCE=1 cargo test --test it biology::reference`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use gutbrain::model::Model;
use gutbrain::scenario::Scenario;
use gutbrain::simulate::{ArmRun, Status, simulate};
use gutbrain_store::overwrite_file;

/// Relative agreement of a run at its own tolerance with the reference.
const KNOWN_TO: f64 = 2e-5;

/// What counts as nothing, in the unit of the quantity: knocked-out signals fade to it.
const NOTHING: f64 = 1e-12;

/// What is looked at besides the ages of onset and death.
const OBSERVABLES: &[&str] = &[
    "caecal_butyrate",
    "il17",
    "microglia",
    "motor_neurons",
    "motor_score",
    "paneth_functional",
    "permeability",
    "zo1",
];

/// The age at which, in days.
const AGE: f64 = 60.0;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf()
}

fn scenarios() -> Vec<PathBuf> {
    let mut found = Vec::new();
    for folder in ["scenarios", "scenarios/base"] {
        let entries = std::fs::read_dir(root().join(folder)).expect(folder);
        let paths = entries.map(|entry| entry.expect("an entry").path());
        found.extend(paths.filter(|path| path.extension().is_some_and(|it| it == "toml")));
    }
    found.sort();
    found
}

/// By "scenario, arm, quantity": the numbers of one arm; what was not reached is missing.
fn numbers(stem: &str, run: &ArmRun, into: &mut BTreeMap<(String, String, String), f64>) {
    let mut note = |quantity: &str, value: Option<f64>| {
        if let Some(value) = value {
            let key = (stem.to_owned(), run.arm.clone(), quantity.to_owned());
            into.insert(key, value);
        }
    };
    note("onset_d", run.endpoints.onset_d());
    note("death_d", run.endpoints.death_d());
    let at = run.times.iter().position(|&age| (age - AGE).abs() < 1e-9);
    for name in OBSERVABLES {
        let curve = run.curve(name).expect("an observable of the model");
        note(name, at.map(|at| curve.values[at]));
    }
}

fn all_numbers(tight: bool) -> BTreeMap<(String, String, String), f64> {
    let model = Model::builtin().expect("the built-in model is sound");
    let mut found = BTreeMap::new();
    for path in scenarios() {
        let mut scenario = Scenario::load(&path, &model).expect("a sound scenario");
        // Cohorts are many animals; the one that they vary about is in the other scenarios.
        if scenario.cohort.is_some() {
            continue;
        }
        if tight {
            scenario.solver.rtol = 1e-10;
            scenario.solver.atol = 1e-12;
        }
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        for run in simulate(&model, &scenario).expect("a scenario that fits") {
            assert_eq!(run.endpoints.status, Status::Ok, "{stem}, {}", run.arm);
            numbers(&stem, &run, &mut found);
        }
    }
    found
}

#[test]
fn the_numbers_of_every_scenario_are_those_of_the_reference() {
    let path = root().join("tests/reference/scenarios.csv");
    if std::env::var_os("GUTBRAIN_RENEW_REFERENCE").is_some() {
        let mut text = "scenario,arm,quantity,value\n".to_owned();
        for ((scenario, arm, quantity), value) in all_numbers(true) {
            assert!(!arm.contains([',', '"']), "{arm}");
            text.push_str(&format!("{scenario},{arm},{quantity},{value:.9e}\n"));
        }
        overwrite_file(&path, text.as_bytes()).expect("the reference is written");
    }
    let text = std::fs::read_to_string(&path).expect("the reference");
    let reference: BTreeMap<_, f64> = text
        .lines()
        .skip(1)
        .map(|line| {
            let parts: Vec<&str> = line.split(',').collect();
            let [scenario, arm, quantity, value] = parts.as_slice() else {
                panic!("{line}");
            };
            let key = (
                (*scenario).to_owned(),
                (*arm).to_owned(),
                (*quantity).to_owned(),
            );
            (key, value.parse().expect("a number"))
        })
        .collect();
    let now = all_numbers(false);
    let mut changes = Vec::new();
    for key in reference
        .keys()
        .chain(now.keys().filter(|key| !reference.contains_key(*key)))
    {
        let (then, now) = (reference.get(key), now.get(key));
        let agrees = match (then, now) {
            (Some(then), Some(now)) => (then - now).abs() <= KNOWN_TO * then.abs() + NOTHING,
            _ => false,
        };
        if !agrees {
            changes.push(format!("{key:?}: {then:?} became {now:?}"));
        }
    }
    assert!(
        changes.is_empty(),
        "{} of {} numbers changed. A numerical change belongs into CHANGELOG.md; then renew the \
         reference with GUTBRAIN_RENEW_REFERENCE=1 cargo test --test it biology::reference\n{}",
        changes.len(),
        reference.len(),
        changes[..changes.len().min(20)].join("\n")
    );
}
