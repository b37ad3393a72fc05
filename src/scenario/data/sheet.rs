//! A data file as cells that know where they stand.
//!
//! CSV with commas, semicolons or tabs, whichever the header line has; lines that begin with `#` are
//! comments. A Parquet file is read as the CSV text that says the same: line 2 is its first row.

use std::ops::Range;

use gutbrain_network::fault::{Collector, Place};
use gutbrain_network::{Code, Fault, Source};
use gutbrain_table::Table;

/// A cell without the blanks around it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Cell {
    /// What it says, without quotes.
    pub(super) text: String,
    span: Range<usize>,
}

/// A column of the header: its name, and the unit that stands with it, as in `value (mM)`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Heading {
    /// The name without the unit.
    pub(super) name: String,
    /// The unit, if the header or the Parquet file says one.
    pub(super) unit: Option<String>,
    cell: Cell,
}

/// A data file.
#[derive(Debug, Clone)]
pub(super) struct Sheet {
    source: Source,
    /// The columns.
    pub(super) headings: Vec<Heading>,
    /// The rows, each as long as the header.
    pub(super) rows: Vec<Vec<Cell>>,
}

impl Sheet {
    /// The place of a cell.
    pub(super) fn place(&self, cell: &Cell) -> Place {
        Place::new(&self.source, cell.span.clone())
    }

    /// The place of a column's name.
    pub(super) fn heading_place(&self, column: usize) -> Place {
        self.place(&self.headings[column].cell)
    }

    /// The place of the whole header.
    pub(super) fn header_place(&self) -> Place {
        let first = self.headings.first().map_or(0, |it| it.cell.span.start);
        let last = self.headings.last().map_or(0, |it| it.cell.span.end);
        Place::new(&self.source, first..last)
    }

    /// The line of a cell, from 1.
    pub(super) fn line(&self, cell: &Cell) -> usize {
        self.source.line_and_column(cell.span.start).0
    }

    /// The column of this name, whatever its capitals.
    pub(super) fn find(&self, name: &str) -> Option<usize> {
        let same = |heading: &Heading| heading.name.eq_ignore_ascii_case(name);
        self.headings.iter().position(same)
    }

    /// The names of the columns, for messages.
    pub(super) fn names(&self) -> String {
        let names = self.headings.iter().map(|it| format!("`{}`", it.name));
        names.collect::<Vec<_>>().join(", ")
    }

    /// Reads a text; `units` are those that a Parquet file has for its columns. Nothing after a fault.
    pub(super) fn read(
        source: &Source,
        units: &[Option<String>],
        faults: &Collector,
    ) -> Option<Self> {
        let before = faults.count();
        let mut records = records(source, faults)?.into_iter();
        let Some(header) = records.next() else {
            let place = Place::new(source, 0..0);
            let fault = Fault::new(Code::Empty, "the data file has no line", &place);
            faults.add(fault.help("its first line names the columns, such as `time,arm,value,sd`"));
            return None;
        };
        let headings: Vec<Heading> = header
            .into_iter()
            .enumerate()
            .map(|(column, cell)| heading(cell, units.get(column).cloned().flatten()))
            .collect();
        let mut sheet = Self {
            source: source.clone(),
            headings,
            rows: Vec::new(),
        };
        sheet.check_header(faults);
        if faults.count() > before {
            return None;
        }
        for record in records {
            if record.len() == sheet.headings.len() {
                sheet.rows.push(record);
            } else {
                sheet.refuse_length(&record, faults);
            }
        }
        if sheet.rows.is_empty() && faults.count() == before {
            let message = "the data file has a header and no row";
            faults.add(Fault::new(Code::Empty, message, &sheet.header_place()));
        }
        Some(sheet)
    }

    fn check_header(&self, faults: &Collector) {
        let number = |it: &&Heading| it.cell.text.parse::<f64>().is_ok();
        if let Some(found) = self.headings.iter().find(number) {
            let message = format!(
                "the first line must name the columns, and `{}` is a number",
                found.cell.text
            );
            let fault = Fault::new(Code::BadData, message, &self.place(&found.cell));
            faults.add(fault.help("write a first line such as `time,arm,value,sd`"));
            return;
        }
        for (column, heading) in self.headings.iter().enumerate() {
            if heading.name.is_empty() {
                let message = format!("column {} has no name", column + 1);
                let place = self.header_place();
                faults
                    .add(Fault::new(Code::BadData, message, &place).help("name it, or remove it"));
            } else if self.find(&heading.name) != Some(column) {
                let message = format!("two columns are called `{}`", heading.name);
                let fault = Fault::new(Code::Repeated, message, &self.place(&heading.cell));
                faults.add(fault.help("give one of them another name"));
            }
        }
    }

    fn refuse_length(&self, record: &[Cell], faults: &Collector) {
        let first = record.first().map_or(0, |it| it.span.start);
        let last = record.last().map_or(0, |it| it.span.end);
        let (found, wanted) = (record.len(), self.headings.len());
        let cells = if found == 1 { "cell" } else { "cells" };
        let message = format!("this line has {found} {cells}, the header has {wanted}");
        let help = if found > wanted {
            "a decimal comma makes two cells of one number: write 1.5; a text with a comma stands in quotes"
        } else {
            "an empty cell is nothing between two commas: `60,control,,0.2`"
        };
        let place = Place::new(&self.source, first..last);
        faults.add(Fault::new(Code::BadData, message, &place).help(help));
    }
}

/// A Parquet file as the text that says the same, and the units of its columns.
pub(super) fn text_of_parquet(
    name: &str,
    bytes: &[u8],
) -> Result<(Source, Vec<Option<String>>), String> {
    let table = Table::from_parquet(name, bytes).map_err(|error| error.to_string())?;
    let units = table.columns.iter().map(|column| column.unit.clone());
    let units = units.collect();
    let text = table.to_csv().map_err(|error| error.to_string())?;
    Ok((Source::new(name, text), units))
}

/// `value (mM)` and `value [mM]` are a name and a unit.
fn heading(cell: Cell, unit: Option<String>) -> Heading {
    let text = cell.text.trim();
    let opened = text.strip_suffix(')').and_then(|it| it.split_once('('));
    let opened = opened.or_else(|| text.strip_suffix(']').and_then(|it| it.split_once('[')));
    let (name, written) = match opened {
        Some((name, unit)) if !name.trim().is_empty() => (name.trim(), Some(unit.trim())),
        _ => (text, None),
    };
    Heading {
        name: name.to_owned(),
        unit: written.map(str::to_owned).or(unit),
        cell,
    }
}

/// What separates the cells: what the first line that is no comment has.
fn separator(text: &str) -> char {
    let mut lines = text.lines().map(str::trim_start);
    let header = lines.find(|line| !line.is_empty() && !line.starts_with('#'));
    let header = header.unwrap_or_default();
    let found = [',', ';', '\t']
        .into_iter()
        .find(|mark| header.contains(*mark));
    found.unwrap_or(',')
}

/// The lines as cells; empty lines and comments are none. Nothing after a quote that is not closed.
fn records(source: &Source, faults: &Collector) -> Option<Vec<Vec<Cell>>> {
    let text = &*source.text;
    let separator = separator(text);
    let mut records = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let line = text[at..].split('\n').next().unwrap_or_default();
        if line.trim().is_empty() || line.trim_start().starts_with('#') {
            at += line.len() + 1;
            continue;
        }
        let mut record = Vec::new();
        loop {
            let (cell, end) = match cell(text, at, separator) {
                Ok(found) => found,
                Err(quote) => {
                    let place = Place::new(source, quote..quote + 1);
                    let fault = Fault::new(Code::BadData, "this quote is not closed", &place);
                    faults.add(fault.help("write a second `\"` where the cell ends"));
                    return None;
                }
            };
            record.push(cell);
            at = end;
            if text[at..].starts_with(separator) {
                at += separator.len_utf8();
            } else {
                break;
            }
        }
        // The line feed.
        at += 1;
        records.push(record);
    }
    Some(records)
}

/// The cell that begins at `start`, and where it ends: at a separator, a line feed or the end of the text. The
/// error is where a quote was opened.
fn cell(text: &str, start: usize, separator: char) -> Result<(Cell, usize), usize> {
    let is_end = |c: char| c == separator || c == '\n';
    let rest = &text[start..];
    let blanks = rest.len() - rest.trim_start_matches([' ', '\r']).len();
    let from = start + blanks;
    if !text[from..].starts_with('"') {
        let end = from + text[from..].find(is_end).unwrap_or(text.len() - from);
        let written = text[from..end].trim_end();
        let cell = Cell {
            text: written.to_owned(),
            span: from..from + written.len(),
        };
        return Ok((cell, end));
    }
    let mut content = String::new();
    let mut at = from + 1;
    loop {
        let quote = at + text[at..].find('"').ok_or(from)?;
        content.push_str(&text[at..quote]);
        if text[quote + 1..].starts_with('"') {
            content.push('"');
            at = quote + 2;
            continue;
        }
        // What follows a quote belongs to the cell, as a spreadsheet reads it.
        let after = quote + 1;
        let end = after + text[after..].find(is_end).unwrap_or(text.len() - after);
        content.push_str(text[after..end].trim_end());
        let cell = Cell {
            text: content.trim().to_owned(),
            span: from..after,
        };
        return Ok((cell, end));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Sheet, String> {
        let faults = Collector::new();
        let sheet = Sheet::read(&Source::new("d.csv", text), &[], &faults);
        faults.finish(()).map_err(|faults| faults.to_string())?;
        sheet.ok_or_else(|| "nothing was read".to_owned())
    }

    fn texts(sheet: &Sheet) -> Vec<Vec<&str>> {
        sheet
            .rows
            .iter()
            .map(|cells| cells.iter().map(|it| it.text.as_str()).collect())
            .collect()
    }

    #[test]
    fn cells_are_those_of_a_spreadsheet() {
        let text = "# from the reader\r\ntime, arm ,value (mM)\r\n60,\"a, \"\"b\"\"\", 1.5 \r\n\r\n70,c,\r\n";
        let sheet = read(text).unwrap();
        assert_eq!(
            texts(&sheet),
            [vec!["60", "a, \"b\"", "1.5"], vec!["70", "c", ""]]
        );
        let names: Vec<&str> = sheet.headings.iter().map(|it| it.name.as_str()).collect();
        assert_eq!(names, ["time", "arm", "value"]);
        assert_eq!(sheet.headings[2].unit.as_deref(), Some("mM"));
        assert_eq!(sheet.line(&sheet.rows[1][0]), 5);
        let place = sheet.place(&sheet.rows[0][2]);
        assert_eq!(&text[place.span], "1.5");
    }

    #[test]
    fn semicolons_and_tabs_separate_where_the_header_has_them() {
        assert_eq!(texts(&read("time;value\n60;2\n").unwrap()), [["60", "2"]]);
        assert_eq!(texts(&read("time\tvalue\n60\t2").unwrap()), [["60", "2"]]);
        // A text without a line feed at its end, and one column.
        assert_eq!(texts(&read("time\n60").unwrap()), [["60"]]);
    }
}
