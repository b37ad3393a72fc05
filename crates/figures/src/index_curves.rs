//! Indices along an axis: correlations or elasticities by age, indices by size of the sample.

use super::grid::Grid;
use super::legend::{Entry, Key};
use super::palette::{Colour, DOTTED, arm_styles};
use super::panel::{Axis, Item, Panel};
use super::ticks::Range;
use super::trajectories::column_count;
use super::{Figure, FigureError, PageWidth};
use gutbrain_table::{Column, Table};

const MOST_PANELS: usize = 9;
/// Panels whose ranges differ by more than this factor have scales of their own.
const MOST_FLATTENED: f64 = 2.5;

/// What is drawn.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct IndexCurves {
    /// What stands along the horizontal axis, and its unit.
    pub along: (String, String),
    /// What the index is: title of the vertical axis.
    pub index: String,
    /// Unit of the index; empty for pure numbers.
    pub unit: String,
    /// What the band around 0 means; empty without one.
    pub band: String,
    /// A remark below; may be empty.
    pub remark: String,
    /// One panel per output.
    pub panels: Vec<IndexPanel>,
}

/// One output.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct IndexPanel {
    /// What the output is.
    pub heading: String,
    /// The inputs, the most important first; inputs of the same name look alike in all panels.
    pub curves: Vec<IndexCurve>,
    /// Half width of the band around 0, by place.
    pub insignificant: Vec<(f64, f64)>,
}

/// One input.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct IndexCurve {
    /// Its name.
    pub name: String,
    /// Places in ascending order.
    pub points: Vec<IndexPoint>,
}

/// An index at one place.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct IndexPoint {
    /// Where along the axis.
    pub at: f64,
    /// The index.
    pub value: f64,
    /// Its interval.
    pub interval: Option<(f64, f64)>,
}

/// How intervals are drawn, and how the horizontal axis is divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IndexAxis {
    /// By age: an even axis, intervals as bands.
    Age,
    /// By sample size: each twice the last, at equal distances; intervals as whiskers.
    Doublings,
}

/// Draws the curves, one panel per output.
///
/// # Errors
/// [`FigureError::NothingToDraw`] without a finite point, [`FigureError::TooManyPanels`] above nine.
pub fn index_curves(
    name: &str,
    curves: &IndexCurves,
    axis: IndexAxis,
    width: PageWidth,
) -> Result<Figure, FigureError> {
    let points = || {
        let lines = curves.panels.iter().flat_map(|panel| &panel.curves);
        lines.flat_map(|curve| finite(&curve.points))
    };
    if points().next().is_none() {
        return Err(FigureError::NothingToDraw {
            figure: name.into(),
        });
    }
    if curves.panels.len() > MOST_PANELS {
        return Err(FigureError::TooManyPanels {
            figure: name.into(),
            found: curves.panels.len(),
            most: MOST_PANELS,
        });
    }
    let mut sizes: Vec<f64> = points().map(|point| point.at).collect();
    sizes.sort_by(f64::total_cmp);
    sizes.dedup_by(|a, b| a.total_cmp(b).is_eq());
    let place = |at: f64| match axis {
        IndexAxis::Age => at,
        IndexAxis::Doublings => sizes.partition_point(|size| *size < at) as f64,
    };
    let horizontal = match axis {
        IndexAxis::Age => {
            let range = Range::spanning(sizes.iter().copied());
            Axis::new(&curves.along.0, &curves.along.1, range, 5)
        }
        IndexAxis::Doublings => Axis {
            title: curves.along.0.clone(),
            unit: curves.along.1.clone(),
            range: Range {
                low: -0.3,
                high: sizes.len().max(1) as f64 - 0.7,
            },
            ticks: super::ticks::Ticks {
                marks: sizes
                    .iter()
                    .enumerate()
                    .map(|(place, size)| (place as f64, super::ticks::label(*size, 0)))
                    .collect(),
                exponent: 0,
            },
        },
    };
    let range = |panels: &[IndexPanel]| {
        let ends = panels.iter().flat_map(|panel| &panel.curves);
        let ends = ends
            .flat_map(|curve| finite(&curve.points))
            .flat_map(|point| {
                let (lower, upper) = point.interval.unwrap_or((point.value, point.value));
                [point.value, lower, upper]
            });
        let bands = panels.iter().flat_map(|panel| &panel.insignificant);
        let bands = bands.flat_map(|(_, half)| [-half, *half]);
        let Range { low, high } = Range::spanning(ends.chain(bands).chain([0.0]));
        let room = 0.04 * (high - low);
        Range {
            low: if low < 0.0 { low - room } else { 0.0 },
            high: high + room,
        }
    };
    // Panels share a scale, so that they can be compared, unless one would be flattened by another.
    let ranges: Vec<Range> = curves.panels.chunks(1).map(range).collect();
    let drawn = |panel: &IndexPanel| {
        panel
            .curves
            .iter()
            .any(|it| finite(&it.points).next().is_some())
    };
    let spans = || {
        let drawn = ranges
            .iter()
            .zip(&curves.panels)
            .filter(|(_, panel)| drawn(panel));
        drawn.map(|(range, _)| range.high - range.low)
    };
    let (least, most) = (
        spans().fold(f64::INFINITY, f64::min),
        spans().fold(0.0, f64::max),
    );
    let own_scales = most > MOST_FLATTENED * least;
    let shared = range(&curves.panels);
    let vertical = |panel: usize| {
        let range = if own_scales { ranges[panel] } else { shared };
        Axis::new(&curves.index, &curves.unit, range, 5)
    };
    // The names of all panels in the order of their first appearance: one look for each.
    let mut names: Vec<&str> = Vec::new();
    for curve in curves.panels.iter().flat_map(|panel| &panel.curves) {
        if !names.contains(&curve.name.as_str()) {
            names.push(&curve.name);
        }
    }
    let styles = arm_styles(&vec![None; names.len()]);
    let look = |name: &str| styles[names.iter().position(|known| *known == name).unwrap_or(0)];
    let panels: Vec<Panel> = curves
        .panels
        .iter()
        .enumerate()
        .map(|(index, panel)| {
            let (mut areas, mut lines) = (Vec::new(), Vec::new());
            if !panel.insignificant.is_empty() {
                let side = |sign: f64| {
                    let band = panel.insignificant.iter();
                    band.map(|(at, half)| (place(*at), sign * half)).collect()
                };
                areas.push(Item::Band {
                    low: side(-1.0),
                    high: side(1.0),
                    colour: Colour::GREY,
                    opacity: 0.2,
                });
            }
            let middle = 0.5 * (panel.curves.len() as f64 - 1.0);
            for (order, curve) in panel.curves.iter().enumerate() {
                let style = look(&curve.name);
                let shift = match axis {
                    IndexAxis::Age => 0.0,
                    IndexAxis::Doublings => 0.05 * (order as f64 - middle),
                };
                let known: Vec<&IndexPoint> = finite(&curve.points).collect();
                let interval =
                    |point: &IndexPoint| point.interval.unwrap_or((point.value, point.value));
                match axis {
                    IndexAxis::Age => areas.push(Item::Band {
                        low: known.iter().map(|p| (place(p.at), interval(p).0)).collect(),
                        high: known.iter().map(|p| (place(p.at), interval(p).1)).collect(),
                        colour: style.colour,
                        opacity: 0.1,
                    }),
                    IndexAxis::Doublings => lines.extend(known.iter().map(|point| Item::Whisker {
                        at: place(point.at) + shift,
                        low: interval(point).0,
                        high: interval(point).1,
                        colour: style.colour,
                    })),
                }
                let points = known.iter().map(|p| (place(p.at) + shift, p.value));
                lines.push(Item::Curve {
                    points: points.collect(),
                    style,
                });
            }
            let zero = Item::Level {
                value: 0.0,
                colour: Colour::GREY,
                dashes: DOTTED,
            };
            Panel {
                heading: panel.heading.clone(),
                horizontal: horizontal.clone(),
                vertical: vertical(index),
                items: areas.into_iter().chain([zero]).chain(lines).collect(),
            }
        })
        .collect();
    let mut legend: Vec<Entry> = names
        .iter()
        .zip(&styles)
        .map(|(name, style)| Entry::new(Key::Arm(*style), *name))
        .collect();
    if !curves.band.is_empty() && curves.panels.iter().any(|p| !p.insignificant.is_empty()) {
        legend.push(Entry::new(
            Key::Window(Colour::GREY.tint(0.2)),
            curves.band.clone(),
        ));
    }
    if !curves.remark.is_empty() {
        legend.push(Entry::new(Key::Sentence, curves.remark.clone()));
    }
    if own_scales {
        let text = "panels have scales of their own";
        legend.push(Entry::new(Key::Remark, text));
    }
    // The title of the vertical axis is long: frames stay large enough for it.
    let columns = if width.is_wide() {
        column_count(width, panels.len()).min(2)
    } else {
        1
    };
    let grid = Grid {
        width: width.millimetres(),
        columns,
        proportion: if columns == 1 { 0.5 } else { 0.75 },
        legend,
        panels,
    };
    Ok(Figure::new(name, grid.draw(), table(name, curves)))
}

fn finite(points: &[IndexPoint]) -> impl Iterator<Item = &IndexPoint> {
    points
        .iter()
        .filter(|point| point.at.is_finite() && point.value.is_finite())
}

fn table(name: &str, curves: &IndexCurves) -> Table {
    let mut rows: Vec<(&str, &str, &IndexPoint)> = Vec::new();
    for panel in &curves.panels {
        for curve in &panel.curves {
            rows.extend(finite(&curve.points).map(|point| (&*panel.heading, &*curve.name, point)));
        }
    }
    let texts = |title: &str, text: fn(&(&str, &str, &IndexPoint)) -> String| {
        Column::text(title, rows.iter().map(text).collect())
    };
    let finite = |value: f64| Some(value).filter(|value| value.is_finite());
    let end = |title: &str, end: fn((f64, f64)) -> f64| {
        let values = rows.iter().map(|row| finite(end(row.2.interval?)));
        Column::optional_numbers(title, &curves.unit, values.collect())
    };
    let places = rows.iter().map(|row| row.2.at).collect();
    let columns = vec![
        texts("panel", |row| row.0.to_owned()),
        texts("input", |row| row.1.to_owned()),
        Column::numbers("at", &curves.along.1, places),
        Column::numbers(
            "value",
            &curves.unit,
            rows.iter().map(|row| row.2.value).collect(),
        ),
        end("lower", |interval| interval.0),
        end("upper", |interval| interval.1),
    ];
    Table::new(name, columns)
}
