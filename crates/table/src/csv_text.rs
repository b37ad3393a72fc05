//! Tables as CSV (RFC 4180 quoting, a header line, lines end with a line feed).
//!
//! Units do not fit into CSV; they stand in the run's `units.csv`.

use super::{Column, ColumnData, Table, TableError};

/// What the fields of a CSV column are to be read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnKind {
    /// Finite decimal numbers, empty for missing.
    Number,
    /// Any text.
    Text,
    /// Whole numbers, empty for missing.
    Integer,
}

impl Table {
    /// The table as CSV text.
    ///
    /// # Errors
    /// What [`Table::check`] finds.
    pub fn to_csv(&self) -> Result<String, TableError> {
        self.check()?;
        let error = |source| TableError::Csv {
            table: self.name.clone(),
            source,
        };
        let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
        writer
            .write_record(self.columns.iter().map(|column| &column.name))
            .map_err(error)?;
        for row in 0..self.rows() {
            for column in &self.columns {
                match &column.data {
                    ColumnData::Number(values) => {
                        writer.write_field(values[row].map_or_else(String::new, write_number))
                    }
                    ColumnData::Text(values) => writer.write_field(&values[row]),
                    ColumnData::Integer(values) => writer.write_field(
                        values[row].map_or_else(String::new, |value| value.to_string()),
                    ),
                }
                .map_err(error)?;
            }
            writer.write_record(None::<&[u8]>).map_err(error)?;
        }
        let bytes = writer.into_inner().map_err(|full| TableError::Csv {
            table: self.name.clone(),
            source: full.into_error().into(),
        })?;
        String::from_utf8(bytes).map_err(|source| TableError::Damaged {
            table: self.name.clone(),
            cause: source.to_string(),
        })
    }

    /// Reads a table from CSV bytes with a header line.
    ///
    /// Columns named in `kinds` are read as told; the others are whole numbers if all their
    /// fields are, else numbers if all are, else text. A column without any value is a column of
    /// missing numbers. A byte order mark is skipped. Units are not in the file: they are `None`.
    ///
    /// # Errors
    /// Invalid UTF-8, lines of unequal length, repeated names, and fields that are not what
    /// `kinds` says.
    pub fn from_csv(
        name: &str,
        bytes: &[u8],
        kinds: &[(&str, ColumnKind)],
    ) -> Result<Self, TableError> {
        let error = |source| TableError::Csv {
            table: name.into(),
            source,
        };
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let mut reader = csv::ReaderBuilder::new().from_reader(bytes);
        let header = reader.headers().map_err(error)?.clone();
        let mut fields: Vec<Vec<String>> = vec![Vec::new(); header.len()];
        for record in reader.records() {
            for (column, field) in fields.iter_mut().zip(&record.map_err(error)?) {
                column.push(field.to_owned());
            }
        }
        let mut columns = Vec::with_capacity(header.len());
        for (column, fields) in header.iter().zip(fields) {
            let kind = kinds
                .iter()
                .find(|(hinted, _)| *hinted == column)
                .map_or_else(|| infer_kind(&fields), |(_, kind)| *kind);
            columns.push(Column {
                name: column.to_owned(),
                unit: None,
                data: read_fields(name, column, kind, fields)?,
            });
        }
        let table = Self::new(name, columns);
        table.check()?;
        Ok(table)
    }
}

/// The shortest decimal text that reads back as the same double; zero has no sign.
///
/// Plain notation between 1e-5 and 1e16, exponents outside.
pub(crate) fn write_number(value: f64) -> String {
    if value == 0.0 {
        "0".into()
    } else if (1e-5..1e16).contains(&value.abs()) {
        format!("{value}")
    } else {
        format!("{value:e}")
    }
}

/// A finite number, or nothing: `inf` and `nan` are words here.
fn read_number(field: &str) -> Option<f64> {
    field.parse().ok().filter(|number: &f64| number.is_finite())
}

fn infer_kind(fields: &[String]) -> ColumnKind {
    let mut present = fields.iter().filter(|field| !field.is_empty()).peekable();
    if present.peek().is_none() {
        ColumnKind::Number
    } else if present.clone().all(|field| field.parse::<i64>().is_ok()) {
        ColumnKind::Integer
    } else if present.all(|field| read_number(field).is_some()) {
        ColumnKind::Number
    } else {
        ColumnKind::Text
    }
}

fn read_fields(
    table: &str,
    column: &str,
    kind: ColumnKind,
    fields: Vec<String>,
) -> Result<ColumnData, TableError> {
    let wrong = |row: usize, field: &str, expected| TableError::WrongKind {
        table: table.into(),
        column: column.into(),
        row: row + 1,
        field: field
            .chars()
            .take(40)
            .flat_map(char::escape_debug)
            .collect(),
        expected,
    };
    Ok(match kind {
        ColumnKind::Text => ColumnData::Text(fields),
        ColumnKind::Number => ColumnData::Number(
            fields
                .iter()
                .enumerate()
                .map(|(row, field)| match field.as_str() {
                    "" => Ok(None),
                    field => read_number(field)
                        .map(Some)
                        .ok_or_else(|| wrong(row, field, "a finite number")),
                })
                .collect::<Result<_, _>>()?,
        ),
        ColumnKind::Integer => ColumnData::Integer(
            fields
                .iter()
                .enumerate()
                .map(|(row, field)| match field.as_str() {
                    "" => Ok(None),
                    field => field
                        .parse()
                        .map(Some)
                        .map_err(|_| wrong(row, field, "a whole number")),
                })
                .collect::<Result<_, _>>()?,
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_are_short_and_read_back() {
        for (value, text) in [
            (0.0, "0"),
            (-0.0, "0"),
            (0.1 + 0.2, "0.30000000000000004"),
            (38.0, "38"),
            (-1.5, "-1.5"),
            (1e-7, "1e-7"),
            (6.02e23, "6.02e23"),
            (f64::MIN_POSITIVE, "2.2250738585072014e-308"),
            (5e-324, "5e-324"),
            (f64::MAX, "1.7976931348623157e308"),
        ] {
            assert_eq!(write_number(value), text);
        }
    }

    #[test]
    fn a_table_is_written_as_expected() {
        let table = Table::new(
            "endpoints",
            vec![
                Column::text("arm", vec!["control".into(), "a, \"b\"\nc".into()]),
                Column::optional_numbers("onset_d", "d", vec![Some(99.5), None]),
                Column::integers("subject", vec![Some(1), None]),
            ],
        );
        assert_eq!(
            table.to_csv().unwrap(),
            "arm,onset_d,subject\ncontrol,99.5,1\n\"a, \"\"b\"\"\nc\",,\n"
        );
    }

    #[test]
    fn what_cannot_be_trusted_is_refused() {
        let refused = |table: Table| table.to_csv().unwrap_err().to_string();
        assert!(refused(Table::new("t", vec![])).contains("no columns"));
        let nan = Column::numbers("x", "1", vec![1.0, f64::NAN]);
        assert_eq!(
            refused(Table::new("t", vec![nan])),
            "table `t`: column `x`, row 2 is not a finite number"
        );
        let short = vec![
            Column::numbers("x", "1", vec![1.0]),
            Column::text("y", vec![]),
        ];
        assert!(refused(Table::new("t", short)).contains("0 rows"));
        let twice = vec![Column::text("x", vec![]), Column::text("x", vec![])];
        assert!(refused(Table::new("t", twice)).contains("two columns"));
    }

    #[test]
    fn kinds_are_inferred_or_told() {
        let text = b"\xef\xbb\xbfa,b,c,d\n1,1.5,007x,\n,2e3,nan,\n";
        let table = Table::from_csv("t", text, &[]).unwrap();
        assert_eq!(
            table.columns[0].data,
            ColumnData::Integer(vec![Some(1), None])
        );
        assert_eq!(
            table.columns[1].data,
            ColumnData::Number(vec![Some(1.5), Some(2000.0)])
        );
        assert_eq!(
            table.columns[2].data,
            ColumnData::Text(vec!["007x".into(), "nan".into()])
        );
        assert_eq!(table.columns[3].data, ColumnData::Number(vec![None, None]));
        let told = Table::from_csv("t", text, &[("a", ColumnKind::Number)]).unwrap();
        assert_eq!(
            told.columns[0].data,
            ColumnData::Number(vec![Some(1.0), None])
        );
        let wrong = Table::from_csv("t", text, &[("c", ColumnKind::Number)]).unwrap_err();
        assert!(
            wrong
                .to_string()
                .contains("row 1: `007x` is not a finite number"),
            "{wrong}"
        );
    }

    #[test]
    fn hostile_bytes_are_errors() {
        for bytes in [
            &b""[..],
            b"a,b\n1\n",
            b"a,a\n1,2\n",
            b"a\n\xff\n",
            b",b\n1,2\n",
        ] {
            assert!(Table::from_csv("t", bytes, &[]).is_err(), "{bytes:?}");
        }
    }

    proptest! {
        #[test]
        fn any_table_round_trips(
            rows in prop::collection::vec(
                (any::<String>(), prop::option::of(prop::num::f64::NORMAL), any::<Option<i64>>()),
                0..20,
            ),
        ) {
            let table = Table::new("t", vec![
                Column::text("text", rows.iter().map(|row| row.0.clone()).collect()),
                Column { name: "n,\"".into(), unit: None,
                    data: ColumnData::Number(rows.iter().map(|row| row.1).collect()) },
                Column::integers("i", rows.iter().map(|row| row.2).collect()),
            ]);
            let kinds = [
                ("text", ColumnKind::Text),
                ("n,\"", ColumnKind::Number),
                ("i", ColumnKind::Integer),
            ];
            let text = table.to_csv().unwrap();
            prop_assert_eq!(Table::from_csv("t", text.as_bytes(), &kinds).unwrap(), table);
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = Table::from_csv("t", &bytes, &[]);
        }
    }
}
