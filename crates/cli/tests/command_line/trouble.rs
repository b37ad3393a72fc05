//! Bad input and failing numbers: exit codes 2 and 3, messages for people and for programs.

use serde_json::Value;

use crate::{Call, Place};

/// Bad input leaves nothing behind.
#[track_caller]
fn refused(place: &Place, arguments: &[&str], words: &str) {
    place.call(arguments).expect(2).says(words);
    assert!(!place.path("outputs").exists());
}

#[test]
fn bad_input_ends_with_2_and_leaves_no_folder() {
    let place = Place::new();
    let bad = place.scenario("bad.toml", &[("title", "titel")]);
    refused(&place, &["run", &bad], "bad.toml:2:1");
    refused(&place, &["run", "missing.toml"], "no such file");
    refused(&place, &["run", "."], "it is a folder");
    std::fs::write(place.path("empty.toml"), "").unwrap();
    refused(&place, &["run", "empty.toml"], "`subject` is missing");
    std::fs::write(place.path("binary.toml"), b"a = 1\n\xff\xfe\x00").unwrap();
    refused(&place, &["run", "binary.toml"], "binary.toml:2:1");
    std::fs::write(place.path("circle.toml"), "extends = \"circle.toml\"\n").unwrap();
    refused(&place, &["run", "circle.toml"], "circle");
    std::fs::write(
        place.path("deep.toml"),
        "a = ".to_owned() + &"[".repeat(100_000),
    )
    .unwrap();
    refused(&place, &["run", "deep.toml"], "nested");
    let good = place.scenario("good.toml", &[]);
    refused(&place, &["run", &good, "--set", "solver.rtol=abc"], "--set");
    refused(
        &place,
        &["run", &good, "--arm", "drugs"],
        "did you mean `drug`?",
    );
    refused(
        &place,
        &["run", &good, "--max-failures", "lots"],
        "share such as 1%",
    );
    refused(&place, &["run", &good, "--threads", "x"], "threads");
}

/// What sweeps and analyses ask of the lives is checked before anything is simulated.
#[test]
fn check_reads_what_is_asked() {
    let place = Place::new();
    let asking = |name: &str, text: &str| {
        let name = place.scenario(name, &[]);
        let whole = place.text(&name) + text;
        std::fs::write(place.path(&name), &whole).unwrap();
        (name, whole.lines().count())
    };
    let factor =
        "[[sweep.factor]]\ntarget = \"arm.drug.dose\"\nrange = [\"0 %\", \"2 %\"]\nlevels = 2\n";
    let feature = "features = [\"onset\", \"maximum strenth from 20 d to 30 d\"]\n";
    let (name, lines) = asking("swept.toml", &format!("\n[sweep]\n{feature}{factor}"));
    refused(
        &place,
        &["check", &name],
        &format!("{name}:{}:22", lines - 4),
    );
    refused(
        &place,
        &["check", &name],
        "no observable or species `strenth`",
    );
    let output = "outputs = [\"difference life vs nobody\"]\n";
    let (name, lines) = asking("asked.toml", &format!("\n[sensitivity]\n{output}"));
    refused(&place, &["check", &name], &format!("{name}:{lines}:12"));
    refused(&place, &["check", &name], "arms: ");
}

#[test]
fn a_calibration_is_exported_as_petab_only_and_into_a_folder() {
    let place = Place::new();
    let export = ["model", "export"];
    let refuse = |more: &[&str], words: &str| refused(&place, &[&export, more].concat(), words);
    refuse(&["--format", "petab"], "--calibration");
    let file = ["--calibration", "fit.toml"];
    refuse(&file, "--format petab");
    let petab = [&file[..], &["--format", "petab"]].concat();
    refuse(&petab, "--output");
    let petab = [&petab[..], &["--output", "here"]].concat();
    refuse(&petab, "fit.toml");
    refuse(&[&petab[..], &["--arm", "drug"]].concat(), "no --arm");
    assert!(!place.path("here").exists());
}

#[test]
fn a_bad_model_ends_with_2() {
    let place = Place::new();
    let scenario = place.scenario("drug.toml", &[]);
    let run = |model: &str| {
        let arguments = ["run", &scenario, "--model", model];
        Call::of(place.command().args(arguments).output().unwrap())
    };
    run("nowhere").expect(2).says("nowhere");
    std::fs::create_dir(place.path("hollow")).unwrap();
    run("hollow").expect(2).says("no `*.toml` file");
    std::fs::create_dir(place.path("broken")).unwrap();
    std::fs::write(place.path("broken/a.toml"), "[species.x]\nsays = 3\n").unwrap();
    run("broken").expect(2).says("broken/a.toml:2:");
    assert!(!place.path("outputs").exists());
}

#[test]
fn messages_for_programs_are_json_lines() {
    let place = Place::new();
    let bad = place.scenario("bad.toml", &[("title", "titel"), ("\"2 %\"", "\"2 mM\"")]);
    let call = place
        .call(&["run", &bad, "--message-format", "json"])
        .expect(2);
    let lines: Vec<Value> = call
        .stderr
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0]["code"], "unknown-key");
    assert_eq!(lines[0]["file"], "bad.toml");
    assert_eq!(
        (&lines[0]["line"], &lines[0]["column"]),
        (&Value::from(2), &Value::from(1))
    );
    assert_eq!(lines[1]["code"], "wrong-unit");
    assert!(lines[1]["help"].as_str().unwrap().contains("% w/v"));
    let call = place
        .call(&["plot", "nowhere", "--message-format", "json"])
        .expect(2);
    let line: Value = serde_json::from_str(call.stderr.trim()).unwrap();
    assert_eq!(line["level"], "error");
}

#[test]
fn failed_runs_are_in_the_tables_and_end_with_3() {
    let place = Place::new();
    let scenario = place.scenario("drug.toml", &[]);
    let few = [
        "run",
        &scenario,
        "--format",
        "csv",
        "--set",
        "solver.maximum_steps=10",
    ];
    let call = place.call(&few).expect(3).says("2 of 2 runs failed");
    assert!(call.stdout.contains("failed at"), "{}", call.stdout);
    let endpoints = place.text("outputs/drug/endpoints.csv");
    assert_eq!(endpoints.matches(",failed,").count(), 2, "{endpoints}");
    assert!(endpoints.contains("steps"), "{endpoints}");
    assert_eq!(
        place.text("outputs/drug/trajectories.csv").lines().count(),
        1
    );
    let manifest: Value = serde_json::from_str(&place.text("outputs/drug/manifest.json")).unwrap();
    assert_eq!(manifest["runs"]["failed"], 2);
    for (tolerance, code) in [("1", 3), ("2", 0), ("99%", 3), ("100 %", 0)] {
        place
            .call(&[&few[..], &["--max-failures", tolerance]].concat())
            .expect(code);
    }
}

#[test]
fn a_closed_pipe_is_no_error() {
    let place = Place::new();
    let program = env!("CARGO_BIN_EXE_gutbrain");
    let script = format!("'{program}' model list | head -n 1; exit \"${{PIPESTATUS[0]}}\"");
    let output = std::process::Command::new("bash")
        .arg("-c")
        .arg(script)
        .output()
        .unwrap();
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(place.names("").is_empty());
}

/// Threads of a process while it computes, sampled from the system.
#[cfg(target_os = "linux")]
fn most_threads(process: &mut std::process::Child) -> usize {
    let mut most = 0;
    while process.try_wait().unwrap().is_none() {
        let tasks = std::fs::read_dir(format!("/proc/{}/task", process.id()));
        most = most.max(tasks.map_or(0, Iterator::count));
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    most
}

/// The threads that were asked for are the only ones: one that waits, one that works, one for Ctrl-C.
#[cfg(target_os = "linux")]
#[test]
fn no_command_works_with_other_threads_than_were_asked_for() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    for words in [
        "run scenarios/butyrate-g93a.toml",
        "sweep scenarios/sweeps/dose-by-start.toml",
        "sensitivity scenarios/sensitivity/morris-butyrate.toml --set sensitivity.samples=2",
        "attribute scenarios/butyrate-g93a.toml --vectors 0",
    ] {
        let folder = tempfile::tempdir().unwrap();
        let mut process = std::process::Command::new(env!("CARGO_BIN_EXE_gutbrain"))
            .args(words.split(' '))
            .args(["--quiet", "--no-sync", "--threads", "1", "--output"])
            .arg(folder.path().join("out"))
            .env("RAYON_NUM_THREADS", "16")
            .current_dir(root)
            .spawn()
            .unwrap();
        let most = most_threads(&mut process);
        assert!(most <= 3, "`{words}` had {most} threads");
    }
}
