//! Lives simulated together are the lives simulated alone, bit for bit, whoever their neighbours are.

use gutbrain::model::Model;
use gutbrain::scenario::{Operation, Scenario, Target};
use gutbrain::simulate::{
    Inquiry, LifeRecord, Population, Request, simulate_all, simulate_all_in_full,
};
use gutbrain_numbers::Real;
use gutbrain_statistics::random::Stream;

use super::toy;

/// Two arms; in the second one a drug, and a signal that is held, for a while.
fn variant(preset: &str, dose: f64, start: f64) -> Scenario {
    let drug = Target::Parameter("infusion".to_owned());
    let actions = vec![
        toy::during(drug, Operation::Set, dose, start, start + 9.0),
        toy::once("signal", Operation::Scale, 1.5, start + 2.0),
    ];
    let arms = vec![toy::arm("control", Vec::new()), toy::arm("drug", actions)];
    toy::scenario(preset, arms)
}

/// Animals that differ in everything that matters; every seventh carries an armed bomb and fails, and
/// every ninth has no steady state.
fn animals(population: &Population, count: usize) -> Vec<Vec<f64>> {
    let place = |name: &str| population.place(name).expect("a parameter of the toy");
    (0..count)
        .map(|number| {
            let mut stream = Stream::new(7, "toy", number as u64);
            let mut values = population.values().to_vec();
            for name in ["production", "decay", "gain", "elimination"] {
                values[place(name)] *= Real::exp(0.3 * stream.normal());
            }
            values[place("toxicity")] *= 10.0 * stream.uniform();
            if number % 7 == 3 {
                values[place("armed")] = 0.1;
            }
            if number % 9 == 5 {
                values[place("decay")] = 0.0;
            }
            values
        })
        .collect()
}

fn readings() -> Inquiry {
    let texts = [
        "observable signal_fold at 12",
        "observable neurons at 39.5",
        "area central from 3 to 20",
        "maximum signal from 2 to 30",
        "onset",
        "duration onset to death",
    ];
    let read = |text: &str| toy::reading(text);
    Inquiry {
        readings: texts.map(read).to_vec(),
    }
}

fn in_threads<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    pool.expect("threads").install(work)
}

/// Five populations: two presets, doses and starts; one with a gate, hence with another network.
fn populations(model: &Model) -> Vec<Population> {
    let first = Population::new(model, &variant("sick", 2.0, 5.0)).expect("a population");
    let others = [
        ("sick", 3.0, 5.0),
        ("healthy", 2.0, 5.0),
        ("sick", 2.0, 11.0),
    ];
    let others = others.map(|(preset, dose, start)| {
        let scenario = variant(preset, dose, start);
        first.variant(model, &scenario).expect("a variant")
    });
    let mut gated = variant("sick", 2.0, 5.0);
    let dying = Target::Process("dying".to_owned());
    let halved = toy::during(dying, Operation::Scale, 0.5, 4.0, 30.0);
    gated.arms[1].actions.push(halved);
    let gated = first.variant(model, &gated).expect("a variant with a gate");
    [vec![first], others.to_vec(), vec![gated]].concat()
}

#[test]
fn lives_lived_together_are_those_lived_alone() {
    let model = toy::model();
    let populations = populations(&model);
    let mut wanted = Vec::new();
    for population in &populations {
        for values in animals(population, 23) {
            for arm in 0..2 {
                let values = values.clone();
                wanted.push(Request {
                    population,
                    arm,
                    values: values.into(),
                });
            }
        }
    }
    let inquiry = readings();
    let all = |threads| in_threads(threads, || simulate_all(&wanted, &inquiry)).expect("lives");
    let records = all(1);
    // Debug output tells every bit, and NaN equals itself in it.
    let text = |records: &[LifeRecord]| format!("{records:?}");
    assert_eq!(text(&records), text(&all(3)));
    let half: Vec<Request<'_>> = wanted.iter().rev().step_by(2).cloned().collect();
    let some = simulate_all(&half, &inquiry).expect("lives");
    let expected: Vec<LifeRecord> = records.iter().rev().step_by(2).cloned().collect();
    assert_eq!(text(&some), text(&expected));

    let numbers: Vec<u64> = (1..=wanted.len() as u64).collect();
    let full = simulate_all_in_full(&numbers, &wanted);
    let (mut failed, mut died, mut without_birth) = (0, 0, 0);
    for (((request, record), run), number) in wanted.iter().zip(&records).zip(&full).zip(numbers) {
        let alone = request
            .population
            .simulate_in(&[request.arm], number, request.values.to_vec());
        assert_eq!(format!("{run:?}"), format!("{:?}", alone[0]));
        assert_eq!(
            format!("{:?}", record.endpoints),
            format!("{:?}", run.endpoints)
        );
        assert_eq!(record.effort.steps, run.effort.steps);
        let at = |age: f64| run.times.iter().position(|time| (time - age).abs() < 1e-12);
        let fold = run.curve("signal_fold").expect("a curve");
        let expected = at(12.0).map(|row| fold.values[row].to_bits());
        assert_eq!(record.readings[0].clone().ok().map(f64::to_bits), expected);
        failed += usize::from(format!("{}", record.endpoints.status) == "failed");
        died += usize::from(record.endpoints.death_d().is_some());
        without_birth += usize::from(run.times.is_empty());
    }
    assert!(
        failed > 20 && died > 20 && without_birth > 10,
        "{failed} {died} {without_birth}"
    );
    assert!(failed < 120 && died < 200, "{failed} {died}");
}

#[test]
fn a_value_of_the_scenario_and_the_same_value_of_an_animal_are_one() {
    let model = toy::model();
    let scenario = variant("sick", 2.0, 5.0);
    let population = Population::new(&model, &scenario).expect("a population");
    let mut changed = scenario.clone();
    changed
        .subject
        .parameters
        .insert("production".to_owned(), 3.1);
    let variant = population.variant(&model, &changed).expect("a variant");
    let fresh = Population::new(&model, &changed).expect("a population");
    let mut values = population.values().to_vec();
    values[population.place("production").expect("a parameter")] = 3.1;
    let life =
        |population: &Population, values: Vec<f64>| format!("{:?}", population.simulate(1, values));
    let expected = life(&fresh, fresh.values().to_vec());
    assert_eq!(life(&variant, variant.values().to_vec()), expected);
    assert_eq!(life(&population, values), expected);
}

#[test]
fn what_cannot_be_read_is_refused() {
    let model = toy::model();
    let mut scenario = variant("sick", 2.0, 5.0);
    scenario.simulation.start = 4.0;
    let population = Population::new(&model, &scenario).expect("a population");
    let ask = |text: &str| {
        let request = Request {
            population: &population,
            arm: 0,
            values: population.values().into(),
        };
        let readings = vec![toy::reading(text)];
        simulate_all(&[request], &Inquiry { readings })
    };
    let refused = |text: &str| ask(text).expect_err("a refusal").to_string();
    assert!(refused("observable nothing at 12").contains("`nothing`"));
    assert!(refused("observable signal at 3").contains("4 d"));
    // Beyond the end of the scenario nothing is known, and nothing is made up.
    let beyond = ask("observable signal at 4000").expect("a life");
    assert!(beyond[0].readings[0].is_err());
}
