//! Fits, profiles and posteriors as studies in memory: however often they are stopped, they end with the
//! bytes of those that never were.

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, Ordering};

use gutbrain::files::InMemory;
use gutbrain::model::Model;
use gutbrain::study::{
    CalibrationSetup, Finished, FitStudy, Memory, PosteriorStudy, ProfileStudy, Progress,
    RefitsSetup, RefitsStudy, RenewStudy, Silent, Store, Study, StudyError, StudySummary,
};
use gutbrain_network::Source;

use crate::simulation::toy;

const SCENARIO: &str = r#"
[subject]
preset = "sick"
[simulation]
start = "5 d"
stop  = "100 d"
[solver]
rtol = 1e-8
atol = 1e-8
[[arm]]
name = "control"
"#;

const CALIBRATION: &str = r#"
says        = "toy"
parameters  = ["gain", "sick/toxicity"]
starts      = 4
horizon     = "500 d"
evaluations = 60
[posterior]
chains  = 3
rounds  = 2
round   = 60
steps   = 180
every   = 5
walk    = 20
vectors = 12
[[target]]
name     = "death"
scenario = "sick.toml"
arm      = "control"
feature  = "death"
value    = 85
sd       = 2
[[target]]
name     = "signal"
scenario = "sick.toml"
arm      = "control"
feature  = "observable signal_fold at 20"
kind     = "band"
low      = 1.6
high     = 1.7
sd       = 0.05
"#;

const REFITS: &str = r#"
says = "toy"
[[refit]]
name    = "without the signal"
without = ["signal"]
[[refit]]
name = "later death"
  [[refit.moved]]
  target = "death"
  value  = 120
  sd     = 0.1
[trade_off]
across  = "life"
against = ["late signal"]
[[prediction]]
name     = "life"
scenario = "sick.toml"
arm      = "control"
feature  = "death"
[[prediction]]
name     = "late signal"
scenario = "sick.toml"
arm      = "control"
feature  = "observable signal_fold at 40"
"#;

fn files(calibration: &str) -> InMemory {
    let mut files = InMemory::default();
    for (name, text) in toy::files() {
        files.put(name, text);
    }
    files.put("fits/sick.toml", SCENARIO);
    files.put("fits/toy.toml", calibration);
    files.put("fits/refits.toml", REFITS);
    files
}

fn setup(calibration: &str) -> CalibrationSetup {
    let files = files(calibration);
    let model = Model::load_in(&files, Path::new("model")).expect("the toy");
    let setup = CalibrationSetup::open_in(&files, Path::new("fits/toy.toml"), model);
    setup.unwrap_or_else(|faults| panic!("{faults}"))
}

/// Somebody who hears of so many things and then wants no more.
#[derive(Default)]
struct Impatient {
    left: AtomicI64,
    warnings: Mutex<Vec<String>>,
}

impl Progress for Impatient {
    fn begin(&self, _: &'static str, _: u64) {}

    fn advance(&self, _: u64, _: u64) {
        self.left.fetch_sub(1, Ordering::Relaxed);
    }

    fn end(&self) {}

    fn is_cancelled(&self) -> bool {
        self.left.load(Ordering::Relaxed) < 0
    }

    fn warn(&self, message: &str) {
        self.warnings
            .lock()
            .expect("nobody panics")
            .push(message.to_owned());
    }

    fn note(&self, _: &str) {}
}

/// Runs a study until it is done, by starts of growing patience; how often it was stopped.
fn stopped_again_and_again(study: &dyn Study, store: &mut Memory) -> (Finished, usize) {
    for stops in 0..40 {
        let progress = Impatient::default();
        let patience = 2_i64 << stops.min(20);
        progress.left.store(patience, Ordering::Relaxed);
        match study.run(store, &progress) {
            Ok(finished) => return (finished, stops),
            Err(StudyError::Cancelled) => {
                assert!(store.files().is_empty(), "nothing is half done");
                let warnings = progress.warnings.into_inner().expect("nobody panics");
                assert_eq!(warnings, Vec::<String>::new());
            }
            Err(other) => panic!("{other}"),
        }
    }
    panic!("it never ends");
}

#[test]
fn a_study_that_was_stopped_ends_with_the_bytes_of_one_that_was_not() {
    let setup = setup(CALIBRATION);
    let all = ["all".to_owned()];
    let fit = FitStudy::new(&setup).expect("a fit");
    let profile = ProfileStudy::new(&setup, &all).expect("profiles");
    let posterior = PosteriorStudy::new(&setup).expect("a posterior");
    let refits = refits(&setup, REFITS).expect("refits");
    let refits = RefitsStudy::new(&refits);
    let studies: [(&dyn Study, usize); 4] =
        [(&fit, 4), (&profile, 3), (&posterior, 3), (&refits, 2)];
    for (study, parts) in studies {
        let mut whole = Memory::default();
        let finished = study.run(&mut whole, &Silent).expect("a result");
        assert_eq!(finished.files, whole.files().len(), "{}", study.command());
        assert_eq!(whole.chunks().len(), parts, "{}", study.command());
        let mut store = Memory::default();
        let (again, stops) = stopped_again_and_again(study, &mut store);
        assert!(stops > 1, "{} was too fast", study.command());
        assert_eq!(store.files(), whole.files(), "{}", study.command());
        assert_eq!(again.counts, finished.counts);
        // Everything was kept: another start computes nothing of it.
        let progress = Impatient::default();
        progress.left.store(0, Ordering::Relaxed);
        study.run(&mut store, &progress).expect("all is there");
    }
}

#[test]
fn parts_of_another_calibration_are_named_and_computed_again() {
    let one = setup(CALIBRATION);
    let other = setup(&CALIBRATION.replace("value    = 85", "value    = 80"));
    let mut store = Memory::default();
    FitStudy::new(&one)
        .and_then(|fit| fit.run(&mut store, &Silent))
        .expect("a fit");
    let mut mixed = store.clone();
    let fit = FitStudy::new(&other).expect("a fit");
    let progress = Impatient::default();
    progress.left.store(i64::MAX, Ordering::Relaxed);
    fit.run(&mut mixed, &progress).expect("a fit");
    let warnings = progress.warnings.into_inner().expect("nobody panics");
    assert_eq!(warnings.len(), 4, "{warnings:?}");
    for warning in warnings {
        assert!(warning.contains("another scenario"), "{warning}");
    }
    let mut alone = Memory::default();
    fit.run(&mut alone, &Silent).expect("a fit");
    assert_eq!(mixed.files(), alone.files());
    assert_ne!(mixed.files(), store.files());
}

#[test]
fn a_posterior_is_weighed_again_in_memory() {
    let mut setup = setup(CALIBRATION);
    let mut store = Memory::default();
    PosteriorStudy::new(&setup)
        .and_then(|study| study.run(&mut store, &Silent))
        .expect("a posterior");
    setup.model.posteriors = store
        .files()
        .iter()
        .filter(|(name, _)| name.starts_with("posterior/"))
        .map(|(name, bytes)| Source::new(name.as_str(), String::from_utf8_lossy(bytes)))
        .collect();
    let mut renewed = Memory::default();
    let finished = RenewStudy::new(&setup)
        .run(&mut renewed, &Silent)
        .expect("the same model");
    let StudySummary::Renewal(renewal) = finished.summary else {
        panic!("a renewal")
    };
    // Nothing has changed: every vector weighs what it did.
    assert_eq!(renewal.vectors, 12);
    assert!((renewal.effective - 12.0).abs() < 1e-9, "{renewal}");
    assert_eq!(renewed.files().len(), 1);
    assert!(renewed.file("posterior/sick.csv").is_some());
    assert!(Store::place(&renewed).contains("memory"));
}

#[test]
fn what_no_calibration_can_answer_is_refused_at_once() {
    let setup = setup(CALIBRATION);
    let error = ProfileStudy::new(&setup, &["nothing".to_owned()]).expect_err("no such number");
    assert!(error.to_string().contains("`nothing`"), "{error}");
}

fn refits<'s>(setup: &'s CalibrationSetup, text: &str) -> Result<RefitsSetup<'s>, StudyError> {
    let mut files = files(CALIBRATION);
    files.put("fits/refits.toml", text);
    RefitsSetup::open(setup, &files, Path::new("fits/refits.toml"))
}

/// A fit to other rows meets those, and says of the rest what they say; its page belongs to its values.
#[test]
fn refits_meet_the_rows_that_they_are_given() {
    let setup = setup(CALIBRATION);
    let all = refits(&setup, REFITS).expect("refits");
    let mut store = Memory::default();
    let finished = RefitsStudy::new(&all)
        .run(&mut store, &Silent)
        .expect("a result");
    assert_eq!(finished.counts.failed, 0);
    assert!(store.file("figures/trade-off.svg").is_some());
    let answers = store.file("refit-answers.csv").expect("answers");
    let answers = String::from_utf8_lossy(answers);
    let after = |refit: &str, question: &str| -> f64 {
        let row = format!("{refit},{question},");
        let found = answers.lines().find(|line| line.starts_with(&row));
        let value = found.and_then(|line| line.rsplit(',').next());
        value.and_then(|it| it.parse().ok()).expect("a number")
    };
    // Without the signal, one row is left for two parameters: it is met.
    assert!((after("without the signal", "death") - 85.0).abs() < 0.5);
    assert!((after("later death", "death") - 120.0).abs() < 0.5);
    let (target, question) = (after("later death", "death"), after("later death", "life"));
    assert_eq!(
        target.to_bits(),
        question.to_bits(),
        "one number asked twice"
    );

    let values = store.file("refits.csv").expect("values").to_vec();
    let page = |values: &[u8]| {
        let mut files = files(CALIBRATION);
        files.put("fits/refits.csv", values);
        all.page(&files)
    };
    let text = page(&values).expect("a page");
    assert!(text.contains("| without the signal | signal |"), "{text}");
    assert!(
        text.contains("| later death |  | death: 120 ± 0.1 |"),
        "{text}"
    );
    let values = String::from_utf8(values).expect("text");
    let (first, last) = values.trim_end().rsplit_once(',').expect("a number");
    let moved: f64 = last.parse().expect("a number");
    let moved = format!("{first},{}\n", 1.01 * moved);
    let refused = page(moved.as_bytes()).expect_err("other values");
    assert!(refused.to_string().contains("fit them again"), "{refused}");
    assert!(page(b"refit\n").is_err());
}

#[test]
fn refits_of_rows_that_are_not_there_are_refused() {
    let setup = setup(CALIBRATION);
    for (right, wrong, said) in [
        (
            "without = [\"signal\"]",
            "without = [\"signl\"]",
            "did you mean `signal`",
        ),
        (
            "target = \"death\"",
            "target = \"deth\"",
            "no target `deth`",
        ),
        ("without = [\"signal\"]", "", "leaves rows out"),
        ("sd     = 0.1", "sd     = 0", "above zero"),
        (
            "across  = \"life\"",
            "across  = \"live\"",
            "did you mean `life`",
        ),
        ("\"later death\"", "\"without the signal\"", "two refits"),
    ] {
        assert!(REFITS.contains(right), "{right}");
        let refused = refits(&setup, &REFITS.replacen(right, wrong, 1)).expect_err(wrong);
        assert!(refused.to_string().contains(said), "{wrong}: {refused}");
    }
}
