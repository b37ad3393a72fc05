//! Small multiples: one panel per variable, all arms in each, over age.

use super::courses::{Course, course_entries, course_items, courses};
use super::curves::{Curves, VariableInfo, edges, reference_words, with_steps};
use super::data_points::{ages_of, point_entry, point_items};
use super::grid::Grid;
use super::legend::{Entry, Key};
use super::palette::{ArmStyle, Colour, DOTTED};
use super::panel::{Axis, Item, Panel, Sign};
use super::ticks::Range;
use super::{Figure, FigureError, PageWidth};

/// Most panels on one page.
pub(super) const MOST_PANELS: usize = 16;

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
    let styles = curves.styles();
    let ages = curves.view.ages(age_range(curves, variables));
    let names: Vec<&str> = curves.arms.iter().map(|arm| arm.name.as_str()).collect();
    let courses = courses(&names, &curves.shades, &styles, ages, &curves.terms.clock);
    let panels: Vec<Panel> = variables
        .iter()
        .map(|variable| variable_panel(curves, variable, &styles, ages, &courses))
        .collect();
    let columns = column_count(width, panels.len());
    let grid = Grid {
        width: width.millimetres(),
        columns,
        proportion: if panels.len() == 1 { 0.6 } else { 0.72 },
        legend: legend(curves, variables, &styles, &courses),
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
    match (width.is_wide(), panels) {
        (_, 1) => 1,
        (false, _) | (true, 2 | 4) => 2,
        (true, 3 | 5..=9) => 3,
        (true, _) => 4,
    }
}

/// The vertical axis of amounts in their unit.
pub(super) fn amount_range(values: &[f64], unit: &str) -> Range {
    let range = Range::of_amounts(values.iter().copied());
    match unit {
        "%" => range.of_percentages(values.iter().copied()),
        _ => range,
    }
}

/// The ages that all panels span.
pub(super) fn age_range(curves: &Curves, variables: &[&str]) -> Range {
    let drawn = curves
        .arms
        .iter()
        .flat_map(|arm| arm.times.iter().copied().chain(arm.death))
        .chain(ages_of(&curves.points, variables));
    let Range { low, high } = Range::spanning(drawn);
    // Room for the half of a cross that stands at the last day.
    Range {
        low,
        high: high + 0.02 * (high - low),
    }
}

fn variable_panel(
    curves: &Curves,
    variable: &str,
    styles: &[ArmStyle],
    ages: Range,
    courses: &[Course],
) -> Panel {
    let info = curves.info(variable);
    let reference = info.level();
    let values = curves.arms.iter().flat_map(|arm| {
        arm.stretches(variable)
            .into_iter()
            .flatten()
            .map(|(_, value)| value)
    });
    let names: Vec<&str> = curves.arms.iter().map(|arm| arm.name.as_str()).collect();
    let (points, measured) = point_items(&curves.points, variable, &names, styles);
    let values: Vec<f64> = values.chain(reference).chain(measured).collect();
    let range = amount_range(&values, &info.unit);
    let mut items = course_items(courses);
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
        let edges = edges(&curves.shades, &arm.name);
        for points in stretches {
            items.push(Item::Curve {
                points: with_steps(&points, &edges),
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
    items.extend(points);
    items.extend(markers);
    let panel = Panel {
        vertical: Axis::new("", &info.axis_unit(), range, 4),
        heading: info.label,
        horizontal: curves.terms.clock.axis(ages, 5),
        items,
    };
    let fit = |values: &[f64]| amount_range(values, &info.unit);
    curves.view.panel(panel, variable, fit)
}

fn legend(
    curves: &Curves,
    variables: &[&str],
    styles: &[ArmStyle],
    courses: &[Course],
) -> Vec<Entry> {
    let mut entries: Vec<Entry> = curves
        .arms
        .iter()
        .zip(styles)
        .map(|(arm, style)| {
            let stretches = || variables.iter().flat_map(|id| arm.stretches(id));
            let ends = stretches().filter_map(|all| Some((all.first()?.0, all.last()?.0)));
            let absence = curves.view.absence(stretches().next().is_some(), ends);
            Entry::new(Key::Arm(*style), arm.legend_name() + absence)
        })
        .collect();
    let infos: Vec<VariableInfo> = variables.iter().map(|id| curves.info(id)).collect();
    if let Some(words) = reference_words(&infos) {
        entries.push(Entry::new(Key::Level(Colour::GREY, DOTTED), words));
    }
    if curves.arms.iter().any(|arm| arm.onset.is_some()) {
        let sign = Key::Marker(Sign::Onset, Colour::INK);
        entries.push(Entry::new(sign, &curves.words.onset));
    }
    if curves.arms.iter().any(|arm| arm.death.is_some()) {
        let sign = Key::Marker(Sign::Death, Colour::INK);
        entries.push(Entry::new(sign, &curves.words.death));
    }
    entries.extend(point_entry(&curves.points, variables));
    entries.extend(course_entries(courses));
    entries
}
