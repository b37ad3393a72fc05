//! Worms: a family of two endpoints of its own, a figure of its own and identities of its own, from the
//! folder `tests/fixtures/toy-family`. Every number is known by hand: damage grows evenly.

use std::path::Path;

use gutbrain::analysis::attribute::gates;
use gutbrain::model::Model;
use gutbrain::report::table::Table;
use gutbrain::results::tables::endpoint_kinds;
use gutbrain::scenario::{Scenario, ScenarioFile, json_schema};
use gutbrain::simulate::{Blueprint, EndOfLife, Feature, simulate};
use gutbrain::study::{Memory, RunStudy, Setup, Silent, Study as _};
use gutbrain_exchange::{build, sbml};
use gutbrain_network::Source;

/// Wear per day, and the damage at which a worm stiffens and rests.
const WEAR: f64 = 0.02;
const STIFF: f64 = 0.3;
const REST: f64 = 0.9;

const TEXT: &str = r#"
[subject]
preset = "worm-n2"
[simulation]
start = "0 d"
stop  = "200 d"
[[arm]]
name = "control"
[[arm]]
name = "spared"
  [[arm.perturbation]]
  target = "process.worm_wears_out"
  action = "scale"
  value  = 0.5
[[figure]]
kind = "wear-and-water"
"#;

fn model() -> Model {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/toy-family");
    Model::load(&folder).unwrap_or_else(|faults| panic!("{faults}"))
}

/// The files of a run of a scenario.
fn ran(text: &str) -> Memory {
    let file = ScenarioFile::parse(&Source::new("worms.toml", text)).expect("a scenario");
    let setup = Setup::new(model(), file).unwrap_or_else(|faults| panic!("{faults}"));
    let mut store = Memory::default();
    let finished = RunStudy::new(&setup).run(&mut store, &Silent);
    finished.expect("a run");
    store
}

fn text<'m>(store: &'m Memory, name: &str) -> &'m str {
    let known: Vec<&String> = store.files().keys().collect();
    let bytes = store
        .file(name)
        .unwrap_or_else(|| panic!("{name} is not among {known:?}"));
    std::str::from_utf8(bytes).expect("a text")
}

fn near(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-6, "{found}, not {expected}");
}

#[test]
fn a_run_has_the_endpoints_of_the_family() {
    let model = model();
    let scenario = Scenario::from_text("worms.toml", TEXT, &model).expect("it fits");
    let runs = simulate(&model, &scenario).expect("a run");
    for (run, wear) in runs.iter().zip([WEAR, WEAR / 2.0]) {
        let ends = &run.endpoints;
        assert_eq!(ends.event, EndOfLife::Death);
        near(ends.ages.of("stiffening").expect("stiff"), STIFF / wear);
        near(ends.ages.of("last-rest").expect("at rest"), REST / wear);
        assert_eq!(ends.onset_d(), ends.ages.of("stiffening"));
        assert_eq!(ends.death_d(), ends.ages.of("last-rest"));
        assert_eq!(ends.ages.of("paralysis"), None);
    }
    let store = ran(TEXT);
    let endpoints = text(&store, "endpoints.csv");
    let header = endpoints.lines().next().expect("a header");
    assert_eq!(
        header,
        "arm,subject,sex,stiffening_d,last_rest_d,last_d,event,status,reason"
    );
    let summary: serde_json::Value =
        serde_json::from_str(text(&store, "summary.json")).expect("JSON");
    near(
        summary["arms"]["control"]["last_rest_d"]
            .as_f64()
            .expect("an age"),
        REST / WEAR,
    );
    near(
        summary["comparisons"][0]["onset_difference_d"]
            .as_f64()
            .expect("a gain"),
        STIFF / WEAR,
    );
}

#[test]
fn figures_are_those_of_the_family_and_call_things_by_its_words() {
    let store = ran(TEXT);
    let drawn = text(&store, "figures/wear-and-water.svg");
    for word in ["Suppleness", "stiffening", "last-rest"] {
        assert!(drawn.contains(word), "{word} is not in the figure");
    }
    assert!(!drawn.contains("onset"));
    let data = text(&store, "figures/wear-and-water.csv");
    assert!(
        data.lines()
            .next()
            .is_some_and(|header| header.contains("suppleness") && header.contains("water"))
    );
    // Of a scenario that asks for none, what the family has chosen.
    let (plain, _) = TEXT.split_once("[[figure]]").expect("a figure");
    let store = ran(plain);
    assert!(text(&store, "figures/summary.csv").contains("suppleness"));
    let schema = json_schema(&model().declaration.family).to_string();
    assert!(schema.contains("wear-and-water") && !schema.contains("motor-and-weight"));
    let faults = Scenario::from_text(
        "worms.toml",
        &TEXT.replace("wear-and-water", "axis"),
        &model(),
    );
    let message = faults.expect_err("no such figure").to_string();
    assert!(message.contains("wear-and-water"), "{message}");
}

#[test]
fn a_cohort_has_a_survival_table_for_every_end_of_the_family() {
    let cohort = |more: &str| ran(&format!("{TEXT}[cohort]\nsubjects = 40\n{more}"));
    let rested = cohort("");
    let summary: serde_json::Value =
        serde_json::from_str(text(&rested, "summary.json")).expect("JSON");
    assert_eq!(summary["endpoint"], "until-rest");
    let kinds = endpoint_kinds(text(&rested, "endpoints.csv").as_bytes());
    let kinds: Vec<_> = kinds
        .iter()
        .map(|(name, kind)| (name.as_str(), *kind))
        .collect();
    let bytes = rested.file("endpoints.csv").expect("endpoints");
    let table = Table::from_csv("endpoints", bytes, &kinds).expect("a table");
    let events = table.texts("event").expect("events");
    // The rate of accidents is that of the parameter which the family names.
    for word in ["death", "other_death"] {
        assert!(events.iter().any(|event| event == word), "nobody: {word}");
    }
    let stiff = cohort("endpoint = \"until-stiff\"\nother_deaths = \"none\"\n");
    let summary: serde_json::Value =
        serde_json::from_str(text(&stiff, "summary.json")).expect("JSON");
    let median = summary["arms"]["control"]["median_survival_d"]
        .as_f64()
        .expect("a median");
    // Wear is spread around its median, and time is its inverse.
    assert!((0.85..1.15).contains(&(median * WEAR / STIFF)), "{median}");
    for store in [&rested, &stiff] {
        let survival = text(store, "survival.csv");
        assert!(survival.lines().count() > 20, "{survival}");
    }
    let refused = format!("{TEXT}[cohort]\nsubjects = 4\nendpoint = \"righting-reflex\"\n");
    let message = Scenario::from_text("worms.toml", &refused, &model());
    let message = message.expect_err("an end of mice").to_string();
    assert!(message.contains("until-rest"), "{message}");
}

#[test]
fn other_programs_are_told_what_the_family_says_of_species() {
    let model = model();
    let scenario = Scenario::from_text("worms.toml", TEXT, &model).expect("it fits");
    let blueprint = Blueprint::new(&model, &scenario, "control").expect("an arm");
    let written = sbml(&build(&model, &scenario, &blueprint).expect("it can be expressed"));
    for word in ["CHEBI:15377", "taxonomy:6239", "event_becomes_stiff"] {
        assert!(written.contains(word), "{word} is not in {written}");
    }
}

#[test]
fn features_and_attributions_use_its_words() {
    let model = model();
    let family = &model.declaration.family;
    let endpoints = &family.endpoints;
    let feature = Feature::parse("control", "duration stiffening to last-rest", endpoints);
    assert_eq!(
        feature.expect("a feature").to_string(),
        "duration stiffening to last-rest"
    );
    let fault = Feature::parse("control", "onset", endpoints).expect_err("an endpoint of mice");
    assert!(
        fault.to_string().contains("`stiffening`, `last-rest`"),
        "{fault}"
    );
    let scenario = Scenario::from_text("worms.toml", TEXT, &model).expect("it fits");
    let actions: Vec<_> = scenario.arms[1].actions.iter().collect();
    let found = gates(&model.declaration, &scenario, &actions, &family.carriers);
    assert_eq!(found.keys().collect::<Vec<_>>(), ["wear"]);
}
