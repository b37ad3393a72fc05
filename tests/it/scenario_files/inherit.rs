//! `extends` and the command line.

use std::path::{Path, PathBuf};

use gutbrain::scenario::{Moment, Overrides, ScenarioFile};
use gutbrain_network::Color;

use crate::scenario_files::{BASE, accept, accept_with, fixtures, model};

fn write(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, text).unwrap();
    path
}

#[test]
fn tables_merge_and_arms_merge_by_name() {
    let file = ScenarioFile::open(&fixtures().join("scenarios/late.toml")).unwrap();
    let scenario = file.check(&model()).unwrap();
    assert_eq!(scenario.title, "A drug in the water, later");
    assert_eq!(scenario.simulation.start, 20.0);
    assert_eq!(scenario.simulation.stop, 150.0);
    assert_eq!(scenario.simulation.every, 2.0);
    let names: Vec<&str> = scenario.arms.iter().map(|arm| arm.name.as_str()).collect();
    assert_eq!(names, ["control", "drug", "knock-out"]);
    assert_eq!(scenario.arms[1].actions.len(), 1);
    assert_eq!(scenario.arms[1].shading[0].start, Moment::Age(60.0));
    assert_eq!(scenario.figures.len(), 1);
}

#[test]
fn extends_is_relative_to_its_own_file() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "base.toml", BASE);
    write(
        folder.path(),
        "deep/middle.toml",
        "extends = \"../base.toml\"\nseed = 7\n",
    );
    let top = write(
        folder.path(),
        "top.toml",
        "extends = \"deep/middle.toml\"\ntitle = \"top\"\n",
    );
    let scenario = ScenarioFile::open(&top).unwrap().check(&model()).unwrap();
    assert_eq!((scenario.title.as_str(), scenario.seed), ("top", 7));
}

#[test]
fn faults_name_the_file_in_which_they_are() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "base.toml", &BASE.replace("2 %", "2 mM"));
    let top = write(
        folder.path(),
        "top.toml",
        "extends = \"base.toml\"\ntitel = \"x\"\n",
    );
    let faults = ScenarioFile::open(&top)
        .unwrap()
        .check(&model())
        .expect_err("two faults");
    let message = faults.render(Color::Never);
    assert!(message.contains("base.toml:14:"), "{message}");
    assert!(message.contains("top.toml:2:1"), "{message}");
}

#[test]
fn circles_missing_files_and_long_chains_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let alone = write(here, "alone.toml", "extends = \"./alone.toml\"\n");
    let a = write(here, "a.toml", "extends = \"b.toml\"\n");
    write(
        here,
        "b.toml",
        "title = \"b\"\nextends = \"sub/../a.toml\"\n",
    );
    std::fs::create_dir(here.join("sub")).unwrap();
    let missing = write(here, "missing.toml", "\nextends = \"alon.toml\"\n");
    let number = write(here, "number.toml", "extends = 3\n");
    let itself = write(here, "folder.toml", "extends = \"sub\"\n");
    for index in 0..40 {
        write(
            here,
            &format!("c{index}.toml"),
            &format!("extends = \"c{}.toml\"\n", index + 1),
        );
    }
    write(here, "c40.toml", BASE);
    for (path, code, words) in [
        (alone, "cycle", "alone.toml -> alone.toml"),
        (a, "cycle", "a.toml -> b.toml -> a.toml"),
        (missing, "unreadable", "did you mean `alone.toml`?"),
        (number, "wrong-type", "path in quotes"),
        (itself, "unreadable", "it is a folder"),
        (here.join("c0.toml"), "too-deep", "32 files"),
    ] {
        let faults = ScenarioFile::open(&path).expect_err(words);
        let message = faults.render(Color::Never);
        assert!(message.contains(words), "no `{words}` in\n{message}");
        assert!(
            faults.as_slice().iter().any(|fault| fault.code == code),
            "{message}"
        );
    }
}

#[test]
fn the_command_line_wins() {
    let scenario = accept_with(
        BASE,
        &[
            "solver.rtol=1e-10",
            "simulation.stop=120 d",
            "seed=5",
            "title=\"other\"",
            "arm.drug.dose=\"1 %\"",
            "arm.drug.intervention.drug-water.start=40 d",
            "arm.drug.intervention.1.stop=\"50 d\"",
            "uptake=\"0.2 1/day\"",
            "parameter.toxicity=\"0.02 1/day\"",
            "process.neurons_die.enabled=false",
        ],
    );
    assert_eq!(scenario.solver.rtol, 1e-10);
    assert_eq!(scenario.simulation.stop, 120.0);
    assert_eq!((scenario.seed, scenario.title.as_str()), (5, "other"));
    let shading = &scenario.arms[1].shading[0];
    assert_eq!(
        (shading.dose, &shading.start, &shading.stop),
        (Some(1.0), &Moment::Age(40.0), &Moment::Age(50.0))
    );
    assert_eq!(scenario.subject.parameters["uptake"], 0.2);
    assert_eq!(scenario.subject.parameters["toxicity"], 0.02);
    assert_eq!(
        scenario.edits.enabled.get("process.neurons_die"),
        Some(&false)
    );
}

#[test]
fn arm_names_with_dots_are_found() {
    let text = BASE.replace("\"drug\"", "\"0.5 %\"");
    let scenario = accept_with(&text, &["arm.0.5 %.dose=0.5 %"]);
    assert_eq!(scenario.arms[1].shading[0].dose, Some(0.5));
}

#[test]
fn arms_can_be_selected() {
    let select = |names: &[&str]| {
        let mut file = ScenarioFile::parse(&gutbrain_network::Source::new("t.toml", BASE)).unwrap();
        let arms = names.iter().map(|&name| name.to_owned()).collect();
        let overrides = Overrides {
            arms,
            seed: Some(9),
            ..Overrides::default()
        };
        file.apply(&overrides)
            .map(|()| file.check(&model()).unwrap())
    };
    let scenario = select(&["drug"]).unwrap();
    assert_eq!((scenario.arms.len(), scenario.seed), (1, 9));
    let faults = select(&["drugs"]).expect_err("no such arm");
    assert!(
        faults.to_string().contains("did you mean `drug`?"),
        "{faults}"
    );
}

#[test]
fn without_arms_there_is_a_control() {
    let end = BASE.find("[[arm]]").unwrap();
    let scenario = accept(&BASE[..end]);
    assert_eq!(scenario.arms.len(), 1);
    assert_eq!(scenario.arms[0].name, "control");
}
