//! What is told of a laboratory's own data beside a run.

use super::numbers::{age, fixed, probability, short};
use super::{Align, Brief, heading};
use crate::results::own_data::{DataSummary, WorstRow};

/// How far the model is from the data: how many values were counted, how far they are off, the worst of them;
/// own survival beside the simulated one.
pub(super) fn own_data(summary: Option<&DataSummary>, brief: &mut Brief) {
    let Some(found) = summary else { return };
    brief.gap();
    brief.title("How far the model is from your data");
    if found.rows + found.unmeasured > 0 {
        brief.line(counted(found));
    }
    if let Some(worst) = &found.worst {
        brief.line(furthest(worst));
    }
    if let Some(small) = found.p_to_005 {
        brief.line(format!(
            "{small} of {} values lie among the outer twentieth of the simulated animals (p of 0.05 or less)",
            found.rows - found.not_alive
        ));
    }
    if found.survival.is_empty() {
        return;
    }
    let tested = found.survival.iter().any(|arm| arm.log_rank_p.is_some());
    let mut rows = vec![heading(["arm", "animals", "ends", "median", "simulated"])];
    if tested {
        rows[0].push("log-rank p".to_owned());
    }
    for arm in &found.survival {
        let mut row = vec![
            arm.arm.clone(),
            arm.animals.to_string(),
            arm.events.to_string(),
            age(arm.median_d),
            age(arm.simulated_median_d),
        ];
        if tested {
            row.push(arm.log_rank_p.map_or_else(|| "-".to_owned(), probability));
        }
        rows.push(row);
    }
    let mut align = vec![Align::Left];
    align.resize(rows[0].len(), Align::Right);
    brief.table(rows, &align);
}

fn counted(found: &DataSummary) -> String {
    let values = if found.rows == 1 { "value" } else { "values" };
    let mut text = format!("{} {values}", found.rows);
    match found.rms_sd {
        Some(_) => text.push_str(&format!(
            ", {} counted: root mean square {} SD of the data",
            found.compared,
            fixed(found.rms_sd, 2)
        )),
        None => text.push_str(", none of them with a spread to count in"),
    }
    let mut parts = Vec::new();
    if found.without_spread > 0 && found.rms_sd.is_some() {
        parts.push(format!("{} without a spread", found.without_spread));
    }
    if found.not_alive > 0 {
        parts.push(format!("{} after the simulated death", found.not_alive));
    }
    if found.unmeasured > 0 {
        parts.push(match found.unmeasured {
            1 => "1 empty cell".to_owned(),
            many => format!("{many} empty cells"),
        });
    }
    if !parts.is_empty() {
        text.push_str(&format!(" ({})", parts.join(", ")));
    }
    text
}

fn furthest(worst: &WorstRow) -> String {
    let sign = if worst.residual_sd < 0.0 {
        "\u{2212}"
    } else {
        "+"
    };
    format!(
        "furthest off: {} at {} d in `{}`, {sign}{:.1} SD ({}:{})",
        worst.variable,
        short(worst.time_d),
        worst.arm,
        worst.residual_sd.abs(),
        worst.file,
        worst.line
    )
}
