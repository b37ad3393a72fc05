//! The tutorial and the cookbook: what they tell a reader to type works, with the shipped model.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Call, Place};

fn root() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// The blocks of a page in their order: language and text.
fn blocks(page: &str) -> Vec<(String, String)> {
    let text = std::fs::read_to_string(root().join("docs").join(page)).unwrap();
    let mut found = Vec::new();
    let mut open: Option<(String, String)> = None;
    for line in text.lines() {
        match (line.strip_prefix("```"), &mut open) {
            (Some(language), None) => open = Some((language.to_owned(), String::new())),
            (Some(_), Some(_)) => found.extend(open.take()),
            (None, Some((_, text))) => *text += &format!("{line}\n"),
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a block of {page} does not end");
    found
}

/// The words of a line of a shell: quotes keep spaces.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let (mut word, mut quote, mut begun) = (String::new(), None, false);
    for letter in line.chars() {
        match (quote, letter) {
            (Some(mark), _) if letter == mark => quote = None,
            (None, '"' | '\'') => (quote, begun) = (Some(letter), true),
            (None, ' ') => {
                if begun || !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                begun = false;
            }
            _ => word.push(letter),
        }
    }
    if begun || !word.is_empty() {
        words.push(word);
    }
    words
}

fn call(place: &Path, arguments: &[String]) -> Call {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gutbrain"));
    Call::of(command.current_dir(place).args(arguments).output().unwrap())
}

/// Follows a page in an empty folder: writes the files that it shows under the names of their first lines, and gives
/// every command, which must work, to `each`.
fn follow(page: &str, each: &mut dyn FnMut(&[String], &Call)) -> Place {
    let place = Place::new();
    let folder = place.path("");
    for (language, text) in blocks(page) {
        match language.as_str() {
            "toml" | "csv" => {
                let name = text.lines().next().and_then(|line| line.strip_prefix("# "));
                std::fs::write(folder.join(name.expect("the name of a file")), &text).unwrap();
                continue;
            }
            "text" => continue,
            _ => {}
        }
        for line in text.lines() {
            let line = line.strip_prefix("$ gutbrain ").expect("a command");
            let words = words(line);
            // Differences are what `compare` is asked for.
            let code = i32::from(words[0] == "compare");
            let done = call(&folder, &words).expect(code);
            each(&words, &done);
        }
    }
    place
}

#[test]
fn every_command_of_the_tutorial_works_in_its_order() {
    let mut commands = 0;
    let place = follow("tutorial.md", &mut |words, done| {
        if words[0] == "runs" {
            for run in ["butyrate", "one-percent"] {
                assert!(done.stdout.contains(run), "{}", done.stdout);
            }
        }
        if words[0] == "compare" {
            for differs in ["arm.butyrate-water.intervention", "2 %", "1 %", "death"] {
                assert!(done.stdout.contains(differs), "{}", done.stdout);
            }
        }
        commands += 1;
    });
    let folder = place.path("");
    assert!(commands >= 10, "{commands}");
    // The figure and the curves that the page speaks of.
    for file in [
        "butyrate/figures/summary.svg",
        "butyrate/figures/summary.csv",
        "from-onset/figures/trajectories.svg",
        "females/survival.csv",
        "females/endpoints.csv",
    ] {
        assert!(folder.join("outputs").join(file).exists(), "{file}");
    }
    // Females only, and every one of them treated from its own onset on or not at all.
    let lives = place.text("outputs/females/endpoints.csv");
    assert!(!lives.contains(",male,") && lives.contains(",female,"));
}

/// Own data made by the program's own assays, drawn, counted and fitted to: the page of calibrating.
#[test]
fn every_command_of_calibrating_works_and_the_fit_finds_the_truth() {
    let mut commands = 0;
    let place = follow("calibrating.md", &mut |words, done| {
        if words.iter().any(|word| word == "--informs") {
            assert!(
                done.stdout.contains("directions are determined"),
                "{}",
                done.stdout
            );
        }
        commands += 1;
    });
    assert!(commands >= 5, "{commands}");
    // The committed copy of the data is what the command makes.
    let committed = std::fs::read_to_string(root().join("examples/own-data/visits.csv")).unwrap();
    assert!(
        place.text("outputs/lab/visits.csv") == committed,
        "examples/own-data/visits.csv"
    );
    for file in [
        "own/figures/data.svg",
        "own/data.csv",
        "cohort/figures/survival.svg",
    ] {
        assert!(place.path("outputs").join(file).exists(), "{file}");
    }
    // The mice of the laboratory have these values; those of the preset are before the fit.
    let fitted = place.text("outputs/fit/parameters.csv");
    for (parameter, truth) in TRUTH {
        let row = fitted
            .lines()
            .find(|row| row.starts_with(&format!("{parameter},")));
        let cells: Vec<&str> = row.expect("a fitted parameter").split(',').collect();
        let off = |cell: usize| (cells[cell].parse::<f64>().unwrap() / truth).ln().abs();
        assert!(off(2) < 0.5 * off(1), "{cells:?}, {truth}");
    }
}

/// What the page changes in its mice.
const TRUTH: [(&str, f64); 2] = [("butyrate_clearance", 500.0), ("zo1_damage", 0.35)];

#[test]
fn every_recipe_of_the_cookbook_is_a_scenario() {
    let place = Place::new();
    let base = format!("{}/scenarios/base/", root().display());
    let recipes = blocks("cookbook.md");
    assert!(recipes.len() >= 8);
    for (number, (_, text)) in recipes.into_iter().enumerate() {
        let name = format!("recipe-{number}.toml");
        std::fs::write(place.path(&name), text.replace("scenarios/base/", &base)).unwrap();
        call(&place.path(""), &["check".to_owned(), name]).expect(0);
    }
}

#[test]
fn a_new_scenario_is_refused_by_name_or_runs() {
    let place = Place::new();
    let new = |rest: &[&str]| {
        let words = ["new", "mine"].iter().chain(rest);
        let words: Vec<String> = words.map(|word| (*word).to_owned()).collect();
        call(&place.path(""), &words)
    };
    new(&["--subject", "mouse-g93a-b6sj"])
        .expect(2)
        .says("did you mean `mouse-g93a-b6sjl`");
    let drug = [
        "--subject",
        "mouse-g93a-b6sjl",
        "--intervention",
        "butyrate-water",
    ];
    let dosed = |dose: &'static str| [&drug[..], &["--dose", dose]].concat();
    new(&dosed("2 mM/mM/d")).expect(2);
    assert!(!place.path("mine.toml").exists());
    new(&dosed("2 %")).expect(0);
    let text = place.text("mine.toml");
    new(&dosed("1 %")).expect(2).says("is there already");
    assert_eq!(place.text("mine.toml"), text);
    new(&[
        &dosed("1 %")[..],
        &["--force", "--start", "onset + 7 d", "--cohort", "8"],
    ]
    .concat())
    .expect(0);
    let text = place.text("mine.toml");
    assert!(text.contains("start = \"onset + 7 d\"") && text.contains("subjects = 8"));
}

#[test]
fn runs_that_are_the_same_have_no_differences() {
    let place = Place::new();
    let drug = place.scenario("drug.toml", &[]);
    let run = |folder: &str| place.call(&["run", &drug, "--output", folder]).expect(0);
    run("a");
    run("b");
    let compare = |second: &str| {
        let words = ["compare", "a", second].map(str::to_owned);
        call(&place.path(""), &words)
    };
    assert!(compare("b").expect(0).stdout.contains("are the same"));
    place
        .call(&["run", &drug, "--output", "c", "--seed", "7"])
        .expect(0);
    let seeds = compare("c").expect(1).stdout;
    assert!(seeds.contains("seed"), "{seeds}");
    compare("nothing").expect(2);
    let runs = call(&place.path(""), &["runs".to_owned(), ".".to_owned()]).expect(0);
    let folders = runs.stdout.lines().filter(|line| line.contains("run drug"));
    assert_eq!(folders.count(), 3, "{}", runs.stdout);
}
