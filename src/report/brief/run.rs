//! What is told of a single run beside its numbers: whether they could have an interval.

use super::Brief;
use crate::model::Model;
use crate::posterior::Posterior;
use crate::scenario::Scenario;

/// That the numbers of one animal have no interval, and what would give them one.
#[must_use]
pub fn single_run(model: &Model, scenario: &Scenario) -> Brief {
    let mut brief = Brief::default();
    brief.line("One animal at the values of its preset: its numbers have no interval.");
    match Posterior::of(model, &scenario.subject.preset) {
        Ok(Some(posterior)) => brief.line(format!(
            "A `[cohort]` with `parameters = \"posterior\"` has one, from {} vectors.",
            posterior.vectors.len()
        )),
        Ok(None) => brief.line("The model has no posterior for this preset."),
        Err(_) => brief.line("The posterior of this preset is stale, or cannot be read."),
    }
    brief
}
