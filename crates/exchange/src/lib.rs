//! The model as other programs read it.
//!
//! 1. [`build`] reads the declaration and a blueprint of one arm and gives a [`Content`]:
//!    compartments, species, parameters, rules, reactions and events, every number with its unit.
//! 2. [`sbml`] writes it as SBML Level 3 Version 2, [`antimony`] as text for people;
//!    [`archive`] packs all arms of a scenario with the experiment as SED-ML.
//! 3. [`petab`] joins the arms of a calibration in one model, with tables of what is measured and fitted.
//! 4. [`compare`] says what another program changed in such a file.
//!
//! Time 0 is the start of the scenario's output; `age` is a quantity. What the arm does are events at
//! ages. Nothing is left out: what cannot be expressed is an error that names it.

mod antimony;
mod archive;
mod awaited;
mod build;
pub mod content;
mod export;
mod finite;
pub mod formula;
mod functions;
mod import_check;
mod infix;
mod mathml;
mod names;
pub mod petab;
mod reactions;
mod rules;
mod sbml;
mod sedml;
mod stored_zip;
mod units;
mod xml;

pub use antimony::antimony;
pub use archive::archive;
pub use build::build;
pub use content::Content;
pub use export::{ExportError, archive_of, first_arm};
pub use import_check::{Difference, Differences, compare};
pub use sbml::sbml;

use gutbrain_network::unit::{Unit, Units};

/// Why there is no exchange file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExchangeError {
    /// The format has no words for an entry of the model.
    #[error("`{entry}` cannot be exported: {cause}")]
    NotExpressible {
        /// The entry, as `process.zo1_is_made`.
        entry: String,
        /// Why.
        cause: String,
    },
}

/// The litre, the size of every compartment.
fn litre() -> Unit {
    // A unit that the reader always knows.
    Units::builtin().parse("l").unwrap_or_else(|_| Unit::one())
}
