//! The butyrate experiment: what it gives, when, at which dose, through what, and where its ceiling is.

use super::lives::{at, butyrate, death, lives, off, onset, within};
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

/// S1-27 to S1-29: butyrate restores the gut and lengthens life. How much of the published 38 days the model
/// gives is told by `docs/calibration.md`; it is no more than that and its error.
#[test]
fn two_percent_from_day_38_restores_the_gut_and_lengthens_life() {
    for subject in BACKGROUNDS {
        let runs = lives(
            subject,
            300,
            "",
            &[("control", ""), ("butyrate", &butyrate("2", "38 d"))],
        );
        let later = onset(&runs[1]) - onset(&runs[0]);
        let gained = gains(&runs)[0];
        within(&format!("{subject}: onset later, d"), later, 4.0, 50.0);
        within(&format!("{subject}: longer life, d"), gained, 5.0, 48.0);
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
fn more_in_the_water_is_more_swallowed_and_less_drunk() {
    let doses = ["0.5", "1", "2", "2.5", "4", "6"];
    let texts = doses.map(|dose| butyrate(dose, "38 d"));
    let arms: Vec<(&str, &str)> = doses
        .into_iter()
        .zip(texts.iter().map(String::as_str))
        .collect();
    let runs = lives(BACKGROUNDS[0], 60, "", &arms);
    let swallowed: Vec<f64> = runs
        .iter()
        .map(|run| at(run, "swallowed_butyrate", 60.0))
        .collect();
    for (pair, percent) in swallowed.windows(2).zip([0.5, 1.0, 2.0, 2.5, 4.0]) {
        assert!(pair[1] > pair[0], "{swallowed:?} after {percent} %");
    }
    // Taste: three times the dose is less than three times as much.
    assert!(swallowed[5] < 3.0 * swallowed[2], "{swallowed:?}");
    within("swallowed at 2 %, mmol/d", swallowed[2], 0.7, 1.0);
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
