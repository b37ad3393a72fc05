//! What a user reads of people speaks of persons, and their figures tell the time of patients.

use std::path::{Path, PathBuf};

use gutbrain::scenario::ScenarioFile;
use gutbrain::study::{Memory, RunStudy, Setup, Silent, Study as _, TableFormat, TrialStudy};

/// Every scenario of people.
fn scenarios() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/patients");
    let entries = folder.read_dir().expect("the scenarios");
    let mut paths: Vec<PathBuf> = entries.map(|it| it.expect("an entry").path()).collect();
    paths.push(folder.join("../biomarkers/carriers.toml"));
    paths.sort();
    paths
}

/// A scenario with few persons: words do not depend on how many they are.
fn few(path: &Path) -> Setup {
    let mut file = ScenarioFile::open(path).unwrap_or_else(|faults| panic!("{faults}"));
    let set = gutbrain::scenario::Overrides {
        set: vec!["cohort.subjects=12".to_owned()],
        ..Default::default()
    };
    file.apply(&set).unwrap_or_else(|faults| panic!("{faults}"));
    let model = file.model().unwrap_or_else(|faults| panic!("{faults}"));
    Setup::new(model, file).unwrap_or_else(|faults| panic!("{faults}"))
}

/// Words that are not said of people, in a text in lower case.
fn wrong_words(text: &str) -> Vec<&str> {
    let words = text.split(|letter: char| !letter.is_alphabetic());
    words
        .filter(|word| matches!(*word, "animal" | "animals" | "mouse" | "mice"))
        .collect()
}

/// How many pictures there are; a title is what the author wrote.
fn speaks_of_people(name: &str, title: &str, store: &Memory) -> usize {
    let mut pictures = 0;
    for (file, bytes) in store.files() {
        let is_picture = file.ends_with(".svg");
        if !is_picture && file != "summary.json" && !file.ends_with(".txt") {
            continue;
        }
        let text = String::from_utf8_lossy(bytes).to_lowercase();
        let text = text.replace(&title.to_lowercase(), "");
        assert_eq!(wrong_words(&text), [""; 0], "{name}: {file}");
        if is_picture {
            assert!(!text.contains("age (d)"), "{name}: {file}");
            pictures += 1;
        }
    }
    pictures
}

#[test]
fn figures_captions_and_summaries_of_people_speak_of_persons() {
    let (mut checked, mut pictures) = (0, 0);
    for path in scenarios() {
        let setup = few(&path);
        let mut store = Memory::default();
        RunStudy::new(&setup)
            .run(&mut store, &Silent)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let name = path.display().to_string();
        pictures += speaks_of_people(&name, &setup.scenario.title, &store);
        checked += 1;
    }
    assert!(checked >= 29, "{checked}");
    assert!(pictures >= 29, "{pictures}");
}

#[test]
fn axes_of_people_are_months_from_onset_and_points_of_the_scale() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/patients");
    let setup = few(&folder.join("natural-history.toml"));
    let mut store = Memory::default();
    RunStudy::new(&setup)
        .run(&mut store, &Silent)
        .expect("a sound scenario");
    let text = |name: &str| String::from_utf8_lossy(store.file(name).expect(name)).into_owned();
    let function = text("figures/function.svg");
    for words in [
        "Time from expected onset (months)",
        "points (0–48)",
        "points (0–12)",
    ] {
        assert!(function.contains(words), "{words}");
    }
    assert!(!function.contains("dimensionless"));
    let survival = text("figures/survival.svg");
    assert!(survival.contains("months from expected onset"));
    assert!(text("summary.json").contains("count from 3652.5 d"));
}

#[test]
fn figures_of_a_trial_of_people_speak_of_persons() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/patients");
    let mut file = ScenarioFile::open(&folder.join("lithium.toml")).expect("a scenario");
    let set = [
        "trial.pool=300",
        "trial.replicates=10",
        "trial.group_sizes=[10]",
    ];
    let set = gutbrain::scenario::Overrides {
        set: set.map(str::to_owned).to_vec(),
        ..Default::default()
    };
    file.apply(&set).expect("changes");
    let model = file.model().expect("people");
    let setup = Setup::new(model, file).expect("a sound scenario");
    let mut store = Memory::default();
    TrialStudy::new(&setup, TableFormat::Csv)
        .expect("a trial")
        .run(&mut store, &Silent)
        .expect("a sound trial");
    assert!(speaks_of_people("lithium.toml", &setup.scenario.title, &store) >= 1);
    let summary = String::from_utf8_lossy(store.file("summary.json").expect("a summary"));
    // A quarter of a year, and no number of mice.
    assert!(
        summary.contains("\"large_difference_d\": 91.3125"),
        "{summary}"
    );
}
