//! A table of the results that is written as its rows come: memory holds one group of them.

use std::collections::BTreeMap;
use std::io;

use gutbrain_table::{ParquetStream, Table, TableError};

use super::{Store, StoredFile, StudyError, TableFormat};
use crate::results::tables;

/// See the module's description.
pub(super) struct GrowingTable {
    writer: Writer,
    /// The name of the file, for messages.
    path: String,
}

type Growing = Box<dyn StoredFile>;

enum Writer {
    Parquet(Box<ParquetStream<Growing>>),
    Csv { file: Growing, header: usize },
}

impl GrowingTable {
    /// Begins a table with the columns of `empty`; groups of a Parquet file have so many rows.
    pub(super) fn begin(
        empty: &Table,
        format: TableFormat,
        rows_of_a_group: usize,
        store: &mut dyn Store,
    ) -> Result<Self, StudyError> {
        let name = format.file_name(&empty.name);
        let path = format!("{}/{name}", store.place());
        let mut file = store.begin_file(&name)?;
        let writer = match format {
            TableFormat::Parquet => {
                let metadata = BTreeMap::from([("units".to_owned(), tables::units_json(empty)?)]);
                let stream = ParquetStream::new(empty, &metadata, rows_of_a_group, file)
                    .map_err(|error| not_written(error, &path))?;
                Writer::Parquet(Box::new(stream))
            }
            TableFormat::Csv => {
                let header = empty.to_csv()?;
                file.write_all(header.as_bytes())
                    .map_err(|source| StudyError::write(&path, source))?;
                Writer::Csv {
                    file,
                    header: header.len(),
                }
            }
        };
        Ok(Self { writer, path })
    }

    /// Adds rows.
    pub(super) fn push(&mut self, rows: Table) -> Result<(), StudyError> {
        match &mut self.writer {
            Writer::Parquet(stream) => {
                stream
                    .push(rows)
                    .map_err(|error| not_written(error, &self.path))?;
            }
            Writer::Csv { file, header } => {
                let text = rows.to_csv()?;
                file.write_all(&text.as_bytes()[*header..])
                    .map_err(|source| StudyError::write(&self.path, source))?;
            }
        }
        Ok(())
    }

    /// Ends the table: it belongs to the results.
    pub(super) fn finish(self, store: &mut dyn Store) -> Result<(), StudyError> {
        match self.writer {
            Writer::Parquet(stream) => {
                let (file, seal) = stream
                    .finish()
                    .map_err(|error| not_written(error, &self.path))?;
                store.end_file(file, Some((seal.at, seal.digits.as_bytes())))?;
            }
            Writer::Csv { file, .. } => store.end_file(file, None)?,
        }
        Ok(())
    }
}

/// A table that could not be written because the file could not.
fn not_written(error: TableError, path: &str) -> StudyError {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&error);
    while let Some(found) = cause {
        if let Some(io) = found.downcast_ref::<io::Error>() {
            let again = match io.raw_os_error() {
                Some(code) => io::Error::from_raw_os_error(code),
                None => io::Error::from(io.kind()),
            };
            return StudyError::write(path, again);
        }
        cause = found.source();
    }
    error.into()
}
