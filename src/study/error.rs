//! Why a study ended early.

use std::io;

use gutbrain_figures::FigureError;
use gutbrain_network::Faults;
use gutbrain_network::declaration::Family;
use gutbrain_table::TableError;

use super::StoreError;
use crate::analysis::points::PointsError;
use crate::analysis::sensitivity::SensitivityError;
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
    /// A file that was begun in the store cannot be written.
    #[error("cannot write `{file}`: {source}")]
    Write {
        /// The file, with the place of the store.
        file: String,
        /// What the store said.
        source: io::Error,
    },
    /// Results that were read back belong to another question.
    #[error("`{place}` does not belong here: {why}")]
    Mismatch {
        /// Where they are.
        place: String,
        /// What differs.
        why: String,
    },
    /// Saved results lack a table that a figure shows.
    #[error(
        "these results have no `{table}` to draw from\n  help: run with output.trajectories = \"all\""
    )]
    NothingToDraw {
        /// The table.
        table: &'static str,
    },
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

impl StudyError {
    /// The same with what is said about subjects in the words of their family.
    #[must_use]
    pub fn in_words_of(self, family: &Family) -> Self {
        match self {
            Self::Question(text) => Self::Question(family.in_its_words(&text)),
            other => other,
        }
    }

    /// A file that was begun could not be written.
    pub(super) fn write(file: &str, source: io::Error) -> Self {
        Self::Write {
            file: file.to_owned(),
            source,
        }
    }
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
            TrialError::TooFewEnter { .. } => Self::Question(format!(
                "{error}\n  help: wider windows, another time of entry, smaller `trial.group_sizes`, or a larger \
                 `trial.pool`"
            )),
            TrialError::NotFilled { .. } => Self::Question(format!(
                "{error}\n  help: `litter_matched = false` draws animals one by one; a larger `trial.pool` has \
                 more of them"
            )),
            TrialError::Beyond { .. } => Self::Question(format!(
                "{error}\n  help: `simulation.stop` later, `simulation.start` earlier, or fewer visits"
            )),
            other @ TrialError::Arms(_) => Self::Question(format!(
                "{other}\n  help: add an `[[arm]]` with an intervention"
            )),
        }
    }
}

impl From<PointsError> for StudyError {
    fn from(error: PointsError) -> Self {
        match error {
            PointsError::Simulate(error) => Self::Simulate(error),
            PointsError::Cohort(error) => error.into(),
            other => Self::Question(other.to_string()),
        }
    }
}

impl From<SensitivityError> for StudyError {
    fn from(error: SensitivityError) -> Self {
        match error {
            SensitivityError::Simulate(error) => Self::Simulate(error),
            SensitivityError::Points(error) => error.into(),
            other => Self::Question(other.to_string()),
        }
    }
}
