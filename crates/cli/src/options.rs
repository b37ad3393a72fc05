//! Options that several commands share.

use std::path::{Path, PathBuf};

use clap::ValueHint;

use super::failure::Failure;
use gutbrain::model::{Model, is_shipped};
use gutbrain::scenario::{Overrides, Scenario, ScenarioFile};
use gutbrain::study::Setup;
use gutbrain_network::Faults;
use gutbrain_store::{
    Durability, Interrupted, ModelEntry, OutputError, Replace, Terms, finish_interrupted,
    overwrite_file, sha256, write_file,
};

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
        self.load_or(Model::builtin)
    }

    /// Reads the model; the one that the scenario asks for where none is named.
    pub(super) fn load_for(&self, file: &ScenarioFile) -> Result<Model, Failure> {
        self.load_or(|| file.model())
    }

    /// Reads the model; where none is named, the shipped one, under its variant, that a finished run was made
    /// with, as its manifest says.
    pub(super) fn load_of_run(&self, entry: &ModelEntry) -> Result<Model, Failure> {
        if self.model.is_some() || self.variant.is_some() || !is_shipped(&entry.label) {
            return self.load();
        }
        Self {
            model: Some(PathBuf::from(&entry.label)),
            variant: Some(entry.variant.clone()).filter(|name| !name.is_empty()),
        }
        .load()
    }

    fn load_or(&self, unnamed: impl FnOnce() -> Result<Model, Faults>) -> Result<Model, Failure> {
        let model = match &self.model {
            Some(folder) => {
                let shipped = folder.to_str().filter(|_| !folder.is_dir());
                match shipped.and_then(Model::shipped) {
                    Some(model) => model?,
                    None => {
                        // Half of the files of a fit that was being written back is no model.
                        finish_interrupted(folder)?;
                        Model::load(folder)?
                    }
                }
            }
            None => unnamed()?,
        };
        Ok(match &self.variant {
            Some(name) => model.under(name)?,
            None => model,
        })
    }
}

/// What a manifest says of a model.
pub fn model_entry(model: &Model) -> ModelEntry {
    let mut vectors = String::new();
    for source in &model.posteriors {
        // Names without the folder: the same files are the same wherever they stand.
        let name = source.name.rsplit(['/', '\\']).next().unwrap_or_default();
        vectors.push_str(&format!("{name} {}\n", sha256(source.text.as_bytes())));
    }
    ModelEntry {
        label: model.label.clone(),
        variant: model.variant.clone().unwrap_or_default(),
        sha256: model.hash.clone(),
        evidence_sha256: model.declaration.evidence_hash().to_owned(),
        vocabulary_sha256: model.declaration.vocabulary_hash().to_owned(),
        notice: model.declaration.family.notice.clone(),
        posterior_sha256: if vectors.is_empty() {
            String::new()
        } else {
            sha256(vectors.as_bytes())
        },
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

/// The files and folders that were read: none of them is ever written over.
pub(super) fn inputs(setup: &Setup) -> Vec<PathBuf> {
    let mut inputs = setup.file.files().to_vec();
    inputs.extend(setup.file.data().map(|(_, path, _)| path.to_path_buf()));
    // The built-in model has no folder, and none of that name is read.
    inputs.push(PathBuf::from(&setup.model.label));
    inputs
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

    /// Reads and checks a scenario file with these changes.
    pub(super) fn load(&self, path: &Path) -> Result<Setup, Failure> {
        let file = self.open(path)?;
        let model = self.model.load_for(&file)?;
        let scenario = file.check(&model)?;
        Ok(Setup {
            model,
            file,
            scenario,
        })
    }

    /// Reads and checks a scenario file with these changes against a model.
    pub(super) fn read(
        &self,
        path: &Path,
        model: &Model,
    ) -> Result<(ScenarioFile, Scenario), Failure> {
        let file = self.open(path)?;
        let scenario = file.check(model)?;
        Ok((file, scenario))
    }

    /// Reads a scenario file and lays these changes over it.
    pub(super) fn open(&self, path: &Path) -> Result<ScenarioFile, Failure> {
        let mut file = ScenarioFile::open(path)?;
        let overrides = Overrides {
            set: self.settings(),
            seed: self.seed,
            arms: self.arm.clone(),
        };
        file.apply(&overrides)?;
        Ok(file)
    }
}
