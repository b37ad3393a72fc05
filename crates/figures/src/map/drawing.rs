//! The map on the page: widths from the tracks, then boxes, lines, nodes and legend.

use super::super::PageWidth;
use super::super::grid::MARGIN;
use super::super::palette::{Colour, Dashes, SOLID};
use super::super::panel::{TITLE_STYLE, rectangle};
use super::super::rich_text::RichText;
use super::super::scene::{Align, Point, Scene, TextStyle, Turn};
use super::super::stroke::{between, distance};
use super::places::{
    BOX_LINE, BOX_STYLE, LABEL_LINE, LABEL_STYLE, Places, Port, REGION_LINE, REGION_STYLE,
};
use super::routes::{Detour, Net, Route, Routes, Side};
use super::structure::{Node, Structure};
use super::tracks::Tracks;
use super::{MapForm, MapKind};

/// Distance of tracks where there is room, and where there is none.
const TRACK_PITCH: (f64, f64) = (0.95, 0.46);
/// Distance of levels above and below the boxes.
pub(super) const LEVEL_PITCH: f64 = 0.9;
/// Room between a box and the first track.
pub(super) const GUTTER_EDGE: f64 = 1.3;
/// Width of a column that is kept while tracks can move together, and its greatest width.
const COLUMN: (f64, f64) = (24.0, 34.0);
/// Region to compartment, and compartment to node.
pub(super) const INSET: f64 = 0.9;
/// Room between a label and the border of its node.
const LABEL_PADDING: f64 = 0.9;
/// Radius of a line's corner.
const CORNER: f64 = 0.55;
/// White beside a line that is drawn over others.
const CASING: f64 = 0.08;
const LEGEND_HEIGHT: f64 = 6.0;
/// Edge and label of what follows from others at once.
const DERIVED_EDGE: Dashes = &[0.8, 0.5];
const DERIVED_INK: Colour = Colour(0x4a, 0x4a, 0x4a);

/// Colours of the regions from left to right, after Okabe and Ito.
const REGION_COLOURS: [Colour; 6] = [
    Colour(0xe6, 0x9f, 0x00),
    Colour(0x00, 0x9e, 0x73),
    Colour(0xcc, 0x79, 0xa7),
    Colour(0x56, 0xb4, 0xe9),
    Colour(0x8c, 0x8c, 0x8c),
    Colour(0xb8, 0xa9, 0x00),
];

/// Horizontal places.
pub(super) struct Widths {
    /// Left edge of every column.
    pub(super) columns: Vec<f64>,
    /// Width of a column.
    pub(super) column: f64,
    /// First track of every gutter.
    gutters: Vec<f64>,
    /// Distance of tracks.
    pitch: f64,
    /// Top of the regions.
    pub(super) top: f64,
}

impl Widths {
    /// Follows from the tracks.
    pub(super) fn new(structure: &Structure, tracks: &Tracks) -> Self {
        let inner = PageWidth::Double.millimetres() - 2.0 * MARGIN;
        let count = structure.columns.len() as f64;
        let total: usize = tracks.counts.iter().sum();
        let edges = |gutter: usize| match tracks.counts[gutter] {
            0 if gutter == 0 || gutter == structure.columns.len() => 0.0,
            _ => 2.0 * GUTTER_EDGE,
        };
        let fixed: f64 = (0..tracks.counts.len()).map(edges).sum();
        let free = inner - fixed - count * COLUMN.0;
        let pitch = (free / total.max(1) as f64).clamp(TRACK_PITCH.1, TRACK_PITCH.0);
        // What the tracks leave widens the columns, up to a size beyond which boxes look empty.
        let column = ((inner - fixed - pitch * total as f64) / count).clamp(12.0, COLUMN.1);
        let used = fixed + pitch * total as f64 + column * count;
        let mut left = MARGIN + 0.5 * (inner - used);
        let (mut columns, mut gutters) = (Vec::new(), Vec::new());
        for gutter in 0..tracks.counts.len() {
            gutters.push(left + 0.5 * edges(gutter) + 0.5 * pitch);
            left += edges(gutter) + pitch * tracks.counts[gutter] as f64;
            if gutter < structure.columns.len() {
                columns.push(left);
                left += column;
            }
        }
        let top = MARGIN + tracks.above as f64 * LEVEL_PITCH + GUTTER_EDGE;
        Self {
            columns,
            column,
            gutters,
            pitch,
            top,
        }
    }

    /// Left and right edge of the nodes of a column.
    pub(super) fn node(&self, column: usize) -> (f64, f64) {
        let left = self.columns[column];
        (left + 2.0 * INSET, left + self.column - 2.0 * INSET)
    }

    fn side(&self, column: usize, side: Side) -> f64 {
        let (left, right) = self.node(column);
        match side {
            Side::Left => left,
            Side::Right => right,
        }
    }
}

/// Room for the labels of nodes.
pub(super) fn label_room(structure: &Structure, tracks: &Tracks) -> f64 {
    Widths::new(structure, tracks).column - 4.0 * INSET - 2.0 * LABEL_PADDING
}

/// Draws the map.
pub(super) fn draw(
    structure: &Structure,
    routes: &Routes,
    places: &Places,
    tracks: &Tracks,
) -> Scene {
    let widths = Widths::new(structure, tracks);
    let bottom = widths.top + places.height + GUTTER_EDGE + tracks.below as f64 * LEVEL_PITCH;
    let mut scene = Scene::new(
        PageWidth::Double.millimetres(),
        bottom + LEGEND_HEIGHT + MARGIN,
    );
    draw_boxes(&mut scene, structure, places, &widths);
    let mut first = 0;
    for same_net in routes.routes.chunk_by(|one, other| one.net == other.net) {
        let Some(net) = same_net.first().map(|route| routes.nets[route.net]) else {
            continue;
        };
        let ways: Vec<Vec<Point>> = same_net
            .iter()
            .enumerate()
            .map(|(index, route)| {
                way(
                    structure,
                    first + index,
                    route,
                    net,
                    places,
                    tracks,
                    &widths,
                )
            })
            .collect();
        first += same_net.len();
        // A line is edged with white where it runs over another, but not where it branches.
        for corners in &ways {
            draw_casing(&mut scene, corners, net.kind);
        }
        for corners in &ways {
            draw_link(&mut scene, corners, net.kind, net.active);
        }
    }
    draw_nodes(&mut scene, structure, places, &widths);
    draw_legend(&mut scene, structure, routes, bottom + 0.5 * LEGEND_HEIGHT);
    scene
}

/// Corners of a route from node to node.
pub(super) fn way(
    structure: &Structure,
    index: usize,
    route: &Route,
    net: Net,
    places: &Places,
    tracks: &Tracks,
    widths: &Widths,
) -> Vec<Point> {
    let start = widths.side(structure.nodes[net.from].column, route.exit);
    let end = widths.side(structure.nodes[route.to].column, route.entry);
    let exit = widths.top
        + places.port(Port::Exit {
            net: route.net,
            side: route.exit,
        });
    let entry = widths.top + places.port(Port::Entry { route: index });
    let across = |gutter: usize| {
        widths.gutters[gutter] + tracks.track(route.net, gutter) as f64 * widths.pitch
    };
    let (first, last) = (across(route.first), across(route.last));
    let level = (tracks.level(route.net) as f64 + 0.5) * LEVEL_PITCH + 0.5 * GUTTER_EDGE;
    let outside = match route.detour {
        Some(Detour::Above) => Some(widths.top - level),
        Some(Detour::Below) => Some(widths.top + places.height + level),
        None => None,
    };
    let mut corners = vec![(start, exit), (first, exit)];
    if let Some(outside) = outside {
        corners.extend([(first, outside), (last, outside)]);
    }
    corners.extend([(last, entry), (end, entry)]);
    corners
}

fn look(kind: MapKind, active: bool) -> (Colour, f64, Dashes) {
    let (colour, width) = match kind {
        MapKind::Flux => (Colour::INK, 0.32),
        MapKind::Raises => (Colour(0x00, 0x72, 0xb2), 0.22),
        MapKind::Lowers => (Colour(0xd5, 0x5e, 0x00), 0.22),
    };
    if active {
        (colour, width, SOLID)
    } else {
        (Colour(0x9a, 0x9a, 0x9a), 0.22, &[0.9, 0.6])
    }
}

/// Draws a line with its head: a triangle, or a bar for what lowers.
fn draw_link(scene: &mut Scene, corners: &[Point], kind: MapKind, active: bool) {
    let (colour, width, dashes) = look(kind, active);
    let [.., before, tip] = *corners else { return };
    let direction = if tip.0 < before.0 { -1.0 } else { 1.0 };
    let mut line = corners.to_vec();
    let head = if kind == MapKind::Lowers { 0.55 } else { 1.1 };
    if let Some(end) = line.last_mut() {
        end.0 -= direction * head;
    }
    scene.stroke(&round_corners(&line), width, colour, dashes);
    match kind {
        MapKind::Flux | MapKind::Raises => {
            let back = tip.0 - direction * 1.3;
            scene.area(
                vec![tip, (back, tip.1 - 0.46), (back, tip.1 + 0.46)],
                colour,
            );
        }
        MapKind::Lowers => {
            let across = tip.0 - direction * 0.55;
            scene.line(
                vec![(across, tip.1 - 0.44), (across, tip.1 + 0.44)],
                0.36,
                colour,
            );
        }
    }
}

/// Draws the white edge of a line, outside of the boxes.
fn draw_casing(scene: &mut Scene, corners: &[Point], kind: MapKind) {
    let mut line = corners.to_vec();
    let inwards = 2.0 * INSET;
    if let [start, next, ..] = &mut line[..] {
        start.0 += if next.0 < start.0 { -inwards } else { inwards };
    }
    if let [.., next, end] = &mut line[..] {
        end.0 += if next.0 < end.0 { -inwards } else { inwards };
    }
    let (_, width, _) = look(kind, true);
    scene.stroke(
        &round_corners(&line),
        width + 2.0 * CASING,
        Colour::WHITE,
        SOLID,
    );
}

/// Replaces corners by short curves.
pub(super) fn round_corners(corners: &[Point]) -> Vec<Point> {
    let mut points = Vec::with_capacity(4 * corners.len());
    points.extend(corners.first());
    for triple in corners.windows(3) {
        let (before, corner, after) = (triple[0], triple[1], triple[2]);
        let (in_length, out_length) = (distance(before, corner), distance(corner, after));
        let radius = CORNER.min(0.5 * in_length).min(0.5 * out_length);
        if radius <= 0.0 {
            continue;
        }
        let from = between(corner, before, radius / in_length);
        let to = between(corner, after, radius / out_length);
        for share in [0.0, 0.25, 0.5, 0.75, 1.0] {
            // A quadratic curve with the corner as its control point.
            points.push(between(
                between(from, corner, share),
                between(corner, to, share),
                share,
            ));
        }
    }
    points.extend(corners.last());
    points
}

fn draw_boxes(scene: &mut Scene, structure: &Structure, places: &Places, widths: &Widths) {
    for index in 0..structure.columns.len() {
        let colour = REGION_COLOURS[index % REGION_COLOURS.len()];
        let (left, right) = (widths.columns[index], widths.columns[index] + widths.column);
        let (top, bottom) = (widths.top, widths.top + places.height);
        scene.area(rounded(left, top, right, bottom, 1.6), colour.tint(0.12));
        for (line, title) in places.titles[index].iter().enumerate() {
            let baseline = top + 3.6 + line as f64 * REGION_LINE;
            let anchor = (0.5 * (left + right), baseline);
            scene.write(title, anchor, Align::Middle, Turn::Level, REGION_STYLE);
        }
        for (title, extent) in places.box_titles[index].iter().zip(&places.boxes[index]) {
            let (left, right) = (left + INSET, right - INSET);
            let (top, bottom) = (widths.top + extent.top, widths.top + extent.bottom);
            scene.area(rounded(left, top, right, bottom, 1.2), colour.tint(0.20));
            let style = BOX_STYLE.coloured(Colour(0x4a, 0x4a, 0x4a));
            for (line, text) in title.iter().enumerate() {
                let anchor = (0.5 * (left + right), top + 2.7 + line as f64 * BOX_LINE);
                scene.write(text, anchor, Align::Middle, Turn::Level, style);
            }
        }
    }
}

fn draw_nodes(scene: &mut Scene, structure: &Structure, places: &Places, widths: &Widths) {
    for (index, node) in structure.nodes.iter().enumerate() {
        let colour = REGION_COLOURS[node.column % REGION_COLOURS.len()];
        let (left, right) = widths.node(node.column);
        let extent = places.nodes[index];
        let (top, bottom) = (widths.top + extent.top, widths.top + extent.bottom);
        let outline = rounded(left, top, right, bottom, 1.0);
        scene.area(outline.clone(), Colour::WHITE);
        let closed: Vec<Point> = outline.iter().chain(outline.first()).copied().collect();
        let (dashes, ink) = match node.form {
            MapForm::Followed => (SOLID, LABEL_STYLE),
            MapForm::Derived => (DERIVED_EDGE, LABEL_STYLE.coloured(DERIVED_INK)),
        };
        scene.stroke(&closed, 0.22, colour, dashes);
        let lines = &places.labels[index];
        let first = 0.5 * (top + bottom) - 0.5 * (lines.len().max(1) - 1) as f64 * LABEL_LINE;
        for (line, text) in lines.iter().enumerate() {
            let baseline = first + line as f64 * LABEL_LINE + 0.36 * LABEL_STYLE.em();
            let anchor = (0.5 * (left + right), baseline);
            let text = text.fit(right - left - 0.8, LABEL_STYLE);
            scene.write(&text, anchor, Align::Middle, Turn::Level, ink);
        }
    }
}

fn draw_legend(scene: &mut Scene, structure: &Structure, routes: &Routes, middle: f64) {
    let all = [
        (MapKind::Flux, true, "turns into, moves to"),
        (MapKind::Raises, true, "raises"),
        (MapKind::Lowers, true, "lowers"),
        (MapKind::Raises, false, "switched off"),
    ];
    let shown = all.into_iter().filter(|(kind, active, _)| {
        routes
            .nets
            .iter()
            .any(|net| net.active == *active && (net.kind == *kind || !active))
    });
    let mut left = MARGIN;
    let say = |scene: &mut Scene, sample: f64, text: &str, left: &mut f64| {
        let style: TextStyle = TITLE_STYLE;
        let anchor = (*left + sample + 1.4, middle + 0.36 * style.em());
        let text = RichText::parse(text);
        *left += sample + 7.4 + scene.write(&text, anchor, Align::Start, Turn::Level, style);
    };
    for (kind, active, text) in shown {
        draw_link(scene, &[(left, middle), (left + 8.0, middle)], kind, active);
        say(scene, 8.0, text, &mut left);
    }
    let derived = |node: &Node| node.form == MapForm::Derived;
    if structure.nodes.iter().any(derived) {
        let outline = rounded(left, middle - 1.2, left + 5.0, middle + 1.2, 0.8);
        let closed: Vec<Point> = outline.iter().chain(outline.first()).copied().collect();
        scene.stroke(&closed, 0.22, DERIVED_INK, DERIVED_EDGE);
        say(scene, 5.0, "follows from others at once", &mut left);
    }
}

/// Corners of a rectangle with rounded corners.
fn rounded(left: f64, top: f64, right: f64, bottom: f64, radius: f64) -> Vec<Point> {
    let corners = rectangle(left, top, right, bottom);
    let radius = radius
        .min(0.5 * (right - left))
        .min(0.5 * (bottom - top))
        .max(0.0);
    // Sines of 0, 18, 36, 54, 72 and 90 degrees.
    const SINES: [f64; 6] = [0.0, 0.309_017, 0.587_785, 0.809_017, 0.951_057, 1.0];
    let mut points = Vec::with_capacity(24);
    for (index, (x, y)) in corners.into_iter().enumerate() {
        // Signs that point from the corner into the rectangle.
        let (inward_x, inward_y) = [(1.0, 1.0), (-1.0, 1.0), (-1.0, -1.0), (1.0, -1.0)][index];
        for step in 0..SINES.len() {
            let (sine, cosine) = (SINES[step], SINES[SINES.len() - 1 - step]);
            let (from_x, from_y) = if index % 2 == 0 {
                (cosine, sine)
            } else {
                (sine, cosine)
            };
            points.push((
                x + inward_x * radius * (1.0 - from_x),
                y + inward_y * radius * (1.0 - from_y),
            ));
        }
    }
    points
}

#[cfg(test)]
mod tests;
