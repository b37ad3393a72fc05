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

use std::cmp::Ordering;
use std::collections::BTreeSet;

use gutbrain_native::MadeOnce;
use gutbrain_numbers::{Real, Scalar};

use crate::Pattern;
use crate::lanes::NativeElimination;

/// The program of a factorisation, valid for every matrix of one pattern.
///
/// The values of the factors are stored in the order in which they are used: the inverse pivots,
/// then the entries below each pivot, then the entries right of each pivot.
#[derive(Clone, Debug)]
pub struct Elimination {
    /// The row of each pivot, in order of elimination.
    rows: Vec<usize>,
    /// Per pivot, the entries below it: `below_starts[p]..below_starts[p + 1]`.
    below_starts: Vec<usize>,
    below_rows: Vec<u32>,
    /// Per pivot, the entries right of it.
    right_starts: Vec<usize>,
    right_columns: Vec<u32>,
    /// Per pivot, slots of (row of an entry below, column of an entry right), row after row.
    targets: Vec<u32>,
    slot_of_entry: Vec<u32>,
    slot_of_diagonal: Vec<u32>,
    /// The same as machine code, for lanes.
    pub(crate) native: MadeOnce<NativeElimination>,
}

impl Elimination {
    /// Plan the elimination of matrices with this pattern.
    #[must_use]
    pub fn new(pattern: &Pattern) -> Self {
        let dimension = pattern.dimension();
        let mut columns_of: Vec<BTreeSet<usize>> = Vec::with_capacity(dimension);
        let mut rows_of: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); dimension];
        for row in 0..dimension {
            let columns: BTreeSet<usize> = pattern
                .row(row)
                .map(|entry| pattern.columns()[entry])
                .collect();
            for column in &columns {
                rows_of[*column].insert(row);
            }
            columns_of.push(columns);
        }
        let rows = eliminate_symbolically(&mut columns_of, &mut rows_of);
        let mut rank = vec![0; dimension];
        for (position, row) in rows.iter().enumerate() {
            rank[*row] = position;
        }

        let (mut below_starts, mut below_rows) = (vec![0], Vec::new());
        let (mut right_starts, mut right_columns) = (vec![0], Vec::new());
        for &pivot in &rows {
            let later = |index: &usize| rank[*index] > rank[pivot];
            below_rows.extend(rows_of[pivot].iter().copied().filter(later));
            right_columns.extend(columns_of[pivot].iter().copied().filter(later));
            below_starts.push(below_rows.len());
            right_starts.push(right_columns.len());
        }
        let slot = |row: usize, column: usize| {
            // Entries of one pivot are ascending, and the pattern with its fill has all of them.
            let within = |starts: &[usize], indices: &[usize], pivot: usize, index: usize| {
                let range = starts[pivot]..starts[pivot + 1];
                range.start + indices[range].partition_point(|other| *other < index)
            };
            match rank[row].cmp(&rank[column]) {
                Ordering::Equal => rank[row],
                Ordering::Greater => {
                    dimension + within(&below_starts, &below_rows, rank[column], row)
                }
                Ordering::Less => {
                    let before = dimension + below_rows.len();
                    before + within(&right_starts, &right_columns, rank[row], column)
                }
            }
        };
        let mut targets = Vec::new();
        for pivot in 0..dimension {
            for &row in &below_rows[below_starts[pivot]..below_starts[pivot + 1]] {
                for &column in &right_columns[right_starts[pivot]..right_starts[pivot + 1]] {
                    targets.push(slot(row, column) as u32);
                }
            }
        }
        let slot_of_entry = (0..dimension)
            .flat_map(|row| pattern.row(row).map(move |entry| (row, entry)))
            .map(|(row, entry)| slot(row, pattern.columns()[entry]) as u32)
            .collect();
        let slot_of_diagonal = (0..dimension).map(|row| slot(row, row) as u32).collect();
        let narrow = |indices: &[usize]| indices.iter().map(|index| *index as u32).collect();
        Self {
            below_rows: narrow(&below_rows),
            right_columns: narrow(&right_columns),
            rows,
            below_starts,
            right_starts,
            targets,
            slot_of_entry,
            slot_of_diagonal,
            native: MadeOnce::default(),
        }
    }

    /// The row of a pivot.
    pub(crate) fn row_of(&self, pivot: usize) -> usize {
        self.rows[pivot]
    }

    /// Writes the elimination of `shift · I - A` down, step by step.
    pub(crate) fn describe_factorisation(&self, course: &mut impl FactorisationCourse) {
        let dimension = self.rows.len();
        let mut filled = vec![false; self.filled_entries()];
        for (entry, slot) in self.slot_of_entry.iter().enumerate() {
            course.load(*slot as usize, entry);
            filled[*slot as usize] = true;
        }
        for slot in (0..filled.len()).filter(|slot| !filled[*slot]) {
            course.clear(slot);
        }
        for slot in &self.slot_of_diagonal {
            course.shift(*slot as usize);
        }
        let right_base = dimension + self.below_rows.len();
        let mut targets = self.targets.iter();
        for pivot in 0..dimension {
            course.invert(pivot);
            let right = self.right_starts[pivot]..self.right_starts[pivot + 1];
            for lower in self.below_starts[pivot]..self.below_starts[pivot + 1] {
                course.scale(dimension + lower, pivot);
                for (upper, target) in right.clone().zip(&mut targets) {
                    course.reduce(*target as usize, dimension + lower, right_base + upper);
                }
            }
        }
    }

    /// Writes the solution with the factors down, step by step.
    pub(crate) fn describe_solution(&self, course: &mut impl SolutionCourse) {
        let dimension = self.rows.len();
        let right_base = dimension + self.below_rows.len();
        for pivot in 0..dimension {
            for entry in self.below_starts[pivot]..self.below_starts[pivot + 1] {
                let row = self.below_rows[entry] as usize;
                course.reduce(row, dimension + entry, self.rows[pivot]);
            }
        }
        for pivot in (0..dimension).rev() {
            let row = self.rows[pivot];
            for entry in self.right_starts[pivot]..self.right_starts[pivot + 1] {
                let column = self.right_columns[entry] as usize;
                course.reduce(row, right_base + entry, column);
            }
            course.divide(row, pivot);
        }
    }

    /// Entries of the factors, fill included.
    #[must_use]
    pub fn filled_entries(&self) -> usize {
        self.rows.len() + self.below_rows.len() + self.right_columns.len()
    }
}

/// The steps of a factorisation, on slots of the factors.
pub(crate) trait FactorisationCourse {
    /// slot = -entry
    fn load(&mut self, slot: usize, entry: usize);
    /// slot = 0
    fn clear(&mut self, slot: usize);
    /// slot += shift
    fn shift(&mut self, slot: usize);
    /// pivot = 1 / pivot
    fn invert(&mut self, pivot: usize);
    /// slot *= pivot
    fn scale(&mut self, slot: usize, pivot: usize);
    /// target -= lower · upper
    fn reduce(&mut self, target: usize, lower: usize, upper: usize);
}

/// The steps of a solution, on rows of the right-hand side and slots of the factors.
pub(crate) trait SolutionCourse {
    /// target -= factor · known
    fn reduce(&mut self, target: usize, factor: usize, known: usize);
    /// target *= pivot, which is inverted
    fn divide(&mut self, target: usize, pivot: usize);
}

/// Choose the order and add the fill to the sets of columns per row and rows per column.
fn eliminate_symbolically(
    columns_of: &mut [BTreeSet<usize>],
    rows_of: &mut [BTreeSet<usize>],
) -> Vec<usize> {
    let mut remaining: BTreeSet<usize> = (0..columns_of.len()).collect();
    let mut order = Vec::with_capacity(columns_of.len());
    // The diagonal is an entry too: one less.
    let others = |set: &BTreeSet<usize>, remaining: &BTreeSet<usize>| {
        set.intersection(remaining).count().saturating_sub(1)
    };
    while let Some(pivot) = remaining.iter().copied().min_by_key(|&index| {
        let in_row = others(&columns_of[index], &remaining);
        (in_row * others(&rows_of[index], &remaining), index)
    }) {
        remaining.remove(&pivot);
        order.push(pivot);
        let below: Vec<usize> = rows_of[pivot].intersection(&remaining).copied().collect();
        let right: Vec<usize> = columns_of[pivot]
            .intersection(&remaining)
            .copied()
            .collect();
        for &row in &below {
            for &column in &right {
                columns_of[row].insert(column);
                rows_of[column].insert(row);
            }
        }
    }
    order
}

/// A factorised matrix.
#[derive(Clone, Debug)]
pub struct Factors<R> {
    values: Vec<R>,
}

impl<R: Real> Factors<R> {
    /// Space for the factors of matrices with one pattern.
    #[must_use]
    pub fn new(elimination: &Elimination) -> Self {
        Self {
            values: vec![R::from_f64(0.0); elimination.filled_entries()],
        }
    }

    /// Factorise `shift · I + scale · A`, with the entries of A in pattern order.
    pub fn factorise(&mut self, elimination: &Elimination, shift: f64, scale: f64, entries: &[R]) {
        self.factorise_each(elimination, R::from_f64(shift), scale, entries);
    }

    /// The same with a shift of its own in every lane.
    #[inline(always)]
    #[allow(clippy::needless_range_loop)] // see below
    pub(crate) fn factorise_each(
        &mut self,
        elimination: &Elimination,
        shift: R,
        scale: f64,
        entries: &[R],
    ) {
        // Plain indices throughout: iterators of the standard library are not always compiled into
        // the function that was made for an instruction set.
        let values = &mut self.values[..];
        let zero = R::from_f64(0.0);
        for slot in 0..values.len() {
            values[slot] = zero;
        }
        for entry in 0..entries.len() {
            let slot = elimination.slot_of_entry[entry] as usize;
            values[slot] = entries[entry].scale(scale);
        }
        let dimension = elimination.rows.len();
        for row in 0..dimension {
            values[elimination.slot_of_diagonal[row] as usize] += shift;
        }
        let one = R::from_f64(1.0);
        let right_base = dimension + elimination.below_rows.len();
        let mut next = 0;
        for pivot in 0..dimension {
            let inverse = one / values[pivot];
            values[pivot] = inverse;
            let right_start = right_base + elimination.right_starts[pivot];
            let right_end = right_base + elimination.right_starts[pivot + 1];
            for lower in elimination.below_starts[pivot]..elimination.below_starts[pivot + 1] {
                let multiplier = values[dimension + lower] * inverse;
                values[dimension + lower] = multiplier;
                for upper in right_start..right_end {
                    let product = multiplier * values[upper];
                    values[elimination.targets[next] as usize] -= product;
                    next += 1;
                }
            }
        }
    }

    /// Replace the right-hand side by the solution.
    #[inline(always)]
    #[allow(clippy::needless_range_loop)] // see `factorise_each`
    pub fn solve(&self, elimination: &Elimination, right_hand_side: &mut [R]) {
        let dimension = elimination.rows.len();
        let (inverses, rest) = self.values.split_at(dimension);
        let (lower, upper) = rest.split_at(elimination.below_rows.len());
        for pivot in 0..dimension {
            let known = right_hand_side[elimination.rows[pivot]];
            for entry in elimination.below_starts[pivot]..elimination.below_starts[pivot + 1] {
                let row = elimination.below_rows[entry] as usize;
                right_hand_side[row] -= lower[entry] * known;
            }
        }
        for pivot in (0..dimension).rev() {
            let row = elimination.rows[pivot];
            let mut sum = right_hand_side[row];
            for entry in elimination.right_starts[pivot]..elimination.right_starts[pivot + 1] {
                let column = elimination.right_columns[entry] as usize;
                sum -= upper[entry] * right_hand_side[column];
            }
            right_hand_side[row] = sum * inverses[pivot];
        }
    }

    /// The same for a right-hand side of another kind of number, whose tangents are solved for too.
    pub(crate) fn solve_scaled<S: Scalar>(
        &self,
        elimination: &Elimination,
        right_hand_side: &mut [S],
    ) where
        R: Scalar,
    {
        let dimension = elimination.rows.len();
        let (inverses, rest) = self.values.split_at(dimension);
        let (lower, upper) = rest.split_at(elimination.below_rows.len());
        for (pivot, row) in elimination.rows.iter().enumerate() {
            let known = right_hand_side[*row];
            let below = elimination.below_starts[pivot]..elimination.below_starts[pivot + 1];
            let indices = &elimination.below_rows[below.clone()];
            for (value, index) in lower[below].iter().zip(indices) {
                right_hand_side[*index as usize] -= known.scale(value.value());
            }
        }
        for (pivot, row) in elimination.rows.iter().enumerate().rev() {
            let mut sum = right_hand_side[*row];
            let right = elimination.right_starts[pivot]..elimination.right_starts[pivot + 1];
            let indices = &elimination.right_columns[right.clone()];
            for (value, index) in upper[right].iter().zip(indices) {
                sum -= right_hand_side[*index as usize].scale(value.value());
            }
            right_hand_side[*row] = sum.scale(inverses[pivot].value());
        }
    }

    /// All values, in the order of their slots.
    pub(crate) fn values(&self) -> &[R] {
        &self.values
    }

    /// All values, to be overwritten.
    pub(crate) fn values_mut(&mut self) -> &mut [R] {
        &mut self.values
    }

    /// The inverse pivots, in order of elimination.
    #[inline(always)]
    pub(crate) fn inverse_pivots(&self, elimination: &Elimination) -> &[R] {
        &self.values[..elimination.rows.len()]
    }

    /// The first row whose pivot was zero or not finite.
    #[must_use]
    pub fn failing_row(&self, elimination: &Elimination) -> Option<usize>
    where
        R: Scalar,
    {
        // The inverse of an infinite pivot is 0, that of 0 is infinite.
        let broken = |inverse: &R| !inverse.is_finite() || inverse.value() == 0.0;
        let mut inverses = self.values.iter().take(elimination.rows.len());
        inverses
            .position(broken)
            .map(|pivot| elimination.rows[pivot])
    }
}
