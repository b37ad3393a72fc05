//! What is told of a model against its evidence.

use super::{Align, Brief, heading};
use crate::analysis::validate::{Line, Scoreboard, Verdict};
use crate::report::documents::{left_open, published, three_digits};

/// The disagreements, every comparison, and how many there are of each verdict.
#[must_use]
pub fn validation(board: &Scoreboard) -> Brief {
    let mut brief = Brief::default();
    let wrong: Vec<&Line> = board.disagreements().collect();
    if !wrong.is_empty() {
        brief.title("Disagreements");
        comparisons(&wrong, &mut brief);
        brief.gap();
    }
    for (title, fitted) in [("Held out", false), ("Fitted", true)] {
        let (missing, shown): (Vec<&Line>, Vec<&Line>) = board
            .lines
            .iter()
            .filter(|line| line.fitted == fitted)
            .partition(|line| line.verdict == Verdict::NotRepresentable);
        brief.title(title);
        comparisons(&shown, &mut brief);
        let missing: Vec<&str> = missing.iter().map(|line| line.row.as_str()).collect();
        brief.line(format!("not representable: {}", missing.join(" ")));
        brief.gap();
    }
    let mut rows = vec![heading(["verdict", "held out", "fitted"])];
    for (word, verdict) in Verdict::WORDS {
        rows.push(vec![
            (*word).to_owned(),
            board.count(*verdict, false).to_string(),
            board.count(*verdict, true).to_string(),
        ]);
    }
    brief.table(rows, &[Align::Left, Align::Right, Align::Right]);
    brief
}

fn comparisons(lines: &[&Line], brief: &mut Brief) {
    use Align::{Left, Right};
    let mut rows = vec![heading([
        "row",
        "what",
        "predicted",
        "90 %",
        "posterior",
        "published",
        "verdict",
    ])];
    for line in lines {
        let unit = if line.unit == "1" { "" } else { &line.unit };
        rows.push(vec![
            line.row.clone(),
            line.says.clone(),
            line.predicted.map_or_else(
                || "-".to_owned(),
                |it| format!("{} {unit}", three_digits(it)).trim_end().to_owned(),
            ),
            line.interval.map_or_else(String::new, |(low, high)| {
                format!("{} to {}", three_digits(low), three_digits(high))
            }),
            left_open(line),
            line.claim.map_or_else(String::new, published),
            line.verdict.word().to_owned(),
        ]);
    }
    brief.table(rows, &[Left, Left, Right, Right, Right, Right, Left]);
}
