//! `gutbrain schema`: what a scenario file may hold and what a run leaves, for editors or for readers.

use super::Ending;
use super::failure::Failure;
use gutbrain::model::Model;
use gutbrain::results::dictionary::outputs_page;
use gutbrain::scenario::{json_schema, markdown};
use gutbrain_terminal::Terminal;

/// Options of `schema`.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// Print the page of the documentation instead of the JSON Schema
    #[arg(long)]
    markdown: bool,
    /// Print the data dictionary: every table that a run leaves, with columns, units and meanings
    #[arg(long, conflicts_with = "markdown")]
    outputs: bool,
}

/// Prints it.
pub(super) fn print(options: &Options, terminal: &Terminal) -> Result<Ending, Failure> {
    if options.outputs {
        terminal.print(&outputs_page(&Model::builtin()?.declaration.family))?;
    } else if options.markdown {
        terminal.print(&markdown(&Model::builtin()?.declaration.family))?;
    } else {
        terminal.print_document(&format!(
            "{}\n",
            serde_json::to_string_pretty(&json_schema(&Model::builtin()?.declaration.family))?
        ))?;
    }
    Ok(Ending::Done)
}
