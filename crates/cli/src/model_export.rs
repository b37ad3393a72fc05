//! `gutbrain model export`: the model for other programs.

use std::path::PathBuf;

use clap::{ValueEnum, ValueHint};

use super::Ending;
use super::failure::Failure;
use super::model_export_petab;
use super::options::{ScenarioOptions, WritingOptions};
use super::usage::Usage;
use gutbrain_exchange::{antimony, archive_of, first_arm, sbml};
use gutbrain_terminal::Terminal;

/// Options of `model export`.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// What to write
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// The experiment: its subject, its span, what its arm does (default: an untreated subject
    /// from birth)
    #[arg(long, value_name = "SCENARIO", value_hint = ValueHint::FilePath)]
    scenario: Option<PathBuf>,
    /// The calibration to write as PEtab; --set gives fitted parameters another value to start from
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with = "scenario")]
    calibration: Option<PathBuf>,
    /// The file to write (default: standard output); for PEtab a folder
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    output: Option<PathBuf>,
    #[command(flatten)]
    writing: WritingOptions,
    /// The first arm is exported, or the first of --arm
    #[command(flatten)]
    changes: ScenarioOptions,
}

/// An exchange format.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// SBML Level 3 Version 2 core, one arm
    #[default]
    Sbml,
    /// Antimony, the same as text for people, one arm
    Antimony,
    /// COMBINE archive: SBML of every arm, the experiment as SED-ML
    Omex,
    /// PEtab (version 1): the calibration of --calibration, as a folder
    Petab,
}

/// Writes the file.
pub(super) fn export(options: &Options, terminal: &Terminal) -> Result<Ending, Failure> {
    if options.format == Format::Petab {
        let calibration = options.calibration.as_deref();
        let output = options.output.as_deref();
        return model_export_petab::export(
            calibration,
            (output, options.writing),
            &options.changes,
            terminal,
        );
    }
    if options.calibration.is_some() {
        return Err(Usage::CalibrationAlone.into());
    }
    let named = options.scenario.as_deref();
    let (model, scenario) = options.changes.scenario_or_untreated(named)?;
    let bytes = match options.format {
        Format::Sbml => sbml(&first_arm(&model, &scenario)?).into_bytes(),
        Format::Antimony => antimony(&first_arm(&model, &scenario)?).into_bytes(),
        Format::Omex => archive_of(&model, &scenario)?,
        // Written above.
        Format::Petab => Vec::new(),
    };
    match &options.output {
        Some(path) => options.writing.write_file(path, &bytes)?,
        None if options.format == Format::Omex => return Err(Usage::ArchiveAsText.into()),
        None => terminal.print_document(&String::from_utf8_lossy(&bytes))?,
    }
    Ok(Ending::Done)
}
