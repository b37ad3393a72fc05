//! The graph of the map, checked, with numbers instead of ids, and its nodes in a good order.

use super::{FigureError, MapForm, MapGraph, MapKind};
use std::collections::BTreeMap;

/// Rounds of reordering; more change nothing on networks of this size.
const ROUNDS: usize = 12;

/// A node and where it belongs.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Node {
    /// Label.
    pub(super) label: String,
    /// Column.
    pub(super) column: usize,
    /// What it is.
    pub(super) form: MapForm,
}

/// A box inside a column.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Compartment {
    /// Title.
    pub(super) label: String,
    /// Its nodes from top to bottom.
    pub(super) nodes: Vec<usize>,
}

/// A region.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ColumnOfNodes {
    /// Title.
    pub(super) label: String,
    /// Its boxes from top to bottom.
    pub(super) compartments: Vec<Compartment>,
}

/// An arrow between two different nodes; each differs from all others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Link {
    /// Node that acts.
    pub(super) from: usize,
    /// How.
    pub(super) kind: MapKind,
    /// Whether it is switched on.
    pub(super) active: bool,
    /// Node that is acted on.
    pub(super) to: usize,
}

/// The graph in numbers.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Structure {
    /// Columns that have nodes.
    pub(super) columns: Vec<ColumnOfNodes>,
    /// Nodes in the order of the graph.
    pub(super) nodes: Vec<Node>,
    /// Links, sorted.
    pub(super) links: Vec<Link>,
}

impl Structure {
    /// Checks ids and joins arrows that are drawn as one; one is active if any of them is.
    pub(super) fn check(name: &str, graph: &MapGraph) -> Result<Self, FigureError> {
        if graph.nodes.is_empty() {
            return Err(FigureError::NothingToDraw {
                figure: name.into(),
            });
        }
        let mut by_region: Vec<ColumnOfNodes> = graph
            .regions
            .iter()
            .map(|region| ColumnOfNodes {
                label: region.label.clone(),
                compartments: Vec::new(),
            })
            .collect();
        let mut regions = Vec::with_capacity(graph.nodes.len());
        let mut ids = BTreeMap::new();
        for (index, node) in graph.nodes.iter().enumerate() {
            if ids.insert(node.id.as_str(), index).is_some() {
                return Err(FigureError::RepeatedNode {
                    figure: name.into(),
                    node: node.id.clone(),
                });
            }
            let region = graph
                .regions
                .iter()
                .position(|region| region.id == node.region);
            let Some(region) = region else {
                return Err(FigureError::UnknownRegion {
                    figure: name.into(),
                    node: node.id.clone(),
                    region: node.region.clone(),
                });
            };
            regions.push(region);
            let boxes = &mut by_region[region].compartments;
            match boxes
                .iter_mut()
                .find(|compartment| compartment.label == node.compartment)
            {
                Some(compartment) => compartment.nodes.push(index),
                None => boxes.push(Compartment {
                    label: node.compartment.clone(),
                    nodes: vec![index],
                }),
            }
        }
        // Regions without nodes take no room.
        let filled: Vec<usize> = (0..by_region.len())
            .filter(|region| !by_region[*region].compartments.is_empty())
            .collect();
        let nodes = graph
            .nodes
            .iter()
            .zip(regions)
            .map(|(node, region)| Node {
                label: node.label.clone(),
                column: filled
                    .iter()
                    .position(|other| *other == region)
                    .unwrap_or(0),
                form: node.form,
            })
            .collect();
        by_region.retain(|column| !column.compartments.is_empty());

        let mut active: BTreeMap<(usize, MapKind, usize), bool> = BTreeMap::new();
        for arrow in &graph.arrows {
            let find = |id: &String| {
                ids.get(id.as_str())
                    .copied()
                    .ok_or_else(|| FigureError::UnknownNode {
                        figure: name.into(),
                        node: id.clone(),
                    })
            };
            let (from, to) = (find(&arrow.from)?, find(&arrow.to)?);
            if from != to {
                *active.entry((from, arrow.kind, to)).or_default() |= arrow.active;
            }
        }
        let mut links: Vec<Link> = active
            .into_iter()
            .map(|((from, kind, to), active)| Link {
                from,
                kind,
                active,
                to,
            })
            .collect();
        links.sort_unstable();
        Ok(Self {
            columns: by_region,
            nodes,
            links,
        })
    }

    /// Orders the nodes of every compartment by the mean height of the nodes they are linked
    /// with, several times, and keeps the order with the shortest links.
    pub(super) fn arrange(&mut self) {
        let mut neighbours: Vec<Vec<usize>> = vec![Vec::new(); self.nodes.len()];
        for link in &self.links {
            neighbours[link.from].push(link.to);
            neighbours[link.to].push(link.from);
        }
        let mut best = (self.length(), self.columns.clone());
        for round in 0..ROUNDS {
            let count = self.columns.len();
            for step in 0..count {
                let column = if round % 2 == 0 {
                    step
                } else {
                    count - 1 - step
                };
                let heights = self.heights();
                for compartment in &mut self.columns[column].compartments {
                    let wish = |node: usize| {
                        let linked = &neighbours[node];
                        if linked.is_empty() {
                            return heights[node];
                        }
                        let sum: f64 = linked.iter().map(|other| heights[*other]).sum();
                        sum / linked.len() as f64
                    };
                    compartment
                        .nodes
                        .sort_by(|left, right| wish(*left).total_cmp(&wish(*right)));
                }
            }
            let length = self.length();
            if length < best.0 {
                best = (length, self.columns.clone());
            }
        }
        self.columns = best.1;
    }

    /// Height of every node: 0 at the top of its column, 1 at the bottom.
    fn heights(&self) -> Vec<f64> {
        let mut heights = vec![0.5; self.nodes.len()];
        for column in &self.columns {
            let order: Vec<usize> = column
                .compartments
                .iter()
                .flat_map(|compartment| &compartment.nodes)
                .copied()
                .collect();
            for (position, node) in order.iter().enumerate() {
                heights[*node] = (position as f64 + 0.5) / order.len() as f64;
            }
        }
        heights
    }

    fn length(&self) -> f64 {
        let heights = self.heights();
        self.links
            .iter()
            .map(|link| (heights[link.from] - heights[link.to]).abs())
            .sum()
    }
}
