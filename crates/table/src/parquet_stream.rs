//! A Parquet file written row group by row group: the same bytes whatever the pieces it came in.
//!
//! [`ParquetStream::push`] takes rows as they come and writes groups of a fixed number of rows; memory
//! holds one group. The seal (see [`super::parquet_file`]) is the hash of the whole file, so its digits
//! are known at the end only: [`ParquetStream::finish`] says where they belong.

use std::collections::{BTreeMap, VecDeque};
use std::io::{self, Write};

use parquet::file::writer::SerializedFileWriter;
use sha2::{Digest, Sha256};

use super::parquet_file::{find_seal, write_column};
use super::{ColumnData, Table, TableError};

/// Bytes at the end of the file in which the seal stands: the footer lists every group.
const TAIL: usize = 1 << 22;

/// See the module's description.
pub struct ParquetStream<W: Write + Send> {
    file: SerializedFileWriter<Hashing<W>>,
    waiting: Table,
    rows_per_group: usize,
}

/// Where the seal belongs, and what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seal {
    /// Offset in the file.
    pub at: u64,
    /// The digits.
    pub digits: String,
}

impl<W: Write + Send> ParquetStream<W> {
    /// A file with the columns of `like`, whose rows are not taken, in groups of this many rows.
    ///
    /// # Errors
    /// What the Parquet library refuses.
    pub fn new(
        like: &Table,
        metadata: &BTreeMap<String, String>,
        rows_per_group: usize,
        writer: W,
    ) -> Result<Self, TableError> {
        let waiting = like.without_rows();
        waiting.check()?;
        let file = waiting
            .schema()
            .and_then(|schema| {
                let properties = waiting.properties(metadata)?;
                SerializedFileWriter::new(Hashing::new(writer), schema, properties)
            })
            .map_err(|source| waiting.parquet_error(source))?;
        Ok(Self {
            file,
            waiting,
            rows_per_group: rows_per_group.max(1),
        })
    }

    /// Adds rows with the same columns.
    ///
    /// # Errors
    /// What [`Table::check`] finds, and what the writer refuses.
    pub fn push(&mut self, rows: Table) -> Result<(), TableError> {
        rows.check()?;
        self.waiting.append(rows)?;
        while self.waiting.rows() >= self.rows_per_group {
            self.write_group(self.rows_per_group)?;
        }
        Ok(())
    }

    /// Writes the last group and the footer.
    ///
    /// # Errors
    /// What the writer refuses.
    pub fn finish(mut self) -> Result<(W, Seal), TableError> {
        let rows = self.waiting.rows();
        if rows > 0 {
            self.write_group(rows)?;
        }
        let table = self.waiting;
        let hashing = self
            .file
            .into_inner()
            .map_err(|source| table.parquet_error(source))?;
        hashing.seal().ok_or_else(|| TableError::Damaged {
            table: table.name,
            cause: "the seal was not written".to_owned(),
        })
    }

    fn write_group(&mut self, rows: usize) -> Result<(), TableError> {
        let waiting = &self.waiting;
        let mut write = || {
            let mut group = self.file.next_row_group()?;
            for column in &waiting.columns {
                let Some(mut writer) = group.next_column()? else {
                    break;
                };
                write_column(&mut writer, &column.data, 0..rows)?;
                writer.close()?;
            }
            group.close().map(|_| ())
        };
        write().map_err(|source| waiting.parquet_error(source))?;
        for column in &mut self.waiting.columns {
            match &mut column.data {
                ColumnData::Number(values) => drop(values.drain(..rows)),
                ColumnData::Text(values) => drop(values.drain(..rows)),
                ColumnData::Integer(values) => drop(values.drain(..rows)),
            }
        }
        Ok(())
    }
}

/// A writer that hashes what passes and remembers the end of it.
struct Hashing<W> {
    inner: W,
    hash: Sha256,
    tail: VecDeque<u8>,
    length: u64,
}

impl<W: Write> Hashing<W> {
    fn new(inner: W) -> Self {
        Self {
            inner,
            hash: Sha256::new(),
            tail: VecDeque::new(),
            length: 0,
        }
    }

    /// The seal was written as zeros, so the hash of what passed is the seal.
    fn seal(mut self) -> Option<(W, Seal)> {
        let tail = self.tail.make_contiguous();
        let place = find_seal(tail)?;
        let at = self.length - (tail.len() - place.start) as u64;
        let digits = self.hash.finalize();
        let digits = digits.iter().map(|byte| format!("{byte:02x}")).collect();
        Some((self.inner, Seal { at, digits }))
    }
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        let bytes = &bytes[..written];
        self.hash.update(bytes);
        self.length += written as u64;
        self.tail.extend(bytes);
        let excess = self.tail.len().saturating_sub(TAIL);
        self.tail.drain(..excess);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Column;

    fn rows(from: i64, to: i64) -> Table {
        let numbers = (from..to).map(|i| (i % 7 != 0).then_some(i as f64 / 3.0));
        Table::new(
            "sweep",
            vec![
                Column::integers("point", (from..to).map(Some).collect()),
                Column::text(
                    "arm",
                    (from..to).map(|i| format!("arm {}", i % 2)).collect(),
                ),
                Column::optional_numbers("last_d", "d", numbers.collect()),
            ],
        )
    }

    fn written(pieces: &[i64]) -> Vec<u8> {
        let mut stream =
            ParquetStream::new(&rows(0, 0), &BTreeMap::new(), 60_000, Vec::new()).unwrap();
        for ends in pieces.windows(2) {
            stream.push(rows(ends[0], ends[1])).unwrap();
        }
        let (mut bytes, seal) = stream.finish().unwrap();
        let at = usize::try_from(seal.at).unwrap();
        bytes[at..at + seal.digits.len()].copy_from_slice(seal.digits.as_bytes());
        bytes
    }

    #[test]
    fn pieces_change_no_byte_and_the_file_reads_back() {
        let whole = written(&[0, 150_000]);
        assert_eq!(whole, written(&[0, 1, 70_000, 70_001, 150_000]));
        let table = Table::from_parquet("sweep", &whole).unwrap();
        assert_eq!(table, rows(0, 150_000));
        let mut damaged = whole;
        damaged[100] ^= 1;
        assert!(Table::from_parquet("sweep", &damaged).is_err());
    }

    #[test]
    fn no_rows_are_a_table_too() {
        let table = Table::from_parquet("sweep", &written(&[0, 0])).unwrap();
        assert_eq!(table.rows(), 0);
    }
}
