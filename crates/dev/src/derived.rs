//! Every committed file that can be derived, and how.
//!
//! The one list: what is not here is written by people, or kept by [`ELSEWHERE`].

/// Words for the program `gutbrain`, separated by spaces.
type Words = &'static str;

/// How a file is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Recipe {
    /// What the program prints.
    Printed(Words),
    /// A file of the folder that the program writes: the words, and the name inside.
    Written(Words, &'static str),
}

/// How long it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Cost {
    /// Seconds: part of every check.
    Quick,
    /// Minutes: part of the long check.
    Slow,
}

/// A file that is derived.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Derived {
    /// Path from the root.
    pub(crate) path: &'static str,
    pub(crate) recipe: Recipe,
    pub(crate) cost: Cost,
}

const fn printed(path: &'static str, words: Words, cost: Cost) -> Derived {
    Derived {
        path,
        recipe: Recipe::Printed(words),
        cost,
    }
}

const fn written(path: &'static str, words: Words, name: &'static str, cost: Cost) -> Derived {
    Derived {
        path,
        recipe: Recipe::Written(words, name),
        cost,
    }
}

use Cost::{Quick, Slow};

/// The main experiment.
const MAIN: Words = "run scenarios/butyrate-g93a.toml";
/// What the pages on cohorts, sweeps and sensitivity show.
const COHORT: Words = "run scenarios/butyrate-g93a-cohort.toml";
const PEOPLE: Words = "run scenarios/patients/natural-history.toml";
const SWEEP: Words = "sweep scenarios/sweeps/dose-by-start.toml";
const LOCAL: Words = "sensitivity scenarios/sensitivity/local-butyrate.toml";
const BY_EVIDENCE: Words =
    "sensitivity scenarios/sensitivity/sobol-by-evidence.toml --set sensitivity.samples=1024";
const MORRIS: Words = "sensitivity scenarios/sensitivity/morris-butyrate.toml";
const SOBOL: Words = "sensitivity scenarios/sensitivity/sobol-butyrate.toml";
const BY_AGE: Words =
    "sensitivity scenarios/sensitivity/prcc-by-age.toml --set sensitivity.samples=600";
const TRIAL: Words = "trial scenarios/trials/butyrate-trial.toml";

/// All of them.
pub(crate) const DERIVED: &[Derived] = &[
    printed("docs/model.md", "model list --markdown", Quick),
    printed(
        "docs/model-people.md",
        "model list --markdown --model human",
        Quick,
    ),
    written(
        "docs/figures/people-function.svg",
        PEOPLE,
        "figures/function.svg",
        Quick,
    ),
    written(
        "docs/figures/people-body.svg",
        PEOPLE,
        "figures/body.svg",
        Quick,
    ),
    printed("docs/scenario.md", "schema --markdown", Quick),
    printed("docs/outputs.md", "schema --outputs", Quick),
    printed("docs/faults.md", "explain --markdown", Quick),
    printed(
        "docs/calibration.md",
        "calibrate calibration/foundation.toml --markdown",
        Quick,
    ),
    printed(
        "docs/calibration-without-butyrate.md",
        "calibrate calibration/without-butyrate.toml --variant without-the-38-days --markdown",
        Quick,
    ),
    printed(
        "docs/refits.md",
        "calibrate calibration/foundation.toml --refits calibration/refits.toml --markdown",
        Quick,
    ),
    written(
        "docs/figures/trade-off.svg",
        "calibrate calibration/foundation.toml --refits calibration/refits.toml --renew",
        "figures/trade-off.svg",
        Quick,
    ),
    printed("docs/validation.md", "validate --markdown", Slow),
    written("docs/figures/axis.svg", MAIN, "figures/axis.svg", Quick),
    written(
        "docs/figures/network-map.svg",
        MAIN,
        "figures/network-map.svg",
        Quick,
    ),
    written(
        "docs/figures/cohort-survival.svg",
        COHORT,
        "figures/survival.svg",
        Quick,
    ),
    written(
        "docs/figures/dose-by-start.svg",
        SWEEP,
        "figures/life-gained.svg",
        Quick,
    ),
    written(
        "docs/figures/sensitivity-local.svg",
        LOCAL,
        "figures/tornado-per-sd-butyrate-difference-life-vs-control.svg",
        Quick,
    ),
    written(
        "docs/figures/sensitivity-by-evidence.svg",
        BY_EVIDENCE,
        "figures/sobol-butyrate-difference-life-vs-control.svg",
        Slow,
    ),
    written(
        "docs/figures/sensitivity-morris.svg",
        MORRIS,
        "figures/morris-butyrate-difference-life-vs-control.svg",
        Slow,
    ),
    written(
        "docs/figures/sensitivity-sobol.svg",
        SOBOL,
        "figures/sobol-butyrate-difference-life-vs-control.svg",
        Slow,
    ),
    written(
        "docs/figures/sensitivity-by-age.svg",
        BY_AGE,
        "figures/prcc-by-age-control-motor-neurons.svg",
        Slow,
    ),
    written(
        "docs/figures/trial-power.svg",
        TRIAL,
        "figures/power.svg",
        Slow,
    ),
    written(
        "docs/figures/trial-funnel-naive.svg",
        TRIAL,
        "figures/funnel-naive.svg",
        Slow,
    ),
];

/// What is derived with other programs, or measured, or takes an hour: the file, and who keeps it.
pub(crate) const ELSEWHERE: &[(&str, &str)] = &[
    ("docs/agreement.md", "tests/peers/run full compares it"),
    ("docs/figures/agreement.svg", "tests/peers/run compares it"),
    (
        "docs/performance-peers.md",
        "measured: benches/peers/run writes it anew",
    ),
    (
        "docs/figures/work-precision.svg",
        "measured: benches/peers/run writes it anew",
    ),
    ("docs/hub.md", "tests/model/run hub"),
    ("docs/ceiling.md", "tests/model/run ceiling"),
    ("docs/dose-curves.md", "tests/model/run dose-curves"),
    ("docs/single-changes.md", "tests/model/run single-changes"),
    (
        "tests/reference/scenarios.csv",
        "GUTBRAIN_RENEW_REFERENCE=1 cargo test --test it biology::reference",
    ),
    (
        "benches/instructions/expected.csv",
        "benches/instructions/run --renew",
    ),
    (
        "validation/expectations.toml",
        "gutbrain validate --declare; `cargo test --test it validation` compares it",
    ),
    (
        "calibration/refits.csv",
        "gutbrain calibrate calibration/foundation.toml --refits calibration/refits.toml; `cargo dev generate \
         --check` refuses values that have another objective than it says",
    ),
    (
        "model/posterior/*.csv",
        "gutbrain calibrate calibration/foundation.toml --posterior, some 20 minutes",
    ),
];

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests read what is committed")]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::path::Path;

    /// What a page shows beside a picture is how the picture is made.
    #[test]
    fn a_page_that_shows_a_figure_shows_its_command() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let mut pages = vec![root.join("README.md")];
        for entry in std::fs::read_dir(root.join("docs")).expect("the pages") {
            let path = entry.expect("an entry").path();
            if path.extension().is_some_and(|ending| ending == "md") {
                pages.push(path);
            }
        }
        let pages: Vec<String> = (pages.iter())
            .map(|path| std::fs::read_to_string(path).expect("a page"))
            .collect();
        for derived in DERIVED {
            let Recipe::Written(words, _) = derived.recipe else {
                continue;
            };
            let picture = format!("{})", derived.path.trim_start_matches("docs/"));
            for page in pages.iter().filter(|page| page.contains(&picture)) {
                let said = page.lines().any(|line| ends_with_words(line, words));
                assert!(said, "a page shows ({picture} without `{words}`");
            }
        }
    }

    /// Whether a line holds the words with nothing behind them but the end of a quotation.
    fn ends_with_words(line: &str, words: &str) -> bool {
        (line.split(words).skip(1)).any(|rest| rest.is_empty() || rest.starts_with('`'))
    }

    /// Every picture of the documentation is derived, by somebody.
    #[test]
    fn no_committed_figure_is_guarded_by_nothing() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let listed: BTreeSet<&str> = (DERIVED.iter().map(|it| it.path))
            .chain(ELSEWHERE.iter().map(|it| it.0))
            .collect();
        for entry in std::fs::read_dir(root.join("docs/figures")).expect("the figures") {
            let name = entry.expect("an entry").file_name();
            let path = format!("docs/figures/{}", name.to_string_lossy());
            assert!(listed.contains(path.as_str()), "{path} is in no list");
        }
    }

    #[test]
    fn what_is_listed_exists_and_is_listed_once() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let mut seen = BTreeSet::new();
        for path in DERIVED.iter().map(|it| it.path) {
            assert!(seen.insert(path), "{path} is listed twice");
            assert!(root.join(path).exists(), "{path} is not there");
        }
    }
}
