//! The known trials at their own size: the tables of `docs/patients.md`, computed from the scenarios.
//!
//! Each trial is repeated a thousand times with what the model has of its action, and with a true slowing of the
//! whole disease by a quarter. It takes minutes: `cargo test --release --test it -- --ignored known_trials`.

use std::fmt::Write as _;
use std::path::Path;

use gutbrain::analysis::trial::{Pool, Treatment, TrialError, experiment};
use gutbrain::scenario::{Overrides, Scenario, ScenarioFile, TrialDesign};
use gutbrain_statistics::random::Stream;
use gutbrain_statistics::samples;

use super::measured::{MONTH, people};

/// A trial: its scenario, its rows, whether the model has its action, what was found, and what that says.
struct Known {
    file: &'static str,
    name: &'static str,
    rows: &'static str,
    has_action: bool,
    found: &'static str,
    /// Whether an effect was claimed.
    positive: bool,
}

const fn known(
    file: &'static str,
    name: &'static str,
    rows: &'static str,
    has_action: bool,
    positive: bool,
    found: &'static str,
) -> Known {
    Known {
        file,
        name,
        rows,
        has_action,
        found,
        positive,
    }
}

const KNOWN: &[Known] = &[
    known(
        "edaravone-study-16",
        "edaravone, study 16",
        "H4-03",
        true,
        false,
        "−5.70 against −6.35 points: null",
    ),
    known(
        "edaravone-study-19",
        "edaravone, study 19",
        "H4-04",
        true,
        true,
        "37.8 against 34.8 points at the end: positive",
    ),
    known(
        "anakinra",
        "anakinra",
        "H4-20",
        true,
        false,
        "no slowing: null",
    ),
    known(
        "probiotic-trial",
        "probiotic",
        "S8-17",
        true,
        false,
        "no effect: null",
    ),
    known(
        "faecal-transplant-trial",
        "faecal transplants",
        "H4-35",
        true,
        false,
        "breathing, strength, neurofilament unchanged: null",
    ),
    known(
        "low-dose-il2",
        "low-dose IL-2",
        "H4-17 (c)",
        true,
        true,
        "regulatory T cells rise: positive",
    ),
    known(
        "tofersen-trial",
        "tofersen, 28 weeks",
        "H4-30",
        true,
        false,
        "function null, neurofilament falls",
    ),
    known(
        "riluzole",
        "riluzole",
        "H4-01 (c)",
        true,
        true,
        "life longer, function the same",
    ),
    known(
        "centaur",
        "phenylbutyrate with taurursodiol, CENTAUR",
        "H4-06",
        false,
        true,
        "0.42 points a month less: positive",
    ),
    known("np001", "NP001", "H4-23", false, false, "no slowing: null"),
    known(
        "ibudilast",
        "ibudilast",
        "H4-22",
        false,
        false,
        "responders 29 against 18 %: null",
    ),
    known(
        "celecoxib",
        "celecoxib",
        "H4-26",
        false,
        false,
        "no effect: null",
    ),
    known(
        "pioglitazone",
        "pioglitazone",
        "H4-29",
        false,
        false,
        "hazard ratio 1.21 (0.71 to 2.07): null",
    ),
    known(
        "lithium",
        "lithium, LiCALS",
        "H4-40, H1-41",
        false,
        false,
        "50 against 59 % alive: null",
    ),
    known(
        "dexpramipexole",
        "dexpramipexole, EMPOWER",
        "H4-39, H1-25",
        false,
        false,
        "joint rank p 0.86: null",
    ),
    known(
        "ripk1",
        "RIPK1, HIMALAYA",
        "H4-50",
        false,
        false,
        "not met: null",
    ),
    known(
        "tudca",
        "tauroursodeoxycholic acid",
        "H4-07",
        false,
        false,
        "no difference: null",
    ),
    known(
        "healey",
        "a regimen of HEALEY",
        "H4-32",
        false,
        false,
        "ratios of rates 0.97 to 1.08: null",
    ),
];

/// Trials that nobody has answered: questions of this page and registered predictions.
const ASKED: &[&str] = &["fibre-trial", "fetr-als", "synbiotic"];

/// Times that every trial is repeated.
const REPLICATES: u64 = 1000;

/// What a design finds when the second arm works as it says.
struct Found {
    design: TrialDesign,
    size: u64,
    truth: Option<f64>,
    /// 5, 50 and 95 % points of what a trial reports.
    effects: [f64; 3],
    power: f64,
}

fn scenario(file: &str, is_slowing: bool) -> Scenario {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("scenarios/patients/{file}.toml"));
    let mut read = ScenarioFile::open(&path).unwrap_or_else(|faults| panic!("{faults}"));
    if is_slowing {
        let set = ["arm.drug.kind=slowing", "arm.drug.dose=25 %"];
        let overrides = Overrides {
            set: set.map(str::to_owned).to_vec(),
            ..Overrides::default()
        };
        let applied = read.apply(&overrides);
        applied.unwrap_or_else(|faults| panic!("{faults}"));
    }
    read.check(&people())
        .unwrap_or_else(|faults| panic!("{file}: {faults}"))
}

fn found(scenario: &Scenario) -> Vec<Found> {
    let plan = &scenario.trial;
    let pool = Pool::simulate(&people(), scenario, plan, |_, _| Ok::<(), TrialError>(()));
    let pool = pool.unwrap_or_else(|error| panic!("{}: {error}", scenario.title));
    let designs = plan.designs.iter();
    designs
        .map(|design| {
            let size = plan.group_sizes[0];
            let one = |number: u64| {
                let name = format!("trial/{}/{size}", design.name);
                let mut stream = Stream::new(scenario.seed, &name, number);
                experiment(&pool, design, size, Treatment::Model, &mut stream).judge(design)
            };
            let outcomes: Vec<_> = (0..REPLICATES).map(one).collect();
            let significant = outcomes.iter().filter(|it| it.p.is_some_and(|p| p < 0.05));
            let mut effects: Vec<f64> = outcomes.iter().filter_map(|it| it.effect).collect();
            let power = significant.count() as f64 / REPLICATES as f64;
            samples::sort(&mut effects);
            let at = |share| samples::quantile(&effects, share).unwrap_or(f64::NAN);
            Found {
                design: design.clone(),
                size,
                truth: pool.true_effect_of(design),
                effects: [0.05, 0.5, 0.95].map(at),
                power,
            }
        })
        .collect()
}

impl Found {
    /// An effect in words that a reader knows.
    fn in_words(&self, value: f64) -> String {
        let kind = self.design.course.endpoint.word();
        match kind {
            "slope" => minus(&format!("{:.2}", value * MONTH)),
            "survival" => minus(&format!("{value:.0}")),
            _ => minus(&format!("{value:.2}")),
        }
    }

    fn unit(&self) -> &'static str {
        match self.design.course.endpoint.word() {
            "slope" => "points a month",
            "survival" => "days",
            "ratio" => "ln of the ratio",
            _ => "net benefit",
        }
    }

    fn arms(&self) -> String {
        match self.design.course.treated_per_control {
            1 => format!("{} + {}", self.size, self.size),
            more => format!("{} + {}", self.size, self.size * more),
        }
    }
}

fn minus(text: &str) -> String {
    let zero = text
        .trim_start_matches('-')
        .chars()
        .all(|c| matches!(c, '0' | '.'));
    if zero {
        return text.trim_start_matches('-').to_owned();
    }
    text.replace('-', "−")
}

fn percent(share: f64) -> String {
    format!("{:.0} %", 100.0 * share)
}

/// What the model says of a trial whose action it has: misses first.
fn table_of_actions() -> String {
    let mut rows: Vec<(bool, String)> = Vec::new();
    for known in KNOWN.iter().filter(|it| it.has_action) {
        let slowed = known.file != "faecal-transplant-trial";
        let generic = slowed.then(|| found(&scenario(known.file, true)));
        for (place, it) in found(&scenario(known.file, false)).iter().enumerate() {
            // The first design is the endpoint that the verdict is about, apart from tofersen's and riluzole's second.
            let positive = match (known.file, place) {
                ("tofersen-trial", 1) => true,
                ("riluzole", 1) => false,
                _ => known.positive,
            };
            // Said is what more than half of such trials would find.
            let agrees = (it.power > 0.5) == positive;
            let generic = generic.as_ref().map(|all| percent(all[place].power));
            let [low, _, high] = it.effects.map(|value| it.in_words(value));
            let row = format!(
                "| {} | {} | {} | {} | {} | {} ({low} to {high}) {} | {} | {} | {} |\n",
                known.name,
                known.rows,
                it.design.name,
                it.arms(),
                known.found,
                it.truth
                    .map_or_else(|| "–".to_owned(), |value| it.in_words(value)),
                it.unit(),
                percent(it.power),
                generic.unwrap_or_else(|| "–".to_owned()),
                if agrees { "agrees" } else { "**misses**" },
            );
            rows.push((agrees, row));
        }
    }
    rows.sort_by_key(|row| row.0);
    let mut out = String::from(
        "| trial | row | endpoint | placebo + treated | found | model: true effect (middle 90 % of such trials) | \
         significant | of a true slowing by 25 % | verdict |\n|---|---|---|---|---|---|---|---|---|\n",
    );
    out.extend(rows.into_iter().map(|row| row.1));
    out
}

/// What trials of actions that the model does not have could have seen.
fn table_of_powers() -> String {
    let mut out = String::from(
        "| trial | row | endpoint | placebo + treated | found | a true slowing by 25 % shows (middle 90 % of such \
         trials) | power |\n|---|---|---|---|---|---|---|\n",
    );
    for known in KNOWN.iter().filter(|it| !it.has_action) {
        for it in &found(&scenario(known.file, false)) {
            let [low, _, high] = it.effects.map(|value| it.in_words(value));
            let _ = writeln!(
                out,
                "| {} | {} | {} | {} | {} | {} ({low} to {high}) {} | {} |",
                known.name,
                known.rows,
                it.design.name,
                it.arms(),
                known.found,
                it.truth
                    .map_or_else(|| "–".to_owned(), |value| it.in_words(value)),
                it.unit(),
                percent(it.power),
            );
        }
    }
    out
}

#[test]
#[ignore = "minutes: thirty trials, a thousand times each"]
fn known_trials_are_what_the_page_says() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/patients.md");
    let page = std::fs::read_to_string(page).unwrap_or_default();
    let tables = [table_of_actions(), table_of_powers()];
    let all = tables.iter().all(|table| page.contains(table.as_str()));
    assert!(all, "docs/patients.md must hold:\n\n{}", tables.join("\n"));
}

/// Every trial of the list is on the page and in a scenario that can be run, and no scenario of a trial is left out.
#[test]
fn every_known_trial_has_a_scenario_and_a_line() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(root.join("docs/patients.md")).unwrap_or_default();
    for known in KNOWN {
        let line = format!("| {} | {} |", known.name, known.rows);
        assert!(page.contains(&line), "{line}");
        let read = scenario(known.file, false);
        assert_eq!(read.trial.group_sizes.len(), 1, "{}", known.file);
    }
    let folder = std::fs::read_dir(root.join("scenarios/patients")).expect("a folder");
    let files = folder.filter_map(|it| it.ok()?.path().file_stem()?.to_str().map(str::to_owned));
    for file in files {
        let text = std::fs::read_to_string(root.join(format!("scenarios/patients/{file}.toml")));
        let is_trial = text.expect("a file").contains("people-trial.toml");
        let listed = KNOWN.iter().any(|known| known.file == file) || ASKED.contains(&&*file);
        assert!(!is_trial || listed, "{file} is of no trial of the list");
    }
}
