//! Sparse LU against dense LU, its order and its report of singular matrices; patterns.
#![allow(clippy::float_cmp)] // equality of bits is the claim

use gutbrain_integrate::sparse_lu::{Elimination, Factors};
use gutbrain_integrate::{Pattern, PatternFault};
use gutbrain_numbers::{Dual, Lanes, Real};
use nalgebra::{DMatrix, DVector};
use proptest::prelude::*;

fn random_pattern(dimension: usize, entries: &[(usize, usize)]) -> Pattern {
    Pattern::new(
        dimension,
        entries
            .iter()
            .map(|(row, column)| (row % dimension, column % dimension)),
    )
}

/// Values of a matrix dominated by its diagonal, from numbers in [-1, 1].
fn dominant(pattern: &Pattern, numbers: &[f64]) -> (Vec<f64>, DMatrix<f64>) {
    let dimension = pattern.dimension();
    let mut values = vec![0.0; pattern.entries()];
    let mut matrix = DMatrix::zeros(dimension, dimension);
    for row in 0..dimension {
        let mut sum = 0.5;
        for entry in pattern.row(row) {
            let column = pattern.columns()[entry];
            if column != row {
                values[entry] = numbers[entry % numbers.len()];
                sum += values[entry].abs();
                matrix[(row, column)] = values[entry];
            }
        }
        let diagonal = pattern.position(row, row).expect("always contained");
        values[diagonal] = if row % 2 == 0 { sum } else { -sum };
        matrix[(row, row)] = values[diagonal];
    }
    (values, matrix)
}

proptest! {
    #[test]
    fn solutions_equal_those_of_dense_factorisation(
        dimension in 1..25_usize,
        entries in prop::collection::vec((0..1000_usize, 0..1000_usize), 0..120),
        numbers in prop::collection::vec(-1.0..1.0_f64, 50),
        right in prop::collection::vec(-5.0..5.0_f64, 25),
    ) {
        let pattern = random_pattern(dimension, &entries);
        let (values, matrix) = dominant(&pattern, &numbers);
        let elimination = Elimination::new(&pattern);
        let mut factors = Factors::new(&elimination);
        factors.factorise(&elimination, 0.0, 1.0, &values);
        prop_assert_eq!(factors.failing_row(&elimination), None);
        let mut own = right[..dimension].to_vec();
        factors.solve(&elimination, &mut own);
        let dense = matrix.lu().solve(&DVector::from_column_slice(&right[..dimension])).unwrap();
        for (own, dense) in own.iter().zip(dense.iter()) {
            prop_assert!((own - dense).abs() < 1e-11 * (1.0 + dense.abs()));
        }
        prop_assert!(elimination.filled_entries() >= pattern.entries());
        prop_assert!(elimination.filled_entries() <= dimension * dimension);
    }

    /// Over lanes and duals the values are those of plain numbers, bit by bit.
    #[test]
    fn every_kind_of_number_gives_the_same_bits(
        entries in prop::collection::vec((0..1000_usize, 0..1000_usize), 0..60),
        numbers in prop::collection::vec(-1.0..1.0_f64, 50),
        right in prop::collection::vec(-5.0..5.0_f64, 12),
    ) {
        let pattern = random_pattern(12, &entries);
        let (values, _) = dominant(&pattern, &numbers);
        let elimination = Elimination::new(&pattern);
        let plain = solve(&elimination, &values, &right);
        let lanes = solve::<Lanes<4>>(&elimination, &values, &right);
        let duals = solve::<Dual<2>>(&elimination, &values, &right);
        for index in 0..12 {
            prop_assert_eq!(lanes[index].0, [plain[index]; 4]);
            prop_assert_eq!(duals[index], Dual::constant(plain[index]));
        }
    }
}

fn solve<R: Real>(elimination: &Elimination, values: &[f64], right: &[f64]) -> Vec<R> {
    let lift = |numbers: &[f64]| numbers.iter().map(|x| R::from_f64(*x)).collect::<Vec<R>>();
    let mut factors = Factors::new(elimination);
    factors.factorise(elimination, 3.0, -0.25, &lift(values));
    let mut solution = lift(right);
    factors.solve(elimination, &mut solution);
    solution
}

#[test]
fn an_arrow_is_eliminated_without_fill() {
    // Full first row and column: eliminating it first would fill everything.
    let dimension = 30;
    let border = (1..dimension).flat_map(|index| [(0, index), (index, 0)]);
    let pattern = Pattern::new(dimension, border);
    assert_eq!(
        Elimination::new(&pattern).filled_entries(),
        pattern.entries()
    );
}

#[test]
fn a_chain_is_eliminated_without_fill() {
    let pattern = Pattern::new(
        40,
        (1..40).flat_map(|index| [(index, index - 1), (index - 1, index)]),
    );
    assert_eq!(
        Elimination::new(&pattern).filled_entries(),
        pattern.entries()
    );
}

#[test]
fn singular_and_broken_matrices_are_reported() {
    let pattern = Pattern::dense(2);
    let elimination = Elimination::new(&pattern);
    let mut factors = Factors::new(&elimination);
    for (values, failing) in [
        ([1.0, 2.0, 2.0, 4.0], true),
        ([0.0, 1.0, 1.0, 0.0], true),
        ([f64::NAN, 1.0, 1.0, 3.0], true),
        ([f64::INFINITY, 1.0, 1.0, 3.0], true),
        ([1.0, 2.0, 2.0, 5.0], false),
    ] {
        factors.factorise(&elimination, 0.0, 1.0, &values);
        assert_eq!(
            factors.failing_row(&elimination).is_some(),
            failing,
            "{values:?}"
        );
    }
}

#[test]
fn patterns_are_checked_and_contain_their_diagonal() {
    let pattern = Pattern::new(3, [(0, 2), (2, 0), (0, 2), (9, 0), (0, 9)]);
    assert_eq!((pattern.dimension(), pattern.entries()), (3, 5));
    assert_eq!(pattern.columns(), [0, 2, 1, 0, 2]);
    assert_eq!(pattern.position(0, 2), Some(1));
    assert_eq!(pattern.position(1, 2), None);
    let compressed = Pattern::compressed(vec![0, 2, 3, 5], vec![0, 2, 1, 0, 2]);
    assert_eq!(compressed, Ok(pattern));
    assert_eq!(
        Pattern::compressed(vec![], vec![]),
        Err(PatternFault::RowStarts)
    );
    assert_eq!(
        Pattern::compressed(vec![0, 2, 1], vec![0]),
        Err(PatternFault::RowStarts)
    );
    assert_eq!(
        Pattern::compressed(vec![0, 2, 3], vec![1, 0, 1]),
        Err(PatternFault::Columns { row: 0 })
    );
    assert_eq!(
        Pattern::compressed(vec![0, 1, 2], vec![0, 2]),
        Err(PatternFault::Columns { row: 1 })
    );
    assert_eq!(
        Pattern::compressed(vec![0, 1, 2], vec![0, 0]),
        Err(PatternFault::Diagonal { row: 1 })
    );
    assert_eq!(Pattern::new(0, []).dimension(), 0);
}
