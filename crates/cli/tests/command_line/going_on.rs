//! Long work that is ended by hand, and what it goes on from.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::calibrating::copy;
use super::sweeping::MANY_BLOCKS;
use super::{Call, Place, fixtures};

/// Whether a process has taken Ctrl-C into its own hands: from then on it says what is left.
#[cfg(target_os = "linux")]
fn listens(process: &Child) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{}/status", process.id()));
    let status = status.unwrap_or_default();
    let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
    let caught = caught.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    // Bit n - 1 is signal n, and an interrupt is signal 2.
    caught.is_some_and(|mask| mask & 0b10 != 0)
}

/// Every command that may take longer than one waits: its arguments, and what it says of going on.
#[cfg(target_os = "linux")]
#[test]
fn every_long_command_can_be_interrupted_and_says_how_to_go_on() {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    let goes_on = "the same command with --resume goes on with it";
    let again = "the same command starts again";
    let cohort = "scenarios/butyrate-g93a-cohort.toml";
    let trial = "scenarios/trials/butyrate-trial.toml";
    let fit = "calibration/foundation.toml";
    for (words, says) in [
        (vec!["run", cohort], again),
        (vec!["trial", trial], goes_on),
        (
            vec!["sweep", "scenarios/sweeps/dose-by-start.toml"],
            goes_on,
        ),
        (
            vec!["sensitivity", "scenarios/sensitivity/prcc-by-age.toml"],
            goes_on,
        ),
        (vec!["attribute", "scenarios/butyrate-g93a.toml"], again),
        (vec!["calibrate", fit], goes_on),
        (vec!["calibrate", fit, "--posterior"], goes_on),
        (vec!["calibrate", fit, "--stationary"], again),
        (vec!["calibrate", fit, "--informs"], again),
        (
            vec!["biomarkers", "scenarios/biomarkers/carriers.toml"],
            again,
        ),
        (vec!["validate"], again),
    ] {
        let place = Place::new();
        let mut command = place.command();
        command.current_dir(root).args(&words);
        let writes = words[0] != "validate"
            && !["--stationary", "--informs"].contains(&words[words.len() - 1]);
        if writes {
            command.arg("-o").arg(place.path("out"));
        }
        let mut child = command
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        for _ in 0..120_000 {
            if listens(&child) || child.try_wait().unwrap().is_some() {
                break;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        let id = child.id().to_string();
        let sent = Command::new("bash")
            .args(["-c", &format!("kill -INT {id}")])
            .status();
        assert!(sent.unwrap().success(), "{words:?} was over too soon");
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(130), "{words:?}: {said}");
        assert!(
            said.contains("interrupted") && said.contains(says),
            "{words:?}: {said}"
        );
        assert!(!place.path("out").exists(), "{words:?} left a half");
    }
}

#[test]
fn a_word_of_the_model_keeps_finished_parts_and_a_number_does_not() {
    let place = Place::new();
    copy(&fixtures().join("model"), &place.path("model"));
    let many = place.sweep("many.toml", MANY_BLOCKS);
    let begin = ["sweep", &many, "-o", "a", "--model", "model"];
    let mut child = place.command();
    let mut child = child
        .args(begin)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    for _ in 0..60_000 {
        if place.chunks(".a.partial").len() >= 2 || child.try_wait().unwrap().is_some() {
            break;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(
        place.chunks(".a.partial").len() >= 2,
        "it was over too soon"
    );
    let text = place.text("model/small.toml");
    let change = |from: &str, to: &str| {
        assert!(text.contains(from), "no `{from}`");
        std::fs::write(place.path("model/small.toml"), text.replacen(from, to, 1)).unwrap();
    };
    let resume = || {
        let mut command = place.command();
        command.args(begin).arg("--resume");
        Call::of(command.output().unwrap())
    };
    change("value   = 100", "value   = 100.0001");
    resume().expect(4).says("cannot be resumed");
    assert!(
        place.chunks(".a.partial").len() >= 2,
        "a refusal discards nothing"
    );
    change(
        "says    = \"Uptake of the drug",
        "says    = \"Uptake, of the drug",
    );
    resume().expect(0).says("finished already");
    // What is finished is the same by the same rule, and the bytes are those of a whole sweep.
    let said = resume().expect(0).stdout;
    assert!(said.contains("finished already"), "{said}");
    let mut whole = place.command();
    whole.args(["sweep", &many, "-o", "b", "--model", "model"]);
    Call::of(whole.output().unwrap()).expect(0);
    assert_eq!(place.results("a"), place.results("b"));
}
