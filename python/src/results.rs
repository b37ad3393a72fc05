//! The files of a study in memory: tables, figures drawn when they are wanted, and a folder on request.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use gutbrain::model::{Model, is_shipped};
use gutbrain::results::tables::{endpoint_kinds, restore_units};
use gutbrain::scenario::{FigurePlan, Scenario, ScenarioFile, figure_kind, keys};
use gutbrain::study::{
    NamedFile, Progress, Saved, Setup, StoreError, StudyError, caption_file, draw_with, picture,
    pictures,
};
use gutbrain_network::Source;
use gutbrain_store::{
    Durability, Interrupted, Manifest, Replace, RunFolder, SavedRun, Terms, keep_apart,
};
use gutbrain_table::{ColumnData, ColumnKind, Table as Plain};
use pyo3::exceptions::PyKeyError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::errors;
use crate::listening::listen;
use crate::question::{load_model, under};
use crate::table::{OF_THE_ROW, Table, entry};

/// Columns of small tables that hold text even where all of it could be read as numbers.
const TEXTS: &[&str] = &[
    "against",
    "arm",
    "conflicts",
    "control_event",
    "design",
    "ended",
    "event",
    "evidence",
    "feature",
    "gates",
    "index",
    "looked",
    "method",
    "note",
    "notes",
    "output",
    "parameter",
    "pathway",
    "published",
    "quantity",
    "reason",
    "reference",
    "rests_on",
    "row",
    "says",
    "seen_by",
    "sex",
    "source",
    "status",
    "target",
    "treated_event",
    "treatment",
    "unit",
    "use",
    "variable",
    "verdict",
];

/// The files of one study.
#[pyclass(frozen, module = "gutbrain._gutbrain")]
pub(crate) struct Results {
    files: Mutex<BTreeMap<String, Vec<u8>>>,
    manifest: Manifest,
    model: Option<PathBuf>,
    /// Whether the figures of the scenario are yet to be drawn.
    undrawn: AtomicBool,
    /// What was read: never written over.
    inputs: Vec<PathBuf>,
}

impl Results {
    /// Files that a study left; `undrawn` if its figures are to be drawn when they are wanted.
    pub(crate) fn new(
        files: BTreeMap<String, Vec<u8>>,
        manifest: Manifest,
        model: Option<PathBuf>,
        inputs: Vec<PathBuf>,
        undrawn: bool,
    ) -> Self {
        Self {
            files: Mutex::new(files),
            manifest,
            model,
            undrawn: AtomicBool::new(undrawn),
            inputs,
        }
    }

    /// What made them.
    pub(crate) fn manifest_entries(&self) -> &Manifest {
        &self.manifest
    }

    fn with_files<T>(&self, act: impl FnOnce(&mut BTreeMap<String, Vec<u8>>) -> T) -> T {
        // A thread that panicked with the files has changed none of them.
        act(&mut self.files.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn find(&self, name: &str) -> Option<Vec<u8>> {
        self.with_files(|files| files.get(name).cloned())
    }

    /// A table from its Parquet or CSV.
    fn read_table(&self, name: &str) -> Result<Option<Plain>, StudyError> {
        if let Some(bytes) = self.find(&format!("{name}.parquet")) {
            return Ok(Some(Plain::from_parquet(name, &bytes)?));
        }
        let Some(bytes) = self.find(&format!("{name}.csv")) else {
            return Ok(None);
        };
        let owned = endpoint_kinds(&bytes);
        let kinds: Vec<(&str, ColumnKind)> = if name == "endpoints" {
            let kinds = owned.iter();
            kinds.map(|(name, kind)| (name.as_str(), *kind)).collect()
        } else {
            TEXTS.iter().map(|text| (*text, ColumnKind::Text)).collect()
        };
        let mut table = Plain::from_csv(name, &bytes, &kinds)?;
        if matches!(name, "trajectories" | "subjects" | "sweep")
            && let Some(units) = self.find("units.csv")
        {
            let kinds = [("variable", ColumnKind::Text), ("unit", ColumnKind::Text)];
            restore_units(&mut table, &Plain::from_csv("units", &units, &kinds)?);
        }
        add_declared_units(&mut table);
        Ok(Some(table))
    }

    /// The model of the folder, or the shipped one that the manifest names.
    fn read_model(&self) -> Result<Model, StudyError> {
        let label = &self.manifest.model.label;
        let named = (is_shipped(label) && label != "built-in").then_some(Path::new(label));
        let model = load_model(self.model.as_deref().or(named))?;
        // A model of that name may have lost the variant: labels are then its own.
        let variant = Some(self.manifest.model.variant.as_str()).filter(|name| !name.is_empty());
        Ok(under(model.clone(), variant).unwrap_or(model))
    }

    /// The scenario that made them, with its model.
    fn setup(&self) -> Result<Setup, StudyError> {
        let text = self.find("scenario.toml").unwrap_or_default();
        let text = String::from_utf8_lossy(&text).into_owned();
        let name = format!("{}.toml", self.manifest.identity.scenario);
        let file = ScenarioFile::parse(&Source::new(name, text))?;
        Ok(Setup::new(self.read_model()?, file)?)
    }

    /// The files of the scenario's figures.
    fn draw_all(&self, progress: &dyn Progress) -> Result<Vec<NamedFile>, StudyError> {
        let setup = self.setup()?;
        draw_with(&setup, self, |draw| {
            let figures = &setup.scenario.figures;
            pictures(&setup.scenario, &setup.model, figures, draw, progress)
        })
    }
}

/// Puts the units of the dictionary on columns that have none: CSV has no place for them.
fn add_declared_units(table: &mut Plain) {
    let Some(entry) = entry(&table.name) else {
        return;
    };
    for column in &mut table.columns {
        let declared = entry.unit(&column.name);
        if column.unit.is_some() || declared.is_empty() || declared == OF_THE_ROW {
            continue;
        }
        column.unit = Some(declared.to_owned());
        // Numbers of which all happened to be whole were numbers when they were written.
        if let ColumnData::Integer(values) = &column.data {
            let values = values.iter();
            #[expect(clippy::cast_precision_loss, reason = "they were written as doubles")]
            let numbers = values.map(|value| value.map(|whole| whole as f64));
            column.data = ColumnData::Number(numbers.collect());
        }
    }
}

#[pymethods]
impl Results {
    /// Results of these files, as they were taken apart for pickling.
    #[staticmethod]
    #[pyo3(signature = (files, manifest, model, undrawn))]
    fn restore(
        files: BTreeMap<String, Vec<u8>>,
        manifest: &str,
        model: Option<PathBuf>,
        undrawn: bool,
    ) -> PyResult<Self> {
        let manifest: Manifest = serde_json::from_str(manifest)
            .map_err(|error| errors::other(format!("the manifest is damaged: {error}")))?;
        Ok(Self::new(files, manifest, model, Vec::new(), undrawn))
    }

    /// Reads a folder that a command left; every file is compared with its hash.
    #[staticmethod]
    #[pyo3(name = "read", signature = (folder, model = None))]
    fn open(py: Python<'_>, folder: PathBuf, model: Option<PathBuf>) -> PyResult<Self> {
        py.detach(|| {
            let saved = SavedRun::open(&folder).map_err(|error| errors::of_output(&error))?;
            let names = saved.manifest().files.keys();
            let files: Result<BTreeMap<_, _>, _> = names
                .map(|name| Ok((name.clone(), saved.read(name)?)))
                .collect();
            let files = files.map_err(|error| errors::of_output(&error))?;
            let manifest = saved.manifest().clone();
            Ok(Self::new(files, manifest, model, Vec::new(), false))
        })
    }

    /// Names of the files, sorted; figures that are yet to be drawn are not among them.
    #[getter(names)]
    fn file_names(&self) -> Vec<String> {
        self.names()
    }

    /// Whether figures are yet to be drawn.
    #[getter]
    fn undrawn(&self) -> bool {
        self.undrawn.load(Ordering::Acquire)
    }

    /// The folder of the model; nothing for the built-in one.
    #[getter]
    fn model(&self) -> Option<&Path> {
        self.model.as_deref()
    }

    /// The bytes of a file.
    fn file<'py>(&self, py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyBytes>> {
        let found = self.find(name).map(|bytes| PyBytes::new(py, &bytes));
        found.ok_or_else(|| PyKeyError::new_err(format!("the results have no file `{name}`")))
    }

    /// A table by the stem of its file; nothing if there is none.
    fn table(&self, py: Python<'_>, name: &str) -> PyResult<Option<Table>> {
        let table = py.detach(|| self.read_table(name));
        table
            .map_err(errors::of_study)?
            .map(Table::of_results)
            .transpose()
    }

    /// What made the results, as the text of `manifest.json` but for the hashes of the files.
    #[getter]
    fn manifest(&self) -> PyResult<String> {
        serde_json::to_string(&self.manifest).map_err(|error| errors::other(error.to_string()))
    }

    /// Draws the figures that are yet to be drawn.
    fn draw(&self, listener: &Bound<'_, PyAny>) -> PyResult<()> {
        if !self.undrawn() {
            return Ok(());
        }
        let drawn = listen(listener, None, |progress| self.draw_all(progress))?;
        let drawn = drawn.map_err(errors::of_study)?;
        self.with_files(|files| files.extend(drawn));
        // Threads that draw at once draw the same.
        self.undrawn.store(false, Ordering::Release);
        Ok(())
    }

    /// Draws a figure of a kind that the scenario does not ask for: its files by name.
    fn figure<'py>(
        &self,
        py: Python<'py>,
        kind: &str,
        show: Vec<String>,
    ) -> PyResult<BTreeMap<String, Bound<'py, PyBytes>>> {
        let setup = self.setup().map_err(errors::of_study)?;
        let declaration = &setup.model.declaration;
        let Some((found, choice)) = figure_kind(kind, declaration) else {
            let words = keys::words(keys::Kind::Figure, &declaration.family).join(", ");
            return Err(errors::of_question(format!(
                "`{kind}` is neither a figure of the scenario nor a kind of figure\n  help: kinds: {words}"
            )));
        };
        let plan = FigurePlan {
            show,
            choice,
            look: setup.scenario.style.clone(),
            ..FigurePlan::plain(kind, found)
        };
        let drawn = py.detach(|| {
            draw_with(&setup, self, |draw| {
                let mut files = picture(&draw(&plan)?)?.to_vec();
                files.push(caption_file(&plan, &setup.scenario, &setup.model));
                Ok(files)
            })
        });
        let drawn = drawn.map_err(errors::of_study)?;
        let bytes = |(name, bytes): NamedFile| (name, PyBytes::new(py, &bytes));
        Ok(drawn.into_iter().map(bytes).collect())
    }

    /// Writes the folder that the command writes, whole or not at all, and gives its path.
    fn save(&self, py: Python<'_>, folder: PathBuf, force: bool, sync: bool) -> PyResult<PathBuf> {
        let terms = Terms {
            replace: if force {
                Replace::Anything
            } else {
                Replace::SameIdentity
            },
            durability: if sync {
                Durability::Synced
            } else {
                Durability::Unsynced
            },
            interrupted: Interrupted::Discarded,
        };
        let written = py.detach(|| {
            keep_apart(&folder, &self.inputs)?;
            let mut target = RunFolder::begin(&folder, self.manifest.identity.clone(), terms)?;
            self.with_files(|files| {
                files
                    .iter()
                    .try_for_each(|(name, bytes)| target.add(name, bytes))
            })?;
            let place = target.target().to_path_buf();
            target.finish(|manifest| {
                let files = std::mem::take(&mut manifest.files);
                *manifest = self.manifest.clone();
                manifest.files = files;
            })?;
            Ok(place)
        });
        written.map_err(|error| errors::of_output(&error))
    }
}

impl Saved for Results {
    fn names(&self) -> Vec<String> {
        self.with_files(|files| files.keys().cloned().collect())
    }

    fn read(&self, name: &str) -> Result<Vec<u8>, StoreError> {
        let missing = || StoreError::new(format!("the results have no file `{name}`"));
        self.find(name).ok_or_else(missing)
    }

    fn place(&self) -> String {
        let Manifest {
            identity, shard, ..
        } = &self.manifest;
        match shard.as_str() {
            "" => format!("the results of {identity}"),
            shard => format!("the results of {identity}, shard {shard}"),
        }
    }
}

/// Whether the figures of a scenario can be drawn from the tables that it writes.
pub(crate) fn draws_from_tables(scenario: &Scenario) -> bool {
    scenario.cohort.is_some()
        || scenario.output.trajectories == gutbrain::scenario::Trajectories::All
}
