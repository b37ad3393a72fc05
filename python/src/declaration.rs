//! What the model declares, as tables.

use std::collections::BTreeMap;
use std::path::PathBuf;

use gutbrain::results::declared::{KINDS, MEANINGS, declared};
use gutbrain_network::Declaration;
use pyo3::prelude::*;

use crate::errors;
use crate::question::load_model;
use crate::table::Table;

/// A model that was read and checked.
#[pyclass(frozen, module = "gutbrain._gutbrain")]
pub(crate) struct Model {
    declaration: Declaration,
    hash: String,
    label: String,
}

#[pymethods]
impl Model {
    /// The built-in model, or that of a folder.
    #[new]
    #[pyo3(signature = (folder = None))]
    fn new(py: Python<'_>, folder: Option<PathBuf>) -> PyResult<Self> {
        let model = py.detach(|| load_model(folder.as_deref()));
        let model = model.map_err(errors::of_study)?;
        Ok(Self {
            declaration: model.declaration,
            hash: model.hash,
            label: model.label,
        })
    }

    /// SHA-256 over the canonical rendering of the declaration.
    #[getter]
    fn hash(&self) -> &str {
        &self.hash
    }

    /// `built-in`, or the folder as given.
    #[getter]
    fn label(&self) -> &str {
        &self.label
    }

    /// The kinds of entries that are tables.
    #[classattr]
    fn kinds() -> Vec<&'static str> {
        KINDS.to_vec()
    }

    /// The entries of a kind, one a row, sorted by id.
    fn table(&self, kind: &str) -> PyResult<Table> {
        let found = declared(kind, &self.declaration)
            .ok_or_else(|| errors::of_question(format!("`{kind}` is no kind of entry")))?;
        let meanings: BTreeMap<&str, &str> = MEANINGS.iter().copied().collect();
        let row = "one entry of the model";
        Table::new(found, row, |column| meanings.get(column).copied())
    }
}
