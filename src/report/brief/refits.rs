//! What is told of refits.

use super::{Align, Brief, heading, short};
use crate::analysis::calibrate::refit::Refitted;

/// Every refit with its objective and its end.
#[must_use]
pub fn refits(found: &[Refitted]) -> Brief {
    let mut rows = vec![heading(["refit", "objective", "end"])];
    for refit in found {
        let objective = refit.objective.map_or_else(String::new, short);
        rows.push(vec![refit.name.clone(), objective, refit.ended.clone()]);
    }
    let mut brief = Brief::default();
    brief.gap();
    brief.title("Refits");
    brief.table(rows, &[Align::Left, Align::Right, Align::Left]);
    brief
}
