//! Reports: tables and figures as bytes.
//!
//! * [`table`]: every result as named columns, written as CSV and Parquet and read back.
//! * [`figure`]: pictures as SVG and PNG, each with its data as a table.
//! * [`brief`]: what a reader is told first, in words and small tables.
//! * [`documents`]: pages of the documentation, read from the declaration.
//!
//! Nothing here touches the disk, reads a clock or runs the simulator: the input is plain data,
//! the output is bytes, and the same input gives the same bytes.

pub mod brief;
pub mod documents;

pub use gutbrain_figures as figure;
pub use gutbrain_table as table;
