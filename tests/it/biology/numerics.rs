//! What the shipped model must show of its numbers: no negative states, units that do not matter, methods
//! that agree, runs that repeat.

use std::path::{Path, PathBuf};

use gutbrain::model::{Model, model_files};
use gutbrain::scenario::{Overrides, Scenario, ScenarioFile};
use gutbrain::simulate::{ArmRun, Status, simulate};
use gutbrain_network::declaration::Role;
use gutbrain_network::{Declaration, Source};
use gutbrain_numbers::Real;
use proptest::prelude::*;
use rayon::prelude::*;

use super::lives::{builtin, butyrate, lives};

fn from_files(files: &[Source]) -> Model {
    let declaration = Declaration::read(files).unwrap_or_else(|faults| panic!("{faults}"));
    Model::new(declaration, "changed")
}

const EXPERIMENT: &str = "\
schema = 1
[subject]
preset = \"mouse-g93a-b6sjl\"
[simulation]
start = \"21 d\"
stop = \"170 d\"
[[arm]]
name = \"control\"
[[arm]]
name = \"butyrate\"
[[arm.intervention]]
kind = \"butyrate-water\"
dose = \"2 %\"
start = \"38 d\"
";

fn run(model: &Model, text: &str) -> Vec<ArmRun> {
    let scenario =
        Scenario::from_text("test.toml", text, model).unwrap_or_else(|faults| panic!("{faults}"));
    simulate(model, &scenario).expect("a scenario that fits the model")
}

/// Largest |a − b| / (|b| + 10⁻³ max(|b|, declared scale)) over all ages of all species, with its place:
/// relative, with a floor below which no tolerance of the solver reaches.
fn largest_difference(model: &Model, ours: &[ArmRun], theirs: &[ArmRun]) -> (f64, String) {
    let mut worst = (0.0, String::new());
    for (a, b) in ours.iter().zip(theirs) {
        assert_eq!(
            a.endpoints.status,
            Status::Ok,
            "{}: {:?}",
            a.arm,
            a.endpoints.status
        );
        assert_eq!(a.times, b.times, "{}", a.arm);
        for (x, y) in a.species.iter().zip(&b.species) {
            let scale = model.declaration.species[&x.id].scale;
            let largest = y.values.iter().fold(scale, |m, v| m.max(v.abs()));
            for ((u, v), time) in x.values.iter().zip(&y.values).zip(&a.times) {
                let error = (u - v).abs() / (v.abs() + 1e-3 * largest);
                assert!(!error.is_nan(), "{} in {} at {time} d", x.id, a.arm);
                if error > worst.0 {
                    worst = (
                        error,
                        format!("{} in {} at {time} d: {u} and {v}", x.id, a.arm),
                    );
                }
            }
        }
    }
    worst
}

fn shipped_scenarios() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let mut found: Vec<PathBuf> = [root.clone(), root.join("base")]
        .iter()
        .flat_map(|folder| std::fs::read_dir(folder).expect("the shipped scenarios"))
        .map(|entry| entry.expect("a readable entry").path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "toml"))
        // A cohort lives what the scenario that it extends lives.
        .filter(|path| !path.to_string_lossy().contains("cohort"))
        .collect();
    found.sort();
    assert!(found.len() > 20, "{found:?}");
    found
}

#[test]
fn a_zero_dose_is_no_dose_bit_for_bit() {
    let zero = butyrate("0", "38 d");
    let runs = lives(
        "mouse-g93a-b6sjl",
        140,
        "",
        &[("control", ""), ("zero", &zero)],
    );
    assert_eq!(runs[0].species, runs[1].species);
    assert_eq!(runs[0].endpoints, runs[1].endpoints);
}

#[test]
fn the_output_grid_never_changes_the_solution() {
    let model = builtin();
    let coarse = run(&model, EXPERIMENT);
    let fine = run(
        &model,
        &EXPERIMENT.replace("stop = \"170 d\"", "stop = \"170 d\"\nevery = \"0.125 d\""),
    );
    for (a, b) in coarse.iter().zip(&fine) {
        assert_eq!(a.endpoints, b.endpoints);
        assert_eq!(a.effort, b.effort);
        for (index, time) in a.times.iter().enumerate() {
            let same = b
                .times
                .iter()
                .position(|other| other.to_bits() == time.to_bits())
                .expect("a shared age");
            for (x, y) in a.species.iter().zip(&b.species) {
                assert_eq!(
                    x.values[index].to_bits(),
                    y.values[same].to_bits(),
                    "{} at {time} d",
                    x.id
                );
            }
        }
    }
}

#[test]
fn a_second_run_gives_the_same_bits() {
    let model = builtin();
    assert_eq!(run(&model, EXPERIMENT), run(&model, EXPERIMENT));
}

/// The model with a species in another unit: numbers that stand in that unit are divided.
fn in_another_unit(species: &str, file: &str, unit: &str, other: &str, factor: f64) -> Model {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("model");
    let mut files = model_files(&root).expect("the model folder");
    let text = files
        .iter_mut()
        .find(|source| source.name.ends_with(file))
        .expect("the file of the species");
    let head = format!("[species.{species}]\n");
    let start = text.text.find(&head).expect("the species");
    let end = text.text[start..]
        .find("\n\n")
        .map_or(text.text.len(), |length| start + length);
    let entry = &text.text[start..end];
    let changed: String = entry
        .lines()
        .map(|line| match line.split_once(" = ") {
            Some(("unit", value)) => {
                assert_eq!(value, format!("\"{unit}\""));
                format!("unit = \"{other}\"\n")
            }
            Some((key @ ("guess" | "scale" | "initial"), value)) => match value.parse::<f64>() {
                Ok(number) => format!("{key} = {:?}\n", number / factor),
                Err(_) => format!("{line}\n"),
            },
            _ => format!("{line}\n"),
        })
        .collect();
    let whole = text.text.replacen(entry, changed.trim_end(), 1);
    *text = Source::new(text.name.to_string().as_str(), whole.as_str());
    from_files(&files)
}

#[test]
fn units_do_not_matter() {
    let tight = EXPERIMENT
        .replace("[simulation]", "[solver]\nrtol = 1e-11\n[simulation]")
        .replace("170 d", "90 d");
    let usual = run(&builtin(), &tight);
    for (species, file, unit, other, factor) in [
        ("butyrate_colon", "flora.toml", "mM", "8 mM", 8.0),
        ("lps_plasma", "immune.toml", "EU/ml", "0.25 EU/ml", 0.25),
        ("body_weight", "body.toml", "g", "1024 g", 1024.0),
        ("neurons_failing", "motor.toml", "1", "0.5", 0.5),
        ("butyrate_colon", "flora.toml", "mM", "µM", 1e-3),
        ("lps_plasma", "immune.toml", "EU/ml", "EU/l", 1e-3),
        ("body_weight", "body.toml", "g", "mg", 1e-3),
    ] {
        let power_of_two = f64::log2(factor).fract() == 0.0;
        let changed = run(&in_another_unit(species, file, unit, other, factor), &tight);
        for (a, b) in changed.iter().zip(&usual) {
            for (x, y) in a.species.iter().zip(&b.species) {
                let by = if x.id == species { factor } else { 1.0 };
                let largest = y.values.iter().fold(0.0_f64, |m, v| m.max(v.abs()));
                for (u, v) in x.values.iter().zip(&y.values) {
                    if power_of_two {
                        assert_eq!(
                            (u * by).to_bits(),
                            v.to_bits(),
                            "{species} in {other}: {}",
                            x.id
                        );
                    } else {
                        let error = (u * by - v).abs() / (v.abs() + 1e-3 * largest + 1e-300);
                        assert!(
                            error < 1e-9,
                            "{species} in {other}: {} differs by {error:e}",
                            x.id
                        );
                    }
                }
            }
        }
    }
}

fn solved(path: &Path, model: &Model, method: &str, rtol: &str) -> Vec<ArmRun> {
    let mut file = ScenarioFile::open(path).unwrap_or_else(|faults| panic!("{faults}"));
    let set = vec![
        format!("solver.method=\"{method}\""),
        format!("solver.rtol={rtol}"),
        "solver.maximum_steps=10000000".to_owned(),
        "simulation.every=\"5 d\"".to_owned(),
        "output.ages=[]".to_owned(),
    ];
    file.apply(&Overrides {
        set,
        ..Overrides::default()
    })
    .unwrap_or_else(|faults| panic!("{faults}"));
    let scenario = file
        .check(model)
        .unwrap_or_else(|faults| panic!("{faults}"));
    simulate(model, &scenario).expect("a scenario that fits the model")
}

#[test]
fn three_methods_agree_on_every_shipped_scenario() {
    let model = builtin();
    shipped_scenarios().par_iter().for_each(|path| {
        let reference = solved(path, &model, "rodas5p", "1e-12");
        for method in ["rodas5p", "dopri5", "dop853"] {
            let (error, place) =
                largest_difference(&model, &solved(path, &model, method, "1e-10"), &reference);
            assert!(
                error < 1e-6,
                "{}, {method}: {error:e} ({place})",
                path.display()
            );
        }
    });
}

/// At a tolerance of a tenth explicit methods run away, whatever their error estimate says: what is no
/// failure has no amounts far below zero.
#[test]
fn what_runs_away_is_a_failure() {
    let model = builtin();
    let shipped = shipped_scenarios();
    let path = shipped
        .iter()
        .find(|path| path.ends_with("butyrate-g93a.toml"));
    let path = path.expect("the main scenario");
    let mut failed = 0;
    for method in ["dopri5", "dop853"] {
        for run in solved(path, &model, method, "0.1") {
            match run.endpoints.status {
                Status::Failed(reason) => {
                    assert!(reason.contains("cannot become negative"), "{reason}");
                    failed += 1;
                }
                Status::Ok => {
                    for curve in &run.species {
                        let scale = model.declaration.species[&curve.id].scale;
                        let bounds = (0.0_f64, 0.0_f64);
                        let (low, high) = curve.values.iter().fold(bounds, |(low, high), value| {
                            (Real::min(low, *value), Real::max(high, *value))
                        });
                        assert!(low >= -0.2 * high - 0.1 * scale, "{}: {low}", curve.id);
                    }
                }
            }
        }
    }
    assert!(failed > 0, "nothing ran away");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// Random parameters inside their ranges: every state stays above −10 × its absolute tolerance.
    #[test]
    fn no_state_falls_below_zero(draws in prop::collection::vec(0.0_f64..1.0, 400)) {
        let model = builtin();
        let mut text = EXPERIMENT.replace("[simulation]", "[subject.parameters]\n@[simulation]");
        let mut values = String::new();
        let ranged = model.declaration.parameters.iter().filter(|(_, entry)| entry.role != Role::Input);
        for ((id, entry), draw) in ranged.zip(&draws) {
            let Some((low, high)) = entry.range else { continue };
            if id == "reference_copies" || id == "transgene_copies" { continue }
            let value = if low > 0.0 { low * Real::powf(high / low, *draw) } else { low + (high - low) * draw };
            values.push_str(&format!("{id} = \"{value:?} {}\"\n", entry.unit));
        }
        text = text.replace('@', &values);
        let rtol = 1e-6;
        for run in run(&model, &text) {
            prop_assert_eq!(&run.endpoints.status, &Status::Ok, "{}", run.arm);
            for curve in &run.species {
                let scale = model.declaration.species[&curve.id].scale;
                let floor = -10.0 * 0.01 * rtol * scale;
                for (value, time) in curve.values.iter().zip(&run.times) {
                    prop_assert!(*value >= floor, "{} = {value} at {time} d, floor {floor}", curve.id);
                }
            }
        }
    }
}
