//! What is told of a single run.

use gutbrain_network::declaration::{DeclaredEndpoint, Endpoint, EndpointRole, EndpointSet};
use gutbrain_network::fault::escape;

use super::numbers::{age, amount, difference, short};
use super::own_data::own_data;
use super::{Align, Brief, DISCLAIMER, Passage};
use crate::model::Model;
use crate::posterior::Posterior;
use crate::results::summary::{ArmSummary, Summary};
use crate::scenario::Scenario;
use crate::simulate::EndOfLife;

/// The ends of every arm, observables at the ages of the summary, what the numbers rest on, and what would
/// give them an interval.
#[must_use]
pub fn run(summary: &Summary, model: &Model, scenario: &Scenario) -> Brief {
    let plan = scenario.simulation;
    let mut brief = Brief::default();
    brief.head(
        &summary.title,
        format!("{}, age {} to {} d", summary.subject, plan.start, plan.stop),
    );
    let family = &model.declaration.family;
    endpoints(summary, &family.endpoints, &mut brief);
    let failed = summary.arms.iter().filter(|(_, arm)| arm.status != "ok");
    for (name, arm) in failed {
        let text = format!("{name}: failed: {}", arm.reason);
        brief.passages.push(Passage::Problem(text));
    }
    differences(summary, &mut brief);
    observables(summary, scenario, &mut brief);
    own_data(summary.data.as_ref(), &mut brief);
    let counts = summary.assumptions;
    let all = counts.parameters();
    if all > 0 {
        #[expect(
            clippy::cast_precision_loss,
            reason = "numbers of parameters are small"
        )]
        let share = 100.0 * (counts.assumed + counts.both) as f64 / all as f64;
        brief.gap();
        brief.note(format!(
            "Of {all} parameters in the active model {} rest on evidence alone, {} on evidence with an \
             assumption, {} on assumptions alone ({share:.0} % involve one).",
            counts.evidence, counts.both, counts.assumed
        ));
    }
    if let Some(clock) = &summary.clock {
        brief.note(clock);
    }
    brief.note(if summary.uncertainty.is_empty() {
        interval(model, scenario)
    } else {
        "Intervals are of the fitted numbers alone and rough: `docs/calibration.md` says how well the chains \
         of the posterior have mixed."
            .to_owned()
    });
    brief.note(DISCLAIMER);
    brief
}

/// That the numbers of one animal have no interval, and what would give them one.
fn interval(model: &Model, scenario: &Scenario) -> String {
    let what_would = match Posterior::of(model, &scenario.subject.preset) {
        Ok(Some(posterior)) => format!(
            "a `[cohort]` with `parameters = \"posterior\"` gives them one, from {} vectors",
            posterior.vectors.len()
        ),
        Ok(None) => "the model has no posterior of this preset that could give them one".to_owned(),
        Err(_) => "the posterior of this preset is stale, or cannot be read".to_owned(),
    };
    format!(
        "The numbers are those of one animal at the values of its preset, without an interval: {what_would}."
    )
}

/// When every arm reached its ends: onset and death always, with the differences from the first arm, and
/// between them what else the family names here and some arm reached.
fn endpoints(summary: &Summary, set: &EndpointSet, brief: &mut Brief) {
    let compared = !summary.comparisons.is_empty();
    let reached = |endpoint: &Endpoint| {
        let mut arms = summary.arms.values();
        arms.any(|arm| arm.ages.at(endpoint).is_some())
    };
    let entries = set.entries().iter();
    let shown: Vec<&DeclaredEndpoint> = entries
        .filter(|it| it.role.is_some() || it.is_brief && reached(&it.endpoint))
        .collect();
    let mut heading = vec!["arm".to_owned()];
    for entry in &shown {
        heading.push(entry.endpoint.word().to_owned());
        if compared && entry.role.is_some() {
            heading.push(String::new());
        }
    }
    let mut align = vec![Align::Left];
    align.resize(heading.len(), Align::Right);
    let mut rows = vec![heading];
    for name in &summary.arm_order {
        let Some(arm) = summary.arms.get(name) else {
            continue;
        };
        let comparison = summary
            .comparisons
            .iter()
            .find(|comparison| comparison.arm == *name);
        let mut row = vec![name.clone()];
        for entry in &shown {
            let (text, gain) = match entry.role {
                Some(EndpointRole::Onset) => (
                    age(arm.ages.at(&entry.endpoint)),
                    comparison.and_then(|found| found.onset_difference_d),
                ),
                Some(EndpointRole::Death) => (
                    end_of_life(arm),
                    comparison.and_then(|found| found.difference_d),
                ),
                None => (age(arm.ages.at(&entry.endpoint)), None),
            };
            row.push(text);
            if compared && entry.role.is_some() {
                row.push(difference(gain));
            }
        }
        rows.push(row);
    }
    brief.table(rows, &align);
}

/// Every difference with its interval from the posterior.
fn differences(summary: &Summary, brief: &mut Brief) {
    let found = summary.uncertainty.iter();
    let mut lines = found.filter(|it| it.against.is_some()).filter_map(|it| {
        let (low, high) = it.parameters.q05.zip(it.parameters.q95)?;
        let what = match it.quantity {
            "onset_d" => "later onset",
            _ => "longer life",
        };
        let vectors = it.parameters.n + it.parameters.missing;
        let missing = match it.parameters.missing {
            0 => String::new(),
            missing => format!(", {missing} without the end"),
        };
        Some(format!(
            "{}: {what} {} (5\u{2013}95 %: {} to {}; {vectors} vectors of the posterior{missing})",
            it.arm,
            difference(it.preset),
            difference(Some(low)).trim_end_matches(" d"),
            difference(Some(high)).trim_end_matches(" d"),
        ))
    });
    if let Some(first) = lines.next() {
        brief.gap();
        brief.note(first);
        lines.for_each(|line| brief.note(line));
    }
}

fn end_of_life(arm: &ArmSummary) -> String {
    let last = arm.last_d.or(arm.failed_at_d).unwrap_or_default();
    let death = arm.ages.with_role(EndpointRole::Death);
    match (arm.status.as_str(), death) {
        ("ok", Some(days)) => format!("{days:.1} d"),
        ("ok", None) if arm.event == EndOfLife::OtherDeath.word() => format!("other, {last:.1} d"),
        ("ok", None) => format!("alive at {} d", short(last)),
        _ => format!("failed at {last:.1} d"),
    }
}

/// Observables at the ages of the summary: one row each, one column per age and arm.
fn observables(summary: &Summary, scenario: &Scenario, brief: &mut Brief) {
    /// More columns than this do not fit on a terminal.
    const MOST_COLUMNS: usize = 8;
    let arms: Vec<&String> = summary.arm_order.iter().collect();
    let ages = &scenario.output.ages;
    if ages.is_empty() || arms.is_empty() || scenario.output.summary.is_empty() {
        return;
    }
    // Rather all arms at one age than one arm at all ages.
    let shown_arms = &arms[..arms.len().min(MOST_COLUMNS)];
    let shown_ages = &ages[..ages.len().min((MOST_COLUMNS / shown_arms.len()).max(1))];
    let mut heading = vec![String::new(), String::new()];
    for age in shown_ages {
        for arm in shown_arms {
            heading.push(format!("{} {age} d", clip(arm)));
        }
    }
    let mut align = vec![Align::Left, Align::Left];
    align.resize(heading.len(), Align::Right);
    let mut rows = vec![heading];
    for id in &scenario.output.summary {
        let unit = summary.units.get(id).map_or("", String::as_str);
        let mut row = vec![
            id.clone(),
            if unit == "1" {
                String::new()
            } else {
                unit.to_owned()
            },
        ];
        let values = shown_ages.iter().flat_map(|age| {
            let age = format!("{age} d");
            shown_arms.iter().map(move |arm| {
                let at = summary.arms.get(*arm)?.observables.get(&age)?;
                at.get(id).copied()
            })
        });
        let values: Vec<Option<f64>> = values.collect();
        let size = values
            .iter()
            .flatten()
            .fold(0.0, |size: f64, value| size.max(value.abs()));
        row.extend(
            values
                .iter()
                .map(|value| value.map_or_else(|| "-".to_owned(), |value| amount(value, size))),
        );
        rows.push(row);
    }
    brief.gap();
    brief.table(rows, &align);
    if shown_arms.len() < arms.len() || shown_ages.len() < ages.len() {
        let hint = "the other arms and ages are in summary.json".to_owned();
        brief.passages.push(Passage::Hint(hint));
    }
}

fn clip(name: &str) -> String {
    let name = escape(name);
    match name.char_indices().nth(16) {
        None => name.into_owned(),
        Some((end, _)) => format!("{}\u{2026}", &name[..end]),
    }
}
