//! `gutbrain model export --format petab`: a calibration for other programs.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::Ending;
use super::failure::Failure;
use super::layout::where_written;
use super::options::{ScenarioOptions, WritingOptions, model_entry};
use super::resumable::begin;
use super::terminal::Terminal;
use gutbrain::analysis::calibrate::Calibration;
use gutbrain::analysis::portable::Portable;
use gutbrain::model::Model;
use gutbrain::scenario::{Overrides, Scenario, ScenarioFile, read_text};
use gutbrain_exchange::petab::petab;
use gutbrain_store::{Counts, Identity, sha256};

/// Writes the folder and says what PEtab does not have.
pub(super) fn export(
    file: Option<&Path>,
    (output, writing): (Option<&Path>, WritingOptions),
    changes: &ScenarioOptions,
    terminal: &Terminal,
) -> Result<Ending, Failure> {
    let usage = |message: &str| Failure::Usage(message.to_owned());
    let file = file.ok_or_else(|| {
        usage("PEtab says a calibration\n  help: name its file with --calibration")
    })?;
    let output = output
        .ok_or_else(|| usage("a PEtab problem is a folder\n  help: name it with --output"))?;
    if !changes.arm.is_empty() {
        return Err(usage("the arms are those of the calibration: no --arm"));
    }
    let model = changes.model.load()?;
    let source = read_text(file)?;
    let mut calibration = Calibration::read(&source, &model.declaration)?;
    let of_scenario = start_elsewhere(&mut calibration, &changes.settings(), &model)?;
    let folder = file.parent().unwrap_or(Path::new(""));
    let mut scenarios: BTreeMap<String, Scenario> = BTreeMap::new();
    for name in calibration.scenarios() {
        let mut scenario = ScenarioFile::open(&folder.join(name))?;
        scenario.apply(&Overrides {
            set: of_scenario.clone(),
            seed: changes.seed,
            arms: Vec::new(),
        })?;
        scenarios.insert(name.to_owned(), scenario.check(&model)?);
    }
    let portable = Portable::new(&model, &calibration, &scenarios)?;
    let problem = petab(&model, &calibration, &portable)?;
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    let identity = Identity {
        scenario: stem.into_owned(),
        command: "model export".to_owned(),
    };
    let mut inputs = vec![file.to_path_buf()];
    inputs.push(PathBuf::from(&model.label));
    let mut written = begin(output, identity, writing.terms(), &inputs, terminal)?;
    for (name, bytes) in &problem.files {
        written.add(name, bytes)?;
    }
    written.finish(|manifest| {
        manifest.model = model_entry(&model);
        manifest.scenario_sha256 = sha256(source.text.as_bytes());
        manifest.seed = calibration.seed;
        let (requested, ok) = (portable.arms.len(), portable.arms.len());
        manifest.runs = Counts {
            requested,
            ok,
            failed: 0,
        };
    })?;
    for (term, why) in &problem.left_out {
        terminal.warn(&format!("not in PEtab: {term}: {why}"));
    }
    terminal.progress(&format!(
        "{} of {} terms of the objective are in the problem",
        problem.said,
        problem.said + problem.left_out.len()
    ));
    terminal.print_summary(&where_written(output, problem.files.len() + 1, terminal))?;
    Ok(Ending::Done)
}

/// Gives fitted parameters the values of `--set NAME=VALUE` or `SUBJECT/NAME=VALUE`; what is left
/// concerns the scenarios.
fn start_elsewhere(
    calibration: &mut Calibration,
    set: &[String],
    model: &Model,
) -> Result<Vec<String>, Failure> {
    let mut left = Vec::new();
    for text in set {
        let (name, value) = text.split_once('=').unwrap_or((text, ""));
        let mut parameters = calibration.parameters.iter_mut();
        let Some(fitted) = parameters.find(|it| it.id == name.trim()) else {
            left.push(text.clone());
            continue;
        };
        let range = model.declaration.parameters.get(&fitted.parameter);
        let (low, high) = range
            .and_then(|it| it.range)
            .unwrap_or((f64::MIN, f64::MAX));
        match value.trim().parse::<f64>() {
            Ok(value) if (low..=high).contains(&value) => fitted.value = value,
            _ => {
                return Err(Failure::Usage(format!(
                    "`{text}`: a fitted parameter takes a number from {low} to {high}, in the unit of \
                     the model"
                )));
            }
        }
    }
    Ok(left)
}
