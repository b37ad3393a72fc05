//! Rows that wait for their turn: put aside as they come, read back in the same order.
//!
//! A cohort lives animal by animal, and its tables stand arm by arm. What does not fit the memory goes to
//! a file of the store's that has no name and is never part of the results.

use std::collections::BTreeMap;
use std::io::SeekFrom;

use gutbrain_table::Table;

use super::{Scratch, Store, StudyError};

/// Rows that are kept in memory; more are put aside.
const ROWS: usize = 1 << 12;

/// Rows of one table that were put aside, in blocks.
pub(super) struct Waiting {
    waiting: Option<Table>,
    file: Option<Box<dyn Scratch>>,
    /// Lengths of the blocks in the file.
    blocks: Vec<usize>,
}

impl Waiting {
    /// No rows.
    pub(super) fn new() -> Self {
        Self {
            waiting: None,
            file: None,
            blocks: Vec::new(),
        }
    }

    /// Puts rows aside; all of them have the same columns.
    pub(super) fn push(&mut self, rows: Table, store: &mut dyn Store) -> Result<(), StudyError> {
        match &mut self.waiting {
            None => self.waiting = Some(rows),
            Some(waiting) => waiting.append(rows)?,
        }
        let full = self.waiting.as_ref().is_some_and(|it| it.rows() >= ROWS);
        if full && let Some(rows) = self.waiting.take() {
            let file = match &mut self.file {
                Some(file) => file,
                None => self.file.insert(store.scratch()?),
            };
            let bytes = rows.to_parquet(&BTreeMap::new())?;
            file.write_all(&bytes)
                .map_err(|source| StudyError::write(&store.place(), source))?;
            self.blocks.push(bytes.len());
        }
        Ok(())
    }

    /// Gives the rows back, in their order.
    pub(super) fn each(
        mut self,
        place: &str,
        mut take: impl FnMut(Table) -> Result<(), StudyError>,
    ) -> Result<(), StudyError> {
        if let Some(file) = &mut self.file {
            let failed = |source| StudyError::write(place, source);
            file.seek(SeekFrom::Start(0)).map_err(failed)?;
            for length in self.blocks {
                let mut bytes = vec![0; length];
                file.read_exact(&mut bytes).map_err(failed)?;
                take(Table::from_parquet("rows", &bytes)?)?;
            }
        }
        self.waiting.map_or(Ok(()), take)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::Memory;
    use gutbrain_table::Column;

    #[test]
    fn rows_come_back_in_their_order_however_many_they_are() {
        let rows = |from: usize, to: usize| {
            let numbers = (from..to).map(|row| (row % 3 != 0).then_some(row as f64 / 7.0));
            let words = (from..to).map(|row| format!("row {row}")).collect();
            let columns = vec![
                Column::text("word", words),
                Column::optional_numbers("x", "d", numbers.collect()),
            ];
            Table::new("rows", columns)
        };
        for ends in [&[0_usize, 3][..], &[0, 5000, 5001, 12_000]] {
            let (mut memory, mut waiting) = (Memory::default(), Waiting::new());
            for pair in ends.windows(2) {
                waiting.push(rows(pair[0], pair[1]), &mut memory).unwrap();
            }
            let mut found = rows(0, 0);
            let add = |more| Ok(found.append(more)?);
            waiting.each("memory", add).unwrap();
            assert_eq!(found, rows(0, ends[ends.len() - 1]));
            assert!(memory.files().is_empty(), "what waited is no result");
        }
    }
}
