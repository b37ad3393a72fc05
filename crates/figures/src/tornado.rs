//! A tornado: signed effects, the largest on top.

use super::bar_rows::{BarRows, RowTexts, draw_reference, draw_whisker};
use super::legend::{Entry, Key};
use super::palette::Colour;
use super::panel::{Axis, rectangle};
use super::ticks::Range;
use super::words::write_number;
use super::{Figure, FigureError, PageWidth};
use gutbrain_table::{Column, Table};

const ROW_HEIGHT: f64 = 4.2;
const BAR_HEIGHT: f64 = 2.6;
const RISES: Colour = Colour(0x00, 0x72, 0xb2);
const FALLS: Colour = Colour(0xd5, 0x5e, 0x00);

/// What is drawn.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tornado {
    /// What is shown, above the bars; may be empty.
    pub heading: String,
    /// The effect: title of the axis.
    pub quantity: String,
    /// Its unit; empty for pure numbers.
    pub unit: String,
    /// What an effect above 0 means, and one below.
    pub directions: [String; 2],
    /// The effects in any order.
    pub rows: Vec<TornadoRow>,
    /// At most so many rows are drawn; the data has all.
    pub most: usize,
}

/// One effect.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TornadoRow {
    /// Of what.
    pub name: String,
    /// A remark beside the name, such as what the number rests on; may be empty.
    pub remark: String,
    /// The effect.
    pub value: f64,
    /// Its interval.
    pub interval: Option<(f64, f64)>,
}

/// Draws a bar from 0 to every effect, sorted by size; the data has those that have no room, too.
///
/// # Errors
/// [`FigureError::NothingToDraw`] without a finite effect.
pub fn tornado(name: &str, tornado: &Tornado, width: PageWidth) -> Result<Figure, FigureError> {
    let mut rows: Vec<&TornadoRow> = tornado
        .rows
        .iter()
        .filter(|row| row.value.is_finite())
        .collect();
    rows.sort_by(|a, b| b.value.abs().total_cmp(&a.value.abs()));
    let all = rows.clone();
    rows.truncate(tornado.most.max(1));
    if rows.is_empty() {
        return Err(FigureError::NothingToDraw {
            figure: name.into(),
        });
    }
    let ends = rows.iter().flat_map(|row| {
        [row.value, 0.0]
            .into_iter()
            .chain(row.interval.into_iter().flat_map(|(a, b)| [a, b]))
    });
    let Range { low, high } = Range::spanning(ends);
    let room = 0.04 * (high - low);
    let range = Range {
        low: if low < 0.0 { low - room } else { 0.0 },
        high: if high > 0.0 { high + room } else { 0.0 },
    };
    let count = if width.is_wide() { 7 } else { 4 };
    let mut legend = Vec::new();
    let signs = [RISES, FALLS].into_iter().zip(&tornado.directions);
    for (colour, text) in signs.filter(|(_, text)| !text.is_empty()) {
        legend.push(Entry::new(Key::Window(colour), text.clone()));
    }
    if all.len() > rows.len() {
        let text = format!(
            "{} smaller effects of {} are not drawn",
            all.len() - rows.len(),
            all.len()
        );
        legend.push(Entry::new(Key::Remark, text));
    }
    let texts = |row: &&TornadoRow| RowTexts {
        name: row.name.clone(),
        remark: row.remark.clone(),
        number: write_number(row.value),
    };
    let chart = BarRows {
        page: width.millimetres(),
        heading: tornado.heading.clone(),
        rows: rows.iter().map(texts).collect(),
        heads: Default::default(),
        row_height: ROW_HEIGHT,
        axis: Axis::new(&tornado.quantity, &tornado.unit, range, count),
        legend,
    };
    let (mut scene, frame) = chart.draw();
    for (place, row) in rows.iter().enumerate() {
        let middle = chart.middle(&frame, place);
        let (from, to) = (frame.across(0.0), frame.across(row.value));
        let colour = if row.value < 0.0 { FALLS } else { RISES };
        let half = 0.5 * BAR_HEIGHT;
        scene.area(rectangle(from, middle - half, to, middle + half), colour);
        if let Some(ends) = row.interval {
            draw_whisker(&mut scene, &frame, ends, middle);
        }
    }
    draw_reference(&mut scene, &frame, 0.0);
    Ok(Figure::new(name, scene, table(name, tornado, &all)))
}

fn table(name: &str, tornado: &Tornado, rows: &[&TornadoRow]) -> Table {
    let finite = |value: f64| Some(value).filter(|value| value.is_finite());
    let numbers = |title: &str, value: &dyn Fn(&TornadoRow) -> Option<f64>| {
        let values = rows.iter().map(|row| value(row)).collect();
        Column::optional_numbers(title, &tornado.unit, values)
    };
    let texts = |title: &str, text: fn(&TornadoRow) -> &String| {
        Column::text(title, rows.iter().map(|row| text(row).clone()).collect())
    };
    let columns = vec![
        texts("name", |row| &row.name),
        texts("remark", |row| &row.remark),
        numbers("value", &|row| finite(row.value)),
        numbers("lower", &|row| finite(row.interval?.0)),
        numbers("upper", &|row| finite(row.interval?.1)),
    ];
    Table::new(name, columns)
}
