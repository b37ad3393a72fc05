//! `model`, `schema`, `completions`, `man`, help: commands that only print.

use serde_json::Value;

use crate::{Call, Place, fixtures};

#[test]
fn help_and_version_are_no_errors() {
    let place = Place::new();
    for arguments in [
        &["--help"][..],
        &["--version"],
        &["run", "--help"],
        &["model", "--help"],
    ] {
        let call = place.call(arguments);
        assert_eq!(call.code, Some(0));
        assert!(!call.stdout.is_empty() && call.stderr.is_empty());
    }
    for arguments in [
        &["rum"][..],
        &["run"],
        &["schema", "--nonsense"],
        &["model"],
    ] {
        let output = place.command().args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    }
    let output = place.command().output().unwrap();
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn the_code_of_a_message_can_be_asked_for() {
    let place = Place::new();
    std::fs::write(place.path("bad.toml"), "titel = \"x\"\n").unwrap();
    let said = place.call(&["check", "bad.toml"]).expect(2).stderr;
    let code = said.split(['[', ']']).nth(1).unwrap();
    let call = place.call(&["explain", code]).expect(0);
    assert!(call.stdout.starts_with(code) && call.stdout.lines().count() == 4);
    let all = place.call(&["explain"]).expect(0).stdout;
    assert!(all.lines().any(|line| line.starts_with(code)));
    let page = place.call(&["explain", "--markdown"]).expect(0).stdout;
    assert!(page.contains(&format!("| `{code}` |")));
    place
        .call(&["explain", "unknown-kee"])
        .expect(2)
        .says("did you mean `unknown-key`?");
}

#[test]
fn lists_for_other_programs_have_ranges_units_and_what_numbers_rest_on() {
    let place = Place::new();
    let list = |format: &str| {
        place
            .call(&["model", "list", "parameters", "--format", format])
            .expect(0)
            .stdout
    };
    let csv = list("csv");
    let head = csv.lines().next().unwrap();
    assert_eq!(
        head,
        "id,value,unit,lower,upper,prior,between_subject,role,rests_on,says,evidence,assumed"
    );
    let rows: Vec<Value> = serde_json::from_str(&list("json")).unwrap();
    assert_eq!(rows.len(), csv.lines().count() - 1);
    let uptake = rows.iter().find(|row| row["id"] == "uptake").unwrap();
    assert_eq!(uptake["lower"], 0.01);
    assert_eq!(uptake["upper"], 1.0);
    assert_eq!(uptake["prior"], "lognormal");
    assert!(
        ["evidence", "assumed", "both"]
            .iter()
            .any(|it| uptake["rests_on"] == *it)
    );
    place
        .call(&["model", "list", "--format", "csv"])
        .expect(2)
        .says("<KIND>");
}

#[test]
fn the_model_lists_and_shows_what_it_has() {
    let place = Place::new();
    let call = place.call(&["model", "list"]).expect(0);
    for words in [
        "species (3)",
        "processes (6)",
        "interventions (3)",
        "subjects (2)",
        "drug-bolus",
    ] {
        assert!(
            call.stdout.contains(words),
            "no `{words}` in\n{}",
            call.stdout
        );
    }
    let call = place.call(&["model", "list", "events"]).expect(0);
    assert!(call.stdout.starts_with("events (2)") && !call.stdout.contains("species"));
    for (name, words) in [
        ("neurons", "-1 \u{d7} neurons_die"),
        (
            "process.neurons_die",
            "drug_protects: 1 / (1 + drug / potency)",
        ),
        ("uptake", "0.01 to 1, lognormal"),
        ("transgene", "sick: 1 1"),
        ("signal_fold", "signal / resting(signal)"),
        ("onset", "falling"),
        ("drug-water", "water_drug is set to dose / molar_mass"),
        ("drug_protects", "process.neurons_die"),
        ("sick", "transgene = 1"),
        ("blood", "region"),
    ] {
        let call = place.call(&["model", "show", name]).expect(0);
        assert!(
            call.stdout.contains(words),
            "no `{words}` in\n{}",
            call.stdout
        );
    }
    place
        .call(&["model", "show", "neurones"])
        .expect(2)
        .says("did you mean `neurons`?");
    let output = place
        .command()
        .args(["model", "show", "S3-01"])
        .output()
        .unwrap();
    assert!(String::from_utf8_lossy(&output.stdout).contains("grade"));
}

#[test]
fn explain_splits_a_derivative() {
    let place = Place::new();
    let scenario = place.scenario("drug.toml", &[]);
    let call = place
        .call(&[
            "model",
            "explain",
            &scenario,
            "--species",
            "signal",
            "--at",
            "5 wk",
        ])
        .expect(0);
    assert!(
        call.stdout.contains("signal at 35 d, arm control"),
        "{}",
        call.stdout
    );
    assert!(
        call.stdout.contains("50.0 %  signal_decays"),
        "{}",
        call.stdout
    );
    for (species, at, words) in [
        ("signal", "60 g", "no age"),
        ("signl", "60 d", "signl"),
        ("signal", "150 d", "death"),
    ] {
        place
            .call(&[
                "model",
                "explain",
                &scenario,
                "--species",
                species,
                "--at",
                at,
            ])
            .expect(2)
            .says(words);
    }
}

#[test]
fn schema_completions_and_manual_are_printed() {
    let place = Place::new();
    let call = place.call(&["schema"]).expect(0);
    let schema: Value = serde_json::from_str(&call.stdout).unwrap();
    assert!(schema["properties"]["arm"]["items"]["properties"]["intervention"].is_object());
    let page = std::fs::read_to_string(fixtures().join("../../docs/scenario.md")).unwrap();
    assert_eq!(place.call(&["schema", "--markdown"]).expect(0).stdout, page);
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let call = place.call(&["completions", shell]).expect(0);
        assert!(call.stdout.contains("explain"), "{shell}");
    }
    assert!(
        place
            .call(&["man"])
            .expect(0)
            .stdout
            .contains(".TH gutbrain 1")
    );
    place.call(&["man", "-o", "pages"]).expect(0);
    let pages = place.names("pages");
    for name in ["gutbrain.1", "gutbrain-run.1", "gutbrain-model-explain.1"] {
        assert!(pages.iter().any(|page| page == name), "{pages:?}");
    }
}

/// A report says what a run holds, needs nothing outside of it, and is the same bytes whenever it is made.
#[test]
fn a_report_is_one_page_from_saved_files() {
    let place = Place::new();
    let scenario = place.scenario("drug.toml", &[]);
    place.call(&["run", &scenario]).expect(0);
    place.call(&["report", "outputs/drug"]).expect(0);
    let page = place.text("outputs/drug.html");
    let summary: Value = serde_json::from_str(&place.text("outputs/drug/summary.json")).unwrap();
    let death = summary["arms"]["control"]["death_d"].as_f64().unwrap();
    for words in [
        "A drug in the water",
        &format!("<td>{death:.1}</td>"),
        "All 2 runs reached their end",
        "<svg",
        "not medical advice",
        "gutbrain run drug.toml",
    ] {
        assert!(page.contains(words), "no `{words}`");
    }
    for outside in [
        "src=\"http",
        "href=\"http",
        "url(http",
        "<script",
        "@import",
    ] {
        assert!(!page.contains(outside), "`{outside}`");
    }
    place
        .call(&["report", "outputs/drug", "-o", "again.html"])
        .expect(0);
    assert_eq!(place.text("again.html"), page);

    // What the files say is no longer what the manifest says of them.
    std::fs::write(place.path("outputs/drug/summary.json"), "{}").unwrap();
    let call = place.call(&["report", "outputs/drug", "-o", "changed.html"]);
    assert_ne!(call.code, Some(0));
    assert!(!place.path("changed.html").exists());
    place.call(&["report", "nowhere"]).expect(2);
}

/// Calls a command that `Place::call` gives no model.
fn of_fixture(place: &Place, arguments: &[&str]) -> Call {
    let mut command = place.command();
    command
        .args(arguments)
        .arg("--model")
        .arg(fixtures().join("model"));
    Call::of(command.output().unwrap())
}

/// Every study has a page: what failed and what is assumed stand above the numbers, nothing outside is named, and
/// the same folder gives the same bytes.
#[test]
fn every_study_has_a_report_that_says_first_what_failed() {
    let place = Place::new();
    let steps = "\n[sweep]\ndesign = \"list\"\nfeatures = [\"death\"]\n\
                 [[sweep.factor]]\ntarget = \"solver.maximum_steps\"\nvalues = [3, 100000]\n\
                 [[sweep.factor]]\ntarget = \"arm.drug.dose\"\nvalues = [\"1 %\", \"2 %\"]\n";
    let sweep = place.sweep("sweep.toml", steps);
    place.call(&["sweep", &sweep]).expect(3);
    let study = place.sweep(
        "study.toml",
        "\n[sensitivity]\nmethod = \"morris\"\nsamples = 6\n",
    );
    of_fixture(&place, &["sensitivity", &study]).expect(0);
    let trial = place.sweep(
        "trial.toml",
        "\n[cohort]\nsubjects = 8\n[trial]\npool = 100\nreplicates = 10\ngroup_sizes = [4]\n",
    );
    of_fixture(&place, &["trial", &trial]).expect(0);
    let split = place.sweep("split.toml", "");
    of_fixture(
        &place,
        &["attribute", &split, "--vectors", "0", "-o", "outputs/split"],
    )
    .expect(0);
    for (name, words) in [
        (
            "sweep",
            [
                "2 of 4 runs failed",
                "What was varied: 2 points",
                "solver.maximum_steps",
            ],
        ),
        (
            "study",
            [
                "inputs that were varied",
                "Method: morris, 6 samples",
                "rests on",
            ],
        ),
        (
            "trial",
            [
                "What 10 repetitions of every design found",
                "The true effect in the model is",
                "false positives",
            ],
        ),
        (
            "split",
            ["--vectors 0", "A row is one pathway", "Split is death"],
        ),
    ] {
        let folder = format!("outputs/{name}");
        place.call(&["report", &folder]).expect(0);
        let page = place.text(&format!("outputs/{name}.html"));
        for words in words {
            assert!(page.contains(words), "{name}: no `{words}`");
        }
        let place_of = |words: &str| {
            page.find(words)
                .unwrap_or_else(|| panic!("{name}: no `{words}`"))
        };
        assert!(
            place_of("on assumptions alone") < place_of("The numbers"),
            "{name}"
        );
        for outside in [
            "src=\"http",
            "href=\"http",
            "url(http",
            "<script",
            "@import",
        ] {
            assert!(!page.contains(outside), "{name}: `{outside}`");
        }
        place
            .call(&["report", &folder, "-o", "again.html", "--force"])
            .expect(0);
        assert_eq!(place.text("again.html"), page, "{name}");
    }
    let page = place.text("outputs/sweep.html");
    assert!(
        page.contains("<th scope=\"col\">point</th>"),
        "which point failed"
    );
    // What a person must answer is never answered by the program.
    assert!(!page.contains("for a person to answer"));
    let arguments = [
        "report",
        "outputs/sweep",
        "--credibility",
        "-o",
        "reviewed.html",
    ];
    place.call(&arguments).expect(0);
    let page = place.text("reviewed.html");
    assert_eq!(page.matches("for a person to answer").count(), 7);
    for words in [
        "ASME V&amp;V 40",
        "MIASE",
        "2 of 4 runs failed; ",
        "relative tolerance",
    ] {
        assert!(page.contains(words), "no `{words}`");
    }
}

/// What a scenario says stands in the page as text.
#[test]
fn a_report_escapes_what_it_is_given() {
    let place = Place::new();
    let hostile = "<script>alert(1)</script>";
    let scenario = place.scenario("drug.toml", &[("A drug in the water", hostile)]);
    place.call(&["run", &scenario]).expect(0);
    place.call(&["report", "outputs/drug"]).expect(0);
    let page = place.text("outputs/drug.html");
    assert!(!page.contains("<script"), "a script");
    assert!(page.contains("&lt;script&gt;"), "the text");
}
