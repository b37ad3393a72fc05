//! What is told of a fit.

use super::{Align, Brief, heading, short};
use crate::analysis::calibrate::{FitReport, Reached};

/// Targets and parameters before and after, how the starts ended, and what the targets do not determine.
#[must_use]
pub fn fit(report: &FitReport) -> Brief {
    use Align::{Left, Right};
    let mut brief = Brief::default();
    brief.gap();
    brief.title("Targets");
    brief.table(
        targets(report),
        &[Left, Right, Right, Right, Right, Right, Left],
    );
    brief.gap();
    brief.title("Parameters");
    brief.table(parameters(report), &[Left, Right, Right, Right, Left]);
    if let (Some(before), Some(after)) = report.objective {
        brief.gap();
        brief.line(format!(
            "objective {} before, {} after",
            short(before),
            short(after)
        ));
    }
    if report.starts.len() > 1 {
        brief.line(Reached::of(&report.starts).to_string());
    }
    let known = report.singular_values.iter();
    let known = known.filter(|value| **value >= 1.0).count();
    let all = report.singular_values.len();
    if all > 0 {
        brief.line(format!(
            "{known} of {all} directions are determined by the targets"
        ));
    }
    let open = report.undetermined.iter().take(5);
    for names in open.filter(|names| !names.is_empty()) {
        brief.line(format!("not determined: {}", names.join(" with ")));
    }
    brief
}

fn targets(report: &FitReport) -> Vec<Vec<String>> {
    let value = |found: Option<(f64, f64)>| match found {
        Some((value, residual)) => (short(value), format!("{residual:+.2}")),
        None => ("-".to_owned(), String::new()),
    };
    let words = ["target", "wanted", "before", "sd", "after", "sd", ""];
    let mut rows = vec![heading(words)];
    for line in &report.targets {
        let ((before, off_before), (after, off_after)) = (value(line.before), value(line.after));
        rows.push(vec![
            line.name.clone(),
            line.wanted.clone(),
            before,
            off_before,
            after,
            off_after,
            line.note.clone(),
        ]);
    }
    rows
}

fn parameters(report: &FitReport) -> Vec<Vec<String>> {
    let mut rows = vec![heading(["parameter", "before", "after", "position", ""])];
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
    rows
}
