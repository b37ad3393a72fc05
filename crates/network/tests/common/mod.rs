//! A model with a place for a rate, and how to read it.

#![allow(dead_code, reason = "each test file uses a part")]
#![allow(clippy::disallowed_methods, reason = "tests read their own files")]

use std::path::Path;

use gutbrain_network::{Color, Declaration, Edits, Network, Source};

/// Three species; `RATE` is the rate of the process `changes`.
pub(crate) const MODEL: &str = r#"[compartment.here]
says = "Everywhere"
region = "gut"

[species.a]
says = "The first"
where = "here"
unit = "1"
initial = 1
scale = 1

[species.b]
says = "The second"
where = "here"
unit = "1"
initial = "steady"
guess = 1
scale = 1

[species.c]
says = "The third"
where = "here"
unit = "1"
initial = "p"
scale = 1

[parameter.p]
says = "A parameter"
unit = "1"
value = 0.75
range = [0.1, 2]
prior = "lognormal"
assumed = "a test"

[parameter.n]
says = "An exponent"
unit = "1"
value = 1.75
range = [1, 3]
prior = "uniform"
assumed = "a test"

[parameter.per_day]
says = "A rate of one per day"
unit = "1/day"
value = 1
prior = "fixed"
assumed = "a test"

[assignment.shared]
says = "What two processes share"
unit = "1"
value = "RATE"
assumed = "a test"

[process.changes]
says = "Changes all"
changes = { a = 1, b = -0.5, c = "n" }
rate = "per_day * (RATE)"
assumed = "a test"

[process.shares]
says = "Changes the second by what is shared"
changes = { b = 0.5, c = -1 }
rate = "per_day * b * shared"
assumed = "a test"

[modulator.slows]
says = "Slows sharing"
factor = "1 / (1 + a^2)"
acts_on = ["process.shares"]
assumed = "a test"
"#;

/// Reads a model that must be right.
pub(crate) fn declare(text: &str) -> Declaration {
    declare_all(&[Source::new("model/test.toml", text)])
}

/// Reads several files that must be right.
pub(crate) fn declare_all(files: &[Source]) -> Declaration {
    match Declaration::read(files) {
        Ok(declaration) => declaration,
        Err(faults) => panic!("{}", faults.render(Color::Never)),
    }
}

/// Reads a model that must be wrong: its faults as a terminal would show them.
pub(crate) fn refuse(text: &str) -> String {
    match Declaration::read(&[Source::new("model/test.toml", text)]) {
        Ok(_) => panic!("this should be refused:\n{text}"),
        Err(faults) => faults.render(Color::Never),
    }
}

/// Compiles a declaration that must compile.
pub(crate) fn compile(declaration: &Declaration) -> Network {
    match declaration.compile(&Edits::default()) {
        Ok(network) => network,
        Err(faults) => panic!("{}", faults.render(Color::Never)),
    }
}

/// All model files below the workspace's `model` folder, in order.
pub(crate) fn model_files() -> Vec<Source> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../model");
    let mut files = Vec::new();
    for part in ["", "families/", "subjects/", "evidence/"] {
        let entries = std::fs::read_dir(folder.join(part)).expect("the model folder");
        let mut paths: Vec<_> = entries
            .filter_map(|entry| Some(entry.ok()?.path()))
            .collect();
        paths.sort();
        for path in paths {
            if path
                .extension()
                .is_some_and(|extension| extension == "toml")
            {
                let name = path
                    .file_name()
                    .expect("a file has a name")
                    .to_string_lossy();
                let text = std::fs::read_to_string(&path).expect("a model file is text");
                files.push(Source::new(format!("model/{part}{name}"), text));
            }
        }
    }
    files
}
