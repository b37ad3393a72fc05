//! What is told of a trial that was repeated.

use super::numbers::{fixed, short};
use super::{Align, Brief};
use crate::results::trial::{DesignEntry, TrialSummary};

/// Power, false positives and exaggeration of every design, and the sizes that give the wanted power.
#[must_use]
pub fn trial(summary: &TrialSummary) -> Brief {
    let mut brief = Brief::default();
    brief.head(
        &summary.title,
        format!(
            "{}, {} experiments each, drawn from {} ({}, parameters: {}); end of survival: {}",
            summary.subject,
            summary.replicates,
            pool(summary),
            summary.sexes,
            summary.parameters,
            summary.endpoint
        ),
    );
    if let [control, treated] = &summary.arms[..] {
        brief.line(format!("{treated} against {control}"));
    }
    brief.line(format!(
        "true effect in the model: {} d (SD between animals {})",
        fixed(summary.true_effect_d, 1),
        fixed(summary.true_effect_sd_d, 1)
    ));
    let mut described: Vec<&str> = Vec::new();
    for entry in &summary.designs {
        let Some(course) = &entry.course else {
            continue;
        };
        if described.contains(&entry.design.as_str()) {
            continue;
        }
        described.push(&entry.design);
        let of = course.observable.as_ref().map(|id| format!(" of {id}"));
        let unit = if course.unit == "1" {
            String::new()
        } else {
            format!(" {}", course.unit)
        };
        let others = match course.others.as_str() {
            "" => String::new(),
            others => format!(": {others}"),
        };
        brief.note(format!(
            "{}: {}{}, true effect {}{unit}, {} to 1; {} of {} animals enter{others}",
            entry.design,
            course.endpoint,
            of.unwrap_or_default(),
            course.true_effect.map_or_else(|| "-".to_owned(), short),
            course.treated_per_control,
            course.entered,
            course.asked,
        ));
    }
    brief.gap();
    let rows = designs(summary);
    let mut align = vec![Align::Left];
    align.resize(rows[0].len(), Align::Right);
    brief.table(rows, &align);
    brief.gap();
    let mut named: Vec<&str> = Vec::new();
    for entry in &summary.designs {
        if !named.contains(&entry.design.as_str()) {
            named.push(&entry.design);
            let size = entry
                .sample_size
                .map_or_else(|| "none found".to_owned(), |size| format!("{size:.0}"));
            let treated = treated_per_control(entry);
            let size = match entry.sample_size_about {
                Some(about) => format!("none found; by its effect and its spread about {about:.0}"),
                None => size,
            };
            let per_arm = match entry.sample_size {
                Some(size) if treated > 1 => format!(
                    "controls for the wanted power: {size:.0}, and {:.0} treated",
                    size * treated as f64
                ),
                _ if treated > 1 => format!("controls for the wanted power: {size}"),
                _ => format!("animals per arm for the wanted power: {size}"),
            };
            brief.line(format!("{}: {per_arm}", entry.design));
        }
    }
    brief.gap();
    if summary.designs.iter().any(|it| treated_per_control(it) > 1) {
        brief.note("Per arm: controls + treated, where a design allots more than one treated to each control.");
    }
    brief.note(match is_of_survival(summary) {
        true => {
            "False positives, and those with a difference of that many days besides, are with a treatment that \
             does nothing. Intervals are in trial.csv."
        }
        false => {
            "False positives are with a treatment that does nothing. Intervals are in trial.csv."
        }
    });
    brief
}

/// Whether a design compares days of life.
fn is_of_survival(summary: &TrialSummary) -> bool {
    summary.designs.iter().any(DesignEntry::is_of_survival)
}

/// Treated animals for each control: 1 where a design says nothing of it.
fn treated_per_control(entry: &DesignEntry) -> u64 {
    let course = entry.course.as_ref();
    course.map_or(1, |course| course.treated_per_control)
}

fn designs(summary: &TrialSummary) -> Vec<Vec<String>> {
    let percent = |value: Option<f64>| {
        value.map_or_else(
            || "-".to_owned(),
            |share| fixed(Some(100.0 * share), 1) + " %",
        )
    };
    let large = format!("or \u{2265} {} d", short(summary.large_difference_d));
    let of_survival = is_of_survival(summary);
    let row = |[design, size, power, nothing, or_large, size_of, sign]: [String; 7]| {
        let large = of_survival.then_some(or_large);
        let before = [design, size, power, nothing].into_iter();
        before.chain(large).chain([size_of, sign]).collect()
    };
    let mut rows = vec![row([
        "design",
        "per arm",
        "power",
        "false positives",
        &large,
        "exaggeration",
        "wrong sign",
    ]
    .map(str::to_owned))];
    for entry in &summary.designs {
        rows.push(row([
            entry.design.clone(),
            match treated_per_control(entry) {
                1 => entry.group_size.to_string(),
                treated => format!("{} + {}", entry.group_size, entry.group_size * treated),
            },
            percent(entry.power),
            percent(entry.false_positives),
            percent(entry.false_alarms),
            fixed(entry.exaggeration, 2),
            percent(entry.wrong_sign),
        ]));
    }
    rows
}

/// The animals that experiments are drawn from, with those that failed and are not among them.
fn pool(summary: &TrialSummary) -> String {
    match summary.pool_failed {
        0 => format!("{} animals", summary.pool),
        failed => format!(
            "{} animals, without {failed} of {} that failed",
            summary.pool - failed,
            summary.pool
        ),
    }
}
