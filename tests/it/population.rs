//! One population for every study: who the subjects are, what is drawn for them, and what is written of
//! them, whatever command asks.
//!
//! The model is that of `tests/it/cohort.rs` with two more endpoints: health falls exponentially, paralysis
//! comes at 0.6, death at 0.5; a second species passes the level of a loss of weight and is infinite at a
//! known age, so that some lives fail.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

use gutbrain::analysis::points::{Design, Points, Question, Row};
use gutbrain::analysis::sensitivity::Study;
use gutbrain::analysis::trial::{Pool, TrialError, two_arms};
use gutbrain::cohort::survival::ArmSurvival;
use gutbrain::cohort::{Cohort, Member, Subject};
use gutbrain::model::Model;
use gutbrain::report::table::{ColumnData, Table};
use gutbrain::results::cohort::CohortResults;
use gutbrain::results::sweep::SweepColumns;
use gutbrain::scenario::{
    COHORT_COLUMNS, CohortPlan, SUBJECT_COLUMNS, SWEEP_COLUMNS, Scenario, ScenarioFile, keys,
};
use gutbrain_network::declaration::Sex;
use gutbrain_network::{Declaration, Source};
use gutbrain_statistics::survival::{Confidence, KaplanMeier, Observation};

const ENDPOINTS: &str = r#"
[event.paralysis]
says      = "Health is at six tenths"
when      = "health - 0.6"
direction = "falling"
endpoint  = "paralysis"
assumed   = "test"

[event.weight]
says      = "The bomb has grown to twice its size"
when      = "bomb - 1"
direction = "rising"
endpoint  = "weight-loss"
assumed   = "test"
"#;

fn model() -> Model {
    let text = include_str!("../fixtures/cohort/model.toml").to_owned() + ENDPOINTS;
    let files = [
        Source::new("model/model.toml", text.as_str()),
        Source::new(
            "model/subjects/animal.toml",
            include_str!("../fixtures/cohort/animal.toml"),
        ),
        Source::new(
            "model/families/mouse.toml",
            include_str!("../fixtures/cohort/family.toml"),
        ),
    ];
    let declaration = Declaration::read(&files).unwrap_or_else(|faults| panic!("{faults}"));
    let dynamics = declaration.dynamics_hash([]);
    let vectors =
        "vector,weight,log_likelihood,rate\n1,0.5,-1,0.004\n2,0.25,-1,0.006\n3,0.25,-1,0.009\n";
    let mut model = Model::new(declaration, "population");
    model.posteriors.push(Source::new(
        "model/posterior/animal.csv",
        format!("# dynamics: {dynamics}\n{vectors}"),
    ));
    model
}

pub(super) const BASE: &str = r#"
seed = 5
[subject]
preset = "animal"
[simulation]
start = "0 d"
stop  = "200 d"
every = "20 d"
[[arm]]
name = "control"
[[arm]]
name = "treated"
  [[arm.perturbation]]
  target = "parameter.rate"
  action = "scale"
  value  = 0.8
  start  = "birth"
"#;

fn read(model: &Model, text: &str) -> Scenario {
    let found = Scenario::from_text("test.toml", text, model);
    found.unwrap_or_else(|faults| panic!("{faults}"))
}

fn members(model: &Model, scenario: &Scenario, plan: &CohortPlan) -> Vec<Member> {
    let cohort = Cohort::new(model, scenario, plan).unwrap();
    let mut all = Vec::new();
    let done: Result<(), ()> = cohort.simulate(|block| {
        all.extend(block);
        Ok(())
    });
    done.unwrap();
    all
}

fn texts<'t>(table: &'t Table, column: &str) -> &'t [String] {
    match &table.column(column).unwrap().data {
        ColumnData::Text(values) => values,
        other => panic!("{column}: {other:?}"),
    }
}

/// The table as it is read from its file.
fn read_back(table: &Table) -> Table {
    Table::from_csv(&table.name, table.to_csv().unwrap().as_bytes(), &[]).unwrap()
}

#[test]
fn survival_can_be_estimated_again_from_the_endpoints() {
    let model = model();
    for (endpoint, ends) in [
        ("righting-reflex", &["death_d"][..]),
        ("paralysis", &["death_d", "paralysis_d"]),
        (
            "paralysis-or-weight",
            &["death_d", "paralysis_d", "weight_loss_d"],
        ),
    ] {
        let text = format!("{BASE}[cohort]\nsubjects = 120\nendpoint = \"{endpoint}\"\n");
        let scenario = read(&model, &text);
        let plan = scenario.cohort.clone().unwrap();
        let cohort = Cohort::new(&model, &scenario, &plan).unwrap();
        let mut results = CohortResults::new(&model, &scenario, &plan, &cohort);
        results.add(members(&model, &scenario, &plan));
        results.sort();
        let (_, failed) = results.counts();
        let table = read_back(&results.endpoints());
        let written = read_back(&results.survival_table(&results.survival()));
        let ages = |name: &str| table.numbers(name).unwrap();
        let (arms, event) = (texts(&table, "arm"), texts(&table, "event"));
        let mut steps = Vec::new();
        let mut unseen = 0;
        for arm in ["control", "treated"] {
            let mut observed = Vec::new();
            for row in (0..table.rows()).filter(|row| arms[*row] == arm) {
                if event[row] == "failed" {
                    assert_eq!(ages("last_d")[row], None);
                    unseen += 1;
                    continue;
                }
                let reached = ends.iter().filter_map(|name| ages(name)[row]);
                let end = reached.reduce(f64::min);
                observed.push(Observation {
                    time: end.or(ages("last_d")[row]).unwrap(),
                    event: end.is_some(),
                });
            }
            let curve = KaplanMeier::new(&observed, Confidence::percent_95()).unwrap();
            steps.extend(curve.steps.iter().map(|step| (step.time, step.survival)));
        }
        assert!(
            failed > 0 && unseen == failed,
            "{endpoint}: {unseen} of {failed}"
        );
        let numbers = |name: &str| -> Vec<f64> {
            let column = written.numbers(name).unwrap();
            column.iter().map(|value| value.unwrap()).collect()
        };
        let found: Vec<(f64, f64)> = numbers("time_d")
            .into_iter()
            .zip(numbers("survival"))
            .collect();
        assert_eq!(found, steps, "{endpoint}");
    }
}

/// What a run says of a cohort: its animals by arm, and their survival.
struct Ran {
    subjects: Vec<Vec<Subject>>,
    survival: Vec<Option<ArmSurvival>>,
}

fn run(model: &Model, text: &str) -> Ran {
    let scenario = read(model, text);
    let plan = scenario.cohort.clone().unwrap();
    let cohort = Cohort::new(model, &scenario, &plan).unwrap();
    let mut results = CohortResults::new(model, &scenario, &plan, &cohort);
    let all = members(model, &scenario, &plan);
    // What was simulated is what was drawn.
    for (place, member) in all.iter().enumerate() {
        let subject = &cohort.subjects().in_arms(member.animal.number)[place % 2];
        assert_eq!(
            (&subject.animal, subject.vector),
            (&member.animal, member.vector)
        );
        assert_eq!(subject.values, member.values);
    }
    results.add(all);
    results.sort();
    let drawn: Vec<Vec<Subject>> = (plan.numbers())
        .map(|number| cohort.subjects().in_arms(number))
        .collect();
    let of_arm = |arm: usize| drawn.iter().map(|subjects| subjects[arm].clone()).collect();
    Ran {
        subjects: vec![of_arm(0), of_arm(1)],
        survival: results.survival(),
    }
}

/// The animals and the row of every arm of a sweep of one point.
fn swept(model: &Model, text: &str) -> (Vec<Vec<Subject>>, Vec<Row>) {
    let file = ScenarioFile::parse(&Source::new("test.toml", text)).unwrap();
    let scenario = file
        .check(model)
        .unwrap_or_else(|faults| panic!("{faults}"));
    let plan = scenario.sweep.clone().unwrap();
    let point = Design::new(&plan, scenario.seed).unwrap().point(1).unwrap();
    let asked = Question::default();
    let points = Points::new(model, &file, &scenario, plan.factors, asked).unwrap();
    let rows = points.simulate(std::slice::from_ref(&point)).unwrap();
    (points.subjects(&point).unwrap(), rows)
}

/// Median and mean survival of every arm of the first point of a study.
fn studied(model: &Model, text: &str) -> Vec<Option<f64>> {
    let file = ScenarioFile::parse(&Source::new("test.toml", text)).unwrap();
    let scenario = file
        .check(model)
        .unwrap_or_else(|faults| panic!("{faults}"));
    let study = Study::new(model, &file, &scenario).unwrap();
    study.simulate(0, 1).unwrap().swap_remove(0).values
}

#[test]
fn every_key_of_a_cohort_means_the_same_to_runs_sweeps_and_studies() {
    let model = model();
    /// Whether other animals are drawn, or the same ones are judged differently, or neither.
    #[derive(PartialEq, Debug)]
    enum Acts {
        OnAnimals,
        OnSurvival,
        Elsewhere,
    }
    use Acts::{Elsewhere, OnAnimals, OnSurvival};
    let table = [
        ("subjects", "31", OnAnimals),
        ("only", "7", OnAnimals),
        ("arms", "\"randomised\"", OnAnimals),
        ("sex", "\"male\"", OnAnimals),
        ("sex", "\"female\"", OnAnimals),
        ("sex", "\"random\"", OnAnimals),
        ("litters", "\"single\"", Elsewhere),
        ("litters", "\"by-arm\"", OnAnimals),
        ("low_copy", "\"included\"", OnAnimals),
        ("other_deaths", "\"none\"", OnAnimals),
        ("endpoint", "\"paralysis\"", OnSurvival),
        ("endpoint", "\"paralysis-or-weight\"", OnSurvival),
        ("parameters", "\"posterior\"", OnAnimals),
        ("vectors", "3", Elsewhere),
        ("visits", "[\"20 d\"]", Elsewhere),
    ];
    for key in keys::KEYS
        .iter()
        .filter_map(|key| key.path.strip_prefix("cohort."))
    {
        assert!(
            table.iter().any(|(tried, ..)| *tried == key),
            "{key} is not tried"
        );
    }
    let cohort = |key: &str, value: &str| {
        let subjects = if key == "subjects" {
            ""
        } else {
            "subjects = 30\n"
        };
        let written = if key.is_empty() {
            String::new()
        } else {
            format!("{key} = {value}\n")
        };
        format!("{BASE}[cohort]\n{subjects}{written}")
    };
    let usual = run(&model, &cohort("", ""));
    for (key, value, acts) in table {
        let text = cohort(key, value);
        let ran = run(&model, &text);
        let found = match (
            ran.subjects == usual.subjects,
            ran.survival == usual.survival,
        ) {
            (false, _) => OnAnimals,
            (true, false) => OnSurvival,
            (true, true) => Elsewhere,
        };
        assert_eq!(found, acts, "{key} = {value}");
        // A factor that is a path of the scenario, and one that is a parameter at the value it has.
        let path = "arm.treated.perturbation.parameter.rate.value";
        for factor in [
            format!("target = \"{path}\"\nvalues = [0.8]\n"),
            "target = \"litter_size\"\nvalues = [5]\n".to_owned(),
        ] {
            let sweep = format!("{text}[sweep]\n[[sweep.factor]]\n{factor}");
            let (subjects, rows) = swept(&model, &sweep);
            assert_eq!(subjects, ran.subjects, "{key} = {value}, sweep of {factor}");
            let study = format!(
                "{text}[sensitivity]\nmethod = \"prcc\"\nsamples = 8\n\
                 outputs = [\"median survival\", \"mean survival\"]\n[[sensitivity.factor]]\n{factor}"
            );
            let values = studied(&model, &study);
            for (arm, row) in rows.iter().enumerate() {
                let survival = ran.survival[arm].as_ref();
                let group = row.group.as_ref().unwrap();
                let median = survival.and_then(|it| it.median.time);
                let mean = survival.and_then(|it| it.restricted_mean);
                assert_eq!(group.median_survival_d.value, median, "{key} = {value}");
                assert_eq!(group.mean_survival_d, mean, "{key} = {value}");
                assert_eq!(
                    [values[arm], values[2 + arm]],
                    [median, mean],
                    "{key} = {value}"
                );
            }
        }
    }
}

#[test]
fn what_a_factor_sets_is_known_and_the_rest_of_a_vector_stays() {
    let model = model();
    let text = format!(
        "{BASE}[cohort]\nsubjects = 40\nparameters = \"posterior\"\n[sweep]\n[[sweep.factor]]\n"
    );
    let scenario = read(
        &model,
        &format!("{text}target = \"gain\"\n values = [\"0.0075 1/day\"]\n"),
    );
    let population = gutbrain::simulate::Population::new(&model, &scenario).unwrap();
    let rate = population.place("rate").unwrap();
    let rates = |factor: &str| -> Vec<f64> {
        let (subjects, _) = swept(&model, &format!("{text}{factor}"));
        subjects[0]
            .iter()
            .map(|subject| subject.values[rate])
            .collect()
    };
    let drawn = rates("target = \"gain\"\nvalues = [\"0.0075 1/day\"]\n");
    let known = rates("target = \"rate\"\nvalues = [\"0.005 1/day\"]\n");
    let preset = run(&model, &format!("{BASE}[cohort]\nsubjects = 40\n"));
    let preset: Vec<f64> = preset.subjects[0]
        .iter()
        .map(|it| it.values[rate])
        .collect();
    assert_eq!(known, preset);
    assert_ne!(drawn, preset);
    // Each is that of the preset times its vector over the preset's: nothing else was drawn anew.
    let mut ratios: Vec<u64> = drawn
        .iter()
        .zip(&preset)
        .map(|(drawn, preset)| (1e6 * drawn / preset).round() as u64)
        .collect();
    ratios.sort_unstable();
    ratios.dedup();
    assert_eq!(ratios, [800_000, 1_200_000, 1_800_000]);
}

#[test]
fn a_trial_draws_from_the_animals_of_the_cohort() {
    let model = model();
    // A pool holds litters of twice the size, so that each can be split over both arms.
    let base = |size: u64| {
        BASE.replace(
            "preset = \"animal\"",
            &format!("preset = \"animal\"\n[subject.parameters]\nlitter_size = {size}"),
        )
    };
    for key in [
        "sex = \"male\"",
        "sex = \"female\"",
        "sex = \"random\"",
        "parameters = \"posterior\"",
        "other_deaths = \"none\"",
        "endpoint = \"paralysis\"",
    ] {
        let trial = format!(
            "{}[cohort]\nsubjects = 3\n{key}\n[trial]\npool = 120\n",
            base(5)
        );
        let scenario = read(&model, &trial);
        let plan = &scenario.trial;
        let go_on = |_, _| Ok::<(), TrialError>(());
        let pool = Pool::simulate(&model, &scenario, plan, go_on).unwrap();
        let text = format!(
            "{}[cohort]\nsubjects = 120\nlitters = \"by-arm\"\nlow_copy = \"included\"\n{key}\n",
            base(10)
        );
        let cohort = read(&model, &text);
        let all = members(&model, &cohort, cohort.cohort.as_ref().unwrap());
        let mut lives = Vec::new();
        for pair in all.chunks(2) {
            let animal = &pair[0].animal;
            let seen = |member: &Member| {
                let ends = &member.run.endpoints;
                gutbrain::cohort::follow(ends, &plan.endpoint, animal.sex, animal.litter)
            };
            if let (Some(control), Some(treated)) = (seen(&pair[0]), seen(&pair[1])) {
                lives.push((animal.sex, animal.low_copy, control, treated));
            }
        }
        let pooled: Vec<_> = pool
            .litters
            .iter()
            .flatten()
            .map(|animal| (animal.sex, animal.low_copy, animal.control, animal.treated))
            .collect();
        assert_eq!(pooled, lives, "{key}");
        // Every design finds its animals, of one sex too.
        for design in &plan.designs {
            let mut stream = gutbrain_statistics::random::Stream::new(1, "test", 1);
            let treatment = gutbrain::analysis::trial::Treatment::Model;
            let drawn =
                gutbrain::analysis::trial::experiment(&pool, design, 8, treatment, &mut stream);
            assert_eq!(
                drawn.observed.each_ref().map(Vec::len),
                [8, 8],
                "{key}: {design:?}"
            );
        }
        if key.contains("\"male") {
            assert!(pooled.iter().all(|(sex, ..)| *sex == Sex::Male));
        }
    }
}

#[test]
fn a_trial_of_other_than_two_arms_is_refused_by_name() {
    let model = model();
    let third = format!("{BASE}[[arm]]\nname = \"late\"\n");
    let one = BASE.split("[[arm]]\nname = \"treated\"").next().unwrap();
    for (text, told) in [
        (third.as_str(), "3: `control`, `treated`, `late`"),
        (one, "one: `control`"),
    ] {
        let scenario = read(&model, text);
        let error = two_arms(&scenario).unwrap_err().to_string();
        assert!(error.contains(told), "{error}");
        let plan = &scenario.trial;
        let go_on = |_, _| Ok::<(), TrialError>(());
        assert!(Pool::simulate(&model, &scenario, plan, go_on).is_err());
    }
    let scenario = read(&model, BASE);
    assert_eq!(two_arms(&scenario).unwrap(), ["control", "treated"]);
}

/// The message of a scenario that is refused.
fn refused(model: &Model, text: &str) -> String {
    match Scenario::from_text("test.toml", text, model) {
        Ok(_) => panic!("it is not refused:\n{text}"),
        Err(faults) => faults.to_string(),
    }
}

#[test]
fn every_column_of_a_sweep_has_a_name_of_its_own_or_is_refused_with_its_line() {
    let model = model();
    let cohort = "[cohort]\nsubjects = 3\n";
    let sweep = |features: &str, target: &str, cohort: &str| {
        format!(
            "{BASE}{cohort}[sweep]\nfeatures = [{features}]\n[[sweep.factor]]\n\
             target = \"{target}\"\nlevels = 2\n"
        )
    };
    for (features, cohort, told) in [
        (
            "\"death\", \"onset\", \"death\"",
            "",
            "`death` is asked twice",
        ),
        // The same in other words.
        (
            "\"observable health at 60\", \"species  health at 60 d\"",
            "",
            "asked twice",
        ),
        (
            "\"difference life vs control\",\n  \"difference  life  vs control\"",
            "",
            "asked twice",
        ),
        (
            "\"end = death\", \"end = life\"",
            "",
            "two features are called `end`",
        ),
        ("\"status = death\"", "", "has a column `status` already"),
        (
            "\"hazard_ratio = death\"",
            cohort,
            "has a column `hazard_ratio` already",
        ),
        ("\"rate = death\"", "", "a factor is called `rate` already"),
        ("\"1st = death\"", "", "no name for a column"),
        (
            "\"observable helth at 60\"",
            "",
            "no observable or species `helth`",
        ),
        ("\"difference life vs contrl\"", "", "no arm `contrl`"),
        (
            "\"observable health at 900\"",
            "",
            "900 d is no age between 0 d and 200 d",
        ),
        ("\"died\"", "", "`died` is no feature"),
    ] {
        let text = sweep(features, "rate", cohort);
        let message = refused(&model, &text);
        assert!(message.contains(told), "{features}: {message}");
        // The line of the last feature that is named.
        let line = text[..text.rfind("]\n[[sweep.factor]]").unwrap()]
            .lines()
            .count();
        assert!(
            message.contains(&format!("test.toml:{line}:")),
            "{features}: {message}"
        );
    }
    for features in [
        "\"death\", \"life\", \"end = death\", \"hazard_ratio = life\"",
        "\"difference life vs control\", \"life\", \"ratio life vs control\"",
    ] {
        let scenario = read(&model, &sweep(features, "rate", ""));
        let plan = scenario.sweep.clone().unwrap();
        let arms = ["control".to_owned(), "treated".to_owned()];
        let columns = SweepColumns::new(
            &plan.factors,
            &arms,
            &plan.question,
            &model.declaration,
            false,
        );
        columns.empty().check().unwrap();
    }
    // Where the end differs between points, so does what can be read.
    let moved = sweep("\"observable health at 300\"", "simulation.stop", "")
        .replace("levels = 2", "values = [\"200 d\", \"400 d\"]");
    read(&model, &moved);
}

#[test]
fn names_of_columns_are_those_of_the_tables() {
    let model = model();
    let question = Question::default();
    let names = |is_cohort| -> Vec<String> {
        let columns = SweepColumns::new(&[], &[], &question, &model.declaration, is_cohort);
        let columns = columns.empty().columns.into_iter();
        columns.map(|column| column.name).collect()
    };
    assert_eq!(names(false), SWEEP_COLUMNS);
    assert_eq!(
        names(true),
        [&SWEEP_COLUMNS[..], &COHORT_COLUMNS[..]].concat()
    );
    let text = format!("{BASE}[cohort]\nsubjects = 3\nparameters = \"posterior\"\n");
    let scenario = read(&model, &text);
    let plan = scenario.cohort.clone().unwrap();
    let cohort = Cohort::new(&model, &scenario, &plan).unwrap();
    let mut results = CohortResults::new(&model, &scenario, &plan, &cohort);
    results.add(members(&model, &scenario, &plan));
    let columns = results.subjects().columns.into_iter();
    let columns: Vec<String> = columns.map(|column| column.name).collect();
    assert_eq!(columns[..6], SUBJECT_COLUMNS);
}

#[test]
fn a_model_whose_names_are_columns_of_tables_is_refused() {
    let text =
        include_str!("../fixtures/cohort/model.toml").replace("species.bomb", "species.subject");
    let text = text
        .replace("bomb", "subject")
        .replace("[parameter.gain]", "[parameter.litter]");
    let text = text.replace("\"gain *", "\"litter *");
    let files = [
        Source::new("model/model.toml", text.as_str()),
        Source::new(
            "model/subjects/animal.toml",
            include_str!("../fixtures/cohort/animal.toml"),
        ),
        Source::new(
            "model/families/mouse.toml",
            include_str!("../fixtures/cohort/family.toml"),
        ),
    ];
    let declaration = Declaration::read(&files).unwrap_or_else(|faults| panic!("{faults}"));
    let model = Model::new(declaration, "names");
    let message = refused(&model, &format!("{BASE}[cohort]\nsubjects = 3\n"));
    assert!(
        message.contains("column `subject`") && message.contains("column `litter`"),
        "{message}"
    );
    let message = refused(&model, BASE);
    assert!(!message.contains("column `litter`"), "{message}");
}
