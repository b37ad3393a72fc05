//! `gutbrain model export --format petab`: a calibration for other programs.

use std::path::Path;

use super::Ending;
use super::failure::Failure;
use super::options::{ScenarioOptions, WritingOptions};
use super::usage::Usage;
use gutbrain::scenario::Overrides;
use gutbrain::study::PortableSetup;
use gutbrain_exchange::petab::petab;
use gutbrain_store::put_files;
use gutbrain_terminal::{OnTerminal, Terminal, end_on_interrupt};

/// Writes the folder and says what PEtab does not have.
pub(super) fn export(
    file: Option<&Path>,
    (output, writing): (Option<&Path>, WritingOptions),
    changes: &ScenarioOptions,
    terminal: &Terminal,
) -> Result<Ending, Failure> {
    let file = file.ok_or(Usage::NoCalibration)?;
    let output = output.ok_or(Usage::NoPetabFolder)?;
    if !changes.arm.is_empty() {
        return Err(Usage::ArmsOfCalibration.into());
    }
    let model = changes.model.load()?;
    let overrides = Overrides {
        set: changes.settings(),
        seed: changes.seed,
        arms: Vec::new(),
    };
    end_on_interrupt()?;
    let setup = PortableSetup::open(file, model, &overrides)?;
    let problem = petab(&setup.model, &setup.calibration, &setup.portable)?;
    put_files(
        (output, writing.terms()),
        (&setup, "model export"),
        (&problem.files, setup.portable.arms.len()),
        &OnTerminal::new(terminal),
    )?;
    for (term, why) in &problem.left_out {
        terminal.warn(&format!("not in PEtab: {term}: {why}"));
    }
    terminal.progress(&format!(
        "{} of {} terms of the objective are in the problem",
        problem.said,
        problem.said + problem.left_out.len()
    ));
    terminal.say_where(output, problem.files.len() + 1)?;
    Ok(Ending::Done)
}
