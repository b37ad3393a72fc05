//! One chart: axes, curves, markers.
//!
//! A panel is told what to draw in the units of its axes; plotters turns these into places on the
//! page and draws its elements there ([`super::backend`]).

use super::backend::{
    AxisScale, BarOver, Chart, DashedLine, SceneBackend, SignAt, UNITS, shape_style, to_units,
};
use super::palette::{ArmStyle, Colour, Dashes};
use super::rich_text::RichText;
use super::scene::{Align, LINE, Mark, Point, Scene, TextStyle, Turn};
use super::ticks::{Range, Ticks};
use super::units::axis_unit;
use plotters::coord::cartesian::Cartesian2d;
use plotters::drawing::DrawingAreaErrorKind;
use plotters::element::{EmptyElement, PathElement, Polygon, Rectangle};
use std::convert::Infallible;

/// Tick labels.
pub(super) const TICK_STYLE: TextStyle = TextStyle::regular(6.2);
/// Axis titles and legends.
pub(super) const TITLE_STYLE: TextStyle = TextStyle::regular(6.6);
/// Headings of panels.
pub(super) const HEADING_STYLE: TextStyle = TextStyle::regular(7.2);
/// Thickness of an arm's curve.
pub(super) const CURVE_WIDTH: f64 = 0.38;
/// Length of a tick.
pub(super) const TICK_LENGTH: f64 = 0.8;
/// Room between a tick and its label.
pub(super) const TICK_GAP: f64 = 0.6;

/// How far the title of an axis may reach beyond both ends of the frame together.
const TITLE_OVERHANG: f64 = 4.0;
/// Most lines of a title.
const MOST_TITLE_LINES: usize = 4;
/// Distance of two lines of a title.
const TITLE_LINE: f64 = LINE * TITLE_STYLE.em();

const AXIS_WIDTH: f64 = 0.2;
/// Thickness of the bar of an intervention's window.
pub(super) const WINDOW_HEIGHT: f64 = 0.75;
/// Distance between two such bars.
const WINDOW_ROW: f64 = 1.0;

/// What stands along an axis.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Axis {
    /// Title before the unit; empty if the heading of the panel says it.
    pub(super) title: String,
    /// Unit as in the model.
    pub(super) unit: String,
    /// Ends.
    pub(super) range: Range,
    /// Ticks.
    pub(super) ticks: Ticks,
}

impl Axis {
    /// An axis with about `count` ticks.
    pub(super) fn new(title: &str, unit: &str, range: Range, count: usize) -> Self {
        let ticks = Ticks::nice(range, count);
        Self {
            title: title.into(),
            unit: unit.into(),
            range,
            ticks,
        }
    }

    /// The title with the unit; a title whose unit is the empty text stands alone.
    fn full_title(&self) -> String {
        if self.unit.is_empty() && self.ticks.exponent == 0 && !self.title.is_empty() {
            return self.title.clone();
        }
        let unit = axis_unit(&self.unit, self.ticks.exponent);
        if self.title.is_empty() {
            unit
        } else {
            format!("{} ({unit})", self.title)
        }
    }

    /// The title in lines that fit along a frame.
    pub(super) fn title_lines(&self, along: f64) -> Vec<RichText> {
        RichText::wrap(&self.full_title(), along, MOST_TITLE_LINES, TITLE_STYLE)
    }

    /// Width of the widest tick label.
    pub(super) fn label_width(&self) -> f64 {
        self.ticks
            .marks
            .iter()
            .map(|(_, label)| RichText::parse(label).width(TICK_STYLE))
            .fold(0.0, f64::max)
    }
}

/// Shape of an event marker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sign {
    /// Open triangle that points down: onset.
    Onset,
    /// Cross: death.
    Death,
    /// Filled circle: a value.
    Dot,
    /// Open circle: a value that does not count as the filled ones do.
    Ring,
    /// Small filled circle: one of very many.
    Speck,
    /// The same, open.
    OpenSpeck,
    /// Upright tick: censored.
    Censored,
    /// Triangle that points up: a value above the axis.
    Above,
    /// Triangle that points down: a value below the axis.
    Below,
}

/// One thing in a panel, in the units of its axes.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Item {
    /// A stretch of the horizontal axis: a bar above the frame in one of several rows.
    Window {
        from: f64,
        to: f64,
        row: usize,
        colour: Colour,
    },
    /// A moment on the horizontal axis: a small triangle above the frame in one of several rows.
    Moment { at: f64, row: usize, colour: Colour },
    /// A stretch of the horizontal axis: a light area behind the curves.
    Shade { from: f64, to: f64, colour: Colour },
    /// The area between two curves over the same places.
    Band {
        low: Vec<(f64, f64)>,
        high: Vec<(f64, f64)>,
        colour: Colour,
        opacity: f64,
    },
    /// An upright interval with caps.
    Whisker {
        at: f64,
        low: f64,
        high: f64,
        colour: Colour,
    },
    /// A horizontal line across the panel.
    Level {
        value: f64,
        colour: Colour,
        dashes: Dashes,
    },
    /// An unbroken curve; a single point becomes a dot.
    Curve {
        points: Vec<(f64, f64)>,
        style: ArmStyle,
    },
    /// Words in the middle of the frame: why nothing is drawn there.
    Note(&'static str),
    /// A marker.
    Marker {
        at: (f64, f64),
        sign: Sign,
        colour: Colour,
    },
}

/// A chart.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Panel {
    /// What is shown.
    pub(super) heading: String,
    /// Horizontal axis.
    pub(super) horizontal: Axis,
    /// Vertical axis.
    pub(super) vertical: Axis,
    /// Content, first thing at the bottom.
    pub(super) items: Vec<Item>,
}

impl Panel {
    /// The same, saying why where nothing of the data can be seen.
    pub(super) fn noted(mut self, why: &'static str) -> Self {
        let is_content = |item: &Item| {
            matches!(
                item,
                Item::Band { .. } | Item::Whisker { .. } | Item::Curve { .. } | Item::Marker { .. }
            )
        };
        let is_noted = |item: &Item| matches!(item, Item::Note(_));
        if !self.items.iter().any(|it| is_content(it) || is_noted(it)) {
            self.items.push(Item::Note(why));
        }
        self
    }

    /// Room that the bars of windows take above the frame.
    pub(super) fn window_height(&self) -> f64 {
        let rows = self.items.iter().map(|item| match item {
            Item::Window { row, .. } | Item::Moment { row, .. } => row + 1,
            _ => 0,
        });
        rows.max().unwrap_or(0) as f64 * WINDOW_ROW
    }
}

/// The rectangle of a chart on the page, with its axes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Frame {
    /// Left edge.
    pub(super) left: f64,
    /// Upper edge.
    pub(super) top: f64,
    /// Width.
    pub(super) width: f64,
    /// Height.
    pub(super) height: f64,
    /// Horizontal axis.
    pub(super) horizontal: Range,
    /// Vertical axis.
    pub(super) vertical: Range,
}

impl Frame {
    /// Place of a value pair, held inside the frame.
    pub(super) fn place(&self, at: (f64, f64)) -> Point {
        (self.across(at.0), self.up(at.1))
    }

    /// Horizontal place of a value.
    pub(super) fn across(&self, value: f64) -> f64 {
        self.left + self.width * self.horizontal.share(value).clamp(0.0, 1.0)
    }

    /// Vertical place of a value.
    pub(super) fn up(&self, value: f64) -> f64 {
        self.top + self.height * (1.0 - self.vertical.share(value).clamp(0.0, 1.0))
    }

    /// Lower edge.
    pub(super) fn bottom(&self) -> f64 {
        self.top + self.height
    }

    /// Right edge.
    pub(super) fn right(&self) -> f64 {
        self.left + self.width
    }
}

/// Whether the horizontal axis carries its title.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AxisTitle {
    /// It does.
    Shown,
    /// A panel below does.
    Below,
}

/// Draws a panel into its frame.
pub(super) fn draw_panel(scene: &mut Scene, panel: &Panel, frame: Frame, title: AxisTitle) {
    // Axes lie over areas and under curves, so that a marker on an axis is whole.
    let (areas, others): (Vec<&Item>, Vec<&Item>) = panel.items.iter().partition(|item| {
        matches!(
            item,
            Item::Window { .. } | Item::Moment { .. } | Item::Shade { .. } | Item::Band { .. }
        )
    });
    draw_items(scene, panel, &frame, &areas);
    draw_horizontal_axis(scene, &panel.horizontal, &frame, title);
    draw_vertical_axis(scene, &panel.vertical, &frame);
    draw_items(scene, panel, &frame, &others);
    for item in others {
        if let Item::Note(text) = item {
            write_note(scene, panel, &frame, text);
        }
    }
}

/// Writes why a panel is empty into its frame, and keeps it for those who look at files only.
fn write_note(scene: &mut Scene, panel: &Panel, frame: &Frame, text: &str) {
    let style = TITLE_STYLE.coloured(Colour::GREY);
    let lines = RichText::wrap(text, 0.9 * frame.width, MOST_TITLE_LINES, style);
    let middle = (
        frame.left + 0.5 * frame.width,
        frame.top + 0.5 * frame.height,
    );
    scene.write_lines(&lines, middle, Align::Middle, style);
    scene.remark(match panel.heading.as_str() {
        "" => text.to_owned(),
        heading => format!("panel `{heading}`: {text}"),
    });
}

/// Draws items through plotters, whose coordinates span the frame.
fn draw_items(scene: &mut Scene, panel: &Panel, frame: &Frame, items: &[&Item]) {
    let scale = |axis: &Axis, range: Range| AxisScale {
        range,
        ticks: axis.ticks.clone(),
    };
    let coordinates = Cartesian2d::new(
        scale(&panel.horizontal, frame.horizontal),
        scale(&panel.vertical, frame.vertical),
        (
            to_units(frame.left)..to_units(frame.right()),
            to_units(frame.bottom())..to_units(frame.top),
        ),
    );
    let chart: Chart<'_> = scene.page().apply_coord_spec(coordinates);
    for item in items {
        let drawn = draw_item(&chart, item, frame);
        // A scene refuses nothing, and nobody else draws into it meanwhile.
        debug_assert!(drawn.is_ok(), "{drawn:?}");
    }
}

/// Draws the line, ticks, labels and title below the frame.
pub(super) fn draw_horizontal_axis(
    scene: &mut Scene,
    axis: &Axis,
    frame: &Frame,
    title: AxisTitle,
) {
    let bottom = frame.bottom();
    scene.line(
        vec![(frame.left, bottom), (frame.right(), bottom)],
        AXIS_WIDTH,
        Colour::INK,
    );
    let baseline = bottom + TICK_LENGTH + TICK_GAP + 0.73 * TICK_STYLE.em();
    for (value, label) in &axis.ticks.marks {
        let across = frame.across(*value);
        scene.line(
            vec![(across, bottom), (across, bottom + TICK_LENGTH)],
            AXIS_WIDTH,
            Colour::INK,
        );
        let label = RichText::parse(label);
        scene.write(
            &label,
            (across, baseline),
            Align::Middle,
            Turn::Level,
            TICK_STYLE,
        );
    }
    if title == AxisTitle::Shown {
        let across = frame.left + 0.5 * frame.width;
        let first = baseline + 1.35 * TITLE_STYLE.em();
        let lines = axis.title_lines(frame.width + TITLE_OVERHANG);
        for (line, text) in lines.iter().enumerate() {
            let anchor = (across, first + line as f64 * TITLE_LINE);
            scene.write(text, anchor, Align::Middle, Turn::Level, TITLE_STYLE);
        }
    }
}

/// Room that a horizontal axis takes below a frame of this width.
pub(super) fn horizontal_axis_height(axis: &Axis, width: f64, title: AxisTitle) -> f64 {
    let labels = TICK_LENGTH + TICK_GAP + 0.95 * TICK_STYLE.em();
    match title {
        AxisTitle::Shown => {
            let lines = axis.title_lines(width + TITLE_OVERHANG).len();
            let more = lines.max(1) - 1;
            labels + 1.35 * TITLE_STYLE.em() + more as f64 * TITLE_LINE
        }
        AxisTitle::Below => labels,
    }
}

pub(super) fn draw_vertical_axis(scene: &mut Scene, axis: &Axis, frame: &Frame) {
    let left = frame.left;
    scene.line(
        vec![(left, frame.top), (left, frame.bottom())],
        AXIS_WIDTH,
        Colour::INK,
    );
    let edge = left - TICK_LENGTH - TICK_GAP;
    for (value, label) in &axis.ticks.marks {
        let up = frame.up(*value);
        scene.line(
            vec![(left - TICK_LENGTH, up), (left, up)],
            AXIS_WIDTH,
            Colour::INK,
        );
        let anchor = (edge, up + 0.36 * TICK_STYLE.em());
        scene.write(
            &RichText::parse(label),
            anchor,
            Align::End,
            Turn::Level,
            TICK_STYLE,
        );
    }
    // The last line stands next to the labels.
    let lines = axis.title_lines(frame.height + TITLE_OVERHANG);
    let last = edge - axis.label_width() - 0.45 * TITLE_STYLE.em();
    for (line, text) in lines.iter().rev().enumerate() {
        let anchor = (
            last - line as f64 * TITLE_LINE,
            frame.top + 0.5 * frame.height,
        );
        scene.write(text, anchor, Align::Middle, Turn::Upward, TITLE_STYLE);
    }
}

/// Room that a vertical axis takes left of a frame of this height.
pub(super) fn vertical_axis_width(axis: &Axis, height: f64) -> f64 {
    let more = axis.title_lines(height + TITLE_OVERHANG).len().max(1) - 1;
    let title = 1.4 * TITLE_STYLE.em() + more as f64 * TITLE_LINE;
    TICK_LENGTH + TICK_GAP + axis.label_width() + title
}

fn draw_item(
    chart: &Chart<'_>,
    item: &Item,
    frame: &Frame,
) -> Result<(), DrawingAreaErrorKind<Infallible>> {
    let Range { low, high } = frame.vertical;
    match item {
        Item::Window {
            from,
            to,
            row,
            colour,
        } => {
            let bottom = frame.top - *row as f64 * WINDOW_ROW - 0.3;
            chart.draw(&BarOver {
                ends: [(*from, high), (*to, high)],
                top: bottom - WINDOW_HEIGHT,
                bottom,
                colour: *colour,
            })
        }
        Item::Moment { at, row, colour } => {
            let tip = frame.top - *row as f64 * WINDOW_ROW - 0.3;
            let place = chart.map_coordinate(&(*at, high));
            let corners = moment(f64::from(place.0) / UNITS, tip);
            let corners = corners.map(|(x, y)| (to_units(x), to_units(y)));
            let style = shape_style(*colour, 1.0, 0.0).filled();
            chart.use_screen_coord().draw(&Polygon::new(corners, style))
        }
        Item::Shade { from, to, colour } => {
            let style = shape_style(*colour, 1.0, 0.0).filled();
            chart.draw(&Rectangle::new([(*from, high), (*to, low)], style))
        }
        Item::Band {
            low,
            high,
            colour,
            opacity,
        } => {
            let outline: Vec<_> = high.iter().chain(low.iter().rev()).copied().collect();
            if outline.len() < 3 {
                return Ok(());
            }
            let style = shape_style(*colour, *opacity, 0.0).filled();
            chart.draw(&Polygon::new(outline, style))
        }
        Item::Whisker {
            at,
            low,
            high,
            colour,
        } => {
            let style = shape_style(*colour, 1.0, 0.25);
            chart.draw(&PathElement::new([(*at, *low), (*at, *high)], style))?;
            let half = to_units(0.6);
            for end in [*low, *high] {
                let cap = PathElement::new([(-half, 0), (half, 0)], style);
                chart.draw(&(EmptyElement::<_, SceneBackend<'_>>::at((*at, end)) + cap))?;
            }
            Ok(())
        }
        Item::Level {
            value,
            colour,
            dashes,
        } => {
            if !value.is_finite() {
                return Ok(());
            }
            let Range { low, high } = frame.horizontal;
            chart.draw(&DashedLine {
                points: vec![(low, *value), (high, *value)],
                width: 0.25,
                colour: *colour,
                dashes,
            })
        }
        Item::Curve { points, style } => chart.draw(&DashedLine {
            points: points.clone(),
            width: CURVE_WIDTH,
            colour: style.colour,
            dashes: style.dashes,
        }),
        Item::Note(_) => Ok(()),
        Item::Marker { at, sign, colour } => chart.draw(&SignAt {
            at: *at,
            sign: *sign,
            colour: *colour,
        }),
    }
}

/// Corners of the triangle of a moment that points down to `(x, tip)`.
pub(super) fn moment(x: f64, tip: f64) -> [Point; 3] {
    let (half, top) = (0.45, tip - WINDOW_HEIGHT);
    [(x - half, top), (x + half, top), (x, tip)]
}

/// Draws an event marker.
pub(super) fn draw_sign(scene: &mut Scene, sign: Sign, centre: Point, colour: Colour) {
    let (x, y) = centre;
    match sign {
        Sign::Onset => {
            // The tip stands on the curve.
            let corners = [(x, y), (x - 0.85, y - 1.45), (x + 0.85, y - 1.45), (x, y)];
            scene.area(corners[..3].to_vec(), Colour::WHITE);
            scene.line(
                [corners[0], corners[1], corners[2], corners[0]].to_vec(),
                0.25,
                colour,
            );
        }
        Sign::Death => {
            let size = 0.75;
            for (from, to) in [(-size, size), (size, -size)] {
                scene.line(
                    vec![(x + from, y - size), (x + to, y + size)],
                    0.75,
                    Colour::WHITE,
                );
            }
            for (from, to) in [(-size, size), (size, -size)] {
                scene.line(vec![(x + from, y - size), (x + to, y + size)], 0.35, colour);
            }
        }
        Sign::Ring => draw_ring(scene, centre, 0.8, colour),
        Sign::OpenSpeck => draw_ring(scene, centre, 0.45, colour),
        Sign::Speck => scene.add(Mark::Disc {
            centre,
            radius: 0.45,
            colour,
        }),
        Sign::Above | Sign::Below => {
            let up = if sign == Sign::Above { -1.0 } else { 1.0 };
            let base = y - 0.6 * up;
            let corners = vec![(x, y + 0.6 * up), (x - 0.6, base), (x + 0.6, base)];
            scene.area(corners, colour);
        }
        Sign::Censored => scene.line(vec![(x, y - 0.75), (x, y + 0.75)], 0.25, colour),
        Sign::Dot => {
            scene.add(Mark::Disc {
                centre,
                radius: 0.95,
                colour: Colour::WHITE,
            });
            scene.add(Mark::Disc {
                centre,
                radius: 0.75,
                colour,
            });
        }
    }
}

fn draw_ring(scene: &mut Scene, centre: Point, radius: f64, colour: Colour) {
    for (radius, colour) in [(radius, colour), (0.65 * radius, Colour::WHITE)] {
        scene.add(Mark::Disc {
            centre,
            radius,
            colour,
        });
    }
}

/// Corners of a rectangle.
pub(super) fn rectangle(left: f64, top: f64, right: f64, bottom: f64) -> Vec<Point> {
    vec![(left, top), (right, top), (right, bottom), (left, bottom)]
}
