//! `gutbrain model export`: the model for other programs.

use std::path::{Path, PathBuf};

use clap::{ValueEnum, ValueHint};

use super::Ending;
use super::failure::Failure;
use super::model_export_petab;
use super::options::{ScenarioOptions, WritingOptions};
use super::usage::Usage;
use gutbrain::model::Model;
use gutbrain::scenario::{Scenario, untreated};
use gutbrain::simulate::Blueprint;
use gutbrain_exchange::{Content, antimony, archive, build, sbml, shown_in_figures};
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
    let model = match &options.scenario {
        Some(path) => (options.changes.model).load_for(&options.changes.open(path)?)?,
        None => options.changes.model.load()?,
    };
    let scenario = read_scenario(options.scenario.as_deref(), &options.changes, &model)?;
    let first = || {
        let arm = scenario.arms.first().map(|arm| arm.name.clone());
        content_of(&model, &scenario, &arm.unwrap_or_default())
    };
    let bytes = match options.format {
        Format::Sbml => sbml(&first()?).into_bytes(),
        Format::Antimony => antimony(&first()?).into_bytes(),
        Format::Omex => {
            let arms = scenario.arms.iter();
            let arms = arms.map(|arm| content_of(&model, &scenario, &arm.name));
            let arms = arms.collect::<Result<Vec<_>, _>>()?;
            let every = scenario.simulation.every;
            archive(&scenario.title, &arms, every, &shown_in_figures(&scenario))
        }
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

/// One arm as other programs read it.
pub(super) fn content_of(
    model: &Model,
    scenario: &Scenario,
    arm: &str,
) -> Result<Content, Failure> {
    let blueprint = Blueprint::new(model, scenario, arm)?;
    Ok(build(model, scenario, &blueprint)?)
}

/// The scenario of the command line, or an untreated life of the model's first subject.
pub(super) fn read_scenario(
    scenario: Option<&Path>,
    changes: &ScenarioOptions,
    model: &Model,
) -> Result<Scenario, Failure> {
    if let Some(path) = scenario {
        return Ok(changes.open(path)?.check(model)?);
    }
    let mut file = untreated(&model.declaration).ok_or(Usage::NoSubject)??;
    file.apply(&changes.overrides())?;
    Ok(file.check(model)?)
}
