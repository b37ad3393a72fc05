//! `gutbrain report RUN_DIR`: one page about a finished study, from its saved files.

use std::path::PathBuf;

use clap::ValueHint;
use gutbrain_report::{Extent, report};
use gutbrain_store::SavedRun;

use super::Ending;
use super::failure::Failure;
use super::options::{ModelOptions, WritingOptions};
use gutbrain_terminal::Terminal;

/// Options of `report`.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// Folder of a finished run
    #[arg(value_name = "RUN_DIR", value_hint = ValueHint::DirPath)]
    run: PathBuf,
    /// The page [default: <RUN_DIR>.html, beside the folder]
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    output: Option<PathBuf>,
    /// Also what frameworks of credibility ask: answered where the program knows, marked where a person must
    #[arg(long)]
    credibility: bool,
    #[command(flatten)]
    writing: WritingOptions,
    #[command(flatten)]
    model: ModelOptions,
}

/// Writes the page.
pub(super) fn write(options: &Options, terminal: &Terminal) -> Result<Ending, Failure> {
    let saved = SavedRun::open(&options.run)?;
    let entry = &saved.manifest().model;
    let model = (options.model).load_of_run(entry, "evidence and references", terminal)?;
    let extent = match options.credibility {
        true => Extent::Credibility,
        false => Extent::Results,
    };
    let page = report(&saved, &model, extent)?;
    let target = match &options.output {
        Some(path) => path.clone(),
        // The folder that one stands in has no name to go by.
        None if options.run.file_name().is_none() => {
            PathBuf::from(format!("{}.html", saved.manifest().identity.scenario))
        }
        None => options.run.with_extension("html"),
    };
    options.writing.write_file(&target, page.as_bytes())?;
    terminal.remark(&format!("wrote {}", target.display()));
    Ok(Ending::Done)
}
