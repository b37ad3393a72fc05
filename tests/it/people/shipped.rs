//! The model is part of the program, and a scenario says that it means it.

use std::path::Path;

use gutbrain::model::{Model, SHIPPED, model_files};
use gutbrain::scenario::ScenarioFile;
use gutbrain::study::Setup;

const SHORT: &str = "schema = 1\n[subject]\nMODEL\npreset = \"PRESET\"\n[simulation]\n\
                     start = \"0 d\"\nstop = \"10 d\"\n";

fn setup(model: &str, preset: &str) -> Result<Setup, String> {
    let text = SHORT.replace("MODEL", model).replace("PRESET", preset);
    Setup::from_text("short.toml", &text).map_err(|faults| faults.to_string())
}

#[test]
fn a_scenario_says_which_shipped_model_it_means() {
    let mouse = setup("", "mouse-wt-b6sjl").expect("the mouse holds where nothing is said");
    let same = setup("model = \"mouse\"", "mouse-wt-b6sjl").expect("the mouse by its name");
    assert_eq!(mouse.model.hash, same.model.hash);
    assert_eq!(mouse.model.label, "built-in");
    let people = setup("model = \"human\"", "human-healthy").expect("people");
    assert_eq!(people.model.label, "built-in human");
    assert_eq!(people.model.declaration.family.name, "human");
    // What was resolved asks for the same model again.
    assert!(people.resolved().contains("model = \"human\""));
    assert!(!mouse.resolved().contains("model ="));
    let wrong = setup("model = \"humans\"", "human-healthy").expect_err("no such model");
    assert!(
        wrong.contains("the program has no model `humans`"),
        "{wrong}"
    );
    assert!(wrong.contains("did you mean `human`?"), "{wrong}");
    assert!(wrong.contains("short.toml:3"), "{wrong}");
    let people_of_the_mouse = setup("", "human-healthy").expect_err("the mouse has no people");
    assert!(people_of_the_mouse.contains("no subject `human-healthy`"));
}

#[test]
fn labels_of_manifests_find_the_model_again() {
    for name in SHIPPED {
        let by_name = Model::shipped(name)
            .expect("a name")
            .expect("a sound model");
        let by_label = Model::shipped(&by_name.label).expect("a label");
        assert_eq!(by_name.hash, by_label.expect("a sound model").hash);
    }
    assert!(Model::shipped("worm").is_none());
}

#[test]
fn the_folder_and_the_shipped_model_are_the_same() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("human");
    let shipped = Model::shipped("human").expect("a name").expect("sound");
    let loaded = Model::load(&folder).expect("a sound folder");
    assert_eq!(shipped.hash, loaded.hash);
    let species = shipped.declaration.species.len();
    assert!((40..=60).contains(&species), "{species} species");
}

/// Regions are alike but for their names and neighbours: what is changed in one is changed in all.
#[test]
fn regions_have_the_same_equations() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("human");
    let files = model_files(&folder).expect("the folder");
    let text = |region: &str| {
        let name = format!("cord_{region}.toml");
        let found = files.iter().find(|file| file.name.ends_with(&name));
        let text = found.expect("a region").text.to_string();
        let mut capital = region.to_owned();
        capital[..1].make_ascii_uppercase();
        let lines = text.replace(region, "REGION").replace(&capital, "Region");
        let mut lines: Vec<String> = lines.lines().map(str::to_owned).collect();
        // Where it begins and which neighbours seed it are those of the region.
        lines.retain(|line| !line.starts_with("initial") && !line.contains("seed_spread"));
        lines
    };
    let bulbar = text("bulbar");
    assert!(bulbar.len() > 100);
    for other in ["cervical", "thoracic", "lumbar"] {
        assert_eq!(text(other), bulbar, "{other}");
    }
}

/// Every number rests on a row or says why it was assumed, and a row that only validates fits nothing.
#[test]
fn no_number_rests_on_a_row_that_is_held_out() {
    let model = Model::shipped("human").expect("a name").expect("sound");
    let declaration = &model.declaration;
    let parameters = declaration.parameters.iter();
    for (id, parameter) in parameters {
        for row in &parameter.common.evidence {
            let role = declaration.evidence[&row.value].role.word();
            assert_ne!(role, "validate", "{id} rests on {}", row.value);
        }
    }
}

#[test]
fn every_scenario_with_patients_is_sound() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/patients");
    let mut checked = 0;
    for entry in folder.read_dir().expect("the scenarios") {
        let path = entry.expect("an entry").path();
        let file = ScenarioFile::open(&path).unwrap_or_else(|faults| panic!("{faults}"));
        let model = file.model().unwrap_or_else(|faults| panic!("{faults}"));
        assert_eq!(model.label, "built-in human", "{}", path.display());
        file.check(&model)
            .unwrap_or_else(|faults| panic!("{faults}"));
        checked += 1;
    }
    assert!(checked >= 6, "{checked}");
}
