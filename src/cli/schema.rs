//! `gutbrain schema`: the JSON Schema of a scenario file.

use super::Ending;
use super::failure::Failure;
use super::terminal::Terminal;
use crate::scenario::json_schema;

/// Prints it.
pub(super) fn print(terminal: &Terminal) -> Result<Ending, Failure> {
    terminal.print(&format!(
        "{}\n",
        serde_json::to_string_pretty(&json_schema())?
    ))?;
    Ok(Ending::Done)
}
