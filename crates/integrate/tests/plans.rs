//! Questions that are at fault are refused with their fault; methods have names; messages help.

mod problems;

use gutbrain_integrate::{
    Failure, FailureReason, Method, Options, Outcome, Plan, PlanFault, Stepping, Trajectory,
    integrate,
};
use gutbrain_numbers::Dual;
use problems::{decay, span, tolerances};

fn failure<R: std::fmt::Debug>(run: &Trajectory<R>) -> Failure {
    match &run.outcome {
        Outcome::Failed(failure) => failure.clone(),
        other => panic!("no failure but {other:?}"),
    }
}

#[test]
fn invalid_plans_are_refused_with_their_fault() {
    let run = |plan: &Plan<'_>, options: &Options, start: &[f64]| {
        failure(&integrate(
            &mut decay(1.0),
            Method::Rodas5P,
            plan,
            start,
            options,
        ))
        .reason
    };
    let good = tolerances(1e-6, 1e-6, 1);
    let nan = f64::NAN;
    for (start, stop) in [(1.0, 0.0), (nan, 1.0), (0.0, nan), (0.0, f64::INFINITY)] {
        let reason = run(&span(start, stop), &good, &[1.0]);
        assert_eq!(reason, FailureReason::InvalidPlan(PlanFault::Span));
    }
    for times in [&[0.5, 0.2][..], &[-0.1], &[1.1], &[nan], &[0.2, nan, 0.5]] {
        let plan = Plan {
            switches: times,
            ..span(0.0, 1.0)
        };
        assert_eq!(
            run(&plan, &good, &[1.0]),
            FailureReason::InvalidPlan(PlanFault::Switches)
        );
        let plan = Plan {
            outputs: times,
            ..span(0.0, 1.0)
        };
        assert_eq!(
            run(&plan, &good, &[1.0]),
            FailureReason::InvalidPlan(PlanFault::Outputs)
        );
    }
    for (relative, absolute) in [
        (0.0, 1.0),
        (-1.0, 1.0),
        (nan, 1.0),
        (1.0, 0.0),
        (1.0, nan),
        (f64::INFINITY, 1.0),
    ] {
        let reason = run(&span(0.0, 1.0), &tolerances(relative, absolute, 1), &[1.0]);
        assert_eq!(reason, FailureReason::InvalidPlan(PlanFault::Tolerance));
    }
    for step in [0.0, -1.0, nan, f64::INFINITY] {
        for options in [
            Options {
                initial_step: Some(step),
                ..good.clone()
            },
            Options {
                maximum_step: Some(step),
                ..good.clone()
            },
            Options {
                stepping: Stepping::Fixed(step),
                ..good.clone()
            },
        ] {
            let reason = run(&span(0.0, 1.0), &options, &[1.0]);
            assert_eq!(reason, FailureReason::InvalidPlan(PlanFault::Step));
        }
    }
    let fault = PlanFault::Length {
        expected: 1,
        given: 2,
    };
    let reason = run(&span(0.0, 1.0), &good, &[1.0, 2.0]);
    assert_eq!(reason, FailureReason::InvalidPlan(fault));
    let reason = run(&span(0.0, 1.0), &tolerances(1e-6, 1e-6, 2), &[1.0]);
    assert_eq!(reason, FailureReason::InvalidPlan(fault));
    assert_eq!(
        run(&span(0.0, 1.0), &good, &[nan]),
        FailureReason::NonFinite
    );
}

#[test]
fn explicit_methods_refuse_duals_and_fixed_steps() {
    for method in [Method::Dopri5, Method::Dop853] {
        let limits = FailureReason::InvalidPlan(PlanFault::MethodLimits);
        let options = tolerances(1e-6, 1e-6, 1);
        let start = [Dual::<1>::constant(1.0)];
        let mut system = decay(Dual::variable(1.0, 0));
        let run = integrate(&mut system, method, &span(0.0, 1.0), &start, &options);
        assert_eq!(failure(&run).reason, limits);
        let options = Options {
            stepping: Stepping::Fixed(0.1),
            ..options
        };
        let run = integrate(&mut decay(1.0), method, &span(0.0, 1.0), &[1.0], &options);
        assert_eq!(failure(&run).reason, limits);
    }
}

#[test]
fn failures_say_when_what_and_what_to_try() {
    let failure = Failure {
        time: 41.3,
        component: Some(7),
        error_ratio: 12.5,
        reason: FailureReason::StepTooSmall,
    };
    assert_eq!(
        failure.to_string(),
        "the step size became too small at t = 41.3, state 7, error 1.250e1 times the tolerance; \
         loosen the tolerances, or look for a jump or a pole in the rates of this state"
    );
}

#[test]
fn methods_are_found_by_name() {
    assert_eq!(Method::from_name("auto"), Some(Method::Rodas5P));
    for entry in Method::all() {
        assert_eq!(Method::from_name(entry.name), Some(entry.method));
        assert_eq!(entry.method.name(), entry.name);
        assert!(!entry.says.is_empty() && entry.reference.contains("doi:"));
    }
    assert_eq!(Method::from_name("euler"), None);
}
