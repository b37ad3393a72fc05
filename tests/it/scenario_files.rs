//! Scenario files: what is read, what is refused, and what is written back.
#![expect(
    clippy::disallowed_methods,
    clippy::float_cmp,
    clippy::unwrap_used,
    reason = "tests prepare their own files, fail by panicking, and mean exactly the same number"
)]

mod actions;
mod data;
mod figures;
mod hostile;
mod inherit;
mod mistakes;
mod refused;
mod resolved;

use std::path::PathBuf;

use gutbrain::model::Model;
use gutbrain::scenario::{Overrides, Scenario, ScenarioFile};
use gutbrain_network::{Faults, Source};

/// A complete scenario that every test changes.
const BASE: &str = r#"schema = 1
title = "test"
[subject]
preset = "sick"
[simulation]
start = "20 d"
stop = "100 d"
[[arm]]
name = "control"
[[arm]]
name = "drug"
[[arm.intervention]]
kind = "drug-water"
dose = "2 %"
start = "30 d"
"#;

fn fixtures() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

fn model() -> Model {
    Model::load(&fixtures().join("model")).unwrap_or_else(|faults| panic!("{faults}"))
}

fn read(text: &str) -> Result<Scenario, Faults> {
    Scenario::from_text("test.toml", text, &model())
}

fn accept(text: &str) -> Scenario {
    read(text).unwrap_or_else(|faults| panic!("{faults}"))
}

fn accept_with(text: &str, set: &[&str]) -> Scenario {
    with(text, set).unwrap_or_else(|faults| panic!("{faults}"))
}

fn with(text: &str, set: &[&str]) -> Result<Scenario, Faults> {
    let mut file = ScenarioFile::parse(&Source::new("test.toml", text))?;
    let set = set.iter().map(|&argument| argument.to_owned()).collect();
    file.apply(&Overrides {
        set,
        ..Overrides::default()
    })?;
    file.check(&model())
}

/// The base with a perturbation in its second arm.
fn perturbed(rest: &str) -> String {
    format!("{BASE}[[arm.perturbation]]\n{rest}\n")
}
