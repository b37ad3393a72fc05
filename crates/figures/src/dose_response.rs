//! Gain over dose: how much later onset and death come, against the number that orders the arms.

use super::curves::{ArmStatus, Curves, VariableInfo};
use super::grid::Grid;
use super::legend::{Entry, Key};
use super::palette::{ArmStyle, Colour, DOTTED, SOLID};
use super::panel::{Axis, Item, Panel, Sign};
use super::ticks::Range;
use super::{Figure, FigureError, PageWidth};
use gutbrain_table::{Column, Table};

/// An age of an arm that is compared with the control's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Endpoint {
    Onset,
    Death,
}

impl Endpoint {
    const ALL: [Self; 2] = [Self::Onset, Self::Death];

    fn heading(self) -> &'static str {
        match self {
            Self::Onset => "Onset later than control",
            Self::Death => "Life longer than control",
        }
    }

    fn column(self) -> &'static str {
        match self {
            Self::Onset => "onset_gain_d",
            Self::Death => "death_gain_d",
        }
    }
}

/// Room for dots at the ends.
fn widen(range: Range) -> Range {
    let margin = 0.06 * (range.high - range.low);
    Range {
        low: range.low - margin,
        high: range.high + margin,
    }
}

/// Draws the gain of onset and death over the arms' levels, against the first arm.
///
/// `level` says how the levels are written on the axis. Arms without a level are left out, and so
/// is an endpoint that an arm or the control does not reach; arms that failed are named below.
///
/// # Errors
/// [`FigureError::NothingToDraw`] if no arm has a level and an endpoint to compare.
pub fn dose_response(
    name: &str,
    curves: &Curves,
    level: &VariableInfo,
    width: PageWidth,
) -> Result<Figure, FigureError> {
    let nothing = || FigureError::NothingToDraw {
        figure: name.into(),
    };
    let control = curves.arms.first().ok_or_else(nothing)?;
    let age = |arm: &super::ArmCurves, endpoint| {
        match endpoint {
            Endpoint::Onset => arm.onset,
            Endpoint::Death => arm.death,
        }
        .filter(|age| age.is_finite())
    };
    let mut arms: Vec<(f64, &super::ArmCurves)> = curves
        .arms
        .iter()
        .filter_map(|arm| Some((arm.level.filter(|level| level.is_finite())?, arm)))
        .collect();
    arms.sort_by(|left, right| left.0.total_cmp(&right.0));
    let gain = |arm, endpoint| Some(age(arm, endpoint)? - age(control, endpoint)?);
    let ends = widen(Range::spanning(arms.iter().map(|(level, _)| *level)));
    let style = ArmStyle {
        colour: Colour(0x00, 0x72, 0xb2),
        dashes: SOLID,
    };

    let mut panels = Vec::new();
    for endpoint in Endpoint::ALL {
        let points: Vec<(f64, f64)> = arms
            .iter()
            .filter_map(|(level, arm)| Some((*level, gain(arm, endpoint)?)))
            .collect();
        if points.is_empty() {
            continue;
        }
        let range = widen(Range::spanning(
            points.iter().map(|point| point.1).chain([0.0]),
        ));
        let mut items = vec![
            Item::Level {
                value: 0.0,
                colour: Colour::GREY,
                dashes: DOTTED,
            },
            Item::Curve {
                points: points.clone(),
                style,
            },
        ];
        items.extend(points.iter().map(|at| Item::Marker {
            at: *at,
            sign: Sign::Dot,
            colour: style.colour,
        }));
        panels.push(Panel {
            heading: endpoint.heading().into(),
            horizontal: Axis::new(&level.label, &level.unit, ends, 5),
            vertical: curves.terms.clock.axis_of_spans("Gain", range, 4),
            items,
        });
    }
    if panels.is_empty() {
        return Err(nothing());
    }
    let mut legend = vec![Entry::new(
        Key::Level(Colour::GREY, DOTTED),
        format!("{} = 0", control.name),
    )];
    for arm in curves
        .arms
        .iter()
        .filter(|arm| arm.status != ArmStatus::Completed)
    {
        legend.push(Entry::new(
            Key::Remark,
            format!("not shown: {}", arm.legend_name()),
        ));
    }
    let columns = if width.is_wide() { panels.len() } else { 1 };
    let proportion = if columns == 1 && width.is_wide() {
        0.45
    } else {
        0.62
    };
    let grid = Grid {
        width: width.millimetres(),
        columns,
        proportion,
        panels,
        legend,
    };

    let mut data = vec![
        Column::text(
            "arm",
            arms.iter().map(|(_, arm)| arm.name.clone()).collect(),
        ),
        Column::numbers(
            "level",
            &level.unit,
            arms.iter().map(|(level, _)| *level).collect(),
        ),
    ];
    data.extend(Endpoint::ALL.map(|endpoint| {
        let gains = arms.iter().map(|(_, arm)| gain(arm, endpoint)).collect();
        Column::optional_numbers(endpoint.column(), "d", gains)
    }));
    Ok(Figure::new(name, grid.draw(), Table::new(name, data)))
}
