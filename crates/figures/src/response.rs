//! Responses to one factor: a curve per arm with its band, or the points of a sample with their running
//! median and the range that holds eight of ten.

use gutbrain_numbers::Real;

use super::grid::Grid;
use super::legend::{Entry, Key};
use super::palette::{ArmStyle, Colour, DOTTED, arm_styles};
use super::panel::{Axis, Item, Panel, Sign};
use super::ticks::{Range, decades};
use super::{Figure, FigureError, PageWidth};
use gutbrain_table::{Column, Table};

/// Most panels on a page.
const MOST_PANELS: usize = 24;
const BAND_OPACITY: f64 = 0.22;

/// What is drawn.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Response {
    /// Names of the lines, for the legend; the first is the reference and drawn in black.
    pub lines: Vec<String>,
    /// One panel per factor, or per value of other factors.
    pub panels: Vec<ResponsePanel>,
    /// What bands mean; empty if there are none.
    pub band: String,
    /// A value to be marked by a dotted line.
    pub level: Option<f64>,
}

/// One panel.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ResponsePanel {
    /// Heading.
    pub heading: String,
    /// Title and unit of the horizontal axis.
    pub horizontal: (String, String),
    /// Title and unit of the vertical axis.
    pub vertical: (String, String),
    /// How places lie along the horizontal axis.
    pub scale: PlaceScale,
    /// The lines, in the order of the legend.
    pub lines: Vec<ResponseLine>,
}

/// One point of a line.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ResponsePoint {
    /// Value of the factor.
    pub place: f64,
    /// The value, if there is one.
    pub value: Option<f64>,
    /// Lower end of its band.
    pub lower: Option<f64>,
    /// Upper end.
    pub upper: Option<f64>,
}

/// How places lie along an axis.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PlaceScale {
    /// As the numbers.
    #[default]
    Linear,
    /// As their logarithms; all places are positive.
    Logarithm,
}

impl PlaceScale {
    fn place(self, value: f64) -> f64 {
        match self {
            Self::Linear => value,
            Self::Logarithm => Real::ln(value),
        }
    }
}

/// One line of a panel. Places where it has no value are left out; they break it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ResponseLine {
    /// Which of the legend's lines it is.
    pub line: usize,
    /// Its points, in the order of their places.
    pub points: Vec<ResponsePoint>,
    /// Single points behind it.
    pub specks: Vec<(f64, f64)>,
}

/// Draws the panels.
///
/// # Errors
/// [`FigureError::NothingToDraw`] without a value, [`FigureError::TooManyPanels`].
pub fn response(name: &str, response: &Response, width: PageWidth) -> Result<Figure, FigureError> {
    let drawn: Vec<&ResponsePanel> = response
        .panels
        .iter()
        .filter(|panel| values(panel).next().is_some())
        .collect();
    if drawn.is_empty() {
        return Err(FigureError::NothingToDraw {
            figure: name.into(),
        });
    }
    if drawn.len() > MOST_PANELS {
        return Err(FigureError::TooManyPanels {
            figure: name.into(),
            found: drawn.len(),
            most: MOST_PANELS,
        });
    }
    let styles = arm_styles(&vec![None; response.lines.len()]);
    let used: Vec<usize> = (0..response.lines.len())
        .filter(|line| {
            let mut lines = drawn.iter().flat_map(|panel| &panel.lines);
            lines.any(|drawn| drawn.line == *line)
        })
        .collect();
    let panels = drawn
        .iter()
        .map(|panel| draw(panel, &styles, response.level))
        .collect();
    let columns = match (width.is_wide(), drawn.len()) {
        (false, _) | (_, 1) => 1,
        (_, 2 | 4) => 2,
        _ => 3,
    };
    let mut legend: Vec<Entry> = used
        .iter()
        .map(|line| {
            let key = if response.band.is_empty() {
                Key::Arm(styles[*line])
            } else {
                Key::Band(styles[*line], BAND_OPACITY)
            };
            Entry::new(key, response.lines[*line].clone())
        })
        .collect();
    if !response.band.is_empty() {
        legend.push(Entry::new(Key::Remark, response.band.clone()));
    }
    let grid = Grid {
        width: width.millimetres(),
        columns,
        proportion: if columns == 1 { 0.5 } else { 0.75 },
        legend,
        panels,
    };
    Ok(Figure::new(name, grid.draw(), table(name, response)))
}

fn values(panel: &ResponsePanel) -> impl Iterator<Item = f64> {
    panel.lines.iter().flat_map(|line| {
        let ends = line
            .points
            .iter()
            .flat_map(|point| [point.value, point.lower, point.upper]);
        ends.flatten()
            .chain(line.specks.iter().map(|speck| speck.1))
    })
}

fn draw(panel: &ResponsePanel, styles: &[ArmStyle], level: Option<f64>) -> Panel {
    let scale = panel.scale;
    let places = || {
        panel.lines.iter().flat_map(|line| {
            let points = line.points.iter().map(|point| point.place);
            points.chain(line.specks.iter().map(|speck| speck.0))
        })
    };
    let mut items = Vec::new();
    if let Some(value) = level {
        items.push(Item::Level {
            value,
            colour: Colour::GREY,
            dashes: DOTTED,
        });
    }
    let many = panel.lines.len() > 1;
    for line in &panel.lines {
        let colour = styles[line.line].colour;
        for speck in &line.specks {
            items.push(Item::Marker {
                at: (scale.place(speck.0), speck.1),
                sign: Sign::Speck,
                colour: colour.tint(0.35),
            });
        }
        for stretch in stretches(&line.points, |point| Some((point.lower?, point.upper?))) {
            let side = |end: fn((f64, f64)) -> f64| {
                stretch
                    .iter()
                    .map(|(at, ends)| (scale.place(*at), end(*ends)))
                    .collect()
            };
            items.push(Item::Band {
                low: side(|ends| ends.0),
                high: side(|ends| ends.1),
                colour,
                opacity: if many {
                    0.7 * BAND_OPACITY
                } else {
                    BAND_OPACITY
                },
            });
        }
    }
    for line in &panel.lines {
        for points in stretches(&line.points, |point| point.value) {
            let points = points.into_iter();
            items.push(Item::Curve {
                points: points.map(|(at, value)| (scale.place(at), value)).collect(),
                style: styles[line.line],
            });
        }
    }
    let vertical = Range::around(values(panel).chain(level));
    let range = Range::spanning(places().map(|place| scale.place(place)));
    let mut horizontal = Axis::new(&panel.horizontal.0, &panel.horizontal.1, range, 5);
    if scale == PlaceScale::Logarithm {
        horizontal.ticks = decades(places());
    }
    Panel {
        heading: panel.heading.clone(),
        horizontal,
        vertical: Axis::new(&panel.vertical.0, &panel.vertical.1, vertical, 5),
        items,
    }
}

/// The unbroken stretches in which `of` has a value.
fn stretches<T>(
    points: &[ResponsePoint],
    of: impl Fn(&ResponsePoint) -> Option<T>,
) -> Vec<Vec<(f64, T)>> {
    let mut found = vec![Vec::new()];
    for point in points {
        match (of(point), found.last_mut()) {
            (Some(value), Some(stretch)) => stretch.push((point.place, value)),
            (None, Some(stretch)) if !stretch.is_empty() => found.push(Vec::new()),
            _ => {}
        }
    }
    found.retain(|stretch| !stretch.is_empty());
    found
}

/// One row of the data: a point of a line, or a single point behind it.
struct DataRow<'a> {
    panel: &'a ResponsePanel,
    line: &'a str,
    kind: &'static str,
    point: ResponsePoint,
}

fn table(name: &str, response: &Response) -> Table {
    let mut rows: Vec<DataRow<'_>> = Vec::new();
    for panel in &response.panels {
        for line in &panel.lines {
            let row = |kind, point| DataRow {
                panel,
                line: &response.lines[line.line],
                kind,
                point,
            };
            rows.extend(line.points.iter().map(|point| row("line", *point)));
            let specks = line.specks.iter().map(|(place, value)| ResponsePoint {
                place: *place,
                value: Some(*value),
                ..ResponsePoint::default()
            });
            rows.extend(specks.map(|point| row("point", point)));
        }
    }
    let texts = |of: &dyn Fn(&DataRow<'_>) -> String| rows.iter().map(of).collect();
    let numbers = |of: &dyn Fn(&ResponsePoint) -> Option<f64>| {
        rows.iter().map(|row| of(&row.point)).collect()
    };
    let panel_title = |row: &DataRow<'_>| row.panel.horizontal.0.clone();
    Table::new(
        name,
        vec![
            Column::text("panel", texts(&|row| row.panel.heading.clone())),
            Column::text("factor", texts(&panel_title)),
            Column::text("quantity", texts(&|row| row.panel.vertical.0.clone())),
            Column::text("line", texts(&|row| row.line.to_owned())),
            Column::text("kind", texts(&|row| row.kind.to_owned())),
            // Factors and quantities have units of their own: the panel says which.
            Column::optional_numbers("place", "", numbers(&|point| Some(point.place))),
            Column::optional_numbers("value", "", numbers(&|point| point.value)),
            Column::optional_numbers("lower", "", numbers(&|point| point.lower)),
            Column::optional_numbers("upper", "", numbers(&|point| point.upper)),
        ],
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(place: f64, value: Option<f64>, lower: Option<f64>, upper: Option<f64>) -> ResponsePoint {
        ResponsePoint {
            place,
            value,
            lower,
            upper,
        }
    }

    fn one(points: Vec<ResponsePoint>) -> Response {
        Response {
            lines: vec!["control".to_owned(), "drug".to_owned()],
            panels: vec![ResponsePanel {
                heading: "Gain".to_owned(),
                horizontal: ("Dose".to_owned(), "%".to_owned()),
                vertical: (String::new(), "d".to_owned()),
                scale: PlaceScale::Linear,
                lines: vec![ResponseLine {
                    line: 1,
                    points,
                    specks: vec![(0.5, 3.0)],
                }],
            }],
            band: "bands: 95 % intervals".to_owned(),
            level: None,
        }
    }

    #[test]
    fn a_missing_value_breaks_the_line_and_is_missing_in_the_data() {
        let points = vec![
            at(0.0, Some(1.0), Some(0.5), Some(1.5)),
            at(1.0, None, None, None),
            at(2.0, Some(3.0), None, None),
        ];
        assert_eq!(stretches(&points, |point| point.value).len(), 2);
        let bands = stretches(&points, |point| Some((point.lower?, point.upper?)));
        assert_eq!(bands, vec![vec![(0.0, (0.5, 1.5))]]);
        let drawn = response("a", &one(points), PageWidth::Double).unwrap();
        let data = drawn.data();
        assert_eq!(data.rows(), 4);
        assert_eq!(data.numbers("value").unwrap()[1], None);
        assert_eq!(data.texts("kind").unwrap()[3], "point");
        assert!(
            data.texts("line")
                .unwrap()
                .iter()
                .all(|line| line == "drug")
        );
    }

    #[test]
    fn the_legend_names_drawn_lines_only() {
        let points = vec![
            at(0.0, Some(1.0), None, None),
            at(1.0, Some(2.0), None, None),
        ];
        let drawn = response("a", &one(points), PageWidth::Double).unwrap();
        let texts = drawn.scene.text_boxes();
        assert!(texts.iter().any(|text| text.text == "drug"));
        assert!(!texts.iter().any(|text| text.text == "control"));
    }

    #[test]
    fn logarithmic_ticks_are_powers_of_ten_and_what_lies_between() {
        let labels = |values: [f64; 2]| -> Vec<String> {
            let ticks = decades(values);
            ticks.marks.into_iter().map(|mark| mark.1).collect()
        };
        assert_eq!(labels([0.25, 4.0]), ["0.5", "1", "2"]);
        assert_eq!(
            labels([1e-5, 2.0]),
            [
                "10^{\u{2212}5}",
                "10^{\u{2212}4}",
                "0.001",
                "0.01",
                "0.1",
                "1"
            ]
        );
    }

    #[test]
    fn no_value_is_nothing_to_draw() {
        let mut empty = one(vec![at(0.0, None, None, None)]);
        empty.panels[0].lines[0].specks.clear();
        let refused = response("a", &empty, PageWidth::Double);
        assert!(matches!(refused, Err(FigureError::NothingToDraw { .. })));
    }
}
