//! What once went wrong at the edges, and must not again: folders that are more than a run, numbers beyond
//! all measure, models that double, groups that were changed between two starts, signals.

use std::fmt::Write as _;

use crate::{Call, Place, fixtures};

fn copy(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let place = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &place);
        } else {
            std::fs::copy(&path, &place).unwrap();
        }
    }
}

#[test]
fn force_takes_neither_a_home_nor_the_folder_of_all_results() {
    let place = Place::new();
    place.scenario("s.toml", &[]);
    std::fs::create_dir_all(place.path("home/project")).unwrap();
    std::fs::write(place.path("home/project/notes"), "mine").unwrap();
    let mut command = place.command();
    command
        .args(["run", "s.toml", "--force", "--model"])
        .arg(fixtures().join("model"))
        .arg("-o")
        .arg(place.path("home"))
        .env("HOME", place.path("home"));
    let call = Call::of(command.output().unwrap()).expect(4);
    assert!(call.stderr.contains("your home folder"), "{}", call.stderr);
    assert_eq!(place.text("home/project/notes"), "mine");
    place
        .call(&["run", "s.toml", "-q", "-o", "outputs/one"])
        .expect(0);
    let before = place.files("outputs");
    place
        .call(&["run", "s.toml", "-q", "-o", "outputs", "--force"])
        .expect(4);
    assert_eq!(place.files("outputs"), before);
}

#[test]
fn a_study_is_not_gone_on_with_after_its_groups_were_changed() {
    let place = Place::new();
    copy(&fixtures().join("sensitivity/model"), &place.path("m"));
    let study = std::fs::read_to_string(fixtures().join("sensitivity/study.toml")).unwrap();
    let study = study.replace("samples = 512", "samples = 64").replace(
        "method  = \"sobol\"",
        "method  = \"sobol\"\ngroups = \"compartment\"",
    );
    std::fs::write(place.path("s.toml"), study).unwrap();
    let call = |more: &[&str]| {
        let mut command = place.command();
        command.args(["sensitivity", "s.toml", "-q", "--model", "m"]);
        Call::of(command.args(more).output().unwrap())
    };
    call(&["-o", "o"]).expect(0);
    call(&["-o", "o", "--resume"]).expect(0);
    let before = place.files("o");
    // The same model, its entries in other files: another compartment for some, and no other hash.
    let left = place.text("m/left.toml");
    let right = place.text("m/right.toml");
    let entry = |text: &str, name: &str| {
        let start = text.find(&format!("[parameter.{name}]")).unwrap();
        let end = text[start..]
            .find("\n\n")
            .map_or(text.len(), |it| start + it + 1);
        (text[start..end].to_owned(), start..end)
    };
    let (moved, range) = entry(&left, "a");
    let mut rest = left.clone();
    rest.replace_range(range, "");
    std::fs::write(place.path("m/left.toml"), rest).unwrap();
    std::fs::write(place.path("m/right.toml"), format!("{right}\n\n{moved}")).unwrap();
    let refused = call(&["-o", "o", "--resume"]).expect(4);
    assert!(
        refused.stderr.contains("another scenario, model"),
        "{}",
        refused.stderr
    );
    assert_eq!(place.files("o"), before);
    call(&["-o", "fresh"]).expect(0);
    assert_ne!(
        place.text("fresh/sensitivity.csv"),
        place.text("o/sensitivity.csv")
    );
}

#[test]
fn a_sweep_of_cohorts_draws_from_the_posterior_when_it_is_told_to() {
    let place = Place::new();
    let sweep = |parameters: &str| {
        let name = format!("{parameters}.toml");
        let text = format!(
            "schema = 1\n[subject]\npreset = \"mouse-g93a-b6sjl\"\n[simulation]\nstart = \"21 d\"\n\
             stop = \"150 d\"\n[[arm]]\nname = \"control\"\n[cohort]\nsubjects = 6\n\
             parameters = \"{parameters}\"\n[sweep]\n[[sweep.factor]]\ntarget = \"zo1_turnover\"\n\
             levels = 2\n"
        );
        std::fs::write(place.path(&name), text).unwrap();
        let mut command = place.command();
        command.args(["sweep", &name, "-q", "--format", "csv", "-o", parameters]);
        Call::of(command.output().unwrap()).expect(0);
        place.text(&format!("{parameters}/sweep.csv"))
    };
    assert_ne!(sweep("preset"), sweep("posterior"));
}

#[test]
fn numbers_beyond_all_measure_are_refused_on_the_command_line() {
    let place = Place::new();
    place.scenario("s.toml", &[]);
    for (words, said) in [
        (
            "calibrate s.toml --starts 18446744073709551615",
            "1..=10000",
        ),
        ("run s.toml --threads 100000", "--oversubscribe"),
        ("run s.toml --threads 0", "0"),
    ] {
        let words: Vec<&str> = words.split(' ').collect();
        let call = place.call(&words).expect(2);
        assert!(call.stderr.contains(said), "{}", call.stderr);
    }
    let manifest = r#"{"program":"gutbrain","version":"0.1.0","state":"complete",
        "identity":{"scenario":"s","command":"run"},"files":{"../secret.txt":{"sha256":"","bytes":1}}}"#;
    std::fs::create_dir(place.path("o")).unwrap();
    std::fs::write(place.path("o/manifest.json"), manifest).unwrap();
    let call = place.call(&["plot", "o"]).expect(2);
    assert!(call.stderr.contains("no file of a run"), "{}", call.stderr);
}

#[test]
fn a_model_whose_quantities_double_is_drawn_and_run_at_once() {
    let place = Place::new();
    place.scenario(
        "s.toml",
        &[("kind = \"trajectories\"", "kind = \"network-map\"")],
    );
    let text = place.text("s.toml");
    let (scenario, _) = text.split_once("show = ").unwrap();
    std::fs::write(place.path("s.toml"), scenario).unwrap();
    copy(&fixtures().join("model"), &place.path("m"));
    // z0 = z1 + z1, z1 = z2 + z2, …: 2^60 paths from end to end.
    let mut doubling = String::new();
    for level in 0..60 {
        let next = level + 1;
        writeln!(
            doubling,
            "[assignment.z{level}]\nsays = \"Twice the next\"\nunit = \"1\"\nvalue = \"z{next} + z{next}\"\n\
             assumed = \"test\""
        )
        .unwrap();
    }
    doubling.push_str(
        "[compartment.far]\nsays = \"Far\"\nregion = \"body\"\nassumed = \"test\"\n\
         [species.z60]\nsays = \"The last\"\nwhere = \"far\"\nunit = \"1\"\ninitial = 1\nscale = 1\n\
         assumed = \"test\"\n\
         [process.back]\nsays = \"Back to the last.\"\nchanges = { z60 = 1 }\n\
         rate = \"z0 * 1e-30 [1/day]\"\nassumed = \"test\"\n",
    );
    std::fs::write(place.path("m/zz.toml"), doubling).unwrap();
    let begin = std::time::Instant::now();
    let mut command = place.command();
    command.args(["run", "s.toml", "-q", "-o", "o", "--model", "m"]);
    Call::of(command.output().unwrap()).expect(0);
    // Work that doubles with every level would take for ever; this is for slow machines.
    assert!(begin.elapsed().as_secs() < 60, "{:?}", begin.elapsed());
}

#[test]
fn a_trial_goes_on_with_the_bytes_of_one_that_was_never_stopped() {
    let place = Place::new();
    let name = place.scenario("s.toml", &[]);
    let text = place.text(&name);
    let trial = "[trial]\npool = 600\nreplicates = 20\ngroup_sizes = [4]\n";
    std::fs::write(place.path(&name), format!("{text}\n{trial}")).unwrap();
    let call = |more: &[&str]| {
        let mut command = place.command();
        command.args(["trial", "s.toml", "-q", "--model"]);
        command.arg(fixtures().join("model")).args(more);
        Call::of(command.output().unwrap())
    };
    call(&["-o", "whole"]).expect(0);
    let whole = place.results("whole");
    call(&["-o", "o", "--resume"]).expect(0);
    assert_eq!(place.results("o"), whole);
    let again = call(&["-o", "o", "--resume"]).expect(0);
    assert!(again.stderr.is_empty(), "{}", again.stderr);
    assert_eq!(place.results("o"), whole);
    call(&["-o", "o", "--resume", "--format", "csv"]).expect(0);
    assert!(place.path("o/pool.csv").exists() && !place.path("o/pool.parquet").exists());
    let refused = call(&["-o", "o", "--resume", "--seed", "2"]).expect(4);
    assert!(
        refused.stderr.contains("another scenario"),
        "{}",
        refused.stderr
    );
    assert_eq!(place.names("."), ["o", "s.toml", "whole"]);
}

#[cfg(unix)]
#[test]
fn signals_leave_the_earlier_run() {
    let place = Place::new();
    let name = place.scenario("s.toml", &[]);
    place.call(&["run", &name, "-q", "-o", "o"]).expect(0);
    let before = place.results("o");
    let text = place.text(&name);
    std::fs::write(
        place.path(&name),
        format!("{text}\n[cohort]\nsubjects = 200000\n"),
    )
    .unwrap();
    for signal in ["INT", "TERM"] {
        let mut command = place.command();
        command.args(["run", &name, "-q", "-o", "o", "--model"]);
        let mut process = command.arg(fixtures().join("model")).spawn().unwrap();
        let partial = place.path(".o.partial");
        while !partial.exists() {
            assert!(process.try_wait().unwrap().is_none(), "it ended by itself");
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        let id = process.id().to_string();
        let sent = std::process::Command::new("kill")
            .args(["-s", signal, &id])
            .status();
        assert!(sent.unwrap().success());
        // An interrupt is answered; the others end it as the system does.
        let expected = (signal == "INT").then_some(130);
        assert_eq!(process.wait().unwrap().code(), expected, "SIG{signal}");
        assert_eq!(place.results("o"), before, "SIG{signal}");
    }
}
