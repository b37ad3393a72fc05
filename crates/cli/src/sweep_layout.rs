//! What the terminal says of a sweep.

use gutbrain_network::fault::escape;

use super::layout::{difference, short};
use super::terminal::{Terminal, Tone};
use gutbrain::results::sweep::{Extreme, SweepSummary};
use gutbrain::study::{Finished, StudySummary};

/// Points, failures, and where each arm gains most.
pub(super) fn finished(finished: &Finished, terminal: &Terminal) -> String {
    match &finished.summary {
        StudySummary::Sweep(summary) => sweep_summary(summary, terminal),
        _ => String::new(),
    }
}

fn sweep_summary(summary: &SweepSummary, terminal: &Terminal) -> String {
    let mut out = format!(
        "\n{}\n{}\n\n",
        terminal.tone(Tone::Strong, &escape(&summary.title)),
        terminal.tone(
            Tone::Faint,
            &format!(
                "{}, {} points ({}){}",
                summary.subject,
                summary.points,
                summary.design,
                summary
                    .subjects
                    .map_or_else(String::new, |n| format!(", {n} animals per arm and point")),
            )
        ),
    );
    let failed: u64 = summary
        .arms
        .values()
        .map(|arm| arm.failed.max(arm.animals_failed))
        .sum();
    if failed > 0 {
        out.push_str(&format!("  {failed} runs failed\n"));
    }
    let place = |extreme: &Extreme| {
        let factors = summary.factors.iter().map(|factor| {
            let value = match extreme.factors.get(&factor.target) {
                Some(serde_json::Value::String(word)) => word.clone(),
                Some(serde_json::Value::Number(number)) => {
                    format!("{} {}", short(number.as_f64().unwrap_or(0.0)), factor.unit)
                }
                _ => String::new(),
            };
            format!("{} {}", factor.target, value.trim_end())
        });
        factors.collect::<Vec<_>>().join(", ")
    };
    for comparison in &summary.comparisons {
        let (arm, reference) = (escape(&comparison.arm), escape(&comparison.reference));
        out.push_str(&format!("  {arm} against {reference}\n"));
        for (word, extreme) in [("most", &comparison.greatest), ("least", &comparison.least)] {
            if let Some(extreme) = extreme {
                let days = extreme.difference_d;
                let place = place(extreme);
                let place = escape(&place);
                let of = match extreme.horizon_d {
                    Some(age) => format!("restricted mean survival (to {} d)", short(age)),
                    None => "life".to_owned(),
                };
                let days = difference(Some(days));
                out.push_str(&format!("    {word:<5} {days} of {of} at {place}\n"));
            }
        }
        if comparison.points == 0 {
            out.push_str("    no point at which both arms have an end\n");
        }
    }
    out
}
