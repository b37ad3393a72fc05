//! Linear systems against exact exponentials; outputs that change nothing; time and switches.
#![allow(clippy::disallowed_methods)] // exact solutions by the library's exp
#![allow(clippy::float_cmp)] // bitwise equality is the claim

mod problems;

use gutbrain_integrate::{Method, Options, Outcome, Pattern, Plan, System, Trajectory, integrate};
use nalgebra::{DMatrix, DVector};
use problems::{Problem, decay, hires, lotka, prothero_robinson, span, tolerances};
use proptest::prelude::*;

const ALL: [Method; 4] = [
    Method::Rodas5P,
    Method::Rodas4,
    Method::Dopri5,
    Method::Dop853,
];

/// y' = A y, with a sparse pattern.
struct Linear {
    matrix: DMatrix<f64>,
    pattern: Pattern,
}

impl Linear {
    fn new(matrix: DMatrix<f64>) -> Self {
        let dimension = matrix.nrows();
        let entries = (0..dimension)
            .flat_map(|row| (0..dimension).map(move |column| (row, column)))
            .filter(|entry| matrix[*entry] != 0.0);
        Self {
            pattern: Pattern::new(dimension, entries),
            matrix,
        }
    }
}

impl System<f64> for Linear {
    fn dimension(&self) -> usize {
        self.matrix.nrows()
    }
    fn derivative(&mut self, _time: f64, state: &[f64], derivative: &mut [f64]) {
        let product = &self.matrix * DVector::from_column_slice(state);
        derivative.copy_from_slice(product.as_slice());
    }
    fn jacobian_pattern(&self) -> &Pattern {
        &self.pattern
    }
    fn jacobian(&mut self, _time: f64, _state: &[f64], values: &mut [f64]) {
        for row in 0..self.matrix.nrows() {
            for entry in self.pattern.row(row) {
                values[entry] = self.matrix[(row, self.pattern.columns()[entry])];
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn random_linear_systems_match_the_matrix_exponential(
        dimension in 1..7_usize,
        numbers in prop::collection::vec(-2.0..2.0_f64, 36),
        holes in prop::collection::vec(any::<bool>(), 36),
        start in prop::collection::vec(-3.0..3.0_f64, 6),
        stop in 0.1..3.0_f64,
    ) {
        let matrix = DMatrix::from_fn(dimension, dimension, |row, column| {
            if holes[6 * row + column] { 0.0 } else { numbers[6 * row + column] }
        });
        let exact = (&matrix * stop).exp() * DVector::from_column_slice(&start[..dimension]);
        let scale = exact.amax().max(1.0);
        for method in ALL {
            let run = integrate(
                &mut Linear::new(matrix.clone()),
                method,
                &span(0.0, stop),
                &start[..dimension],
                &tolerances(1e-9, 1e-9, dimension),
            );
            prop_assert_eq!(&run.outcome, &Outcome::Completed);
            for (value, exact) in run.last_state.iter().zip(exact.iter()) {
                prop_assert!((value - exact).abs() < 1e-6 * scale, "{}", method.name());
            }
        }
    }
}

#[test]
fn stiff_linear_chain_reaches_its_exact_end() {
    // Eigenvalues -1e6, -1 and -1e-2.
    let matrix = DMatrix::from_row_slice(3, 3, &[-1e6, 0.0, 0.0, 1e6, -1.0, 0.0, 0.0, 1.0, -1e-2]);
    let exact = {
        let (a, b, c) = (1e6, 1.0, 1e-2);
        let t = 5.0_f64;
        let term = |x: f64, y: f64, z: f64| (-x * t).exp() * a * b / ((y - x) * (z - x));
        term(a, b, c) + term(b, a, c) + term(c, a, b)
    };
    for method in [Method::Rodas5P, Method::Rodas4] {
        let run = integrate(
            &mut Linear::new(matrix.clone()),
            method,
            &span(0.0, 5.0),
            &[1.0, 0.0, 0.0],
            &tolerances(1e-8, 1e-10, 3),
        );
        assert!(
            (run.last_state[2] - exact).abs() < 1e-7,
            "{}",
            method.name()
        );
        assert!(run.effort.steps < 2000, "{:?}", run.effort);
    }
}

/// The error follows the tolerance over eight decades.
#[test]
fn error_follows_the_tolerance() {
    let exact = (-3.0_f64).exp();
    for method in ALL {
        for exponent in 4..12 {
            let tolerance = 10.0_f64.powi(-exponent);
            let options = tolerances(tolerance, tolerance, 1);
            let run = integrate(&mut decay(1.0), method, &span(0.0, 3.0), &[1.0], &options);
            let error = (run.last_state[0] - exact).abs();
            assert!(
                error < 5.0 * tolerance,
                "{} {tolerance:e}: {error:e}",
                method.name()
            );
        }
    }
}

fn with_outputs(method: Method, outputs: &[f64]) -> Trajectory<f64> {
    let plan = Plan {
        outputs,
        switches: &[1.0, 2.5],
        ..span(0.0, 4.0)
    };
    let mut system = lotka().with_switch(|_, _, state, _| state[0] += 0.5);
    integrate(
        &mut system,
        method,
        &plan,
        &[1.5, 0.8],
        &tolerances(1e-7, 1e-9, 2),
    )
}

#[test]
fn output_grid_never_changes_the_solution() {
    for method in ALL {
        let none = with_outputs(method, &[]);
        let few = with_outputs(method, &[0.0, 1.0, 1.7, 4.0]);
        let many: Vec<f64> = (0..=4000).map(|index| f64::from(index) * 1e-3).collect();
        let many = with_outputs(method, &many);
        assert_eq!(none.last_state, few.last_state, "{}", method.name());
        assert_eq!(none.last_state, many.last_state, "{}", method.name());
        assert_eq!(none.effort.steps, many.effort.steps);
        assert_eq!(few.state(1), many.state(1000));
        assert_eq!(few.state(2), many.state(1700));
        assert_eq!(few.state(3), Some(&few.last_state[..]));
        assert_eq!((few.times.len(), many.times.len()), (4, 4001));
    }
}

#[test]
fn dense_output_is_as_good_as_the_steps() {
    for method in ALL {
        let outputs: Vec<f64> = (0..=1000).map(|index| f64::from(index) * 3e-3).collect();
        let plan = Plan {
            outputs: &outputs,
            ..span(0.0, 3.0)
        };
        let run = integrate(
            &mut decay(1.0),
            method,
            &plan,
            &[1.0],
            &tolerances(1e-8, 1e-8, 1),
        );
        for (time, value) in run.times.iter().zip(&run.states) {
            let error = (value - (-time).exp()).abs();
            assert!(error < 2e-7, "{} at {time}: {error:e}", method.name());
        }
    }
}

#[test]
fn equations_that_read_the_time_are_integrated_right() {
    for method in [Method::Rodas5P, Method::Rodas4] {
        for stiffness in [1.0, 1e3, 1e6] {
            let mut system = prothero_robinson(stiffness);
            let options = tolerances(1e-9, 1e-9, 1);
            let run = integrate(
                &mut system,
                method,
                &span(0.5, 3.0),
                &[0.5_f64.sin()],
                &options,
            );
            let error = (run.last_state[0] - 3.0_f64.sin()).abs();
            assert!(error < 1e-7, "{} {stiffness:e}: {error:e}", method.name());
        }
    }
    for method in [Method::Dopri5, Method::Dop853] {
        let mut system = prothero_robinson(1.0);
        // Start below zero: a trap of the crate behind these methods.
        let options = tolerances(1e-9, 1e-9, 1);
        let run = integrate(
            &mut system,
            method,
            &span(-2.0, 2.0),
            &[(-2.0_f64).sin()],
            &options,
        );
        let error = (run.last_state[0] - 2.0_f64.sin()).abs();
        assert!(
            error < 1e-7,
            "{}: {error:e} {:?}",
            method.name(),
            run.effort
        );
        assert!(
            run.effort.steps < 100,
            "{}: {:?}",
            method.name(),
            run.effort
        );
    }
}

/// Rescaling a state and its tolerance by a power of two changes no bit.
#[test]
fn units_that_differ_by_a_power_of_two_change_nothing() {
    let factor = f64::powi(2.0, 13);
    for method in ALL {
        let run = |scale: f64| {
            let mut system = Problem::new(
                1,
                &[],
                move |_, y: &[f64], _, out: &mut [f64]| out[0] = y[0] * (1.0 - y[0] / scale),
                move |_, y: &[f64], _, j: &mut [f64]| j[0] = 1.0 - 2.0 * y[0] / scale,
            );
            let options = Options::new(1e-6, vec![1e-8 * scale]);
            integrate(
                &mut system,
                method,
                &span(0.0, 9.0),
                &[0.01 * scale],
                &options,
            )
        };
        assert_eq!(
            run(factor).last_state[0],
            factor * run(1.0).last_state[0],
            "{}",
            method.name()
        );
    }
}

#[test]
fn explicit_methods_agree_with_the_stiff_ones() {
    let options = Options::new(1e-11, vec![1e-14; 8]);
    let start = problems::HIRES_START;
    let reference = integrate(
        &mut hires(),
        Method::Rodas5P,
        &span(0.0, 20.0),
        &start,
        &options,
    );
    for method in [Method::Rodas4, Method::Dopri5, Method::Dop853] {
        let options = Options::new(1e-10, vec![1e-13; 8]);
        let run = integrate(&mut hires(), method, &span(0.0, 20.0), &start, &options);
        for (value, exact) in run.last_state.iter().zip(&reference.last_state) {
            assert!(
                (value / exact - 1.0).abs() < 1e-6,
                "{}: {value} {exact}",
                method.name()
            );
        }
    }
}

/// Steps, rejections and calls on two problems: a change here is a numerical change.
#[test]
fn effort_is_as_recorded() {
    let effort = |method| {
        let hires = integrate(
            &mut hires(),
            method,
            &span(0.0, 321.8122),
            &problems::HIRES_START,
            &tolerances(1e-6, 1e-8, 8),
        );
        let lotka = integrate(
            &mut lotka(),
            method,
            &span(0.0, 20.0),
            &[1.5, 0.8],
            &tolerances(1e-6, 1e-6, 2),
        );
        [hires.effort, lotka.effort].map(|effort| {
            [
                effort.steps,
                effort.rejected,
                effort.derivative_calls,
                effort.factorisations,
            ]
        })
    };
    assert_eq!(
        ALL.map(effort),
        [
            [[127, 2, 1031, 129], [102, 12, 901, 114]],
            [[227, 1, 1368, 228], [168, 12, 1069, 180]],
            [[10456, 0, 62739, 0], [62, 3, 393, 0]],
            [[5393, 37, 65126, 0], [23, 5, 334, 0]],
        ]
    );
}
