//! Tables of PEtab: tab-separated, one header line.

/// A table being written.
#[derive(Debug)]
pub(super) struct Sheet {
    text: String,
    columns: usize,
}

impl Sheet {
    pub(super) fn new<T: AsRef<str>>(columns: &[T]) -> Self {
        let mut sheet = Self {
            text: String::new(),
            columns: columns.len(),
        };
        sheet.row(columns);
        sheet
    }

    /// Adds a row; tabs and line feeds inside a cell become blanks.
    pub(super) fn row<T: AsRef<str>>(&mut self, cells: &[T]) {
        assert_eq!(cells.len(), self.columns, "a row has a cell per column");
        for (index, cell) in cells.iter().enumerate() {
            if index > 0 {
                self.text.push('\t');
            }
            let plain = cell.as_ref().chars();
            let plain = plain.map(|it| if it.is_control() { ' ' } else { it });
            self.text.extend(plain);
        }
        self.text.push('\n');
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.text.into_bytes()
    }
}

/// A number that reads back as the same double, in the words of Python and its tables.
pub(super) fn number(value: f64) -> String {
    if value.is_nan() {
        "nan".to_owned()
    } else if value.is_infinite() {
        if value > 0.0 { "inf" } else { "-inf" }.to_owned()
    } else {
        super::super::xml::number(value)
    }
}
