//! The files and the summary of a laboratory's own data in a run.

use gutbrain_statistics::survival::Observation;

use super::files::{NamedFile, as_csv};
use super::{Setup, StudyError};
use crate::analysis::own_data::Compared;
use crate::report::table::Table;
use crate::results::own_data::{DataSummary, own_survival, survival_table, table};

/// What a run says of its scenario's own data.
#[derive(Debug)]
pub(super) struct OwnData {
    /// `data.csv`.
    pub(super) measurements: Option<Table>,
    /// `data-survival.csv`.
    pub(super) survival: Option<Table>,
    /// How far the model is from them.
    pub(super) summary: DataSummary,
}

impl OwnData {
    /// Of measurements that were compared; `simulated` gives the observations of an arm of a cohort, or the end
    /// of one animal.
    pub(super) fn new(
        setup: &Setup,
        compared: &[Compared],
        simulated: impl Fn(&str) -> (Vec<Observation>, Option<f64>),
    ) -> Self {
        let Setup {
            model, scenario, ..
        } = setup;
        let declaration = &model.declaration;
        let unit = |id: &str| {
            let unit = declaration.unit_of_course(id);
            unit.map_or_else(String::new, ToString::to_string)
        };
        Self {
            measurements: table(scenario, compared, unit),
            survival: survival_table(scenario),
            summary: DataSummary::new(scenario, compared, own_survival(scenario, simulated)),
        }
    }

    /// Its files.
    pub(super) fn files(&self) -> Result<Vec<NamedFile>, StudyError> {
        let tables = self.measurements.iter().chain(&self.survival);
        tables.map(as_csv).collect()
    }
}
