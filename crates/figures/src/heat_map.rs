//! A value over two factors as colours with labelled contour lines, one map per value of a third.
//!
//! Every map has the same axes and the same colours. A place without a value is grey. Where the values
//! of a factor are not evenly spaced they stand side by side, each as wide as the others.

use super::cell_axis::CellAxis;
use super::contours::Surface;
use super::grid::{LETTER_STYLE, MARGIN, panel_letter};
use super::legend::{Entry, Key, Legend};
use super::palette::{Colour, viridis};
use super::panel::{
    Axis, AxisTitle, Frame, HEADING_STYLE, TICK_GAP, TICK_LENGTH, TICK_STYLE, TITLE_STYLE,
    draw_horizontal_axis, draw_vertical_axis, horizontal_axis_height, rectangle,
    vertical_axis_width,
};
use super::rich_text::RichText;
use super::scene::{Align, LINE, Mark, Point, Scene, TextStyle, Turn};
use super::ticks::Range;
use super::{Figure, FigureError, PageWidth};
use gutbrain_table::{Column, Table};

/// Most maps on a page.
const MOST_MAPS: usize = 12;
/// Most values along one axis.
const MOST_PLACES: usize = 400;
const GAP: f64 = 4.5;
const HEADING_LINE: f64 = LINE * HEADING_STYLE.em();
const BAR_WIDTH: f64 = 3.2;
const CONTOUR_STYLE: TextStyle = TextStyle::semi_bold(5.8);
const MISSING: Colour = Colour(0xd9, 0xd9, 0xd9);
/// Shortest contour line that has a label, in millimetres.
const SHORTEST_LABELLED: f64 = 9.0;

/// What is drawn.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HeatMap {
    /// What the colours mean.
    pub value: String,
    /// Its unit.
    pub unit: String,
    /// The factor along the horizontal axis.
    pub horizontal: HeatAxis,
    /// The factor along the vertical axis.
    pub vertical: HeatAxis,
    /// One map per value of the other factors.
    pub maps: Vec<HeatPanel>,
    /// What a grey place means.
    pub missing: String,
}

/// One axis.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HeatAxis {
    /// Title.
    pub title: String,
    /// Column of the data.
    pub name: String,
    /// Unit.
    pub unit: String,
    /// Values of the factor, ascending.
    pub places: Vec<f64>,
}

/// One map.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HeatPanel {
    /// The values of the other factors.
    pub heading: String,
    /// `values[row * columns + column]`, rows along the vertical axis; `None` is missing.
    pub values: Vec<Option<f64>>,
}

/// Draws the maps.
///
/// # Errors
/// [`FigureError::NothingToDraw`] without a value, [`FigureError::TooManyPanels`].
pub fn heat_map(name: &str, map: &HeatMap, width: PageWidth) -> Result<Figure, FigureError> {
    let nothing = || FigureError::NothingToDraw {
        figure: name.into(),
    };
    let (columns, rows) = (map.horizontal.places.len(), map.vertical.places.len());
    let fits = (2..=MOST_PLACES).contains(&columns) && (2..=MOST_PLACES).contains(&rows);
    let whole = map
        .maps
        .iter()
        .all(|panel| panel.values.len() == columns * rows);
    let values = || {
        map.maps
            .iter()
            .flat_map(|panel| &panel.values)
            .copied()
            .flatten()
    };
    if !fits || !whole || values().next().is_none() {
        return Err(nothing());
    }
    if map.maps.len() > MOST_MAPS {
        return Err(FigureError::TooManyPanels {
            figure: name.into(),
            found: map.maps.len(),
            most: MOST_MAPS,
        });
    }
    let scene = Layout::new(map, width).draw();
    Ok(Figure::new(name, scene, table(name, map)))
}

struct Layout<'a> {
    map: &'a HeatMap,
    horizontal: CellAxis,
    vertical: CellAxis,
    colours: Axis,
    page: f64,
    columns: usize,
    left: f64,
    frame: (f64, f64),
}

impl<'a> Layout<'a> {
    fn new(map: &'a HeatMap, width: PageWidth) -> Self {
        let values = map.maps.iter().flat_map(|panel| &panel.values).flatten();
        let mut range = Range::spanning(values.copied());
        // A value that is nearly zero beside the others begins the scale at zero.
        if range.low.abs() < 0.03 * range.high.abs() {
            range.low = range.low.min(0.0);
        }
        let colours = Axis::new(&map.value, &map.unit, range, 6);
        let columns = match map.maps.len() {
            one_row @ 1..=3 => one_row,
            4 => 2,
            _ => 3,
        };
        let vertical = CellAxis::new(&map.vertical, 6);
        let horizontal = CellAxis::new(&map.horizontal, if columns > 2 { 4 } else { 6 });
        let page = width.millimetres();
        // Titles that are longer than the frame is high take more lines, which makes the frame
        // narrower and lower: the second and third look settle that.
        let (mut left, mut frame) = (0.0, (70.0, 70.0));
        for _ in 0..3 {
            left = MARGIN + vertical_axis_width(&vertical.axis, frame.1);
            let bar_lines = colours.title_lines(frame.1).len().max(1) as f64;
            let bar = GAP
                + BAR_WIDTH
                + TICK_LENGTH
                + TICK_GAP
                + colours.label_width()
                + (0.4 + LINE * bar_lines) * TITLE_STYLE.em();
            let gaps = GAP * (columns - 1) as f64;
            let room = (page - MARGIN - left - bar - gaps) / columns as f64;
            let frame_width = room.clamp(10.0, 95.0);
            frame = (frame_width, (0.82 * frame_width).min(70.0));
        }
        Self {
            map,
            horizontal,
            vertical,
            colours,
            page,
            columns,
            left,
            frame,
        }
    }

    /// The heading of a map in lines, beside its letter.
    fn heading(&self, index: usize) -> Vec<RichText> {
        let letter = match self.map.maps.len() {
            0 | 1 => 0.0,
            _ => RichText::parse(&panel_letter(index)).width(LETTER_STYLE) + 1.8,
        };
        let heading = &self.map.maps[index].heading;
        RichText::wrap(heading, self.frame.0 - letter, 3, HEADING_STYLE)
    }

    fn draw(&self) -> Scene {
        let (frame_width, frame_height) = self.frame;
        let rows = self.map.maps.len().div_ceil(self.columns);
        let titled = self.map.maps.iter().any(|map| !map.heading.is_empty());
        let headings: Vec<Vec<RichText>> = (0..self.map.maps.len())
            .map(|map| self.heading(map))
            .collect();
        let lines = headings.iter().map(Vec::len).max().unwrap_or(0).max(1);
        let heading = if titled {
            4.6 + (lines - 1) as f64 * HEADING_LINE
        } else {
            1.0
        };
        let axis = &self.horizontal.axis;
        let below = horizontal_axis_height(axis, frame_width, AxisTitle::Shown);
        let row_height = heading + frame_height + below;
        let legend = Legend::new(&self.legend(), self.page - 2.0 * MARGIN);
        let bottom = MARGIN + rows as f64 * row_height;
        let legend_top = bottom + 1.5;
        let height = if self.has_missing() {
            legend_top + legend.height()
        } else {
            bottom
        };
        let mut scene = Scene::new(self.page, height + MARGIN);
        for (index, panel) in self.map.maps.iter().enumerate() {
            let (row, column) = (index / self.columns, index % self.columns);
            let frame = Frame {
                left: self.left + column as f64 * (frame_width + GAP),
                top: MARGIN + row as f64 * row_height + heading,
                width: frame_width,
                height: frame_height,
                horizontal: self.horizontal.axis.range,
                vertical: self.vertical.axis.range,
            };
            self.draw_map(&mut scene, panel, &frame);
            draw_horizontal_axis(&mut scene, &self.horizontal.axis, &frame, AxisTitle::Shown);
            if column == 0 {
                draw_vertical_axis(&mut scene, &self.vertical.axis, &frame);
            }
            let mut left = frame.left;
            if self.map.maps.len() > 1 {
                let letter = RichText::parse(&panel_letter(index));
                let anchor = (left, frame.top - 1.6);
                left += scene.write(&letter, anchor, Align::Start, Turn::Level, LETTER_STYLE) + 1.8;
            }
            for (line, text) in headings[index].iter().rev().enumerate() {
                let anchor = (left, frame.top - 1.6 - line as f64 * HEADING_LINE);
                scene.write(text, anchor, Align::Start, Turn::Level, HEADING_STYLE);
            }
        }
        self.draw_bar(&mut scene, MARGIN + heading);
        if self.has_missing() {
            legend.draw(&mut scene, MARGIN, legend_top);
        }
        scene
    }

    fn has_missing(&self) -> bool {
        let mut values = self.map.maps.iter().flat_map(|panel| &panel.values);
        values.any(Option::is_none)
    }

    fn legend(&self) -> Vec<Entry> {
        vec![Entry::new(Key::Window(MISSING), self.map.missing.clone())]
    }

    fn colour(&self, value: f64) -> Colour {
        viridis(self.colours.range.share(value))
    }

    fn draw_map(&self, scene: &mut Scene, panel: &HeatPanel, frame: &Frame) {
        let columns = self.horizontal.middles.len();
        for (place, value) in panel.values.iter().enumerate() {
            let (column, row) = (place % columns, place / columns);
            let colour = value.map_or(MISSING, |value| self.colour(value));
            let across = |edge: usize| frame.across(self.horizontal.edges[edge]);
            let up = |edge: usize| frame.up(self.vertical.edges[edge]);
            // Cells reach a little below the next ones, so that no seam is seen.
            let right = (across(column + 1) + 0.06).min(frame.right());
            let top = (up(row + 1) - 0.06).max(frame.top);
            scene.area(rectangle(across(column), top, right, up(row)), colour);
        }
        let surface = Surface {
            across: &self.horizontal.middles,
            up: &self.vertical.middles,
            values: &panel.values,
        };
        // The ends of the scale need no line.
        let inside = |level: f64| (0.01..0.99).contains(&self.colours.range.share(level));
        let levels = self
            .colours
            .ticks
            .marks
            .iter()
            .filter(|mark| inside(mark.0));
        let mut taken: Vec<[f64; 4]> = Vec::new();
        let mut labels = Vec::new();
        for (level, text) in levels {
            // A line along a plain of equal values says nothing.
            let step = 1e-6 * (self.colours.range.high - self.colours.range.low);
            for line in surface.lines(*level + step) {
                let places: Vec<Point> = line.iter().map(|point| frame.place(*point)).collect();
                if length(&places) < 2.0 {
                    continue;
                }
                scene.line(places.clone(), 0.42, Colour::WHITE);
                scene.line(places.clone(), 0.2, Colour::INK);
                if let Some((at, corners)) = label_place(&places, text, frame, &taken) {
                    taken.push(corners);
                    labels.push((at, corners, text));
                }
            }
        }
        for ((x, y), [left, top, right, bottom], text) in labels {
            scene.add(Mark::Area {
                points: rectangle(left, top, right, bottom),
                colour: Colour::WHITE,
                opacity: 0.8,
            });
            let anchor = (x, y + 0.36 * CONTOUR_STYLE.em());
            let text = RichText::parse(text);
            scene.write(&text, anchor, Align::Middle, Turn::Level, CONTOUR_STYLE);
        }
        let corners = rectangle(frame.left, frame.top, frame.right(), frame.bottom());
        let closed = corners.iter().chain(&corners[..1]).copied().collect();
        scene.line(closed, 0.2, Colour::INK);
    }

    /// The scale of the colours, right of the first row.
    fn draw_bar(&self, scene: &mut Scene, top: f64) {
        const STEPS: usize = 64;
        let (frame_width, height) = self.frame;
        let columns = self.columns as f64;
        let left = self.left + columns * frame_width + GAP * columns;
        let range = self.colours.range;
        for step in 0..STEPS {
            let edge = |step: usize| top + height * (1.0 - step as f64 / STEPS as f64);
            let colour = viridis((step as f64 + 0.5) / STEPS as f64);
            let above = (edge(step + 1) - 0.06).max(top);
            scene.area(rectangle(left, above, left + BAR_WIDTH, edge(step)), colour);
        }
        let right = left + BAR_WIDTH;
        let corners = rectangle(left, top, right, top + height);
        scene.line(
            corners.iter().chain(&corners[..1]).copied().collect(),
            0.2,
            Colour::INK,
        );
        for (value, text) in &self.colours.ticks.marks {
            let up = top + height * (1.0 - range.share(*value));
            scene.line(
                vec![(right, up), (right + TICK_LENGTH, up)],
                0.2,
                Colour::INK,
            );
            let anchor = (right + TICK_LENGTH + TICK_GAP, up + 0.36 * TICK_STYLE.em());
            let text = RichText::parse(text);
            scene.write(&text, anchor, Align::Start, Turn::Level, TICK_STYLE);
        }
        let across = right + TICK_LENGTH + TICK_GAP + self.colours.label_width();
        for (line, text) in self.colours.title_lines(height).iter().enumerate() {
            let lines = 1.0 + line as f64;
            let anchor = (across + lines * LINE * TITLE_STYLE.em(), top + 0.5 * height);
            scene.write(text, anchor, Align::Middle, Turn::Upward, TITLE_STYLE);
        }
    }
}

fn length(places: &[Point]) -> f64 {
    let pairs = places.windows(2);
    pairs
        .map(|pair| (pair[1].0 - pair[0].0).hypot(pair[1].1 - pair[0].1))
        .sum()
}

/// Where a label stands on its line, inside the frame and clear of the others.
fn label_place(
    places: &[Point],
    text: &str,
    frame: &Frame,
    taken: &[[f64; 4]],
) -> Option<(Point, [f64; 4])> {
    let whole = length(places);
    if whole < SHORTEST_LABELLED {
        return None;
    }
    let half_width = 0.5 * RichText::parse(text).width(CONTOUR_STYLE) + 0.35;
    let half_height = 0.52 * CONTOUR_STYLE.em();
    [0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8]
        .into_iter()
        .find_map(|share| {
            let (x, y) = along(places, share * whole)?;
            let corners = [
                x - half_width,
                y - half_height,
                x + half_width,
                y + half_height,
            ];
            let [left, top, right, bottom] = corners;
            let inside = left > frame.left + 0.4
                && right < frame.right() - 0.4
                && top > frame.top + 0.4
                && bottom < frame.bottom() - 0.4;
            let clear = taken.iter().all(|other| {
                right < other[0] - 0.4
                    || left > other[2] + 0.4
                    || bottom < other[1] - 0.4
                    || top > other[3] + 0.4
            });
            (inside && clear).then_some(((x, y), corners))
        })
}

/// The place at a distance along a line.
fn along(places: &[Point], distance: f64) -> Option<Point> {
    let mut left = distance;
    for pair in places.windows(2) {
        let step = (pair[1].0 - pair[0].0).hypot(pair[1].1 - pair[0].1);
        if step >= left && step > 0.0 {
            let share = left / step;
            return Some((
                pair[0].0 + share * (pair[1].0 - pair[0].0),
                pair[0].1 + share * (pair[1].1 - pair[0].1),
            ));
        }
        left -= step;
    }
    None
}

fn table(name: &str, map: &HeatMap) -> Table {
    let columns = map.horizontal.places.len();
    let cells: Vec<(&HeatPanel, usize)> = map
        .maps
        .iter()
        .flat_map(|panel| (0..panel.values.len()).map(move |place| (panel, place)))
        .collect();
    let (across, up) = (&map.horizontal, &map.vertical);
    Table::new(
        name,
        vec![
            Column::text(
                "map",
                cells
                    .iter()
                    .map(|(panel, _)| panel.heading.clone())
                    .collect(),
            ),
            Column::numbers(
                &up.name,
                &up.unit,
                cells
                    .iter()
                    .map(|(_, place)| up.places[place / columns])
                    .collect(),
            ),
            Column::numbers(
                &across.name,
                &across.unit,
                cells
                    .iter()
                    .map(|(_, place)| across.places[place % columns])
                    .collect(),
            ),
            Column::optional_numbers(
                "value",
                &map.unit,
                cells
                    .iter()
                    .map(|(panel, place)| panel.values[*place])
                    .collect(),
            ),
        ],
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(values: Vec<Option<f64>>) -> HeatMap {
        let axis = |name: &str, places: &[f64]| HeatAxis {
            title: name.to_owned(),
            name: name.to_owned(),
            unit: "d".to_owned(),
            places: places.to_vec(),
        };
        HeatMap {
            value: "Gain".to_owned(),
            unit: "d".to_owned(),
            horizontal: axis("start", &[10.0, 20.0, 30.0]),
            vertical: axis("dose", &[0.1, 1.0, 10.0]),
            maps: vec![HeatPanel {
                heading: String::new(),
                values,
            }],
            missing: "no number".to_owned(),
        }
    }

    fn nine(of: impl Fn(usize) -> Option<f64>) -> HeatMap {
        map((0..9).map(of).collect())
    }

    #[test]
    fn every_cell_is_drawn_in_its_colour_and_in_the_data() {
        let drawn = heat_map("a", &nine(|i| Some(i as f64)), PageWidth::Double).unwrap();
        let of = |wanted: Colour| {
            let marks = drawn.scene.marks().iter();
            marks
                .filter(|mark| matches!(mark, Mark::Area { colour, .. } if *colour == wanted))
                .count()
        };
        for share in [0.0, 0.5, 1.0] {
            assert!(of(viridis(share)) >= 1, "{share}");
        }
        assert_eq!(of(MISSING), 0);
        let data = drawn.data();
        assert_eq!(data.rows(), 9);
        assert_eq!(data.numbers("dose").unwrap()[5], Some(1.0));
        assert_eq!(data.numbers("start").unwrap()[5], Some(30.0));
        assert_eq!(data.numbers("value").unwrap()[5], Some(5.0));
    }

    #[test]
    fn a_missing_value_is_grey_and_explained() {
        let with_hole = nine(|i| (i != 4).then_some(i as f64));
        let drawn = heat_map("a", &with_hole, PageWidth::Double).unwrap();
        let texts = drawn.scene.text_boxes();
        assert!(texts.iter().any(|text| text.text == "no number"));
        let whole = heat_map("a", &nine(|i| Some(i as f64)), PageWidth::Double).unwrap();
        assert!(drawn.size().1 > whole.size().1);
    }

    #[test]
    fn uneven_places_stand_side_by_side_under_their_own_values() {
        let drawn = heat_map("a", &nine(|i| Some(i as f64)), PageWidth::Double).unwrap();
        let texts = drawn.scene.text_boxes();
        for label in ["0.1", "1", "10"] {
            assert!(texts.iter().any(|text| text.text == label), "{label}");
        }
    }

    #[test]
    fn no_text_meets_another_or_leaves_the_page() {
        let slope = |i: usize| Some((i % 3) as f64 * 7.0 + (i / 3) as f64);
        let drawn = heat_map("a", &nine(slope), PageWidth::Double).unwrap();
        let texts = drawn.scene.text_boxes();
        let (width, height) = drawn.size();
        for (index, one) in texts.iter().enumerate() {
            let (left, top, right, bottom) = one.edges;
            assert!(
                left >= 0.0 && top >= 0.0 && right <= width && bottom <= height,
                "{one:?}"
            );
            for other in &texts[..index] {
                let apart = right <= other.edges.0
                    || left >= other.edges.2
                    || bottom <= other.edges.1
                    || top >= other.edges.3;
                assert!(apart, "{one:?} meets {other:?}");
            }
        }
    }

    #[test]
    fn nothing_too_much_and_the_wrong_number_of_values_are_refused() {
        let nothing = heat_map("a", &nine(|_| None), PageWidth::Double);
        assert!(matches!(nothing, Err(FigureError::NothingToDraw { .. })));
        let short = heat_map("a", &map(vec![Some(1.0); 8]), PageWidth::Double);
        assert!(matches!(short, Err(FigureError::NothingToDraw { .. })));
        let mut many = nine(|i| Some(i as f64));
        many.maps = vec![many.maps[0].clone(); MOST_MAPS + 1];
        let many = heat_map("a", &many, PageWidth::Double);
        assert!(matches!(many, Err(FigureError::TooManyPanels { .. })));
    }
}
