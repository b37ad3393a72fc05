//! A healthy person stays healthy, whatever is done within what a body survives.

use gutbrain::scenario::Scenario;
use gutbrain::simulate::{ArmRun, Status, simulate};

use super::measured::people;

/// Highest doses of the plausible range of every intervention.
const DOSES: &[(&str, &str)] = &[
    ("butyrate-oral", "200 mmol/day"),
    ("butyrate-rectal", "100 mmol/day"),
    ("edaravone", "100 %"),
    ("fibre", "60 g/day"),
    ("il1-blockade", "200 mg/day"),
    ("low-dose-il2", "5 MIU/day"),
    ("mediterranean-diet", "100 %"),
    ("probiotic", "1e12 CFU/day"),
    ("producer-loss", "100 %"),
    ("riluzole", "200 mg/day"),
    ("slowing", "100 %"),
    ("sod1-lowering", "100 %"),
    ("supportive-care", "100 %"),
];

fn thirty_years() -> Vec<ArmRun> {
    let model = people();
    // What this list does not name cannot be forgotten: a transplant is the only impulse.
    let named = DOSES
        .iter()
        .map(|(kind, _)| *kind)
        .chain(["faecal-transplant"]);
    let mut named: Vec<&str> = named.collect();
    named.sort_unstable();
    let declared: Vec<&str> = model
        .declaration
        .interventions
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(named, declared);
    let mut text =
        "schema = 1\n[subject]\nmodel = \"human\"\npreset = \"human-healthy\"\n[simulation]\n\
                    start = \"0 month\"\nstop = \"360 month\"\nevery = \"6 month\"\n[output]\n\
                    ages = [\"360 month\"]\n[[arm]]\nname = \"nothing\"\n"
            .to_owned();
    for (kind, dose) in DOSES {
        text.push_str(&format!(
            "[[arm]]\nname = \"{kind}\"\n[[arm.intervention]]\nkind = \"{kind}\"\ndose = \"{dose}\"\n\
             start = \"birth\"\n"
        ));
    }
    text.push_str(
        "[[arm]]\nname = \"transplants\"\n[[arm.intervention]]\nkind = \"faecal-transplant\"\n\
         dose = \"100 %\"\nstart = \"12 month\"\nrepeat = { every = \"12 month\", times = 20 }\n",
    );
    let scenario = Scenario::from_text("health.toml", &text, &model);
    let scenario = scenario.unwrap_or_else(|faults| panic!("{faults}"));
    simulate(&model, &scenario).expect("a scenario that fits the model")
}

fn worst(run: &ArmRun, id: &str, to: f64) -> f64 {
    let curve = run.curve(id).expect("a curve");
    let off = curve.values.iter().map(|value| (value - to).abs());
    off.fold(0.0, f64::max)
}

#[test]
fn a_healthy_person_stays_healthy_for_thirty_years_whatever_is_done() {
    let runs = thirty_years();
    assert_eq!(runs.len(), DOSES.len() + 2);
    for run in &runs {
        assert_eq!(run.endpoints.status, Status::Ok, "{}", run.arm);
        assert_eq!(run.endpoints.onset_d(), None, "{}", run.arm);
        assert_eq!(run.endpoints.death_d(), None, "{}", run.arm);
        for (id, health) in [
            ("alsfrs_r", 48.0),
            ("vital_capacity", 100.0),
            ("motor_unit_index", 100.0),
            ("weight_change", 100.0),
            ("nfl_serum", 13.0),
        ] {
            let off = worst(run, id, health);
            assert!(off < 1e-6 * health, "{}: {id} is off by {off}", run.arm);
        }
    }
    // Without any intervention nothing moves at all.
    for id in ["tnf_blood", "il6_blood", "il17_blood", "endotoxin_blood"] {
        assert!(worst(&runs[0], id, 1.0) < 1e-6, "{id}");
    }
    // A signal below that of health does nothing, and one above it stays bounded.
    for run in &runs {
        let signal = worst(run, "signal_of_blood", 0.0);
        assert!(signal <= 1.0, "{}: {signal}", run.arm);
        if run.arm != "producer-loss" {
            assert!(signal < 1e-6, "{}: {signal}", run.arm);
        }
    }
}
