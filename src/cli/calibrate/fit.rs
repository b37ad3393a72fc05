//! `gutbrain calibrate FILE`: the fit and its report.

use std::path::Path;

use super::super::Ending;
use super::super::failure::Failure;
use super::super::layout::{Align, columns, short, where_written};
use super::super::terminal::{Terminal, Tone};
use super::{Options, Prepared, put};
use crate::analysis::calibrate::{FitReport, apply, fit};
use crate::model::Model;
use crate::report::table::{Column, Table};

/// Fits, reports, and on request writes the values back.
pub(super) fn fit_and_report(
    options: &Options,
    prepared: &Prepared,
    terminal: &Terminal,
) -> Result<Ending, Failure> {
    let setting = prepared.setting()?;
    let calibration = &prepared.calibration;
    let target = options.target("");
    let mut written = options.begin(&target, "calibrate")?;
    terminal.progress(&format!(
        "fitting {} parameters to {} targets from {} starts",
        calibration.parameters.len(),
        calibration.targets.len(),
        calibration.starts
    ));
    let report = prepared.pool.install(|| fit(&setting));
    let mut files = 1;
    for table in [targets(&report), parameters(&report), starts(&report)] {
        written.add(&format!("{}.csv", table.name), table.to_csv()?.as_bytes())?;
        files += 1;
    }
    written.add("calibration.toml", prepared.source.text.as_bytes())?;
    let failed = |start: &&crate::analysis::calibrate::StartLine| start.objective.is_none();
    let failed = report.starts.iter().filter(failed).count();
    written.finish(|manifest| prepared.describe(manifest, report.starts.len(), failed))?;
    terminal.print_summary(&layout(&report, terminal))?;
    terminal.print_summary(&where_written(&target, files + 1, terminal))?;
    if report.best.is_none() {
        terminal.warn("no start could be simulated: nothing was fitted");
        return Ok(Ending::TooManyFailures);
    }
    if let (true, Some(model_folder)) = (options.apply, &options.model.model) {
        write_back(&report, model_folder, &prepared.model, terminal)?;
    }
    Ok(Ending::Done)
}

/// Puts fitted values into the files that declare them; comments stay.
fn write_back(
    report: &FitReport,
    folder: &Path,
    model: &Model,
    terminal: &Terminal,
) -> Result<(), Failure> {
    let texts: Vec<(String, String)> = crate::model::model_files(folder)?
        .into_iter()
        .map(|source| (source.name.to_string(), source.text.to_string()))
        .collect();
    let changed = apply(report, &texts).map_err(|error| Failure::Usage(error.to_string()))?;
    for (name, text) in &changed {
        put(Path::new(name), text, terminal)?;
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
