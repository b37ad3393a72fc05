//! Extremes and areas over spans of time are those of the curve, whatever happens between outputs.
#![allow(clippy::disallowed_methods)] // exact solutions by the library's functions

mod problems;

use gutbrain_integrate::{
    Beginning, Direction, EventAction, EventRule, Measure, Method, Outcome, Plan, SpanRule,
    Trajectory, integrate,
};
use gutbrain_numbers::{Dual, Real};
use problems::{Problem, decay, span, tolerances};

fn rule(measure: Measure, from: f64, to: f64) -> SpanRule {
    SpanRule {
        quantity: 0,
        measure,
        from,
        to,
        longest_piece: 0.5,
    }
}

const ALL: [Measure; 3] = [Measure::Maximum, Measure::Minimum, Measure::Area];

/// dy/dt = -k y with k = 12 ln 2 (half-life of two hours), and 100 more at every switch.
fn drug<R: Real>(rate: R) -> Problem<R> {
    Problem::new(
        1,
        &[rate],
        |_, y, p, out| out[0] = -p[0] * y[0],
        |_, _, p, j| j[0] = -p[0],
    )
    .with_switch(|_, _, y, _| y[0] += R::from_f64(100.0))
    .with_quantity(|_, _, y, _| y[0])
}

fn of_drug(method: Method, doses: &[f64], rules: &[SpanRule]) -> Trajectory<f64> {
    let plan = Plan {
        switches: doses,
        spans: rules,
        ..span(0.0, 10.0)
    };
    let rate = 12.0 * 2.0_f64.ln();
    let options = tolerances(1e-10, 1e-9, 1);
    integrate(&mut drug(rate), method, &plan, &[0.0], &options)
}

/// ∫ over [from, to] and the largest and smallest value there, doses on the way.
fn exact(doses: &[f64], from: f64, to: f64) -> [f64; 3] {
    let k = 12.0 * 2.0_f64.ln();
    let amount = |dose: f64, time: f64| match dose <= time {
        true => 100.0 * (-k * (time - dose)).exp(),
        false => 0.0,
    };
    let before = |time: f64| -> f64 {
        let given = doses.iter().filter(|dose| **dose < time);
        given.map(|dose| amount(*dose, time)).sum()
    };
    let at = |time: f64| -> f64 { doses.iter().map(|dose| amount(*dose, time)).sum() };
    let area: f64 = doses
        .iter()
        .filter(|dose| **dose < to)
        .map(|dose| {
            let first = if *dose > from { *dose } else { from };
            (amount(*dose, first) - amount(*dose, to)) / k
        })
        .sum();
    // Between doses it falls: extremes lie at the ends and on both sides of doses.
    let inside = doses.iter().filter(|dose| **dose > from && **dose <= to);
    let sides = inside.flat_map(|dose| [before(*dose), at(*dose)]);
    let values: Vec<f64> = sides.chain([at(from), before(to), at(to)]).collect();
    let largest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let smallest = values.iter().copied().fold(f64::INFINITY, f64::min);
    [largest, smallest, area]
}

#[test]
fn doses_at_any_hour_count_in_full() {
    for method in [
        Method::Rodas5P,
        Method::Rodas4,
        Method::Dopri5,
        Method::Dop853,
    ] {
        for doses in [
            &[1.25][..],
            &[1.5],
            &[0.0],
            &[2.0, 2.0],
            &[0.1, 0.35, 3.999, 4.0, 7.7],
            &[10.0],
        ] {
            for (from, to) in [
                (0.0, 4.0),
                (1.3, 1.4),
                (0.35, 10.0),
                (3.0, 4.0),
                (9.5, 10.0),
            ] {
                let rules = ALL.map(|measure| rule(measure, from, to));
                let run = of_drug(method, doses, &rules);
                for ((found, exact), measure) in
                    run.spans.iter().zip(exact(doses, from, to)).zip(ALL)
                {
                    let found = found.expect("a span that was covered");
                    assert!(
                        (found - exact).abs() < 1e-7 * (exact.abs() + 1.0),
                        "{}, {doses:?}, {from} to {to}, {measure:?}: {found}, exact {exact}",
                        method.name()
                    );
                }
            }
        }
    }
}

/// Narrow peaks of what is far from linear in the state, in long steps: time itself is the state.
#[test]
fn narrow_peaks_in_long_steps_are_seen() {
    for method in [Method::Rodas5P, Method::Rodas4, Method::Dopri5] {
        for width in [0.2, 0.5, 2.0] {
            for centre in [50.3, 77.77, 20.0] {
                let mut clock =
                    Problem::new(1, &[], |_, _, _, out| out[0] = 1.0, |_, _, _, j| j[0] = 0.0)
                        .with_quantity(move |index, _, y: &[f64], _| {
                            let x = (y[0] - centre) / width;
                            let sign = if index == 0 { 1.0 } else { -1.0 };
                            sign * Real::exp(-x * x)
                        });
                let mut rules = ALL.map(|measure| rule(measure, 3.0, 99.0));
                rules[1].quantity = 1;
                let plan = Plan {
                    spans: &rules,
                    ..span(0.0, 100.0)
                };
                let run = integrate(
                    &mut clock,
                    method,
                    &plan,
                    &[0.0],
                    &tolerances(1e-6, 1e-6, 1),
                );
                assert_eq!(run.outcome, Outcome::Completed);
                assert!(run.effort.steps < 60, "{} steps", run.effort.steps);
                let area = width * std::f64::consts::PI.sqrt();
                for (found, exact) in run.spans.iter().zip([1.0, -1.0, area]) {
                    let found = found.expect("a span that was covered");
                    assert!(
                        (found - exact).abs() < 1e-6 * width,
                        "{found}, exact {exact}"
                    );
                }
            }
        }
    }
}

/// Maximum of a smooth bump inside: value and derivatives by the envelope theorem; area under it.
#[test]
fn derivatives_are_exact() {
    // y = e^{-a t} - e^{-b t} (Bateman), from (1, 0) with a transfer at rate a: y = a/(b-a) (…).
    let bateman = |a: f64, b: f64, t: f64| a / (b - a) * ((-a * t).exp() - (-b * t).exp());
    let peak = |a: f64, b: f64| bateman(a, b, (b / a).ln() / (b - a));
    let area = |a: f64, b: f64, to: f64| {
        a / (b - a) * ((1.0 - (-a * to).exp()) / a - (1.0 - (-b * to).exp()) / b)
    };
    let (a, b) = (0.7, 0.3);
    let parameters = [Dual::<2>::variable(a, 0), Dual::<2>::variable(b, 1)];
    let mut system = Problem::new(
        2,
        &parameters,
        |_, y, p, out| {
            out[0] = -p[0] * y[0];
            out[1] = p[0] * y[0] - p[1] * y[1];
        },
        |_, _, p, j| {
            j[0] = -p[0];
            j[1] = Dual::constant(0.0);
            j[2] = p[0];
            j[3] = -p[1];
        },
    )
    .with_quantity(|_, _, y, _| y[1]);
    let rules = [
        rule(Measure::Maximum, 0.0, 9.0),
        rule(Measure::Area, 0.0, 9.0),
    ];
    let plan = Plan {
        spans: &rules,
        ..span(0.0, 9.0)
    };
    let initial = [Dual::constant(1.0), Dual::constant(0.0)];
    let run = integrate(
        &mut system,
        Method::Rodas5P,
        &plan,
        &initial,
        &tolerances(1e-11, 1e-12, 2),
    );
    let h = 1e-5;
    let slope = |f: &dyn Fn(f64, f64) -> f64| {
        [
            (f(a + h, b) - f(a - h, b)) / (2.0 * h),
            (f(a, b + h) - f(a, b - h)) / (2.0 * h),
        ]
    };
    let expected = [
        (peak(a, b), slope(&peak)),
        (area(a, b, 9.0), slope(&|a, b| area(a, b, 9.0))),
    ];
    for (found, (value, slopes)) in run.spans.iter().zip(expected) {
        let found = found.expect("a span that was covered");
        assert!(
            (found.value - value).abs() < 1e-9,
            "{} {value}",
            found.value
        );
        for (tangent, slope) in found.tangent.iter().zip(slopes) {
            assert!((tangent - slope).abs() < 1e-7, "{tangent} {slope}");
        }
    }
}

/// What the run did not cover has no number; spans change no step; a bad span is a fault.
#[test]
fn spans_that_are_not_covered_have_no_number() {
    let stop = [EventRule {
        direction: Direction::Falling,
        action: EventAction::Stop,
        beginning: Beginning::Waits,
        longest_gap: None,
    }];
    let mut system = decay(1.0)
        .with_events(|_, y, _, values| values[0] = y[0] - 0.5)
        .with_quantity(|_, _, y, _| y[0]);
    let rules = [
        rule(Measure::Area, 0.0, 0.6),
        rule(Measure::Area, 0.0, 0.7),
        rule(Measure::Maximum, 2.0, 3.0),
        rule(Measure::Maximum, -1.0, 0.5),
    ];
    let plan = Plan {
        events: &stop,
        spans: &rules,
        ..span(0.0, 2.0)
    };
    let options = tolerances(1e-8, 1e-8, 1);
    let run = integrate(&mut system, Method::Rodas5P, &plan, &[1.0], &options);
    let area = run.spans[0].expect("it ends before the event at ln 2");
    assert!((area - (1.0 - (-0.6_f64).exp())).abs() < 1e-7, "{area}");
    assert_eq!(run.spans[1..], [None, None, None]);
    let without = Plan { spans: &[], ..plan };
    let other = integrate(&mut system, Method::Rodas5P, &without, &[1.0], &options);
    assert_eq!(
        (run.last_state, run.effort),
        (other.last_state, other.effort)
    );
    for bad in [
        rule(Measure::Area, 1.0, 1.0),
        rule(Measure::Area, f64::NAN, 1.0),
        SpanRule {
            longest_piece: 0.0,
            ..rules[0]
        },
    ] {
        let plan = Plan {
            spans: &[bad],
            ..span(0.0, 2.0)
        };
        let run = integrate(&mut system, Method::Rodas5P, &plan, &[1.0], &options);
        assert!(matches!(run.outcome, Outcome::Failed(_)));
    }
}

/// An undefined number anywhere in the span makes its result undefined, not a number of the rest.
#[test]
fn undefined_numbers_are_not_skipped() {
    let mut system = decay(1.0).with_quantity(|_, t, y, _| match t > 1.0 {
        true => f64::NAN,
        false => y[0],
    });
    let rules = ALL.map(|measure| rule(measure, 0.0, 2.0));
    let plan = Plan {
        spans: &rules,
        ..span(0.0, 2.0)
    };
    let run = integrate(
        &mut system,
        Method::Rodas5P,
        &plan,
        &[1.0],
        &tolerances(1e-6, 1e-6, 1),
    );
    assert!(run.spans.iter().all(|found| found.is_some_and(f64::is_nan)));
}
