//! Untreated SOD1-G93A mice on both backgrounds.

use super::lives::{at, death, lives, onset, within};

#[test]
fn onset_and_death_are_those_of_the_two_backgrounds() {
    let b6sjl = &lives("mouse-g93a-b6sjl", 250, "", &[("control", "")])[0];
    within("onset, B6SJL", onset(b6sjl), 95.0, 105.0);
    within("death, B6SJL", death(b6sjl), 125.0, 136.0);
    let c57bl6 = &lives("mouse-g93a-c57bl6", 250, "", &[("control", "")])[0];
    within("onset, C57BL/6", onset(c57bl6), 105.0, 118.0);
    within("death, C57BL/6", death(c57bl6), 155.0, 166.0);
}

#[test]
fn the_gut_is_changed_before_onset() {
    let sick = &lives("mouse-g93a-b6sjl", 60, "", &[("control", "")])[0];
    let healthy = &lives("mouse-wt-b6sjl", 60, "", &[("control", "")])[0];
    assert!(sick.endpoints.onset_d().is_none());
    within("leak", at(sick, "permeability", 60.0), 1.6, 2.4);
    for protein in [
        "zo1",
        "zo1_of_colon",
        "ecadherin",
        "ecadherin_of_colon",
        "defensin_5a",
    ] {
        within(protein, at(sick, protein, 60.0), 0.3, 0.85);
    }
    for (lower, by) in [
        ("paneth_functional", 0.85),
        ("abundance_butyrate_producers", 0.98),
        ("butyrate_producers", 0.98),
        ("caecal_butyrate", 0.95),
    ] {
        let ratio = at(sick, lower, 60.0) / at(healthy, lower, 60.0);
        assert!(ratio < by, "{lower}: {ratio} of wild type");
    }
    for higher in [
        "il17",
        "il23",
        "plasma_lps",
        "calprotectin",
        "secretory_iga",
        "nitrite",
    ] {
        let ratio = at(sick, higher, 60.0) / at(healthy, higher, 60.0);
        assert!(ratio > 1.1, "{higher}: {ratio} of wild type");
    }
    assert!(at(sick, "gut_motility", 60.0) < 0.95);
}

#[test]
fn motor_neurons_and_junctions_are_lost_in_the_published_order() {
    let run = &lives("mouse-g93a-b6sjl", 120, "", &[("control", "")])[0];
    within(
        "fast junctions, 30 d",
        at(run, "fast_junctions", 30.0),
        55.0,
        65.0,
    );
    let sick = at(run, "motor_neurons_not_healthy", 60.0);
    let dead = at(run, "motor_neurons_dead", 60.0);
    within("not healthy, 60 d", sick, 15.0, 25.0);
    assert!(dead <= 0.5 * sick, "{dead} of {sick} % dead at 60 d");
    within(
        "dead, 90 d",
        at(run, "motor_neurons_dead", 90.0),
        18.0,
        30.0,
    );
    within(
        "dead, 120 d",
        at(run, "motor_neurons_dead", 120.0),
        38.0,
        52.0,
    );
    within(
        "motor score, 71 d",
        at(run, "motor_score", 71.0),
        80.0,
        97.0,
    );
}

#[test]
fn t_cells_come_late_and_microglia_before_them() {
    let run = &lives("mouse-g93a-b6sjl", 120, "", &[("control", "")])[0];
    let late = at(run, "t_cells_cord", 120.0);
    assert!(late > 0.2, "T cells at 120 d: {late}");
    for age in [40.0, 80.0] {
        let early = at(run, "t_cells_cord", age);
        assert!(
            early < 0.05 * late,
            "T cells at {age} d: {early} against {late} at 120 d"
        );
    }
    let microglia = |age| at(run, "microglia", age);
    within("microglia, 30 d", microglia(30.0), 0.9, 1.2);
    assert!(microglia(100.0) > 1.3 && microglia(120.0) > microglia(100.0));
}

/// The lesion of the gut develops: it is slight after weaning and whole before onset (S3-03).
#[test]
fn the_leak_grows_with_age() {
    let run = &lives("mouse-g93a-b6sjl", 60, "", &[("control", "")])[0];
    let leaks = [1.0, 7.0, 40.0, 60.0].map(|age| at(run, "permeability", age));
    assert!(leaks.windows(2).all(|pair| pair[0] < pair[1]), "{leaks:?}");
    within("leak at one week", leaks[1], 1.0, 1.3);
}
