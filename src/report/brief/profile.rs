//! What is told of profiles, and of whether the values as they stand are a bottom.

use super::{Align, Brief, heading, short};
use crate::analysis::calibrate::profile::{End, Profile, THRESHOLD};
use crate::analysis::calibrate::stationary::Stationarity;

/// Steps that are shown, largest first.
const SHOWN: usize = 5;

/// The interval of every parameter, and whether the targets identify it.
#[must_use]
pub fn profiles(found: &[Profile]) -> Brief {
    use Align::{Left, Right};
    let mut rows = vec![heading([
        "parameter",
        "value",
        "95 % profile interval",
        "targets change by",
        "",
    ])];
    for profile in found {
        let text = |found: End, word: &str| match found {
            End::At(value) => short(value),
            End::Beyond(value) => format!("{word} {}", short(value)),
        };
        let change = profile.informed();
        // The threshold of the interval: less than that, and the targets alone never end it.
        let remark = if change < THRESHOLD {
            "not identified by the targets"
        } else {
            ""
        };
        let parts = profile.intervals();
        let parts = parts
            .iter()
            .map(|&(low, high)| format!("{} to {}", text(low, "below"), text(high, "above")));
        rows.push(vec![
            profile.id.clone(),
            short(profile.value),
            parts.collect::<Vec<_>>().join(" or "),
            short(change),
            remark.to_owned(),
        ]);
    }
    let mut brief = Brief::default();
    brief.gap();
    brief.title("Profiles");
    brief.table(rows, &[Left, Right, Right, Right, Left]);
    brief
}

/// How far the values as they stand are from the bottom, and the parameters that are furthest.
#[must_use]
pub fn stationarity(found: &Stationarity) -> Brief {
    let mut brief = Brief::default();
    brief.line(format!(
        "objective {}; a step to the bottom of the local parabola would gain {}",
        short(found.objective),
        short(found.gain)
    ));
    let mut rows = vec![heading(["parameter", "step, sd"])];
    for (id, step) in found.steps.iter().take(SHOWN) {
        rows.push(vec![id.clone(), format!("{step:+.4}")]);
    }
    brief.table(rows, &[Align::Left, Align::Right]);
    brief
}
