//! Fits, profiles and chains on a decay of which every answer is known.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::{Call, Place};

/// `y = a exp(−k t)`; k stands at `k`, a at `a`.
fn write_model(place: &Place, k: (f64, f64, f64), a: (f64, f64, f64)) {
    let parameter = |name: &str, unit: &str, (value, low, high): (f64, f64, f64)| {
        format!(
            "[parameter.{name}]\nsays = \"Number {name}\"\nunit = \"{unit}\"\nvalue = {value:?}\n\
             range = [{low:?}, {high:?}]\nprior = \"lognormal\"\nassumed = \"test\"\n"
        )
    };
    let body = format!(
        "[compartment.body]\nsays = \"Body\"\nregion = \"body\"\nassumed = \"test\"\n\
         [species.x]\nsays = \"Quantity\"\nwhere = \"body\"\nunit = \"1\"\ninitial = 1.0\nscale = 1\n\
         assumed = \"test\"\n{}\
         [process.loss]\nsays = \"Loss.\"\nchanges = {{ x = -1 }}\nrate = \"k * x\"\nassumed = \"test\"\n",
        parameter("k", "1/day", k)
    );
    let size = format!(
        "{}[observable.y]\nsays = \"What is seen\"\nunit = \"1\"\nvalue = \"a * x\"\nassumed = \"test\"\n",
        parameter("a", "1", a)
    );
    let animal =
        "says = \"An animal\"\nspecies = \"mouse\"\nstrain = \"test\"\ngenotype = \"test\"\n";
    let scenario = "schema = 1\n[subject]\npreset = \"animal\"\n[simulation]\nstart = \"0 d\"\n\
                    stop = \"40 d\"\nevery = \"1 d\"\n[solver]\nrtol = 1e-8\natol = 1e-10\n[[arm]]\n\
                    name = \"control\"\n";
    std::fs::create_dir_all(place.path("model/subjects")).unwrap();
    for (name, text) in [
        ("model/body.toml", body.as_str()),
        ("model/size.toml", &size),
        ("model/subjects/animal.toml", animal),
        ("s.toml", scenario),
    ] {
        std::fs::write(place.path(name), text).unwrap();
    }
}

/// A calibration to `y` at some times, with some lines on top.
fn write_fit(place: &Place, head: &str, data: &[(f64, f64, f64)]) {
    let mut text = format!("says = \"decay\"\nhorizon = \"60 d\"\n{head}\n");
    for (t, value, sd) in data {
        text.push_str(&format!(
            "[[target]]\nname = \"at {t}\"\nscenario = \"s.toml\"\narm = \"control\"\n\
             feature = \"observable y at {t}\"\nvalue = {value:?}\nsd = {sd:?}\n"
        ));
    }
    std::fs::write(place.path("fit.toml"), text).unwrap();
}

fn calibrate(place: &Place, arguments: &[&str]) -> Call {
    let mut command = place.command();
    command.args(["calibrate", "fit.toml", "--model", "model"]);
    Call::of(command.args(arguments).output().unwrap())
}

/// A column of a table.
fn column(place: &Place, table: &str, name: &str) -> Vec<String> {
    let text = place.text(table);
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().unwrap().split(',').collect();
    let at = header.iter().position(|it| *it == name).unwrap();
    let field = |line: &str| line.split(',').nth(at).unwrap().to_owned();
    lines.map(field).collect()
}

fn numbers(place: &Place, table: &str, name: &str) -> Vec<f64> {
    let texts = column(place, table, name);
    texts.iter().map(|it| it.parse().unwrap()).collect()
}

const BOTH: &str = "parameters = [\"k\", \"a\"]";

#[test]
fn a_fit_from_the_middle_of_its_ranges_finds_what_made_the_data() {
    let place = Place::new();
    // The values stand at the middle of each range on its scale, where free coordinates are zero.
    for (low, high, truth) in [(0.01, 1.0, 0.3), (0.1, 0.4, 0.12), (0.002, 0.5, 0.2)] {
        let k = (f64::sqrt(low * high), low, high);
        write_model(&place, k, (2.0, 0.2, 20.0));
        let y = 3.0 * f64::powi(2.0, -3) * (-10.0 * truth + 3.0 * std::f64::consts::LN_2).exp();
        let data = [(0.0, 3.0, 0.01), (10.0, y, 0.003 * y)];
        for (head, methods) in [
            (
                format!("{BOTH}\n[prior]\nweight = 0.0"),
                vec!["lm", "cma-es"],
            ),
            (format!("{BOTH}\n[prior]\nweight = 0.01"), vec!["lm"]),
        ] {
            write_fit(&place, &format!("evaluations = 400\n{head}"), &data);
            for method in methods {
                calibrate(&place, &["-o", "out", "--force", "--method", method]).expect(0);
                let after = numbers(&place, "out/parameters.csv", "after");
                assert!((after[0] / truth - 1.0).abs() < 1e-3, "{low}: {after:?}");
                assert!((after[1] / 3.0 - 1.0).abs() < 1e-3, "{low}: {after:?}");
                let ended = column(&place, "out/starts.csv", "ended");
                assert_eq!(ended, ["converged"], "{low} {method}");
            }
        }
    }
}

/// The page of a fit and of a posterior: their parameters and targets, from the saved tables.
#[test]
fn calibrations_have_a_report() {
    let place = Place::new();
    write_model(&place, (0.1, 0.01, 1.0), (2.0, 0.2, 20.0));
    write_fit(
        &place,
        &format!("{BOTH}\n[prior]\nweight = 0.01"),
        &[(0.0, 3.0, 0.01)],
    );
    calibrate(&place, &["-o", "fit"]).expect(0);
    calibrate(&place, &["--profile", "k", "-o", "profile"]).expect(0);
    for (folder, words) in [
        (
            "fit",
            [
                "A row is one target of the fit",
                "A row is one start of the fit",
            ],
        ),
        ("profile", ["calibrate --profile", "95 % set by profile"]),
    ] {
        let mut command = place.command();
        command.args(["report", folder, "--model", "model"]);
        Call::of(command.output().unwrap()).expect(0);
        let page = place.text(&format!("{folder}.html"));
        for words in words {
            assert!(page.contains(words), "{folder}: no `{words}`");
        }
        assert!(!page.contains("What was asked"), "{folder}: no arms");
        assert!(
            page.contains("[[target]]"),
            "{folder}: the file is not in the page"
        );
    }
}

#[test]
fn a_profile_fits_the_other_number_again_wherever_the_values_stand() {
    let place = Place::new();
    let wide = 1.959_963_984_540_054 * 0.3;
    let y = 3.0 * (-2.0_f64).exp();
    for stands in [0.2, 0.02, 0.9] {
        for size in [3.0, 0.5, 9.0] {
            write_model(&place, (stands, 0.02, 2.0), (size, 0.3, 30.0));
            write_fit(
                &place,
                &format!("{BOTH}\n[prior]\nweight = 0.0"),
                &[(0.0, 3.0, 0.3), (10.0, y, 0.06)],
            );
            let call = calibrate(&place, &["-o", "out", "--force", "--profile", "a"]).expect(0);
            let low = numbers(&place, "out/intervals.csv", "low");
            let high = numbers(&place, "out/intervals.csv", "high");
            assert_eq!(low.len(), 1, "{}", call.stdout);
            assert!(
                (low[0] - 3.0 + wide).abs() < 0.01 * wide,
                "{stands}: {low:?}"
            );
            assert!(
                (high[0] - 3.0 - wide).abs() < 0.01 * wide,
                "{stands}: {high:?}"
            );
            let ended = column(&place, "out/profiles.csv", "ended");
            assert!(ended.iter().all(|it| it == "converged"), "{ended:?}");
        }
    }
}

/// A parameter with nobody beside it is as well informed beside the others as alone.
#[test]
fn one_parameter_alone_is_informed_of() {
    let place = Place::new();
    write_model(&place, (0.05, 0.02, 2.0), (9.0, 0.3, 30.0));
    let data = [(0.0, 3.0, 0.01), (10.0, 0.406, 0.001)];
    write_fit(&place, "parameters = [\"a\"]", &data);
    let call = calibrate(&place, &["--informs"]).expect(0);
    assert!(call.stdout.contains('a'), "{}", call.stdout);
}

#[test]
fn starts_that_met_the_data_exactly_all_count() {
    let place = Place::new();
    write_model(&place, (0.05, 0.02, 2.0), (9.0, 0.3, 30.0));
    let data = [(0.0, 3.0, 0.01), (10.0, 0.406, 0.001)];
    write_fit(
        &place,
        &format!("starts = 5\n{BOTH}\n[prior]\nweight = 0.0"),
        &data,
    );
    let call = calibrate(&place, &["-o", "out"]).expect(0);
    let ends = numbers(&place, "out/starts.csv", "objective");
    let exact = ends.iter().filter(|it| **it < 1e-9).count();
    assert!(exact > 1, "{ends:?}");
    let words = format!("{exact} of 5 starts");
    assert!(call.stdout.contains(&words), "{}", call.stdout);
}

#[test]
fn numbers_beyond_all_measure_are_refused_before_anything_is_computed() {
    let place = Place::new();
    write_model(&place, (0.05, 0.02, 2.0), (9.0, 0.3, 30.0));
    let data = [(0.0, 3.0, 0.01), (10.0, 0.406, 0.001)];
    let bad = |from: &str, to: &str, words: &str| {
        write_fit(&place, BOTH, &data);
        let text = place.text("fit.toml");
        assert!(text.contains(from));
        std::fs::write(place.path("fit.toml"), text.replace(from, to)).unwrap();
        calibrate(&place, &["-o", "out"]).expect(2).says(words);
        assert!(!place.path("out").exists());
    };
    for horizon in [
        "1e300 d", "1e9 d", "36501 d", "0 d", "-3 d", "nan d", "inf d",
    ] {
        let words = if horizon.starts_with(['n', 'i']) {
            "no age"
        } else {
            "36500 d"
        };
        bad("60 d", horizon, words);
    }
    for value in ["1e300", "-1e300", "1e31"] {
        bad(
            "value = 3.0",
            &format!("value = {value}"),
            "`value` must lie",
        );
    }
    for sd in ["1e-300", "1e300"] {
        bad("sd = 0.01", &format!("sd = {sd}"), "`sd` must be from");
    }
    for (key, most) in [("starts", "10000"), ("evaluations", "1000000")] {
        bad("says", &format!("{key} = 9223372036854775807\nsays"), most);
    }
    for starts in [
        "18446744073709551615",
        "10001",
        "0",
        "-1",
        "99999999999999999999",
    ] {
        write_fit(&place, BOTH, &data);
        let starts = format!("--starts={starts}");
        calibrate(&place, &["-o", "out", &starts])
            .expect(2)
            .says("--starts");
    }
    let posterior = |lines: &str| format!("{BOTH}\n[posterior]\n{lines}");
    for (lines, words) in [
        ("chains = 9223372036854775807", "`chains` must be"),
        ("rounds = 9223372036854775807", "`rounds` must be"),
        ("round = 9223372036854775807", "`round` must be"),
        ("vectors = 9223372036854775807", "`vectors` must be"),
        ("steps = 100000000\nevery = 1", "recorded"),
        ("chains = 1000\nevery = 1", "recorded"),
    ] {
        write_fit(&place, &posterior(lines), &data);
        calibrate(&place, &["-o", "out", "--posterior"])
            .expect(2)
            .says(words);
    }
}

/// Starts a command and kills it as soon as `file` is there; false if it was done before.
fn killed_when_there(place: &Place, arguments: &[&str], file: &str) -> bool {
    let mut command = place.command();
    command.args(["calibrate", "fit.toml", "--model", "model"]);
    let mut child = command
        .args(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    for _ in 0..6000 {
        if place.path(file).exists() {
            child.kill().unwrap();
        }
        if let Some(status) = child.try_wait().unwrap() {
            return !status.success();
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    child.kill().unwrap();
    panic!("`{file}` never came");
}

/// Copies a folder with everything in it.
pub(super) fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let beside = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &beside);
        } else {
            std::fs::copy(&path, &beside).unwrap();
        }
    }
}

#[test]
fn a_part_with_one_flipped_bit_is_named_and_computed_again() {
    let place = Place::new();
    write_model(&place, (0.05, 0.02, 2.0), (9.0, 0.3, 30.0));
    let head = format!(
        "starts = 400\n{BOTH}\n[posterior]\nchains = 4\nrounds = 1\nround = 200\nsteps = 3000\nevery = 5\n\
         walk = 0\nvectors = 10\n[prior]\nweight = 0.5"
    );
    write_fit(&place, &head, &[(0.0, 3.0, 0.1), (10.0, 0.406, 0.05)]);
    let first = ".out.partial/chunks/0000000001.chunk";
    for extra in [&[][..], &["--posterior"][..]] {
        let with = |more: &[&'static str]| [extra, more].concat();
        let table = "parameters.csv";
        calibrate(&place, &with(&["-o", "whole"])).expect(0);
        assert!(
            !place.names(".").iter().any(|it| it.starts_with(".whole")),
            "nothing stays"
        );
        let arguments = with(&["-o", "out"]);
        assert!(
            killed_when_there(&place, &arguments, first),
            "it was too fast"
        );
        copy(&place.path(".out.partial"), &place.path("left"));
        // As it was after the kill, with these bytes in the first part.
        let left_with = |bytes: &[u8]| {
            for folder in ["out", ".out.partial"] {
                let _ = std::fs::remove_dir_all(place.path(folder));
            }
            copy(&place.path("left"), &place.path(".out.partial"));
            std::fs::write(place.path(first), bytes).unwrap();
        };
        // A sound part is gone on from without a word; a flipped bit anywhere is named.
        let sound = std::fs::read(place.path(first)).unwrap();
        for at in [0, sound.len() / 3, sound.len() / 2, sound.len() - 2] {
            let mut flipped = sound.clone();
            flipped[at] ^= 1;
            left_with(&flipped);
            let call = calibrate(&place, &with(&["-o", "out", "--resume"])).expect(0);
            assert!(call.stderr.contains("0000000001.chunk"), "{}", call.stderr);
            assert!(call.stderr.contains("damaged"), "{}", call.stderr);
            assert_eq!(
                place.files("out")[table],
                place.files("whole")[table],
                "{at}"
            );
            assert!(!place.path(".out.partial").exists(), "nothing stays");
        }
        left_with(&sound);
        let call = calibrate(&place, &with(&["-o", "out", "--resume"])).expect(0);
        assert!(!call.stderr.contains(".chunk"), "{}", call.stderr);
        assert_eq!(place.results("out"), place.results("whole"));
        let out = place.files("out");
        // What is finished is left as it is.
        let call = calibrate(&place, &with(&["-o", "out", "--resume"])).expect(0);
        assert!(call.stdout.contains("finished already"), "{}", call.stdout);
        assert_eq!(place.files("out"), out);
        // Parts of other input are refused, and stay; without --resume they go, and that is said.
        left_with(&sound);
        let scenario = place.text("s.toml");
        std::fs::write(place.path("s.toml"), scenario.replace("40 d", "41 d")).unwrap();
        let call = calibrate(&place, &with(&["-o", "out", "--resume"])).expect(4);
        assert!(call.stderr.contains("another scenario"), "{}", call.stderr);
        assert!(place.path(first).exists());
        std::fs::write(place.path("s.toml"), scenario).unwrap();
        let call = calibrate(&place, &with(&["-o", "out"])).expect(0);
        assert!(call.stderr.contains("discarded"), "{}", call.stderr);
        for folder in ["out", "whole", "left"] {
            std::fs::remove_dir_all(place.path(folder)).unwrap();
        }
    }
}

#[test]
fn values_of_a_fit_that_is_finished_are_applied_by_going_on() {
    let place = Place::new();
    write_model(&place, (0.05, 0.02, 2.0), (9.0, 0.3, 30.0));
    let data = [(0.0, 3.0, 0.01), (10.0, 0.406, 0.001)];
    write_fit(&place, BOTH, &data);
    let before = place.files("model");
    calibrate(&place, &["-o", "out"]).expect(0);
    assert_eq!(place.files("model"), before);
    let resumed = ["-o", "out", "--resume", "--apply"];
    let call = calibrate(&place, &resumed).expect(0).says("changed");
    assert!(call.stdout.contains("finished already"), "{}", call.stdout);
    assert_ne!(place.files("model"), before);
    calibrate(&place, &["--stationary"]).expect(0);
}

#[cfg(unix)]
#[test]
fn a_fit_that_is_ended_by_hand_says_how_it_goes_on() {
    let place = Place::new();
    write_model(&place, (0.05, 0.02, 2.0), (9.0, 0.3, 30.0));
    write_fit(
        &place,
        &format!("starts = 4000\n{BOTH}"),
        &[(0.0, 3.0, 0.1), (10.0, 0.406, 0.05)],
    );
    let mut command = place.command();
    command.args(["calibrate", "fit.toml", "--model", "model", "-o", "out"]);
    let child = command
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let first = place.path(".out.partial/chunks/0000000001.chunk");
    for _ in 0..6000 {
        if first.exists() {
            break;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    let killed = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(killed.unwrap().success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(words.contains("--resume goes on"), "{words}");
    assert!(first.exists());
}

#[cfg(unix)]
#[test]
fn values_go_back_into_all_files_or_none() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let place = Place::new();
    write_model(&place, (0.05, 0.02, 2.0), (9.0, 0.3, 30.0));
    let data = [(0.0, 3.0, 0.01), (10.0, 0.406, 0.001)];
    write_fit(&place, BOTH, &data);
    // One file is a link with rights of its own, the other must not be written.
    let (body, size) = (place.path("model/body.toml"), place.path("model/size.toml"));
    std::fs::rename(&body, place.path("elsewhere.toml")).unwrap();
    symlink("../elsewhere.toml", &body).unwrap();
    let rights = |mode: u32| std::fs::Permissions::from_mode(mode);
    std::fs::set_permissions(place.path("elsewhere.toml"), rights(0o640)).unwrap();
    std::fs::set_permissions(&size, rights(0o444)).unwrap();
    let before = place.files("model");
    calibrate(&place, &["-o", "out", "--apply"])
        .expect(4)
        .says("size.toml");
    assert_eq!(place.files("model"), before);
    std::fs::set_permissions(&size, rights(0o644)).unwrap();
    calibrate(&place, &["-o", "out", "--apply"])
        .expect(0)
        .says("changed");
    let after = place.files("model");
    assert_ne!(after["body.toml"], before["body.toml"]);
    assert_ne!(after["size.toml"], before["size.toml"]);
    assert_eq!(after.len(), before.len(), "nothing is left beside them");
    assert!(
        std::fs::symlink_metadata(&body)
            .unwrap()
            .file_type()
            .is_symlink()
    );
    let mode = std::fs::metadata(&body).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
    calibrate(&place, &["--stationary"]).expect(0);
}

#[test]
fn a_posterior_that_was_changed_is_refused_and_its_hash_is_in_the_manifest() {
    let place = Place::new();
    write_model(&place, (0.2, 0.02, 2.0), (3.0, 0.3, 30.0));
    let head = format!(
        "{BOTH}\n[posterior]\nchains = 4\nrounds = 1\nround = 100\nsteps = 200\nevery = 5\nwalk = 0\nvectors = 4"
    );
    write_fit(&place, &head, &[(0.0, 3.0, 0.1), (10.0, 0.406, 0.05)]);
    calibrate(&place, &["-o", "out", "--posterior", "--apply"]).expect(0);
    let file = place.path("model/posterior/animal.csv");
    let text = std::fs::read_to_string(&file).unwrap();
    let cohort = format!(
        "{}[cohort]\nsubjects = 4\nparameters = \"posterior\"\n",
        place.text("s.toml")
    );
    std::fs::write(place.path("c.toml"), cohort).unwrap();
    let run = || {
        let mut command: Command = place.command();
        command.args(["run", "c.toml", "--model", "model", "-o", "run"]);
        Call::of(command.output().unwrap())
    };
    run().expect(0);
    assert!(place.text("run/manifest.json").contains("posterior_sha256"));
    let first = text
        .lines()
        .find(|line| line.starts_with("1,0.25,"))
        .unwrap();
    let rest = first.strip_prefix("1,0.25,").unwrap();
    let fields: Vec<&str> = rest.split(',').collect();
    for (changed, words) in [
        (first.replace("1,0.25,", "1,0.35,"), "sum to 1.1"),
        (
            format!("1,0.25,{},{},31.0", fields[0], fields[1]),
            "outside its declared range",
        ),
        (
            format!("1,0.25,{},0.019,{}", fields[0], fields[2]),
            "outside its declared range",
        ),
    ] {
        std::fs::write(&file, text.replace(first, &changed)).unwrap();
        run().expect(2).says(words);
    }
}
