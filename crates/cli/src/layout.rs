//! Text tables for the terminal, and the summary of a run.

use std::path::Path;

use gutbrain_network::fault::escape;

use super::columns::WIDTH;
pub(super) use super::columns::{Align, columns};
use super::terminal::{Terminal, Tone};
pub(super) use gutbrain::report::brief::short;
use gutbrain::results::cohort_summary::CohortSummary;
use gutbrain::results::summary::{ArmSummary, Summary};
use gutbrain::results::trial::TrialSummary;
use gutbrain::scenario::Scenario;

/// A result that is smaller than this share of what it is one of is rounding of zero.
const ROUNDING: f64 = 1e-12;

/// A result that is smaller than this in any unit is rounding of zero: no unit of the model counts so
/// little (3e-13 g is a bacterium).
const NOTHING: f64 = 1e-30;

/// A result of a computation among others as large as `size`: what is only rounding of zero is zero.
pub(super) fn amount(value: f64, size: f64) -> String {
    if value.abs() <= (ROUNDING * size.abs()).max(NOTHING) {
        "0".to_owned()
    } else {
        short(value)
    }
}

fn age(days: Option<f64>) -> String {
    days.map_or_else(|| "-".to_owned(), |days| format!("{days:.1} d"))
}

/// Days with their sign; none before what rounds to nothing.
pub(super) fn difference(days: Option<f64>) -> String {
    days.map_or_else(String::new, |days| match format!("{days:+.1} d") {
        none if none == "+0.0 d" || none == "-0.0 d" => "0.0 d".to_owned(),
        signed => signed.replace('-', "\u{2212}"),
    })
}

/// The summary of a run.
pub(super) fn summary(summary: &Summary, scenario: &Scenario, terminal: &Terminal) -> String {
    let plan = scenario.simulation;
    let mut out = format!(
        "\n{}\n{}\n\n",
        terminal.tone(Tone::Strong, &escape(&summary.title)),
        terminal.tone(
            Tone::Faint,
            &format!("{}, age {} to {} d", summary.subject, plan.start, plan.stop)
        ),
    );
    out.push_str(&endpoint_table(summary, terminal));
    let failed = summary.arms.iter().filter(|(_, arm)| arm.status != "ok");
    for (name, arm) in failed {
        let text = format!("{}: failed: {}", escape(name), escape(&arm.reason));
        out.push_str(&format!("  {}\n", terminal.tone(Tone::Bad, &text)));
    }
    if let Some(table) = observable_table(summary, scenario, terminal) {
        out.push('\n');
        out.push_str(&table);
    }
    let counts = summary.assumptions;
    let all = counts.parameters();
    if all > 0 {
        #[expect(
            clippy::cast_precision_loss,
            reason = "numbers of parameters are small"
        )]
        let share = 100.0 * (counts.assumed + counts.both) as f64 / all as f64;
        let text = format!(
            "Of {all} parameters in the active model {} rest on evidence alone, {} on evidence with \
             an assumption, {} on assumptions alone ({share:.0} % involve one).",
            counts.evidence, counts.both, counts.assumed
        );
        out.push_str(&format!("\n{}\n", wrap(&text, terminal)));
    }
    let note = "This is a model fitted to small studies, not an experiment and not medical advice.";
    out.push_str(&format!("{}\n", wrap(note, terminal)));
    out
}

/// The summary of a cohort.
pub(super) fn cohort_summary(summary: &CohortSummary, terminal: &Terminal) -> String {
    let mut out = format!(
        "\n{}\n{}\n\n",
        terminal.tone(Tone::Strong, &escape(&summary.title)),
        terminal.tone(
            Tone::Faint,
            &format!(
                "{}, {} animals per arm ({}), end of survival: {}",
                summary.subject, summary.subjects, summary.pairing, summary.endpoint
            )
        ),
    );
    let texts = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    let mut rows: Vec<Vec<String>> = vec![texts(&[
        "arm",
        "ends",
        "other",
        "failed",
        "onset",
        "median",
        "95 %",
        "restricted mean",
        "SD",
    ])];
    let range = |low: Option<f64>, high: Option<f64>, digits: usize| match (low, high) {
        (Some(low), Some(high)) => format!("{low:.digits$} to {high:.digits$}"),
        (Some(low), None) => format!("from {low:.digits$}"),
        _ => "-".to_owned(),
    };
    for name in &summary.arm_order {
        let Some(arm) = summary.arms.get(name) else {
            continue;
        };
        rows.push(vec![
            escape(name).into_owned(),
            format!("{} of {}", arm.events, arm.subjects),
            arm.other_deaths.to_string(),
            arm.failed.to_string(),
            age(arm.onset_d),
            age(arm.median_survival_d),
            range(arm.median_survival_lower_d, arm.median_survival_upper_d, 1),
            age(arm.mean_survival_d),
            arm.sd_survival_d
                .map_or_else(|| "-".to_owned(), |deviation| format!("{deviation:.1}")),
        ]);
    }
    let mut align = vec![Align::Left];
    align.resize(rows[0].len(), Align::Right);
    out.push_str(&columns(&rows, &align, terminal));
    let number = |value: Option<f64>, digits: usize| {
        value.map_or_else(|| "-".to_owned(), |value| format!("{value:.digits$}"))
    };
    if !summary.comparisons.is_empty() {
        out.push('\n');
        let mut rows: Vec<Vec<String>> = vec![texts(&[
            "against the first arm",
            "restricted mean",
            "95 %",
            "within animals",
            "log-rank p",
            "hazard ratio",
            "95 %",
        ])];
        for found in &summary.comparisons {
            rows.push(vec![
                escape(&found.arm).into_owned(),
                difference(found.difference_d),
                range(
                    found.rmst_difference_lower_d,
                    found.rmst_difference_upper_d,
                    1,
                ),
                found.paired_difference_d.map_or_else(
                    || "-".to_owned(),
                    |mean| {
                        let spread = (found.paired_difference_sd_d)
                            .map_or_else(String::new, |spread| format!(" (SD {spread:.1})"));
                        difference(Some(mean)) + &spread
                    },
                ),
                found.log_rank_p.map_or_else(|| "-".to_owned(), probability),
                number(found.hazard_ratio, 2),
                range(found.hazard_ratio_lower, found.hazard_ratio_upper, 2),
            ]);
        }
        align.truncate(7);
        out.push_str(&columns(&rows, &align, terminal));
        for found in &summary.comparisons {
            for (name, reason) in &found.not_estimable {
                let text = format!("{}: {name}: {reason}", escape(&found.arm));
                out.push_str(&format!("{}\n", wrap(&text, terminal)));
            }
        }
    }
    if let Some(note) = restricted(summary) {
        out.push_str(&format!("\n{}", wrap(&note, terminal)));
    }
    out.push_str(&format!("\n{}\n", wrap(summary.note, terminal)));
    let note = "This is a model fitted to small studies, not an experiment and not medical advice.";
    out.push_str(&format!("{}\n", wrap(note, terminal)));
    out
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
                escape(name),
                short(age)
            ));
        }
    }
    Some(text + ".")
}

/// The summary of a trial.
pub(super) fn trial_summary(summary: &TrialSummary, terminal: &Terminal) -> String {
    let number = |value: Option<f64>, digits: usize| {
        value.map_or_else(|| "-".to_owned(), |value| format!("{value:.digits$}"))
    };
    let percent = |value: Option<f64>| {
        value.map_or_else(
            || "-".to_owned(),
            |share| number(Some(100.0 * share), 1) + " %",
        )
    };
    let mut out = format!(
        "\n{}\n{}\n\n",
        terminal.tone(Tone::Strong, &escape(&summary.title)),
        terminal.tone(
            Tone::Faint,
            &format!(
                "{}, {} experiments each, drawn from {} animals ({}, parameters: {}); end of \
                 survival: {}",
                summary.subject,
                summary.replicates,
                summary.pool,
                summary.sexes,
                summary.parameters,
                summary.endpoint
            )
        ),
    );
    if let [control, treated] = &summary.arms[..] {
        let text = format!("  {} against {}\n", escape(treated), escape(control));
        out.push_str(&text);
    }
    out.push_str(&format!(
        "  true effect in the model: {} d (SD between animals {})\n\n",
        number(summary.true_effect_d, 1),
        number(summary.true_effect_sd_d, 1)
    ));
    let texts = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    let large = format!("or \u{2265} {} d", short(summary.large_difference_d));
    let mut rows: Vec<Vec<String>> = vec![texts(&[
        "design",
        "per arm",
        "power",
        "false positives",
        &large,
        "exaggeration",
        "wrong sign",
    ])];
    for entry in &summary.designs {
        rows.push(vec![
            escape(&entry.design).into_owned(),
            entry.group_size.to_string(),
            percent(entry.power),
            percent(entry.false_positives),
            percent(entry.false_alarms),
            number(entry.exaggeration, 2),
            percent(entry.wrong_sign),
        ]);
    }
    let mut align = vec![Align::Left];
    align.resize(rows[0].len(), Align::Right);
    out.push_str(&columns(&rows, &align, terminal));
    let mut named: Vec<&str> = Vec::new();
    for entry in &summary.designs {
        if !named.contains(&entry.design.as_str()) {
            named.push(&entry.design);
            let size = entry
                .sample_size
                .map_or_else(|| "none found".to_owned(), |size| format!("{size:.0}"));
            out.push_str(&format!(
                "\n  {}: animals per arm for the wanted power: {size}",
                escape(&entry.design)
            ));
        }
    }
    let note = "False positives, and those with a difference of that many days besides, are with a \
                treatment that does nothing. Intervals are in trial.csv.";
    out.push_str(&format!("\n\n{}\n", wrap(note, terminal)));
    out
}

/// A p value as it is printed in a paper.
fn probability(p: f64) -> String {
    if p < 1e-3 {
        format!("{p:.1e}")
    } else {
        format!("{p:.3}")
    }
}

pub(super) fn wrap(text: &str, terminal: &Terminal) -> String {
    let mut lines: Vec<String> = vec![String::new()];
    for word in text.split(' ') {
        let line = lines.last().map_or(0, |line| line.chars().count());
        // The line begins with two spaces, and the word with one.
        if line + word.chars().count() + 3 > WIDTH && line > 0 {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    let toned = lines
        .iter()
        .map(|line| format!("  {}", terminal.tone(Tone::Faint, line)));
    toned.collect::<Vec<_>>().join("\n")
}

fn endpoint_table(summary: &Summary, terminal: &Terminal) -> String {
    let paralysis = summary.arms.values().any(|arm| arm.paralysis_d.is_some());
    let compared = !summary.comparisons.is_empty();
    let mut heading = vec!["arm".to_owned(), "onset".to_owned()];
    let mut align = vec![Align::Left, Align::Right];
    if compared {
        heading.push(String::new());
        align.push(Align::Right);
    }
    if paralysis {
        heading.push("paralysis".to_owned());
        align.push(Align::Right);
    }
    heading.push("death".to_owned());
    align.push(Align::Right);
    if compared {
        heading.push(String::new());
        align.push(Align::Right);
    }
    let mut rows = vec![heading];
    for name in &summary.arm_order {
        let Some(arm) = summary.arms.get(name) else {
            continue;
        };
        let comparison = summary
            .comparisons
            .iter()
            .find(|comparison| comparison.arm == *name);
        let mut row = vec![escape(name).into_owned(), age(arm.onset_d)];
        if compared {
            row.push(difference(comparison.and_then(|c| c.onset_difference_d)));
        }
        if paralysis {
            row.push(age(arm.paralysis_d));
        }
        row.push(end_of_life(arm));
        if compared {
            row.push(difference(comparison.and_then(|c| c.difference_d)));
        }
        rows.push(row);
    }
    columns(&rows, &align, terminal)
}

fn end_of_life(arm: &ArmSummary) -> String {
    let last = arm.last_d.or(arm.failed_at_d).unwrap_or_default();
    match (arm.status.as_str(), arm.death_d, arm.event.as_str()) {
        ("ok", Some(days), _) => format!("{days:.1} d"),
        ("ok", None, "other_death") => format!("other, {last:.1} d"),
        ("ok", None, _) => format!("alive at {} d", short(last)),
        _ => format!("failed at {last:.1} d"),
    }
}

/// Observables at the ages of the summary: one row each, one column per age and arm.
fn observable_table(summary: &Summary, scenario: &Scenario, terminal: &Terminal) -> Option<String> {
    /// More columns than this do not fit on a terminal.
    const MOST_COLUMNS: usize = 8;
    let arms: Vec<&String> = summary.arm_order.iter().collect();
    let ages = &scenario.output.ages;
    if ages.is_empty() || arms.is_empty() || scenario.output.summary.is_empty() {
        return None;
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
    let mut text = columns(&rows, &align, terminal);
    if shown_arms.len() < arms.len() || shown_ages.len() < ages.len() {
        text.push_str(&format!(
            "  {}\n",
            terminal.tone(Tone::Faint, "the other arms and ages are in summary.json")
        ));
    }
    Some(text)
}

fn clip(name: &str) -> String {
    let name = escape(name);
    match name.char_indices().nth(16) {
        None => name.into_owned(),
        Some((end, _)) => format!("{}\u{2026}", &name[..end]),
    }
}

/// Where the files are.
pub(super) fn where_written(target: &Path, files: usize, terminal: &Terminal) -> String {
    let path = target.display().to_string();
    let path = terminal.tone(Tone::Strong, &escape(&path));
    format!("\n  {files} files in {path}\n")
}
