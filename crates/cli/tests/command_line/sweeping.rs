//! Sweeps: stopped at any moment, damaged, sharded, and always the same bytes in the end.

use std::process::{Command, Stdio};
use std::time::Duration;

use super::{Call, Place, fixtures};

/// Cohorts as points, so that a block is few points: 120 points in blocks of four.
pub(super) const MANY_BLOCKS: &str = "\n[cohort]\nsubjects = 512\n\
    [sweep]\ndesign = \"latin-hypercube\"\npoints = 120\nfeatures = [\"onset\"]\n\
    [[sweep.factor]]\ntarget = \"uptake\"\n\
    [[sweep.factor]]\ntarget = \"arm.drug.start\"\nrange = [\"25 d\", \"90 d\"]\n";

/// One animal per arm at every point: one block.
const ONE_BLOCK: &str = "\n[sweep]\nfeatures = [\"onset\"]\n\
    [[sweep.factor]]\ntarget = \"arm.drug.dose\"\nrange = [\"0 %\", \"2 %\"]\nlevels = 5\n\
    [[sweep.factor]]\ntarget = \"arm.drug.start\"\nvalues = [\"30 d\", \"40 d\", \"60 d\"]\n";

impl Place {
    /// The fixture with a sweep.
    pub(super) fn sweep(&self, name: &str, sweep: &str) -> String {
        let name = self.scenario(name, &[]);
        let text = self.text(&name) + sweep;
        std::fs::write(self.path(&name), text).unwrap();
        name
    }

    fn process(&self, arguments: &[&str]) -> Command {
        let mut command = self.command();
        command
            .args(arguments)
            .arg("--model")
            .arg(fixtures().join("model"));
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    /// Starts a sweep, and kills it without a warning once so many of its blocks are kept (or after a
    /// delay, from nothing to everything).
    fn kill_after(&self, arguments: &[&str], delay: Duration) {
        let mut child = self.process(arguments).spawn().unwrap();
        std::thread::sleep(delay);
        child.kill().unwrap();
        child.wait().unwrap();
    }

    pub(super) fn chunks(&self, partial: &str) -> Vec<String> {
        let folder = self.path(partial).join("chunks");
        let Ok(listing) = std::fs::read_dir(folder) else {
            return Vec::new();
        };
        let mut names: Vec<String> = listing
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.ends_with(".chunk"))
            .collect();
        names.sort();
        names
    }

    /// Stops a sweep when at least `least` blocks are kept and not all.
    fn stopped_between(&self, arguments: &[&str], partial: &str, least: usize) {
        let mut child = self.process(arguments).spawn().unwrap();
        for _ in 0..60_000 {
            if self.chunks(partial).len() >= least || child.try_wait().unwrap().is_some() {
                break;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(self.chunks(partial).len() >= least, "it was over too soon");
    }
}

#[test]
fn a_grid_is_swept_and_every_point_is_there() {
    let place = Place::new();
    let grid = place.sweep("grid.toml", ONE_BLOCK);
    let call = place.call(&["sweep", &grid, "--format", "csv"]).expect(0);
    assert!(call.stdout.contains("15 points (grid)"), "{}", call.stdout);
    let table = place.text("outputs/grid/sweep.csv");
    let mut lines = table.lines();
    let header = "point,arm,arm.drug.dose,arm.drug.start,status,reason,onset_d,last_d,event,onset";
    assert_eq!(lines.next(), Some(header));
    let rows: Vec<&str> = lines.collect();
    assert_eq!(rows.len(), 30);
    assert!(rows[0].starts_with("1,control,0,30,ok,,"), "{}", rows[0]);
    assert!(rows[29].starts_with("15,drug,2,60,ok,,"), "{}", rows[29]);
    let units = place.text("outputs/grid/units.csv");
    assert!(
        units.contains("arm.drug.dose,%\narm.drug.start,d\n"),
        "{units}"
    );
    let summary: serde_json::Value =
        serde_json::from_str(&place.text("outputs/grid/summary.json")).unwrap();
    assert_eq!(summary["arms"]["drug"]["ok"], 15);
    // The same as Parquet, at one thread and two; no hidden folder is left.
    place
        .call(&["sweep", &grid, "-o", "one", "--threads", "1"])
        .expect(0);
    place
        .call(&["sweep", &grid, "-o", "two", "--threads", "2"])
        .expect(0);
    assert_eq!(place.results("one"), place.results("two"));
    assert_eq!(place.names("outputs"), ["grid"]);
    // Finished already: nothing is done.
    let again = place
        .call(&["sweep", &grid, "-o", "one", "--resume"])
        .expect(0);
    assert!(
        again.stdout.contains("finished already"),
        "{}",
        again.stdout
    );
}

#[test]
fn shards_merge_to_the_bytes_of_the_whole() {
    let place = Place::new();
    for (name, sweep) in [("grid", ONE_BLOCK), ("many", MANY_BLOCKS)] {
        let file = place.sweep(&format!("{name}.toml"), sweep);
        place.call(&["sweep", &file]).expect(0);
        let mut folders = Vec::new();
        for shard in 1..=3 {
            place
                .call(&["sweep", &file, "--shard", &format!("{shard}/3")])
                .expect(0);
            folders.insert(0, format!("outputs/{name}.{shard}-of-3"));
        }
        let folders: Vec<&str> = folders.iter().map(String::as_str).collect();
        let merged = format!("merged-{name}");
        let mut arguments = vec!["merge", "-o", &merged];
        arguments.extend(&folders);
        place.call(&arguments).expect(0);
        let whole = place.results(&format!("outputs/{name}"));
        assert_eq!(place.results(&merged), whole);
        // What is missing or there twice is named and refused.
        place
            .call(&["merge", "-o", "no", folders[0], folders[2]])
            .expect(2)
            .says("are in no shard");
        let mut twice = arguments.clone();
        twice.push(folders[1]);
        place
            .call(&twice)
            .expect(2)
            .says("are in another shard too");
        // A part never stands for the whole.
        place
            .call(&["sweep", &file, "-o", folders[0]])
            .expect(4)
            .says("is not an earlier run of");
    }
    let other = place.sweep("grid.toml", &ONE_BLOCK.replace("60 d", "61 d"));
    place
        .call(&["sweep", &other, "--shard", "1/3", "--force"])
        .expect(0);
    let folders = [1, 2, 3].map(|shard| format!("outputs/grid.{shard}-of-3"));
    let call = place
        .call(&["merge", "-o", "no", &folders[0], &folders[1], &folders[2]])
        .expect(2)
        .says("does not belong here: it was made with another scenario");
    assert!(!call.stderr.contains("--resume"), "{}", call.stderr);
    for shard in ["0/3", "4/3", "x", "1/0"] {
        place.call(&["sweep", &other, "--shard", shard]).expect(2);
    }
}

#[test]
fn killed_at_any_moment_it_ends_with_the_same_bytes() {
    let place = Place::new();
    let many = place.sweep("many.toml", MANY_BLOCKS);
    let started = std::time::Instant::now();
    place.call(&["sweep", &many, "-o", "whole"]).expect(0);
    let whole = place.results("whole");
    let lasts = started.elapsed();
    let moments: u32 = std::env::var("GUTBRAIN_KILLS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(6);
    for moment in 0..moments {
        // Evenly over the time it takes, and a little beyond.
        let delay = lasts * (2 * moment + 1) / (2 * moments) * 11 / 10;
        let arguments = ["sweep", &many, "-o", "killed", "--resume"];
        place.kill_after(&arguments, delay);
        // A second kill on the way, now and then.
        if moment % 3 == 2 {
            place.kill_after(&arguments, delay / 2);
        }
        place.call(&arguments).expect(0);
        assert_eq!(place.results("killed"), whole, "killed after {delay:?}");
        let left = [".killed.partial", ".killed.replaced"].map(|name| place.path(name).exists());
        assert_eq!(left, [false, false], "killed after {delay:?}");
        std::fs::remove_dir_all(place.path("killed")).unwrap();
    }
}

#[test]
fn an_interrupt_leaves_what_is_finished() {
    let place = Place::new();
    let many = place.sweep("many.toml", MANY_BLOCKS);
    let mut child = place
        .process(&["sweep", &many, "-o", "a"])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    for _ in 0..60_000 {
        if place.chunks(".a.partial").len() >= 2 {
            break;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    let id = child.id().to_string();
    let killed = Command::new("bash")
        .args(["-c", &format!("kill -INT {id}")])
        .status();
    assert!(killed.unwrap().success());
    let status = child.wait().unwrap();
    assert_eq!(status.code(), Some(130));
    assert!(place.chunks(".a.partial").len() >= 2);
    place
        .call(&["sweep", &many, "-o", "a", "--resume"])
        .expect(0)
        .says("finished already");
    place.call(&["sweep", &many, "-o", "b"]).expect(0);
    assert_eq!(place.results("a"), place.results("b"));
}

#[test]
fn damage_is_named_and_mended() {
    let place = Place::new();
    let many = place.sweep("many.toml", MANY_BLOCKS);
    place.call(&["sweep", &many, "-o", "whole"]).expect(0);
    let whole = place.results("whole");
    let arguments = ["sweep", &many, "-o", "a", "--resume"];
    let damage = |what: &str| {
        place.stopped_between(&arguments, ".a.partial", 4);
        let chunks = place.path(".a.partial/chunks");
        let names = place.chunks(".a.partial");
        match what {
            "cut" => {
                let bytes = std::fs::read(chunks.join(&names[0])).unwrap();
                std::fs::write(chunks.join(&names[0]), &bytes[..bytes.len() / 2]).unwrap();
            }
            "a flipped bit" => {
                let mut bytes = std::fs::read(chunks.join(&names[1])).unwrap();
                bytes[60] ^= 4;
                std::fs::write(chunks.join(&names[1]), bytes).unwrap();
            }
            "swapped" => {
                std::fs::copy(chunks.join(&names[0]), chunks.join(&names[1])).unwrap();
            }
            "empty" => std::fs::write(chunks.join(&names[2]), "").unwrap(),
            "manifest" => {
                std::fs::write(place.path(".a.partial/manifest.json"), "{ \"prog").unwrap();
            }
            _ => std::fs::remove_file(place.path(".a.partial/manifest.json")).unwrap(),
        }
    };
    for what in [
        "cut",
        "a flipped bit",
        "swapped",
        "empty",
        "manifest",
        "no manifest",
    ] {
        damage(what);
        let call = place.call(&arguments).expect(0);
        let word = match what {
            "swapped" => "it is part",
            _ => "damaged",
        };
        drop(call.says(word));
        assert_eq!(place.results("a"), whole, "{what}");
        std::fs::remove_dir_all(place.path("a")).unwrap();
    }
    // The finished run, too: a changed file is named, and a new start replaces it.
    place.call(&arguments).expect(0);
    std::fs::write(place.path("a/summary.json"), "{}").unwrap();
    place
        .call(&arguments)
        .expect(4)
        .says("`summary.json` was changed");
}

#[test]
fn no_flipped_bit_of_a_part_gets_into_the_result() {
    let place = Place::new();
    let many = place.sweep("many.toml", MANY_BLOCKS);
    place.call(&["sweep", &many, "-o", "whole"]).expect(0);
    let whole = place.results("whole");
    let arguments = ["sweep", &many, "-o", "a", "--resume"];
    let mut bytes_of = 0;
    for round in 0..6_usize {
        place.stopped_between(&arguments, ".a.partial", 2);
        for (number, name) in place.chunks(".a.partial").iter().enumerate() {
            let path = place.path(".a.partial/chunks").join(name);
            let mut bytes = std::fs::read(&path).unwrap();
            bytes_of = bytes.len();
            // Spread over the head, the content and the end.
            let at = (round * 7919 + number * 104_729) % bytes.len();
            bytes[at] ^= 1 << ((round + number) % 8);
            std::fs::write(&path, bytes).unwrap();
        }
        place.call(&arguments).expect(0).says("cannot be used");
        assert_eq!(place.results("a"), whole, "round {round}, {bytes_of} bytes");
        std::fs::remove_dir_all(place.path("a")).unwrap();
    }
}

#[test]
fn a_finished_sweep_ends_as_it_did_and_in_the_format_that_is_wanted() {
    let place = Place::new();
    let grid = place.sweep("grid.toml", ONE_BLOCK);
    let failing = ["sweep", &grid, "--set", "solver.maximum_steps=3"];
    place.call(&[&failing[..], &["-o", "f"]].concat()).expect(3);
    let resume = [&failing[..], &["-o", "f", "--resume"]].concat();
    place.call(&resume).expect(3).says("runs failed");
    // Nothing that works is too little, whatever is tolerated.
    place
        .call(&[&resume[..], &["--max-failures", "100%"]].concat())
        .expect(3);
    for (first, second) in [("csv", "parquet"), ("parquet", "csv")] {
        let fresh = format!("fresh-{second}");
        place
            .call(&["sweep", &grid, "-o", &fresh, "--format", second])
            .expect(0);
        let turned = format!("turned-{second}");
        place
            .call(&["sweep", &grid, "-o", &turned, "--format", first])
            .expect(0);
        let again = [
            "sweep", &grid, "-o", &turned, "--format", second, "--resume",
        ];
        place.call(&again).expect(0);
        assert_eq!(place.results(&turned), place.results(&fresh));
        place.call(&again).expect(0);
    }
}

#[test]
fn an_interrupted_sweep_is_not_discarded_by_another_command() {
    let place = Place::new();
    let many = place.sweep("many.toml", MANY_BLOCKS);
    let drug = place.scenario("drug.toml", &[]);
    place.stopped_between(&["sweep", &many, "-o", "a"], ".a.partial", 2);
    let kept = place.chunks(".a.partial");
    place
        .call(&["run", &drug, "-o", "a"])
        .expect(4)
        .says("interrupted run of `gutbrain sweep many`");
    assert_eq!(place.chunks(".a.partial"), kept);
    // A file of a user is in the way of a resumed one, too.
    std::fs::create_dir(place.path("a")).unwrap();
    std::fs::write(place.path("a/thesis.txt"), "mine").unwrap();
    place
        .call(&["sweep", &many, "-o", "a", "--resume"])
        .expect(4)
        .says("thesis.txt");
    assert_eq!(place.chunks(".a.partial"), kept);
    std::fs::remove_dir_all(place.path("a")).unwrap();
    // Another seed discards it, and says what.
    place
        .call(&["sweep", &many, "-o", "a", "--seed", "9"])
        .expect(0)
        .says("was discarded with its");
}

#[test]
fn a_second_start_says_nothing_of_what_it_does_not_do() {
    let place = Place::new();
    let many = place.sweep("many.toml", MANY_BLOCKS);
    let arguments = ["sweep", &many, "-o", "a"];
    let mut first = place.process(&arguments).spawn().unwrap();
    for _ in 0..60_000 {
        if !place.chunks(".a.partial").is_empty() || first.try_wait().unwrap().is_some() {
            break;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    let second = place.call(&arguments);
    let ended = first.wait().unwrap();
    assert_eq!(ended.code(), Some(0));
    assert_eq!(second.code, Some(4), "{}", second.stderr);
    assert!(!second.stderr.contains("discarded"), "{}", second.stderr);
    place.call(&["sweep", &many, "-o", "b"]).expect(0);
    assert_eq!(place.results("a"), place.results("b"));
}

#[test]
fn another_scenario_is_refused_by_its_fingerprint() {
    let place = Place::new();
    let many = place.sweep("many.toml", MANY_BLOCKS);
    place.stopped_between(&["sweep", &many, "-o", "a"], ".a.partial", 2);
    let resume = ["sweep", &many, "-o", "a", "--resume"];
    for change in [
        &["--seed", "9"][..],
        &["--set", "potency=\"6 mM\""],
        &["--arm", "drug"],
    ] {
        let arguments = [&resume[..], change].concat();
        place.call(&arguments).expect(4).says("another scenario");
    }
    place
        .call(&[&resume[..], &["--shard", "1/2"]].concat())
        .expect(4)
        .says("cannot be resumed");
    let kept = place.chunks(".a.partial").len();
    assert!(kept >= 2, "a refusal discards nothing");
    place.call(&resume).expect(0);
    // What is finished is compared as well.
    place
        .call(&[&resume[..], &["--seed", "9"]].concat())
        .expect(4)
        .says("the finished run");
    // Without --resume it starts afresh, and says what it discards.
    place.stopped_between(&["sweep", &many, "-o", "b"], ".b.partial", 2);
    place
        .call(&["sweep", &many, "-o", "b"])
        .expect(0)
        .says("discarded");
    assert_eq!(place.results("a"), place.results("b"));
}

#[test]
fn a_full_disk_keeps_what_is_finished() {
    let place = Place::new();
    let many = place.sweep("many.toml", MANY_BLOCKS);
    place.call(&["sweep", &many, "-o", "whole"]).expect(0);
    // The table of all points is larger than the limit, its blocks are not.
    let size = std::fs::metadata(place.path("whole/sweep.parquet"))
        .unwrap()
        .len();
    let limit = size / 1024;
    let script = format!(
        "trap '' XFSZ; ulimit -f {limit}; exec '{}' sweep {many} -o a --model '{}'",
        env!("CARGO_BIN_EXE_gutbrain"),
        fixtures().join("model").display()
    );
    let mut command = Command::new("bash");
    command.current_dir(place.path("")).arg("-c").arg(script);
    Call::of(command.output().unwrap())
        .expect(4)
        .says("cannot write")
        .says("size limit");
    assert!(!place.path("a").exists());
    assert_eq!(place.chunks(".a.partial").len(), 30);
    place
        .call(&["sweep", &many, "-o", "a", "--resume"])
        .expect(0)
        .says("120 of 120 points are finished already");
    assert_eq!(place.results("a"), place.results("whole"));
}

/// A list has its points already: a number of levels would be passed by.
#[test]
fn levels_beside_values_are_refused() {
    let place = Place::new();
    let both = "\n[sweep]\nfeatures = [\"onset\"]\n[[sweep.factor]]\ntarget = \"arm.drug.dose\"\n\
                values = [\"0 %\", \"2 %\"]\nlevels = 7\n";
    let file = place.sweep("both.toml", both);
    place
        .call(&["sweep", &file])
        .expect(2)
        .says("has both `values` and `levels`");
}

#[test]
fn failing_points_are_in_the_table_with_their_reason() {
    let place = Place::new();
    // Three of a hundred points may take so few steps that they fail.
    let steps = |point: usize| if point % 33 == 32 { "3" } else { "100000" };
    let steps: Vec<&str> = (0..100).map(steps).collect();
    let doses: Vec<String> = (0..100)
        .map(|point| format!("\"{} %\"", point % 10))
        .collect();
    let sweep = format!(
        "\n[sweep]\ndesign = \"list\"\nfeatures = [\"death\"]\n\
         [[sweep.factor]]\ntarget = \"solver.maximum_steps\"\nvalues = [{}]\n\
         [[sweep.factor]]\ntarget = \"arm.drug.dose\"\nvalues = [{}]\n",
        steps.join(", "),
        doses.join(", ")
    );
    let file = place.sweep("some-fail.toml", &sweep);
    let arguments = ["sweep", &file, "--format", "csv"];
    place
        .call(&arguments)
        .expect(3)
        .says("6 of 200 runs failed");
    place
        .call(&[&arguments[..], &["--max-failures", "3%"]].concat())
        .expect(0);
    place
        .call(&[&arguments[..], &["--max-failures", "5"]].concat())
        .expect(3);
    let table = place.text("outputs/some-fail/sweep.csv");
    let rows: Vec<&str> = table.lines().skip(1).collect();
    assert_eq!(rows.len(), 200);
    let failed: Vec<&&str> = rows.iter().filter(|row| row.contains(",failed,")).collect();
    assert_eq!(failed.len(), 6);
    assert!(failed[0].starts_with("33,control,3,"), "{}", failed[0]);
    assert!(failed[0].contains("steps would be needed"), "{}", failed[0]);
    assert!(
        failed.iter().all(|row| row.ends_with(",failed,")),
        "no feature after a failure"
    );
    let summary: serde_json::Value =
        serde_json::from_str(&place.text("outputs/some-fail/summary.json")).unwrap();
    assert_eq!(summary["arms"]["control"]["failed"], 3);
    // A difference of lives counts the points at which both arms came to their end.
    let died: Vec<&str> = rows
        .iter()
        .filter(|row| row.contains(",death,"))
        .filter_map(|row| row.split(',').next())
        .collect();
    let both = died.windows(2).filter(|pair| pair[0] == pair[1]).count() as u64;
    assert!(both > 10, "{both}");
    assert_eq!(summary["comparisons"][0]["points"], both);
}

#[test]
fn figures_come_with_a_sweep_and_are_drawn_again_to_the_same_bytes() {
    let place = Place::new();
    let grid = place.sweep("grid.toml", ONE_BLOCK);
    let curve = "\n[sweep]\n[[sweep.factor]]\ntarget = \"arm.drug.dose\"\nrange = [\"0.5 %\", \"2 %\"]\nlevels = 4\n";
    let curve = place.sweep("curve.toml", &format!("\n[cohort]\nsubjects = 4\n{curve}"));
    let many = place.sweep("many.toml", MANY_BLOCKS);
    for (file, names) in [
        (&grid, &["feature-1", "life-gained"][..]),
        (&curve, &["response"]),
        (&many, &["response"]),
    ] {
        for format in ["parquet", "csv"] {
            place
                .call(&[
                    "sweep",
                    file,
                    "-o",
                    "run",
                    "--format",
                    format,
                    "--set",
                    "simulation.stop=2000 d",
                ])
                .expect(0);
            let figures: Vec<String> = names
                .iter()
                .flat_map(|name| ["csv", "pdf", "png", "svg"].map(|kind| format!("{name}.{kind}")))
                .collect();
            assert_eq!(place.names("run/figures"), figures);
            let before = place.files("run/figures");
            place.call(&["plot", "run"]).expect(0);
            assert_eq!(place.files("run/figures"), before, "{file} {format}");
        }
        std::fs::remove_dir_all(place.path("run")).unwrap();
    }
    place.call(&["sweep", &grid, "--shard", "1/2"]).expect(0);
    place
        .call(&["plot", "outputs/grid.1-of-2"])
        .expect(2)
        .says("gutbrain merge");
}

#[test]
fn a_scenario_without_a_sweep_is_refused() {
    let place = Place::new();
    let drug = place.scenario("drug.toml", &[]);
    place.call(&["sweep", &drug]).expect(2).says("no `[sweep]`");
    let bad = place.sweep("bad.toml", &ONE_BLOCK.replace("\"onset\"", "\"onsett\""));
    place.call(&["sweep", &bad]).expect(2).says("onsett");
    let bad = place.sweep(
        "bad.toml",
        &ONE_BLOCK.replace("\"onset\"", "\"maximum nothing from 30 to 40\""),
    );
    place.call(&["sweep", &bad]).expect(2).says("nothing");
    assert!(!place.path("outputs").exists(), "nothing was begun");
}
