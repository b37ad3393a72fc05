//! Order conditions of the tableaus, order of convergence of the own methods, dense output.
#![allow(clippy::disallowed_methods)] // exact solutions by the library's exp

mod problems;

use gutbrain_integrate::methods::{rodas4::RODAS4, rodas5p::RODAS5P};
use gutbrain_integrate::tableau::RosenbrockTableau;
use gutbrain_integrate::{Method, Outcome, Plan, Stepping, System, integrate};
use nalgebra::{DMatrix, DVector};
use problems::{logistic, lotka, oscillator, prothero_robinson, span, tolerances};

/// A rooted tree: its branches.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Tree(Vec<Tree>);

impl Tree {
    fn order(&self) -> usize {
        1 + self.0.iter().map(Tree::order).sum::<usize>()
    }

    /// γ(t): order times the densities of the branches.
    fn density(&self) -> f64 {
        self.order() as f64 * self.0.iter().map(Tree::density).product::<f64>()
    }
}

/// All rooted trees of one order.
fn trees(order: usize) -> Vec<Tree> {
    fn forests(size: usize, largest: usize) -> Vec<Vec<Tree>> {
        if size == 0 {
            return vec![Vec::new()];
        }
        let mut result = Vec::new();
        for first in 1..=largest.min(size) {
            for tree in trees(first) {
                for rest in forests(size - first, first) {
                    let mut forest = vec![tree.clone()];
                    forest.extend(rest);
                    forest.sort();
                    result.push(forest);
                }
            }
        }
        result.sort();
        result.dedup();
        result
    }
    forests(order - 1, order.saturating_sub(1))
        .into_iter()
        .map(Tree)
        .collect()
}

/// A tableau in the classical coefficients α, β = α + Γ (Hairer & Wanner II, IV.7).
struct Classical {
    alpha: DMatrix<f64>,
    gamma: DMatrix<f64>,
    /// Weights of y1, of the embedded solution, and what takes weights of k to weights of f.
    solution: DVector<f64>,
    embedded: DVector<f64>,
}

impl Classical {
    fn new(tableau: &RosenbrockTableau) -> Self {
        let stages = tableau.stages;
        let row = |stage: usize| -> Vec<f64> {
            let mut row = vec![0.0; stages];
            let known = stage.min(tableau.a.len() - 1);
            row[..tableau.a[known].len()].copy_from_slice(tableau.a[known]);
            for weight in row.iter_mut().take(stage).skip(tableau.a.len() - 1) {
                *weight = 1.0;
            }
            row
        };
        let a = DMatrix::from_fn(stages, stages, |i, j| row(i)[j]);
        let c = DMatrix::from_fn(stages, stages, |i, j| {
            tableau.c[i].get(j).copied().unwrap_or(0.0)
        });
        let inverse = DMatrix::identity(stages, stages) / tableau.gamma - c;
        let gamma = inverse
            .try_inverse()
            .expect("triangular with a full diagonal");
        let alpha = a * &gamma;
        let mut weights = DVector::from_vec(row(stages - 1));
        let embedded = gamma.transpose() * &weights;
        weights[stages - 1] = 1.0;
        let solution = gamma.transpose() * weights;
        Self {
            alpha,
            gamma,
            solution,
            embedded,
        }
    }

    /// Elementary weight of a tree in each stage: α where several branches meet, else β.
    fn weight(&self, tree: &Tree) -> DVector<f64> {
        let beta = &self.alpha + &self.gamma;
        let matrix = if tree.0.len() == 1 {
            &beta
        } else {
            &self.alpha
        };
        let mut product = DVector::from_element(self.alpha.nrows(), 1.0);
        for branch in &tree.0 {
            product.component_mul_assign(&(matrix * self.weight(branch)));
        }
        product
    }

    /// Largest violation of the conditions of one order for the value at fraction θ.
    fn violation(&self, weights: &DVector<f64>, order: usize, theta: f64) -> f64 {
        trees(order)
            .iter()
            .map(|tree| {
                let wanted = theta.powi(order as i32) / tree.density();
                (weights.dot(&self.weight(tree)) - wanted).abs()
            })
            .fold(0.0, f64::max)
    }
}

#[test]
fn there_are_as_many_trees_as_known() {
    let counts: Vec<usize> = (1..=6).map(|order| trees(order).len()).collect();
    assert_eq!(counts, [1, 1, 2, 4, 9, 20]);
}

#[test]
fn tableaus_meet_their_order_conditions() {
    for tableau in [&RODAS4, &RODAS5P] {
        let classical = Classical::new(tableau);
        for order in 1..=tableau.order as usize {
            let violation = classical.violation(&classical.solution, order, 1.0);
            assert!(violation < 2e-13, "order {order}: {violation:e}");
        }
        for order in 1..=tableau.embedded_order as usize {
            let violation = classical.violation(&classical.embedded, order, 1.0);
            assert!(violation < 2e-13, "embedded, order {order}: {violation:e}");
        }
        // And not more: otherwise the error estimate would vanish.
        let beyond = tableau.embedded_order as usize + 1;
        assert!(classical.violation(&classical.embedded, beyond, 1.0) > 1e-6);
    }
}

#[test]
fn nodes_are_the_sums_of_their_rows() {
    for tableau in [&RODAS4, &RODAS5P] {
        let classical = Classical::new(tableau);
        for stage in 0..tableau.stages {
            let node = classical.alpha.row(stage).sum();
            let weight = classical.gamma.row(stage).sum();
            assert!(
                (node - tableau.nodes[stage]).abs() < 1e-13,
                "node {stage}: {node}"
            );
            assert!(
                (weight - tableau.time_weights[stage]).abs() < 1e-13,
                "weight {stage}"
            );
        }
    }
}

#[test]
fn dense_output_meets_its_order_conditions() {
    for tableau in [&RODAS4, &RODAS5P] {
        let classical = Classical::new(tableau);
        let stages = tableau.stages;
        let ends = classical.gamma.transpose().try_inverse().unwrap() * &classical.solution;
        for theta in [0.1, 0.3, 0.5, 0.77, 1.0] {
            let weights = DVector::from_fn(stages, |stage, _| {
                let inner = tableau.dense.iter().rev().fold(0.0, |sum, row| {
                    row.get(stage).copied().unwrap_or(0.0) + theta * sum
                });
                theta * (ends[stage] + (1.0 - theta) * inner)
            });
            let weights = classical.gamma.transpose() * weights;
            for order in 1..=tableau.dense_order as usize {
                let violation = classical.violation(&weights, order, theta);
                assert!(violation < 2e-12, "order {order} at {theta}: {violation:e}");
            }
        }
    }
}

/// |R(∞)| of the stability function: 0 for an L-stable method.
#[test]
fn stability_function_vanishes_at_infinity() {
    for tableau in [&RODAS4, &RODAS5P] {
        let classical = Classical::new(tableau);
        let beta = &classical.alpha + &classical.gamma;
        let ones = DVector::from_element(tableau.stages, 1.0);
        let solved = beta.try_inverse().unwrap() * ones;
        for weights in [&classical.solution, &classical.embedded] {
            assert!((1.0 - weights.dot(&solved)).abs() < 1e-11);
        }
    }
}

/// Errors at the end of runs with halved steps, and the slopes between them.
fn slopes(
    method: Method,
    system: &mut impl System<f64>,
    start: &[f64],
    stop: f64,
    exact: &[f64],
    coarsest: f64,
    halvings: usize,
) -> Vec<f64> {
    let errors: Vec<f64> = (0..=halvings)
        .map(|halving| {
            let mut options = tolerances(1e-3, 1e-3, start.len());
            options.stepping = Stepping::Fixed(coarsest / f64::powi(2.0, halving as i32));
            let run = integrate(system, method, &span(0.0, stop), start, &options);
            assert_eq!(run.outcome, Outcome::Completed);
            run.last_state
                .iter()
                .zip(exact)
                .map(|(value, exact)| (value - exact).abs())
                .fold(0.0, f64::max)
        })
        .collect();
    errors
        .windows(2)
        .filter(|pair| pair[1] > 3e-13)
        .map(|pair| (pair[0] / pair[1]).log2())
        .collect()
}

/// The three halvings with the smallest steps above rounding lie around the nominal order.
fn assert_order(slopes: &[f64], order: u32, what: &str) {
    assert!(
        slopes.len() >= 3,
        "{what}: too few halvings above rounding: {slopes:?}"
    );
    let last = &slopes[slopes.len() - 3..];
    let mean = last.iter().sum::<f64>() / 3.0;
    assert!((mean - f64::from(order)).abs() < 0.15, "{what}: {slopes:?}");
}

fn own_methods() -> impl Iterator<Item = (Method, u32)> {
    [(Method::Rodas5P, 5), (Method::Rodas4, 4)].into_iter()
}

#[test]
fn own_methods_converge_at_their_order_on_logistic_growth() {
    let exact = 1.0 / (1.0 + 4.0 * (-1.0_f64).exp());
    for (method, order) in own_methods() {
        let slopes = slopes(method, &mut logistic(), &[0.2], 1.0, &[exact], 0.5, 8);
        assert_order(&slopes, order, method.name());
    }
}

/// On linear systems with constant coefficients Rodas5P happens to gain an order; none loses one.
#[test]
fn own_methods_are_no_worse_on_a_linear_oscillator() {
    let (sine, cosine) = 2.0_f64.sin_cos();
    for (method, order) in own_methods() {
        let slopes = slopes(
            method,
            &mut oscillator(),
            &[0.0, 1.0],
            2.0,
            &[sine, cosine],
            0.5,
            6,
        );
        let last = slopes[slopes.len() - 1];
        assert!(
            last > f64::from(order) - 0.15,
            "{}: {slopes:?}",
            method.name()
        );
    }
}

#[test]
fn own_methods_converge_at_their_order_on_predator_and_prey() {
    let options = tolerances(1e-13, 1e-13, 2);
    let exact = integrate(
        &mut lotka(),
        Method::Dop853,
        &span(0.0, 3.0),
        &[1.5, 0.8],
        &options,
    )
    .last_state;
    for (method, order) in own_methods() {
        let slopes = slopes(method, &mut lotka(), &[1.5, 0.8], 3.0, &exact, 0.25, 6);
        assert_order(&slopes, order, method.name());
    }
}

#[test]
fn own_methods_converge_at_their_order_when_time_is_explicit() {
    for (method, order) in own_methods() {
        let mut system = prothero_robinson(1.0);
        let slopes = slopes(method, &mut system, &[0.0], 2.0, &[2.0_f64.sin()], 0.5, 7);
        assert_order(&slopes, order, method.name());
    }
}

/// Very stiff problems cost every one-step method part of its order (Prothero & Robinson 1974):
/// Rodas5P keeps three, Rodas4 less.
#[test]
fn rodas5p_keeps_order_three_where_stiffness_reduces_it() {
    let exact = [2.0_f64.sin()];
    let mut system = prothero_robinson(1e6);
    let of_rodas5p = slopes(Method::Rodas5P, &mut system, &[0.0], 2.0, &exact, 0.5, 4);
    let of_rodas4 = slopes(Method::Rodas4, &mut system, &[0.0], 2.0, &exact, 0.5, 4);
    assert!(
        of_rodas5p.iter().all(|slope| *slope > 2.85),
        "{of_rodas5p:?}"
    );
    assert!(of_rodas4.iter().all(|slope| *slope < 2.5), "{of_rodas4:?}");
}

#[test]
fn dense_output_converges_at_its_order() {
    for (method, order) in [(Method::Rodas5P, 4), (Method::Rodas4, 3)] {
        let outputs: Vec<f64> = (1..200).map(|index| f64::from(index) / 100.0).collect();
        let errors: Vec<f64> = (0..6)
            .map(|halving| {
                let mut options = tolerances(1e-3, 1e-3, 2);
                options.stepping = Stepping::Fixed(0.5 / f64::powi(2.0, halving));
                let plan = Plan {
                    outputs: &outputs,
                    ..span(0.0, 2.0)
                };
                let run = integrate(&mut oscillator(), method, &plan, &[0.0, 1.0], &options);
                outputs
                    .iter()
                    .enumerate()
                    .map(|(index, time)| {
                        let state = run.state(index).unwrap();
                        (state[0] - time.sin())
                            .abs()
                            .max((state[1] - time.cos()).abs())
                    })
                    .fold(0.0, f64::max)
            })
            .collect();
        let slopes: Vec<f64> = errors
            .windows(2)
            .map(|pair| (pair[0] / pair[1]).log2())
            .collect();
        // The error inside a step is of the order of the interpolant plus one, until the
        // accumulated error of the steps, of the order of the method, which is as large.
        assert_order(&slopes, order + 1, method.name());
    }
}
