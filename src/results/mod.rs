//! What a run leaves: tables, a summary, and figures, all as plain data or bytes.
//!
//! [`tables`] turns runs into tables, [`cohort`] and [`cohort_summary`] those of many animals; [`figures`] draws from tables only, so that `plot` needs no
//! simulation; [`map`] reads the
//! graph of the network off the declaration; [`summary`] gives `summary.json`; [`assumptions`] counts what rests on evidence.

pub mod assumptions;
pub mod calibration;
pub mod cohort;
pub mod cohort_figures;
pub mod cohort_summary;
pub mod figures;
pub mod map;
pub mod summary;
pub mod tables;
pub mod trial;
pub mod uncertainty;
