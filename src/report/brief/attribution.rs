//! What is told of a difference that was split over pathways.

use super::{Align, Brief, heading};
use crate::analysis::attribute::{Attribution, LeftOpen, is_narrow};
use crate::analysis::range::Range;
use crate::report::documents::three_digits;

/// What is said instead of a share that the data at hand do not fix.
const OPEN: &str = "not identifiable";

/// The shares, what of them rests on assumptions, and how well they are known.
#[must_use]
pub fn attribution(found: &Attribution) -> Brief {
    use Align::{Left, Right};
    let mut brief = Brief::default();
    brief.gap();
    brief.title(format!(
        "{}: {} against {}, {} {}",
        found.feature,
        found.arm,
        found.reference,
        three_digits(found.difference),
        found.unit
    ));
    brief.table(shares(found), &[Left, Right, Right, Right, Right, Left]);
    brief.gap();
    brief.line(format!(
        "{} pass gates of a strength that is assumed without any evidence.",
        on_assumed(found)
    ));
    if let Some(open) = &found.open {
        what_vectors_say(found, open, &mut brief);
    }
    what_priors_say(found, &mut brief);
    if found.open.is_some() {
        brief.line("Shares belong to this model at these values.");
    } else {
        brief.line(
            "Shares belong to this model at these values; without a posterior nothing is known of how far \
             the data",
        );
        brief.line("at hand fix them.");
    }
    brief
}

/// "low to high", nothing without an interval.
fn interval(range: Option<Range>) -> String {
    match range.and_then(|it| Some((it.q05?, it.q95?))) {
        Some((low, high)) => format!("{} to {}", three_digits(low), three_digits(high)),
        None => String::new(),
    }
}

/// The same in brackets after a number.
fn in_brackets(range: Option<Range>) -> String {
    let text = interval(range);
    if text.is_empty() {
        text
    } else {
        format!(" ({text})")
    }
}

fn shares(found: &Attribution) -> Vec<Vec<String>> {
    let open = found.open.as_ref();
    let mut rows = vec![heading([
        "pathway",
        "share",
        "5 % to 95 %",
        "alone",
        "lost without",
        "assumed parameters of its gates",
    ])];
    for (place, share) in found.shares.iter().enumerate() {
        rows.push(vec![
            share.pathway.clone(),
            match found.is_identified(place) {
                Some(false) => OPEN.to_owned(),
                _ => three_digits(share.share),
            },
            interval(open.map(|open| open.shares[place])),
            three_digits(share.alone),
            three_digits(share.lost),
            share.assumed.join(", "),
        ]);
    }
    let rest = match open {
        Some(open) if !is_narrow(found.rest, &open.rest) => OPEN.to_owned(),
        _ => three_digits(found.rest),
    };
    rows.push(vec![
        "(rest)".to_owned(),
        rest,
        interval(open.map(|open| open.rest)),
        String::new(),
        String::new(),
        String::new(),
    ]);
    rows
}

/// How much passes gates of an assumed strength.
fn on_assumed(found: &Attribution) -> String {
    let (unit, open) = (&found.unit, found.open.as_ref());
    match open {
        Some(open) if !is_narrow(found.on_assumed(), &open.on_assumed) => {
            let range = interval(Some(open.on_assumed));
            format!("Between {} {unit}", range.replace(" to ", " and "))
        }
        _ => format!(
            "{}{} {unit}",
            three_digits(found.on_assumed()),
            in_brackets(open.map(|open| open.on_assumed))
        ),
    }
}

fn what_vectors_say(found: &Attribution, open: &LeftOpen, brief: &mut Brief) {
    let missing = match open.difference.missing {
        0 => ".".to_owned(),
        missing => format!("; {missing} have no value."),
    };
    brief.line(format!(
        "Intervals: {} vectors of the posterior of the fitted parameters; the difference is {}{} {}{missing}",
        open.vectors,
        three_digits(found.difference),
        in_brackets(Some(open.difference)),
        found.unit
    ));
    if !open.unidentified.is_empty() {
        brief.line(format!(
            "Not identifiable from the data at hand: the shares of {}.",
            open.unidentified.join(", ")
        ));
    }
}

fn what_priors_say(found: &Attribution, brief: &mut Brief) {
    let (Some(grounds), Some(half)) = (found.grounds, found.half_interval) else {
        return;
    };
    let percent = |share: f64| format!("{:.0} %", 100.0 * share);
    // Wider than the difference, "27.9 ± 82" would read like a measurement.
    let left = if half < found.difference.abs() {
        format!(
            "Priors alone leave {} \u{b1} {} {} (local 90 %)",
            three_digits(found.difference),
            three_digits(half),
            found.unit
        )
    } else {
        "Priors alone leave even the sign of the difference open (local 90 %)".to_owned()
    };
    brief.line(format!(
        "{left}; of that variance {} rests on assumed parameters,",
        percent(grounds.assumed)
    ));
    brief.line(format!(
        "{} on such with evidence and an assumption, {} on evidence alone.",
        percent(grounds.both),
        percent(grounds.evidence)
    ));
}
