//! Tables of the program for Python: by the Arrow capsule, without a copy.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::ffi_stream::FFI_ArrowArrayStream;
use arrow_array::{
    Array, ArrayRef, Float64Array, Int64Array, RecordBatch, RecordBatchIterator, StringArray,
};
use arrow_schema::ffi::FFI_ArrowSchema;
use arrow_schema::{DataType, Field, Schema};
pub(crate) use gutbrain::results::declared::OF_THE_ROW;
use gutbrain::results::dictionary::{TABLES, TableEntry};
use gutbrain_table::{Column, ColumnData, Table as Plain};
use pyo3::exceptions::{PyKeyError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyCapsule, PyList};

use crate::errors;

/// The key of a field's unit.
const UNIT: &str = "unit";
/// The key of a field's meaning.
const MEANING: &str = "meaning";

/// Named columns of equal length, with units and meanings.
#[pyclass(frozen, module = "gutbrain._gutbrain")]
#[derive(Debug, Clone)]
pub(crate) struct Table {
    name: String,
    /// What one row is; empty if nobody says.
    row: String,
    batch: RecordBatch,
}

impl Table {
    /// A table of the results; units that its file does not hold and meanings are those of the dictionary.
    pub(crate) fn of_results(mut table: Plain) -> PyResult<Self> {
        let entry = entry(&table.name);
        for column in &mut table.columns {
            // Parquet has an empty unit here, CSV none.
            let declared = entry.and_then(|it| it.column(&column.name));
            if declared.is_some_and(|it| it.unit == OF_THE_ROW) {
                column.unit = Some(OF_THE_ROW.to_owned());
            }
        }
        let meaning = |column: &str| entry.and_then(|it| it.meaning(column));
        Self::new(table, entry.map_or("", |it| it.row), meaning)
    }

    /// A table with what a row is and what the columns mean.
    pub(crate) fn new<M: Into<String>>(
        table: Plain,
        row: &str,
        meaning: impl Fn(&str) -> Option<M>,
    ) -> PyResult<Self> {
        table.check().map_err(|error| errors::of_table(&error))?;
        let mut fields = Vec::with_capacity(table.columns.len());
        let mut arrays: Vec<ArrayRef> = Vec::with_capacity(table.columns.len());
        for column in table.columns {
            #[expect(clippy::disallowed_types, reason = "what the fields of Arrow take")]
            let mut notes = std::collections::HashMap::new();
            if let Some(unit) = column.unit {
                notes.insert(UNIT.to_owned(), unit);
            }
            if let Some(meaning) = meaning(&column.name) {
                notes.insert(MEANING.to_owned(), meaning.into());
            }
            let (array, nullable): (ArrayRef, bool) = match column.data {
                ColumnData::Number(values) => match all_present(&values) {
                    Some(values) => (Arc::new(Float64Array::from(values)), true),
                    None => (Arc::new(Float64Array::from(values)), true),
                },
                ColumnData::Integer(values) => match all_present(&values) {
                    Some(values) => (Arc::new(Int64Array::from(values)), true),
                    None => (Arc::new(Int64Array::from(values)), true),
                },
                ColumnData::Text(values) => (Arc::new(StringArray::from(values)), false),
            };
            let field = Field::new(column.name, array.data_type().clone(), nullable);
            fields.push(field.with_metadata(notes));
            arrays.push(array);
        }
        let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)
            .map_err(|error| errors::other(error.to_string()))?;
        Ok(Self {
            name: table.name,
            row: row.to_owned(),
            batch,
        })
    }

    fn field(&self, column: &str) -> PyResult<(&Field, &ArrayRef)> {
        let schema = self.batch.schema_ref();
        let unknown = || PyKeyError::new_err(format!("`{}` has no column `{column}`", self.name));
        let place = schema.index_of(column).map_err(|_| unknown())?;
        Ok((schema.field(place), self.batch.column(place)))
    }

    fn notes(&self, key: &str) -> BTreeMap<&str, Option<&str>> {
        let fields = self.batch.schema_ref().fields().iter();
        fields
            .map(|field| {
                (
                    field.name().as_str(),
                    field.metadata().get(key).map(String::as_str),
                )
            })
            .collect()
    }

    /// The table as the program's own.
    fn plain(&self) -> Plain {
        let schema = self.batch.schema_ref();
        let columns = schema.fields().iter().zip(self.batch.columns());
        let column = |(field, array): (&Arc<Field>, &ArrayRef)| Column {
            name: field.name().clone(),
            unit: field.metadata().get(UNIT).cloned(),
            data: plain_data(array),
        };
        Plain::new(&self.name, columns.map(column).collect())
    }
}

/// The values without a place for missing ones, if none is missing.
fn all_present<T: Copy>(values: &[Option<T>]) -> Option<Vec<T>> {
    values.iter().copied().collect()
}

fn plain_data(array: &ArrayRef) -> ColumnData {
    let any = array.as_any();
    if let Some(values) = any.downcast_ref::<Float64Array>() {
        ColumnData::Number(values.iter().collect())
    } else if let Some(values) = any.downcast_ref::<Int64Array>() {
        ColumnData::Integer(values.iter().collect())
    } else if let Some(values) = any.downcast_ref::<StringArray>() {
        let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
        ColumnData::Text(values.iter().map(text).collect())
    } else {
        // A table is made of these three kinds only.
        ColumnData::Text(Vec::new())
    }
}

#[pymethods]
impl Table {
    /// Reads a table from the bytes that `to_parquet` gave.
    #[staticmethod]
    fn from_parquet(
        name: &str,
        row: &str,
        meanings: BTreeMap<String, Option<String>>,
        bytes: &[u8],
    ) -> PyResult<Self> {
        let table = Plain::from_parquet(name, bytes).map_err(|error| errors::of_table(&error))?;
        let meaning = |column: &str| meanings.get(column).and_then(Option::as_deref);
        Self::new(table, row, meaning)
    }

    /// Its name: the stem of its file.
    #[getter]
    fn name(&self) -> &str {
        &self.name
    }

    /// What one row is; empty if nobody says.
    #[getter]
    fn row(&self) -> &str {
        &self.row
    }

    /// Number of rows.
    #[getter]
    fn num_rows(&self) -> usize {
        self.batch.num_rows()
    }

    /// Names of the columns, in order.
    #[getter]
    fn column_names(&self) -> Vec<&str> {
        let fields = self.batch.schema_ref().fields().iter();
        fields.map(|field| field.name().as_str()).collect()
    }

    /// Unit by column; `None` where a unit makes no sense.
    #[getter]
    fn units(&self) -> BTreeMap<&str, Option<&str>> {
        self.notes(UNIT)
    }

    /// Meaning by column; `None` where nobody says.
    #[getter]
    fn meanings(&self) -> BTreeMap<&str, Option<&str>> {
        self.notes(MEANING)
    }

    /// `number`, `integer` or `text`.
    fn kind(&self, column: &str) -> PyResult<&'static str> {
        Ok(match self.field(column)?.1.data_type() {
            DataType::Float64 => "number",
            DataType::Int64 => "integer",
            _ => "text",
        })
    }

    /// How many values of a column are missing.
    fn missing(&self, column: &str) -> PyResult<usize> {
        Ok(self.field(column)?.1.null_count())
    }

    /// The values of a column; `None` is missing.
    fn values<'py>(&self, py: Python<'py>, column: &str) -> PyResult<Bound<'py, PyList>> {
        match plain_data(self.field(column)?.1) {
            ColumnData::Number(values) => PyList::new(py, values),
            ColumnData::Integer(values) => PyList::new(py, values),
            ColumnData::Text(values) => PyList::new(py, values),
        }
    }

    /// The values of a column of numbers as doubles in the machine's order of bytes, NaN for missing; of a
    /// column of whole numbers as 64-bit integers, 0 for missing.
    fn bytes<'py>(&self, py: Python<'py>, column: &str) -> PyResult<Bound<'py, PyBytes>> {
        let bytes: Vec<u8> = match plain_data(self.field(column)?.1) {
            ColumnData::Number(values) => values
                .into_iter()
                .flat_map(|value| value.unwrap_or(f64::NAN).to_ne_bytes())
                .collect(),
            ColumnData::Integer(values) => values
                .into_iter()
                .flat_map(|value| value.unwrap_or(0).to_ne_bytes())
                .collect(),
            ColumnData::Text(_) => {
                let why = format!("the column `{column}` holds text, not numbers");
                return Err(PyValueError::new_err(why));
            }
        };
        Ok(PyBytes::new(py, &bytes))
    }

    /// Where the first value of a column of numbers stands in memory.
    fn address(&self, column: &str) -> PyResult<usize> {
        let data = self.field(column)?.1.to_data();
        let buffer = data.buffers().first();
        Ok(buffer.map_or(0, |buffer| buffer.as_ptr().addr()))
    }

    /// The table as CSV, the bytes that the command line writes.
    fn to_csv(&self) -> PyResult<String> {
        self.plain()
            .to_csv()
            .map_err(|error| errors::of_table(&error))
    }

    /// The table as Parquet with units.
    fn to_parquet<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let (_, bytes) =
            gutbrain::study::encode(&self.plain(), Default::default()).map_err(errors::of_study)?;
        Ok(PyBytes::new(py, &bytes))
    }

    /// The table as an `ArrowArrayStream` of one batch (Arrow PyCapsule interface); nothing is copied, and
    /// `requested_schema` is not looked at, as the interface allows.
    #[pyo3(signature = (requested_schema = None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        let _ = requested_schema;
        let batches = [Ok(self.batch.clone())];
        let reader = RecordBatchIterator::new(batches, self.batch.schema());
        let stream = FFI_ArrowArrayStream::new(Box::new(reader));
        PyCapsule::new_with_value(py, stream, c"arrow_array_stream")
    }

    /// The columns as an `ArrowSchema` (Arrow PyCapsule interface).
    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        let schema = FFI_ArrowSchema::try_from(self.batch.schema_ref().as_ref())
            .map_err(|error| errors::other(error.to_string()))?;
        PyCapsule::new_with_value(py, schema, c"arrow_schema")
    }

    fn __len__(&self) -> usize {
        self.batch.num_rows()
    }
}

/// The entry of a table in the dictionary.
pub(crate) fn entry(name: &str) -> Option<&'static TableEntry> {
    TABLES.iter().find(|entry| entry.name == name)
}
