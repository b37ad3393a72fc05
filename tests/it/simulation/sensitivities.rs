//! Exact derivatives of features against central differences.

use std::collections::BTreeMap;

use gutbrain::scenario::{Operation, Scenario, When};
use gutbrain::simulate::{Experiment, Feature, Missing};

use crate::simulation::toy::{
    self, arm, assert_near, dosed, during, model, once, parameter, scenario, species,
};

const PARAMETERS: [&str; 13] = [
    "production",
    "decay",
    "half",
    "gain",
    "transgene",
    "toxicity",
    "potency",
    "elimination",
    "bioavailability",
    "from_tissue",
    "neurons_at_birth",
    "onset_level",
    "death_level",
];

fn sick() -> Scenario {
    let course = When::between(20.0, 60.0);
    let pulse = When::at(40.0);
    let arms = vec![
        arm("control", vec![]),
        arm(
            "drug",
            vec![
                // What a dose comes to depends on parameters and on the resting state.
                dosed("drug", 5.0, parameter("infusion"), Operation::Set, course),
                dosed(
                    "signal-pulse",
                    0.4,
                    species("signal"),
                    Operation::Add,
                    pulse,
                ),
                once("central", Operation::Add, 6.0, 30.0),
                once("central", Operation::Scale, 0.5, 33.0),
                during(species("signal"), Operation::Set, 1.1, 62.0, 66.0),
            ],
        ),
    ];
    let mut scenario = scenario("sick", arms);
    scenario.simulation.start = 5.0;
    scenario.simulation.stop = 100.0;
    scenario.solver.rtol = 1e-12;
    scenario.solver.atol = 1e-12;
    scenario
}

fn features() -> Vec<Feature> {
    [
        ("control", "onset"),
        ("control", "death"),
        ("drug", "death"),
        ("drug", "difference death vs control"),
        ("drug", "ratio onset vs control"),
        ("drug", "observable signal_fold at 45"),
        ("drug", "observable central at 45 d"),
        ("drug", "observable neurons at 64"),
        ("drug", "slope neurons from 30 to 70"),
        ("control", "relative slope neurons from 30 to 70"),
        ("drug", "maximum central from 20.5 to 59.5"),
        ("control", "observable signal at 5"),
        ("drug", "minimum central from 29 to 34"),
        ("drug", "area central from 25 to 41.3"),
        ("drug", "area signal_fold from 20.5 to 70"),
        ("drug", "maximum tissue from 20.5 to 50"),
    ]
    .map(|(arm, text)| toy::feature(arm, text))
    .to_vec()
}

fn values(experiment: &Experiment, overrides: &BTreeMap<String, f64>) -> Vec<f64> {
    let evaluation = experiment.run(overrides).expect("known parameters");
    evaluation
        .values
        .into_iter()
        .map(|value| value.expect("a value"))
        .collect()
}

/// Richardson: (4 D(h/2) − D(h)) / 3 with D the central difference.
fn differences(experiment: &Experiment, parameter: &str, at: f64, step: f64) -> Vec<f64> {
    let central = |h: f64| -> Vec<f64> {
        let side = |p: f64| values(experiment, &BTreeMap::from([(parameter.to_owned(), p)]));
        let (up, down) = (side(at + h), side(at - h));
        up.iter()
            .zip(down)
            .map(|(u, d)| (u - d) / (2.0 * h))
            .collect()
    };
    let (wide, narrow) = (central(step), central(0.5 * step));
    wide.iter()
        .zip(narrow)
        .map(|(w, n)| (4.0 * n - w) / 3.0)
        .collect()
}

#[test]
fn exact_derivatives_agree_with_richardson_extrapolated_differences() {
    let experiment = Experiment::new(&model(), &sick(), &features(), 400.0).expect("it fits");
    let ids = PARAMETERS.map(str::to_owned);
    let exact = experiment
        .sensitivities(&BTreeMap::new(), &ids)
        .expect("known parameters")
        .expect("every feature has a value");
    let plain = values(&experiment, &BTreeMap::new());
    for (a, b) in exact.values.iter().zip(&plain) {
        assert_near(*a, *b, 1e-13);
    }
    for (column, id) in PARAMETERS.iter().enumerate() {
        let (value, _) = experiment.parameter(id).expect("it exists");
        let rough = differences(&experiment, id, value, 2e-3 * value);
        for (row, feature) in experiment.features().iter().enumerate() {
            // Relative to the largest scaled derivative of the feature, as the issue asks.
            let scale = PARAMETERS
                .iter()
                .enumerate()
                .map(|(k, id)| {
                    let (value, _) = experiment.parameter(id).expect("it exists");
                    (exact.derivatives[row][k] * value).abs()
                })
                .fold(0.0, f64::max);
            let error = (exact.derivatives[row][column] - rough[row]).abs() * value;
            assert!(
                error <= 1e-6 * scale,
                "d {feature} / d {id}: exact {}, differences {}, scale {scale}",
                exact.derivatives[row][column],
                rough[row]
            );
        }
    }
}

#[test]
fn derivatives_by_hand() {
    // Healthy: death at ln(n0 / level) / toxicity.
    let scenario = scenario("healthy", vec![arm("only", vec![])]);
    let features = [toy::feature("only", "death")];
    let experiment = Experiment::new(&model(), &scenario, &features, 400.0).expect("it fits");
    let ids = ["toxicity", "neurons_at_birth", "death_level", "production"].map(str::to_owned);
    let result = experiment
        .sensitivities(&BTreeMap::new(), &ids)
        .expect("known");
    let result = result.expect("it dies");
    let death = gutbrain_numbers::Real::ln(2.0_f64) / 0.004;
    assert_near(result.values[0], death, 1e-9);
    assert_near(result.derivatives[0][0], -death / 0.004, 1e-8);
    assert_near(result.derivatives[0][1], 1.0 / 0.004, 1e-8);
    assert_near(result.derivatives[0][2], -2.0 / 0.004, 1e-8);
    // The resting signal is its own reference.
    assert_near(result.derivatives[0][3], 0.0, 1e-8);
}

#[test]
fn thread_counts_do_not_change_derivatives() {
    let experiment = Experiment::new(&model(), &sick(), &features(), 400.0).expect("it fits");
    let ids = PARAMETERS.map(str::to_owned);
    let go = || {
        experiment
            .sensitivities(&BTreeMap::new(), &ids)
            .expect("known")
            .expect("values")
    };
    let reference = go();
    for threads in [1, 3] {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .expect("a pool");
        assert_eq!(pool.install(go), reference);
    }
}

#[test]
fn what_is_not_reached_is_missing_and_what_lies_after_death_is_named() {
    let features = [
        toy::feature("control", "death"),
        toy::feature("control", "observable neurons at 380"),
    ];
    let experiment = Experiment::new(&model(), &sick(), &features, 400.0).expect("it fits");
    let evaluation = experiment.run(&BTreeMap::new()).expect("known");
    assert_eq!(evaluation.after_death, [1]);
    let immortal = BTreeMap::from([("toxicity".to_owned(), 1e-5)]);
    let evaluation = experiment.run(&immortal).expect("known");
    assert_eq!(
        evaluation.values[0],
        Err(Missing::NotReached(toy::endpoint("death")))
    );
    assert!(evaluation.values[1].is_ok());
    assert!(evaluation.after_death.is_empty());
    let unknown = BTreeMap::from([("no_such".to_owned(), 1.0)]);
    assert!(experiment.run(&unknown).is_err());
    for (arm, text) in [("nobody", "death"), ("control", "observable nothing at 60")] {
        let features = [toy::feature(arm, text)];
        assert!(
            Experiment::new(&model(), &sick(), &features, 400.0).is_err(),
            "{arm} {text}"
        );
    }
}

#[test]
fn features_read_as_they_are_written() {
    let mouse = gutbrain::model::Model::builtin().expect("the built-in model is sound");
    let endpoints = mouse.declaration.family.endpoints;
    for text in [
        "death",
        "onset",
        "paralysis",
        "observable leak_fold at 60 d",
        "slope weight from 20 d to 60.5 d",
        "relative slope weight from 20 d to 60 d",
        "maximum il17 from 20 d to 60 d",
        "minimum il17 from 20 d to 60 d",
        "difference death vs control",
        "ratio observable leak_fold at 60 d vs an arm with blanks",
    ] {
        let feature = Feature::parse("a", text, &endpoints).expect(text);
        assert_eq!(feature.to_string(), text);
    }
    for text in [
        "",
        "deaths",
        "observable x",
        "difference death",
        "slope x from 5 to 3",
        "ratio vs x",
    ] {
        assert!(Feature::parse("a", text, &endpoints).is_err(), "{text}");
    }
    for text in [
        "observable x at -3",
        "observable x at nan",
        "observable x at inf",
    ] {
        assert!(Feature::parse("a", text, &endpoints).is_err(), "{text}");
    }
}
