//! Trials with entry, visits and endpoints of their own, on worms whose lives are known by hand: damage grows
//! evenly with `wear`, they stiffen at 0.3 and rest at 0.9; suppleness is what is not damaged.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::path::Path;

use gutbrain::analysis::trial::{
    Answer, Pool, Quantity, Treatment, TrialError, TrialResults, experiment, repeat,
};
use gutbrain::model::Model;
use gutbrain::scenario::{Scenario, ScenarioFile};
use gutbrain::study::{Memory, Setup, Silent, Study as _, TableFormat, TrialStudy};
use gutbrain_network::Source;
use gutbrain_statistics::random::Stream;
use gutbrain_statistics::samples;

fn model() -> Model {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/toy-family");
    Model::load(&folder).unwrap_or_else(|faults| panic!("{faults}"))
}

/// Worms that are spared half of their wear from `start` on, in a trial of one design.
fn text(start: &str, trial: &str, design: &str) -> String {
    format!(
        r#"
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
  start  = "{start}"
[trial]
{trial}
[[trial.designs]]
name = "worms"
litter_matched = false
{design}
"#
    )
}

fn scenario(start: &str, trial: &str, design: &str) -> Scenario {
    let text = text(start, trial, design);
    let scenario = Scenario::from_text("worms.toml", &text, &model());
    scenario.unwrap_or_else(|faults| panic!("{faults}"))
}

fn pool_of(scenario: &Scenario) -> Result<Pool, TrialError> {
    Pool::simulate(&model(), scenario, &scenario.trial, |_, _| Ok(()))
}

fn repeated(scenario: &Scenario) -> (Pool, TrialResults) {
    let pool = pool_of(scenario).unwrap_or_else(|error| panic!("{error}"));
    let results = repeat(&pool, &scenario.trial, 5, |_| Ok::<(), TrialError>(()));
    (pool, results.unwrap())
}

fn answer(results: &TrialResults, treatment: Treatment, quantity: Quantity) -> &Answer {
    let mut rows = results.answers.iter();
    let found = rows.find(|row| row.treatment == treatment && row.quantity == quantity);
    found.unwrap_or_else(|| panic!("no row of {quantity:?}"))
}

const SMALL: &str = "pool = 400\nreplicates = 2000\ngroup_sizes = [12]";

#[test]
fn slopes_are_those_of_the_worms() {
    let design = r#"
entry    = { at = "10 d" }
visits   = ["0 d", "3 d", "6 d", "9 d", "12 d"]
missing  = 0.1
dropout  = "0.005 1/day"
endpoint = { kind = "slope", observable = "suppleness", error = 0.02 }
"#;
    let scenario = scenario("10 d", SMALL, design);
    let (pool, results) = repeated(&scenario);
    let animals: Vec<_> = pool.litters.iter().flatten().collect();
    // Half of the wear, which is 0.9 over the age at rest where nothing else ended the life.
    let ended = animals.iter().filter(|it| it.control.event);
    let gains: Vec<f64> = ended.map(|it| 0.5 * 0.9 / it.control.time).collect();
    let truth = results.true_effects[0].unwrap();
    let expected = samples::mean(&gains).unwrap();
    assert!((truth / expected - 1.0).abs() < 0.02, "{truth} {expected}");
    let count = pool.entries[0].as_ref().unwrap();
    assert_eq!(count.asked(), 400);
    assert_eq!(count.ended, 400 - count.entered);
    let found = answer(&results, Treatment::Model, Quantity::MeanOfEndpoint);
    let half = found.upper.unwrap() - found.value.unwrap();
    let off = (found.value.unwrap() - truth).abs();
    assert!(off < 2.5 * half, "{found:?} {truth}");
    let power = answer(&results, Treatment::Model, Quantity::Significant);
    assert!(power.value.unwrap() > 0.9, "{power:?}");
    // Four standard errors of 2,000 experiments.
    let level = answer(&results, Treatment::Null, Quantity::Significant);
    assert!((level.value.unwrap() - 0.05).abs() < 0.0195, "{level:?}");
    let null = answer(&results, Treatment::Null, Quantity::MeanOfEndpoint);
    assert!(null.value.unwrap().abs() < 0.02 * truth, "{null:?}");
}

#[test]
fn ranks_and_ratios_find_what_is_there_and_keep_their_level() {
    let rest = r#"
allocation = "2:1"
entry      = { at = "stiffening" }
visits     = ["0 d", "5 d", "10 d"]
missing    = 0.1
"#;
    for (kind, sign) in [("joint-rank", 1.0), ("ratio", 1.0)] {
        let endpoint = format!(
            "endpoint = {{ kind = \"{kind}\", observable = \"suppleness\", error = 0.02 }}"
        );
        let (_, results) = repeated(&scenario("stiffening", SMALL, &format!("{rest}{endpoint}")));
        let truth = results.true_effects[0].unwrap();
        assert!(sign * truth > 0.1, "{kind} {truth}");
        let power = answer(&results, Treatment::Model, Quantity::Significant);
        assert!(power.value.unwrap() > 0.8, "{kind} {power:?}");
        let wrong = answer(&results, Treatment::Model, Quantity::WrongSign);
        assert!(wrong.value.unwrap() <= 0.0, "{kind} {wrong:?}");
        let level = answer(&results, Treatment::Null, Quantity::Significant);
        assert!(
            (level.value.unwrap() - 0.05).abs() < 0.0195,
            "{kind} {level:?}"
        );
    }
}

#[test]
fn survival_from_entry_is_followed_to_its_end() {
    let design =
        "entry = { at = \"stiffening\" }\nendpoint = { kind = \"survival\", to = \"40 d\" }";
    let (pool, results) = repeated(&scenario("stiffening", SMALL, design));
    // From 0.3 to 0.9 it is 0.6 over the wear, and twice as long when spared; neither beyond 40 d.
    let animals = pool.litters.iter().flatten();
    let seen = animals.filter(|it| it.control.event && it.treated.event);
    let gains = seen.map(|it| {
        let left = 2.0 / 3.0 * it.control.time;
        (2.0 * left).min(40.0) - left.min(40.0)
    });
    let expected = samples::mean(&gains.collect::<Vec<_>>()).unwrap();
    let truth = results.true_effects[0].unwrap();
    assert!((truth - expected).abs() < 0.5, "{truth} {expected}");
    let found = answer(&results, Treatment::Model, Quantity::MeanEffect);
    assert!(
        (found.value.unwrap() - truth).abs() < 0.05 * truth,
        "{found:?} {truth}"
    );
}

#[test]
fn whoever_meets_all_windows_enters() {
    let design = r#"
visits   = ["0 d", "3 d", "6 d"]
endpoint = { kind = "slope", observable = "suppleness" }
[trial.designs.entry]
at = "stiffening + 1 d"
windows = [
  { of = "age", from = "13 d", to = "19 d" },
  { of = "suppleness", from = 0.676 },
  { of = "time since stiffening", from = "0.5 d", to = "1.5 d" },
]
"#;
    let scenario = scenario(
        "stiffening + 1 d",
        "pool = 400\nreplicates = 10\ngroup_sizes = [4]",
        design,
    );
    let pool = pool_of(&scenario).unwrap();
    let (mut inside, mut outside) = (0, 0);
    for animal in pool.litters.iter().flatten() {
        if !animal.control.event {
            continue;
        }
        let wear = 0.9 / animal.control.time;
        let age = 0.3 / wear + 1.0;
        // A worm at the edge is not judged: it is known to the solver's tolerance only.
        let enters = age > 13.0 && age < 19.0 && 0.7 - wear > 0.676;
        let near = [age - 13.0, age - 19.0, 100.0 * (0.024 - wear)];
        if near.iter().any(|off| off.abs() < 1e-3) {
            continue;
        }
        assert_eq!(animal.entered[0].is_some(), enters, "{animal:?}");
        inside += usize::from(enters);
        outside += usize::from(!enters);
        if let Some(entered) = &animal.entered[0] {
            let values = &entered.lives[0].values;
            assert!((values[0].unwrap() - (0.7 - wear)).abs() < 1e-6);
            // The treatment begins at entry, and halves the wear.
            let loss = [0, 1].map(|arm| {
                let values = &entered.lives[arm].values;
                values[0].unwrap() - values[2].unwrap()
            });
            assert!((loss[0] - 6.0 * wear).abs() < 1e-6);
            // Entry and visits lie between days of the output: they are solved for, without lines that cut corners.
            assert!((loss[1] - 3.0 * wear).abs() < 1e-6);
        }
    }
    assert!(inside > 50 && outside > 50, "{inside} {outside}");
}

#[test]
fn a_control_has_as_many_treated_as_the_design_allots() {
    for litters in ["litter_matched = false", "whole_litters = true"] {
        let design = format!("allocation = \"3:1\"\nentry = {{ at = \"5 d\" }}\n{litters}");
        let design = design.replace("litter_matched = false\n", "");
        let text = text(
            "10 d",
            "pool = 400\nreplicates = 10\ngroup_sizes = [5]",
            &design,
        );
        let text = match litters {
            "whole_litters = true" => text,
            _ => text.replacen("litter_matched = false\n", "", 1),
        };
        let scenario = Scenario::from_text("worms.toml", &text, &model()).unwrap();
        let pool = pool_of(&scenario).unwrap();
        let mut stream = Stream::new(1, "trial", 0);
        let design = &scenario.trial.designs[0];
        let drawn = experiment(&pool, design, 5, Treatment::Model, &mut stream);
        assert_eq!(drawn.observed.each_ref().map(Vec::len), [5, 15]);
    }
}

#[test]
fn impossible_designs_are_refused_with_the_share_that_enters() {
    let small = "pool = 100\nreplicates = 10\ngroup_sizes = [4]";
    let refused = |stop: &str, design: &str| {
        let text = text("stiffening", small, design).replace("200 d", stop);
        let file = ScenarioFile::parse(&Source::new("worms.toml", text)).unwrap();
        let setup = Setup::new(model(), file).unwrap_or_else(|faults| panic!("{faults}"));
        let study = TrialStudy::new(&setup, TableFormat::Csv).unwrap();
        let ended = study.run(&mut Memory::default(), &Silent);
        ended
            .err()
            .unwrap_or_else(|| panic!("{design} was run"))
            .to_string()
    };
    let never = "entry = { at = \"stiffening\", windows = [{ of = \"age\", from = \"100 d\" }] }";
    let said = refused("200 d", never);
    assert!(
        said.contains("needs 8 animals, and 0 of 100 of the pool enter (0.0 %)"),
        "{said}"
    );
    assert!(said.contains("outside the window of `age`"), "{said}");
    let late = "entry = { at = \"stiffening + 300 d\" }";
    let said = refused("200 d", late);
    assert!(
        said.contains("0 of 100") && said.contains("end before entry"),
        "{said}"
    );
    let beyond = "entry = { at = \"stiffening\" }\nvisits = [\"0 d\", \"10 d\", \"20 d\"]\n\
                  endpoint = { kind = \"slope\", observable = \"suppleness\" }";
    let said = refused("30 d", beyond);
    assert!(
        said.contains("outside of the output") && said.contains(" %)"),
        "{said}"
    );
}

#[test]
fn one_that_comes_too_late_is_left_out_and_counted() {
    let design = "entry = { at = \"stiffening\" }\nvisits = [\"0 d\", \"10 d\", \"20 d\"]\n\
                  endpoint = { kind = \"slope\", observable = \"suppleness\" }";
    let small = "pool = 400\nreplicates = 10\ngroup_sizes = [4]";
    let whole = pool_of(&scenario("stiffening", small, design)).unwrap();
    let animals = whole.litters.iter().flatten();
    let entered = animals.filter(|it| it.entered[0].is_some() && it.control.time > 30.0);
    let mut last: Vec<f64> = entered.map(|it| it.control.time / 3.0 + 20.0).collect();
    last.sort_by(f64::total_cmp);
    // The scenario ends between the last visits of the third and the fourth from the end.
    let middle = last[last.len() - 4].midpoint(last[last.len() - 3]);
    let text = text("stiffening", small, design).replace("200 d", &format!("{middle} d"));
    let scenario = Scenario::from_text("worms.toml", &text, &model()).unwrap();
    let pool = pool_of(&scenario).unwrap();
    let (count, all) = (
        pool.entries[0].as_ref().unwrap(),
        whole.entries[0].as_ref().unwrap(),
    );
    // Those who are spared may live up to a last visit that they would not have reached otherwise.
    assert!((3..=6).contains(&count.beyond), "{count:?}");
    assert_eq!(count.entered + count.beyond, all.entered);
    let said = count.reasons(&scenario.trial.designs[0].course);
    let late = format!("{} come so late that the scenario ends", count.beyond);
    assert!(said.contains(&late), "{said}");
}

#[test]
fn a_run_in_lets_those_go_on_who_lost_what_was_asked() {
    let design = r#"
visits   = ["0 d", "3 d", "6 d"]
endpoint = { kind = "slope", observable = "suppleness" }
[trial.designs.entry]
at      = "stiffening"
run_in  = "4 d"
changes = [{ of = "suppleness", from = -0.11, to = -0.09 }]
"#;
    let small = "pool = 400\nreplicates = 10\ngroup_sizes = [4]";
    let pool = pool_of(&scenario("stiffening + 4 d", small, design)).unwrap();
    let (mut inside, mut outside) = (0, 0);
    for animal in pool.litters.iter().flatten().filter(|it| it.control.event) {
        let wear = 0.9 / animal.control.time;
        let goes_on = 4.0 * wear > 0.09 && 4.0 * wear < 0.11;
        if (4.0 * wear - 0.09).abs() < 1e-4 || (4.0 * wear - 0.11).abs() < 1e-4 {
            continue;
        }
        assert_eq!(animal.entered[0].is_some(), goes_on, "{wear}");
        inside += usize::from(goes_on);
        outside += usize::from(!goes_on);
        if let Some(entered) = &animal.entered[0] {
            // Visits are counted from the end of the run-in, where the treatment begins.
            let at = |arm: usize, visit: usize| entered.lives[arm].values[visit].unwrap();
            assert!((at(0, 0) - (0.7 - 4.0 * wear)).abs() < 1e-6);
            assert!((at(1, 0) - at(1, 2) - 3.0 * wear).abs() < 1e-6);
        }
    }
    assert!(inside > 20 && outside > 20, "{inside} {outside}");
}

#[test]
fn strata_make_the_arms_alike() {
    let design = |strata: &str| {
        format!(
            "visits = [\"0 d\", \"3 d\", \"6 d\"]\nendpoint = {{ kind = \"slope\", observable = \"suppleness\" }}\n\
             [trial.designs.entry]\nat = \"stiffening + 2 d\"\n{strata}"
        )
    };
    let small = "pool = 400\nreplicates = 10\ngroup_sizes = [20]";
    let strata =
        "strata = [{ of = \"fall of suppleness since birth-of-nobody\", at = \"0.1 1/day\" }]";
    let text_of = |strata: &str| text("stiffening + 2 d", small, &design(strata));
    let faults = Scenario::from_text("worms.toml", &text_of(strata), &model()).unwrap_err();
    assert!(
        faults
            .to_string()
            .contains("nothing that time is counted from"),
        "{faults}"
    );
    // Loss before stiffening counts as well: (0.3 + 2 wear) / 2 d.
    let strata =
        "strata = [{ of = \"fall of suppleness since stiffening\", at = \"0.172 1/day\" }]";
    let scenario = Scenario::from_text("worms.toml", &text_of(strata), &model());
    let scenario = scenario.unwrap_or_else(|faults| panic!("{faults}"));
    let pool = pool_of(&scenario).unwrap();
    let animals = || pool.litters.iter().flatten().filter(|it| it.control.event);
    for animal in animals() {
        let Some(entered) = &animal.entered[0] else {
            continue;
        };
        let wear = 0.9 / animal.control.time;
        if (wear - 0.022).abs() > 1e-4 {
            assert_eq!(entered.stratum, u64::from(wear > 0.022), "{wear}");
        }
    }
    let uneven = |with: &Scenario| {
        let pool = pool_of(with).unwrap();
        let off = (0..200).map(|number| {
            let mut stream = Stream::new(1, "trial", number);
            let drawn = experiment(
                &pool,
                &scenario.trial.designs[0],
                20,
                Treatment::Null,
                &mut stream,
            );
            let upper = |arm: usize| drawn.strata[arm].iter().filter(|it| **it == 1).count();
            assert_eq!(drawn.strata.each_ref().map(Vec::len), [20, 20]);
            upper(0).abs_diff(upper(1))
        });
        off.max().unwrap()
    };
    assert!(uneven(&scenario) <= 1);
    let faults = Scenario::from_text(
        "worms.toml",
        &text_of(strata).replace("litter_matched = false", "litter_matched = true"),
        &model(),
    );
    assert!(
        faults
            .unwrap_err()
            .to_string()
            .contains("by litter and by stratum")
    );
}

/// Leaving for what was seen does not bias a slope; leaving for what nobody sees does.
#[test]
fn leaving_follows_what_is_measured() {
    let design = |leaving: &str| {
        format!(
            "entry = {{ at = \"10 d\" }}\nvisits = [\"0 d\", \"2 d\", \"4 d\", \"6 d\"]\n\
             dropout = \"0.05 1/day\"\n{leaving}\n\
             endpoint = {{ kind = \"slope\", observable = \"suppleness\", error = 0.05 }}"
        )
    };
    let small = "pool = 600\nreplicates = 400\ngroup_sizes = [60]";
    let found = |leaving: &str| {
        let (pool, results) = repeated(&scenario("10 d", small, &design(leaving)));
        let animals = pool.litters.iter().flatten();
        let slopes = animals.filter_map(|it| {
            let values = &it.entered[0].as_ref()?.lives[0].values;
            Some((values[3]? - values[0]?) / 6.0)
        });
        let control = samples::mean(&slopes.collect::<Vec<_>>()).unwrap();
        let mean = answer(&results, Treatment::Model, Quantity::MeanOfEndpoint);
        let truth = results.true_effects[0].unwrap();
        (mean.value.unwrap() / truth, control)
    };
    let seen = "leaving = { usual = 0.6, doubles = -0.05 }";
    let unseen = "leaving = { usual = 0.6, doubles = -0.05, by = \"unseen\" }";
    let (seen, _) = found(seen);
    let (unseen, _) = found(unseen);
    assert!((seen - 1.0).abs() < 0.03, "{seen}");
    assert!(unseen < seen - 0.01, "{seen} {unseen}");
}

#[test]
fn mistakes_of_designs_are_found_before_anything_runs() {
    let slope = "endpoint = { kind = \"slope\", observable = \"suppleness\" }";
    let cases = [
        (
            format!("visits = [\"0 d\", \"9 d\"]\n{slope}"),
            "a slope needs 3 visits; there are 2",
        ),
        (slope.to_owned(), "a slope needs 3 visits; there are 0"),
        (
            format!("visits = [\"0 d\", \"9 d\", \"300 d\"]\n{slope}"),
            "the last visit of `worms` is at 300 d, after the scenario ends",
        ),
        (
            "endpoint = { kind = \"ratio\", observable = \"supplenes\" }".to_owned(),
            "did you mean `suppleness`?",
        ),
        (
            "endpoint = { kind = \"ratio\" }".to_owned(),
            "a ratio needs an `observable`",
        ),
        (
            "endpoint = { observable = \"water\" }".to_owned(),
            "`endpoint.observable` says nothing of survival",
        ),
        ("missing = 1.5".to_owned(), "`missing` must be a share"),
        ("dropout = 0.1".to_owned(), "`dropout` needs a unit"),
        (
            "entry = { at = \"300 d\" }".to_owned(),
            "is not before the scenario ends",
        ),
        (
            "entry = { windows = [{ of = \"water\", from = \"9 mM\", to = \"8 mM\" }] }".to_owned(),
            "nobody has `water` from 9 to 8",
        ),
        (
            "entry = { windows = [{ of = \"time since stifening\" }] }".to_owned(),
            "did you mean `stiffening`?",
        ),
        (
            "entry = { windows = [{ of = \"weight\" }] }".to_owned(),
            "nothing that entry can be asked",
        ),
        (
            "entry = { windows = [{ of = \"age\" }] }".to_owned(),
            "the window of `age` has no bound: it keeps nobody out",
        ),
        (
            "visits = [\"0 d\", \"9 d\"]".to_owned(),
            "`visits` of `worms` has no meaning: nothing is measured",
        ),
        (
            "missing = 0.1\nendpoint = { kind = \"survival\" }".to_owned(),
            "`missing` of `worms` has no meaning",
        ),
        (
            format!(
                "visits = [\"0 d\", \"9 d\", \"12 d\"]\n{slope}\nleaving = {{ usual = 1, doubles = -1 }}"
            ),
            "`leaving` says how `dropout` follows",
        ),
        (
            "entry = { at = \"9 d\", changes = [{ of = \"suppleness\", to = -0.1 }] }".to_owned(),
            "changes are those over a run-in, and there is none",
        ),
    ];
    for (design, says) in cases {
        let text = text("10 d", "pool = 100", &design);
        let faults = Scenario::from_text("worms.toml", &text, &model()).unwrap_err();
        let said = faults.to_string();
        assert!(said.contains(says), "{design}\n{said}");
        assert!(said.contains("worms.toml:"), "{said}");
    }
}
