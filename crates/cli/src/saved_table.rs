//! Large tables of a saved run, in either format.

use super::failure::Failure;
use super::run::TableFormat;
use gutbrain_store::SavedRun;
use gutbrain_table::{ColumnKind, Table};

/// The name of a table's file.
pub(super) fn file_name(table: &str, format: TableFormat) -> String {
    match format {
        TableFormat::Parquet => format!("{table}.parquet"),
        TableFormat::Csv => format!("{table}.csv"),
    }
}

/// The format that a saved run has a table in.
pub(super) fn saved_format(saved: &SavedRun, table: &str) -> Option<TableFormat> {
    let has = |format: &TableFormat| {
        let files = &saved.manifest().files;
        files.contains_key(&file_name(table, *format))
    };
    [TableFormat::Parquet, TableFormat::Csv]
        .into_iter()
        .find(has)
}

/// Reads a table that has the columns and units of `like`.
pub(super) fn read_saved(
    saved: &SavedRun,
    like: &Table,
    format: TableFormat,
) -> Result<Table, Failure> {
    let bytes = saved.read(&file_name(&like.name, format))?;
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
