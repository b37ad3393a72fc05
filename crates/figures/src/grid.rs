//! Panels in rows and columns with letters, and a legend below.
//!
//! All frames have the same size and stand in line; the room for tick labels is measured, not
//! guessed.

use super::legend::{Entry, Legend};
use super::panel::{
    AxisTitle, Frame, HEADING_STYLE, Panel, TICK_STYLE, draw_panel, horizontal_axis_height,
    vertical_axis_width,
};
use super::rich_text::RichText;
use super::scene::{Align, Scene, TextStyle, Turn};

/// Room around the page.
pub(super) const MARGIN: f64 = 1.5;

/// Letters of panels.
pub(super) const LETTER_STYLE: TextStyle = TextStyle::semi_bold(8.5);
const HEADING_LINE: f64 = 3.1;
const COLUMN_GAP: f64 = 3.5;
const ROW_GAP: f64 = 3.0;
const LEGEND_GAP: f64 = 2.6;

/// Panels to be laid out on a page.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Grid {
    /// Width of the page.
    pub(super) width: f64,
    /// Number of columns.
    pub(super) columns: usize,
    /// Height of a frame over its width.
    pub(super) proportion: f64,
    /// The panels, row by row.
    pub(super) panels: Vec<Panel>,
    /// Entries of the legend.
    pub(super) legend: Vec<Entry>,
}

impl Grid {
    /// Lays the panels out and draws them.
    pub(super) fn draw(&self) -> Scene {
        let columns = self.columns.clamp(1, self.panels.len().max(1));
        let inner = self.width - 2.0 * MARGIN;
        // The last tick label may stand half outside of the frame.
        let overhang = self
            .panels
            .iter()
            .map(last_label_overhang)
            .fold(0.0, f64::max);
        let gap = COLUMN_GAP.max(overhang + 1.0);
        let cell = (inner - overhang - gap * (columns - 1) as f64) / columns as f64;
        // A title longer than its frame is high takes more lines, which makes frames narrower and
        // lower: the second and third look settle that.
        let (mut axis, mut frame_width) = (0.0, cell);
        for _ in 0..3 {
            let widths = self
                .panels
                .iter()
                .map(|panel| vertical_axis_width(&panel.vertical, self.proportion * frame_width));
            axis = widths.fold(axis, f64::max);
            frame_width = (cell - axis).max(0.25 * cell);
        }
        let frame_height = self.proportion * frame_width;

        let rows: Vec<&[Panel]> = self.panels.chunks(columns).collect();
        let headings: Vec<Vec<Vec<RichText>>> = rows
            .iter()
            .map(|row| {
                row.iter()
                    .map(|panel| RichText::wrap(&panel.heading, frame_width, 3, HEADING_STYLE))
                    .collect()
            })
            .collect();
        let legend = Legend::new(&self.legend, inner);

        let windows = self
            .panels
            .iter()
            .map(Panel::window_height)
            .fold(0.0, f64::max);
        // First the heights, then the page, then the marks.
        let mut tops = Vec::with_capacity(rows.len());
        let mut bottom = MARGIN;
        for (index, row) in headings.iter().enumerate() {
            let lines = row.iter().map(Vec::len).max().unwrap_or(0).max(1);
            let top = bottom + lines as f64 * HEADING_LINE + 1.2 + windows;
            tops.push(top);
            let titled = (0..row.len()).any(|column| self.is_lowest(index, column, columns));
            let title = if titled {
                AxisTitle::Shown
            } else {
                AxisTitle::Below
            };
            let first = index * columns;
            let axes = self.panels.iter().skip(first).take(row.len());
            let below =
                axes.map(|panel| horizontal_axis_height(&panel.horizontal, frame_width, title));
            bottom = top + frame_height + below.fold(0.0, f64::max);
            if index + 1 < headings.len() {
                bottom += ROW_GAP;
            }
        }
        let legend_top = bottom + LEGEND_GAP;
        let height = if self.legend.is_empty() {
            bottom
        } else {
            legend_top + legend.height()
        };
        let mut scene = Scene::new(self.width, height + MARGIN);

        for (index, (row, headings)) in rows.iter().zip(&headings).enumerate() {
            for (column, (panel, heading)) in row.iter().zip(headings).enumerate() {
                let left = MARGIN + column as f64 * (cell + gap);
                let frame = Frame {
                    left: left + axis,
                    top: tops[index],
                    width: frame_width,
                    height: frame_height,
                    horizontal: panel.horizontal.range,
                    vertical: panel.vertical.range,
                };
                let lowest = self.is_lowest(index, column, columns);
                let title = if lowest {
                    AxisTitle::Shown
                } else {
                    AxisTitle::Below
                };
                draw_panel(&mut scene, panel, frame, title);
                // The last line of the heading stands above the frame, the letter beside it.
                let lowest_line = tops[index] - 1.6 - windows;
                for (line, text) in heading.iter().rev().enumerate() {
                    let anchor = (frame.left, lowest_line - line as f64 * HEADING_LINE);
                    scene.write(text, anchor, Align::Start, Turn::Level, HEADING_STYLE);
                }
                if self.panels.len() > 1 {
                    let letter = RichText::parse(&panel_letter(index * columns + column));
                    let anchor = (left, lowest_line);
                    scene.write(&letter, anchor, Align::Start, Turn::Level, LETTER_STYLE);
                }
            }
        }
        legend.draw(&mut scene, MARGIN, legend_top);
        scene
    }

    /// Whether no panel stands below this one that shares its horizontal axis.
    fn is_lowest(&self, row: usize, column: usize, columns: usize) -> bool {
        let place = row * columns + column;
        let said = |panel: &Panel| {
            let axis = &panel.horizontal;
            (axis.title.clone(), axis.unit.clone(), axis.ticks.exponent)
        };
        match (self.panels.get(place), self.panels.get(place + columns)) {
            (Some(panel), Some(below)) => said(panel) != said(below),
            _ => true,
        }
    }
}

fn last_label_overhang(panel: &Panel) -> f64 {
    let half_width = panel
        .horizontal
        .ticks
        .marks
        .last()
        .map_or(0.0, |(_, label)| {
            0.5 * RichText::parse(label).width(TICK_STYLE)
        });
    half_width.max(1.0)
}

/// a, b, …, z, aa, ab, …
pub(super) fn panel_letter(index: usize) -> String {
    let letter = |number: usize| char::from(b'a' + (number % 26) as u8);
    match index / 26 {
        0 => letter(index).to_string(),
        lead => format!("{}{}", letter(lead - 1), letter(index)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_run_on() {
        assert_eq!(
            [0, 25, 26, 27, 52].map(panel_letter),
            ["a", "z", "aa", "ab", "ba"]
        );
    }
}
