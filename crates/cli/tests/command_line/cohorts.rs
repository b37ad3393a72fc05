//! Cohorts on the command line: what fails is in the table, and too much of it is exit code 3.

use super::{Call, Place, fixtures};

const SCENARIO: &str = r#"
[subject]
preset = "animal"
[simulation]
start = "0 d"
stop  = "400 d"
every = "20 d"
[cohort]
subjects     = 200
other_deaths = "none"
[[arm]]
name = "control"
[[figure]]
kind = "survival"
"#;

/// The model of the cohort tests, as `model`.
fn model(place: &Place) {
    let model = place.path("model");
    std::fs::create_dir_all(model.join("subjects")).unwrap();
    std::fs::create_dir_all(model.join("families")).unwrap();
    for (from, to) in [
        ("model.toml", "model.toml"),
        ("animal.toml", "subjects/animal.toml"),
        ("family.toml", "families/mouse.toml"),
    ] {
        std::fs::copy(fixtures().join("cohort").join(from), model.join(to)).unwrap();
    }
}

/// An experiment with that model: two arms, of which the second changes `target`.
fn experiment(target: &str, stop: u32, more: &str) -> String {
    format!(
        r#"
[subject]
preset = "animal"
[simulation]
start = "0 d"
stop  = "{stop} d"
every = "20 d"
[[arm]]
name = "control"
[[arm]]
name = "treated"
  [[arm.perturbation]]
  target = "{target}"
  action = "scale"
  value  = 0.8
  start  = "40 d"
{more}
"#
    )
}

fn call(place: &Place, command: &str, scenario: &str) -> Call {
    model(place);
    std::fs::write(place.path("it.toml"), scenario).unwrap();
    // At this gain no animal fails.
    let arguments = [command, "it.toml", "--model", "model", "--output", "out"];
    let gain = ["--set", "gain=\"0.002 1/day\""];
    let mut process = place.command();
    Call::of(
        process
            .args(arguments)
            .args(["--format", "csv"])
            .args(gain)
            .output()
            .unwrap(),
    )
}

fn summary(place: &Place) -> serde_json::Value {
    serde_json::from_str(&place.text("out/summary.json")).unwrap()
}

#[test]
fn an_arm_that_does_nothing_has_no_effect_in_any_table() {
    let place = Place::new();
    let forest =
        "[cohort]\nsubjects = 24\nother_deaths = \"none\"\n[[figure]]\nkind = \"forest\"\n";
    let said = call(&place, "run", &experiment("parameter.gain", 400, forest));
    let said = said.expect(0);
    let found = &summary(&place)["comparisons"][0];
    for zero in [
        "difference_d",
        "rmst_difference_d",
        "median_difference_d",
        "paired_difference_d",
    ] {
        assert_eq!(found[zero].as_f64(), Some(0.0), "{zero}: {found}");
    }
    assert!(
        (found["hazard_ratio"].as_f64().unwrap() - 1.0).abs() < 1e-9,
        "{found}"
    );
    // The ages in the tables are those that were tested: each animal has one, in both arms.
    let table = place.text("out/endpoints.csv");
    let mut rows: Vec<&str> = table.lines().skip(1).collect();
    let treated = rows.split_off(rows.len() / 2);
    for (control, treated) in rows.iter().zip(treated) {
        let of = |row: &str| row.split_once(',').unwrap().1.to_owned();
        assert_eq!(of(control), of(treated));
    }
    assert!(
        !said.stdout.contains("+0.0") && !said.stdout.contains("\u{2212}0.0"),
        "{}",
        said.stdout
    );
}

#[test]
fn means_say_what_they_are_restricted_to() {
    let place = Place::new();
    let more = "[cohort]\nsubjects = 12\nother_deaths = \"none\"\n[[figure]]\nkind = \"forest\"\n";
    let said = call(&place, "run", &experiment("parameter.rate", 400, more)).expect(0);
    let out = &said.stdout;
    // The heading of the column is broken at the edge of a terminal.
    for word in ["restricted", "mean"] {
        assert!(out.contains(word), "{out}");
    }
    let words: Vec<&str> = out.split_whitespace().collect();
    assert!(
        words
            .join(" ")
            .contains("up to age 400.0 d, where the scenario ends"),
        "{out}"
    );
    let figure = place.text("out/figures/forest.svg");
    assert!(
        figure.contains("restricted mean survival to 400 d"),
        "{figure}"
    );
    let summary = summary(&place);
    for number in [
        &summary,
        &summary["arms"]["control"],
        &summary["comparisons"][0],
    ] {
        assert_eq!(number["horizon_d"].as_f64(), Some(400.0), "{number}");
    }
}

#[test]
fn one_animal_per_arm_has_no_interval_anywhere() {
    let place = Place::new();
    let more = "[cohort]\nsubjects = 1\nother_deaths = \"none\"\n[[figure]]\nkind = \"forest\"\n\
                [[figure]]\nkind = \"survival\"\n";
    call(&place, "run", &experiment("parameter.rate", 400, more)).expect(0);
    let summary = summary(&place);
    let found = &summary["comparisons"][0];
    assert!(
        found["rmst_difference_d"].as_f64().unwrap() > 5.0,
        "{found}"
    );
    let arm = &summary["arms"]["control"];
    assert!(arm["median_survival_d"].as_f64().is_some(), "{arm}");
    let bounds = |entry: &serde_json::Value| -> Vec<String> {
        let entry = entry.as_object().unwrap();
        let ends = entry
            .iter()
            .filter(|(key, _)| key.contains("_lower") || key.contains("_upper"));
        ends.filter(|(_, value)| !value.is_null())
            .map(|(key, _)| key.clone())
            .collect()
    };
    assert_eq!(bounds(found), Vec::<String>::new(), "{found}");
    assert_eq!(bounds(arm), Vec::<String>::new(), "{arm}");
    let survival = place.text("out/survival.csv");
    assert!(
        survival.lines().skip(1).all(|row| row.ends_with(",,")),
        "{survival}"
    );
}

#[test]
fn a_trial_that_ends_before_any_end_of_survival_has_no_power_and_says_so() {
    let trial = "[trial]\nreplicates = 50\npool = 100\ngroup_sizes = [4, 8]\n";
    let place = Place::new();
    // Animals die at 139 d, give or take a tenth.
    let said = call(&place, "trial", &experiment("parameter.rate", 60, trial)).expect(0);
    assert!(
        said.stderr.contains("not testable (up to 100 %"),
        "{}",
        said.stderr
    );
    assert!(!said.stdout.contains("0.0 %"), "{}", said.stdout);
    let table = place.text("out/trial.csv");
    let of = |quantity: &str| -> Vec<String> {
        let rows = table
            .lines()
            .filter(|row| row.contains(&format!(",{quantity},")));
        rows.map(|row| row.rsplit(',').nth(4).unwrap().to_owned())
            .collect()
    };
    let untested = of("not_testable");
    let all = |share: &String| share.parse::<f64>().is_ok_and(|share| share > 0.999);
    assert!(untested.len() >= 4 && untested.iter().all(all), "{table}");
    for quantity in [
        "significant",
        "significant_or_large",
        "exaggeration",
        "wrong_sign",
        "sample_size",
    ] {
        let values = of(quantity);
        assert!(
            !values.is_empty() && values.iter().all(String::is_empty),
            "{quantity}: {table}"
        );
    }
    let design = &summary(&place)["designs"][0];
    assert!(
        design["power"].is_null() && design["false_positives"].is_null(),
        "{design}"
    );

    let place = Place::new();
    let trial = trial.replace("[4, 8]", "[10, 16]");
    let said = call(&place, "trial", &experiment("parameter.rate", 400, &trial)).expect(0);
    assert!(!said.stderr.contains("not testable"), "{}", said.stderr);
    assert!(said.stdout.contains(" %"), "{}", said.stdout);
}

#[test]
fn failed_animals_are_listed_and_too_many_of_them_are_told() {
    let place = Place::new();
    model(&place);
    std::fs::write(place.path("fail.toml"), SCENARIO).unwrap();
    let run = |tolerance: &[&str]| {
        // Every twentieth animal or so fails at this gain.
        let mut arguments = vec!["run", "fail.toml", "--model", "model"];
        arguments.extend(["--set", "gain=\"0.0095 1/day\"", "--output", "out"]);
        arguments.extend(tolerance);
        Call::of(place.command().args(&arguments).output().unwrap())
    };
    assert_eq!(run(&[]).code, Some(3));
    assert_eq!(run(&["--max-failures", "10%"]).code, Some(0));
    let table = std::fs::read_to_string(place.path("out/endpoints.csv")).unwrap();
    let rows: Vec<&str> = table.lines().skip(1).collect();
    let failed: Vec<&&str> = rows.iter().filter(|row| row.contains(",failed,")).collect();
    assert_eq!(rows.len(), 200);
    assert!((2..20).contains(&failed.len()), "{}", failed.len());
    assert!(failed.iter().all(|row| row.contains("too small")));
    let summary = std::fs::read_to_string(place.path("out/summary.json")).unwrap();
    assert!(summary.contains(&format!("\"failed\": {}", failed.len())));
}

#[test]
fn the_message_of_a_failed_life_names_it_and_its_command_lives_it_again() {
    let place = Place::new();
    let model = place.path("model");
    std::fs::create_dir_all(model.join("subjects")).unwrap();
    std::fs::create_dir_all(model.join("families")).unwrap();
    for (from, to) in [
        ("model.toml", "model.toml"),
        ("animal.toml", "subjects/animal.toml"),
        ("family.toml", "families/mouse.toml"),
    ] {
        std::fs::copy(fixtures().join("cohort").join(from), model.join(to)).unwrap();
    }
    let arm = "[[arm]]\nname = \"slow one\"\n[[arm.perturbation]]\ntarget = \"parameter.rate\"\n\
               action = \"scale\"\nvalue = 0.8\nstart = \"birth\"\n";
    let sweep = "[sweep]\n[[sweep.factor]]\ntarget = \"gain\"\nvalues = [\"0.0075 1/day\", \"0.02 1/day\"]\n\
                 [[sweep.factor]]\ntarget = \"arm.slow one.perturbation.parameter.rate.value\"\nvalues = [0.9]\n";
    let trial = "[trial]\npool = 100\nreplicates = 10\ngroup_sizes = [4]\n";
    let one = SCENARIO.replace(
        "subjects     = 200\nother_deaths = \"none\"",
        "subjects = 3\nonly = 2",
    );
    for (command, text) in [
        ("run", format!("{SCENARIO}{arm}")),
        ("sweep", format!("{one}{arm}{sweep}")),
        ("trial", format!("{SCENARIO}{arm}{trial}")),
    ] {
        std::fs::write(place.path("fail.toml"), text).unwrap();
        let mut arguments = vec![command, "fail.toml", "--model", "model", "-o", "out"];
        if command != "sweep" {
            arguments.extend(["--set", "gain=\"0.0095 1/day\""]);
        }
        arguments.extend(["--max-failures", "0"]);
        let call = Call::of(place.command().args(&arguments).output().unwrap());
        assert_eq!(call.code, Some(3), "{}", call.stderr);
        let told = call.stderr.split("the first of them: ").nth(1).unwrap();
        assert!(
            told.contains("arm `") && told.contains("too small"),
            "{told}"
        );
        assert!(told.contains("animal "), "{told}");
        let again = told.split("help: `").nth(1).unwrap();
        let again = again.split("` runs it again").next().unwrap();
        let words = again.strip_prefix("gutbrain ").unwrap();
        let shell = format!("'{}' {words} -o again", env!("CARGO_BIN_EXE_gutbrain"));
        let mut process = std::process::Command::new("sh");
        process.current_dir(place.path(".")).args(["-c", &shell]);
        let call = Call::of(process.output().unwrap());
        assert_eq!(call.code, Some(3), "{shell}: {}", call.stderr);
        let table = std::fs::read_to_string(place.path("again/endpoints.csv")).unwrap();
        let lost = table.lines().find(|row| row.contains(",failed,")).unwrap();
        let reason = told
            .split("too small")
            .nth(1)
            .unwrap()
            .lines()
            .next()
            .unwrap();
        let reason = reason
            .trim_start_matches(" at age ")
            .split(" d")
            .next()
            .unwrap();
        assert!(lost.contains(reason), "{command}: {lost} {reason}");
        if command == "run" {
            // Bit for bit the row of the cohort.
            let all = std::fs::read_to_string(place.path("out/endpoints.csv")).unwrap();
            assert!(all.lines().any(|row| row == lost), "{lost}");
            repeated_from_its_folder(&place, told, lost);
        }
        std::fs::remove_dir_all(place.path("out")).unwrap();
    }
}

/// `repeat` lives the animal of a message again, from the folder of the run and from nothing else.
fn repeated_from_its_folder(place: &Place, told: &str, lost: &str) {
    let number = told.split("animal ").nth(1).unwrap();
    let number: String = number.chars().take_while(char::is_ascii_digit).collect();
    let arm = told
        .split("arm `")
        .nth(1)
        .unwrap()
        .split('`')
        .next()
        .unwrap();
    std::fs::remove_file(place.path("fail.toml")).unwrap();
    let arguments = [
        "repeat",
        "out",
        "--subject",
        &number,
        "--arm",
        arm,
        "-o",
        "third",
    ];
    place.call(&arguments).expect(3).says("failed");
    let table = std::fs::read_to_string(place.path("third/endpoints.csv")).unwrap();
    assert!(table.lines().any(|row| row == lost), "{table}");
    // Of another model it would be another animal.
    let model = place.text("model/model.toml");
    let other = model.replacen("value = 0.005", "value = 0.004", 1);
    assert_ne!(model, other);
    std::fs::write(place.path("model/model.toml"), other).unwrap();
    place
        .call(&arguments)
        .expect(2)
        .says("no longer the one of this run");
    std::fs::write(place.path("model/model.toml"), model).unwrap();
    place.call(&["repeat", "nowhere"]).expect(2).says("nowhere");
}

#[test]
fn a_cohort_that_asks_for_no_figure_shows_its_survival_and_its_table_fits_on_a_terminal() {
    let place = Place::new();
    let model = place.path("model");
    std::fs::create_dir_all(model.join("subjects")).unwrap();
    std::fs::create_dir_all(model.join("families")).unwrap();
    for (from, to) in [
        ("model.toml", "model.toml"),
        ("animal.toml", "subjects/animal.toml"),
        ("family.toml", "families/mouse.toml"),
    ] {
        std::fs::copy(fixtures().join("cohort").join(from), model.join(to)).unwrap();
    }
    let (scenario, _) = SCENARIO.split_once("[[figure]]").unwrap();
    let long = "an arm whose name somebody took care to write out in full";
    let scenario = scenario.replace("= 200", "= 12").replace("control", long)
        + &format!("[[arm]]\nname = \"again {long}\"\n");
    std::fs::write(place.path("plain.toml"), scenario).unwrap();
    let run = |arguments: &[&str]| Call::of(place.command().args(arguments).output().unwrap());
    let call = run(&["run", "plain.toml", "--model", "model", "--output", "out"]);
    assert_eq!(call.code, Some(0), "{}", call.stderr);
    assert!(place.path("out/figures/survival.png").exists());
    // This model has no observables that a summary could show: no figure of them, and no word of it.
    assert!(!place.path("out/figures/summary.png").exists());
    assert!(!call.stderr.contains("figure"), "{}", call.stderr);
    for line in call.stdout.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
    // What is written out says the same again.
    let resolved = std::fs::read_to_string(place.path("out/scenario.toml")).unwrap();
    assert!(resolved.contains("kind = \"survival\""), "{resolved}");
    let call = run(&["check", "out/scenario.toml", "--model", "model"]);
    assert_eq!(call.code, Some(0), "{}", call.stderr);
}
