//! `run`, `check` and `plot` when all goes well.

use serde_json::Value;

use crate::Place;

#[test]
fn a_run_leaves_the_files_of_the_contract() {
    let place = Place::new();
    let scenario = place.scenario("drug.toml", &[]);
    let call = place.call(&["run", &scenario]).expect(0);
    assert_eq!(call.stderr, "");
    for words in [
        "A drug in the water",
        "control",
        "93.6 d",
        "assumptions",
        "outputs/drug",
        "not medical advice",
    ] {
        // Lines are broken at the edge of a terminal.
        let said: Vec<&str> = call.stdout.split_whitespace().collect();
        let said = said.join(" ");
        assert!(said.contains(words), "no `{words}` in\n{}", call.stdout);
    }
    let names: Vec<String> = place.files("outputs/drug").into_keys().collect();
    assert_eq!(
        names,
        [
            "endpoints.csv",
            "figures/course.csv",
            "figures/course.pdf",
            "figures/course.png",
            "figures/course.svg",
            "figures/course.txt",
            "manifest.json",
            "scenario.toml",
            "summary.json",
            "trajectories.parquet",
            "units.csv",
        ]
    );
    assert_eq!(place.names("outputs"), ["drug"]);
    let manifest: Value = serde_json::from_str(&place.text("outputs/drug/manifest.json")).unwrap();
    assert_eq!(manifest["state"], "complete");
    assert_eq!(manifest["runs"]["requested"], 2);
    assert_eq!(manifest["runs"]["ok"], 2);
    assert_eq!(manifest["seed"], 1);
    assert_eq!(manifest["model"]["sha256"].as_str().unwrap().len(), 64);
    assert_eq!(
        manifest["files"].as_object().unwrap().len(),
        names.len() - 1
    );
    let endpoints = place.text("outputs/drug/endpoints.csv");
    let mut lines = endpoints.lines();
    assert_eq!(
        lines.next(),
        Some(
            "arm,subject,sex,onset_d,paralysis_d,weight_loss_d,death_d,last_d,event,status,reason"
        )
    );
    assert!(lines.next().unwrap().starts_with("control,1,,24."));
    assert!(
        lines.next().unwrap().ends_with(",,200,censored,ok,"),
        "{endpoints}"
    );
    let summary: Value = serde_json::from_str(&place.text("outputs/drug/summary.json")).unwrap();
    let control = &summary["arms"]["control"];
    assert_eq!(control["event"], "death");
    assert_eq!(
        control["observables"]["60 d"]["signal_fold"]
            .as_f64()
            .map(f64::round),
        Some(2.0)
    );
    assert_eq!(summary["comparisons"][0]["arm"], "drug");
    assert_eq!(summary["comparisons"][0]["difference_d"], Value::Null);
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let place = Place::new();
    let scenario = place.scenario("drug.toml", &[]);
    place
        .call(&["run", &scenario, "-o", "one", "--threads", "1"])
        .expect(0);
    place
        .call(&["run", &scenario, "-o", "two", "--threads", "2"])
        .expect(0);
    assert_eq!(place.results("one"), place.results("two"));
    // The resolved scenario runs by itself to the same results.
    place
        .call(&["run", "one/scenario.toml", "-o", "three"])
        .expect(0);
    assert_eq!(place.results("one"), place.results("three"));
    // And so does the same experiment put together on the command line.
    let bare = place.scenario(
        "bare.toml",
        &[
            ("dose  = \"2 %\"", "dose = 0"),
            ("\"200 d\"", "\"90 d\""),
            ("A drug in the water", "x"),
        ],
    );
    let set = [
        "--set",
        "arm.drug.dose=2 %",
        "--set",
        "simulation.stop=200 d",
        "--set",
        "title=A drug in the water",
    ];
    place
        .call(&[&["run", &bare, "-o", "four"][..], &set].concat())
        .expect(0);
    let (mut one, mut four) = (place.results("one"), place.results("four"));
    // The label of the shading says what was written: "2 %" in both.
    assert_eq!(
        one.remove("scenario.toml").is_some(),
        four.remove("scenario.toml").is_some()
    );
    assert_eq!(one, four);
}

#[test]
fn tables_may_be_text_and_plot_draws_the_same_figures_from_either() {
    let place = Place::new();
    let scenario = place.scenario("drug.toml", &[]);
    for format in ["csv", "parquet"] {
        place
            .call(&["run", &scenario, "--format", format])
            .expect(0);
        let before = place.results("outputs/drug");
        assert!(before.contains_key(&format!("trajectories.{format}")));
        place.call(&["plot", "outputs/drug"]).expect(0);
        assert_eq!(place.results("outputs/drug"), before);
        place
            .call(&["plot", "outputs/drug", "-o", &format!("again-{format}")])
            .expect(0);
        let again = place.results(&format!("again-{format}"));
        assert_eq!(again.len(), 5);
        for (name, bytes) in again {
            assert_eq!(Some(&bytes), before.get(&name), "{name}");
        }
    }
    let csv = place.call(&["run", &scenario, "--format", "csv"]).expect(0);
    assert!(csv.stderr.is_empty());
    let text = place.text("outputs/drug/trajectories.csv");
    assert_eq!(
        text.lines().next(),
        Some("arm,subject,time_d,drug,neurons,signal,neurons_percent,signal_fold")
    );
    // No rows after death.
    let last = text.lines().rfind(|line| line.starts_with("control,"));
    let last = last.unwrap();
    assert!(last.starts_with("control,1,92,"), "{last}");
}

#[test]
fn fewer_trajectories_may_be_saved() {
    let place = Place::new();
    let scenario = place.scenario("drug.toml", &[]);
    let shown = [
        "run",
        &scenario,
        "--format",
        "csv",
        "--set",
        "output.trajectories=shown",
    ];
    place.call(&shown).expect(0);
    let text = place.text("outputs/drug/trajectories.csv");
    assert_eq!(
        text.lines().next(),
        Some("arm,subject,time_d,drug,neurons_percent,signal_fold")
    );
    place.call(&["plot", "outputs/drug"]).expect(0);
    place
        .call(&["run", &scenario, "--set", "output.trajectories=none"])
        .expect(0);
    let names: Vec<String> = place.files("outputs/drug").into_keys().collect();
    assert!(
        !names
            .iter()
            .any(|name| name.starts_with("trajectories") || name == "units.csv")
    );
    assert!(names.contains(&"figures/course.svg".to_owned()));
    place
        .call(&["plot", "outputs/drug"])
        .expect(2)
        .says("no trajectories");
}

#[test]
fn a_zero_dose_is_no_dose_bit_for_bit() {
    let place = Place::new();
    let scenario = place.scenario("zero.toml", &[("\"2 %\"", "\"0 %\"")]);
    place.call(&["run", &scenario, "--format", "csv"]).expect(0);
    let text = place.text("outputs/zero/trajectories.csv");
    let of = |arm: &str| -> Vec<String> {
        let rows = text.lines().filter_map(|line| line.strip_prefix(arm));
        rows.map(str::to_owned).collect()
    };
    assert!(of("control,").len() > 30);
    assert_eq!(of("control,"), of("drug,"));
}

#[test]
fn arms_seed_and_switches_follow_the_command_line() {
    let place = Place::new();
    let scenario = place.scenario("drug.toml", &[]);
    place
        .call(&[
            "run",
            &scenario,
            "--arm",
            "drug",
            "--seed",
            "7",
            "--set",
            "process.neurons_die.enabled=false",
        ])
        .expect(0);
    let endpoints = place.text("outputs/drug/endpoints.csv");
    assert_eq!(endpoints.lines().count(), 2);
    assert!(
        endpoints.contains("drug,1,,,,,,200,censored,ok,"),
        "{endpoints}"
    );
    let resolved = place.text("outputs/drug/scenario.toml");
    assert!(
        resolved.contains("seed = 7") && resolved.contains("process.neurons_die"),
        "{resolved}"
    );
}

#[test]
fn check_reads_without_running_and_reports_every_file() {
    let place = Place::new();
    let good = place.scenario("good.toml", &[]);
    let call = place.call(&["check", &good]).expect(0);
    assert_eq!(call.stdout, "good.toml: ok, 2 arms, 20 to 200 d\n");
    let bad = place.scenario("bad.toml", &[("dose ", "doze ")]);
    let worse = place.scenario(
        "worse.toml",
        &[("\"sick\"", "\"sik\""), ("\"30 d\"", "\"30 g\"")],
    );
    let call = place.call(&["check", &bad, &good, &worse]).expect(2);
    for words in [
        "bad.toml:19:",
        "worse.toml:5:",
        "worse.toml:20:",
        "did you mean `dose`?",
    ] {
        assert!(
            call.stderr.contains(words),
            "no `{words}` in\n{}",
            call.stderr
        );
    }
    assert_eq!(call.stdout, "good.toml: ok, 2 arms, 20 to 200 d\n");
    assert!(!place.path("outputs").exists());
}

#[test]
fn quiet_is_quiet() {
    let place = Place::new();
    let scenario = place.scenario("drug.toml", &[]);
    let call = place.call(&["run", &scenario, "--quiet"]).expect(0);
    assert_eq!((call.stdout.as_str(), call.stderr.as_str()), ("", ""));
    let call = place.call(&["run", &scenario, "-v"]).expect(0);
    assert!(call.stderr.contains("run with"), "{}", call.stderr);
    assert!(!call.stdout.contains('\u{1b}'));
    let call = place
        .call(&["run", &scenario, "--color", "always"])
        .expect(0);
    assert!(call.stdout.contains('\u{1b}'));
}

#[test]
fn characters_that_figures_cannot_show_are_warned_of_once() {
    let place = Place::new();
    for (name, missing) in [
        ("対照群", Some("`対`, `照`, `群`")),
        ("приём", Some("`м`")),
        ("drug \u{1f9a0}", Some("`\u{1f9a0}`")),
        ("Bétä, 2 µM", None),
    ] {
        let named = format!("name = \"{name}\"");
        let replaced = [("name = \"drug\"", named.as_str())];
        let scenario = place.scenario("named.toml", &replaced);
        let call = place.call(&["run", &scenario]).expect(0);
        match missing {
            Some(letters) => {
                assert!(call.stderr.contains(letters), "{}", call.stderr);
                assert!(
                    call.stderr.contains(&format!("`{name}`")),
                    "{}",
                    call.stderr
                );
                assert_eq!(
                    call.stderr.matches("typeface").count(),
                    1,
                    "{}",
                    call.stderr
                );
                assert!(
                    place
                        .text("outputs/named/figures/course.svg")
                        .contains("[U+")
                );
            }
            None => assert_eq!(call.stderr, ""),
        }
    }
}
