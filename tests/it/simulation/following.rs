//! Treatments that follow the animal: each at its own age, exact, alone and in lanes, and differentiated.

use std::collections::BTreeMap;
use std::sync::Arc;

use gutbrain::scenario::{Action, Amount, Happening, Moment, Operation, Scenario, Target, When};
use gutbrain::simulate::{
    Experiment, Matter, Population, Request, simulate, simulate_all_in_full, simulate_closely,
};
use gutbrain_numbers::Real;
use gutbrain_statistics::random::Stream;

use super::toy::{self, Drug, assert_near, at, infusion, model, once};

/// So many days after onset.
fn after_onset(days: f64) -> Moment {
    let what = Arc::new(Happening {
        word: "onset".to_owned(),
        events: vec!["onset".to_owned()],
    });
    Moment::After { what, days }
}

fn when(action: Action, when: When) -> Action {
    Action { when, ..action }
}

/// A dose of 10 mg at onset, an infusion from 3 to 8 days after it, and one until onset.
fn followed(preset: &str) -> Scenario {
    let bolus = When::Once {
        at: after_onset(0.0),
    };
    let course = When::During {
        start: after_onset(3.0),
        stop: after_onset(8.0),
    };
    let until = When::During {
        start: Moment::Age(4.0),
        stop: after_onset(0.0),
    };
    let arms = vec![
        toy::arm("control", Vec::new()),
        toy::arm(
            "from onset",
            vec![
                when(once("central", Operation::Add, 10.0, 0.0), bolus),
                when(infusion(5.0, 0.0, 1.0), course),
            ],
        ),
        toy::arm("until onset", vec![when(infusion(2.0, 0.0, 1.0), until)]),
    ];
    let mut scenario = toy::scenario(preset, arms);
    scenario.simulation.start = 10.0;
    scenario.simulation.stop = 60.0;
    // No effect on the neurons: the age at onset is that of the control.
    scenario
        .subject
        .parameters
        .insert("potency".to_owned(), 1e12);
    scenario
}

/// Animals that reach onset at many ages, and some that never do.
fn animals(population: &Population, count: u64) -> Vec<Vec<f64>> {
    let place = |name: &str| population.place(name).expect("a parameter of the toy");
    let animal = |number| {
        let mut stream = Stream::new(11, "toy", number);
        let mut values = population.values().to_vec();
        let share = stream.uniform();
        values[place("toxicity")] *= 0.05 + 30.0 * share * share;
        values[place("elimination")] *= Real::exp(0.3 * stream.normal());
        values
    };
    (0..count).map(animal).collect()
}

/// Drug in an animal of arm `from onset`, so many days after its onset.
fn drug(elimination: f64, days: f64) -> Drug {
    let start = Drug::NONE.with_elimination(elimination).plus(10.0);
    if days <= 3.0 {
        start.after(days, 0.0)
    } else if days <= 8.0 {
        start.after(3.0, 0.0).after(days - 3.0, 5.0)
    } else {
        start.after(3.0, 0.0).after(5.0, 5.0).after(days - 8.0, 0.0)
    }
}

#[test]
fn every_animal_is_treated_from_its_own_onset_on_alone_and_in_lanes() {
    let model = model();
    let population = Population::new(&model, &followed("sick")).expect("it fits");
    let animals = animals(&population, 100);
    let mut wanted = Vec::new();
    for values in &animals {
        for arm in 0..3 {
            wanted.push(Request {
                population: &population,
                arm,
                values: values.into(),
            });
        }
    }
    let numbers: Vec<u64> = (1..=wanted.len() as u64).collect();
    let runs = simulate_all_in_full(&numbers, &wanted);
    let elimination = population.place("elimination").expect("it exists");
    let (mut reached, mut never, mut before_output) = (0, 0, 0);
    for ((request, run), number) in wanted.iter().zip(&runs).zip(&numbers) {
        let alone = population.simulate_in(&[request.arm], *number, request.values.to_vec());
        assert_eq!(format!("{run:?}"), format!("{:?}", alone[0]));
        let control = &runs[(*number as usize - 1) / 3 * 3];
        // The treatment itself does not move the onset of these animals.
        let onset = run.endpoints.onset_d();
        assert_eq!(onset.is_some(), control.endpoints.onset_d().is_some());
        let said = |wanted: &Matter| run.remarks.iter().any(|remark| remark.matter == *wanted);
        let never_began = said(&Matter::NeverBegan("onset".to_owned()));
        let never_ended = said(&Matter::NeverEnded("onset".to_owned()));
        let Some(onset) = onset else {
            never += 1;
            assert_eq!(never_began, request.arm == 1);
            assert_eq!(never_ended, request.arm == 2);
            let last = *run.times.last().expect("an age");
            let dose = at(run, "infusion_now", last);
            assert_near(dose, if request.arm == 2 { 2.0 } else { 0.0 }, 0.0);
            continue;
        };
        assert!(!never_began && !never_ended);
        assert_near(onset, control.endpoints.onset_d().expect("an age"), 1e-9);
        reached += 1;
        before_output += usize::from(onset < 10.0);
        for (row, &age) in run.times.iter().enumerate() {
            let amount = run.curve("central").expect("a curve").values[row];
            match request.arm {
                0 => assert_near(amount, 0.0, 0.0),
                1 => {
                    let exact = match age < onset {
                        true => 0.0,
                        false => drug(request.values[elimination], age - onset).central,
                    };
                    // The amount falls by up to 8 mg/day: a start 1e-9 d off would show.
                    assert_near(amount, exact, 8e-9);
                }
                _ => {
                    let end = if age < onset { age } else { onset };
                    let none = Drug::NONE.with_elimination(request.values[elimination]);
                    let exact = match (age <= 4.0, onset <= 4.0) {
                        (true, _) | (_, true) => none,
                        _ => none.after(end - 4.0, 2.0).after(age - end, 0.0),
                    };
                    assert_near(amount, exact.central, 8e-9);
                }
            }
        }
    }
    assert!(
        reached > 150 && never > 20 && before_output > 0,
        "{reached} {never} {before_output}"
    );
}

#[test]
fn what_follows_is_what_a_fixed_age_would_do() {
    let model = model();
    let mut scenario = followed("sick");
    // The drug saves neurons here: everything after onset depends on the treatment.
    scenario
        .subject
        .parameters
        .insert("potency".to_owned(), 3.0);
    scenario.simulation.stop = 200.0;
    let runs = simulate(&model, &scenario).expect("it fits");
    let onset = runs[0].endpoints.onset_d().expect("an age");
    let mut fixed = scenario.clone();
    fixed.arms[1].actions = vec![
        once("central", Operation::Add, 10.0, onset),
        infusion(5.0, onset + 3.0, onset + 8.0),
    ];
    let same = simulate(&model, &fixed).expect("it fits");
    let death = |runs: &[gutbrain::simulate::ArmRun]| runs[1].endpoints.death_d().expect("an age");
    assert_near(death(&runs), death(&same), 1e-9);
    assert!(death(&runs) > runs[0].endpoints.death_d().expect("an age") + 0.1);
    // Between the ages of the output, too.
    let population = Population::new(&model, &scenario).expect("it fits");
    let (close, excursions) = simulate_closely(&population);
    assert_eq!(format!("{close:?}"), format!("{runs:?}"));
    let drug = excursions
        .iter()
        .find(|it| it.arm == "from onset" && it.id == "central");
    let drug = drug.expect("a jump between two ages");
    let peak = drug
        .intervals
        .iter()
        .fold(0.0, |peak: f64, it| peak.max(it[3]));
    assert_near(peak, 10.0, 1e-9);
}

#[test]
fn a_window_that_is_over_before_it_begins_is_never_opened() {
    let model = model();
    let mut scenario = followed("sick");
    let onset = simulate(&model, &scenario).expect("it fits")[0]
        .endpoints
        .onset_d()
        .expect("an age");
    let until = When::During {
        start: Moment::Age(onset + 1.0),
        stop: after_onset(0.5),
    };
    scenario.arms[2].actions = vec![when(infusion(2.0, 0.0, 1.0), until)];
    let run = &simulate(&model, &scenario).expect("it fits")[2];
    let dose = &run.curve("infusion_now").expect("a curve").values;
    assert!(dose.iter().all(|dose| *dose == 0.0));
    let matter = Matter::NeverOpened("onset".to_owned());
    assert!(run.remarks.iter().any(|remark| remark.matter == matter));
}

#[test]
fn an_event_that_a_dose_causes_at_its_own_instant_is_followed() {
    // At 20 d all neurons but half a percent more than those of death are taken away: onset is there.
    let mut scenario = followed("healthy");
    let hit = once("neurons", Operation::Set, 0.7, 20.0);
    for arm in &mut scenario.arms {
        arm.actions.push(hit.clone());
    }
    let run = &simulate(&model(), &scenario).expect("it fits")[1];
    assert_near(run.endpoints.onset_d().expect("an age"), 20.0, 0.0);
    assert_near(
        at(run, "central", 20.5),
        drug(toy::ELIMINATION, 0.5).central,
        1e-7,
    );
    assert_near(
        at(run, "central", 40.0),
        drug(toy::ELIMINATION, 20.0).central,
        1e-7,
    );
}

#[test]
fn derivatives_know_that_the_times_move() {
    let mut scenario = followed("sick");
    scenario.subject.parameters.clear();
    scenario.simulation.stop = 100.0;
    scenario.solver.rtol = 1e-12;
    scenario.solver.atol = 1e-12;
    let hold = When::During {
        start: after_onset(5.0),
        stop: after_onset(6.0),
    };
    let signal = toy::during(
        Target::Species("signal".into()),
        Operation::Set,
        1.1,
        0.0,
        1.0,
    );
    scenario.arms[1].actions.push(when(signal, hold));
    let features = [
        ("from onset", "death"),
        ("from onset", "observable central at 95 d"),
        ("from onset", "observable neurons at 95 d"),
        ("from onset", "difference death vs control"),
        ("until onset", "death"),
        ("until onset", "onset"),
        ("until onset", "observable tissue at 95 d"),
    ]
    .map(|(arm, text)| toy::feature(arm, text));
    let experiment = Experiment::new(&model(), &scenario, &features, 400.0).expect("it fits");
    let ids = ["toxicity", "onset_level", "elimination", "production"].map(str::to_owned);
    let exact = experiment
        .sensitivities(&BTreeMap::new(), &ids)
        .expect("known parameters")
        .expect("every feature has a value");
    let values = |id: &str, value: f64| -> Vec<f64> {
        let changed = BTreeMap::from([(id.to_owned(), value)]);
        let values = experiment.run(&changed).expect("it runs").values;
        values.into_iter().map(|it| it.expect("a value")).collect()
    };
    for (column, id) in ids.iter().enumerate() {
        let (value, _) = experiment.parameter(id).expect("it exists");
        let difference = |step: f64| -> Vec<f64> {
            let (up, down) = (values(id, value + step), values(id, value - step));
            let pairs = up.iter().zip(down);
            pairs.map(|(up, down)| (up - down) / (2.0 * step)).collect()
        };
        let (wide, narrow) = (difference(2e-3 * value), difference(1e-3 * value));
        for (row, feature) in features.iter().enumerate() {
            let rough = (4.0 * narrow[row] - wide[row]) / 3.0;
            let found = exact.derivatives[row][column];
            let scale = exact.derivatives[row]
                .iter()
                .zip(&ids)
                .map(|(it, id)| (it * experiment.parameter(id).expect("it exists").0).abs())
                .fold(0.0, f64::max);
            let error = (found - rough).abs() * value;
            assert!(
                error <= 2e-6 * scale,
                "d {feature} / d {id}: exact {found}, differences {rough}, scale {scale}"
            );
        }
    }
}

#[test]
fn amounts_that_are_not_given_are_computed_for_every_animal() {
    // What a dose comes to is found again when the schedule unfolds.
    let mut scenario = followed("sick");
    let course = When::During {
        start: after_onset(1.0),
        stop: after_onset(4.0),
    };
    let target = toy::parameter("infusion");
    let dosed = toy::dosed("drug", 5.0, target.clone(), Operation::Set, course);
    assert!(matches!(dosed.amount, Amount::OfDose { .. }));
    scenario.arms[1].actions = vec![dosed];
    let mut plain = scenario.clone();
    let whole = toy::dosed(
        "drug",
        5.0,
        target,
        Operation::Set,
        When::between(2.0, 50.0),
    );
    plain.arms[1].actions = vec![whole];
    let model = model();
    let amount = at(
        &simulate(&model, &plain).expect("it fits")[1],
        "infusion_now",
        10.0,
    );
    let run = &simulate(&model, &scenario).expect("it fits")[1];
    let onset = run.endpoints.onset_d().expect("an age");
    for (row, &age) in run.times.iter().enumerate() {
        let open = age >= onset + 1.0 && age < onset + 4.0;
        let dose = run.curve("infusion_now").expect("a curve").values[row];
        assert_near(dose, if open { amount } else { 0.0 }, 1e-12);
    }
}
