//! Wild-type mice: healthy, at rest, and robust.

use super::lives::{at, builtin, butyrate, intervention, lives, within};
use gutbrain::scenario::Scenario;
use gutbrain::simulate::{ArmRun, simulate};

const BACKGROUNDS: [&str; 2] = ["mouse-wt-b6sjl", "mouse-wt-c57bl6"];

#[test]
fn an_untreated_wild_type_stays_healthy_and_at_rest() {
    for subject in BACKGROUNDS {
        let run = &lives(subject, 700, "", &[("control", "")])[0];
        assert!(run.endpoints.onset_d().is_none() && run.endpoints.death_d().is_none());
        assert!(at(run, "motor_neurons", 700.0) >= 98.0);
        assert!(at(run, "permeability", 700.0) < 1.5);
        for curve in &run.species {
            // A mouse grows for life.
            if ["body_weight", "expected_weight"].contains(&curve.id.as_str()) {
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

/// Endotoxin in a healthy animal: S3-17 and M2-157 to M2-167.
fn endotoxin(arms: &str) -> Vec<ArmRun> {
    let text = format!(
        "schema = 1\n[subject]\npreset = \"mouse-wt-b6sjl\"\n[simulation]\nstart = \"99 d\"\n\
         stop = \"103 d\"\nevery = \"0.02 d\"\n{arms}"
    );
    let model = builtin();
    let scenario = Scenario::from_text("endotoxin.toml", &text, &model).expect("a sound scenario");
    simulate(&model, &scenario).expect("a scenario that fits the model")
}

fn highest(run: &ArmRun, id: &str, from: f64, to: f64) -> f64 {
    let curve = run.curve(id).unwrap_or_else(|| panic!("no curve {id}"));
    let values = run.times.iter().zip(&curve.values);
    values
        .filter(|(time, _)| (from..to).contains(*time))
        .fold(0.0, |most, (_, value)| {
            gutbrain_numbers::Real::max(most, *value)
        })
}

/// M2-157 (a peak of thousands of pg/ml within hours), M2-159 and M2-160 (none after a second dose of TNF
/// and IL-6, while IL-1β still rises).
#[test]
fn a_second_dose_of_endotoxin_is_tolerated() {
    // 4 mg/kg into the blood, at 10 EU/ng and 30 ml of plasma per kg.
    let runs = endotoxin(
        "[[arm]]\nname = \"twice\"\n[[arm.intervention]]\nkind = \"lps-pulse\"\ndose = \"1.33e6 EU/ml\"\n\
         start = \"100 d\"\nrepeat = { every = \"1 d\", times = 2 }\n",
    );
    let peak = |id: &str| [100.0, 101.0].map(|age| highest(&runs[0], id, age, age + 1.0));
    let [first, second] = peak("tnf_plasma");
    within("TNF, pg/ml", first, 2800.0 / 2.0, 2800.0 * 2.0);
    within("TNF, second over first", second / first, 0.0, 0.4);
    let late = highest(&runs[0], "tnf_plasma", 100.33, 100.36);
    assert!(late < 0.1 * first, "TNF at 8 h: {late} pg/ml");
    let [first, second] = peak("il6_plasma");
    within("IL-6, pg/ml", first, 20_200.0 / 2.5, 20_200.0 * 2.5);
    within("IL-6, second over first", second / first, 0.0, 0.6);
    let [first, second] = peak("il1b_plasma");
    within("IL-1β, second over first", second / first, 0.8, 1.3);
}

/// M2-166: 75 µg/kg cost a tenth of the weight overnight, a tenth of it nothing; M2-167: more saturates.
#[test]
fn sickness_of_endotoxin_saturates() {
    let arm = |dose: &str| {
        format!(
            "[[arm]]\nname = \"{dose}\"\n[[arm.intervention]]\nkind = \"lps-injection\"\n\
             dose = \"{dose} mg/kg\"\nstart = \"100 d\"\n"
        )
    };
    let runs = endotoxin(&["0.0075", "0.075", "3"].map(arm).concat());
    let loss = |run: &ArmRun| {
        let [before, after] = [100.0, 101.0].map(|age| at(run, "weight", age));
        100.0 * (1.0 - after / before)
    };
    within("7.5 µg/kg, %", loss(&runs[0]), -0.5, 1.5);
    within("75 µg/kg, %", loss(&runs[1]), 5.0, 15.0);
    within("3 mg/kg, %", loss(&runs[2]), loss(&runs[1]), 20.0);
}

/// M2-110 (Treg of the periphery need no flora), M2-108 (Th17 do), M2-117 to M2-120 (a large caecum full of
/// mucin, a light mouse), M2-123 and M2-129 (anaerobes hold enterobacteria down, and come back).
#[test]
fn an_animal_without_flora_is_like_a_germ_free_one() {
    let arms = [
        (
            "antibiotics",
            intervention("antibiotics", "15 1/day", "40 d"),
        ),
        (
            "a course",
            "[[arm.intervention]]\nkind = \"antibiotics-against-anaerobes\"\ndose = \"5 1/day\"\n\
             start = \"40 d\"\nstop = \"50 d\"\n"
                .to_owned(),
        ),
    ];
    let mut all = vec![("control", "")];
    all.extend(arms.iter().map(|(name, text)| (*name, text.as_str())));
    let runs = lives("mouse-wt-b6sjl", 300, "", &all);
    let ratio = |arm: usize, id: &str, age: f64| at(&runs[arm], id, age) / at(&runs[0], id, age);
    within("acetate", ratio(1, "caecal_acetate", 80.0), 0.0, 0.1);
    within("butyrate", ratio(1, "caecal_butyrate", 80.0), 0.0, 0.1);
    within("Treg of the blood", ratio(1, "treg_fold", 80.0), 0.75, 1.1);
    within("Treg of the gut", ratio(1, "treg_of_gut", 80.0), 0.2, 0.7);
    within("Th17", ratio(1, "th17", 80.0), 0.4, 0.95);
    within(
        "content of the caecum",
        ratio(1, "caecal_content", 80.0),
        2.5,
        8.0,
    );
    assert!(ratio(1, "mucin_colon", 80.0) > 5.0);
    within("weight", ratio(1, "weight", 80.0), 0.85, 0.98);
    let bloom = ratio(2, "enterobacteria", 50.0);
    assert!(bloom > 2.0, "enterobacteria: {bloom}");
    for id in [
        "enterobacteria",
        "caecal_butyrate",
        "treg_of_gut",
        "shannon_index",
    ] {
        within(id, ratio(2, id, 300.0), 0.99, 1.01);
    }
}

#[test]
fn a_pulse_of_endotoxin_passes() {
    let pulse = intervention("lps-pulse", "10 EU/ml", "100 d");
    let runs = lives(
        "mouse-wt-b6sjl",
        300,
        // So that what is left is the animal's, not the error of the solver.
        "[solver]\nrtol = 1e-9\n",
        &[("control", ""), ("pulse", &pulse)],
    );
    assert!(at(&runs[1], "phagocytes", 101.0) > 1.01 * at(&runs[0], "phagocytes", 101.0));
    let model = builtin();
    for (pulsed, resting) in runs[1].species.iter().zip(&runs[0].species) {
        let (a, b) = (pulsed.values[300], resting.values[300]);
        let scale = model.declaration.species[&pulsed.id].scale;
        let pairs = pulsed.values.iter().zip(&resting.values);
        let peak = pairs.fold(0.0, |most, (a, b)| {
            gutbrain_numbers::Real::max(most, (a - b).abs())
        });
        // What rests at nothing is compared with what the pulse made of it.
        let rests = b.abs() > 1e-6 * scale;
        let bound = 1e-3 * if rests { b.abs() } else { peak };
        assert!(
            (a - b).abs() <= bound + 1e-9 * scale,
            "{}: {a} against {b}, {peak} at most",
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
        (
            "akkermansia",
            intervention("akkermansia", "1e10 CFU/day", "38 d"),
        ),
        ("torques", intervention("torques", "1e10 CFU/day", "38 d")),
        ("nicotinamide", intervention("nicotinamide", "10", "38 d")),
        (
            "germ-free",
            intervention("antibiotics", "50 1/day", "birth"),
        ),
        ("no T cells", intervention("knock-out-rag2", "1", "birth")),
    ];
    let arms: Vec<(&str, &str)> = arms
        .iter()
        .map(|(name, text)| (*name, text.as_str()))
        .collect();
    for run in lives("mouse-wt-b6sjl", 300, "", &arms) {
        assert!(run.endpoints.onset_d().is_none(), "{} fell ill", run.arm);
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
