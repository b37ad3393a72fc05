//! `gutbrain model list`: everything the model declares, one line each, or as a table for other programs.

use clap::ValueEnum;
use clap::builder::{PossibleValue, PossibleValuesParser};

use super::Ending;
use super::failure::Failure;
use super::options::ModelOptions;
use gutbrain::report::brief::declared;
use gutbrain::report::documents::model_page;
use gutbrain::results::declared::{KINDS, MEANINGS_OF_KINDS, declared as table, objects};
use gutbrain_terminal::Terminal;

/// Options of `model list`.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// Only this kind
    #[arg(value_parser = kinds())]
    kind: Option<String>,
    /// Every column for other programs: value, range, prior, unit, what it rests on
    #[arg(long, value_enum, value_name = "FORMAT", requires = "kind")]
    format: Option<Format>,
    /// Everything as a page of documentation: equations, numbers, evidence
    #[arg(long, conflicts_with_all = ["kind", "format"])]
    markdown: bool,
    #[command(flatten)]
    model: ModelOptions,
}

/// The kinds of entries, each with what it is.
fn kinds() -> PossibleValuesParser {
    let kinds = KINDS.iter().zip(MEANINGS_OF_KINDS);
    PossibleValuesParser::new(kinds.map(|(kind, says)| PossibleValue::new(kind).help(says)))
}

/// Formats for other programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Comma-separated values with a heading
    Csv,
    /// A list of objects
    Json,
}

/// Prints the lists.
pub(super) fn list(options: &Options, terminal: &Terminal) -> Result<Ending, Failure> {
    let model = options.model.load()?;
    let declaration = &model.declaration;
    if options.markdown {
        terminal.print(&model_page(declaration))?;
        return Ok(Ending::Done);
    }
    if let (Some(kind), Some(format)) = (&options.kind, options.format) {
        let Some(table) = table(kind, declaration) else {
            return Ok(Ending::Done);
        };
        let text = match format {
            Format::Csv => table.to_csv()?,
            Format::Json => serde_json::to_string_pretty(&objects(&table))? + "\n",
        };
        terminal.print_document(&text)?;
        return Ok(Ending::Done);
    }
    terminal.print_brief(&declared(declaration, options.kind.as_deref()))?;
    Ok(Ending::Done)
}
