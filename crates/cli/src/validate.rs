//! `gutbrain validate`: the model against every row of evidence that it is fitted to or tested on.

use std::path::PathBuf;

use clap::ValueHint;

use super::Ending;
use super::failure::Failure;
use super::options::ModelOptions;
use super::threads::ThreadOptions;
use gutbrain::analysis::validate::{VECTORS, judge_board};
use gutbrain::study::{Memory, Study as _, StudySummary, ValidateStudy, ValidationSetup};
use gutbrain_terminal::{OnTerminal, Terminal, end_on_interrupt_saying};

/// Options of `validate`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Disagreements are listed first. Exit codes: 0 if every verdict is the one that \
                  `expectations.toml` declares (the built-in one, or that of --scenarios), known \
                  disagreements among them; 1 if a verdict is another one, and, where nothing is declared, if \
                  the model disagrees with any row; 2 if nothing could be scored. --declare ends with 0."
)]
pub(super) struct Options {
    /// Folder with the scenarios and `expectations.toml`, instead of those built in
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    scenarios: Option<PathBuf>,
    /// Print the page of the documentation instead
    #[arg(long, conflicts_with = "declare")]
    markdown: bool,
    /// Print an `expectations.toml` that declares what was found
    #[arg(long)]
    declare: bool,
    /// Vectors of the posterior that predictions get an interval from; 0 for none
    #[arg(long, value_name = "N", default_value_t = VECTORS)]
    vectors: usize,
    #[command(flatten)]
    threads: ThreadOptions,
    #[command(flatten)]
    model: ModelOptions,
}

/// Scores, prints, and compares with what is declared: a verdict other than the declared one ends with
/// exit code 1, and so does a disagreement where nothing is declared.
pub(super) fn validate(options: &Options, terminal: &Terminal) -> Result<Ending, Failure> {
    let pool = options.threads.start()?;
    let model = options.model.load()?;
    let setup = match &options.scenarios {
        None => ValidationSetup::builtin(model)?,
        Some(folder) => ValidationSetup::open(folder, model)?,
    };
    end_on_interrupt_saying("nothing was written; the same command starts again")?;
    let study = ValidateStudy::new(&setup).with_vectors(options.vectors);
    let mut store = Memory::default();
    let progress = OnTerminal::new(terminal);
    let finished = pool.install(|| study.run(&mut store, &progress))?;
    let text = |name: &str| String::from_utf8_lossy(store.file(name).unwrap_or_default());
    if options.declare {
        terminal.print(&text("expectations.toml"))?;
        return Ok(Ending::Done);
    }
    let StudySummary::Validation(board) = &finished.summary else {
        return Ok(Ending::Done);
    };
    if options.markdown {
        terminal.print(&text("validation.md"))?;
    } else {
        terminal.print_brief(&study.brief(&finished))?;
    }
    let judged = judge_board(setup.declared.as_ref(), board);
    for words in judged.objections.iter().chain(&judged.advice) {
        terminal.warn(words);
    }
    if let (Some(words), false) = (&judged.conclusion, options.markdown) {
        terminal.print(&format!("  {words}\n"))?;
    }
    if !judged.objections.is_empty() {
        return Ok(Ending::NotAsExpected);
    }
    Ok(Ending::Done)
}
