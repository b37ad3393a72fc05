//! Attribution of the effect of butyrate over the pathways of the shipped model.

use std::collections::BTreeMap;

use gutbrain::analysis::attribute::{AttributeError, Attribution, Split, Vectors, attribute};
use gutbrain::model::Model;
use gutbrain::posterior::Posterior;
use gutbrain::scenario::{Overrides, Scenario};
use gutbrain::simulate::feature::Reading;
use gutbrain::simulate::{Experiment, Feature};
use gutbrain::study::{
    AttributeStudy, Memory, Progress, Setup, Silent, Study as _, StudyError, StudySummary,
    ValidateStudy, ValidationSetup,
};
use gutbrain_network::Source;

const TEXT: &str = r#"
[subject]
preset = "mouse-g93a-b6sjl"

[simulation]
start = "21 d"
stop  = "200 d"

[[arm]]
name = "control"

[[arm]]
name = "same"

[[arm]]
name = "butyrate"
  [[arm.intervention]]
  kind  = "butyrate-water"
  dose  = "2 %"
  start = "38 d"

[[arm]]
name = "without Treg"
  [[arm.perturbation]]
  target = "modulator.butyrate_raises_treg"
  action = "off"
  start  = "38 d"
"#;

/// Splits the reading of an arm against that of its reference, past the carriers.
fn split(
    model: &Model,
    scenario: &Scenario,
    (reference, arm): (&str, &str),
    reading: &Reading,
    vectors: Option<Vectors<'_>>,
) -> Result<Attribution, AttributeError> {
    let split = Split {
        reference,
        arm,
        reading,
        carriers: &model.declaration.family.carriers,
        vectors,
    };
    attribute(model, scenario, &split, &|_, _| Ok(()))
}

#[test]
fn the_effect_of_butyrate_is_split_over_its_actions() {
    let model = Model::builtin().expect("the built-in model is sound");
    let scenario = Scenario::from_text("butyrate.toml", TEXT, &model).expect("it fits");
    let endpoints = &model.declaration.family.endpoints;
    let reading = Reading::parse("death", endpoints).expect("a feature");
    let found = split(&model, &scenario, ("control", "butyrate"), &reading, None).expect("a split");
    // It is the difference that a plain run gives, and it is split without remainder.
    let feature =
        Feature::parse("butyrate", "difference death vs control", endpoints).expect("a feature");
    let experiment = Experiment::new(&model, &scenario, &[feature], 600.0).expect("it compiles");
    let plain = experiment.run(&BTreeMap::new()).expect("it runs").values[0].clone();
    let plain = plain.expect("a difference");
    assert!(
        (plain - found.difference).abs() < 1e-3,
        "{plain} {}",
        found.difference
    );
    let sum = found
        .shares
        .iter()
        .fold(found.rest, |sum, it| sum + it.share);
    assert!(
        (sum - found.difference).abs() < 1e-9,
        "{sum} {}",
        found.difference
    );
    assert_eq!(found.unit, "d");

    let of = |pathway: &str| found.shares.iter().find(|it| it.pathway == pathway);
    for (pathway, gate) in [
        ("barrier", "modulator.butyrate_raises_zo1_ileum"),
        ("barrier", "process.high_butyrate_damages_zo1_ileum"),
        ("nfkb", "modulator.butyrate_inhibits_nfkb_colon"),
        ("treg_th17", "modulator.butyrate_raises_treg"),
        ("aggregates", "modulator.butyrate_clears_aggregates_ileum"),
        ("paneth", "modulator.butyrate_restores_paneth"),
    ] {
        let share = of(pathway).unwrap_or_else(|| panic!("{pathway}: {found:#?}"));
        assert!(share.gates.iter().any(|it| it == gate), "{gate} {share:?}");
    }
    // The direct action is switched off in the shipped model; gates lie before the loops they feed.
    assert!(of("direct").is_none());
    assert!(
        of("microglia").is_none() && of("motor_unit").is_none(),
        "{found:#?}"
    );
    // Barrier, Treg and NF-κB carry most of it: what is left without them is less than 40 %.
    let three: f64 = ["barrier", "treg_th17", "nfkb"]
        .iter()
        .filter_map(|pathway| Some(of(pathway)?.share))
        .fold(0.0, |sum, share| sum + share);
    assert!(three > 0.6 * found.difference, "{found:#?}");
    let grounds = found.grounds.expect("derivatives");
    let whole = grounds.assumed + grounds.both + grounds.evidence;
    assert!((whole - 1.0).abs() < 1e-9, "{grounds:?}");
}

#[test]
fn one_gate_carries_all_that_is_done_to_it_and_equal_arms_have_nothing_to_split() {
    let model = Model::builtin().expect("the built-in model is sound");
    let scenario = Scenario::from_text("gates.toml", TEXT, &model).expect("it fits");
    let endpoints = &model.declaration.family.endpoints;
    let reading = Reading::parse("observable treg_fold at 80", endpoints).expect("a feature");
    let found = split(
        &model,
        &scenario,
        ("control", "without Treg"),
        &reading,
        None,
    )
    .expect("a split");
    assert_eq!(found.shares.len(), 1, "{found:#?}");
    assert_eq!(found.shares[0].pathway, "treg_th17");
    assert!((found.shares[0].share - found.difference).abs() < 1e-12);
    assert!(found.rest.abs() < 1e-12, "{found:#?}");
    assert_eq!(found.open, None);
    // An ensemble of one vector, the shipped value, leaves nothing open; a second one does.
    let gain = &model.declaration.parameters["treg_butyrate_gain"];
    for (values, width) in [
        (vec![gain.value], 0.0),
        (vec![gain.value, 0.5 * gain.value], 0.1),
    ] {
        let weight = 1.0 / values.len() as f64;
        let mut text =
            "# dynamics: m\nvector,weight,log_likelihood,treg_butyrate_gain\n".to_owned();
        for (number, value) in (1..).zip(&values) {
            text.push_str(&format!("{number},{weight:?},-1,{value:?}\n"));
        }
        let source = Source::new("mouse.csv", text.as_str());
        let posterior = Posterior::read(&source).expect("an ensemble");
        let vectors = Vectors {
            posterior: &posterior,
            count: 2,
        };
        let found = split(
            &model,
            &scenario,
            ("control", "without Treg"),
            &reading,
            Some(vectors),
        )
        .expect("a split");
        let open = found.open.as_ref().expect("an ensemble");
        if width > 0.0 {
            let low = open.difference.q05.expect("values");
            let high = open.difference.q95.expect("values");
            let within = (low - 1e-4..=high + 1e-4).contains(&found.difference);
            assert!(within, "{low} {high} {}", found.difference);
            assert!(high - low > width * found.difference.abs(), "{low} {high}");
        } else {
            // One vector has a median and no interval.
            assert_eq!((open.difference.q05, open.difference.q95), (None, None));
            let median = open.difference.median.expect("a value");
            assert!((median - found.difference).abs() < 1e-3, "{median}");
            // Lives simulated together are those of the experiment, within the solver's tolerance.
            for (share, range) in found.shares.iter().zip(&open.shares) {
                assert!((share.share - range.median.expect("a value")).abs() < 1e-3);
            }
        }
        assert_eq!(
            (open.vectors, open.difference.missing),
            (posterior.vectors.len(), 0)
        );
    }
    let same = split(&model, &scenario, ("control", "same"), &reading, None);
    assert!(
        matches!(same, Err(AttributeError::SameArms(_, _))),
        "{same:?}"
    );
    let nobody = split(&model, &scenario, ("control", "nobody"), &reading, None);
    assert!(nobody.is_err());
}

/// Nobody who wants anything.
struct Cancelled;

impl Progress for Cancelled {
    fn begin(&self, _: &'static str, _: u64) {}

    fn advance(&self, _: u64, _: u64) {}

    fn end(&self) {}

    fn is_cancelled(&self) -> bool {
        true
    }

    fn warn(&self, _: &str) {}

    fn note(&self, _: &str) {}
}

#[test]
fn a_split_as_a_study_gives_its_files_from_memory_and_none_when_it_is_stopped() {
    let setup = Setup::from_text("gates.toml", TEXT).expect("it fits");
    let arms = ["control".to_owned(), "without Treg".to_owned()];
    let setup = setup
        .with(&Overrides {
            arms: arms.to_vec(),
            ..Overrides::default()
        })
        .expect("the arms are there");
    let study = AttributeStudy::new(&setup, "observable treg_fold at 80").expect("a question");
    let mut store = Memory::default();
    let stopped = study.run(&mut store, &Cancelled);
    assert!(matches!(stopped, Err(StudyError::Cancelled)), "{stopped:?}");
    assert!(store.files().is_empty());
    let finished = study.run(&mut store, &Silent).expect("a split");
    let names: Vec<&String> = store.files().keys().collect();
    let expected = [
        "attribution.csv",
        "figures/attribution.csv",
        "figures/attribution.pdf",
        "figures/attribution.png",
        "figures/attribution.svg",
        "scenario.toml",
        "summary.json",
    ];
    assert_eq!(names, expected);
    assert_eq!(finished.files, expected.len());
    let StudySummary::Attribution(found) = finished.summary else {
        panic!("a split")
    };
    assert_eq!((found.arm.as_str(), found.open), ("without Treg", None));
    for (question, words) in [
        ("death of a salesman", "is no feature"),
        ("", "is no feature"),
    ] {
        let error = AttributeStudy::new(&setup, question).expect_err("no feature");
        assert!(error.to_string().contains(words), "{error}");
    }
    // What stops it at once stops the scoreboard, too.
    let setup = ValidationSetup::builtin(Model::builtin().expect("a sound model"));
    let setup = setup.unwrap_or_else(|faults| panic!("{faults}"));
    let mut store = Memory::default();
    let stopped = ValidateStudy::new(&setup).run(&mut store, &Cancelled);
    assert!(matches!(stopped, Err(StudyError::Cancelled)), "{stopped:?}");
    assert!(store.files().is_empty());
}
