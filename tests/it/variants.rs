//! A model under a variant of structure: what moves, its own vectors, what a fit writes; and doses beyond
//! what is known.

use std::path::Path;

use gutbrain::analysis::calibrate::apply_values;
use gutbrain::files::InMemory;
use gutbrain::model::Model;
use gutbrain::posterior::Posterior;
use gutbrain::scenario::{Overrides, ScenarioFile};
use gutbrain::simulate::simulate;
use gutbrain::study::{Memory, Progress, RunStudy, Setup, Study};
use gutbrain_network::Source;

const MODEL: &str = include_str!("../fixtures/cohort/model.toml");
const ANIMAL: &str = include_str!("../fixtures/cohort/animal.toml");
const FASTER: &str = "says = \"Health is lost twice as fast\"\nassumed = \"nothing decides\"\n\n[parameters]\nrate = 0.01\n";

const DRUG: &str = r#"
[intervention.drug]
says = "A drug"
dose = { unit = "mg/kg/day" }
studied = { from = "1 mg/kg/day", to = "10 mg/kg/day", assumed = "test" }
survived = { to = "100 mg/kg/day", assumed = "test" }
scales = { rate = "1 / (1 + dose / (1 [mg/kg/day]))" }
assumed = "test"
"#;

fn model() -> Model {
    let mut files = InMemory::default();
    files.put("m/model.toml", format!("{MODEL}{DRUG}"));
    files.put("m/subjects/animal.toml", ANIMAL);
    files.put("m/variants/faster.toml", FASTER);
    let plain = Model::load_in(&files, Path::new("m")).expect("a sound model");
    let vectors = |dynamics: &str, rate: f64| {
        format!("# dynamics: {dynamics}\nvector,weight,log_likelihood,rate\n1,1,-1,{rate}\n")
    };
    let own = vectors(&plain.declaration.dynamics_hash([]), 0.004);
    let faster = plain.under("faster").expect("declared");
    let of_variant = vectors(&faster.declaration.dynamics_hash([]), 0.009);
    files.put("m/posterior/animal.csv", own);
    files.put("m/posterior/faster/animal.csv", of_variant);
    Model::load_in(&files, Path::new("m")).expect("the same with vectors")
}

fn scenario(dose: &str) -> String {
    format!(
        "[subject]\npreset = \"animal\"\n[simulation]\nstart = \"0 d\"\nevery = \"10 d\"\nstop = \"300 d\"\n[[arm]]\nname = \"a\"\n\
         [[arm.intervention]]\nkind = \"drug\"\ndose = \"{dose} mg/kg/day\"\nstart = \"0 d\"\n"
    )
}

fn life(model: &Model) -> f64 {
    let text = "[subject]\npreset = \"animal\"\n[simulation]\nstart = \"0 d\"\nevery = \"10 d\"\nstop = \"300 d\"\n";
    let file = ScenarioFile::parse(&Source::new("s.toml", text)).expect("a scenario");
    let scenario = file.check(model).expect("it fits");
    let runs = simulate(model, &scenario).expect("it runs");
    runs[0].endpoints.death_d().expect("it dies")
}

#[test]
fn a_variant_lives_by_its_own_values() {
    let model = model();
    // ln 2 / rate.
    let ln_2 = std::f64::consts::LN_2;
    assert!((life(&model) - ln_2 / 0.005).abs() < 1e-4);
    assert!((life(&model.under("faster").expect("declared")) - ln_2 / 0.01).abs() < 1e-4);
    let faults = model.under("fester").expect_err("no such variant");
    assert!(
        faults.to_string().contains("did you mean `faster`"),
        "{faults}"
    );
}

#[test]
fn a_variant_has_vectors_of_its_own_and_no_others() {
    let model = model();
    let rate = |model: &Model| {
        let found = Posterior::of(model, "animal").unwrap_or_else(|faults| panic!("{faults}"));
        found.map(|it| it.vectors[0].values[0])
    };
    assert_eq!(rate(&model), Some(0.004));
    let mut faster = model.under("faster").expect("declared");
    assert_eq!(rate(&faster), Some(0.009));
    // Those of the model are no vectors of the variant.
    faster.posteriors = model.posteriors.clone();
    let faults = Posterior::of(&faster, "animal").expect_err("stale");
    assert!(faults.to_string().contains("vectors are stale"), "{faults}");
}

#[test]
fn what_is_fitted_under_a_variant_is_written_into_its_file() {
    let files = [
        ("m/model.toml".to_owned(), MODEL.to_owned()),
        ("m/subjects/animal.toml".to_owned(), ANIMAL.to_owned()),
        ("m/variants/faster.toml".to_owned(), FASTER.to_owned()),
    ];
    let values = [
        ("rate".to_owned(), 0.008),
        ("animal/gain".to_owned(), 0.002),
    ]
    .into();
    let changed = apply_values(&values, Some("faster"), &files).expect("it has a place");
    let [(name, text)] = changed.as_slice() else {
        panic!("one file changes: {changed:?}");
    };
    assert_eq!(name, "m/variants/faster.toml");
    assert_eq!(
        *text,
        FASTER.replace("0.01", "0.008") + "\n[subjects.animal]\ngain = 0.002\n"
    );
    assert!(
        apply_values(&values, Some("slower"), &files).is_err(),
        "no such file"
    );
}

/// Keeps what is warned of.
#[derive(Debug, Default)]
struct Heard(std::sync::Mutex<Vec<String>>);

impl Progress for Heard {
    fn begin(&self, _: &'static str, _: u64) {}
    fn advance(&self, _: u64, _: u64) {}
    fn end(&self) {}
    fn is_cancelled(&self) -> bool {
        false
    }
    fn note(&self, _: &str) {}
    fn warn(&self, message: &str) {
        self.0.lock().expect("no panic").push(message.to_owned());
    }
}

#[test]
fn a_dose_beyond_what_was_studied_is_said_and_one_beyond_survival_refused() {
    let model = model();
    for (dose, warned) in [
        ("0", false),
        ("0.5", true),
        ("1", false),
        ("10", false),
        ("50", true),
    ] {
        let source = Source::new("s.toml", scenario(dose));
        let file = ScenarioFile::parse(&source).expect("a scenario");
        let setup = Setup::new(model.clone(), file).expect("it fits");
        let heard = Heard::default();
        RunStudy::new(&setup)
            .run(&mut Memory::default(), &heard)
            .expect("it runs");
        let heard = heard.0.into_inner().expect("no panic");
        let of_dose = heard
            .iter()
            .filter(|it| it.contains("extrapolated"))
            .count();
        assert_eq!(of_dose, usize::from(warned), "{dose}: {heard:?}");
    }
    let source = Source::new("s.toml", scenario("101"));
    let file = ScenarioFile::parse(&source).expect("a scenario");
    let faults = file.check(&model).expect_err("nobody survives it");
    let text = faults.to_string();
    assert!(text.contains("(at most 100 "), "{text}");
    let mut allowed = file;
    allowed
        .apply(&Overrides {
            set: vec!["allow_implausible=true".to_owned()],
            ..Overrides::default()
        })
        .expect("a key of the scenario");
    assert!(allowed.check(&model).is_ok());
}
