//! Tables: named columns of equal length, written as CSV or Parquet and read back.
//!
//! Every result of a run is a [`Table`]: trajectories, endpoints, the data behind a figure. A table
//! is plain data; the functions here turn it into bytes and never touch the disk.
//!
//! * Missing values are absent (`None`, an empty field, a Parquet null), never zero.
//! * Numbers are finite: a value that is NaN or infinite is refused with its column and row,
//!   because a failed run has no numbers.
//! * The same table gives the same bytes.
//! * In text, numbers round-trip: the shortest decimal that reads back as the same double.

mod csv_text;
mod parquet_file;
mod parquet_stream;

pub use csv_text::ColumnKind;
pub use parquet_stream::{ParquetStream, Seal};

use std::collections::BTreeSet;

/// The values of one column.
#[derive(Clone, Debug, PartialEq)]
pub enum ColumnData {
    /// Doubles; `None` is missing.
    Number(Vec<Option<f64>>),
    /// Text; an empty text is a value like any other.
    Text(Vec<String>),
    /// Whole numbers; `None` is missing.
    Integer(Vec<Option<i64>>),
}

impl ColumnData {
    /// Number of rows.
    pub fn len(&self) -> usize {
        match self {
            Self::Number(values) => values.len(),
            Self::Text(values) => values.len(),
            Self::Integer(values) => values.len(),
        }
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What its fields are to be read as.
    pub fn kind(&self) -> ColumnKind {
        match self {
            Self::Number(_) => ColumnKind::Number,
            Self::Text(_) => ColumnKind::Text,
            Self::Integer(_) => ColumnKind::Integer,
        }
    }
}

/// One named column with its unit.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// Name, unique in its table.
    pub name: String,
    /// Unit as text, for example `mM`; `None` where a unit makes no sense (names, counts).
    pub unit: Option<String>,
    /// The values.
    pub data: ColumnData,
}

impl Column {
    /// A column of numbers that are all present.
    pub fn numbers(name: &str, unit: &str, values: Vec<f64>) -> Self {
        Self::optional_numbers(name, unit, values.into_iter().map(Some).collect())
    }

    /// A column of numbers, some of which may be missing.
    pub fn optional_numbers(name: &str, unit: &str, values: Vec<Option<f64>>) -> Self {
        Self {
            name: name.into(),
            unit: Some(unit.into()),
            data: ColumnData::Number(values),
        }
    }

    /// A column of text.
    pub fn text(name: &str, values: Vec<String>) -> Self {
        Self {
            name: name.into(),
            unit: None,
            data: ColumnData::Text(values),
        }
    }

    /// A column of whole numbers, some of which may be missing.
    pub fn integers(name: &str, values: Vec<Option<i64>>) -> Self {
        Self {
            name: name.into(),
            unit: None,
            data: ColumnData::Integer(values),
        }
    }
}

/// Named columns of equal length.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// Name, for messages and as the file stem.
    pub name: String,
    /// The columns, in the order in which they are written.
    pub columns: Vec<Column>,
}

/// What can be wrong with a table or with the bytes it is read from.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// A table without columns cannot be written.
    #[error("table `{table}` has no columns")]
    NoColumns {
        /// Name of the table.
        table: String,
    },
    /// A column has no name.
    #[error("table `{table}`: column {index} has no name")]
    UnnamedColumn {
        /// Name of the table.
        table: String,
        /// Position of the column, counted from 1.
        index: usize,
    },
    /// Two columns have the same name.
    #[error("table `{table}` has two columns called `{column}`")]
    RepeatedColumn {
        /// Name of the table.
        table: String,
        /// The repeated name.
        column: String,
    },
    /// Columns differ in length.
    #[error("table `{table}`: column `{column}` has {found} rows, the first column has {expected}")]
    UnequalLengths {
        /// Name of the table.
        table: String,
        /// The column that differs.
        column: String,
        /// Rows of the first column.
        expected: usize,
        /// Rows of this column.
        found: usize,
    },
    /// A number is NaN or infinite.
    #[error("table `{table}`: column `{column}`, row {row} is not a finite number")]
    NotFinite {
        /// Name of the table.
        table: String,
        /// The column.
        column: String,
        /// Row, counted from 1.
        row: usize,
    },
    /// A CSV field is not of the kind that was asked for.
    #[error("table `{table}`: column `{column}`, row {row}: `{field}` is not {expected}")]
    WrongKind {
        /// Name of the table.
        table: String,
        /// The column.
        column: String,
        /// Row, counted from 1.
        row: usize,
        /// The field, shortened and with control characters escaped.
        field: String,
        /// What was expected, in words.
        expected: &'static str,
    },
    /// The bytes are not valid CSV.
    #[error("table `{table}` cannot be read as CSV")]
    Csv {
        /// Name of the table.
        table: String,
        /// The cause.
        #[source]
        source: csv::Error,
    },
    /// The bytes are not a valid Parquet file.
    #[error("table `{table}` cannot be read or written as Parquet")]
    Parquet {
        /// Name of the table.
        table: String,
        /// The cause.
        #[source]
        source: parquet::errors::ParquetError,
    },
    /// A Parquet column has a type that this program does not write.
    #[error("table `{table}`: column `{column}` has the unsupported Parquet type {found}")]
    UnsupportedType {
        /// Name of the table.
        table: String,
        /// The column.
        column: String,
        /// The type that was found.
        found: String,
    },
    /// A Parquet file contradicts itself.
    #[error("table `{table}` is damaged: {cause}")]
    Damaged {
        /// Name of the table.
        table: String,
        /// What does not fit.
        cause: String,
    },
}

impl Table {
    /// A table of these columns; checked when it is written.
    pub fn new(name: &str, columns: Vec<Column>) -> Self {
        Self {
            name: name.into(),
            columns,
        }
    }

    /// Adds the rows of a table with the same columns.
    ///
    /// # Errors
    /// When a column has another name or kind.
    pub fn append(&mut self, more: Self) -> Result<(), TableError> {
        let same = self.columns.len() == more.columns.len();
        for (column, more) in self.columns.iter_mut().zip(more.columns) {
            let named = same && column.name == more.name;
            match (&mut column.data, more.data) {
                (ColumnData::Number(values), ColumnData::Number(more)) if named => {
                    values.extend(more);
                }
                (ColumnData::Text(values), ColumnData::Text(more)) if named => values.extend(more),
                (ColumnData::Integer(values), ColumnData::Integer(more)) if named => {
                    values.extend(more);
                }
                _ => {
                    return Err(TableError::Damaged {
                        table: self.name.clone(),
                        cause: format!("its parts differ in the column `{}`", column.name),
                    });
                }
            }
        }
        Ok(())
    }

    /// The columns without rows.
    pub fn without_rows(&self) -> Self {
        let columns = self.columns.iter().map(|column| Column {
            name: column.name.clone(),
            unit: column.unit.clone(),
            data: match column.data {
                ColumnData::Number(_) => ColumnData::Number(Vec::new()),
                ColumnData::Text(_) => ColumnData::Text(Vec::new()),
                ColumnData::Integer(_) => ColumnData::Integer(Vec::new()),
            },
        });
        Self::new(&self.name, columns.collect())
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.columns.first().map_or(0, |column| column.data.len())
    }

    /// The column called `name`.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// The values of the text column called `name`.
    pub fn texts(&self, name: &str) -> Option<&[String]> {
        match &self.column(name)?.data {
            ColumnData::Text(values) => Some(values),
            ColumnData::Number(_) | ColumnData::Integer(_) => None,
        }
    }

    /// The values of the number column called `name`.
    pub fn numbers(&self, name: &str) -> Option<&[Option<f64>]> {
        match &self.column(name)?.data {
            ColumnData::Number(values) => Some(values),
            ColumnData::Text(_) | ColumnData::Integer(_) => None,
        }
    }

    /// Checks what every written table promises: named, unique, equally long columns of finite
    /// numbers.
    ///
    /// # Errors
    /// The first promise that does not hold, with its column and row.
    pub fn check(&self) -> Result<(), TableError> {
        let table = || self.name.clone();
        let Some(first) = self.columns.first() else {
            return Err(TableError::NoColumns { table: table() });
        };
        let mut seen = BTreeSet::new();
        for (index, column) in self.columns.iter().enumerate() {
            if column.name.is_empty() {
                return Err(TableError::UnnamedColumn {
                    table: table(),
                    index: index + 1,
                });
            }
            if !seen.insert(column.name.as_str()) {
                return Err(TableError::RepeatedColumn {
                    table: table(),
                    column: column.name.clone(),
                });
            }
            if column.data.len() != first.data.len() {
                return Err(TableError::UnequalLengths {
                    table: table(),
                    column: column.name.clone(),
                    expected: first.data.len(),
                    found: column.data.len(),
                });
            }
            if let ColumnData::Number(values) = &column.data
                && let Some(row) = values
                    .iter()
                    .position(|value| value.is_some_and(|number| !number.is_finite()))
            {
                return Err(TableError::NotFinite {
                    table: table(),
                    column: column.name.clone(),
                    row: row + 1,
                });
            }
        }
        Ok(())
    }
}
