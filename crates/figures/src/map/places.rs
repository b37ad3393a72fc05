//! Heights: where nodes and boxes stand, and where lines meet the nodes.
//!
//! Ports lie on a grid of half a port distance: right sides of nodes use even places, left sides
//! odd ones. So no two horizontal pieces of line in a gutter lie at the same height, and every
//! crossing is a right angle.

use super::super::rich_text::RichText;
use super::super::scene::TextStyle;
use super::routes::{Detour, Routes, Side};
use super::structure::Structure;

/// Labels of nodes.
pub(super) const LABEL_STYLE: TextStyle = TextStyle::regular(6.2);
/// Titles of compartments.
pub(super) const BOX_STYLE: TextStyle = TextStyle::regular(6.0);
/// Titles of regions.
pub(super) const REGION_STYLE: TextStyle = TextStyle::semi_bold(7.2);

/// Distance of two ports.
pub(super) const PORT_PITCH: f64 = 0.95;
/// Height of a line of a label.
pub(super) const LABEL_LINE: f64 = 2.5;
/// Height of a line of a region's title.
pub(super) const REGION_LINE: f64 = 3.0;
/// Room above the first node of a compartment, for its title.
pub(super) const BOX_HEAD: f64 = 4.0;
/// Height of a line of a compartment's title.
pub(super) const BOX_LINE: f64 = 2.4;
/// Room below the last node of a compartment.
pub(super) const BOX_FOOT: f64 = 1.5;

/// Room above the first box of a region, without its title.
const REGION_HEAD: f64 = 2.2;
/// Most lines of a label or a title.
const MOST_LINES: usize = 3;
const NODE_GAP: f64 = 1.5;
const BOX_GAP: f64 = 1.8;
const REGION_FOOT: f64 = 1.5;

/// A line's meeting point with a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Port {
    /// A net leaves.
    Exit {
        /// The net.
        net: usize,
        /// On this side.
        side: Side,
    },
    /// A route ends.
    Entry {
        /// The route.
        route: usize,
    },
}

/// Vertical extent.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Extent {
    /// Upper edge.
    pub(super) top: f64,
    /// Lower edge.
    pub(super) bottom: f64,
}

/// All heights, with the top of the regions at zero.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Places {
    /// Common height of the regions.
    pub(super) height: f64,
    /// Boxes by column and compartment.
    pub(super) boxes: Vec<Vec<Extent>>,
    /// Nodes.
    pub(super) nodes: Vec<Extent>,
    /// Titles of the regions in lines.
    pub(super) titles: Vec<Vec<RichText>>,
    /// Titles of the compartments in lines, by column.
    pub(super) box_titles: Vec<Vec<Vec<RichText>>>,
    /// Labels of the nodes in lines.
    pub(super) labels: Vec<Vec<RichText>>,
    /// Ports, sorted.
    ports: Vec<(Port, f64)>,
}

impl Places {
    /// Height of a port.
    pub(super) fn port(&self, port: Port) -> f64 {
        self.ports
            .binary_search_by(|(other, _)| other.cmp(&port))
            .map_or(0.0, |index| self.ports[index].1)
    }
}

/// Places nodes and ports; labels are wrapped to `room`.
pub(super) fn place(structure: &Structure, routes: &Routes, room: f64) -> Places {
    let sides = ports_by_side(structure, routes);
    let labels: Vec<Vec<RichText>> = structure
        .nodes
        .iter()
        .map(|node| RichText::wrap(&node.label, room, MOST_LINES, LABEL_STYLE))
        .collect();
    let sizes: Vec<f64> = labels
        .iter()
        .zip(&sides)
        .map(|(lines, [left, right])| {
            let ports = left.len().max(right.len()) as f64 * PORT_PITCH + 0.6;
            (lines.len().max(1) as f64 * LABEL_LINE + 1.7).max(ports)
        })
        .collect();

    let titles: Vec<Vec<RichText>> = structure
        .columns
        .iter()
        .map(|column| RichText::wrap(&column.label, room + 4.0, MOST_LINES, REGION_STYLE))
        .collect();
    let title_lines = titles.iter().map(Vec::len).max().unwrap_or(0);
    let head = REGION_HEAD + title_lines as f64 * REGION_LINE;

    let box_titles: Vec<Vec<Vec<RichText>>> = structure
        .columns
        .iter()
        .map(|column| {
            let boxes = column.compartments.iter();
            boxes
                .map(|boxed| RichText::wrap(&boxed.label, room, MOST_LINES, BOX_STYLE))
                .collect()
        })
        .collect();
    let box_head = |title: &Vec<RichText>| BOX_HEAD + (title.len().max(1) - 1) as f64 * BOX_LINE;

    let natural: Vec<f64> = structure
        .columns
        .iter()
        .zip(&box_titles)
        .map(|(column, titles)| {
            let boxes: f64 = column
                .compartments
                .iter()
                .zip(titles)
                .map(|(compartment, title)| {
                    let nodes: f64 = compartment.nodes.iter().map(|node| sizes[*node]).sum();
                    let gaps = NODE_GAP * (compartment.nodes.len() - 1) as f64;
                    nodes + gaps + box_head(title) + BOX_FOOT
                })
                .sum();
            boxes + BOX_GAP * (column.compartments.len() - 1) as f64 + head + REGION_FOOT
        })
        .collect();
    let height = natural.iter().copied().fold(0.0, f64::max);

    let mut nodes = vec![Extent::default(); structure.nodes.len()];
    let mut boxes = Vec::with_capacity(structure.columns.len());
    for ((column, natural), titles) in structure.columns.iter().zip(natural).zip(&box_titles) {
        // What is left over goes between and around the nodes of shorter columns.
        let count: usize = column
            .compartments
            .iter()
            .map(|boxed| boxed.nodes.len())
            .sum();
        let extra = (height - natural) / count as f64;
        let mut top = head;
        let mut column_boxes = Vec::new();
        for (compartment, title) in column.compartments.iter().zip(titles) {
            let mut cursor = top + box_head(title);
            for node in &compartment.nodes {
                nodes[*node] = Extent {
                    top: cursor + 0.5 * extra,
                    bottom: cursor + 0.5 * extra + sizes[*node],
                };
                cursor += sizes[*node] + extra + NODE_GAP;
            }
            let bottom = cursor - NODE_GAP + BOX_FOOT;
            column_boxes.push(Extent { top, bottom });
            top = bottom + BOX_GAP;
        }
        boxes.push(column_boxes);
    }
    let ports = place_ports(routes, &sides, &nodes);
    Places {
        height,
        boxes,
        nodes,
        titles,
        box_titles,
        labels,
        ports,
    }
}

/// Ports of every node, left and right.
fn ports_by_side(structure: &Structure, routes: &Routes) -> Vec<[Vec<Port>; 2]> {
    let mut sides = vec![[Vec::new(), Vec::new()]; structure.nodes.len()];
    for (index, route) in routes.routes.iter().enumerate() {
        let exit = Port::Exit {
            net: route.net,
            side: route.exit,
        };
        let exits = &mut sides[routes.nets[route.net].from][route.exit as usize];
        if !exits.contains(&exit) {
            exits.push(exit);
        }
        sides[route.to][route.entry as usize].push(Port::Entry { route: index });
    }
    sides
}

fn place_ports(routes: &Routes, sides: &[[Vec<Port>; 2]], nodes: &[Extent]) -> Vec<(Port, f64)> {
    let middle = |node: usize| 0.5 * (nodes[node].top + nodes[node].bottom);
    // Height to which a route leads, seen from one of its ends.
    let height = |route: usize, node: usize| match routes.routes[route].detour {
        Some(Detour::Above) => -1e3,
        Some(Detour::Below) => 1e3,
        None => middle(node),
    };
    let aim = |port: &Port| match *port {
        Port::Entry { route } => height(route, routes.nets[routes.routes[route].net].from),
        Port::Exit { net, side } => {
            let ends: Vec<f64> = routes
                .routes
                .iter()
                .enumerate()
                .filter(|(_, route)| route.net == net && route.exit == side)
                .map(|(index, route)| height(index, route.to))
                .collect();
            ends.iter().sum::<f64>() / ends.len().max(1) as f64
        }
    };
    let mut placed = Vec::new();
    for (node, both) in sides.iter().enumerate() {
        for (side, ports) in both.iter().enumerate() {
            let mut ports: Vec<(f64, Port)> = ports.iter().map(|port| (aim(port), *port)).collect();
            ports.sort_by(|left, right| left.0.total_cmp(&right.0).then(left.1.cmp(&right.1)));
            let phase = if side == Side::Right as usize {
                0.0
            } else {
                0.5 * PORT_PITCH
            };
            let first = middle(node) - 0.5 * (ports.len().max(1) - 1) as f64 * PORT_PITCH;
            let first = ((first - phase) / PORT_PITCH).round() * PORT_PITCH + phase;
            for (position, (_, port)) in ports.into_iter().enumerate() {
                placed.push((port, first + position as f64 * PORT_PITCH));
            }
        }
    }
    placed.sort_by_key(|(port, _)| *port);
    placed
}
