//! Why a study ended early.

use gutbrain_figures::FigureError;
use gutbrain_network::Faults;
use gutbrain_table::TableError;

use super::StoreError;
use crate::analysis::trial::TrialError;
use crate::cohort::CohortError;
use crate::simulate::SimulateError;

/// Why a study ended early.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StudyError {
    /// The question has no meaning for this scenario; a message with its help.
    #[error("{0}")]
    Question(String),
    /// Faults in a text that is part of the question.
    #[error(transparent)]
    Faults(#[from] Faults),
    /// The scenario does not fit the model.
    #[error(transparent)]
    Simulate(#[from] SimulateError),
    /// The store refused.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A table cannot be written.
    #[error(transparent)]
    Table(#[from] TableError),
    /// A figure cannot be drawn.
    #[error(transparent)]
    Figure(#[from] FigureError),
    /// A result cannot be written as JSON.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// Somebody wanted it to stop; what was finished is in the store.
    #[error("cancelled; what was finished is kept")]
    Cancelled,
}

impl From<CohortError> for StudyError {
    fn from(error: CohortError) -> Self {
        match error {
            CohortError::Simulate(error) => Self::Simulate(error),
            other => Self::Question(other.to_string()),
        }
    }
}

impl From<TrialError> for StudyError {
    fn from(error: TrialError) -> Self {
        match error {
            TrialError::Cohort(error) => error.into(),
            TrialError::Arms(ref arms) if arms.len() > 2 => Self::Question(format!(
                "{error}\n  help: choose two of them: `--arm \"{}\" --arm \"{}\"`",
                arms[0], arms[1]
            )),
            other => Self::Question(format!(
                "{other}\n  help: add an `[[arm]]` with an intervention"
            )),
        }
    }
}
