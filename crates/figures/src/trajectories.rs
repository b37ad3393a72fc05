//! Small multiples: one panel per variable, all arms in each, over age.

use super::curves::{Curves, Shade, VariableInfo};
use super::grid::Grid;
use super::legend::{Entry, Key};
use super::palette::{ArmStyle, Colour, DOTTED, arm_styles};
use super::panel::{Axis, Item, Panel, Sign};
use super::ticks::Range;
use super::{Figure, FigureError, PageWidth};
use std::collections::BTreeMap;

/// Most panels on one page.
pub(super) const MOST_PANELS: usize = 16;

/// More windows than this are drawn as one.
const MOST_WINDOWS: usize = 6;

/// Draws one panel for each of `variables`, at most sixteen.
///
/// Curves carry an open triangle at onset and end at death with a cross; an arm that failed or was
/// not run is named so in the legend.
///
/// # Errors
/// [`FigureError::NothingToDraw`] without variables, [`FigureError::TooManyPanels`] above
/// sixteen, [`FigureError::UnknownVariable`] for a variable that no arm has.
pub fn trajectories(
    name: &str,
    curves: &Curves,
    variables: &[&str],
    width: PageWidth,
) -> Result<Figure, FigureError> {
    if variables.is_empty() || curves.arms.is_empty() {
        return Err(FigureError::NothingToDraw {
            figure: name.into(),
        });
    }
    if variables.len() > MOST_PANELS {
        return Err(FigureError::TooManyPanels {
            figure: name.into(),
            found: variables.len(),
            most: MOST_PANELS,
        });
    }
    if let Some(unknown) = variables.iter().find(|variable| !curves.has(variable)) {
        return Err(FigureError::UnknownVariable {
            figure: name.into(),
            variable: (*unknown).to_owned(),
        });
    }
    let levels: Vec<Option<f64>> = curves.arms.iter().map(|arm| arm.level).collect();
    let styles = arm_styles(&levels);
    let ages = age_range(curves);
    let names: Vec<&str> = curves.arms.iter().map(|arm| arm.name.as_str()).collect();
    let windows = windows(&names, &curves.shades, &styles, ages);
    let panels: Vec<Panel> = variables
        .iter()
        .map(|variable| variable_panel(curves, variable, &styles, ages, &windows))
        .collect();
    let columns = column_count(width, panels.len());
    let grid = Grid {
        width: width.millimetres(),
        columns,
        proportion: if panels.len() == 1 { 0.6 } else { 0.72 },
        legend: legend(curves, variables, &styles, &windows),
        panels,
    };
    Ok(Figure::new(
        name,
        grid.draw(),
        curves.table(name, variables),
    ))
}

/// In how many columns small multiples stand.
pub(super) fn column_count(width: PageWidth, panels: usize) -> usize {
    match (width, panels) {
        (PageWidth::Single, 1) | (_, 1) => 1,
        (PageWidth::Single, _) | (PageWidth::Double, 2 | 4) => 2,
        (PageWidth::Double, 3 | 5..=9) => 3,
        (PageWidth::Double, _) => 4,
    }
}

/// The ages that all panels span.
pub(super) fn age_range(curves: &Curves) -> Range {
    let drawn = curves
        .arms
        .iter()
        .flat_map(|arm| arm.times.iter().copied().chain(arm.death));
    let Range { low, high } = Range::spanning(drawn);
    // Room for the half of a cross that stands at the last day.
    Range {
        low,
        high: high + 0.02 * (high - low),
    }
}

/// A window of interventions as it is drawn.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Window {
    from: f64,
    to: f64,
    colour: Colour,
    text: String,
}

/// What is done in one window, and to which arms.
#[derive(Default)]
struct Shared<'a> {
    labels: Vec<&'a str>,
    colours: Vec<Colour>,
}

/// Windows in the order of their start, one for all arms that share it.
pub(super) fn windows(
    arms: &[&str],
    shades: &[Shade],
    styles: &[ArmStyle],
    ages: Range,
) -> Vec<Window> {
    // Start and stop in thousandths of a day: the same window whatever the last digit.
    let mut shared: BTreeMap<(i64, i64), Shared> = BTreeMap::new();
    for shade in shades {
        let (start, stop) = (shade.start.max(ages.low), shade.stop.min(ages.high));
        let position = arms.iter().position(|arm| *arm == shade.arm);
        if let Some(position) = position
            && start < stop
        {
            let key = ((start * 1e3) as i64, (stop * 1e3) as i64);
            let window = shared.entry(key).or_default();
            if !window.labels.contains(&shade.label.as_str()) {
                window.labels.push(&shade.label);
            }
            if !window.colours.contains(&styles[position].colour) {
                window.colours.push(styles[position].colour);
            }
        }
    }
    let end = (ages.high * 1e3) as i64;
    let days = |thousandths: i64| thousandths as f64 / 1e3;
    let mut windows: Vec<Window> = shared
        .into_iter()
        .map(|((start, stop), Shared { labels, colours })| {
            let labels = match labels.len() {
                0..=3 => labels.join("; "),
                count => match common_words(&labels) {
                    shared if shared.is_empty() => format!("{count} interventions"),
                    shared => format!("{shared} ({count} arms)"),
                },
            };
            let span = if stop >= end {
                format!("from {} d", days(start))
            } else {
                format!("{}–{} d", days(start), days(stop))
            };
            let colour = match colours[..] {
                [colour] => colour.tint(0.6),
                _ => Colour::GREY.tint(0.6),
            };
            Window {
                from: days(start),
                to: days(stop),
                colour,
                text: format!("{labels}, {span}"),
            }
        })
        .collect();
    if windows.len() > MOST_WINDOWS {
        let from = windows
            .iter()
            .map(|window| window.from)
            .fold(f64::INFINITY, f64::min);
        let to = windows
            .iter()
            .map(|window| window.to)
            .fold(f64::NEG_INFINITY, f64::max);
        let text = format!("{} windows of interventions", windows.len());
        windows = vec![Window {
            from,
            to,
            colour: Colour::GREY.tint(0.6),
            text,
        }];
    }
    windows
}

/// A bar above the frame for every window, and a light area if there is one only.
pub(super) fn window_items(windows: &[Window]) -> Vec<Item> {
    let mut items = Vec::new();
    if let [
        Window {
            from, to, colour, ..
        },
    ] = windows
    {
        items.push(Item::Shade {
            from: *from,
            to: *to,
            colour: colour.tint(0.11),
        });
    }
    for (
        row,
        Window {
            from, to, colour, ..
        },
    ) in windows.iter().rev().enumerate()
    {
        items.push(Item::Window {
            from: *from,
            to: *to,
            row,
            colour: *colour,
        });
    }
    items
}

/// The legend's word for every window.
pub(super) fn window_entries(windows: &[Window]) -> impl Iterator<Item = Entry> {
    windows
        .iter()
        .map(|window| Entry::new(Key::Window(window.colour), window.text.clone()))
}

/// The words with which all labels begin.
fn common_words(labels: &[&str]) -> String {
    let Some((first, others)) = labels.split_first() else {
        return String::new();
    };
    let words = first
        .split_whitespace()
        .enumerate()
        .take_while(|(index, word)| {
            others
                .iter()
                .all(|label| label.split_whitespace().nth(*index) == Some(*word))
        });
    words.map(|(_, word)| word).collect::<Vec<_>>().join(" ")
}

fn variable_panel(
    curves: &Curves,
    variable: &str,
    styles: &[ArmStyle],
    ages: Range,
    windows: &[Window],
) -> Panel {
    let VariableInfo {
        label,
        unit,
        reference,
    } = curves.info(variable);
    let values = curves.arms.iter().flat_map(|arm| {
        arm.stretches(variable)
            .into_iter()
            .flatten()
            .map(|(_, value)| value)
    });
    let range = Range::around(values.chain(reference));
    let mut items = window_items(windows);
    if let Some(value) = reference {
        items.push(Item::Level {
            value,
            colour: Colour::GREY,
            dashes: DOTTED,
        });
    }
    let mut markers = Vec::new();
    for (arm, style) in curves.arms.iter().zip(styles) {
        let colour = style.colour;
        let stretches = arm.stretches(variable);
        let last = stretches.last().and_then(|stretch| stretch.last()).copied();
        for points in stretches {
            items.push(Item::Curve {
                points,
                style: *style,
            });
        }
        if let Some(onset) = arm.onset
            && let Some(value) = arm.value_at(variable, onset)
        {
            markers.push(Item::Marker {
                at: (onset, value),
                sign: Sign::Onset,
                colour,
            });
        }
        if arm.death.is_some()
            && let Some(at) = last
        {
            markers.push(Item::Marker {
                at,
                sign: Sign::Death,
                colour,
            });
        }
    }
    items.extend(markers);
    Panel {
        heading: label,
        horizontal: Axis::new("Age", "d", ages, 5),
        vertical: Axis::new("", &unit, range, 4),
        items,
    }
}

fn legend(
    curves: &Curves,
    variables: &[&str],
    styles: &[ArmStyle],
    windows: &[Window],
) -> Vec<Entry> {
    let mut entries: Vec<Entry> = curves
        .arms
        .iter()
        .zip(styles)
        .map(|(arm, style)| Entry::new(Key::Arm(*style), arm.legend_name()))
        .collect();
    if variables
        .iter()
        .any(|variable| curves.info(variable).reference.is_some())
    {
        entries.push(Entry::new(Key::Level(Colour::GREY, DOTTED), "wild type"));
    }
    if curves.arms.iter().any(|arm| arm.onset.is_some()) {
        entries.push(Entry::new(Key::Marker(Sign::Onset, Colour::INK), "onset"));
    }
    if curves.arms.iter().any(|arm| arm.death.is_some()) {
        entries.push(Entry::new(Key::Marker(Sign::Death, Colour::INK), "death"));
    }
    entries.extend(window_entries(windows));
    entries
}
