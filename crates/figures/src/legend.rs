//! The legend below the panels, shared by all of them: colour and line style of every arm, event
//! markers, windows. Entries flow into rows.

use super::palette::{ArmStyle, Colour, Dashes};
use super::panel::{CURVE_WIDTH, Sign, TITLE_STYLE, WINDOW_HEIGHT, draw_sign, moment, rectangle};
use super::rich_text::RichText;
use super::scene::{Align, LINE, Mark, Scene};
use super::view::ABSENT;

const ROW_HEIGHT: f64 = 3.6;
const GAP: f64 = 5.0;
const KEY_GAP: f64 = 1.2;
/// A text longer than so many lines is cut.
const MOST_LINES: usize = 12;

/// The picture before an entry's text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Key {
    /// The line of an arm.
    Arm(ArmStyle),
    /// A reference line.
    Level(Colour, Dashes),
    /// An event marker.
    Marker(Sign, Colour),
    /// The bar of a window.
    Window(Colour),
    /// The triangle of a moment.
    Moment(Colour),
    /// The line of an arm over its band.
    Band(ArmStyle, f64),
    /// Nothing: a remark.
    Remark,
    /// Nothing: a remark with a row of its own.
    Sentence,
}

impl Key {
    fn width(self) -> f64 {
        match self {
            Self::Arm(_) | Self::Level(..) | Self::Band(..) => 8.0,
            Self::Marker(..) | Self::Moment(_) => 2.0,
            Self::Window(_) => 8.0,
            Self::Remark | Self::Sentence => -KEY_GAP,
        }
    }
}

/// One entry.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Entry {
    /// Its picture.
    pub(super) key: Key,
    /// Its text.
    pub(super) text: String,
}

impl Entry {
    /// An entry.
    pub(super) fn new(key: Key, text: impl Into<String>) -> Self {
        Self {
            key,
            text: text.into(),
        }
    }
}

/// Entries placed in rows of a given width.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Legend {
    rows: Vec<Vec<Placed>>,
    /// The entries of what a window does not show.
    absent: Vec<String>,
}

/// An entry in its row.
#[derive(Clone, Debug, PartialEq)]
struct Placed {
    start: f64,
    key: Key,
    lines: Vec<RichText>,
}

impl Legend {
    /// Places entries; a text longer than a row goes on below itself.
    pub(super) fn new(entries: &[Entry], width: f64) -> Self {
        let mut rows: Vec<Vec<Placed>> = Vec::new();
        let mut end = f64::INFINITY;
        for entry in entries {
            let key_width = entry.key.width() + KEY_GAP;
            let lines = RichText::wrap(&entry.text, width - key_width, MOST_LINES, TITLE_STYLE);
            let widths = lines.iter().map(|line| line.width(TITLE_STYLE));
            let entry_width = key_width + widths.fold(0.0, f64::max);
            let alone = entry.key == Key::Sentence || lines.len() > 1;
            if end + GAP + entry_width > width || alone {
                rows.push(Vec::new());
                end = -GAP;
            }
            if let Some(row) = rows.last_mut() {
                row.push(Placed {
                    start: end + GAP,
                    key: entry.key,
                    lines,
                });
            }
            end += GAP + entry_width;
            if alone {
                end = f64::INFINITY;
            }
        }
        let texts = entries.iter().map(|entry| &entry.text);
        let absent = texts.filter(|text| text.contains(ABSENT)).cloned();
        Self {
            rows,
            absent: absent.collect(),
        }
    }

    /// Height of all rows.
    pub(super) fn height(&self) -> f64 {
        self.rows.iter().map(|row| row_height(row)).sum()
    }

    /// Draws the rows with the upper left corner at `(left, top)`.
    pub(super) fn draw(&self, scene: &mut Scene, left: f64, top: f64) {
        let mut top = top;
        for text in &self.absent {
            scene.remark(text.clone());
        }
        for row in &self.rows {
            let (first, middle) = (top + 0.5 * ROW_HEIGHT, top + 0.5 * row_height(row));
            for Placed { start, key, lines } in row {
                let start = left + start;
                draw_key(scene, *key, start, first);
                let across = start + key.width() + KEY_GAP;
                scene.write_lines(lines, (across, middle), Align::Start, TITLE_STYLE);
            }
            top += row_height(row);
        }
    }
}

fn row_height(row: &[Placed]) -> f64 {
    let lines = row.iter().map(|entry| entry.lines.len()).max().unwrap_or(1);
    ROW_HEIGHT + (lines.max(1) - 1) as f64 * LINE * TITLE_STYLE.em()
}

fn draw_key(scene: &mut Scene, key: Key, start: f64, middle: f64) {
    let end = start + key.width();
    match key {
        Key::Arm(style) => {
            let line = [(start, middle), (end, middle)];
            scene.stroke(&line, CURVE_WIDTH, style.colour, style.dashes);
        }
        Key::Band(style, opacity) => {
            scene.add(Mark::Area {
                points: rectangle(start, middle - 1.0, end, middle + 1.0),
                colour: style.colour,
                opacity,
            });
            let line = [(start, middle), (end, middle)];
            scene.stroke(&line, CURVE_WIDTH, style.colour, style.dashes);
        }
        Key::Level(colour, dashes) => {
            scene.stroke(&[(start, middle), (end, middle)], 0.25, colour, dashes);
        }
        Key::Marker(sign, colour) => {
            let drop = if sign == Sign::Onset { 0.75 } else { 0.0 };
            draw_sign(scene, sign, (0.5 * (start + end), middle + drop), colour);
        }
        Key::Window(colour) => {
            let half = 0.5 * WINDOW_HEIGHT;
            scene.area(rectangle(start, middle - half, end, middle + half), colour);
        }
        Key::Moment(colour) => {
            let tip = middle + 0.5 * WINDOW_HEIGHT;
            scene.area(moment(0.5 * (start + end), tip).to_vec(), colour);
        }
        Key::Remark | Key::Sentence => {}
    }
}
