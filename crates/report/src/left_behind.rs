//! What interrupted commands left behind, as a table.

use gutbrain::report::brief::{Align, Brief};
use gutbrain_store::Cleaned;

/// What was left, one a row: where, what, how large, and what became of it.
#[must_use]
pub fn left_behind(found: &[Cleaned]) -> Brief {
    let rows = found.iter().map(|Cleaned { left, outcome, .. }| {
        vec![
            left.path.display().to_string(),
            left.kind.to_string(),
            size(left.bytes),
            (*outcome).to_owned(),
        ]
    });
    let mut brief = Brief::default();
    let align = [Align::Left, Align::Left, Align::Right, Align::Left];
    brief.table(rows.collect(), &align);
    brief
}

/// Bytes in words, by thousands.
fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{} kB", bytes / 1_000),
        1_000_000..1_000_000_000 => format!("{} MB", bytes / 1_000_000),
        _ => format!("{} GB", bytes / 1_000_000_000),
    }
}
