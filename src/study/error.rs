//! Why a study ended early.

use std::io;

use gutbrain_figures::FigureError;
use gutbrain_network::Faults;
use gutbrain_network::declaration::Family;
use gutbrain_table::TableError;

use super::{QuestionError, StoreError, Unanswered};
use crate::analysis::points::PointsError;
use crate::analysis::sensitivity::SensitivityError;
use crate::analysis::trial::TrialError;
use crate::cohort::CohortError;
use crate::simulate::SimulateError;

/// Why a study ended early.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StudyError {
    /// The question has no answer.
    #[error(transparent)]
    Question(Box<Unanswered>),
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
            Self::Question(question) => Self::Question(Box::new(question.in_words_of(family))),
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

impl<E: Into<QuestionError>> From<E> for StudyError {
    fn from(error: E) -> Self {
        match error.into() {
            QuestionError::Cohort(CohortError::Simulate(error))
            | QuestionError::Points(
                PointsError::Simulate(error) | PointsError::Cohort(CohortError::Simulate(error)),
            )
            | QuestionError::Sensitivity(
                SensitivityError::Simulate(error)
                | SensitivityError::Points(
                    PointsError::Simulate(error)
                    | PointsError::Cohort(CohortError::Simulate(error)),
                ),
            )
            | QuestionError::Trial(TrialError::Cohort(CohortError::Simulate(error))) => {
                Self::Simulate(error)
            }
            why => Self::Question(Box::new(why.into())),
        }
    }
}
