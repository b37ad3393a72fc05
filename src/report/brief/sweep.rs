//! What is told of a sweep.

use serde_json::Value;

use super::Brief;
use super::numbers::{difference, short};
use crate::results::sweep::{Extreme, SweepSummary};

/// Points, failures, and where each arm gains most and least.
#[must_use]
pub fn sweep(summary: &SweepSummary) -> Brief {
    let mut brief = Brief::default();
    let animals = |count| format!(", {count} animals per arm and point");
    brief.head(
        &summary.title,
        format!(
            "{}, {} points ({}){}",
            summary.subject,
            summary.points,
            summary.design,
            summary.subjects.map_or_else(String::new, animals),
        ),
    );
    let arms = summary.arms.values();
    let failed: u64 = arms.map(|arm| arm.failed.max(arm.animals_failed)).sum();
    if failed > 0 {
        brief.line(format!("{failed} runs failed"));
    }
    for comparison in &summary.comparisons {
        let (arm, reference) = (&comparison.arm, &comparison.reference);
        brief.line(format!("{arm} against {reference}"));
        for (word, extreme) in [("most", &comparison.greatest), ("least", &comparison.least)] {
            let Some(extreme) = extreme else { continue };
            let of = match extreme.horizon_d {
                Some(age) => format!("restricted mean survival (to {} d)", short(age)),
                None => "life".to_owned(),
            };
            let days = difference(Some(extreme.difference_d));
            let place = place(summary, extreme);
            brief.line(format!("  {word:<5} {days} of {of} at {place}"));
        }
        if comparison.points == 0 {
            brief.line("  no point at which both arms have an end");
        }
    }
    brief
}

/// The value of every factor where a gain is found.
fn place(summary: &SweepSummary, extreme: &Extreme) -> String {
    let factors = summary.factors.iter().map(|factor| {
        let value = match extreme.factors.get(&factor.target) {
            Some(Value::String(word)) => word.clone(),
            Some(Value::Number(number)) => {
                format!("{} {}", short(number.as_f64().unwrap_or(0.0)), factor.unit)
            }
            _ => String::new(),
        };
        format!("{} {}", factor.target, value.trim_end())
    });
    factors.collect::<Vec<_>>().join(", ")
}
