//! What a run leaves: tables, a summary, and figures, all as plain data or bytes.
//!
//! [`sweep`] does all of it for sweeps. [`tables`] turns runs into tables, [`cohort`] and [`cohort_summary`] those of many animals; [`figures`] draws from tables only, so that `plot` needs no
//! simulation; [`map`] reads the
//! graph of the network off the declaration; [`summary`] gives `summary.json`; [`remarks`] says what readers of the numbers must know; [`assumptions`] counts what rests on evidence.

pub mod assumptions;
pub mod attribution;
pub mod biomarkers;
pub mod calibration;
pub mod captions;
pub mod cohort;
pub mod cohort_figures;
pub mod cohort_lives;
pub mod cohort_summary;
pub mod declared;
pub mod dictionary;
pub mod failures;
pub mod figures;
pub mod fit;
pub mod map;
pub mod own_data;
pub mod posterior;
pub mod profile;
pub mod refits;
pub mod remarks;
pub mod sensitivity;
pub mod sensitivity_chunk;
pub mod sensitivity_figures;
pub mod summary;
pub mod sweep;
pub mod tables;
pub mod terms;
pub mod trial;
pub mod uncertainty;
