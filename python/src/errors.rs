//! Errors of the program as exceptions of the package.

use gutbrain::simulate::SimulateError;
use gutbrain::study::StudyError;
use gutbrain_network::{Color, Faults};
use gutbrain_store::OutputError;
use gutbrain_table::TableError;
use pyo3::import_exception;
use pyo3::prelude::*;

import_exception!(gutbrain._errors, GutbrainError);
import_exception!(gutbrain._errors, ScenarioError);
import_exception!(gutbrain._errors, SimulationError);
import_exception!(gutbrain._errors, StorageError);

/// A fault as plain values: code, message, label, help, file, line, column.
type Plain = (String, String, String, Option<String>, String, usize, usize);

/// Faults of a text: the message that the command line shows, and each fault as values.
pub(crate) fn of_faults(faults: &Faults) -> PyErr {
    let plain: Vec<Plain> = faults
        .as_slice()
        .iter()
        .map(|fault| {
            let (line, column) = fault.source.line_and_column(fault.span.start);
            (
                fault.code.to_string(),
                fault.message.clone(),
                fault.label.clone(),
                fault.help.clone(),
                fault.source.name.to_string(),
                line,
                column,
            )
        })
        .collect();
    let text = faults.render(Color::Never);
    ScenarioError::new_err((text.trim_end().to_owned(), plain))
}

/// A question without a meaning.
pub(crate) fn of_question(message: impl Into<String>) -> PyErr {
    ScenarioError::new_err((message.into(), Vec::<Plain>::new()))
}

/// A scenario that cannot be simulated.
pub(crate) fn of_simulate(error: &SimulateError) -> PyErr {
    match error {
        SimulateError::Model(faults) => of_faults(faults),
        other => of_question(other.to_string()),
    }
}

/// A number that a simulation does not give.
pub(crate) fn of_missing(message: String) -> PyErr {
    SimulationError::new_err(message)
}

/// A study that ended early; if it was cancelled, whoever cancelled it has the reason.
pub(crate) fn of_study(error: StudyError) -> PyErr {
    match error {
        StudyError::Faults(faults) => of_faults(&faults),
        StudyError::Simulate(error) => of_simulate(&error),
        StudyError::Question(question) => of_question(question.to_string()),
        missing @ StudyError::NothingToDraw { .. } => of_question(missing.to_string()),
        StudyError::Store(error) => StorageError::new_err(error.to_string()),
        other => GutbrainError::new_err(other.to_string()),
    }
}

/// A folder that cannot be read or written.
pub(crate) fn of_output(error: &OutputError) -> PyErr {
    StorageError::new_err(error.to_string())
}

/// A table that cannot be read or written.
pub(crate) fn of_table(error: &TableError) -> PyErr {
    GutbrainError::new_err(error.to_string())
}

/// Anything else.
pub(crate) fn other(message: impl Into<String>) -> PyErr {
    GutbrainError::new_err(message.into())
}
