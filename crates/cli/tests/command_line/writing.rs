//! Output folders: what is replaced, what is refused, what survives trouble.

use std::process::{Command, Stdio};
use std::time::Duration;

use crate::{Call, Place, fixtures};

#[test]
fn only_an_earlier_run_of_the_same_identity_is_replaced() {
    let place = Place::new();
    let drug = place.scenario("drug.toml", &[]);
    place.call(&["run", &drug, "-o", "here"]).expect(0);
    place
        .call(&["run", &drug, "-o", "here", "--set", "simulation.stop=90 d"])
        .expect(0);
    assert!(place.text("here/scenario.toml").contains("stop = \"90 d\""));
    let before = place.files("here");
    let other = place.scenario("other.toml", &[]);
    place
        .call(&["run", &other, "-o", "here"])
        .expect(4)
        .says("it is a run of `gutbrain run drug`");
    std::fs::write(place.path("here/notes.txt"), "mine").unwrap();
    place
        .call(&["run", &drug, "-o", "here"])
        .expect(4)
        .says("notes.txt");
    std::fs::remove_file(place.path("here/notes.txt")).unwrap();
    assert_eq!(place.files("here"), before);
    std::fs::create_dir(place.path("foreign")).unwrap();
    std::fs::write(place.path("foreign/thesis.tex"), "mine").unwrap();
    place
        .call(&["run", &drug, "-o", "foreign"])
        .expect(4)
        .says("--force");
    assert_eq!(place.text("foreign/thesis.tex"), "mine");
    // No option removes what no run wrote; one replaces another run.
    place
        .call(&["run", &drug, "-o", "foreign", "--force"])
        .expect(4)
        .says("thesis.tex");
    assert_eq!(place.text("foreign/thesis.tex"), "mine");
    place
        .call(&["run", &other, "-o", "here", "--force"])
        .expect(0);
    assert_eq!(
        place.names(""),
        ["drug.toml", "foreign", "here", "other.toml"]
    );
    std::fs::create_dir(place.path("empty")).unwrap();
    place.call(&["run", &drug, "-o", "empty"]).expect(0);
}

#[test]
fn bad_places_are_refused_before_anything_is_run() {
    let place = Place::new();
    let drug = place.scenario("drug.toml", &[]);
    std::fs::write(place.path("file"), "mine").unwrap();
    for target in ["file", "file/below"] {
        place
            .call(&["run", &drug, "-o", target])
            .expect(4)
            .says("--output");
        place
            .call(&["run", &drug, "-o", target, "--force"])
            .expect(4);
    }
    assert_eq!(place.text("file"), "mine");
    for target in [".", "..", "/"] {
        place
            .call(&["run", &drug, "-o", target, "--force"])
            .expect(4)
            .says("never replaced");
    }
    place.call(&["run", &drug, "-o", "/proc/nowhere"]).expect(4);
    assert_eq!(place.names(""), ["drug.toml", "file"]);
}

#[test]
fn a_full_disk_leaves_the_earlier_run() {
    let place = Place::new();
    let drug = place.scenario("drug.toml", &[]);
    place.call(&["run", &drug]).expect(0);
    let before = place.files("outputs/drug");
    // A limit on the size of files is what a test can set; the system then refuses as a full disk does.
    let script = format!(
        "trap '' XFSZ; ulimit -f 4; exec '{}' run {drug} --format csv --model '{}'",
        env!("CARGO_BIN_EXE_gutbrain"),
        fixtures().join("model").display()
    );
    let mut command = Command::new("bash");
    command.current_dir(place.path("")).arg("-c").arg(script);
    Call::of(command.output().unwrap())
        .expect(4)
        .says("cannot write");
    assert_eq!(place.files("outputs/drug"), before);
    assert_eq!(place.names("outputs"), ["drug"]);
}

#[test]
fn what_a_kill_left_is_recovered_by_the_next_start() {
    let place = Place::new();
    let drug = place.scenario("drug.toml", &[]);
    place.call(&["run", &drug]).expect(0);
    let before = place.results("outputs/drug");
    // Killed while writing.
    std::fs::create_dir_all(place.path("outputs/.drug.partial/figures")).unwrap();
    std::fs::write(
        place.path("outputs/.drug.partial/manifest.json"),
        "{ \"prog",
    )
    .unwrap();
    let unfinished = "outputs/.drug.partial/figures/.axis.svg.gutbrain-new";
    std::fs::write(place.path(unfinished), "<svg").unwrap();
    place.call(&["run", &drug]).expect(0);
    assert_eq!(place.results("outputs/drug"), before);
    // Killed between two renames, where folders cannot be exchanged in one step.
    std::fs::rename(
        place.path("outputs/drug"),
        place.path("outputs/.drug.replaced"),
    )
    .unwrap();
    place.call(&["run", &drug]).expect(0);
    assert_eq!(place.results("outputs/drug"), before);
    assert_eq!(place.names("outputs"), ["drug"]);
    // A folder of that name which no run left is not removed.
    std::fs::create_dir(place.path("outputs/.drug.partial")).unwrap();
    std::fs::write(place.path("outputs/.drug.partial/diary"), "mine").unwrap();
    place.call(&["run", &drug]).expect(4).says(".drug.partial");
    assert_eq!(place.text("outputs/.drug.partial/diary"), "mine");
    // Not even if it has a manifest, or lies where an old run steps aside.
    for (folder, name, content) in [
        (
            ".drug.partial",
            "manifest.json",
            r#"{"name": "web extension"}"#,
        ),
        (
            ".drug.replaced",
            "manifest.json",
            r#"{"name": "web extension"}"#,
        ),
        (".drug.replaced", "diary", "mine"),
    ] {
        std::fs::remove_dir_all(place.path("outputs/.drug.partial")).ok();
        let path = format!("outputs/{folder}/{name}");
        std::fs::create_dir_all(place.path(&format!("outputs/{folder}"))).unwrap();
        std::fs::write(place.path(&path), content).unwrap();
        for force in [&[][..], &["--force"]] {
            place.call(&[&["run", &drug], force].concat());
            assert_eq!(place.text(&path), content);
        }
    }
}

#[test]
fn what_is_read_is_never_written_over() {
    let place = Place::new();
    std::fs::create_dir_all(place.path("study/model")).unwrap();
    let model = fixtures().join("model");
    for entry in std::fs::read_dir(&model).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_file() {
            let copy = place.path("study/model").join(entry.file_name());
            std::fs::copy(entry.path(), copy).unwrap();
        }
    }
    place.scenario("study/base.toml", &[]);
    std::fs::write(place.path("s.toml"), "extends = \"study/base.toml\"\n").unwrap();
    let before = place.files("study");
    for command in ["run", "sweep", "sensitivity", "trial"] {
        for scenario in ["study/base.toml", "s.toml"] {
            for force in [&[][..], &["--force"]] {
                let mut line = place.command();
                line.args([command, scenario, "-o", "study"]).args(force);
                line.arg("--model").arg(&model);
                let call = Call::of(line.output().unwrap());
                assert!(
                    matches!(call.code, Some(2 | 4)),
                    "{command}: {}",
                    call.stderr
                );
                assert_eq!(place.files("study"), before, "{command} {scenario}");
            }
        }
    }
    // A run whose own scenario is read again.
    place.call(&["run", "s.toml", "-o", "o"]).expect(0);
    let before = place.files("o");
    for arguments in [
        &["run", "o/scenario.toml", "-o", "o", "--force"][..],
        &["plot", "o", "-o", "o", "--force"],
    ] {
        place.call(arguments).expect(4).says("reads");
        assert_eq!(place.files("o"), before);
    }
}

#[test]
fn what_appears_in_the_folder_while_it_runs_stays() {
    let place = Place::new();
    let drug = place.scenario("drug.toml", &[]);
    for earlier in [false, true] {
        if earlier {
            std::fs::remove_file(place.path("o/notes.txt")).unwrap();
            std::fs::remove_dir(place.path("o")).unwrap();
            place.call(&["run", &drug, "-o", "o"]).expect(0);
        }
        let mut child = place.command();
        child.args([
            "run",
            &drug,
            "-o",
            "o",
            "--set",
            "solver.rtol=1e-13",
            "--model",
        ]);
        child.arg(fixtures().join("model"));
        let mut text = place.text(&drug);
        for arm in 0..300 {
            text.push_str(&format!("[[arm]]\nname = \"a{arm}\"\n"));
        }
        std::fs::write(place.path(&drug), &text).unwrap();
        let child = child.stderr(Stdio::piped()).stdout(Stdio::null()).spawn();
        for _ in 0..600 {
            if place.path(".o.partial/manifest.json").exists() {
                break;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        std::fs::create_dir_all(place.path("o")).unwrap();
        std::fs::write(place.path("o/notes.txt"), "mine").unwrap();
        let call = Call::of(child.unwrap().wait_with_output().unwrap());
        call.expect(4).says("notes.txt");
        assert_eq!(place.text("o/notes.txt"), "mine");
        assert_eq!(place.path("o/summary.json").exists(), earlier);
        // Nothing is discarded without a word.
        place.scenario("drug.toml", &[]);
        place.call(&["run", &drug, "-o", "o"]).expect(4);
    }
    std::fs::remove_file(place.path("o/notes.txt")).unwrap();
    place
        .call(&["run", &drug, "-o", "o"])
        .expect(0)
        .says("not put in its place was discarded");
    assert_eq!(place.names(""), ["drug.toml", "o"]);
}

#[cfg(unix)]
#[test]
fn a_write_protected_run_is_kept() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = Place::new();
    let drug = place.scenario("drug.toml", &[]);
    place.call(&["run", &drug, "-o", "o"]).expect(0);
    let before = place.files("o");
    let protect = |mode: u32| {
        let permissions = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(place.path("o"), permissions).unwrap();
    };
    protect(0o555);
    for _ in 0..2 {
        place
            .call(&["run", &drug, "-o", "o", "--seed", "3"])
            .expect(4)
            .says("write-protected");
        assert_eq!(place.files("o"), before);
        assert_eq!(place.names(""), ["drug.toml", "o"]);
    }
    place
        .call(&["run", &drug, "-o", "o", "--seed", "3", "--force"])
        .expect(0);
    assert_eq!(place.names(""), ["drug.toml", "o"]);
}

#[cfg(unix)]
#[test]
fn single_files_are_written_and_never_stolen() {
    let place = Place::new();
    let drug = place.scenario("drug.toml", &[]);
    let export = |output: &str| place.call(&["model", "export", "--scenario", &drug, "-o", output]);
    export("e.xml").expect(0);
    let whole = place.text("e.xml");
    export("e.xml").expect(0);
    std::fs::write(place.path("mine.txt"), "mine").unwrap();
    export("mine.txt").expect(4).says("--force");
    assert_eq!(place.text("mine.txt"), "mine");
    export("/dev/null").expect(0);
    assert!(!std::fs::metadata("/dev/null").unwrap().is_file());
    assert_eq!(export("/dev/stdout").expect(0).stdout, whole);
    std::os::unix::fs::symlink("e.xml", place.path("link")).unwrap();
    export("link").expect(0);
    assert!(place.path("link").is_symlink());
    let force = [
        "model",
        "export",
        "--scenario",
        &drug,
        "-o",
        "mine.txt",
        "--force",
    ];
    place.call(&force).expect(0);
    assert_eq!(place.text("mine.txt"), whole);
    assert_eq!(place.names(""), ["drug.toml", "e.xml", "link", "mine.txt"]);
}

#[test]
fn a_size_limit_of_the_system_is_an_error_and_no_signal() {
    let place = Place::new();
    let drug = place.scenario("drug.toml", &[]);
    for command in [
        format!("run {drug} --format csv"),
        format!("model export --scenario {drug} -o e.xml"),
    ] {
        let script = format!(
            "ulimit -f 1; exec '{}' {command} --model '{}'",
            env!("CARGO_BIN_EXE_gutbrain"),
            fixtures().join("model").display()
        );
        let mut line = Command::new("bash");
        line.current_dir(place.path("")).arg("-c").arg(script);
        Call::of(line.output().unwrap())
            .expect(4)
            .says("size limit");
    }
    assert_eq!(place.names("outputs"), [""; 0]);
}

#[cfg(unix)]
#[test]
fn a_pipe_that_nobody_fills_is_no_input() {
    let place = Place::new();
    let made = Command::new("mkfifo").arg(place.path("pipe")).status();
    assert!(made.unwrap().success());
    std::fs::write(place.path("s.toml"), "extends = \"pipe\"\n").unwrap();
    place.call(&["check", "s.toml"]).expect(2).says("pipe");
    place.call(&["check", "pipe"]).expect(2).says("pipe");
    // One that this process is given has somebody at its other end.
    let drug = place.scenario("drug.toml", &[]);
    let script = format!(
        "cat {drug} | '{}' check /dev/stdin --model '{}'",
        env!("CARGO_BIN_EXE_gutbrain"),
        fixtures().join("model").display()
    );
    let mut line = Command::new("bash");
    line.current_dir(place.path("")).arg("-c").arg(script);
    Call::of(line.output().unwrap()).expect(0);
}

#[test]
fn clean_lists_what_was_left_and_removes_it_on_request() {
    let place = Place::new();
    let drug = place.scenario("drug.toml", &[]);
    place.call(&["run", &drug]).expect(0);
    std::fs::create_dir(place.path("outputs/.drug.partial")).unwrap();
    let manifest = place.text("outputs/drug/manifest.json");
    let manifest = manifest.replace("\"complete\"", "\"running\"");
    std::fs::write(place.path("outputs/.drug.partial/manifest.json"), manifest).unwrap();
    std::fs::create_dir(place.path("outputs/.mine.partial")).unwrap();
    std::fs::write(place.path("outputs/.mine.partial/diary"), "mine").unwrap();
    let call = |arguments: &[&str]| {
        let mut line = place.command();
        line.arg("clean").args(arguments);
        Call::of(line.output().unwrap())
    };
    let listed = call(&[]).expect(0);
    assert!(
        listed.stdout.contains("interrupted run of"),
        "{}",
        listed.stdout
    );
    assert!(!listed.stdout.contains("mine"), "{}", listed.stdout);
    assert!(place.path("outputs/.drug.partial").exists());
    call(&["--remove"]).expect(0);
    assert_eq!(place.names("outputs"), [".mine.partial", "drug"]);
    assert!(call(&[]).expect(0).stdout.contains("nothing"));
    call(&["nowhere"]).expect(2);
}

#[test]
fn an_interrupt_ends_with_130_and_the_next_run_goes_through() {
    let place = Place::new();
    let mut text = std::fs::read_to_string(fixtures().join("scenarios/drug.toml")).unwrap();
    let short = place.scenario("long.toml", &[]);
    place.call(&["run", &short]).expect(0);
    let before = place.files("outputs/long");
    // Enough arms to be busy for a while.
    for arm in 0..990 {
        text.push_str(&format!(
            "[[arm]]\nname = \"a{arm}\"\n[[arm.perturbation]]\ntarget = \"species.drug\"\n\
             action = \"set\"\nvalue = \"{} mM\"\n",
            f64::from(arm) / 3.0
        ));
    }
    std::fs::write(place.path("long.toml"), text).unwrap();
    let mut command = place.command();
    command.args(["run", "long.toml", "--set", "solver.rtol=1e-13"]);
    command.args(["--set", "simulation.every=\"0.05 d\"", "--model"]);
    command.arg(fixtures().join("model"));
    let mut child = command
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // The folder appears before the work begins.
    let partial = place.path("outputs/.long.partial");
    for _ in 0..600 {
        if partial.exists() || child.try_wait().unwrap().is_some() {
            break;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(partial.exists(), "no folder before the work");
    let id = child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-INT", &id])
            .status()
            .unwrap()
            .success()
    );
    let call = Call::of(child.wait_with_output().unwrap());
    call.expect(130).says("interrupted");
    assert_eq!(place.files("outputs/long"), before);
    place.scenario("long.toml", &[]);
    place.call(&["run", "long.toml"]).expect(0);
    assert_eq!(place.names("outputs"), ["long"]);
}

#[test]
fn plot_refuses_what_is_no_run_or_was_changed() {
    let place = Place::new();
    let drug = place.scenario("drug.toml", &[]);
    place
        .call(&["plot", "nowhere"])
        .expect(2)
        .says("not a complete run folder");
    place.call(&["run", &drug]).expect(0);
    let path = place.path("outputs/drug/endpoints.csv");
    let text = std::fs::read_to_string(&path)
        .unwrap()
        .replace("93.", "83.");
    std::fs::write(&path, text).unwrap();
    place
        .call(&["plot", "outputs/drug"])
        .expect(2)
        .says("was changed after the run");
    // Damaged tables whose hashes are right, and names that lead out of the folder.
    let good = place.text("outputs/drug/manifest.json");
    for table in ["endpoints.csv", "trajectories.parquet"] {
        place.call(&["run", &drug, "--force"]).expect(0);
        let manifest = place.text("outputs/drug/manifest.json");
        let mut parsed: serde_json::Value = serde_json::from_str(&manifest).unwrap();
        let damaged = b"arm,onset_d\n\xff\"";
        std::fs::write(place.path("outputs/drug").join(table), damaged).unwrap();
        parsed["files"][table]["sha256"] = gutbrain_store::sha256(damaged).into();
        let text = parsed.to_string();
        std::fs::write(place.path("outputs/drug/manifest.json"), text).unwrap();
        place.call(&["plot", "outputs/drug"]).expect(2);
    }
    for name in ["../x", "/etc/passwd", "figures/../../x"] {
        let mut parsed: serde_json::Value = serde_json::from_str(&good).unwrap();
        parsed["files"][name] = parsed["files"]["endpoints.csv"].clone();
        let text = parsed.to_string();
        std::fs::write(place.path("outputs/drug/manifest.json"), text).unwrap();
        place
            .call(&["plot", "outputs/drug"])
            .expect(2)
            .says("no file of a run");
    }
}
