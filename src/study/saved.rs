//! The results of a finished study, read back.

use gutbrain_table::{ColumnKind, Table};

use super::{StoreError, StudyError, TableFormat};

/// The files of a finished study: a folder on a disk, the memory, a browser's storage.
pub trait Saved {
    /// The names of its files, sorted.
    fn names(&self) -> Vec<String>;

    /// One of its files, as it was written.
    ///
    /// # Errors
    /// It is missing, cannot be read, or was changed since.
    fn read(&self, name: &str) -> Result<Vec<u8>, StoreError>;

    /// Where the results are, for messages.
    fn place(&self) -> String;
}

/// The format that a table of saved results is in.
pub(super) fn saved_format(saved: &dyn Saved, table: &str) -> Option<TableFormat> {
    let names = saved.names();
    [TableFormat::Parquet, TableFormat::Csv]
        .into_iter()
        .find(|format| names.contains(&format.file_name(table)))
}

/// Reads a saved table that has the columns and units of `like`.
pub(super) fn read_table(
    saved: &dyn Saved,
    like: &Table,
    format: TableFormat,
) -> Result<Table, StudyError> {
    let bytes = saved.read(&format.file_name(&like.name))?;
    let mut table = match format {
        TableFormat::Parquet => Table::from_parquet(&like.name, &bytes)?,
        TableFormat::Csv => {
            let columns = like.columns.iter();
            let kinds: Vec<(&str, ColumnKind)> = columns
                .map(|column| (column.name.as_str(), column.data.kind()))
                .collect();
            Table::from_csv(&like.name, &bytes, &kinds)?
        }
    };
    for column in &mut table.columns {
        if let Some(known) = like.column(&column.name) {
            column.unit.clone_from(&known.unit);
        }
    }
    Ok(table)
}
