//! `gutbrain calibrate FILE`: the fit and its report.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::super::Ending;
use super::super::failure::Failure;
use super::super::layout::{Align, columns, short, where_written};
use super::super::meter::Meter;
use super::super::terminal::{Terminal, Tone};
use super::{Options, Prepared, checkpoint, draw, gone_on_from, kept_aside, put};
use gutbrain::analysis::calibrate::{
    Ended, FitReport, Reached, StartLine, Termination, apply, fit_from,
};
use gutbrain::model::Model;
use gutbrain::results::calibration;
use gutbrain_store::{overwrite_file, remove_checkpoints};
use gutbrain_table::{Column, Table};

/// Fits, reports, and on request writes the values back.
pub(super) fn fit_and_report(
    options: &Options,
    prepared: &Prepared,
    terminal: &Terminal,
) -> Result<Ending, Failure> {
    let setting = prepared.setting()?;
    let plan = &prepared.calibration;
    let target = options.target("");
    let mut written = options.begin(&target, "calibrate", terminal)?;
    terminal.progress(&format!(
        "fitting {} parameters to {} targets from {} starts",
        plan.parameters.len(),
        plan.targets.len(),
        plan.starts
    ));
    let seal = prepared.seal("fit");
    let kept = kept_aside(&target, "starts");
    let mut known = BTreeMap::new();
    if options.resume {
        for number in 0..plan.starts {
            let path = checkpoint(&kept, number + 1);
            let ended = gone_on_from(&path, &seal, number + 1, from_text, terminal);
            known.extend(ended.map(|ended| (number, ended)));
        }
    }
    let meter = Mutex::new((Meter::counting(terminal, "points"), known.len()));
    let lock = || meter.lock().unwrap_or_else(PoisonError::into_inner);
    let evaluated = || lock().0.add(1, 0);
    let told = |number: usize, ended: &Ended| {
        let bytes = seal.close(&(number + 1).to_string(), to_text(ended).as_bytes());
        let written = overwrite_file(&checkpoint(&kept, number + 1), &bytes);
        let end = ended
            .line
            .objective
            .map_or_else(|| "no value".to_owned(), short);
        let evaluations = ended.line.evaluations;
        terminal.progress(&format!(
            "start {}: {end} after {evaluations} points",
            number + 1
        ));
        if let Err(error) = written {
            terminal.warn(&format!("this start cannot be gone on from: {error}"));
        }
        let (meter, done) = &mut *lock();
        *done += 1;
        meter.note(format!("; {done} of {} starts have ended", plan.starts));
    };
    let fit = || fit_from(&setting, &known, &evaluated, &told);
    let report = prepared.pool.install(fit);
    let (meter, _) = meter.into_inner().unwrap_or_else(PoisonError::into_inner);
    meter.finish();
    let mut files = 1;
    if report.best.is_some() {
        files += draw([calibration::starts(&report)], &mut written, terminal)?;
    }
    for table in [targets(&report), parameters(&report), starts(&report)] {
        written.add(&format!("{}.csv", table.name), table.to_csv()?.as_bytes())?;
        files += 1;
    }
    written.add("calibration.toml", prepared.source.text.as_bytes())?;
    let failed = |start: &&StartLine| start.objective.is_none();
    let failed = report.starts.iter().filter(failed).count();
    written.finish(|manifest| prepared.describe(manifest, report.starts.len(), failed))?;
    remove_checkpoints(&kept);
    terminal.print_summary(&layout(&report, terminal))?;
    terminal.print_summary(&where_written(&target, files + 1, terminal))?;
    if report.best.is_none() {
        terminal.warn("no start could be simulated: nothing was fitted");
        return Ok(Ending::TooManyFailures);
    }
    let end = report.best.map(|best| report.starts[best].termination);
    if let Some(end) = end.filter(|end| *end != Termination::Bottom) {
        terminal.warn(&format!(
            "the fitted values are no minimum of this calibration: {end}"
        ));
    }
    if let (true, Some(model_folder)) = (options.apply, &options.model.model) {
        write_back(&report, model_folder, &prepared.model, terminal)?;
    }
    Ok(Ending::Done)
}

/// An ended start as text.
fn to_text(ended: &Ended) -> String {
    let StartLine {
        objective,
        evaluations,
        failures,
        termination,
    } = &ended.line;
    let numbers: Vec<String> = ended.point.iter().map(|z| format!("{z:?}")).collect();
    let objective = objective.map_or_else(String::new, |value| format!("{value:?}"));
    let end = match termination {
        Termination::Bottom => "bottom".to_owned(),
        Termination::Limit => "limit".to_owned(),
        Termination::Stalled(gain) => format!("stalled {gain:?}"),
        Termination::NoDerivative => "no derivative".to_owned(),
        Termination::NoValue => "no value".to_owned(),
    };
    format!(
        "{objective}\n{evaluations},{failures},{end}\n{}\n",
        numbers.join(",")
    )
}

fn from_text(text: &str) -> Option<Ended> {
    let mut lines = text.lines();
    let objective = match lines.next()? {
        "" => None,
        number => Some(number.parse().ok()?),
    };
    let (evaluations, rest) = lines.next()?.split_once(',')?;
    let (failures, end) = rest.split_once(',')?;
    let termination = match end.split_once(' ') {
        None if end == "bottom" => Termination::Bottom,
        None if end == "limit" => Termination::Limit,
        Some(("stalled", gain)) => Termination::Stalled(gain.parse().ok()?),
        Some(("no", "derivative")) => Termination::NoDerivative,
        Some(("no", "value")) => Termination::NoValue,
        _ => return None,
    };
    let line = StartLine {
        objective,
        evaluations: evaluations.parse().ok()?,
        failures: failures.parse().ok()?,
        termination,
    };
    let numbers = lines.next()?.split(',').map(|z| z.parse().ok());
    let point = numbers.collect::<Option<Vec<f64>>>()?;
    Some(Ended { point, line })
}

/// Puts fitted values into the files that declare them; comments stay.
fn write_back(
    report: &FitReport,
    folder: &Path,
    model: &Model,
    terminal: &Terminal,
) -> Result<(), Failure> {
    let texts: Vec<(String, String)> = gutbrain::model::model_files(folder)?
        .into_iter()
        .map(|source| (source.name.to_string(), source.text.to_string()))
        .collect();
    let changed = apply(report, &texts).map_err(|error| Failure::Usage(error.to_string()))?;
    let files = changed
        .into_iter()
        .map(|(name, text)| (PathBuf::from(name), text.into_bytes()));
    put(folder, &files.collect::<Vec<_>>(), terminal)?;
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
                lines.iter().map(|it| it.termination.to_string()).collect(),
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
    if report.starts.len() > 1 {
        out.push_str(&format!("  {}\n", Reached::of(&report.starts)));
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
    for names in report
        .undetermined
        .iter()
        .take(5)
        .filter(|names| !names.is_empty())
    {
        out.push_str(&format!("  not determined: {}\n", names.join(" with ")));
    }
    out
}
