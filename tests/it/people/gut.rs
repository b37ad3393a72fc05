//! The gut arm: what the prior holds, what food reaches, and drugs that act where their rows say.

use std::path::Path;

use gutbrain::cohort::Cohort;
use gutbrain::scenario::Scenario;
use gutbrain::simulate::{ArmRun, Status, simulate};

use gutbrain_numbers::Real;

use super::measured::{MONTH, people, spread};

/// Two years after the expected onset, in days.
const AFTER: f64 = 144.0 * MONTH;

fn lives(preset: &str, extra: &str, arms: &[(&str, &str)]) -> Vec<ArmRun> {
    let mut text = format!(
        "schema = 1\n[subject]\nmodel = \"human\"\npreset = \"{preset}\"\n[simulation]\n\
         start = \"96 month\"\nstop = \"240 month\"\nevery = \"1 month\"\n[output]\n\
         ages = [\"120 month\"]\n{extra}\n"
    );
    for (name, content) in arms {
        text.push_str(&format!("[[arm]]\nname = \"{name}\"\n{content}\n"));
    }
    let model = people();
    let scenario = Scenario::from_text("gut.toml", &text, &model);
    let scenario = scenario.unwrap_or_else(|faults| panic!("{faults}"));
    let runs = simulate(&model, &scenario).expect("a scenario that fits");
    for run in &runs {
        assert_eq!(run.endpoints.status, Status::Ok, "{}", run.arm);
    }
    runs
}

fn given(kind: &str, dose: &str, start: &str) -> String {
    format!("[[arm.intervention]]\nkind = \"{kind}\"\ndose = \"{dose}\"\nstart = \"{start}\"\n")
}

fn at(run: &ArmRun, id: &str, days: f64) -> f64 {
    let place = run.times.iter().position(|time| (time - days).abs() < 1e-6);
    run.curve(id).expect("a curve").values[place.expect("an age of the output")]
}

fn signed(value: f64, digits: usize) -> String {
    let text = format!("{value:.digits$}");
    // What is only rounding of zero is 0.
    match text.trim_start_matches('-').trim_matches(['0', '.']) {
        "" => text.trim_start_matches('-').to_owned(),
        _ => text.replace('-', "−"),
    }
}

/// One row of the table of the page, and the largest loss of points in it.
fn row(percent: u32) -> (String, f64) {
    let loss = given("producer-loss", &format!("{percent} %"), "birth");
    let gains = [0.0, 0.02, 0.3, 1.0];
    let mut out = String::new();
    let mut most = 0.0_f64;
    for gain in gains {
        let extra = format!("[subject.parameters]\nperipheral_gain = {gain:?}");
        let runs = lives("human-als-spinal", &extra, &[("full", ""), ("loss", &loss)]);
        let [full, lost] = &runs[..] else {
            panic!("two arms")
        };
        if gain == 0.0 {
            let of = |id: &str, digits: usize| {
                format!(
                    "{:.digits$} ({:.digits$})",
                    at(lost, id, AFTER),
                    at(full, id, AFTER)
                )
            };
            out = format!(
                "| {percent} % | {} | {} | {} |",
                of("faecal_butyrate", 2),
                of("endotoxin_blood", 2),
                of("signal_of_blood", 2)
            );
        }
        let points = at(lost, "alsfrs_r", AFTER) - at(full, "alsfrs_r", AFTER);
        let days = lost.endpoints.last_d - full.endpoints.last_d;
        most = most.max(-points);
        out.push_str(&format!(
            " {} points, {} d |",
            signed(points, 1),
            signed(days, 0)
        ));
    }
    (out, most)
}

#[test]
fn the_map_of_the_gut_arm_is_that_of_the_page() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/patients.md");
    let page = std::fs::read_to_string(page).unwrap_or_default();
    let rows = [25, 50].map(row);
    let wanted = format!("{}\n{}\n", rows[0].0, rows[1].0);
    assert!(
        page.contains(&wanted),
        "docs/patients.md must hold:\n{wanted}"
    );
    // What the page concludes: even the end of the prior stays below the error of one reading.
    assert!(rows[1].1 < 1.2, "{} points", rows[1].1);
}

/// H3-10: any fibre against low fibre raises faecal butyrate by 0.24 standard deviations (0.00 to 0.47).
#[test]
fn fibre_raises_faecal_butyrate_a_little() {
    let text = format!(
        "schema = 1\n[subject]\nmodel = \"human\"\npreset = \"human-healthy\"\n[simulation]\n\
         start = \"0 month\"\nstop = \"3 month\"\nevery = \"1 month\"\n[output]\nages = [\"1 month\"]\n\
         trajectories = \"all\"\n[cohort]\nsubjects = 1000\nother_deaths = \"none\"\n\
         [[arm]]\nname = \"usual\"\n[[arm]]\nname = \"fibre\"\n{}",
        given("fibre", "15 g/day", "0 month")
    );
    let model = people();
    let scenario = Scenario::from_text("fibre.toml", &text, &model);
    let scenario = scenario.unwrap_or_else(|faults| panic!("{faults}"));
    let plan = scenario.cohort.clone().expect("a cohort");
    let cohort = Cohort::new(&model, &scenario, &plan).expect("a cohort that fits");
    let members = cohort.live(1..=1000);
    let of = |arm: &str| {
        let runs = members.iter().filter(|member| member.run.arm == arm);
        spread(runs.map(|member| Real::ln(at(&member.run, "faecal_butyrate", MONTH))))
    };
    let (usual, fibre) = (of("usual"), of("fibre"));
    let difference = (fibre.mean - usual.mean) / usual.sd;
    assert!((0.1..=0.47).contains(&difference), "{difference}");
}

/// H4-01: survival moves, no functional scale does.
#[test]
fn riluzole_acts_on_life_and_not_on_function() {
    let drug = given("riluzole", "100 mg/day", "diagnosis");
    let runs = lives("human-als-spinal", "", &[("none", ""), ("riluzole", &drug)]);
    let [none, drug] = &runs[..] else {
        panic!("two arms")
    };
    assert!(drug.endpoints.last_d > none.endpoints.last_d + 20.0);
    for (place, time) in none.times.iter().enumerate() {
        let (a, b) = (
            at(none, "alsfrs_r", *time),
            drug.curve("alsfrs_r").expect("it").values[place],
        );
        assert!((a - b).abs() < 1e-3, "{time}: {a} {b}");
    }
}

/// H4-30: neurofilament falls before function differs; with another protein nothing happens.
#[test]
fn lowering_sod1_moves_neurofilament_before_function() {
    let drug = given("sod1-lowering", "40 %", "126 month");
    let runs = lives(
        "human-sod1-carrier",
        "",
        &[("none", ""), ("lowered", &drug)],
    );
    let [none, lowered] = &runs[..] else {
        panic!("two arms")
    };
    let half_a_year = 132.0 * MONTH;
    let ratio = at(lowered, "nfl_serum", half_a_year) / at(none, "nfl_serum", half_a_year);
    let points = |days: f64| at(lowered, "alsfrs_r", days) - at(none, "alsfrs_r", days);
    assert!(ratio < 0.8, "neurofilament {ratio}");
    assert!(
        (0.0..=5.5).contains(&points(half_a_year)),
        "{}",
        points(half_a_year)
    );
    assert!(points(AFTER) > 1.5 * points(half_a_year));
    let sporadic = lives("human-als-spinal", "", &[("none", ""), ("lowered", &drug)]);
    // Only the steps differ, at the switch.
    let off = at(&sporadic[0], "alsfrs_r", AFTER) - at(&sporadic[1], "alsfrs_r", AFTER);
    assert!(off.abs() < 1e-6, "{off}");
}

/// H4-42: ventilation adds months where bulbar function is good and little where it is poor.
#[test]
fn care_acts_on_the_hazard_and_not_on_the_disease() {
    let care = given("supportive-care", "100 %", "birth");
    let extra = "[subject.parameters]\ncare = 0";
    let gained = ["human-als-spinal", "human-als-bulbar"].map(|preset| {
        let runs = lives(preset, extra, &[("none", ""), ("care", &care)]);
        let (none, care) = (&runs[0], &runs[1]);
        let score = |run: &ArmRun| at(run, "alsfrs_r", 138.0 * MONTH);
        assert!((score(none) - score(care)).abs() < 1e-3, "{preset}");
        care.endpoints.last_d - none.endpoints.last_d
    });
    assert!(gained[0] > 30.0 && gained[0] > gained[1], "{gained:?}");
}
