//! The butyrate experiment: what it gives, when, at which dose, through what, and where its ceiling is.

use super::lives::{at, butyrate, death, intervention, lives, off, onset, within};
use gutbrain::simulate::ArmRun;

const BACKGROUNDS: [&str; 2] = ["mouse-g93a-b6sjl", "mouse-g93a-c57bl6"];

const BARRIER: [&str; 4] = [
    "modulator.butyrate_raises_zo1_ileum",
    "modulator.butyrate_raises_zo1_colon",
    "modulator.butyrate_raises_ecadherin_ileum",
    "modulator.butyrate_raises_ecadherin_colon",
];
const NFKB: [&str; 2] = [
    "modulator.butyrate_inhibits_nfkb_ileum",
    "modulator.butyrate_inhibits_nfkb_colon",
];
const TREG: [&str; 1] = ["modulator.butyrate_raises_treg"];

/// Days of life gained against the first arm.
fn gains(runs: &[ArmRun]) -> Vec<f64> {
    runs[1..]
        .iter()
        .map(|run| death(run) - death(&runs[0]))
        .collect()
}

#[test]
fn two_percent_from_day_38_lengthens_life_by_about_38_days() {
    let mut sum = 0.0;
    for subject in BACKGROUNDS {
        let runs = lives(
            subject,
            300,
            "",
            &[("control", ""), ("butyrate", &butyrate("2", "38 d"))],
        );
        let later = onset(&runs[1]) - onset(&runs[0]);
        assert!(later >= 15.0, "{subject}: onset later by {later} d");
        sum += gains(&runs)[0];
        for restored in ["zo1", "ecadherin", "paneth_functional", "defensin_5a"] {
            let (before, after) = (at(&runs[0], restored, 80.0), at(&runs[1], restored, 80.0));
            assert!(after > 1.1 * before, "{restored}: {before} to {after}");
        }
        within("ZO-1 under butyrate", at(&runs[1], "zo1", 80.0), 0.7, 1.3);
        within(
            "leak under butyrate",
            at(&runs[1], "permeability", 80.0),
            0.9,
            1.5,
        );
        let aggregates = at(&runs[1], "epithelial_aggregates", 80.0)
            / at(&runs[0], "epithelial_aggregates", 80.0);
        assert!(aggregates < 0.95, "aggregates: {aggregates} of untreated");
    }
    within("mean gain, d", sum / 2.0, 28.0, 48.0);
}

#[test]
fn a_later_start_gives_less() {
    for subject in BACKGROUNDS {
        let starts = ["38 d", "50 d", "60 d", "80 d", "100 d"].map(|age| butyrate("2", age));
        let mut arms = vec![("control", "")];
        arms.extend(starts.iter().map(|text| ("treated", text.as_str())));
        let names = ["a", "b", "c", "d", "e"];
        for (arm, name) in arms[1..].iter_mut().zip(names) {
            arm.0 = name;
        }
        let gained = gains(&lives(subject, 300, "", &arms));
        for pair in gained.windows(2) {
            assert!(pair[1] < pair[0], "{subject}: {gained:?}");
        }
        assert!(gained[4] > 0.0, "{subject}: {gained:?}");
    }
}

#[test]
fn the_dose_curve_turns_between_two_and_six_percent() {
    let doses = ["0.5", "1", "2", "2.5", "4", "6"];
    let texts = doses.map(|dose| butyrate(dose, "38 d"));
    for subject in BACKGROUNDS {
        let mut arms = vec![("control", "")];
        arms.extend(doses.iter().copied().zip(texts.iter().map(String::as_str)));
        let runs = lives(subject, 300, "", &arms);
        let gained = gains(&runs);
        let swallowed: Vec<f64> = runs[1..]
            .iter()
            .map(|run| at(run, "swallowed_butyrate", 60.0))
            .collect();
        assert!(
            swallowed.windows(2).all(|pair| pair[0] < pair[1]),
            "{swallowed:?}"
        );
        let best = (0..gained.len()).max_by(|a, b| gained[*a].total_cmp(&gained[*b]));
        assert!(
            matches!(best, Some(2..=4)),
            "{subject}: gains {gained:?} of doses {doses:?}, millimoles swallowed {swallowed:?}"
        );
        assert!(gained[5] < 0.7 * gained[2], "{subject}: {gained:?}");
        within("swallowed at 2 %, mmol/d", swallowed[2], 0.7, 1.0);
    }
}

#[test]
fn little_is_left_without_barrier_treg_and_nfkb() {
    for subject in BACKGROUNDS {
        let drug = butyrate("2", "38 d");
        let all: Vec<&str> = BARRIER.into_iter().chain(NFKB).chain(TREG).collect();
        let without = format!("{drug}{}", off(&all, "38 d"));
        let gained = gains(&lives(
            subject,
            300,
            "",
            &[("control", ""), ("butyrate", &drug), ("without", &without)],
        ));
        assert!(gained[1] < 0.4 * gained[0], "{subject}: {gained:?}");
        for part in [&BARRIER[..], &NFKB[..], &TREG[..]] {
            let without = format!("{drug}{}", off(part, "38 d"));
            let gained = gains(&lives(
                subject,
                300,
                "",
                &[("control", ""), ("butyrate", &drug), ("without", &without)],
            ));
            assert!(gained[1] < gained[0], "{part:?}: {gained:?}");
        }
    }
}

#[test]
fn no_single_immune_node_is_a_hub() {
    for subject in BACKGROUNDS {
        let arms = [
            (
                "anti-IL-17",
                intervention("anti-il17", "10 mg/kg/week", "60 d"),
                15.0,
            ),
            (
                "IL-1 blockade",
                intervention("il1-blockade", "100 mg/kg/day", "60 d"),
                15.0,
            ),
            (
                "NLRP3 inhibitor",
                intervention("nlrp3-inhibitor", "30 mg/kg/day", "60 d"),
                15.0,
            ),
            (
                "riluzole",
                intervention("riluzole", "22 mg/kg/day", "60 d"),
                5.0,
            ),
        ];
        let mut texts = vec![("control", "")];
        texts.extend(arms.iter().map(|(name, text, _)| (*name, text.as_str())));
        for (gain, (name, _, limit)) in gains(&lives(subject, 300, "", &texts)).iter().zip(&arms) {
            assert!(gain.abs() <= *limit, "{subject}, {name}: {gain} d");
            assert!(*gain >= 0.0, "{subject}, {name}: {gain} d");
        }
    }
}

#[test]
fn the_dose_stays_within_the_budget() {
    let runs = lives(
        "mouse-g93a-b6sjl",
        80,
        "",
        &[("control", ""), ("butyrate", &butyrate("2", "38 d"))],
    );
    let (control, treated) = (&runs[0], &runs[1]);
    within(
        "ileal butyrate, mM",
        at(treated, "butyrate_ileum", 80.0),
        2.0,
        8.0,
    );
    within(
        "portal butyrate, µM",
        at(treated, "portal_butyrate", 80.0),
        50.0,
        100.0,
    );
    within(
        "plasma butyrate, µM",
        at(treated, "plasma_butyrate", 80.0),
        1.0,
        15.0,
    );
    // The dose does not raise the content of caecum and colon: it is absorbed before.
    let ratio = at(treated, "caecal_butyrate", 80.0) / at(control, "caecal_butyrate", 80.0);
    within("caecal butyrate, treated over untreated", ratio, 0.95, 1.15);
}

#[test]
fn the_direct_action_on_the_cord_is_off_unless_asked_for() {
    let drug = butyrate("2", "38 d");
    let arms = [("control", ""), ("butyrate", drug.as_str())];
    let without = gains(&lives("mouse-g93a-b6sjl", 300, "", &arms));
    let enable = "[model]\nenable = [\"process.butyrate_protects_neurons_directly\"]\n";
    let with = gains(&lives("mouse-g93a-b6sjl", 300, enable, &arms));
    assert!(with[0] > without[0] + 0.1, "{with:?} against {without:?}");
}

#[test]
fn butyrate_gives_less_than_the_ceiling_of_the_axis() {
    let model = gutbrain::model::Model::builtin().expect("the built-in model is sound");
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/ceiling.toml");
    let scenario = gutbrain::scenario::Scenario::load(path, &model).expect("a shipped scenario");
    let runs =
        gutbrain::simulate::simulate(&model, &scenario).expect("a scenario that fits the model");
    let gained = gains(&runs);
    within("share of the ceiling", gained[0] / gained[1], 0.5, 1.0);
    // The scenario clamps what the cord sees of the blood to the values of a resting wild type.
    let healthy = &lives("mouse-wt-b6sjl", 100, "", &[("control", "")])[0];
    for clamped in [
        "lps_plasma",
        "il17_plasma",
        "tnf_plasma",
        "il6_plasma",
        "il1b_plasma",
        "treg",
    ] {
        let ratio = at(&runs[2], clamped, 100.0) / at(healthy, clamped, 100.0);
        within(clamped, ratio, 1.0 - 1e-4, 1.0 + 1e-4);
    }
}
