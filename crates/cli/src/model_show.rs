//! `gutbrain model show NAME`: one entry in full, with the evidence it rests on.

use super::Ending;
use super::failure::Failure;
use super::options::ModelOptions;
use super::usage::Usage;
use gutbrain::report::brief::{Brief, entry};
use gutbrain_terminal::Terminal;

/// Options of `model show`.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// An id, with or without its kind: zo1_ileum, process.zo1_is_made, S3-07, butyrate-water
    #[arg(required = true)]
    names: Vec<String>,
    #[command(flatten)]
    model: ModelOptions,
}

/// Prints the entries.
pub(super) fn show(options: &Options, terminal: &Terminal) -> Result<Ending, Failure> {
    let model = options.model.load()?;
    let mut all = Brief::default();
    for (index, name) in options.names.iter().enumerate() {
        if index > 0 {
            all.gap();
        }
        all.extend(entry(&model.declaration, name).map_err(Usage::from)?);
    }
    terminal.print_brief(&all)?;
    Ok(Ending::Done)
}
