//! Doses in every way of writing them, knock-outs of what is off, and counts that are too large.

use gutbrain::model::Model;
use gutbrain::scenario::{Scenario, ScenarioFile};

use crate::scenario_files::{BASE, fixtures};

fn dose_of(kind: &str, dose: &str) -> Result<Option<f64>, String> {
    let text = format!(
        "schema = 1\n[subject]\npreset = \"mouse-wt-b6sjl\"\n[simulation]\nstart = \"20 d\"\nstop = \
         \"60 d\"\n[[arm]]\nname = \"a\"\n[[arm.intervention]]\nkind = \"{kind}\"\ndose = {dose}\n\
         start = \"30 d\"\n"
    );
    let model = Model::builtin().unwrap();
    let read = Scenario::from_text("test.toml", &text, &model);
    let scenario = read.map_err(|faults| faults.to_string())?;
    Ok(scenario.arms[0].shading.first().and_then(|done| done.dose))
}

/// What measures the same is converted, what a label says stands for the unit: every other name of a
/// dose, in every intervention that has one.
#[test]
fn other_names_of_a_dose_are_converted_where_they_measure_the_same() {
    for (kind, dose, expected) in [
        ("faecal-transplant", "\"80 %\"", 0.8),
        ("faecal-transplant", "\"0.8 %\"", 0.008),
        ("faecal-transplant", "\"0.8\"", 0.8),
        ("faecal-transplant", "0.8", 0.8),
        ("faecal-transplant", "\"7 \u{2030}\"", 0.007),
        ("mediterranean-diet", "\"100 %\"", 1.0),
        ("mediterranean-diet", "\"7 %\"", 0.07),
        ("dietary-fibre", "\"0.5 fold\"", 0.5),
        ("dietary-fibre", "\"50 %\"", 0.5),
        ("butyrate-water", "\"2 %\"", 2.0),
        ("butyrate-water", "\"2 % w/v\"", 2.0),
        ("butyrate-water", "\"20 g/l\"", 2.0),
        ("butyrate-water", "\"0.07 g/ml\"", 7.0),
        ("antibiotics", "\"0.5 1/h\"", 12.0),
    ] {
        assert_eq!(dose_of(kind, dose), Ok(Some(expected)), "{kind} {dose}");
    }
    // A share of more than all is none.
    assert!(dose_of("faecal-transplant", "80").is_err());
    assert!(dose_of("faecal-transplant", "\"800 %\"").is_err());
    assert!(dose_of("butyrate-water", "\"20 \u{2030}\"").is_err());
}

fn perturbed(target: &str, action: &str) -> String {
    format!("{BASE}[[arm.perturbation]]\ntarget = \"{target}\"\n{action}\nstart = \"40 d\"\n")
}

/// What is off already may be knocked out: it changes nothing, and is no mistake.
#[test]
fn a_knock_out_of_what_is_off_changes_nothing() {
    let model = Model::load(&fixtures().join("model")).unwrap();
    let read = |text: &str| Scenario::from_text("test.toml", text, &model);
    let plain = read(BASE).unwrap();
    for action in ["action = \"off\"", "action = \"scale\"\nvalue = 0"] {
        let text = perturbed("process.hypothesis", action);
        assert_eq!(read(&text).unwrap().arms, plain.arms, "{action}");
        // Where it is on, the same lines do something.
        let on = format!("{text}[model]\nenable = [\"process.hypothesis\"]\n");
        let arms = read(&on).unwrap().arms;
        assert_eq!(
            arms[1].actions.len(),
            plain.arms[1].actions.len() + 1,
            "{action}"
        );
    }
    for action in [
        "action = \"scale\"\nvalue = 2",
        "action = \"set\"\nvalue = \"1 1/day\"",
    ] {
        let faults = read(&perturbed("process.hypothesis", action)).unwrap_err();
        assert!(faults.to_string().contains("switched off"), "{faults}");
    }
    let disabled = format!(
        "{}[model]\ndisable = [\"process.neurons_die\"]\n",
        perturbed("process.neurons_die", "action = \"off\"")
    );
    assert_eq!(read(&disabled).unwrap().arms, plain.arms);
}

/// Counts beyond the limits are refused at once, with the limit or with what the work would need.
#[test]
fn what_is_too_much_is_refused_with_how_much_it_is() {
    let model = Model::load(&fixtures().join("model")).unwrap();
    let mut arms = BASE.to_owned();
    for arm in 0..100_000 {
        arms.push_str(&format!("[[arm]]\nname = \"a{arm}\"\n"));
    }
    let many = "\"30 d\", ".repeat(20_000);
    for (text, words) in [
        (
            arms,
            "the scenario has 100002 arms; at most 1000 are computed",
        ),
        (
            format!("{BASE}[cohort]\nsubjects = 99999999999\n"),
            "between 1 and 10000000",
        ),
        (
            format!("{BASE}[cohort]\nsubjects = 10\nvisits = [{many}]\n"),
            "`cohort.visits` has 20000 ages",
        ),
        (
            format!("{BASE}[output]\nages = [{many}]\n"),
            "`output.ages` has 20000 ages",
        ),
        (
            format!("{BASE}[trial]\nreplicates = 100000000\n"),
            "between 10 and 1000000",
        ),
        (
            format!("{BASE}repeat = {{ every = \"1 d\", times = 100000 }}\n"),
            "between 1 and 10000",
        ),
        (
            format!(
                "{BASE}[cohort]\nsubjects = 10000000\nvisits = [\"50 d\", \"60 d\", \"70 d\"]\n[[arm]]\nname = \"third\"\n[[arm]]\nname = \"fourth\"\n"
            ),
            "of memory; one command may take 69 GB",
        ),
        (
            format!(
                "{BASE}[cohort]\nsubjects = 1000000\n[sweep]\ndesign = \"random\"\npoints = 1000000\n[[sweep.factor]]\ntarget = \"uptake\"\n"
            ),
            "2 000 000 000 000 simulations would take about 16 years of one processor",
        ),
    ] {
        let Err(faults) = Scenario::from_text("test.toml", &text, &model) else {
            panic!("accepted: {words}");
        };
        let message = faults
            .to_string()
            .replace("\\u{a0}", " ")
            .replace('\u{a0}', " ");
        assert!(message.contains(words), "no `{words}` in {message}");
    }
}

/// A hundred thousand arms in a file and in what it extends are merged in a moment, not in hours.
#[test]
fn many_arms_are_merged_quickly() {
    let folder = tempfile::tempdir().unwrap();
    let mut arms = String::new();
    for arm in 0..100_000 {
        arms.push_str(&format!("[[arm]]\nname = \"a{arm}\"\n"));
    }
    std::fs::write(folder.path().join("base.toml"), &arms).unwrap();
    let over = folder.path().join("over.toml");
    std::fs::write(&over, format!("extends = \"base.toml\"\n{arms}")).unwrap();
    assert!(ScenarioFile::open(&over).is_ok());
}
