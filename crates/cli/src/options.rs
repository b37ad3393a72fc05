//! Options that several commands share.

use std::path::PathBuf;

use clap::ValueHint;

use super::failure::Failure;
use gutbrain::model::Model;
use gutbrain::scenario::{Overrides, Scenario, ScenarioFile};
use gutbrain::study::Setup;

/// Which model.
#[derive(Debug, clap::Args)]
pub(super) struct ModelOptions {
    /// Read the model from this folder instead of the built-in one
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(super) model: Option<PathBuf>,
}

impl ModelOptions {
    /// Reads the model.
    pub(super) fn load(&self) -> Result<Model, Failure> {
        Ok(match &self.model {
            Some(folder) => Model::load(folder)?,
            None => Model::builtin()?,
        })
    }
}

/// Which scenario, and what is changed in it.
#[derive(Debug, clap::Args)]
pub(super) struct ScenarioOptions {
    /// Change a value: a parameter, or a dotted path of the scenario
    ///
    /// For example `solver.rtol=1e-10`, `arm.butyrate.dose="1 %"`, `process.NAME.enabled=false`,
    /// or `zo1_turnover="0.5 1/day"` for a parameter of the model.
    #[arg(long, value_name = "NAME=VALUE")]
    pub(super) set: Vec<String>,
    /// Keep only this arm (repeatable)
    #[arg(long, value_name = "NAME")]
    pub(super) arm: Vec<String>,
    /// Seed of every random stream; wins over the scenario's
    #[arg(long, value_name = "N")]
    pub(super) seed: Option<u64>,
    #[command(flatten)]
    pub(super) model: ModelOptions,
}

impl ScenarioOptions {
    /// Reads and checks a scenario file with these changes.
    pub(super) fn load(&self, path: &std::path::Path) -> Result<Setup, Failure> {
        let model = self.model.load()?;
        let (file, scenario) = self.read(path, &model)?;
        Ok(Setup {
            model,
            file,
            scenario,
        })
    }

    /// Reads and checks a scenario file with these changes against a model.
    pub(super) fn read(
        &self,
        path: &std::path::Path,
        model: &Model,
    ) -> Result<(ScenarioFile, Scenario), Failure> {
        let mut file = ScenarioFile::open(path)?;
        let overrides = Overrides {
            set: self.set.clone(),
            seed: self.seed,
            arms: self.arm.clone(),
        };
        file.apply(&overrides)?;
        let scenario = file.check(model)?;
        Ok((file, scenario))
    }
}
