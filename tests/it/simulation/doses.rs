//! Windows and impulses against the solution by hand.

use gutbrain::scenario::{Operation, When};

use crate::simulation::toy::{
    Drug, assert_near, at, dosed, during, infusion, once, parameter, run, species,
};

const TIGHT: f64 = 2e-9;

/// Compares blood and tissue with the exact amounts at an age.
#[track_caller]
fn compare(run: &gutbrain::simulate::ArmRun, age: f64, exact: Drug) {
    assert_near(at(run, "central", age), exact.central, TIGHT);
    assert_near(at(run, "tissue", age), exact.tissue, TIGHT);
}

#[test]
fn a_window_is_half_open() {
    let run = run(vec![infusion(5.0, 3.0, 7.0)]);
    compare(&run, 2.5, Drug::NONE);
    compare(&run, 3.0, Drug::NONE);
    let rising = |days| Drug::NONE.after(days, 5.0);
    compare(&run, 5.5, rising(2.5));
    compare(&run, 7.0, rising(4.0));
    compare(&run, 40.0, rising(4.0).after(33.0, 0.0));
    // The output shows what holds from its age on.
    assert_near(at(&run, "infusion_now", 3.0), 5.0, 0.0);
    assert_near(at(&run, "infusion_now", 6.5), 5.0, 0.0);
    assert_near(at(&run, "infusion_now", 7.0), 0.0, 0.0);
}

#[test]
fn a_window_to_the_end_stays_open_at_the_end() {
    for stop in [40.0, f64::INFINITY] {
        let run = run(vec![infusion(5.0, 3.0, stop)]);
        assert_near(at(&run, "infusion_now", 40.0), 5.0, 0.0);
        compare(&run, 40.0, Drug::NONE.after(37.0, 5.0));
    }
}

#[test]
fn impulses_are_seen_at_their_own_age_and_never_missed() {
    let doses: Vec<f64> = (0..9).map(|k| 2.0 + 3.5 * f64::from(k)).collect();
    let run = run(doses
        .iter()
        .map(|&age| once("central", Operation::Add, 10.0, age))
        .collect());
    let mut exact = Drug::NONE;
    let mut before = 0.0;
    for &age in &doses {
        exact = exact.after(age - before, 0.0).plus(10.0);
        compare(&run, age, exact);
        before = age;
    }
    compare(&run, 40.0, exact.after(40.0 - before, 0.0));
}

#[test]
fn an_impulse_at_birth_and_one_at_the_very_end_count() {
    let run = run(vec![
        once("central", Operation::Add, 4.0, 0.0),
        once("central", Operation::Add, 2.0, 40.0),
    ]);
    compare(&run, 0.0, Drug::NONE.plus(4.0));
    compare(&run, 40.0, Drug::NONE.plus(4.0).after(40.0, 0.0).plus(2.0));
}

#[test]
fn set_and_scale_once() {
    let run = run(vec![
        once("central", Operation::Set, 8.0, 5.0),
        once("central", Operation::Scale, 0.25, 10.0),
    ]);
    let first = Drug::NONE.plus(8.0).after(5.0, 0.0);
    let second = Drug {
        central: 0.25 * first.central,
        ..first
    };
    compare(&run, 10.0, second);
    compare(&run, 20.0, second.after(10.0, 0.0));
}

#[test]
fn impulses_of_one_instant_act_in_the_order_set_scale_add() {
    // Written in the opposite order.
    let run = run(vec![
        once("central", Operation::Add, 1.0, 5.0),
        once("central", Operation::Scale, 3.0, 5.0),
        once("central", Operation::Set, 2.0, 5.0),
    ]);
    compare(&run, 5.0, Drug::NONE.plus(7.0));
}

#[test]
fn windows_that_touch_leave_no_gap_and_no_overlap() {
    // The second one is written first, and its start is only nearly the stop of the first one.
    let third = 1.0 / 3.0;
    let run = run(vec![
        infusion(4.0, 1.0 + 6.0 * third + 1e-13, 5.0),
        infusion(3.0, 1.0, 3.0),
    ]);
    let exact = Drug::NONE.after(2.0, 3.0);
    compare(&run, 3.0, exact);
    compare(&run, 5.0, exact.after(2.0, 4.0));
    assert_near(at(&run, "infusion_now", 3.0), 4.0, 0.0);
}

#[test]
fn of_overlapping_sets_the_one_opened_last_holds_and_then_the_older_one_again() {
    let run = run(vec![infusion(6.0, 4.0, 6.0), infusion(2.0, 1.0, 9.0)]);
    let exact = Drug::NONE.after(3.0, 2.0);
    compare(&run, 4.0, exact);
    let exact = exact.after(2.0, 6.0);
    compare(&run, 6.0, exact);
    let exact = exact.after(3.0, 2.0);
    compare(&run, 9.0, exact);
    compare(&run, 12.0, exact.after(3.0, 0.0));
}

#[test]
fn open_windows_combine_as_set_scale_add() {
    let act = |operation, value| during(parameter("infusion"), operation, value, 2.0, 4.0);
    let run = run(vec![
        act(Operation::Add, 1.0),
        act(Operation::Scale, 3.0),
        act(Operation::Set, 2.0),
    ]);
    assert_near(at(&run, "infusion_now", 3.0), 7.0, 0.0);
    compare(&run, 4.0, Drug::NONE.after(2.0, 7.0));
}

#[test]
fn parameters_return_exactly() {
    // 0.1 × 3 / 3 is not 0.1: values are never multiplied back.
    let mut actions = Vec::new();
    for k in 0..7 {
        let start = 3.0 + 2.0 * f64::from(k);
        actions.push(during(
            parameter("elimination"),
            Operation::Scale,
            0.1,
            start,
            start + 1.0,
        ));
        actions.push(during(
            parameter("elimination"),
            Operation::Add,
            0.3,
            start,
            start + 1.5,
        ));
    }
    actions.push(once("central", Operation::Set, 9.0, 30.0));
    actions.push(once("tissue", Operation::Set, 0.0, 30.0));
    let treated = run(actions);
    let fresh = run(vec![
        once("central", Operation::Set, 9.0, 30.0),
        once("tissue", Operation::Set, 0.0, 30.0),
    ]);
    // From the same state with the same constants: the same numbers but for rounding.
    for age in [30.5, 33.0, 40.0] {
        assert_near(
            at(&treated, "central", age),
            at(&fresh, "central", age),
            1e-12,
        );
    }
}

#[test]
fn a_window_much_narrower_than_the_steps_is_not_stepped_over() {
    let width = 1e-4;
    let run = run(vec![infusion(1e5, 20.25, 20.25 + width)]);
    compare(
        &run,
        21.0,
        Drug::NONE.after(width, 1e5).after(0.75 - width, 0.0),
    );
}

#[test]
fn a_clamped_species_holds_its_level() {
    let level = 2.0;
    let run = run(vec![
        during(species("central"), Operation::Set, level, 3.0, 5.0),
        // Neither a dose nor an infusion moves it while it is clamped.
        once("central", Operation::Add, 50.0, 4.0),
        infusion(7.0, 3.5, 4.5),
    ]);
    for age in [3.0, 3.5, 4.0, 4.5] {
        assert_near(at(&run, "central", age), level, 0.0);
    }
    // Tissue fills from a constant level: y' = k12 level − k21 y.
    let rest = level * crate::simulation::toy::TO_TISSUE / crate::simulation::toy::FROM_TISSUE;
    let filled =
        rest * (1.0 - gutbrain_numbers::Real::exp(-2.0 * crate::simulation::toy::FROM_TISSUE));
    compare(
        &run,
        5.0,
        Drug {
            central: level,
            tissue: filled,
            ..Drug::NONE
        },
    );
    compare(
        &run,
        9.0,
        Drug {
            central: level,
            tissue: filled,
            ..Drug::NONE
        }
        .after(4.0, 0.0),
    );
}

#[test]
fn an_added_rate_on_a_species_is_an_infusion() {
    let run = run(vec![during(
        species("central"),
        Operation::Add,
        5.0,
        3.0,
        7.0,
    )]);
    compare(&run, 7.0, Drug::NONE.after(4.0, 5.0));
    compare(&run, 12.0, Drug::NONE.after(4.0, 5.0).after(5.0, 0.0));
}

#[test]
fn what_a_dose_comes_to_follows_from_parameters_and_the_resting_state() {
    let course = When::between(3.0, 7.0);
    let pulse = When::at(5.0);
    let run = run(vec![
        dosed("drug", 5.0, parameter("infusion"), Operation::Set, course),
        dosed(
            "signal-pulse",
            0.5,
            species("signal"),
            Operation::Add,
            pulse,
        ),
    ]);
    // Four fifths of the drug arrive.
    compare(&run, 7.0, Drug::NONE.after(4.0, 4.0));
    assert_near(at(&run, "signal_fold", 4.5), 1.0, 1e-12);
    assert_near(at(&run, "signal_fold", 5.0), 1.5, 1e-12);
}
