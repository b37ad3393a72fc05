//! Doses and windows: hit exactly, never stepped over, in their order.
#![allow(clippy::disallowed_methods)] // exact solutions by the library's exp
#![allow(clippy::float_cmp)] // times and values that must be exact

mod problems;

use gutbrain_integrate::{Method, Outcome, Plan, integrate};
use problems::{Problem, decay, span, tolerances};

const ALL: [Method; 4] = [
    Method::Rodas5P,
    Method::Rodas4,
    Method::Dopri5,
    Method::Dop853,
];

/// Infusion windows: y' = p0 - y, p0 switched on at 1 and off again.
fn infusion() -> Problem<f64> {
    Problem::new(
        1,
        &[0.0],
        |_, y, p, out| out[0] = p[0] - y[0],
        |_, _, _, j| j[0] = -1.0,
    )
    .with_switch(|index, _, _, p| p[0] = if index % 2 == 0 { 1.0 } else { 0.0 })
}

#[test]
fn narrow_windows_are_not_stepped_over() {
    for method in ALL {
        for width in [1e-9, 1e-6, 1e-3, 0.5] {
            let switches = [1.0, 1.0 + width];
            let mut system = infusion().with_switch(move |index, _, _, p| {
                p[0] = if index == 0 { 1.0 / width } else { 0.0 };
            });
            let plan = Plan {
                switches: &switches,
                ..span(0.0, 3.0)
            };
            let options = tolerances(1e-9, 1e-12, 1);
            let run = integrate(&mut system, method, &plan, &[0.0], &options);
            // What flowed in, 1, decays; the width itself is known to rounding only.
            let exact_width = switches[1] - switches[0];
            let inflow = (1.0 - (-exact_width).exp()) / width;
            let exact = inflow * (-(3.0 - switches[1])).exp();
            let error = (run.last_state[0] / exact - 1.0).abs();
            assert!(error < 1e-7, "{} {width:e}: {error:e}", method.name());
        }
    }
}

#[test]
fn windows_are_hit_exactly_and_match_the_exact_solution() {
    for method in ALL {
        let switches = [0.3, 0.9, 1.0, 2.2];
        let outputs = [0.3, 0.9, 2.2, 5.0];
        let plan = Plan {
            switches: &switches,
            outputs: &outputs,
            ..span(0.0, 5.0)
        };
        let run = integrate(
            &mut infusion(),
            method,
            &plan,
            &[0.0],
            &tolerances(1e-10, 1e-12, 1),
        );
        let after_first = 1.0 - (-0.6_f64).exp();
        let before_second = after_first * (-0.1_f64).exp();
        let after_second = 1.0 + (before_second - 1.0) * (-1.2_f64).exp();
        let exact = [
            0.0,
            after_first,
            after_second,
            after_second * (-2.8_f64).exp(),
        ];
        for (value, exact) in run.states.iter().zip(exact) {
            assert!(
                (value - exact).abs() < 1e-9,
                "{}: {value} {exact}",
                method.name()
            );
        }
    }
}

#[test]
fn coincident_switches_act_in_order_and_before_the_output() {
    for method in ALL {
        let mut system = decay(1.0).with_switch(|index, _, state, _| {
            if index == 0 {
                state[0] += 1.0;
            } else {
                state[0] *= 10.0;
            }
        });
        let plan = Plan {
            switches: &[1.0, 1.0],
            outputs: &[1.0, 1.0, 2.0],
            ..span(0.0, 2.0)
        };
        let run = integrate(
            &mut system,
            method,
            &plan,
            &[1.0],
            &tolerances(1e-9, 1e-9, 1),
        );
        let after = 10.0 * ((-1.0_f64).exp() + 1.0);
        assert!((run.states[0] - after).abs() < 1e-7, "{}", method.name());
        assert_eq!(run.states[0], run.states[1]);
        assert!((run.states[2] - after * (-1.0_f64).exp()).abs() < 1e-6);
    }
}

#[test]
fn switches_at_both_ends_of_the_span_act() {
    for method in ALL {
        let mut system = decay(1.0).with_switch(|_, _, state, _| state[0] += 1.0);
        let plan = Plan {
            switches: &[0.0, 2.0],
            outputs: &[0.0, 2.0],
            ..span(0.0, 2.0)
        };
        let run = integrate(
            &mut system,
            method,
            &plan,
            &[0.0],
            &tolerances(1e-9, 1e-9, 1),
        );
        assert_eq!(run.states[0], 1.0);
        assert!(
            (run.states[1] - 1.0 - (-2.0_f64).exp()).abs() < 1e-8,
            "{}",
            method.name()
        );
        assert_eq!(run.last_state[0], run.states[1]);
    }
}

#[test]
fn a_span_of_length_zero_is_a_run_without_steps() {
    for method in ALL {
        let mut system = decay(1.0).with_switch(|_, _, state, _| state[0] = 7.0);
        let plan = Plan {
            switches: &[3.0],
            outputs: &[3.0],
            ..span(3.0, 3.0)
        };
        let run = integrate(
            &mut system,
            method,
            &plan,
            &[1.0],
            &tolerances(1e-9, 1e-9, 1),
        );
        assert_eq!(run.outcome, Outcome::Completed);
        assert_eq!((run.states, run.effort.steps), (vec![7.0], 0));
    }
}
