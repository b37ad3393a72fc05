//! `gutbrain evidence`: the ledger as lists.

use super::Ending;
use super::failure::Failure;
use super::model_show;
use super::options::ModelOptions;
use super::usage::Usage;
use gutbrain::report::brief::{Chosen, conflicts, ledger, missing};
use gutbrain::report::documents::{bibtex, references};
use gutbrain_terminal::Terminal;

/// What to look at.
#[derive(Debug, clap::Subcommand)]
pub(super) enum EvidenceCommand {
    /// List the rows: grade, use, value, claim
    List(List),
    /// Show rows in full, with what in the model they speak about
    Show(model_show::Options),
    /// List gaps, rows that nothing in the model uses, and what rests on no evidence
    Missing(ModelOnly),
    /// List rows that contradict each other
    Conflicts(ModelOnly),
    /// Print the works behind the rows as BibTeX
    Bibtex(ModelOnly),
}

/// Options of `evidence list`.
#[derive(Debug, clap::Args)]
pub(super) struct List {
    /// Only rows of this role: calibrate, validate, context
    #[arg(long, value_name = "ROLE")]
    role: Option<String>,
    /// Only rows of this grade: quoted, secondary, seed, derived, unverified, gap
    #[arg(long, value_name = "GRADE")]
    grade: Option<String>,
    #[command(flatten)]
    model: ModelOptions,
}

/// Options of commands that need a model only.
#[derive(Debug, clap::Args)]
pub(super) struct ModelOnly {
    #[command(flatten)]
    model: ModelOptions,
}

/// Runs the command.
pub(super) fn evidence(command: &EvidenceCommand, terminal: &Terminal) -> Result<Ending, Failure> {
    let brief = match command {
        EvidenceCommand::List(options) => {
            let declaration = options.model.load()?.declaration;
            let chosen = Chosen::named(options.role.as_deref(), options.grade.as_deref());
            ledger(&declaration, chosen.map_err(Usage::from)?)
        }
        EvidenceCommand::Show(options) => return model_show::show(options, terminal),
        EvidenceCommand::Missing(options) => missing(&options.model.load()?.declaration),
        EvidenceCommand::Conflicts(options) => conflicts(&options.model.load()?.declaration),
        EvidenceCommand::Bibtex(options) => {
            let declaration = options.model.load()?.declaration;
            let rows = declaration.evidence.keys().map(String::as_str);
            terminal.print(&bibtex(&references(&declaration, rows)))?;
            return Ok(Ending::Done);
        }
    };
    terminal.print_brief(&brief)?;
    Ok(Ending::Done)
}
