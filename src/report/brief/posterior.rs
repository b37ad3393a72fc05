//! What is told of a sampled posterior.

use super::{Align, Brief, heading, short};
use crate::analysis::calibrate::ensemble::{Sampled, Summary, UNMIXED};

/// What the chains say of targets and parameters, and how well they mixed.
#[must_use]
pub fn posterior(sampled: &Sampled) -> Brief {
    use Align::{Left, Right};
    let mut brief = Brief::default();
    for (title, lines) in [
        ("Targets", &sampled.targets),
        ("Parameters", &sampled.parameters),
    ] {
        brief.gap();
        brief.title(title);
        brief.table(quantiles(lines), &[Left, Right, Right, Right, Right, Right]);
    }
    let (hat, bulk, tails) = sampled.worst();
    let tally = sampled.tally;
    brief.gap();
    brief.line(format!(
        "{} of {} proposals accepted, {} could not be evaluated",
        tally.accepted, tally.proposed, tally.failed
    ));
    brief.line(format!(
        "worst R-hat {hat:.3}, fewest effective draws {bulk:.0}, of tails {tails:.0}"
    ));
    if !sampled.is_well_mixed() {
        brief.line(format!("{UNMIXED}: sample longer"));
    }
    brief
}

fn quantiles(lines: &[Summary]) -> Vec<Vec<String>> {
    let words = ["", "5 %", "median", "95 %", "R-hat", "effective"];
    let mut rows = vec![heading(words)];
    for line in lines {
        rows.push(vec![
            line.name.clone(),
            short(line.quantiles[0]),
            short(line.quantiles[1]),
            short(line.quantiles[2]),
            line.r_hat.map_or_else(String::new, |it| format!("{it:.3}")),
            line.effective
                .map_or_else(String::new, |it| format!("{:.0}", it.0)),
        ]);
    }
    rows
}
