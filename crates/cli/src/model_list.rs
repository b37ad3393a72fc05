//! `gutbrain model list`: everything the model declares, one line each, or as a table for other programs.

use clap::ValueEnum;
use gutbrain_network::Declaration;
use gutbrain_table::{ColumnData, Table};
use serde_json::{Map, Value};

use super::Ending;
use super::failure::Failure;
use super::layout::{Align, columns, short};
use super::options::ModelOptions;
use super::terminal::{Terminal, Tone};
use gutbrain::report::documents::model_page;
use gutbrain::results::declared::declared;

/// Options of `model list`.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// Only this kind
    #[arg(value_enum)]
    kind: Option<Kind>,
    /// Every column for other programs: value, range, prior, unit, what it rests on
    #[arg(long, value_enum, value_name = "FORMAT", requires = "kind")]
    format: Option<Format>,
    /// Everything as a page of documentation: equations, numbers, evidence
    #[arg(long, conflicts_with_all = ["kind", "format"])]
    markdown: bool,
    #[command(flatten)]
    model: ModelOptions,
}

/// Kinds of entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// Where things are
    Compartments,
    /// Quantities that processes change
    Species,
    /// Numbers
    Parameters,
    /// What happens
    Processes,
    /// Factors on what happens
    Modulators,
    /// Quantities that follow from others at once
    Assignments,
    /// What a laboratory measures
    Observables,
    /// Moments such as onset and death
    Events,
    /// What an experimenter may do
    Interventions,
    /// Kinds of animals
    Subjects,
    /// Other choices of structure
    Variants,
    /// Rows of the ledger
    Evidence,
}

/// Formats for other programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Comma-separated values with a heading
    Csv,
    /// A list of objects
    Json,
}

impl Kind {
    fn word(self) -> String {
        let value = self.to_possible_value();
        value.map_or_else(String::new, |value| value.get_name().to_owned())
    }

    /// The columns that a reader is shown: name in the table, heading.
    fn shown(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Compartments => &[("id", "id"), ("region", "region"), ("says", "what")],
            Self::Species => &[
                ("id", "id"),
                ("compartment", "where"),
                ("unit", "unit"),
                ("says", "what"),
            ],
            Self::Parameters => &[
                ("id", "id"),
                ("value", "value"),
                ("lower", "from"),
                ("upper", "to"),
                ("unit", "unit"),
                ("rests_on", "rests on"),
                ("says", "what"),
            ],
            Self::Processes | Self::Modulators => &[
                ("id", "id"),
                ("pathway", "pathway"),
                ("enabled", ""),
                ("says", "what"),
            ],
            Self::Assignments | Self::Observables => {
                &[("id", "id"), ("unit", "unit"), ("says", "what")]
            }
            Self::Events => &[("id", "id"), ("when", "when"), ("says", "what")],
            Self::Interventions => &[("id", "id"), ("dose_unit", "dose in"), ("says", "what")],
            Self::Subjects => &[
                ("id", "id"),
                ("strain", "strain"),
                ("genotype", "genotype"),
                ("says", "what"),
            ],
            Self::Variants => &[("id", "id"), ("says", "what")],
            Self::Evidence => &[
                ("id", "row"),
                ("grade", "grade"),
                ("use", "use"),
                ("quantity", "what"),
            ],
        }
    }
}

/// Prints the lists.
pub(super) fn list(options: &Options, terminal: &Terminal) -> Result<Ending, Failure> {
    let model = options.model.load()?;
    let declaration = &model.declaration;
    if options.markdown {
        terminal.print(&model_page(declaration))?;
        return Ok(Ending::Done);
    }
    if let (Some(kind), Some(format)) = (options.kind, options.format) {
        let table = table(kind, declaration);
        let text = match format {
            Format::Csv => table.to_csv()?,
            Format::Json => serde_json::to_string_pretty(&objects(&table))? + "\n",
        };
        terminal.print_document(&text)?;
        return Ok(Ending::Done);
    }
    // The ledger has a command of its own.
    let all = Kind::value_variants().iter().copied();
    let kinds: Vec<Kind> = match options.kind {
        Some(kind) => vec![kind],
        None => all.filter(|kind| *kind != Kind::Evidence).collect(),
    };
    let mut out = String::new();
    for kind in kinds {
        let table = table(kind, declaration);
        if table.rows() == 0 && options.kind.is_none() {
            continue;
        }
        let title = format!("{} ({})", kind.word(), table.rows());
        let title = terminal.tone(Tone::Strong, &title);
        out.push_str(&format!("{title}\n{}\n", shown(kind, &table, terminal)));
    }
    terminal.print(&out)?;
    Ok(Ending::Done)
}

fn table(kind: Kind, declaration: &Declaration) -> Table {
    let word = kind.word();
    declared(&word, declaration).unwrap_or_else(|| Table::new(&word, Vec::new()))
}

/// The columns for a reader.
fn shown(kind: Kind, table: &Table, terminal: &Terminal) -> String {
    let heads = kind.shown();
    let mut rows = vec![heads.iter().map(|it| it.1.to_owned()).collect::<Vec<_>>()];
    rows.extend((0..table.rows()).map(|row| {
        let cells = heads.iter().map(|(name, _)| cell(table, name, row));
        cells.collect()
    }));
    let is_number = |name: &str| {
        let column = table.column(name);
        column.is_some_and(|column| matches!(column.data, ColumnData::Number(_)))
    };
    let align: Vec<Align> = (heads.iter())
        .map(|(name, _)| match is_number(name) {
            true => Align::Right,
            false => Align::Left,
        })
        .collect();
    columns(&rows, &align, terminal)
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

/// The rows as objects; a number that is not there is null.
fn objects(table: &Table) -> Vec<Map<String, Value>> {
    let one = |row: usize| {
        let cells = table.columns.iter().map(|column| {
            let value = match &column.data {
                ColumnData::Text(values) => Value::from(values[row].as_str()),
                ColumnData::Number(values) => Value::from(values[row]),
                ColumnData::Integer(values) => Value::from(values[row]),
            };
            (column.name.clone(), value)
        });
        cells.collect()
    };
    (0..table.rows()).map(one).collect()
}
