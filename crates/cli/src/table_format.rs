//! The format of large tables, as an option.

use clap::ValueEnum;

/// Format of large tables.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum TableFormat {
    /// Apache Parquet: small, typed, with units
    #[default]
    Parquet,
    /// Text
    Csv,
}

impl From<TableFormat> for gutbrain::study::TableFormat {
    fn from(format: TableFormat) -> Self {
        match format {
            TableFormat::Parquet => Self::Parquet,
            TableFormat::Csv => Self::Csv,
        }
    }
}
