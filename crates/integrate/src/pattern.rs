//! [`Pattern`]: where a square sparse matrix may have entries other than zero.
//!
//! Row-compressed: the entries of row `i` are numbers `row_starts[i]..row_starts[i + 1]`
//! of the value array, in ascending order of their columns. The diagonal is always
//! contained, because the matrices of implicit methods are `I/(γh) - J`.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use crate::sparse_lu::Elimination;

/// A row-compressed sparsity pattern with a full diagonal.
///
/// The elimination of its matrices is planned when it is first asked for, and kept: planning costs
/// as much as hundreds of steps.
#[derive(Clone, Debug)]
pub struct Pattern {
    row_starts: Vec<usize>,
    columns: Vec<usize>,
    elimination: OnceLock<Arc<Elimination>>,
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        // The elimination follows from the rest.
        self.row_starts == other.row_starts && self.columns == other.columns
    }
}

impl Eq for Pattern {}

/// Why three arrays do not describe a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternFault {
    /// The row starts do not rise from 0 to the number of columns.
    #[error("row starts must rise from 0 to the number of entries")]
    RowStarts,
    /// The columns of a row are not ascending or exceed the dimension.
    #[error("the columns of row {row} must be ascending and below the dimension")]
    Columns {
        /// The row.
        row: usize,
    },
    /// A diagonal entry is missing.
    #[error("row {row} lacks its diagonal entry")]
    Diagonal {
        /// The row.
        row: usize,
    },
}

impl Pattern {
    /// The pattern of `entries`, given as (row, column) in any order, plus the diagonal.
    ///
    /// Entries outside the matrix are dropped.
    #[must_use]
    pub fn new(dimension: usize, entries: impl IntoIterator<Item = (usize, usize)>) -> Self {
        let mut rows: Vec<BTreeSet<usize>> =
            (0..dimension).map(|row| BTreeSet::from([row])).collect();
        for (row, column) in entries {
            if column < dimension
                && let Some(columns) = rows.get_mut(row)
            {
                columns.insert(column);
            }
        }
        let mut row_starts = vec![0];
        let mut columns = Vec::new();
        for row in rows {
            columns.extend(row);
            row_starts.push(columns.len());
        }
        Self {
            row_starts,
            columns,
            elimination: OnceLock::new(),
        }
    }

    /// Every entry.
    #[must_use]
    pub fn dense(dimension: usize) -> Self {
        Self::new(
            dimension,
            (0..dimension).flat_map(|row| (0..dimension).map(move |column| (row, column))),
        )
    }

    /// A pattern that is already row-compressed, checked.
    ///
    /// # Errors
    /// A [`PatternFault`] unless rows are ascending and contain their diagonal.
    pub fn compressed(row_starts: Vec<usize>, columns: Vec<usize>) -> Result<Self, PatternFault> {
        let rising = row_starts.windows(2).all(|pair| pair[0] <= pair[1]);
        if row_starts.first() != Some(&0) || row_starts.last() != Some(&columns.len()) || !rising {
            return Err(PatternFault::RowStarts);
        }
        let dimension = row_starts.len() - 1;
        for row in 0..dimension {
            let of_row = &columns[row_starts[row]..row_starts[row + 1]];
            let ascending = of_row.windows(2).all(|pair| pair[0] < pair[1]);
            if !ascending || of_row.last().is_some_and(|last| *last >= dimension) {
                return Err(PatternFault::Columns { row });
            }
            if of_row.binary_search(&row).is_err() {
                return Err(PatternFault::Diagonal { row });
            }
        }
        Ok(Self {
            row_starts,
            columns,
            elimination: OnceLock::new(),
        })
    }

    /// The plan by which its matrices are factorised.
    pub(crate) fn elimination(&self) -> Arc<Elimination> {
        let plan = || Arc::new(Elimination::new(self));
        Arc::clone(self.elimination.get_or_init(plan))
    }

    /// Number of rows and of columns.
    #[must_use]
    pub fn dimension(&self) -> usize {
        self.row_starts.len() - 1
    }

    /// Number of entries, the length of the value array.
    #[must_use]
    pub fn entries(&self) -> usize {
        self.columns.len()
    }

    /// Columns of all entries, row after row.
    #[must_use]
    pub fn columns(&self) -> &[usize] {
        &self.columns
    }

    /// The numbers of the entries of one row.
    #[must_use]
    pub fn row(&self, row: usize) -> Range<usize> {
        self.row_starts[row]..self.row_starts[row + 1]
    }

    /// The number of the entry at (row, column), if the pattern has it.
    #[must_use]
    pub fn position(&self, row: usize, column: usize) -> Option<usize> {
        let range = self.row(row);
        let found = self.columns[range.clone()].binary_search(&column).ok()?;
        Some(range.start + found)
    }
}
