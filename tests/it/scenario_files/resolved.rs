//! The resolved scenario runs by itself; the registry, the schema and the page agree.

use gutbrain::scenario::{Overrides, ScenarioFile, json_schema, keys, markdown};
use gutbrain_network::Source;
use gutbrain_network::declaration::Family;
use serde_json::Value;

use crate::scenario_files::{BASE, fixtures, model, perturbed};

fn file(text: &str) -> ScenarioFile {
    ScenarioFile::parse(&Source::new("test.toml", text)).unwrap()
}

#[test]
fn the_resolved_file_means_the_same_and_stays_as_it_is() {
    let model = model();
    let mut files = vec![
        file(BASE),
        file(&BASE[..BASE.find("[[arm]]").unwrap()]),
        file(&BASE.replace("\"test\"", "'quotes \" and \\ and \t and µ'")),
        file(&perturbed(
            "target = \"process.neurons_die\"\naction = \"off\"\nstart = \"birth\"",
        )),
        file(&format!(
            "{BASE}stop = \"31 d\"\nrepeat = {{ every = \"7 d\", times = 3 }}\n"
        )),
        file(&format!(
            "{BASE}[model]\ndisable = [\"drug_protects\"]\n[output]\ntrajectories = \"shown\"\n"
        )),
        ScenarioFile::open(&fixtures().join("scenarios/late.toml")).unwrap(),
    ];
    let mut changed = file(BASE);
    let set = [
        "uptake=0.3 1/day",
        "arm.drug.dose=1 %",
        "solver.rtol=1e-9",
        "simulation.every=12 h",
    ];
    let set = set.map(str::to_owned).to_vec();
    changed
        .apply(&Overrides {
            set,
            seed: Some(3),
            arms: vec![],
        })
        .unwrap();
    files.push(changed);
    for file in files {
        let scenario = file
            .check(&model)
            .unwrap_or_else(|faults| panic!("{faults}"));
        let text = file.resolved(&scenario);
        let again = ScenarioFile::parse(&Source::new("scenario.toml", text.as_str())).unwrap();
        let same = again
            .check(&model)
            .unwrap_or_else(|faults| panic!("{faults}\n{text}"));
        assert_eq!(format!("{scenario:?}"), format!("{same:?}"), "{text}");
        assert_eq!(text, again.resolved(&same));
    }
}

/// The family of the built-in model.
fn family() -> Family {
    let model = gutbrain::model::Model::builtin();
    model
        .expect("the built-in model is sound")
        .declaration
        .family
}

#[test]
fn every_key_is_in_the_schema_with_its_sentence() {
    let schema = json_schema(&family());
    for key in keys::KEYS {
        let mut node = &schema;
        for part in key.path.split('.') {
            let table = node.get("items").unwrap_or(node);
            node = table
                .get("properties")
                .and_then(|all| all.get(part))
                .unwrap_or(&Value::Null);
        }
        let text = node
            .get("description")
            .and_then(Value::as_str)
            .unwrap_or_default();
        assert!(text.starts_with(key.says), "{}: {node}", key.path);
    }
}

#[test]
fn the_page_of_the_documentation_is_up_to_date() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/scenario.md");
    let page = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        page == markdown(&family()),
        "docs/scenario.md is out of date: `cargo run -- schema --markdown > docs/scenario.md`"
    );
}
