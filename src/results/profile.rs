//! Tables of profiles: their places, and the intervals that they give.

use crate::analysis::calibrate::profile::{End, Place, Profile};
use crate::report::table::{Column, Table};

/// `profiles.csv`: every place of every profile.
#[must_use]
pub fn places(found: &[Profile]) -> Table {
    let rows: Vec<_> = found
        .iter()
        .flat_map(|profile| profile.places.iter().map(move |place| (profile, place)))
        .collect();
    let column = |name: &str, of: &dyn Fn(usize) -> Option<f64>| {
        Column::optional_numbers(name, "", (0..rows.len()).map(of).collect())
    };
    Table::new(
        "profiles",
        vec![
            Column::text(
                "parameter",
                rows.iter().map(|row| row.0.id.clone()).collect(),
            ),
            column("value", &|i| Some(rows[i].1.value)),
            column("position", &|i| Some(rows[i].1.position)),
            column("objective", &|i| rows[i].1.objective.map(|(t, p)| t + p)),
            column("targets", &|i| rows[i].1.objective.map(|(t, _)| t)),
            column("priors", &|i| rows[i].1.objective.map(|(_, p)| p)),
            Column::text(
                "ended",
                rows.iter().map(|row| ended(row.1).to_owned()).collect(),
            ),
        ],
    )
}

/// What the fit of a place is.
fn ended(place: &Place) -> &'static str {
    match place {
        Place {
            objective: None, ..
        } => "no value",
        Place {
            is_bottom: true, ..
        } => "converged",
        Place { .. } => "no minimum",
    }
}

fn end(end: End) -> (f64, &'static str) {
    match end {
        End::At(value) => (value, ""),
        End::Beyond(value) => (value, "open"),
    }
}

/// `intervals.csv`: one row for every part of a 95 % set, the one around the lowest place first.
#[must_use]
pub fn intervals(found: &[Profile]) -> Table {
    let parts: Vec<(&Profile, (End, End))> = found
        .iter()
        .flat_map(|profile| profile.intervals().into_iter().map(move |it| (profile, it)))
        .collect();
    let numbers = |of: &dyn Fn(&Profile, (End, End)) -> f64| {
        parts.iter().map(|&(profile, it)| of(profile, it)).collect()
    };
    let texts = |of: &dyn Fn(&Profile, (End, End)) -> String| {
        parts.iter().map(|&(profile, it)| of(profile, it)).collect()
    };
    Table::new(
        "intervals",
        vec![
            Column::text("parameter", texts(&|it, _| it.id.clone())),
            Column::numbers("value", "", numbers(&|it, _| it.value)),
            Column::numbers("low", "", numbers(&|_, ends| end(ends.0).0)),
            Column::text("low_end", texts(&|_, ends| end(ends.0).1.to_owned())),
            Column::numbers("high", "", numbers(&|_, ends| end(ends.1).0)),
            Column::text("high_end", texts(&|_, ends| end(ends.1).1.to_owned())),
            Column::numbers("change_of_targets", "", numbers(&|it, _| it.informed())),
        ],
    )
}
