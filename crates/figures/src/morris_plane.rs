//! The Morris plane: how much an input matters (μ*) against how much that varies (σ).
//!
//! An input under the line σ = 0.1 μ* acts nearly in proportion wherever it is changed; above σ = μ* what
//! it does depends on where it and the others stand more than on how far it is moved.

use super::grid::MARGIN;
use super::legend::{Entry, Key, Legend};
use super::palette::{ArmStyle, Colour, DOTTED};
use super::panel::{
    Axis, AxisTitle, Frame, HEADING_STYLE, Item, Panel, Sign, TICK_STYLE, draw_panel,
    horizontal_axis_height, vertical_axis_width,
};
use super::rich_text::RichText;
use super::scene::{Align, Point, Scene, Turn};
use super::ticks::Range;
use super::{Figure, FigureError, PageWidth};
use gutbrain_table::{Column, Table};

const WELL_FOUNDED: Colour = Colour(0x00, 0x72, 0xb2);
const PARTLY: Colour = Colour(0xe6, 0x9f, 0x00);
const ASSUMED: Colour = Colour(0xd5, 0x5e, 0x00);
/// Half of the side of the square that a label must leave free around every drawn point.
const DOT: f64 = 0.95;
const LEGEND_GAP: f64 = 2.6;
const HEADING_LINE: f64 = 3.4;
const CLOSE_DASHES: super::palette::Dashes = &[2.0, 0.9];

/// What is drawn.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MorrisPlane {
    /// What is changed by the inputs; may be empty.
    pub heading: String,
    /// Unit of the effects.
    pub unit: String,
    /// The inputs in any order.
    pub inputs: Vec<MorrisPoint>,
    /// Upper end of the interval of an input that does nothing.
    pub noise: Option<f64>,
    /// At most so many are named; all are drawn.
    pub named: usize,
}

/// One input.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MorrisPoint {
    /// Its name.
    pub name: String,
    /// What its number rests on.
    pub standing: Standing,
    /// μ: the mean effect.
    pub mean: Option<f64>,
    /// μ*: the mean size of the effect, with its interval.
    pub size: Option<(f64, f64, f64)>,
    /// σ: the standard deviation of the effects.
    pub spread: Option<f64>,
}

/// What a number rests on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Standing {
    /// Evidence.
    #[default]
    Evidence,
    /// Evidence, and an assumption about it.
    PartlyAssumed,
    /// It was assumed.
    Assumed,
    /// Not a number of the model.
    Other,
}

impl Standing {
    fn look(self) -> (Sign, Colour) {
        match self {
            Self::Evidence => (Sign::Dot, WELL_FOUNDED),
            Self::PartlyAssumed => (Sign::Dot, PARTLY),
            Self::Assumed => (Sign::Ring, ASSUMED),
            Self::Other => (Sign::Dot, Colour::GREY),
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Evidence => "evidence",
            Self::PartlyAssumed => "partly assumed",
            Self::Assumed => "assumed",
            Self::Other => "",
        }
    }
}

/// Draws every input; the largest are named, where there is room for their names.
///
/// # Errors
/// [`FigureError::NothingToDraw`] without an input that has a μ* and a σ.
pub fn morris_plane(
    name: &str,
    plane: &MorrisPlane,
    width: PageWidth,
) -> Result<Figure, FigureError> {
    let place = |point: &MorrisPoint| {
        let at = (point.size?.0, point.spread?);
        (at.0.is_finite() && at.1.is_finite()).then_some(at)
    };
    let mut points: Vec<(&MorrisPoint, (f64, f64))> = plane
        .inputs
        .iter()
        .filter_map(|point| Some((point, place(point)?)))
        .collect();
    // The largest is drawn last, on top of the cloud at the origin.
    points.sort_by(|a, b| a.1.0.total_cmp(&b.1.0));
    if points.is_empty() {
        return Err(FigureError::NothingToDraw {
            figure: name.into(),
        });
    }
    let end = |values: &mut dyn Iterator<Item = f64>| {
        let Range { high, .. } = Range::spanning(values.chain([0.0]));
        Range {
            low: 0.0,
            high: 1.06 * high,
        }
    };
    let ends = points.iter().map(|(_, at)| at.0).chain(plane.noise);
    let horizontal = end(&mut ends.map(f64::abs));
    let vertical = end(&mut points.iter().map(|(_, at)| at.1.abs()));
    let title = "Mean size of the effect \u{3bc}^{*} over the range";
    let count = if width.is_wide() { 7 } else { 4 };
    let panel = Panel {
        heading: String::new(),
        horizontal: Axis::new(title, &plane.unit, horizontal, count),
        vertical: Axis::new("Its standard deviation \u{3c3}", &plane.unit, vertical, 5),
        items: items(&points, plane.noise, horizontal, vertical),
    };
    let page = width.millimetres();
    let heading = RichText::wrap(&plane.heading, page - 2.0 * MARGIN - 8.0, 3, HEADING_STYLE);
    let top = MARGIN + heading.len() as f64 * HEADING_LINE + 1.0;
    let left = MARGIN + vertical_axis_width(&panel.vertical, 0.45 * page);
    let frame = Frame {
        left,
        top,
        width: page - left - MARGIN - 3.0,
        height: 0.52 * (page - left),
        horizontal,
        vertical,
    };
    let labels = place_labels(&points, plane.named, &frame, page);
    let unnamed = points.len() - labels.len();
    let legend = Legend::new(&legend(&points, plane, unnamed), page - 2.0 * MARGIN);
    let axis_bottom =
        frame.bottom() + horizontal_axis_height(&panel.horizontal, frame.width, AxisTitle::Shown);
    let mut scene = Scene::new(page, axis_bottom + LEGEND_GAP + legend.height() + MARGIN);
    for (line, text) in heading.iter().enumerate() {
        let anchor = (left, MARGIN + (line as f64 + 0.8) * HEADING_LINE);
        scene.write(text, anchor, Align::Start, Turn::Level, HEADING_STYLE);
    }
    draw_panel(&mut scene, &panel, frame, AxisTitle::Shown);
    for label in &labels {
        if let Some((from, to)) = label.leader {
            scene.line(vec![from, to], 0.15, Colour::GREY);
        }
        let anchor = (label.left, label.baseline);
        scene.write(&label.text, anchor, Align::Start, Turn::Level, TICK_STYLE);
    }
    legend.draw(&mut scene, MARGIN, axis_bottom + LEGEND_GAP);
    Ok(Figure::new(name, scene, table(name, plane)))
}

/// The part of a line through the origin that lies in the frame.
fn ray(slope: f64, horizontal: Range, vertical: Range) -> Vec<(f64, f64)> {
    let across = horizontal.high.min(vertical.high / slope);
    vec![(0.0, 0.0), (across, slope * across)]
}

fn items(
    points: &[(&MorrisPoint, (f64, f64))],
    noise: Option<f64>,
    horizontal: Range,
    vertical: Range,
) -> Vec<Item> {
    let mut items = Vec::new();
    for (slope, dashes) in [(1.0, CLOSE_DASHES), (0.1, DOTTED)] {
        items.push(Item::Curve {
            points: ray(slope, horizontal, vertical),
            style: ArmStyle {
                colour: Colour::GREY.tint(0.6),
                dashes,
            },
        });
    }
    if let Some(noise) = noise.filter(|noise| *noise > 0.0) {
        items.push(Item::Shade {
            from: 0.0,
            to: noise,
            colour: Colour::GREY.tint(0.18),
        });
    }
    for (point, at) in points {
        let (sign, colour) = point.standing.look();
        items.push(Item::Marker {
            at: *at,
            sign,
            colour,
        });
    }
    items
}

/// A name beside its point.
struct Label {
    text: RichText,
    left: f64,
    baseline: f64,
    edges: (f64, f64, f64, f64),
    leader: Option<(Point, Point)>,
}

/// Names the largest inputs: each name takes the first free place around its point.
fn place_labels(
    points: &[(&MorrisPoint, (f64, f64))],
    named: usize,
    frame: &Frame,
    page: f64,
) -> Vec<Label> {
    let dots: Vec<Point> = points.iter().map(|(_, at)| frame.place(*at)).collect();
    let rays = [1.0, 0.1].map(|slope| {
        let ends = ray(slope, frame.horizontal, frame.vertical);
        (frame.place(ends[0]), frame.place(ends[1]))
    });
    let (above, below) = (0.76 * TICK_STYLE.em(), 0.21 * TICK_STYLE.em());
    let height = above + below;
    let mut labels: Vec<Label> = Vec::new();
    for (index, (point, _)) in points.iter().enumerate().rev().take(named) {
        let text = RichText::parse(&point.name).fit(0.4 * frame.width, TICK_STYLE);
        let (width, dot) = (text.width(TICK_STYLE), dots[index]);
        let place = |(across, down): (f64, f64), lines: &[(Point, Point)]| {
            let edges = (
                dot.0 + across,
                dot.1 + down - 0.5 * height,
                dot.0 + across + width,
                dot.1 + down + 0.5 * height,
            );
            let inside = edges.0 >= frame.left + 0.4
                && edges.2 <= page - MARGIN
                && edges.1 >= frame.top - 1.0
                && edges.3 <= frame.bottom() - 0.4;
            let covers = |dot: &Point| {
                dot.0 + DOT > edges.0
                    && dot.0 - DOT < edges.2
                    && dot.1 + DOT > edges.1
                    && dot.1 - DOT < edges.3
            };
            let meets = |other: &Label| {
                let o = other.edges;
                o.0 < edges.2 + 0.8
                    && edges.0 < o.2 + 0.8
                    && o.1 < edges.3 + 0.3
                    && edges.1 < o.3 + 0.3
            };
            let crosses = |other: &Label| other.leader.is_some_and(|line| line_meets(line, edges));
            let leader = leader(dot, edges);
            let crossed = leader.is_some_and(|line| {
                let grown = |o: (f64, f64, f64, f64)| (o.0 - 0.3, o.1 - 0.2, o.2 + 0.3, o.3 + 0.2);
                labels
                    .iter()
                    .any(|other| line_meets(line, grown(other.edges)))
            });
            let free = inside
                && !crossed
                && !lines.iter().any(|line| line_meets(*line, edges))
                && !dots.iter().any(covers)
                && !labels.iter().any(|other| meets(other) || crosses(other));
            free.then_some((edges, leader))
        };
        // Near its point and off the two lines is best; anywhere free will do.
        let near = || offsets(width, height).take(24);
        let found = near()
            .find_map(|offset| place(offset, &rays))
            .or_else(|| offsets(width, height).find_map(|offset| place(offset, &[])));
        if let Some((edges, leader)) = found {
            labels.push(Label {
                text,
                left: edges.0,
                baseline: edges.1 + above,
                edges,
                leader,
            });
        }
    }
    labels
}

/// Places of the left end and the middle of a label around a point, the nearest first.
fn offsets(width: f64, height: f64) -> impl Iterator<Item = (f64, f64)> {
    (0..12).flat_map(move |ring| {
        let far = f64::from(ring) * 1.1 * height;
        let side = 1.4 + 0.5 * far;
        [
            (side, 0.0),
            (-side - width, 0.0),
            (side, -far),
            (side, far),
            (-side - width, -far),
            (-side - width, far),
            (-0.5 * width, -far - 0.5 * height - 1.2),
            (-0.5 * width, far + 0.5 * height + 1.2),
        ]
    })
}

/// The line from a point to a label that stands apart from it.
fn leader(dot: Point, edges: (f64, f64, f64, f64)) -> Option<(Point, Point)> {
    let near = (dot.0.clamp(edges.0, edges.2), dot.1.clamp(edges.1, edges.3));
    let (across, down) = (near.0 - dot.0, near.1 - dot.1);
    let distance = (across * across + down * down).sqrt();
    (distance > 2.2).then(|| {
        let share = DOT / distance;
        ((dot.0 + share * across, dot.1 + share * down), near)
    })
}

/// Whether a line enters a rectangle; looked at in many places, closer than any text is wide.
fn line_meets((from, to): (Point, Point), edges: (f64, f64, f64, f64)) -> bool {
    (0..200).any(|step| {
        let share = f64::from(step) / 200.0;
        let (x, y) = (
            from.0 + share * (to.0 - from.0),
            from.1 + share * (to.1 - from.1),
        );
        x > edges.0 && x < edges.2 && y > edges.1 && y < edges.3
    })
}

fn legend(
    points: &[(&MorrisPoint, (f64, f64))],
    plane: &MorrisPlane,
    unnamed: usize,
) -> Vec<Entry> {
    let mut entries = Vec::new();
    let standings = [
        (Standing::Evidence, "rests on evidence"),
        (Standing::PartlyAssumed, "partly assumed"),
        (Standing::Assumed, "assumed"),
    ];
    for (standing, text) in standings {
        if points.iter().any(|(point, _)| point.standing == standing) {
            let (sign, colour) = standing.look();
            entries.push(Entry::new(Key::Marker(sign, colour), text));
        }
    }
    let line = Colour::GREY.tint(0.6);
    entries.push(Entry::new(
        Key::Level(line, CLOSE_DASHES),
        "\u{3c3} = \u{3bc}^{*}",
    ));
    entries.push(Entry::new(
        Key::Level(line, DOTTED),
        "\u{3c3} = 0.1 \u{3bc}^{*}",
    ));
    if plane.noise.is_some_and(|noise| noise > 0.0) {
        let key = Key::Window(Colour::GREY.tint(0.18));
        entries.push(Entry::new(key, "noise floor"));
    }
    if unnamed > 0 {
        let text = format!("{unnamed} of {} inputs are not named", points.len());
        entries.push(Entry::new(Key::Remark, text));
    }
    entries
}

fn table(name: &str, plane: &MorrisPlane) -> Table {
    type Part = fn(&MorrisPoint) -> Option<f64>;
    let rows = &plane.inputs;
    let numbers = |title: &str, part: Part| {
        let values = rows.iter().map(|row| part(row).filter(|v| v.is_finite()));
        Column::optional_numbers(title, &plane.unit, values.collect())
    };
    let columns = vec![
        Column::text("input", rows.iter().map(|row| row.name.clone()).collect()),
        Column::text(
            "rests_on",
            rows.iter()
                .map(|row| row.standing.word().to_owned())
                .collect(),
        ),
        numbers("mu", |row| row.mean),
        numbers("mu_star", |row| Some(row.size?.0)),
        numbers("mu_star_lower", |row| Some(row.size?.1)),
        numbers("mu_star_upper", |row| Some(row.size?.2)),
        numbers("sigma", |row| row.spread),
    ];
    Table::new(name, columns)
}
