//! What the terminal says of a sensitivity study.

use gutbrain_network::fault::escape;

use super::layout::{Align, columns, short, wrap};
use super::terminal::{Terminal, Tone};
use gutbrain::analysis::sensitivity::Study;
use gutbrain::results::sensitivity::{DOES_NOT_VARY, OutputEntry, SensitivitySummary};
use gutbrain::scenario::SensitivityMethod;
use gutbrain::study::{Finished, SensitivityStudy, StudySummary};

/// Outputs that the terminal shows.
const MOST_SHOWN: usize = 6;

/// The most important inputs of every output.
pub(super) fn finished(
    finished: &Finished,
    study: &SensitivityStudy<'_>,
    terminal: &Terminal,
) -> String {
    match &finished.summary {
        StudySummary::Sensitivity(summary) => written(summary, study.analysis(), terminal),
        _ => String::new(),
    }
}

fn written(summary: &SensitivitySummary, study: &Study<'_>, terminal: &Terminal) -> String {
    let method = study.plan().method;
    let size = match method {
        SensitivityMethod::Sobol => format!("{} rows, {} points", summary.samples, summary.points),
        SensitivityMethod::Morris => {
            format!(
                "{} trajectories, {} points",
                summary.samples, summary.points
            )
        }
        SensitivityMethod::Prcc => format!("{} points", summary.points),
        SensitivityMethod::Local => "at the values of the preset".to_owned(),
    };
    let failed = match summary.failed {
        0 => String::new(),
        failed => format!(", {failed} failed"),
    };
    let about = format!(
        "{}, {}: {} inputs, {size}{failed}",
        summary.subject, summary.method, summary.inputs
    );
    let mut out = format!(
        "\n{}\n{}\n",
        terminal.tone(Tone::Strong, &escape(&summary.title)),
        terminal.tone(Tone::Faint, &about),
    );
    let is_local = method == SensitivityMethod::Local;
    let (value, beside) = match method {
        SensitivityMethod::Sobol => ("with others (ST)", "alone (S1)"),
        SensitivityMethod::Morris => ("mu*", "sigma"),
        SensitivityMethod::Prcc => ("PRCC", "p"),
        SensitivityMethod::Local => ("per SD of the prior", "elasticity"),
    };
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
        out.push_str(&format!("\n  {}{spread}{lost}\n\n", escape(&output.output)));
        if output.ranking.is_empty() && !output.varies && (is_local || output.used > 1) {
            out.push_str(&format!(
                "{}\n",
                wrap(&format!("{DOES_NOT_VARY}: no indices"), terminal)
            ));
            continue;
        }
        let head = ["", "rests on", value, "95 %", beside];
        let mut rows: Vec<Vec<String>> = vec![head.map(str::to_owned).to_vec()];
        let bounded = output.ranking.iter().any(|input| input.lower.is_some());
        for input in &output.ranking {
            let interval = match (input.lower, input.upper) {
                (Some(lower), Some(upper)) => format!("{} to {}", short(lower), short(upper)),
                _ => "-".to_owned(),
            };
            rows.push(vec![
                escape(&input.parameter).into_owned(),
                input.rests_on.clone(),
                short(input.value),
                interval,
                input.beside.map_or_else(|| "-".to_owned(), short),
            ]);
        }
        if !bounded {
            rows.iter_mut().for_each(|row| drop(row.remove(3)));
        }
        let mut align = vec![Align::Left, Align::Left];
        align.resize(rows[0].len(), Align::Right);
        out.push_str(&columns(&rows, &align, terminal));
    }
    let others = summary.outputs.len() - shown.len();
    if others > 0 {
        let note = format!("{others} more outputs are in sensitivity.csv and in the figures.");
        out.push_str(&format!("\n{}\n", wrap(&note, terminal)));
    }
    out
}
