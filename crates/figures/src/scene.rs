//! A picture as a list of marks in millimetres: lines, areas, discs and texts.
//!
//! Layout happens here, in real numbers and before anything is drawn, so that tests can ask where
//! every text stands. [`super::backend`] lets plotters draw into a scene; [`super::svg`] and
//! [`super::png`] write it.

use super::fonts::Face;
use super::palette::Colour;
use super::rich_text::RichText;
use std::collections::{BTreeMap, BTreeSet};

/// A place on the page: millimetres from the left and from the top.
pub(super) type Point = (f64, f64);

/// Millimetres in a typographic point.
pub(super) const POINT: f64 = 25.4 / 72.0;

/// Distance of the lines of one text in em.
pub(super) const LINE: f64 = 1.2;

/// Direction in which a text runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// Left to right.
    Level,
    /// From bottom to top.
    Upward,
}

/// Which part of a text stands at its anchor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Align {
    /// The beginning.
    Start,
    /// The middle.
    Middle,
    /// The end.
    End,
}

/// How a text is set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct TextStyle {
    /// Em in points.
    pub(super) points: f64,
    /// Cut of the typeface.
    pub(super) face: Face,
    /// Colour.
    pub(super) colour: Colour,
}

impl TextStyle {
    /// Regular text in the colour of ink.
    pub(super) const fn regular(points: f64) -> Self {
        Self {
            points,
            face: Face::Regular,
            colour: Colour::INK,
        }
    }

    /// Semi-bold text in the colour of ink.
    pub(super) const fn semi_bold(points: f64) -> Self {
        Self {
            points,
            face: Face::SemiBold,
            colour: Colour::INK,
        }
    }

    /// The same in another colour.
    pub(super) const fn coloured(self, colour: Colour) -> Self {
        Self { colour, ..self }
    }

    /// The em in millimetres.
    pub(super) const fn em(self) -> f64 {
        self.points * POINT
    }
}

/// One thing on the page.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Mark {
    /// An open line.
    Line {
        /// Corners.
        points: Vec<Point>,
        /// Thickness.
        width: f64,
        /// Colour.
        colour: Colour,
    },
    /// A filled polygon.
    Area {
        /// Corners.
        points: Vec<Point>,
        /// Fill.
        colour: Colour,
        /// From 0 (nothing) to 1 (solid).
        opacity: f64,
    },
    /// A filled circle.
    Disc {
        /// Centre.
        centre: Point,
        /// Radius.
        radius: f64,
        /// Fill.
        colour: Colour,
    },
    /// A run of text of one size.
    Text {
        /// The characters.
        text: String,
        /// Where the baseline begins.
        start: Point,
        /// Em in millimetres.
        em: f64,
        /// Cut of the typeface.
        face: Face,
        /// Colour.
        colour: Colour,
        /// Direction.
        turn: Turn,
    },
}

impl Mark {
    fn is_finite(&self) -> bool {
        let finite = |point: &Point| point.0.is_finite() && point.1.is_finite();
        match self {
            Self::Line { points, .. } | Self::Area { points, .. } => points.iter().all(finite),
            Self::Disc { centre, radius, .. } => finite(centre) && radius.is_finite(),
            Self::Text { start, em, .. } => finite(start) && em.is_finite(),
        }
    }
}

/// The extent of a text on the page.
#[cfg(test)]
#[derive(Clone, Debug, PartialEq)]
pub(super) struct TextBox {
    /// The characters.
    pub(super) text: String,
    /// Em in points.
    pub(super) points: f64,
    /// Left, top, right, bottom.
    pub(super) edges: (f64, f64, f64, f64),
}

/// A page and what is on it, first mark at the bottom.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Scene {
    /// Width of the page.
    pub(super) width: f64,
    /// Height of the page.
    pub(super) height: f64,
    marks: Vec<Mark>,
    missing: BTreeMap<String, BTreeSet<char>>,
    remarks: Vec<String>,
}

impl Scene {
    /// An empty page.
    pub(super) fn new(width: f64, height: f64) -> Self {
        Self {
            width,
            height,
            marks: Vec::new(),
            missing: BTreeMap::new(),
            remarks: Vec::new(),
        }
    }

    /// Keeps what whoever looks at files only should know of the picture.
    pub(super) fn remark(&mut self, text: String) {
        self.remarks.push(text);
    }

    /// What was kept, in the order of the picture.
    pub(super) fn remarks(&self) -> &[String] {
        &self.remarks
    }

    /// The characters that the typeface lacks, by the text that they stand in.
    pub(super) fn missing(&self) -> &BTreeMap<String, BTreeSet<char>> {
        &self.missing
    }

    /// What is on the page.
    pub(super) fn marks(&self) -> &[Mark] {
        &self.marks
    }

    /// Adds a mark; one without a finite place is left out.
    pub(super) fn add(&mut self, mark: Mark) {
        if mark.is_finite() {
            self.marks.push(mark);
        }
    }

    /// Changes every mark.
    pub(super) fn change(&mut self, change: impl FnMut(&mut Mark)) {
        self.marks.iter_mut().for_each(change);
    }

    /// Adds a line.
    pub(super) fn line(&mut self, points: Vec<Point>, width: f64, colour: Colour) {
        self.add(Mark::Line {
            points,
            width,
            colour,
        });
    }

    /// Adds a solid polygon.
    pub(super) fn area(&mut self, points: Vec<Point>, colour: Colour) {
        self.add(Mark::Area {
            points,
            colour,
            opacity: 1.0,
        });
    }

    /// Writes rich text; returns its width.
    pub(super) fn write(
        &mut self,
        text: &RichText,
        anchor: Point,
        align: Align,
        turn: Turn,
        style: TextStyle,
    ) -> f64 {
        if let Some(missing) = text.missing() {
            let letters = self.missing.entry(missing.text.clone()).or_default();
            letters.extend(&missing.letters);
        }
        let width = text.width(style);
        let mut along = match align {
            Align::Start => 0.0,
            Align::Middle => -0.5 * width,
            Align::End => -width,
        };
        for run in text.runs() {
            let em = style.em() * run.shift.scale();
            // Viewers drop spaces at the ends of a text: they become distance instead.
            let text = run.text.trim();
            let lead = run.text.len() - run.text.trim_start().len();
            let indent = style.face.width(&run.text[..lead]) * em;
            let raise = style.em() * run.shift.raise();
            let start = match turn {
                Turn::Level => (anchor.0 + along + indent, anchor.1 - raise),
                Turn::Upward => (anchor.0 - raise, anchor.1 - along - indent),
            };
            along += style.face.width(&run.text) * em;
            if text.is_empty() {
                continue;
            }
            self.add(Mark::Text {
                text: text.to_owned(),
                start,
                em,
                face: style.face,
                colour: style.colour,
                turn,
            });
        }
        width
    }

    /// Writes lines of level text about the height `middle`.
    pub(super) fn write_lines(
        &mut self,
        lines: &[RichText],
        (across, middle): Point,
        align: Align,
        style: TextStyle,
    ) {
        let step = LINE * style.em();
        let first = middle - 0.5 * step * (lines.len().max(1) - 1) as f64 + 0.36 * style.em();
        for (line, text) in lines.iter().enumerate() {
            let anchor = (across, first + line as f64 * step);
            self.write(text, anchor, align, Turn::Level, style);
        }
    }

    /// Where the texts stand.
    #[cfg(test)]
    pub(super) fn text_boxes(&self) -> Vec<TextBox> {
        let boxes = self.marks.iter().filter_map(|mark| {
            let Mark::Text {
                text,
                start,
                em,
                face,
                turn,
                ..
            } = mark
            else {
                return None;
            };
            let width = face.width(text) * em;
            let (above, below) = (0.76 * em, 0.21 * em);
            let edges = match turn {
                Turn::Level => (start.0, start.1 - above, start.0 + width, start.1 + below),
                Turn::Upward => (start.0 - above, start.1 - width, start.0 + below, start.1),
            };
            Some(TextBox {
                text: text.clone(),
                points: em / POINT,
                edges,
            })
        });
        boxes.collect()
    }
}
