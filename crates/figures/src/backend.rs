//! plotters draws into a scene: a [`Scene`] as one of its backends.
//!
//! plotters has the coordinates, the elements and the colour maps; what it draws becomes marks, and
//! SVG and PNG are written from the marks. plotters counts in whole units: one unit is a thousandth of
//! a millimetre here, a tenth of what the finest of the files resolves. Text is measured with the
//! embedded typeface, never with a font of the machine.

use super::fonts::Face;
use super::palette::{Colour, Dashes};
use super::panel::{Sign, draw_sign, rectangle};
use super::rich_text::RichText;
use super::scene::{Align, Mark, POINT, Point, Scene, TextStyle, Turn};
use super::ticks::{Range, Ticks};
use plotters::coord::Shift;
use plotters::coord::cartesian::Cartesian2d;
use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};
use plotters::drawing::{DrawingArea, IntoDrawingArea};
use plotters::element::{Drawable, PointCollection};
use plotters::style::{RGBAColor, ShapeStyle};
use plotters_backend::text_anchor::{HPos, VPos};
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind,
    FontStyle, FontTransform,
};
use std::convert::Infallible;

/// Units of plotters in a millimetre.
pub(super) const UNITS: f64 = 1000.0;

/// Height of capital letters in em.
const CAPITAL_HEIGHT: f64 = 0.73;

/// A scene that plotters draws into. Nothing of it can fail.
pub(super) struct SceneBackend<'a>(&'a mut Scene);

/// What drawing gives: the error has no values.
type Drawn = Result<(), DrawingErrorKind<Infallible>>;

/// The page as plotters sees it.
pub(super) type Page<'a> = DrawingArea<SceneBackend<'a>, Shift>;

/// A frame with its axes as plotters sees it.
pub(super) type Chart<'a> = DrawingArea<SceneBackend<'a>, Cartesian2d<AxisScale, AxisScale>>;

impl Scene {
    /// The page for plotters to draw on.
    pub(super) fn page(&mut self) -> Page<'_> {
        SceneBackend(self).into_drawing_area()
    }
}

/// Millimetres in units of plotters.
pub(super) fn to_units(length: f64) -> i32 {
    (length * UNITS).round() as i32
}

/// A place in units of plotters in millimetres.
fn to_point((x, y): BackendCoord) -> Point {
    (f64::from(x) / UNITS, f64::from(y) / UNITS)
}

fn to_colour(colour: BackendColor) -> Colour {
    let (red, green, blue) = colour.rgb;
    Colour(red, green, blue)
}

/// A style of plotters: a colour, how much it covers, and the width of lines in millimetres.
pub(super) fn shape_style(colour: Colour, opacity: f64, width: f64) -> ShapeStyle {
    ShapeStyle {
        color: RGBAColor(colour.0, colour.1, colour.2, opacity),
        filled: false,
        stroke_width: to_units(width).unsigned_abs(),
    }
}

impl DrawingBackend for SceneBackend<'_> {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        let unsigned = |length| to_units(length).unsigned_abs();
        (unsigned(self.0.width), unsigned(self.0.height))
    }

    fn ensure_prepared(&mut self) -> Drawn {
        Ok(())
    }

    fn present(&mut self) -> Drawn {
        Ok(())
    }

    fn draw_pixel(&mut self, (x, y): BackendCoord, colour: BackendColor) -> Drawn {
        self.draw_rect((x, y), (x + 1, y + 1), &colour, true)
    }

    fn draw_line<S: BackendStyle>(
        &mut self,
        from: BackendCoord,
        to: BackendCoord,
        style: &S,
    ) -> Drawn {
        self.draw_path([from, to], style)
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        upper_left: BackendCoord,
        bottom_right: BackendCoord,
        style: &S,
        fill: bool,
    ) -> Drawn {
        let ((left, top), (right, bottom)) = (upper_left, bottom_right);
        let corners = [(left, top), (right, top), (right, bottom), (left, bottom)];
        if fill {
            self.fill_polygon(corners, style)
        } else {
            self.draw_path(corners.into_iter().chain([(left, top)]), style)
        }
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Drawn {
        let points = path.into_iter().map(to_point).collect();
        let width = f64::from(style.stroke_width()) / UNITS;
        self.0.line(points, width, to_colour(style.color()));
        Ok(())
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        centre: BackendCoord,
        radius: u32,
        style: &S,
        fill: bool,
    ) -> Drawn {
        let (centre, radius) = (to_point(centre), f64::from(radius) / UNITS);
        let colour = to_colour(style.color());
        if fill {
            self.0.add(Mark::Disc {
                centre,
                radius,
                colour,
            });
        } else {
            // Turned by five degrees each time: no cosine of the machine's library.
            const TURN: (f64, f64) = (0.996_194_698_091_745_5, 0.087_155_742_747_658_17);
            let mut spoke = (radius, 0.0);
            let mut corners = Vec::with_capacity(73);
            for _ in 0..=72 {
                corners.push((centre.0 + spoke.0, centre.1 + spoke.1));
                spoke = (
                    TURN.0 * spoke.0 - TURN.1 * spoke.1,
                    TURN.1 * spoke.0 + TURN.0 * spoke.1,
                );
            }
            let width = f64::from(style.stroke_width()) / UNITS;
            self.0.line(corners, width, colour);
        }
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        corners: I,
        style: &S,
    ) -> Drawn {
        self.0.add(Mark::Area {
            points: corners.into_iter().map(to_point).collect(),
            colour: to_colour(style.color()),
            opacity: style.color().alpha,
        });
        Ok(())
    }

    fn draw_text<T: BackendTextStyle>(
        &mut self,
        text: &str,
        style: &T,
        place: BackendCoord,
    ) -> Drawn {
        let (text, set) = (RichText::parse(text), text_style(style));
        let anchor = style.anchor();
        let align = match anchor.h_pos {
            HPos::Left => Align::Start,
            HPos::Center => Align::Middle,
            HPos::Right => Align::End,
        };
        let drop = match anchor.v_pos {
            VPos::Top => CAPITAL_HEIGHT,
            VPos::Center => 0.5 * CAPITAL_HEIGHT,
            VPos::Bottom => 0.0,
        };
        let (x, y) = to_point(place);
        let drop = drop * set.em();
        // The typeface is set level or upwards; figures have no use for other directions.
        let (anchor, turn) = match style.transform() {
            FontTransform::Rotate90 | FontTransform::Rotate270 => ((x + drop, y), Turn::Upward),
            FontTransform::None | FontTransform::Rotate180 => ((x, y + drop), Turn::Level),
        };
        self.0.write(&text, anchor, align, turn, set);
        Ok(())
    }

    fn estimate_text_size<T: BackendTextStyle>(
        &self,
        text: &str,
        style: &T,
    ) -> Result<(u32, u32), DrawingErrorKind<Infallible>> {
        let set = text_style(style);
        let width = to_units(RichText::parse(text).width(set));
        let height = to_units(CAPITAL_HEIGHT * set.em());
        Ok((width.unsigned_abs(), height.unsigned_abs()))
    }
}

/// How plotters wants a text; its sizes are ems in units.
fn text_style<T: BackendTextStyle>(style: &T) -> TextStyle {
    let face = match style.style() {
        FontStyle::Normal => Face::Regular,
        FontStyle::Bold => Face::SemiBold,
        FontStyle::Oblique | FontStyle::Italic => Face::Italic,
    };
    TextStyle {
        points: style.size() / UNITS / POINT,
        face,
        colour: to_colour(style.color()),
    }
}

/// An axis as a coordinate of plotters: values beyond its ends are held at them, its key points are
/// the ticks.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct AxisScale {
    /// Its ends.
    pub(super) range: Range,
    /// Its ticks.
    pub(super) ticks: Ticks,
}

impl Ranged for AxisScale {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        let share = self.range.share(*value).clamp(0.0, 1.0);
        let (from, to) = (f64::from(limit.0), f64::from(limit.1));
        (from + share * (to - from)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, _: Hint) -> Vec<f64> {
        self.ticks.marks.iter().map(|(value, _)| *value).collect()
    }

    fn range(&self) -> std::ops::Range<f64> {
        self.range.low..self.range.high
    }
}

impl ValueFormatter<f64> for AxisScale {
    fn format_ext(&self, value: &f64) -> String {
        let marks = self.ticks.marks.iter();
        let found = marks.min_by(|a, b| (a.0 - value).abs().total_cmp(&(b.0 - value).abs()));
        found.map_or_else(String::new, |(_, label)| label.clone())
    }
}

/// A line with dashes, drawn with as few corners as look the same; a single point becomes a dot.
pub(super) struct DashedLine {
    /// Its corners in the units of the axes.
    pub(super) points: Vec<(f64, f64)>,
    /// Thickness.
    pub(super) width: f64,
    /// Colour.
    pub(super) colour: Colour,
    /// Lengths of dashes and gaps; none for an unbroken line.
    pub(super) dashes: Dashes,
}

impl<'a> PointCollection<'a, (f64, f64)> for &'a DashedLine {
    type Point = &'a (f64, f64);
    type IntoIter = std::slice::Iter<'a, (f64, f64)>;

    fn point_iter(self) -> Self::IntoIter {
        self.points.iter()
    }
}

impl<'b> Drawable<SceneBackend<'b>> for DashedLine {
    fn draw<I: Iterator<Item = BackendCoord>>(
        &self,
        places: I,
        backend: &mut SceneBackend<'b>,
        _: (u32, u32),
    ) -> Drawn {
        let places: Vec<Point> = places.map(to_point).collect();
        if let [centre] = places[..] {
            backend.0.add(Mark::Disc {
                centre,
                radius: 0.45,
                colour: self.colour,
            });
        }
        let scene = &mut backend.0;
        scene.stroke(&places, self.width, self.colour, self.dashes);
        Ok(())
    }
}

/// An event marker.
pub(super) struct SignAt {
    /// Where, in the units of the axes.
    pub(super) at: (f64, f64),
    /// Which.
    pub(super) sign: Sign,
    /// Colour.
    pub(super) colour: Colour,
}

impl<'a> PointCollection<'a, (f64, f64)> for &'a SignAt {
    type Point = &'a (f64, f64);
    type IntoIter = std::iter::Once<&'a (f64, f64)>;

    fn point_iter(self) -> Self::IntoIter {
        std::iter::once(&self.at)
    }
}

impl<'b> Drawable<SceneBackend<'b>> for SignAt {
    fn draw<I: Iterator<Item = BackendCoord>>(
        &self,
        places: I,
        backend: &mut SceneBackend<'b>,
        _: (u32, u32),
    ) -> Drawn {
        for place in places {
            draw_sign(backend.0, self.sign, to_point(place), self.colour);
        }
        Ok(())
    }
}

/// A bar over a stretch of the horizontal axis, at a height in millimetres.
pub(super) struct BarOver {
    /// The ends in the units of the axes.
    pub(super) ends: [(f64, f64); 2],
    /// Upper edge in millimetres on the page.
    pub(super) top: f64,
    /// Lower edge.
    pub(super) bottom: f64,
    /// Colour.
    pub(super) colour: Colour,
}

impl<'a> PointCollection<'a, (f64, f64)> for &'a BarOver {
    type Point = &'a (f64, f64);
    type IntoIter = std::slice::Iter<'a, (f64, f64)>;

    fn point_iter(self) -> Self::IntoIter {
        self.ends.iter()
    }
}

impl<'b> Drawable<SceneBackend<'b>> for BarOver {
    fn draw<I: Iterator<Item = BackendCoord>>(
        &self,
        places: I,
        backend: &mut SceneBackend<'b>,
        _: (u32, u32),
    ) -> Drawn {
        let places: Vec<Point> = places.map(to_point).collect();
        if let [(left, _), (right, _)] = places[..] {
            let corners = rectangle(left, self.top, right, self.bottom);
            backend.0.area(corners, self.colour);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use plotters::prelude::*;

    /// A chart of plotters' own making: every call of the backend becomes marks inside the page.
    #[test]
    fn plotters_own_charts_are_drawn_into_a_scene() {
        let mut scene = Scene::new(80.0, 60.0);
        {
            let page = scene.page();
            page.fill(&WHITE).unwrap();
            let mut chart = ChartBuilder::on(&page)
                .margin(4000)
                .caption("Plotters, CO_2", ("Inter", 4000))
                .x_label_area_size(6000)
                .y_label_area_size(9000)
                .build_cartesian_2d(0.0..10.0, -1.0..1.0)
                .unwrap();
            let mesh = &mut chart.configure_mesh();
            mesh.x_desc("Age")
                .y_desc("Value")
                .label_style(("Inter", 2200));
            mesh.axis_desc_style(("Inter", 2400)).draw().unwrap();
            let curve = (0..=100).map(|step| {
                let x = f64::from(step) / 10.0;
                PathElement::new(
                    [(x, 0.0), (x + 0.1, 0.5)],
                    shape_style(Colour::INK, 1.0, 0.2),
                )
            });
            chart.draw_series(curve).unwrap();
            let discs = [true, false].map(|filled| {
                let style = ShapeStyle {
                    filled,
                    ..shape_style(Colour::INK, 1.0, 0.2)
                };
                Circle::new((5.0, 0.5), 1500, style)
            });
            chart.draw_series(discs).unwrap();
            page.present().unwrap();
        }
        let count = |wanted: fn(&Mark) -> bool| scene.marks().iter().filter(|m| wanted(m)).count();
        assert!(count(|mark| matches!(mark, Mark::Line { .. })) > 101);
        assert_eq!(count(|mark| matches!(mark, Mark::Disc { .. })), 1);
        assert!(count(|mark| matches!(mark, Mark::Area { .. })) >= 1);
        let boxes = scene.text_boxes();
        for wanted in ["Plotters, CO", "Age", "Value"] {
            assert!(boxes.iter().any(|found| found.text == wanted), "{wanted}");
        }
        for text in &boxes {
            let (left, top, right, bottom) = text.edges;
            assert!(
                left >= 0.0 && top >= 0.0 && right <= 80.0 && bottom <= 60.0,
                "{text:?}"
            );
        }
    }

    #[test]
    fn text_is_measured_with_the_embedded_typeface() {
        let mut scene = Scene::new(80.0, 60.0);
        let page = scene.page();
        let style = ("whatever the machine has", 2500).into_text_style(&page);
        let (width, _) = page.estimate_text_size("Hi", &style).unwrap();
        let expected = Face::Regular.width("Hi") * 2500.0;
        assert!((f64::from(width) - expected).abs() <= 1.0, "{width}");
    }

    #[test]
    fn values_beyond_an_axis_are_held_at_its_ends() {
        let range = Range {
            low: 2.0,
            high: 4.0,
        };
        let ticks = Ticks::nice(range, 2);
        let scale = AxisScale { range, ticks };
        let places = [-1e300, 2.0, 3.0, 4.0, f64::INFINITY]
            .map(|value| Ranged::map(&scale, &value, (1000, 0)));
        assert_eq!(places, [1000, 1000, 500, 0, 0]);
        assert_eq!(ValueFormatter::format_ext(&scale, &3.0), "3");
    }
}
