//! `gutbrain calibrate FILE`: fit parameters to evidence, inside their documented ranges.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::ValueHint;

use super::failure::Failure;
use super::layout::{Align, columns, short, where_written};
use super::options::ModelOptions;
use super::terminal::{Terminal, Tone};
use super::{Ending, end_on_interrupt};
use crate::analysis::calibrate::{Calibration, FitReport, Setting, apply, fit};
use crate::output::{
    Counts, Identity, ModelEntry, Replace, RunFolder, Stopwatch, sha256, write_file,
};
use crate::report::table::{Column, Table};
use crate::scenario::{Scenario, read_text};

/// Options of `calibrate`.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// Calibration file
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    file: PathBuf,
    /// Folder for the report [default: outputs/<name of the file>]
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    output: Option<PathBuf>,
    /// Replace whatever is in the folder
    #[arg(long)]
    force: bool,
    /// Write the fitted values into the files of the model folder
    #[arg(long, requires = "model")]
    apply: bool,
    /// Number of threads; never changes a result
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    #[command(flatten)]
    model: ModelOptions,
}

/// Fits, reports, and on request writes the values back.
pub(super) fn calibrate(options: &Options, terminal: &Terminal) -> Result<Ending, Failure> {
    let stopwatch = Stopwatch::start();
    let model = options.model.load()?;
    let source = read_text(&options.file)?;
    let calibration = Calibration::read(&source, &model.declaration)?;
    let folder = options.file.parent().unwrap_or(Path::new(""));
    let mut scenarios = BTreeMap::new();
    for name in calibration.scenarios() {
        scenarios.insert(name.to_owned(), Scenario::load(folder.join(name), &model)?);
    }
    let setting = Setting::new(&model, &calibration, &scenarios)
        .map_err(|error| Failure::Usage(error.to_string()))?;
    let stem = options
        .file
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let target = options
        .output
        .clone()
        .unwrap_or_else(|| Path::new("outputs").join(&stem));
    let identity = Identity {
        scenario: stem,
        command: "calibrate".to_owned(),
    };
    let replace = if options.force {
        Replace::Anything
    } else {
        Replace::SameIdentity
    };
    end_on_interrupt()?;
    let mut written = RunFolder::begin(&target, identity, replace)?;
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(options.threads.unwrap_or(0))
        .build()
        .map_err(|error| Failure::Usage(format!("cannot start threads: {error}")))?;
    let threads = pool.current_num_threads();
    terminal.progress(&format!(
        "fitting {} parameters to {} targets from {} starts",
        calibration.parameters.len(),
        calibration.targets.len(),
        calibration.starts
    ));
    let report = pool.install(|| fit(&setting));
    let mut files = 1;
    for table in [targets(&report), parameters(&report), starts(&report)] {
        written.add(&format!("{}.csv", table.name), table.to_csv()?.as_bytes())?;
        files += 1;
    }
    written.add("calibration.toml", source.text.as_bytes())?;
    written.finish(|manifest| {
        manifest.model = ModelEntry {
            label: model.label.clone(),
            sha256: model.hash.clone(),
            evidence_sha256: model.declaration.evidence_hash().to_owned(),
        };
        manifest.scenario_sha256 = sha256(source.text.as_bytes());
        manifest.seed = calibration.seed;
        let failed = report
            .starts
            .iter()
            .filter(|start| start.objective.is_none())
            .count();
        let requested = report.starts.len();
        manifest.runs = Counts {
            requested,
            ok: requested - failed,
            failed,
        };
        stopwatch.describe(manifest, threads);
    })?;
    terminal.print_summary(&layout(&report, terminal))?;
    terminal.print_summary(&where_written(&target, files + 1, terminal))?;
    if report.best.is_none() {
        terminal.warn("no start could be simulated: nothing was fitted");
        return Ok(Ending::TooManyFailures);
    }
    if let (true, Some(model_folder)) = (options.apply, &options.model.model) {
        write_back(&report, model_folder, &model, terminal)?;
    }
    Ok(Ending::Done)
}

/// Puts fitted values into the files that declare them; comments stay.
fn write_back(
    report: &FitReport,
    folder: &Path,
    model: &crate::model::Model,
    terminal: &Terminal,
) -> Result<(), Failure> {
    let texts: Vec<(String, String)> = crate::model::model_files(folder)?
        .into_iter()
        .map(|source| (source.name.to_string(), source.text.to_string()))
        .collect();
    let changed = apply(report, &texts).map_err(|error| Failure::Usage(error.to_string()))?;
    for (name, text) in &changed {
        write_file(Path::new(name), text.as_bytes())?;
        terminal.warn(&format!("changed {name}"));
    }
    terminal.progress(&format!("the model was {}", model.hash));
    Ok(())
}

fn targets(report: &FitReport) -> Table {
    let lines = &report.targets;
    let texts = |name: &str, of: &dyn Fn(usize) -> String| {
        Column::text(name, (0..lines.len()).map(of).collect())
    };
    let numbers = |name: &str, of: &dyn Fn(usize) -> Option<f64>| {
        Column::optional_numbers(name, "", (0..lines.len()).map(of).collect())
    };
    Table::new(
        "targets",
        vec![
            texts("target", &|i| lines[i].name.clone()),
            texts("arm", &|i| lines[i].arm.clone()),
            texts("feature", &|i| lines[i].feature.clone()),
            texts("evidence", &|i| lines[i].evidence.join(" ")),
            texts("wanted", &|i| lines[i].wanted.clone()),
            numbers("before", &|i| lines[i].before.map(|(value, _)| value)),
            numbers("residual_before", &|i| {
                lines[i].before.map(|(_, residual)| residual)
            }),
            numbers("after", &|i| lines[i].after.map(|(value, _)| value)),
            numbers("residual_after", &|i| {
                lines[i].after.map(|(_, residual)| residual)
            }),
            texts("note", &|i| lines[i].note.clone()),
        ],
    )
}

fn parameters(report: &FitReport) -> Table {
    let lines = &report.parameters;
    let column = |name: &str, of: &dyn Fn(usize) -> Option<f64>| {
        Column::optional_numbers(name, "", (0..lines.len()).map(of).collect())
    };
    let bound = |i: usize| {
        if lines[i].at_bound {
            "yes".to_owned()
        } else {
            String::new()
        }
    };
    Table::new(
        "parameters",
        vec![
            Column::text(
                "parameter",
                lines.iter().map(|line| line.id.clone()).collect(),
            ),
            column("before", &|i| Some(lines[i].before)),
            column("after", &|i| Some(lines[i].after)),
            column("position", &|i| Some(lines[i].position)),
            Column::text("at_bound", (0..lines.len()).map(bound).collect()),
            column("prior_residual", &|i| lines[i].prior),
        ],
    )
}

fn starts(report: &FitReport) -> Table {
    let lines = &report.starts;
    let whole = |of: &dyn Fn(usize) -> usize| {
        (0..lines.len())
            .map(|index| i64::try_from(of(index)).ok())
            .collect::<Vec<_>>()
    };
    let objectives = lines.iter().map(|line| line.objective).collect();
    Table::new(
        "starts",
        vec![
            Column::integers("start", whole(&|index| index + 1)),
            Column::optional_numbers("objective", "", objectives),
            Column::integers("evaluations", whole(&|index| lines[index].evaluations)),
            Column::integers("failures", whole(&|index| lines[index].failures)),
            Column::text(
                "ended",
                lines.iter().map(|line| line.ended.clone()).collect(),
            ),
        ],
    )
}

fn layout(report: &FitReport, terminal: &Terminal) -> String {
    let value = |found: Option<(f64, f64)>| match found {
        Some((value, residual)) => (short(value), format!("{residual:+.2}")),
        None => ("-".to_owned(), String::new()),
    };
    let words = |list: &[&str]| list.iter().map(|&word| word.to_owned()).collect::<Vec<_>>();
    let mut rows = vec![words(&[
        "target", "wanted", "before", "sd", "after", "sd", "",
    ])];
    for line in &report.targets {
        let ((before, off_before), (after, off_after)) = (value(line.before), value(line.after));
        let (name, wanted) = (line.name.clone(), line.wanted.clone());
        rows.push(vec![
            name,
            wanted,
            before,
            off_before,
            after,
            off_after,
            line.note.clone(),
        ]);
    }
    use Align::{Left, Right};
    let mut out = format!("\n{}\n", terminal.tone(Tone::Strong, "Targets"));
    out.push_str(&columns(
        &rows,
        &[Left, Right, Right, Right, Right, Right, Left],
        terminal,
    ));
    let mut rows = vec![words(&["parameter", "before", "after", "position", ""])];
    for line in &report.parameters {
        let bound = if line.at_bound {
            "at the end of its range"
        } else {
            ""
        };
        rows.push(vec![
            line.id.clone(),
            short(line.before),
            short(line.after),
            format!("{:.2}", line.position),
            bound.to_owned(),
        ]);
    }
    out.push_str(&format!(
        "\n{}\n",
        terminal.tone(Tone::Strong, "Parameters")
    ));
    out.push_str(&columns(
        &rows,
        &[Left, Right, Right, Right, Left],
        terminal,
    ));
    if let (Some(before), Some(after)) = report.objective {
        out.push_str(&format!(
            "\n  objective {} before, {} after\n",
            short(before),
            short(after)
        ));
    }
    let known = report
        .singular_values
        .iter()
        .filter(|value| **value >= 1.0)
        .count();
    let all = report.singular_values.len();
    if all > 0 {
        out.push_str(&format!(
            "  {known} of {all} directions are determined by the targets\n"
        ));
    }
    out
}
