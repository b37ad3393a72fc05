//! Calibration: known parameters are found again; faults and failures are told.

use std::collections::BTreeMap;

use gutbrain::analysis::calibrate::{Calibration, FitReport, Setting, apply, fit};
use gutbrain::model::Model;
use gutbrain::scenario::Scenario;
use gutbrain::simulate::Experiment;
use gutbrain_network::{Faults, Source};

use crate::simulation::toy::{self, arm, assert_near, files, infusion, model, model_of, scenario};

fn scenarios() -> BTreeMap<String, Scenario> {
    let arms = || {
        vec![
            arm("control", vec![]),
            arm("drug", vec![infusion(4.0, 20.0, 60.0)]),
        ]
    };
    let of = |preset: &str| {
        let mut scenario = scenario(preset, arms());
        scenario.simulation.start = 5.0;
        scenario.simulation.stop = 100.0;
        scenario.solver.rtol = 1e-8;
        scenario.solver.atol = 1e-8;
        scenario
    };
    BTreeMap::from([
        ("sick.toml".to_owned(), of("sick")),
        ("healthy.toml".to_owned(), of("healthy")),
    ])
}

const TARGETS: [(&str, &str, &str, f64); 8] = [
    ("sick.toml", "control", "onset", 1.0),
    ("sick.toml", "control", "death", 1.0),
    ("sick.toml", "drug", "difference death vs control", 1.0),
    ("sick.toml", "drug", "observable signal at 5", 0.05),
    ("sick.toml", "drug", "observable signal_fold at 40", 0.05),
    ("sick.toml", "drug", "observable central at 25", 0.1),
    ("sick.toml", "drug", "observable tissue at 50", 0.1),
    ("healthy.toml", "control", "death", 2.0),
];

const FITTED: [(&str, f64); 6] = [
    ("gain", 3.1),
    ("production", 1.4),
    ("elimination", 0.8),
    ("from_tissue", 0.33),
    ("toxicity", 0.0052),
    ("sick/toxicity", 0.0024),
];

/// Features of the toy at other parameter values: synthetic data.
fn synthetic(model: &Model) -> Vec<f64> {
    TARGETS
        .iter()
        .map(|&(name, arm, text, _)| {
            let scenario = &scenarios()[name];
            let features = [toy::feature(arm, text)];
            let experiment = Experiment::new(model, scenario, &features, 400.0).expect("it fits");
            let mut overrides = BTreeMap::new();
            for (id, value) in FITTED {
                let sick = name == "sick.toml";
                match id.split_once('/') {
                    Some((_, id)) if sick => overrides.insert(id.to_owned(), value),
                    None if !(sick && id == "toxicity") => overrides.insert(id.to_owned(), value),
                    _ => None,
                };
            }
            let evaluation = experiment.run(&overrides).expect("known parameters");
            evaluation.values[0].clone().expect("a value")
        })
        .collect()
}

fn text(data: &[f64], starts: usize, weight: f64) -> String {
    let ids: Vec<String> = FITTED.iter().map(|(id, _)| format!("\"{id}\"")).collect();
    let mut text = format!(
        "says = \"toy\"\nparameters = [{}]\nstarts = {starts}\nseed = 3\nhorizon = \"500 d\"\n\
         evaluations = 200\n[prior]\nweight = {weight}\n",
        ids.join(", ")
    );
    for (index, ((scenario, arm, feature, sd), value)) in TARGETS.iter().zip(data).enumerate() {
        text.push_str(&format!(
            "[[target]]\nname = \"t{index}\"\nscenario = \"{scenario}\"\narm = \"{arm}\"\n\
             feature = \"{feature}\"\nvalue = {value:?}\nsd = {sd:?}\n"
        ));
    }
    text
}

fn read(text: &str) -> Result<Calibration, Faults> {
    let source = Source::new("calibration/toy.toml", text);
    Calibration::read(&source, &model().declaration)
}

fn go(text: &str) -> FitReport {
    let model = model();
    let calibration = read(text).unwrap_or_else(|faults| panic!("{faults}"));
    let scenarios = scenarios();
    let setting = Setting::new(&model, &calibration, &scenarios).expect("it can be set up");
    fit(&setting)
}

#[test]
fn known_parameters_are_found_again() {
    let data = synthetic(&model());
    let report = go(&text(&data, 3, 0.0));
    assert_eq!(report.starts.len(), 3);
    assert!(report.best.is_some());
    assert!(report.objective.1.expect("an end") < 1e-8, "{report:#?}");
    for (line, (id, truth)) in report.parameters.iter().zip(FITTED) {
        assert_eq!(line.id, id);
        assert_near(line.after / truth, 1.0, 1e-4);
        assert!(!line.at_bound);
    }
    for line in &report.targets {
        assert!(line.after.expect("a value").1.abs() < 1e-3, "{line:?}");
    }
    assert_eq!(report.singular_values.len(), FITTED.len());
    assert!(report.singular_values.is_sorted_by(|a, b| a >= b));
}

#[test]
fn the_fit_is_the_same_at_any_number_of_threads() {
    let data = synthetic(&model());
    let text = text(&data, 2, 0.3);
    let reference = go(&text);
    for threads in [1, 3] {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .expect("a pool");
        assert_eq!(pool.install(|| go(&text)), reference);
    }
}

#[test]
fn priors_pull_and_the_end_is_stationary() {
    let data = synthetic(&model());
    let free = go(&text(&data, 1, 0.0));
    let held = go(&text(&data, 1, 30.0));
    let penalty = |report: &FitReport| -> f64 {
        report
            .parameters
            .iter()
            .filter_map(|line| line.prior)
            .map(|prior| prior * prior)
            .sum()
    };
    assert!(
        penalty(&held) < 0.5 * penalty(&free),
        "{} {}",
        penalty(&held),
        penalty(&free)
    );
    assert!(held.gradient.expect("an end") < 1e-3 * held.objective.1.expect("an end"));
    // A uniform or loguniform prior has no preference.
    assert_eq!(free.parameters[3].id, "from_tissue");
    assert_eq!(free.parameters[3].prior, None);
}

#[test]
fn fitted_values_go_back_into_the_files_and_nothing_else_changes() {
    let data = synthetic(&model());
    let report = go(&text(&data, 1, 0.0));
    let old = files();
    let changed = apply(&report, &old).expect("every value has a place");
    assert_eq!(changed.len(), 2);
    let (name, toy) = &changed[0];
    assert_eq!(name, "model/toy.toml");
    assert!(
        toy.contains("value = 0.8          # a comment that must stay"),
        "{toy}"
    );
    let lines = |text: &str| text.lines().count();
    assert_eq!(lines(toy), lines(&old[0].1));
    let differing = toy
        .lines()
        .zip(old[0].1.lines())
        .filter(|(a, b)| a != b)
        .count();
    assert_eq!(differing, 5);
    assert!(changed[1].1.contains("value = 0.0024"), "{}", changed[1].1);
    // The new model predicts the data as it stands, and its fit stays where it is.
    let mut files = old;
    for (name, text) in changed {
        let file = files
            .iter_mut()
            .find(|(known, _)| *known == name)
            .expect("a known file");
        file.1 = text;
    }
    let model = model_of(&files);
    let calibration = Calibration::read(
        &Source::new("calibration/toy.toml", text(&data, 1, 0.0).as_str()),
        &model.declaration,
    )
    .expect("it is valid");
    let scenarios = scenarios();
    let again = fit(&Setting::new(&model, &calibration, &scenarios).expect("set up"));
    assert!(again.objective.0.expect("a start") < 1e-6);
    for line in &again.parameters {
        assert_near(line.after / line.before, 1.0, 1e-4);
    }
}

#[test]
fn failed_points_are_refused_and_counted() {
    // The animal that should die at 480 d lies beyond the horizon of 200 d for a while.
    let text = "says = \"toy\"\nparameters = [\"toxicity\"]\nhorizon = \"200 d\"\n\
                evaluations = 100\n[prior]\nweight = 0\n\
                [[target]]\nname = \"late\"\nscenario = \"healthy.toml\"\narm = \"control\"\n\
                feature = \"death\"\nvalue = 480\nsd = 1\n";
    let report = go(text);
    assert!(report.starts[0].failures > 0, "{report:#?}");
    let death = report.targets[0]
        .after
        .expect("it never leaves what can be computed")
        .0;
    assert!((173.0..=200.0).contains(&death), "{death}");
    // A start without a value is told as such.
    let immortal = text.replace("200 d", "100 d");
    let report = go(&immortal);
    assert_eq!(report.best, None);
    assert_eq!(report.starts[0].objective, None);
    assert!(report.targets[0].note.contains("death"), "{report:#?}");
    assert_near(report.parameters[0].after, report.parameters[0].before, 0.0);
}

#[test]
fn a_band_is_content_inside() {
    let text = |low: f64, high: f64| {
        format!(
            "says = \"toy\"\nparameters = [\"toxicity\"]\n[prior]\nweight = 0\n\
             [[target]]\nname = \"late\"\nscenario = \"healthy.toml\"\narm = \"control\"\n\
             feature = \"death\"\nkind = \"band\"\nlow = {low:?}\nhigh = {high:?}\nsd = 2\n"
        )
    };
    let inside = go(&text(150.0, 190.0));
    assert_near(
        inside.parameters[0].after,
        inside.parameters[0].before,
        1e-12,
    );
    let outside = go(&text(200.0, 220.0));
    let death = outside.targets[0].after.expect("a value").0;
    assert!((200.0..=220.0).contains(&death), "{death}");
}

#[test]
fn faults_are_told_all_at_once_with_their_place() {
    let text = "says = \"toy\"\nparameters = [\"gian\", \"transgene\", \"infusion\", \"sick/gain\"]\n\
                straits = 3\n\
                [[target]]\nname = \"a\"\nevidence = [\"S9-99\"]\nscenario = \"sick.toml\"\n\
                arm = \"control\"\nfeature = \"deaths\"\nvalue = 3\nsd = 0\n\
                [[target]]\nname = \"b\"\nscenario = \"sick.toml\"\narm = \"control\"\n\
                feature = \"death\"\nkind = \"band\"\nlow = 3\nhigh = 2\nsd = 1\n";
    let faults = read(text).expect_err("it is full of faults");
    let told = faults.to_string();
    for part in [
        "calibration/toy.toml:2",
        "`gian`",
        "`gain`",
        "fixed",
        "no range",
        "`sick`",
        "straits",
        "S9-99",
        "deaths",
        "above zero",
        "below `low`",
    ] {
        assert!(told.contains(part), "{part} is not in:\n{told}");
    }
    assert!(read("parameters = 3").is_err());
    assert!(read("[[[[").is_err());
}

#[test]
fn a_value_that_every_preset_overrules_is_refused() {
    let text = "says = \"toy\"\nparameters = [\"toxicity\"]\n\
                [[target]]\nname = \"a\"\nscenario = \"sick.toml\"\narm = \"control\"\n\
                feature = \"death\"\nvalue = 90\nsd = 1\n";
    let calibration = read(text).expect("it is valid");
    let model = model();
    let scenarios = scenarios();
    let error = Setting::new(&model, &calibration, &scenarios).expect_err("overruled");
    assert!(error.to_string().contains("subject `sick`"), "{error}");
}
