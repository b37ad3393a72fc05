//! Reports: tables and figures as bytes.
//!
//! * [`table`]: every result as named columns, written as CSV and Parquet and read back.
//!
//! Nothing here touches the disk, reads a clock or knows the simulator: the input is plain data,
//! the output is bytes, and the same input gives the same bytes.

pub mod table;
