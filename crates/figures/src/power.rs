//! Power and false positives of an experiment against its size, one line per design.

use super::grid::Grid;
use super::legend::{Entry, Key};
use super::palette::{Colour, DOTTED, arm_styles};
use super::panel::{Axis, Item, Panel, Sign};
use super::terms::Terms;
use super::ticks::Range;
use super::{Figure, FigureError, PageWidth};
use gutbrain_table::{Column, Table};

/// What is drawn.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PowerCurves {
    /// The designs.
    pub designs: Vec<PowerLine>,
    /// The level of the test, such as 0.05.
    pub level: f64,
    /// The wanted power, such as 0.8.
    pub wanted: Option<f64>,
    /// What counts as a success, such as `log-rank p < 0.05`.
    pub success: String,
    /// What those who are drawn are called.
    pub terms: Terms,
}

/// One design.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PowerLine {
    /// Its name.
    pub name: String,
    /// How often an effect is seen where there is one.
    pub power: Vec<Share>,
    /// How often an effect is seen where there is none.
    pub false_positives: Vec<Share>,
}

/// A share of replicates with its Monte-Carlo interval.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Share {
    /// Animals per arm.
    pub group_size: f64,
    /// The share, between 0 and 1.
    pub value: f64,
    /// Lower end of its Monte-Carlo interval.
    pub lower: f64,
    /// Upper end.
    pub upper: f64,
}

/// Draws power against group size and, beside it, the false positives.
///
/// Designs stand a little apart from each other so that their whiskers are seen.
///
/// # Errors
/// [`FigureError::NothingToDraw`] without a point.
pub fn power_curve(
    name: &str,
    curves: &PowerCurves,
    width: PageWidth,
) -> Result<Figure, FigureError> {
    let designs = &curves.designs;
    let all = || {
        designs
            .iter()
            .flat_map(|line| line.power.iter().chain(&line.false_positives))
    };
    if !all().any(|share| share.group_size.is_finite() && share.value.is_finite()) {
        return Err(FigureError::NothingToDraw {
            figure: name.into(),
        });
    }
    let Range { low, high } = Range::spanning(all().map(|share| share.group_size));
    let room = 0.06 * (high - low);
    let sizes = Range {
        low: low - room,
        high: high + room,
    };
    let mut panels = Vec::new();
    let has = |shares: fn(&PowerLine) -> &[Share]| designs.iter().any(|d| !shares(d).is_empty());
    if has(|line| &line.power) {
        let full = Range {
            low: 0.0,
            high: 103.0,
        };
        panels.push(panel(
            "Power: the treatment works as the model says",
            "Experiments that see an effect",
            curves,
            |line| &line.power,
            (sizes, full),
            curves.wanted,
        ));
    }
    if has(|line| &line.false_positives) {
        let tops = designs.iter().flat_map(|line| &line.false_positives);
        let most = tops.map(|share| 100.0 * share.upper).fold(0.0, f64::max);
        let vertical = Range {
            low: 0.0,
            high: (1.1 * most).clamp(250.0 * curves.level, 103.0).max(1.0),
        };
        panels.push(panel(
            "False positives: the treatment does nothing",
            "Experiments that see an effect",
            curves,
            |line| &line.false_positives,
            (sizes, vertical),
            Some(curves.level),
        ));
    }
    let columns = if width.is_wide() { panels.len() } else { 1 };
    let grid = Grid {
        width: width.millimetres(),
        columns,
        proportion: if columns == 1 && width.is_wide() {
            0.5
        } else {
            0.75
        },
        legend: legend(curves),
        panels,
    };
    Ok(Figure::new(name, grid.draw(), table(name, curves)))
}

fn panel(
    heading: &str,
    title: &str,
    curves: &PowerCurves,
    shares: fn(&PowerLine) -> &[Share],
    (sizes, vertical): (Range, Range),
    reference: Option<f64>,
) -> Panel {
    let styles = arm_styles(&vec![None; curves.designs.len()]);
    let mut items = Vec::new();
    if let Some(reference) = reference {
        items.push(Item::Level {
            value: 100.0 * reference,
            colour: Colour::GREY,
            dashes: DOTTED,
        });
    }
    let apart = 0.012 * (sizes.high - sizes.low);
    let middle = 0.5 * (curves.designs.len() as f64 - 1.0);
    let (mut whiskers, mut lines, mut markers) = (Vec::new(), Vec::new(), Vec::new());
    for (index, (design, style)) in curves.designs.iter().zip(&styles).enumerate() {
        let shift = apart * (index as f64 - middle);
        let mut points = Vec::new();
        for share in shares(design) {
            if !(share.group_size.is_finite() && share.value.is_finite()) {
                continue;
            }
            let at = (share.group_size + shift, 100.0 * share.value);
            points.push(at);
            whiskers.push(Item::Whisker {
                at: at.0,
                low: 100.0 * share.lower,
                high: 100.0 * share.upper,
                colour: style.colour,
            });
            markers.push(Item::Marker {
                at,
                sign: Sign::Dot,
                colour: style.colour,
            });
        }
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        if !points.is_empty() {
            lines.push(Item::Curve {
                points,
                style: *style,
            });
        }
    }
    items.extend(whiskers.into_iter().chain(lines).chain(markers));
    Panel {
        heading: heading.into(),
        horizontal: Axis::new(
            &format!("{} per arm", curves.terms.subjects.first()),
            "",
            sizes,
            6,
        ),
        vertical: Axis::new(title, "%", vertical, 5),
        items,
    }
}

fn legend(curves: &PowerCurves) -> Vec<Entry> {
    let styles = arm_styles(&vec![None; curves.designs.len()]);
    let mut entries: Vec<Entry> = curves
        .designs
        .iter()
        .zip(styles)
        .map(|(design, style)| Entry::new(Key::Arm(style), design.name.clone()))
        .collect();
    let percent = |share: f64| format!("{} %", super::ticks::label(100.0 * share, 0));
    let level = percent(curves.level);
    let text = match curves.wanted {
        Some(wanted) => format!("wanted power {} and level {level}", percent(wanted)),
        None => format!("level {level}"),
    };
    entries.push(Entry::new(Key::Level(Colour::GREY, DOTTED), text));
    let success = match curves.success.as_str() {
        "" => String::new(),
        success => format!("an effect is {success}; "),
    };
    let text = format!("{success}whiskers: 95 % Monte-Carlo interval");
    entries.push(Entry::new(Key::Remark, text));
    entries
}

fn table(name: &str, curves: &PowerCurves) -> Table {
    let mut rows: Vec<(&str, &str, Share)> = Vec::new();
    for design in &curves.designs {
        rows.extend(
            design
                .power
                .iter()
                .map(|share| (&*design.name, "model", *share)),
        );
        let nothing = design.false_positives.iter();
        rows.extend(nothing.map(|share| (&*design.name, "null", *share)));
    }
    let numbers = |title: &str, value: fn(&Share) -> f64| {
        let values = rows
            .iter()
            .map(|row| Some(value(&row.2)).filter(|v| v.is_finite()));
        Column::optional_numbers(title, "1", values.collect())
    };
    let columns = vec![
        Column::text("design", rows.iter().map(|row| row.0.to_owned()).collect()),
        Column::text(
            "treatment",
            rows.iter().map(|row| row.1.to_owned()).collect(),
        ),
        numbers("group_size", |share| share.group_size),
        numbers("value", |share| share.value),
        numbers("lower", |share| share.lower),
        numbers("upper", |share| share.upper),
    ];
    Table::new(name, columns)
}
