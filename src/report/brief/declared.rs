//! What a model declares, kind by kind, one entry a line.

use gutbrain_network::Declaration;

use super::{Align, Brief, short};
use crate::report::table::{ColumnData, Table};
use crate::results::declared as tables;

/// Name of a column of the table, and its heading.
type Shown = &'static [(&'static str, &'static str)];

/// The columns that a reader is shown of a kind of entries.
fn shown(kind: &str) -> Shown {
    match kind {
        "compartments" => &[("id", "id"), ("region", "region"), ("says", "what")],
        "species" => &[
            ("id", "id"),
            ("compartment", "where"),
            ("unit", "unit"),
            ("says", "what"),
        ],
        "parameters" => &[
            ("id", "id"),
            ("value", "value"),
            ("lower", "from"),
            ("upper", "to"),
            ("unit", "unit"),
            ("rests_on", "rests on"),
            ("says", "what"),
        ],
        "processes" | "modulators" => &[
            ("id", "id"),
            ("pathway", "pathway"),
            ("enabled", ""),
            ("says", "what"),
        ],
        "assignments" | "observables" => &[("id", "id"), ("unit", "unit"), ("says", "what")],
        "events" => &[("id", "id"), ("when", "when"), ("says", "what")],
        "interventions" => &[("id", "id"), ("dose_unit", "dose in"), ("says", "what")],
        "subjects" => &[
            ("id", "id"),
            ("strain", "strain"),
            ("genotype", "genotype"),
            ("says", "what"),
        ],
        "evidence" => &[
            ("id", "row"),
            ("grade", "grade"),
            ("use", "use"),
            ("quantity", "what"),
        ],
        _ => &[("id", "id"), ("says", "what")],
    }
}

/// The entries of one kind of [`tables::KINDS`]; without a kind those of all that the model has, but for the
/// ledger, which has a list of its own ([`super::ledger`]).
#[must_use]
pub fn declared(declaration: &Declaration, kind: Option<&str>) -> Brief {
    let mut brief = Brief::default();
    for word in tables::KINDS {
        if kind.map_or(word == "evidence", |kind| kind != word) {
            continue;
        }
        let Some(table) = tables::declared(word, declaration) else {
            continue;
        };
        if table.rows() == 0 && kind.is_none() {
            continue;
        }
        brief.title(format!("{word} ({})", table.rows()));
        list(&mut brief, shown(word), &table);
        brief.gap();
    }
    brief
}

fn list(brief: &mut Brief, shown: Shown, table: &Table) {
    let mut rows = vec![shown.iter().map(|it| it.1.to_owned()).collect::<Vec<_>>()];
    rows.extend((0..table.rows()).map(|row| {
        let cells = shown.iter().map(|(name, _)| cell(table, name, row));
        cells.collect()
    }));
    let is_number = |name: &str| {
        let column = table.column(name);
        column.is_some_and(|column| matches!(column.data, ColumnData::Number(_)))
    };
    let align: Vec<Align> = (shown.iter())
        .map(|(name, _)| match is_number(name) {
            true => Align::Right,
            false => Align::Left,
        })
        .collect();
    brief.table(rows, &align);
}

fn cell(table: &Table, name: &str, row: usize) -> String {
    match table.column(name).map(|column| &column.data) {
        Some(ColumnData::Text(values)) => values[row].clone(),
        Some(ColumnData::Number(values)) => values[row].map_or_else(String::new, short),
        // A switch: what is on needs no word.
        Some(ColumnData::Integer(values)) if values[row] == Some(0) => "off".to_owned(),
        _ => String::new(),
    }
}
