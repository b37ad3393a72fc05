//! Wild-type mice: healthy, at rest, and robust.

use super::lives::{at, butyrate, intervention, lives, within};

const BACKGROUNDS: [&str; 2] = ["mouse-wt-b6sjl", "mouse-wt-c57bl6"];

#[test]
fn an_untreated_wild_type_stays_healthy_and_at_rest() {
    for subject in BACKGROUNDS {
        let run = &lives(subject, 300, "", &[("control", "")])[0];
        assert!(run.endpoints.onset_d.is_none() && run.endpoints.death_d.is_none());
        assert!(at(run, "motor_neurons", 300.0) >= 98.0);
        assert!(at(run, "permeability", 300.0) < 1.5);
        for curve in &run.species {
            if curve.id == "body_weight" {
                continue;
            }
            for pair in curve.values[120..].windows(2) {
                let change = (pair[1] - pair[0]).abs();
                assert!(
                    change <= 1e-4 * pair[0].abs().max(1e-12),
                    "{}: moves by {change} from {}",
                    curve.id,
                    pair[0]
                );
            }
        }
    }
}

#[test]
fn a_pulse_of_endotoxin_passes() {
    let pulse = intervention("lps-pulse", "10 EU/ml", "100 d");
    let runs = lives(
        "mouse-wt-b6sjl",
        300,
        "",
        &[("control", ""), ("pulse", &pulse)],
    );
    assert!(at(&runs[1], "phagocytes", 101.0) > 1.01 * at(&runs[0], "phagocytes", 101.0));
    for (pulsed, resting) in runs[1].species.iter().zip(&runs[0].species) {
        let (a, b) = (pulsed.values[300], resting.values[300]);
        assert!(
            (a - b).abs() <= 1e-3 * b.abs().max(1e-9),
            "{}: {a} against {b}",
            pulsed.id
        );
    }
}

#[test]
fn no_intervention_makes_a_wild_type_ill() {
    let arms = [
        ("control", String::new()),
        ("butyrate", butyrate("2", "38 d")),
        (
            "tributyrin",
            intervention("tributyrin", "0.4 mmol/day", "38 d"),
        ),
        (
            "enema",
            intervention("butyrate-enema", "0.3 mmol/day", "38 d"),
        ),
        ("fibre", intervention("dietary-fibre", "1", "38 d")),
        (
            "mediterranean",
            intervention("mediterranean-diet", "1", "38 d"),
        ),
        (
            "probiotic",
            intervention("probiotic", "1e10 CFU/day", "38 d"),
        ),
        (
            "producer",
            intervention("butyrate-producer-probiotic", "1e10 CFU/day", "38 d"),
        ),
        ("gos", intervention("prebiotic-gos", "0.1 mmol/day", "38 d")),
        (
            "transplant",
            intervention("faecal-transplant", "0.8", "38 d"),
        ),
        (
            "antibiotics",
            intervention("antibiotics", "15 1/day", "38 d"),
        ),
        ("riluzole", intervention("riluzole", "22 mg/kg/day", "38 d")),
        (
            "edaravone",
            intervention("edaravone", "15 mg/kg/day", "38 d"),
        ),
        (
            "anti-il17",
            intervention("anti-il17", "10 mg/kg/week", "38 d"),
        ),
        ("il1", intervention("il1-blockade", "100 mg/kg/day", "38 d")),
        (
            "nlrp3",
            intervention("nlrp3-inhibitor", "30 mg/kg/day", "38 d"),
        ),
        ("treg", intervention("treg-transfer", "0.1 1/day", "38 d")),
        ("lps", intervention("lps-pulse", "10 EU/ml", "38 d")),
    ];
    let arms: Vec<(&str, &str)> = arms
        .iter()
        .map(|(name, text)| (*name, text.as_str()))
        .collect();
    for run in lives("mouse-wt-b6sjl", 300, "", &arms) {
        assert!(run.endpoints.onset_d.is_none(), "{} fell ill", run.arm);
        assert!(at(&run, "motor_neurons", 300.0) >= 98.0, "{}", run.arm);
        within(&run.arm, at(&run, "motor_score", 300.0), 98.0, 102.0);
        within(&run.arm, at(&run, "weight", 300.0), 18.0, 30.0);
        let leak = at(&run, "permeability", 300.0);
        assert!(leak < 1.5, "{}: leak {leak}", run.arm);
    }
}

#[test]
fn the_flora_of_a_wild_type_has_physiological_magnitudes() {
    let run = &lives("mouse-wt-b6sjl", 60, "", &[("control", "")])[0];
    let acids =
        ["caecal_acetate", "caecal_propionate", "caecal_butyrate"].map(|id| at(run, id, 60.0));
    let total: f64 = acids.iter().sum();
    within("total acids, mM", total, 90.0, 150.0);
    within("share of acetate", acids[0] / total, 0.55, 0.65);
    within("share of propionate", acids[1] / total, 0.18, 0.28);
    within("butyrate, mM", acids[2], 10.0, 20.0);
    within(
        "ileal butyrate, mM",
        at(run, "butyrate_ileum", 60.0),
        0.1,
        0.6,
    );
    within(
        "portal butyrate, µM",
        at(run, "portal_butyrate", 60.0),
        15.0,
        40.0,
    );
    within(
        "plasma butyrate, µM",
        at(run, "plasma_butyrate", 60.0),
        0.3,
        5.0,
    );
    within("Shannon index", at(run, "shannon_index", 60.0), 0.6, 1.8);
    within(
        "F/B",
        at(run, "firmicutes_bacteroidetes_ratio", 60.0),
        0.2,
        2.0,
    );
    within("leak", at(run, "permeability", 60.0), 0.999, 1.001);
    within("weight, g", at(run, "weight", 60.0), 18.0, 24.0);
    within("weight at weaning, g", at(run, "weight", 21.0), 8.0, 13.0);
}
