//! One chart: axes, curves, markers.
//!
//! A panel is told what to draw in the units of its axes; [`Frame`] turns these into places on the
//! page.

use super::palette::{ArmStyle, Colour, Dashes};
use super::rich_text::RichText;
use super::scene::{Align, Mark, Point, Scene, TextStyle, Turn};
use super::ticks::{Range, Ticks};
use super::units::axis_unit;

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
    pub(super) fn full_title(&self) -> RichText {
        if self.unit.is_empty() && self.ticks.exponent == 0 && !self.title.is_empty() {
            return RichText::parse(&self.title);
        }
        let unit = axis_unit(&self.unit, self.ticks.exponent);
        RichText::parse(&if self.title.is_empty() {
            unit
        } else {
            format!("{} ({unit})", self.title)
        })
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
    /// Room that the bars of windows take above the frame.
    pub(super) fn window_height(&self) -> f64 {
        let rows = self.items.iter().map(|item| match item {
            Item::Window { row, .. } => row + 1,
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
            Item::Window { .. } | Item::Shade { .. } | Item::Band { .. }
        )
    });
    for item in areas {
        draw_item(scene, item, &frame);
    }
    draw_horizontal_axis(scene, &panel.horizontal, &frame, title);
    draw_vertical_axis(scene, &panel.vertical, &frame);
    for item in others {
        draw_item(scene, item, &frame);
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
        let anchor = (
            frame.left + 0.5 * frame.width,
            baseline + 1.35 * TITLE_STYLE.em(),
        );
        let title = axis.full_title().fit(frame.width + 6.0, TITLE_STYLE);
        scene.write(&title, anchor, Align::Middle, Turn::Level, TITLE_STYLE);
    }
}

/// Room that a horizontal axis takes below its frame.
pub(super) fn horizontal_axis_height(title: AxisTitle) -> f64 {
    let labels = TICK_LENGTH + TICK_GAP + 0.95 * TICK_STYLE.em();
    match title {
        AxisTitle::Shown => labels + 1.35 * TITLE_STYLE.em(),
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
    let title = axis.full_title().fit(frame.height + 4.0, TITLE_STYLE);
    let anchor = (
        edge - axis.label_width() - 0.45 * TITLE_STYLE.em(),
        frame.top + 0.5 * frame.height,
    );
    scene.write(&title, anchor, Align::Middle, Turn::Upward, TITLE_STYLE);
}

/// Room that a vertical axis takes left of its frame.
pub(super) fn vertical_axis_width(axis: &Axis) -> f64 {
    TICK_LENGTH + TICK_GAP + axis.label_width() + 1.4 * TITLE_STYLE.em()
}

fn draw_item(scene: &mut Scene, item: &Item, frame: &Frame) {
    match item {
        Item::Window {
            from,
            to,
            row,
            colour,
        } => {
            let (left, right) = (frame.across(*from), frame.across(*to));
            let bottom = frame.top - *row as f64 * WINDOW_ROW - 0.3;
            let top = bottom - WINDOW_HEIGHT;
            scene.area(rectangle(left, top, right, bottom), *colour);
        }
        Item::Shade { from, to, colour } => {
            let (left, right) = (frame.across(*from), frame.across(*to));
            scene.area(rectangle(left, frame.top, right, frame.bottom()), *colour);
        }
        Item::Band {
            low,
            high,
            colour,
            opacity,
        } => {
            let outline = high.iter().chain(low.iter().rev());
            let points: Vec<Point> = outline.map(|point| frame.place(*point)).collect();
            if points.len() > 2 {
                scene.add(Mark::Area {
                    points,
                    colour: *colour,
                    opacity: *opacity,
                });
            }
        }
        Item::Whisker {
            at,
            low,
            high,
            colour,
        } => {
            let (across, bottom, top) = (frame.across(*at), frame.up(*low), frame.up(*high));
            scene.line(vec![(across, bottom), (across, top)], 0.25, *colour);
            for end in [bottom, top] {
                let cap = vec![(across - 0.6, end), (across + 0.6, end)];
                scene.line(cap, 0.25, *colour);
            }
        }
        Item::Level {
            value,
            colour,
            dashes,
        } => {
            if value.is_finite() {
                let up = frame.up(*value);
                scene.stroke(
                    &[(frame.left, up), (frame.right(), up)],
                    0.25,
                    *colour,
                    dashes,
                );
            }
        }
        Item::Curve { points, style } => {
            let places: Vec<Point> = points.iter().map(|point| frame.place(*point)).collect();
            if let [centre] = places[..] {
                scene.add(Mark::Disc {
                    centre,
                    radius: 0.45,
                    colour: style.colour,
                });
            }
            scene.stroke(&places, CURVE_WIDTH, style.colour, style.dashes);
        }
        Item::Marker { at, sign, colour } => draw_sign(scene, *sign, frame.place(*at), *colour),
    }
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
