//! What is asked: a scenario by its shipped name, by path or as text, with changes, and a model.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use gutbrain::files::InMemory;
use gutbrain::model::Model;
use gutbrain::scenario::{Overrides, ScenarioFile};
use gutbrain::study::{Setup, StudyError};
use gutbrain_network::{Faults, Source};
use gutbrain_store::read_model;
use pyo3::prelude::*;

use crate::errors;

include!(concat!(env!("OUT_DIR"), "/shipped.rs"));

/// The folder of the shipped scenarios.
const SCENARIOS: &str = "scenarios";

/// The shipped files: path with `/` between its parts, and text.
#[pyfunction]
pub(crate) fn shipped() -> Vec<(&'static str, &'static str)> {
    SHIPPED.to_vec()
}

/// Where the text of a scenario comes from.
#[derive(Debug, Clone)]
enum Origin {
    /// A file of the package.
    Shipped(String),
    /// A file of the disk.
    Path(PathBuf),
    /// A text under a name; what it extends is `scenarios/…` of the package, or on the disk.
    Text {
        name: String,
        text: String,
        extends_shipped: bool,
    },
}

/// A scenario, what is changed in it, and a model: read and checked when it is asked.
#[pyclass(frozen, module = "gutbrain._gutbrain")]
#[derive(Debug, Clone)]
pub(crate) struct Question {
    origin: Origin,
    overrides: Overrides,
    model: Option<PathBuf>,
    variant: Option<String>,
}

#[pymethods]
impl Question {
    /// A question: `kind` is `shipped`, `path`, `text`, or `text-on-shipped` for a text that extends
    /// shipped scenarios; `name` is the stem of the results of a text.
    #[new]
    #[pyo3(signature = (kind, content, name, set, arms, seed, model, variant))]
    #[expect(
        clippy::too_many_arguments,
        reason = "the stub of the module names them"
    )]
    fn new(
        kind: &str,
        content: String,
        name: String,
        set: Vec<String>,
        arms: Vec<String>,
        seed: Option<u64>,
        model: Option<PathBuf>,
        variant: Option<String>,
    ) -> PyResult<Self> {
        let origin = match kind {
            "shipped" => Origin::Shipped(content),
            "path" => Origin::Path(PathBuf::from(content)),
            "text" | "text-on-shipped" => Origin::Text {
                name,
                text: content,
                extends_shipped: kind == "text-on-shipped",
            },
            other => return Err(errors::other(format!("`{other}` is no kind of scenario"))),
        };
        let overrides = Overrides { set, seed, arms };
        Ok(Self {
            origin,
            overrides,
            model,
            variant,
        })
    }

    /// The stem of the scenario's file, which names its results.
    #[getter]
    fn stem(&self) -> String {
        let stem = match &self.origin {
            Origin::Shipped(name) => Path::new(name).file_name(),
            Origin::Path(path) => path.file_stem(),
            Origin::Text { name, .. } => Some(name.as_ref()),
        };
        stem.unwrap_or_default().to_string_lossy().into_owned()
    }

    /// The scenario with everything that it extends and every default written out, as TOML.
    fn resolved(&self, py: Python<'_>) -> PyResult<String> {
        let setup = py.detach(|| self.setup());
        Ok(setup.map_err(errors::of_study)?.resolved())
    }
}

impl Question {
    /// Reads and checks everything.
    pub(crate) fn setup(&self) -> Result<Setup, StudyError> {
        self.setup_with(&[])
    }

    /// The same with further changes, as `--set` makes them.
    pub(crate) fn setup_with(&self, more: &[String]) -> Result<Setup, StudyError> {
        let mut file = match &self.origin {
            Origin::Shipped(name) => {
                let path = format!("{SCENARIOS}/{name}.toml");
                ScenarioFile::open_in(&all_shipped(), Path::new(&path))?
            }
            Origin::Path(path) => ScenarioFile::open(path)?,
            Origin::Text {
                name,
                text,
                extends_shipped: false,
            } => ScenarioFile::parse(&Source::new(format!("{name}.toml"), text.as_str()))?,
            Origin::Text { name, text, .. } => {
                let mut files = all_shipped();
                let path = format!("{name}.toml");
                files.put(&path, text.as_str());
                ScenarioFile::open_in(&files, Path::new(&path))?
            }
        };
        let mut overrides = self.overrides.clone();
        overrides.set.extend_from_slice(more);
        file.apply(&overrides)?;
        let model = match self.model.as_deref() {
            None if file.gives("subject.model") => file.model()?,
            folder => load_model(folder)?,
        };
        let model = under(model, self.variant.as_deref())?;
        Ok(Setup::new(model, file)?)
    }

    /// The folder of the model, if it is not the built-in one.
    pub(crate) fn model(&self) -> Option<&Path> {
        self.model.as_deref()
    }
}

/// The model of a folder, the shipped one of a name, or that of the mouse, which is read once.
pub(crate) fn load_model(folder: Option<&Path>) -> Result<Model, StudyError> {
    static BUILTIN: OnceLock<Result<Model, Faults>> = OnceLock::new();
    match folder {
        Some(folder) => Ok(read_model(folder)?),
        None => Ok(BUILTIN.get_or_init(Model::builtin).clone()?),
    }
}

/// A model under one of its variants.
pub(crate) fn under(model: Model, variant: Option<&str>) -> Result<Model, Faults> {
    match variant {
        Some(name) => model.under(name),
        None => Ok(model),
    }
}

/// The shipped files, as files.
pub(crate) fn all_shipped() -> InMemory {
    let mut files = InMemory::default();
    for (path, text) in SHIPPED {
        files.put(path, *text);
    }
    files
}
