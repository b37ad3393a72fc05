//! Committed pages that can be derived are derived again and compared.
#![expect(
    clippy::disallowed_methods,
    reason = "tests read and prepare their own files"
)]

use std::path::Path;

use gutbrain::analysis::sensitivity::Study;
use gutbrain::model::{Model, SHIPPED};
use gutbrain::report::documents::model_page;
use gutbrain::results::assumptions::Assumptions;
use gutbrain::scenario::{Scenario, ScenarioFile};
use gutbrain::simulate::Population;
use gutbrain_network::declaration::{Parameter, Role};

#[test]
fn the_model_page_is_that_of_the_model() {
    let model = Model::builtin().expect("the built-in model is sound");
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).join("docs/model.md");
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        committed == model_page(&model.declaration),
        "docs/model.md is out of date: `cargo run -- model list --markdown > docs/model.md`"
    );
}

/// Prints of a file between two lines that fence it.
fn fenced<'a>(text: &'a str, fence: &str) -> Vec<&'a str> {
    text.split(fence)
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .map(str::trim)
        .collect()
}

#[test]
fn the_readme_gives_the_two_commands_that_the_check_runs() {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    let read = |name: &str| std::fs::read_to_string(root.join(name)).expect(name);
    let commands = fenced(&read("README.md"), "```sh\n").join("\n");
    assert_eq!(
        commands,
        "cargo run --release -- run scenarios/butyrate-g93a.toml\ncargo test --workspace"
    );
    let check = read(".ci/run");
    for command in commands.lines() {
        assert!(check.lines().any(|line| line == command), "{command}");
    }
}

#[test]
fn links_of_the_documents_lead_somewhere() {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    let mut pages = vec!["README.md".to_owned(), "CONTRIBUTING.md".to_owned()];
    for entry in std::fs::read_dir(root.join("docs")).expect("the documents") {
        let name = entry.expect("a document").file_name();
        let name = name.to_string_lossy();
        if name.ends_with(".md") {
            pages.push(format!("docs/{name}"));
        }
    }
    assert!(pages.len() > 20, "{pages:?}");
    for page in &pages {
        let text = std::fs::read_to_string(root.join(page)).expect(page);
        let folder = root.join(page).parent().expect("a folder").to_owned();
        for link in text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split(')').next())
        {
            if !link.starts_with("http") && !link.starts_with('#') {
                let (file, _) = link.split_once('#').unwrap_or((link, ""));
                assert!(folder.join(file).exists(), "{page}: {link}");
            }
        }
    }
}

/// The sources below a folder, as one text.
fn sources(folder: &Path, all: &mut String) {
    for entry in std::fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("a readable entry").path();
        if path.is_dir() && !path.ends_with("target") {
            sources(&path, all);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            all.push_str(&std::fs::read_to_string(&path).expect("a source"));
        }
    }
}

/// Every test that the page of past faults names is there, and every file.
#[test]
fn every_fault_of_the_past_is_held_by_a_test_that_exists() {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    let mut code = String::new();
    for folder in ["src", "crates", "tests"] {
        sources(&root.join(folder), &mut code);
    }
    let page = std::fs::read_to_string(root.join("docs/past-faults.md")).expect("the page");
    let mut rows = 0;
    for row in page.lines().filter(|line| line.starts_with("| ")) {
        let Some((_, held)) = row.trim_end_matches(" |").rsplit_once(" | ") else {
            panic!("no row: {row}");
        };
        if held == "held by" {
            continue;
        }
        rows += 1;
        let names: Vec<&str> = held.split('`').skip(1).step_by(2).collect();
        assert!(!names.is_empty(), "nothing holds: {row}");
        for name in names {
            let is_there = match name.contains('/') {
                true => root.join(name).exists(),
                false => code.contains(&format!("fn {name}(")),
            };
            assert!(is_there, "there is no `{name}`: {row}");
        }
    }
    assert!(rows >= 60, "{rows} rows");
}

#[test]
fn every_scenario_begins_with_a_sentence() {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).join("scenarios");
    for folder in [root.clone(), root.join("base"), root.join("patients")] {
        for entry in std::fs::read_dir(folder).expect("the scenarios") {
            let path = entry.expect("a readable entry").path();
            if path.extension().is_some_and(|ending| ending == "toml") {
                let text = std::fs::read_to_string(&path).expect("a scenario");
                let first = text.lines().next().unwrap_or_default();
                assert!(
                    first.starts_with("# ") && first.ends_with('.'),
                    "{}",
                    path.display()
                );
            }
        }
    }
}

/// Ids of evidence rows in a text, such as S1-29 or M2-107.
fn evidence_ids(text: &str) -> impl Iterator<Item = &str> {
    let is_word = |it: char| it.is_ascii_alphanumeric() || it == '-';
    let is_digits = |it: &str| !it.is_empty() && it.bytes().all(|byte| byte.is_ascii_digit());
    text.split(move |it| !is_word(it)).filter(move |word| {
        let Some((head, number)) = word.split_once('-') else {
            return false;
        };
        let mut letters = head.chars();
        letters.next().is_some_and(|it| it.is_ascii_uppercase())
            && is_digits(letters.as_str())
            && letters.as_str().len() <= 2
            && is_digits(number)
            && (2..=3).contains(&number.len())
    })
}

/// Nothing that was written rests on a finding that the model does not have.
#[test]
fn every_row_that_is_named_is_a_row_of_the_ledger() {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    let models = SHIPPED.map(|name| Model::shipped(name).expect("a model").expect("a sound one"));
    let (mut unknown, mut named) = (Vec::new(), 0);
    for (folder, ending) in [
        ("model", "toml"),
        ("human", "toml"),
        ("scenarios", "toml"),
        ("validation", "toml"),
        ("calibration", "toml"),
        ("docs", "md"),
    ] {
        let mut folders = vec![root.join(folder)];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).expect("a folder") {
                let path = entry.expect("a readable entry").path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|it| it == ending) {
                    let text = std::fs::read_to_string(&path).expect("a text");
                    for id in evidence_ids(&text) {
                        named += 1;
                        let known = |model: &Model| model.declaration.evidence.contains_key(id);
                        if !models.iter().any(known) {
                            unknown.push(format!("{}: {id}", path.display()));
                        }
                    }
                }
            }
        }
    }
    assert!(unknown.is_empty(), "{unknown:#?}");
    assert!(named > 1000, "only {named} ids were found");
    let text = "S1-29, (M2-107; H7-01) S10-1 x1-23 S1-2 UTF-16 SHA-256 S123-45 S1-2345";
    assert_eq!(
        evidence_ids(text).collect::<Vec<_>>(),
        ["S1-29", "M2-107", "H7-01"]
    );
}

/// Pictures of the documentation, as the main scenario draws them.
const PICTURES: [&str; 2] = ["axis.svg", "network-map.svg"];

#[test]
fn pictures_of_the_documents_are_those_that_the_program_draws() {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    let folder = tempfile::tempdir().expect("a temporary folder");
    let output = folder.path().join("run");
    let status = std::process::Command::new(env!("CARGO_BIN_EXE_gutbrain"))
        .args(["run", "--quiet", "scenarios/butyrate-g93a.toml", "--output"])
        .arg(&output)
        .current_dir(root)
        .stdout(std::process::Stdio::null())
        .status()
        .expect("the program");
    assert!(status.success());
    for picture in PICTURES {
        let drawn = std::fs::read(output.join("figures").join(picture)).expect("a drawn figure");
        let committed = std::fs::read(root.join("docs/figures").join(picture)).unwrap_or_default();
        assert!(
            drawn == committed,
            "docs/figures/{picture} is out of date: run scenarios/butyrate-g93a.toml and copy it"
        );
    }
}

fn page(name: &str) -> String {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    std::fs::read_to_string(root.join(name)).expect(name)
}

/// Says what a page must say.
#[track_caller]
fn says(name: &str, words: &str) {
    assert!(page(name).contains(words), "{name} must say `{words}`");
}

/// A number with commas between thousands, as the pages have them.
fn written(number: usize) -> String {
    match number {
        0..1000 => number.to_string(),
        _ => format!("{},{:03}", number / 1000, number % 1000),
    }
}

#[test]
fn parameters_and_processes_are_counted_by_the_same_rules_on_every_page() {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    let model = Model::builtin().expect("the built-in model is sound");
    let declaration = &model.declaration;
    let load = |name: &str| {
        let path = root.join(name);
        let path = path.to_str().expect("a path");
        Scenario::load(path, &model).unwrap_or_else(|faults| panic!("{faults}"))
    };
    let main = load("scenarios/butyrate-g93a.toml");

    // Declared: entries of the model, whatever is switched on.
    let processes = declaration.processes.len();
    let given = |it: &&Parameter| it.role == Role::Input;
    let inputs = declaration.parameters.values().filter(given).count();
    let parameters = declaration.parameters.len() - inputs;
    let off = declaration
        .processes
        .values()
        .filter(|it| !it.enabled)
        .count();
    says("docs/model.md", &format!("{processes} processes, "));
    says("docs/model.md", &format!("Of {parameters} numbers, "));

    // Active: what a run of the scenario reads.
    let active = Assumptions::count(declaration, &main);
    says(
        "docs/architecture.md",
        &format!(
            "Of {} parameters {} rest on evidence alone, {} on evidence for direction or order of \
             magnitude with an assumed size, {} on assumptions alone.",
            active.parameters(),
            active.evidence,
            active.both,
            active.assumed
        ),
    );

    // Varied: active numbers with a range and a prior.
    let (file, local) = {
        let path = root.join("scenarios/sensitivity/local-butyrate.toml");
        let file = ScenarioFile::open(&path);
        let file = file.unwrap_or_else(|faults| panic!("{faults}"));
        let scenario = load("scenarios/sensitivity/local-butyrate.toml");
        (file, scenario)
    };
    let study = Study::new(&model, &file, &local).expect("a study");
    let varied = study.inputs.len();
    says(
        "docs/sensitivity.md",
        &format!("Exact derivatives of {varied} parameters."),
    );

    // Compiled: what the equations of the scenario read, references to rest and gates included.
    let population = Population::new(&model, &main).expect("it compiles");
    let compiled = population.values().len();
    let on = processes - off;
    says(
        "docs/performance.md",
        &format!(
            "{} species, {on} processes, {compiled} parameters",
            declaration.species.len()
        ),
    );

    // And one place says which is which.
    says(
        "docs/architecture.md",
        &format!(
            "{} declared, {} active, {varied} varied, {} compiled",
            written(parameters),
            active.parameters(),
            written(compiled)
        ),
    );
    says(
        "docs/architecture.md",
        &format!("but the {inputs} inputs that only interventions set"),
    );
    says(
        "docs/architecture.md",
        &format!(
            "{} processes are declared, {} of them on",
            written(processes),
            written(on)
        ),
    );
}

/// What stands in the README of the fit is what the page of the calibration says.
#[test]
fn the_effect_on_life_stands_beside_its_interval() {
    let readme = page("README.md");
    for (name, strain) in [
        ("docs/calibration.md", "B6SJL"),
        ("docs/calibration.md", "C57BL/6"),
        ("docs/calibration-without-butyrate.md", "B6SJL"),
        ("docs/calibration-without-butyrate.md", "C57BL/6"),
    ] {
        let calibration = page(name);
        let first = format!("| Butyrate 2 % from day 38, {strain}: longer life |");
        let mut lines = calibration.lines();
        let line = lines.find(|line| line.starts_with(&first));
        let line = line.unwrap_or_else(|| panic!("no row `{first}` in {name}"));
        assert!(
            readme.lines().any(|it| it.trim() == line),
            "README.md lacks {line}"
        );
    }
}
