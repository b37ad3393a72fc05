//! What happens between the ages of the output counts: extremes, areas, short dips; and what a life
//! says of itself besides its numbers.

use std::collections::BTreeMap;

use gutbrain::model::Model;
use gutbrain::results::remarks::Remarks;
use gutbrain::results::tables::trajectories;
use gutbrain::scenario::{Arm, Operation, Scenario};
use gutbrain::simulate::{
    ArmRun, EndOfLife, Experiment, Feature, Inquiry, Matter, Population, Request, Status, simulate,
    simulate_all, simulate_all_in_full,
};
use gutbrain_integrate::Method;
use gutbrain_numbers::Real;

use crate::simulation::toy::{
    self, Drug, ELIMINATION, TOXICITY, arm, assert_near, files, infusion, model, model_of, once,
    scenario,
};

/// The toy model with more in it.
fn model_with(text: &str) -> Model {
    let mut files = files();
    files[0].1 = format!("{}\n{text}", files[0].1);
    model_of(&files)
}

/// Every feature in the only arm, by three ways that must agree in every bit: a life in lanes, a life by
/// itself, a life over dual numbers.
fn read(model: &Model, scenario: &Scenario, texts: &[String]) -> Vec<f64> {
    let features: Vec<Feature> = texts
        .iter()
        .map(|text| toy::feature("only", text))
        .collect();
    let horizon = scenario.simulation.stop;
    let experiment = Experiment::new(model, scenario, &features, horizon).expect("fits");
    let alone: Vec<f64> = experiment
        .run(&BTreeMap::new())
        .expect("known")
        .values
        .into_iter()
        .map(|value| value.expect("a value"))
        .collect();
    let dual = experiment
        .sensitivities(&BTreeMap::new(), &["elimination".to_owned()])
        .expect("known")
        .expect("values");
    let population = Population::new(model, scenario).expect("fits");
    let inquiry = Inquiry {
        readings: features.iter().map(|f| f.reading.clone()).collect(),
    };
    let wanted = vec![
        Request {
            population: &population,
            arm: 0,
            values: population.values().into(),
        };
        3
    ];
    let bits = |values: &[f64]| values.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
    if scenario.solver.method == Method::Rodas5P {
        for record in simulate_all(&wanted, &inquiry).expect("readable") {
            let found: Vec<f64> = record
                .readings
                .into_iter()
                .map(|v| v.expect("one"))
                .collect();
            assert_eq!(bits(&found), bits(&alone), "in lanes");
        }
    }
    assert_eq!(bits(&dual.values), bits(&alone), "over duals");
    alone
}

/// Doses at any hour, on any grid: the area is what was eliminated, the maximum what was given.
#[test]
fn areas_and_extremes_do_not_depend_on_the_grid() {
    let mut found: Vec<Vec<u64>> = Vec::new();
    for (every, hours) in [(1.0, [1.3, 7.62]), (0.25, [1.3, 7.62]), (7.0, [0.0, 9.999])] {
        let doses = hours.map(|at| once("central", Operation::Add, 100.0, at));
        let mut scenario = scenario("healthy", vec![arm("only", doses.to_vec())]);
        // An experiment ends where it is read last: so must the other lives, to agree in every bit.
        (scenario.simulation.every, scenario.simulation.stop) = (every, 10.0);
        let texts = [
            "area central from 0 d to 10 d",
            "maximum central from 0 d to 10 d",
            "minimum central from 7 d to 9.5 d",
            "area central from 8.1 d to 8.2 d",
            "maximum tissue from 0 d to 7 d",
            "area infusion_now from 0 d to 10 d",
        ];
        let values = read(&model(), &scenario, &texts.map(str::to_owned));
        let at = |age: f64| {
            let mut drug = Drug::NONE;
            let mut before = 0.0;
            for dose in hours.into_iter().filter(|dose| *dose <= age) {
                drug = drug.after(dose - before, 0.0).plus(100.0);
                before = dose;
            }
            drug.after(age - before, 0.0)
        };
        let left = |age: f64| at(age).central + at(age).tissue;
        assert_near(values[0], (200.0 - left(10.0)) / ELIMINATION, 1e-7);
        let second = at(hours[1]).central;
        assert_near(values[1], if second > 100.0 { second } else { 100.0 }, 1e-8);
        let just_before = at(hours[1] - 1e-9).central;
        let lowest = if hours[1] < 9.5 {
            just_before
        } else {
            at(9.5).central
        };
        assert_near(values[2], lowest, 1e-6);
        let eliminated = left(8.1) - left(8.2);
        assert_near(values[3], eliminated / ELIMINATION, 1e-8);
        let peaks = (0..70_000).map(|k| at(f64::from(k) * 1e-4).tissue);
        assert_near(values[4], peaks.fold(0.0, f64::max), 1e-6);
        assert_near(values[5], 0.0, 0.0);
        found.push(values.iter().map(|value| value.to_bits()).collect());
    }
    assert_eq!(found[0], found[1], "the grid changes nothing");
}

/// Infusion for half of every day, which whole days do not see.
#[test]
fn windows_between_whole_days_are_seen() {
    let nights = (0..10).map(|day| infusion(4.0, f64::from(day) + 0.2, f64::from(day) + 0.7));
    let mut scenario = scenario("healthy", vec![arm("only", nights.collect())]);
    scenario.simulation.stop = 10.0;
    let texts = [
        "area infusion_now from 2 d to 8 d",
        "maximum infusion_now from 2 d to 8 d",
        "minimum infusion_now from 2 d to 8 d",
        "area central from 0 d to 10 d",
    ];
    let values = read(&model(), &scenario, &texts.map(str::to_owned));
    assert_near(values[0], 12.0, 1e-12);
    assert_near(values[1], 4.0, 0.0);
    assert_near(values[2], 0.0, 0.0);
    let mut drug = Drug::NONE;
    for _ in 0..10 {
        drug = drug.after(0.2, 0.0).after(0.5, 4.0).after(0.3, 0.0);
    }
    assert_near(
        values[3],
        (20.0 - drug.central - drug.tissue) / ELIMINATION,
        1e-7,
    );
}

/// What is read over a span that the animal does not live through is missing, in lanes and alone.
#[test]
fn spans_beyond_death_are_missing() {
    let mut scenario = scenario("healthy", vec![arm("only", vec![])]);
    scenario.simulation.stop = 300.0;
    let death = Real::ln(2.0) / TOXICITY;
    let population = Population::new(&model(), &scenario).expect("fits");
    let reading = toy::reading;
    let inquiry = Inquiry {
        readings: vec![
            reading("area neurons from 10 d to 170 d"),
            reading("area neurons from 10 d to 174 d"),
            reading("maximum neurons from 10 d to 400 d"),
        ],
    };
    let wanted = Request {
        population: &population,
        arm: 0,
        values: population.values().into(),
    };
    let record = simulate_all(&[wanted], &inquiry)
        .expect("readable")
        .remove(0);
    assert!(170.0 < death && death < 174.0);
    let neurons = |age: f64| Real::exp(-TOXICITY * age);
    let area = (neurons(10.0) - neurons(170.0)) / TOXICITY;
    assert_near(*record.readings[0].as_ref().expect("an area"), area, 1e-8);
    assert!(record.readings[1].is_err() && record.readings[2].is_err());
}

const CLOCK: &str = r#"
[species.clock]
says = "Days since birth"
where = "cord"
unit = "1"
initial = 0
scale = 1
assumed = "test"
[parameter.one]
says = "One a day"
unit = "1/day"
value = 1
role = "input"
assumed = "test"
[process.ticking]
says = "Time goes by"
changes = { clock = 1 }
rate = "one"
assumed = "test"
"#;

/// Both ways of living an arm, which must agree.
fn lives(model: &Model, scenario: &Scenario) -> Vec<ArmRun> {
    let runs = simulate(model, scenario).expect("fits");
    let population = Population::new(model, scenario).expect("fits");
    let wanted: Vec<Request<'_>> = (0..runs.len())
        .map(|arm| Request {
            population: &population,
            arm,
            values: population.values().into(),
        })
        .collect();
    let together = simulate_all_in_full(&vec![1; runs.len()], &wanted);
    // As texts: NaN is not equal to itself.
    assert_eq!(format!("{runs:?}"), format!("{together:?}"));
    runs
}

/// An event value that dips below zero for hours, where steps are days long.
#[test]
fn short_dips_of_an_event_value_are_found() {
    for (centre, width) in [(20.3, 0.5), (33.217, 0.2), (10.0, 0.1)] {
        let dip = format!(
            "[event.dip]\nsays = \"A dip\"\nwhen = \"1 - 1.5 * exp(0 - ((clock - {centre}) / \
             {width})^2)\"\ndirection = \"falling\"\nassumed = \"test\"\n"
        );
        let model = model_with(&format!("{CLOCK}{dip}"));
        let mut scenario = scenario("healthy", vec![arm("only", vec![])]);
        scenario.solver.rtol = 1e-4;
        scenario.solver.atol = 1e-4;
        for method in [Method::Rodas5P, Method::Rodas4, Method::Dopri5] {
            scenario.solver.method = method;
            let run = lives(&model, &scenario).remove(0);
            assert!(run.effort.steps < 60, "{} steps", run.effort.steps);
            let dips = run.moments.iter().filter(|moment| moment.event == "dip");
            let ages: Vec<f64> = dips.map(|moment| moment.age).collect();
            let expected = centre - width * Real::ln(1.5).sqrt();
            assert_eq!(ages.len(), 1, "{}, {centre}, {width}", method.name());
            assert_near(ages[0], expected, 1e-6);
        }
    }
}

/// Steps are as short as the scenario wants them.
#[test]
fn steps_are_bounded_on_demand() {
    let mut scenario = scenario("healthy", vec![arm("only", vec![])]);
    scenario.solver.rtol = 1e-4;
    let free = simulate(&model(), &scenario).expect("fits").remove(0);
    scenario.solver.maximum_step = Some(0.1);
    let bound = lives(&model(), &scenario).remove(0);
    assert!(free.effort.steps < 100, "{}", free.effort.steps);
    assert!(bound.effort.steps >= 400, "{}", bound.effort.steps);
    assert_eq!(bound.endpoints.status, Status::Ok);
}

/// Who is born at or below the level of death is dead at birth, however it is asked.
#[test]
fn who_is_born_beyond_a_terminal_threshold_is_dead_at_birth() {
    for (at_birth, start) in [(0.3, 0.0), (0.3, 5.0), (0.5, 0.0), (0.499_999, 5.0)] {
        let mut scenario = scenario("healthy", vec![arm("only", vec![])]);
        let born = &mut scenario.subject.parameters;
        born.insert("neurons_at_birth".to_owned(), at_birth);
        scenario.simulation.start = start;
        let run = lives(&model(), &scenario).remove(0);
        assert_eq!(run.endpoints.event, EndOfLife::Death);
        assert_eq!(run.endpoints.death_d(), Some(0.0));
        assert_near(run.endpoints.last_d, 0.0, 0.0);
        assert!(run.times.is_empty());
        let matters: Vec<&Matter> = run.remarks.iter().map(|remark| &remark.matter).collect();
        assert_eq!(matters, [&Matter::DeadAtBirth("death".to_owned())]);
        let said = Remarks::of([&run]).sentences(40.0);
        assert!(
            said[0].contains("`only`") && said[0].contains("dead at birth"),
            "{said:?}"
        );
        let death = toy::feature("only", "death");
        let experiment = Experiment::new(&model(), &scenario, &[death], 40.0).expect("fits");
        let evaluation = experiment.run(&BTreeMap::new()).expect("known");
        assert_eq!(evaluation.values, [Ok(0.0)]);
    }
}

/// An endpoint beyond its threshold from birth to the end is never reached, and that is said.
#[test]
fn an_endpoint_that_cannot_come_is_named() {
    let mut scenario = scenario("healthy", vec![arm("only", vec![])]);
    let born = &mut scenario.subject.parameters;
    born.insert("onset_level".to_owned(), 1.2);
    let run = lives(&model(), &scenario).remove(0);
    assert_eq!(run.endpoints.onset_d(), None);
    assert_eq!(run.remarks.len(), 1);
    assert_eq!(
        run.remarks[0].matter,
        Matter::BeyondFromBirth("onset".to_owned())
    );
    scenario
        .subject
        .parameters
        .insert("onset_level".to_owned(), 0.9);
    let run = lives(&model(), &scenario).remove(0);
    assert!(run.endpoints.onset_d().is_some() && run.remarks.is_empty());
}

/// A life that is over before the output begins has no curves, and says why.
#[test]
fn a_life_that_ends_before_the_output_says_so() {
    let mut scenario = scenario("healthy", vec![arm("only", vec![])]);
    (scenario.simulation.start, scenario.simulation.stop) = (200.0, 240.0);
    let run = lives(&model(), &scenario).remove(0);
    assert!(run.times.is_empty());
    assert_eq!(
        run.remarks[0].matter,
        Matter::EndedBeforeOutput("death".to_owned())
    );
    assert_near(run.remarks[0].age, Real::ln(2.0) / TOXICITY, 1e-9);
}

/// Numbers that are none are empty cells; arms and ages with numbers have theirs.
#[test]
fn undefined_observables_are_empty_cells() {
    for (value, first) in [
        ("1 / infusion", 0.0),
        ("ln(central)", 0.0),
        ("1 / (infusion - 3)", 10.0),
    ] {
        let text = format!(
            "[observable.odd]\nsays = \"Odd\"\nunit = \"1\"\nvalue = \"{value}\"\nassumed = \"test\"\n"
        );
        // Units are of no matter here.
        let text = text
            .replace("infusion", "(infusion / unit_rate)")
            .replace("central", "(central / unit_mass)");
        let units = "[parameter.unit_rate]\nsays = \"Unit\"\nunit = \"mg/day\"\nvalue = 1\nrole = \
                     \"input\"\nassumed = \"test\"\n[parameter.unit_mass]\nsays = \"Unit\"\nunit = \
                     \"mg\"\nvalue = 1\nrole = \"input\"\nassumed = \"test\"\n";
        let model = model_with(&format!("{units}{text}"));
        let arms: Vec<Arm> = vec![
            arm("treated", vec![infusion(3.0, 10.0, 20.0)]),
            arm("whole", vec![infusion(2.0, 0.0, 50.0)]),
        ];
        let runs = lives(&model, &scenario("healthy", arms));
        assert!(runs.iter().all(|run| run.endpoints.status == Status::Ok));
        let odd = runs[0].curve("odd").expect("the observable");
        let undefined: Vec<bool> = odd.values.iter().map(|value| !value.is_finite()).collect();
        let remark = &runs[0].remarks[0];
        assert_eq!(remark.matter, Matter::Undefined("odd".to_owned()));
        assert_near(remark.age, first, 0.0);
        let table = trajectories(&runs, None).expect("runs");
        let cells = table.numbers("odd").expect("a column");
        let rows = runs[0].times.len();
        let empty: Vec<bool> = cells[..rows].iter().map(Option::is_none).collect();
        assert_eq!(empty, undefined);
        assert!(
            table
                .numbers("neurons")
                .expect("a column")
                .iter()
                .all(Option::is_some)
        );
        table.to_csv().expect("a table that can be written");
        let said = Remarks::of(&runs).sentences(40.0);
        assert!(
            said.iter()
                .any(|line| line.contains("`odd`") && line.contains("`treated`"))
        );
    }
}

/// What grows beyond all bounds is a failure and has no numbers from there on.
#[test]
fn amounts_beyond_all_bounds_are_failures() {
    let text = r#"
[species.bank]
says = "Grows without loss"
where = "cord"
unit = "1"
initial = 1
scale = 1
assumed = "test"
[parameter.growth]
says = "Growth"
unit = "1/day"
value = 0
role = "input"
assumed = "test"
[process.growing]
says = "The bank grows"
changes = { bank = 1 }
rate = "growth * bank"
assumed = "test"
"#;
    let model = model_with(text);
    let mut scenario = scenario("healthy", vec![arm("only", vec![])]);
    scenario.subject.parameters.insert("growth".to_owned(), 2.0);
    let run = lives(&model, &scenario).remove(0);
    let Status::Failed(reason) = &run.endpoints.status else {
        panic!("e^80 of anything is none");
    };
    assert!(
        reason.contains("`bank`") && reason.contains("beyond all bounds"),
        "{reason}"
    );
    let last = *run.times.last().expect("rows before the failure");
    assert!(last < run.endpoints.last_d && run.endpoints.last_d < 36.0);
    let bank = run.curve("bank").expect("a curve");
    assert!(bank.values.iter().all(|value| *value <= 1e30));
}
