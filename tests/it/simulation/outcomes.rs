//! Endpoints, death, failures, explanations.

use std::collections::BTreeMap;

use gutbrain::scenario::Operation;
use gutbrain::simulate::{
    EndOfLife, Experiment, Inquiry, Population, Request, Status, explain, simulate, simulate_all,
};
use gutbrain_numbers::Real;

use crate::simulation::toy::{
    self, Drug, ELIMINATION, TOXICITY, arm, assert_near, at, during, infusion, model, once,
    parameter, scenario,
};

#[test]
fn a_healthy_animal_ages_as_computed_by_hand() {
    let mut scenario = scenario("healthy", vec![arm("only", vec![])]);
    scenario.simulation.stop = 300.0;
    scenario.simulation.every = 1.0;
    let run = simulate(&model(), &scenario).expect("fits").remove(0);
    // The signal rests, so neurons die exponentially.
    assert_near(
        at(&run, "neurons", 100.0),
        Real::exp(-100.0 * TOXICITY),
        1e-9,
    );
    assert_near(at(&run, "signal_fold", 100.0), 1.0, 1e-12);
    let onset = Real::ln(1.0 / 0.8) / TOXICITY;
    let death = Real::ln(1.0 / 0.5) / TOXICITY;
    assert_near(run.endpoints.onset_d().expect("onset"), onset, 1e-9);
    assert_near(run.endpoints.death_d().expect("death"), death, 1e-9);
    assert_near(run.endpoints.last_d, death, 1e-9);
    assert_eq!(run.endpoints.event, EndOfLife::Death);
    assert_eq!(run.endpoints.status, Status::Ok);
    // Nothing after death: 173.3 d.
    assert_near(*run.times.last().expect("rows"), 173.0, 0.0);
    assert!(
        run.species
            .iter()
            .chain(&run.observables)
            .all(|c| c.values.len() == run.times.len())
    );
    let moments: Vec<&str> = run
        .moments
        .iter()
        .map(|moment| moment.event.as_str())
        .collect();
    assert_eq!(moments, ["onset", "death"]);
    let neurons = run
        .species
        .iter()
        .position(|curve| curve.id == "neurons")
        .expect("neurons");
    assert_near(run.moments[0].species[neurons], 0.8, 1e-12);
}

/// Survival that is known of every life: what sensitivities need where some animals outlive the scenario.
#[test]
fn a_life_ends_with_death_or_with_the_scenario() {
    let death = Real::ln(2.0) / TOXICITY;
    for (stop, expected) in [(300.0, death), (100.0, 100.0)] {
        let mut scenario = scenario("healthy", vec![arm("only", vec![])]);
        scenario.simulation.stop = stop;
        let population = Population::new(&model(), &scenario).expect("fits");
        let inquiry = Inquiry {
            readings: ["life", "death"].map(toy::reading).to_vec(),
        };
        let wanted = Request {
            population: &population,
            arm: 0,
            values: population.values().into(),
        };
        let record = simulate_all(&[wanted], &inquiry)
            .expect("readable")
            .remove(0);
        assert_near(
            *record.readings[0].as_ref().expect("a life"),
            expected,
            1e-9,
        );
        assert_eq!(record.readings[1].is_ok(), death < stop);
        let feature = toy::feature("only", "life");
        // An experiment that looks beyond the scenario gives the same.
        let experiment = Experiment::new(&model(), &scenario, &[feature], 400.0).expect("fits");
        let known = experiment.sensitivities(&BTreeMap::new(), &["toxicity".to_owned()]);
        let known = known.expect("known").expect("alive");
        assert_near(known.values[0], expected, 1e-9);
        let slope = if death < stop { -death / TOXICITY } else { 0.0 };
        assert_near(known.derivatives[0][0], slope, 1e-6 * slope.abs());
    }
}

#[test]
fn a_life_that_ends_before_the_output_has_endpoints_and_no_rows() {
    let mut scenario = scenario("healthy", vec![arm("only", vec![])]);
    scenario.simulation.start = 200.0;
    scenario.simulation.stop = 300.0;
    let run = simulate(&model(), &scenario).expect("fits").remove(0);
    assert!(run.times.is_empty());
    assert_near(run.endpoints.last_d, Real::ln(2.0) / TOXICITY, 1e-9);
    assert_eq!(run.endpoints.event, EndOfLife::Death);
}

#[test]
fn a_sick_animal_is_born_with_the_healthy_steady_state() {
    let run = simulate(&model(), &scenario("sick", vec![arm("only", vec![])])).expect("fits");
    let run = &run[0];
    assert_near(at(run, "signal_fold", 0.0), 1.0, 0.0);
    assert!(at(run, "signal_fold", 40.0) > 1.4);
    // Healthy: production hill_down(s) = decay s.
    let signal = at(run, "signal", 0.0);
    let balance = 2.0 / (1.0 + (signal / 1.5) * (signal / 1.5)) - 0.4 * signal;
    assert_near(balance, 0.0, 1e-12);
    assert!(run.endpoints.onset_d().expect("onset") < 40.0);
    assert_eq!(run.endpoints.death_d(), None);
    assert_eq!(run.endpoints.event, EndOfLife::Censored);
    assert_near(run.endpoints.last_d, 40.0, 0.0);
}

#[test]
fn a_failed_run_keeps_its_numbers_up_to_the_failure_and_spares_the_others() {
    // bomb' = bomb², bomb(10) = 1/2: infinite at 12 d.
    let arms = vec![
        arm("quiet", vec![]),
        arm(
            "armed",
            vec![during(
                parameter("armed"),
                Operation::Set,
                1.0,
                10.0,
                f64::INFINITY,
            )],
        ),
    ];
    let runs = simulate(&model(), &scenario("healthy", arms)).expect("fits");
    assert_eq!(runs[0].endpoints.status, Status::Ok);
    assert_eq!(runs[0].times.len(), 81);
    let Status::Failed(reason) = &runs[1].endpoints.status else {
        panic!("it must fail")
    };
    assert!(reason.contains("`bomb`"), "{reason}");
    assert!(reason.contains("age 1"), "{reason}");
    let last = *runs[1].times.last().expect("rows before the failure");
    assert!((11.0..=12.0).contains(&last), "{last}");
    assert!(runs[1].endpoints.last_d >= last && runs[1].endpoints.last_d <= 12.0 + 1e-6);
    assert_eq!(runs[1].endpoints.event, EndOfLife::Failed);
    for curve in runs[1].species.iter().chain(&runs[1].observables) {
        assert_eq!(curve.values.len(), runs[1].times.len());
        assert!(
            curve.values.iter().all(|value| value.is_finite()),
            "{}",
            curve.id
        );
    }
    // The same numbers, to the tolerance, as long as nothing differed.
    assert_near(
        at(&runs[1], "neurons", 9.5),
        at(&runs[0], "neurons", 9.5),
        1e-9,
    );
}

#[test]
fn an_explanation_adds_up() {
    let scenario = scenario(
        "healthy",
        vec![arm(
            "drug",
            vec![
                once("central", Operation::Add, 10.0, 2.0),
                infusion(3.0, 4.0, 9.0),
            ],
        )],
    );
    let explanation = explain(&model(), &scenario, "drug", "central", 6.0).expect("it is alive");
    let exact = Drug::NONE.plus(10.0).after(2.0, 0.0).after(2.0, 3.0);
    assert_near(explanation.value, exact.central, 1e-8);
    let sum: f64 = explanation
        .shares
        .iter()
        .map(|share| share.contribution)
        .sum();
    assert_near(sum, explanation.derivative, 1e-14);
    let share = |id: &str| {
        let found = explanation.shares.iter().find(|share| share.process == id);
        found.unwrap_or_else(|| panic!("{id}")).contribution
    };
    assert_near(share("infusing"), 3.0, 0.0);
    assert_near(share("eliminating"), -ELIMINATION * exact.central, 1e-8);
    assert_eq!(explanation.shares.len(), 4);
    assert!(explanation.shares[0].contribution.abs() >= explanation.shares[3].contribution.abs());
    assert!(explain(&model(), &scenario, "drug", "nothing", 6.0).is_err());
    assert!(explain(&model(), &scenario, "no such arm", "central", 6.0).is_err());
    let late = explain(&model(), &scenario, "drug", "central", 5000.0).expect_err("it is dead");
    assert!(late.to_string().contains("`death`"), "{late}");
}
