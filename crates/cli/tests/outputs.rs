//! The data dictionary names every column that the commands write.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests prepare their own files, and fail by panicking"
)]

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use gutbrain::results::dictionary;
use gutbrain_network::declaration::Family;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// Runs a command into a folder and checks the tables that it leaves; their names are added to `seen`.
fn check(words: &str, more: &[&str], seen: &mut BTreeSet<String>) {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("run");
    let done = Command::new(env!("CARGO_BIN_EXE_gutbrain"))
        .args(words.split(' '))
        .args(more)
        .args(["--quiet", "--output"])
        .arg(&folder)
        .current_dir(ROOT)
        .output()
        .unwrap();
    assert!(done.status.success(), "{words}: {done:?}");
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|ending| ending == "csv") {
            check_table(words, &path);
            seen.insert(path.file_stem().unwrap().to_string_lossy().into_owned());
        }
    }
}

/// The family of the built-in model.
fn mouse() -> Family {
    let model = gutbrain::model::Model::builtin();
    model
        .expect("the built-in model is sound")
        .declaration
        .family
}

fn check_table(words: &str, path: &Path) {
    let name = path.file_stem().unwrap().to_string_lossy();
    let table = dictionary::table(&name)
        .unwrap_or_else(|| panic!("`{words}` leaves `{name}`, which the dictionary does not know"));
    let text = std::fs::read_to_string(path).unwrap();
    let mouse = mouse();
    let is_age = |column: &str| {
        let mut endpoints = mouse.endpoints.iter();
        table.name == "endpoints" && endpoints.any(|endpoint| endpoint.column() == column)
    };
    for column in text.lines().next().unwrap_or_default().split(',') {
        assert!(
            table.column(column).is_some() || is_age(column) || !table.others.is_empty(),
            "`{words}`: column `{column}` of `{name}` is not in src/results/dictionary.rs"
        );
    }
}

#[test]
fn every_column_of_every_table_is_in_the_dictionary() {
    let mut seen = BTreeSet::new();
    let csv = "--format=csv";
    check("run scenarios/butyrate-g93a.toml", &[csv], &mut seen);
    // Curves that do more between the output ages than at them.
    check("run scenarios/night-drinking.toml", &[csv], &mut seen);
    // A laboratory's own data.
    let laboratory = tempfile::tempdir().unwrap();
    let own = |name: &str, text: &str| {
        let path = laboratory.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    own("il17.csv", "time,arm,value,sd\n60,control,14,2\n");
    own("ends.csv", "age,group,died\n121,control,1\n");
    let base = Path::new(ROOT).join("scenarios/base/g93a-b6sjl.toml");
    let data = "[[data]]\nfile = \"il17.csv\"\nobservable = \"il17\"\nunit = \"pg/ml\"\n[[data]]\nfile = \
                \"ends.csv\"\nkind = \"survival\"\n";
    let text = format!("extends = \"{}\"\n{data}", base.display());
    let scenario = own("own.toml", &text);
    check(&format!("run {scenario}"), &[csv], &mut seen);
    let few_animals = ["--set", "cohort.subjects=4", csv];
    check(&format!("run {scenario}"), &few_animals, &mut seen);
    let small = ["--set", "cohort.subjects=8", csv];
    check("run scenarios/butyrate-g93a-cohort.toml", &small, &mut seen);
    let drawn = [&small[..], &["--set", "cohort.parameters=posterior"]].concat();
    check("run scenarios/butyrate-g93a-cohort.toml", &drawn, &mut seen);
    let few = [
        "--set",
        "trial.pool=100",
        "--set",
        "trial.replicates=20",
        csv,
    ];
    check(
        "trial scenarios/trials/butyrate-trial.toml",
        &few,
        &mut seen,
    );
    // Designs with visits and endpoints of their own.
    check("trial scenarios/trials/motor-slope.toml", &few, &mut seen);
    check(
        "sweep scenarios/sweeps/dose-by-start.toml",
        &[csv],
        &mut seen,
    );
    let study = ["--set", "sensitivity.samples=4", csv];
    check(
        "sensitivity scenarios/sensitivity/sobol-by-compartment.toml",
        &study,
        &mut seen,
    );
    check(
        "sensitivity scenarios/sensitivity/local-butyrate.toml",
        &[csv],
        &mut seen,
    );
    let few = ["--set", "cohort.subjects=16"];
    check("biomarkers scenarios/biomarkers/mice.toml", &few, &mut seen);
    let quick = ["--vectors", "0"];
    check("attribute scenarios/butyrate-g93a.toml", &quick, &mut seen);
    let expected: BTreeSet<String> = dictionary::TABLES
        .iter()
        .filter(|table| !table.commands.contains("calibrate"))
        .map(|table| table.name.to_owned())
        .collect();
    assert_eq!(seen, expected, "the tables that were looked at");
}

#[test]
fn the_page_is_that_of_the_dictionary() {
    let committed =
        std::fs::read_to_string(Path::new(ROOT).join("docs/outputs.md")).unwrap_or_default();
    assert!(
        committed == dictionary::outputs_page(&mouse()),
        "docs/outputs.md is out of date: `cargo dev generate outputs`"
    );
}
