//! `gutbrain calibrate FILE --profile PARAM,…` and `--stationary`: what the data say of each parameter,
//! and whether the shipped values are a bottom.

use std::sync::atomic::{AtomicU64, Ordering};

use super::super::Ending;
use super::super::failure::Failure;
use super::super::layout::{Align, columns, short, where_written};
use super::super::terminal::{Terminal, Tone};
use super::{Options, Prepared};
use gutbrain::analysis::calibrate::profile::{End, Profile, profiles};
use gutbrain::results::calibration;
use gutbrain::study::picture;
use gutbrain_table::{Column, Table};

/// What a fit says that cannot even begin.
const NOTHING: &str = "a target has no value with the values as they stand";

/// Draws the profiles of the parameters that are asked for, or of all.
pub(super) fn profile(
    options: &Options,
    prepared: &Prepared,
    terminal: &Terminal,
) -> Result<Ending, Failure> {
    let setting = prepared.setting()?;
    let fitted = &prepared.calibration.parameters;
    let mut chosen = Vec::new();
    for id in &options.profile {
        if id == "all" {
            chosen = (0..fitted.len()).collect();
            break;
        }
        let place = fitted.iter().position(|it| it.id == *id);
        let missing = || Failure::Usage(format!("`{id}` is not fitted by this calibration"));
        chosen.push(place.ok_or_else(missing)?);
    }
    let target = options.target("-profile");
    let mut written = options.begin(&target, "calibrate --profile", terminal)?;
    let done = AtomicU64::new(0);
    let progress = || {
        let done = done.fetch_add(1, Ordering::Relaxed) + 1;
        terminal.progress(&format!("{done} places of {} profiles", chosen.len()));
    };
    let found = prepared
        .pool
        .install(|| profiles(&setting, &chosen, &progress))
        .ok_or_else(|| Failure::Usage(NOTHING.to_owned()))?;
    let mut files = 2;
    for table in [places(&found), intervals(&found)] {
        written.add(&format!("{}.csv", table.name), table.to_csv()?.as_bytes())?;
        files += 1;
    }
    for figure in calibration::profiles(&found)? {
        for (name, bytes) in picture(&figure)? {
            written.add(&name, &bytes)?;
            files += 1;
        }
    }
    written.add("calibration.toml", prepared.source.text.as_bytes())?;
    let all = found.iter().flat_map(|it| &it.places);
    let (requested, failed) = all.fold((0, 0), |(all, failed), place| {
        (all + 1, failed + usize::from(place.objective.is_none()))
    });
    written.finish(|manifest| prepared.describe(manifest, requested, failed))?;
    terminal.print_summary(&layout(&found, terminal))?;
    terminal.print_summary(&where_written(&target, files, terminal))?;
    Ok(Ending::Done)
}

fn places(found: &[Profile]) -> Table {
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
        ],
    )
}

fn end(end: End) -> (f64, &'static str) {
    match end {
        End::At(value) => (value, ""),
        End::Beyond(value) => (value, "open"),
    }
}

fn intervals(found: &[Profile]) -> Table {
    let ends: Vec<_> = found.iter().map(Profile::interval).collect();
    let numbers = |of: &dyn Fn(usize) -> f64| (0..found.len()).map(of).collect();
    let texts = |of: &dyn Fn(usize) -> String| (0..found.len()).map(of).collect();
    Table::new(
        "intervals",
        vec![
            Column::text("parameter", texts(&|i| found[i].id.clone())),
            Column::numbers("value", "", numbers(&|i| found[i].value)),
            Column::numbers("low", "", numbers(&|i| end(ends[i].0).0)),
            Column::text("low_end", texts(&|i| end(ends[i].0).1.to_owned())),
            Column::numbers("high", "", numbers(&|i| end(ends[i].1).0)),
            Column::text("high_end", texts(&|i| end(ends[i].1).1.to_owned())),
            Column::numbers("change_of_targets", "", numbers(&|i| found[i].informed())),
        ],
    )
}

fn layout(found: &[Profile], terminal: &Terminal) -> String {
    use Align::{Left, Right};
    let words = [
        "parameter",
        "value",
        "95 % profile interval",
        "targets change by",
        "",
    ];
    let mut rows = vec![words.map(str::to_owned).to_vec()];
    for profile in found {
        let (low, high) = profile.interval();
        let text = |found: End, word: &str| match found {
            End::At(value) => short(value),
            End::Beyond(value) => format!("{word} {}", short(value)),
        };
        let change = profile.informed();
        // The threshold of the interval: less than that, and the targets alone never end it.
        let remark = if change < gutbrain::analysis::calibrate::profile::THRESHOLD {
            "not identified by the targets"
        } else {
            ""
        };
        rows.push(vec![
            profile.id.clone(),
            short(profile.value),
            format!("{} to {}", text(low, "below"), text(high, "above")),
            short(change),
            remark.to_owned(),
        ]);
    }
    format!(
        "\n{}\n{}",
        terminal.tone(Tone::Strong, "Profiles"),
        columns(&rows, &[Left, Right, Right, Right, Left], terminal)
    )
}

/// Says whether the values as they stand are a bottom of the objective; exit code 1 if not.
pub(super) fn stationary(prepared: &Prepared, terminal: &Terminal) -> Result<Ending, Failure> {
    let setting = prepared.setting()?;
    let found = prepared
        .pool
        .install(|| setting.stationarity())
        .ok_or_else(|| Failure::Usage(NOTHING.to_owned()))?;
    let mut text = format!(
        "  objective {}; a step to the bottom of the local parabola would gain {}\n",
        short(found.objective),
        short(found.gain)
    );
    let mut rows = vec![vec!["parameter".to_owned(), "step, sd".to_owned()]];
    for (id, step) in found.steps.iter().take(5) {
        rows.push(vec![id.clone(), format!("{step:+.4}")]);
    }
    text.push_str(&columns(&rows, &[Align::Left, Align::Right], terminal));
    terminal.print(&text)?;
    if found.is_stationary() {
        Ok(Ending::Done)
    } else {
        terminal.warn("the values as they stand are no bottom of this calibration");
        Ok(Ending::NotAsExpected)
    }
}
