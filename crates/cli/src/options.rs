//! Options that several commands share.

use std::path::{Path, PathBuf};

use clap::ValueHint;

use super::failure::Failure;
use super::usage::Usage;
use gutbrain::model::Model;
use gutbrain::scenario::{Overrides, Scenario, ScenarioFile, untreated};
use gutbrain::study::Setup;
use gutbrain_store::{
    Durability, Interrupted, ModelEntry, NamedModel, OutputError, Replace, Terms, overwrite_file,
    write_file,
};
use gutbrain_terminal::Terminal;

/// Which model.
#[derive(Debug, clap::Args)]
pub(super) struct ModelOptions {
    /// Read the model from this folder, or take the shipped one of this name (mouse, human), instead of
    /// the one that the scenario asks for
    #[arg(long, value_name = "DIR|NAME", value_hint = ValueHint::DirPath)]
    pub(super) model: Option<PathBuf>,
    /// Put the model under one of its variants: another choice where no evidence decides
    #[arg(long, value_name = "NAME")]
    pub(super) variant: Option<String>,
}

impl ModelOptions {
    /// Reads the model; that of the mouse where none is named.
    pub(super) fn load(&self) -> Result<Model, Failure> {
        Ok(self.named().read(Model::builtin)?)
    }

    /// Reads the model; the one that the scenario asks for where none is named.
    pub(super) fn load_for(&self, file: &ScenarioFile) -> Result<Model, Failure> {
        Ok(self.named().read(|| file.model())?)
    }

    /// Reads the model; the one that a finished run was made with where none is named. If it is another one,
    /// what comes of it, `what`, is said to be of this one.
    pub(super) fn load_of_run(
        &self,
        entry: &ModelEntry,
        what: &str,
        terminal: &Terminal,
    ) -> Result<Model, Failure> {
        let model = self.named().or_of_run(entry).read(Model::builtin)?;
        if model.hash != entry.sha256 {
            terminal.warn(&format!(
                "the model is not the one of the run: {what} are those of this model, the numbers are those saved"
            ));
        }
        Ok(model)
    }

    fn named(&self) -> NamedModel {
        NamedModel {
            name: self.model.clone(),
            variant: self.variant.clone(),
        }
    }

    /// The options that name the model again.
    pub(super) fn words(&self) -> Vec<String> {
        let model = self.model.as_ref().map(|it| it.display().to_string());
        let named = [("--model", model), ("--variant", self.variant.clone())];
        let named = named
            .into_iter()
            .filter_map(|(name, it)| Some([name.to_owned(), it?]));
        named.flatten().collect()
    }
}

/// What may be replaced, and what is waited for.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(super) struct WritingOptions {
    /// Replace a run of another scenario or command, or one that is write-protected; what no run wrote
    /// is never removed
    #[arg(long)]
    force: bool,
    /// Do not wait until the disk has the results: faster, but a power cut may lose them
    #[arg(long)]
    no_sync: bool,
}

impl WritingOptions {
    /// The same for the store.
    pub(super) fn terms(self) -> Terms {
        Terms {
            replace: if self.force {
                Replace::Anything
            } else {
                Replace::SameIdentity
            },
            durability: if self.no_sync {
                Durability::Unsynced
            } else {
                Durability::Synced
            },
            interrupted: Interrupted::Discarded,
        }
    }

    /// Writes a single file on these terms.
    pub(super) fn write_file(self, path: &Path, bytes: &[u8]) -> Result<(), OutputError> {
        if self.force {
            overwrite_file(path, bytes)
        } else {
            write_file(path, bytes)
        }
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
    /// Simulate doses that no body survives
    #[arg(long)]
    pub(super) allow_implausible: bool,
    /// Seed of every random stream; wins over the scenario's
    #[arg(long, value_name = "N")]
    pub(super) seed: Option<u64>,
    #[command(flatten)]
    pub(super) model: ModelOptions,
}

/// The folder that is looked into: `outputs`, which may be missing, unless another one is named.
pub(super) fn folder_of_runs(named: Option<&Path>) -> Result<&Path, Usage> {
    match named {
        None => Ok(Path::new("outputs")),
        Some(folder) if folder.is_dir() => Ok(folder),
        Some(folder) => Err(Usage::NoFolder(folder.to_path_buf())),
    }
}

impl ScenarioOptions {
    /// What is changed, as `--set` says it.
    pub(super) fn settings(&self) -> Vec<String> {
        let mut set = self.set.clone();
        if self.allow_implausible {
            set.push("allow_implausible=true".to_owned());
        }
        set
    }

    /// All that is changed.
    pub(super) fn overrides(&self) -> Overrides {
        Overrides {
            set: self.settings(),
            seed: self.seed,
            arms: self.arm.clone(),
        }
    }

    /// Reads and checks a scenario file with these changes.
    pub(super) fn load(&self, path: &Path) -> Result<Setup, Failure> {
        let file = self.open(path)?;
        Ok(Setup::new(self.model.load_for(&file)?, file)?)
    }

    /// Reads a scenario file and lays these changes over it.
    pub(super) fn open(&self, path: &Path) -> Result<ScenarioFile, Failure> {
        let mut file = ScenarioFile::open(path)?;
        file.apply(&self.overrides())?;
        Ok(file)
    }

    /// Reads and checks a scenario with the model that it asks for, or an untreated life of the model's first
    /// subject where none is named.
    pub(super) fn scenario_or_untreated(
        &self,
        path: Option<&Path>,
    ) -> Result<(Model, Scenario), Failure> {
        if let Some(path) = path {
            let Setup {
                model, scenario, ..
            } = self.load(path)?;
            return Ok((model, scenario));
        }
        let model = self.model.load()?;
        let mut file = untreated(&model.declaration).ok_or(Usage::NoSubject)??;
        file.apply(&self.overrides())?;
        let scenario = file.check(&model)?;
        Ok((model, scenario))
    }
}
