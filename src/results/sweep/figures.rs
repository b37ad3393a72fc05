//! The figures of a sweep.

use super::landscape::Landscape;
use crate::report::figure::{Figure, FigureError};
use crate::scenario::Scenario;

/// Draws what the design allows.
///
/// # Errors
/// What drawing refuses.
pub fn figures(_landscape: &Landscape, _scenario: &Scenario) -> Result<Vec<Figure>, FigureError> {
    Ok(Vec::new())
}
