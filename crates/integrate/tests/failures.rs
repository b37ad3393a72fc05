//! Whatever goes wrong is a typed failure with time, state and advice: no panic, no hang.
#![allow(clippy::float_cmp)] // times that must be exact

mod problems;

use gutbrain_integrate::{
    Beginning, Direction, EventAction, EventRule, Failure, FailureReason, Method, Outcome, Plan,
    Trajectory, integrate, settle,
};
use problems::{Problem, decay, lotka, robertson, span, tolerances};

const ALL: [Method; 4] = [
    Method::Rodas5P,
    Method::Rodas4,
    Method::Dopri5,
    Method::Dop853,
];

fn failure<R: std::fmt::Debug>(run: &Trajectory<R>) -> Failure {
    match &run.outcome {
        Outcome::Failed(failure) => failure.clone(),
        other => panic!("no failure but {other:?}"),
    }
}

/// y0' = 1, y1' = something of y0.
fn clock(rate: fn(f64) -> f64, slope: fn(f64) -> f64) -> Problem<f64> {
    Problem::new(
        2,
        &[],
        move |_, y: &[f64], _, out: &mut [f64]| {
            out[0] = 1.0;
            out[1] = rate(y[0]);
        },
        move |_, y: &[f64], _, j: &mut [f64]| {
            j.copy_from_slice(&[0.0, 0.0, slope(y[0]), 0.0]);
        },
    )
}

#[test]
fn nan_from_the_start_is_reported_with_its_state() {
    for method in ALL {
        let mut system = clock(|_| f64::NAN, |_| 0.0);
        let plan = Plan {
            outputs: &[0.0, 0.5, 1.0],
            ..span(0.0, 1.0)
        };
        let run = integrate(
            &mut system,
            method,
            &plan,
            &[0.0; 2],
            &tolerances(1e-6, 1e-6, 2),
        );
        let failure = failure(&run);
        assert_eq!(
            failure.reason,
            FailureReason::NonFinite,
            "{}",
            method.name()
        );
        assert_eq!((failure.component, failure.time), (Some(1), 0.0));
        assert_eq!(run.times, [0.0], "a failed run has no later numbers");
    }
}

#[test]
fn nan_on_the_way_is_reported_where_it_is() {
    for method in ALL {
        let mut system = clock(|t| if t > 0.625 { f64::NAN } else { 1.0 }, |_| 0.0);
        let plan = Plan {
            outputs: &[0.5, 1.0],
            ..span(0.0, 1.0)
        };
        let run = integrate(
            &mut system,
            method,
            &plan,
            &[0.0; 2],
            &tolerances(1e-6, 1e-6, 2),
        );
        let failure = failure(&run);
        assert_eq!(
            failure.reason,
            FailureReason::NonFinite,
            "{}",
            method.name()
        );
        assert_eq!(failure.component, Some(1));
        assert!(
            (failure.time - 0.625).abs() < 1e-6,
            "{} {}",
            method.name(),
            failure.time
        );
        assert_eq!(run.times, [0.5]);
        assert_eq!(failure.time, run.last_time);
    }
}

#[test]
fn a_passing_bad_number_costs_only_smaller_steps() {
    // Below zero the rate is NaN; the solution stays above, but long trial steps do not.
    for method in ALL {
        let mut system = Problem::new(
            1,
            &[],
            |_, y: &[f64], _, out: &mut [f64]| out[0] = -50.0 * y[0].sqrt() * y[0],
            |_, y: &[f64], _, j: &mut [f64]| j[0] = -75.0 * y[0].sqrt(),
        );
        let mut options = tolerances(1e-6, 1e-9, 1);
        options.initial_step = Some(1.0);
        let run = integrate(&mut system, method, &span(0.0, 2.0), &[1.0], &options);
        assert_eq!(run.outcome, Outcome::Completed, "{}", method.name());
        // y = 1 / (1 + 25 t)^2
        assert!((run.last_state[0] - 1.0 / (51.0 * 51.0)).abs() < 1e-6);
    }
}

#[test]
fn a_pole_ends_the_run_at_the_pole() {
    for method in ALL {
        // y' = y^2 from 1: infinite at 1.
        let mut system = Problem::new(
            1,
            &[],
            |_, y: &[f64], _, out: &mut [f64]| out[0] = y[0] * y[0],
            |_, y: &[f64], _, j: &mut [f64]| j[0] = 2.0 * y[0],
        );
        let run = integrate(
            &mut system,
            method,
            &span(0.0, 2.0),
            &[1.0],
            &tolerances(1e-6, 1e-6, 1),
        );
        let failure = failure(&run);
        assert!(
            matches!(
                failure.reason,
                FailureReason::StepTooSmall
                    | FailureReason::NonFinite
                    | FailureReason::SingularMatrix
            ),
            "{}: {failure:?}",
            method.name()
        );
        assert!(
            (failure.time - 1.0).abs() < 1e-3,
            "{}: {}",
            method.name(),
            failure.time
        );
    }
}

#[test]
fn a_jump_in_the_rate_is_stepped_across() {
    // Unannounced jumps cost accuracy: that is what switches are for.
    for method in ALL {
        let mut system = clock(|t| if t > 0.5 { -1e6 } else { 1e6 }, |_| 0.0);
        let run = integrate(
            &mut system,
            method,
            &span(0.0, 1.0),
            &[0.0; 2],
            &tolerances(1e-6, 1e-3, 2),
        );
        assert_eq!(run.outcome, Outcome::Completed);
        assert!(
            run.last_state[1].abs() < 1e-4 * 5e5,
            "{}: {:?}",
            method.name(),
            run.last_state
        );
    }
}

#[test]
fn the_limit_of_steps_holds_over_the_whole_run() {
    for method in ALL {
        let switches: Vec<f64> = (1..1000).map(f64::from).collect();
        let mut options = tolerances(1e-9, 1e-9, 2);
        options.maximum_steps = 500;
        let plan = Plan {
            switches: &switches,
            ..span(0.0, 1000.0)
        };
        let run = integrate(&mut lotka(), method, &plan, &[1.5, 0.8], &options);
        let failure = failure(&run);
        assert_eq!(
            failure.reason,
            FailureReason::TooManySteps { limit: 500 },
            "{}",
            method.name()
        );
        let attempts = run.effort.steps + run.effort.rejected;
        assert!(
            (500..=502).contains(&attempts),
            "{} {attempts}",
            method.name()
        );
    }
}

#[test]
fn explicit_methods_give_up_on_stiffness_within_the_limit_of_steps() {
    for method in [Method::Dopri5, Method::Dop853] {
        let mut options = tolerances(1e-6, 1e-10, 3);
        options.maximum_steps = 20_000;
        let run = integrate(
            &mut robertson(),
            method,
            &span(0.0, 1e6),
            &[1.0, 0.0, 0.0],
            &options,
        );
        let failure = failure(&run);
        assert_eq!(
            failure.reason,
            FailureReason::TooManySteps { limit: 20_000 }
        );
        assert!(failure.to_string().contains("rodas5p"), "{failure}");
    }
}

#[test]
fn huge_stiffness_is_no_trouble_for_the_own_methods() {
    for method in [Method::Rodas5P, Method::Rodas4] {
        for rate in [1e8, 1e15, 1e30] {
            let run = integrate(
                &mut decay(rate),
                method,
                &span(0.0, 1.0),
                &[1.0],
                &tolerances(1e-6, 1e-9, 1),
            );
            assert_eq!(
                run.outcome,
                Outcome::Completed,
                "{} {rate:e}",
                method.name()
            );
            assert!(run.last_state[0].abs() < 1e-8, "{:?}", run.last_state);
        }
    }
}

#[test]
fn a_matrix_that_stays_singular_is_reported() {
    // The Jacobian claims infinity: no step size helps.
    let mut system = Problem::new(
        1,
        &[],
        |_, _, _, out: &mut [f64]| out[0] = 1.0,
        |_, _, _, j: &mut [f64]| j[0] = f64::NAN,
    );
    let run = integrate(
        &mut system,
        Method::Rodas5P,
        &span(1.0, 2.0),
        &[0.0],
        &tolerances(1e-6, 1e-6, 1),
    );
    assert_eq!(failure(&run).reason, FailureReason::NonFinite);
    // Products of these entries overflow, and no step above the resolution of time is small
    // enough to keep them from it.
    let mut system = Problem::new(
        2,
        &[],
        |_, _, _, out: &mut [f64]| out.fill(1.0),
        |_, _, _, j: &mut [f64]| j.copy_from_slice(&[0.0, 1e200, 1e200, 0.0]),
    );
    let options = tolerances(1e-6, 1e-6, 2);
    let run = integrate(
        &mut system,
        Method::Rodas5P,
        &span(1.0, 2.0),
        &[0.0; 2],
        &options,
    );
    let failure = failure(&run);
    assert_eq!(
        (failure.reason, failure.component),
        (FailureReason::SingularMatrix, Some(1))
    );
}

#[test]
fn impossible_tolerances_fail_or_finish_but_never_hang() {
    for method in ALL {
        for (relative, absolute) in [(1e-300, 1e-300), (1e-17, 1e-30), (1e300, 1e300)] {
            let mut options = tolerances(relative, absolute, 2);
            options.maximum_steps = 2000;
            let run = integrate(&mut lotka(), method, &span(0.0, 1.0), &[1.5, 0.8], &options);
            assert!(run.effort.steps <= 2000);
        }
    }
}

#[test]
fn an_event_value_that_is_no_number_is_a_failure() {
    for method in ALL {
        let mut system = decay(1.0).with_events(|t, y, _, values| {
            values[0] = if t > 0.5 { f64::NAN } else { y[0] };
        });
        let rules = [EventRule {
            direction: Direction::Either,
            action: EventAction::Record,
            beginning: Beginning::Waits,
            longest_gap: None,
        }];
        let plan = Plan {
            events: &rules,
            ..span(0.0, 1.0)
        };
        let run = integrate(
            &mut system,
            method,
            &plan,
            &[1.0],
            &tolerances(1e-6, 1e-6, 1),
        );
        assert_eq!(
            failure(&run).reason,
            FailureReason::NonFinite,
            "{}",
            method.name()
        );
    }
}

#[test]
fn a_switch_to_infinity_is_a_failure() {
    for method in ALL {
        let mut system = decay(1.0).with_switch(|_, _, state, _| state[0] = f64::INFINITY);
        let plan = Plan {
            switches: &[0.5],
            ..span(0.0, 1.0)
        };
        let run = integrate(
            &mut system,
            method,
            &plan,
            &[1.0],
            &tolerances(1e-6, 1e-6, 1),
        );
        let failure = failure(&run);
        assert_eq!(failure.reason, FailureReason::NonFinite);
        assert_eq!((failure.time, failure.component), (0.5, Some(0)));
    }
}

#[test]
fn a_system_without_states_is_integrated() {
    for method in ALL {
        let mut system = Problem::<f64>::new(0, &[], |_, _, _, _| (), |_, _, _, _| ());
        let plan = Plan {
            outputs: &[0.5],
            ..span(0.0, 1.0)
        };
        let run = integrate(&mut system, method, &plan, &[], &tolerances(1e-6, 1e-6, 0));
        assert_eq!(run.outcome, Outcome::Completed, "{}", method.name());
        assert_eq!(run.times, [0.5]);
    }
}

#[test]
fn settle_reports_what_does_not_settle() {
    // Steady growth has no steady state.
    let mut system = Problem::new(
        2,
        &[],
        |_, y: &[f64], _, out: &mut [f64]| {
            out[0] = 1.0 - y[0];
            out[1] = 1.0;
        },
        |_, _, _, j: &mut [f64]| j.copy_from_slice(&[-1.0, 0.0, 0.0, 0.0]),
    );
    let failure = settle(&mut system, &[0.0, 0.0], &[], &tolerances(1e-8, 1e-8, 2)).unwrap_err();
    assert_eq!(
        (failure.reason, failure.component),
        (FailureReason::NotSettled, Some(1))
    );
    // An oscillation neither.
    let failure = settle(
        &mut problems::oscillator(),
        &[0.0, 1.0],
        &[],
        &tolerances(1e-6, 1e-6, 2),
    );
    assert!(failure.is_err(), "{failure:?}");
    let nothing: Result<Vec<f64>, _> = settle(
        &mut decay(f64::NAN),
        &[1.0],
        &[],
        &tolerances(1e-6, 1e-6, 1),
    );
    assert_eq!(nothing.unwrap_err().reason, FailureReason::NonFinite);
}
