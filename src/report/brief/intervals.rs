//! What is told of the intervals of a cohort's predictions, by what they come from.

use super::{Align, Brief, heading};
use crate::analysis::intervals::Uncertain;
use crate::analysis::range::Range;

/// One row for each number; nothing without any.
#[must_use]
pub fn intervals(found: &[Uncertain]) -> Brief {
    use Align::{Left, Right};
    let mut brief = Brief::default();
    if found.is_empty() {
        return brief;
    }
    let title = "5 % to 95 %, in days, from";
    let words = [title, "", "preset", "parameters", "animals", "both"];
    let mut rows = vec![heading(words)];
    for one in found {
        let name = match &one.against {
            None => one.arm.clone(),
            Some(first) => format!("{} \u{2212} {first}", one.arm),
        };
        rows.push(vec![
            name,
            one.quantity.trim_end_matches("_d").to_owned(),
            one.preset
                .map_or_else(|| "-".to_owned(), |days| format!("{days:.1}")),
            range(Some(one.parameters)),
            range(one.animals),
            range(one.both),
        ]);
    }
    brief.gap();
    brief.title("Uncertainty");
    brief.table(rows, &[Left, Left, Right, Right, Right, Right]);
    brief
}

fn range(range: Option<Range>) -> String {
    let Some((range, low, high)) = range.and_then(|it| Some((it, it.q05?, it.q95?))) else {
        return "-".to_owned();
    };
    let missing = match range.missing {
        0 => String::new(),
        missing => format!(" ({missing} not reached)"),
    };
    format!("{low:.1} to {high:.1}{missing}")
}
