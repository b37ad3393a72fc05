//! What arms become: actions in canonical units, at the right times.

use gutbrain::scenario::{Action, Amount, Moment, Operation, Scenario, Target, When};
use gutbrain_network::Edits;

use crate::scenario_files::{BASE, accept, accept_with, model, perturbed};

fn actions(scenario: &Scenario) -> &[Action] {
    &scenario.arms[1].actions
}

/// The number behind an action, for the parameters of the scenario's subject.
fn amount(scenario: &Scenario, action: &Action) -> f64 {
    match &action.amount {
        Amount::Given(value) => *value,
        Amount::OfDose {
            intervention,
            dose,
            effect,
        } => {
            let network = model().declaration.compile(&Edits::default()).unwrap();
            let mut values = network.parameter_values();
            for (id, value) in &scenario.subject.parameters {
                values[network.parameter_index(id).unwrap()] = *value;
            }
            network.intervention_effects(intervention, *dose, &values)[*effect].value
        }
    }
}

/// The last action of the base with a perturbation.
fn perturbation(rest: &str) -> (Target, Operation, f64, When) {
    let scenario = accept(&perturbed(rest));
    let action = actions(&scenario).last().expect("an action").clone();
    let Amount::Given(value) = action.amount else {
        panic!("a number")
    };
    (action.target, action.operation, value, action.when)
}

const TO_THE_END: When = When::During {
    start: Moment::Age(20.0),
    stop: Moment::Age(f64::INFINITY),
};

#[test]
fn an_intervention_sets_its_parameters_in_their_units() {
    let scenario = accept(BASE);
    assert!(scenario.arms[0].actions.is_empty());
    let [action] = actions(&scenario) else {
        panic!("one action")
    };
    assert_eq!(action.target, Target::Parameter("water_drug".to_owned()));
    assert_eq!(action.operation, Operation::Set);
    // 2 g in 100 ml at 100 g/mol are 200 mM.
    assert!((amount(&scenario, action) - 200.0).abs() < 1e-10);
    assert_eq!(action.when, When::between(30.0, f64::INFINITY));
    let shading = &scenario.arms[1].shading[0];
    assert_eq!(
        (&shading.start, &shading.stop, shading.dose),
        (&Moment::Age(30.0), &Moment::Age(100.0), Some(2.0))
    );
    assert_eq!(shading.label, "drug-water 2 %");
}

#[test]
fn a_dose_may_be_written_in_any_fitting_unit() {
    for dose in ["2 % w/v", "0.02 g/ml", "20 g/l", "20 mg/ml"] {
        let scenario = accept(&BASE.replace("2 %", dose));
        let value = amount(&scenario, &actions(&scenario)[0]);
        assert!((value - 200.0).abs() < 1e-10, "{dose}: {value}");
    }
}

#[test]
fn a_dose_uses_the_parameters_of_the_subject() {
    let scenario = accept_with(BASE, &["molar_mass=\"99.5 g/mol\""]);
    let value = amount(&scenario, &actions(&scenario)[0]);
    assert!((value - 20_000.0 / 99.5).abs() < 1e-10);
    assert_eq!(scenario.subject.parameters["molar_mass"], 99.5);
}

#[test]
fn what_changes_nothing_adds_no_action() {
    for dose in ["0 %", "0 g/l"] {
        let scenario = accept(&BASE.replace("2 %", dose));
        assert_eq!(scenario.arms[1].actions, scenario.arms[0].actions);
        assert!(scenario.arms[1].shading.is_empty());
    }
    for rest in [
        "action = \"scale\"\nvalue = 1",
        "action = \"add\"\nvalue = \"0 mM/day\"",
    ] {
        let text = perturbed(&format!("target = \"process.drug_is_drunk\"\n{rest}"));
        assert_eq!(actions(&accept(&text)).len(), 1);
    }
}

#[test]
fn times_are_ages_with_any_unit_and_birth_is_zero() {
    let scenario = accept(&BASE.replace("\"30 d\"", "\"birth\"\nstop = \"5 wk\""));
    assert_eq!(actions(&scenario)[0].when, When::between(0.0, 35.0));
    let scenario = accept(&BASE.replace("start = \"30 d\"\n", ""));
    assert_eq!(actions(&scenario)[0].when, TO_THE_END);
    let scenario = accept(&BASE.replace("\"30 d\"", "\"5 d\""));
    assert_eq!(
        actions(&scenario)[0].when,
        When::between(5.0, f64::INFINITY)
    );
}

#[test]
fn windows_and_impulses_repeat() {
    let scenario = accept(&format!(
        "{BASE}stop = \"31 d\"\nrepeat = {{ every = \"7 d\", times = 3 }}\n"
    ));
    let whens: Vec<When> = actions(&scenario)
        .iter()
        .map(|action| action.when.clone())
        .collect();
    let window = |start: f64| When::between(start, start + 1.0);
    assert_eq!(whens, [window(30.0), window(37.0), window(44.0)]);
    let bolus = "kind = \"drug-bolus\"\ndose = \"3 mM\"\nrepeat = { every = \"40 d\", times = 9 }";
    let scenario = accept(&format!("{BASE}[[arm.intervention]]\n{bolus}\n"));
    let boli = &actions(&scenario)[1..];
    // Those after the end of the simulation are not there.
    assert_eq!(boli.len(), 3);
    assert_eq!(boli[2].when, When::at(100.0));
    assert_eq!(boli[0].operation, Operation::Add);
    assert_eq!(boli[0].target, Target::Species("drug".to_owned()));
}

#[test]
fn perturbations_act_on_everything_in_its_unit() {
    let process = |rest: &str| perturbation(&format!("target = \"process.drug_is_drunk\"\n{rest}"));
    let target = Target::Process("drug_is_drunk".to_owned());
    assert_eq!(
        process("action = \"off\""),
        (target.clone(), Operation::Off, 0.0, TO_THE_END)
    );
    let (_, operation, value, _) = process("action = \"set\"\nvalue = \"0.001 M/day\"");
    assert_eq!(operation, Operation::Set);
    assert!((value - 1.0).abs() < 1e-12);
    let (_, _, value, when) =
        process("action = \"scale\"\nvalue = \"50 %\"\nstart = \"60 d\"\nstop = \"90 d\"");
    assert_eq!((value, when), (0.5, When::between(60.0, 90.0)));
    let (target, _, value, _) =
        perturbation("target = \"parameter.elimination\"\naction = \"add\"\nvalue = \"0.5 1/h\"");
    assert_eq!(target, Target::Parameter("elimination".to_owned()));
    assert!((value - 12.0).abs() < 1e-12);
    let (target, _, value, _) =
        perturbation("target = \"modulator.drug_protects\"\naction = \"set\"\nvalue = 0.3");
    assert_eq!(
        (target, value),
        (Target::Modulator("drug_protects".to_owned()), 0.3)
    );
}

#[test]
fn species_are_clamped_fed_or_changed_once() {
    let drug = |rest: &str| {
        let (_, operation, value, when) =
            perturbation(&format!("target = \"species.drug\"\n{rest}"));
        (operation, value, when)
    };
    let once = || When::at(20.0);
    let window = || When::between(20.0, 50.0);
    assert_eq!(
        drug("action = \"set\"\nvalue = \"1 mM\""),
        (Operation::Set, 1.0, once())
    );
    assert_eq!(
        drug("action = \"scale\"\nvalue = 2"),
        (Operation::Scale, 2.0, once())
    );
    assert_eq!(
        drug("action = \"add\"\nvalue = \"1 mM\""),
        (Operation::Add, 1.0, once())
    );
    let clamp = drug("action = \"set\"\nvalue = \"1 mM\"\nstop = \"50 d\"");
    assert_eq!(clamp, (Operation::Set, 1.0, window()));
    let (operation, value, when) = drug("action = \"add\"\nvalue = \"1 mM/h\"\nstop = \"50 d\"");
    assert_eq!((operation, when), (Operation::Add, window()));
    assert!((value - 24.0).abs() < 1e-12);
    let forever = drug("action = \"set\"\nvalue = \"1 mM\"\nstop = \"end\"");
    assert_eq!(forever, (Operation::Set, 1.0, TO_THE_END));
}

#[test]
fn switches_hold_for_the_whole_run() {
    let scenario = accept(&format!(
        "{BASE}[model]\nenable = [\"hypothesis\"]\ndisable = [\"modulator.drug_protects\"]\n"
    ));
    let enabled: Vec<_> = scenario
        .edits
        .enabled
        .iter()
        .map(|(k, v)| (k.as_str(), *v))
        .collect();
    assert_eq!(
        enabled,
        [
            ("modulator.drug_protects", false),
            ("process.hypothesis", true)
        ]
    );
    let text = perturbed("target = \"process.hypothesis\"\naction = \"scale\"\nvalue = 2");
    accept_with(&text, &["process.hypothesis.enabled=true"]);
}

#[test]
fn the_output_grid_is_computed_from_its_index() {
    let scenario = accept(
        &BASE
            .replace("\"100 d\"", "\"21 d\"\nevery = \"0.1 d\"")
            .replace("\"30 d\"", "\"20 d\""),
    );
    let times = scenario.simulation.output_times();
    assert_eq!(times.len(), 11);
    assert_eq!(times[3], 20.0 + 3.0 * 0.1);
    assert_eq!(times[10], 21.0);
    let scenario = accept(&BASE.replace("\"100 d\"", "\"50 d\"\nevery = \"7 d\""));
    assert_eq!(
        scenario.simulation.output_times(),
        [20.0, 27.0, 34.0, 41.0, 48.0, 50.0]
    );
}

/// So many days after onset.
fn after_onset(days: f64) -> Moment {
    let what = std::sync::Arc::new(gutbrain::scenario::Happening {
        word: "onset".to_owned(),
        events: vec!["onset".to_owned()],
    });
    Moment::After { what, days }
}

fn whens(text: &str) -> Vec<When> {
    let scenario = accept(text);
    actions(&scenario)
        .iter()
        .map(|action| action.when.clone())
        .collect()
}

#[test]
fn times_follow_what_the_animal_goes_through() {
    let from = |start: &str| whens(&BASE.replace("\"30 d\"", start));
    let to_the_end = |days| When::During {
        start: after_onset(days),
        stop: Moment::Age(f64::INFINITY),
    };
    assert_eq!(from("\"onset\""), [to_the_end(0.0)]);
    assert_eq!(from("\"onset + 36 h\""), [to_the_end(1.5)]);
    assert_eq!(from("\" onset+ 1 wk\""), [to_the_end(7.0)]);
    let window = When::During {
        start: Moment::Age(30.0),
        stop: after_onset(2.0),
    };
    assert_eq!(whens(&format!("{BASE}stop = \"onset + 2 d\"\n")), [window]);
}

#[test]
fn doses_are_given_at_listed_times_and_until_an_age() {
    let at = |rest: &str| whens(&BASE.replace("start = \"30 d\"\n", rest));
    let window = |start: f64, length: f64| When::between(start, start + length);
    assert_eq!(
        at("at = [\"30 d\", \"birth\", \"44 d\"]\nlasts = \"12 h\"\n"),
        [window(30.0, 0.5), window(0.0, 0.5), window(44.0, 0.5)]
    );
    assert_eq!(
        at("at = [\"30 d\", \"onset + 1 d\"]\nlasts = \"1 d\"\n"),
        [
            window(30.0, 1.0),
            When::During {
                start: after_onset(1.0),
                stop: after_onset(2.0)
            }
        ]
    );
    assert_eq!(
        at("start = \"30 d\"\nlasts = \"2 d\"\nrepeat = { every = \"7 d\", until = \"51 d\" }\n"),
        [window(30.0, 2.0), window(37.0, 2.0), window(44.0, 2.0)]
    );
    let boli = format!(
        "{BASE}[[arm.intervention]]\nkind = \"drug-bolus\"\ndose = \"3 mM\"\nat = [\"40 d\", \"40 d\", \"onset\"]\n"
    );
    // Two at one time add.
    let onset = When::Once {
        at: after_onset(0.0),
    };
    assert_eq!(whens(&boli)[1..], [When::at(40.0), When::at(40.0), onset]);
    let ends = format!(
        "{BASE}[[arm.intervention]]\nkind = \"drug-bolus\"\ndose = \"3 mM\"\nstart = \"onset\"\n\
         repeat = {{ every = \"10 d\", until = \"onset + 30 d\" }}\n"
    );
    let boli: Vec<When> = [0.0, 10.0, 20.0]
        .map(|days| When::Once {
            at: after_onset(days),
        })
        .to_vec();
    assert_eq!(whens(&ends)[1..], boli);
}

#[test]
fn a_dose_is_raised_in_steps() {
    let steps = "stop = \"60 d\"\nsteps = [{ at = \"30 d\", dose = \"1 %\" }, { at = \"37 d\", dose = 0 }, \
                 { at = \"44 d\", dose = \"2 %\" }]\n";
    let text = BASE.replace("dose = \"2 %\"\nstart = \"30 d\"\n", steps);
    let zero = text.replace("dose = 0 ", "dose = \"0 %\" ");
    let scenario = accept(&zero);
    let found: Vec<(f64, When)> = actions(&scenario)
        .iter()
        .map(|action| (amount(&scenario, action), action.when.clone()))
        .collect();
    // 1 g and 2 g in 100 ml at 100 g/mol are 100 and 200 mM; a step of nothing is a pause.
    assert_eq!(found.len(), 2);
    assert!((found[0].0 - 100.0).abs() < 1e-10 && (found[1].0 - 200.0).abs() < 1e-10);
    assert_eq!(found[0].1, When::between(30.0, 37.0));
    assert_eq!(found[1].1, When::between(44.0, 60.0));
    let labels: Vec<&str> = scenario.arms[1]
        .shading
        .iter()
        .map(|it| it.label.as_str())
        .collect();
    assert_eq!(labels, ["drug-water 1 %", "drug-water 2 %"]);
}

#[test]
fn times_without_a_meaning_are_refused_by_name() {
    let says = |rest: &str, words: &str| {
        let text = BASE.replace("start = \"30 d\"\n", rest);
        let faults = super::read(&text).expect_err(rest).to_string();
        assert!(faults.contains(words), "{rest}: {faults}");
    };
    says("start = \"onset - 7 d\"\n", "cannot come before `onset`");
    says("start = \"death\"\n", "cannot follow `death`");
    says("start = \"onset + 7\"\n", "needs a unit");
    says("start = \"onsett + 7 d\"\n", "did you mean `onset`");
    says(
        "start = \"onset + 7 d\"\nstop = \"onset + 3 d\"\n",
        "stops before it starts",
    );
    says("at = [\"30 d\"]\n", "`at` has no `lasts`");
    says("at = []\nlasts = \"1 d\"\n", "lists nothing");
    says(
        "at = [\"30 d\"]\nlasts = \"1 d\"\nstart = \"3 d\"\n",
        "both say when",
    );
    says(
        "at = [\"30 d\", \"30.5 d\"]\nlasts = \"1 d\"\n",
        "before the one before it is over",
    );
    says(
        "at = [\"300 d\"]\nlasts = \"1 d\"\n",
        "when the simulation is over",
    );
    says(
        "start = \"30 d\"\nstop = \"31 d\"\nlasts = \"1 d\"\n",
        "keep one of them",
    );
    says(
        "start = \"30 d\"\nlasts = \"1 d\"\nrepeat = { every = \"2 d\", until = \"onset\" }\n",
        "would differ between animals",
    );
    says(
        "start = \"30 d\"\nlasts = \"1 d\"\nrepeat = { every = \"2 d\", times = 2, until = \"40 d\" }\n",
        "both say how often",
    );
    says(
        "start = \"30 d\"\nstop = \"onset\"\nrepeat = { every = \"2 d\", times = 2 }\n",
        "length differs between animals",
    );
    says(
        "start = \"30 d\"\nrepeat = { every = \"2 d\" }\n",
        "`arm.intervention.repeat` has no `times`",
    );
    let steps = |steps: &str, words: &str| {
        let text = BASE.replace("dose = \"2 %\"\nstart = \"30 d\"\n", steps);
        let faults = super::read(&text).expect_err(steps).to_string();
        assert!(faults.contains(words), "{steps}: {faults}");
    };
    steps(
        "steps = [{ at = \"30 d\", dose = \"1 %\" }, { at = \"20 d\", dose = \"2 %\" }]\n",
        "does not come after the one before it",
    );
    steps(
        "steps = [{ at = \"30 d\", dose = \"1 %\" }, { at = \"onset\", dose = \"2 %\" }]\n",
        "does not come after the one before it",
    );
    steps(
        "dose = \"2 %\"\nsteps = [{ at = \"30 d\", dose = \"1 %\" }]\n",
        "both say what is given",
    );
    steps(
        "stop = \"30 d\"\nsteps = [{ at = \"30 d\", dose = \"1 %\" }]\n",
        "before the last step",
    );
    steps("", "`arm.intervention` has no `dose`");
}
