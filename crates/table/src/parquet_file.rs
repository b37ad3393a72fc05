//! Tables as Parquet files, written and read in memory.
//!
//! Numbers are optional doubles in byte-stream-split encoding without a dictionary (smooth curves
//! then shrink to about half), text is a required UTF-8 column with a dictionary, whole numbers are
//! optional 64-bit integers; pages are compressed with gzip. The file's key-value metadata holds
//! the entries given by the caller and, under `units`, a JSON object from column name to unit.
//! Nothing in the file depends on a clock, a host or a thread count.
//!
//! The last metadata entry is a seal: the SHA-256 of the whole file with the seal's own digits
//! taken as zeros. It is checked before anything is decoded, so a table with a single wrong byte is
//! refused instead of plotted (the Parquet library itself reads many damaged pages without
//! complaint, and panics on some).

use super::{Column, ColumnData, Table, TableError};
use bytes::Bytes;
use parquet::basic::{Compression, ConvertedType, Encoding, Repetition, Type as PhysicalType};
use parquet::basic::{GzipLevel, LogicalType};
use parquet::column::reader::{ColumnReader, get_typed_column_reader};
use parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{WriterProperties, WriterPropertiesPtr};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::{ColumnPath, Type};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

/// Rows of one row group: readers hold one group in memory.
const ROWS_PER_GROUP: usize = 1 << 20;

/// Metadata key under which the units stand.
const UNITS_KEY: &str = "units";

/// Metadata key under which the seal stands.
const SEAL_KEY: &str = "gutbrain.sha256";

/// Hexadecimal digits of the seal.
const SEAL_DIGITS: usize = 64;

impl Table {
    /// The table as the bytes of a Parquet file.
    ///
    /// `metadata` is stored as it is; the key `units` is always the table's own.
    ///
    /// # Errors
    /// What [`Table::check`] finds, and what the Parquet library refuses.
    pub fn to_parquet(&self, metadata: &BTreeMap<String, String>) -> Result<Vec<u8>, TableError> {
        self.check()?;
        self.encode(metadata)
            .map_err(|source| self.parquet_error(source))
    }

    pub(super) fn parquet_error(&self, source: ParquetError) -> TableError {
        TableError::Parquet {
            table: self.name.clone(),
            source,
        }
    }

    fn encode(&self, metadata: &BTreeMap<String, String>) -> Result<Vec<u8>, ParquetError> {
        let schema = self.schema()?;
        let properties = self.properties(metadata)?;
        let mut file = SerializedFileWriter::new(Vec::new(), schema, properties)?;
        let mut start = 0;
        while start < self.rows() {
            let rows = start..self.rows().min(start + ROWS_PER_GROUP);
            start = rows.end;
            let mut group = file.next_row_group()?;
            for column in &self.columns {
                let Some(mut writer) = group.next_column()? else {
                    break;
                };
                write_column(&mut writer, &column.data, rows.clone())?;
                writer.close()?;
            }
            group.close()?;
        }
        let mut bytes = file.into_inner()?;
        let place = find_seal(&bytes)
            .ok_or_else(|| ParquetError::General("the seal was not written".into()))?;
        let digits = seal_digits(&bytes, &place);
        bytes[place].copy_from_slice(digits.as_bytes());
        Ok(bytes)
    }

    pub(super) fn schema(&self) -> Result<Arc<Type>, ParquetError> {
        let fields = self
            .columns
            .iter()
            .map(|column| {
                let build = |physical| Type::primitive_type_builder(&column.name, physical);
                let field = match column.data {
                    ColumnData::Number(_) => {
                        build(PhysicalType::DOUBLE).with_repetition(Repetition::OPTIONAL)
                    }
                    ColumnData::Integer(_) => {
                        build(PhysicalType::INT64).with_repetition(Repetition::OPTIONAL)
                    }
                    ColumnData::Text(_) => build(PhysicalType::BYTE_ARRAY)
                        .with_repetition(Repetition::REQUIRED)
                        .with_converted_type(ConvertedType::UTF8)
                        .with_logical_type(Some(LogicalType::String)),
                };
                field.build().map(Arc::new)
            })
            .collect::<Result<_, _>>()?;
        Ok(Arc::new(
            Type::group_type_builder("schema")
                .with_fields(fields)
                .build()?,
        ))
    }

    pub(super) fn properties(
        &self,
        metadata: &BTreeMap<String, String>,
    ) -> Result<WriterPropertiesPtr, ParquetError> {
        let units: BTreeMap<&str, &str> = self
            .columns
            .iter()
            .filter_map(|column| Some((column.name.as_str(), column.unit.as_deref()?)))
            .collect();
        let units = serde_json::to_string(&units)
            .map_err(|source| ParquetError::External(Box::new(source)))?;
        let mut entries = metadata.clone();
        entries.insert(UNITS_KEY.into(), units);
        // The seal comes last: `find_seal` takes the last match, which no caller's text can be.
        let seal = KeyValue::new(SEAL_KEY.to_owned(), "0".repeat(SEAL_DIGITS));
        let entries = entries
            .into_iter()
            .filter(|(key, _)| key != SEAL_KEY)
            .map(|(key, value)| KeyValue::new(key, value))
            .chain([seal])
            .collect();
        let mut properties = WriterProperties::builder()
            .set_created_by(concat!("gutbrain ", env!("CARGO_PKG_VERSION")).into())
            .set_compression(Compression::GZIP(GzipLevel::try_new(4)?))
            .set_key_value_metadata(Some(entries));
        for column in &self.columns {
            if matches!(column.data, ColumnData::Number(_)) {
                let path = ColumnPath::new(vec![column.name.clone()]);
                properties = properties
                    .set_column_dictionary_enabled(path.clone(), false)
                    .set_column_encoding(path, Encoding::BYTE_STREAM_SPLIT);
            }
        }
        Ok(Arc::new(properties.build()))
    }

    /// Reads a table, with its units, from the bytes of a Parquet file.
    ///
    /// # Errors
    /// Files that are truncated, damaged or written by another program.
    pub fn from_parquet(name: &str, bytes: &[u8]) -> Result<Self, TableError> {
        Self::with_metadata_from_parquet(name, bytes).map(|(table, _)| table)
    }

    /// Reads a table and the file's key-value metadata.
    ///
    /// # Errors
    /// As [`Table::from_parquet`].
    pub fn with_metadata_from_parquet(
        name: &str,
        bytes: &[u8],
    ) -> Result<(Self, BTreeMap<String, String>), TableError> {
        let mut whole: Option<Self> = None;
        let metadata = Self::groups_from_parquet(name, bytes, |group| match &mut whole {
            None => {
                whole = Some(group);
                Ok::<(), TableError>(())
            }
            Some(table) => table.append(group),
        })?;
        let table = whole.unwrap_or_else(|| Self::new(name, Vec::new()));
        table.check()?;
        Ok((table, metadata))
    }

    /// Reads a table group by group: memory holds the file and one group. A table without rows is one
    /// group without rows.
    ///
    /// # Errors
    /// As [`Table::from_parquet`], and those of `take`.
    pub fn groups_from_parquet<E: From<TableError>>(
        name: &str,
        bytes: &[u8],
        mut take: impl FnMut(Self) -> Result<(), E>,
    ) -> Result<BTreeMap<String, String>, E> {
        let error = |source| TableError::Parquet {
            table: name.into(),
            source,
        };
        let damaged = |cause: String| TableError::Damaged {
            table: name.into(),
            cause,
        };
        let place = find_seal(bytes)
            .ok_or_else(|| damaged("it is cut, or was not written by this program".into()))?;
        if bytes[place.clone()] != *seal_digits(bytes, &place).as_bytes() {
            return Err(damaged("its content does not match its checksum".into()).into());
        }
        let file = SerializedFileReader::new(Bytes::copy_from_slice(bytes)).map_err(error)?;
        let header = file.metadata().file_metadata();
        let metadata: BTreeMap<String, String> = header
            .key_value_metadata()
            .into_iter()
            .flatten()
            .filter(|entry| entry.key != SEAL_KEY)
            .filter_map(|entry| Some((entry.key.clone(), entry.value.clone()?)))
            .collect();
        let units: BTreeMap<String, String> = match metadata.get(UNITS_KEY) {
            Some(text) => serde_json::from_str(text)
                .map_err(|source| damaged(format!("its units are not JSON ({source})")))?,
            None => BTreeMap::new(),
        };
        let mut columns = Vec::new();
        for field in header.schema().get_fields() {
            columns.push(Column {
                name: field.name().to_owned(),
                unit: units.get(field.name()).cloned(),
                data: empty_column(name, field)?,
            });
        }
        for index in 0..file.num_row_groups().max(1) {
            let mut table = Self::new(name, columns.clone());
            if index < file.num_row_groups() {
                let group = file.get_row_group(index).map_err(error)?;
                let rows = usize::try_from(group.metadata().num_rows())
                    .map_err(|_| damaged(format!("row group {index} has a negative length")))?;
                // A leaf more or less than fields would be a nested column, refused above.
                for (position, column) in table.columns.iter_mut().enumerate() {
                    let reader = group.get_column_reader(position).map_err(error)?;
                    read_column(reader, &mut column.data, rows).map_err(error)?;
                    if column.data.len() != rows {
                        return Err(damaged(format!(
                            "row group {index} promises {rows} rows of `{}` and has {}",
                            column.name,
                            column.data.len()
                        ))
                        .into());
                    }
                }
            }
            table.check()?;
            take(table)?;
        }
        Ok(metadata)
    }
}

/// Where the digits of the seal stand: a string of 64 bytes after the key, as Thrift writes it.
pub(super) fn find_seal(bytes: &[u8]) -> Option<Range<usize>> {
    const STRING_FIELD: u8 = 0x18;
    let mut key = SEAL_KEY.as_bytes().to_vec();
    key.extend([STRING_FIELD, SEAL_DIGITS as u8]);
    let start = bytes.windows(key.len()).rposition(|window| window == key)? + key.len();
    (start + SEAL_DIGITS <= bytes.len()).then(|| start..start + SEAL_DIGITS)
}

/// SHA-256 of `bytes` with zeros in `place`.
fn seal_digits(bytes: &[u8], place: &Range<usize>) -> String {
    let mut hash = Sha256::new();
    hash.update(&bytes[..place.start]);
    hash.update("0".repeat(SEAL_DIGITS));
    hash.update(&bytes[place.end..]);
    hash.finalize()
        .iter()
        .fold(String::new(), |mut text, byte| {
            text.push_str(&format!("{byte:02x}"));
            text
        })
}

pub(super) fn write_column(
    writer: &mut SerializedColumnWriter<'_>,
    data: &ColumnData,
    rows: Range<usize>,
) -> Result<usize, ParquetError> {
    match data {
        ColumnData::Number(values) => {
            let (present, levels) = split_missing(&values[rows]);
            writer
                .typed::<DoubleType>()
                .write_batch(&present, Some(&levels), None)
        }
        ColumnData::Integer(values) => {
            let (present, levels) = split_missing(&values[rows]);
            writer
                .typed::<Int64Type>()
                .write_batch(&present, Some(&levels), None)
        }
        ColumnData::Text(values) => {
            let texts: Vec<ByteArray> = values[rows]
                .iter()
                .map(|text| ByteArray::from(text.as_str()))
                .collect();
            writer
                .typed::<ByteArrayType>()
                .write_batch(&texts, None, None)
        }
    }
}

/// Present values, and for every row 1 if its value is present, 0 if it is missing.
fn split_missing<T: Copy>(values: &[Option<T>]) -> (Vec<T>, Vec<i16>) {
    (
        values.iter().copied().flatten().collect(),
        values
            .iter()
            .map(|value| i16::from(value.is_some()))
            .collect(),
    )
}

/// The kind of column that a schema field stands for, without rows.
fn empty_column(table: &str, field: &Type) -> Result<ColumnData, TableError> {
    let unsupported = |found: String| TableError::UnsupportedType {
        table: table.into(),
        column: field.name().into(),
        found,
    };
    if !field.is_primitive() {
        return Err(unsupported("group".into()));
    }
    let info = field.get_basic_info();
    let repeated = info.has_repetition() && info.repetition() == Repetition::REPEATED;
    match (field.get_physical_type(), info.converted_type()) {
        (PhysicalType::DOUBLE, _) if !repeated => Ok(ColumnData::Number(Vec::new())),
        (PhysicalType::INT64, ConvertedType::NONE) if !repeated => {
            Ok(ColumnData::Integer(Vec::new()))
        }
        (PhysicalType::BYTE_ARRAY, ConvertedType::UTF8) if !repeated && !field.is_optional() => {
            Ok(ColumnData::Text(Vec::new()))
        }
        (physical, converted) => Err(unsupported(format!("{physical} ({converted})"))),
    }
}

fn read_column(
    reader: ColumnReader,
    data: &mut ColumnData,
    rows: usize,
) -> Result<(), ParquetError> {
    match data {
        ColumnData::Number(values) => values.extend(read_optional::<DoubleType>(reader, rows)?),
        ColumnData::Integer(values) => values.extend(read_optional::<Int64Type>(reader, rows)?),
        ColumnData::Text(values) => {
            for text in read_optional::<ByteArrayType>(reader, rows)?
                .into_iter()
                .flatten()
            {
                values.push(text.as_utf8()?.to_owned());
            }
        }
    }
    Ok(())
}

fn read_optional<T: DataType>(
    reader: ColumnReader,
    rows: usize,
) -> Result<Vec<Option<T::T>>, ParquetError> {
    let mut reader = get_typed_column_reader::<T>(reader);
    let (mut present, mut levels) = (Vec::new(), Vec::new());
    let mut done = 0;
    while done < rows {
        let (records, _, _) =
            reader.read_records(rows - done, Some(&mut levels), None, &mut present)?;
        if records == 0 {
            break;
        }
        done += records;
    }
    if levels.is_empty() {
        return Ok(present.into_iter().map(Some).collect());
    }
    let mut present = present.into_iter();
    Ok(levels
        .into_iter()
        .map(|level| if level > 0 { present.next() } else { None })
        .collect())
}

#[cfg(test)]
mod tests;
