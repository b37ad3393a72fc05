//! Same input, same bytes: at any grid, number of threads, and company of arms.

use gutbrain::scenario::{Arm, Operation, Scenario};
use gutbrain::simulate::{ArmRun, simulate};

use crate::simulation::toy::{
    arm, at, during, infusion, model, modulator, once, process, scenario, species,
};

fn arms() -> Vec<Arm> {
    vec![
        arm("control", vec![]),
        arm("infusion", vec![infusion(4.0, 5.0, 30.0)]),
        arm(
            "impulses",
            vec![
                once("central", Operation::Add, 9.0, 3.3),
                once("central", Operation::Add, 9.0, 17.9),
            ],
        ),
        arm(
            "perturbed",
            vec![
                during(process("dying"), Operation::Scale, 2.0, 2.0, 20.0),
                during(modulator("drug_protects"), Operation::Off, 0.0, 1.0, 20.0),
                during(species("signal"), Operation::Set, 1.0, 21.0, 25.0),
            ],
        ),
        arm("untreated", vec![]),
    ]
}

/// Sick animals at common tolerances, so that steps are long and grids fall inside them.
fn life() -> Scenario {
    let mut scenario = scenario("sick", arms());
    scenario.solver.rtol = 1e-6;
    scenario.solver.atol = 1e-6;
    scenario.simulation.start = 10.0;
    scenario.simulation.stop = 130.0;
    scenario.simulation.every = 1.0;
    scenario
}

fn go(scenario: &Scenario) -> Vec<ArmRun> {
    simulate(&model(), scenario).expect("the scenario fits the model")
}

fn bits(run: &ArmRun) -> Vec<u64> {
    let endpoints = [
        run.endpoints.onset_d(),
        run.endpoints.death_d(),
        Some(run.endpoints.last_d),
    ];
    let curves = run.species.iter().chain(&run.observables);
    curves
        .flat_map(|curve| &curve.values)
        .copied()
        .chain(endpoints.into_iter().flatten())
        .map(f64::to_bits)
        .collect()
}

#[test]
fn twice_is_the_same() {
    let (first, second) = (go(&life()), go(&life()));
    assert_eq!(first, second);
    assert!(first.iter().zip(&second).all(|(a, b)| bits(a) == bits(b)));
    assert!(first.iter().all(|run| run.endpoints.death_d().is_some()));
}

#[test]
fn threads_do_not_matter() {
    let reference = go(&life());
    for threads in [1, 2, 3, 8] {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .expect("a pool");
        let runs = pool.install(|| go(&life()));
        assert!(
            reference.iter().zip(&runs).all(|(a, b)| bits(a) == bits(b)),
            "{threads} threads"
        );
    }
}

#[test]
fn an_arm_in_which_nothing_is_done_equals_the_control_bit_for_bit() {
    let runs = go(&life());
    assert_eq!(bits(&runs[0]), bits(&runs[4]));
    // Nor do the gates for other arms change a bit of it.
    let mut alone = life();
    alone.arms.truncate(1);
    assert_eq!(bits(&runs[0]), bits(&go(&alone)[0]));
    assert_ne!(bits(&runs[0]), bits(&runs[1]));
}

#[test]
fn the_output_grid_changes_nothing() {
    let reference = go(&life());
    for every in [0.25, 7.0, 60.0, 0.37] {
        let mut other = life();
        other.simulation.every = every;
        for (a, b) in reference.iter().zip(go(&other)) {
            assert_eq!(a.endpoints, b.endpoints, "every {every}");
            assert_eq!(a.moments, b.moments);
            assert_eq!(a.effort, b.effort);
            let shared = a.times.iter().filter(|&age| b.times.contains(age));
            let mut count = 0;
            for &age in shared {
                count += 1;
                for curve in &a.species {
                    assert_eq!(
                        at(a, &curve.id, age).to_bits(),
                        at(&b, &curve.id, age).to_bits(),
                        "{} at {age} with every {every}",
                        curve.id
                    );
                }
            }
            assert!(count > 0);
        }
    }
}

#[test]
fn what_happens_before_the_output_is_shared_only_by_arms_that_share_it() {
    let early = |name: &str, rate: f64| arm(name, vec![infusion(rate, 4.0, 12.0)]);
    let mut scenario = life();
    scenario.arms = vec![
        early("a", 3.0),
        arm("control", vec![]),
        early("b", 3.0),
        early("c", 5.0),
    ];
    let together = go(&scenario);
    assert_eq!(bits(&together[0]), bits(&together[2]));
    for (index, run) in together.iter().enumerate() {
        let mut alone = scenario.clone();
        alone.arms = vec![scenario.arms[index].clone()];
        assert_eq!(bits(run), bits(&go(&alone)[0]), "{}", run.arm);
    }
    assert!(at(&together[3], "central", 10.0) > at(&together[0], "central", 10.0));
    assert!(at(&together[0], "central", 10.0) > at(&together[1], "central", 10.0));
}
