//! Committed pages that can be derived are derived again and compared.

use std::path::Path;

use gutbrain::analysis::sensitivity::Study;
use gutbrain::model::Model;
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
    let pages = [
        "README.md",
        "CONTRIBUTING.md",
        "docs/science.md",
        "docs/architecture.md",
        "docs/numerics.md",
    ];
    for page in pages {
        let text = std::fs::read_to_string(root.join(page)).expect(page);
        let folder = root.join(page).parent().expect("a folder").to_owned();
        for link in text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split(')').next())
        {
            if !link.starts_with("http") && !link.starts_with('#') {
                assert!(folder.join(link).exists(), "{page}: {link}");
            }
        }
    }
}

#[test]
fn every_scenario_begins_with_a_sentence() {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).join("scenarios");
    for folder in [root.clone(), root.join("base")] {
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
        "docs/science.md",
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

/// The cells of a row of a table whose first cell is this.
fn row(text: &str, first: &str) -> Vec<String> {
    let lines = text.lines();
    let mut rows = lines.map(|line| line.split('|').map(|cell| cell.trim().to_owned()));
    let found = rows.find_map(|cells| {
        let cells: Vec<String> = cells.collect();
        (cells.get(1).map(String::as_str) == Some(first)).then_some(cells)
    });
    found.unwrap_or_else(|| panic!("no row `{first}`"))
}

#[test]
fn the_effect_on_life_stands_beside_its_interval() {
    let calibration = page("docs/calibration.md");
    for (strain, pages) in [
        ("B6SJL", &["README.md", "docs/science.md"][..]),
        ("C57BL/6", &["docs/science.md"][..]),
    ] {
        let cells = row(
            &calibration,
            &format!("Butyrate 2 % from day 38, {strain}: longer life"),
        );
        let [value, low, median, high] = [3, 4, 5, 6].map(|place: usize| cells[place].as_str());
        for page in pages {
            says(
                page,
                &format!(
                    "+{value} d on {strain} (5 % to 95 % of the posterior: {low} to {high} d, median {median})"
                ),
            );
        }
    }
}
