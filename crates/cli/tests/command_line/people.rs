//! What the program says and does of people.

use super::{Call, Place};

fn call(place: &Place, arguments: &[&str]) -> Call {
    let mut command = place.command();
    command.args(arguments);
    Call::of(command.output().unwrap())
}

#[test]
fn a_new_scenario_of_people_runs_and_its_report_speaks_of_persons() {
    let place = Place::new();
    let words = [
        "new",
        "people",
        "--model",
        "human",
        "--subject",
        "human-als",
    ];
    let treated = [
        "--intervention",
        "slowing",
        "--dose",
        "25 %",
        "--cohort",
        "12",
    ];
    call(&place, &[&words[..], &treated[..]].concat()).expect(0);
    let text = std::fs::read_to_string(place.path("people.toml")).unwrap();
    for written in [
        "\"96 month\"",
        "\"180 month\"",
        "start = \"diagnosis\"",
        "Many persons",
    ] {
        assert!(text.contains(written), "{written}: {text}");
    }
    assert!(
        !text.contains("animal") && !text.contains("birth"),
        "{text}"
    );
    call(&place, &["run", "people.toml", "-o", "out", "--no-sync"]).expect(0);
    call(&place, &["report", "out", "-o", "page.html"]).expect(0);
    let page = std::fs::read_to_string(place.path("page.html")).unwrap();
    // Pictures and fonts are letters, too: what is read stands outside of them.
    let page = page.to_lowercase();
    let words = page.split(|letter: char| !letter.is_alphabetic());
    let wrong = words.filter(|word| matches!(*word, "animal" | "animals" | "mouse" | "mice"));
    assert_eq!(wrong.count(), 0);
    assert!(page.contains("from expected onset"));
}

#[test]
fn a_person_of_a_cohort_is_repeated_to_the_last_digit() {
    let place = Place::new();
    // Fibre changes ages by less than the solver can tell: they are those of the first arm.
    let words = ["new", "fed", "--model", "human", "--subject", "human-als"];
    let treated = [
        "--intervention",
        "fibre",
        "--dose",
        "15 g/day",
        "--cohort",
        "40",
    ];
    call(&place, &[&words[..], &treated[..]].concat()).expect(0);
    call(&place, &["run", "fed.toml", "-o", "out", "--no-sync"]).expect(0);
    let rows = |folder: &str| -> Vec<String> {
        let table = std::fs::read_to_string(place.path(folder).join("endpoints.csv")).unwrap();
        let rows = table.lines().filter(|row| row.contains("fibre"));
        rows.map(str::to_owned).collect()
    };
    let all = rows("out");
    assert_eq!(all.len(), 40);
    let mut tied = 0;
    for number in 1..=40 {
        let subject = number.to_string();
        let again = ["repeat", "out", "--subject", &subject, "--arm", "fibre"];
        let again = [&again[..], &["-o", "again", "--force", "--no-sync"]].concat();
        call(&place, &again).expect(0);
        assert_eq!(rows("again"), [all[number - 1].clone()], "{number}");
        let alone = format!("cohort.only={number}");
        let alone = ["run", "fed.toml", "--set", &alone, "--arm", "fibre"];
        let alone = [&alone[..], &["-o", "alone", "--force", "--no-sync"]].concat();
        call(&place, &alone).expect(0);
        tied += usize::from(rows("alone") != rows("again"));
    }
    assert!(tied > 0, "nobody's ages are tied: the test says nothing");
}

#[test]
fn an_export_asks_the_scenario_which_model_it_means() {
    let place = Place::new();
    let words = [
        "new",
        "people",
        "--model",
        "human",
        "--subject",
        "human-als",
    ];
    call(&place, &words).expect(0);
    let call = call(&place, &["model", "export", "--scenario", "people.toml"]);
    assert!(!call.stderr.contains("has no subject"), "{}", call.stderr);
}
