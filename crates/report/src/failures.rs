//! The rows of the results that failed, with their reasons.

use gutbrain_store::SavedRun;
use gutbrain_table::{ColumnData, Table};
use serde_json::{Value, json};

use super::ReportError;

/// Rows that a page shows; the tables have all.
const MOST: usize = 50;

/// The tables with a status of every row, and the column that says which row it is.
const TABLES: [(&str, &str); 4] = [
    ("endpoints", "subject"),
    ("sweep", "point"),
    ("points", "point"),
    ("pool", "subject"),
];

/// The first rows that did not reach their end, of the first table that has a status.
///
/// # Errors
/// A table cannot be read.
pub(crate) fn failures(saved: &SavedRun) -> Result<Vec<Value>, ReportError> {
    for (name, which) in TABLES {
        let mut found = Vec::new();
        let mut take = |table: Table| -> Result<(), ReportError> {
            found.extend(failed(&table, which, MOST.saturating_sub(found.len())));
            Ok(())
        };
        let files = &saved.manifest().files;
        let (binary, text) = (format!("{name}.parquet"), format!("{name}.csv"));
        if files.contains_key(&binary) {
            Table::groups_from_parquet(name, &saved.read(&binary)?, take)?;
        } else if files.contains_key(&text) {
            take(Table::from_csv(name, &saved.read(&text)?, &[])?)?;
        } else {
            continue;
        }
        return Ok(found);
    }
    Ok(Vec::new())
}

/// Rows of a table whose status is not `ok`.
fn failed(table: &Table, which: &str, most: usize) -> Vec<Value> {
    let cell = |name: &str, row: usize| match table.column(name).map(|column| &column.data) {
        Some(ColumnData::Text(values)) => values.get(row).cloned(),
        Some(ColumnData::Integer(values)) => {
            values.get(row).copied().flatten().map(|it| it.to_string())
        }
        Some(ColumnData::Number(values)) => {
            values.get(row).copied().flatten().map(|it| it.to_string())
        }
        None => None,
    };
    let status = table.texts("status").unwrap_or_default().iter();
    let lost = status
        .enumerate()
        .filter(|(_, status)| status.as_str() != "ok");
    lost.take(most)
        .map(|(row, status)| {
            let reason = cell("reason", row).filter(|reason| !reason.is_empty());
            json!({
                "arm": cell("arm", row),
                "subject": cell(which, row),
                "reason": reason.unwrap_or_else(|| status.replace('_', " ")),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_animal_is_found_whatever_its_reason_holds() {
        let csv =
            b"arm,subject,status,reason\na,1,ok,\n\"b, c\",2,failed,\"at 3 d, \"\"x\"\"\nof y\"\na,3,not_run,\n";
        let table = Table::from_csv("endpoints", csv, &[]).unwrap();
        let found = failed(&table, "subject", MOST);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0]["arm"], "b, c");
        assert_eq!(found[0]["subject"], "2");
        assert_eq!(found[0]["reason"], "at 3 d, \"x\"\nof y");
        assert_eq!(found[1]["reason"], "not run");
        assert_eq!(failed(&table, "subject", 1).len(), 1);
    }
}
