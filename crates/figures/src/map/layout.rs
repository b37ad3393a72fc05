//! The map as places instead of a picture: for whoever draws it otherwise, as a page that answers clicks.

use super::super::grid::MARGIN;
use super::super::rich_text::RichText;
use super::super::{FigureError, PageWidth};
use super::drawing::{GUTTER_EDGE, INSET, LEVEL_PITCH, Widths, round_corners, way};
use super::{MapForm, MapGraph, MapKind, arranged};

/// Where everything on the map stands, in millimetres from the upper left corner.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MapLayout {
    /// Width of the page.
    pub width: f64,
    /// Height of the page.
    pub height: f64,
    /// The large boxes from left to right.
    pub regions: Vec<MapBox>,
    /// The boxes of compartments.
    pub compartments: Vec<MapBox>,
    /// The nodes, in the order of the graph.
    pub nodes: Vec<MapBox>,
    /// The arrows that are drawn.
    pub ways: Vec<MapWay>,
}

/// A rectangle with its text.
#[derive(Clone, Debug, PartialEq)]
pub struct MapBox {
    /// Id of a node; empty for other boxes.
    pub id: String,
    /// Lines of the text, without marks of raised and lowered letters.
    pub lines: Vec<String>,
    /// The number of its region, from 0.
    pub region: usize,
    /// What a node is.
    pub form: MapForm,
    /// Left edge.
    pub left: f64,
    /// Upper edge.
    pub top: f64,
    /// Right edge.
    pub right: f64,
    /// Lower edge.
    pub bottom: f64,
}

/// An arrow on its way.
#[derive(Clone, Debug, PartialEq)]
pub struct MapWay {
    /// Id of the node that acts.
    pub from: String,
    /// Id of the node that is acted on.
    pub to: String,
    /// How.
    pub kind: MapKind,
    /// Whether it is switched on.
    pub active: bool,
    /// Points of the line, from node to node.
    pub points: Vec<(f64, f64)>,
}

/// Lays the map out as [`network_map`](super::network_map) draws it.
///
/// # Errors
/// As for [`network_map`](super::network_map).
pub fn map_layout(name: &str, graph: &MapGraph) -> Result<MapLayout, FigureError> {
    let (structure, routes, places, tracks) = arranged(name, graph)?;
    let widths = Widths::new(&structure, &tracks);
    let mut layout = MapLayout {
        width: PageWidth::Double.millimetres(),
        height: widths.top
            + places.height
            + GUTTER_EDGE
            + tracks.below as f64 * LEVEL_PITCH
            + MARGIN,
        ..MapLayout::default()
    };
    for region in 0..structure.columns.len() {
        let left = widths.columns[region];
        let right = left + widths.column;
        layout.regions.push(MapBox {
            id: String::new(),
            lines: plain(&places.titles[region]),
            region,
            form: MapForm::Followed,
            left,
            top: widths.top,
            right,
            bottom: widths.top + places.height,
        });
        for (title, extent) in places.box_titles[region].iter().zip(&places.boxes[region]) {
            layout.compartments.push(MapBox {
                id: String::new(),
                lines: plain(title),
                region,
                form: MapForm::Followed,
                left: left + INSET,
                top: widths.top + extent.top,
                right: right - INSET,
                bottom: widths.top + extent.bottom,
            });
        }
    }
    let nodes = structure.nodes.iter().zip(&places.nodes);
    for ((node, extent), (named, label)) in nodes.zip(graph.nodes.iter().zip(&places.labels)) {
        let (left, right) = widths.node(node.column);
        layout.nodes.push(MapBox {
            id: named.id.clone(),
            lines: plain(label),
            region: node.column,
            form: node.form,
            left,
            top: widths.top + extent.top,
            right,
            bottom: widths.top + extent.bottom,
        });
    }
    for (index, route) in routes.routes.iter().enumerate() {
        let net = routes.nets[route.net];
        let corners = way(&structure, index, route, net, &places, &tracks, &widths);
        layout.ways.push(MapWay {
            from: graph.nodes[net.from].id.clone(),
            to: graph.nodes[route.to].id.clone(),
            kind: net.kind,
            active: net.active,
            points: round_corners(&corners),
        });
    }
    Ok(layout)
}

/// The letters of every line.
fn plain(lines: &[RichText]) -> Vec<String> {
    let letters = |line: &RichText| line.runs().iter().map(|run| run.text.as_str()).collect();
    lines.iter().map(letters).collect()
}
