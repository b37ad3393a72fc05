//! Committed pages that can be derived are derived again and compared.

use std::path::Path;

use gutbrain::model::Model;
use gutbrain::report::documents::model_page;

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
