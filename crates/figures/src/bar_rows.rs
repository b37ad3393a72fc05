//! Horizontal bars, one row for each name: what tornado figures and shares of variance have in common.
//!
//! A row has a name at the left, a remark in grey beside it, room for bars, and a number at the right.

use super::grid::MARGIN;
use super::legend::{Entry, Legend};
use super::palette::{Colour, DOTTED};
use super::panel::{
    Axis, AxisTitle, Frame, TITLE_STYLE, draw_horizontal_axis, horizontal_axis_height,
};
use super::rich_text::{MOST_NAME_LINES, RichText, row_height, widest};
use super::scene::{Align, Scene, TextStyle, Turn};
use super::ticks::Range;

const NAME_GAP: f64 = 2.4;
const LEGEND_GAP: f64 = 2.6;
const HEAD_HEIGHT: f64 = 3.6;
const HEAD_STYLE: TextStyle = TextStyle::semi_bold(6.6);
/// Share of the page that the names may take, and the remarks and the numbers each.
const WIDEST_NAME: f64 = 0.36;
const WIDEST_REMARK: f64 = 0.16;

/// What stands around the bars of one row.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct RowTexts {
    /// Whose bars they are.
    pub(super) name: String,
    /// A remark on it; may be empty.
    pub(super) remark: String,
    /// The numbers at the right; may be empty.
    pub(super) number: String,
}

/// A chart of rows before its bars are drawn.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct BarRows {
    /// Width of the page.
    pub(super) page: f64,
    /// Title of the figure; may be empty.
    pub(super) heading: String,
    /// The rows from the top.
    pub(super) rows: Vec<RowTexts>,
    /// Headings of names, remarks and numbers.
    pub(super) heads: [String; 3],
    /// Height of a row.
    pub(super) row_height: f64,
    /// The axis below.
    pub(super) axis: Axis,
    /// Entries of the legend.
    pub(super) legend: Vec<Entry>,
}

impl BarRows {
    /// Writes everything but the bars; gives the page and the frame that the bars stand in.
    pub(super) fn draw(&self) -> (Scene, Frame) {
        type Column = (Vec<Vec<RichText>>, f64);
        let columns: [Column; 3] = [
            (|row: &RowTexts| row.name.clone()) as fn(&RowTexts) -> String,
            |row| row.remark.clone(),
            |row| row.number.clone(),
        ]
        .into_iter()
        .zip([WIDEST_NAME, WIDEST_REMARK, 2.0 * WIDEST_REMARK])
        .zip(&self.heads)
        .map(|((text, share), head)| {
            let room = share * self.page;
            let lines =
                |row: &RowTexts| RichText::wrap(&text(row), room, MOST_NAME_LINES, TITLE_STYLE);
            let texts: Vec<Vec<RichText>> = self.rows.iter().map(lines).collect();
            let head = RichText::parse(head).width(HEAD_STYLE);
            let width = widest(&texts, TITLE_STYLE);
            let width = if width > 0.0 { width.max(head) } else { 0.0 };
            (texts, width)
        })
        .collect::<Vec<_>>()
        .try_into()
        .unwrap_or_default();
        let [
            (names, name_width),
            (remarks, remark_width),
            (numbers, number_width),
        ] = columns;
        let row_height = [&names, &remarks, &numbers]
            .into_iter()
            .map(|texts| row_height(self.row_height, texts, TITLE_STYLE))
            .fold(self.row_height, f64::max);
        let room = |width: f64| if width > 0.0 { width + NAME_GAP } else { 0.0 };
        let remark_left = MARGIN + name_width + NAME_GAP;
        let left = remark_left + room(remark_width);
        let right = self.page - MARGIN - room(number_width).max(2.0);
        let heading = RichText::wrap(&self.heading, self.page - 2.0 * MARGIN, 3, HEAD_STYLE);
        let heading_height = if self.heading.is_empty() {
            0.0
        } else {
            heading.len() as f64 * HEAD_HEIGHT
        };
        let headed = self.heads.iter().any(|head| !head.is_empty());
        let heads_height = if headed { HEAD_HEIGHT } else { 0.0 };
        let frame = Frame {
            left,
            top: MARGIN + heading_height + heads_height + 0.6,
            width: right - left,
            height: row_height * self.rows.len() as f64,
            horizontal: self.axis.range,
            vertical: Range {
                low: 0.0,
                high: 1.0,
            },
        };
        let legend = Legend::new(&self.legend, self.page - 2.0 * MARGIN);
        let axis_bottom =
            frame.bottom() + horizontal_axis_height(&self.axis, frame.width, AxisTitle::Shown);
        let legend_top = axis_bottom + LEGEND_GAP;
        let height = if self.legend.is_empty() {
            axis_bottom
        } else {
            legend_top + legend.height()
        };
        let mut scene = Scene::new(self.page, height + MARGIN);
        for (line, text) in heading.iter().enumerate() {
            let anchor = (MARGIN, MARGIN + (line as f64 + 0.75) * HEAD_HEIGHT);
            if heading_height > 0.0 {
                scene.write(text, anchor, Align::Start, Turn::Level, HEAD_STYLE);
            }
        }
        let head_line = MARGIN + heading_height + 0.72 * HEAD_HEIGHT;
        let places = [
            (MARGIN, Align::Start),
            (remark_left, Align::Start),
            (self.page - MARGIN, Align::End),
        ];
        let shown = [name_width, remark_width, number_width].map(|width| width > 0.0);
        for ((head, (across, align)), shown) in self.heads.iter().zip(places).zip(shown) {
            if shown {
                let head = RichText::parse(head);
                scene.write(&head, (across, head_line), align, Turn::Level, HEAD_STYLE);
            }
        }
        for row in 0..self.rows.len() {
            let middle = self.middle(&frame, row);
            let grey = TITLE_STYLE.coloured(Colour::GREY);
            let texts = [
                (&names[row], TITLE_STYLE),
                (&remarks[row], grey),
                (&numbers[row], TITLE_STYLE),
            ];
            for ((text, style), (across, align)) in texts.into_iter().zip(places) {
                scene.write_lines(text, (across, middle), align, style);
            }
        }
        draw_horizontal_axis(&mut scene, &self.axis, &frame, AxisTitle::Shown);
        legend.draw(&mut scene, MARGIN, legend_top);
        (scene, frame)
    }

    /// The middle of a row.
    pub(super) fn middle(&self, frame: &Frame, row: usize) -> f64 {
        // Rows are as high as their names need.
        frame.top + (row as f64 + 0.5) * frame.height / self.rows.len().max(1) as f64
    }
}

/// An upright dotted line through all rows.
pub(super) fn draw_reference(scene: &mut Scene, frame: &Frame, value: f64) {
    let across = frame.across(value);
    let line = [(across, frame.top), (across, frame.bottom())];
    scene.stroke(&line, 0.25, Colour::GREY, DOTTED);
}

/// A level interval with caps.
pub(super) fn draw_whisker(scene: &mut Scene, frame: &Frame, ends: (f64, f64), middle: f64) {
    let (from, to) = (frame.across(ends.0), frame.across(ends.1));
    scene.line(vec![(from, middle), (to, middle)], 0.25, Colour::INK);
    for end in [from, to] {
        let cap = vec![(end, middle - 0.55), (end, middle + 0.55)];
        scene.line(cap, 0.25, Colour::INK);
    }
}
