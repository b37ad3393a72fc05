//! Intervals of predictions on the terminal, by what they come from.

use super::layout::{Align, columns};
use super::terminal::{Terminal, Tone};
use gutbrain::analysis::intervals::Uncertain;
use gutbrain::analysis::range::Range;
use gutbrain_network::fault::escape;

/// One row for each number; nothing without any.
pub(super) fn layout(found: &[Uncertain], terminal: &Terminal) -> String {
    if found.is_empty() {
        return String::new();
    }
    let title = "5 % to 95 %, in days, from";
    let words = [title, "", "preset", "parameters", "animals", "both"];
    let mut rows = vec![words.map(str::to_owned).to_vec()];
    let range = |range: Option<Range>| {
        let Some((range, low, high)) = range.and_then(|it| Some((it, it.q05?, it.q95?))) else {
            return "-".to_owned();
        };
        let missing = match range.missing {
            0 => String::new(),
            missing => format!(" ({missing} not reached)"),
        };
        format!("{low:.1} to {high:.1}{missing}")
    };
    for one in found {
        let name = match &one.against {
            None => escape(&one.arm).into_owned(),
            Some(first) => format!("{} \u{2212} {}", escape(&one.arm), escape(first)),
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
    use Align::{Left, Right};
    let align = [Left, Left, Right, Right, Right, Right];
    let title = terminal.tone(Tone::Strong, "Uncertainty");
    format!("\n{title}\n{}", columns(&rows, &align, terminal))
}
