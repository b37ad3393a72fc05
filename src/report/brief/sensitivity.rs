//! What is told of a sensitivity study.

use super::numbers::short;
use super::{Align, Brief, Passage, heading};
use crate::analysis::sensitivity::Study;
use crate::results::sensitivity::{DOES_NOT_VARY, OutputEntry, SensitivitySummary};
use crate::scenario::SensitivityMethod;

/// Outputs that are shown.
const MOST_SHOWN: usize = 6;

/// The most important inputs of every output.
#[must_use]
pub fn sensitivity(summary: &SensitivitySummary, study: &Study<'_>) -> Brief {
    let method = study.plan().method;
    let mut brief = Brief::default();
    brief.gap();
    brief.title(&summary.title);
    brief
        .passages
        .push(Passage::Subtitle(about(summary, method)));
    // Curves are for figures.
    let single = study.outputs.iter().zip(&summary.outputs);
    let single = single.filter(|(output, _)| output.curve.is_none());
    let shown: Vec<&OutputEntry> = single.map(|(_, entry)| entry).take(MOST_SHOWN).collect();
    for output in &shown {
        let spread = match (output.mean, output.sd) {
            (Some(mean), Some(sd)) => {
                let numbers = format!(": mean {}, SD {} {}", short(mean), short(sd), output.unit);
                numbers.trim_end().to_owned()
            }
            _ => String::new(),
        };
        let lost = match output.missing {
            0 => String::new(),
            missing => format!("; {missing} points have no value"),
        };
        brief.gap();
        brief.line(format!("{}{spread}{lost}", output.output));
        brief.gap();
        let is_still = !output.varies && (method == SensitivityMethod::Local || output.used > 1);
        if output.ranking.is_empty() && is_still {
            brief.note(format!("{DOES_NOT_VARY}: no indices"));
        } else {
            let rows = ranking(output, method);
            let mut align = vec![Align::Left, Align::Left];
            align.resize(rows[0].len(), Align::Right);
            brief.table(rows, &align);
        }
    }
    let others = summary.outputs.len() - shown.len();
    if others > 0 {
        brief.gap();
        brief.note(format!(
            "{others} more outputs are in sensitivity.csv and in the figures."
        ));
    }
    brief
}

/// Subject, method and size.
fn about(summary: &SensitivitySummary, method: SensitivityMethod) -> String {
    let (samples, points) = (summary.samples, summary.points);
    let size = match method {
        SensitivityMethod::Sobol => format!("{samples} rows, {points} points"),
        SensitivityMethod::Morris => format!("{samples} trajectories, {points} points"),
        SensitivityMethod::Prcc => format!("{points} points"),
        SensitivityMethod::Local => "at the values of the preset".to_owned(),
    };
    let failed = match summary.failed {
        0 => String::new(),
        failed => format!(", {failed} failed"),
    };
    format!(
        "{}, {}: {} inputs, {size}{failed}",
        summary.subject, summary.method, summary.inputs
    )
}

/// One row per input, the most important one first; intervals where there are any.
fn ranking(output: &OutputEntry, method: SensitivityMethod) -> Vec<Vec<String>> {
    let (value, beside) = match method {
        SensitivityMethod::Sobol => ("with others (ST)", "alone (S1)"),
        SensitivityMethod::Morris => ("mu*", "sigma"),
        SensitivityMethod::Prcc => ("PRCC", "p"),
        SensitivityMethod::Local => ("per SD of the prior", "elasticity"),
    };
    let mut rows = vec![heading(["", "rests on", value, "95 %", beside])];
    for input in &output.ranking {
        let interval = match (input.lower, input.upper) {
            (Some(lower), Some(upper)) => format!("{} to {}", short(lower), short(upper)),
            _ => "-".to_owned(),
        };
        rows.push(vec![
            input.parameter.clone(),
            input.rests_on.clone(),
            short(input.value),
            interval,
            input.beside.map_or_else(|| "-".to_owned(), short),
        ]);
    }
    if output.ranking.iter().all(|input| input.lower.is_none()) {
        rows.iter_mut().for_each(|row| drop(row.remove(3)));
    }
    rows
}
