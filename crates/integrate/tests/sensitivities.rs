//! Exact derivatives over duals against extrapolated differences and analytic derivatives,
//! through doses, windows and events; the values are those of a plain run, bit by bit.
#![allow(clippy::disallowed_methods)] // exact solutions by the library's functions
#![allow(clippy::float_cmp)] // bitwise equality is the claim

mod problems;

use gutbrain_integrate::{
    Beginning, Direction, EventAction, EventRule, Method, Options, Outcome, Plan, Trajectory,
    integrate, settle,
};
use gutbrain_numbers::{Dual, Real, Scalar};
use problems::{Problem, decay, span};

const K: usize = 4;
const PARAMETERS: [f64; K] = [0.7, 3.0, 0.4, 1.3];

/// Uptake by a saturable carrier, binding and loss, with a dose and a window:
/// parameters carrier rate, half saturation, loss, size of dose and window.
fn pharmacology<R: Real>(parameters: &[R]) -> Problem<R> {
    let c = R::from_f64;
    Problem::new(
        3,
        &[parameters, &[R::from_f64(0.0)]].concat(),
        move |_, y, p, out| {
            let uptake = p[0] * y[0] / (p[1] + y[0]);
            let effect = y[1].max(c(0.0)).powf(c(1.5) + p[2]);
            let fast = c(200.0) * (y[1] - y[2]);
            out[0] = p[4] - uptake;
            out[1] = uptake - p[2] * y[1] - fast;
            out[2] = fast - effect * y[2];
        },
        move |_, y, p, j| {
            let sum = p[1] + y[0];
            let by_gut = p[0] * p[1] / (sum * sum);
            let power = c(1.5) + p[2];
            let positive = y[1].max(c(0.0));
            let effect = positive.powf(power);
            let slope = power * positive.powf(power - c(1.0));
            j.copy_from_slice(&[
                -by_gut,
                c(0.0),
                c(0.0),
                by_gut,
                -p[2] - c(200.0),
                c(200.0),
                c(0.0),
                c(200.0) - slope * y[2],
                c(-200.0) - effect,
            ]);
        },
    )
    .with_switch(|index, _, state, p| match index {
        0 => state[0] += p[3],
        1 => p[4] = p[3] * p[3],
        _ => p[4] = R::from_f64(0.0),
    })
    .with_events(move |_, y, p, values| {
        values[0] = y[2] - c(0.5);
        values[1] = y[0] - p[1];
    })
}

const SWITCHES: [f64; 3] = [1.0, 4.0, 5.5];
const OUTPUTS: [f64; 6] = [0.5, 1.0, 1.7, 4.0, 7.3, 12.0];

fn run<R: Scalar>(parameters: &[R], method: Method, relative: f64) -> Trajectory<R> {
    let rules = [EventRule {
        direction: Direction::Either,
        action: EventAction::Record,
        beginning: Beginning::Waits,
        longest_gap: None,
    }; 2];
    let plan = Plan {
        switches: &SWITCHES,
        outputs: &OUTPUTS,
        events: &rules,
        ..span(0.0, 12.0)
    };
    let start = [2.0, 0.1, 0.1].map(R::from_f64);
    let options = Options::new(relative, vec![relative * 1e-3; 3]);
    let run = integrate(
        &mut pharmacology(parameters),
        method,
        &plan,
        &start,
        &options,
    );
    assert_eq!(run.outcome, Outcome::Completed);
    run
}

fn duals() -> [Dual<K>; K] {
    std::array::from_fn(|index| Dual::variable(PARAMETERS[index], index))
}

/// Everything a run says, as one row of numbers: states at outputs, event times and states.
fn row<R: Scalar>(run: &Trajectory<R>) -> Vec<R> {
    let hits = run.events.iter().flat_map(|hit| {
        let mut numbers = vec![hit.time];
        numbers.extend_from_slice(&hit.state);
        numbers
    });
    run.states.iter().copied().chain(hits).collect()
}

#[test]
fn values_over_duals_are_those_of_plain_numbers() {
    for method in [Method::Rodas5P, Method::Rodas4] {
        let plain = run(&PARAMETERS, method, 1e-7);
        let dual = run(&duals(), method, 1e-7);
        assert_eq!(plain.effort, dual.effort);
        assert!(plain.events.len() >= 4, "{:?}", plain.events);
        let values: Vec<f64> = row(&dual).iter().map(|number| number.value).collect();
        assert_eq!(row(&plain), values);
    }
}

#[test]
fn tangents_match_extrapolated_differences_through_doses_and_events() {
    let exact = row(&run(&duals(), Method::Rodas5P, 1e-12));
    for parameter in 0..K {
        let at = |shift: f64| {
            let mut parameters = PARAMETERS;
            parameters[parameter] += shift;
            row(&run(&parameters, Method::Rodas5P, 1e-12))
        };
        // Richardson: two rounds on central differences of steps h, h/2, h/4.
        let central = |step: f64| -> Vec<f64> {
            let (plus, minus) = (at(step), at(-step));
            assert_eq!(plus.len(), exact.len());
            plus.iter()
                .zip(&minus)
                .map(|(plus, minus)| (plus - minus) / (2.0 * step))
                .collect()
        };
        let step = 2e-3 * PARAMETERS[parameter];
        let rows = [central(step), central(step / 2.0), central(step / 4.0)];
        let largest = exact
            .iter()
            .map(|number| number.tangent[parameter].abs())
            .fold(0.0, f64::max);
        for (index, number) in exact.iter().enumerate() {
            let [coarse, middle, fine] = [rows[0][index], rows[1][index], rows[2][index]];
            let first = (4.0 * middle - coarse) / 3.0;
            let second = (4.0 * fine - middle) / 3.0;
            let difference = (16.0 * second - first) / 15.0;
            let error = (number.tangent[parameter] - difference).abs();
            assert!(
                error < 1e-6 * largest,
                "parameter {parameter}, number {index}: {} {difference}",
                number.tangent[parameter]
            );
        }
    }
}

#[test]
fn event_times_have_their_analytic_derivatives() {
    // y = y0 exp(-k t) meets 1/2 at t = ln(2 y0) / k: dt/dk = -t/k, dt/dy0 = 1/(k y0).
    for method in [Method::Rodas5P, Method::Rodas4] {
        for relative in [1e-6, 1e-11] {
            let rate = Dual::<2>::variable(0.8, 0);
            let start = Dual::<2>::variable(3.0, 1);
            let mut system =
                decay(rate).with_events(|_, y, _, values| values[0] = y[0] - Dual::constant(0.5));
            let rules = [EventRule {
                direction: Direction::Falling,
                action: EventAction::Stop,
                beginning: Beginning::Waits,
                longest_gap: None,
            }];
            let plan = Plan {
                events: &rules,
                ..span(0.0, 9.0)
            };
            let options = Options::new(relative, vec![relative]);
            let run = integrate(&mut system, method, &plan, &[start], &options);
            let time = 6.0_f64.ln() / 0.8;
            let hit = &run.events[0];
            let close = |a: f64, b: f64| (a - b).abs() < 100.0 * relative * b.abs();
            assert!(close(hit.time.value, time), "{} {time}", hit.time.value);
            assert!(close(hit.time.tangent[0], -time / 0.8), "{:?}", hit.time);
            assert!(
                close(hit.time.tangent[1], 1.0 / (0.8 * 3.0)),
                "{:?}",
                hit.time
            );
            // On the event the state is 1/2 whatever the parameters: total derivative zero.
            assert!(
                hit.state[0].tangent.iter().all(|t| t.abs() < 1e-12),
                "{:?}",
                hit.state
            );
            assert_eq!(run.last_state, hit.state);
        }
    }
}

#[test]
fn steady_states_have_their_analytic_derivatives() {
    // y0' = a - b y0, y1' = b y0 - c y1, y2' = 0 held: y0 = a/b, y1 = a/c.
    let [a, b, c] =
        std::array::from_fn(|index| Dual::<3>::variable([2.0, 0.5, 1e-3][index], index));
    let mut system = Problem::new(
        3,
        &[a, b, c],
        |_, y, p, out| {
            out[0] = p[0] - p[1] * y[0];
            out[1] = p[1] * y[0] - p[2] * y[1];
            out[2] = y[1];
        },
        |_, _, p, j| {
            let (zero, one) = (Dual::constant(0.0), Dual::constant(1.0));
            j.copy_from_slice(&[-p[1], zero, zero, p[1], -p[2], zero, zero, one, zero]);
        },
    );
    let guess = [1.0, 1.0, 7.0].map(Dual::constant);
    let options = Options::new(1e-8, vec![1e-8; 3]);
    let steady = settle(&mut system, &guess, &[false, false, true], &options).unwrap();
    let (y0, y1) = (a / b, a / c);
    for (own, exact) in [(steady[0], y0), (steady[1], y1)] {
        assert!(
            (own.value / exact.value - 1.0).abs() < 1e-14,
            "{own:?} {exact:?}"
        );
        for (own, exact) in own.tangent.iter().zip(exact.tangent) {
            assert!(
                (own - exact).abs() < 1e-12 * (1.0 + exact.abs()),
                "{own} {exact}"
            );
        }
    }
    assert_eq!(steady[2], Dual::constant(7.0));
}

#[test]
fn steady_states_keep_conserved_totals_and_their_derivatives() {
    // Binding: a + b = total, forward f, backward r: a = total r / (f + r).
    let total = Dual::<2>::variable(3.0, 0);
    let forward = Dual::<2>::variable(2.0, 1);
    let backward = Dual::<2>::constant(0.5);
    let mut system = Problem::new(
        2,
        &[forward, backward],
        |_, y, p, out| {
            let net = p[0] * y[0] - p[1] * y[1];
            out[0] = -net;
            out[1] = net;
        },
        |_, _, p, j| j.copy_from_slice(&[-p[0], p[1], p[0], -p[1]]),
    );
    let guess = [total, Dual::constant(0.0)];
    let options = Options::new(1e-10, vec![1e-10; 2]);
    let steady = settle(&mut system, &guess, &[], &options).unwrap();
    let exact = total * backward / (forward + backward);
    assert!((steady[0].value - exact.value).abs() < 1e-13);
    for (own, exact) in steady[0].tangent.iter().zip(exact.tangent) {
        assert!((own - exact).abs() < 1e-10, "{:?} {exact:?}", steady[0]);
    }
}

#[test]
fn settle_runs_into_the_state_the_system_runs_into() {
    // y' = y (1 - y) (y - 0.2): from 0.3 to 1, from 0.1 to 0, never to the root at 0.2.
    let system = || {
        Problem::new(
            1,
            &[],
            |_, y: &[f64], _, out: &mut [f64]| out[0] = y[0] * (1.0 - y[0]) * (y[0] - 0.2),
            |_, y: &[f64], _, j: &mut [f64]| {
                j[0] = -3.0 * y[0] * y[0] + 2.4 * y[0] - 0.2;
            },
        )
    };
    let options = Options::new(1e-8, vec![1e-10]);
    for (guess, exact) in [(0.3, 1.0), (0.1, 0.0), (5.0, 1.0), (0.200_000_1, 1.0)] {
        let steady = settle(&mut system(), &[guess], &[], &options).unwrap();
        assert!((steady[0] - exact).abs() < 1e-12, "{guess}: {steady:?}");
    }
}
