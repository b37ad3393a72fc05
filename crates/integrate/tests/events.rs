//! Events against analytic times: thresholds, bounces, narrow windows, coincidences.
#![allow(clippy::disallowed_methods)] // exact solutions by the library's functions
#![allow(clippy::float_cmp)] // times that must be exact

mod problems;

use std::f64::consts::{LN_2, PI};

use gutbrain_integrate::{
    Beginning, Direction, EventAction, EventRule, Method, Outcome, Plan, Trajectory, integrate,
};
use problems::{Problem, decay, oscillator, span, tolerances};

const ALL: [Method; 4] = [
    Method::Rodas5P,
    Method::Rodas4,
    Method::Dopri5,
    Method::Dop853,
];

fn rule(direction: Direction, action: EventAction) -> EventRule {
    EventRule {
        direction,
        action,
        beginning: Beginning::Waits,
        longest_gap: None,
    }
}

fn times(run: &Trajectory<f64>) -> Vec<f64> {
    run.events.iter().map(|hit| hit.time).collect()
}

#[test]
fn half_lives_are_found() {
    for method in ALL {
        let rules = [rule(Direction::Falling, EventAction::Record); 3];
        let mut system = decay(1.0).with_events(|_, y, _, values| {
            for (index, value) in values.iter_mut().enumerate() {
                *value = y[0] - f64::powi(0.5, index as i32 + 1);
            }
        });
        let plan = Plan {
            events: &rules,
            ..span(0.0, 5.0)
        };
        let run = integrate(
            &mut system,
            method,
            &plan,
            &[1.0],
            &tolerances(1e-10, 1e-12, 1),
        );
        assert_eq!(run.outcome, Outcome::Completed);
        let found = times(&run);
        assert_eq!(found.len(), 3);
        for (index, time) in found.iter().enumerate() {
            let exact = LN_2 * (index as f64 + 1.0);
            assert!(
                (time - exact).abs() < 1e-8,
                "{}: {time} {exact}",
                method.name()
            );
            assert!((run.events[index].state[0] - (-exact).exp()).abs() < 1e-9);
        }
    }
}

#[test]
fn every_crossing_of_an_oscillation_is_found_in_its_direction() {
    for method in ALL {
        for (direction, first, every) in [
            (Direction::Rising, 2.0 * PI, 2.0 * PI),
            (Direction::Falling, PI, 2.0 * PI),
            (Direction::Either, PI, PI),
        ] {
            let rules = [rule(direction, EventAction::Record)];
            let mut system = oscillator().with_events(|_, y, _, values| values[0] = y[0]);
            let plan = Plan {
                events: &rules,
                ..span(0.0, 50.0)
            };
            // The value is zero at the start: nothing is crossed there.
            let run = integrate(
                &mut system,
                method,
                &plan,
                &[0.0, 1.0],
                &tolerances(1e-9, 1e-9, 2),
            );
            let found = times(&run);
            let count = ((50.0 - first) / every).floor() as usize + 1;
            assert_eq!(
                found.len(),
                count,
                "{} {direction:?}: {found:?}",
                method.name()
            );
            for (index, time) in found.iter().enumerate() {
                let exact = first + every * index as f64;
                assert!(
                    (time - exact).abs() < 1e-6,
                    "{}: {time} {exact}",
                    method.name()
                );
            }
        }
    }
}

#[test]
fn a_stopping_event_ends_everything() {
    for method in ALL {
        let rules = [
            rule(Direction::Falling, EventAction::Record),
            rule(Direction::Falling, EventAction::Stop),
        ];
        let mut system = decay(1.0).with_events(|_, y, _, values| {
            values[0] = y[0] - 0.5;
            values[1] = y[0] - 0.25;
        });
        let outputs: Vec<f64> = (0..100).map(|index| f64::from(index) * 0.1).collect();
        let plan = Plan {
            events: &rules,
            outputs: &outputs,
            ..span(0.0, 10.0)
        };
        let run = integrate(
            &mut system,
            method,
            &plan,
            &[1.0],
            &tolerances(1e-9, 1e-9, 1),
        );
        assert_eq!(run.outcome, Outcome::Stopped { event: 1 });
        assert_eq!(run.events.len(), 2);
        assert!((run.last_time - 2.0 * LN_2).abs() < 1e-7);
        assert!((run.last_state[0] - 0.25).abs() < 1e-9);
        assert_eq!(
            run.times.len(),
            14,
            "outputs after the end: {:?}",
            run.times
        );
        assert!(run.times.iter().all(|time| *time < run.last_time));
    }
}

/// A ball dropped from height 1 bounces with switches known only by events: here a chain of
/// stopped runs, against the analytic times of its bounces.
#[test]
fn a_ball_bounces_at_its_analytic_times() {
    let gravity = 9.81;
    for method in ALL {
        let mut system = Problem::new(
            2,
            &[],
            move |_, y: &[f64], _, out: &mut [f64]| {
                out[0] = y[1];
                out[1] = -gravity;
            },
            |_, _, _, j: &mut [f64]| j.copy_from_slice(&[0.0, 1.0, 0.0, 0.0]),
        )
        .with_events(|_, y, _, values| values[0] = y[0]);
        let rules = [rule(Direction::Falling, EventAction::Stop)];
        let (mut time, mut state) = (0.0, vec![1.0, 0.0]);
        let fall = (2.0 / gravity).sqrt();
        for bounce in 0..6 {
            let plan = Plan {
                events: &rules,
                ..span(time, 10.0)
            };
            let run = integrate(
                &mut system,
                method,
                &plan,
                &state,
                &tolerances(1e-11, 1e-11, 2),
            );
            assert_eq!(run.outcome, Outcome::Stopped { event: 0 });
            time = run.last_time;
            // Each bounce keeps 0.8 of the speed; it starts at exactly zero height.
            state = vec![0.0, -0.8 * run.last_state[1]];
            let flights: f64 = (1..=bounce).map(|n| 2.0 * f64::powi(0.8, n)).sum();
            let exact = fall * (1.0 + flights);
            assert!(
                (time - exact).abs() < 1e-9,
                "{}: {time} {exact}",
                method.name()
            );
        }
    }
}

/// A value above zero only for a moment inside one long step must not be missed.
#[test]
fn a_moment_above_zero_inside_a_long_step_is_found() {
    for method in ALL {
        for (center, half_width) in [(0.37, 0.05), (1.31, 1e-2), (0.9, 1e-3), (1.777, 1e-4)] {
            // y = t, so that steps are as long as they may be.
            let mut system = Problem::new(
                1,
                &[],
                |_, _, _, out: &mut [f64]| out[0] = 1.0,
                |_, _, _, j: &mut [f64]| j[0] = 0.0,
            )
            .with_events(move |_, y, _, values| {
                let distance = y[0] - center;
                values[0] = half_width * half_width - distance * distance;
            });
            let rules = [rule(Direction::Either, EventAction::Record)];
            let plan = Plan {
                events: &rules,
                ..span(0.0, 2.0)
            };
            let run = integrate(
                &mut system,
                method,
                &plan,
                &[0.0],
                &tolerances(1e-6, 1e-6, 1),
            );
            let found = times(&run);
            assert_eq!(found.len(), 2, "{} {center} {half_width:e}", method.name());
            assert!(
                (found[0] - (center - half_width)).abs() < 1e-10,
                "{found:?}"
            );
            assert!(
                (found[1] - (center + half_width)).abs() < 1e-10,
                "{found:?}"
            );
        }
    }
}

#[test]
fn an_event_at_the_instant_of_a_switch_comes_first() {
    for method in ALL {
        // The event reads the time and crosses zero exactly where the switch acts; a second one
        // reads the state, which the switch throws back.
        let mut system = Problem::new(
            1,
            &[],
            |_, _, _, out: &mut [f64]| out[0] = 1.0,
            |_, _, _, j: &mut [f64]| j[0] = 0.0,
        )
        .with_switch(|_, _, state, _| state[0] = 0.5)
        .with_events(|t, y, _, values| {
            values[0] = t - 1.0;
            values[1] = y[0] - 1.1;
        });
        let rules = [rule(Direction::Rising, EventAction::Record); 2];
        let plan = Plan {
            events: &rules,
            switches: &[1.0],
            outputs: &[1.0],
            ..span(0.0, 1.75)
        };
        let run = integrate(
            &mut system,
            method,
            &plan,
            &[0.0],
            &tolerances(1e-8, 1e-8, 1),
        );
        let found = times(&run);
        assert_eq!(found.len(), 2, "{}: {found:?}", method.name());
        assert!(
            found[0] == 1.0 && (found[1] - 1.6).abs() < 1e-13,
            "{found:?}"
        );
        // The event sees the state before the switch.
        assert!((run.events[0].state[0] - 1.0).abs() < 1e-13);
        assert_eq!(
            run.states,
            [0.5],
            "the output shows the state after the switch"
        );
    }
}

#[test]
fn a_switch_that_carries_a_value_across_zero_is_an_event() {
    for method in ALL {
        for action in [EventAction::Record, EventAction::Stop] {
            let mut system = decay(1.0)
                .with_switch(|_, _, state, _| state[0] += 5.0)
                .with_events(|_, y, _, values| values[0] = y[0] - 3.0);
            let rules = [rule(Direction::Rising, action)];
            let plan = Plan {
                events: &rules,
                switches: &[1.0],
                outputs: &[1.0],
                ..span(0.0, 1.2)
            };
            let run = integrate(
                &mut system,
                method,
                &plan,
                &[1.0],
                &tolerances(1e-8, 1e-8, 1),
            );
            assert_eq!(times(&run), [1.0]);
            assert!((run.events[0].state[0] - 5.0 - (-1.0_f64).exp()).abs() < 1e-7);
            let (outcome, outputs) = match action {
                EventAction::Record => (Outcome::Completed, 1),
                EventAction::Stop => (Outcome::Stopped { event: 0 }, 0),
                EventAction::Ask => unreachable!("not tried here"),
            };
            assert_eq!((run.outcome, run.times.len()), (outcome, outputs));
        }
    }
}

#[test]
fn events_zero_after_a_switch_do_not_fire_twice() {
    for method in ALL {
        // The value is exactly zero from the switch on, then rises, then falls through zero.
        let mut system = Problem::new(
            1,
            &[-1.0],
            |_, _, p: &[f64], out: &mut [f64]| out[0] = p[0],
            |_, _, _, j: &mut [f64]| j[0] = 0.0,
        )
        .with_switch(|index, _, state, p| {
            if index == 0 {
                state[0] = 0.0;
            }
            p[0] = if index == 0 { 1.0 } else { -1.0 };
        })
        .with_events(|_, y, _, values| values[0] = y[0]);
        let rules = [rule(Direction::Either, EventAction::Record)];
        let plan = Plan {
            events: &rules,
            switches: &[1.0, 2.0],
            ..span(0.0, 4.0)
        };
        let run = integrate(
            &mut system,
            method,
            &plan,
            &[5.0],
            &tolerances(1e-8, 1e-8, 1),
        );
        let found = times(&run);
        // The switch at 1 drops 4 to 0: an event. Leaving zero is none. Back at 3.
        assert_eq!(found.len(), 2, "{}: {found:?}", method.name());
        assert!(
            found[0] == 1.0 && (found[1] - 3.0).abs() < 1e-13,
            "{found:?}"
        );
    }
}

#[test]
fn events_of_one_instant_come_in_the_order_of_their_rules() {
    for method in ALL {
        let mut system = decay(1.0).with_events(|_, y, _, values| {
            values[0] = y[0] - 0.5;
            values[1] = 0.5 - y[0];
            values[2] = y[0] - 0.5;
        });
        let rules = [
            rule(Direction::Falling, EventAction::Record),
            rule(Direction::Rising, EventAction::Stop),
            rule(Direction::Falling, EventAction::Record),
        ];
        let plan = Plan {
            events: &rules,
            ..span(0.0, 4.0)
        };
        let run = integrate(
            &mut system,
            method,
            &plan,
            &[1.0],
            &tolerances(1e-8, 1e-8, 1),
        );
        let order: Vec<usize> = run.events.iter().map(|hit| hit.event).collect();
        assert_eq!(order, [0, 1, 2], "{}", method.name());
        assert_eq!(run.outcome, Outcome::Stopped { event: 1 });
    }
}

#[test]
fn switches_follow_an_event_at_its_exact_time() {
    for method in [
        Method::Rodas5P,
        Method::Rodas4,
        Method::Dopri5,
        Method::Dop853,
    ] {
        // Falls to a half at ln 2; a day later what flows in is switched on for a day. A switch that was
        // planned for later is not carried out.
        let mut system = Problem::new(
            1,
            &[0.0],
            |_, y, p, out| out[0] = p[0] - y[0],
            |_, _, _, j| j[0] = -1.0,
        )
        .with_events(|_, y, _, out| out[0] = y[0] - 0.5)
        .with_switch(|index, _, _, p| p[0] = if index == 1 { 1.0 } else { 0.0 })
        .with_replan(|event, time: f64| {
            assert_eq!(event, 0);
            // The second passing of the threshold changes nothing.
            (time < 1.0).then(|| vec![time + 1.0, time + 2.0, 9.0])
        });
        let rules = [rule(Direction::Falling, EventAction::Ask)];
        let outputs = [0.5, 1.0, 4.0];
        let plan = Plan {
            switches: &[0.25, 1.5],
            outputs: &outputs,
            events: &rules,
            ..span(0.0, 4.0)
        };
        let options = tolerances(1e-10, 1e-12, 1);
        let run = integrate(&mut system, method, &plan, &[1.0], &options);
        let half = LN_2;
        assert!(run.outcome == Outcome::Completed, "{}", method.name());
        let first = run.events[0].time;
        assert!((first - half).abs() < 1e-9, "{}: {first}", method.name());
        let on = 1.0 + (0.5 * (-1.0_f64).exp() - 1.0) * (-1.0_f64).exp();
        let exact = [(-0.5_f64).exp(), (-1.0_f64).exp(), on * (half - 2.0).exp()];
        for (value, exact) in run.states.iter().zip(exact) {
            assert!((value - exact).abs() < 1e-8, "{}: {value}", method.name());
        }
        assert_eq!(run.times, outputs);
        // It rises above a half and falls below it once more.
        assert_eq!(run.events.len(), 2, "{}", method.name());
        let second = half + 2.0 + (2.0 * on).ln();
        assert!((run.events[1].time - second).abs() < 1e-8);
    }
}
