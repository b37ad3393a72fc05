//! Answers are those of the command, and nothing that is asked does harm.

use std::path::{Path, PathBuf};

use gutbrain::model::Model;
use gutbrain::scenario::ScenarioFile;
use gutbrain::study::{Memory, RunStudy, Setup, Silent, Study as _};
use gutbrain_explorer::Explorer;
use gutbrain_explorer::page::{Answers, page};
use serde_json::{Value, json};

fn ask(explorer: &mut Explorer, question: &Value) -> Value {
    let answer = explorer.answer(&question.to_string());
    let answer: Value = serde_json::from_str(&answer).expect("an answer is JSON");
    assert!(answer.get("error").is_none(), "{answer}");
    assert!(answer.get("faults").is_none(), "{answer}");
    answer
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The files that the command leaves.
fn command(name: &str, changes: &[&str]) -> Memory {
    let mut file =
        ScenarioFile::open(&root().join(name)).unwrap_or_else(|faults| panic!("{faults}"));
    let set = changes.iter().map(|change| (*change).to_owned()).collect();
    let overrides = gutbrain::scenario::Overrides {
        set,
        ..Default::default()
    };
    file.apply(&overrides).expect("changes");
    let setup = Setup::new(Model::builtin().expect("a model"), file).expect("a setup");
    let mut store = Memory::default();
    RunStudy::new(&setup)
        .run(&mut store, &Silent)
        .expect("a run");
    store
}

fn text(store: &Memory, name: &str) -> String {
    let bytes = store.file(name).unwrap_or_else(|| panic!("no {name}"));
    String::from_utf8(bytes.to_vec()).expect("a text")
}

#[test]
fn a_run_has_the_endpoints_and_figures_of_the_command() {
    let mut explorer = Explorer::default();
    for name in ["scenarios/butyrate-g93a.toml", "scenarios/wild-type.toml"] {
        let opened = ask(&mut explorer, &json!({ "do": "open", "name": name }));
        let run = ask(
            &mut explorer,
            &json!({ "do": "run", "scenario": opened["tree"], "show": ["zo1"] }),
        );
        let store = command(name, &[]);
        assert_eq!(run["endpoints"], text(&store, "endpoints.csv"), "{name}");
        assert_eq!(run["text"], text(&store, "scenario.toml"), "{name}");
        let figure = ask(
            &mut explorer,
            &json!({ "do": "figure", "scenario": opened["tree"], "name": "axis" }),
        );
        assert_eq!(figure["svg"], text(&store, "figures/axis.svg"), "{name}");
        assert_eq!(figure["data"], text(&store, "figures/axis.csv"), "{name}");
    }
}

#[test]
fn what_was_compiled_before_changes_no_digit() {
    let changed = |tree: &Value, id: &str, value: &str| {
        let mut tree = tree.clone();
        tree["subject"]["parameters"] = json!({ id: value });
        tree
    };
    let mut explorer = Explorer::default();
    let opened = ask(
        &mut explorer,
        &json!({ "do": "open", "name": "scenarios/butyrate-g93a.toml" }),
    );
    let question = |tree: &Value| json!({ "do": "run", "scenario": tree, "show": ["il17"] });
    ask(&mut explorer, &question(&opened["tree"]));
    let again = changed(&opened["tree"], "acetate_absorption", "41 1/day");
    let kept = ask(&mut explorer, &question(&again));
    let fresh = ask(&mut Explorer::default(), &question(&again));
    assert_eq!(kept, fresh);
    // A switch changes the structure, and what was compiled cannot serve.
    let mut off = opened["tree"].clone();
    off["model"] = json!({ "disable": ["process.zo1_is_made_colon"] });
    let kept = ask(&mut explorer, &question(&off));
    let fresh = ask(&mut Explorer::default(), &question(&off));
    assert_eq!(kept, fresh);
    assert_ne!(kept["endpoints"], again["endpoints"]);
}

#[test]
fn a_cohort_in_pieces_is_the_cohort_of_the_command() {
    let name = "scenarios/butyrate-g93a-cohort.toml";
    let mut explorer = Explorer::default();
    let mut opened = ask(&mut explorer, &json!({ "do": "open", "name": name }));
    opened["tree"]["cohort"]["subjects"] = json!(6);
    let mut answer = ask(
        &mut explorer,
        &json!({ "do": "cohort", "scenario": opened["tree"] }),
    );
    while answer["finished"] != true {
        answer = ask(&mut explorer, &json!({ "do": "cohort-next", "animals": 4 }));
    }
    let store = command(name, &["cohort.subjects=6"]);
    for file in ["endpoints.csv", "survival.csv"] {
        let given = ask(&mut explorer, &json!({ "do": "cohort-file", "name": file }));
        assert_eq!(given["text"], text(&store, file), "{file}");
    }
    let given = ask(
        &mut explorer,
        &json!({ "do": "cohort-file", "name": "survival.svg" }),
    );
    assert_eq!(given["text"], text(&store, "figures/survival.svg"));
}

#[test]
fn every_slider_writes_a_value_that_the_scenario_takes() {
    let mut explorer = Explorer::default();
    let model = ask(&mut explorer, &json!({ "do": "model" }));
    let opened = ask(
        &mut explorer,
        &json!({ "do": "open", "name": "scenarios/butyrate-g93a.toml" }),
    );
    let parameters = model["parameters"].as_object().expect("parameters");
    for end in [0, 1] {
        let mut tree = opened["tree"].clone();
        let chosen: serde_json::Map<String, Value> = parameters
            .iter()
            .filter(|(_, it)| it["role"] == "property" && it["prior"] != "fixed")
            .filter(|(_, it)| it["range"].is_array())
            .map(|(id, it)| {
                let value = &it["range"][end];
                let unit = it["unit"].as_str().unwrap_or_default();
                let written = if unit == "1" {
                    value.clone()
                } else {
                    json!(format!("{value} {unit}"))
                };
                (id.clone(), written)
            })
            .collect();
        assert!(chosen.len() > 250, "{}", chosen.len());
        tree["subject"]["parameters"] = Value::Object(chosen);
        ask(&mut explorer, &json!({ "do": "map", "scenario": tree }));
    }
}

#[test]
fn every_arrow_of_the_map_has_entries_behind_it() {
    let mut explorer = Explorer::default();
    let model = ask(&mut explorer, &json!({ "do": "model" }));
    let opened = ask(
        &mut explorer,
        &json!({ "do": "open", "name": "scenarios/butyrate-g93a.toml" }),
    );
    let map = ask(
        &mut explorer,
        &json!({ "do": "map", "scenario": opened["tree"] }),
    );
    let ways = map["ways"].as_array().expect("arrows");
    assert!(ways.len() > 100);
    let without: Vec<&Value> = ways
        .iter()
        .filter(|way| way["entries"].as_array().is_none_or(Vec::is_empty))
        .collect();
    assert!(without.is_empty(), "{without:?}");
    for way in ways {
        for entry in way["entries"].as_array().expect("entries") {
            let (kind, id) = entry
                .as_str()
                .and_then(|it| it.split_once('.'))
                .expect("an entry");
            let kinds = if kind == "process" {
                "processes".to_owned()
            } else {
                format!("{kind}s")
            };
            assert!(model[kinds][id].is_object(), "{entry}");
        }
    }
}

#[test]
fn noise_is_answered_with_words() {
    let mut explorer = Explorer::default();
    let deep = "[".repeat(100_000);
    let noise = [
        "",
        "{}",
        "null",
        "[]",
        "\u{0}",
        "{\"do\":\"run\"}",
        "{\"do\":\"run\",\"scenario\":null}",
        "{\"do\":\"run\",\"scenario\":{\"arm\":\"x\"}}",
        "{\"do\":\"cohort-next\",\"animals\":1}",
        "{\"do\":\"open\",\"name\":\"../../etc/passwd\"}",
        "{\"do\":\"open\",\"text\":\"extends = \\\"/etc/passwd\\\"\"}",
        "{\"do\":\"explain\",\"scenario\":{},\"arm\":\"\",\"species\":\"\",\"age\":1e999}",
        deep.as_str(),
    ];
    for question in noise {
        let answer: Value = serde_json::from_str(&explorer.answer(question)).expect("JSON");
        let refused = answer.get("error").is_some() || answer.get("faults").is_some();
        assert!(refused, "{question}: {answer}");
    }
}

#[test]
fn the_page_names_nothing_outside_of_it() {
    for html in [page(Answers::Module(b"\0asm")), page(Answers::Server)] {
        assert!(!html.contains("{{"), "a mark was left");
        assert!(html.contains("default-src 'none'"));
        let outside = [
            "http://", "https://", "<link", "<iframe", "src=\"", "@import", "eval(",
        ];
        for word in outside {
            let found = html.replace("http://www.w3.org/2000/svg", "");
            assert!(!found.contains(word), "{word}");
        }
    }
    assert_eq!(
        page(Answers::Module(b"\0asm")),
        page(Answers::Module(b"\0asm"))
    );
}
