//! `gutbrain explain`: what the code of a message means.

use super::Ending;
use super::failure::Failure;
use super::usage::Usage;
use gutbrain::report::brief::{code, codes};
use gutbrain::report::documents::faults_page;
use gutbrain_terminal::Terminal;

/// Options of `explain`.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// The code in the brackets of a message, such as `unknown-name`; all of them without
    code: Option<String>,
    /// Print the page of the documentation
    #[arg(long, conflicts_with = "code")]
    markdown: bool,
}

/// Prints meaning and remedy.
pub(super) fn explain(options: &Options, terminal: &Terminal) -> Result<Ending, Failure> {
    if options.markdown {
        terminal.print(&faults_page())?;
        return Ok(Ending::Done);
    }
    let brief = match &options.code {
        None => codes(),
        Some(name) => code(name).map_err(Usage::from)?,
    };
    terminal.print_brief(&brief)?;
    Ok(Ending::Done)
}
