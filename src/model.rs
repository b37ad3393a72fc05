//! The model: one of those embedded in the program, or a folder with the same structure.
//!
//! Two are shipped: `mouse` (the folder `model/`) and `human` (the folder `human/`). A scenario says which
//! one it means (`subject.model`, [`crate::scenario::ScenarioFile::model`]); the mouse is the one that
//! holds where nothing is said.
//!
//! Every `*.toml` file of such a folder is read, at any depth; files below `subjects/` hold one
//! subject each, those below `evidence/` rows of evidence, those below `variants/` another choice of
//! structure each ([`Model::under`]), and one below `families/` the vocabulary of the subjects. Their order
//! does not matter. Files `posterior/*.csv` hold weighted parameter vectors of the model,
//! `posterior/VARIANT/*.csv` those of the model under a variant; they change nothing of it.

pub(crate) mod equations;

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::Path;
use std::sync::Arc;

use gutbrain_network::fault::{Collector, Place};
use gutbrain_network::reading::did_you_mean;
use gutbrain_network::{Code, Declaration, Edits, Fault, Faults, Source};

use crate::files::{Disk, Files};
use crate::scenario::{FigureKind, read_text, text_of};

use equations::{Equations, Remembered};

include!(concat!(env!("OUT_DIR"), "/builtin_model.rs"));
include!(concat!(env!("OUT_DIR"), "/human_model.rs"));
include!(concat!(env!("OUT_DIR"), "/builtin_posteriors.rs"));
include!(concat!(env!("OUT_DIR"), "/builtin_calibrations.rs"));

const MOUSE_LABEL: &str = "built-in";
const HUMAN_LABEL: &str = "built-in human";

/// A declaration that was read and checked.
#[derive(Debug, Clone)]
pub struct Model {
    /// Everything the model says; it stays as it was read, for its equations are remembered.
    pub declaration: Declaration,
    /// SHA-256 over the canonical rendering of the declaration, in hexadecimal digits.
    pub hash: String,
    /// `built-in` for the mouse, `built-in NAME` for another shipped one, or the folder as given.
    pub label: String,
    /// The variant that it is put under, if it is under one.
    pub variant: Option<String>,
    /// The files of `posterior/` (under a variant: of its folder there), which belong to the model but are
    /// no part of it: see [`crate::posterior`].
    pub posteriors: Vec<Source>,
    /// The files of `posterior/` that belong to variants.
    of_variants: Vec<Source>,
    /// The calibrations behind fitted values, for references; a model folder has none.
    pub calibrations: Vec<Source>,
    /// What was compiled of it.
    equations: Remembered,
}

/// Whether a label, as manifests write it, is that of a shipped model.
#[must_use]
pub fn is_shipped(label: &str) -> bool {
    label == MOUSE_LABEL || label == HUMAN_LABEL
}

/// The names of the shipped models; the first one holds where nothing is said.
pub const SHIPPED: [&str; 2] = ["mouse", "human"];

impl Model {
    /// The shipped model of a name or of a label in a manifest; nothing if there is none.
    ///
    /// # Errors
    /// Faults in the files of the source; a released program has none.
    pub fn shipped(name: &str) -> Option<Result<Self, Faults>> {
        match name {
            "mouse" | MOUSE_LABEL => Some(Self::builtin()),
            "human" | HUMAN_LABEL => Some(Self::human()),
            _ => None,
        }
    }

    fn human() -> Result<Self, Faults> {
        let files: Vec<Source> = HUMAN_FILES
            .iter()
            .map(|(name, text)| Source::new(*name, *text))
            .collect();
        Self::read(&files, Vec::new(), HUMAN_LABEL)
    }

    /// The model of the mouse, which is part of the program.
    ///
    /// # Errors
    /// Faults in the files of `model/` of the source; a released program has none.
    pub fn builtin() -> Result<Self, Faults> {
        let files: Vec<Source> = BUILTIN_FILES
            .iter()
            .map(|(name, text)| Source::new(*name, *text))
            .collect();
        let posteriors = BUILTIN_POSTERIORS
            .iter()
            .map(|(name, text)| Source::new(*name, *text))
            .collect();
        let mut model = Self::read(&files, posteriors, MOUSE_LABEL)?;
        // Not the scenarios below the folder, and not what the fit is asked beside its targets.
        let fits = BUILTIN_CALIBRATIONS
            .iter()
            .filter(|(name, text)| name.matches('/').count() == 1 && text.contains("[[target]]"));
        model.calibrations = fits.map(|(name, text)| Source::new(*name, *text)).collect();
        Ok(model)
    }

    /// Reads a model from a folder.
    ///
    /// # Errors
    /// Everything that is wrong with the files; a folder that is missing or holds no model.
    pub fn load(folder: &Path) -> Result<Self, Faults> {
        let mut files = model_files(folder)?;
        // Files are told apart by folders of these names, which must not stand above the model.
        let is_role = |part: &OsStr| part == "subjects" || part == "evidence" || part == "families";
        if folder.iter().any(is_role) {
            for file in &mut files {
                let inside = Path::new(&*file.name)
                    .strip_prefix(folder)
                    .map(Path::to_path_buf);
                if let Ok(inside) = inside {
                    file.name = inside.display().to_string().into();
                }
            }
        }
        // A folder without them is a model without posteriors.
        let paths = Disk::find(&folder.join("posterior"), "csv").unwrap_or_default();
        let posteriors = paths
            .iter()
            .map(|path| read_text(path))
            .collect::<Result<Vec<Source>, Faults>>()?;
        Self::read(&files, posteriors, &folder.display().to_string())
    }

    /// Reads a model from a folder of `files`: as [`Model::load`], without a disk.
    ///
    /// # Errors
    /// Everything that is wrong with the files; a folder that holds no model.
    pub fn load_in(files: &dyn Files, folder: &Path) -> Result<Self, Faults> {
        let label = folder.display().to_string();
        let nothing = |why: String| {
            let source = Source::new(label.as_str(), "");
            Faults::from(Fault::new(Code::NoModel, why, &Place::new(&source, 0..0)))
        };
        let listed = files
            .list(folder)
            .map_err(|error| nothing(format!("cannot read the model folder `{label}`: {error}")))?;
        let faults = Collector::new();
        let (mut declared, mut posteriors) = (Vec::new(), Vec::new());
        for path in &listed {
            // Roles are told from the folders inside the model's own.
            let inside = path.strip_prefix(folder).unwrap_or(path);
            let is_hidden = |part: &OsStr| part.as_encoded_bytes().starts_with(b".");
            let is_vectors = inside.starts_with("posterior");
            let wanted = if is_vectors { "csv" } else { "toml" };
            let is_wanted = path.extension().is_some_and(|ending| ending == wanted);
            if !is_wanted || inside.iter().any(is_hidden) {
                continue;
            }
            match text_of(path, files.read(path)) {
                Ok(mut source) => {
                    source.name = inside.display().to_string().into();
                    if is_vectors {
                        posteriors.push(source);
                    } else {
                        declared.push(source);
                    }
                }
                Err(found) => faults.extend(found),
            }
        }
        faults.finish(())?;
        if declared.is_empty() {
            return Err(nothing(format!(
                "the folder `{label}` holds no `*.toml` file"
            )));
        }
        Self::read(&declared, posteriors, &label)
    }

    /// The equations with these changes of the structure, compiled when they are first asked for.
    ///
    /// # Errors
    /// Edits that name nothing the model has.
    pub(crate) fn equations(&self, edits: &Edits) -> Result<Arc<Equations>, Faults> {
        self.equations.get(&self.declaration, edits)
    }

    /// SHA-256 of what the numbers of a simulation with these interventions depend on, in hexadecimal digits:
    /// sentences and labels do not count, nor do other interventions.
    #[must_use]
    pub fn dynamics(&self, interventions: &BTreeSet<String>) -> String {
        let names = interventions.iter().map(String::as_str);
        self.declaration.dynamics_hash(names)
    }

    /// A declaration as a model without posteriors; `label` stands in messages.
    #[must_use]
    pub fn new(declaration: Declaration, label: &str) -> Self {
        Self {
            hash: declaration.hash().to_owned(),
            declaration,
            label: label.to_owned(),
            variant: None,
            posteriors: Vec::new(),
            of_variants: Vec::new(),
            calibrations: Vec::new(),
            equations: Remembered::default(),
        }
    }

    /// The model under one of its variants: another choice where no evidence decides. It has vectors of
    /// its own, or none.
    ///
    /// # Errors
    /// The model declares no variant of this name.
    pub fn under(&self, variant: &str) -> Result<Self, Faults> {
        let Some(declaration) = self.declaration.under(variant) else {
            let names: Vec<&str> = self
                .declaration
                .variants
                .keys()
                .map(String::as_str)
                .collect();
            let source = Source::new(self.label.as_str(), "");
            let message = format!("the model has no variant `{variant}`");
            let help = did_you_mean(variant, names.iter().copied()).unwrap_or_else(|| {
                if names.is_empty() {
                    "it declares none: one is a file `variants/NAME.toml` of the model".to_owned()
                } else {
                    format!("one of: {}", names.join(", "))
                }
            });
            let place = Place::new(&source, 0..0);
            return Err(Fault::new(Code::UnknownName, message, &place)
                .help(help)
                .into());
        };
        let is_its_own = |source: &&Source| folder_of_vectors(&source.name) == Some(variant);
        Ok(Self {
            hash: declaration.hash().to_owned(),
            declaration,
            label: self.label.clone(),
            variant: Some(variant.to_owned()),
            posteriors: self
                .of_variants
                .iter()
                .filter(is_its_own)
                .cloned()
                .collect(),
            of_variants: Vec::new(),
            calibrations: self.calibrations.clone(),
            equations: Remembered::default(),
        })
    }

    fn read(files: &[Source], vectors: Vec<Source>, label: &str) -> Result<Self, Faults> {
        let is_of_model = |source: &Source| folder_of_vectors(&source.name).is_none();
        let (posteriors, of_variants) = vectors.into_iter().partition(is_of_model);
        let declaration = Declaration::read(files)?;
        check_figures(&declaration)?;
        Ok(Self {
            posteriors,
            of_variants,
            ..Self::new(declaration, label)
        })
    }
}

/// The variant whose folder of `posterior/` a file lies in; nothing for one of the model itself.
fn folder_of_vectors(name: &str) -> Option<&str> {
    let mut parts = name.rsplit(['/', '\\']).skip(1);
    parts.next().filter(|&folder| folder != "posterior")
}

/// A figure of the family under the word of a kind that every model has could never be asked for.
fn check_figures(declaration: &Declaration) -> Result<(), Faults> {
    let faults = Collector::new();
    for figure in &declaration.family.figures {
        if FigureKind::WORDS
            .iter()
            .any(|(word, _)| *word == figure.word)
        {
            let message = format!("every model has a figure `{}`", figure.word);
            faults.add(Fault::new(Code::ReservedName, message, &figure.place));
        }
    }
    faults.finish(())
}

/// The files of a model folder, sorted by path, each under its path.
///
/// # Errors
/// A folder that is missing or holds no model; every file that is no text.
pub fn model_files(folder: &Path) -> Result<Vec<Source>, Faults> {
    let label = folder.display().to_string();
    let fault = |message: String| {
        let source = Source::new(label.as_str(), "");
        let fault = Fault::new(Code::NoModel, message, &Place::new(&source, 0..0));
        Faults::from(fault.help("name a folder such as `model`"))
    };
    let paths = Disk::find(folder, "toml")
        .map_err(|error| fault(format!("cannot read the model folder `{label}`: {error}")))?;
    if paths.is_empty() {
        return Err(fault(format!(
            "the folder `{label}` holds no `*.toml` file"
        )));
    }
    let faults = Collector::new();
    let mut files = Vec::new();
    for path in &paths {
        match read_text(path) {
            Ok(source) => files.push(source),
            Err(found) => faults.extend(found),
        }
    }
    faults.finish(files)
}
