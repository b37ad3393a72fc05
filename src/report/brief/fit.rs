//! What is told of a fit.

use super::{Align, Brief, heading, short};
use crate::analysis::calibrate::{FitReport, Information, Reached};

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
    directions(&report.singular_values, &report.undetermined, &mut brief);
    brief
}

/// What the targets can say of each parameter before a fit: alone, and beside the others.
#[must_use]
pub fn information(found: &Information) -> Brief {
    use Align::{Left, Right};
    let mut brief = Brief::default();
    brief.gap();
    brief.title("What these targets can say of the parameters");
    let words = ["parameter", "alone", "beside the others", ""];
    let mut rows = vec![heading(words)];
    for it in &found.parameters {
        let verdict = match (it.alone >= 1.0, it.beside_others >= 1.0) {
            (_, true) => "informed",
            (true, false) => "only together with others",
            (false, false) => "hardly informed",
        };
        rows.push(vec![
            it.id.clone(),
            format!("{:.2}", it.alone),
            format!("{:.2}", it.beside_others),
            verdict.to_owned(),
        ]);
    }
    brief.table(rows, &[Left, Right, Right, Left]);
    brief.gap();
    directions(&found.singular_values, &found.undetermined, &mut brief);
    brief.note(
        "Changes of all targets in their SD for one unit of a parameter's free coordinate, which takes about a \
         quarter of its range around the middle; what is below 1 is known from its range and prior alone.",
    );
    brief
}

/// How many directions the targets determine, and the parameters of those that they do not.
fn directions(singular_values: &[f64], undetermined: &[Vec<String>], brief: &mut Brief) {
    let known = singular_values.iter().filter(|value| **value >= 1.0);
    let (known, all) = (known.count(), singular_values.len());
    if all > 0 {
        brief.line(format!(
            "{known} of {all} directions are determined by the targets"
        ));
    }
    let open = undetermined.iter().take(5);
    for names in open.filter(|names| !names.is_empty()) {
        brief.line(format!("not determined: {}", names.join(" with ")));
    }
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
