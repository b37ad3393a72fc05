//! Processes and modulators scaled, set, added to and switched off; species that cannot be.

use gutbrain::scenario::Operation;
use gutbrain::simulate::{SimulateError, simulate};
use gutbrain_numbers::Real;

use crate::simulation::toy::{
    Drug, ELIMINATION, TOXICITY, arm, assert_near, at, during, model, modulator, once, process,
    run, scenario, species,
};

#[test]
fn a_process_off_scaled_added_to_and_set() {
    let dose = once("central", Operation::Add, 10.0, 1.0);
    let start = Drug::NONE.plus(10.0).after(1.0, 0.0);
    let with = |operation, value| {
        run(vec![
            dose.clone(),
            during(process("eliminating"), operation, value, 2.0, 4.0),
        ])
    };
    let off = start
        .with_elimination(0.0)
        .after(2.0, 0.0)
        .with_elimination(ELIMINATION);
    for run in [
        with(Operation::Off, 0.0),
        with(Operation::Set, 0.0),
        with(Operation::Scale, 0.0),
    ] {
        assert_near(at(&run, "central", 4.0), off.central, 2e-9);
        assert_near(at(&run, "tissue", 4.0), off.tissue, 2e-9);
        assert_near(at(&run, "central", 9.0), off.after(5.0, 0.0).central, 2e-9);
    }
    let scaled = start.with_elimination(3.0 * ELIMINATION).after(2.0, 0.0);
    assert_near(
        at(&with(Operation::Scale, 3.0), "central", 4.0),
        scaled.central,
        2e-9,
    );
    // More elimination by a fixed amount is a negative infusion.
    let more = start.after(2.0, -0.5);
    assert_near(
        at(&with(Operation::Add, 0.5), "central", 4.0),
        more.central,
        2e-9,
    );
    // A fixed rate is none of its own and a fixed one added.
    let set = with(Operation::Set, 0.5);
    let both = run(vec![
        dose.clone(),
        during(process("eliminating"), Operation::Off, 0.0, 2.0, 4.0),
        during(process("eliminating"), Operation::Add, 0.5, 2.0, 4.0),
    ]);
    assert_eq!(set.species, both.species);
    assert!(at(&set, "central", 4.0) < off.central - 0.5);
}

#[test]
fn set_scale_and_add_of_one_process_combine_in_that_order() {
    let act = |operation, value| during(process("infusing"), operation, value, 2.0, 4.0);
    let run = run(vec![
        act(Operation::Add, 1.0),
        act(Operation::Set, 2.0),
        act(Operation::Scale, 3.0),
    ]);
    assert_near(
        at(&run, "central", 4.0),
        Drug::NONE.after(2.0, 7.0).central,
        2e-9,
    );
}

#[test]
fn a_modulator_off_set_scaled_and_added_to() {
    // The drug is held at its potency: the factor is one half.
    let with = |operation, value| {
        run(vec![
            during(species("central"), Operation::Set, 3.0, 0.0, f64::INFINITY),
            during(modulator("drug_protects"), operation, value, 10.0, 20.0),
        ])
    };
    let exact = |factor: f64| Real::exp(-TOXICITY * (0.5 * 30.0 + factor * 10.0));
    let check = |operation, value, factor| {
        assert_near(
            at(&with(operation, value), "neurons", 40.0),
            exact(factor),
            1e-8,
        );
    };
    check(Operation::Off, 0.0, 1.0);
    check(Operation::Set, 0.7, 0.7);
    check(Operation::Scale, 0.2, 0.9);
    check(Operation::Add, 0.25, 0.75);
}

#[test]
fn what_makes_no_sense_is_refused_with_its_origin() {
    for action in [
        during(species("central"), Operation::Off, 0.0, 1.0, 2.0),
        during(species("central"), Operation::Scale, 2.0, 1.0, 2.0),
        during(process("no_such_process"), Operation::Off, 0.0, 1.0, 2.0),
    ] {
        let scenario = scenario("healthy", vec![arm("only", vec![action])]);
        let error = simulate(&model(), &scenario).expect_err("the action makes no sense");
        assert!(
            matches!(
                error,
                SimulateError::Action { .. } | SimulateError::Model(_)
            ),
            "{error}"
        );
    }
    let scenario = scenario("no-such-subject", vec![arm("only", vec![])]);
    let error = simulate(&model(), &scenario).expect_err("no such subject");
    assert!(matches!(error, SimulateError::UnknownSubject(_)), "{error}");
}
