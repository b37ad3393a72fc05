//! `sensitivity` through the command, on a model whose indices are known in closed form.
//!
//! The numbers a and b are even on [0.5, 1.5], variance v = 1/12. Of 2a + b the shares are 4/5 and 1/5,
//! alone and with others. Of a·b, with mean 1 and the variance 2v + v², each is 1/(2 + v) alone and
//! (1 + v)/(2 + v) with the other. A third number does nothing.

use std::collections::BTreeMap;
use std::process::Stdio;
use std::time::Duration;

use super::{Call, Place, fixtures};

const SUM: &str = "observable sum at 10 d";
/// At the end, which points that fail do not reach.
const LATE: &str = "observable sum at 20 d";
const PRODUCT: &str = "observable product at 10 d";

/// One row of `sensitivity.csv`.
#[derive(Debug, Clone)]
struct Found {
    value: Option<f64>,
    lower: Option<f64>,
    upper: Option<f64>,
    used: u64,
    failed: u64,
}

impl Found {
    #[track_caller]
    fn holds(&self, expected: f64, widest: f64) {
        let (lower, upper) = (self.lower.unwrap(), self.upper.unwrap());
        assert!(
            lower <= expected && expected <= upper,
            "{self:?} {expected}"
        );
        assert!(upper - lower < widest, "{self:?}");
    }

    #[track_caller]
    fn is(&self, expected: f64) {
        let value = self.value.unwrap();
        assert!((value - expected).abs() < 1e-6, "{self:?} {expected}");
    }
}

impl Place {
    fn plot(&self, folder: &str) -> Call {
        let mut command = self.command();
        command.args(["plot", folder, "--model"]);
        command.arg(fixtures().join("sensitivity/model"));
        Call::of(command.output().unwrap())
    }
}

type Table = BTreeMap<(String, String, String), Found>;

fn study(place: &Place, output: &str, more: &[&str]) -> Call {
    let folder = fixtures().join("sensitivity");
    std::fs::copy(folder.join("study.toml"), place.path("study.toml")).unwrap();
    let mut command = place.command();
    command.args(["sensitivity", "study.toml", "--output", output, "--model"]);
    command.arg(folder.join("model")).args(more);
    Call::of(command.output().unwrap())
}

fn table(place: &Place, output: &str) -> Table {
    let text = place.text(&format!("{output}/sensitivity.csv"));
    let mut lines = text.lines();
    assert_eq!(
        lines.next(),
        Some("method,output,parameter,index,value,lower,upper,used,failed")
    );
    lines
        .map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            let number = |place: usize| cells[place].parse::<f64>().ok();
            let key = (
                cells[1].to_owned(),
                cells[2].to_owned(),
                cells[3].to_owned(),
            );
            let found = Found {
                value: number(4),
                lower: number(5),
                upper: number(6),
                used: cells[7].parse().unwrap(),
                failed: cells[8].parse().unwrap(),
            };
            (key, found)
        })
        .collect()
}

#[track_caller]
fn get(table: &Table, output: &str, parameter: &str, index: &str) -> Found {
    let key = (output.to_owned(), parameter.to_owned(), index.to_owned());
    table.get(&key).unwrap_or_else(|| panic!("{key:?}")).clone()
}

#[test]
fn shares_of_variance_are_those_of_the_closed_form() {
    let place = Place::new();
    study(&place, "out", &[]).expect(0);
    let found = table(&place, "out");
    for (parameter, share) in [("a", 0.8), ("b", 0.2)] {
        get(&found, SUM, parameter, "S1").holds(share, 0.2);
        get(&found, SUM, parameter, "ST").holds(share, 0.2);
    }
    let v = 1.0 / 12.0;
    for parameter in ["a", "b"] {
        get(&found, PRODUCT, parameter, "S1").holds(1.0 / (2.0 + v), 0.3);
        get(&found, PRODUCT, parameter, "ST").holds((1.0 + v) / (2.0 + v), 0.3);
    }
    for output in [SUM, PRODUCT] {
        get(&found, output, "idle", "ST").is(0.0);
        get(&found, output, "dummy", "S1").holds(0.0, 0.3);
        assert_eq!(get(&found, output, "a", "S1").used, 512);
    }
    let names: Vec<String> = place.files("out").into_keys().collect();
    assert_eq!(
        names,
        [
            "convergence.csv",
            "factors.csv",
            "figures/convergence.csv",
            "figures/convergence.pdf",
            "figures/convergence.png",
            "figures/convergence.svg",
            "figures/sobol-observable-product-at-10-d.csv",
            "figures/sobol-observable-product-at-10-d.pdf",
            "figures/sobol-observable-product-at-10-d.png",
            "figures/sobol-observable-product-at-10-d.svg",
            "figures/sobol-observable-sum-at-10-d.csv",
            "figures/sobol-observable-sum-at-10-d.pdf",
            "figures/sobol-observable-sum-at-10-d.png",
            "figures/sobol-observable-sum-at-10-d.svg",
            "manifest.json",
            "points.parquet",
            "scenario.toml",
            "sensitivity.csv",
            "summary.json",
        ]
    );
    // Drawn again from the tables, the pictures are the same, and no table is touched.
    let before = place.results("out");
    place.plot("out").expect(0);
    assert_eq!(place.results("out"), before);
    // The whole sample is the last of those that show convergence.
    let convergence = place.text("out/convergence.csv");
    assert!(convergence.starts_with("rows,method,output,parameter,"));
    for size in [16, 32, 64, 128, 256, 512] {
        assert!(convergence.contains(&format!("\n{size},sobol,")), "{size}");
    }
}

#[test]
fn every_method_knows_the_linear_model() {
    let place = Place::new();
    let set = [
        "--set",
        "sensitivity.method=morris",
        "--set",
        "sensitivity.samples=20",
    ];
    study(&place, "morris", &set).expect(0);
    let found = table(&place, "morris");
    for (parameter, effect) in [("a", 2.0), ("b", 1.0), ("idle", 0.0), ("dummy", 0.0)] {
        get(&found, SUM, parameter, "mu_star").is(effect);
        get(&found, SUM, parameter, "mu").is(effect);
        get(&found, SUM, parameter, "sigma").is(0.0);
    }
    let set = [
        "--set",
        "sensitivity.method=prcc",
        "--set",
        "sensitivity.samples=300",
    ];
    study(&place, "prcc", &set).expect(0);
    let found = table(&place, "prcc");
    assert!(get(&found, SUM, "a", "prcc").lower.unwrap() > 0.9);
    assert!(get(&found, SUM, "b", "prcc").lower.unwrap() > 0.8);
    get(&found, SUM, "dummy", "prcc").holds(0.0, 0.3);
    let set = [
        "--set",
        "sensitivity.method=local",
        "--set",
        "sensitivity.samples=7",
    ];
    study(&place, "local", &set)
        .expect(2)
        .says("a local analysis takes no samples");
}

#[test]
fn local_derivatives_are_exact() {
    let place = Place::new();
    let text = local_study();
    std::fs::write(place.path("local.toml"), text).unwrap();
    let mut command = place.command();
    command.args(["sensitivity", "local.toml", "--output", "local", "--model"]);
    command.arg(fixtures().join("sensitivity/model"));
    Call::of(command.output().unwrap()).expect(0);
    let found = table(&place, "local");
    get(&found, SUM, "a", "elasticity").is(2.0 / 3.0);
    get(&found, SUM, "b", "elasticity").is(1.0 / 3.0);
    get(&found, PRODUCT, "a", "elasticity").is(1.0);
    get(&found, PRODUCT, "idle", "elasticity").is(0.0);
    get(&found, SUM, "a", "per_sd").is(2.0 / 12.0_f64.sqrt());
}

/// The study without a sample.
fn local_study() -> String {
    let text = std::fs::read_to_string(fixtures().join("sensitivity/study.toml")).unwrap();
    text.replace("\"sobol\"", "\"local\"")
        .replace("samples = 512\n", "")
}

#[test]
fn groups_move_together() {
    let place = Place::new();
    study(&place, "out", &["--set", "sensitivity.groups=compartment"]).expect(0);
    let found = table(&place, "out");
    get(&found, SUM, "left", "ST").holds(0.8, 0.2);
    get(&found, SUM, "right", "ST").holds(0.2, 0.2);
    // Groups of three numbers: four points in a row.
    assert!(place.text("out/summary.json").contains("\"points\": 2048"));
}

/// About 3 % of the points fail: of every index, what was used and lost is said, and the exit code tells.
#[test]
fn failing_points_are_counted_and_nothing_else_is_lost() {
    let place = Place::new();
    let more = [
        "--set",
        "sensitivity.factors=[\"a\", \"b\", \"gain\"]",
        "--set",
        "sensitivity.outputs=[\"observable sum at 20 d\"]",
        "--format",
        "csv",
    ];
    study(&place, "out", &more)
        .expect(3)
        .says("points failed")
        .says("`gutbrain run out/scenario.toml --set a=")
        .says("runs it again");
    let found = table(&place, "out");
    let a = get(&found, LATE, "a", "ST");
    assert_eq!(a.used + a.failed, 512);
    assert!(a.failed > 10, "{a:?}");
    a.holds(0.8, 0.2);
    let points = place.text("out/points.csv");
    let rows: Vec<&str> = points.lines().skip(1).collect();
    assert_eq!(rows.len(), 512 * 5);
    let failed = rows.iter().filter(|row| row.contains(",failed,")).count();
    let share = failed as f64 / rows.len() as f64;
    assert!((0.02..0.04).contains(&share), "{share}");
    let summary = place.text("out/summary.json");
    assert!(summary.contains(&format!("\"failed\": {failed}")));
    let mut tolerant = more.to_vec();
    tolerant.extend(["--max-failures", "5%"]);
    study(&place, "out", &tolerant).expect(0);
}

#[test]
fn the_same_bytes_at_any_number_of_threads() {
    let place = Place::new();
    let small = ["--set", "sensitivity.samples=32", "--threads"];
    for threads in ["1", "2"] {
        let mut more = small.to_vec();
        more.push(threads);
        study(&place, threads, &more).expect(0);
    }
    assert_eq!(place.results("1"), place.results("2"));
}

#[test]
fn what_has_no_meaning_is_refused_before_anything_is_written() {
    let place = Place::new();
    for (set, words) in [
        (
            "sensitivity.outputs=[\"observable sun at 10 d\"]",
            "no observable or species `sun`",
        ),
        (
            "sensitivity.outputs=[\"observable sum at 30 d\"]",
            "no age between",
        ),
        ("sensitivity.outputs=[\"hazard ratio\"]", "is for cohorts"),
        (
            "sensitivity.outputs=[\"difference life vs only\"]",
            "has no arm",
        ),
        ("sensitivity.factors=[\"c\"]", "no parameter `c`"),
        ("sensitivity.factors=[\"c*\"]", "no uncertain parameter"),
        ("sensitivity.samples=1", "must lie between"),
    ] {
        study(&place, "out", &["--set", set]).expect(2).says(words);
        assert!(!place.path("out").exists());
    }
}

/// A study that was killed goes on to the same bytes, and another one does not go on in its place.
#[test]
fn a_study_goes_on_where_it_was_stopped() {
    let place = Place::new();
    // Ten blocks.
    let many = [
        "--set",
        "sensitivity.samples=8192",
        "--set",
        "sensitivity.outputs=[\"observable sum at 10 d\"]",
        "--resume",
    ];
    study(&place, "whole", &many).expect(0);
    let whole = place.results("whole");
    let folder = fixtures().join("sensitivity");
    let mut command = place.command();
    command.args(["sensitivity", "study.toml", "--output", "killed", "--model"]);
    command.arg(folder.join("model")).args(many);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let chunks = place.path(".killed.partial/chunks");
    let kept = || std::fs::read_dir(&chunks).map_or(0, Iterator::count);
    let mut child = command.spawn().unwrap();
    while kept() < 2 && child.try_wait().unwrap().is_none() {
        std::thread::sleep(Duration::from_millis(1));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(kept() >= 2, "it was over too soon");
    // One block is damaged: it is named and lived again.
    let first = chunks.join("0000000001.chunk");
    let bytes = std::fs::read(&first).unwrap();
    std::fs::write(&first, &bytes[..bytes.len() / 2]).unwrap();
    let other = ["--set", "sensitivity.samples=4096", "--resume"];
    study(&place, "killed", &other).expect(4);
    study(&place, "killed", &many).expect(0).says("is damaged");
    assert_eq!(place.results("killed"), whole);
    // What is finished stays as it is.
    study(&place, "killed", &many).expect(0);
    assert_eq!(place.results("killed"), whole);
}

/// A study of two arms of which the second changes what nothing asked for depends on.
fn inert(place: &Place, method: &str, more: &str) -> Call {
    let text = format!(
        r#"
[subject]
preset = "thing"
[simulation]
start = "0 d"
stop  = "20 d"
every = "10 d"
[[arm]]
name = "control"
[[arm]]
name = "inert"
  [[arm.perturbation]]
  target = "parameter.b"
  action = "scale"
  value  = 1.5
  start  = "3 d"
[sensitivity]
method  = "{method}"
outputs = [
  "difference species beside at 10 d vs control",
  "ratio species beside at 10 d vs control",
  "control: species beside at 10 d",
]
{more}
"#
    );
    std::fs::write(place.path("inert.toml"), text).unwrap();
    let mut command = place.command();
    command.args([
        "sensitivity",
        "inert.toml",
        "--output",
        "out",
        "--format",
        "csv",
        // Some points of this model fail by design.
        "--max-failures",
        "50%",
        "--model",
    ]);
    command.arg(fixtures().join("sensitivity/model"));
    Call::of(command.output().unwrap())
}

#[test]
fn an_output_that_is_only_rounding_has_no_indices() {
    for (method, more) in [
        ("sobol", "samples = 64\nfactors = [\"gain\", \"idle\"]"),
        ("morris", "samples = 10\nfactors = [\"gain\", \"idle\"]"),
        ("prcc", "samples = 100\nfactors = [\"gain\", \"idle\"]"),
        ("local", "factors = [\"gain\", \"idle\"]"),
    ] {
        let place = Place::new();
        let said = inert(&place, method, more).expect(0);
        let still = "does not vary beyond the tolerance of the solver";
        assert!(said.stderr.contains(still), "{method}: {}", said.stderr);
        assert!(
            !said.stderr.contains("control: observable"),
            "{method}: {}",
            said.stderr
        );
        let found = table(&place, "out");
        let mut shown = 0;
        for ((output, parameter, index), found) in &found {
            if output.starts_with("inert: ") {
                let nothing = (found.value, found.lower, found.upper);
                assert_eq!(
                    nothing,
                    (None, None, None),
                    "{method} {output} {parameter} {index}"
                );
                shown += 1;
            }
        }
        assert!(shown >= 4, "{method}: {shown}");
        // What varies keeps its indices.
        let varies = |((output, parameter, _), found): (&(String, String, String), &Found)| {
            output.starts_with("control: ") && parameter == "idle" && found.value.is_some()
        };
        assert!(found.iter().any(varies), "{method}: {found:?}");
    }
}

#[test]
fn a_study_with_too_few_samples_says_how_many_it_needs() {
    for (method, samples, needed) in [("sobol", 2, 64), ("morris", 2, 4), ("prcc", 20, 68)] {
        let place = Place::new();
        let more =
            |samples: u32| format!("samples = {samples}\nfactors = [\"a\", \"b\", \"idle\"]");
        let said = inert(&place, method, &more(samples)).expect(0);
        let words = format!("set sensitivity.samples to {needed} or more");
        assert!(said.stderr.contains("too few"), "{method}: {}", said.stderr);
        assert!(said.stderr.contains(&words), "{method}: {}", said.stderr);
        let place = Place::new();
        let said = inert(&place, method, &more(needed)).expect(0);
        assert!(
            !said.stderr.contains("too few"),
            "{method}: {}",
            said.stderr
        );
    }
}

#[test]
fn the_points_of_a_study_can_be_run_again() {
    let place = Place::new();
    let said = inert(
        &place,
        "sobol",
        "samples = 4\nfactors = [\"gain\", \"idle\"]",
    );
    said.expect(0);
    let points = place.text("out/points.csv");
    let mut lines = points.lines();
    let head: Vec<&str> = lines.next().unwrap().split(',').collect();
    assert_eq!(
        head[..5],
        ["point", "status", "reason", "gain", "idle"],
        "{head:?}"
    );
    let output = head.len() - 1;
    for line in lines {
        // beside(10) = idle · e^(−gain): what the inputs of the row say is what the row has.
        let cells: Vec<&str> = line.split(',').collect();
        let number = |place: usize| cells[place].parse::<f64>().unwrap();
        let expected = number(4) * (-number(3)).exp();
        assert!(
            (number(output) - expected).abs() < 1e-4 * expected,
            "{line}"
        );
    }
}
