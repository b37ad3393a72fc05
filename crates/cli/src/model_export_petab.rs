//! `gutbrain model export --format petab`: a calibration for other programs.

use std::path::{Path, PathBuf};

use super::failure::Failure;
use super::options::{ScenarioOptions, WritingOptions};
use super::usage::Usage;
use super::{Ending, end_on_interrupt};
use gutbrain::scenario::Overrides;
use gutbrain::study::PortableSetup;
use gutbrain_exchange::petab::petab;
use gutbrain_store::{Counts, Identity, ModelEntry, begin, sha256};
use gutbrain_terminal::{OnTerminal, Terminal};

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
    let setup = PortableSetup::open(file, &model, &overrides)?;
    let problem = petab(&model, &setup.calibration, &setup.portable)?;
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    let identity = Identity {
        scenario: stem.into_owned(),
        command: "model export".to_owned(),
    };
    let inputs = [file.to_path_buf(), PathBuf::from(&model.label)];
    let progress = OnTerminal::new(terminal);
    let mut written = begin(output, identity, writing.terms(), &inputs, &progress)?;
    for (name, bytes) in &problem.files {
        written.add(name, bytes)?;
    }
    written.finish(|manifest| {
        manifest.model = ModelEntry::of(&model);
        manifest.scenario_sha256 = sha256(setup.source.text.as_bytes());
        manifest.seed = setup.calibration.seed;
        manifest.runs = Counts::new(setup.portable.arms.len(), 0);
    })?;
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
