//! What is told of a cohort.

use gutbrain_network::declaration::EndpointRole;

use super::numbers::{age, difference, fixed, probability, short};
use super::own_data::own_data;
use super::{Align, Brief, DISCLAIMER, heading};
use crate::results::cohort_summary::CohortSummary;

/// The survival of every arm, the comparisons with the first one, and what the numbers mean.
#[must_use]
pub fn cohort(summary: &CohortSummary) -> Brief {
    let mut brief = Brief::default();
    brief.head(
        &summary.title,
        format!(
            "{}, {} animals per arm ({}), end of survival: {}",
            summary.subject, summary.subjects, summary.pairing, summary.endpoint
        ),
    );
    let rows = arms(summary);
    let mut align = vec![Align::Left];
    align.resize(rows[0].len(), Align::Right);
    brief.table(rows, &align);
    if !summary.comparisons.is_empty() {
        brief.gap();
        let rows = comparisons(summary);
        align.truncate(rows[0].len());
        brief.table(rows, &align);
        for found in &summary.comparisons {
            for (name, reason) in &found.not_estimable {
                brief.note(format!("{}: {name}: {reason}", found.arm));
            }
        }
    }
    own_data(summary.data.as_ref(), &mut brief);
    brief.gap();
    if let Some(note) = restricted(summary) {
        brief.note(note);
    }
    if let Some(clock) = &summary.clock {
        brief.note(clock);
    }
    brief.note(summary.note.clone());
    brief.note(DISCLAIMER);
    brief
}

/// "low to high", "from low" where the other end is not reached.
fn range(low: Option<f64>, high: Option<f64>, digits: usize) -> String {
    match (low, high) {
        (Some(low), Some(high)) => format!("{low:.digits$} to {high:.digits$}"),
        (Some(low), None) => format!("from {low:.digits$}"),
        _ => "-".to_owned(),
    }
}

fn arms(summary: &CohortSummary) -> Vec<Vec<String>> {
    let mut rows = vec![heading([
        "arm",
        "ends",
        "other",
        "failed",
        EndpointRole::Onset.word(),
        "median",
        "95 %",
        "restricted mean",
        "SD",
    ])];
    for name in &summary.arm_order {
        let Some(arm) = summary.arms.get(name) else {
            continue;
        };
        rows.push(vec![
            name.clone(),
            format!("{} of {}", arm.events, arm.subjects),
            arm.other_deaths.to_string(),
            arm.failed.to_string(),
            age(arm.onset_d),
            age(arm.median_survival_d),
            range(arm.median_survival_lower_d, arm.median_survival_upper_d, 1),
            age(arm.mean_survival_d),
            fixed(arm.sd_survival_d, 1),
        ]);
    }
    rows
}

fn comparisons(summary: &CohortSummary) -> Vec<Vec<String>> {
    let mut rows = vec![heading([
        "against the first arm",
        "restricted mean",
        "95 %",
        "within animals",
        "log-rank p",
        "hazard ratio",
        "95 %",
    ])];
    for found in &summary.comparisons {
        let within = |mean| {
            let spread = (found.paired_difference_sd_d)
                .map_or_else(String::new, |spread| format!(" (SD {spread:.1})"));
            difference(Some(mean)) + &spread
        };
        rows.push(vec![
            found.arm.clone(),
            difference(found.difference_d),
            range(
                found.rmst_difference_lower_d,
                found.rmst_difference_upper_d,
                1,
            ),
            (found.paired_difference_d).map_or_else(|| "-".to_owned(), within),
            found.log_rank_p.map_or_else(|| "-".to_owned(), probability),
            fixed(found.hazard_ratio, 2),
            range(found.hazard_ratio_lower, found.hazard_ratio_upper, 2),
        ]);
    }
    rows
}

/// What the restricted means are restricted to, and why.
fn restricted(summary: &CohortSummary) -> Option<String> {
    summary.horizon_d?;
    let mut text = format!(
        "Restricted means are those of survival up to age {} d, where the scenario ends",
        short(summary.follow_up_d)
    );
    for name in &summary.arm_order {
        let horizon = summary.arms.get(name).and_then(|arm| arm.horizon_d);
        if let Some(age) = horizon.filter(|age| *age < summary.follow_up_d) {
            text.push_str(&format!(
                "; of `{}` and its difference up to {} d, because after that more than a quarter of an arm \
                 was not seen",
                name,
                short(age)
            ));
        }
    }
    Some(text + ".")
}
