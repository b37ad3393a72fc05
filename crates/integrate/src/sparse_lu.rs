//! Sparse LU factorisation whose whole course is fixed by the pattern.
//!
//! The order of elimination is chosen once on the structural pattern by Markowitz' rule (the
//! diagonal entry with the smallest (entries in row - 1)(entries in column - 1), the lowest
//! index on a tie), and the elimination becomes a straight-line program over value slots: no
//! branch depends on a number, so it runs over lanes and duals alike and always in the same
//! order. There is no numerical pivoting: the matrices are `I/(γh) - J`, dominated by their
//! diagonal for small h, and a pivot that is zero or not finite is reported so that the step
//! can be taken again with a smaller h.
//!
//! H. M. Markowitz (1957) Management Science 3:255, doi:10.1287/mnsc.3.3.255.

use std::collections::BTreeSet;

use gutbrain_numbers::{Real, Scalar};

use crate::Pattern;

/// An entry beside the pivot: its row or column, and its slot.
#[derive(Clone, Copy, Debug)]
struct Entry {
    index: usize,
    slot: usize,
}

/// One pivot of the elimination.
#[derive(Clone, Debug)]
struct Pivot {
    row: usize,
    diagonal: usize,
    /// Entries below the pivot.
    below: Vec<Entry>,
    /// Entries right of the pivot.
    right: Vec<Entry>,
    /// Slots of (row of `below`, column of `right`), row after row.
    targets: Vec<usize>,
}

/// The program of a factorisation, valid for every matrix of one pattern.
#[derive(Clone, Debug)]
pub struct Elimination {
    dimension: usize,
    slots: usize,
    slot_of_entry: Vec<usize>,
    slot_of_diagonal: Vec<usize>,
    pivots: Vec<Pivot>,
}

impl Elimination {
    /// Plan the elimination of matrices with this pattern.
    #[must_use]
    pub fn new(pattern: &Pattern) -> Self {
        let dimension = pattern.dimension();
        let mut rows: Vec<BTreeSet<usize>> = Vec::with_capacity(dimension);
        let mut columns: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); dimension];
        for row in 0..dimension {
            let of_row: BTreeSet<usize> = pattern
                .row(row)
                .map(|entry| pattern.columns()[entry])
                .collect();
            for column in &of_row {
                columns[*column].insert(row);
            }
            rows.push(of_row);
        }
        let order = eliminate_symbolically(&mut rows, &mut columns);

        let starts: Vec<usize> = rows
            .iter()
            .scan(0, |next, row| {
                let start = *next;
                *next += row.len();
                Some(start)
            })
            .collect();
        let filled: Vec<Vec<usize>> = rows
            .iter()
            .map(|row| row.iter().copied().collect())
            .collect();
        // Every asked entry exists: the sets are closed under fill.
        let slot = |row: usize, column: usize| {
            starts[row] + filled[row].partition_point(|other| *other < column)
        };

        let mut rank = vec![0; dimension];
        for (position, row) in order.iter().enumerate() {
            rank[*row] = position;
        }
        let pivots = order
            .iter()
            .map(|&row| {
                let later = |index: &&usize| rank[**index] > rank[row];
                let below: Vec<Entry> = columns[row]
                    .iter()
                    .filter(later)
                    .map(|&index| Entry {
                        index,
                        slot: slot(index, row),
                    })
                    .collect();
                let right: Vec<Entry> = rows[row]
                    .iter()
                    .filter(later)
                    .map(|&index| Entry {
                        index,
                        slot: slot(row, index),
                    })
                    .collect();
                let targets = below
                    .iter()
                    .flat_map(|lower| right.iter().map(move |upper| (lower.index, upper.index)))
                    .map(|(target_row, target_column)| slot(target_row, target_column))
                    .collect();
                Pivot {
                    row,
                    diagonal: slot(row, row),
                    below,
                    right,
                    targets,
                }
            })
            .collect();
        let slot_of_entry = (0..dimension)
            .flat_map(|row| pattern.row(row).map(move |entry| (row, entry)))
            .map(|(row, entry)| slot(row, pattern.columns()[entry]))
            .collect();
        let slot_of_diagonal = (0..dimension).map(|row| slot(row, row)).collect();
        let slots = filled.iter().map(Vec::len).sum();
        Self {
            dimension,
            slots,
            slot_of_entry,
            slot_of_diagonal,
            pivots,
        }
    }

    /// Entries of the factors, fill included.
    #[must_use]
    pub fn filled_entries(&self) -> usize {
        self.slots
    }
}

/// Choose the order and add the fill to the sets of columns per row and rows per column.
fn eliminate_symbolically(
    rows: &mut [BTreeSet<usize>],
    columns: &mut [BTreeSet<usize>],
) -> Vec<usize> {
    let mut remaining: BTreeSet<usize> = (0..rows.len()).collect();
    let mut order = Vec::with_capacity(rows.len());
    while let Some(pivot) = remaining.iter().copied().min_by_key(|&index| {
        let active = |set: &BTreeSet<usize>| set.intersection(&remaining).count() - 1;
        (active(&rows[index]) * active(&columns[index]), index)
    }) {
        remaining.remove(&pivot);
        order.push(pivot);
        let below: Vec<usize> = columns[pivot].intersection(&remaining).copied().collect();
        let right: Vec<usize> = rows[pivot].intersection(&remaining).copied().collect();
        for &row in &below {
            for &column in &right {
                rows[row].insert(column);
                columns[column].insert(row);
            }
        }
    }
    order
}

/// A factorised matrix.
#[derive(Clone, Debug)]
pub struct Factors<R> {
    values: Vec<R>,
    inverse_pivots: Vec<R>,
}

impl<R: Real> Factors<R> {
    /// Space for the factors of matrices with one pattern.
    #[must_use]
    pub fn new(elimination: &Elimination) -> Self {
        Self {
            values: vec![R::from_f64(0.0); elimination.slots],
            inverse_pivots: vec![R::from_f64(0.0); elimination.dimension],
        }
    }

    /// Factorise `shift · I + scale · A`, with the entries of A in pattern order.
    pub fn factorise(&mut self, elimination: &Elimination, shift: f64, scale: f64, entries: &[R]) {
        self.values.fill(R::from_f64(0.0));
        for (entry, slot) in entries.iter().zip(&elimination.slot_of_entry) {
            self.values[*slot] = entry.scale(scale);
        }
        let shift = R::from_f64(shift);
        for slot in &elimination.slot_of_diagonal {
            self.values[*slot] += shift;
        }
        let one = R::from_f64(1.0);
        let values = &mut self.values[..];
        for pivot in &elimination.pivots {
            let inverse = one / values[pivot.diagonal];
            self.inverse_pivots[pivot.row] = inverse;
            let mut targets = pivot.targets.iter();
            for lower in &pivot.below {
                let multiplier = values[lower.slot] * inverse;
                values[lower.slot] = multiplier;
                for (upper, target) in pivot.right.iter().zip(&mut targets) {
                    let product = multiplier * values[upper.slot];
                    values[*target] -= product;
                }
            }
        }
    }

    /// Replace the right-hand side by the solution.
    pub fn solve(&self, elimination: &Elimination, right_hand_side: &mut [R]) {
        for pivot in &elimination.pivots {
            let known = right_hand_side[pivot.row];
            for lower in &pivot.below {
                right_hand_side[lower.index] -= self.values[lower.slot] * known;
            }
        }
        for pivot in elimination.pivots.iter().rev() {
            let mut sum = right_hand_side[pivot.row];
            for upper in &pivot.right {
                sum -= self.values[upper.slot] * right_hand_side[upper.index];
            }
            right_hand_side[pivot.row] = sum * self.inverse_pivots[pivot.row];
        }
    }
}

impl<R: Scalar> Factors<R> {
    /// The first row whose pivot was zero or not finite.
    #[must_use]
    pub fn failing_row(&self) -> Option<usize> {
        // The inverse of an infinite pivot is 0, that of 0 is infinite.
        self.inverse_pivots
            .iter()
            .position(|inverse| !inverse.is_finite() || inverse.value() == 0.0)
    }
}
