//! `gutbrain calibrate FILE --profile PARAM,…` and `--stationary`: what the data say of each parameter,
//! and whether the shipped values are a bottom.

use std::sync::{Mutex, PoisonError};

use super::super::Ending;
use super::super::failure::Failure;
use super::super::layout::{Align, columns, short, where_written};
use super::super::meter::Meter;
use super::super::terminal::{Terminal, Tone};
use super::{Options, Prepared, draw};
use gutbrain::analysis::calibrate::profile::{End, Place, Profile, profiles};
use gutbrain::results::calibration;
use gutbrain_table::{Column, Table};

/// Parameters times lives from which on derivatives take longer than one waits without a word.
const SOME_SECONDS: usize = 40;

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
    let meter = Mutex::new(Meter::counting(terminal, "fits"));
    let progress = || {
        let mut meter = meter.lock().unwrap_or_else(PoisonError::into_inner);
        meter.add(1, 0);
    };
    let found = prepared
        .pool
        .install(|| profiles(&setting, &chosen, &progress))
        .ok_or_else(|| Failure::Usage(NOTHING.to_owned()))?;
    let meter = meter.into_inner().unwrap_or_else(PoisonError::into_inner);
    meter.finish();
    let mut files = 2;
    for table in [places(&found), intervals(&found)] {
        written.add(&format!("{}.csv", table.name), table.to_csv()?.as_bytes())?;
        files += 1;
    }
    let figures = match calibration::profiles(&found) {
        Ok(figures) => figures.into_iter().map(Ok).collect(),
        Err(error) => vec![Err(error)],
    };
    files += draw(figures, &mut written, terminal)?;
    written.add("calibration.toml", prepared.source.text.as_bytes())?;
    let all = found.iter().flat_map(|it| &it.places);
    let (requested, failed) = all.fold((0, 0), |(all, failed), place| {
        (all + 1, failed + usize::from(place.objective.is_none()))
    });
    written.finish(|manifest| prepared.describe(manifest, requested, failed))?;
    terminal.print_summary(&layout(&found, terminal))?;
    terminal.print_summary(&where_written(&target, files, terminal))?;
    for profile in &found {
        let places = profile.places.iter().filter(|it| it.objective.is_some());
        let rough = places.filter(|it| !it.is_bottom).count();
        if rough > 0 {
            terminal.warn(&format!(
                "{rough} of {} places of the profile of `{}` are no minimum of the other parameters: it may \
                 lie lower there (allow more `evaluations`)",
                profile.places.len(),
                profile.id
            ));
        }
    }
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

/// One row for every part of a 95 % set, the one around the lowest place first.
fn intervals(found: &[Profile]) -> Table {
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
            profile
                .intervals()
                .iter()
                .map(|&(low, high)| format!("{} to {}", text(low, "below"), text(high, "above")))
                .collect::<Vec<_>>()
                .join(" or "),
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
    let parameters = prepared.calibration.parameters.len();
    if parameters * setting.lives() > SOME_SECONDS {
        terminal.remark(&format!(
            "computing the derivatives of {} targets by {parameters} parameters: some seconds",
            prepared.calibration.targets.len()
        ));
    }
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
