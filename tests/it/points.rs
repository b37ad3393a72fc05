//! Points of a sweep: what they are, and that each is what a run of its scenario gives.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::path::PathBuf;

use gutbrain::analysis::points::{Design, Point, Points, Question, Row, RowStatus, Setting};
use gutbrain::cohort::Cohort;
use gutbrain::model::Model;
use gutbrain::scenario::{Factor, Overrides, Scenario, ScenarioFile};
use gutbrain::simulate::simulate;
use gutbrain_network::{Declaration, Source};

const BASE: &str = r#"
[subject]
preset = "sick"
[simulation]
start = "20 d"
stop = "200 d"
[[arm]]
name = "control"
[[arm]]
name = "drug"
[[arm.intervention]]
kind = "drug-water"
dose = "2 %"
start = "30 d"
"#;

fn model() -> Model {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/model");
    Model::load(&folder).unwrap_or_else(|faults| panic!("{faults}"))
}

fn animals() -> Model {
    let files = [
        Source::new(
            "model/model.toml",
            include_str!("../fixtures/cohort/model.toml"),
        ),
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
    Model::new(declaration, "cohort")
}

fn read(model: &Model, text: &str) -> (ScenarioFile, Scenario) {
    let file = ScenarioFile::parse(&Source::new("test.toml", text)).unwrap();
    let scenario = file
        .check(model)
        .unwrap_or_else(|faults| panic!("{faults}"));
    (file, scenario)
}

/// All points of a sweep, lived in blocks of this size.
fn lived(model: &Model, text: &str, block: usize) -> (Vec<Point>, Vec<Row>) {
    let (file, scenario) = read(model, text);
    let plan = scenario.sweep.clone().unwrap();
    let question = plan.question.clone();
    let design = Design::new(&plan, scenario.seed).unwrap();
    let points = Points::new(model, &file, &scenario, plan.factors.clone(), question).unwrap();
    let all: Vec<Point> = (1..=design.points())
        .map(|number| design.point(number).unwrap())
        .collect();
    assert_eq!(design.point(design.points() + 1), None);
    assert_eq!(design.point(0), None);
    let rows = all
        .chunks(block)
        .flat_map(|block| points.simulate(block).unwrap())
        .collect();
    (all, rows)
}

fn numbers(point: &Point) -> Vec<f64> {
    let settings = point.settings.iter();
    settings.map(|setting| setting.number().unwrap()).collect()
}

#[test]
fn every_point_is_the_run_of_its_scenario_bit_for_bit() {
    let model = model();
    let text = format!(
        "{BASE}[sweep]\nfeatures = [\"observable neurons_percent at 50\", \"difference onset vs control\"]\n\
         [[sweep.factor]]\ntarget = \"arm.drug.dose\"\nvalues = [\"0 %\", \"1 %\", \"2 %\"]\n\
         [[sweep.factor]]\ntarget = \"arm.drug.start\"\nrange = [\"25 d\", \"61 d\"]\nlevels = 3\n\
         [[sweep.factor]]\ntarget = \"uptake\"\nvalues = [\"0.1 1/day\", \"0.01 1/h\"]\n"
    );
    let (points, rows) = lived(&model, &text, 7);
    assert_eq!((points.len(), rows.len()), (18, 36));
    assert_eq!(numbers(&points[0]), [0.0, 25.0, 0.1]);
    assert_eq!(numbers(&points[1]), [0.0, 25.0, 0.24]);
    assert_eq!(numbers(&points[17]), [2.0, 61.0, 0.24]);
    for (point, rows) in points.iter().zip(rows.chunks(2)) {
        let values = numbers(point);
        let mut file = ScenarioFile::parse(&Source::new("test.toml", BASE)).unwrap();
        let set = vec![
            format!("arm.drug.dose={} %", values[0]),
            format!("arm.drug.start={} d", values[1]),
            format!("uptake={} 1/day", values[2]),
        ];
        let overrides = Overrides {
            set,
            ..Overrides::default()
        };
        file.apply(&overrides).unwrap();
        let runs = simulate(&model, &file.check(&model).unwrap()).unwrap();
        for (row, run) in rows.iter().zip(&runs) {
            assert_eq!(row.point, point.number);
            assert_eq!(row.status, RowStatus::Ok);
            assert_eq!(row.onset_d, run.endpoints.onset_d());
            assert_eq!(row.last_d, Some(run.endpoints.last_d));
            assert_eq!(row.event, Some(run.endpoints.event));
            let at_50 = run.curve("neurons_percent").unwrap().values[30];
            assert!((row.features[0].clone().unwrap() - at_50).abs() < 1e-9 * at_50);
        }
        let onset = |arm: usize| runs[arm].endpoints.onset_d().unwrap();
        let gain = onset(1) - onset(0);
        assert_eq!(
            rows[1].features[1].clone().unwrap().to_bits(),
            gain.to_bits()
        );
        let acts = values[0] > 0.0 && values[1] < onset(0);
        assert_eq!(gain > 1e-6, acts, "{values:?}: {gain}");
    }
}

#[test]
fn rows_do_not_depend_on_their_block() {
    let model = model();
    let text = format!(
        "{BASE}[sweep]\ndesign = \"latin-hypercube\"\npoints = 12\nfeatures = [\"onset\"]\n\
         [[sweep.factor]]\ntarget = \"arm.drug.start\"\nrange = [\"21 d\", \"90 d\"]\n\
         [[sweep.factor]]\ntarget = \"toxicity\"\n"
    );
    let (_, whole) = lived(&model, &text, 12);
    for block in [1, 5] {
        assert_eq!(lived(&model, &text, block).1, whole);
    }
}

#[test]
fn samples_stay_in_their_ranges_and_lists_keep_their_order() {
    let model = model();
    let factors = "[[sweep.factor]]\ntarget = \"potency\"\n\
                   [[sweep.factor]]\ntarget = \"arm.drug.start\"\nrange = [\"25 d\", \"80 d\"]\nscale = \"log\"\n\
                   [[sweep.factor]]\ntarget = \"subject.preset\"\nvalues = [\"healthy\", \"sick\"]\n";
    for design in ["latin-hypercube", "sobol", "random"] {
        let text = format!("{BASE}[sweep]\ndesign = \"{design}\"\npoints = 8\n{factors}");
        let (file, scenario) = read(&model, &text);
        let plan = scenario.sweep.clone().unwrap();
        let design = Design::new(&plan, 1).unwrap();
        let points: Vec<Point> = (1..=8).map(|n| design.point(n).unwrap()).collect();
        for point in &points {
            let (potency, start) = (&point.settings[0], &point.settings[1]);
            assert!((0.5..=50.0).contains(&potency.number().unwrap()));
            assert!((25.0..=80.0).contains(&start.number().unwrap()));
        }
        let sick = Setting::Word("sick".to_owned());
        let count = points.iter().filter(|p| p.settings[2] == sick).count();
        assert!((1..8).contains(&count));
        let rows = Points::new(&model, &file, &scenario, plan.factors, Question::default())
            .unwrap()
            .simulate(&points)
            .unwrap();
        for (point, rows) in points.iter().zip(rows.chunks(2)) {
            // Only the sick animals fall ill.
            assert_eq!(rows[0].onset_d.is_some(), point.settings[2] == sick);
        }
    }
    let text = format!(
        "{BASE}[sweep]\ndesign = \"list\"\n\
         [[sweep.factor]]\ntarget = \"toxicity\"\nvalues = [\"0.02 1/day\", \"0.03 1/day\"]\n\
         [[sweep.factor]]\ntarget = \"arm.drug.start\"\nvalues = [\"40 d\", \"50 d\"]\n"
    );
    let (points, _) = lived(&model, &text, 10);
    let found: Vec<_> = points.iter().map(numbers).collect();
    assert_eq!(found, [[0.02, 40.0], [0.03, 50.0]]);
}

#[test]
fn a_combination_that_is_no_experiment_is_not_run_and_says_why() {
    let model = model();
    let text = format!(
        "{BASE}stop = \"100 d\"\n[sweep]\n\
         [[sweep.factor]]\ntarget = \"arm.drug.start\"\nvalues = [\"30 d\", \"60 d\"]\n\
         [[sweep.factor]]\ntarget = \"arm.drug.stop\"\nvalues = [\"50 d\", \"90 d\"]\n"
    );
    let (_, rows) = lived(&model, &text, 10);
    let words: Vec<&str> = rows.chunks(2).map(|rows| rows[1].status.word()).collect();
    assert_eq!(words, ["ok", "ok", "not_run", "ok"]);
    let bad = &rows[4];
    assert!(
        bad.status.reason().contains("stops before it starts"),
        "{bad:?}"
    );
    assert_eq!((bad.onset_d, bad.last_d, bad.event), (None, None, None));
}

#[test]
fn a_value_of_a_preset_acts_where_the_preset_gives_it() {
    let model = model();
    let text = format!(
        "{BASE}[sweep]\n\
         [[sweep.factor]]\ntarget = \"subject.preset\"\nvalues = [\"healthy\", \"sick\"]\n\
         [[sweep.factor]]\ntarget = \"sick/transgene\"\nvalues = [10, 40]\n"
    );
    let (_, rows) = lived(&model, &text, 10);
    let onsets: Vec<Option<f64>> = rows.chunks(2).map(|rows| rows[0].onset_d).collect();
    assert_eq!(onsets[..2], [None, None]);
    assert!(onsets[2] > onsets[3], "{onsets:?}");
}

#[test]
fn a_cohort_as_a_point_is_the_cohort_that_is_run() {
    let model = animals();
    let base = "seed = 5\n[subject]\npreset = \"animal\"\n[simulation]\nstart = \"0 d\"\nstop = \"400 d\"\n\
                [[arm]]\nname = \"control\"\n[[arm]]\nname = \"treated\"\n[[arm.perturbation]]\n\
                target = \"parameter.rate\"\naction = \"scale\"\nvalue = 0.85\nstart = \"0 d\"\n\
                [cohort]\nsubjects = 9\n";
    for pairing in ["twins", "randomised"] {
        let text = format!(
            "{base}arms = \"{pairing}\"\n[sweep]\nfeatures = [\"death\"]\n[[sweep.factor]]\n\
             target = \"arm.treated.perturbation.parameter.rate.value\"\nvalues = [0.85, 0.95, 1.0]\n"
        );
        let (_, rows) = lived(&model, &text, 10);
        let (_, scenario) = read(&model, &text);
        let cohort = Cohort::new(&model, &scenario, scenario.cohort.as_ref().unwrap()).unwrap();
        let mut ends: Vec<Vec<f64>> = vec![Vec::new(); 2];
        let mut events = [0; 2];
        let sink = |members: Vec<gutbrain::cohort::Member>| -> Result<(), ()> {
            for member in members {
                let arm = usize::from(member.run.arm == "treated");
                ends[arm].push(member.run.endpoints.last_d);
                events[arm] += u64::from(member.run.endpoints.death_d().is_some());
            }
            Ok(())
        };
        cohort.simulate(sink).unwrap();
        for arm in 0..2 {
            let row = &rows[arm];
            let group = row.group.as_ref().unwrap();
            assert_eq!((group.subjects, group.failed), (9, 0));
            assert_eq!(group.events, events[arm]);
            let last = ends[arm].iter().copied().fold(0.0, f64::max);
            assert_eq!(row.last_d.map(f64::to_bits), Some(last.to_bits()));
        }
        // The slower the decline, the smaller the hazard.

        let ratios: Vec<f64> = rows
            .chunks(2)
            .map(|rows| rows[1].group.as_ref().unwrap().hazard_ratio.value.unwrap())
            .collect();
        assert!(ratios[0] < ratios[1] && ratios[1] < 1.0, "{ratios:?}");
        assert_eq!(rows[0].group.as_ref().unwrap().hazard_ratio.value, None);
    }
}

#[test]
fn uncertain_parameters_are_factors_over_their_declared_ranges() {
    let declaration = model().declaration;
    let factors = Factor::uncertain(&declaration);
    let names: Vec<&str> = factors.iter().map(|factor| factor.name.as_str()).collect();
    let expected = [
        "elimination",
        "potency",
        "signal_turnover",
        "toxicity",
        "uptake",
    ];
    assert_eq!(names, expected);
    let middle = factors[4].at(0.5).number().unwrap();
    assert!((middle - 0.1).abs() < 1e-12, "{middle}");
    assert!(Factor::of_parameter(&declaration, "nothing").is_err());
    assert!(Factor::of_parameter(&declaration, "water_drug").is_err());
}
