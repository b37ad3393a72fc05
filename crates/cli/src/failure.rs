//! Why a command ended early, and the exit code for it.

use std::path::Path;

use gutbrain_network::Faults;

use gutbrain::analysis::portable::PortableError;
use gutbrain::scenario::TemplateError;
use gutbrain::simulate::SimulateError;
use gutbrain::study::{NotApplied, NotPortable, StoreError, StudyError};
use gutbrain_exchange::ExportError;
use gutbrain_exchange::petab::PetabError;
use gutbrain_figures::FigureError;
use gutbrain_report::ReportError;
use gutbrain_store::{ModelError, OutputError};
use gutbrain_table::TableError;
use gutbrain_terminal::{NoSignals, Terminal};

use super::usage::Usage;

/// Why a command ended early.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// Faults in a scenario, a model or another input file.
    #[error(transparent)]
    Faults(#[from] Faults),
    /// A wrong argument.
    #[error(transparent)]
    Usage(Box<Usage>),
    /// The scenario does not fit the model.
    #[error(transparent)]
    Simulate(#[from] SimulateError),
    /// Nothing could be written.
    #[error(transparent)]
    Output(#[from] OutputError),
    /// Standard output is closed or full.
    #[error("cannot write to standard output: {0}")]
    Print(#[from] std::io::Error),
    /// A table cannot be written or read back.
    #[error(transparent)]
    Table(#[from] TableError),
    /// A figure cannot be drawn.
    #[error(transparent)]
    Figure(#[from] FigureError),
    /// A calibration cannot be given away.
    #[error(transparent)]
    Portable(#[from] PortableError),
    /// A format has no words for something.
    #[error(transparent)]
    Exchange(#[from] PetabError),
    /// A result cannot be written as JSON.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

impl From<Usage> for Failure {
    fn from(error: Usage) -> Self {
        Self::Usage(Box::new(error))
    }
}

impl From<NoSignals> for Failure {
    fn from(error: NoSignals) -> Self {
        Usage::from(error).into()
    }
}

impl From<StudyError> for Failure {
    fn from(error: StudyError) -> Self {
        match error {
            StudyError::Faults(faults) => Self::Faults(faults),
            StudyError::Simulate(error) => Self::Simulate(error),
            StudyError::Write { file, source } => {
                OutputError::io("write", Path::new(&file), source).into()
            }
            StudyError::Table(error) => Self::Table(error),
            StudyError::Figure(error) => Self::Figure(error),
            StudyError::Json(error) => Self::Json(error),
            StudyError::Store(error) => error.into(),
            other => Usage::Study(other).into(),
        }
    }
}

impl From<ModelError> for Failure {
    fn from(error: ModelError) -> Self {
        match error {
            ModelError::Faults(faults) => Self::Faults(faults),
            ModelError::Output(error) => Self::Output(error),
        }
    }
}

impl From<ExportError> for Failure {
    fn from(error: ExportError) -> Self {
        match error {
            ExportError::Simulate(error) => Self::Simulate(error),
            ExportError::Exchange(error) => Self::Exchange(error.into()),
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error.into_inner().downcast::<OutputError>() {
            Ok(error) => Self::Output(*error),
            Err(other) => Usage::Study(StudyError::Store(StoreError::new(other))).into(),
        }
    }
}

impl From<ReportError> for Failure {
    fn from(error: ReportError) -> Self {
        match error {
            ReportError::Saved(error) => Self::Output(error),
            ReportError::Scenario(faults) => Self::Faults(faults),
            other => Usage::Report(other).into(),
        }
    }
}

impl From<NotPortable> for Failure {
    fn from(error: NotPortable) -> Self {
        match error {
            NotPortable::Faults(faults) => Self::Faults(faults),
            NotPortable::Portable(error) => Self::Portable(error),
            start @ NotPortable::Start { .. } => Usage::Portable(start).into(),
        }
    }
}

impl From<TemplateError> for Failure {
    fn from(error: TemplateError) -> Self {
        match error {
            TemplateError::Faults(faults) => Self::Faults(faults),
            other => Usage::Template(other).into(),
        }
    }
}

impl Failure {
    /// Says it.
    pub(super) fn say(&self, terminal: &Terminal) {
        match self {
            Self::Faults(faults) | Self::Simulate(SimulateError::Model(faults)) => {
                terminal.faults(faults);
            }
            other => terminal.error(other.code(), &other.to_string()),
        }
    }

    /// A calibration's results, in this folder, could not be written back.
    pub(super) fn of_applying(error: NotApplied, results: &Path) -> Self {
        match error {
            NotApplied::Store(error) => error.into(),
            NotApplied::Faults(faults) => Self::Faults(faults),
            NotApplied::Apply(error) => Usage::Apply(error).into(),
            none @ NotApplied::NoValues => Self::not_a_run(results, none.to_string()),
        }
    }

    /// The folder is no run that can be used.
    pub(super) fn not_a_run(folder: &Path, why: String) -> Self {
        let path = folder.to_path_buf();
        Self::Output(OutputError::NotARun { path, why })
    }

    /// 2: nothing was run. 4: there is nothing on the disk.
    pub(super) fn exit_code(&self) -> u8 {
        match self {
            Self::Simulate(SimulateError::Model(_)) | Self::Faults(_) | Self::Usage(_) => 2,
            Self::Simulate(_) | Self::Exchange(_) | Self::Portable(_) => 2,
            Self::Output(OutputError::NotARun { .. }) => 2,
            Self::Output(_) | Self::Print(_) | Self::Table(_) | Self::Figure(_) | Self::Json(_) => {
                4
            }
        }
    }

    /// Short stable name for programs.
    fn code(&self) -> &'static str {
        match self {
            Self::Faults(_) => "faults",
            Self::Usage(_) => "usage",
            Self::Simulate(_) | Self::Portable(_) => "does-not-fit",
            Self::Output(_) | Self::Print(_) => "not-written",
            Self::Table(_) => "table",
            Self::Figure(_) => "figure",
            Self::Exchange(_) => "not-expressible",
            Self::Json(_) => "json",
        }
    }
}
