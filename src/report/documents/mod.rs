//! Pages of the documentation that are read from the declaration, as Markdown, and references.

mod bibtex;
mod calibration_page;
mod faults_page;
mod model_page;
mod references;
mod refits_page;
mod validation_page;
mod vocabulary;

pub use bibtex::{bibtex, missing_from};
pub use calibration_page::{CalibrationPage, calibration_page};
pub use faults_page::faults_page;
pub use model_page::model_page;
pub use references::{Reference, numerical_references, references, rows_behind, rows_fitted_to};
pub use refits_page::{RefitsPage, refits_page};
pub use validation_page::{left_open, published, three_digits, validation_page};
